"""Answers to `tokenize`: what students write, right and wrong."""


# %% wrong letters
# check: tokenize-words
# says: runs over its letters
def tokenize(text, stop_words=frozenset()):
    return [word for word in text.lower() if word not in stop_words and word != " "]


# %% wrong splits_twice
# check: tokenize-words
# says: a list inside a list
def tokenize(text, stop_words=frozenset()):
    words = re.findall(r"[^\W\d_]+(?:['-][^\W\d_]+)*", text.lower().replace("’", "'"))
    return [word.split() for word in words if word not in stop_words]


# %% wrong splits_at_spaces
# check: tokenize-words
# says: punctuation is no word
def tokenize(text, stop_words=frozenset()):
    return [word for word in text.lower().split() if word not in stop_words]


# %% wrong keeps_capitals
# check: tokenize-words
# says: words in lower case
# -     words = re.findall(r"[^\W\d_]+(?:['-][^\W\d_]+)*", text.lower().replace("’", "'"))
# +     words = re.findall(r"[^\W\d_]+(?:['-][^\W\d_]+)*", text.replace("’", "'"))

# %% wrong no_hyphens
# check: tokenize-words
# says: a hyphen between two letters stays
# -     words = re.findall(r"[^\W\d_]+(?:['-][^\W\d_]+)*", text.lower().replace("’", "'"))
# +     words = re.findall(r"[^\W\d_]+(?:['][^\W\d_]+)*", text.lower().replace("’", "'"))

# %% wrong hyphen_anywhere
# check: tokenize-words
# says: a dash separates words
# -     words = re.findall(r"[^\W\d_]+(?:['-][^\W\d_]+)*", text.lower().replace("’", "'"))
# +     words = re.findall(r"(?:[^\W\d_]|['-])+", text.lower().replace("’", "'"))

# %% wrong only_a_to_z
# check: tokenize-words
# says: a-z is too narrow
# -     words = re.findall(r"[^\W\d_]+(?:['-][^\W\d_]+)*", text.lower().replace("’", "'"))
# +     words = re.findall(r"[a-z]+(?:['-][a-z]+)*", text.lower().replace("’", "'"))

# %% wrong digits_are_letters
# check: tokenize-words
# says: digits and underscores separate words
# -     words = re.findall(r"[^\W\d_]+(?:['-][^\W\d_]+)*", text.lower().replace("’", "'"))
# +     words = re.findall(r"\w+(?:['-]\w+)*", text.lower().replace("’", "'"))

# %% wrong two_apostrophes
# check: tokenize-words
# says: the typographic apostrophe becomes '
# -     words = re.findall(r"[^\W\d_]+(?:['-][^\W\d_]+)*", text.lower().replace("’", "'"))
# +     words = re.findall(r"[^\W\d_]+(?:['’-][^\W\d_]+)*", text.lower())

# %% wrong stop_words_before_lower_case
# check: tokenize-words
# says: first to lower case
# -     words = re.findall(r"[^\W\d_]+(?:['-][^\W\d_]+)*", text.lower().replace("’", "'"))
# -     return [word for word in words if word not in stop_words]
# +     words = re.findall(r"[^\W\d_]+(?:['-][^\W\d_]+)*", text.replace("’", "'"))
# +     return [word.lower() for word in words if word not in stop_words]

# %% wrong cuts_stop_words_out_of_words
# check: tokenize-words
# says: stop words are whole words
# -     words = re.findall(r"[^\W\d_]+(?:['-][^\W\d_]+)*", text.lower().replace("’", "'"))
# +     text = text.lower().replace("’", "'")
# +     for stop in stop_words:
# +         text = text.replace(stop, " ")
# +     words = re.findall(r"[^\W\d_]+(?:['-][^\W\d_]+)*", text)

# %% wrong its_own_stop_words
# check: tokenize-words
# says: in order, repeated words stay
# -     return [word for word in words if word not in stop_words]
# +     return [word for word in words if word not in globals()["stop_words"]]

# %% wrong each_word_once
# check: tokenize-words
# says: repeated words stay
# -     return [word for word in words if word not in stop_words]
# +     return list(dict.fromkeys(word for word in words if word not in stop_words))


# %% wrong latin_letters_only
# check: tokenize-mixed
# says: gave
def tokenize(text, stop_words=frozenset()):
    words = re.findall(r"[a-zß-ÿ]+(?:['-][a-zß-ÿ]+)*", text.lower().replace("’", "'"))
    return [word for word in words if word not in stop_words]


# %% right letter_by_letter
def tokenize(text, stop_words=frozenset()):
    text, words, word = text.replace("’", "'").lower() + " ", [], ""
    for before, here, after in zip(" " + text, text, text[1:] + " "):
        joins = here in "-'" and before.isalpha() and after.isalpha()
        if here.isalpha() or joins:
            word += here
        elif word:
            words.append(word)
            word = ""
    return [word for word in words if word not in stop_words]


# %% right spaces_for_the_rest
def tokenize(text, stop_words=frozenset()):
    text = re.sub(r"[\d_]", " ", text.replace("\N{RIGHT SINGLE QUOTATION MARK}", "'")).lower()
    text = re.sub(r"[^\w'-]|(?<!\w)['-]|['-](?!\w)", " ", text)
    return list(filter(lambda word: word not in stop_words, text.split()))


# %% vacuous nothing
def tokenize(text, stop_words=frozenset()):
    return []


# %% vacuous one_word
def tokenize(text, stop_words=frozenset()):
    return [text]
