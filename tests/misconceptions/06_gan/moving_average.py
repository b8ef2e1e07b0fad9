"""Answers to `moving_average`: what students write, right and wrong."""


# %% wrong buffers_copied
# check: moving_average-values
# says: average the buffers of batch normalization too
def moving_average(slow, fast, share):
    return {
        name: fast[name] if "running" in name or "num" in name else value.lerp(fast[name], share)
        for name, value in slow.items()
    }


# %% wrong buffers_left
# check: moving_average-values
# says: it has to follow
def moving_average(slow, fast, share):
    result = dict(slow)
    for name, value in slow.items():
        if "weight" in name or "bias" in name:
            result[name] = value.lerp(fast[name], share)
    return result


# %% wrong share_of_slow
# check: moving_average-values
# says: share is the share of fast
# -         name: value + share * (fast[name] - value) if value.is_floating_point() else fast[name]
# +         name: fast[name] + share * (value - fast[name]) if value.is_floating_point() else fast[name]

# %% wrong integers_averaged
# check: moving_average-values
# says: expected torch.int64
# -         name: value + share * (fast[name] - value) if value.is_floating_point() else fast[name]
# +         name: value + share * (fast[name] - value)

# %% wrong integers_left
# check: moving_average-values
# says: it has to follow
# -         name: value + share * (fast[name] - value) if value.is_floating_point() else fast[name]
# +         name: value + share * (fast[name] - value) if value.is_floating_point() else value


# %% wrong weights_only
# check: moving_average-values
# says: expected a dict with the names
def moving_average(slow, fast, share):
    return {n: w.lerp(fast[n], share) for n, w in slow.items() if "weight" in n or "bias" in n}


# %% wrong in_place
# check: moving_average-values
# says: your function modified an argument
def moving_average(slow, fast, share):
    for name, value in slow.items():
        if value.is_floating_point():
            value.lerp_(fast[name], share)
        else:
            value.copy_(fast[name])
    return slow


# %% right lerp
def moving_average(slow, fast, share):
    result = {}
    for name in fast:
        if fast[name].dtype.is_floating_point:
            result[name] = torch.lerp(slow[name], fast[name], share)
        else:
            result[name] = fast[name].clone()
    return result


# %% right two_shares
def moving_average(slow, fast, share):
    both = {name: (1 - share) * slow[name] + share * fast[name] for name in slow}
    return both | {name: w for name, w in fast.items() if not torch.is_floating_point(w)}


# %% vacuous the_slow_one
def moving_average(slow, fast, share):
    return dict(slow)


# %% vacuous nothing
def moving_average(slow, fast, share):
    return {}
