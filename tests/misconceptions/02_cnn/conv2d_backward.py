"""Answers to `conv2d_backward`: what students write, right and wrong."""

# %% wrong overwrites_instead_of_adding
# check: conv2d_backward-stride_one
# says: a pixel lies in several windows
# says: grad_images
# -             grad_padded[:, :, below, beside] += np.einsum(
# +             grad_padded[:, :, below, beside] = np.einsum(

# %% wrong ignores_the_stride
# check: conv2d_backward-stride_padding
# says: is the stride ignored
# -             below = slice(u, u + stride * (height - 1) + 1, stride)
# +             below = slice(u, u + height)
# -             beside = slice(v, v + stride * (width - 1) + 1, stride)
# +             beside = slice(v, v + width)

# %% wrong padding_not_cut_off
# check: conv2d_backward-stride_padding
# says: padding must be cut off
# -     return grad_padded[:, :, *inside], grad_kernels, grad_output.sum(axis=(0, 2, 3))
# +     return grad_padded, grad_kernels, grad_output.sum(axis=(0, 2, 3))

# %% wrong padding_cut_off_crosswise
# check: conv2d_backward-stride_padding
# says: rows, then columns
# -     return grad_padded[:, :, *inside], grad_kernels, grad_output.sum(axis=(0, 2, 3))
# +     crosswise = np.resize(grad_padded[:, :, columns:, rows:], images.shape)
# +     return crosswise, grad_kernels, grad_output.sum(axis=(0, 2, 3))

# %% wrong empty_slice_without_padding
# check: conv2d_backward-stride_one
# says: the slice [0:-0] is empty
# -     inside = slice(rows, rows + images.shape[2]), slice(columns, columns + images.shape[3])
# +     inside = slice(rows, -rows), slice(columns, -columns)

# %% wrong order_of_the_gradients
# check: conv2d_backward-stride_one
# says: the order is (images, kernels, bias)
# -     return grad_padded[:, :, *inside], grad_kernels, grad_output.sum(axis=(0, 2, 3))
# +     return grad_output.sum(axis=(0, 2, 3)), grad_kernels, grad_padded[:, :, *inside]

# %% wrong bias_gradient_not_summed
# check: conv2d_backward-stride_one
# says: grad_bias has shape
# -     return grad_padded[:, :, *inside], grad_kernels, grad_output.sum(axis=(0, 2, 3))
# +     return grad_padded[:, :, *inside], grad_kernels, grad_output

# %% wrong mean_over_the_batch
# check: conv2d_backward-stride_one
# says: a mean, expected a sum
# -     return grad_padded[:, :, *inside], grad_kernels, grad_output.sum(axis=(0, 2, 3))
# +     batch = len(images)
# +     grad_bias = grad_output.sum(axis=(0, 2, 3)) / batch
# +     return grad_padded[:, :, *inside], grad_kernels / batch, grad_bias


# %% right loop_over_pixels
def conv2d_backward(grad_output, images, kernels, stride=1, padding=(0, 0)):
    ph, pw = padding
    n, c, h, w = images.shape
    kh, kw = kernels.shape[2:]
    padded = np.pad(images, ((0, 0), (0, 0), (ph, ph), (pw, pw)))
    back, weights = np.zeros_like(padded), np.zeros_like(kernels)
    for i in range(grad_output.shape[2]):
        for j in range(grad_output.shape[3]):
            window = np.s_[:, :, i * stride : i * stride + kh, j * stride : j * stride + kw]
            here = grad_output[:, :, i, j]
            weights += np.tensordot(here, padded[window], axes=(0, 0))
            back[window] += np.tensordot(here, kernels, axes=(1, 0))
    return back[:, :, ph : ph + h, pw : pw + w], weights, grad_output.sum((0, 2, 3))


# %% right lets_torch_do_it
def conv2d_backward(grad_output, images, kernels, stride=1, padding=(0, 0)):
    x, w = torch.tensor(images), torch.tensor(kernels)
    g = torch.tensor(grad_output)
    grad_x = torch.nn.grad.conv2d_input(x.shape, w, g, stride=stride, padding=padding)
    grad_w = torch.nn.grad.conv2d_weight(x, w.shape, g, stride=stride, padding=padding)
    return grad_x.numpy(), grad_w.numpy(), g.sum(dim=(0, 2, 3)).numpy()


# %% vacuous zeros
def conv2d_backward(grad_output, images, kernels, stride=1, padding=(0, 0)):
    return np.zeros_like(images), np.zeros_like(kernels), np.zeros(len(kernels))


# %% vacuous nan
def conv2d_backward(grad_output, images, kernels, stride=1, padding=(0, 0)):
    return images * np.nan, kernels * np.nan, np.full(len(kernels), np.nan)
