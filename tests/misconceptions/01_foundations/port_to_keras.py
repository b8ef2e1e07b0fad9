"""Answers to `port_to_keras`: what students write, right and wrong."""

# %% wrong kernel_not_transposed
# check: port_to_keras-gray
# says: the first kernel is not transposed
# says: it fits because it is square
# -     model.layers[1].set_weights([by_pixel.reshape(len(bias1), -1).T, bias1])
# +     model.layers[1].set_weights([by_pixel.reshape(len(bias1), -1), bias1])

# %% wrong flatten_order
# check: port_to_keras-color
# says: Keras flattens pixel by pixel
# -     model.layers[1].set_weights([by_pixel.reshape(len(bias1), -1).T, bias1])
# +     model.layers[1].set_weights([weight1.T, bias1])

# %% wrong rows_and_columns_swapped
# check: port_to_keras-color
# says: is the order row, column, channel?
# -     by_pixel = weight1.reshape(-1, channels, height, width).transpose(0, 2, 3, 1)
# +     by_pixel = weight1.reshape(-1, channels, height, width).transpose(0, 3, 2, 1)

# %% wrong reshaped_for_transposed
# check: port_to_keras-gray
# says: the second kernel is reshaped, expected transposed
# -     model.layers[2].set_weights([weight2.T, bias2])
# +     model.layers[2].set_weights([weight2.reshape(weight2.shape[::-1]), bias2])

# %% wrong no_relu
# check: port_to_keras-gray
# says: the ReLU is missing
# -     model.add(layers.Dense(len(bias1), activation="relu"))
# +     model.add(layers.Dense(len(bias1)))

# %% wrong softmax_at_the_end
# check: port_to_keras-gray
# says: without a softmax
# -     model.add(layers.Dense(len(bias2)))
# +     model.add(layers.Dense(len(bias2), activation="softmax"))

# %% wrong biases_left_at_zero
# check: port_to_keras-gray
# says: both biases are missing
# -     model.layers[1].set_weights([by_pixel.reshape(len(bias1), -1).T, bias1])
# -     model.layers[2].set_weights([weight2.T, bias2])
# +     model.layers[1].set_weights([by_pixel.reshape(len(bias1), -1).T, 0 * bias1])
# +     model.layers[2].set_weights([weight2.T, 0 * bias2])

# %% wrong fresh_weights
# check: port_to_keras-gray
# says: are both kernels and both biases ported?
# -     model.layers[1].set_weights([by_pixel.reshape(len(bias1), -1).T, bias1])
# -     model.layers[2].set_weights([weight2.T, bias2])

# %% wrong an_extra_layer
# check: port_to_keras-gray
# says: parameters, expected
# -     model.add(layers.Dense(len(bias1), activation="relu"))
# +     model.add(layers.BatchNormalization(epsilon=1e-12))
# +     model.add(layers.Dense(len(bias1), activation="relu"))
# -     model.layers[1].set_weights([by_pixel.reshape(len(bias1), -1).T, bias1])
# -     model.layers[2].set_weights([weight2.T, bias2])
# +     model.layers[2].set_weights([by_pixel.reshape(len(bias1), -1).T, bias1])
# +     model.layers[3].set_weights([weight2.T, bias2])

# %% wrong first_kernel_reshaped
# check: port_to_keras-gray
# says: the first kernel is not transposed (reshaped, at most)
# -     model.layers[1].set_weights([by_pixel.reshape(len(bias1), -1).T, bias1])
# +     model.layers[1].set_weights([weight1.reshape(-1, len(bias1)), bias1])

# %% wrong second_bias_missing
# check: port_to_keras-gray
# says: the second bias is missing
# -     model.layers[2].set_weights([weight2.T, bias2])
# +     model.layers[2].set_weights([weight2.T, 0 * bias2])

# %% wrong frozen
# check: port_to_keras-gray
# says: 2 trainable kernels and biases, expected 4
# -     model.add(layers.Dense(len(bias1), activation="relu"))
# +     model.add(layers.Dense(len(bias1), activation="relu", trainable=False))

# %% wrong width_before_height
# check: port_to_keras-gray
# says: the model takes inputs of shape (None, 3, 2, 1), expected (None, 2, 3, 1)
# -     channels, height, width = image_shape
# +     channels, width, height = image_shape

# %% wrong square_images_only
# check: port_to_keras-color
# says: the model takes inputs of shape
# -     model = keras.Sequential([keras.Input((height, width, channels)), layers.Flatten()])
# +     width = height if channels > 1 else width
# +     model = keras.Sequential([keras.Input((height, width, channels)), layers.Flatten()])
# -     by_pixel = weight1.reshape(-1, channels, height, width).transpose(0, 2, 3, 1)
# +     by_pixel = weight1.reshape(len(bias1), channels, height, -1)[..., :width]
# +     by_pixel = by_pixel.transpose(0, 2, 3, 1)


# %% right permutes_the_images
def port_to_keras(state, image_shape):
    import keras
    from keras import layers

    channels, height, width = image_shape
    images = keras.Input((height, width, channels))
    flat = layers.Flatten()(layers.Permute((3, 1, 2))(images))
    hidden, out = state["0.bias"].numel(), state["2.bias"].numel()
    first, second = layers.Dense(hidden), layers.Dense(out)
    model = keras.Model(images, second(layers.ReLU()(first(flat))))
    first.set_weights([state["0.weight"].t().numpy(), state["0.bias"].numpy()])
    second.set_weights([state["2.weight"].t().numpy(), state["2.bias"].numpy()])
    return model


# %% right a_table_of_positions
def port_to_keras(state, image_shape):
    import keras

    channels, height, width = image_shape
    places = [
        (c * height + row) * width + column
        for row in range(height)
        for column in range(width)
        for c in range(channels)
    ]
    model = keras.Sequential()
    model.add(keras.Input((height, width, channels)))
    model.add(keras.layers.Flatten())
    model.add(keras.layers.Dense(state["0.weight"].shape[0], "relu"))
    model.add(keras.layers.Dense(state["2.weight"].shape[0]))
    model.set_weights(
        [
            np.array(state["0.weight"])[:, places].T,
            np.array(state["0.bias"]),
            np.array(state["2.weight"]).T,
            np.array(state["2.bias"]),
        ]
    )
    return model


# %% vacuous zeros
def port_to_keras(state, image_shape):
    import keras

    channels, height, width = image_shape
    return keras.Sequential(
        [
            keras.Input((height, width, channels)),
            keras.layers.Flatten(),
            keras.layers.Dense(len(state["0.bias"]), "relu"),
            keras.layers.Dense(len(state["2.bias"]), kernel_initializer="zeros"),
        ]
    )


# %% vacuous untrained
def port_to_keras(state, image_shape):
    import keras

    keras.utils.set_random_seed(0)
    channels, height, width = image_shape
    model = keras.Sequential([keras.Input((height, width, channels)), keras.layers.Flatten()])
    model.add(keras.layers.Dense(len(state["0.bias"]), activation="relu"))
    model.add(keras.layers.Dense(len(state["2.bias"])))
    return model
