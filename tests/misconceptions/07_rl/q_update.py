"""Answers to `q_update`: what students write, right and wrong."""

# %% wrong bootstraps_past_the_end
# check: q_update-one_transition
# says: bootstraps past the end
# -     ahead = 0.0 if terminated else q[next_state].max()
# +     ahead = q[next_state].max()

# %% wrong stops_at_a_truncation
# check: q_update-one_transition
# says: stops at a truncation
# -     ahead = 0.0 if terminated else q[next_state].max()
# +     ahead = 0.0 if terminated or truncated else q[next_state].max()

# %% wrong value_of_the_action_just_taken
# check: q_update-one_transition
# says: the action just taken
# -     ahead = 0.0 if terminated else q[next_state].max()
# +     ahead = 0.0 if terminated else q[next_state, action]

# %% wrong expected_sarsa
# check: q_update-one_transition
# says: the mean of Q(s') is taken
# -     ahead = 0.0 if terminated else q[next_state].max()
# +     ahead = 0.0 if terminated else q[next_state].mean()

# %% wrong replaces
# check: q_update-one_transition
# says: the target replaces the entry
# -     new[state, action] += alpha * (reward + gamma * ahead - q[state, action])
# +     new[state, action] = reward + gamma * ahead

# %% wrong no_difference
# check: q_update-one_transition
# says: Q(s, a) is not subtracted
# -     new[state, action] += alpha * (reward + gamma * ahead - q[state, action])
# +     new[state, action] += alpha * (reward + gamma * ahead)

# %% wrong no_gamma
# check: q_update-one_transition
# says: gamma is missing
# -     new[state, action] += alpha * (reward + gamma * ahead - q[state, action])
# +     new[state, action] += alpha * (reward + ahead - q[state, action])

# %% wrong sign
# check: q_update-one_transition
# says: moves away from the target
# -     new[state, action] += alpha * (reward + gamma * ahead - q[state, action])
# +     new[state, action] -= alpha * (reward + gamma * ahead - q[state, action])

# %% wrong in_place
# check: q_update-one_transition
# says: modified its argument `q`
# -     new = q.copy()
# +     new = q

# %% wrong whole_row
# check: q_update-one_transition
# says: other entries changed
# -     new[state, action] += alpha * (reward + gamma * ahead - q[state, action])
# +     new[state] += alpha * (reward + gamma * ahead - q[state, action])

# %% wrong terminated_or_not_truncated
# check: q_update-many
# says: after 100 transitions
# -     ahead = 0.0 if terminated else q[next_state].max()
# +     ahead = 0.0 if terminated else max(0.0, q[next_state].max())


# %% right weighted_mean
def q_update(q, state, action, reward, next_state, terminated, truncated, alpha, gamma):
    target = reward + (1 - int(terminated)) * gamma * np.max(q[next_state])
    table = np.array(q, copy=True)
    table[state, action] = (1 - alpha) * table[state, action] + alpha * target
    return table


# %% right with_a_mask
def q_update(q, state, action, reward, next_state, terminated, truncated, alpha, gamma):
    where = np.zeros(q.shape)
    where[state, action] = alpha
    after = sorted(q[next_state])[-1]
    if terminated:
        after = 0
    return q + where * (reward + gamma * after - q)


# %% vacuous same_table
def q_update(q, state, action, reward, next_state, terminated, truncated, alpha, gamma):
    return q.copy()


# %% vacuous zeros
def q_update(q, state, action, reward, next_state, terminated, truncated, alpha, gamma):
    return np.zeros_like(q)
