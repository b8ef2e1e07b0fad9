"""Answers to `attention`: what students write, right and wrong."""

# %% wrong no_scale
# check: attention-values
# says: no scale
# -     scores = Q @ K.transpose(-2, -1) / Q.shape[-1] ** 0.5
# +     scores = Q @ K.transpose(-2, -1)

# %% wrong divided_by_d
# check: attention-values
# says: expected by its root
# -     scores = Q @ K.transpose(-2, -1) / Q.shape[-1] ** 0.5
# +     scores = Q @ K.transpose(-2, -1) / Q.shape[-1]

# %% wrong times_the_root
# check: attention-values
# says: are multiplied
# -     scores = Q @ K.transpose(-2, -1) / Q.shape[-1] ** 0.5
# +     scores = Q @ K.transpose(-2, -1) * Q.shape[-1] ** 0.5

# %% wrong root_of_the_number_of_keys
# check: attention-values
# says: the number of keys
# -     scores = Q @ K.transpose(-2, -1) / Q.shape[-1] ** 0.5
# +     scores = Q @ K.transpose(-2, -1) / K.shape[-2] ** 0.5

# %% wrong wrong_axis
# check: attention-values
# says: wrong axis
# -     weights = masked_softmax(scores, mask)
# +     weights = scores.softmax(dim=-2)

# %% wrong mask_ignored
# check: attention-values
# says: the mask is ignored
# -     weights = masked_softmax(scores, mask)
# +     weights = masked_softmax(scores)

# %% wrong mask_after_softmax
# check: attention-values
# says: after the softmax
# -     weights = masked_softmax(scores, mask)
# +     weights = scores.softmax(dim=-1)
# +     if mask is not None:
# +         weights = weights * mask

# %% wrong inverted_mask
# check: attention-values
# says: inverted
# -     weights = masked_softmax(scores, mask)
# +     weights = masked_softmax(scores, None if mask is None else ~mask)

# %% wrong averages_the_keys
# check: attention-values
# says: the output is an average of V
# -     return weights @ V, weights
# +     return weights @ K, weights

# %% wrong naive_exp
# check: attention-extremes
# says: not finite
# -     weights = masked_softmax(scores, mask)
# +     parts = scores.exp() if mask is None else scores.exp() * mask
# +     weights = parts / parts.sum(dim=-1, keepdim=True)

# %% wrong nothing_to_see_is_nan
# check: attention-extremes
# says: not finite
# -     weights = masked_softmax(scores, mask)
# +     if mask is not None:
# +         scores = scores.masked_fill(~mask, -torch.inf)
# +     weights = scores.softmax(dim=-1)

# %% wrong changes_the_queries
# check: attention-extremes
# says: modified its argument `Q`
# -     scores = Q @ K.transpose(-2, -1) / Q.shape[-1] ** 0.5
# +     Q /= Q.shape[-1] ** 0.5
# +     scores = Q @ K.transpose(-2, -1)

# %% wrong scaled_by_another_axis
# check: attention-values
# says: the last axis of Q
# -     scores = Q @ K.transpose(-2, -1) / Q.shape[-1] ** 0.5
# +     scores = Q @ K.transpose(-2, -1) / Q.shape[1] ** 0.5

# %% wrong swapped
# check: attention-values
# says: they are swapped
# -     return weights @ V, weights
# +     return weights, weights @ V

# %% wrong weights_detached
# check: attention-extremes
# says: no gradient flows
# -     return weights @ V, weights
# +     return weights.detach() @ V, weights


# %% right einsum
def attention(Q, K, V, mask=None):
    scores = torch.einsum("...qd,...kd->...qk", Q / float(np.sqrt(K.size(-1))), K)
    weights = masked_softmax(scores, mask)
    return torch.einsum("...qk,...kd->...qd", weights, V), weights


# %% right by_torch
def attention(Q, K, V, mask=None):
    count = K.shape[-2]
    eye = torch.eye(count, dtype=Q.dtype, device=Q.device).expand(*K.shape[:-1], count)
    weights = F.scaled_dot_product_attention(Q, K, eye, mask)
    if mask is not None:
        weights = weights.nan_to_num(0.0).masked_fill(~mask, 0.0)
    return weights @ V, weights


# %% right by_torch_that_knows_empty_rows
def attention(Q, K, V, mask=None):
    eye = torch.eye(K.shape[-2], dtype=V.dtype).expand(*K.shape[:-1], K.shape[-2])
    weights = F.scaled_dot_product_attention(Q, K, eye, attn_mask=mask)
    return weights @ V, weights


# %% vacuous zeros
def attention(Q, K, V, mask=None):
    weights = torch.zeros(*Q.shape[:-1], K.shape[-2], dtype=Q.dtype)
    return weights @ V, weights


# %% vacuous plain_mean
def attention(Q, K, V, mask=None):
    weights = torch.full((*Q.shape[:-1], K.shape[-2]), 1 / K.shape[-2], dtype=Q.dtype)
    return weights @ V, weights
