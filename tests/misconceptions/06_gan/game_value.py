"""Answers to `game_value`: what students write, right and wrong."""

# %% wrong loss_for_value
# check: game_value-equal_and_far
# says: the value is minus that
# -     return float(value)
# +     return -float(value)

# %% wrong bits
# check: game_value-equal_and_far
# says: the natural logarithm
# -     return float(value)
# +     return float(value) / np.log(2)

# %% wrong real_samples_only
# check: game_value-equal_and_far
# says: half the game
# -     for (mean, std), sign in ((real, -1), (fake, 1)):
# +     for (mean, std), sign in ((real, -1),):


# %% wrong grid_around_zero
# check: game_value-equal_and_far
# says: does your grid cover these Gaussians?
def game_value(real, fake):
    x = np.linspace(-200, 200, 400_001)
    z, value = best_logit(x, real, fake), 0
    for (mean, std), sign in ((real, -1), (fake, 1)):
        density = np.exp(-0.5 * ((x - mean) / std) ** 2) / (std * np.sqrt(2 * np.pi))
        value = value - density * np.logaddexp(0, sign * z)
    return float(np.trapezoid(value, x))


# %% wrong one_density_for_both
# check: game_value-any_pair
# says: is it the integral of p ln D + q ln(1 - D)
# -         z = best_logit(mean + std * u, real, fake)
# +         z = best_logit(real[0] + real[1] * u, real, fake)


# %% wrong only_the_means_count
# check: game_value-any_pair
# says: is it the integral of p ln D + q ln(1 - D)
def game_value(real, fake):
    gap = (real[0] - fake[0]) / (real[1] + fake[1])
    return -float(np.log(4) * np.exp(-(gap**2)))


# %% wrong drawn_at_random
# check: game_value-any_pair
# says: is it the integral of p ln D
def game_value(real, fake):
    u = np.random.default_rng(0).normal(size=200_000)
    z_real = best_logit(real[0] + real[1] * u, real, fake)
    z_fake = best_logit(fake[0] + fake[1] * u, real, fake)
    return float(-np.logaddexp(0, -z_real).mean() - np.logaddexp(0, z_fake).mean())


# %% wrong coarse_grid
# check: game_value-any_pair
# says: is the grid fine enough
def game_value(real, fake):
    reach = 10 * max(real[1], fake[1])
    x = np.linspace(min(real[0], fake[0]) - reach, max(real[0], fake[0]) + reach, 1000)
    z, value = best_logit(x, real, fake), 0
    for (mean, std), sign in ((real, -1), (fake, 1)):
        density = np.exp(-0.5 * ((x - mean) / std) ** 2) / (std * np.sqrt(2 * np.pi))
        value = value - density * np.logaddexp(0, sign * z)
    return float(np.trapezoid(value, x))


# %% wrong zero_times_infinity
# check: game_value-equal_and_far
# says: is 0 multiplied by an infinite logarithm?
def game_value(real, fake):
    reach = 10 * max(real[1], fake[1])
    x = np.linspace(min(real[0], fake[0]) - reach, max(real[0], fake[0]) + reach, 40_001)
    p, q = (np.exp(-0.5 * ((x - m) / s) ** 2) / s / np.sqrt(2 * np.pi) for m, s in (real, fake))
    chance = 1 / (1 + np.exp(-best_logit(x, real, fake)))
    return float(np.trapezoid(p * np.log(chance) + q * np.log(1 - chance), x))


# %% wrong quad_misses_the_narrow_one
# check: game_value-any_pair
# says: is the grid fine enough
def game_value(real, fake):
    from scipy.integrate import quad
    from scipy.special import log_expit
    from scipy.stats import norm

    def term(pair, sign):
        def inside(u):
            z = best_logit(np.array(pair[0] + pair[1] * u), real, fake)
            return norm.pdf(u) * float(log_expit(sign * z))

        return quad(inside, -10, 10, limit=200)[0]

    return term(real, 1) + term(fake, -1)


# %% right hermite
def game_value(real, fake):
    def expected(of, side):
        grid = np.linspace(-9, 9, 20_001)
        chance = np.exp(-(grid**2) / 2)
        return (
            chance * np.logaddexp(0, side * best_logit(of[0] + of[1] * grid, real, fake))
        ).sum() / (chance.sum())

    return -float(expected(real, -1) + expected(fake, 1))


# %% right by_scipy
def game_value(real, fake):
    from scipy.integrate import quad
    from scipy.special import log_expit
    from scipy.stats import norm

    def term(pair, sign):
        def inside(u):
            z = best_logit(np.array(pair[0] + pair[1] * u), real, fake)
            return norm.pdf(u) * float(log_expit(sign * z))

        edges = [m + k * s for m, s in (real, fake) for k in (-9, -3, 0, 3, 9)]
        at = [u for u in sorted((x - pair[0]) / pair[1] for x in edges) if -10 < u < 10]
        return quad(inside, -10, 10, points=at, limit=200)[0]

    return term(real, 1) + term(fake, -1)


# %% right grid_over_both
def game_value(real, fake):
    (m, s), (n, t) = real, fake
    x = np.linspace(min(m - 10 * s, n - 10 * t), max(m + 10 * s, n + 10 * t), 20_001)
    p = np.exp(-0.5 * ((x - m) / s) ** 2) / s / np.sqrt(2 * np.pi)
    q = np.exp(-0.5 * ((x - n) / t) ** 2) / t / np.sqrt(2 * np.pi)
    z = best_logit(x, real, fake)
    value = -p * np.logaddexp(0, -z) - q * np.logaddexp(0, z)
    return float(value.sum() * (x[1] - x[0]))


# %% right four_deviations
def game_value(real, fake):
    (m, s), (n, t) = real, fake
    x = np.linspace(min(m - 4 * s, n - 4 * t), max(m + 4 * s, n + 4 * t), 20_001)
    p = np.exp(-0.5 * ((x - m) / s) ** 2) / s / np.sqrt(2 * np.pi)
    q = np.exp(-0.5 * ((x - n) / t) ** 2) / t / np.sqrt(2 * np.pi)
    z = best_logit(x, real, fake)
    value = -p * np.logaddexp(0, -z) - q * np.logaddexp(0, z)
    return float(np.trapezoid(value, x))


# %% right around_the_middle
def game_value(real, fake):
    (m, s), (n, t) = real, fake
    x = (m + n) / 2 + 10 * max(s, t) * np.linspace(-1, 1, 20_001)
    p = np.exp(-0.5 * ((x - m) / s) ** 2) / s / np.sqrt(2 * np.pi)
    q = np.exp(-0.5 * ((x - n) / t) ** 2) / t / np.sqrt(2 * np.pi)
    z = best_logit(x, real, fake)
    value = -p * np.logaddexp(0, -z) - q * np.logaddexp(0, z)
    return float(np.trapezoid(value, x))


# %% right where_the_real_samples_are
def game_value(real, fake):
    (m, s), (n, t) = real, fake
    x = m + s * np.linspace(-10, 10, 20_001)
    p = np.exp(-0.5 * ((x - m) / s) ** 2) / s / np.sqrt(2 * np.pi)
    q = np.exp(-0.5 * ((x - n) / t) ** 2) / t / np.sqrt(2 * np.pi)
    z = best_logit(x, real, fake)
    value = -p * np.logaddexp(0, -z) - q * np.logaddexp(0, z)
    return float(np.trapezoid(value, x))


# %% vacuous ln_four
def game_value(real, fake):
    return -1.386294361


# %% vacuous zero
def game_value(real, fake):
    return 0.0
