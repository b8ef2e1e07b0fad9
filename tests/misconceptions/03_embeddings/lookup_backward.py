"""Answers to `lookup_backward`: what students write, right and wrong."""

# %% wrong overwrites
# check: lookup_backward-gradient
# says: add them all up
# -     np.add.at(grad_table, ids, grad_output)
# +     grad_table[ids] = grad_output

# %% wrong adds_once
# check: lookup_backward-gradient
# says: one gradient survives
# -     np.add.at(grad_table, ids, grad_output)
# +     grad_table[ids] += grad_output

# %% wrong mean_of_a_word
# check: lookup_backward-gradient
# says: holds the mean of its gradients
# -     np.add.at(grad_table, ids, grad_output)
# +     np.add.at(grad_table, ids, grad_output)
# +     grad_table /= np.maximum(np.bincount(ids, minlength=size), 1)[:, None]

# %% wrong every_row
# check: lookup_backward-gradient
# says: was not looked up
# -     np.add.at(grad_table, ids, grad_output)
# +     grad_table += grad_output.sum(axis=0)

# %% wrong bias_not_summed
# check: lookup_backward-gradient
# says: grad_bias has shape
# -     return grad_table, grad_output.sum(axis=0)
# +     return grad_table, grad_output

# %% wrong bias_averaged
# check: lookup_backward-gradient
# says: the sum over the batch
# -     return grad_table, grad_output.sum(axis=0)
# +     return grad_table, grad_output.mean(axis=0)

# %% wrong rows_of_the_batch
# check: lookup_backward-gradient
# says: grad_table has shape
# -     return grad_table, grad_output.sum(axis=0)
# +     return grad_output, grad_output.sum(axis=0)

# %% wrong adds_ones
# check: lookup_backward-gradient
# says: row
# -     np.add.at(grad_table, ids, grad_output)
# +     np.add.at(grad_table, ids, 1.0)

# %% wrong no_bias
# check: lookup_backward-gradient
# says: expected (grad_table, grad_bias)
# -     return grad_table, grad_output.sum(axis=0)
# +     return grad_table


# %% wrong changes_the_gradient_that_arrives
# check: lookup_backward-gradient
# says: modified its argument
# -     return grad_table, grad_output.sum(axis=0)
# +     total = grad_output.sum(axis=0)
# +     grad_output *= 0
# +     return grad_table, total

# %% wrong seven_rows
# check: lookup_backward-gradient
# says: expected (9, 3)
# -     grad_table = np.zeros((size, grad_output.shape[1]))
# +     grad_table = np.zeros((7, grad_output.shape[1]))

# %% wrong dimensions_of_the_first_call
# check: lookup_backward-gradient
# says: expected (9, 3)
# -     np.add.at(grad_table, ids, grad_output)
# -     return grad_table, grad_output.sum(axis=0)
# +     grad_table = np.zeros((size, 4))
# +     grad_table[:, : grad_output.shape[1]] = np.eye(size)[ids].T @ grad_output
# +     return grad_table, grad_output.sum(axis=0)


# %% right loop
def lookup_backward(grad_output, ids, size):
    grad_table, grad_bias = np.zeros((size, grad_output.shape[1])), 0
    for g, i in zip(grad_output, ids):
        grad_table[i] += g
        grad_bias = grad_bias + g
    return grad_table, grad_bias


# %% right one_hot
def lookup_backward(grad_output, ids, size):
    return np.eye(size)[ids].T @ grad_output, np.ones(len(ids)) @ grad_output


# %% right by_torch
def lookup_backward(grad_output, ids, size):
    g = torch.tensor(grad_output)
    table = torch.zeros(size, g.shape[1], dtype=g.dtype)
    return table.index_add(0, torch.tensor(ids), g).numpy(), g.sum(0).numpy()


# %% vacuous zeros
def lookup_backward(grad_output, ids, size):
    return np.zeros((size, grad_output.shape[1])), np.zeros(grad_output.shape[1])


# %% vacuous ones
def lookup_backward(grad_output, ids, size):
    return np.ones((size, grad_output.shape[1])), np.ones(grad_output.shape[1])
