"""Answers to `photo_crops`: what students write, right and wrong."""

# %% wrong no_batch_axis
# check: photo_crops-batch
# says: the batch axis comes first
# -     return crops, labels
# +     return crops[0], labels

# %% wrong labels_drawn_apart
# check: photo_crops-batch
# says: labels and crops must be drawn together
# -     return crops, labels
# +     return crops, rng.integers(len(photos), size=count)

# %% wrong values_up_to_255
# check: photo_crops-batch
# says: divide by 255
# -         crop[:] = photo[row : row + size, column : column + size] / 255.0
# +         crop[:] = photo[row : row + size, column : column + size]

# %% wrong divided_twice
# check: photo_crops-batch
# says: divided twice
# -     return crops, labels
# +     return crops / 255, labels

# %% wrong whole_photo_instead_of_its_part
# check: photo_crops-batch
# says: the test region leaks into training
# -         column = rng.integers(left, right - size + 1)
# +         column = rng.integers(photo.shape[1] - size + 1)

# %% wrong one_photo_only
# check: photo_crops-batch
# says: expected all three
# -     labels = rng.integers(len(photos), size=count)
# +     labels = np.zeros(count, dtype=int)

# %% wrong always_the_same_place
# check: photo_crops-batch
# says: different places
# -         row = rng.integers(photo.shape[0] - size + 1)
# -         column = rng.integers(left, right - size + 1)
# +         row, column = 0, left

# %% wrong ignores_the_seed
# check: photo_crops-batch
# says: same seed gives other crops
# -     rng = np.random.default_rng(seed)
# +     rng = np.random.default_rng()

# %% wrong double_precision
# check: photo_crops-batch
# says: expected float32
# -     crops = np.empty((count, size, size, 3), dtype=np.float32)
# +     crops = np.empty((count, size, size, 3))


# %% right list_of_crops
def photo_crops(photos, count, size, left, right, seed):
    rng = np.random.RandomState(seed)
    crops, labels = [], []
    for _ in range(count):
        which = rng.randint(len(photos))
        top = rng.randint(photos[which].shape[0] - size + 1)
        start = rng.randint(left, right - size + 1)
        crops.append(photos[which][top : top + size, start : start + size])
        labels.append(which)
    return np.array(crops).astype("float32") / 255, np.array(labels)


# %% right standard_library
def photo_crops(photos, count, size, left, right, seed):
    import random

    draw = random.Random(seed)
    crops = np.zeros((count, size, size, 3), np.float32)
    labels = np.zeros(count, np.int32)
    for number in range(count):
        labels[number] = draw.randrange(len(photos))
        photo = photos[labels[number]].astype(np.float32) / 255
        y, x = draw.randint(0, photo.shape[0] - size), draw.randint(left, right - size)
        crops[number] = photo[y : y + size, x : x + size]
    return crops, labels


# %% vacuous random_pixels
def photo_crops(photos, count, size, left, right, seed):
    rng = np.random.default_rng(seed)
    return rng.random((count, size, size, 3), dtype=np.float32), rng.integers(
        len(photos), size=count
    )


# %% vacuous zeros
def photo_crops(photos, count, size, left, right, seed):
    return np.zeros((count, size, size, 3), np.float32), np.zeros(count, int)
