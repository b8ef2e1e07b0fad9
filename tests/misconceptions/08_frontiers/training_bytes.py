"""Answers to `training_bytes`: what students write, right and wrong."""

# %% wrong numbers_not_bytes
# check: training_bytes-hooks
# says: a 32-bit float has 4 bytes
# -     return 4 * (4 * parameters + batch * numbers)
# +     return 4 * parameters + batch * numbers

# %% wrong weights_only
# check: training_bytes-hooks
# says: only the weights are counted
# -     return 4 * (4 * parameters + batch * numbers)
# +     return 4 * (parameters + batch * numbers)

# %% wrong no_averages
# check: training_bytes-hooks
# says: Adam keeps two averages
# -     return 4 * (4 * parameters + batch * numbers)
# +     return 4 * (2 * parameters + batch * numbers)

# %% wrong one_average
# check: training_bytes-hooks
# says: three numbers a parameter
# -     return 4 * (4 * parameters + batch * numbers)
# +     return 4 * (3 * parameters + batch * numbers)

# %% wrong one_image
# check: training_bytes-hooks
# says: for one image
# -     return 4 * (4 * parameters + batch * numbers)
# +     return 4 * (4 * parameters + numbers)

# %% wrong parameters_for_each_image
# check: training_bytes-hooks
# says: the batch shares them
# -     return 4 * (4 * parameters + batch * numbers)
# +     return 4 * batch * (4 * parameters + numbers)

# %% wrong no_images
# check: training_bytes-hooks
# says: the images themselves are missing
# -     numbers = sum(int(np.prod(shape)) for shape in [input_shape, *(row[0] for row in costs)])
# +     numbers = sum(int(np.prod(row[0])) for row in costs)

# %% wrong channels_only
# check: training_bytes-hooks
# says: activations
# -     numbers = sum(int(np.prod(shape)) for shape in [input_shape, *(row[0] for row in costs)])
# +     numbers = sum(shape[0] for shape in [input_shape, *(row[0] for row in costs)])


# %% right loop
def training_bytes(costs, input_shape, batch):
    import math

    total = batch * 4 * math.prod(input_shape)
    for shape, parameters, _ in costs:
        total += 16 * parameters + 4 * batch * math.prod(shape)
    return total


# %% right numpy_at_the_end
def training_bytes(costs, input_shape, batch):
    shapes, counts, _ = zip(*costs)
    kept = np.sum([np.prod(shape) for shape in (*shapes, input_shape)]) * batch
    return int(kept + 4 * np.sum(counts)) * 4


# %% vacuous zero
def training_bytes(costs, input_shape, batch):
    return 0
