"""Answers to `fit_photos`: what students write, right and wrong."""

# %% wrong softmax_applied_twice
# check: fit_photos-held_out
# says: near 0.31 a softmax is applied twice
# -     model.compile(optimizer, loss="sparse_categorical_crossentropy")
# +     doubled = keras.Sequential([model, keras.layers.Softmax()])
# +     model = doubled
# +     model.compile(optimizer, loss="sparse_categorical_crossentropy")

# %% wrong labels_shuffled
# check: fit_photos-held_out
# says: the loss did not fall
# -     history = model.fit(crops, labels, batch_size=16, epochs=epochs, verbose=0)
# +     labels = np.random.default_rng(seed).permutation(labels)
# +     history = model.fit(crops, labels, batch_size=16, epochs=epochs, verbose=0)

# %% wrong mean_squared_error_on_whole_numbers
# check: fit_photos-held_out
# says: Dimensions must be equal
# raises: ValueError
# -     model.compile(optimizer, loss="sparse_categorical_crossentropy")
# +     model.compile(optimizer, loss="mse")

# %% wrong returns_the_history_itself
# check: fit_photos-held_out
# says: history.history['loss']
# -     return predict, history.history["loss"]
# +     return predict, history

# %% wrong predict_gives_probabilities
# check: fit_photos-held_out
# says: a class each
# -         return model.predict(crops, verbose=0).argmax(axis=1)
# +         return model.predict(crops, verbose=0)

# %% wrong one_epoch_only
# check: fit_photos-held_out
# says: a float for each of 5 epochs
# -     history = model.fit(crops, labels, batch_size=16, epochs=epochs, verbose=0)
# +     history = model.fit(crops, labels, batch_size=16, verbose=0)

# %% wrong argmax_over_the_batch
# check: fit_photos-held_out
# says: expected (200,)
# -         return model.predict(crops, verbose=0).argmax(axis=1)
# +         return model.predict(crops, verbose=0).argmax(axis=0)


# %% right one_hot_labels
def fit_photos(crops, labels, seed, epochs=5, learning_rate=0.0005):
    import keras

    keras.utils.set_random_seed(seed)
    classes = int(labels.max()) + 1
    model = build_cnn(crops[0].shape, classes)
    model.compile(keras.optimizers.Adam(learning_rate), loss="categorical_crossentropy")
    targets = keras.utils.to_categorical(labels, classes)
    losses = model.fit(crops, targets, 16, epochs, verbose=0).history["loss"]
    return lambda new: np.argmax(model.predict(new, verbose=0), axis=1), losses


# %% right loop_over_batches
def fit_photos(crops, labels, seed, epochs=5, learning_rate=0.0005):
    import keras

    keras.utils.set_random_seed(seed)
    order = np.random.default_rng(seed)
    model = build_cnn(crops.shape[1:], 2)
    model.compile(keras.optimizers.Adam(learning_rate), "sparse_categorical_crossentropy")
    losses = []
    for _ in range(epochs):
        batches = np.array_split(order.permutation(len(crops)), len(crops) // 16)
        steps = [float(model.train_on_batch(crops[b], labels[b])) for b in batches]
        losses.append(sum(steps) / len(steps))
    return lambda new: model.predict_on_batch(new).argmax(1), losses


# %% vacuous says_always_zero
def fit_photos(crops, labels, seed, epochs=5, learning_rate=0.0005):
    return lambda new: np.zeros(len(new), dtype=int), [0.0] * epochs


# %% vacuous does_not_train
def fit_photos(crops, labels, seed, epochs=5, learning_rate=0.0005):
    model = build_cnn(crops.shape[1:], 2)
    return lambda new: model.predict(new, verbose=0).argmax(axis=1), [0.1] * epochs
