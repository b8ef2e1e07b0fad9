"""Answers to `fit_temperature`: what students write, right and wrong."""

# %% wrong inverse
# check: fit_temperature-minimum
# says: the temperature divides
# -         return F.cross_entropy(logits.double() / np.exp(log_temperature), labels).item()
# +         return F.cross_entropy(logits.double() * np.exp(log_temperature), labels).item()

# %% wrong too_near
# check: fit_temperature-minimum
# says: ends too early, or too near
# -     found = optimize.minimize_scalar(loss, bounds=(-4, 4), method="bounded")
# +     found = optimize.minimize_scalar(loss, bounds=(-2, 2), method="bounded")

# %% wrong never_below_one
# check: fit_temperature-minimum
# says: 0.4 times too large
# -     found = optimize.minimize_scalar(loss, bounds=(-4, 4), method="bounded")
# +     found = optimize.minimize_scalar(loss, bounds=(0, 4), method="bounded")

# %% wrong forgets_exp
# check: fit_temperature-minimum
# says: expected
# -     return float(np.exp(found.x))
# +     return float(found.x)

# %% wrong softmax_twice
# check: fit_temperature-minimum
# says: expected
# -         return F.cross_entropy(logits.double() / np.exp(log_temperature), labels).item()
# +         scaled = (logits.double() / np.exp(log_temperature)).softmax(dim=1)
# +         return F.cross_entropy(scaled, labels).item()

# %% wrong most_right_answers
# check: fit_temperature-minimum
# says: expected
# -         return F.cross_entropy(logits.double() / np.exp(log_temperature), labels).item()
# +         scaled = logits.double() / np.exp(log_temperature)
# +         return (scaled.argmax(dim=1) != labels).double().mean().item()

# %% wrong searches_too_near
# check: fit_temperature-minimum
# says: too near
# -     found = optimize.minimize_scalar(loss, bounds=(-4, 4), method="bounded")
# +     found = optimize.minimize_scalar(loss, bounds=(-3, 3), method="bounded")


# %% right grid
def fit_temperature(logits, labels):
    temperatures = np.exp(np.linspace(-4, 4, 1001))
    losses = [F.cross_entropy(logits / float(t), labels).item() for t in temperatures]
    return float(temperatures[int(np.argmin(losses))])


# %% right adam
def fit_temperature(logits, labels):
    log_temperature = torch.zeros((), dtype=torch.float64, requires_grad=True)
    adam = torch.optim.Adam([log_temperature], lr=0.05)
    for _ in range(400):
        adam.zero_grad()
        F.cross_entropy(logits.double() / log_temperature.exp(), labels).backward()
        adam.step()
    return log_temperature.exp().item()


# %% vacuous one
def fit_temperature(logits, labels):
    return 1.0
