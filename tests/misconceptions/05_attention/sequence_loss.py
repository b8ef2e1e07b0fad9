"""Answers to `sequence_loss`: what students write, right and wrong."""

# %% wrong padding_counts
# check: sequence_loss-padding
# says: padding counts
# -     return F.cross_entropy(logits.flatten(0, 1), targets.flatten(), ignore_index=0)
# +     return F.cross_entropy(logits.flatten(0, 1), targets.flatten())

# %% wrong divided_by_all_places
# check: sequence_loss-padding
# says: divided by all 15 positions
# -     return F.cross_entropy(logits.flatten(0, 1), targets.flatten(), ignore_index=0)
# +     each = F.cross_entropy(logits.transpose(1, 2), targets, reduction="none")
# +     return (each * (targets > 0)).mean()

# %% wrong mean_of_means
# check: sequence_loss-padding
# says: mean of the rows' means
# -     return F.cross_entropy(logits.flatten(0, 1), targets.flatten(), ignore_index=0)
# +     rows = [F.cross_entropy(z, t, ignore_index=0) for z, t in zip(logits, targets)]
# +     return torch.stack(rows).mean()

# %% wrong sum
# check: sequence_loss-padding
# says: this is the sum
# -     return F.cross_entropy(logits.flatten(0, 1), targets.flatten(), ignore_index=0)
# +     return F.cross_entropy(
# +         logits.flatten(0, 1), targets.flatten(), ignore_index=0, reduction="sum"
# +     )

# %% wrong one_for_each_place
# check: sequence_loss-padding
# says: expected one number
# -     return F.cross_entropy(logits.flatten(0, 1), targets.flatten(), ignore_index=0)
# +     return F.cross_entropy(logits.transpose(1, 2), targets, ignore_index=0, reduction="none")

# %% wrong probabilities
# check: sequence_loss-padding
# says: does cross-entropy get logits
# -     return F.cross_entropy(logits.flatten(0, 1), targets.flatten(), ignore_index=0)
# +     shares = logits.softmax(dim=2)
# +     return F.cross_entropy(shares.flatten(0, 1), targets.flatten(), ignore_index=0)

# %% wrong softmax_over_time
# check: sequence_loss-padding
# says: classes on axis 1
# -     return F.cross_entropy(logits.flatten(0, 1), targets.flatten(), ignore_index=0)
# +     chosen = logits.log_softmax(dim=1).gather(2, targets[:, :, None])[:, :, 0]
# +     return -chosen[targets > 0].mean()

# %% wrong logarithm_of_a_softmax
# check: sequence_loss-extremes
# says: not the logarithm of a softmax
# -     return F.cross_entropy(logits.flatten(0, 1), targets.flatten(), ignore_index=0)
# +     chosen = logits.softmax(dim=2).log().gather(2, targets[:, :, None])[:, :, 0]
# +     return -chosen[targets > 0].mean()

# %% wrong rest_of_the_batch_decides
# check: sequence_loss-extremes
# says: change the loss
# -     return F.cross_entropy(logits.flatten(0, 1), targets.flatten(), ignore_index=0)
# +     loss = F.cross_entropy(logits.flatten(0, 1), targets.flatten(), ignore_index=0)
# +     return loss + 1e-6 * logits.square().mean()

# %% wrong detached
# check: sequence_loss-padding
# says: no gradient flows
# -     return F.cross_entropy(logits.flatten(0, 1), targets.flatten(), ignore_index=0)
# +     logits = logits.detach()
# +     return F.cross_entropy(logits.flatten(0, 1), targets.flatten(), ignore_index=0)


# %% right selected
def sequence_loss(logits, targets):
    real = targets != 0
    return nn.CrossEntropyLoss()(logits[real], targets[real])


# %% right weighted
def sequence_loss(logits, targets):
    weights = (targets > 0).to(logits.dtype)
    chosen = logits.gather(2, targets.unsqueeze(2)).squeeze(2)
    each = logits.logsumexp(dim=2) - chosen
    return (each * weights).sum() / weights.sum()


# %% vacuous zero
def sequence_loss(logits, targets):
    return logits.sum() * 0


# %% vacuous as_if_all_alike
def sequence_loss(logits, targets):
    return torch.tensor(float(np.log(logits.shape[2])))
