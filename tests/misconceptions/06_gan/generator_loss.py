"""Answers to `generator_loss`: what students write, right and wrong."""

# %% wrong saturating
# check: generator_loss-values
# says: saturating
# -     return F.softplus(-fake_logits).mean()
# +     return -F.softplus(fake_logits).mean()

# %% wrong labels_swapped
# check: generator_loss-values
# says: labels swapped
# -     return F.softplus(-fake_logits).mean()
# +     return F.softplus(fake_logits).mean()

# %% wrong sigmoid_twice
# check: generator_loss-values
# says: sigmoid twice
# -     return F.softplus(-fake_logits).mean()
# +     return F.softplus(-fake_logits.sigmoid()).mean()

# %% wrong sum_for_mean
# check: generator_loss-values
# says: sum for mean
# -     return F.softplus(-fake_logits).mean()
# +     return F.softplus(-fake_logits).sum()

# %% wrong sign
# check: generator_loss-values
# says: it is minus the logarithm
# -     return F.softplus(-fake_logits).mean()
# +     return F.logsigmoid(fake_logits).mean()

# %% wrong wasserstein
# check: generator_loss-values
# says: the loss of a Wasserstein GAN
# -     return F.softplus(-fake_logits).mean()
# +     return -fake_logits.mean()

# %% wrong cuts_the_gradient
# check: generator_loss-values
# says: no gradient flows
# -     return F.softplus(-fake_logits).mean()
# +     return F.softplus(-fake_logits.detach()).mean()

# %% wrong log_of_a_probability
# check: generator_loss-large_logits
# says: does it form a probability
# -     return F.softplus(-fake_logits).mean()
# +     return -fake_logits.sigmoid().log().mean()

# %% wrong clamped_probability
# check: generator_loss-large_logits
# says: is a probability clamped
# -     return F.softplus(-fake_logits).mean()
# +     return -fake_logits.sigmoid().clamp(min=1e-7).log().mean()


# %% wrong soft_margin_loss
# check: generator_loss-large_logits
# says: a power of e, which is infinite
# -     return F.softplus(-fake_logits).mean()
# +     return F.soft_margin_loss(fake_logits, torch.ones_like(fake_logits))


# %% wrong targets_of_another_shape
# check: generator_loss-values
# says: Target size
# raises: ValueError
def generator_loss(fake_logits):
    return F.binary_cross_entropy_with_logits(fake_logits, torch.ones(len(fake_logits)))


# %% right with_logits
def generator_loss(fake_logits):
    return F.binary_cross_entropy_with_logits(fake_logits, torch.ones_like(fake_logits))


# %% right log_sigmoid
def generator_loss(fake_logits):
    return -torch.mean(F.logsigmoid(fake_logits))


# %% vacuous ln_two
def generator_loss(fake_logits):
    return torch.tensor(2.0, requires_grad=True).log()


# %% vacuous zero
def generator_loss(fake_logits):
    return 0 * fake_logits.sum()
