"""Answers to `check_ids`: what students write, right and wrong."""

# %% wrong cuts_the_fraction_off
# check: check_ids-refuses
# says: random floats, as in the article
# -     if not np.issubdtype(ids.dtype, np.integer):
# -         raise TypeError(f"an embedding looks up whole numbers, not {ids.dtype}")
# +     ids = ids.astype(np.int64)

# %% wrong whole_values_pass
# check: check_ids-refuses
# says: floats that happen to be whole
# -     if not np.issubdtype(ids.dtype, np.integer):
# +     if (ids != ids.round()).any():

# %% wrong no_batch_axis_passes
# check: check_ids-refuses
# says: without a batch axis
# -     if ids.ndim != 2:
# +     if ids.ndim > 2:

# %% wrong three_axes_pass
# check: check_ids-refuses
# says: an array with three axes
# -     if ids.ndim != 2:
# +     if ids.ndim < 2:

# %% wrong off_by_one
# check: check_ids-refuses
# says: the number 50 with 50 rows
# -     if ids.min() < 0 or ids.max() >= vocabulary_size:
# +     if ids.min() < 0 or ids.max() > vocabulary_size:

# %% wrong negative_passes
# check: check_ids-refuses
# says: the number -1
# -     if ids.min() < 0 or ids.max() >= vocabulary_size:
# +     if ids.max() >= vocabulary_size:

# %% wrong refuses_padding
# check: check_ids-refuses
# says: refuses good ids
# -     if ids.min() < 0 or ids.max() >= vocabulary_size:
# +     if ids.min() <= 0 or ids.max() >= vocabulary_size:

# %% wrong only_int64
# check: check_ids-refuses
# says: refuses good ids
# -     if not np.issubdtype(ids.dtype, np.integer):
# +     if ids.dtype != np.int64:

# %% wrong returns_nothing
# check: check_ids-refuses
# says: do not come back
# -     return ids
# +     return None


# %% right by_kind
def check_ids(ids, vocabulary_size):
    if ids.dtype.kind not in "iu":
        raise TypeError("floats")
    if len(ids.shape) != 2 or (ids < 0).any() or (ids >= vocabulary_size).any():
        raise ValueError("not (batch, time), or outside the table")
    return ids


# %% right looks_every_number_up
def check_ids(ids, vocabulary_size):
    try:
        np.zeros(vocabulary_size)[ids]
    except IndexError as error:
        kind = ValueError if ids.dtype.kind == "i" else TypeError
        raise kind("cannot be looked up") from error
    _, _ = ids.shape
    if not set(ids.ravel().tolist()) <= set(range(vocabulary_size)):
        raise ValueError("negative")
    return ids


# %% vacuous lets_everything_through
def check_ids(ids, vocabulary_size):
    return ids


# %% vacuous refuses_everything
def check_ids(ids, vocabulary_size):
    raise ValueError("no")
