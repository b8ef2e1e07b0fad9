"""Answers to `frechet_distance`: what students write, right and wrong."""

# %% wrong root_of_each_entry
# check: frechet_distance-values
# says: this is the root of each entry
# -     roots = np.sqrt(np.linalg.eigvals(cov_a @ cov_b).real.clip(min=0))
# +     roots = np.diag(np.sqrt(np.abs(cov_a @ cov_b)))

# %% wrong variances_only
# check: frechet_distance-values
# says: features are correlated
# -     roots = np.sqrt(np.linalg.eigvals(cov_a @ cov_b).real.clip(min=0))
# +     roots = np.sqrt(np.diag(cov_a) * np.diag(cov_b))

# %% wrong no_two
# check: frechet_distance-values
# says: the 2 before the root is missing
# -     return float(gap @ gap + np.trace(cov_a) + np.trace(cov_b) - 2 * roots.sum())
# +     return float(gap @ gap + np.trace(cov_a) + np.trace(cov_b) - roots.sum())

# %% wrong no_root
# check: frechet_distance-values
# says: the root is missing
# -     roots = np.sqrt(np.linalg.eigvals(cov_a @ cov_b).real.clip(min=0))
# +     roots = np.diag(cov_a @ cov_b)

# %% wrong no_means
# check: frechet_distance-values
# says: the means are missing
# -     return float(gap @ gap + np.trace(cov_a) + np.trace(cov_b) - 2 * roots.sum())
# +     return float(np.trace(cov_a) + np.trace(cov_b) - 2 * roots.sum())

# %% wrong gap_not_squared
# check: frechet_distance-values
# says: the gap of the means is squared
# -     return float(gap @ gap + np.trace(cov_a) + np.trace(cov_b) - 2 * roots.sum())
# +     return float(
# +         np.linalg.norm(gap) + np.trace(cov_a) + np.trace(cov_b) - 2 * roots.sum()
# +     )

# %% wrong root_of_it_all
# check: frechet_distance-values
# says: the squared distance is asked for
# -     return float(gap @ gap + np.trace(cov_a) + np.trace(cov_b) - 2 * roots.sum())
# +     return float(np.sqrt(gap @ gap + np.trace(cov_a) + np.trace(cov_b) - 2 * roots.sum()))

# %% wrong divides_by_n
# check: frechet_distance-values
# says: divide by n - 1
# -     cov_a, cov_b = np.cov(a, rowvar=False), np.cov(b, rowvar=False)
# +     cov_a, cov_b = np.cov(a, rowvar=False, ddof=0), np.cov(b, rowvar=False, ddof=0)


# %% wrong complex_number
# check: frechet_distance-values
# says: drop the imaginary part
def frechet_distance(a, b):
    from scipy.linalg import sqrtm

    p, q = np.cov(a.T), np.cov(b.T)
    gap = a.mean(axis=0) - b.mean(axis=0)
    return complex(gap @ gap + np.trace(p + q - 2 * sqrtm(p @ q)))


# %% wrong no_root_below_a_tenth
# check: frechet_distance-closed_form
# says: a feature that never varies
# -     roots = np.sqrt(np.linalg.eigvals(cov_a @ cov_b).real.clip(min=0))
# +     roots = np.sqrt(np.linalg.eigvals(cov_a @ cov_b).real.clip(min=1e-2))


# %% wrong no_clip
# check: frechet_distance-closed_form
# says: three of six features are sums of others
# -     roots = np.sqrt(np.linalg.eigvals(cov_a @ cov_b).real.clip(min=0))
# +     roots = np.sqrt(np.linalg.eigvals(cov_a @ cov_b).real)

# %% wrong roots_of_negative_numbers
# check: frechet_distance-closed_form
# says: three of six features are sums of others
# -     roots = np.sqrt(np.linalg.eigvals(cov_a @ cov_b).real.clip(min=0))
# +     roots = np.sqrt(np.linalg.eigvals(cov_a @ cov_b))
# -     return float(gap @ gap + np.trace(cov_a) + np.trace(cov_b) - 2 * roots.sum())
# +     return float((gap @ gap + np.trace(cov_a) + np.trace(cov_b) - 2 * roots.sum()).real)

# %% wrong by_cholesky
# check: frechet_distance-closed_form
# says: Matrix is not positive definite
# raises: LinAlgError
# -     roots = np.sqrt(np.linalg.eigvals(cov_a @ cov_b).real.clip(min=0))
# +     lower = np.linalg.cholesky(cov_a)
# +     roots = np.sqrt(np.linalg.eigvalsh(lower.T @ cov_b @ lower))


# %% right by_sqrtm
def frechet_distance(a, b):
    from scipy.linalg import sqrtm

    p, q = np.cov(a.T), np.cov(b.T)
    gap = np.linalg.norm(a.mean(axis=0) - b.mean(axis=0))
    return float(gap**2 + np.trace(p + q - 2 * sqrtm(p @ q).real))


# %% right symmetric_root
def frechet_distance(a, b):
    def centered(x):
        return (x - x.mean(axis=0)) / np.sqrt(len(x) - 1)

    left, right = centered(a), centered(b)
    overlap = np.linalg.svd(left @ right.T, compute_uv=False).sum()
    gap = ((a.mean(axis=0) - b.mean(axis=0)) ** 2).sum()
    return gap + (left**2).sum() + (right**2).sum() - 2 * overlap


# %% right trace_never_negative
def frechet_distance(a, b):
    gap = a.mean(axis=0) - b.mean(axis=0)
    p, q = np.cov(a, rowvar=False), np.cov(b, rowvar=False)
    roots = np.sqrt(np.linalg.eigvals(p @ q).real.clip(min=0))
    return float(gap @ gap + abs(np.trace(p) + np.trace(q) - 2 * roots.sum()))


# %% vacuous zero
def frechet_distance(a, b):
    return 0.0


# %% vacuous sizes
def frechet_distance(a, b):
    return float(len(a) - len(b))
