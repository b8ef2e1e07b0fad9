"""Answers to `attention_mask`: what students write, right and wrong."""

# %% wrong strict
# check: attention_mask-values
# says: the diagonal is masked
# -         mask = mask & torch.ones(count, count, dtype=torch.bool, device=ids.device).tril()
# +         mask = mask & torch.ones(count, count, dtype=torch.bool).tril(-1)

# %% wrong shifted_by_one
# check: attention_mask-values
# says: shifted by one
# -         mask = mask & torch.ones(count, count, dtype=torch.bool, device=ids.device).tril()
# +         mask = mask & torch.ones(count, count, dtype=torch.bool).tril(1)

# %% wrong upside_down
# check: attention_mask-values
# says: upside down
# -         mask = mask & torch.ones(count, count, dtype=torch.bool, device=ids.device).tril()
# +         mask = mask & torch.ones(count, count, dtype=torch.bool).triu()

# %% wrong inverted
# check: attention_mask-values
# says: inverted
# -     return mask
# +     return ~mask

# %% wrong padding_hides_rows
# check: attention_mask-values
# says: the rows of padding are False
# -     mask = (ids > 0)[:, None].expand(-1, count, -1)
# +     mask = (ids > 0)[:, :, None].expand(-1, -1, count)

# %% wrong rows_and_columns
# check: attention_mask-values
# says: hide the columns only
# -     mask = (ids > 0)[:, None].expand(-1, count, -1)
# +     mask = (ids > 0)[:, None] & (ids > 0)[:, :, None]

# %% wrong padding_seen
# check: attention_mask-values
# says: padding may be attended to
# -     mask = (ids > 0)[:, None].expand(-1, count, -1)
# +     mask = torch.ones(len(ids), count, count, dtype=torch.bool)

# %% wrong always_causal
# check: attention_mask-values
# says: `causal` is ignored
# -     if causal:
# +     if True:

# %% wrong never_causal
# check: attention_mask-past_and_future
# says: the past must not know the future
# -     if causal:
# +     if False:

# %% wrong one_row_for_all
# check: attention_mask-values
# says: expected (3, 5, 5)
# -     mask = (ids > 0)[:, None].expand(-1, count, -1)
# -     if causal:
# -         mask = mask & torch.ones(count, count, dtype=torch.bool, device=ids.device).tril()
# +     mask = (ids > 0)[:, None]

# %% wrong every_place_forgets_itself
# check: attention_mask-past_and_future
# says: does not reach itself
# -     return mask
# +     alone = mask.sum(dim=2, keepdim=True) == 1
# +     return mask & (alone | ~torch.eye(count, dtype=torch.bool))


# %% wrong first_place_sees_nothing
# check: attention_mask-past_and_future
# says: some position may attend to nothing
# -     return mask
# +     return mask & (torch.ones(count, count).tril(-1) > 0) if causal else mask


# %% right by_comparison
def attention_mask(ids, causal):
    places = torch.arange(ids.shape[1], device=ids.device)
    order = places[None, :] <= places[:, None]
    return (ids != 0).unsqueeze(1) & (order if causal else torch.ones_like(order))


# %% right loops
def attention_mask(ids, causal):
    rows = [
        [[bool(n) and (j <= i or not causal) for j, n in enumerate(text)] for i in range(len(text))]
        for text in ids.tolist()
    ]
    return torch.tensor(rows)


# %% vacuous everything
def attention_mask(ids, causal):
    return torch.ones(len(ids), ids.shape[1], ids.shape[1], dtype=torch.bool)


# %% vacuous nothing
def attention_mask(ids, causal):
    return torch.zeros(len(ids), ids.shape[1], ids.shape[1], dtype=torch.bool)
