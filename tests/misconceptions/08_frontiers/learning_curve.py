"""Answers to `learning_curve`: what students write, right and wrong."""

# %% wrong test_images_are_drawn
# check: learning_curve-honest
# says: test images leak
# -     known, known_labels = images[~in_test], labels[~in_test]
# +     known, known_labels = images, labels

# %% wrong judged_on_training_images
# check: learning_curve-honest
# says: test images leak
# -                 known[subset], known_labels[subset], new, new_labels, seed
# +                 known[subset], known_labels[subset], known[: len(new)], known_labels[: len(new)], seed

# %% wrong one_seed
# check: learning_curve-honest
# says: one seed for all
# -     for run, seed in enumerate(seeds):
# +     for run, seed in enumerate([seeds[0]] * len(seeds)):

# %% wrong mask_upside_down
# check: learning_curve-honest
# says: no share of
# -     known, known_labels = images[~in_test], labels[~in_test]
# -     new, new_labels = images[in_test], labels[in_test]
# +     known, known_labels = images[in_test], labels[in_test]
# +     new, new_labels = images[~in_test], labels[~in_test]

# %% wrong positions_of_another_array
# check: learning_curve-honest
# says: The positions count among the training images only
# -                 known[subset], known_labels[subset], new, new_labels, seed
# +                 images[~in_test][subset], labels[subset], new, new_labels, seed

# %% wrong every_size_is_the_smallest
# check: learning_curve-honest
# says: expected to rise
# -                 known[subset], known_labels[subset], new, new_labels, seed
# +                 known[subset[: sizes[0]]], known_labels[subset[: sizes[0]]], new, new_labels, seed

# %% wrong mean_over_the_runs
# check: learning_curve-honest
# says: expected (4, 3)
# -     return scores
# +     return scores.mean(axis=0)

# %% wrong run_number_for_seed
# check: learning_curve-honest
# says: a run must depend on its seed only
# -     for run, seed in enumerate(seeds):
# +     for run, seed in enumerate(range(len(seeds))):

# %% wrong sizes_of_the_first_curve
# check: learning_curve-honest
# says: seeds by sizes are (2, 2)
# -     scores = np.zeros((len(seeds), len(sizes)))
# +     scores = np.zeros((len(seeds), 3))


# %% right list_of_lists
def learning_curve(images, labels, in_test, sizes, seeds):
    allowed = np.flatnonzero(np.logical_not(in_test))
    judged = np.flatnonzero(in_test)
    rows = []
    for seed in seeds:
        row = []
        for subset in nested_subsets(labels[allowed], list(sizes), seed):
            chosen = allowed[subset]
            row.append(
                fit_and_score(images[chosen], labels[chosen], images[judged], labels[judged], seed)
            )
        rows.append(row)
    return np.array(rows)


# %% right other_subset_seed
def learning_curve(images, labels, in_test, sizes, seeds):
    train, test = (images[~in_test], labels[~in_test]), (images[in_test], labels[in_test])
    return np.stack(
        [
            [
                fit_and_score(*(part[subset] for part in train), *test, seed=seed)
                for subset in nested_subsets(train[1], sizes, seed=1000 + seed)
            ]
            for seed in seeds
        ]
    )


# %% vacuous always_nine_tenths
def learning_curve(images, labels, in_test, sizes, seeds):
    return np.full((len(seeds), len(sizes)), 0.9)


# %% vacuous zeros
def learning_curve(images, labels, in_test, sizes, seeds):
    return np.zeros((len(seeds), len(sizes)))
