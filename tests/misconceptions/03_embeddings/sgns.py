"""Answers to `sgns`: what students write, right and wrong."""

# %% wrong sum_over_the_pairs
# check: sgns-loss
# says: expected the mean
# -     loss = (np.logaddexp(0, -score) + np.logaddexp(0, noise_score).sum(axis=1)).mean()
# +     loss = (np.logaddexp(0, -score) + np.logaddexp(0, noise_score).sum(axis=1)).sum()

# %% wrong a_loss_for_each_pair
# check: sgns-loss
# says: expected a number
# -     loss = (np.logaddexp(0, -score) + np.logaddexp(0, noise_score).sum(axis=1)).mean()
# +     loss = np.logaddexp(0, -score) + np.logaddexp(0, noise_score).sum(axis=1)
# -     return float(loss), grad_inputs, grad_outputs
# +     return loss, grad_inputs, grad_outputs

# %% wrong log_probability
# check: sgns-loss
# says: the sign is wrong
# -     return float(loss), grad_inputs, grad_outputs
# +     return -float(loss), grad_inputs, grad_outputs

# %% wrong negatives_averaged
# check: sgns-loss
# says: the negatives are averaged
# -     loss = (np.logaddexp(0, -score) + np.logaddexp(0, noise_score).sum(axis=1)).mean()
# +     loss = (np.logaddexp(0, -score) + np.logaddexp(0, noise_score).mean(axis=1)).mean()

# %% wrong negatives_are_neighbors
# check: sgns-loss
# says: negatives are treated as neighbors
# -     loss = (np.logaddexp(0, -score) + np.logaddexp(0, noise_score).sum(axis=1)).mean()
# +     loss = (np.logaddexp(0, -score) + np.logaddexp(0, -noise_score).sum(axis=1)).mean()

# %% wrong no_negatives
# check: sgns-loss
# says: the negatives are missing
# -     loss = (np.logaddexp(0, -score) + np.logaddexp(0, noise_score).sum(axis=1)).mean()
# +     loss = np.logaddexp(0, -score).mean()

# %% wrong one_table_for_both
# check: sgns-loss
# says: one table for both
# -     v, u, noise = inputs[centers], outputs[contexts], outputs[negatives]
# +     v, u, noise = inputs[centers], inputs[contexts], inputs[negatives]

# %% wrong tables_swapped
# check: sgns-loss
# says: input and output vectors are swapped
# -     v, u, noise = inputs[centers], outputs[contexts], outputs[negatives]
# +     v, u, noise = outputs[centers], inputs[contexts], inputs[negatives]

# %% wrong updates_the_tables
# check: sgns-loss
# says: return gradients, do not apply them
# -     return float(loss), grad_inputs, grad_outputs
# +     inputs -= 0.05 * grad_inputs
# +     return float(loss), grad_inputs, grad_outputs

# %% wrong gradient_points_downhill
# check: sgns-gradient
# says: the sign is wrong
# -     return float(loss), grad_inputs, grad_outputs
# +     return float(loss), -grad_inputs, -grad_outputs

# %% wrong gradient_of_the_sum
# check: sgns-gradient
# says: divide by N
# -     return float(loss), grad_inputs, grad_outputs
# +     return float(loss), len(centers) * grad_inputs, len(centers) * grad_outputs

# %% wrong sigmoid_without_minus_one
# check: sgns-gradient
# says: expected σ(score) - 1
# -     error = (expit(score) - 1)[:, None] / len(centers)
# +     error = expit(score)[:, None] / len(centers)

# %% wrong negatives_pull_too
# check: sgns-gradient
# says: expected σ(score)
# -     noise_error = expit(noise_score)[:, :, None] / len(centers)
# +     noise_error = (expit(noise_score) - 1)[:, :, None] / len(centers)

# %% wrong inputs_learn_from_contexts_only
# check: sgns-gradient
# says: the negatives' part is missing
# -     np.add.at(grad_inputs, centers, error * u + (noise_error * noise).sum(axis=1))
# +     np.add.at(grad_inputs, centers, error * u)

# %% wrong overwrites_repeated_words
# check: sgns-gradient
# says: np.add.at
# -     np.add.at(grad_inputs, centers, error * u + (noise_error * noise).sum(axis=1))
# -     np.add.at(grad_outputs, contexts, error * v)
# -     np.add.at(grad_outputs, negatives, noise_error * v[:, None])
# +     grad_inputs[centers] += error * u + (noise_error * noise).sum(axis=1)
# +     grad_outputs[contexts] += error * v
# +     grad_outputs[negatives] += noise_error * v[:, None]

# %% wrong gradients_into_one_table
# check: sgns-gradient
# says: is not a center
# -     np.add.at(grad_outputs, contexts, error * v)
# +     np.add.at(grad_inputs, contexts, error * v)

# %% wrong gradients_of_the_batch
# check: sgns-gradient
# says: a row for every word
# -     return float(loss), grad_inputs, grad_outputs
# +     return float(loss), error * u + (noise_error * noise).sum(axis=1), error * v

# %% wrong overflows
# check: sgns-large_scores
# says: not finite
# -     loss = (np.logaddexp(0, -score) + np.logaddexp(0, noise_score).sum(axis=1)).mean()
# +     with np.errstate(all="ignore"):
# +         positive, negative = np.log(1 + np.exp(-score)), np.log(1 + np.exp(noise_score))
# +     loss = (positive + negative.sum(axis=1)).mean()

# %% wrong clips_the_probabilities
# check: sgns-large_scores
# says: is a probability clipped
# -     loss = (np.logaddexp(0, -score) + np.logaddexp(0, noise_score).sum(axis=1)).mean()
# +     chance, noise_chance = expit(score), expit(-noise_score)
# +     loss = -(np.log(chance + 1e-12) + np.log(noise_chance + 1e-12).sum(axis=1)).mean()


# %% wrong logarithm_of_the_score
# check: sgns-loss
# says: the loss is nan
# says: is each logarithm that of a probability
# -     loss = (np.logaddexp(0, -score) + np.logaddexp(0, noise_score).sum(axis=1)).mean()
# +     with np.errstate(invalid="ignore"):
# +         loss = (-np.log(score) - np.log(-noise_score).sum(axis=1)).mean()

# %% wrong each_vector_times_itself
# check: sgns-gradient
# says: each vector is multiplied by itself
# -     np.add.at(grad_inputs, centers, error * u + (noise_error * noise).sum(axis=1))
# -     np.add.at(grad_outputs, contexts, error * v)
# -     np.add.at(grad_outputs, negatives, noise_error * v[:, None])
# +     np.add.at(grad_inputs, centers, error * v + noise_error.sum(axis=1) * v)
# +     np.add.at(grad_outputs, contexts, error * u)
# +     np.add.at(grad_outputs, negatives, noise_error * noise)

# %% wrong negatives_not_divided
# check: sgns-gradient
# says: the negatives' part is not divided by N
# -     noise_error = expit(noise_score)[:, :, None] / len(centers)
# +     noise_error = expit(noise_score)[:, :, None]

# %% wrong sorts_the_negatives
# check: sgns-large_scores
# says: modified an argument
# -     v, u, noise = inputs[centers], outputs[contexts], outputs[negatives]
# +     negatives.sort(axis=1)
# +     v, u, noise = inputs[centers], outputs[contexts], outputs[negatives]


# %% right by_torch
def sgns(inputs, outputs, centers, contexts, negatives):
    v = torch.tensor(inputs, requires_grad=True)
    u = torch.tensor(outputs, requires_grad=True)
    centers, contexts, negatives = map(torch.as_tensor, (centers, contexts, negatives))
    true = (v[centers] * u[contexts]).sum(1)
    false = (u[negatives] @ v[centers][:, :, None]).squeeze(2)
    softplus = torch.nn.functional.softplus
    loss = (softplus(-true) + softplus(false).sum(1)).mean()
    loss.backward()
    return loss.item(), v.grad.numpy(), u.grad.numpy()


# %% right pair_by_pair
def sgns(inputs, outputs, centers, contexts, negatives):
    loss, grad_inputs, grad_outputs = 0.0, 0 * inputs, 0 * outputs
    for c, o, others in zip(centers, contexts, negatives):
        for word, label in [(o, 1), *((k, 0) for k in others)]:
            score = inputs[c] @ outputs[word]
            loss += np.logaddexp(0, -score if label else score)
            error = np.exp(-np.logaddexp(0, -score)) - label
            grad_inputs[c] += error * outputs[word]
            grad_outputs[word] += error * inputs[c]
    n = len(centers)
    return loss / n, grad_inputs / n, grad_outputs / n


# %% right labels_and_one_table_of_words
def sgns(inputs, outputs, centers, contexts, negatives):
    words = np.column_stack([contexts, negatives])
    labels = np.zeros(words.shape)
    labels[:, 0] = 1
    v, u = inputs[centers], outputs[words]
    scores = (u @ v[:, :, None])[..., 0]
    loss = (np.maximum(scores, 0) - labels * scores + np.log1p(np.exp(-abs(scores)))).sum()
    error = (0.5 * (1 + np.tanh(scores / 2)) - labels) / len(centers)
    hot = np.eye(len(inputs))
    grad_inputs = hot[centers].T @ np.einsum("nk,nkd->nd", error, u)
    grad_outputs = hot[words.ravel()].T @ (error[..., None] * v[:, None]).reshape(-1, v.shape[1])
    return np.float64(loss / len(centers)), grad_inputs, grad_outputs


# %% vacuous zeros
def sgns(inputs, outputs, centers, contexts, negatives):
    return 0.0, np.zeros(inputs.shape), np.zeros(outputs.shape)


# %% vacuous the_loss_at_the_start
def sgns(inputs, outputs, centers, contexts, negatives):
    return (1 + negatives.shape[1]) * np.log(2), inputs, outputs
