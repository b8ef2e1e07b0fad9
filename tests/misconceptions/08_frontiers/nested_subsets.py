"""Answers to `nested_subsets`: what students write, right and wrong."""

# %% wrong not_nested
# check: nested_subsets-nested
# says: the subsets are not nested
# -     return [order[:size] for size in sizes]
# +     rest = np.random.default_rng(seed + 1)
# +     return [rest.permutation(order)[:size] for size in sizes]


# %% wrong not_stratified
# check: nested_subsets-nested
# says: not stratified
def nested_subsets(labels, sizes, seed):
    order = np.random.default_rng(seed).permutation(len(labels))
    return [order[:size] for size in sizes]


# %% wrong with_replacement
# check: nested_subsets-nested
# says: a position comes twice
def nested_subsets(labels, sizes, seed):
    order = np.random.default_rng(seed).integers(0, len(labels), size=max(sizes))
    return [order[:size] for size in sizes]


# %% wrong seed_is_ignored
# check: nested_subsets-nested
# says: draw the same images
# -     order = np.random.default_rng(seed).permutation(len(labels))
# +     order = np.random.default_rng(0).permutation(len(labels))

# %% wrong no_seed
# check: nested_subsets-nested
# says: the same seed draws other subsets
# -     order = np.random.default_rng(seed).permutation(len(labels))
# +     order = np.random.default_rng().permutation(len(labels))

# %% wrong labels_instead_of_positions
# check: nested_subsets-nested
# says: a position comes twice
# -     return [order[:size] for size in sizes]
# +     return [labels[order[:size]] for size in sizes]

# %% wrong classes_one_after_the_other
# check: nested_subsets-nested
# says: not stratified
# -     order = order[np.argsort(turn[order], kind="stable")]
# -     counts = [np.sum(labels[order[: max(sizes)]] == c) for c in classes]
# +     order = np.argsort(labels, kind="stable")
# +     counts = [0]

# %% wrong only_whole_deals
# check: nested_subsets-other_sizes
# says: size 1: shape (0,)
# -     return [order[:size] for size in sizes]
# +     return [order[: size - size % len(classes)] for size in sizes]

# %% wrong first_images_only
# check: nested_subsets-other_sizes
# says: shuffle each class whole
# -         own = order[labels[order] == c]
# +         own = np.random.default_rng(seed).permutation(np.nonzero(labels == c)[0][:6])
# +         turn[labels == c] = len(labels)

# %% wrong does_not_refuse
# check: nested_subsets-other_sizes
# says: expected a ValueError
# -     if max(sizes) > len(labels) or max(counts) > min(counts) + 1:
# -         raise ValueError(f"{max(sizes)} images cannot be dealt out: a class has too few")

# %% wrong more_than_there_are
# check: nested_subsets-other_sizes
# says: 250 of 240 images
# -     if max(sizes) > len(labels) or max(counts) > min(counts) + 1:
# +     if max(counts) > min(counts) + 1:

# %% wrong not_all_of_them
# check: nested_subsets-other_sizes
# says: 240 of 240 images, 80 of each of three classes: a ValueError
# -     if max(sizes) > len(labels) or max(counts) > min(counts) + 1:
# +     if max(sizes) >= len(labels) or max(counts) > min(counts) + 1:


# %% right by_rank_in_the_class
def nested_subsets(labels, sizes, seed):
    rng = np.random.default_rng(seed)
    labels = np.asarray(labels)
    shuffled = rng.permutation(len(labels))
    rank = np.zeros(len(labels), dtype=int)
    seen = {}
    for place in shuffled:
        rank[place] = seen.get(labels[place], 0)
        seen[labels[place]] = rank[place] + 1
    smallest = min(seen.values())
    if -(-max(sizes) // len(seen)) > smallest:
        raise ValueError("a class runs out")
    order = sorted(shuffled.tolist(), key=lambda place: rank[place])
    return [np.array(order[:size]) for size in sizes]


# %% right deals_cards
def nested_subsets(labels, sizes, seed):
    generator = np.random.default_rng(seed)
    hands = {int(c): list(np.flatnonzero(labels == c)) for c in np.unique(labels)}
    for hand in hands.values():
        generator.shuffle(hand)
    order = []
    while len(order) < max(sizes):
        for hand in hands.values():
            if len(order) == max(sizes):
                break
            if not hand:
                raise ValueError("not enough images of a class")
            order.append(hand.pop())
    return tuple(np.array(order[:size], dtype=np.int64) for size in sizes)


# %% vacuous first_ones
def nested_subsets(labels, sizes, seed):
    return [np.arange(size) for size in sizes]


# %% vacuous empty
def nested_subsets(labels, sizes, seed):
    return [np.zeros(0, dtype=int) for size in sizes]
