"""Answers to `check_ids`: what students write, right and wrong."""

# %% wrong cuts_the_fraction_off
# check: check_ids-refuses
# says: random floats, as in the article
# -     if not np.issubdtype(ids.dtype, np.integer):
# -         raise TypeError(f"an embedding looks up integers, not {ids.dtype}")
# +     ids = ids.astype(np.int64) if ids.dtype.kind == "f" else ids

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
# says: the number 50 in the last row
# -     if ids.size and (ids.min() < 0 or ids.max() >= vocabulary_size):
# +     if ids.size and (ids.min() < 0 or ids.max() > vocabulary_size):

# %% wrong negative_passes
# check: check_ids-refuses
# says: the number -1
# -     if ids.size and (ids.min() < 0 or ids.max() >= vocabulary_size):
# +     if ids.size and ids.max() >= vocabulary_size:

# %% wrong refuses_padding
# check: check_ids-refuses
# says: refused, expected them back
# -     if ids.size and (ids.min() < 0 or ids.max() >= vocabulary_size):
# +     if ids.size and (ids.min() <= 0 or ids.max() >= vocabulary_size):

# %% wrong only_int64
# check: check_ids-refuses
# says: refused, expected them back
# -     if not np.issubdtype(ids.dtype, np.integer):
# +     if ids.dtype != np.int64:

# %% wrong returns_nothing
# check: check_ids-refuses
# says: returned NoneType, expected ids as they came
# -     return ids
# +     return None

# %% wrong bools_pass
# check: check_ids-refuses
# says: lets through True and False
# -     if not np.issubdtype(ids.dtype, np.integer):
# +     if not (np.issubdtype(ids.dtype, np.integer) or ids.dtype == bool):

# %% wrong crashes_on_an_empty_batch
# check: check_ids-refuses
# says: shape (0, 9)
# -     if ids.size and (ids.min() < 0 or ids.max() >= vocabulary_size):
# +     if ids.min() < 0 or ids.max() >= vocabulary_size:

# %% wrong looks_at_the_first_row_only
# check: check_ids-refuses
# says: lets through the number 50 in the last row
# -     if ids.size and (ids.min() < 0 or ids.max() >= vocabulary_size):
# +     if ids.size and (ids[0].min() < 0 or ids[0].max() >= vocabulary_size):

# %% wrong refuses_unsigned_integers
# check: check_ids-refuses
# says: uint8
# -     if not np.issubdtype(ids.dtype, np.integer):
# +     if not np.issubdtype(ids.dtype, np.signedinteger):

# %% wrong range_before_the_type
# check: check_ids-refuses
# says: floats beyond the table (the type comes first): raises ValueError
# -     if not np.issubdtype(ids.dtype, np.integer):
# +     if ids.size and ids.max() >= vocabulary_size:
# +         raise ValueError("too large")
# +     if not np.issubdtype(ids.dtype, np.integer):

# %% wrong axes_before_the_type
# check: check_ids-refuses
# says: floats with three axes (the type comes first): raises ValueError
# -     if not np.issubdtype(ids.dtype, np.integer):
# +     if ids.ndim > 2:
# +         raise ValueError("axes")
# +     if not np.issubdtype(ids.dtype, np.integer):

# %% wrong returns_another_type
# check: check_ids-refuses
# says: returned int32, expected ids as they came
# -     return ids
# +     return ids.astype("int32")


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
        kind = ValueError if ids.dtype.kind in "iu" else TypeError
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
