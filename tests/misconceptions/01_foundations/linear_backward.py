"""Answers to `linear_backward`: what students write, right and wrong."""

# %% wrong bias_gradient_not_summed
# check: linear_backward-differences
# says: grad_bias has shape (5, 3), expected (3,) — sum it over the batch
# -     return grad_output @ weight, grad_output.T @ inputs, grad_output.sum(axis=0)
# +     return grad_output @ weight, grad_output.T @ inputs, grad_output

# %% wrong bias_gradient_over_the_outputs
# check: linear_backward-differences
# says: grad_bias has shape (5,)
# -     return grad_output @ weight, grad_output.T @ inputs, grad_output.sum(axis=0)
# +     return grad_output @ weight, grad_output.T @ inputs, grad_output.sum(axis=1)

# %% wrong bias_gradient_is_a_mean
# check: linear_backward-differences
# says: grad_bias is a mean
# -     return grad_output @ weight, grad_output.T @ inputs, grad_output.sum(axis=0)
# +     return grad_output @ weight, grad_output.T @ inputs, grad_output.mean(axis=0)

# %% wrong weight_gradient_is_a_mean
# check: linear_backward-differences
# says: grad_weight is a mean
# -     return grad_output @ weight, grad_output.T @ inputs, grad_output.sum(axis=0)
# +     grad_weight = grad_output.T @ inputs / len(inputs)
# +     return grad_output @ weight, grad_weight, grad_output.sum(axis=0)

# %% wrong transposed_weight
# check: linear_backward-differences
# says: grad_inputs fits only because D = K
# -     return grad_output @ weight, grad_output.T @ inputs, grad_output.sum(axis=0)
# +     return grad_output @ weight.T, grad_output.T @ inputs, grad_output.sum(axis=0)

# %% wrong weight_gradient_transposed
# check: linear_backward-differences
# says: grad_weight fits only because D = K
# -     return grad_output @ weight, grad_output.T @ inputs, grad_output.sum(axis=0)
# +     return grad_output @ weight, inputs.T @ grad_output, grad_output.sum(axis=0)

# %% wrong ones_for_the_gradient_above
# check: linear_backward-differences
# says: grad_bias and central differences
# -     return grad_output @ weight, grad_output.T @ inputs, grad_output.sum(axis=0)
# +     ones = np.ones_like(grad_output)
# +     return ones @ weight, ones.T @ inputs, ones.sum(axis=0)

# %% wrong other_order
# check: linear_backward-differences
# says: returned (grad_bias, grad_weight, grad_inputs)
# says: only the order is wrong
# -     return grad_output @ weight, grad_output.T @ inputs, grad_output.sum(axis=0)
# +     return grad_output.sum(axis=0), grad_output.T @ inputs, grad_output @ weight

# %% wrong order_of_the_text
# check: linear_backward-differences
# says: returned (grad_bias, grad_weight, grad_inputs)
# says: only the order is wrong
# -     return grad_output @ weight, grad_output.T @ inputs, grad_output.sum(axis=0)
# +     grad_bias, grad_weight = grad_output.sum(axis=0), grad_output.T @ inputs
# +     return [grad_bias, grad_weight, grad_output @ weight]

# %% wrong squeezes_a_batch_of_one
# check: linear_backward-differences
# says: 1 examples, 4 inputs, 2 outputs: grad_inputs has shape (4,)
# -     return grad_output @ weight, grad_output.T @ inputs, grad_output.sum(axis=0)
# +     grad_inputs = (grad_output @ weight).squeeze()
# +     return grad_inputs, grad_output.T @ inputs, grad_output.sum(axis=0)

# %% wrong transposes_if_it_fits
# check: linear_backward-differences
# says: 4 examples, 3 inputs, 4 outputs: grad_bias
# -     return grad_output @ weight, grad_output.T @ inputs, grad_output.sum(axis=0)
# +     square = grad_output.shape[0] == grad_output.shape[1]
# +     grad_bias = grad_output.sum(axis=1 if square else 0)
# +     return grad_output @ weight, grad_output.T @ inputs, grad_bias

# %% wrong changes_the_gradient_above
# check: linear_backward-differences
# says: your function modified `grad_output`
# -     return grad_output @ weight, grad_output.T @ inputs, grad_output.sum(axis=0)
# +     gradients = grad_output @ weight, grad_output.T @ inputs, grad_output.sum(axis=0)
# +     grad_output[:] = 0
# +     return gradients


# %% right by_einsum
def linear_backward(grad_output, inputs, weight):
    grad_inputs = np.einsum("nk,kd->nd", grad_output, weight)
    grad_weight = np.einsum("nk,nd->kd", grad_output, inputs)
    return grad_inputs, grad_weight, np.einsum("nk->k", grad_output)


# %% right loop_over_examples
def linear_backward(grad_output, inputs, weight):
    grad_inputs = np.zeros(inputs.shape)
    grad_weight = np.zeros(weight.shape)
    grad_bias = np.zeros(len(weight))
    for n, g in enumerate(grad_output):
        grad_inputs[n] = weight.T @ g
        grad_weight += np.outer(g, inputs[n])
        grad_bias += g
    return [grad_inputs, grad_weight, grad_bias]


# %% right by_pytorch
def linear_backward(grad_output, inputs, weight):
    x, w = (torch.tensor(a, requires_grad=True) for a in (inputs, weight))
    b = torch.zeros(len(weight), dtype=x.dtype, requires_grad=True)
    F.linear(x, w, b).backward(torch.tensor(grad_output))
    return x.grad.numpy(), w.grad.numpy(), b.grad.numpy()


# %% vacuous zeros
def linear_backward(grad_output, inputs, weight):
    return np.zeros_like(inputs), np.zeros_like(weight), np.zeros(len(weight))


# %% vacuous what_came_in
def linear_backward(grad_output, inputs, weight):
    return inputs, weight, grad_output[0]
