"""Answers to `writer_logits`: what students write, right and wrong."""

# %% wrong looks_ahead
# check: writer_logits-values
# says: looks ahead
# -     mask = attention_mask(ids, causal=True)
# +     mask = attention_mask(ids, causal=False)

# %% wrong mask_not_handed_on
# check: writer_logits-values
# says: looks ahead
# -         x = encoder_block(x, block, heads, mask)
# +         x = encoder_block(x, block, heads)

# %% wrong no_positions
# check: writer_logits-values
# says: positions are missing
# -     x = add_positions(weights["table"][ids])
# +     x = weights["table"][ids]

# %% wrong one_block
# check: writer_logits-values
# says: only the first block is used
# -     for block in weights["blocks"]:
# +     for block in weights["blocks"][:1]:

# %% wrong no_last_normalization
# check: writer_logits-values
# says: the last normalization is missing
# -     return normalize(x, weights["norm"]) @ weights["head"].T
# +     return x @ weights["head"].T

# %% wrong probabilities
# check: writer_logits-values
# says: expected logits
# -     return normalize(x, weights["norm"]) @ weights["head"].T
# +     return (normalize(x, weights["norm"]) @ weights["head"].T).softmax(dim=-1)

# %% wrong table_for_head
# check: writer_logits-values
# says: from the same layers of PyTorch
# -     return normalize(x, weights["norm"]) @ weights["head"].T
# +     return normalize(x, weights["norm"]) @ weights["table"].T

# %% wrong last_place_only
# check: writer_logits-values
# says: expected (3, 6, 9)
# -     return normalize(x, weights["norm"]) @ weights["head"].T
# +     return normalize(x[:, -1], weights["norm"]) @ weights["head"].T

# %% wrong padding_seen
# check: writer_logits-values
# says: padding is attended to
# -     mask = attention_mask(ids, causal=True)
# +     mask = attention_mask(torch.ones_like(ids), causal=True)

# %% wrong table_detached
# check: writer_logits-values
# says: no gradient flows back to the table
# -     x = add_positions(weights["table"][ids])
# +     x = add_positions(weights["table"].detach()[ids])

# %% wrong works_once
# check: writer_logits-values
# says: writer_logits
# -     return normalize(x, weights["norm"]) @ weights["head"].T
# +     logits = normalize(x, weights["norm"]) @ weights["head"].T
# +     writer_logits.kept = getattr(writer_logits, "kept", logits)
# +     return writer_logits.kept


# %% right prefix_by_prefix
def writer_logits(ids, weights, heads):
    rows = []
    for end in range(1, ids.shape[1] + 1):
        x = add_positions(F.embedding(ids[:, :end], weights["table"]))
        for block in weights["blocks"]:
            x = encoder_block(x, block, heads, attention_mask(ids[:, :end], True))
        rows.append(F.linear(normalize(x[:, -1], weights["norm"]), weights["head"]))
    return torch.stack(rows, dim=1)


# %% right own_mask
def writer_logits(ids, weights, heads):
    count = ids.shape[1]
    past = torch.ones(len(ids), count, count, dtype=torch.bool, device=ids.device).tril()
    x = add_positions(weights["table"].index_select(0, ids.flatten()).view(*ids.shape, -1))
    for k in range(len(weights["blocks"])):
        x = encoder_block(x, weights["blocks"][k], heads, past & (ids > 0).unsqueeze(1))
    gain, shift = weights["norm"]
    x = F.layer_norm(x, gain.shape, gain, shift)
    return torch.einsum("ntd,vd->ntv", x, weights["head"])


# %% vacuous zeros
def writer_logits(ids, weights, heads):
    return torch.zeros(*ids.shape, len(weights["head"]))


# %% vacuous table_and_head_alone
def writer_logits(ids, weights, heads):
    return weights["table"][ids] @ weights["head"].T
