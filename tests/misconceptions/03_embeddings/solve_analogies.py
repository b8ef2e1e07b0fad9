"""Answers to `solve_analogies`: what students write, right and wrong."""

# %% wrong returns_words_of_the_question
# check: solve_analogies-questions
# says: leave all three out
# -     if exclude:
# -         cosines[np.arange(len(questions)), [a, b, c]] = -np.inf

# %% wrong leaves_out_only_b_and_c
# check: solve_analogies-few_words
# says: leave all three out
# -         cosines[np.arange(len(questions)), [a, b, c]] = -np.inf
# +         cosines[np.arange(len(questions)), [b, c]] = -np.inf

# %% wrong zero_for_minus_infinity
# check: solve_analogies-few_words
# says: leave all three out
# -         cosines[np.arange(len(questions)), [a, b, c]] = -np.inf
# +         cosines[np.arange(len(questions)), [a, b, c]] = 0

# %% wrong leaves_out_the_words_of_all_questions
# check: solve_analogies-questions
# says: answers are wrong
# -         cosines[np.arange(len(questions)), [a, b, c]] = -np.inf
# +         cosines[:, np.unique([a[:5], b[:5], c[:5]])] = -np.inf
# +         cosines[np.arange(len(questions)), [a, b, c]] = -np.inf

# %% wrong always_excludes
# check: solve_analogies-questions
# says: the answers are those of exclude=True
# -     if exclude:
# -         cosines[np.arange(len(questions)), [a, b, c]] = -np.inf
# +     cosines[np.arange(len(questions)), [a, b, c]] = -np.inf

# %% wrong a_minus_b
# check: solve_analogies-questions
# says: a is added and b subtracted
# -     cosines = (unit[b] - unit[a] + unit[c]) @ unit.T
# +     cosines = (unit[a] - unit[b] + unit[c]) @ unit.T

# %% wrong minus_c
# check: solve_analogies-questions
# says: c subtracted
# -     cosines = (unit[b] - unit[a] + unit[c]) @ unit.T
# +     cosines = (unit[b] + unit[a] - unit[c]) @ unit.T

# %% wrong adds_vectors_of_any_length
# check: solve_analogies-questions
# says: the vectors have their own lengths in the sum
# -     cosines = (unit[b] - unit[a] + unit[c]) @ unit.T
# +     cosines = (vectors[b] - vectors[a] + vectors[c]) @ unit.T

# %% wrong dot_product
# check: solve_analogies-questions
# says: scaled to length 1?
# -     cosines = (unit[b] - unit[a] + unit[c]) @ unit.T
# +     cosines = (unit[b] - unit[a] + unit[c]) @ vectors.T

# %% wrong farthest
# check: solve_analogies-questions
# says: the farthest word
# -         cosines[np.arange(len(questions)), [a, b, c]] = -np.inf
# -     return [words[i] for i in cosines.argmax(axis=1)]
# +         cosines[np.arange(len(questions)), [a, b, c]] = np.inf
# +     return [words[i] for i in cosines.argmin(axis=1)]

# %% wrong nearest_to_c
# check: solve_analogies-questions
# says: the word nearest to c
# -     cosines = (unit[b] - unit[a] + unit[c]) @ unit.T
# +     cosines = unit[c] @ unit.T

# %% wrong the_indices_of_the_words
# check: solve_analogies-questions
# says: expected a list of str
# -     return [words[i] for i in cosines.argmax(axis=1)]
# +     return [int(i) for i in cosines.argmax(axis=1)]

# %% wrong only_the_first_question
# check: solve_analogies-questions
# says: 1 answers to 40 questions
# -     return [words[i] for i in cosines.argmax(axis=1)]
# +     return [words[cosines[0].argmax()]]

# %% wrong normalizes_in_place
# check: solve_analogies-questions
# says: modified one of its arguments
# -     unit = vectors / np.linalg.norm(vectors, axis=1, keepdims=True)
# +     vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
# +     unit = vectors


# %% right by_gensim
def solve_analogies(questions, words, vectors, exclude=True):
    from gensim.models import KeyedVectors

    keyed = KeyedVectors(vectors.shape[1])
    keyed.add_vectors(words, vectors)
    if exclude:
        return [
            keyed.most_similar(positive=[b, c], negative=[a], topn=1)[0][0] for a, b, c in questions
        ]
    unit = dict(zip(words, keyed.get_normed_vectors()))
    sums = [unit[b] - unit[a] + unit[c] for a, b, c in questions]
    return [keyed.similar_by_vector(aim, topn=1)[0][0] for aim in sums]


# %% right sums_of_cosines
def solve_analogies(questions, words, vectors, exclude=True):
    unit = {word: v / np.linalg.norm(v) for word, v in zip(words, vectors)}
    answers = []
    for a, b, c in questions:
        left = [word for word in words if not exclude or word not in (a, b, c)]
        answers.append(max(left, key=lambda w: unit[w] @ (unit[b] - unit[a] + unit[c])))
    return answers


# %% vacuous the_last_words
def solve_analogies(questions, words, vectors, exclude=True):
    return [[word for word in words if word not in question][-1] for question in questions]


# %% vacuous c_itself
def solve_analogies(questions, words, vectors, exclude=True):
    return [c for _, _, c in questions]
