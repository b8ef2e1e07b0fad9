"""Answers to `build_cnn`: what students write, right and wrong."""

# %% wrong same_padding
# check: build_cnn-layers
# says: or something padded
# -         model.add(layers.Conv2D(kernels, 3, activation="relu"))
# +         model.add(layers.Conv2D(kernels, 3, padding="same", activation="relu"))

# %% wrong no_pooling_after_the_last_convolution
# check: build_cnn-layers
# says: is a pooling layer missing
# -         model.add(layers.MaxPooling2D(2))
# +         if kernels < 128:
# +             model.add(layers.MaxPooling2D(2))

# %% wrong no_softmax
# check: build_cnn-layers
# says: end in a softmax
# -     model.add(layers.Dense(classes, activation="softmax"))
# +     model.add(layers.Dense(classes))

# %% wrong sigmoids_are_no_softmax
# check: build_cnn-layers
# says: end in a softmax
# -     model.add(layers.Dense(classes, activation="softmax"))
# +     model.add(layers.Dense(classes, activation="sigmoid"))

# %% wrong always_ten_classes
# check: build_cnn-layers
# says: 2 classes
# -     model.add(layers.Dense(classes, activation="softmax"))
# +     model.add(layers.Dense(10, activation="softmax"))

# %% wrong global_average_pooling
# check: build_cnn-layers
# says: parameters, expected 356,930
# -     model.add(layers.Flatten())
# +     model.add(layers.GlobalAveragePooling2D())

# %% wrong no_relu
# check: build_cnn-layers
# says: is each ReLU in its place
# -         model.add(layers.Conv2D(kernels, 3, activation="relu"))
# +         model.add(layers.Conv2D(kernels, 3))

# %% wrong average_pooling
# check: build_cnn-layers
# says: the pooling a maximum
# -         model.add(layers.MaxPooling2D(2))
# +         model.add(layers.AveragePooling2D(2))

# %% wrong forgets_to_return
# check: build_cnn-layers
# says: returned None
# -     return model
# +     pass


# %% right functional
def build_cnn(input_shape, classes):
    import keras
    from keras import layers

    given = keras.Input(input_shape)
    hidden = given
    for kernels in (32, 64, 128):
        hidden = layers.Conv2D(kernels, (3, 3))(hidden)
        hidden = layers.MaxPooling2D((2, 2))(layers.ReLU()(hidden))
    hidden = layers.Dense(512, activation="relu")(layers.Flatten()(hidden))
    return keras.Model(given, layers.Softmax()(layers.Dense(classes)(hidden)))


# %% right list_of_layers
def build_cnn(input_shape, classes):
    from tensorflow.keras import layers, models

    return models.Sequential(
        [
            layers.Input(shape=input_shape),
            layers.Conv2D(32, 3, activation="relu"),
            layers.MaxPool2D(),
            layers.Conv2D(64, 3, activation="relu"),
            layers.MaxPool2D(),
            layers.Conv2D(128, 3, activation="relu"),
            layers.MaxPool2D(),
            layers.Flatten(),
            layers.Dense(512, "relu"),
            layers.Dense(classes, "softmax"),
        ]
    )


# %% vacuous one_dense_layer
def build_cnn(input_shape, classes):
    import keras

    layers = [
        keras.Input(input_shape),
        keras.layers.Flatten(),
        keras.layers.Dense(classes, "softmax"),
    ]
    return keras.Sequential(layers)


# %% vacuous nothing
def build_cnn(input_shape, classes):
    pass
