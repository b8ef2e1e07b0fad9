"""Answers to `train_network`: what students write, right and wrong."""

# %% wrong no_zero_grad
# check: train_network-second_step
# says: set the gradients to zero
# -             optimizer.zero_grad()

# %% wrong softmax_before_cross_entropy
# check: train_network-first_step
# says: a softmax is applied before cross_entropy
# -     model = nn.Sequential(nn.Linear(64, 64), nn.ReLU(), nn.Linear(64, 10)).to(device)
# +     model = nn.Sequential(nn.Linear(64, 64), nn.ReLU(), nn.Linear(64, 10), nn.Softmax(1))
# +     model = model.to(device)

# %% wrong sum_for_mean
# check: train_network-first_step
# says: this is the sum over the minibatch
# -             loss = F.cross_entropy(model(features[chosen].to(device)), labels[chosen].to(device))
# +             loss = F.cross_entropy(
# +                 model(features[chosen].to(device)), labels[chosen].to(device), reduction="sum"
# +             )

# %% wrong trains_on_the_test_digits
# check: train_network-first_step
# says: not on global ones
# -     torch.manual_seed(seed)
# +     features, labels = test_features, test_labels
# +     torch.manual_seed(seed)

# %% wrong adds_the_test_digits
# check: train_network-first_step
# says: not on global ones
# -     torch.manual_seed(seed)
# +     features = torch.cat([features, test_features])
# +     labels = torch.cat([labels, test_labels])
# +     torch.manual_seed(seed)

# %% wrong no_momentum
# check: train_network-second_step
# says: the second step has no momentum
# -     optimizer = torch.optim.SGD(model.parameters(), lr=learning_rate, momentum=0.9)
# +     optimizer = torch.optim.SGD(model.parameters(), lr=learning_rate)

# %% wrong another_optimizer
# check: train_network-first_step
# says: is not learning_rate times the gradient
# -     optimizer = torch.optim.SGD(model.parameters(), lr=learning_rate, momentum=0.9)
# +     optimizer = torch.optim.Adam(model.parameters(), lr=learning_rate)

# %% wrong never_steps
# check: train_network-first_step
# says: leaves the weights as they were
# -             optimizer.step()

# %% wrong gradients_set_to_zero_after_backward
# check: train_network-first_step
# says: leaves the weights as they were
# -             optimizer.zero_grad()
# -             loss.backward()
# +             loss.backward()
# +             optimizer.zero_grad(set_to_none=False)

# %% wrong weight_decay
# check: train_network-first_step
# says: and nothing else
# -     optimizer = torch.optim.SGD(model.parameters(), lr=learning_rate, momentum=0.9)
# +     optimizer = torch.optim.SGD(
# +         model.parameters(), lr=learning_rate, momentum=0.9, weight_decay=0.1
# +     )

# %% wrong one_loss_an_epoch
# check: train_network-order
# says: 3 epochs of 23 minibatches gave 3 losses
# -             losses.append(loss.item())
# +         losses.append(loss.item())

# %% wrong no_shuffle
# check: train_network-order
# says: in the order in which they were given
# -         for chosen in torch.randperm(len(features), generator=generator).split(batch_size):
# +         for chosen in torch.arange(len(features)).split(batch_size):

# %% wrong one_order_for_all_epochs
# check: train_network-order
# says: draw a new one for each
# -     losses = []
# -     for _ in range(epochs):
# -         for chosen in torch.randperm(len(features), generator=generator).split(batch_size):
# +     losses = []
# +     order = torch.randperm(len(features), generator=generator)
# +     for _ in range(epochs):
# +         for chosen in order.split(batch_size):

# %% wrong draws_with_replacement
# check: train_network-order
# says: not draws with replacement
# -         for chosen in torch.randperm(len(features), generator=generator).split(batch_size):
# +         count = len(features)
# +         for chosen in torch.randint(count, (count,), generator=generator).split(batch_size):

# %% wrong shuffles_features_alone
# check: train_network-order
# says: picked by the same positions
# -             loss = F.cross_entropy(model(features[chosen].to(device)), labels[chosen].to(device))
# +             others = torch.randperm(len(labels), generator=generator)[: len(chosen)]
# +             loss = F.cross_entropy(model(features[chosen].to(device)), labels[others].to(device))

# %% wrong drops_the_last_minibatch
# check: train_network-order
# says: the last minibatch is smaller, and counts
# -         for chosen in torch.randperm(len(features), generator=generator).split(batch_size):
# +         for chosen in torch.randperm(len(features), generator=generator).split(batch_size):
# +             if len(chosen) < batch_size:
# +                 continue

# %% wrong order_is_not_seeded
# check: train_network-order
# says: the same seed gives other losses
# -     generator = torch.Generator().manual_seed(seed)
# +     generator = torch.Generator()
# +     generator.seed()

# %% wrong one_seed_for_all
# check: train_network-order
# says: seeds 6 and 7 give the same losses
# -     torch.manual_seed(seed)
# +     seed = 0
# +     torch.manual_seed(seed)

# %% wrong first_minibatch_only
# check: train_network-held_out
# says: 30 epochs of 21 minibatches gave 30 losses
# -             losses.append(loss.item())
# +             losses.append(loss.item())
# +             break

# %% wrong no_hidden_relu
# check: train_network-first_step
# says: the first loss is
# -     model = nn.Sequential(nn.Linear(64, 64), nn.ReLU(), nn.Linear(64, 10)).to(device)
# +     model = nn.Sequential(nn.Linear(64, 64), nn.Identity(), nn.Linear(64, 10)).to(device)


# %% right loader
def train_network(features, labels, epochs, batch_size, learning_rate, seed):
    from torch.utils.data import DataLoader, TensorDataset

    torch.manual_seed(seed)
    network = nn.Sequential(nn.Linear(64, 64), nn.ReLU(), nn.Linear(64, 10)).to(device)
    loader = DataLoader(
        TensorDataset(features, labels),
        batch_size=batch_size,
        shuffle=True,
        generator=torch.Generator().manual_seed(seed + 1),
    )
    criterion = nn.CrossEntropyLoss()
    sgd = torch.optim.SGD(network.parameters(), lr=learning_rate, momentum=0.9)
    history = []
    for _ in range(epochs):
        for x, y in loader:
            sgd.zero_grad(set_to_none=True)
            loss = criterion(network(x.to(device)), y.to(device))
            loss.backward()
            sgd.step()
            history.append(float(loss.detach()))
    return {name: p.cpu() for name, p in network.state_dict().items()}, history


# %% right momentum_by_hand_in_numpy_order
def train_network(features, labels, epochs, batch_size, learning_rate, seed):
    rng = np.random.default_rng(seed)
    with torch.random.fork_rng():
        torch.manual_seed(seed)
        model = nn.Sequential(nn.Linear(64, 64), nn.ReLU(), nn.Linear(64, 10)).to(device)
    memory = [torch.zeros_like(p) for p in model.parameters()]
    losses = []
    for _ in range(epochs):
        order = rng.permutation(len(features))
        for begin in range(0, len(order), batch_size):
            rows = torch.tensor(order[begin : begin + batch_size])
            log_p = model(features[rows].to(device)).log_softmax(dim=1)
            loss = F.nll_loss(log_p, labels[rows].to(device))
            gradients = torch.autograd.grad(loss, list(model.parameters()))
            with torch.no_grad():
                for p, m, g in zip(model.parameters(), memory, gradients):
                    m.mul_(0.9).add_(g)
                    p.sub_(learning_rate * m)
            losses.append(loss.item())
    return {name: values.cpu().clone() for name, values in model.state_dict().items()}, losses


# %% vacuous does_not_train
def train_network(features, labels, epochs, batch_size, learning_rate, seed):
    torch.manual_seed(seed)
    model = nn.Sequential(nn.Linear(64, 64), nn.ReLU(), nn.Linear(64, 10))
    steps = epochs * -(-len(features) // batch_size)
    losses = [2.3 * 0.99**step for step in range(steps)]
    return {name: x.detach() for name, x in model.state_dict().items()}, losses


# %% vacuous zeros
def train_network(features, labels, epochs, batch_size, learning_rate, seed):
    shapes = {"0.weight": (64, 64), "0.bias": (64,), "2.weight": (10, 64), "2.bias": (10,)}
    steps = epochs * -(-len(features) // batch_size)
    return {name: torch.zeros(shape) for name, shape in shapes.items()}, [0.0] * steps
