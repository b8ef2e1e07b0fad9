"""Answers to `tokenize`: what students write, right and wrong."""


# %% wrong letters
# check: tokenize-words
# says: runs over its letters
def tokenize(text, stop_words=frozenset()):
    return [word for word in text.lower() if word not in stop_words and word != " "]


# %% wrong splits_twice
# check: tokenize-words
# says: is the text split twice?
def tokenize(text, stop_words=frozenset()):
    words = re.findall(r"[^\W\d_]+(?:['-][^\W\d_]+)*", text.lower().replace("’", "'"))
    return [word.split() for word in words if word not in stop_words]


# %% wrong splits_at_spaces
# check: tokenize-words
# says: drop the punctuation
def tokenize(text, stop_words=frozenset()):
    return [word for word in text.lower().split() if word not in stop_words]


# %% wrong keeps_capitals
# check: tokenize-words
# says: is the text changed to lower case?
# -     words = re.findall(r"[^\W\d_]+(?:['-][^\W\d_]+)*", text.lower().replace("’", "'"))
# +     words = re.findall(r"[^\W\d_]+(?:['-][^\W\d_]+)*", text.replace("’", "'"))

# %% wrong no_hyphens
# check: tokenize-words
# says: a hyphen between two letters stays
# -     words = re.findall(r"[^\W\d_]+(?:['-][^\W\d_]+)*", text.lower().replace("’", "'"))
# +     words = re.findall(r"[^\W\d_]+(?:['][^\W\d_]+)*", text.lower().replace("’", "'"))

# %% wrong hyphen_anywhere
# check: tokenize-words
# says: only single hyphens join letters
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
# says: is the text in lower case by then?
# -     words = re.findall(r"[^\W\d_]+(?:['-][^\W\d_]+)*", text.lower().replace("’", "'"))
# -     return [word for word in words if word not in stop_words]
# +     words = re.findall(r"[^\W\d_]+(?:['-][^\W\d_]+)*", text.replace("’", "'"))
# +     return [word.lower() for word in words if word not in stop_words]

# %% wrong cuts_stop_words_out_of_words
# check: tokenize-words
# says: compare whole words
# -     words = re.findall(r"[^\W\d_]+(?:['-][^\W\d_]+)*", text.lower().replace("’", "'"))
# +     text = text.lower().replace("’", "'")
# +     for stop in stop_words:
# +         text = text.replace(stop, " ")
# +     words = re.findall(r"[^\W\d_]+(?:['-][^\W\d_]+)*", text)

# %% wrong its_own_stop_words
# check: tokenize-words
# says: repeated words stay, in order
# -     return [word for word in words if word not in stop_words]
# +     return [word for word in words if word not in common_words]

# %% wrong each_word_once
# check: tokenize-words
# says: repeated words stay, in order
# -     return [word for word in words if word not in stop_words]
# +     return list(dict.fromkeys(word for word in words if word not in stop_words))


# %% wrong ignores_stop_words
# check: tokenize-words
# says: is `stop_words` used?
# -     return [word for word in words if word not in stop_words]
# +     return words

# %% wrong a_group_that_findall_reports
# check: tokenize-words
# says: (?:…) groups without that
# -     words = re.findall(r"[^\W\d_]+(?:['-][^\W\d_]+)*", text.lower().replace("’", "'"))
# +     words = re.findall(r"[^\W\d_]+(['-][^\W\d_]+)*", text.lower().replace("’", "'"))

# %% wrong one_hyphen_only
# check: tokenize-words
# says: a word can have several hyphens
# -     words = re.findall(r"[^\W\d_]+(?:['-][^\W\d_]+)*", text.lower().replace("’", "'"))
# +     words = re.findall(r"[^\W\d_]+(?:['-][^\W\d_]+)?", text.lower().replace("’", "'"))

# %% wrong hyphen_beside_a_digit
# check: tokenize-words
# says: a hyphen beside a digit is dropped
# -     words = re.findall(r"[^\W\d_]+(?:['-][^\W\d_]+)*", text.lower().replace("’", "'"))
# +     text = text.lower().replace("’", "'")
# +     words = re.findall(r"(?:[^\W\d_]|(?<=\w)[-'](?=\w))+", text)

# %% wrong apostrophe_after_stop_words
# check: tokenize-words
# says: is ’ replaced before words are left out?
# -     words = re.findall(r"[^\W\d_]+(?:['-][^\W\d_]+)*", text.lower().replace("’", "'"))
# -     return [word for word in words if word not in stop_words]
# +     words = re.findall(r"[^\W\d_]+(?:['’-][^\W\d_]+)*", text.lower())
# +     return [word.replace("’", "'") for word in words if word not in stop_words]

# %% wrong empties_the_stop_words
# check: tokenize-words
# says: modified its argument `stop_words`
# -     return [word for word in words if word not in stop_words]
# +     kept = [word for word in words if word not in stop_words]
# +     if isinstance(stop_words, set):
# +         stop_words.clear()
# +     return kept

# %% wrong strips_punctuation_at_the_ends
# check: tokenize-words
# says: it separates words without a space too
# -     words = re.findall(r"[^\W\d_]+(?:['-][^\W\d_]+)*", text.lower().replace("’", "'"))
# +     text = re.sub(r"[\d_]", " ", text.lower().replace("’", "'")).replace("--", " ")
# +     words = [word.strip("!\"'(),-./:;?…–—“”„«»") for word in text.split()]
# +     words = [word for word in words if word]


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
