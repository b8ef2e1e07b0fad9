"""Answers to `split_by_words`: what students write, right and wrong."""

# %% wrong by_sentence
# check: split_by_words-no_leak
# says: the test leaks
# -     bags = [tuple(sorted(sentence)) for sentence in sentences]
# +     bags = list(range(len(sentences)))

# %% wrong order_of_the_words_counts
# check: split_by_words-no_leak
# says: draw bags, not sentences
# -     bags = [tuple(sorted(sentence)) for sentence in sentences]
# +     bags = [tuple(sentence) for sentence in sentences]

# %% wrong the_last_sentences
# check: split_by_words-no_leak
# says: the test leaks
# -     in_test = np.array([bag in held_out for bag in bags])
# +     in_test = np.arange(len(bags)) >= (1 - share) * len(bags)

# %% wrong swapped
# check: split_by_words-no_leak
# says: train and test are swapped
# -     return np.flatnonzero(~in_test), np.flatnonzero(in_test)
# +     return np.flatnonzero(in_test), np.flatnonzero(~in_test)

# %% wrong masks
# check: split_by_words-no_leak
# says: int arrays of positions
# -     return np.flatnonzero(~in_test), np.flatnonzero(in_test)
# +     return ~in_test, in_test

# %% wrong sentences_themselves
# check: split_by_words-no_leak
# says: not the sentences themselves
# -     return np.flatnonzero(~in_test), np.flatnonzero(in_test)
# +     words = np.array([" ".join(sentence) for sentence in sentences])
# +     return words[~in_test], words[in_test]

# %% wrong leaves_some_out
# check: split_by_words-no_leak
# says: once
# -     return np.flatnonzero(~in_test), np.flatnonzero(in_test)
# +     return np.flatnonzero(~in_test)[1:], np.flatnonzero(in_test)

# %% wrong ignores_the_seed
# check: split_by_words-no_leak
# says: seeds 5 and 6 give the same split
# -     drawn = np.random.default_rng(seed).permutation(len(different))
# +     drawn = np.arange(len(different))

# %% wrong draws_anew
# check: split_by_words-no_leak
# says: the same seed gives another split
# -     drawn = np.random.default_rng(seed).permutation(len(different))
# +     drawn = np.random.default_rng().permutation(len(different))

# %% wrong sorts_the_sentences
# check: split_by_words-no_leak
# says: modified its argument `sentences`
# -     bags = [tuple(sorted(sentence)) for sentence in sentences]
# +     for sentence in sentences:
# +         sentence.sort()
# +     bags = [tuple(sentence) for sentence in sentences]

# %% wrong draws_from_a_set
# check: split_by_words-no_leak
# says: do you draw from a set?
# -     different = sorted(set(bags))
# +     different = list(set(bags))

# %% wrong one_bag_too_many
# check: split_by_words-no_leak
# says: bags go to the test, expected
# -     held_out = {different[k] for k in drawn[: round(share * len(different))]}
# +     held_out = {different[k] for k in drawn[: round(share * len(different)) + 1]}

# %% wrong by_set
# check: split_by_words-different_bags
# says: the same words, one of them twice
# -     bags = [tuple(sorted(sentence)) for sentence in sentences]
# +     bags = [tuple(sorted(set(sentence))) for sentence in sentences]

# %% wrong joined_without_a_space
# check: split_by_words-different_bags
# says: words cut elsewhere
# -     bags = [tuple(sorted(sentence)) for sentence in sentences]
# +     bags = ["".join(sorted(sentence)) for sentence in sentences]

# %% wrong bags_of_letters
# check: split_by_words-different_bags
# says: different words of the same letters
# -     bags = [tuple(sorted(sentence)) for sentence in sentences]
# +     bags = [tuple(sorted(" ".join(sentence))) for sentence in sentences]

# %% wrong capitals_ignored
# check: split_by_words-different_bags
# says: words with capitals
# -     bags = [tuple(sorted(sentence)) for sentence in sentences]
# +     bags = [tuple(sorted(word.lower() for word in sentence)) for sentence in sentences]


# %% right group_shuffle_split
def split_by_words(sentences, share, seed):
    from sklearn.model_selection import GroupShuffleSplit

    groups = [" ".join(sorted(words)) for words in sentences]
    split = GroupShuffleSplit(n_splits=1, test_size=share, random_state=seed)
    return next(split.split(groups, groups=groups))


# %% right dictionary_of_places
def split_by_words(sentences, share, seed):
    import random
    from collections import Counter

    places = {}
    for place, words in enumerate(sentences):
        places.setdefault(frozenset(Counter(words).items()), []).append(place)
    groups = list(places.values())
    random.Random(seed).shuffle(groups)
    cut = int(len(groups) * share)
    test, train = (sum(part, []) for part in (groups[:cut], groups[cut:]))
    return np.array(train), np.array(test)


# %% right lists
def split_by_words(sentences, share, seed):
    bags = ["\n".join(sorted(words)) for words in sentences]
    names = sorted(set(bags))
    chosen = np.random.default_rng(seed).choice(names, round(share * len(names)), replace=False)
    test = [k for k, bag in enumerate(bags) if bag in set(chosen.tolist())]
    return [k for k in range(len(bags)) if k not in set(test)], test


# %% vacuous nothing_to_test
def split_by_words(sentences, share, seed):
    return np.arange(len(sentences)), np.zeros(0, dtype=int)


# %% vacuous nothing
def split_by_words(sentences, share, seed):
    pass
