"""Answers to `nearest_training`: what students write, right and wrong."""

# %% wrong squared
# check: nearest_training-values
# says: squared: take the root
# -         distances[n] = np.sqrt(squares[positions[n]])
# +         distances[n] = squares[positions[n]]

# %% wrong mean_over_pixels
# check: nearest_training-values
# says: a mean over the pixels
# -         squares = ((training - sample) ** 2).sum(axis=1)
# +         squares = ((training - sample) ** 2).mean(axis=1)

# %% wrong absolute_differences
# check: nearest_training-values
# says: the sum of absolute differences
# -         squares = ((training - sample) ** 2).sum(axis=1)
# +         squares = np.abs(training - sample).sum(axis=1) ** 2

# %% wrong farthest
# check: nearest_training-values
# says: these are the farthest
# -         positions[n] = squares.argmin()
# +         positions[n] = squares.argmax()


# %% wrong along_the_wrong_axis
# check: nearest_training-values
# says: the wrong axis
def nearest_training(samples, training):
    apart = np.linalg.norm(samples[:, None] - training[None], axis=2)
    return apart.min(axis=0), apart.argmin(axis=0)


# %% wrong swapped
# check: nearest_training-values
# says: nearest_training: distances
def nearest_training(samples, training):
    apart = np.linalg.norm(samples[:, None] - training[None], axis=2)
    return apart.argmin(axis=1), apart.min(axis=1)


# %% right by_scipy
def nearest_training(samples, training):
    from scipy.spatial.distance import cdist

    apart = cdist(samples, training)
    return apart.min(axis=1), apart.argmin(axis=1)


# %% right by_sklearn
def nearest_training(samples, training):
    from sklearn.neighbors import NearestNeighbors

    finder = NearestNeighbors(n_neighbors=1, algorithm="brute").fit(training)
    distances, positions = finder.kneighbors(samples)
    return distances[:, 0], positions[:, 0]


# %% vacuous zeros
def nearest_training(samples, training):
    return np.zeros(len(samples)), np.zeros(len(samples), dtype=int)
