"""Answers to `saliency`: what students write, right and wrong."""

# %% wrong no_absolute_value
# check: saliency-linear
# says: the sign is still there
# -     return gradient.abs().amax(dim=1)
# +     return gradient.amax(dim=1)

# %% wrong explains_the_guess
# check: saliency-linear
# says: not what was asked
# -     total = logits.gather(1, classes[:, None]).sum()
# +     total = logits.max(dim=1).values.sum()

# %% wrong left_in_training_mode
# check: saliency-deep
# says: training mode
# -     logits = forward(network, x, training=False)
# +     logits = forward(network, x)

# %% wrong all_logits
# check: saliency-linear
# says: all logits together
# -     total = logits.gather(1, classes[:, None]).sum()
# +     total = logits.sum()

# %% wrong absolute_value_too_late
# check: saliency-linear
# says: after the maximum
# -     return gradient.abs().amax(dim=1)
# +     return gradient.amax(dim=1).abs()

# %% wrong channels_added
# check: saliency-linear
# says: added up
# -     return gradient.abs().amax(dim=1)
# +     return gradient.abs().sum(dim=1)

# %% wrong channels_averaged
# check: saliency-linear
# says: averaged
# -     return gradient.abs().amax(dim=1)
# +     return gradient.abs().mean(dim=1)

# %% wrong channels_kept
# check: saliency-linear
# says: of the channels, the largest
# -     return gradient.abs().amax(dim=1)
# +     return gradient.abs()

# %% wrong mean_over_the_batch
# check: saliency-linear
# says: divided by the number of images
# -     total = logits.gather(1, classes[:, None]).sum()
# +     total = logits.gather(1, classes[:, None]).mean()

# %% wrong gradient_of_the_probability
# check: saliency-linear
# says: the gradient of the probability
# -     total = logits.gather(1, classes[:, None]).sum()
# +     total = logits.softmax(dim=1).gather(1, classes[:, None]).sum()

# %% wrong times_the_image
# check: saliency-deep
# says: when each pixel is moved a little
# -     return gradient.abs().amax(dim=1)
# +     return (gradient * images).abs().amax(dim=1)


# %% right one_image_at_a_time
def saliency(network, images, classes):
    maps = []
    for image, c in zip(images, classes):
        x = image[None].detach().clone()
        x.requires_grad = True
        forward(network, x, False)[0, c].backward()
        maps.append(x.grad[0].abs().max(dim=0).values)
    return torch.stack(maps)


# %% right cotangent
def saliency(network, images, classes):
    x = images.clone().requires_grad_(True)
    logits = forward(network, x, training=False)
    picked = F.one_hot(classes, logits.shape[1]).to(logits.dtype)
    logits.backward(picked)
    return torch.maximum(x.grad, -x.grad).max(1)[0]


# %% vacuous zeros
def saliency(network, images, classes):
    return torch.zeros(images.shape[0], *images.shape[2:])


# %% vacuous the_image
def saliency(network, images, classes):
    return images.abs().amax(dim=1)
