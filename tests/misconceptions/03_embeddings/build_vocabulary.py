"""Answers to `build_vocabulary`: what students write, right and wrong."""

# %% wrong letters
# check: build_vocabulary-counts
# says: letters
# -     counter = Counter(word for sentence in sentences for word in sentence)
# +     counter = Counter(letter for s in sentences for word in s for letter in word)

# %% wrong counts_sentences
# check: build_vocabulary-counts
# says: count words, not sentences
# -     counter = Counter(word for sentence in sentences for word in sentence)
# +     counter = Counter(word for sentence in sentences for word in set(sentence))

# %% wrong drops_what_occurs_just_often_enough
# check: build_vocabulary-counts
# says: exactly min_count times stays
# -     kept = [(word, count) for word, count in counter.items() if count >= min_count]
# +     kept = [(word, count) for word, count in counter.items() if count > min_count]

# %% wrong ties_in_order_of_appearance
# check: build_vocabulary-counts
# says: by the alphabet
# -     kept.sort(key=lambda pair: (-pair[1], pair[0]))
# +     kept.sort(key=lambda pair: -pair[1])

# %% wrong alphabetical
# check: build_vocabulary-counts
# says: expected the most frequent first
# -     kept.sort(key=lambda pair: (-pair[1], pair[0]))
# +     kept.sort()

# %% wrong everything_reversed
# check: build_vocabulary-counts
# says: by the alphabet
# -     kept.sort(key=lambda pair: (-pair[1], pair[0]))
# +     kept.sort(key=lambda pair: (pair[1], pair[0]), reverse=True)

# %% wrong ignores_min_count
# check: build_vocabulary-counts
# says: min_count=2 keeps
# -     kept = [(word, count) for word, count in counter.items() if count >= min_count]
# +     kept = list(counter.items())

# %% wrong a_dict
# check: build_vocabulary-counts
# says: expected (words, counts)
# -     return [word for word, _ in kept], np.array([count for _, count in kept], dtype=int)
# +     return dict(kept)

# %% wrong only_the_last_sentence
# check: build_vocabulary-counts
# says: expected each word of all sentences once
# -     counter = Counter(word for sentence in sentences for word in sentence)
# +     for sentence in sentences:
# +         counter = Counter(sentence)


# %% wrong float_counts
# check: build_vocabulary-counts
# says: float64, expected an array of int
# -     return [word for word, _ in kept], np.array([count for _, count in kept], dtype=int)
# +     return [word for word, _ in kept], np.array([count for _, count in kept], dtype=float)

# %% wrong sorts_the_sentences
# check: build_vocabulary-counts
# says: modified its argument `sentences`
# -     counter = Counter(word for sentence in sentences for word in sentence)
# +     for sentence in sentences:
# +         sentence.sort()
# +     counter = Counter(word for sentence in sentences for word in sentence)

# %% wrong short_words_first
# check: build_vocabulary-counts
# says: by the alphabet
# -     kept.sort(key=lambda pair: (-pair[1], pair[0]))
# +     kept.sort(key=lambda pair: (-pair[1], len(pair[0]), pair[0]))

# %% wrong counts_of_all_words
# check: build_vocabulary-counts
# says: min_count=2: counts
# -     return [word for word, _ in kept], np.array([count for _, count in kept], dtype=int)
# +     return [word for word, _ in kept], np.array(sorted(counter.values(), reverse=True))


# %% right by_unique
def build_vocabulary(sentences, min_count=1):
    everything = [word for sentence in sentences for word in sentence]
    words, counts = np.unique(np.array(everything, dtype=str), return_counts=True)
    order = np.argsort(-counts, kind="stable")  # np.unique sorts words by the alphabet
    order = order[counts[order] >= min_count]
    return words[order].tolist(), counts[order]


# %% right by_hand
def build_vocabulary(sentences, min_count=1):
    seen = {}
    for sentence in sentences:
        for word in sentence:
            seen[word] = seen.get(word, 0) + 1
    words = sorted(word for word in seen if seen[word] >= min_count)
    words = sorted(words, key=seen.get, reverse=True)
    return tuple(words), np.array([seen[word] for word in words], dtype=np.int64)


# %% vacuous nothing
def build_vocabulary(sentences, min_count=1):
    return [], np.array([], dtype=int)


# %% vacuous each_once
def build_vocabulary(sentences, min_count=1):
    words = sorted({word for sentence in sentences for word in sentence})
    return words, np.ones(len(words), dtype=int)
