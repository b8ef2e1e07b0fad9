"""Answers to `attention_pool`: what students write, right and wrong."""

# %% wrong softmax_over_one
# check: attention_pool-mended
# says: an axis of size 1
# -     weights = masked_softmax(torch.tanh(x @ W.T + b) @ v, mask)
# +     weights = (torch.tanh(x @ W.T + b) @ v[:, None]).softmax(dim=2)[:, :, 0]

# %% wrong over_the_batch
# check: attention_pool-mended
# says: over the batch
# -     weights = masked_softmax(torch.tanh(x @ W.T + b) @ v, mask)
# +     weights = (torch.tanh(x @ W.T + b) @ v).softmax(dim=0)

# %% wrong reads_padding
# check: attention_pool-mended
# says: padding has a weight
# -     weights = masked_softmax(torch.tanh(x @ W.T + b) @ v, mask)
# +     weights = (torch.tanh(x @ W.T + b) @ v).softmax(dim=1)

# %% wrong mask_after_softmax
# check: attention_pool-mended
# says: what is left after masking sums to 1
# -     weights = masked_softmax(torch.tanh(x @ W.T + b) @ v, mask)
# +     weights = (torch.tanh(x @ W.T + b) @ v).softmax(dim=1) * mask

# %% wrong no_tanh
# check: attention_pool-mended
# says: v · tanh(W x + b)
# -     weights = masked_softmax(torch.tanh(x @ W.T + b) @ v, mask)
# +     weights = masked_softmax((x @ W.T + b) @ v, mask)

# %% wrong sums_the_features
# check: attention_pool-mended
# says: one vector for each sequence
# -     return (weights[:, None] @ x)[:, 0], weights
# +     return (weights[:, :, None] * x).sum(dim=2), weights

# %% wrong mean_for_sum
# check: attention_pool-mended
# says: the mean of the weighted vectors
# -     return (weights[:, None] @ x)[:, 0], weights
# +     return (weights[:, :, None] * x).mean(dim=1), weights

# %% wrong lets_two_axes_through
# check: attention_pool-mended
# says: must raise ValueError
# -     if x.ndim != 3:
# -         raise ValueError(f"expected the shape (batch, time, features), not {tuple(x.shape)}")
# -     weights = masked_softmax(torch.tanh(x @ W.T + b) @ v, mask)
# +     if x.ndim == 2:
# +         x, mask = x[None], mask[:1]
# +     weights = masked_softmax(torch.tanh(x @ W.T + b) @ v, mask)

# %% wrong nan_for_an_empty_sequence
# check: attention_pool-mended
# says: all padding
# -     weights = masked_softmax(torch.tanh(x @ W.T + b) @ v, mask)
# +     scores = (torch.tanh(x @ W.T + b) @ v).masked_fill(~mask, -torch.inf)
# +     weights = scores.softmax(dim=1)

# %% wrong refuses_two_axes_only
# check: attention_pool-mended
# says: exactly three axes
# -     if x.ndim != 3:
# +     if x.ndim == 2:

# %% wrong refuses_squares
# check: attention_pool-mended
# says: expected the shape
# raises: ValueError
# -     if x.ndim != 3:
# +     if x.ndim != 3 or x.shape[0] == x.shape[1]:

# %% wrong squeezes_everything
# check: attention_pool-mended
# says: x (1, 6, 4)
# -     weights = masked_softmax(torch.tanh(x @ W.T + b) @ v, mask)
# -     return (weights[:, None] @ x)[:, 0], weights
# +     weights = masked_softmax((torch.tanh(x @ W.T + b) @ v).squeeze(), mask.squeeze())
# +     return (weights[..., None] * x).sum(dim=-2), weights

# %% wrong works_once
# check: attention_pool-mended
# says: x (1, 6, 4)
# -     weights = masked_softmax(torch.tanh(x @ W.T + b) @ v, mask)
# -     return (weights[:, None] @ x)[:, 0], weights
# +     weights = masked_softmax(torch.tanh(x @ W.T + b) @ v, mask)
# +     attention_pool.kept = getattr(attention_pool, "kept", ((weights[:, None] @ x)[:, 0], weights))
# +     return attention_pool.kept


# %% right one_sequence_at_a_time
def attention_pool(x, mask, W, b, v):
    if len(x.shape) != 3:
        raise ValueError("x needs three axes")
    contexts, weights = [], torch.zeros(x.shape[:2], dtype=x.dtype)
    for n, (vectors, real) in enumerate(zip(x, mask)):
        scores = torch.tanh(F.linear(vectors[real], W, b)).mv(v)
        weights[n, real] = scores.softmax(dim=0)
        contexts.append(weights[n] @ vectors)
    return torch.stack(contexts), weights


# %% right einsum
def attention_pool(x, mask, W, b, v):
    if x.dim() in (1, 2, 4):
        raise ValueError("batch, time, features")
    scores = torch.einsum("nta,a->nt", torch.tanh(torch.einsum("ntd,ad->nta", x, W) + b), v)
    weights = scores.masked_fill(mask.logical_not(), -torch.inf).softmax(dim=1).nan_to_num()
    return torch.einsum("nt,ntd->nd", weights, x), weights


# %% vacuous zeros
def attention_pool(x, mask, W, b, v):
    return torch.zeros(len(x), x.shape[-1], dtype=x.dtype), torch.zeros(mask.shape, dtype=x.dtype)


# %% vacuous plain_mean
def attention_pool(x, mask, W, b, v):
    weights = mask / mask.sum(dim=1, keepdim=True)
    return torch.einsum("nt,ntd->nd", weights.to(x.dtype), x), weights.to(x.dtype)
