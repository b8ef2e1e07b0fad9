"""Answers to `decoder_block`: what students write, right and wrong."""

# %% wrong mask_forgotten
# check: decoder_block-masks
# says: of the self-attention, is forgotten
# -     x = x + multi_head_attention(n, n, weights["self"], heads, mask)[0]
# +     x = x + multi_head_attention(n, n, weights["self"], heads)[0]

# %% wrong memory_mask_forgotten
# check: decoder_block-masks
# says: `memory_mask` is forgotten
# -     x = x + multi_head_attention(n, memory, weights["cross"], heads, memory_mask)[0]
# +     x = x + multi_head_attention(n, memory, weights["cross"], heads)[0]

# %% wrong no_masks
# check: decoder_block-masks
# says: all masks are forgotten
# -     x = x + multi_head_attention(n, n, weights["self"], heads, mask)[0]
# +     x = x + multi_head_attention(n, n, weights["self"], heads)[0]
# -     x = x + multi_head_attention(n, memory, weights["cross"], heads, memory_mask)[0]
# +     x = x + multi_head_attention(n, memory, weights["cross"], heads)[0]

# %% wrong same_weights_twice
# check: decoder_block-values
# says: expected by `cross`
# -     x = x + multi_head_attention(n, memory, weights["cross"], heads, memory_mask)[0]
# +     x = x + multi_head_attention(n, memory, weights["self"], heads, memory_mask)[0]

# %% wrong memory_normalized
# check: decoder_block-values
# says: the memory is normalized too
# -     x = x + multi_head_attention(n, memory, weights["cross"], heads, memory_mask)[0]
# +     seen = normalize(memory, weights["norm2"])
# +     x = x + multi_head_attention(n, seen, weights["cross"], heads, memory_mask)[0]

# %% wrong norm_last
# check: decoder_block-values
# says: the order of 2017
# -     n = normalize(x, weights["norm1"])
# -     x = x + multi_head_attention(n, n, weights["self"], heads, mask)[0]
# -     n = normalize(x, weights["norm2"])
# -     x = x + multi_head_attention(n, memory, weights["cross"], heads, memory_mask)[0]
# -     return x + feed_forward(normalize(x, weights["norm3"]), weights)
# +     look = multi_head_attention(x, x, weights["self"], heads, mask)[0]
# +     x = normalize(x + look, weights["norm1"])
# +     look = multi_head_attention(x, memory, weights["cross"], heads, memory_mask)[0]
# +     x = normalize(x + look, weights["norm2"])
# +     return normalize(x + feed_forward(x, weights), weights["norm3"])

# %% wrong never_looks_at_the_memory
# check: decoder_block-values
# says: the memory is never used
# -     n = normalize(x, weights["norm2"])
# -     x = x + multi_head_attention(n, memory, weights["cross"], heads, memory_mask)[0]

# %% wrong no_residual
# check: decoder_block-values
# says: residual connection 2 of the three is missing
# -     x = x + multi_head_attention(n, memory, weights["cross"], heads, memory_mask)[0]
# +     x = multi_head_attention(n, memory, weights["cross"], heads, memory_mask)[0]

# %% wrong asks_with_the_first_normalization
# check: decoder_block-values
# says: asks with norm1 of the first x
# -     n = normalize(x, weights["norm2"])

# %% wrong self_and_cross_swapped
# check: decoder_block-values
# says: x attends to itself by `cross`
# -     x = x + multi_head_attention(n, n, weights["self"], heads, mask)[0]
# +     x = x + multi_head_attention(n, n, weights["cross"], heads, mask)[0]

# %% wrong masks_only_together
# check: decoder_block-masks
# says: mask only
# -     n = normalize(x, weights["norm1"])
# +     if mask is None or memory_mask is None:
# +         mask = memory_mask = None
# +     n = normalize(x, weights["norm1"])

# %% wrong adds_in_place
# check: decoder_block-masks
# says: modified its argument
# -     x = x + multi_head_attention(n, n, weights["self"], heads, mask)[0]
# +     look = multi_head_attention(n, n, weights["self"], heads, mask)[0]
# +     x = x + look if look.requires_grad else x.add_(look)

# %% wrong cross_attention_detached
# check: decoder_block-masks
# says: no gradient flows back to W_q of 'cross'
# -     x = x + multi_head_attention(n, memory, weights["cross"], heads, memory_mask)[0]
# +     x = x + multi_head_attention(n, memory, weights["cross"], heads, memory_mask)[0].detach()


# %% right built_on_the_encoder_block
def decoder_block(x, memory, weights, heads, mask=None, memory_mask=None):
    def attend(asks, seen, name, where):
        return multi_head_attention(asks, seen, weights[name], heads, where)[0]

    gains = [weights[f"norm{k}"] for k in (1, 2, 3)]
    first = F.layer_norm(x, (x.shape[2],), *gains[0])
    y = x + attend(first, first, "self", mask)
    z = y + attend(normalize(y, gains[1]), memory, "cross", memory_mask)
    inner = torch.relu(normalize(z, gains[2]) @ weights["W1"].T + weights["b1"])
    return z + inner @ weights["W2"].T + weights["b2"]


# %% right one_place_at_a_time
def decoder_block(x, memory, weights, heads, mask=None, memory_mask=None):
    n = normalize(x, weights["norm1"])
    rows = []
    for t in range(x.shape[1]):
        here = slice(t, t + 1)
        row = x[:, here]
        where = None if mask is None else mask[:, here]
        row = row + multi_head_attention(n[:, here], n, weights["self"], heads, where)[0]
        where = None if memory_mask is None else memory_mask[:, here]
        asks = normalize(row, weights["norm2"])
        row = row + multi_head_attention(asks, memory, weights["cross"], heads, where)[0]
        rows.append(row + feed_forward(normalize(row, weights["norm3"]), weights))
    return torch.cat(rows, dim=1)


# %% vacuous unchanged
def decoder_block(x, memory, weights, heads, mask=None, memory_mask=None):
    return x


# %% vacuous zeros
def decoder_block(x, memory, weights, heads, mask=None, memory_mask=None):
    return torch.zeros_like(x)
