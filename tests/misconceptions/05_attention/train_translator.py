"""Answers to `train_translator`: what students write, right and wrong."""

# %% wrong without_attention
# check: train_translator-held_out
# says: all attention weights are 0
# -     network = Translator(source_size, target_size, attend).to(device)
# +     network = Translator(source_size, target_size, attend=False).to(device)

# %% wrong attend_ignored
# check: train_translator-translate
# says: pass `attend` on
# -     network = Translator(source_size, target_size, attend).to(device)
# +     network = Translator(source_size, target_size, False).to(device)

# %% wrong attend_inverted
# check: train_translator-first_steps
# says: are weights and rows drawn as the docstring says
# -     network = Translator(source_size, target_size, attend).to(device)
# +     network = Translator(source_size, target_size, not attend).to(device)

# %% wrong decoder_sees_the_answer
# check: train_translator-first_steps
# says: the decoder reads the symbol that it has to predict
# -         inputs, outputs = teacher_pairs(targets[chosen].to(device))
# +         inputs = outputs = targets[chosen].to(device)

# %% wrong decoder_sees_the_answer_held_out
# check: train_translator-held_out
# says: are the decoder's inputs moved by one
# -         inputs, outputs = teacher_pairs(targets[chosen].to(device))
# +         outputs = targets[chosen].to(device)
# +         inputs = outputs.clone()

# %% wrong always_the_same_dates
# check: train_translator-held_out
# says: the rows drawn from all dates
# -         chosen = torch.randint(len(sources), (32,), generator=generator)
# +         chosen = torch.arange(32)

# %% wrong padding_counts
# check: train_translator-first_steps
# says: padding counts in the loss
# -         loss = sequence_loss(logits, outputs)
# +         loss = F.cross_entropy(logits.flatten(0, 1), outputs.flatten())

# %% wrong never_updates
# check: train_translator-first_steps
# says: the weights never change
# -         optimizer.step()
# +         pass

# %% wrong forgets_the_seed
# check: train_translator-first_steps
# says: are weights and rows drawn as the docstring says
# -     torch.manual_seed(seed)
# +     torch.seed()

# %% wrong rows_of_one_seed
# check: train_translator-first_steps
# says: are weights and rows drawn as the docstring says
# -     generator = torch.Generator().manual_seed(seed)
# +     generator = torch.Generator().manual_seed(0)

# %% wrong goes_up
# check: train_translator-first_steps
# says: uphill
# -         loss.backward()
# +         (-loss).backward()

# %% wrong sum_instead_of_mean
# check: train_translator-first_steps
# says: is the loss a mean
# -         losses.append(loss.item())
# +         losses.append(loss.item() * int((outputs > 0).sum()))

# %% wrong trains_on_the_global_dates
# check: train_translator-first_steps
# says: train_translator
# -     torch.manual_seed(seed)
# +     width, given = targets.shape[1], train_targets[: len(targets)]
# +     targets = F.pad(given, (0, max(0, width - 11)))
# +     torch.manual_seed(seed)

# %% wrong last_loss_only
# check: train_translator-first_steps
# says: 6 steps gave 1 losses
# -     return translate, losses
# +     return translate, losses[-1:]

# %% wrong gradients_add_up
# check: train_translator-first_steps
# says: the gradients of all steps add up
# -         optimizer.zero_grad()

# %% wrong adam_each_step
# check: train_translator-first_steps
# says: each step has a new Adam
# -         optimizer.zero_grad()
# +         optimizer = torch.optim.Adam(network.parameters(), lr=0.02)
# +         optimizer.zero_grad()

# %% wrong adamw
# check: train_translator-first_steps
# says: this is AdamW
# -     optimizer = torch.optim.Adam(network.parameters(), lr=0.02)
# +     optimizer = torch.optim.AdamW(network.parameters(), lr=0.02)

# %% wrong adams_usual_rate
# check: train_translator-first_steps
# says: the learning rate is 0.001
# -     optimizer = torch.optim.Adam(network.parameters(), lr=0.02)
# +     optimizer = torch.optim.Adam(network.parameters())

# %% wrong rate_of_chapter_four
# check: train_translator-first_steps
# says: the learning rate is 0.01
# -     optimizer = torch.optim.Adam(network.parameters(), lr=0.02)
# +     optimizer = torch.optim.Adam(network.parameters(), lr=0.01)

# %% wrong slow_rate_held_out
# check: train_translator-held_out
# says: every setting of the docstring
# -     optimizer = torch.optim.Adam(network.parameters(), lr=0.02)
# +     optimizer = torch.optim.Adam(network.parameters(), lr=0.003)

# %% wrong large_batches
# check: train_translator-first_steps
# says: a step draws 64 rows
# -         chosen = torch.randint(len(sources), (32,), generator=generator)
# +         chosen = torch.randint(len(sources), (64,), generator=generator)

# %% wrong last_row_never
# check: train_translator-first_steps
# says: are weights and rows drawn as the docstring says
# -         chosen = torch.randint(len(sources), (32,), generator=generator)
# +         chosen = torch.randint(1, len(sources) - 1, (32,), generator=generator)

# %% wrong clipped_hard
# check: train_translator-first_steps
# says: nothing else
# -         optimizer.step()
# +         nn.utils.clip_grad_norm_(network.parameters(), 0.1)
# +         optimizer.step()

# %% wrong translates_untrained
# check: train_translator-translate
# says: does `translate` use the trained network
# -     network = Translator(source_size, target_size, attend).to(device)
# +     network = Translator(source_size, target_size, attend).to(device)
# +     fresh = Translator(source_size, target_size, attend).to(device)
# -         ids, weights = network.translate(sources.to(device))
# +         ids, weights = fresh.translate(sources.to(device))

# %% wrong ids_only
# check: train_translator-translate
# says: translate returned Tensor
# -         return ids.cpu(), weights.cpu()
# +         return ids.cpu()


# %% wrong nan_gradients_of_masked_softmax
# check: train_translator-translate
# says: has the gradient nan
def masked_softmax(scores, mask=None):
    if mask is None:
        return scores.softmax(-1)
    parts = (scores - scores.detach().amax(-1, keepdim=True)).exp() * mask
    total = parts.sum(-1, keepdim=True)
    return torch.where(total == 0, torch.zeros_like(parts), parts / total)


def train_translator(sources, targets, source_size, target_size, steps, seed, attend=True):
    torch.manual_seed(seed)
    generator = torch.Generator().manual_seed(seed)
    network = Translator(source_size, target_size, attend).to(device)
    optimizer = torch.optim.Adam(network.parameters(), lr=0.02)
    losses = []
    for _ in range(steps):
        chosen = torch.randint(len(sources), (32,), generator=generator)
        inputs, outputs = teacher_pairs(targets[chosen].to(device))
        loss = sequence_loss(network(sources[chosen].to(device), inputs)[0], outputs)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    return lambda new: [a.cpu() for a in network.translate(new.to(device))], losses


# %% right other_words
def train_translator(sources, targets, source_size, target_size, steps, seed, attend=True):
    generator = torch.Generator()
    generator.manual_seed(seed)
    torch.manual_seed(seed)
    model = Translator(source_size, target_size, attend=attend)
    model.to(device)
    optimizer = torch.optim.Adam(model.parameters(), 0.02, weight_decay=0)
    losses = []
    while len(losses) < steps:
        rows = torch.randint(0, len(sources), size=(32,), generator=generator)
        x, y = sources[rows].to(device), targets[rows].to(device)
        read = F.pad(y, (1, 0), value=1)[:, :-1]
        optimizer.zero_grad(set_to_none=False)
        logits = model(x, read)[0]
        loss = F.cross_entropy(logits[y > 0], y[y > 0])
        loss.backward()
        optimizer.step()
        losses.append(float(loss.detach()))
    model.eval()
    return (lambda new: [a.cpu() for a in model.translate(new.to(device))]), losses


# %% right clipped_at_one
def train_translator(sources, targets, source_size, target_size, steps, seed, attend=True):
    draw = torch.Generator(device="cpu").manual_seed(seed)
    with torch.random.fork_rng():
        torch.manual_seed(seed)
        network = Translator(source_size, target_size, attend).to(device)
    adam = torch.optim.Adam(network.parameters(), lr=2e-2)
    history = []
    for _ in range(steps):
        rows = torch.randint(len(targets), (32,), generator=draw)
        inputs, outputs = (t.to(device) for t in teacher_pairs(targets[rows]))
        logits, _ = network(sources[rows].to(device), inputs)
        network.zero_grad()
        loss = F.cross_entropy(logits.transpose(1, 2), outputs, ignore_index=0)
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
