"""Answers to `bits_by_position`: what students write, right and wrong."""

# %% wrong in_nats
# check: bits_by_position-values
# says: in nats
# -     return (nats * real).sum(dim=0) / real.sum(dim=0) / np.log(2)
# +     return (nats * real).sum(dim=0) / real.sum(dim=0)

# %% wrong padding_counts
# check: bits_by_position-values
# says: padding counts
# -     return (nats * real).sum(dim=0) / real.sum(dim=0) / np.log(2)
# +     return nats.mean(dim=0) / np.log(2)

# %% wrong divided_by_all_texts
# check: bits_by_position-values
# says: divided by all texts
# -     return (nats * real).sum(dim=0) / real.sum(dim=0) / np.log(2)
# +     return (nats * real).mean(dim=0) / np.log(2)

# %% wrong sum_over_the_texts
# check: bits_by_position-values
# says: a sum over the texts
# -     return (nats * real).sum(dim=0) / real.sum(dim=0) / np.log(2)
# +     return (nats * real).sum(dim=0) / np.log(2)

# %% wrong one_number
# check: bits_by_position-values
# says: one number for each position
# -     return (nats * real).sum(dim=0) / real.sum(dim=0) / np.log(2)
# +     return (nats * real).sum() / real.sum() / np.log(2)

# %% wrong mean_over_the_positions
# check: bits_by_position-values
# says: one number for each position
# -     return (nats * real).sum(dim=0) / real.sum(dim=0) / np.log(2)
# +     return (nats * real).sum(dim=1) / real.sum(dim=1) / np.log(2)

# %% wrong softmax_first
# check: bits_by_position-values
# says: a tiny probability becomes 0
# -     nats = F.cross_entropy(logits.transpose(1, 2), targets, reduction="none")
# +     nats = -logits.softmax(dim=2).gather(2, targets[:, :, None])[:, :, 0].float().log()

# %% wrong zero_where_nothing_is
# check: bits_by_position-values
# says: expected nan
# -     return (nats * real).sum(dim=0) / real.sum(dim=0) / np.log(2)
# +     return (nats * real).sum(dim=0) / real.sum(dim=0).clamp(min=1) / np.log(2)


# %% right position_by_position
def bits_by_position(logits, targets):
    columns = []
    for t in range(targets.shape[1]):
        here = targets[:, t] != 0
        log_p = logits[here, t].log_softmax(dim=-1)
        columns.append(-log_p[range(int(here.sum())), targets[here, t]].mean() / np.log(2))
    return torch.stack(columns)


# %% right mean_that_skips
def bits_by_position(logits, targets):
    log_p = logits.log_softmax(-1).gather(2, targets.unsqueeze(2)).squeeze(2)
    return (-log_p / torch.log(torch.tensor(2.0))).masked_fill(targets == 0, torch.nan).nanmean(0)


# %% vacuous uniform
def bits_by_position(logits, targets):
    return torch.full((targets.shape[1],), float(np.log2(logits.shape[2])))


# %% vacuous zeros
def bits_by_position(logits, targets):
    return torch.zeros(targets.shape[1])
