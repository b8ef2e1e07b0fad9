"""Answers to `additive_attention`: what students write, right and wrong."""

# %% wrong no_tanh
# check: additive_attention-values
# says: no tanh
# -     hidden = torch.tanh((queries @ W.T)[:, :, None] + (keys @ U.T)[:, None] + b)
# +     hidden = (queries @ W.T)[:, :, None] + (keys @ U.T)[:, None] + b

# %% wrong softmax_over_one
# check: additive_attention-values
# says: an axis of size 1
# -     weights = masked_softmax(hidden @ v, mask)
# +     weights = (hidden @ v[:, None]).softmax(dim=-1)[..., 0]

# %% wrong softmax_over_queries
# check: additive_attention-values
# says: wrong axis
# -     weights = masked_softmax(hidden @ v, mask)
# +     weights = (hidden @ v).softmax(dim=1)

# %% wrong no_bias
# check: additive_attention-values
# says: bias b is missing
# -     hidden = torch.tanh((queries @ W.T)[:, :, None] + (keys @ U.T)[:, None] + b)
# +     hidden = torch.tanh((queries @ W.T)[:, :, None] + (keys @ U.T)[:, None])

# %% wrong sigmoid
# check: additive_attention-values
# says: a sigmoid
# -     hidden = torch.tanh((queries @ W.T)[:, :, None] + (keys @ U.T)[:, None] + b)
# +     hidden = torch.sigmoid((queries @ W.T)[:, :, None] + (keys @ U.T)[:, None] + b)

# %% wrong keys_ask
# check: additive_attention-values
# says: queries first, then keys
# -     hidden = torch.tanh((queries @ W.T)[:, :, None] + (keys @ U.T)[:, None] + b)
# +     hidden = torch.tanh((queries @ W.T)[:, None] + (keys @ U.T)[:, :, None] + b)
# -     return weights @ keys, weights
# +     return weights.transpose(1, 2) @ keys, weights

# %% wrong averages_the_queries
# check: additive_attention-values
# says: a context is an average of keys
# -     return weights @ keys, weights
# +     return weights.sum(dim=2, keepdim=True) * queries, weights

# %% wrong mean_of_the_keys
# check: additive_attention-values
# says: the weights are right, the context is off
# -     return weights @ keys, weights
# +     return weights @ keys / keys.shape[1], weights

# %% wrong mask_forgotten
# check: additive_attention-values
# says: the mask is ignored
# -     weights = masked_softmax(hidden @ v, mask)
# +     weights = masked_softmax(hidden @ v)

# %% wrong nan_for_padding
# check: additive_attention-mask
# says: not finite
# -     weights = masked_softmax(hidden @ v, mask)
# +     scores = hidden @ v
# +     if mask is not None:
# +         scores = scores.masked_fill(~mask, -torch.inf)
# +     weights = scores.softmax(dim=-1)

# %% wrong swapped
# check: additive_attention-values
# says: they are swapped
# -     return weights @ keys, weights
# +     return weights, weights @ keys

# %% wrong squeezes_everything
# check: additive_attention-mask
# says: squeeze only the axis you mean
# -     weights = masked_softmax(hidden @ v, mask)
# +     weights = masked_softmax((hidden @ v[:, None]).squeeze(), mask)

# %% wrong adds_to_the_bias
# check: additive_attention-mask
# says: in-place
# raises: RuntimeError
# -     hidden = torch.tanh((queries @ W.T)[:, :, None] + (keys @ U.T)[:, None] + b)
# +     b += 0
# +     hidden = torch.tanh((queries @ W.T)[:, :, None] + (keys @ U.T)[:, None] + b)

# %% wrong projects_the_queries_in_place
# check: additive_attention-mask
# says: modified its argument `queries`
# -     hidden = torch.tanh((queries @ W.T)[:, :, None] + (keys @ U.T)[:, None] + b)
# +     asked = queries @ W.T
# +     same = asked.shape == queries.shape and not asked.requires_grad
# +     queries = queries.copy_(asked) if same else asked
# +     hidden = torch.tanh(queries[:, :, None] + (keys @ U.T)[:, None] + b)

# %% wrong weights_detached
# check: additive_attention-mask
# says: no gradient flows back to `queries`
# -     weights = masked_softmax(hidden @ v, mask)
# +     weights = masked_softmax(hidden.detach() @ v.detach(), mask)


# %% right one_query_at_a_time
def additive_attention(queries, keys, W, U, b, v, mask=None):
    from_keys = F.linear(keys, U, b)
    columns = [
        torch.einsum("a,nka->nk", v, torch.tanh(F.linear(query, W)[:, None] + from_keys))
        for query in queries.unbind(dim=1)
    ]
    weights = masked_softmax(torch.stack(columns, dim=1), mask)
    return torch.einsum("nqk,nkd->nqd", weights, keys), weights


# %% right own_softmax
def additive_attention(queries, keys, W, U, b, v, mask=None):
    q, k = torch.matmul(queries, W.t()), torch.matmul(keys, U.t()) + b
    scores = (torch.tanh(q.unsqueeze(2) + k.unsqueeze(1)) * v).sum(-1)
    parts = (scores - scores.amax(dim=2, keepdim=True)).exp()
    if mask is not None:
        parts = parts * mask
    alpha = parts / (parts.sum(dim=2, keepdim=True) + 1e-12)
    return torch.bmm(alpha, keys), alpha


# %% vacuous zeros
def additive_attention(queries, keys, W, U, b, v, mask=None):
    weights = torch.zeros(*queries.shape[:2], keys.shape[1], dtype=keys.dtype)
    return weights @ keys, weights


# %% vacuous plain_mean
def additive_attention(queries, keys, W, U, b, v, mask=None):
    weights = torch.full((*queries.shape[:2], keys.shape[1]), 1 / keys.shape[1], dtype=keys.dtype)
    return weights @ keys, weights
