"""Answers to `record`: what students write, right and wrong."""

# %% wrong done_is_one_thing
# check: record-ends
# says: done is two things
# -         rows.append((state, following, float(reward), terminated, truncated))
# +         done = terminated or truncated
# +         rows.append((state, following, float(reward), done, truncated))

# %% wrong never_resets
# check: record-ends
# says: reset
# -         state = env.reset()[0] if terminated or truncated else following
# +         state = following

# %% wrong resets_but_keeps_the_old_state
# check: record-ends
# says: after an end the states continue where the last episode was
# -         state = env.reset()[0] if terminated or truncated else following
# +         state = following
# +         if terminated or truncated:
# +             env.reset()

# %% wrong next_state_of_the_next_episode
# check: record-ends
# says: is the first state of the next episode
# -         rows.append((state, following, float(reward), terminated, truncated))
# -         state = env.reset()[0] if terminated or truncated else following
# +         if terminated or truncated:
# +             following, _ = env.reset()
# +         rows.append((state, following, float(reward), terminated, truncated))
# +         state = following

# %% wrong resets_at_the_goal_only
# check: record-ends
# says: reset
# -         state = env.reset()[0] if terminated or truncated else following
# +         state = env.reset()[0] if terminated else following

# %% wrong the_same_seed_at_each_reset
# check: record-ends
# says: seed the first reset, and only that one
# -         state = env.reset()[0] if terminated or truncated else following
# +         state = env.reset(seed=seed)[0] if terminated or truncated else following

# %% wrong no_seed
# check: record-luck
# says: the same seed gives another path
# -     state, _ = env.reset(seed=seed)
# +     state, _ = env.reset()

# %% wrong no_time_limit
# check: record-ends
# says: is `max_steps` used
# -     env = gym.make(env_id, max_episode_steps=max_steps)
# +     env = gym.make(env_id, max_episode_steps=10_000)

# %% wrong stops_at_the_first_end
# check: record-ends
# says: expected (150,)
# -         state = env.reset()[0] if terminated or truncated else following
# +         state = following
# +         if terminated or truncated:
# +             break

# %% wrong the_old_loop
# check: record-ends
# says: too many values to unpack
# raises: ValueError
# -         following, reward, terminated, truncated, _ = env.step(int(action))
# +         following, reward, terminated, _ = env.step(int(action))
# +         truncated = False


# %% right column_by_column
def record(env_id, actions, max_steps, seed):
    env = gym.make(env_id, max_episode_steps=max_steps)
    size = len(actions)
    states, next_states = np.zeros(size, int), np.zeros(size, int)
    rewards, terminated, truncated = np.zeros(size), np.zeros(size, bool), np.zeros(size, bool)
    over, first = True, True
    for t, action in enumerate(actions.tolist()):
        if over:
            state, _ = env.reset(seed=seed if first else None)
            first = False
        states[t] = state
        state, rewards[t], terminated[t], truncated[t], _ = env.step(action)
        next_states[t] = state
        over = terminated[t] or truncated[t]
    return {
        "states": states,
        "next_states": next_states,
        "rewards": rewards,
        "terminated": terminated,
        "truncated": truncated,
    }


# %% right with_the_wrapper_and_lists
def record(env_id, actions, max_steps, seed):
    from gymnasium.wrappers import TimeLimit

    env = TimeLimit(gym.make(env_id).unwrapped, max_steps)
    seen = {n: [] for n in ("states", "next_states", "rewards", "terminated", "truncated")}
    now = env.reset(seed=seed)[0]
    for action in actions:
        after, reward, *ends, _ = env.step(int(action))
        seen["states"].append(int(now))
        seen["next_states"].append(int(after))
        seen["rewards"].append(float(reward))
        seen["terminated"].append(bool(ends[0]))
        seen["truncated"].append(bool(ends[1]))
        now = env.reset()[0] if any(ends) else after
    return {name: np.asarray(values) for name, values in seen.items()}


# %% wrong flags_exclude_each_other
# check: record-ends
# says: both flags are True here
# -         rows.append((state, following, float(reward), terminated, truncated))
# +         rows.append((state, following, float(reward), terminated, truncated and not terminated))

# %% wrong rewards_are_ints
# check: record-ends
# says: rewards are int64, expected floats
# -         rows.append((state, following, float(reward), terminated, truncated))
# +         rows.append((state, following, int(reward), terminated, truncated))


# %% vacuous nothing_happens
def record(env_id, actions, max_steps, seed):
    zeros = np.zeros(len(actions), dtype=int)
    ends = {"terminated": zeros > 0, "truncated": zeros > 0}
    return {"states": zeros, "next_states": zeros, "rewards": zeros * 1.0} | ends
