"""Answers to `reinforce_gradients`: what students write, right and wrong."""

# %% wrong sign
# check: reinforce_gradients-policy
# says: the sign is wrong
# -     policy_loss, baseline_loss = -(better.detach() * chosen).mean(), (better**2).mean()
# +     policy_loss, baseline_loss = (better.detach() * chosen).mean(), (better**2).mean()

# %% wrong baseline_not_detached
# check: reinforce_gradients-baseline
# says: L_pi sends a gradient into the baseline
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
# +     policy_loss, baseline_loss = -(G * chosen).mean(), (better**2).mean()

# %% wrong rows_of_a_table_averaged
# check: reinforce_gradients-policy
# says: its rows averaged
# -     better = G - network(baseline, states)[:, 0]
# +     better = (G - network(baseline, states)).mean(dim=1)

# %% wrong broadcast
# check: reinforce_gradients-policy
# says: take b's column 0
# -     better = G - network(baseline, states)[:, 0]
# +     better = G - network(baseline, states)

# %% wrong follows_the_callers_tensors
# check: reinforce_gradients-baseline
# says: set requires_grad
# -         {name: w.detach().clone().requires_grad_() for name, w in weights.items()}
# +         {name: w.requires_grad_() for name, w in weights.items()}

# %% wrong takes_a_step
# check: reinforce_gradients-baseline
# says: modified the weights
# -     policy, baseline = (
# +     given = policy
# +     policy, baseline = (
# -     return dict(zip(policy, policy_gradients)), dict(zip(baseline, baseline_gradients))
# +     for name, gradient in zip(given, policy_gradients):
# +         given[name] -= 0.01 * gradient
# +     return dict(zip(policy, policy_gradients)), dict(zip(baseline, baseline_gradients))

# %% wrong sum
# check: reinforce_gradients-policy
# says: the gradients are summed over the batch
# -     policy_loss, baseline_loss = -(better.detach() * chosen).mean(), (better**2).mean()
# +     policy_loss, baseline_loss = -(better.detach() * chosen).sum(), (better**2).mean()

# %% wrong probability_without_logarithm
# check: reinforce_gradients-policy
# says: the probability is used, not its logarithm
# -     log_probabilities = F.log_softmax(network(policy, states), dim=1)
# +     log_probabilities = F.softmax(network(policy, states), dim=1)

# %% wrong half_the_baseline
# check: reinforce_gradients-baseline
# says: the mean of (G - b)²
# -     policy_loss, baseline_loss = -(better.detach() * chosen).mean(), (better**2).mean()
# +     policy_loss, baseline_loss = -(better.detach() * chosen).mean(), (better**2).mean() / 2

# %% wrong normalized
# check: reinforce_gradients-policy
# says: is normalized
# -     policy_loss, baseline_loss = -(better.detach() * chosen).mean(), (better**2).mean()
# +     scaled = ((better - better.mean()) / better.std()).detach()
# +     policy_loss, baseline_loss = -(scaled * chosen).mean(), (better**2).mean()

# %% wrong naive_logarithm
# check: reinforce_gradients-large_logits
# says: log_softmax
# -     log_probabilities = F.log_softmax(network(policy, states), dim=1)
# +     log_probabilities = F.softmax(network(policy, states), dim=1).log()


# %% right by_hand_at_the_logits
def reinforce_gradients(policy, baseline, states, actions, G):
    def pull_back(weights, cotangent):
        leaves = {k: w.detach().clone().requires_grad_() for k, w in weights.items()}
        network(leaves, states).backward(cotangent)
        return {k: w.grad for k, w in leaves.items()}

    ahead = (G - network(baseline, states).squeeze(1)) / len(G)
    logits = network(policy, states)
    at_logits = logits.softmax(dim=1) - F.one_hot(actions, logits.shape[1])
    return (
        pull_back(policy, ahead[:, None] * at_logits),
        pull_back(baseline, -2 * ahead[:, None]),
    )


# %% right distribution_and_one_loss
def reinforce_gradients(policy, baseline, states, actions, G):
    both = [{k: w.clone().detach() for k, w in part.items()} for part in (policy, baseline)]
    for part in both:
        for w in part.values():
            w.requires_grad = True
    chances = torch.distributions.Categorical(logits=network(both[0], states))
    value = network(both[1], states).flatten()
    loss = ((value.detach() - G) * chances.log_prob(actions)).mean()
    (loss + F.mse_loss(value, G)).backward()
    return tuple({k: w.grad for k, w in part.items()} for part in both)


# %% right two_gradients_without_detach
# -     policy_loss, baseline_loss = -(better.detach() * chosen).mean(), (better**2).mean()
# -     policy_gradients = torch.autograd.grad(policy_loss, list(policy.values()))
# +     policy_loss, baseline_loss = -(better * chosen).mean(), (better**2).mean()
# +     policy_gradients = torch.autograd.grad(policy_loss, list(policy.values()), retain_graph=True)


# %% vacuous zeros
def reinforce_gradients(policy, baseline, states, actions, G):
    return tuple({k: torch.zeros_like(w) for k, w in part.items()} for part in (policy, baseline))
