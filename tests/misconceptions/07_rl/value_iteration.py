"""Answers to `value_iteration`: what students write, right and wrong."""

# %% wrong terminal_counted
# check: value_iteration-values
# says: the value of a terminal state is counted
# -         Q = (P * (R + gamma * V)).sum(axis=2) * ~terminal[:, None]
# +         Q = (P * (R + gamma * V)).sum(axis=2)

# %% wrong every_next_state_the_same
# check: value_iteration-values
# says: every possible next state counts the same
# -     V = np.zeros(len(P))
# +     V = np.zeros(len(P))
# +     P = (P > 0) / (P > 0).sum(axis=2, keepdims=True)

# %% wrong luckiest_next_state
# check: value_iteration-values
# says: only the luckiest next state counts
# -         Q = (P * (R + gamma * V)).sum(axis=2) * ~terminal[:, None]
# +         Q = np.where(P > 0, R + gamma * V, -np.inf).max(axis=2) * ~terminal[:, None]

# %% wrong worst_action
# check: value_iteration-values
# says: the worst action is taken
# -         change = np.abs(Q.max(axis=1) - V).max()
# -         V = Q.max(axis=1)
# +         change = np.abs(Q.min(axis=1) - V).max()
# +         V = Q.min(axis=1)

# %% wrong ten_sweeps
# check: value_iteration-values
# says: V is that of sweep 10
# -     while True:
# +     for sweep in range(10):
# -         if change < tolerance:
# +         if sweep == 9:

# %% wrong q_before_the_update
# check: value_iteration-bellman
# says: V is right, Q is not
# -             return V, Q
# +             return V, (P * R).sum(axis=2) * ~terminal[:, None]

# %% wrong rewards_not_averaged
# check: value_iteration-values
# says: R is not averaged
# -         Q = (P * (R + gamma * V)).sum(axis=2) * ~terminal[:, None]
# +         Q = (R.sum(axis=2) + gamma * P @ V) * ~terminal[:, None]

# %% wrong returns_a_policy
# check: value_iteration-values
# says: expected (7,) and (7, 3)
# -             return V, Q
# +             return V, Q.argmax(axis=1)

# %% wrong terminal_q_left
# check: value_iteration-bellman
# says: expected 0 everywhere
# -             return V, Q
# +             return V, (P * (R + gamma * V)).sum(axis=2)

# %% wrong clears_the_terminal_rows_of_p
# check: value_iteration-bellman
# says: modified its argument `P`
# -     V = np.zeros(len(P))
# +     V = np.zeros(len(P))
# +     P[terminal] = 0


# %% wrong stops_too_early
# check: value_iteration-worlds
# says: V of the start
# -         if change < tolerance:
# +         if change < max(tolerance, 0.01):


# %% wrong mean_change
# check: value_iteration-bellman
# says: is the largest change compared
# -         change = np.abs(Q.max(axis=1) - V).max()
# +         change = np.abs(Q.max(axis=1) - V).mean()

# %% wrong tolerance_ignored
# check: value_iteration-bellman
# says: is the largest change compared
# -         if change < tolerance:
# +         if change < 1e-8:


# %% wrong a_thousand_sweeps
# check: value_iteration-bellman
# says: one more sweep changes V by
def value_iteration(P, R, terminal, gamma, tolerance=1e-8):
    V = np.zeros(len(P))
    for _ in range(1000):
        Q = (P * (R + gamma * V)).sum(axis=2) * ~terminal[:, None]
        V = Q.max(axis=1)
    return V, Q


# %% wrong no_reward_for_the_last_step
# check: value_iteration-values
# says: the reward of a step into a terminal state is missing
# -     V = np.zeros(len(P))
# +     V = np.zeros(len(P))
# +     R = R * ~terminal

# %% wrong mean_over_actions
# check: value_iteration-values
# says: V is the mean over actions
# -         change = np.abs(Q.max(axis=1) - V).max()
# -         V = Q.max(axis=1)
# +         change = np.abs(Q.mean(axis=1) - V).max()
# +         V = Q.mean(axis=1)


# %% wrong gamma_never_zero
# check: value_iteration-random_worlds
# says: misses Bellman's equation
def value_iteration(P, R, terminal, gamma, tolerance=1e-8):
    V = np.zeros(len(P))
    expected = (P * R).sum(axis=2)
    while True:
        Q = (expected + max(gamma, 0.1) * P @ V) * ~terminal[:, None]
        change = np.abs(Q.max(axis=1) - V).max()
        V = Q.max(axis=1)
        if change < tolerance:
            return V, Q


# %% right in_place_sweeps
def value_iteration(P, R, terminal, gamma, tolerance=1e-8):
    V, Q = np.zeros(len(P)), np.zeros(P.shape[:2])
    change = tolerance + 1
    while change > tolerance / 10:
        change = 0.0
        for s in np.flatnonzero(~terminal):
            Q[s] = [P[s, a] @ (R[s, a] + gamma * V) for a in range(P.shape[1])]
            change = max(change, abs(Q[s].max() - V[s]))
            V[s] = Q[s].max()
    return V, Q


# %% right starts_from_one
def value_iteration(P, R, terminal, gamma, tolerance=1e-8):
    V = np.ones(len(P))
    while True:
        Q = (P * (R + gamma * V)).sum(axis=2)
        Q[terminal] = 0.0
        new = Q.max(axis=1)
        if np.abs(new - V).max() <= tolerance:
            return new, Q
        V = new


# %% right with_einsum_and_q_once_more
def value_iteration(P, R, terminal, gamma, tolerance=1e-8):
    expected = np.einsum("san,san->sa", P, R)

    def backup(V):
        Q = expected + gamma * np.einsum("san,n->sa", P, V)
        Q[terminal] = 0.0
        return Q

    V, moved = np.zeros(len(P)), np.inf
    while moved > tolerance:
        new = backup(V).max(axis=1)
        V, moved = new, np.abs(new - V).max()
    return V, backup(V)


# %% vacuous zeros
def value_iteration(P, R, terminal, gamma, tolerance=1e-8):
    return np.zeros(len(P)), np.zeros(P.shape[:2])


# %% vacuous only_the_next_reward
def value_iteration(P, R, terminal, gamma, tolerance=1e-8):
    Q = (P * R).sum(axis=2)
    return Q.max(axis=1), Q
