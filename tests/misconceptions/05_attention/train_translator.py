"""Answers to `train_translator`: what students write, right and wrong."""

# %% wrong without_attention
# check: train_translator-held_out
# says: a decoder without attention
# -     network = Translator(source_size, target_size, attend).to(device)
# +     network = Translator(source_size, target_size, not attend).to(device)

# %% wrong decoder_sees_the_answer
# check: train_translator-held_out
# says: the decoder has seen the answer
# -         inputs, outputs = teacher_pairs(targets[chosen].to(device))
# +         inputs = outputs = targets[chosen].to(device)

# %% wrong always_the_same_dates
# check: train_translator-held_out
# says: always the same few dates
# -         chosen = torch.randint(len(sources), (32,), generator=generator)
# +         chosen = torch.arange(32)

# %% wrong padding_counts
# check: train_translator-first_steps
# says: padding counts in the loss
# -         loss = sequence_loss(logits, outputs)
# +         loss = F.cross_entropy(logits.flatten(0, 1), outputs.flatten())

# %% wrong attend_ignored
# check: train_translator-first_steps
# says: `attend` is ignored
# -     network = Translator(source_size, target_size, attend).to(device)
# +     network = Translator(source_size, target_size).to(device)

# %% wrong never_updates
# check: train_translator-first_steps
# says: expected them to fall
# -         optimizer.step()
# +         pass
# -         chosen = torch.randint(len(sources), (32,), generator=generator)
# +         chosen = torch.arange(32)

# %% wrong forgets_the_seed
# check: train_translator-first_steps
# says: the same seed gives other losses
# -     torch.manual_seed(seed)
# +     torch.seed()

# %% wrong goes_up
# check: train_translator-first_steps
# says: expected them to fall
# -         loss.backward()
# +         (-loss).backward()

# %% wrong sum_instead_of_mean
# check: train_translator-first_steps
# says: the mean over the places
# -         losses.append(loss.item())
# +         losses.append(loss.item() * int((outputs > 0).sum()))

# %% wrong trains_on_the_global_dates
# check: train_translator-first_steps
# says: on the targets that are given
# -     torch.manual_seed(seed)
# +     width, given = targets.shape[1], train_targets[: len(targets)]
# +     targets = F.pad(given, (0, max(0, width - 11)))
# +     torch.manual_seed(seed)

# %% wrong last_loss_only
# check: train_translator-first_steps
# says: one a step
# -     return translate, losses
# +     return translate, losses[-1:]


# %% right epochs
def train_translator(sources, targets, source_size, target_size, steps, seed, attend=True):
    torch.manual_seed(seed)
    model = Translator(source_size, target_size, attend=attend)
    model.to(device)
    optimizer = torch.optim.AdamW(model.parameters(), lr=0.02, weight_decay=1e-4)
    losses = []
    while True:
        for rows in torch.randperm(len(sources)).split(32):
            if len(losses) == steps:
                model.eval()
                return (lambda new: [a.cpu() for a in model.translate(new.to(device))]), losses
            x, y = sources[rows].to(device), targets[rows].to(device)
            read = F.pad(y, (1, 0), value=1)[:, :-1]
            optimizer.zero_grad(set_to_none=True)
            loss = sequence_loss(model(x, read)[0], y)
            loss.backward()
            nn.utils.clip_grad_value_(model.parameters(), 0.2)
            optimizer.step()
            losses.append(float(loss.detach()))


# %% right forked_generator
def train_translator(sources, targets, source_size, target_size, steps, seed, attend=True):
    rng = np.random.default_rng(seed)
    with torch.random.fork_rng():
        torch.manual_seed(seed + 1)
        network = Translator(source_size, target_size, attend).to(device)
    adam = torch.optim.Adam(network.parameters(), lr=0.015)
    history = []
    for _ in range(steps):
        rows = rng.choice(len(sources), size=32, replace=False)
        inputs, outputs = (t.to(device) for t in teacher_pairs(targets[rows]))
        logits, _ = network(sources[rows].to(device), inputs)
        real = outputs > 0
        loss = F.cross_entropy(logits[real], outputs[real])
        network.zero_grad()
        loss.backward()
        nn.utils.clip_grad_norm_(network.parameters(), 1.0)
        adam.step()
        history.append(loss.item())

    def translate(new):
        ids, weights = network.translate(new.to(device), length=targets.shape[1])
        return ids.cpu(), weights.cpu()

    return translate, history


# %% vacuous constant
def train_translator(sources, targets, source_size, target_size, steps, seed, attend=True):
    def translate(new):
        return targets[:1].repeat(len(new), 1), torch.zeros(len(new), 11, new.shape[1])

    return translate, [2.6 - 0.001 * k for k in range(steps)]


# %% vacuous does_not_train
def train_translator(sources, targets, source_size, target_size, steps, seed, attend=True):
    torch.manual_seed(seed)
    return Translator(source_size, target_size, attend).translate, [2.6] * steps
