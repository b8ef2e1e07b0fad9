"""Answers to `train_digits`: what students write, right and wrong."""

# %% wrong no_zero_grad
# check: train_digits-learns
# says: set the gradients to zero
# -         optimizer.zero_grad()
# +         pass

# %% wrong softmax_before_cross_entropy
# check: train_digits-learns
# says: softmax that is applied twice
# -         loss = F.cross_entropy(model(batch.to(device)), labels[chosen].to(device))
# +         loss = F.cross_entropy(model(batch.to(device)).softmax(dim=1), labels[chosen].to(device))

# %% wrong no_shuffle
# check: train_digits-learns
# says: draw its own 64 images
# -     for _ in range(steps):
# -         chosen = torch.randint(len(images), (64,), generator=generator)
# +     for step in range(steps):
# +         chosen = torch.arange(64 * step, 64 * step + 64) % len(images)

# %% wrong always_the_first_batch
# check: train_digits-learns
# says: from the whole training set
# -         chosen = torch.randint(len(images), (64,), generator=generator)
# +         chosen = torch.arange(64)

# %% wrong sum_instead_of_mean
# check: train_digits-learns
# says: take the mean of the batch
# -         loss = F.cross_entropy(model(batch.to(device)), labels[chosen].to(device))
# +         loss = F.cross_entropy(
# +             model(batch.to(device)), labels[chosen].to(device), reduction="sum"
# +         )

# %% wrong never_updates
# check: train_digits-learns
# says: and update
# -         optimizer.step()
# +         pass

# %% wrong trains_on_the_test_digits
# check: train_digits-given_data
# says: not on global ones
# -     torch.manual_seed(seed)
# +     images, labels = test_images, test_labels
# +     torch.manual_seed(seed)

# %% wrong trains_on_the_global_digits
# check: train_digits-given_data
# says: not on global ones
# -     torch.manual_seed(seed)
# +     images, labels = train_images, train_labels
# +     torch.manual_seed(seed)

# %% wrong seeds_the_batches_only
# check: train_digits-given_data
# says: same seed gives other losses
# -     torch.manual_seed(seed)
# +     torch.seed()

# %% wrong argmax_over_the_batch
# check: train_digits-learns
# says: the argmax over the classes, axis 1
# -         return model(images.to(device)).argmax(dim=1).cpu()
# +         return model(images.to(device)).argmax(dim=0).cpu()

# %% wrong one_loss_an_epoch
# check: train_digits-learns
# says: one a step
# -     return predict, losses
# +     return predict, losses[::20]

# %% wrong augments_when_it_predicts
# check: augment_digits-few_labels
# says: augment in training only
# -         return model(images.to(device)).argmax(dim=1).cpu()
# +         if augmented:
# +             images = augment_digits(images, generator)
# +         return model(images.to(device)).argmax(dim=1).cpu()

# %% wrong ignores_augmented
# check: augment_digits-few_labels
# says: expected a gain
# -         batch = augment_digits(images[chosen], generator) if augmented else images[chosen]
# +         batch = images[chosen]

# %% wrong augments_once_before_training
# check: augment_digits-few_labels
# says: is each training minibatch augmented anew
# -     losses = []
# +     losses = []
# +     if augmented:
# +         images = augment_digits(images, generator)
# -         batch = augment_digits(images[chosen], generator) if augmented else images[chosen]
# +         batch = images[chosen]


# %% right epochs_of_a_loader
def train_digits(images, labels, steps, seed, augmented=False):
    from torch.utils.data import DataLoader, TensorDataset

    torch.manual_seed(seed)
    draws = torch.Generator().manual_seed(seed + 1)
    loader = DataLoader(
        TensorDataset(images, labels),
        batch_size=64,
        shuffle=True,
        generator=torch.Generator().manual_seed(seed),
    )
    model = DigitCNN(images.shape[2]).to(device)
    criterion = nn.CrossEntropyLoss()
    adam = torch.optim.Adam(model.parameters(), lr=0.001)
    losses = []
    while len(losses) < steps:
        for x, y in loader:
            if augmented:
                x = augment_digits(x, draws)
            adam.zero_grad()
            loss = criterion(model(x.to(device)), y.to(device))
            loss.backward()
            adam.step()
            losses.append(loss.item())
            if len(losses) == steps:
                break

    def predict(new):
        with torch.no_grad():
            return model(new.to(device)).max(dim=1).indices.to("cpu")

    return predict, losses


# %% right one_cycle
def train_digits(images, labels, steps, seed, augmented=False):
    generator = torch.Generator().manual_seed(seed)
    with torch.random.fork_rng():
        torch.manual_seed(seed)
        model = DigitCNN(images.shape[-1]).to(device)
    optimizer = torch.optim.Adam(model.parameters())
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimizer, max_lr=0.01, total_steps=steps)
    losses = []
    for _ in range(steps):
        rows = torch.randperm(len(images), generator=generator)[:64]
        batch = augment_digits(images[rows], generator) if augmented else images[rows]
        scores = model(batch.to(device)).log_softmax(dim=1)
        loss = F.nll_loss(scores, labels[rows].to(device))
        optimizer.zero_grad(set_to_none=True)
        loss.backward()
        optimizer.step()
        schedule.step()
        losses += [loss.item()]

    @torch.inference_mode()
    def predict(images):
        return torch.argmax(model(images.to(device)), -1).cpu().clone()

    return predict, losses


# %% vacuous says_always_zero
def train_digits(images, labels, steps, seed, augmented=False):
    return lambda images: torch.zeros(len(images), dtype=torch.int64), [0.0] * steps


# %% vacuous does_not_train
def train_digits(images, labels, steps, seed, augmented=False):
    torch.manual_seed(seed)
    model = DigitCNN(images.shape[-1])
    losses = [2.3 - 2.2 * step / steps + seed * 1e-9 for step in range(steps)]
    return lambda images: model(images).argmax(1), losses
