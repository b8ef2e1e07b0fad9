"""Answers to `build_stack`: what students write, right and wrong."""

# %% wrong reads_padding
# check: build_stack-layers
# says: the padding is read
# -             layers.Embedding(vocabulary_size, 64, mask_zero=True),
# +             layers.Embedding(vocabulary_size, 64),

# %% wrong masking_layer_after_the_embedding
# check: build_stack-padding
# says: the padding is read
# -             layers.Embedding(vocabulary_size, 64, mask_zero=True),
# +             layers.Embedding(vocabulary_size, 64),
# +             layers.Masking(mask_value=0.0),

# %% wrong no_sequences
# check: build_stack-layers
# says: expected ndim=3, found ndim=2
# raises: ValueError
# -             layers.LSTM(64, return_sequences=True),
# +             layers.LSTM(64),

# %% wrong sequences_twice
# check: build_stack-layers
# says: only the last state of the second LSTM
# -             layers.LSTM(64),
# +             layers.LSTM(64, return_sequences=True),

# %% wrong one_lstm
# check: build_stack-layers
# says: is the second LSTM missing?
# -             layers.LSTM(64, return_sequences=True),

# %% wrong order_ignored
# check: build_stack-padding
# says: the order is ignored
# -             layers.LSTM(64, return_sequences=True),
# -             layers.LSTM(64),
# +             layers.GlobalAveragePooling1D(),

# %% wrong both_directions
# check: build_stack-layers
# says: does the last LSTM also read backward?
# -             layers.LSTM(64),
# +             layers.Bidirectional(layers.LSTM(64)),

# %% wrong logits
# check: build_stack-layers
# says: end in a softmax
# -             layers.Dense(classes, activation="softmax"),
# +             layers.Dense(classes),

# %% wrong relu_in_the_lstm
# check: build_stack-layers
# says: usual activations
# -             layers.LSTM(64),
# +             layers.LSTM(64, activation="relu"),

# %% wrong fixed_number_of_symbols
# check: build_stack-layers
# says: parameters, expected 69,768
# -             layers.Embedding(vocabulary_size, 64, mask_zero=True),
# +             layers.Embedding(10_000, 64, mask_zero=True),

# %% wrong dropout
# check: build_stack-layers
# says: is there a Dropout?
# -             layers.LSTM(64),
# +             layers.LSTM(64),
# +             layers.Dropout(0.5),

# %% wrong recurrent_dropout
# check: build_stack-layers
# says: in training the probabilities are different
# -             layers.LSTM(64),
# +             layers.LSTM(64, recurrent_dropout=0.3),

# %% wrong embedding_frozen
# check: build_stack-layers
# says: parameters are trained, expected all
# -             layers.Embedding(vocabulary_size, 64, mask_zero=True),
# +             layers.Embedding(vocabulary_size, 64, mask_zero=True, trainable=False),

# %% wrong a_row_for_padding_too_many
# check: build_stack-layers
# says: the table has one row too many
# -             layers.Embedding(vocabulary_size, 64, mask_zero=True),
# +             layers.Embedding(vocabulary_size + 1, 64, mask_zero=True),


# %% right functional
def build_stack(vocabulary_size, classes):
    import keras
    from keras import layers

    ids = keras.Input(shape=(None,), dtype="int64")
    hidden = layers.Embedding(vocabulary_size, 64, mask_zero=True)(ids)
    hidden = layers.LSTM(64, return_sequences=True)(hidden)
    hidden = layers.LSTM(64)(hidden)
    return keras.Model(ids, layers.Dense(classes, activation="softmax")(hidden))


# %% right layer_after_layer
def build_stack(vocabulary_size, classes):
    import keras

    model = keras.Sequential()
    model.add(keras.Input((None,)))
    model.add(keras.layers.Embedding(vocabulary_size, 64, mask_zero=True))
    for last in (False, True):
        model.add(keras.layers.RNN(keras.layers.LSTMCell(64), return_sequences=not last))
    model.add(keras.layers.Dense(classes))
    model.add(keras.layers.Softmax())
    return model


# %% right no_input_layer
def build_stack(vocabulary_size, classes):
    import keras
    from keras import layers

    return keras.Sequential(
        [
            layers.Embedding(vocabulary_size, 64, mask_zero=True),
            layers.LSTM(64, return_sequences=True),
            layers.LSTM(64),
            layers.Dense(classes, activation="softmax"),
        ]
    )


# %% right subclass
def build_stack(vocabulary_size, classes):
    import keras

    class Stack(keras.Model):
        def __init__(self):
            super().__init__()
            self.embedding = keras.layers.Embedding(vocabulary_size, 64, mask_zero=True)
            self.lower = keras.layers.LSTM(64, return_sequences=True)
            self.upper = keras.layers.LSTM(64)
            self.head = keras.layers.Dense(classes, activation="softmax")

        def call(self, ids):
            return self.head(self.upper(self.lower(self.embedding(ids))))

    return Stack()


# %% right compiled
def build_stack(vocabulary_size, classes):
    import keras
    from keras import layers

    model = keras.Sequential([keras.Input((None,))])
    model.add(layers.Embedding(vocabulary_size, 64, mask_zero=True))
    model.add(layers.LSTM(64, return_sequences=True))
    model.add(layers.LSTM(64))
    model.add(layers.Dense(classes, activation="softmax"))
    model.compile("adam", "sparse_categorical_crossentropy")
    return model


# %% vacuous nothing
def build_stack(vocabulary_size, classes):
    pass


# %% vacuous always_the_same
def build_stack(vocabulary_size, classes):
    import keras

    model = keras.Sequential([keras.Input((None,))])
    model.add(keras.layers.Embedding(vocabulary_size, classes, embeddings_initializer="zeros"))
    model.add(keras.layers.GlobalAveragePooling1D())
    model.add(keras.layers.Softmax())
    return model
