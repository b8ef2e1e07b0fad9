"""Answers to `distillation_loss`: what students write, right and wrong."""

# %% wrong no_square
# check: distillation_loss-values
# says: the factor temperature² is missing
# -     return temperature**2 * divergence.mean()
# +     return divergence.mean()

# %% wrong swapped
# check: distillation_loss-values
# says: swapped
# -     divergence = (log_p.exp() * (log_p - log_q)).sum(dim=1)
# +     divergence = (log_q.exp() * (log_q - log_p)).sum(dim=1)

# %% wrong softmax_twice
# check: distillation_loss-values
# says: a softmax is applied twice
# -     log_q = (student_logits / temperature).log_softmax(dim=1)
# -     log_p = (teacher_logits / temperature).log_softmax(dim=1)
# +     log_q = (student_logits / temperature).softmax(dim=1).log_softmax(dim=1)
# +     log_p = (teacher_logits / temperature).softmax(dim=1).log_softmax(dim=1)


# %% wrong kl_div_as_it_comes
# check: distillation_loss-values
# says: temperature² is missing, and the mean goes over the classes too
def distillation_loss(student_logits, teacher_logits, temperature):
    log_q = F.log_softmax(student_logits / temperature, dim=1)
    return F.kl_div(log_q, F.softmax(teacher_logits / temperature, dim=1), reduction="mean")


# %% wrong temperature_once
# check: distillation_loss-values
# says: expected its square
# -     return temperature**2 * divergence.mean()
# +     return temperature * divergence.mean()

# %% wrong divided_by_the_square
# check: distillation_loss-values
# says: divided by temperature²
# -     return temperature**2 * divergence.mean()
# +     return divergence.mean() / temperature**2

# %% wrong mean_over_classes
# check: distillation_loss-values
# says: the mean goes over the classes too
# -     divergence = (log_p.exp() * (log_p - log_q)).sum(dim=1)
# +     divergence = log_p.exp() * (log_p - log_q)

# %% wrong sum_over_the_batch
# check: distillation_loss-values
# says: sum over the batch
# -     return temperature**2 * divergence.mean()
# +     return temperature**2 * divergence.sum()

# %% wrong cross_entropy
# check: distillation_loss-values
# says: this is the cross-entropy
# -     divergence = (log_p.exp() * (log_p - log_q)).sum(dim=1)
# +     divergence = -(log_p.exp() * log_q).sum(dim=1)

# %% wrong teacher_not_softened
# check: distillation_loss-values
# says: the teacher is not softened
# -     log_p = (teacher_logits / temperature).log_softmax(dim=1)
# +     log_p = teacher_logits.log_softmax(dim=1)

# %% wrong student_not_softened
# check: distillation_loss-values
# says: the student is not softened
# -     log_q = (student_logits / temperature).log_softmax(dim=1)
# +     log_q = student_logits.log_softmax(dim=1)

# %% wrong multiplies
# check: distillation_loss-values
# says: multiplied by the temperature
# -     log_q = (student_logits / temperature).log_softmax(dim=1)
# -     log_p = (teacher_logits / temperature).log_softmax(dim=1)
# +     log_q = (student_logits * temperature).log_softmax(dim=1)
# +     log_p = (teacher_logits * temperature).log_softmax(dim=1)

# %% wrong logarithm_of_softmax
# check: distillation_loss-extremes
# says: never the logarithm of a softmax
# -     log_q = (student_logits / temperature).log_softmax(dim=1)
# +     log_q = (student_logits / temperature).softmax(dim=1).log()

# %% wrong over_the_batch_axis
# check: distillation_loss-extremes
# says: a student that agrees
# -     log_q = (student_logits / temperature).log_softmax(dim=1)
# -     log_p = (teacher_logits / temperature).log_softmax(dim=1)
# +     log_q = (student_logits / temperature).log_softmax(dim=0)
# +     log_p = (teacher_logits / temperature).log_softmax(dim=0)


# %% right kl_div
def distillation_loss(student_logits, teacher_logits, temperature):
    log_q = F.log_softmax(student_logits / temperature, dim=1)
    p = F.softmax(teacher_logits / temperature, dim=1)
    return F.kl_div(log_q, p, reduction="batchmean") * temperature * temperature


# %% right difference_of_cross_entropies
def distillation_loss(student_logits, teacher_logits, temperature):
    p = (teacher_logits / temperature).softmax(dim=-1)
    cross, own = (F.cross_entropy(z / temperature, p) for z in (student_logits, teacher_logits))
    return (cross - own) * temperature**2


# %% vacuous zero
def distillation_loss(student_logits, teacher_logits, temperature):
    return torch.tensor(0.0)


# %% vacuous squared_distance
def distillation_loss(student_logits, teacher_logits, temperature):
    return F.mse_loss(student_logits, teacher_logits)
