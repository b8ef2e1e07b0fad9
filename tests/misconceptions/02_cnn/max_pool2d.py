"""Answers to `max_pool2d`: what students write, right and wrong."""

# %% wrong stride_forced_to_the_window
# check: max_pool2d-windows
# says: stride is taken from the window
# -     return windows[:, :, ::stride, ::stride].max(axis=(4, 5))
# +     return windows[:, :, ::size, ::size].max(axis=(4, 5))

# %% wrong mean_of_the_window
# check: max_pool2d-windows
# says: mean of the window
# -     return windows[:, :, ::stride, ::stride].max(axis=(4, 5))
# +     return windows[:, :, ::stride, ::stride].mean(axis=(4, 5))

# %% wrong maximum_over_the_channels
# check: max_pool2d-windows
# says: expected
# -     return windows[:, :, ::stride, ::stride].max(axis=(4, 5))
# +     best = windows[:, :, ::stride, ::stride].max(axis=(1, 4, 5))
# +     return np.repeat(best[:, None], images.shape[1], axis=1)

# %% wrong zeros_of_the_padding_win
# check: max_pool2d-padding
# says: the zeros of the padding win
# -     padded = np.pad(images, sides, constant_values=-np.inf)
# +     padded = np.pad(images, sides)

# %% wrong padding_ignored
# check: max_pool2d-padding
# says: output has shape
# -     padded = np.pad(images, sides, constant_values=-np.inf)
# +     padded = images


# %% right loop
def max_pool2d(images, size, stride, padding=0):
    n, c, h, w = images.shape
    padded = np.full((n, c, h + 2 * padding, w + 2 * padding), -1e30)
    padded[:, :, padding : padding + h, padding : padding + w] = images
    out_h, out_w = [(k + 2 * padding - size) // stride + 1 for k in (h, w)]
    out = np.zeros((n, c, out_h, out_w))
    for i in range(out_h):
        for j in range(out_w):
            y, x = i * stride, j * stride
            out[:, :, i, j] = padded[:, :, y : y + size, x : x + size].max((2, 3))
    return out


# %% right edge_padding_never_wins_either
def max_pool2d(images, size, stride, padding=0):
    sides = ((0, 0), (0, 0), (padding, padding), (padding, padding))
    padded = np.pad(images, sides, constant_values=images.min())
    h, w = [(k - size) // stride + 1 for k in padded.shape[2:]]
    shifted = [
        padded[:, :, u : u + stride * h : stride, v : v + stride * w : stride][:, :, :h, :w]
        for u in range(size)
        for v in range(size)
    ]
    return np.maximum.reduce(shifted)


# %% vacuous zeros
def max_pool2d(images, size, stride, padding=0):
    h, w = [(k + 2 * padding - size) // stride + 1 for k in images.shape[2:]]
    return np.zeros((*images.shape[:2], h, w))


# %% vacuous the_images_themselves
def max_pool2d(images, size, stride, padding=0):
    return images
