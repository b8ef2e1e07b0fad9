"""Answers to `train_q`: what students write, right and wrong."""

# %% wrong bootstraps_past_the_end
# check: train_q-values
# says: is `terminated` passed on
# -             step = (state, action, float(reward), following, terminated, truncated)
# +             step = (state, action, float(reward), following, False, truncated)

# %% wrong sarsa
# check: train_q-values
# says: Q of the start is
# -         state, _ = env.reset(seed=seed if episode == 0 else None)
# +         state, _ = env.reset(seed=seed if episode == 0 else None)
# +         action = int(epsilon_greedy(q[[state]], epsilon, generator)[0])
# -             action = int(epsilon_greedy(q[[state]], epsilon, generator)[0])
# -             following, reward, terminated, truncated, _ = env.step(action)
# -             step = (state, action, float(reward), following, terminated, truncated)
# -             q = q_update(q, *step, alpha, gamma)
# -             total += reward
# -             state = following
# +             following, reward, terminated, truncated, _ = env.step(action)
# +             then = int(epsilon_greedy(q[[following]], epsilon, generator)[0])
# +             ahead = 0.0 if terminated else q[following, then]
# +             q[state, action] += alpha * (reward + gamma * ahead - q[state, action])
# +             total += reward
# +             state, action = following, then

# %% wrong done_is_one_thing
# check: train_q-truncated
# says: stops at a truncation
# -             step = (state, action, float(reward), following, terminated, truncated)
# +             done = terminated or truncated
# +             step = (state, action, float(reward), following, done, False)

# %% wrong sarsa_in_short_episodes
# check: train_q-truncated
# says: the random action that comes next
# -             q = q_update(q, *step, alpha, gamma)
# +             then = int(epsilon_greedy(q[[following]], epsilon, generator)[0])
# +             ahead = 0.0 if terminated else q[following, then]
# +             q[state, action] += alpha * (reward + gamma * ahead - q[state, action])

# %% wrong starts_at_zero
# check: train_q-values
# says: the entries of a hole, never updated, are
# -     q = np.full((int(env.observation_space.n), int(env.action_space.n)), float(q_start))
# +     q = np.zeros((int(env.observation_space.n), int(env.action_space.n)))

# %% wrong no_time_limit
# check: train_q-values
# says: is `max_steps` used
# -     env = gym.make(env_id, max_episode_steps=max_steps)
# +     env = gym.make(env_id, max_episode_steps=500)

# %% wrong stays_in_the_first_state
# check: train_q-values
# says: does each step begin in the state where the last one ended?
# -             total += reward
# -             state = following
# +             total += reward

# %% wrong never_learns
# check: train_q-values
# says: keep what `q_update` returns
# -             q = q_update(q, *step, alpha, gamma)
# +             q_update(q, *step, alpha, gamma)

# %% wrong never_seeds
# check: train_q-values
# says: the same seed gives a different table
# -     generator = np.random.default_rng(seed)
# +     generator = np.random.default_rng()

# %% wrong one_seed_for_all
# check: train_q-values
# says: two seeds give the same table
# -     generator = np.random.default_rng(seed)
# +     generator = np.random.default_rng(0)

# %% wrong the_largest_value_as_return
# check: train_q-truncated
# says: expected -1 and -100
# -         returns.append(float(total))
# +         returns.append(float(q.max()))


# %% right in_place_in_one_function
def train_q(env_id, episodes, max_steps, alpha, gamma, epsilon, q_start, seed):
    env = gym.make(env_id, max_episode_steps=max_steps)
    rng = np.random.default_rng(seed)
    table = q_start * np.ones((env.observation_space.n, env.action_space.n))
    returns = []
    s, _ = env.reset(seed=seed)
    for _ in range(episodes):
        total = 0
        while True:
            if rng.random() < epsilon:
                a = int(rng.integers(table.shape[1]))
            else:
                a = int(rng.choice(np.flatnonzero(table[s] == table[s].max())))
            s2, r, terminated, truncated, _ = env.step(a)
            target = r if terminated else r + gamma * table[s2].max()
            table[s, a] += alpha * (target - table[s, a])
            total, s = total + r, s2
            if terminated or truncated:
                break
        s, _ = env.reset()
        returns.append(float(total))
    return table, returns


# %% right counts_the_steps_itself
def train_q(env_id, episodes, max_steps, alpha, gamma, epsilon, q_start, seed):
    world = gym.make(env_id).unwrapped
    generator = np.random.default_rng(seed + 12345)
    q = np.full((world.observation_space.n, world.action_space.n), float(q_start))
    world.reset(seed=seed)
    returns = []
    for _ in range(episodes):
        state, rewards = world.reset()[0], []
        for step in range(1, max_steps + 1):
            (action,) = epsilon_greedy(q[state : state + 1], epsilon, generator).tolist()
            old = state
            state, reward, terminated, _, _ = world.step(action)
            rewards.append(float(reward))
            late = step == max_steps
            q = q_update(q, old, action, reward, state, terminated, late, alpha, gamma)
            if terminated:
                break
        returns.append(sum(rewards))
    return q, returns


# %% wrong alpha_fixed
# check: train_q-truncated
# says: are `alpha` and `gamma` used as given
# -             q = q_update(q, *step, alpha, gamma)
# +             q = q_update(q, *step, 0.5, gamma)

# %% wrong four_actions
# check: train_q-values
# says: Taxi: q has shape
# -     q = np.full((int(env.observation_space.n), int(env.action_space.n)), float(q_start))
# +     q = np.full((int(env.observation_space.n), 4), float(q_start))

# %% wrong seeds_every_episode
# check: train_q-truncated
# says: seed the first reset, and only that one
# -         state, _ = env.reset(seed=seed if episode == 0 else None)
# +         state, _ = env.reset(seed=seed)

# %% wrong never_seeds_the_environment
# check: train_q-values
# says: the same seed gives a different table
# -         state, _ = env.reset(seed=seed if episode == 0 else None)
# +         state, _ = env.reset()

# %% wrong discounted_returns
# check: train_q-truncated
# says: add up the rewards as they are
# -             total += reward
# +             total = reward + gamma * total

# %% wrong epsilon_decays
# check: train_q-truncated
# says: is `epsilon` used as given
# -             action = int(epsilon_greedy(q[[state]], epsilon, generator)[0])
# +             now = epsilon * 0.99**episode
# +             action = int(epsilon_greedy(q[[state]], now, generator)[0])

# %% wrong a_generator_for_each_step
# check: train_q-values
# says: create the generator once
# -             action = int(epsilon_greedy(q[[state]], epsilon, generator)[0])
# +             generator = np.random.default_rng(seed + episode)
# +             action = int(epsilon_greedy(q[[state]], epsilon, generator)[0])

# %% wrong a_generator_for_each_episode
# check: train_q-truncated
# says: create the generator once
# -         total, terminated, truncated = 0.0, False, False
# +         total, terminated, truncated = 0.0, False, False
# +         generator = np.random.default_rng(seed)

# %% wrong never_resets_after_a_truncation
# check: train_q-values
# says: reset after a truncation
# -         state, _ = env.reset(seed=seed if episode == 0 else None)
# +         if episode == 0 or terminated:
# +             state, _ = env.reset(seed=seed if episode == 0 else None)
# +         env.env._elapsed_steps = 0

# %% wrong goes_on_after_the_end
# check: train_q-values
# says: an episode ends when a step terminates
# -         while not (terminated or truncated):
# +         while not truncated:

# %% wrong gamma_ignored
# check: train_q-truncated
# says: Q of the start is
# -             q = q_update(q, *step, alpha, gamma)
# +             q = q_update(q, *step, alpha, 1.0)


# %% right counts_every_reward
# -         returns.append(float(total))
# +         returns.append(total / 1.0 if total > -1e9 else 0.0)


# %% vacuous zeros
def train_q(env_id, episodes, max_steps, alpha, gamma, epsilon, q_start, seed):
    return np.zeros((48, 4)), [-13.0] * episodes


# %% vacuous the_start_again
def train_q(env_id, episodes, max_steps, alpha, gamma, epsilon, q_start, seed):
    return np.full((48, 4), float(q_start)), [-13.0 - seed] * episodes
