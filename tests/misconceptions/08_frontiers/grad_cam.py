"""Answers to `grad_cam`: what students write, right and wrong."""

# %% wrong mean_over_the_channels
# check: grad_cam-values
# says: averaged over the channels, expected over the places
# -     weights = gradient.mean(dim=(2, 3), keepdim=True)
# +     weights = gradient.mean(dim=1, keepdim=True)

# %% wrong no_relu
# check: grad_cam-values
# says: no ReLU
# -     return (weights * maps.detach()).sum(dim=1).relu()
# +     return (weights * maps.detach()).sum(dim=1)

# %% wrong explains_the_guess
# check: grad_cam-values
# says: wrong class
# -     asked = forward(network[layer:], maps, training=False).gather(1, classes[:, None])
# +     asked = forward(network[layer:], maps, training=False).max(dim=1).values

# %% wrong left_in_training_mode
# check: grad_cam-values
# says: training mode
# -     asked = forward(network[layer:], maps, training=False).gather(1, classes[:, None])
# +     asked = forward(network[layer:], maps).gather(1, classes[:, None])

# %% wrong relu_too_early
# check: grad_cam-values
# says: before the sum
# -     return (weights * maps.detach()).sum(dim=1).relu()
# +     return (weights * maps.detach()).relu().sum(dim=1)

# %% wrong absolute_value
# check: grad_cam-values
# says: not abs
# -     return (weights * maps.detach()).sum(dim=1).relu()
# +     return (weights * maps.detach()).sum(dim=1).abs()

# %% wrong place_by_place
# check: grad_cam-values
# says: not averaged over the places
# -     weights = gradient.mean(dim=(2, 3), keepdim=True)
# +     weights = gradient

# %% wrong sum_over_the_places
# check: grad_cam-values
# says: added up over the places
# -     weights = gradient.mean(dim=(2, 3), keepdim=True)
# +     weights = gradient.sum(dim=(2, 3), keepdim=True)

# %% wrong mean_of_the_maps
# check: grad_cam-values
# says: the maps are averaged
# -     return (weights * maps.detach()).sum(dim=1).relu()
# +     return (weights * maps.detach()).mean(dim=1).relu()

# %% wrong scaled
# check: grad_cam-values
# says: scaled to 1
# -     return (weights * maps.detach()).sum(dim=1).relu()
# +     heat = (weights * maps.detach()).sum(dim=1).relu()
# +     return heat / heat.amax(dim=(1, 2), keepdim=True)

# %% wrong weights_without_signs
# check: grad_cam-points_at
# says: it speaks against the class
# -     weights = gradient.mean(dim=(2, 3), keepdim=True)
# +     weights = gradient.mean(dim=(2, 3), keepdim=True).abs()

# %% wrong always_class_zero
# check: grad_cam-points_at
# says: asked for the vertical stroke
# -     asked = forward(network[layer:], maps, training=False).gather(1, classes[:, None])
# +     asked = forward(network[layer:], maps, training=False)[:, 0]

# %% wrong dropout_before_the_maps
# check: grad_cam-values
# says: training mode
# -     maps = forward(network[:layer], images, training=False).detach().requires_grad_()
# +     maps = forward(network[:layer], images).detach().requires_grad_()


# %% right one_image_at_a_time
def grad_cam(network, images, classes, layer):
    heats = []
    for image, c in zip(images, classes.tolist()):
        maps = forward(network[:layer], image[None], False).clone().detach()
        maps.requires_grad_(True)
        forward(network[layer:], maps, False)[0, c].backward()
        alpha = maps.grad[0].flatten(1).mean(dim=1)
        heats.append(torch.einsum("k,khw->hw", alpha, maps.detach()[0]).clamp(min=0))
    return torch.stack(heats)


# %% right whole_network_retained
def grad_cam(network, images, classes, layer):
    x = images.clone().requires_grad_()
    maps = forward(network[:layer], x, training=False)
    maps.retain_grad()
    logits = forward(network[layer:], maps, training=False)
    logits[torch.arange(len(classes)), classes].sum().backward()
    alpha = maps.grad.mean(dim=(-2, -1))
    return F.relu((alpha[..., None, None] * maps).sum(1)).detach()


# %% vacuous zeros
def grad_cam(network, images, classes, layer):
    maps = forward(network[:layer], images, training=False)
    return torch.zeros(len(images), *maps.shape[2:])


# %% vacuous mean_map
def grad_cam(network, images, classes, layer):
    return forward(network[:layer], images, training=False).mean(dim=1).relu()
