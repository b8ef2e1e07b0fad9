"""Answers to `reinforce_gradients`: what students write, right and wrong."""

# %% wrong sign
# check: reinforce_gradients-policy
# says: the sign is wrong
# -     policy_loss, baseline_loss = -(better.detach() * chosen).mean(), (better**2).mean()
# +     policy_loss, baseline_loss = (better.detach() * chosen).mean(), (better**2).mean()

# %% wrong baseline_not_detached
# check: reinforce_gradients-baseline
# says: the baseline is not detached
# -     policy_loss, baseline_loss = -(better.detach() * chosen).mean(), (better**2).mean()
# -     policy_gradients = torch.autograd.grad(policy_loss, list(policy.values()))
# -     baseline_gradients = torch.autograd.grad(baseline_loss, list(baseline.values()))
# +     loss = -(better * chosen).mean() + (better**2).mean()
# +     policy_gradients = torch.autograd.grad(loss, list(policy.values()), retain_graph=True)
# +     baseline_gradients = torch.autograd.grad(loss, list(baseline.values()))

# %% wrong no_baseline
# check: reinforce_gradients-policy
# says: the baseline is not subtracted
# -     policy_loss, baseline_loss = -(better.detach() * chosen).mean(), (better**2).mean()
# +     policy_loss, baseline_loss = -(returns * chosen).mean(), (better**2).mean()

# %% wrong broadcast
# check: reinforce_gradients-policy
# says: (N, 1) against (N,)
# -     better = returns - network(baseline, states)[:, 0]
# +     better = (returns - network(baseline, states)).mean(dim=1)

# %% wrong sum
# check: reinforce_gradients-policy
# says: the loss is a mean
# -     policy_loss, baseline_loss = -(better.detach() * chosen).mean(), (better**2).mean()
# +     policy_loss, baseline_loss = -(better.detach() * chosen).sum(), (better**2).mean()

# %% wrong probability_without_logarithm
# check: reinforce_gradients-policy
# says: the policy's gradients are off
# -     log_probabilities = F.log_softmax(network(policy, states), dim=1)
# +     log_probabilities = F.softmax(network(policy, states), dim=1)

# %% wrong half_the_baseline
# check: reinforce_gradients-baseline
# says: the mean of (G - b)²
# -     policy_loss, baseline_loss = -(better.detach() * chosen).mean(), (better**2).mean()
# +     policy_loss, baseline_loss = -(better.detach() * chosen).mean(), (better**2).mean() / 2

# %% wrong normalized
# check: reinforce_gradients-policy
# says: the policy's gradients are off
# -     policy_loss, baseline_loss = -(better.detach() * chosen).mean(), (better**2).mean()
# +     scaled = ((better - better.mean()) / better.std()).detach()
# +     policy_loss, baseline_loss = -(scaled * chosen).mean(), (better**2).mean()

# %% wrong naive_logarithm
# check: reinforce_gradients-large_logits
# says: log_softmax
# -     log_probabilities = F.log_softmax(network(policy, states), dim=1)
# +     log_probabilities = F.softmax(network(policy, states), dim=1).log()


# %% right by_hand_at_the_logits
def reinforce_gradients(policy, baseline, states, actions, returns):
    def pull_back(weights, cotangent):
        leaves = {k: w.detach().clone().requires_grad_() for k, w in weights.items()}
        network(leaves, states).backward(cotangent)
        return {k: w.grad for k, w in leaves.items()}

    ahead = (returns - network(baseline, states).squeeze(1)) / len(returns)
    logits = network(policy, states)
    at_logits = logits.softmax(dim=1) - F.one_hot(actions, logits.shape[1])
    return (
        pull_back(policy, ahead[:, None] * at_logits),
        pull_back(baseline, -2 * ahead[:, None]),
    )


# %% right distribution_and_one_loss
def reinforce_gradients(policy, baseline, states, actions, returns):
    both = [{k: w.clone().detach() for k, w in part.items()} for part in (policy, baseline)]
    for part in both:
        for w in part.values():
            w.requires_grad = True
    chances = torch.distributions.Categorical(logits=network(both[0], states))
    value = network(both[1], states).flatten()
    loss = ((value.detach() - returns) * chances.log_prob(actions)).mean()
    (loss + F.mse_loss(value, returns)).backward()
    return tuple({k: w.grad for k, w in part.items()} for part in both)


# %% vacuous zeros
def reinforce_gradients(policy, baseline, states, actions, returns):
    return tuple({k: torch.zeros_like(w) for k, w in part.items()} for part in (policy, baseline))
