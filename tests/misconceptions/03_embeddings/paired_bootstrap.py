"""Answers to `paired_bootstrap`: what students write, right and wrong."""

# %% wrong each_model_its_own_draw
# check: paired_bootstrap-interval
# says: has each model its own draw of pairs?
# -         rho = [spearmanr(model[chosen], scores[chosen]).statistic for model in (first, second)]
# +         other = rng.integers(len(scores), size=len(scores))
# +         rho = [
# +             spearmanr(model[k], scores[k]).statistic
# +             for model, k in ((first, chosen), (second, other))
# +         ]

# %% wrong half_of_the_pairs
# check: paired_bootstrap-interval
# says: are fewer than n pairs drawn?
# -         chosen = rng.integers(len(scores), size=len(scores))
# +         chosen = rng.integers(len(scores), size=len(scores) // 2)

# %% wrong without_replacement
# check: paired_bootstrap-interval
# says: are pairs drawn with replacement?
# -         chosen = rng.integers(len(scores), size=len(scores))
# +         chosen = rng.permutation(len(scores))

# %% wrong second_minus_first
# check: paired_bootstrap-interval
# says: is it the second minus the first?
# -         differences.append(rho[0] - rho[1])
# +         differences.append(rho[1] - rho[0])

# %% wrong the_first_model_alone
# check: paired_bootstrap-interval
# says: the interval of the first model alone?
# -         differences.append(rho[0] - rho[1])
# +         differences.append(rho[0])

# %% wrong high_before_low
# check: paired_bootstrap-interval
# says: low is above high
# -     return float(low), float(high)
# +     return float(high), float(low)

# %% wrong half_of_the_draws_inside
# check: paired_bootstrap-interval
# says: are these the 2.5% and 97.5% quantiles
# -     low, high = np.quantile(differences, [0.025, 0.975])
# +     low, high = np.quantile(differences, [0.25, 0.75])

# %% wrong ninety_percent
# check: paired_bootstrap-interval
# says: are these the 2.5% and 97.5% quantiles
# -     low, high = np.quantile(differences, [0.025, 0.975])
# +     low, high = np.quantile(differences, [0.05, 0.95])

# %% wrong percent_for_quantile
# check: paired_bootstrap-interval
# says: 97.5% quantiles
# -     low, high = np.quantile(differences, [0.025, 0.975])
# +     low, high = np.percentile(differences, [0.025, 0.975])

# %% wrong pearson
# check: paired_bootstrap-ranks
# says: sees the order only
# -         rho = [spearmanr(model[chosen], scores[chosen]).statistic for model in (first, second)]
# +         rho = [np.corrcoef(model[chosen], scores[chosen])[0, 1] for model in (first, second)]

# %% wrong one_number
# check: paired_bootstrap-interval
# says: expected (low, high)
# -     return float(low), float(high)
# +     return float(np.mean(differences))

# %% wrong scores_not_drawn
# check: paired_bootstrap-interval
# says: expected about
# -         rho = [spearmanr(model[chosen], scores[chosen]).statistic for model in (first, second)]
# +         rho = [spearmanr(model[chosen], scores).statistic for model in (first, second)]

# %% wrong sorts_the_scores
# check: paired_bootstrap-interval
# says: modified one of its arguments
# -     differences = []
# +     differences = []
# +     scores.sort()

# %% wrong its_own_generator
# check: paired_bootstrap-draws
# says: generators with different seeds give the same interval
# -     differences = []
# +     differences = []
# +     rng = np.random.default_rng(0)

# %% wrong no_seed
# check: paired_bootstrap-draws
# says: the same seed of `rng` gives two intervals
# -     differences = []
# +     differences = []
# +     rng = np.random.default_rng()

# %% wrong always_a_thousand
# check: paired_bootstrap-draws
# says: is `draws` used?
# -     for _ in range(draws):
# +     for _ in range(1000):


# %% right all_draws_at_once
def paired_bootstrap(first, second, scores, rng, draws=1000):
    from scipy.stats import rankdata

    chosen = rng.integers(len(scores), size=(draws, len(scores)))

    def ranks(x):
        r = rankdata(x[chosen], axis=1)
        r = r - r.mean(axis=1, keepdims=True)
        return r / np.linalg.norm(r, axis=1, keepdims=True)

    difference = ((ranks(first) - ranks(second)) * ranks(scores)).sum(axis=1)
    return tuple(np.percentile(difference, [2.5, 97.5]))


# %% right ranked_once
def paired_bootstrap(first, second, scores, rng, draws=1000):
    from scipy.stats import rankdata

    x, y, z = map(rankdata, (first, second, scores))
    gains = np.empty(draws)
    for at in range(draws):
        k = rng.choice(len(z), size=len(z))
        gains[at] = np.corrcoef(x[k], z[k])[0, 1] - np.corrcoef(y[k], z[k])[0, 1]
    return [np.quantile(gains, 0.025), np.quantile(gains, 0.975)]


# %% vacuous no_difference
def paired_bootstrap(first, second, scores, rng, draws=1000):
    return 0.0, 0.0


# %% vacuous a_usual_interval
def paired_bootstrap(first, second, scores, rng, draws=1000):
    return -0.07, 0.07
