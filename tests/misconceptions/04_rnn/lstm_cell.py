"""Answers to `lstm_cell`: what students write, right and wrong."""

# %% wrong order_of_a_paper
# check: lstm_cell-values
# says: your i, f, g, o are the blocks 1, 2, 4, 3
# -     i, f, g, o = np.split(x @ W_x.T + b_x + h @ W_h.T + b_h, 4, axis=1)
# +     i, f, o, g = np.split(x @ W_x.T + b_x + h @ W_h.T + b_h, 4, axis=1)

# %% wrong forget_and_input_swapped
# check: lstm_cell-values
# says: your i, f, g, o are the blocks 2, 1, 3, 4
# -     i, f, g, o = np.split(x @ W_x.T + b_x + h @ W_h.T + b_h, 4, axis=1)
# +     f, i, g, o = np.split(x @ W_x.T + b_x + h @ W_h.T + b_h, 4, axis=1)

# %% wrong one_bias
# check: lstm_cell-values
# says: b_h is missing
# -     i, f, g, o = np.split(x @ W_x.T + b_x + h @ W_h.T + b_h, 4, axis=1)
# +     i, f, g, o = np.split(x @ W_x.T + b_x + h @ W_h.T, 4, axis=1)

# %% wrong the_other_bias
# check: lstm_cell-values
# says: b_x is missing
# -     i, f, g, o = np.split(x @ W_x.T + b_x + h @ W_h.T + b_h, 4, axis=1)
# +     i, f, g, o = np.split(x @ W_x.T + h @ W_h.T + b_h, 4, axis=1)

# %% wrong states_swapped
# check: lstm_cell-values
# says: the states come as (c, h)
# -     return sigmoid(o) * np.tanh(c), c
# +     return c, sigmoid(o) * np.tanh(c)

# %% wrong no_tanh_of_the_cell
# check: lstm_cell-values
# says: the output gate times c itself
# -     return sigmoid(o) * np.tanh(c), c
# +     return sigmoid(o) * c, c

# %% wrong shows_the_old_cell
# check: lstm_cell-values
# says: tanh of the old c, expected of the new one
# -     c = sigmoid(f) * c + sigmoid(i) * np.tanh(g)
# -     return sigmoid(o) * np.tanh(c), c
# +     new = sigmoid(f) * c + sigmoid(i) * np.tanh(g)
# +     return sigmoid(o) * np.tanh(c), new

# %% wrong sigmoid_for_what_is_written
# check: lstm_cell-values
# says: goes through a sigmoid, expected tanh
# -     c = sigmoid(f) * c + sigmoid(i) * np.tanh(g)
# +     c = sigmoid(f) * c + sigmoid(i) * sigmoid(g)

# %% wrong gates_coupled
# check: lstm_cell-values
# says: f both keeps and writes
# -     c = sigmoid(f) * c + sigmoid(i) * np.tanh(g)
# +     c = sigmoid(f) * c + (1 - sigmoid(f)) * np.tanh(g)

# %% wrong overflows
# check: lstm_cell-over_time
# says: does exp overflow in your sigmoid?
# -     c = sigmoid(f) * c + sigmoid(i) * np.tanh(g)
# -     return sigmoid(o) * np.tanh(c), c
# +     gate_i, gate_f, gate_o = (np.exp(z) / (1 + np.exp(z)) for z in (i, f, o))
# +     c = gate_f * c + gate_i * np.tanh(g)
# +     return gate_o * np.tanh(c), c

# %% wrong changes_c_in_place
# check: lstm_cell-over_time
# says: modified its argument `c`
# -     c = sigmoid(f) * c + sigmoid(i) * np.tanh(g)
# +     c *= sigmoid(f)
# +     c += sigmoid(i) * np.tanh(g)


# %% right block_by_block
def lstm_cell(x, h, c, W_x, W_h, b_x, b_h):
    size = h.shape[1]
    parts = []
    for k in range(4):
        rows = slice(k * size, (k + 1) * size)
        z = np.einsum("nd,hd->nh", x, W_x[rows]) + np.einsum("nk,hk->nh", h, W_h[rows])
        parts.append(z + b_x[rows] + b_h[rows])
    write, keep = (1 / (1 + np.exp(-np.clip(z, -500, 500))) for z in parts[:2])
    show = 0.5 * (1 + np.tanh(parts[3] / 2))
    new = keep * c + write * np.tanh(parts[2])
    return [show * np.tanh(new), new]


# %% right by_torch
def lstm_cell(x, h, c, W_x, W_h, b_x, b_h):
    cell = nn.LSTMCell(x.shape[1], h.shape[1], dtype=torch.float64)
    names = ("weight_ih", "weight_hh", "bias_ih", "bias_hh")
    cell.load_state_dict({n: torch.tensor(w) for n, w in zip(names, (W_x, W_h, b_x, b_h))})
    with torch.no_grad():
        new_h, new_c = cell(torch.tensor(x), (torch.tensor(h), torch.tensor(c)))
    return new_h.numpy(), new_c.numpy()


# %% right sigmoid_by_hand
def lstm_cell(x, h, c, W_x, W_h, b_x, b_h):
    def squash(z):
        return 1 / (1 + np.exp(-z))  # exp may be infinite; 1 / infinity is the right 0

    i, f, g, o = np.split(x @ W_x.T + b_x + h @ W_h.T + b_h, 4, axis=1)
    new = squash(f) * c + squash(i) * np.tanh(g)
    return squash(o) * np.tanh(new), new


# %% vacuous unchanged
def lstm_cell(x, h, c, W_x, W_h, b_x, b_h):
    return h, c


# %% vacuous zeros
def lstm_cell(x, h, c, W_x, W_h, b_x, b_h):
    return np.zeros_like(h), np.zeros_like(c)
