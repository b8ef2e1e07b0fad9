"""Answers to `activate`: what students write, right and wrong."""

# %% wrong slope_taken_at_the_output
# check: activate-slopes
# says: derivative at the output
# -     return value, value * (1 - value)
# +     again = 1 / (1 + np.exp(-value))
# +     return value, again * (1 - again)

# %% wrong tanh_slope_taken_at_the_output
# check: activate-slopes
# says: slope of tanh
# says: derivative at the output
# -         return value, 1 - value**2
# +         return value, 1 - np.tanh(value) ** 2

# %% wrong z_in_the_formula_of_the_sigmoid
# check: activate-slopes
# says: the formula was given z
# -     return value, value * (1 - value)
# +     return value, z * (1 - z)

# %% wrong z_in_the_formula_of_tanh
# check: activate-slopes
# says: the formula was given z
# -         return value, 1 - value**2
# +         return value, 1 - z**2

# %% wrong sigmoid_overflows
# check: activate-extremes
# says: larger than any float
# -     small = np.exp(-np.abs(z))  # at most 1, so nothing overflows
# -     value = np.where(z >= 0, 1, small) / (1 + small)
# +     value = np.exp(z) / (1 + np.exp(z))

# %% wrong tanh_overflows
# check: activate-extremes
# says: the value of tanh
# says: larger than any float
# -         value = np.tanh(z)
# +         value = (np.exp(z) - np.exp(-z)) / (np.exp(z) + np.exp(-z))

# %% wrong slope_overflows
# check: activate-extremes
# says: the slope of sigmoid
# says: larger than any float
# -     return value, value * (1 - value)
# +     return value, np.exp(-z) / (1 + np.exp(-z)) ** 2

# %% wrong relu_slope_one_at_zero
# check: activate-extremes
# says: at 0 we take 0
# -         return np.maximum(z, 0), np.where(z > 0, 1.0, 0.0)
# +         return np.maximum(z, 0), np.where(z >= 0, 1.0, 0.0)

# %% wrong relu_is_the_absolute_value
# check: activate-values
# says: relu(
# -         return np.maximum(z, 0), np.where(z > 0, 1.0, 0.0)
# +         return np.abs(z), np.where(z > 0, 1.0, 0.0)

# %% wrong changes_its_input
# check: activate-values
# says: your function modified its argument `z`
# -         return np.maximum(z, 0), np.where(z > 0, 1.0, 0.0)
# +         z[z < 0] = 0
# +         return z.copy(), np.where(z > 0, 1.0, 0.0)

# %% wrong slope_of_relu_is_true_or_false
# check: activate-slopes
# says: an array of bool, expected floats
# -         return np.maximum(z, 0), np.where(z > 0, 1.0, 0.0)
# +         return np.maximum(z, 0), z > 0

# %% wrong rows_only
# check: activate-slopes
# says: expected the same
# -     return value, value * (1 - value)
# +     return value, np.atleast_2d(value * (1 - value))

# %% wrong tables_only
# check: activate-values
# says: not enough values to unpack
# raises: ValueError
# -     if kind == "relu":
# +     rows, columns = z.shape
# +     if kind == "relu":

# %% wrong in_half_precision
# check: activate-values
# says: tanh(
# -         value = np.tanh(z)
# +         value = np.tanh(z.astype(np.float32))

# %% wrong no_slope
# check: activate-values
# says: expected the pair (value, slope)
# -         return np.maximum(z, 0), np.where(z > 0, 1.0, 0.0)
# +         return np.maximum(z, 0)

# %% wrong sigmoid_without_minus
# check: activate-values
# says: sigmoid(
# -     value = np.where(z >= 0, 1, small) / (1 + small)
# +     value = np.where(z >= 0, small, 1) / (1 + small)


# %% right by_scipy
def activate(z, kind):
    from scipy.special import expit

    if kind == "relu":
        return z * (z > 0), (z > 0).astype(float)
    if kind == "sigmoid":
        return expit(z), expit(z) * expit(-z)
    if kind == "tanh":
        return np.tanh(z), 1 - np.tanh(z) ** 2
    raise ValueError(kind)


# %% right by_tanh_and_a_table
def activate(z, kind):
    sigmoid = (1 + np.tanh(z / 2)) / 2
    return {
        "relu": (z.clip(min=0), np.heaviside(z, 0)),
        "sigmoid": (sigmoid, sigmoid - sigmoid**2),
        "tanh": (np.tanh(z), 4 * sigmoid_slope(z)),
    }[kind]


def sigmoid_slope(z):
    half = (1 + np.tanh(z)) / 2
    return half * (1 - half)


# %% right warns_of_overflow_but_is_right
def activate(z, kind):
    if kind == "relu":
        return np.maximum(0, z), 1.0 * (z > 0)
    if kind == "tanh":
        return np.tanh(z), 1 - np.square(np.tanh(z))
    s = 1 / (1 + np.exp(-z))
    return s, s * (1 - s)


# %% right element_by_element
def activate(z, kind):
    import math

    value, slope = np.empty(z.shape), np.empty(z.shape)
    for place in np.ndindex(z.shape):
        x = float(z[place])
        if kind == "relu":
            value[place], slope[place] = (x, 1) if x > 0 else (0, 0)
        elif kind == "tanh":
            value[place] = math.tanh(x)
            slope[place] = 1 - math.tanh(x) ** 2
        else:
            s = 1 / (1 + math.exp(-x)) if x >= 0 else math.exp(x) / (1 + math.exp(x))
            value[place], slope[place] = s, s * (1 - s)
    return value, slope


# %% vacuous zeros
def activate(z, kind):
    return np.zeros_like(z), np.zeros_like(z)


# %% wrong nothing_at_all
# check: activate-extremes
# says: expected the pair (value, slope)
def activate(z, kind):
    return np.empty(0)


# %% vacuous empty_arrays
def activate(z, kind):
    return np.empty(0), np.empty(0)


# %% vacuous the_input
def activate(z, kind):
    return z, np.ones_like(z)
