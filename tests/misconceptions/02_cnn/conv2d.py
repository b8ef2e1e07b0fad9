"""Answers to `conv2d`: what students write, right and wrong."""

# %% wrong flipped_kernel
# check: conv2d-values
# says: flipped
# -             output += np.einsum("nchw,kc->nkhw", padded[:, :, below, beside], kernels[:, :, u, v])
# +             weights = kernels[:, :, ::-1, ::-1][:, :, u, v]
# +             output += np.einsum("nchw,kc->nkhw", padded[:, :, below, beside], weights)

# %% wrong no_bias
# check: conv2d-values
# says: bias is missing
# -     return output + bias[:, None, None]
# +     return output

# %% wrong height_and_width_swapped
# check: conv2d-values
# says: 6, 4, 9, 8
# says: height and width are swapped
# -     return output + bias[:, None, None]
# +     return (output + bias[:, None, None]).transpose(0, 1, 3, 2)

# %% wrong one_channel_only
# check: conv2d-values
# says: only one channel
# -             output += np.einsum("nchw,kc->nkhw", padded[:, :, below, beside], kernels[:, :, u, v])
# +             output += np.einsum("nhw,k->nkhw", padded[:, 0, below, beside], kernels[:, 0, u, v])

# %% wrong bias_once_a_channel
# check: conv2d-values
# says: added once for every channel
# -     return output + bias[:, None, None]
# +     return output + images.shape[1] * bias[:, None, None]

# %% wrong padding_swapped
# check: conv2d-stride_padding
# says: rows and columns of padding are swapped
# -     rows, columns = padding
# +     columns, rows = padding

# %% wrong padding_on_one_side
# check: conv2d-stride_padding
# says: both sides
# -     padded = np.pad(images, ((0, 0), (0, 0), (rows, rows), (columns, columns)))
# +     padded = np.pad(images, ((0, 0), (0, 0), (rows, 0), (columns, 0)))

# %% wrong padding_repeats_the_edge
# check: conv2d-stride_padding
# says: zeros
# -     padded = np.pad(images, ((0, 0), (0, 0), (rows, rows), (columns, columns)))
# +     padded = np.pad(images, ((0, 0), (0, 0), (rows, rows), (columns, columns)), mode="edge")

# %% wrong stride_ignored
# check: conv2d-stride_padding
# says: stride is ignored
# -     rows, columns = padding
# +     rows, columns = padding
# +     stride = 1

# %% wrong size_off_by_one
# check: conv2d-values
# says: expected (6, 4, 8, 9)
# -     height = (padded.shape[2] - kernel_height) // stride + 1
# +     height = (padded.shape[2] - kernel_height) // stride

# %% wrong changes_its_input
# check: conv2d-values
# says: were changed
# -     return output + bias[:, None, None]
# +     images *= 0
# +     return output + bias[:, None, None]


# %% wrong first_bias_for_every_channel
# check: conv2d-other_sizes
# says: wrong for images
# -     return output + bias[:, None, None]
# +     return output + bias[0]


# %% right loop_over_pixels
def conv2d(images, kernels, bias, stride=1, padding=(0, 0)):
    n, c, h, w = images.shape
    k, _, kh, kw = kernels.shape
    ph, pw = padding
    padded = np.zeros((n, c, h + 2 * ph, w + 2 * pw))
    padded[:, :, ph : ph + h, pw : pw + w] = images
    out_h, out_w = (h + 2 * ph - kh) // stride + 1, (w + 2 * pw - kw) // stride + 1
    out = np.empty((n, k, out_h, out_w))
    for i in range(out_h):
        for j in range(out_w):
            patch = padded[:, :, i * stride : i * stride + kh, j * stride : j * stride + kw]
            out[:, :, i, j] = np.tensordot(patch, kernels, axes=([1, 2, 3], [1, 2, 3])) + bias
    return out


# %% right sliding_windows
def conv2d(images, kernels, bias, stride=1, padding=(0, 0)):
    (rows, columns), size = padding, kernels.shape[2:]
    padded = np.pad(images, ((0, 0), (0, 0), (rows, rows), (columns, columns)))
    windows = np.lib.stride_tricks.sliding_window_view(padded, size, axis=(2, 3))
    windows = windows[:, :, ::stride, ::stride]
    return np.einsum("nchwuv,kcuv->nkhw", windows, kernels) + bias.reshape(1, -1, 1, 1)


# %% vacuous zeros
def conv2d(images, kernels, bias, stride=1, padding=(0, 0)):
    height = (images.shape[2] + 2 * padding[0] - kernels.shape[2]) // stride + 1
    width = (images.shape[3] + 2 * padding[1] - kernels.shape[3]) // stride + 1
    return np.zeros((len(images), len(kernels), height, width))


# %% vacuous nothing
def conv2d(images, kernels, bias, stride=1, padding=(0, 0)):
    pass


# %% vacuous nan
def conv2d(images, kernels, bias, stride=1, padding=(0, 0)):
    height = (images.shape[2] + 2 * padding[0] - kernels.shape[2]) // stride + 1
    width = (images.shape[3] + 2 * padding[1] - kernels.shape[3]) // stride + 1
    return np.full((len(images), len(kernels), height, width), np.nan)
