"""Answers to `gradient_penalty`: what students write, right and wrong."""

# %% wrong no_create_graph
# check: gradient_penalty-value
# says: create_graph
# -     (slopes,) = torch.autograd.grad(critic(points).sum(), points, create_graph=True)
# +     (slopes,) = torch.autograd.grad(critic(points).sum(), points)

# %% wrong no_create_graph_and_zeros
# check: gradient_penalty-gradients
# says: create_graph
# -     (slopes,) = torch.autograd.grad(critic(points).sum(), points, create_graph=True)
# +     (slopes,) = torch.autograd.grad(critic(points).sum(), points)
# -     gradients = torch.autograd.grad(
# -         penalty, list(critic.parameters()), allow_unused=True, materialize_grads=True
# -     )
# +     gradients = [torch.zeros_like(p) for p in critic.parameters()]

# %% wrong norm_over_the_batch
# check: gradient_penalty-value
# says: norm over the batch
# -     penalty = ((slopes.norm(dim=1) - 1) ** 2).mean()
# +     penalty = (slopes.norm() - 1) ** 2

# %% wrong norm_along_axis_0
# check: gradient_penalty-value
# says: features are axis 1
# -     penalty = ((slopes.norm(dim=1) - 1) ** 2).mean()
# +     penalty = ((slopes.norm(dim=0) - 1) ** 2).mean()

# %% wrong square_of_the_norm
# check: gradient_penalty-value
# says: the root is missing
# -     penalty = ((slopes.norm(dim=1) - 1) ** 2).mean()
# +     penalty = (((slopes**2).sum(dim=1) - 1) ** 2).mean()

# %% wrong target_zero
# check: gradient_penalty-value
# says: the slope should be 1
# -     penalty = ((slopes.norm(dim=1) - 1) ** 2).mean()
# +     penalty = (slopes.norm(dim=1) ** 2).mean()

# %% wrong one_sided
# check: gradient_penalty-value
# says: one-sided
# -     penalty = ((slopes.norm(dim=1) - 1) ** 2).mean()
# +     penalty = (F.relu(slopes.norm(dim=1) - 1) ** 2).mean()

# %% wrong sum_for_mean
# check: gradient_penalty-value
# says: sum for mean
# -     penalty = ((slopes.norm(dim=1) - 1) ** 2).mean()
# +     penalty = ((slopes.norm(dim=1) - 1) ** 2).sum()

# %% wrong mean_of_the_scores
# check: gradient_penalty-value
# says: the slopes of a mean
# -     (slopes,) = torch.autograd.grad(critic(points).sum(), points, create_graph=True)
# +     (slopes,) = torch.autograd.grad(critic(points).mean(), points, create_graph=True)

# %% wrong mix_swapped
# check: gradient_penalty-value
# says: mix is the share of the real sample
# -     points = (mix * real + (1 - mix) * fake).requires_grad_()
# +     points = (mix * fake + (1 - mix) * real).requires_grad_()

# %% wrong at_the_real_samples
# check: gradient_penalty-value
# says: mix them with the fakes
# -     points = (mix * real + (1 - mix) * fake).requires_grad_()
# +     points = real.clone().requires_grad_()

# %% wrong at_the_fakes
# check: gradient_penalty-value
# says: slopes at the fakes
# -     points = (mix * real + (1 - mix) * fake).requires_grad_()
# +     points = fake.clone().requires_grad_()

# %% wrong last_bias_complains
# check: gradient_penalty-value
# says: allow_unused=True
# -         penalty, list(critic.parameters()), allow_unused=True, materialize_grads=True
# +         penalty, list(critic.parameters())

# %% wrong none_for_the_last_bias
# check: gradient_penalty-gradients
# says: None for a weight without a part in it
# -         penalty, list(critic.parameters()), allow_unused=True, materialize_grads=True
# +         penalty, list(critic.parameters()), allow_unused=True

# %% wrong gradient_of_the_sum
# check: gradient_penalty-gradients
# says: is a sum over the batch
# -         penalty, list(critic.parameters()), allow_unused=True, materialize_grads=True
# +         len(real) * penalty, list(critic.parameters()), allow_unused=True, materialize_grads=True

# %% wrong gradient_of_the_scores
# check: gradient_penalty-gradients
# says: is it the penalty that you differentiate
# -         penalty, list(critic.parameters()), allow_unused=True, materialize_grads=True
# +         critic(points).mean() - critic(points).mean().detach() - list(critic.parameters())[-1].sum(),
# +         list(critic.parameters()),


# %% wrong two_layers_only
# check: gradient_penalty-deeper
# says: along a random direction
# -     return penalty.item(), list(gradients)
# +     first = [*gradients[:4], *map(torch.zeros_like, gradients[4:])]
# +     return penalty.item(), first


# %% right one_after_the_other
def gradient_penalty(weights, real, fake, mix):
    critic = build_mlp(weights)
    total = 0
    for x, y, m in zip(real, fake, mix):
        point = (m * x + (1 - m) * y).requires_grad_()
        (slope,) = torch.autograd.grad(critic(point[None]).squeeze(), point, create_graph=True)
        total = total + ((slope**2).sum().sqrt() - 1) ** 2
    penalty = total / len(real)
    critic.zero_grad()
    penalty.backward()
    gradients = [torch.zeros_like(p) if p.grad is None else p.grad for p in critic.parameters()]
    return float(penalty), gradients


# %% right functional
def gradient_penalty(weights, real, fake, mix):
    names = [name for name, _ in build_mlp(weights).named_parameters()]
    critic = build_mlp(weights)

    def score(values, point):
        return torch.func.functional_call(critic, values, (point,))[0]

    def penalty(values):
        slope = torch.func.vmap(torch.func.grad(score, argnums=1), in_dims=(None, 0))
        rows = slope(values, fake + mix * (real - fake))
        return (torch.linalg.vector_norm(rows, dim=1) - 1).square().mean()

    values = dict(zip(names, weights))
    gradients, value = torch.func.grad_and_value(penalty)(values)
    return value.item(), [gradients[name] for name in names]


# %% vacuous zeros
def gradient_penalty(weights, real, fake, mix):
    return 0.0, [torch.zeros_like(w) for w in weights]


# %% vacuous the_weights
def gradient_penalty(weights, real, fake, mix):
    return 1.0, [w.clone() for w in weights]
