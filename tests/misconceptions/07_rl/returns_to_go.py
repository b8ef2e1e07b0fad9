"""Answers to `returns_to_go`: what students write, right and wrong."""

# %% wrong sums_the_past
# check: returns_to_go-loop
# says: each entry sums the past
# -     for t in reversed(range(len(rewards))):
# +     for t in range(len(rewards)):


# %% wrong whole_episode
# check: returns_to_go-loop
# says: every step gets the return of the whole episode
def returns_to_go(rewards, gamma):
    total = sum(gamma**t * reward for t, reward in enumerate(rewards))
    return np.full(len(rewards), total)


# %% wrong discounted_from_the_first_step
# check: returns_to_go-loop
# says: count from step t
def returns_to_go(rewards, gamma):
    discounted = rewards * gamma ** np.arange(len(rewards))
    return np.cumsum(discounted[::-1])[::-1].copy()


# %% wrong nothing_is_discounted
# check: returns_to_go-loop
# says: nothing is discounted
# -         ahead = rewards[t] + gamma * ahead
# +         ahead = rewards[t] + ahead

# %% wrong without_its_own_reward
# check: returns_to_go-loop
# says: the reward of step t itself is missing
# -         ahead = rewards[t] + gamma * ahead
# -         returns[t] = ahead
# +         returns[t] = gamma * ahead
# +         ahead = rewards[t] + gamma * ahead

# %% wrong one_number
# check: returns_to_go-loop
# says: one return per step
# -     return returns
# +     return returns[:1]

# %% wrong in_place
# check: returns_to_go-loop
# says: modified its argument
# -     returns = np.zeros(len(rewards))
# +     returns = rewards


# %% right by_a_matrix
def returns_to_go(rewards, gamma):
    steps = np.arange(len(rewards))
    ahead = steps[None] - steps[:, None]
    return np.where(ahead >= 0, float(gamma) ** np.maximum(ahead, 0), 0.0) @ rewards


# %% right by_a_filter
def returns_to_go(rewards, gamma):
    from scipy.signal import lfilter

    return lfilter([1.0], [1.0, -gamma], rewards[::-1])[::-1].copy()


# %% right recursive
def returns_to_go(rewards, gamma):
    if len(rewards) == 1:
        return np.array([float(rewards[0])])
    rest = returns_to_go(rewards[1:], gamma)
    return np.concatenate([[rewards[0] + gamma * rest[0]], rest])


# %% wrong divided_by_a_power_of_gamma
# check: returns_to_go-loop
# says: are not finite
def returns_to_go(rewards, gamma):
    powers = gamma ** np.arange(float(len(rewards)))
    with np.errstate(all="ignore"):
        later = np.cumsum((rewards * powers)[::-1])[::-1] / powers
    return np.where(gamma > 0, later, rewards)


# %% wrong looks_thirty_steps_ahead
# check: returns_to_go-loop
# says: return of step
def returns_to_go(rewards, gamma):
    powers = gamma ** np.arange(float(len(rewards)))
    return np.array(
        [rewards[t:][:30] @ powers[: len(rewards) - t][:30] for t in range(len(rewards))]
    )


# %% right zeros_like_the_rewards
# -     returns = np.zeros(len(rewards))
# +     returns = np.zeros_like(rewards)


# %% vacuous zeros
def returns_to_go(rewards, gamma):
    return np.zeros(len(rewards))


# %% vacuous the_rewards
def returns_to_go(rewards, gamma):
    return rewards.copy()
