"""Answers to `mean_interval`: what students write, right and wrong."""

# %% wrong normal_quantile
# check: mean_interval-student
# says: 1.96 is for many runs
# -     half = stats.t.ppf(0.975, runs - 1) * scores.std(axis=0, ddof=1) / np.sqrt(runs)
# +     half = 1.96 * scores.std(axis=0, ddof=1) / np.sqrt(runs)

# %% wrong population_deviation
# check: mean_interval-student
# says: ddof=1
# -     half = stats.t.ppf(0.975, runs - 1) * scores.std(axis=0, ddof=1) / np.sqrt(runs)
# +     half = stats.t.ppf(0.975, runs - 1) * scores.std(axis=0) / np.sqrt(runs)


# %% wrong normal_and_population
# check: mean_interval-student
# says: needs ddof=1
def mean_interval(scores):
    mean = scores.mean(axis=0)
    half = 1.96 * scores.std(axis=0) / np.sqrt(len(scores))
    return mean, mean - half, mean + half


# %% wrong spread_of_one_run
# check: mean_interval-student
# says: smaller by the root of R
# -     half = stats.t.ppf(0.975, runs - 1) * scores.std(axis=0, ddof=1) / np.sqrt(runs)
# +     half = stats.t.ppf(0.975, runs - 1) * scores.std(axis=0, ddof=1)

# %% wrong standard_error
# check: mean_interval-student
# says: multiply it by t
# -     half = stats.t.ppf(0.975, runs - 1) * scores.std(axis=0, ddof=1) / np.sqrt(runs)
# +     half = scores.std(axis=0, ddof=1) / np.sqrt(runs)

# %% wrong one_sided
# check: mean_interval-student
# says: 0.975
# -     half = stats.t.ppf(0.975, runs - 1) * scores.std(axis=0, ddof=1) / np.sqrt(runs)
# +     half = stats.t.ppf(0.95, runs - 1) * scores.std(axis=0, ddof=1) / np.sqrt(runs)

# %% wrong degrees_of_freedom
# check: mean_interval-student
# says: R - 1 degrees of freedom
# -     half = stats.t.ppf(0.975, runs - 1) * scores.std(axis=0, ddof=1) / np.sqrt(runs)
# +     half = stats.t.ppf(0.975, runs) * scores.std(axis=0, ddof=1) / np.sqrt(runs)

# %% wrong over_the_sizes
# check: mean_interval-student
# says: the mean over the runs
# -     runs = len(scores)
# +     scores = scores.T
# +     runs = len(scores)

# %% wrong accepts_one_run
# check: mean_interval-student
# says: expected a ValueError
# -     if runs < 2:
# -         raise ValueError("one run says nothing about the spread")

# %% wrong refuses_two_runs
# check: mean_interval-student
# says: only one is too few
# -     if runs < 2:
# +     if runs < 3:


# %% right scipy_interval
def mean_interval(scores):
    from scipy import stats

    if scores.shape[0] == 1:
        raise ValueError("at least two runs")
    mean = scores.mean(0)
    low, high = stats.t.interval(0.95, len(scores) - 1, loc=mean, scale=stats.sem(scores))
    return mean, low, high


# %% right column_by_column
def mean_interval(scores):
    import math

    from scipy.stats import t

    count = len(scores)
    if count < 2:
        raise ValueError(count)
    rows = []
    for column in scores.T.tolist():
        mean = sum(column) / count
        variance = sum((value - mean) ** 2 for value in column) / (count - 1)
        half = -float(t.ppf(0.025, count - 1)) * math.sqrt(variance / count)
        rows.append((mean, mean - half, mean + half))
    return tuple(np.array(rows).T)


# %% vacuous zeros
def mean_interval(scores):
    return tuple(np.zeros((3, scores.shape[1])))


# %% vacuous range_of_the_runs
def mean_interval(scores):
    return scores.mean(axis=0), scores.min(axis=0), scores.max(axis=0)
