"""Answers to `masked_softmax`: what students write, right and wrong."""

# %% wrong over_the_queries
# check: masked_softmax-values
# says: wrong axis
# -         return scores.softmax(dim=-1)
# +         return scores.softmax(dim=-2)

# %% wrong softmax_over_the_batch
# check: masked_softmax-values
# says: over the batch
# -         return scores.softmax(dim=-1)
# +         return scores.softmax(dim=0)

# %% wrong mask_after_softmax
# check: masked_softmax-values
# says: after the softmax
# -     return scores.masked_fill(~mask, low).softmax(dim=-1).masked_fill(~mask, 0.0)
# +     return scores.softmax(dim=-1).masked_fill(~mask, 0.0)

# %% wrong inverted_mask
# check: masked_softmax-values
# says: inverted
# -     return scores.masked_fill(~mask, low).softmax(dim=-1).masked_fill(~mask, 0.0)
# +     return scores.masked_fill(mask, low).softmax(dim=-1).masked_fill(mask, 0.0)

# %% wrong mask_ignored
# check: masked_softmax-values
# says: the mask is ignored
# -     return scores.masked_fill(~mask, low).softmax(dim=-1).masked_fill(~mask, 0.0)
# +     return scores.softmax(dim=-1)

# %% wrong scores_times_mask
# check: masked_softmax-values
# says: e to the 0 is 1
# -     return scores.masked_fill(~mask, low).softmax(dim=-1).masked_fill(~mask, 0.0)
# +     return (scores * mask).softmax(dim=-1)

# %% wrong minus_infinity
# check: masked_softmax-nothing_to_see
# says: nothing divided by nothing
# -     return scores.masked_fill(~mask, low).softmax(dim=-1).masked_fill(~mask, 0.0)
# +     return scores.masked_fill(~mask, -torch.inf).softmax(dim=-1)

# %% wrong everywhere_where_nowhere
# check: masked_softmax-nothing_to_see
# says: no position is allowed
# -     return scores.masked_fill(~mask, low).softmax(dim=-1).masked_fill(~mask, 0.0)
# +     return scores.masked_fill(~mask, low).softmax(dim=-1)

# %% wrong naive_exp
# check: masked_softmax-extremes
# says: subtract the largest score
# -     low = torch.finfo(scores.dtype).min
# -     return scores.masked_fill(~mask, low).softmax(dim=-1).masked_fill(~mask, 0.0)
# +     parts = scores.exp() * mask
# +     return parts / parts.sum(dim=-1, keepdim=True).clamp(min=1e-30)

# %% wrong changes_the_scores
# check: masked_softmax-extremes
# says: modified its argument
# -     return scores.masked_fill(~mask, low).softmax(dim=-1).masked_fill(~mask, 0.0)
# +     scores.masked_fill_(~mask, low)
# +     return scores.softmax(dim=-1).masked_fill(~mask, 0.0)

# %% wrong detached
# check: masked_softmax-values
# says: no gradient flows
# -         return scores.softmax(dim=-1)
# +         return scores.detach().softmax(dim=-1)
# -     return scores.masked_fill(~mask, low).softmax(dim=-1).masked_fill(~mask, 0.0)
# +     return scores.detach().masked_fill(~mask, low).softmax(dim=-1) * mask

# %% wrong fills_minus_100
# check: masked_softmax-values
# says: filled with too large a number
# -     low = torch.finfo(scores.dtype).min
# +     low = -100.0

# %% wrong fills_minus_ten_thousand
# check: masked_softmax-values
# says: does the masked score still count
# -     low = torch.finfo(scores.dtype).min
# +     low = -1e4

# %% wrong fills_minus_a_billion
# check: masked_softmax-extremes
# says: however large
# -     low = torch.finfo(scores.dtype).min
# +     low = -1e6

# %% wrong maximum_of_all_scores
# check: masked_softmax-values
# says: in a maximum
# -     low = torch.finfo(scores.dtype).min
# -     return scores.masked_fill(~mask, low).softmax(dim=-1).masked_fill(~mask, 0.0)
# +     parts = (scores - scores.amax(-1, keepdim=True)).exp() * mask
# +     total = parts.sum(-1, keepdim=True)
# +     return parts / torch.where(total > 0, total, torch.ones_like(total))

# %% wrong small_number_in_the_denominator
# check: masked_softmax-values
# says: does the masked score still count
# -     low = torch.finfo(scores.dtype).min
# -     return scores.masked_fill(~mask, low).softmax(dim=-1).masked_fill(~mask, 0.0)
# +     parts = (scores - scores.amax(-1, keepdim=True)).exp() * mask
# +     return parts / (parts.sum(-1, keepdim=True) + 1e-9)

# %% wrong softmax_then_divided_again
# check: masked_softmax-values
# says: a sum
# -     low = torch.finfo(scores.dtype).min
# -     return scores.masked_fill(~mask, low).softmax(dim=-1).masked_fill(~mask, 0.0)
# +     weights = scores.softmax(dim=-1) * mask
# +     return weights / weights.sum(-1, keepdim=True).clamp(min=1e-9)


# %% right by_hand
def masked_softmax(scores, mask=None):
    if mask is None:
        mask = torch.ones_like(scores, dtype=torch.bool)
    mask = mask.expand_as(scores)
    scores = torch.where(mask, scores, torch.full_like(scores, -torch.inf))
    top = scores.max(dim=-1, keepdim=True).values
    top = torch.where(top.isinf(), torch.zeros_like(top), top)
    parts = (scores - top).exp()
    total = parts.sum(dim=-1, keepdim=True)
    return parts / torch.where(total == 0, torch.ones_like(total), total)


# %% right nan_to_num
def masked_softmax(scores, mask=None):
    if mask is not None:
        scores = scores + torch.zeros(mask.shape, dtype=scores.dtype).masked_fill(
            ~mask, float("-inf")
        ).to(scores.device)
    return F.softmax(scores, dim=-1).nan_to_num(0.0)


# %% right zero_over_zero_replaced_behind_a_filled_mask
def masked_softmax(scores, mask=None):
    if mask is None:
        return scores.softmax(-1)
    low = scores.masked_fill(~mask, torch.finfo(scores.dtype).min)
    parts = (low - low.amax(-1, keepdim=True)).exp() * mask
    total = parts.sum(-1, keepdim=True)
    return torch.where(total == 0, torch.zeros_like(parts), parts / total)


# %% vacuous zeros
def masked_softmax(scores, mask=None):
    return torch.zeros_like(scores)


# %% vacuous uniform
def masked_softmax(scores, mask=None):
    return torch.full_like(scores, 1 / scores.shape[-1])
