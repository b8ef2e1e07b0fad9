"""Answers to `translator_logits`: what students write, right and wrong."""

# %% wrong looks_ahead
# check: translator_logits-values
# says: the decoder looks ahead
# -     past = attention_mask(inputs, causal=True)
# +     past = attention_mask(inputs, causal=False)

# %% wrong sources_without_positions
# check: translator_logits-values
# says: the sources have no positions
# -     x = add_positions(weights["source"][sources])
# +     x = weights["source"][sources]

# %% wrong inputs_without_positions
# check: translator_logits-values
# says: the inputs have no positions
# -     y = add_positions(weights["target"][inputs])
# +     y = weights["target"][inputs]

# %% wrong memory_not_normalized
# check: translator_logits-values
# says: norm_memory
# -     memory = normalize(memory, weights["norm_memory"])

# %% wrong output_not_normalized
# check: translator_logits-values
# says: norm_output
# -     return normalize(y, weights["norm_output"]) @ weights["head"].T
# +     return y @ weights["head"].T

# %% wrong tables_swapped
# check: translator_logits-values
# says: from the same layers of PyTorch
# -     y = add_positions(weights["target"][inputs])
# +     y = add_positions(weights["source"][inputs])

# %% wrong no_memory_mask
# check: translator_logits-padding
# says: five more columns of padding
# -     y = decoder_block(y, memory, weights["decoder"], heads, past, real)
# +     y = decoder_block(y, memory, weights["decoder"], heads, past)

# %% wrong encoder_without_mask
# check: translator_logits-padding
# says: five more columns of padding
# -     memory = encoder_block(x, weights["encoder"], heads, attention_mask(sources, causal=False))
# +     memory = encoder_block(x, weights["encoder"], heads)

# %% wrong causal_encoder
# check: translator_logits-values
# says: from the same layers of PyTorch
# -     memory = encoder_block(x, weights["encoder"], heads, attention_mask(sources, causal=False))
# +     memory = encoder_block(x, weights["encoder"], heads, attention_mask(sources, causal=True))

# %% wrong memory_detached
# check: translator_logits-padding
# says: no gradient flows back to 'source'
# -     memory = normalize(memory, weights["norm_memory"])
# +     memory = normalize(memory, weights["norm_memory"]).detach()


# %% right own_masks
def translator_logits(sources, inputs, weights, heads):
    n, s = sources.shape
    t = inputs.shape[1]
    real = sources.ne(0).unsqueeze(1)
    memory = encoder_block(
        add_positions(F.embedding(sources, weights["source"])),
        weights["encoder"], heads, real.expand(n, s, s),
    )  # fmt: skip
    memory = normalize(memory, weights["norm_memory"])
    past = torch.ones(n, t, t, dtype=torch.bool, device=inputs.device).tril()
    y = add_positions(F.embedding(inputs, weights["target"]))
    y = decoder_block(y, memory, weights["decoder"], heads, past, real.repeat(1, t, 1))
    return F.linear(normalize(y, weights["norm_output"]), weights["head"])


# %% right prefix_by_prefix
def translator_logits(sources, inputs, weights, heads):
    x = add_positions(weights["source"][sources])
    memory = encoder_block(x, weights["encoder"], heads, attention_mask(sources, False))
    memory = normalize(memory, weights["norm_memory"])
    rows = []
    for end in range(1, inputs.shape[1] + 1):
        y = add_positions(weights["target"][inputs[:, :end]])
        look = (sources > 0)[:, None].expand(-1, end, -1)
        own = attention_mask(inputs[:, :end], True)
        y = decoder_block(y, memory, weights["decoder"], heads, own, look)
        rows.append(normalize(y[:, -1], weights["norm_output"]) @ weights["head"].T)
    return torch.stack(rows, dim=1)


# %% vacuous zeros
def translator_logits(sources, inputs, weights, heads):
    return torch.zeros(*inputs.shape, len(weights["head"]))


# %% vacuous tables_alone
def translator_logits(sources, inputs, weights, heads):
    return weights["target"].detach()[inputs] @ weights["head"].detach().T + len(sources[0])
