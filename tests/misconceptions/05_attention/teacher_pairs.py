"""Answers to `teacher_pairs`: what students write, right and wrong."""

# %% wrong not_moved
# check: teacher_pairs-shift
# says: not moved
# -     return torch.cat([start, targets[:, :-1]], dim=1), targets
# +     return targets, targets

# %% wrong moved_the_wrong_way
# check: teacher_pairs-shift
# says: moved the wrong way
# -     return torch.cat([start, targets[:, :-1]], dim=1), targets
# +     return torch.cat([targets[:, 1:], start], dim=1), targets

# %% wrong rolled
# check: teacher_pairs-shift
# says: START is 1
# -     return torch.cat([start, targets[:, :-1]], dim=1), targets
# +     return targets.roll(1, dims=1), targets

# %% wrong one_shorter
# check: teacher_pairs-shift
# says: START goes in front of the inputs
# -     return torch.cat([start, targets[:, :-1]], dim=1), targets
# +     return targets[:, :-1], targets[:, 1:]

# %% wrong one_longer
# check: teacher_pairs-shift
# says: inputs (3, 6)
# -     return torch.cat([start, targets[:, :-1]], dim=1), targets
# +     return torch.cat([start, targets], dim=1), targets

# %% wrong outputs_moved_too
# check: teacher_pairs-shift
# says: outputs stay
# -     return torch.cat([start, targets[:, :-1]], dim=1), targets
# +     inputs = torch.cat([start, targets[:, :-1]], dim=1)
# +     return inputs, inputs

# %% wrong floats
# check: teacher_pairs-shift
# says: expected torch.int64
# -     start = torch.full_like(targets[:, :1], START)
# -     return torch.cat([start, targets[:, :-1]], dim=1), targets
# +     inputs = torch.ones(targets.shape)
# +     inputs[:, 1:] = targets[:, :-1]
# +     return inputs, targets

# %% wrong changes_the_targets
# check: teacher_pairs-shift
# says: modified its argument
# -     return torch.cat([start, targets[:, :-1]], dim=1), targets
# +     outputs = targets.clone()
# +     targets[:, 1:] = outputs[:, :-1]
# +     targets[:, :1] = start
# +     return targets, outputs

# %% wrong swapped
# check: teacher_pairs-shift
# says: they are swapped
# -     return torch.cat([start, targets[:, :-1]], dim=1), targets
# +     return targets, torch.cat([start, targets[:, :-1]], dim=1)


# %% right pad
def teacher_pairs(targets):
    return F.pad(targets, (1, 0), value=START)[:, :-1], targets.clone()


# %% right roll_and_set
def teacher_pairs(targets):
    inputs = targets.roll(1, dims=1)
    inputs[:, 0] = 1
    return [inputs, targets]


# %% vacuous zeros
def teacher_pairs(targets):
    return torch.zeros_like(targets), torch.zeros_like(targets)


# %% vacuous nothing
def teacher_pairs(targets):
    return None
