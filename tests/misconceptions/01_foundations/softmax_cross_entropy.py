"""Answers to `softmax_cross_entropy`: what students write, right and wrong."""

# %% wrong softmax_over_the_batch
# check: softmax_cross_entropy-loss
# says: the softmax runs over the batch (axis 0)
# -     shifted = logits - logits.max(axis=1, keepdims=True)
# -     log_p = shifted - np.log(np.exp(shifted).sum(axis=1, keepdims=True))
# +     shifted = logits - logits.max(axis=0, keepdims=True)
# +     log_p = shifted - np.log(np.exp(shifted).sum(axis=0, keepdims=True))


# %% wrong one_sum_over_everything
# check: softmax_cross_entropy-loss
# says: expected a sum for each example
def softmax_cross_entropy(logits, labels):
    p = np.exp(logits) / np.exp(logits).sum()
    loss = -np.log(p[np.arange(len(labels)), labels]).mean()
    return loss, (p - np.eye(logits.shape[1])[labels]) / len(labels)


# %% wrong sum_for_mean
# check: softmax_cross_entropy-loss
# says: this is the sum over the batch
# -     return float(-log_p[rows, labels].mean()), gradient / len(labels)
# +     return float(-log_p[rows, labels].sum()), gradient

# %% wrong double_softmax
# check: softmax_cross_entropy-loss
# says: the softmax is applied twice
# -     shifted = logits - logits.max(axis=1, keepdims=True)
# +     shifted = np.exp(logits) / np.exp(logits).sum(axis=1, keepdims=True)

# %% wrong mean_over_classes_too
# check: softmax_cross_entropy-loss
# says: also divided by the number of classes
# -     return float(-log_p[rows, labels].mean()), gradient / len(labels)
# +     return float(-log_p[rows, labels].sum() / log_p.size), gradient / log_p.size

# %% wrong sign
# check: softmax_cross_entropy-loss
# says: a loss is positive
# -     return float(-log_p[rows, labels].mean()), gradient / len(labels)
# +     return float(log_p[rows, labels].mean()), gradient / len(labels)

# %% wrong one_loss_an_example
# check: softmax_cross_entropy-loss
# says: expected one number
# -     return float(-log_p[rows, labels].mean()), gradient / len(labels)
# +     return -log_p[rows, labels], gradient / len(labels)

# %% wrong log_of_the_logits
# check: softmax_cross_entropy-loss
# says: the loss is nan
# says: is the logarithm taken of the logits
# -     log_p = shifted - np.log(np.exp(shifted).sum(axis=1, keepdims=True))
# +     log_p = np.log(logits)

# %% wrong another_loss_for_a_batch_of_one
# check: softmax_cross_entropy-loss
# says: a batch of 1
# -     return float(-log_p[rows, labels].mean()), gradient / len(labels)
# +     loss = -log_p[rows, labels].mean() if len(labels) > 1 else -log_p.mean()
# +     return float(loss), gradient / len(labels)

# %% wrong shifts_the_labels_in_place
# check: softmax_cross_entropy-loss
# says: your function modified its argument `labels`
# -     gradient = np.exp(log_p)
# -     gradient[rows, labels] -= 1
# -     return float(-log_p[rows, labels].mean()), gradient / len(labels)
# +     loss = float(-log_p[rows, labels].mean())
# +     labels += len(log_p[0]) * rows
# +     gradient = np.exp(log_p)
# +     gradient.reshape(-1)[labels] -= 1
# +     return loss, gradient / len(labels)

# %% wrong gradient_in_half_precision
# check: softmax_cross_entropy-gradient
# says: gradient[
# -     gradient = np.exp(log_p)
# +     gradient = np.exp(log_p).astype(np.float32)

# %% wrong gradient_is_not_finite
# check: softmax_cross_entropy-gradient
# says: the gradient holds -inf
# -     gradient = np.exp(log_p)
# +     gradient = np.exp(log_p) + np.log(np.minimum(logits, 0))

# %% wrong gradient_of_the_sum
# check: softmax_cross_entropy-gradient
# says: so divide by N
# -     return float(-log_p[rows, labels].mean()), gradient / len(labels)
# +     return float(-log_p[rows, labels].mean()), gradient

# %% wrong gradient_without_the_true_class
# check: softmax_cross_entropy-gradient
# says: the 1 of the true class is not subtracted
# -     gradient[rows, labels] -= 1

# %% wrong one_subtracted_in_whole_columns
# check: softmax_cross_entropy-gradient
# says: adds up to
# -     gradient[rows, labels] -= 1
# +     gradient[:, labels] -= 1

# %% wrong gradient_of_the_log_probabilities
# check: softmax_cross_entropy-gradient
# says: adds up to
# -     gradient = np.exp(log_p)
# +     gradient = log_p.copy()

# %% wrong overflows
# check: softmax_cross_entropy-large
# says: is the largest logit of each row subtracted
# -     shifted = logits - logits.max(axis=1, keepdims=True)
# -     log_p = shifted - np.log(np.exp(shifted).sum(axis=1, keepdims=True))
# +     log_p = logits - np.log(np.exp(logits).sum(axis=1, keepdims=True))

# %% wrong one_maximum_for_the_whole_batch
# check: softmax_cross_entropy-large
# says: of each row
# -     shifted = logits - logits.max(axis=1, keepdims=True)
# +     shifted = logits - logits.max()

# %% wrong log_of_a_probability
# check: softmax_cross_entropy-large
# says: no log taken of a probability
# -     log_p = shifted - np.log(np.exp(shifted).sum(axis=1, keepdims=True))
# +     log_p = np.log(np.exp(shifted) / np.exp(shifted).sum(axis=1, keepdims=True))

# %% wrong clips_the_probability
# check: softmax_cross_entropy-large
# says: is a probability clipped?
# -     log_p = shifted - np.log(np.exp(shifted).sum(axis=1, keepdims=True))
# +     p = np.exp(shifted) / np.exp(shifted).sum(axis=1, keepdims=True)
# +     log_p = np.log(p.clip(1e-12))

# %% wrong changes_the_logits
# check: softmax_cross_entropy-loss
# says: your function modified its argument `logits`
# -     shifted = logits - logits.max(axis=1, keepdims=True)
# +     logits -= logits.max(axis=1, keepdims=True)
# +     shifted = logits


# %% right by_scipy
def softmax_cross_entropy(logits, labels):
    from scipy.special import log_softmax, softmax

    chosen = np.eye(logits.shape[1])[labels]
    loss = -(chosen * log_softmax(logits, axis=1)).sum() / len(logits)
    return loss, (softmax(logits, axis=1) - chosen) / len(logits)


# %% right loop_over_examples
def softmax_cross_entropy(logits, labels):
    count = len(labels)
    loss, gradient = 0.0, np.zeros(logits.shape)
    for n, (row, label) in enumerate(zip(logits, labels)):
        top = max(row)
        exponentials = [np.exp(z - top) for z in row]
        total = sum(exponentials)
        loss += (top - row[label] + np.log(total)) / count
        for k, e in enumerate(exponentials):
            gradient[n, k] = (e / total - (1.0 if k == label else 0.0)) / count
    return loss, gradient


# %% right by_logaddexp
def softmax_cross_entropy(logits, labels):
    log_sum = np.logaddexp.reduce(logits, axis=1)
    true = np.take_along_axis(logits, labels[:, None], axis=1)[:, 0]
    p = np.exp(logits - log_sum[:, None])
    np.put_along_axis(p, labels[:, None], np.take_along_axis(p, labels[:, None], 1) - 1, axis=1)
    return np.mean(log_sum - true), p / p.shape[0]


# %% vacuous zeros
def softmax_cross_entropy(logits, labels):
    return 0.0, np.zeros_like(logits)


# %% vacuous knows_nothing
def softmax_cross_entropy(logits, labels):
    return np.log(logits.shape[1]), np.full(logits.shape, 1 / logits.size)
