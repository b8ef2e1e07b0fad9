"""Answers to `calibrate`: what students write, right and wrong."""

# %% wrong fitted_on_the_test_images
# check: calibrate-roles
# says: fitted on the test images
# -     temperature = fit_temperature(logits[~in_test], labels[~in_test])
# +     temperature = fit_temperature(logits[in_test], labels[in_test])

# %% wrong fitted_on_all
# check: calibrate-roles
# says: fitted on all images
# -     temperature = fit_temperature(logits[~in_test], labels[~in_test])
# +     temperature = fit_temperature(logits, labels)

# %% wrong measured_on_validation
# check: calibrate-roles
# says: measured on the validation images
# -     new, truth = logits[in_test], labels[in_test]
# +     new, truth = logits[~in_test], labels[~in_test]

# %% wrong measured_on_all
# check: calibrate-roles
# says: measured on all images
# -     new, truth = logits[in_test], labels[in_test]
# +     new, truth = logits, labels

# %% wrong multiplies
# check: calibrate-roles
# says: multiplied by the temperature
# -     after = calibration_error((new / temperature).softmax(dim=1), truth)
# +     after = calibration_error((new * temperature).softmax(dim=1), truth)

# %% wrong divides_probabilities
# check: calibrate-roles
# says: the error after
# -     after = calibration_error((new / temperature).softmax(dim=1), truth)
# +     after = calibration_error(new.softmax(dim=1) / temperature, truth)

# %% wrong swapped
# check: calibrate-roles
# says: the error before
# -     return temperature, before, after
# +     return temperature, after, before


# %% right by_positions
def calibrate(logits, labels, in_test):
    test, validation = torch.nonzero(in_test)[:, 0], torch.nonzero(~in_test)[:, 0]
    tau = fit_temperature(logits.index_select(0, validation), labels[validation])
    errors = []
    for scale in (1.0, tau):
        p = F.softmax(logits[test] / scale, dim=-1)
        errors.append(calibration_error(p, labels[test], 10))
    return [tau, *errors]


# %% right from_scratch
def calibrate(logits, labels, in_test):
    from scipy.optimize import minimize_scalar

    z, y = logits[~in_test], labels[~in_test]
    found = minimize_scalar(
        lambda u: F.cross_entropy(z * float(np.exp(-u)), y).item(), bounds=(-4, 4), method="bounded"
    )
    tau = float(np.exp(found.x))

    def error(scale):
        sure, guess = (logits[in_test] / scale).softmax(1).max(1)
        gap = (guess == labels[in_test]).double() - sure
        place = (sure * 10).ceil().long()
        return torch.zeros(12, dtype=gap.dtype).index_add(0, place, gap).abs().sum().item() / len(
            gap
        )

    return tau, error(1.0), error(tau)


# %% vacuous perfect
def calibrate(logits, labels, in_test):
    return 1.0, 0.0, 0.0
