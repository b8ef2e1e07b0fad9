"""Answers to `advantages`: what students write, right and wrong."""

# %% wrong bootstraps_past_the_end
# check: advantages-ends
# says: bootstraps past the end
# -     deltas = rewards + gamma * next_values * ~terminated - values
# +     deltas = rewards + gamma * next_values - values

# %% wrong truncated_is_the_end
# check: advantages-ends
# says: a truncated step counts as the end
# -     deltas = rewards + gamma * next_values * ~terminated - values
# +     deltas = rewards + gamma * next_values * ~(terminated | truncated) - values

# %% wrong leaks_across_episodes
# check: advantages-ends
# says: leaks across episodes
# -     goes_on = ~(terminated | truncated)
# +     goes_on = np.ones_like(terminated)

# %% wrong leaks_at_a_truncation
# check: advantages-ends
# says: a truncated step ends the sum too
# -     goes_on = ~(terminated | truncated)
# +     goes_on = ~terminated

# %% wrong leaks_at_a_termination
# check: advantages-ends
# says: a terminated step ends the sum too
# -     goes_on = ~(terminated | truncated)
# +     goes_on = ~truncated

# %% wrong flags_swapped
# check: advantages-ends
# says: the two flags are swapped
# -     deltas = rewards + gamma * next_values * ~terminated - values
# +     deltas = rewards + gamma * next_values * ~truncated - values

# %% wrong no_ends_at_all
# check: advantages-ends
# says: the ends of episodes are ignored
# -     deltas = rewards + gamma * next_values * ~terminated - values
# -     goes_on = ~(terminated | truncated)
# +     deltas = rewards + gamma * next_values - values
# +     goes_on = np.ones_like(terminated)

# %% wrong lambda_is_missing
# check: advantages-ends
# says: lambda is missing
# -         ahead = deltas[:, t] + gamma * lam * goes_on[:, t] * ahead
# +         ahead = deltas[:, t] + gamma * goes_on[:, t] * ahead

# %% wrong gamma_is_missing_in_the_sum
# check: advantages-ends
# says: gamma is missing in the sum
# -         ahead = deltas[:, t] + gamma * lam * goes_on[:, t] * ahead
# +         ahead = deltas[:, t] + lam * goes_on[:, t] * ahead

# %% wrong gives_returns
# check: advantages-ends
# says: V(s) was added at the end
# -     return result
# +     return result + values

# %% wrong row_stops_without_value
# check: advantages-lambda
# says: lambda 0
# -     deltas = rewards + gamma * next_values * ~terminated - values
# +     closed = truncated.any(axis=1)
# +     deltas = rewards + gamma * next_values * ~terminated - values
# +     deltas[~closed, -1] = rewards[~closed, -1] - values[~closed, -1]

# %% wrong first_step_of_the_next_episode
# check: advantages-ends
# says: expected
# -         ahead = deltas[:, t] + gamma * lam * goes_on[:, t] * ahead
# +         ahead = deltas[:, t] + gamma * lam * goes_on[:, min(t + 1, len(goes_on[0]) - 1)] * ahead

# %% wrong changes_what_came_in
# check: advantages-ends
# says: your function modified its array
# -     deltas = rewards + gamma * next_values * ~terminated - values
# +     next_values[terminated] = 0
# +     deltas = rewards + gamma * next_values - values


# %% wrong an_end_of_one_row_ends_all
# check: advantages-random_ends
# says: ends drawn at random
# -         ahead = deltas[:, t] + gamma * lam * goes_on[:, t] * ahead
# +         ahead = deltas[:, t] + gamma * lam * goes_on[:, t].all() * ahead


# %% right one_step_at_a_time
def advantages(rewards, values, next_values, terminated, truncated, gamma, lam):
    result = np.empty(rewards.shape)
    for n in range(rewards.shape[0]):
        ahead = 0.0
        for t in range(rewards.shape[1] - 1, -1, -1):
            if terminated[n, t] or truncated[n, t]:
                ahead = 0.0
            target = rewards[n, t]
            if not terminated[n, t]:
                target += gamma * next_values[n, t]
            ahead = target - values[n, t] + gamma * lam * ahead
            result[n, t] = ahead
    return result


# %% right episode_by_episode
def advantages(rewards, values, next_values, terminated, truncated, gamma, lam):
    result = np.zeros(rewards.shape)
    for n, over in enumerate(terminated | truncated):
        cuts = [0, *(np.flatnonzero(over) + 1), rewards.shape[1]]
        for begin, end in zip(cuts, cuts[1:]):
            part = slice(begin, end)
            after = np.where(terminated[n, part], 0.0, next_values[n, part])
            deltas = rewards[n, part] + gamma * after - values[n, part]
            for k in range(end - begin):
                powers = (gamma * lam) ** np.arange(end - begin - k)
                result[n, begin + k] = powers @ deltas[k:]
    return result


# %% wrong bootstraps_where_both_flags_came
# check: advantages-ends
# says: where both flags are True
# -     deltas = rewards + gamma * next_values * ~terminated - values
# +     deltas = rewards + gamma * next_values * ~(terminated & ~truncated) - values

# %% wrong delta_without_the_value
# check: advantages-ends
# says: V(s) is missing in delta
# -     deltas = rewards + gamma * next_values * ~terminated - values
# +     deltas = rewards + gamma * next_values * ~terminated

# %% wrong mask_inverted
# check: advantages-ends
# says: counts only at terminated steps
# -     deltas = rewards + gamma * next_values * ~terminated - values
# +     deltas = rewards + gamma * next_values * terminated - values

# %% wrong goes_on_where_it_ends
# check: advantages-ends
# says: the sum goes on only after an end
# -     goes_on = ~(terminated | truncated)
# +     goes_on = terminated | truncated

# %% wrong value_of_the_next_step
# check: advantages-ends
# says: is not `values` one step later
# -     deltas = rewards + gamma * next_values * ~terminated - values
# +     later = np.append(values[:, 1:], next_values[:, -1:], axis=1)
# +     deltas = rewards + gamma * later * ~terminated - values

# %% wrong not_a_number_after_an_end
# check: advantages-ends
# says: not finite
# -     deltas = rewards + gamma * next_values * ~terminated - values
# +     deltas = rewards + gamma * np.where(terminated, np.nan, next_values) - values


# %% right in_float32
def advantages(rewards, values, next_values, terminated, truncated, gamma, lam):
    rewards, values, next_values = (
        np.asarray(a, dtype=np.float32) for a in (rewards, values, next_values)
    )
    delta = rewards + gamma * np.where(terminated, 0, next_values) - values
    out = np.zeros_like(delta)
    last = np.zeros(len(delta), dtype=np.float32)
    for t in range(delta.shape[1] - 1, -1, -1):
        last = delta[:, t] + gamma * lam * ~(terminated[:, t] | truncated[:, t]) * last
        out[:, t] = last
    return out


# %% vacuous zeros
def advantages(rewards, values, next_values, terminated, truncated, gamma, lam):
    return np.zeros_like(rewards)


# %% vacuous nothing_is_expected
def advantages(rewards, values, next_values, terminated, truncated, gamma, lam):
    return rewards - values
