"""Answers to `network_gradients`: what students write, right and wrong."""

# %% wrong slope_of_the_activation_missing
# check: network_gradients-gradients
# says: the derivative of the activation is missing
# -         grad_hidden * slope, inputs, parameters["weight1"]
# +         grad_hidden, inputs, parameters["weight1"]

# %% wrong stale_gradients
# check: network_gradients-second_call
# says: call 2, 7 examples
# says: are gradients of the first call still in it?
# -     gradients = {"weight1": grad_weight1, "bias1": grad_bias1}
# -     return float((error**2).mean()), gradients | {"weight2": grad_weight2, "bias2": grad_bias2}
# +     global kept
# +     gradients = {"weight1": grad_weight1, "bias1": grad_bias1}
# +     gradients |= {"weight2": grad_weight2, "bias2": grad_bias2}
# +     if "kept" not in globals() or kept["weight1"].shape != grad_weight1.shape:
# +         kept = {name: 0.0 * gradient for name, gradient in gradients.items()}
# +     kept = {name: kept[name] + gradient for name, gradient in gradients.items()}
# +     return float((error**2).mean()), kept

# %% wrong moves_the_second_layer_before_the_first
# check: network_gradients-gradients
# says: your function modified `parameters[
# -     _, grad_weight1, grad_bias1 = linear_backward(
# +     parameters["weight2"] -= 0.1 * grad_weight2
# +     _, grad_weight1, grad_bias1 = linear_backward(

# %% wrong gradient_of_the_sum
# check: network_gradients-gradients
# says: the loss is a mean: divide by N
# -         2 * error / len(error), hidden, parameters["weight2"]
# +         2 * error, hidden, parameters["weight2"]

# %% wrong two_missing
# check: network_gradients-gradients
# says: the 2 of the square's derivative is missing
# -         2 * error / len(error), hidden, parameters["weight2"]
# +         error / len(error), hidden, parameters["weight2"]

# %% wrong two_and_mean_missing
# check: network_gradients-gradients
# says: the 2 / N is missing
# -         2 * error / len(error), hidden, parameters["weight2"]
# +         error, hidden, parameters["weight2"]

# %% wrong error_turned_round
# check: network_gradients-gradients
# says: the sign is wrong
# -         2 * error / len(error), hidden, parameters["weight2"]
# +         -2 * error / len(error), hidden, parameters["weight2"]

# %% wrong loss_is_the_sum
# check: network_gradients-loss
# says: this is the sum over the batch, expected the mean
# -     return float((error**2).mean()), gradients | {"weight2": grad_weight2, "bias2": grad_bias2}
# +     return float((error**2).sum()), gradients | {"weight2": grad_weight2, "bias2": grad_bias2}

# %% wrong second_layer_gets_z
# check: network_gradients-gradients
# says: weight2 is up to
# -         2 * error / len(error), hidden, parameters["weight2"]
# +         2 * error / len(error), z, parameters["weight2"]

# %% wrong targets_in_a_row
# check: network_gradients-loss
# says: all 6 × 6 pairs
# -     return float((error**2).mean()), gradients | {"weight2": grad_weight2, "bias2": grad_bias2}
# +     pairs = error + targets - targets.ravel()
# +     return float((pairs**2).mean()), gradients | {"weight2": grad_weight2, "bias2": grad_bias2}

# %% wrong no_activation
# check: network_gradients-loss
# says: the ReLU is missing
# -     hidden, slope = activate(z, "relu")
# +     hidden, slope = z, np.ones_like(z)

# %% wrong value_for_slope
# check: network_gradients-gradients
# says: the activation's value is multiplied in, expected its slope
# -         grad_hidden * slope, inputs, parameters["weight1"]
# +         grad_hidden * hidden, inputs, parameters["weight1"]

# %% wrong gradients_in_a_tuple
# check: network_gradients-loss
# says: the second thing returned is a tuple, expected a dict
# -     gradients = {"weight1": grad_weight1, "bias1": grad_bias1}
# -     return float((error**2).mean()), gradients | {"weight2": grad_weight2, "bias2": grad_bias2}
# +     loss = float((error**2).mean())
# +     return loss, (grad_weight1, grad_bias1, grad_weight2, grad_bias2)

# %% wrong loss_is_not_a_number
# check: network_gradients-loss
# says: the loss is nan, expected
# -     return float((error**2).mean()), gradients | {"weight2": grad_weight2, "bias2": grad_bias2}
# +     loss = float(np.sqrt(-np.abs(error)).mean())
# +     return loss, gradients | {"weight2": grad_weight2, "bias2": grad_bias2}

# %% wrong slope_one_where_z_is_zero
# check: network_gradients-second_call
# says: one of them with z = 0, where ReLU's slope is 0
# -     hidden, slope = activate(z, "relu")
# +     hidden, slope = np.maximum(z, 0), 1.0 * (z >= 0)

# %% wrong squares_the_error_in_place
# check: network_gradients-gradients
# says: your function modified `targets`
# -     gradients = {"weight1": grad_weight1, "bias1": grad_bias1}
# +     targets += error
# +     gradients = {"weight1": grad_weight1, "bias1": grad_bias1}

# %% wrong another_gradient_for_a_batch_of_one
# check: network_gradients-second_call
# says: call 4, 1 examples, 4 inputs, 1 hidden units
# -         grad_hidden * slope, inputs, parameters["weight1"]
# +         grad_hidden * slope, inputs[: len(inputs) or 1] * (1 + (len(inputs) == 1)), parameters["weight1"]


# %% right by_hand
def network_gradients(parameters, inputs, targets):
    w1, b1, w2, b2 = (parameters[name] for name in ("weight1", "bias1", "weight2", "bias2"))
    before = inputs @ w1.T + b1
    after = np.where(before > 0, before, 0.0)
    outputs = after @ w2.T + b2
    count = inputs.shape[0]
    g = 2 / count * (outputs - targets)
    back = (g @ w2) * (before > 0)
    return np.mean((outputs - targets) ** 2), {
        "bias2": g.sum(axis=0),
        "weight2": g.T @ after,
        "bias1": back.sum(axis=0),
        "weight1": back.T @ inputs,
    }


# %% right by_pytorch
def network_gradients(parameters, inputs, targets):
    w = {name: torch.tensor(array, requires_grad=True) for name, array in parameters.items()}
    hidden = F.relu(F.linear(torch.tensor(inputs), w["weight1"], w["bias1"]))
    loss = F.mse_loss(F.linear(hidden, w["weight2"], w["bias2"]), torch.tensor(targets))
    loss.backward()
    return loss.item(), {name: tensor.grad.numpy() for name, tensor in w.items()}


# %% right example_by_example
def network_gradients(parameters, inputs, targets):
    total, sums = 0.0, {name: np.zeros(array.shape) for name, array in parameters.items()}
    for x, target in zip(inputs, targets):
        z = parameters["weight1"] @ x + parameters["bias1"]
        h = np.maximum(z, 0)
        error = (parameters["weight2"] @ h + parameters["bias2"] - target)[0]
        total += error**2
        back = 2 * error * parameters["weight2"][0] * (z > 0)
        sums["weight2"] += 2 * error * h
        sums["bias2"] += 2 * error
        sums["weight1"] += np.outer(back, x)
        sums["bias1"] += back
    return total / len(inputs), {name: array / len(inputs) for name, array in sums.items()}


# %% vacuous zeros
def network_gradients(parameters, inputs, targets):
    return 0.0, {name: np.zeros_like(array) for name, array in parameters.items()}


# %% vacuous the_parameters
def network_gradients(parameters, inputs, targets):
    return float((targets**2).mean()), parameters
