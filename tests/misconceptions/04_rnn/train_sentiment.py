"""Answers to `train_sentiment`: what students write, right and wrong."""

# %% wrong order_ignored
# check: train_sentiment-held_out
# says: counting words gives 50%
# -             states, _ = self.lstm(self.embedding(ids))
# -             last = (ids > 0).sum(dim=1) - 1
# -             return self.head(states[torch.arange(len(ids), device=ids.device), last])
# +             words = (ids > 0).unsqueeze(2)
# +             return self.head((self.embedding(ids) * words).sum(dim=1) / words.sum(dim=1))

# %% wrong each_word_from_an_empty_state
# check: train_sentiment-held_out
# says: does the order of the words reach
# -             states, _ = self.lstm(self.embedding(ids))
# -             last = (ids > 0).sum(dim=1) - 1
# -             return self.head(states[torch.arange(len(ids), device=ids.device), last])
# +             states, _ = self.lstm(self.embedding(ids).flatten(0, 1)[:, None])
# +             states = states.view(*ids.shape, 32) * (ids > 0).unsqueeze(2)
# +             return self.head(states.sum(dim=1))

# %% wrong reads_padding
# check: train_sentiment-given_data
# says: the padding is read
# -             return self.head(states[torch.arange(len(ids), device=ids.device), last])
# +             return self.head(states[:, -1])

# %% wrong mean_of_all_states
# check: train_sentiment-given_data
# says: the padding is read
# -             return self.head(states[torch.arange(len(ids), device=ids.device), last])
# +             return self.head(states.mean(dim=1))

# %% wrong batch_axis_read_as_time
# check: train_sentiment-given_data
# says: on its own than among others — batch_first=True?
# -             self.lstm = nn.LSTM(32, 32, batch_first=True)
# +             self.lstm = nn.LSTM(32, 32)

# %% wrong trains_on_the_global_reviews
# check: train_sentiment-given_data
# says: are these the ids and labels that you train on
# -     torch.manual_seed(seed)
# +     labels = torch.tensor(review_labels[: len(ids)])
# +     torch.manual_seed(seed)

# %% wrong sum_instead_of_mean
# check: train_sentiment-given_data
# says: is it the mean of the batch?
# -         loss = F.cross_entropy(reader(ids[chosen].to(device)), labels[chosen].to(device))
# +         loss = F.cross_entropy(
# +             reader(ids[chosen].to(device)), labels[chosen].to(device), reduction="sum"
# +         )

# %% wrong never_updates
# check: train_sentiment-given_data
# says: expected at least 90%
# -         optimizer.step()
# +         pass

# %% wrong forgets_the_seed
# check: train_sentiment-given_data
# says: does `seed` fix weights and batches?
# -     torch.manual_seed(seed)
# +     torch.seed()

# %% wrong one_seed_for_all
# check: train_sentiment-given_data
# says: seeds 1 and 2 give the same losses
# -     torch.manual_seed(seed)
# +     seed = 0
# +     torch.manual_seed(seed)

# %% wrong always_the_same_sentences
# check: train_sentiment-held_out
# says: draw from all sentences
# -         chosen = torch.randint(len(ids), (64,), generator=generator)
# +         chosen = torch.arange(32)

# %% wrong predict_gives_logits
# check: train_sentiment-given_data
# says: a label each
# -         return reader(ids.to(device)).argmax(dim=1).cpu()
# +         return reader(ids.to(device)).cpu()

# %% wrong sixteen_rows
# check: train_sentiment-minibatches
# says: is a minibatch a part of 64 rows?
# -         chosen = torch.randint(len(ids), (64,), generator=generator)
# +         chosen = torch.randint(len(ids), (16,), generator=generator)

# %% wrong a_hundred_rows
# check: train_sentiment-minibatches
# says: is a minibatch 64 rows
# -         chosen = torch.randint(len(ids), (64,), generator=generator)
# +         chosen = torch.randint(len(ids), (100,), generator=generator)

# %% wrong all_rows_at_once
# check: train_sentiment-minibatches
# says: are the rows drawn at random?
# -         chosen = torch.randint(len(ids), (64,), generator=generator)
# +         chosen = torch.arange(len(ids))

# %% wrong row_after_row
# check: train_sentiment-minibatches
# says: are the rows drawn at random?
# -         chosen = torch.randint(len(ids), (64,), generator=generator)
# +         chosen = torch.arange(64 * len(losses), 64 * len(losses) + 64) % len(ids)

# %% wrong three_classes
# check: train_sentiment-given_data
# says: ln 2 for two classes
# -             self.head = nn.Linear(32, 2)
# +             self.head = nn.Linear(32, 3)


# %% right packed
def train_sentiment(ids, labels, vocabulary_size, steps, seed):
    from torch.nn.utils.rnn import pack_padded_sequence

    class Reader(nn.Module):
        def __init__(self):
            super().__init__()
            self.embed = nn.Embedding(vocabulary_size, 24, padding_idx=0)
            self.lstm = nn.LSTM(24, 48, batch_first=True)
            self.out = nn.Linear(48, 2)

        def forward(self, ids):
            lengths = (ids != 0).sum(1).cpu()
            packed = pack_padded_sequence(
                self.embed(ids), lengths, batch_first=True, enforce_sorted=False
            )
            _, (h, _) = self.lstm(packed)
            return self.out(h[-1])

    torch.manual_seed(seed)
    model = Reader().to(device)
    adam = torch.optim.Adam(model.parameters(), lr=0.01)
    losses = []
    while len(losses) < steps:
        for rows in torch.randperm(len(ids)).split(64):
            if len(losses) == steps:
                break
            adam.zero_grad()
            loss = nn.CrossEntropyLoss()(model(ids[rows].to(device)), labels[rows].to(device))
            loss.backward()
            nn.utils.clip_grad_norm_(model.parameters(), 1.0)
            adam.step()
            losses.append(float(loss))
    return lambda new: model(new.to(device)).argmax(1).cpu().detach(), losses


# %% right gru_and_one_logit
def train_sentiment(ids, labels, vocabulary_size, steps, seed):
    torch.manual_seed(seed)
    table = nn.Embedding(vocabulary_size, 32).to(device)
    gru = nn.GRU(32, 32, batch_first=True).to(device)
    score = nn.Linear(32, 1).to(device)
    weights = [*table.parameters(), *gru.parameters(), *score.parameters()]
    adam = torch.optim.Adam(weights, lr=0.01)

    def logit(ids):
        states = gru(table(ids.to(device)))[0]
        place = ids.ne(0).sum(dim=1, keepdim=True).sub(1).to(device)
        last = states.gather(1, place[:, :, None].expand(-1, -1, 32)).squeeze(1)
        return score(last)[:, 0]

    losses = []
    for _ in range(steps):
        rows = torch.randint(0, len(ids), (64,))
        target = labels[rows].float().to(device)
        loss = F.binary_cross_entropy_with_logits(logit(ids[rows]), target)
        adam.zero_grad()
        loss.backward()
        adam.step()
        losses.append(loss.item())

    @torch.inference_mode()
    def predict(new):
        return (logit(new) > 0).long().cpu().clone()

    return predict, losses


# %% right usual_learning_rate
def train_sentiment(ids, labels, vocabulary_size, steps, seed):
    torch.manual_seed(seed)
    emb, lstm = nn.Embedding(vocabulary_size, 64, padding_idx=0), nn.LSTM(64, 64, batch_first=True)
    net = nn.ModuleList([emb, lstm, nn.Linear(64, 2)]).to(device)

    def logits(x):
        states = lstm(emb(x.to(device)))[0]
        return net[2](states[torch.arange(len(x)), (x > 0).sum(1) - 1])

    adam, losses = torch.optim.Adam(net.parameters()), []
    for _ in range(steps):
        k = torch.randint(len(ids), (64,))
        loss = F.cross_entropy(logits(ids[k]), labels[k].to(device))
        adam.zero_grad()
        loss.backward()
        adam.step()
        losses.append(loss.item())
    return (lambda x: logits(x).argmax(1).cpu()), losses


# %% right mean_of_the_words_states
# -             last = (ids > 0).sum(dim=1) - 1
# -             return self.head(states[torch.arange(len(ids), device=ids.device), last])
# +             words = (ids > 0)[..., None]
# +             return self.head((states * words).sum(1) / words.sum(1))


# %% vacuous says_always_positive
def train_sentiment(ids, labels, vocabulary_size, steps, seed):
    return lambda new: torch.ones(len(new), dtype=torch.int64), [0.69 + seed * 1e-9] * steps


# %% vacuous says_what_was_there
def train_sentiment(ids, labels, vocabulary_size, steps, seed):
    good = torch.tensor([review_vocabulary[w] for w in ("good", "great", "funny", "clever")])
    return lambda new: torch.isin(new, good).any(1).long(), [0.69 + seed * 1e-9] * steps
