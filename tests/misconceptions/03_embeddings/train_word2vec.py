"""Answers to `train_word2vec`: what students write, right and wrong."""

# %% wrong strings
# check: train_word2vec-words
# says: letters
# says: gensim was given strings
# -         [tokenize(text) for text in texts],
# +         texts,

# %% wrong splits_at_spaces
# check: train_word2vec-words
# says: cut the texts with `tokenize`
# -         [tokenize(text) for text in texts],
# +         [text.split() for text in texts],

# %% wrong a_generator
# check: train_word2vec-words
# says: generator
# raises: TypeError
# -         [tokenize(text) for text in texts],
# +         (tokenize(text) for text in texts),

# %% wrong a_map
# check: train_word2vec-training
# says: empty after the vocabulary
# -         [tokenize(text) for text in texts],
# +         map(tokenize, texts),

# %% wrong cbow
# check: train_word2vec-training
# says: this is CBOW
# -         sg=1,
# +         sg=0,

# %% wrong cbow_with_defaults
# check: train_word2vec-training
# says: this is CBOW
# -         sg=1,
# -         negative=5,
# -         vector_size=size,
# +         vector_size=size,
# -         alpha=0.1,
# -         sample=0.0001,

# %% wrong ignores_size
# check: train_word2vec-words
# says: size=12
# -         vector_size=size,

# %% wrong ignores_window
# check: train_word2vec-training
# says: {'window': 5}
# -         window=window,

# %% wrong ignores_epochs
# check: train_word2vec-training
# says: {'epochs': 5}
# -         epochs=epochs,

# %% wrong ignores_seed
# check: train_word2vec-training
# says: {'seed': 1}
# -         seed=seed,

# %% wrong ignores_min_count
# check: train_word2vec-words
# says: the vocabulary lacks ['rhubarb']
# says: is `min_count` passed on?
# -         min_count=min_count,

# %% wrong keeps_rare_words
# check: train_word2vec-words
# says: keeps 'quince'
# -         min_count=min_count,
# +         min_count=1,

# %% wrong trains_on_the_news
# check: train_word2vec-words
# says: expected the words of `texts`
# -         [tokenize(text) for text in texts],
# +         [tokenize(text) for text in news[:30]],

# %% wrong one_endless_sentence
# check: train_word2vec-training
# says: or other sentences?
# -         [tokenize(text) for text in texts],
# +         [[word for text in texts for word in tokenize(text)]],

# %% wrong words_in_another_order
# check: train_word2vec-similarity
# says: is row i the vector of word i
# -     return model.wv.index_to_key, model.wv.vectors
# +     return sorted(model.wv.index_to_key), model.wv.vectors

# %% wrong several_workers
# check: train_word2vec-training
# says: workers=1
# -         workers=1,
# +         workers=3,

# %% wrong usual_sample
# check: train_word2vec-training
# says: {'sample': 0.001}
# -         sample=0.0001,

# %% wrong usual_alpha
# check: train_word2vec-training
# says: {'alpha': 0.025}
# -         alpha=0.1,

# %% wrong hierarchical_softmax_too
# check: train_word2vec-training
# says: {'hs': 1}
# -         sg=1,
# +         sg=1,
# +         hs=1,

# %% wrong twenty_negatives
# check: train_word2vec-training
# says: does your call have other settings
# -         negative=5,
# +         negative=20,

# %% wrong output_vectors
# check: train_word2vec-training
# says: these are the output vectors
# -     return model.wv.index_to_key, model.wv.vectors
# +     return model.wv.index_to_key, model.syn1neg

# %% wrong length_one
# check: train_word2vec-training
# says: scaled to length 1
# -     return model.wv.index_to_key, model.wv.vectors
# +     return model.wv.index_to_key, model.wv.get_normed_vectors()

# %% wrong one_epoch_more
# check: train_word2vec-training
# says: {'epochs': 4}
# -         epochs=epochs,
# +         epochs=epochs + 1,

# %% wrong learns_the_judged_pairs_too
# check: train_word2vec-training
# says: train_word2vec
# -         [tokenize(text) for text in texts],
# +         [tokenize(text) for text in texts]
# +         + [[a, b] * 9 for a, b, score in judged_pairs("wordsim353.tsv") if score > 8],

# %% wrong no_stop_words
# check: train_word2vec-words
# says: stop words
# -         [tokenize(text) for text in texts],
# +         [tokenize(text, common_words - {"a"}) for text in texts],

# %% wrong gensim_simple_preprocess
# check: train_word2vec-words
# says: cut the texts with `tokenize`
# -         [tokenize(text) for text in texts],
# +         [__import__("gensim").utils.simple_preprocess(text) for text in texts],

# %% wrong cuts_off_after_forty_words
# check: train_word2vec-similarity
# says: expected 220
# -         [tokenize(text) for text in texts],
# +         [tokenize(text)[:40] for text in texts],


# %% right a_class_that_can_be_read_twice
def train_word2vec(texts, size=50, window=10, min_count=5, epochs=4, seed=1):
    class Sentences:
        def __iter__(self):
            for text in texts:
                yield tokenize(text)

    model = Word2Vec(
        vector_size=size,
        window=window,
        min_count=min_count,
        sg=1,
        alpha=0.1,
        sample=1e-4,
        seed=seed,
        workers=1,
    )
    model.build_vocab(Sentences())
    model.train(Sentences(), total_examples=model.corpus_count, epochs=epochs)
    words = list(model.wv.key_to_index)
    return words, np.stack([model.wv[word] for word in words])


# %% right words_by_the_alphabet
def train_word2vec(texts, size=50, window=10, min_count=5, epochs=4, seed=1):
    options = {"vector_size": size, "window": window, "min_count": min_count, "epochs": epochs}
    options |= {"sg": 1, "alpha": 0.1, "sample": 1e-4, "seed": seed, "workers": 1}
    wv = Word2Vec(sentences=list(map(tokenize, texts)), **options).wv
    words = sorted(wv.index_to_key)
    return words, np.array([wv.get_vector(word) for word in words], dtype=float)


# %% wrong random_vectors
# check: train_word2vec-training
# says: not the vectors that gensim learns
def train_word2vec(texts, size=50, window=10, min_count=5, epochs=4, seed=1):
    words, _ = build_vocabulary([tokenize(text) for text in texts], min_count)
    return words, np.random.default_rng(seed).normal(size=(len(words), size))


# %% vacuous nothing
def train_word2vec(texts, size=50, window=10, min_count=5, epochs=4, seed=1):
    return [], np.zeros((0, size))


# %% vacuous letters
def train_word2vec(texts, size=50, window=10, min_count=5, epochs=4, seed=1):
    words = list("abcdefghijklmnopqrstuvwxyz")
    return words, np.random.default_rng(seed).normal(size=(len(words), size))
