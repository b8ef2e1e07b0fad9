"""Answers to `analogy`: what students write, right and wrong."""

# %% wrong returns_a_word_of_the_question
# check: analogy-questions
# says: leave all of them out
# -     cosines[asked] = -np.inf

# %% wrong leaves_out_only_the_last
# check: analogy-questions
# says: leave all of them out
# -     cosines[asked] = -np.inf
# +     cosines[asked[2]] = -np.inf

# %% wrong a_minus_b
# check: analogy-questions
# says: add b and c, subtract a
# -     cosines = unit @ (unit[asked[1]] - unit[asked[0]] + unit[asked[2]])
# +     cosines = unit @ (unit[asked[0]] - unit[asked[1]] + unit[asked[2]])

# %% wrong minus_c
# check: analogy-questions
# says: subtract c
# -     cosines = unit @ (unit[asked[1]] - unit[asked[0]] + unit[asked[2]])
# +     cosines = unit @ (unit[asked[1]] + unit[asked[0]] - unit[asked[2]])

# %% wrong adds_vectors_of_any_length
# check: analogy-questions
# says: scale the vectors to length 1
# -     cosines = unit @ (unit[asked[1]] - unit[asked[0]] + unit[asked[2]])
# +     cosines = unit @ (vectors[asked[1]] - vectors[asked[0]] + vectors[asked[2]])

# %% wrong dot_product
# check: analogy-questions
# says: of 40 questions wrong
# -     unit = vectors / np.linalg.norm(vectors, axis=1, keepdims=True)
# +     unit = vectors

# %% wrong farthest
# check: analogy-questions
# says: the farthest word
# -     cosines[asked] = -np.inf
# -     return words[int(cosines.argmax())]
# +     cosines[asked] = np.inf
# +     return words[int(cosines.argmin())]

# %% wrong nearest_to_c
# check: analogy-questions
# says: of 40 questions wrong
# -     cosines = unit @ (unit[asked[1]] - unit[asked[0]] + unit[asked[2]])
# +     cosines = unit @ unit[asked[2]]

# %% wrong the_number_of_the_word
# check: analogy-questions
# says: expected a word
# -     return words[int(cosines.argmax())]
# +     return int(cosines.argmax())


# %% right by_gensim
def analogy(a, b, c, words, vectors):
    from gensim.models import KeyedVectors

    keyed = KeyedVectors(vectors.shape[1])
    keyed.add_vectors(words, vectors)
    return keyed.most_similar(positive=[b, c], negative=[a], topn=1)[0][0]


# %% right sums_of_cosines
def analogy(a, b, c, words, vectors):
    unit = {word: v / np.linalg.norm(v) for word, v in zip(words, vectors)}
    left = [word for word in words if word not in (a, b, c)]
    return max(left, key=lambda w: unit[w] @ unit[b] - unit[w] @ unit[a] + unit[w] @ unit[c])


# %% vacuous the_last_word
def analogy(a, b, c, words, vectors):
    return [word for word in words if word not in (a, b, c)][-1]


# %% vacuous c_itself
def analogy(a, b, c, words, vectors):
    return c
