"""Answers to `train_language_model`: what students write, right and wrong."""

# %% wrong shifted_by_zero
# check: train_language_model-causal
# says: the symbol that it has just read
# -         inputs, targets = next_symbol_pairs(ids, starts, 40)
# +         inputs, _ = next_symbol_pairs(ids, starts, 40)
# +         targets = inputs

# %% wrong looks_ahead
# check: train_language_model-causal
# says: does the model look into the future
# -             self.lstm = nn.LSTM(32, 96, batch_first=True)
# +             self.lstm = nn.LSTM(32, 48, batch_first=True, bidirectional=True)

# %% wrong batch_axis_read_as_time
# check: train_language_model-causal
# says: batch_first=True
# -             self.lstm = nn.LSTM(32, 96, batch_first=True)
# +             self.lstm = nn.LSTM(32, 96)

# %% wrong goes_on_from_the_last_call
# check: train_language_model-causal
# says: does each row start from an empty state
# -         logits, states = writer(ids.to(device))
# -         return logits.cpu(), states.cpu()
# +         memory = [s[:, : len(ids)].contiguous() for s in carried] if carried else None
# +         states, carried[:] = writer.lstm(writer.embedding(ids.to(device)), memory)
# +         return writer.head(states).cpu(), states.cpu()
# -     losses = []
# +     losses, carried = [], []

# %% wrong probabilities_of_the_last_symbol
# check: train_language_model-causal
# says: expected (2, 15, 7)
# -         return logits.cpu(), states.cpu()
# +         return logits[:, -1].cpu(), states.cpu()

# %% wrong embeddings_for_states
# check: train_language_model-causal
# says: is this the recurrent state?
# -         return logits.cpu(), states.cpu()
# +         return logits.cpu(), writer.embedding(ids.to(device)).cpu()

# %% wrong sum_instead_of_mean
# check: train_language_model-causal
# says: is it the mean over the positions and the batch?
# -         loss = F.cross_entropy(logits.flatten(0, 1), targets.to(device).flatten())
# +         flat = targets.to(device).flatten()
# +         loss = F.cross_entropy(logits.flatten(0, 1), flat, reduction="sum")

# %% wrong forgets_the_seed
# check: train_language_model-causal
# says: does `seed` fix weights and windows?
# -     torch.manual_seed(seed)
# +     torch.seed()

# %% wrong one_seed_for_all
# check: train_language_model-causal
# says: seeds 1 and 2 give the same losses
# -     torch.manual_seed(seed)
# +     seed = 0
# +     torch.manual_seed(seed)

# %% wrong never_updates
# check: train_language_model-causal
# says: it expects
# -         optimizer.step()
# +         pass

# %% wrong no_state_carried
# check: train_language_model-bits
# says: is the state carried
# -             states, _ = self.lstm(self.embedding(ids))
# +             states, _ = self.lstm(self.embedding(ids.reshape(-1, 1)))
# +             states = states.view(*ids.shape, 96)

# %% wrong always_the_same_windows
# check: train_language_model-bits
# says: windows from the whole text
# -         starts = torch.randint(len(ids) - 40, (32,), generator=generator)
# +         starts = torch.arange(32) * 35

# %% wrong sixteen_windows
# check: train_language_model-windows
# says: is a minibatch a part of 32 windows?
# -         starts = torch.randint(len(ids) - 40, (32,), generator=generator)
# +         starts = torch.randint(len(ids) - 40, (16,), generator=generator)

# %% wrong fifty_windows
# check: train_language_model-windows
# says: is a minibatch 32 windows
# -         starts = torch.randint(len(ids) - 40, (32,), generator=generator)
# +         starts = torch.randint(len(ids) - 40, (50,), generator=generator)

# %% wrong windows_in_their_order
# check: train_language_model-windows
# says: do windows begin at random positions?
# -         starts = torch.randint(len(ids) - 40, (32,), generator=generator)
# +         starts = (torch.arange(32) * 40 + 1280 * len(losses)) % (len(ids) - 40)

# %% wrong windows_of_sixteen
# check: train_language_model-windows
# says: expected 40 each
# -         inputs, targets = next_symbol_pairs(ids, starts, 40)
# +         inputs, targets = next_symbol_pairs(ids, starts, 16)


# %% right gru
def train_language_model(ids, vocabulary_size, steps, seed):
    class Model(nn.Module):
        def __init__(self):
            super().__init__()
            self.embed = nn.Embedding(vocabulary_size, 48)
            self.rnn = nn.GRU(48, 96, batch_first=True)
            self.out = nn.Linear(96, vocabulary_size)

        def forward(self, ids):
            hidden, _ = self.rnn(self.embed(ids))
            return self.out(hidden), hidden

    torch.manual_seed(seed)
    model = Model().to(device)
    adam = torch.optim.AdamW(model.parameters(), lr=0.008)
    losses = []
    for _ in range(steps):
        windows = ids.unfold(0, 41, 1)[torch.randint(0, len(ids) - 40, (32,))].to(device)
        logits, _ = model(windows[:, :-1])
        loss = F.cross_entropy(logits.transpose(1, 2), windows[:, 1:])
        adam.zero_grad(set_to_none=True)
        loss.backward()
        nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        adam.step()
        losses.append(float(loss.detach()))

    def predict(new):
        with torch.no_grad():
            return tuple(part.cpu() for part in model(new.to(device)))

    return predict, losses


# %% right cell_by_cell
def train_language_model(ids, vocabulary_size, steps, seed):
    generator = torch.Generator().manual_seed(seed)
    with torch.random.fork_rng():
        torch.manual_seed(seed)
        table = nn.Embedding(vocabulary_size, 32).to(device)
        cell = nn.LSTMCell(32, 80).to(device)
        out = nn.Linear(80, vocabulary_size).to(device)
    weights = [*table.parameters(), *cell.parameters(), *out.parameters()]
    adam = torch.optim.Adam(weights, lr=0.01)

    def read(ids):
        state, hidden = None, []
        for column in table(ids.to(device)).unbind(dim=1):
            state = cell(column, state)
            hidden.append(state[0])
        hidden = torch.stack(hidden, dim=1)
        return out(hidden), hidden

    losses = []
    for _ in range(steps):
        starts = torch.randint(len(ids) - 40, (32,), generator=generator)
        x, y = next_symbol_pairs(ids, starts, 40)
        loss = F.nll_loss(read(x)[0].log_softmax(-1).flatten(0, 1), y.flatten().to(device))
        adam.zero_grad()
        loss.backward()
        nn.utils.clip_grad_value_(weights, 0.5)
        adam.step()
        losses.append(loss.item())

    @torch.no_grad()
    def predict(new):
        logits, hidden = read(new)
        return [logits.cpu(), hidden.cpu()]

    return predict, losses


# %% right clipped
# -         loss.backward()
# +         loss.backward()
# +         nn.utils.clip_grad_norm_(writer.parameters(), 1.0)

# %% right log_probabilities
# -         return logits.cpu(), states.cpu()
# +         return logits.log_softmax(dim=-1).cpu(), states.cpu()


# %% vacuous all_alike
def train_language_model(ids, vocabulary_size, steps, seed):
    def predict(new):
        return torch.zeros(*new.shape, vocabulary_size), torch.zeros(*new.shape, 4)

    return predict, [1.9] * steps


# %% vacuous does_not_train
def train_language_model(ids, vocabulary_size, steps, seed):
    torch.manual_seed(seed)
    table, lstm = nn.Embedding(vocabulary_size, 8), nn.LSTM(8, 8, batch_first=True)
    head = nn.Linear(8, vocabulary_size)

    @torch.no_grad()
    def predict(new):
        hidden = lstm(table(new))[0]
        return head(hidden), hidden

    return predict, [1.9] * steps
