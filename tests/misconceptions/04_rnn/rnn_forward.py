"""Answers to `rnn_forward`: what students write, right and wrong."""

# %% wrong tanh
# check: rnn_forward-values
# says: this is tanh
# -         h = sigmoid(h @ W.T + x[:, t] @ U.T + b)
# +         h = np.tanh(h @ W.T + x[:, t] @ U.T + b)

# %% wrong state_is_not_carried
# check: rnn_forward-values
# says: the state is not carried on
# -         h = sigmoid(h @ W.T + x[:, t] @ U.T + b)
# +         h = sigmoid(h0 @ W.T + x[:, t] @ U.T + b)

# %% wrong state_leaks_across_the_batch
# check: rnn_forward-past_and_batch
# says: leaks into another
# -         h = sigmoid(h @ W.T + x[:, t] @ U.T + b)
# +         h = sigmoid(h.mean(axis=0) @ W.T + x[:, t] @ U.T + b)


# %% wrong next_sequence_goes_on_where_the_last_ended
# check: rnn_forward-past_and_batch
# says: leaks into another
def rnn_forward(x, h0, W, U, b):
    states = np.zeros((*x.shape[:2], len(b)))
    h = h0[0]
    for n in range(len(x)):
        for t in range(x.shape[1]):
            h = states[n, t] = sigmoid(W @ h + U @ x[n, t] + b)
    return states


# %% wrong transposed
# check: rnn_forward-values
# says: W is transposed
# -         h = sigmoid(h @ W.T + x[:, t] @ U.T + b)
# +         h = sigmoid(h @ W + x[:, t] @ U.T + b)

# %% wrong no_bias
# check: rnn_forward-values
# says: the bias is missing
# -         h = sigmoid(h @ W.T + x[:, t] @ U.T + b)
# +         h = sigmoid(h @ W.T + x[:, t] @ U.T)

# %% wrong starts_from_zeros
# check: rnn_forward-values
# says: start from zeros, not from h0
# -     h = h0
# +     h = np.zeros_like(h0)

# %% wrong states_before_the_steps
# check: rnn_forward-values
# says: your states begin with h0
# -         h = sigmoid(h @ W.T + x[:, t] @ U.T + b)
# -         states.append(h)
# +         states.append(h)
# +         h = sigmoid(h @ W.T + x[:, t] @ U.T + b)

# %% wrong last_state_only
# check: rnn_forward-values
# says: not only the last
# -     return np.stack(states, axis=1)
# +     return h

# %% wrong time_first
# check: rnn_forward-values
# says: batch first, then time
# -     return np.stack(states, axis=1)
# +     return np.stack(states)

# %% wrong reads_backward
# check: rnn_forward-past_and_batch
# says: must not know the future
# -     for t in range(x.shape[1]):
# +     for t in reversed(range(x.shape[1])):
# -     return np.stack(states, axis=1)
# +     return np.stack(states[::-1], axis=1)

# %% wrong overwrites_h0
# check: rnn_forward-values
# says: modified its argument `h0`
# -     h = h0
# +     h = h0
# +     first = h0.copy()
# -     return np.stack(states, axis=1)
# +     h0[:] = h
# +     return np.stack(states, axis=1)


# %% right one_sequence_at_a_time
def rnn_forward(x, h0, W, U, b):
    states = np.empty((x.shape[0], x.shape[1], W.shape[0]))
    for n in range(x.shape[0]):
        state = h0[n]
        for t in range(x.shape[1]):
            state = 1 / (1 + np.exp(-(W @ state + U @ x[n, t] + b)))
            states[n, t] = state
    return states


# %% right in_torch
def rnn_forward(x, h0, W, U, b):
    x, h, W, U, b = (torch.as_tensor(a) for a in (x, h0, W, U, b))
    driven = torch.einsum("ntd,hd->nth", x, U) + b
    states = []
    for z in driven.unbind(dim=1):
        h = (z + F.linear(h, W)).sigmoid()
        states.append(h)
    return torch.stack(states, dim=1).numpy()


# %% vacuous zeros
def rnn_forward(x, h0, W, U, b):
    return np.zeros((x.shape[0], x.shape[1], len(b)))


# %% vacuous repeats_h0
def rnn_forward(x, h0, W, U, b):
    return np.repeat(h0[:, None], x.shape[1], axis=1)
