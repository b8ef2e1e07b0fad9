"""Answers to `encode_texts`: what students write, right and wrong."""

# %% wrong pads_in_front
# check: encode_texts-characters
# says: the padding is before the text, expected after it
# -         if side == "after":
# +         if side == "before":

# %% wrong unknown_is_padding
# check: encode_texts-characters
# says: an unknown symbol is 0 here
# -         numbers = [vocabulary.get(symbol, 1) for symbol in text[:length]]
# +         numbers = [vocabulary.get(symbol, 0) for symbol in text[:length]]

# %% wrong unknown_is_left_out
# check: encode_texts-characters
# says: an unknown symbol is left out
# -         numbers = [vocabulary.get(symbol, 1) for symbol in text[:length]]
# +         numbers = [vocabulary[s] for s in text if s in vocabulary][:length]

# %% wrong keeps_the_end
# check: encode_texts-characters
# says: the last 6 symbols are kept
# -         numbers = [vocabulary.get(symbol, 1) for symbol in text[:length]]
# +         numbers = [vocabulary.get(symbol, 1) for symbol in text[-length:]]

# %% wrong as_long_as_the_longest
# check: encode_texts-characters
# says: expected (6, 6)
# -     ids = np.zeros((len(texts), length), dtype=np.int64)
# +     length = max(len(text) for text in texts)
# +     ids = np.zeros((len(texts), length), dtype=np.int64)

# %% wrong floats
# check: encode_texts-characters
# says: expected int64
# -     ids = np.zeros((len(texts), length), dtype=np.int64)
# +     ids = np.zeros((len(texts), length))

# %% wrong ignores_the_side
# check: encode_texts-words_and_sides
# says: is `side` ignored?
# -         if side == "after":
# +         if True:

# %% wrong turns_the_text_around
# check: encode_texts-words_and_sides
# says: the words come in reverse order
# -             row[length - len(numbers) :] = numbers
# +             row[length - len(numbers) :] = numbers[::-1]


# %% wrong strips_blanks
# check: encode_texts-round_trip
# says: reads back as
# -         numbers = [vocabulary.get(symbol, 1) for symbol in text[:length]]
# +         text = text.strip() if isinstance(text, str) else text
# +         numbers = [vocabulary.get(symbol, 1) for symbol in text[:length]]

# %% wrong lowercases
# check: encode_texts-characters
# says: B and b are two symbols
# -         numbers = [vocabulary.get(symbol, 1) for symbol in text[:length]]
# +         numbers = [vocabulary.get(symbol.lower(), 1) for symbol in text[:length]]

# %% wrong inserts_into_the_vocabulary
# check: encode_texts-characters
# says: modified its argument `vocabulary`
# -         numbers = [vocabulary.get(symbol, 1) for symbol in text[:length]]
# +         numbers = [vocabulary.setdefault(symbol, 1) for symbol in text[:length]]

# %% wrong cuts_then_leaves_unknown_out
# check: encode_texts-characters
# says: left out of the first 6
# -         numbers = [vocabulary.get(symbol, 1) for symbol in text[:length]]
# +         numbers = [vocabulary[s] for s in text[:length] if s in vocabulary]

# %% wrong keeps_the_end_before
# check: encode_texts-words_and_sides
# says: of five words the last four are kept
# -         numbers = [vocabulary.get(symbol, 1) for symbol in text[:length]]
# +         kept = text[:length] if side == "after" else text[-length:]
# +         numbers = [vocabulary.get(symbol, 1) for symbol in kept]

# %% wrong an_empty_text_before
# check: encode_texts-words_and_sides
# says: could not broadcast
# raises: ValueError
# -             row[length - len(numbers) :] = numbers
# +             row[-len(numbers) :] = numbers


# %% right lists
def encode_texts(texts, vocabulary, length, side="after"):
    rows = []
    for text in texts:
        numbers = [vocabulary[s] if s in vocabulary else 1 for s in list(text)[:length]]
        padding = [0] * (length - len(numbers))
        rows.append(numbers + padding if side == "after" else padding + numbers)
    return np.array(rows, dtype=np.int64)


# %% right keras_pad_sequences
def encode_texts(texts, vocabulary, length, side="after"):
    from keras.utils import pad_sequences

    numbers = [[vocabulary.get(symbol, 1) for symbol in text] for text in texts]
    where = {"after": "post", "before": "pre"}[side]
    return pad_sequences(numbers, length, dtype="int64", padding=where, truncating="post")


# %% vacuous all_padding
def encode_texts(texts, vocabulary, length, side="after"):
    return np.zeros((len(texts), length), dtype=np.int64)


# %% vacuous nothing
def encode_texts(texts, vocabulary, length, side="after"):
    pass
