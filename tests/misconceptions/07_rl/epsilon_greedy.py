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
# says: the best action is never drawn
# -     anything = generator.integers(q.shape[1], size=len(q))
# +     anything = (greedy + generator.integers(1, q.shape[1], size=len(q))) % q.shape[1]

# %% wrong one_draw_for_all_rows
# check: epsilon_greedy-frequencies
# says: all rows explore or none does
# -     return np.where(generator.random(len(q)) < epsilon, anything, greedy)
# +     return anything if generator.random() < epsilon else greedy

# %% wrong one_random_action_for_all_rows
# check: epsilon_greedy-frequencies
# says: all rows take the same action
# -     anything = generator.integers(q.shape[1], size=len(q))
# +     anything = generator.integers(q.shape[1])

# %% wrong ties_broken_alike_in_all_rows
# check: epsilon_greedy-ties
# says: all rows break their ties in the same way
# -     greedy = np.where(best, generator.random(q.shape), -1.0).argmax(axis=1)
# +     greedy = np.where(best, generator.random(q.shape[1]), -1.0).argmax(axis=1)

# %% wrong zero_where_it_is_not_best
# check: epsilon_greedy-frequencies
# says: is the maximum taken in each row
# -     greedy = np.where(best, generator.random(q.shape), -1.0).argmax(axis=1)
# +     greedy = (q * generator.random(q.shape)).argmax(axis=1)

# %% wrong a_generator_of_its_own
# check: epsilon_greedy-frequencies
# says: draw every random number from `generator`
# -     best = q == q.max(axis=1, keepdims=True)
# +     generator = np.random.default_rng()
# +     best = q == q.max(axis=1, keepdims=True)

# %% wrong a_probability_for_each_action
# check: epsilon_greedy-frequencies
# says: one action per row
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


# %% wrong noise_added
# check: epsilon_greedy-frequencies
# says: only exactly equal values are a tie
# -     greedy = np.where(best, generator.random(q.shape), -1.0).argmax(axis=1)
# +     greedy = (q + 1e-3 * generator.random(q.shape)).argmax(axis=1)

# %% wrong nearly_equal_is_equal
# check: epsilon_greedy-frequencies
# says: only exactly equal values are a tie
# -     best = q == q.max(axis=1, keepdims=True)
# +     best = q >= q.max(axis=1, keepdims=True) - 0.1

# %% wrong maximum_of_the_whole_batch
# check: epsilon_greedy-frequencies
# says: is the maximum taken in each row
# -     best = q == q.max(axis=1, keepdims=True)
# +     best = q == q.max()

# %% wrong last_action_never_drawn
# check: epsilon_greedy-frequencies
# says: the last action never comes
# -     anything = generator.integers(q.shape[1], size=len(q))
# +     anything = generator.integers(q.shape[1] - 1, size=len(q))

# %% wrong one_number_for_coin_and_action
# check: epsilon_greedy-frequencies
# says: does one random number decide both
# -     anything = generator.integers(q.shape[1], size=len(q))
# -     return np.where(generator.random(len(q)) < epsilon, anything, greedy)
# +     coin = generator.random(len(q))
# +     return np.where(coin < epsilon, (coin * q.shape[1]).astype(np.int64), greedy)

# %% wrong always_the_same_generator
# check: epsilon_greedy-frequencies
# says: different seeds give the same actions
# -     best = q == q.max(axis=1, keepdims=True)
# +     generator = np.random.default_rng(0)
# +     best = q == q.max(axis=1, keepdims=True)

# %% wrong clears_q
# check: epsilon_greedy-frequencies
# says: modified its argument
# -     best = q == q.max(axis=1, keepdims=True)
# +     q -= q.max(axis=1, keepdims=True)
# +     best = q == 0

# %% wrong five_actions
# check: epsilon_greedy-ties
# says: is the number of actions read from
# -     anything = generator.integers(q.shape[1], size=len(q))
# +     anything = generator.integers(5, size=len(q)) % q.shape[1]


# %% right a_random_number_times_the_actions
def epsilon_greedy(q, epsilon, generator):
    N, A = q.shape
    noise = generator.random((N, A))
    noise[q < q.max(axis=1, keepdims=True)] = -1
    greedy = noise.argmax(axis=1)
    explore = generator.random(N) < epsilon
    return np.where(explore, (generator.random(N) * A).astype(int), greedy).astype(np.int64)


# %% right at_most_epsilon
def epsilon_greedy(q, epsilon, generator):
    N, A = q.shape
    noise = generator.random((N, A))
    noise[q < q.max(axis=1, keepdims=True)] = -1
    greedy = noise.argmax(axis=1)
    explore = generator.random(N) <= epsilon
    return np.where(explore, generator.integers(A, size=N), greedy).astype(np.int64)


# %% vacuous the_first_action
def epsilon_greedy(q, epsilon, generator):
    return np.zeros(len(q), dtype=np.int64)


# %% vacuous anything
def epsilon_greedy(q, epsilon, generator):
    return generator.integers(q.shape[1], size=len(q))
