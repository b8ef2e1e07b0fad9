"""Answers to `rnn_backward`: what students write, right and wrong."""

# %% wrong truncated
# check: rnn_backward-through_time
# says: truncated
# -         grad_z = (grad_hidden[:, t] + grad_h) * hidden[:, t] * (1 - hidden[:, t])
# +         grad_z = grad_hidden[:, t] * hidden[:, t] * (1 - hidden[:, t])

# %% wrong overwrites_the_weights_gradient
# check: rnn_backward-shared_weights
# says: so add (+=)
# -         grad_W += grad_z.T @ before
# +         grad_W = grad_z.T @ before

# %% wrong overwrites_the_bias_gradient
# check: rnn_backward-shared_weights
# says: so add (+=)
# -         grad_b += grad_z.sum(axis=0)
# +         grad_b = grad_z.sum(axis=0)

# %% wrong only_the_last_steps_loss
# check: rnn_backward-through_time
# says: grad_hidden counts at the last step only
# -         grad_z = (grad_hidden[:, t] + grad_h) * hidden[:, t] * (1 - hidden[:, t])
# +         arrives = grad_hidden[:, t] if t == x.shape[1] - 1 else grad_h
# +         grad_z = arrives * hidden[:, t] * (1 - hidden[:, t])

# %% wrong derivative_of_tanh
# check: rnn_backward-one_step
# says: 1 - h² is the derivative of tanh
# -         grad_z = (grad_hidden[:, t] + grad_h) * hidden[:, t] * (1 - hidden[:, t])
# +         grad_z = (grad_hidden[:, t] + grad_h) * (1 - hidden[:, t] ** 2)

# %% wrong sigmoid_of_the_output
# check: rnn_backward-one_step
# says: the sigmoid's output already
# -         grad_z = (grad_hidden[:, t] + grad_h) * hidden[:, t] * (1 - hidden[:, t])
# +         again = sigmoid(hidden[:, t])
# +         grad_z = (grad_hidden[:, t] + grad_h) * again * (1 - again)

# %% wrong transposed_on_the_way_back
# check: rnn_backward-one_step
# says: this is grad_z @ W.T
# -         grad_h = grad_z @ W
# +         grad_h = grad_z @ W.T

# %% wrong transposed_gradient
# check: rnn_backward-one_step
# says: transposed
# -         grad_W += grad_z.T @ before
# +         grad_W += before.T @ grad_z

# %% wrong mean_over_the_batch
# check: rnn_backward-one_step
# says: this is a mean over the batch, expected a sum
# -         grad_W += grad_z.T @ before
# +         grad_W += grad_z.T @ before / len(x)

# %% wrong bias_not_summed
# check: rnn_backward-one_step
# says: sum over the batch
# -         grad_b += grad_z.sum(axis=0)
# +         grad_b = grad_b + grad_z

# %% wrong state_after_for_state_before
# check: rnn_backward-one_step
# says: this takes the state after it
# -         before = hidden[:, t - 1] if t > 0 else h0
# +         before = hidden[:, t]

# %% wrong hidden_minus_one_wraps_around
# check: rnn_backward-shared_weights
# says: takes the last state before step 1
# -         before = hidden[:, t - 1] if t > 0 else h0
# +         before = hidden[:, t - 1]

# %% wrong no_derivative
# check: rnn_backward-one_step
# says: h (1 - h), is missing
# -         grad_z = (grad_hidden[:, t] + grad_h) * hidden[:, t] * (1 - hidden[:, t])
# +         grad_z = grad_hidden[:, t] + grad_h

# %% wrong zeros_before_the_first_step
# check: rnn_backward-one_step
# says: this takes zeros
# -         before = hidden[:, t - 1] if t > 0 else h0
# +         before = hidden[:, t - 1] if t > 0 else np.zeros_like(h0)

# %% wrong the_state_after_each_step_but_the_first
# check: rnn_backward-shared_weights
# says: grad_W is off
# -         before = hidden[:, t - 1] if t > 0 else h0
# +         before = hidden[:, t] if t > 0 else h0

# %% wrong only_the_last_twenty_steps
# check: rnn_backward-through_time
# says: at 10 steps, the last of them 10
# -     for t in reversed(range(x.shape[1])):
# +     for t in reversed(range(max(0, x.shape[1] - 20), x.shape[1])):

# %% wrong cut_every_ten_steps
# check: rnn_backward-through_time
# says: the last of them 20
# -         grad_h = grad_z @ W
# +         grad_h = grad_z @ W if t == 0 or t % 10 else np.zeros_like(h0)

# %% wrong changes_grad_hidden_in_place
# check: rnn_backward-through_time
# says: modified its argument `grad_hidden`
# -         grad_z = (grad_hidden[:, t] + grad_h) * hidden[:, t] * (1 - hidden[:, t])
# +         grad_hidden[:, t] += grad_h
# +         grad_z = grad_hidden[:, t] * hidden[:, t] * (1 - hidden[:, t])


# %% right by_autograd
def rnn_backward(grad_hidden, x, h0, hidden, W, U):
    b = np.log(hidden[0, 0] / (1 - hidden[0, 0])) - W @ h0[0] - U @ x[0, 0]
    inputs = [torch.tensor(a, requires_grad=True) for a in (x, h0, W, U, b)]
    x, h, W, U, b = inputs
    states = []
    for t in range(x.shape[1]):
        h = torch.sigmoid(h @ W.T + x[:, t] @ U.T + b)
        states.append(h)
    gradients = torch.autograd.grad(torch.stack(states, 1), inputs, torch.tensor(grad_hidden))
    return tuple(g.numpy() for g in gradients)


# %% right collect_then_multiply
def rnn_backward(grad_hidden, x, h0, hidden, W, U):
    slope = hidden * (1 - hidden)
    grad_z = np.empty_like(hidden)
    carried = 0
    for t in range(x.shape[1] - 1, -1, -1):
        grad_z[:, t] = slope[:, t] * (grad_hidden[:, t] + carried)
        carried = np.einsum("nh,hk->nk", grad_z[:, t], W)
    before = np.concatenate([h0[:, None], hidden[:, :-1]], axis=1)
    grad_W = np.einsum("nth,ntk->hk", grad_z, before)
    grad_U = np.einsum("nth,ntd->hd", grad_z, x)
    return [grad_z @ U, carried, grad_W, grad_U, grad_z.sum((0, 1))]


# %% vacuous zeros
def rnn_backward(grad_hidden, x, h0, hidden, W, U):
    return tuple(np.zeros_like(a) for a in (x, h0, W, U, W[0]))


# %% vacuous gives_back_what_came
def rnn_backward(grad_hidden, x, h0, hidden, W, U):
    return x, h0, W, U, W[0]
