"""Answers to `nearest`: what students write, right and wrong."""

# %% wrong dot_product
# check: nearest-directions
# says: ordered by the dot product
# -     unit = vectors / np.linalg.norm(vectors, axis=1, keepdims=True)
# +     unit = vectors

# %% wrong returns_the_word_itself
# check: nearest-directions
# says: the word itself is there
# -     order = [i for i in np.argsort(-cosines) if i != asked]
# +     order = list(np.argsort(-cosines))

# %% wrong euclidean
# check: nearest-directions
# says: Euclidean distance
# -     cosines = unit @ unit[asked]
# +     cosines = -np.linalg.norm(vectors - vectors[asked], axis=1)

# %% wrong farthest
# check: nearest-directions
# says: the farthest words
# -     order = [i for i in np.argsort(-cosines) if i != asked]
# +     order = [i for i in np.argsort(cosines) if i != asked]

# %% wrong drops_the_first_of_the_list
# check: nearest-directions
# says: got 3 words
# -     order = [i for i in np.argsort(-cosines) if i != asked]
# -     return [(words[i], float(cosines[i])) for i in order[:number]]
# +     order = list(np.argsort(-cosines))[1:number]
# +     return [(words[i], float(cosines[i])) for i in order]

# %% wrong absolute_cosine
# check: nearest-directions
# says: nearest
# -     cosines = unit @ unit[asked]
# +     cosines = abs(unit @ unit[asked])

# %% wrong scales_the_query_only
# check: nearest-directions
# says: ordered by the dot product
# -     cosines = unit @ unit[asked]
# +     cosines = vectors @ unit[asked]

# %% wrong norm_over_the_words
# check: nearest-directions
# says: nearest
# -     unit = vectors / np.linalg.norm(vectors, axis=1, keepdims=True)
# +     unit = vectors / np.linalg.norm(vectors, axis=0, keepdims=True)

# %% wrong words_without_cosines
# check: nearest-directions
# says: expected a list of pairs
# -     return [(words[i], float(cosines[i])) for i in order[:number]]
# +     return [words[i] for i in order[:number]]

# %% wrong distance_for_cosine
# check: nearest-directions
# says: expected the cosine
# -     return [(words[i], float(cosines[i])) for i in order[:number]]
# +     return [(words[i], float(1 - cosines[i])) for i in order[:number]]


# %% wrong normalizes_in_place
# check: nearest-directions
# says: modified its argument
# -     unit = vectors / np.linalg.norm(vectors, axis=1, keepdims=True)
# +     vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
# +     unit = vectors

# %% wrong drops_whatever_comes_first
# check: nearest-directions
# says: nearest
# -     order = [i for i in np.argsort(-cosines) if i != asked]
# +     order = np.argsort(-cosines, kind="stable")[1:]

# %% wrong drops_every_cosine_of_one
# check: nearest-directions
# says: leave out the word itself
# -     order = [i for i in np.argsort(-cosines) if i != asked]
# +     order = [i for i in np.argsort(-cosines) if cosines[i] < 0.999999]

# %% wrong one_word_per_cosine
# check: nearest-directions
# says: leave out the word itself
# -     order = [i for i in np.argsort(-cosines) if i != asked]
# +     by_cosine = {cosines[i]: i for i in range(len(words)) if i != asked}
# +     order = [by_cosine[c] for c in sorted(by_cosine, reverse=True)]


# %% right by_gensim
def nearest(word, words, vectors, number=5):
    from gensim.models import KeyedVectors

    keyed = KeyedVectors(vectors.shape[1])
    keyed.add_vectors(words, vectors)
    return keyed.most_similar(word, topn=number)


# %% right loop
def nearest(word, words, vectors, number=5):
    table = dict(zip(words, vectors))
    asked = table.pop(word)
    length = np.sqrt((asked**2).sum())
    found = [(other, asked @ v / length / np.sqrt((v**2).sum())) for other, v in table.items()]
    found.sort(key=lambda pair: pair[1], reverse=True)
    return found[:number]


# %% vacuous the_first_words
def nearest(word, words, vectors, number=5):
    return [(other, 1.0) for other in words if other != word][:number]


# %% vacuous nothing
def nearest(word, words, vectors, number=5):
    return []
