"""Answers to `discriminator_loss`: what students write, right and wrong."""

# %% wrong labels_swapped
# check: discriminator_loss-values
# says: labels swapped
# -     return F.softplus(-real_logits).mean() + F.softplus(fake_logits).mean()
# +     return F.softplus(real_logits).mean() + F.softplus(-fake_logits).mean()


# %% wrong sigmoid_twice
# check: discriminator_loss-values
# says: sigmoid twice
def discriminator_loss(real_logits, fake_logits):
    real, fake = torch.sigmoid(real_logits), torch.sigmoid(fake_logits)
    bce = F.binary_cross_entropy_with_logits
    return bce(real, torch.ones_like(real)) + bce(fake, torch.zeros_like(fake))


# %% wrong everything_real
# check: discriminator_loss-values
# says: that is what the generator wants
# -     return F.softplus(-real_logits).mean() + F.softplus(fake_logits).mean()
# +     return F.softplus(-real_logits).mean() + F.softplus(-fake_logits).mean()

# %% wrong sum_for_mean
# check: discriminator_loss-values
# says: sum for mean
# -     return F.softplus(-real_logits).mean() + F.softplus(fake_logits).mean()
# +     return F.softplus(-real_logits).sum() + F.softplus(fake_logits).sum()

# %% wrong half
# check: discriminator_loss-values
# says: not averaged
# -     return F.softplus(-real_logits).mean() + F.softplus(fake_logits).mean()
# +     return (F.softplus(-real_logits).mean() + F.softplus(fake_logits).mean()) / 2

# %% wrong maximizes
# check: discriminator_loss-values
# says: a loss is minimized
# -     return F.softplus(-real_logits).mean() + F.softplus(fake_logits).mean()
# +     return F.logsigmoid(real_logits).mean() + F.logsigmoid(-fake_logits).mean()

# %% wrong returns_a_float
# check: discriminator_loss-values
# says: expected a tensor
# -     return F.softplus(-real_logits).mean() + F.softplus(fake_logits).mean()
# +     return (F.softplus(-real_logits).mean() + F.softplus(fake_logits).mean()).item()

# %% wrong cuts_the_gradient
# check: discriminator_loss-values
# says: no gradient flows
# -     return F.softplus(-real_logits).mean() + F.softplus(fake_logits).mean()
# +     return (F.softplus(-real_logits).mean() + F.softplus(fake_logits).mean()).detach()


# %% wrong log_of_a_probability
# check: discriminator_loss-large_logits
# says: is a probability formed first?
def discriminator_loss(real_logits, fake_logits):
    real, fake = real_logits.sigmoid(), fake_logits.sigmoid()
    return -(real.log().mean() + (1 - fake).log().mean())


# %% wrong clamped_probability
# check: discriminator_loss-large_logits
# says: is a probability clamped
def discriminator_loss(real_logits, fake_logits):
    real, fake = real_logits.sigmoid(), fake_logits.sigmoid()
    return F.binary_cross_entropy(real, torch.ones_like(real)) + F.binary_cross_entropy(
        fake, torch.zeros_like(fake)
    )


# %% wrong a_little_added
# check: discriminator_loss-large_logits
# says: is a probability clamped
def discriminator_loss(real_logits, fake_logits):
    real, fake = real_logits.sigmoid(), fake_logits.sigmoid()
    return -((real + 1e-8).log().mean() + (1 - fake + 1e-8).log().mean())


# %% wrong detaches_the_fakes
# check: discriminator_loss-values
# says: to the fakes' logits
# -     return F.softplus(-real_logits).mean() + F.softplus(fake_logits).mean()
# +     return F.softplus(-real_logits).mean() + F.softplus(fake_logits.detach()).mean()

# %% wrong detaches_the_real_samples
# check: discriminator_loss-values
# says: to the real logits
# -     return F.softplus(-real_logits).mean() + F.softplus(fake_logits).mean()
# +     return F.softplus(-real_logits.detach()).mean() + F.softplus(fake_logits).mean()

# %% wrong real_samples_missing
# check: discriminator_loss-values
# says: the real samples are missing
# -     return F.softplus(-real_logits).mean() + F.softplus(fake_logits).mean()
# +     return F.softplus(fake_logits).mean()


# %% wrong targets_of_another_shape
# check: discriminator_loss-values
# says: Target size
# raises: ValueError
def discriminator_loss(real_logits, fake_logits):
    bce = F.binary_cross_entropy_with_logits
    return bce(real_logits, torch.ones(len(real_logits))) + bce(
        fake_logits, torch.zeros(len(fake_logits))
    )


# %% wrong softplus_by_hand
# check: discriminator_loss-large_logits
# says: is e^100 formed?
def discriminator_loss(real_logits, fake_logits):
    return ((-real_logits).exp() + 1).log().mean() + (fake_logits.exp() + 1).log().mean()


# %% right with_logits
def discriminator_loss(real_logits, fake_logits):
    bce = nn.BCEWithLogitsLoss()
    return bce(real_logits, torch.ones_like(real_logits)) + bce(
        fake_logits, torch.zeros_like(fake_logits)
    )


# %% right logaddexp
def discriminator_loss(real_logits, fake_logits):
    zero = real_logits.new_zeros(())
    real = torch.logaddexp(zero, -real_logits)
    fake = torch.logaddexp(zero, fake_logits)
    return real.sum() / real.numel() + fake.sum() / fake.numel()


# %% vacuous ln_four
def discriminator_loss(real_logits, fake_logits):
    return torch.tensor(4.0, requires_grad=True).log()


# %% vacuous zero
def discriminator_loss(real_logits, fake_logits):
    return 0 * real_logits.sum()
