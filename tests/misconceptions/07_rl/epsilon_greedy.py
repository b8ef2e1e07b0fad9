"""Answers to `epsilon_greedy`: what students write, right and wrong."""

# %% wrong inverted
# check: epsilon_greedy-frequencies
# says: ε is inverted
# -     return np.where(generator.random(len(q)) < epsilon, anything, greedy)
# +     return np.where(generator.random(len(q)) > epsilon, anything, greedy)

# %% wrong first_argmax
# check: epsilon_greedy-ties
# says: the first of the largest is taken
# -     greedy = np.where(best, generator.random(q.shape), -1.0).argmax(axis=1)
# +     greedy = q.argmax(axis=1)

# %% wrong never_the_best_when_exploring
# check: epsilon_greedy-frequencies
# says: a random action may be the best one too
# -     anything = generator.integers(q.shape[1], size=len(q))
# +     anything = (greedy + generator.integers(1, q.shape[1], size=len(q))) % q.shape[1]

# %% wrong one_draw_for_all_rows
# check: epsilon_greedy-frequencies
# says: expected
# -     return np.where(generator.random(len(q)) < epsilon, anything, greedy)
# +     return anything if generator.random() < epsilon else greedy

# %% wrong one_random_action_for_all_rows
# check: epsilon_greedy-frequencies
# says: best action in
# -     anything = generator.integers(q.shape[1], size=len(q))
# +     anything = generator.integers(q.shape[1])

# %% wrong ties_broken_alike_in_all_rows
# check: epsilon_greedy-ties
# says: expected
# -     greedy = np.where(best, generator.random(q.shape), -1.0).argmax(axis=1)
# +     greedy = np.where(best, generator.random(q.shape[1]), -1.0).argmax(axis=1)

# %% wrong zero_where_it_is_not_best
# check: epsilon_greedy-frequencies
# says: best action in
# -     greedy = np.where(best, generator.random(q.shape), -1.0).argmax(axis=1)
# +     greedy = (q * generator.random(q.shape)).argmax(axis=1)

# %% wrong a_generator_of_its_own
# check: epsilon_greedy-frequencies
# says: draw from the generator that is given
# -     best = q == q.max(axis=1, keepdims=True)
# +     generator = np.random.default_rng()
# +     best = q == q.max(axis=1, keepdims=True)

# %% wrong a_probability_for_each_action
# check: epsilon_greedy-frequencies
# says: one action each
# -     return np.where(generator.random(len(q)) < epsilon, anything, greedy)
# +     return np.where(best, 1 - epsilon, 0) + epsilon / q.shape[1]


# %% right row_by_row
def epsilon_greedy(q, epsilon, generator):
    actions = []
    for row in q:
        if generator.random() < epsilon:
            actions.append(generator.integers(len(row)))
        else:
            actions.append(generator.choice(np.flatnonzero(row == row.max())))
    return np.array(actions, dtype=np.int64)


# %% right from_probabilities
def epsilon_greedy(q, epsilon, generator):
    best = (q == q.max(axis=1, keepdims=True)).astype(float)
    probabilities = epsilon / q.shape[1] + (1 - epsilon) * best / best.sum(axis=1, keepdims=True)
    steps = probabilities.cumsum(axis=1)[:, :-1]
    return (generator.random((len(q), 1)) >= steps).sum(axis=1)


# %% vacuous the_first_action
def epsilon_greedy(q, epsilon, generator):
    return np.zeros(len(q), dtype=np.int64)


# %% vacuous anything
def epsilon_greedy(q, epsilon, generator):
    return generator.integers(q.shape[1], size=len(q))
