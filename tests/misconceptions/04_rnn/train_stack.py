"""Answers to `train_stack`: what students write, right and wrong."""

# %% wrong trains_on_floats
# check: train_stack-held_out
# says: trains on floats
# -     check_ids(ids, vocabulary_size)

# %% wrong one_epoch_only
# check: train_stack-held_out
# says: a float for each of 5 epochs
# -     history = model.fit(ids, labels, batch_size=32, epochs=epochs, verbose=0)
# +     history = model.fit(ids[:64], labels[:64], batch_size=64, verbose=0)

# %% wrong returns_the_history_itself
# check: train_stack-held_out
# says: history.history['loss']
# -     history = model.fit(ids, labels, batch_size=32, epochs=epochs, verbose=0)
# +     history = model.fit(ids[:64], labels[:64], batch_size=64, epochs=epochs, verbose=0)
# -     return predict, history.history["loss"]
# +     return predict, history

# %% wrong mean_squared_error
# check: train_stack-held_out
# says: ln 6
# -     model.compile(optimizer, loss="sparse_categorical_crossentropy")
# -     history = model.fit(ids, labels, batch_size=32, epochs=epochs, verbose=0)
# +     model.compile(optimizer, loss="mse")
# +     some = np.eye(classes)[labels[:64]]
# +     history = model.fit(ids[:64], some, batch_size=64, epochs=epochs, verbose=0)

# %% wrong trains_on_a_part
# check: train_stack-held_out
# says: is every batch drawn from all names?
# -     history = model.fit(ids, labels, batch_size=32, epochs=epochs, verbose=0)
# +     history = model.fit(ids[:320], labels[:320], batch_size=5, epochs=epochs, verbose=0)

# %% wrong labels_shuffled
# check: train_stack-held_out
# says: the labels that are given
# -     history = model.fit(ids, labels, batch_size=32, epochs=epochs, verbose=0)
# +     mixed = np.random.default_rng(seed).permutation(labels)
# +     history = model.fit(ids[:512], mixed[:512], batch_size=64, epochs=epochs, verbose=0)

# %% wrong predict_gives_classes
# check: train_stack-held_out
# says: the probabilities
# -         return model.predict(ids, verbose=0)
# +         return model.predict(ids, verbose=0).argmax(axis=1)


# %% right one_hot_labels
def train_stack(ids, labels, vocabulary_size, classes, epochs, seed):
    import keras

    ids = check_ids(ids, vocabulary_size)
    keras.utils.set_random_seed(seed)
    model = build_stack(vocabulary_size, classes)
    model.compile(keras.optimizers.Adam(learning_rate=0.01), "categorical_crossentropy")
    targets = keras.utils.to_categorical(labels, classes)
    losses = model.fit(ids, targets, 32, epochs, verbose=0).history["loss"]
    return model.predict_on_batch, np.array(losses)


# %% right loop_over_batches
def train_stack(ids, labels, vocabulary_size, classes, epochs, seed):
    import keras

    check_ids(ids, vocabulary_size)
    keras.utils.set_random_seed(seed)
    order = np.random.default_rng(seed)
    model = build_stack(vocabulary_size, classes)
    model.compile(keras.optimizers.Adam(0.01), keras.losses.SparseCategoricalCrossentropy())
    losses = []
    for _ in range(epochs):
        rows = order.permutation(len(ids))
        rows = rows[: len(rows) // 32 * 32].reshape(-1, 32)
        model.reset_metrics()
        steps = [float(model.train_on_batch(ids[batch], labels[batch])) for batch in rows]
        losses.append(steps[-1])  # train_on_batch gives the mean since the metrics were reset
    return lambda new: model.predict(new, batch_size=256, verbose=0), losses


# %% vacuous all_alike
def train_stack(ids, labels, vocabulary_size, classes, epochs, seed):
    check_ids(ids, vocabulary_size)
    return lambda new: np.full((len(new), classes), 1 / classes), [1.4, 1.1, 0.9, 0.7, 0.6]


# %% vacuous does_not_train
def train_stack(ids, labels, vocabulary_size, classes, epochs, seed):
    model = build_stack(vocabulary_size, classes)
    return lambda new: model.predict(new, verbose=0), [1.4, 1.1, 0.9, 0.7, 0.6]
