"""Answers to `layer_costs`: what students write, right and wrong."""

# %% wrong multiply_adds
# check: layer_costs-small
# says: multiply-adds
# -         costs.append((shape, weights + outputs, 2 * weights * places))
# +         costs.append((shape, weights + outputs, weights * places))

# %% wrong no_biases
# check: layer_costs-small
# says: the biases are missing
# -         costs.append((shape, weights + outputs, 2 * weights * places))
# +         costs.append((shape, weights, 2 * weights * places))

# %% wrong size_of_the_input
# check: layer_costs-small
# says: the size of the input is used
# -             weights = outputs * shape[0] * size**2
# -             shape = (outputs, height, width)
# +             weights, before = outputs * shape[0] * size**2, shape[1] * shape[2]
# +             shape = (outputs, height, width)
# -         places = int(np.prod(shape[1:]))
# +         places = before if kind == "conv" else 1

# %% wrong bias_operations
# check: layer_costs-small
# says: biases are counted; leave them out
# -         costs.append((shape, weights + outputs, 2 * weights * places))
# +         costs.append((shape, weights + outputs, (2 * weights + outputs) * places))

# %% wrong two_operations_for_a_bias
# check: layer_costs-small
# says: biases are counted as two operations
# -         costs.append((shape, weights + outputs, 2 * weights * places))
# +         costs.append((shape, weights + outputs, 2 * (weights + outputs) * places))

# %% wrong one_place
# check: layer_costs-small
# says: at every place
# -         places = int(np.prod(shape[1:]))
# +         places = 1

# %% wrong padding_on_one_side
# check: layer_costs-small
# says: shape (5, 10, 14), expected (5, 10, 15)
# -             height, width = ((n + 2 * padding - size) // stride + 1 for n in shape[1:])
# +             height, width = ((n + padding - size) // stride + 1 for n in shape[1:])

# %% wrong rounds_up
# check: layer_costs-small
# says: expected (5, 5, 7)
# -             shape = (shape[0], shape[1] // setting[0], shape[2] // setting[0])
# +             shape = (shape[0], -(-shape[1] // setting[0]), -(-shape[2] // setting[0]))

# %% wrong one_channel
# check: layer_costs-small
# says: parameters, expected
# -             weights = outputs * shape[0] * size**2
# +             weights = outputs * size**2

# %% wrong relu_counts
# check: layer_costs-small
# says: PyTorch counts 0
# -         costs.append((shape, weights + outputs, 2 * weights * places))
# +         extra = int(np.prod(shape)) if kind == "relu" else 0
# +         costs.append((shape, weights + outputs, 2 * weights * places + extra))

# %% wrong square_images_only
# check: layer_costs-other_networks
# says: flops, expected
# -             shape = (outputs, height, width)
# +             shape = (outputs, height, height)


# %% right helper_for_each_kind
def layer_costs(layers, input_shape):
    rows = []
    c, *size = input_shape
    for layer in layers:
        parameters = flops = 0
        if layer[0] == "conv":
            _, k, kernel, stride, padding = layer
            size = [int(np.floor((n + 2 * padding - kernel) / stride)) + 1 for n in size]
            parameters = k * (c * kernel * kernel + 1)
            flops = 2 * (parameters - k) * size[0] * size[1]
            c = k
        if layer[0] == "pool":
            size = [n // layer[1] for n in size]
        if layer[0] == "flatten":
            c, size = c * size[0] * size[1], []
        if layer[0] == "linear":
            parameters, flops, c = (c + 1) * layer[1], 2 * c * layer[1], layer[1]
        rows.append([(c, *size), parameters, flops])
    return rows


# %% right shapes_by_torch
def layer_costs(layers, input_shape):
    x, rows = torch.empty(1, *input_shape, device="meta"), []
    for module in build_layers(layers, input_shape):
        y = module(x)
        parameters = sum(p.numel() for p in module.parameters())
        flops = 0
        if isinstance(module, nn.Conv2d):
            flops = 2 * x.shape[1] * module.kernel_size[0] ** 2 * y.numel()
        elif isinstance(module, nn.Linear):
            flops = 2 * x.shape[1] * y.numel()
        rows.append((tuple(y.shape[1:]), parameters, flops))
        x = y
    return rows


# %% vacuous nothing_costs
def layer_costs(layers, input_shape):
    return [(tuple(input_shape), 0, 0) for _ in layers]
