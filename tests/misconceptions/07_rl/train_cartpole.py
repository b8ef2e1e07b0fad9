"""Answers to `train_cartpole`: what students write, right and wrong."""

# %% wrong sign
# check: train_cartpole-first_updates
# says: is the sign of the gradient right
# -             policy[name].grad = gradient
# +             policy[name].grad = -gradient

# %% wrong policy_is_not_trained
# check: train_cartpole-first_updates
# says: does Adam step
# -             policy[name].grad = gradient
# +             pass

# %% wrong never_steps
# check: train_cartpole-first_updates
# says: does Adam step
# -         optimizer.step()
# +         pass

# %% wrong same_numbers_for_every_seed
# check: train_cartpole-first_updates
# says: both generators with `seed`
# -     rng, generator = np.random.default_rng(seed), torch.Generator().manual_seed(seed)
# +     rng, generator = np.random.default_rng(0), torch.Generator().manual_seed(0)

# %% wrong plays_with_a_seed_of_its_own
# check: train_cartpole-first_updates
# says: both generators with `seed`
# -     rng, generator = np.random.default_rng(seed), torch.Generator().manual_seed(seed)
# +     rng, generator = np.random.default_rng(0), torch.Generator().manual_seed(seed)

# %% wrong forgets_the_seed
# check: train_cartpole-first_updates
# says: both generators with `seed`
# -     rng, generator = np.random.default_rng(seed), torch.Generator().manual_seed(seed)
# +     rng, generator = np.random.default_rng(), torch.Generator().manual_seed(seed)

# %% wrong one_history_entry_an_episode
# check: train_cartpole-first_updates
# says: history of 3 floats
# -         history.append(float(alive.sum(axis=1).mean()))
# +         history += alive.sum(axis=1).astype(float).tolist()

# %% wrong longest_episode_as_history
# check: train_cartpole-first_updates
# says: their mean length
# -         history.append(float(alive.sum(axis=1).mean()))
# +         history.append(float(alive.sum(axis=1).max()))

# %% wrong baseline_never_trained
# check: train_cartpole-first_updates
# says: the baseline is never trained
# -             baseline[name].grad = gradient
# +             pass

# %% wrong baseline_of_zeros
# check: train_cartpole-first_updates
# says: weights or history are off
# -         policy_gradients, baseline_gradients = reinforce_gradients(policy, baseline, *steps)
# +         nothing = {name: torch.zeros_like(w) for name, w in baseline.items()}
# +         steps = list(steps)
# +         policy_gradients, _ = reinforce_gradients(policy, nothing, *steps)
# +         _, baseline_gradients = reinforce_gradients(policy, baseline, *steps)

# %% wrong void_steps_count
# check: train_cartpole-first_updates
# says: steps after a fall count
# -         steps = (part[alive].to(device) for part in (states[:, :-1], actions, returns))
# +         all_steps = np.ones_like(alive)
# +         steps = (part[all_steps].to(device) for part in (states[:, :-1], actions, returns))

# %% wrong four_episodes
# check: train_cartpole-first_updates
# says: 16 episodes
# -         played = rollout(policy, 16, rng)
# +         played = rollout(policy, 4, rng)

# %% wrong three_times_the_updates
# check: train_cartpole-first_updates
# says: weights or history are off
# -     for _ in range(updates):
# +     for _ in range(3 * updates):
# -     return {name: w.cpu() for name, w in policy.items()}, history
# +     return {name: w.cpu() for name, w in policy.items()}, history[:updates]

# %% wrong a_new_adam_each_update
# check: train_cartpole-first_updates
# says: create it once
# -         played = rollout(policy, 16, rng)
# +         played = rollout(policy, 16, rng)
# +         optimizer = torch.optim.Adam([*policy.values(), *baseline.values()], lr=0.02)

# %% wrong another_learning_rate
# check: train_cartpole-first_updates
# says: with the settings of the docstring
# -     optimizer = torch.optim.Adam([*policy.values(), *baseline.values()], lr=0.02)
# +     optimizer = torch.optim.Adam([*policy.values(), *baseline.values()], lr=0.01)

# %% wrong stops_learning_after_five_updates
# check: train_cartpole-greedy
# says: do all updates work like the first
# -         optimizer.step()
# +         if len(history) <= 5:
# +             optimizer.step()

# %% wrong seed_is_one
# check: train_cartpole-greedy
# says: is `seed` used as given
# -     rng, generator = np.random.default_rng(seed), torch.Generator().manual_seed(seed)
# +     rng, generator = np.random.default_rng(1), torch.Generator().manual_seed(1)

# %% wrong a_policy_by_hand_at_the_end
# check: train_cartpole-greedy
# says: expected (4, 32) and (32, 2)
# -     return {name: w.cpu() for name, w in policy.items()}, history
# +     if updates > 20:
# +         policy = {
# +             "W1": torch.tensor([[0.01], [0.05], [0.3], [0.1]]),
# +             "b1": torch.zeros(1),
# +             "W2": torch.tensor([[-10.0, 10.0]]),
# +             "b2": torch.zeros(2),
# +         }
# +     return {name: w.cpu() for name, w in policy.items()}, history


# %% right one_loss
def train_cartpole(updates, seed):
    rng, generator = np.random.default_rng(seed), torch.Generator().manual_seed(seed)
    policy, baseline = (new_weights(4, 32, k, generator) for k in (2, 1))
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
    rng, generator = np.random.default_rng(seed), torch.Generator().manual_seed(seed)
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
