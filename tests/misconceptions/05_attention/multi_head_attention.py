"""Answers to `multi_head_attention`: what students write, right and wrong."""

# %% wrong view_without_transpose
# check: multi_head_attention-values
# says: view without transpose
# -         return projected.view(*projected.shape[:2], heads, -1).transpose(1, 2)
# +         return projected.view(len(projected), heads, projected.shape[1], -1)

# %% wrong view_without_transpose_both_ways
# check: multi_head_attention-values
# says: view without transpose
# -         return projected.view(*projected.shape[:2], heads, -1).transpose(1, 2)
# +         return projected.view(len(projected), heads, projected.shape[1], -1)
# -     return output.transpose(1, 2).reshape(x.shape) @ weights["W_o"].T, shares
# +     return output.reshape(x.shape) @ weights["W_o"].T, shares

# %% wrong root_of_the_whole
# check: multi_head_attention-values
# says: divided by the root of D
# -     output, shares = attention(Q, K, V, None if mask is None else mask[:, None])
# +     Q = Q / heads**0.5
# +     output, shares = attention(Q, K, V, None if mask is None else mask[:, None])

# %% wrong no_mixing
# check: multi_head_attention-values
# says: W_o is missing
# -     return output.transpose(1, 2).reshape(x.shape) @ weights["W_o"].T, shares
# +     return output.transpose(1, 2).reshape(x.shape), shares

# %% wrong mixing_transposed
# check: multi_head_attention-values
# says: W_o is transposed
# -     return output.transpose(1, 2).reshape(x.shape) @ weights["W_o"].T, shares
# +     return output.transpose(1, 2).reshape(x.shape) @ weights["W_o"], shares

# %% wrong mask_forgotten
# check: multi_head_attention-values
# says: the mask is ignored
# -     output, shares = attention(Q, K, V, None if mask is None else mask[:, None])
# +     output, shares = attention(Q, K, V)

# %% wrong heads_take_turns
# check: multi_head_attention-values
# says: heads take turns
# -         return projected.view(*projected.shape[:2], heads, -1).transpose(1, 2)
# +         return projected.view(*projected.shape[:2], -1, heads).permute(0, 3, 1, 2)

# %% wrong values_from_x
# check: multi_head_attention-values
# says: multi_head_attention
# -     Q, K, V = split(x, "W_q"), split(context, "W_k"), split(context, "W_v")
# +     Q, K, V = split(x, "W_q"), split(x, "W_k"), split(x, "W_v")

# %% wrong keys_and_values_swapped
# check: multi_head_attention-values
# says: from nn.MultiheadAttention
# -     Q, K, V = split(x, "W_q"), split(context, "W_k"), split(context, "W_v")
# +     Q, K, V = split(x, "W_q"), split(context, "W_v"), split(context, "W_k")

# %% wrong mean_of_the_heads_weights
# check: multi_head_attention-values
# says: expected [(2, 5, 12), (2, 3, 5, 7)]
# -     return output.transpose(1, 2).reshape(x.shape) @ weights["W_o"].T, shares
# +     return output.transpose(1, 2).reshape(x.shape) @ weights["W_o"].T, shares.mean(dim=1)

# %% wrong output_only
# check: multi_head_attention-values
# says: returned Tensor, expected (output, shares)
# -     return output.transpose(1, 2).reshape(x.shape) @ weights["W_o"].T, shares
# +     return output.transpose(1, 2).reshape(x.shape) @ weights["W_o"].T

# %% wrong swapped
# check: multi_head_attention-values
# says: they are swapped
# -     return output.transpose(1, 2).reshape(x.shape) @ weights["W_o"].T, shares
# +     return shares, output.transpose(1, 2).reshape(x.shape) @ weights["W_o"].T

# %% wrong no_transpose_on_the_way_back
# check: multi_head_attention-values
# says: on the way back
# -     return output.transpose(1, 2).reshape(x.shape) @ weights["W_o"].T, shares
# +     return output.reshape(x.shape) @ weights["W_o"].T, shares

# %% wrong every_matrix_transposed
# check: multi_head_attention-values
# says: vectors @ W.T
# -         projected = vectors @ weights[name].T
# +         projected = vectors @ weights[name]
# -     return output.transpose(1, 2).reshape(x.shape) @ weights["W_o"].T, shares
# +     return output.transpose(1, 2).reshape(x.shape) @ weights["W_o"], shares

# %% wrong nan_where_nothing_is_allowed
# check: multi_head_attention-care
# says: nothing to attend to
# -     output, shares = attention(Q, K, V, None if mask is None else mask[:, None])
# +     scores = Q @ K.transpose(2, 3) / Q.shape[-1] ** 0.5
# +     if mask is not None:
# +         scores = scores.masked_fill(~mask[:, None], -torch.inf)
# +     shares = scores.softmax(dim=-1)
# +     output = shares @ V

# %% wrong output_detached
# check: multi_head_attention-care
# says: no gradient flows from the output back to `x`
# -     return output.transpose(1, 2).reshape(x.shape) @ weights["W_o"].T, shares
# +     return output.detach().transpose(1, 2).reshape(x.shape) @ weights["W_o"].T, shares

# %% wrong projects_in_place
# check: multi_head_attention-care
# says: modified its argument `x`
# -     Q, K, V = split(x, "W_q"), split(context, "W_k"), split(context, "W_v")
# +     x = x.copy_(x @ weights["W_q"].T) if not x.requires_grad else x @ weights["W_q"].T
# +     Q = x.view(*x.shape[:2], heads, -1).transpose(1, 2)
# +     K, V = split(context, "W_k"), split(context, "W_v")


# %% wrong a_layer_with_weights_of_its_own
# check: multi_head_attention-care
# says: expected zeros
def multi_head_attention(x, context, weights, heads, mask=None):
    layer = nn.MultiheadAttention(x.shape[2], heads, bias=False, batch_first=True, dtype=x.dtype)
    stacked = torch.cat([weights[name] for name in ("W_q", "W_k", "W_v")])
    layer.load_state_dict({"in_proj_weight": stacked, "out_proj.weight": weights["W_o"]})
    hidden = None if mask is None else ~mask.repeat_interleave(heads, dim=0)
    return layer(x, context, context, attn_mask=hidden, average_attn_weights=False)


# %% wrong a_layer_whose_weights_get_no_gradient
# check: multi_head_attention-care
# says: no gradient flows from the output back to `W_q`
def multi_head_attention(x, context, weights, heads, mask=None):
    layer = nn.MultiheadAttention(x.shape[2], heads, bias=False, batch_first=True, dtype=x.dtype)
    stacked = torch.cat([weights[name] for name in ("W_q", "W_k", "W_v")])
    layer.load_state_dict({"in_proj_weight": stacked, "out_proj.weight": weights["W_o"]})
    hidden = None if mask is None else ~mask.repeat_interleave(heads, dim=0)
    layer.requires_grad_(False)
    output, shares = layer(x, context, context, attn_mask=hidden, average_attn_weights=False)
    return output.nan_to_num(), shares.nan_to_num()


# %% right head_by_head
def multi_head_attention(x, context, weights, heads, mask=None):
    d = x.shape[-1] // heads
    outputs, shares = [], []
    for m in range(heads):
        rows = slice(m * d, (m + 1) * d)
        parts = [F.linear(a, weights[n][rows]) for a, n in ((x, "W_q"), (context, "W_k"))]
        output, share = attention(*parts, F.linear(context, weights["W_v"][rows]), mask)
        outputs.append(output)
        shares.append(share)
    return F.linear(torch.cat(outputs, dim=2), weights["W_o"]), torch.stack(shares, dim=1)


# %% right by_torch
def multi_head_attention(x, context, weights, heads, mask=None):
    size = x.shape[2]
    stacked = torch.cat([weights["W_q"], weights["W_k"], weights["W_v"]])
    hidden = None if mask is None else ~mask.repeat_interleave(heads, dim=0)
    x, context = x.transpose(0, 1), context.transpose(0, 1)
    output, shares = F.multi_head_attention_forward(
        x, context, context, size, heads, stacked, None, None, None, False, 0.0,
        weights["W_o"], None, attn_mask=hidden, average_attn_weights=False,
    )  # fmt: skip
    return output.transpose(0, 1).nan_to_num(), shares.nan_to_num()


# %% vacuous zeros
def multi_head_attention(x, context, weights, heads, mask=None):
    return torch.zeros_like(x), torch.zeros(len(x), heads, x.shape[1], context.shape[1])


# %% vacuous unchanged
def multi_head_attention(x, context, weights, heads, mask=None):
    return x, torch.full((len(x), heads, x.shape[1], context.shape[1]), 1 / context.shape[1])
