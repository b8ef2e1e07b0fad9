"""Answers to `class_coverage`: what students write, right and wrong."""

# %% wrong absent_classes_left_out
# check: class_coverage-counts
# says: a class that never occurs is missing
# -     shares = np.bincount(labels, minlength=classes) / len(labels)
# +     shares = np.unique(labels, return_counts=True)[1] / len(labels)

# %% wrong counts_for_shares
# check: class_coverage-counts
# says: these are counts
# -     return shares, int((shares >= least).sum())
# +     return shares * len(labels), int((shares >= least).sum())

# %% wrong more_than
# check: class_coverage-counts
# says: exactly that share is covered
# -     return shares, int((shares >= least).sum())
# +     return shares, int((shares > least).sum())

# %% wrong any_that_occurs
# check: class_coverage-counts
# says: the classes that occur at all
# -     return shares, int((shares >= least).sum())
# +     return shares, int((shares > 0).sum())

# %% wrong only_the_number
# check: class_coverage-counts
# says: expected (shares, covered)
# -     return shares, int((shares >= least).sum())
# +     return int((shares >= least).sum())


# %% wrong share_of_the_largest
# check: class_coverage-counts
# says: is it the share of the largest class
# -     return shares, int((shares >= least).sum())
# +     return shares, int((shares >= least * shares.max()).sum())


# %% right comparison
def class_coverage(labels, classes, least):
    shares = (labels[:, None] == np.arange(classes)).mean(axis=0)
    return shares, np.count_nonzero(shares >= least)


# %% right counter
def class_coverage(labels, classes, least):
    from collections import Counter

    counts = Counter(labels.tolist())
    shares = [counts[k] / len(labels) for k in range(classes)]
    return np.array(shares), sum(share >= least for share in shares)


# %% right by_counts
def class_coverage(labels, classes, least):
    counts = np.bincount(labels, minlength=classes)
    return counts / len(labels), int((counts >= least * len(labels)).sum())


# %% vacuous uniform
def class_coverage(labels, classes, least):
    return np.full(classes, 1 / classes), classes
