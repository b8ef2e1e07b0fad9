"""Answers to `rollout_returns`: what students write, right and wrong."""


# %% wrong bootstraps_past_the_end
# check: rollout_returns-ends
# says: bootstraps past the end
def rollout_returns(alive, fallen, values, gamma):
    result = np.zeros(alive.shape)
    for n, steps in enumerate(alive.sum(axis=1)):
        ahead = values[n, steps]
        for t in reversed(range(steps)):
            ahead = result[n, t] = 0.01 + gamma * ahead
    return result


# %% wrong cut_off_is_the_end
# check: rollout_returns-ends
# says: only cut off counts as fallen
def rollout_returns(alive, fallen, values, gamma):
    result, ahead = np.zeros(alive.shape), np.zeros(len(alive))
    for t in reversed(range(alive.shape[1])):
        ahead = result[:, t] = alive[:, t] * (0.01 + gamma * ahead)
    return result


# %% wrong whole_episode
# check: rollout_returns-ends
# says: the return of the whole episode
# -     return (better + before) * alive
# +     return (better + before)[:, :1] * alive

# %% wrong counts_the_past
# check: rollout_returns-ends
# says: each entry sums the past
# -     return (better + before) * alive
# +     return 0.01 * alive.cumsum(axis=1) * alive

# %% wrong void_steps
# check: rollout_returns-ends
# says: void
# -     return (better + before) * alive
# +     return better + before

# %% wrong reward_of_one
# check: rollout_returns-ends
# says: each step earns 1, expected 0.01
# -     better = advantages(0.01 * alive, before, after, fallen, cut, gamma, 1.0)
# +     better = advantages(1.0 * alive, before, after, fallen, cut, gamma, 1.0)

# %% wrong advantages_only
# check: rollout_returns-ends
# says: these are advantages
# -     return (better + before) * alive
# +     return better * alive

# %% wrong one_step_only
# check: rollout_returns-ends
# says: expected
# -     better = advantages(0.01 * alive, before, after, fallen, cut, gamma, 1.0)
# +     better = advantages(0.01 * alive, before, after, fallen, cut, gamma, 0.0)


# %% right by_a_loop
def rollout_returns(alive, fallen, values, gamma):
    result, ahead = np.zeros(alive.shape), values[:, -1]
    for t in reversed(range(alive.shape[1])):
        ahead = np.where(fallen[:, t], 0.0, ahead)
        ahead = result[:, t] = np.where(alive[:, t], 0.01 + gamma * ahead, 0.0)
    return result


# %% right episode_by_episode
def rollout_returns(alive, fallen, values, gamma):
    result = np.zeros(alive.shape)
    for n, steps in enumerate(alive.sum(axis=1).tolist()):
        last = 0.0 if fallen[n].any() else values[n, steps]
        result[n, :steps] = returns_to_go(np.array([0.01] * steps + [last]), gamma)[:-1]
    return result


# %% wrong writes_into_the_values
# check: rollout_returns-ends
# says: modified its argument `values`
def rollout_returns(alive, fallen, values, gamma):
    out, ahead = np.zeros(alive.shape), values[:, -1]
    for t in reversed(range(alive.shape[1])):
        ahead[fallen[:, t]] = 0.0
        ahead *= gamma
        ahead += 0.01
        out[:, t] = np.where(alive[:, t], ahead, 0.0)
    return out


# %% wrong the_fall_earns_nothing
# check: rollout_returns-ends
# says: the step on which the pole falls earns 0
# -     better = advantages(0.01 * alive, before, after, fallen, cut, gamma, 1.0)
# +     better = advantages(0.01 * (alive & ~fallen), before, after, fallen, cut, gamma, 1.0)


# %% vacuous zeros
def rollout_returns(alive, fallen, values, gamma):
    return np.zeros(alive.shape)


# %% vacuous the_baseline_knows
def rollout_returns(alive, fallen, values, gamma):
    return values[:, :-1] * alive
