"""Answers to `linear`: what students write, right and wrong."""

# %% wrong no_bias
# check: linear-values
# says: the bias is missing
# -     return inputs @ weight.T + bias
# +     return inputs @ weight.T

# %% wrong transposed_weight
# check: linear-values
# says: the weight is transposed
# -     return inputs @ weight.T + bias
# +     return inputs @ weight + bias

# %% wrong subtracts_the_bias
# check: linear-values
# says: the bias is subtracted
# -     return inputs @ weight.T + bias
# +     return inputs @ weight.T - bias

# %% wrong output_transposed
# check: linear-values
# says: expected (5, 3)
# -     return inputs @ weight.T + bias
# +     return (inputs @ weight.T + bias).T

# %% wrong element_by_element
# check: linear-values
# says: linear: 5 examples, 3 inputs, 3 outputs: output[
# -     return inputs @ weight.T + bias
# +     return (inputs[:, None] * weight + bias[:, None]).sum(axis=2)

# %% wrong bias_of_the_rows_if_it_fits
# check: linear-values
# says: 4 examples, 3 inputs, 4 outputs
# -     return inputs @ weight.T + bias
# +     return inputs @ weight.T + (bias[:, None] if len(inputs) == len(bias) else bias)

# %% wrong adds_to_the_bias
# check: linear-values
# says: your function modified its argument `bias`
# -     return inputs @ weight.T + bias
# +     output = inputs @ weight.T + bias
# +     bias += 1
# +     return output


# %% right by_einsum
def linear(inputs, weight, bias):
    return np.einsum("nd,kd->nk", inputs, weight) + bias[None]


# %% right loops
def linear(inputs, weight, bias):
    output = np.zeros((len(inputs), len(weight)))
    for n in range(len(inputs)):
        for k in range(len(weight)):
            output[n, k] = bias[k]
            for d in range(inputs.shape[1]):
                output[n, k] += weight[k, d] * inputs[n, d]
    return output


# %% right a_column_of_ones
def linear(inputs, weight, bias):
    extended = np.hstack([inputs, np.ones((inputs.shape[0], 1))])
    return extended.dot(np.hstack([weight, bias.reshape(-1, 1)]).T)


# %% vacuous zeros
def linear(inputs, weight, bias):
    return np.zeros((len(inputs), len(weight)))


# %% vacuous the_bias
def linear(inputs, weight, bias):
    return np.tile(bias, (len(inputs), 1))
