"""Answers to `next_symbol_pairs`: what students write, right and wrong."""

# %% wrong shifted_by_zero
# check: next_symbol_pairs-shift
# says: these are the inputs
# -     return ids[positions], ids[positions + 1]
# +     return ids[positions], ids[positions]

# %% wrong shifted_the_wrong_way
# check: next_symbol_pairs-shift
# says: this is the symbol before
# -     return ids[positions], ids[positions + 1]
# +     return ids[positions], ids[positions - 1]

# %% wrong rolled
# check: next_symbol_pairs-shift
# says: the window's own first
# -     return ids[positions], ids[positions + 1]
# +     return ids[positions], ids[positions].roll(-1, dims=1)

# %% wrong positions_for_symbols
# check: next_symbol_pairs-shift
# says: these are positions
# -     return ids[positions], ids[positions + 1]
# +     return positions, positions + 1

# %% wrong one_too_short
# check: next_symbol_pairs-shift
# says: expected a tensor (4, 7)
# -     return ids[positions], ids[positions + 1]
# +     return ids[positions][:, :-1], ids[positions][:, 1:]

# %% wrong only_the_last_symbol
# check: next_symbol_pairs-shift
# says: targets: (4,)
# -     return ids[positions], ids[positions + 1]
# +     return ids[positions], ids[positions[:, -1] + 1]

# %% wrong one_target_a_window
# check: next_symbol_pairs-shift
# says: a target for each symbol
# -     return ids[positions], ids[positions + 1]
# +     return ids[positions], ids[starts + length]

# %% wrong inputs_moved_instead
# check: next_symbol_pairs-shift
# says: inputs and targets are swapped
# -     return ids[positions], ids[positions + 1]
# +     return ids[positions + 1], ids[positions]


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
