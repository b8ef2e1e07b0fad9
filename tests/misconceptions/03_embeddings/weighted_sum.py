"""Answers to `weighted_sum`: what students write, right and wrong."""

# %% wrong transposed
# check: weighted_sum-values
# says: the table is transposed
# -     return weights @ table + bias
# +     return weights @ table.T + bias

# %% wrong no_bias
# check: weighted_sum-values
# says: the bias is missing
# -     return weights @ table + bias
# +     return weights @ table

# %% wrong bias_twice
# check: weighted_sum-values
# says: the bias is added twice
# -     return weights @ table + bias
# +     output = weights @ table + bias
# +     return output + bias

# %% wrong bias_for_every_word
# check: weighted_sum-values
# says: the bias is added once for every word j
# -     return weights @ table + bias
# +     output = np.zeros((len(weights), table.shape[1]))
# +     for j in range(len(table)):
# +         output += weights[:, j, None] * table[j] + bias
# +     return output

# %% wrong bias_in_the_table
# check: weighted_sum-values
# says: the bias is inside the sum
# -     return weights @ table + bias
# +     return weights @ (table + bias)

# %% wrong mean
# check: weighted_sum-values
# says: this is a mean
# -     return weights @ table + bias
# +     return weights @ table / len(table) + bias

# %% wrong looks_up_the_largest
# check: weighted_sum-values
# says: off by up to
# -     return weights @ table + bias
# +     return table[weights.argmax(axis=1)] + bias

# %% wrong first_row_only
# check: weighted_sum-values
# says: shape (4,), expected (4, 4)
# -     return weights @ table + bias
# +     return weights[0] @ table + bias


# %% wrong adds_to_the_table
# check: weighted_sum-values
# says: modified its argument `table`
# -     return weights @ table + bias
# +     result = weights @ table + bias
# +     table += bias
# +     return result


# %% right loops
def weighted_sum(weights, table, bias):
    output = np.empty((weights.shape[0], table.shape[1]))
    for n, row in enumerate(weights):
        output[n] = bias
        for weight, vector in zip(row, table):
            output[n] += weight * vector
    return output


# %% right by_torch
def weighted_sum(weights, table, bias):
    weights, table, bias = map(torch.as_tensor, (weights, table, bias))
    return torch.addmm(bias, weights, table).numpy()


# %% right in_float32
def weighted_sum(weights, table, bias):
    return np.einsum("nv,vd->nd", weights, table).astype(np.float32) + bias.astype(np.float32)


# %% vacuous zeros
def weighted_sum(weights, table, bias):
    return np.zeros((len(weights), table.shape[1]))


# %% vacuous the_bias
def weighted_sum(weights, table, bias):
    return np.tile(bias, (len(weights), 1))
