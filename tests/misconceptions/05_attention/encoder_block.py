"""Answers to `encoder_block`: what students write, right and wrong."""

# %% wrong no_residual
# check: encoder_block-values
# says: no residual connections
# -     x = x + multi_head_attention(n, n, weights["self"], heads, mask)[0]
# -     return x + feed_forward(normalize(x, weights["norm2"]), weights)
# +     x = multi_head_attention(n, n, weights["self"], heads, mask)[0]
# +     return feed_forward(normalize(x, weights["norm2"]), weights)

# %% wrong no_first_residual
# check: encoder_block-values
# says: the first residual connection
# -     x = x + multi_head_attention(n, n, weights["self"], heads, mask)[0]
# +     x = multi_head_attention(n, n, weights["self"], heads, mask)[0]

# %% wrong no_second_residual
# check: encoder_block-values
# says: the second residual connection
# -     return x + feed_forward(normalize(x, weights["norm2"]), weights)
# +     return feed_forward(normalize(x, weights["norm2"]), weights)

# %% wrong norm_last
# check: encoder_block-values
# says: the order of 2017
# -     n = normalize(x, weights["norm1"])
# -     x = x + multi_head_attention(n, n, weights["self"], heads, mask)[0]
# -     return x + feed_forward(normalize(x, weights["norm2"]), weights)
# +     x = x + multi_head_attention(x, x, weights["self"], heads, mask)[0]
# +     x = normalize(x, weights["norm1"])
# +     return normalize(x + feed_forward(x, weights), weights["norm2"])

# %% wrong mask_forgotten
# check: encoder_block-mask
# says: the mask is forgotten
# -     x = x + multi_head_attention(n, n, weights["self"], heads, mask)[0]
# +     x = x + multi_head_attention(n, n, weights["self"], heads)[0]

# %% wrong only_queries_normalized
# check: encoder_block-values
# says: keys and values are not normalized
# -     x = x + multi_head_attention(n, n, weights["self"], heads, mask)[0]
# +     x = x + multi_head_attention(n, x, weights["self"], heads, mask)[0]

# %% wrong one_norm_for_both
# check: encoder_block-values
# says: norm1 is used twice
# -     return x + feed_forward(normalize(x, weights["norm2"]), weights)
# +     return x + feed_forward(normalize(x, weights["norm1"]), weights)

# %% wrong adds_the_normalized
# check: encoder_block-values
# says: is added to norm1(x), expected to x
# -     x = x + multi_head_attention(n, n, weights["self"], heads, mask)[0]
# +     x = n + multi_head_attention(n, n, weights["self"], heads, mask)[0]

# %% wrong second_part_added_to_the_normalized
# check: encoder_block-values
# says: is added to norm2(x), expected to x
# -     return x + feed_forward(normalize(x, weights["norm2"]), weights)
# +     n = normalize(x, weights["norm2"])
# +     return n + feed_forward(n, weights)

# %% wrong adds_in_place
# check: encoder_block-mask
# says: modified its argument
# -     x = x + multi_head_attention(n, n, weights["self"], heads, mask)[0]
# -     return x + feed_forward(normalize(x, weights["norm2"]), weights)
# +     look = multi_head_attention(n, n, weights["self"], heads, mask)[0]
# +     x = x + look if x.requires_grad or look.requires_grad else x.add_(look)
# +     return x + feed_forward(normalize(x, weights["norm2"]), weights)

# %% wrong attention_detached
# check: encoder_block-mask
# says: no gradient flows
# -     x = x + multi_head_attention(n, n, weights["self"], heads, mask)[0]
# +     x = x + multi_head_attention(n, n, weights["self"], heads, mask)[0].detach()


# %% right written_out
def encoder_block(x, weights, heads, mask=None):
    def norm(a, name):
        gain, shift = weights[name]
        mean, variance = a.mean(-1, keepdim=True), a.var(-1, keepdim=True, unbiased=False)
        return gain * (a - mean) / (variance + 1e-5).sqrt() + shift

    a = norm(x, "norm1")
    middle, _ = multi_head_attention(a, a, weights["self"], heads, mask)
    y = middle + x
    inner = (norm(y, "norm2") @ weights["W1"].T + weights["b1"]).clamp(min=0)
    return y + inner @ weights["W2"].T + weights["b2"]


# %% right by_torch
def encoder_block(x, weights, heads, mask=None):
    size, hidden = weights["W2"].shape
    layer = nn.TransformerEncoderLayer(size, heads, hidden, 0.0, batch_first=True, norm_first=True)
    own, zeros = weights["self"], torch.zeros(3 * size)
    state = {
        "self_attn.in_proj_weight": torch.cat([own["W_q"], own["W_k"], own["W_v"]]),
        "self_attn.in_proj_bias": zeros,
        "self_attn.out_proj.weight": own["W_o"],
        "self_attn.out_proj.bias": zeros[:size],
        **{f"linear{k}.weight": weights[f"W{k}"] for k in (1, 2)},
        **{f"linear{k}.bias": weights[f"b{k}"] for k in (1, 2)},
        **{f"norm{k}.weight": weights[f"norm{k}"][0] for k in (1, 2)},
        **{f"norm{k}.bias": weights[f"norm{k}"][1] for k in (1, 2)},
    }
    where = None if mask is None else ~mask.repeat_interleave(heads, dim=0)
    return torch.func.functional_call(layer, state, (x, where))


# %% vacuous unchanged
def encoder_block(x, weights, heads, mask=None):
    return x


# %% vacuous zeros
def encoder_block(x, weights, heads, mask=None):
    return torch.zeros_like(x)
