"""Answers to `integrated_gradients`: what students write, right and wrong."""

# %% wrong endpoint_only
# check: integrated_gradients-line
# says: endpoint only
# -         x = baseline + (j + 0.5) / steps * (images - baseline)
# +         x = images.clone()

# %% wrong no_difference_factor
# check: integrated_gradients-line
# says: the factor (image - baseline) is missing
# -     return (images - baseline) * total / steps
# +     return total / steps

# %% wrong left_in_training_mode
# check: integrated_gradients-complete
# says: is dropout off
# -         asked = forward(network, x, training=False).gather(1, classes[:, None])
# +         asked = forward(network, x).gather(1, classes[:, None])

# %% wrong times_the_image
# check: integrated_gradients-line
# says: not by the image
# -     return (images - baseline) * total / steps
# +     return images * total / steps

# %% wrong added_up
# check: integrated_gradients-line
# says: added up
# -     return (images - baseline) * total / steps
# +     return (images - baseline) * total

# %% wrong no_signs
# check: integrated_gradients-line
# says: no signs
# -     return (images - baseline) * total / steps
# +     return ((images - baseline) * total / steps).abs()

# %% wrong from_zero
# check: integrated_gradients-line
# says: begins at zero
# -     total = torch.zeros_like(images)
# +     total, baseline = torch.zeros_like(images), 0

# %% wrong explains_the_guess
# check: integrated_gradients-line
# says: wrong class
# -     for j in range(steps):
# +     classes = forward(network, images, training=False).argmax(dim=1)
# +     for j in range(steps):

# %% wrong mean_over_the_batch
# check: integrated_gradients-line
# says: divided by the number of images
# -         total += torch.autograd.grad(asked.sum(), x)[0]
# +         total += torch.autograd.grad(asked.mean(), x)[0]

# %% wrong gradient_of_the_probability
# check: integrated_gradients-line
# says: of the largest attribution
# -         asked = forward(network, x, training=False).gather(1, classes[:, None])
# +         asked = forward(network, x, training=False).softmax(1).gather(1, classes[:, None])

# %% wrong half_the_way
# check: integrated_gradients-line
# says: from the baseline (0) to the image (1)
# -         x = baseline + (j + 0.5) / steps * (images - baseline)
# +         x = baseline + 0.5 * (j + 0.5) / steps * (images - baseline)

# %% wrong beginnings_of_the_pieces
# check: integrated_gradients-line
# says: middle of its piece
# -         x = baseline + (j + 0.5) / steps * (images - baseline)
# +         x = baseline + j / steps * (images - baseline)

# %% wrong one_gradient_too_many
# check: integrated_gradients-line
# says: their sum is divided by their number
# -     for j in range(steps):
# +     for j in range(steps + 1):


# %% right trapezoid
def integrated_gradients(network, images, classes, baseline, steps):
    gradients = []
    for alpha in torch.linspace(0, 1, steps + 1).tolist():
        x = torch.lerp(baseline.expand_as(images), images, alpha).detach().requires_grad_()
        logits = forward(network, x, training=False)
        logits[torch.arange(len(images)), classes].sum().backward()
        gradients.append(x.grad)
    return (images - baseline) * torch.trapezoid(torch.stack(gradients), dx=1 / steps, dim=0)


# %% right one_large_batch
def integrated_gradients(network, images, classes, baseline, steps):
    results = []
    for image, c in zip(images, classes):
        alphas = ((torch.arange(steps) + 0.5) / steps).to(images.dtype).view(-1, 1, 1, 1)
        x = (baseline + alphas * (image - baseline)).requires_grad_()
        (slopes,) = torch.autograd.grad(forward(network, x, False)[:, c].sum(), x)
        results.append((image - baseline) * slopes.mean(dim=0))
    return torch.stack(results)


# %% vacuous zeros
def integrated_gradients(network, images, classes, baseline, steps):
    return torch.zeros_like(images)


# %% vacuous difference
def integrated_gradients(network, images, classes, baseline, steps):
    return images - baseline
