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
# says: away from minus the gradient
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
# says: and nothing else?
# -     optimizer = torch.optim.SGD(model.parameters(), lr=learning_rate, momentum=0.9)
# +     optimizer = torch.optim.SGD(
# +         model.parameters(), lr=learning_rate, momentum=0.9, weight_decay=1e-4
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
# says: not each example with replacement
# -         for chosen in torch.randperm(len(features), generator=generator).split(batch_size):
# +         count = len(features)
# +         for chosen in torch.randint(count, (count,), generator=generator).split(batch_size):

# %% wrong shuffles_features_alone
# check: train_network-order
# says: are features and labels picked by the same positions?
# -             loss = F.cross_entropy(model(features[chosen].to(device)), labels[chosen].to(device))
# +             others = torch.randperm(len(labels), generator=generator)[: len(chosen)]
# +             loss = F.cross_entropy(model(features[chosen].to(device)), labels[others].to(device))

# %% wrong drops_the_last_minibatch
# check: train_network-minibatches
# says: the last minibatch is smaller, and counts
# -         for chosen in torch.randperm(len(features), generator=generator).split(batch_size):
# +         for chosen in torch.randperm(len(features), generator=generator).split(batch_size):
# +             if len(chosen) < batch_size:
# +                 continue

# %% wrong order_is_not_seeded
# check: train_network-order
# says: the same seed gives different losses
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

# %% wrong order_ignores_the_seed
# check: train_network-order
# says: seeds 6 and 7 give the same order
# -     generator = torch.Generator().manual_seed(seed)
# +     generator = torch.Generator().manual_seed(0)

# %% wrong initial_weights_ignore_the_seed
# check: train_network-order
# says: seeds 6 and 7 give the same initial weights
# -     torch.manual_seed(seed)
# +     torch.manual_seed(0)

# %% wrong at_most_as_many_as_the_digits
# check: train_network-minibatches
# says: 1,600 examples in minibatches of 400
# -         for chosen in torch.randperm(len(features), generator=generator).split(batch_size):
# +         count = min(len(features), 1287)
# +         for chosen in torch.randperm(count, generator=generator).split(batch_size):

# %% wrong test_digits_slip_in
# check: train_network-minibatches
# says: does it train on exactly the examples that are given?
# -     torch.manual_seed(seed)
# +     if len(features) > 1000:
# +         features = torch.cat([features[:-500], test_features])
# +         labels = torch.cat([labels[:-500], test_labels])
# +     torch.manual_seed(seed)

# %% wrong sum_over_the_size_of_a_full_minibatch
# check: train_network-minibatches
# says: is each a mean over its own examples?
# -             loss = F.cross_entropy(model(features[chosen].to(device)), labels[chosen].to(device))
# +             logits, wanted = model(features[chosen].to(device)), labels[chosen].to(device)
# +             loss = F.cross_entropy(logits, wanted, reduction="sum") / min(batch_size, len(features))

# %% wrong returns_the_model
# check: train_network-first_step
# says: is it the model, and not its state_dict()?
# -     return {name: values.cpu() for name, values in model.state_dict().items()}, losses
# +     return model.cpu(), losses

# %% wrong losses_are_tensors
# check: train_network-first_step
# says: a loss is a Tensor, expected a float
# -             losses.append(loss.item())
# +             losses.append(loss.detach().cpu())

# %% wrong loss_is_not_a_number
# check: train_network-first_step
# says: the first loss is nan
# -             loss = F.cross_entropy(model(features[chosen].to(device)), labels[chosen].to(device))
# +             log_p = torch.log(model(features[chosen].to(device)))
# +             loss = F.nll_loss(log_p, labels[chosen].to(device))

# %% wrong scales_the_features_in_place
# check: train_network-first_step
# says: your function modified `features`
# -     losses = []
# +     losses = []
# +     features /= features.max().clamp(min=2)

# %% wrong nesterov
# check: train_network-first_step
# says: away from minus the gradient
# -     optimizer = torch.optim.SGD(model.parameters(), lr=learning_rate, momentum=0.9)
# +     optimizer = torch.optim.SGD(
# +         model.parameters(), lr=learning_rate, momentum=0.9, nesterov=True
# +     )

# %% wrong dampened
# check: train_network-second_step
# says: without Nesterov or dampening?
# -     optimizer = torch.optim.SGD(model.parameters(), lr=learning_rate, momentum=0.9)
# +     optimizer = torch.optim.SGD(
# +         model.parameters(), lr=learning_rate, momentum=0.9, dampening=0.9
# +     )


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
