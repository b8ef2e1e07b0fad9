"""Answers to `value_iteration`: what students write, right and wrong."""

# %% wrong terminal_counted
# check: value_iteration-values
# says: the value of a terminal state is counted
# -         Q = (P * (R + gamma * V)).sum(axis=2) * ~terminal[:, None]
# -         change = np.abs(Q.max(axis=1) - V).max()
# +         Q = (P * (R + gamma * V)).sum(axis=2)
# +         change = np.abs(Q.max(axis=1) - V).max()
# -             Q = (P * (R + gamma * V)).sum(axis=2) * ~terminal[:, None]
# -             return V, Q
# +             return V, Q

# %% wrong every_next_state_the_same
# check: value_iteration-values
# says: every possible next state counts the same
# -     V = np.zeros(len(P))
# +     V = np.zeros(len(P))
# +     P = (P > 0) / (P > 0).sum(axis=2, keepdims=True)

# %% wrong luckiest_next_state
# check: value_iteration-values
# says: the luckiest next state
# -         Q = (P * (R + gamma * V)).sum(axis=2) * ~terminal[:, None]
# -         change = np.abs(Q.max(axis=1) - V).max()
# +         Q = np.where(P > 0, R + gamma * V, -np.inf).max(axis=2) * ~terminal[:, None]
# +         change = np.abs(Q.max(axis=1) - V).max()

# %% wrong worst_action
# check: value_iteration-values
# says: the worst action is taken
# -         change = np.abs(Q.max(axis=1) - V).max()
# -         V = Q.max(axis=1)
# +         change = np.abs(Q.min(axis=1) - V).max()
# +         V = Q.min(axis=1)

# %% wrong ten_sweeps
# check: value_iteration-values
# says: go on until nothing moves
# -     while True:
# +     for sweep in range(10):
# -         if change < tolerance:
# +         if sweep == 9:

# %% wrong q_before_the_update
# check: value_iteration-bellman
# says: V is right, Q is not
# -             Q = (P * (R + gamma * V)).sum(axis=2) * ~terminal[:, None]
# -             return V, Q
# +             return V, (P * R).sum(axis=2) * ~terminal[:, None]

# %% wrong rewards_not_averaged
# check: value_iteration-values
# says: R is not averaged
# -         Q = (P * (R + gamma * V)).sum(axis=2) * ~terminal[:, None]
# -         change = np.abs(Q.max(axis=1) - V).max()
# +         Q = (R.sum(axis=2) + gamma * P @ V) * ~terminal[:, None]
# +         change = np.abs(Q.max(axis=1) - V).max()

# %% wrong returns_a_policy
# check: value_iteration-values
# says: expected (7,) and (7, 3)
# -             return V, Q
# +             return V, Q.argmax(axis=1)

# %% wrong terminal_q_left
# check: value_iteration-bellman
# says: so is Q
# -             Q = (P * (R + gamma * V)).sum(axis=2) * ~terminal[:, None]
# -             return V, Q
# +             return V, (P * (R + gamma * V)).sum(axis=2)

# %% wrong clears_the_terminal_rows_of_p
# check: value_iteration-bellman
# says: was changed
# -     V = np.zeros(len(P))
# +     V = np.zeros(len(P))
# +     P[terminal] = 0


# %% wrong stops_too_early
# check: value_iteration-worlds
# says: V of the start
# -         if change < tolerance:
# +         if change < max(tolerance, 0.01):


# %% wrong an_end_has_a_value
# check: value_iteration-random_worlds
# says: off by
# -     while True:
# -         Q = (P * (R + gamma * V)).sum(axis=2) * ~terminal[:, None]
# +     while True:
# +         Q = (P * (R + gamma * V)).sum(axis=2)
# -             Q = (P * (R + gamma * V)).sum(axis=2) * ~terminal[:, None]
# +             Q = (P * (R + gamma * V)).sum(axis=2)


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


# %% right a_fixed_number_of_many_sweeps
def value_iteration(P, R, terminal, gamma, tolerance=1e-8):
    V = np.zeros(len(P))
    expected = np.einsum("san,san->sa", P, R)
    for _ in range(3000):
        Q = expected + gamma * np.einsum("san,n->sa", P, V)
        Q[terminal] = 0.0
        V = Q.max(axis=1)
    return V, Q


# %% vacuous zeros
def value_iteration(P, R, terminal, gamma, tolerance=1e-8):
    return np.zeros(len(P)), np.zeros(P.shape[:2])


# %% vacuous only_the_next_reward
def value_iteration(P, R, terminal, gamma, tolerance=1e-8):
    Q = (P * R).sum(axis=2)
    return Q.max(axis=1), Q
