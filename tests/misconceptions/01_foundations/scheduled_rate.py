"""Answers to `scheduled_rate`: what students write, right and wrong."""

# %% wrong begins_at_zero
# check: scheduled_rate-warmup
# says: step 0 of 300
# says: the rate of step 0 is not 0
# -         return peak * (step + 1) / warmup
# +         return peak * step / warmup

# %% wrong warmup_and_cosine_at_once
# check: scheduled_rate-warmup
# says: step 1 of 300
# -         return peak * (step + 1) / warmup
# +         peak = peak * (step + 1) / warmup
# +     warmup = 0

# %% wrong no_warmup
# check: scheduled_rate-warmup
# says: the rate is 0.1, expected 0.00333333
# -     if step < warmup:
# -         return peak * (step + 1) / warmup
# +     step = max(step, warmup)

# %% wrong cosine_from_the_first_step
# check: scheduled_rate-cosine
# says: the cosine counts from step 0
# -     progress = (step - warmup) / (total - warmup)
# +     progress = step / total

# %% wrong cosine_after_all_steps
# check: scheduled_rate-cosine
# says: the rate of step
# -     progress = (step - warmup) / (total - warmup)
# +     progress = (step - warmup) / total

# %% wrong stays_at_the_peak
# check: scheduled_rate-cosine
# says: the rate stays at the peak
# -     return peak * (1 + np.cos(np.pi * progress)) / 2
# +     return peak

# %% wrong falls_along_a_line
# check: scheduled_rate-cosine
# says: along a line
# -     return peak * (1 + np.cos(np.pi * progress)) / 2
# +     return peak * (1 - progress)

# %% wrong a_quarter_of_a_cosine
# check: scheduled_rate-cosine
# says: a quarter of a cosine
# -     return peak * (1 + np.cos(np.pi * progress)) / 2
# +     return peak * np.cos(np.pi / 2 * progress)

# %% wrong a_whole_cosine
# check: scheduled_rate-cosine
# says: a whole cosine
# -     return peak * (1 + np.cos(np.pi * progress)) / 2
# +     return peak * (1 + np.cos(2 * np.pi * progress)) / 2

# %% wrong the_cosine_itself
# check: scheduled_rate-cosine
# says: which becomes negative
# -     return peak * (1 + np.cos(np.pi * progress)) / 2
# +     return peak * np.cos(np.pi * progress)

# %% wrong degrees
# check: scheduled_rate-cosine
# says: the rate of step
# -     return peak * (1 + np.cos(np.pi * progress)) / 2
# +     return peak * (1 + np.cos(180 * progress)) / 2

# %% wrong a_warmup_is_needed
# check: scheduled_rate-cosine
# says: the rate of step
# -     progress = (step - warmup) / (total - warmup)
# +     warmup = warmup or 1
# +     progress = (step - warmup) / (total - warmup)

# %% wrong an_array
# check: scheduled_rate-warmup
# says: returned a ndarray, expected a float
# -         return peak * (step + 1) / warmup
# +         return np.array([peak * (step + 1) / warmup])


# %% right in_one_list
def scheduled_rate(step, total, peak, warmup):
    import math

    rising = [peak * s / warmup for s in range(1, warmup + 1)]
    rest = total - warmup
    falling = [peak * 0.5 * (1.0 + math.cos(math.pi * s / rest)) for s in range(rest)]
    return (rising + falling)[step]


# %% right by_a_squared_cosine
def scheduled_rate(step, total, peak, warmup):
    angle = np.pi / 2 * max(step - warmup, 0) / (total - warmup)
    return (
        float(min((step + 1) / warmup, 1.0) * peak * np.cos(angle) ** 2)
        if warmup
        else float(peak * np.cos(angle) ** 2)
    )


# %% right in_pytorch
def scheduled_rate(step, total, peak, warmup):
    if step < warmup:
        return peak / warmup * (step + 1)
    parameter = torch.zeros(1, requires_grad=True)
    optimizer = torch.optim.SGD([parameter], lr=peak)
    schedule = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, T_max=total - warmup)
    for _ in range(step - warmup):
        optimizer.step()
        schedule.step()
    return optimizer.param_groups[0]["lr"]


# %% vacuous zero
def scheduled_rate(step, total, peak, warmup):
    return 0.0


# %% vacuous the_peak_itself
def scheduled_rate(step, total, peak, warmup):
    return 2 * peak
