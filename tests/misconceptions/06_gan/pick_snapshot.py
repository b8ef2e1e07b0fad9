"""Answers to `pick_snapshot`: what students write, right and wrong."""


# %% wrong lowest_generator_loss
# check: pick_snapshot-losses_mislead
# says: whose generator's loss is lowest
def pick_snapshot(losses, snapshots, real):
    return article_pick(losses, snapshots, real)


# %% wrong lowest_discriminator_loss
# check: pick_snapshot-losses_mislead
# says: whose discriminator's loss is lowest
def pick_snapshot(losses, snapshots, real):
    return int(np.argmin([pair[0] for pair in losses]))


# %% wrong nearest_to_equilibrium
# check: pick_snapshot-losses_mislead
# says: whose losses are nearest to ln 4 and ln 2
def pick_snapshot(losses, snapshots, real):
    return int(np.argmin([abs(d - np.log(4)) + abs(g - np.log(2)) for d, g in losses]))


# %% wrong sum_of_losses
# check: pick_snapshot-losses_mislead
# says: whose sum of losses is lowest
def pick_snapshot(losses, snapshots, real):
    return int(np.argmin([d + g for d, g in losses]))


# %% wrong highest_discriminator_loss
# check: pick_snapshot-losses_mislead
# says: whose discriminator's loss is highest
def pick_snapshot(losses, snapshots, real):
    return int(np.argmax([pair[0] for pair in losses]))


# %% wrong nearest_mean
# check: pick_snapshot-losses_mislead
# says: whose mean is nearest, whatever the spread
def pick_snapshot(losses, snapshots, real):
    gaps = [np.linalg.norm(s.mean(axis=0) - real.mean(axis=0)) for s in snapshots]
    return int(np.nanargmin(gaps))


# %% wrong the_farthest
# check: pick_snapshot-losses_mislead
# says: whose Fréchet distance is largest
# -     return int(np.argmin([distance(samples) for samples in snapshots]))
# +     return int(np.argmax([distance(samples) for samples in snapshots]))


# %% wrong nan_wins
# check: pick_snapshot-not_finite
# says: it cannot win
def pick_snapshot(losses, snapshots, real):
    scores = []
    for samples in snapshots:
        try:
            scores.append(frechet_distance(samples, real))
        except (ValueError, np.linalg.LinAlgError):
            scores.append(np.nan)
    return int(np.argmin(scores))


# %% wrong near_a_real_one
# check: pick_snapshot-losses_mislead
# says: whose samples are each near a real one
def pick_snapshot(losses, snapshots, real):
    gaps = [
        nearest_training(s, real)[0].mean() if np.isfinite(s).all() else np.inf for s in snapshots
    ]
    return int(np.argmin(gaps))


# %% wrong feature_by_feature
# check: pick_snapshot-losses_mislead
# says: whose features are right one by one
def pick_snapshot(losses, snapshots, real):
    def gap(s):
        means = ((s.mean(axis=0) - real.mean(axis=0)) ** 2).sum()
        return means + ((s.std(axis=0, ddof=1) - real.std(axis=0, ddof=1)) ** 2).sum()

    return int(np.argmin([gap(s) if np.isfinite(s).all() else np.inf for s in snapshots]))


# %% wrong entries_of_the_covariance
# check: pick_snapshot-losses_mislead
# says: whose covariances have the nearest entries
def pick_snapshot(losses, snapshots, real):
    def gap(s):
        means = ((s.mean(axis=0) - real.mean(axis=0)) ** 2).sum()
        return means + np.linalg.norm(np.cov(s.T) - np.cov(real.T))

    return int(np.argmin([gap(s) if np.isfinite(s).all() else np.inf for s in snapshots]))


# %% wrong highest_generator_loss
# check: pick_snapshot-losses_mislead
# says: whose generator's loss is highest
def pick_snapshot(losses, snapshots, real):
    return int(np.argmax([pair[1] for pair in losses]))


# %% wrong always_the_first_answer
# check: pick_snapshot-losses_mislead
# says: does the choice depend on the position?
def pick_snapshot(losses, snapshots, real):
    return 1


# %% right loop
def pick_snapshot(losses, snapshots, real):
    best, smallest = None, float("inf")
    for position, samples in enumerate(snapshots):
        if np.isnan(samples).any() or np.isinf(samples).any():
            continue
        apart = frechet_distance(samples, real)
        if best is None or apart < smallest:
            best, smallest = position, apart
    return best


# %% right only_the_finite
def pick_snapshot(losses, snapshots, real):
    finite = [k for k, samples in enumerate(snapshots) if np.isfinite(samples.sum())]
    return min(finite, key=lambda k: frechet_distance(real, snapshots[k]))


# %% vacuous first
def pick_snapshot(losses, snapshots, real):
    return 0


# %% vacuous last
def pick_snapshot(losses, snapshots, real):
    return len(losses) - 1
