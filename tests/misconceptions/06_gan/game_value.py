"""Answers to `game_value`: what students write, right and wrong."""

# %% wrong loss_for_value
# check: game_value-equal_and_far
# says: the value is minus that
# -     return float(np.trapezoid(value, x))
# +     return -float(np.trapezoid(value, x))

# %% wrong bits
# check: game_value-equal_and_far
# says: the natural logarithm
# -     return float(np.trapezoid(value, x))
# +     return float(np.trapezoid(value, x)) / np.log(2)

# %% wrong real_samples_only
# check: game_value-equal_and_far
# says: half the game
# -     for (mean, std), sign in ((real, -1), (fake, 1)):
# +     for (mean, std), sign in ((real, -1),):

# %% wrong log_of_a_probability
# check: game_value-equal_and_far
# says: overflow
# -         value = value - density * np.logaddexp(0, sign * z)
# +         value = value + density * np.log(1 / (1 + np.exp(np.clip(sign * z, -700, 700))) - 1e-300)

# %% wrong grid_around_zero
# check: game_value-equal_and_far
# says: expected -ln 4
# -     x = np.linspace(min(real[0], fake[0]) - reach, max(real[0], fake[0]) + reach, 40_001)
# +     x = np.linspace(-10, 10, 40_001)

# %% wrong one_density_for_both
# check: game_value-any_pair
# says: the integral of p ln D + q ln(1 - D)
# -         density = np.exp(-0.5 * ((x - mean) / std) ** 2) / (std * np.sqrt(2 * np.pi))
# +         density = np.exp(-0.5 * ((x - real[0]) / real[1]) ** 2) / (real[1] * np.sqrt(2 * np.pi))


# %% wrong only_the_means_count
# check: game_value-any_pair
# says: the integral of p ln D + q ln(1 - D)
def game_value(real, fake):
    gap = (real[0] - fake[0]) / (real[1] + fake[1])
    return -float(np.log(4) * np.exp(-(gap**2)))


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

        return quad(inside, -10, 10, limit=200)[0]

    return term(real, 1) + term(fake, -1)


# %% vacuous ln_four
def game_value(real, fake):
    return -1.386294361


# %% vacuous zero
def game_value(real, fake):
    return 0.0
