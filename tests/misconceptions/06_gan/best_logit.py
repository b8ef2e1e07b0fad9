"""Answers to `best_logit`: what students write, right and wrong."""

# %% wrong swapped
# check: best_logit-closed_form
# says: above 0 must mean real
# -     return log_density(*real) - log_density(*fake)
# +     return log_density(*fake) - log_density(*real)

# %% wrong probability
# check: best_logit-closed_form
# says: this is the probability
# -     return log_density(*real) - log_density(*fake)
# +     return 1 / (1 + np.exp(log_density(*fake) - log_density(*real)))

# %% wrong ratio
# check: best_logit-closed_form
# says: return its logarithm
# -     return log_density(*real) - log_density(*fake)
# +     return np.exp(log_density(*real) - log_density(*fake))

# %% wrong width_forgotten
# check: best_logit-closed_form
# says: a wide Gaussian is lower
# -         return -0.5 * ((x - mean) / std) ** 2 - np.log(std)
# +         return -0.5 * ((x - mean) / std) ** 2

# %% wrong variance_for_deviation
# check: best_logit-closed_form
# says: not a variance
# -         return -0.5 * ((x - mean) / std) ** 2 - np.log(std)
# +         return -0.5 * (x - mean) ** 2 / std - 0.5 * np.log(std)

# %% wrong underflows
# check: best_logit-closed_form
# says: underflow
# -         return -0.5 * ((x - mean) / std) ** 2 - np.log(std)
# +         return np.log(np.exp(-0.5 * ((x - mean) / std) ** 2) / std + 1e-300)


# %% wrong not_a_number
# check: best_logit-closed_form
# says: nan, expected
# -     return log_density(*real) - log_density(*fake)
# +     return np.sqrt(-1.0 - np.square(x))


# %% right by_scipy
def best_logit(x, real, fake):
    from scipy.stats import norm

    return norm(*real).logpdf(x) - norm(*fake).logpdf(x)


# %% right quadratic
def best_logit(x, real, fake):
    (m, s), (k, t) = real, fake
    square = 1 / (2 * t**2) - 1 / (2 * s**2)
    linear = m / s**2 - k / t**2
    constant = k**2 / (2 * t**2) - m**2 / (2 * s**2) + np.log(t / s)
    return square * x**2 + linear * x + constant


# %% right in_float32
def best_logit(x, real, fake):
    x = np.asarray(x, dtype=np.float32)
    (m, s), (n, t) = real, fake
    return -0.5 * ((x - m) / s) ** 2 - np.log(s) + 0.5 * ((x - n) / t) ** 2 + np.log(t)


# %% vacuous zeros
def best_logit(x, real, fake):
    return np.zeros_like(x)


# %% vacuous the_input
def best_logit(x, real, fake):
    return x.copy()
