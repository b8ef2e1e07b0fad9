"""Answers to `ppmi`: what students write, right and wrong."""

# %% wrong no_power
# check: ppmi-values
# says: the power of 3/4 is missing
# -     of_context = np.bincount(contexts, weights=counts) ** 0.75
# +     of_context = np.bincount(contexts, weights=counts)

# %% wrong power_on_the_centers
# check: ppmi-values
# says: the centers have the power of 3/4
# -     of_center = np.bincount(centers, weights=counts)
# -     of_context = np.bincount(contexts, weights=counts) ** 0.75
# +     of_center = np.bincount(centers, weights=counts) ** 0.75
# +     of_context = np.bincount(contexts, weights=counts)

# %% wrong power_on_both
# check: ppmi-values
# says: both have the power of 3/4
# -     of_center = np.bincount(centers, weights=counts)
# +     of_center = np.bincount(centers, weights=counts) ** 0.75

# %% wrong powers_do_not_sum_to_one
# check: ppmi-values
# says: Q does not sum to 1
# -     alone = of_center[centers] / of_center.sum() * of_context[contexts] / of_context.sum()
# +     alone = of_center[centers] / of_center.sum() * of_context[contexts] / counts.sum()

# %% wrong negative_values
# check: ppmi-values
# says: some values are below 0
# -     return np.maximum(0, np.log(together / alone))
# +     return np.log(together / alone)

# %% wrong absolute_values
# check: ppmi-values
# says: values below 0 became positive
# -     return np.maximum(0, np.log(together / alone))
# +     return np.abs(np.log(together / alone))

# %% wrong no_logarithm
# check: ppmi-values
# says: the logarithm is missing
# -     return np.maximum(0, np.log(together / alone))
# +     return np.maximum(0, together / alone)

# %% wrong bits
# check: ppmi-values
# says: the logarithm has the base 2
# -     return np.maximum(0, np.log(together / alone))
# +     return np.maximum(0, np.log2(together / alone))

# %% wrong one_more_than_the_ratio
# check: ppmi-values
# says: times, has
# -     return np.maximum(0, np.log(together / alone))
# +     return np.log1p(together / alone)

# %% wrong pairs_counted_once
# check: ppmi-values
# says: times, has
# -     of_center = np.bincount(centers, weights=counts)
# +     of_center = np.bincount(centers)

# %% wrong divides_in_place
# check: ppmi-values
# says: modified its argument `counts`
# -     together = counts / counts.sum()
# +     counts /= counts.sum()
# +     together = counts

# %% wrong whole_numbers_stay_whole
# check: ppmi-whole_numbers
# says: counts of type int
# -     together = counts / counts.sum()
# +     together = np.empty_like(counts)
# +     together[:] = counts / counts.sum()
# -     return np.maximum(0, np.log(together / alone))
# +     with np.errstate(divide="ignore"):
# +         return np.maximum(0, np.log(together / alone))

# %% wrong sums_of_the_words_that_occur
# check: ppmi-whole_numbers
# says: out of bounds
# raises: IndexError
# -     of_center = np.bincount(centers, weights=counts)
# +     of_center = np.array([counts[centers == word].sum() for word in np.unique(centers)])


# %% right by_dicts
def ppmi(centers, contexts, counts):
    of_center, of_context, result = Counter(), Counter(), []
    for c, o, n in zip(centers.tolist(), contexts.tolist(), counts.tolist()):
        of_center[c] += n
        of_context[o] += n
    total = sum(of_center.values())
    powers = sum(n**0.75 for n in of_context.values())
    for c, o, n in zip(centers.tolist(), contexts.tolist(), counts.tolist()):
        chance = of_center[c] / total * of_context[o] ** 0.75 / powers
        result.append(max(0.0, float(np.log(n / total / chance))))
    return np.array(result)


# %% right by_a_table
def ppmi(centers, contexts, counts):
    table = np.zeros((centers.max() + 1, contexts.max() + 1))
    table[centers, contexts] = counts
    smooth = table.sum(axis=0) ** 0.75
    with np.errstate(divide="ignore", invalid="ignore"):
        pmi = np.log(table) - np.log(table.sum(axis=1))[:, None] - np.log(smooth / smooth.sum())
    return pmi.clip(0)[centers, contexts]


# %% vacuous zeros
def ppmi(centers, contexts, counts):
    return np.zeros(len(counts))


# %% vacuous logarithms_of_the_counts
def ppmi(centers, contexts, counts):
    return np.log(counts)
