"""Answers to `train_cartpole`: what students write, right and wrong."""

# %% wrong sign
# check: train_cartpole-greedy
# says: is the sign of the gradient right
# -             policy[name].grad = gradient
# +             policy[name].grad = -gradient

# %% wrong policy_stays
# check: train_cartpole-greedy
# says: the policy's weights do not change
# -             policy[name].grad = gradient
# +             pass

# %% wrong never_steps
# check: train_cartpole-greedy
# says: the policy's weights do not change
# -         optimizer.step()
# +         pass

# %% wrong same_numbers_for_every_seed
# check: train_cartpole-greedy
# says: two seeds give the same history
# -     rng, generator = np.random.default_rng(seed), torch.Generator().manual_seed(seed)
# +     rng, generator = np.random.default_rng(0), torch.Generator().manual_seed(0)

# %% wrong forgets_the_seed
# check: train_cartpole-greedy
# says: the same seed gives another history
# -     rng, generator = np.random.default_rng(seed), torch.Generator().manual_seed(seed)
# +     rng, generator = np.random.default_rng(), torch.Generator().manual_seed(seed)

# %% wrong one_history_entry_an_episode
# check: train_cartpole-greedy
# says: a history of 32
# -         history.append(float(alive.sum(axis=1).mean()))
# +         history += alive.sum(axis=1).astype(float).tolist()


# %% right one_loss
def train_cartpole(updates, seed):
    rng, generator = np.random.default_rng(seed), torch.Generator().manual_seed(seed)
    policy, baseline = (new_weights(4, 48, k, generator) for k in (2, 1))
    weights = [w.requires_grad_() for part in (policy, baseline) for w in part.values()]
    adam = torch.optim.Adam(weights, lr=0.02)
    history = []
    for _ in range(updates):
        played = rollout(policy, 16, rng)
        mask = torch.tensor(played["alive"])
        history.append(float(mask.sum() / 16))
        states = torch.tensor(played["states"])
        b = network(baseline, states).squeeze(2)
        target = rollout_returns(played["alive"], played["fallen"], b.detach().numpy(), 0.99)
        better = torch.tensor(target).float()[mask] - b[:, :-1][mask]
        logits, actions = (
            network(policy, states[:, :-1][mask]),
            torch.tensor(played["actions"])[mask],
        )
        surprise = F.cross_entropy(logits, actions, reduction="none")
        loss = (better.detach() * surprise).mean() + (better**2).mean()
        adam.zero_grad()
        loss.backward()
        adam.step()
    return {k: w.detach().clone() for k, w in policy.items()}, history


# %% right returns_by_hand
def train_cartpole(updates, seed):
    rng, generator = np.random.default_rng(seed), torch.Generator().manual_seed(seed + 7)
    policy, baseline = new_weights(4, 32, 2, generator), new_weights(4, 32, 1, generator)
    adam = torch.optim.Adam([*policy.values(), *baseline.values()], lr=0.02)
    history = []
    for _ in range(updates):
        played = rollout(policy, 16, rng)
        lengths = played["alive"].sum(axis=1)
        history.append(float(np.mean(lengths)))
        states, returns = [], []
        for n, length in enumerate(lengths.tolist()):
            path = torch.tensor(played["states"][n, : length + 1])
            last = 0.0 if played["fallen"][n].any() else float(network(baseline, path[-1]))
            ahead = returns_to_go(np.array([0.01] * length + [last]), 0.99)[:-1]
            states.append(path[:-1])
            returns.append(torch.tensor(ahead, dtype=torch.float32))
        actions = [torch.tensor(a[:k]) for a, k in zip(played["actions"], lengths)]
        batch = (torch.cat(part) for part in (states, actions, returns))
        grads = reinforce_gradients(policy, baseline, *batch)
        for part, given in zip((policy, baseline), grads):
            for k in part:
                part[k].grad = given[k]
        adam.step()
    return policy, history


# %% vacuous pushes_at_random
def train_cartpole(updates, seed):
    policy = new_weights(4, 32, 2, torch.Generator().manual_seed(seed))
    return policy, [22.0 + 1e-3 * seed] * updates


# %% vacuous a_rule_by_hand
def train_cartpole(updates, seed):
    policy = new_weights(4, 2, 2, torch.Generator().manual_seed(0))
    policy["W1"] = torch.tensor([[0.0, 0.0], [0.1, 0.0], [0.5, 0.0], [0.5, 0.0]])
    policy["W2"] = torch.tensor([[-1.0, 1.0], [0.0, 0.0]])
    return policy, [500.0] * updates
