"""Answers to `calibration_error`: what students write, right and wrong."""

# %% wrong empty_bins
# check: calibration_error-loops
# says: an empty bin has no mean
# -         if inside.any():
# +         if True:

# %% wrong bins_count_alike
# check: calibration_error-loops
# says: the bins count alike
# -     error = 0.0
# +     error, filled = 0.0, 0
# -             error += inside.float().mean().item() * abs(gap.item())
# -     return error
# +             error, filled = error + abs(gap.item()), filled + 1
# +     return error / filled

# %% wrong signs_cancel
# check: calibration_error-loops
# says: kept their signs
# -             error += inside.float().mean().item() * abs(gap.item())
# +             error += inside.float().mean().item() * gap.item()

# %% wrong divided_by_all_bins
# check: calibration_error-loops
# says: divided by all bins
# -             error += inside.float().mean().item() * abs(gap.item())
# +             error += abs(gap.item()) / bins

# %% wrong largest_gap
# check: calibration_error-loops
# says: the largest gap
# -             error += inside.float().mean().item() * abs(gap.item())
# +             error = max(error, abs(gap.item()))

# %% wrong probability_of_the_label
# check: calibration_error-loops
# says: the confidence is the largest probability
# -     confidence, guess = probabilities.max(dim=1)
# +     guess = probabilities.argmax(dim=1)
# +     confidence = probabilities.gather(1, labels[:, None])[:, 0]

# %% wrong squared
# check: calibration_error-loops
# says: squared
# -             error += inside.float().mean().item() * abs(gap.item())
# +             error += inside.float().mean().item() * gap.item() ** 2

# %% wrong upper_bin
# check: calibration_error-edges
# says: goes into the upper bin
# -         inside = (confidence > b / bins) & (confidence <= (b + 1) / bins)
# +         inside = (confidence * bins).long().clamp(max=bins - 1) == b

# %% wrong one_is_lost
# check: calibration_error-edges
# says: exactly 1 is in no bin
# -         inside = (confidence > b / bins) & (confidence <= (b + 1) / bins)
# +         inside = (confidence >= b / bins) & (confidence < (b + 1) / bins)

# %% wrong ten_bins_always
# check: calibration_error-edges
# says: on the edges of 4 bins
# -     error = 0.0
# +     error, bins = 0.0, 10

# %% wrong another_default
# check: calibration_error-loops
# says: without `bins`
# - def calibration_error(probabilities, labels, bins=10):
# + def calibration_error(probabilities, labels, bins=15):


# %% right loop_over_images
def calibration_error(probabilities, labels, bins=10):
    import math

    sums = [[0, 0.0] for _ in range(bins)]
    for row, label in zip(probabilities.tolist(), labels.tolist()):
        confidence = max(row)
        place = max(math.ceil(confidence * bins) - 1, 0)
        sums[min(place, bins - 1)][0] += row.index(confidence) == label
        sums[min(place, bins - 1)][1] += confidence
    return sum(abs(right - sure) for right, sure in sums) / len(labels)


# %% right histogram
def calibration_error(probabilities, labels, bins=10):
    p = probabilities.double().numpy()
    confidence, right = p.max(axis=1), p.argmax(axis=1) == labels.numpy()
    edges = np.arange(bins + 1) / bins
    place = np.searchsorted(edges[1:-1], confidence, side="left")
    gap = np.bincount(place, weights=right - confidence, minlength=bins)
    return float(np.abs(gap).sum() / len(p))


# %% vacuous zero
def calibration_error(probabilities, labels, bins=10):
    return 0.0


# %% vacuous error_rate
def calibration_error(probabilities, labels, bins=10):
    return (probabilities.argmax(dim=1) != labels).float().mean().item()
