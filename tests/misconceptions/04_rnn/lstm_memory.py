"""Answers to `lstm_memory`: what students write, right and wrong."""

# %% wrong sum_of_gates
# check: lstm_memory-product
# says: this is the gates' sum
# -     kept = np.ones(h.shape)
# +     kept = np.zeros(h.shape)
# -         kept = kept * sigmoid(z)
# +         kept = kept + sigmoid(z)

# %% wrong last_gate_only
# check: lstm_memory-product
# says: this is the last step's gate only
# -         kept = kept * sigmoid(z)
# +         kept = sigmoid(z)

# %% wrong the_input_gate
# check: lstm_memory-product
# says: this is the input gate, block 1
# -     forget = slice(h.shape[1], 2 * h.shape[1])
# +     forget = slice(0, h.shape[1])

# %% wrong the_output_gate
# check: lstm_memory-product
# says: this is the output gate, block 4
# -     forget = slice(h.shape[1], 2 * h.shape[1])
# +     forget = slice(3 * h.shape[1], 4 * h.shape[1])

# %% wrong gate_from_the_new_h
# check: lstm_memory-product
# says: is each gate computed from the h that goes into its step?
# -         z = x[:, t] @ W_x[forget].T + b_x[forget] + h @ W_h[forget].T + b_h[forget]
# -         kept = kept * sigmoid(z)
# -         h, c = lstm_cell(x[:, t], h, c, *weights)
# +         h, c = lstm_cell(x[:, t], h, c, *weights)
# +         z = x[:, t] @ W_x[forget].T + b_x[forget] + h @ W_h[forget].T + b_h[forget]
# +         kept = kept * sigmoid(z)

# %% wrong no_sigmoid
# check: lstm_memory-product
# says: kept is off by
# -         kept = kept * sigmoid(z)
# +         kept = kept * z

# %% wrong state_is_not_carried
# check: lstm_memory-product
# says: the last h is off
# -         h, c = lstm_cell(x[:, t], h, c, *weights)
# +         last = lstm_cell(x[:, t], h, c, *weights)
# -     return h, c, kept
# +     return *last, kept

# %% wrong one_number_for_all
# check: lstm_memory-product
# says: kept has shape ()
# -     return h, c, kept
# +     return h, c, kept.mean()

# %% wrong changes_c_in_place
# check: lstm_memory-product
# says: modified its argument `c`
# -     return h, c, kept
# +     first[:] = c
# +     return h, c, kept
# -     W_x, W_h, b_x, b_h = weights
# +     W_x, W_h, b_x, b_h = weights
# +     first = c


# %% right collects_the_gates
def lstm_memory(x, h, c, weights):
    gates, size = [], h.shape[1]
    for now in np.moveaxis(x, 1, 0):
        z = np.einsum("nd,kd->nk", now, weights[0]) + np.einsum("nh,kh->nk", h, weights[1])
        gates.append(sigmoid((z + weights[2] + weights[3])[:, size : 2 * size]))
        h, c = lstm_cell(now, h, c, *weights)
    return h, c, np.prod(gates, axis=0)


# %% right in_logarithms
def lstm_memory(x, h, c, weights):
    log_kept = 0.0
    for t in range(x.shape[1]):
        z = np.split(x[:, t] @ weights[0].T + h @ weights[1].T + weights[2] + weights[3], 4, axis=1)
        i, f, o = (1 / (1 + np.exp(-z[k])) for k in (0, 1, 3))
        c = f * c + i * np.tanh(z[2])
        h = o * np.tanh(c)
        log_kept = log_kept + np.log(f)
    return [h, c, np.exp(log_kept)]


# %% vacuous unchanged
def lstm_memory(x, h, c, weights):
    return h, c, np.ones(h.shape)


# %% vacuous zeros
def lstm_memory(x, h, c, weights):
    return 0 * h, 0 * c, 0 * h
