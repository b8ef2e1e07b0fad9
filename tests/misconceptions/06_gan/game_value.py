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
    from scipy.stats import norm

    data, made = norm(*real), norm(*fake)
    tail = norm.cdf(-4)
    low, high = min(data.ppf(tail), made.ppf(tail)), max(data.isf(tail), made.isf(tail))
    grid, step = np.linspace(low, high, 20_001, retstep=True)
    logits = best_logit(grid, real, fake)
    told = data.pdf(grid) * np.logaddexp(0, -logits) + made.pdf(grid) * np.logaddexp(0, logits)
    return -float(step * (told.sum() - (told[0] + told[-1]) / 2))


# %% right around_the_middle
def game_value(real, fake):
    reach = 10 * max(real[1], fake[1])
    edges = (real[0] + fake[0]) / 2 + np.linspace(-reach, reach, 20_001)
    middles = (edges[1:] + edges[:-1]) / 2
    total = 0.0
    for (mean, deviation), sign in ((real, 1), (fake, -1)):
        height = np.exp(-((middles - mean) ** 2) / (2 * deviation**2)) / deviation
        total -= np.dot(height, np.logaddexp(0, -sign * best_logit(middles, real, fake)))
    return float(total * (edges[1] - edges[0]) / (2 * np.pi) ** 0.5)


# %% right where_the_real_samples_are
def game_value(real, fake):
    places = np.linspace(real[0] - 10 * real[1], real[0] + 10 * real[1], 20_001)
    sure = best_logit(places, real, fake)

    def share(of, loss):
        mean, deviation = of
        standard = (places - mean) / deviation
        weight = np.exp(-standard * standard / 2 - np.log(deviation) - np.log(2 * np.pi) / 2)
        return np.trapezoid(weight * loss, places)

    return float(-share(real, np.logaddexp(0, -sure)) - share(fake, np.logaddexp(0, sure)))


# %% vacuous ln_four
def game_value(real, fake):
    return -1.386294361


# %% vacuous zero
def game_value(real, fake):
    return 0.0
