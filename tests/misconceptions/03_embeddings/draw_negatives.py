"""Answers to `draw_negatives`: what students write, right and wrong."""

# %% wrong plain_counts
# check: draw_negatives-frequencies
# says: raise them to the power of 3/4
# -     probabilities = counts**0.75 / (counts**0.75).sum()
# +     probabilities = counts / counts.sum()

# %% wrong uniform
# check: draw_negatives-frequencies
# says: all words are equally likely
# -     probabilities = counts**0.75 / (counts**0.75).sum()
# +     probabilities = np.full(len(counts), 1 / len(counts))

# %% wrong whole_number_power
# check: draw_negatives-frequencies
# says: all words are equally likely
# -     probabilities = counts**0.75 / (counts**0.75).sum()
# +     probabilities = counts ** (3 // 4) / (counts ** (3 // 4)).sum()

# %% wrong square_root
# check: draw_negatives-frequencies
# says: square roots
# -     probabilities = counts**0.75 / (counts**0.75).sum()
# +     probabilities = np.sqrt(counts) / np.sqrt(counts).sum()

# %% wrong draws_positives
# check: draw_negatives-each_its_own
# says: hold their own positive
# -     while (again := negatives == positives[:, None]).any():
# -         negatives[again] = rng.choice(len(counts), size=again.sum(), p=probabilities)

# %% wrong draws_again_only_once
# check: draw_negatives-each_its_own
# says: hold their own positive
# -     while (again := negatives == positives[:, None]).any():
# -         negatives[again] = rng.choice(len(counts), size=again.sum(), p=probabilities)
# +     again = negatives == positives[:, None]
# +     negatives[again] = rng.choice(len(counts), size=again.sum(), p=probabilities)

# %% wrong excludes_every_positive_from_all_rows
# check: draw_negatives-each_its_own
# says: exclude from each row only its own positive
# -     while (again := negatives == positives[:, None]).any():
# +     while (again := (negatives == positives[:, None]) | (negatives == positives[0])).any():

# %% wrong takes_the_next_word_instead
# check: draw_negatives-frequencies
# says: draw again from the same probabilities?
# -     while (again := negatives == positives[:, None]).any():
# -         negatives[again] = rng.choice(len(counts), size=again.sum(), p=probabilities)
# +     again = negatives == positives[:, None]
# +     negatives[again] = (negatives[again] + 1) % len(counts)

# %% wrong draws_again_uniformly
# check: draw_negatives-frequencies
# says: draw again from the same probabilities?
# -         negatives[again] = rng.choice(len(counts), size=again.sum(), p=probabilities)
# +         negatives[again] = rng.integers(len(counts), size=again.sum())

# %% wrong one_draw_for_the_batch
# check: draw_negatives-each_its_own
# says: draw for each pair
# -     negatives = rng.choice(len(counts), size=(len(positives), number), p=probabilities)
# -     while (again := negatives == positives[:, None]).any():
# -         negatives[again] = rng.choice(len(counts), size=again.sum(), p=probabilities)
# -     return negatives
# +     negatives = np.empty((len(positives), number), dtype=int)
# +     for word in set(positives.tolist()):
# +         p = probabilities * (np.arange(len(counts)) != word)
# +         negatives[positives == word] = rng.choice(len(counts), size=number, p=p / p.sum())
# +     return negatives

# %% wrong global_randomness
# check: draw_negatives-each_its_own
# says: draw every random number from `rng`
# -     probabilities = counts**0.75 / (counts**0.75).sum()
# +     rng = np.random.default_rng()
# +     probabilities = counts**0.75 / (counts**0.75).sum()

# %% wrong always_the_same_seed
# check: draw_negatives-each_its_own
# says: generators with different seeds give the same words
# -     probabilities = counts**0.75 / (counts**0.75).sum()
# +     rng = np.random.default_rng(0)
# +     probabilities = counts**0.75 / (counts**0.75).sum()

# %% wrong changes_the_counts
# check: draw_negatives-each_its_own
# says: modified its argument
# -     probabilities = counts**0.75 / (counts**0.75).sum()
# +     probabilities = counts**0.75 / (counts**0.75).sum()
# +     counts[0] = 0


# %% right row_by_row
def draw_negatives(counts, positives, number, rng):
    power = counts.astype(float) ** (3 / 4)
    rows = []
    for positive in positives:
        left = power.copy()
        left[positive] = 0
        rows.append(rng.choice(len(counts), number, p=left / left.sum()))
    return np.array(rows)


# %% right by_cumulative_sums
def draw_negatives(counts, positives, number, rng):
    edges = np.cumsum(counts**0.75)

    def draw(size):
        return np.searchsorted(edges, rng.random(size) * edges[-1], side="right")

    drawn = draw((len(positives), number))
    forbidden = np.repeat(positives[:, None], number, axis=1)
    while np.any(drawn == forbidden):
        rows, columns = np.nonzero(drawn == forbidden)
        drawn[rows, columns] = draw(len(rows))
    return drawn.astype(np.int32)


# %% vacuous zeros
def draw_negatives(counts, positives, number, rng):
    return np.zeros((len(positives), number), dtype=int)


# %% vacuous the_next_words
def draw_negatives(counts, positives, number, rng):
    return (positives[:, None] + 1 + np.arange(number)) % len(counts)
