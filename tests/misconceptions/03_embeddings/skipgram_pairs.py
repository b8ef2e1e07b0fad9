"""Answers to `skipgram_pairs`: what students write, right and wrong."""

# %% wrong pairs_with_itself
# check: skipgram_pairs-one_sentence
# says: is paired with itself
# -                 if j != i:
# -                     pairs.append((center, sentence[j]))
# +                 pairs.append((center, sentence[j]))

# %% wrong only_what_follows
# check: skipgram_pairs-one_sentence
# says: one side only
# -             for j in range(max(0, i - window), min(len(sentence), i + window + 1)):
# +             for j in range(i, min(len(sentence), i + window + 1)):

# %% wrong only_what_precedes
# check: skipgram_pairs-one_sentence
# says: one side only
# -             for j in range(max(0, i - window), min(len(sentence), i + window + 1)):
# +             for j in range(max(0, i - window), i):

# %% wrong right_side_one_too_short
# check: skipgram_pairs-one_sentence
# says: is missing
# -             for j in range(max(0, i - window), min(len(sentence), i + window + 1)):
# +             for j in range(max(0, i - window), min(len(sentence), i + window)):

# %% wrong starts_again_at_the_end
# check: skipgram_pairs-one_sentence
# says: a negative index counts from there
# -             for j in range(max(0, i - window), min(len(sentence), i + window + 1)):
# +             for j in range(i - window, min(len(sentence), i + window + 1)):

# %% wrong crosses_sentences
# check: skipgram_pairs-borders
# says: crosses the border
# -     for sentence in sentences:
# +     for sentence in [[word for sentence in sentences for word in sentence]]:

# %% wrong excludes_equal_words
# check: skipgram_pairs-borders
# says: positions differ, words may be equal
# -                 if j != i:
# +                 if sentence[j] != center:

# %% wrong each_pair_once
# check: skipgram_pairs-borders
# says: repeated pairs stay
# -     return pairs
# +     return list(set(pairs))

# %% wrong nearer_contexts_more_often
# check: skipgram_pairs-one_sentence
# says: times, expected once
# -                     pairs.append((center, sentence[j]))
# +                     pairs += [(center, sentence[j])] * (window + 1 - abs(i - j))

# %% wrong leaves_out_the_rim
# check: skipgram_pairs-one_sentence
# says: is missing
# -         for i, center in enumerate(sentence):
# +         for i, center in enumerate(sentence[:-1]):

# %% wrong contexts_in_one_tuple
# check: skipgram_pairs-one_sentence
# says: of two words
# -             for j in range(max(0, i - window), min(len(sentence), i + window + 1)):
# -                 if j != i:
# -                     pairs.append((center, sentence[j]))
# +             near = sentence[max(0, i - window) : i] + sentence[i + 1 : i + window + 1]
# +             pairs.append((center, tuple(near)))


# %% wrong no_window_above_five
# check: skipgram_pairs-numbers
# says: pairs are missing
# -     pairs = []
# +     pairs, window = [], min(window, 5)


# %% wrong one_too_far_to_the_right
# check: skipgram_pairs-one_sentence
# says: where does the window end?
# -             for j in range(max(0, i - window), min(len(sentence), i + window + 1)):
# +             for j in range(max(0, i - window), min(len(sentence), i + window + 2)):

# %% wrong clears_the_sentences
# check: skipgram_pairs-one_sentence
# says: modified its argument `sentences`
# -     return pairs
# +     sentences.clear()
# +     return pairs

# %% wrong zero_is_no_word
# check: skipgram_pairs-numbers
# says: is 0 taken for an empty word?
# -                 if j != i:
# +                 if j != i and (center and sentence[j] or isinstance(center, str)):


# %% right by_steps
def skipgram_pairs(sentences, window):
    pairs = []
    for sentence in sentences:
        for step in range(1, window + 1):
            for left, right in zip(sentence, sentence[step:]):
                pairs += [(left, right), (right, left)]
    return pairs


# %% right by_slices
def skipgram_pairs(sentences, window):
    return [
        (center, context)
        for sentence in sentences
        for i, center in enumerate(sentence)
        for context in [*sentence[max(i - window, 0) : i], *sentence[i + 1 : i + 1 + window]]
    ]


# %% right by_all_positions
def skipgram_pairs(sentences, window):
    pairs = []
    for s in sentences:
        for i in range(len(s)):
            for j in range(len(s)):
                if 0 < abs(i - j) <= window:
                    pairs.append([s[i], s[j]])
    return pairs


# %% vacuous nothing
def skipgram_pairs(sentences, window):
    return []


# %% vacuous with_itself
def skipgram_pairs(sentences, window):
    return [(word, word) for sentence in sentences for word in sentence]
