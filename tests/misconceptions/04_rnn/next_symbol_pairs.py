"""Answers to `next_symbol_pairs`: what students write, right and wrong."""

# %% wrong shifted_by_zero
# check: next_symbol_pairs-shift
# says: shifted by zero
# -     return ids[places], ids[places + 1]
# +     return ids[places], ids[places]

# %% wrong shifted_the_wrong_way
# check: next_symbol_pairs-shift
# says: shifted the wrong way
# -     return ids[places], ids[places + 1]
# +     return ids[places], ids[places - 1]

# %% wrong rolled
# check: next_symbol_pairs-shift
# says: the window's own first symbol
# -     return ids[places], ids[places + 1]
# +     return ids[places], ids[places].roll(-1, dims=1)

# %% wrong places_for_symbols
# check: next_symbol_pairs-shift
# says: these are places
# -     return ids[places], ids[places + 1]
# +     return places, places + 1

# %% wrong one_too_short
# check: next_symbol_pairs-shift
# says: expected a tensor (4, 7)
# -     return ids[places], ids[places + 1]
# +     return ids[places][:, :-1], ids[places][:, 1:]

# %% wrong only_the_last_symbol
# check: next_symbol_pairs-shift
# says: targets: (4,)
# -     return ids[places], ids[places + 1]
# +     return ids[places], ids[places[:, -1] + 1]

# %% wrong one_target_a_window
# check: next_symbol_pairs-shift
# says: a target for each symbol of the window
# -     return ids[places], ids[places + 1]
# +     return ids[places], ids[starts + length]

# %% wrong inputs_moved_instead
# check: next_symbol_pairs-shift
# says: inputs [105
# -     return ids[places], ids[places + 1]
# +     return ids[places + 1], ids[places]


# %% right stack_of_slices
def next_symbol_pairs(ids, starts, length):
    windows = torch.stack([ids[s : s + length + 1] for s in starts.tolist()])
    return windows[:, :-1], windows[:, 1:]


# %% right unfold
def next_symbol_pairs(ids, starts, length):
    windows = ids.unfold(0, length + 1, 1)[starts]
    return windows[:, :length].clone(), windows[:, 1 : length + 1].clone()


# %% vacuous zeros
def next_symbol_pairs(ids, starts, length):
    zeros = torch.zeros(len(starts), length, dtype=torch.int64)
    return zeros, zeros


# %% vacuous nothing
def next_symbol_pairs(ids, starts, length):
    pass
