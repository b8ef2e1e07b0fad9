"""Answers to `layer_table`: what students write, right and wrong."""

# %% wrong rounds_up
# check: layer_table-small
# says: round down
# -             shape = (height // setting[0], width // setting[0], channels)
# +             shape = (-(-height // setting[0]), -(-width // setting[0]), channels)

# %% wrong forgets_the_biases
# check: layer_table-small
# says: biases are missing
# -             parameters = size * size * channels * kernels + kernels
# +             parameters = size * size * channels * kernels
# -             parameters = shape[0] * setting[0] + setting[0]
# +             parameters = shape[0] * setting[0]

# %% wrong forgets_the_channels
# check: layer_table-small
# says: parameters, expected
# -             parameters = size * size * channels * kernels + kernels
# +             parameters = size * size * kernels + kernels

# %% wrong same_padding
# check: layer_table-small
# says: layer 0
# says: expected (28, 21, 5)
# -             shape = (height - size + 1, width - size + 1, kernels)
# +             shape = (height, width, kernels)

# %% wrong pooling_has_parameters
# check: layer_table-small
# says: 'pool'
# says: expected 0
# -             shape = (height // setting[0], width // setting[0], channels)
# +             shape = (height // setting[0], width // setting[0], channels)
# +             parameters = channels

# %% wrong flatten_keeps_the_channels_only
# check: layer_table-article
# says: expected (86528,)
# -             shape = (int(np.prod(shape)),)
# +             shape = shape[2:]

# %% wrong every_kernel_is_three_wide
# check: layer_table-small
# says: layer 0
# -             kernels, size = setting
# +             kernels, size = setting[0], 3


# %% right asks_keras
# (slow, and yet right: it gives the numbers that were asked for)
def layer_table(layers, input_shape):
    import keras

    kinds = {
        "conv": keras.layers.Conv2D,
        "pool": keras.layers.MaxPooling2D,
        "flatten": keras.layers.Flatten,
        "dense": keras.layers.Dense,
    }
    x = keras.Input(input_shape)
    table = []
    for kind, *setting in layers:
        layer = kinds[kind](*setting)
        x = layer(x)
        table.append((tuple(x.shape[1:]), layer.count_params()))
    return table


# %% right rows_as_lists
def layer_table(layers, input_shape):
    rows, size = [], list(input_shape)
    for layer in layers:
        count = 0
        if layer[0] == "conv":
            count = (layer[2] ** 2 * size[2] + 1) * layer[1]
            size = [size[0] - layer[2] + 1, size[1] - layer[2] + 1, layer[1]]
        elif layer[0] == "pool":
            size = [int(size[0] / layer[1]), int(size[1] / layer[1]), size[2]]
        elif layer[0] == "flatten":
            size = [size[0] * size[1] * size[2]]
        else:
            count = (size[0] + 1) * layer[1]
            size = [layer[1]]
        rows.append([tuple(size), count])
    return rows


# %% vacuous nothing_in_every_layer
def layer_table(layers, input_shape):
    return [(tuple(input_shape), 0) for _ in layers]


# %% vacuous empty
def layer_table(layers, input_shape):
    return []
