"""Answers to `fit_heights`: what students write, right and wrong."""

# %% wrong labels_broadcast
# check: fit_heights-first_loss
# says: the mean over all 50 × 50 pairs
# -     inputs, targets = inputs.to(device), labels.reshape(-1, 1).to(device)
# +     inputs, targets = inputs.to(device), labels.to(device)
# -         loss = F.mse_loss(model(inputs), targets)
# +         loss = ((model(inputs) - targets) ** 2).mean()

# %% wrong labels_broadcast_as_the_learning_shows
# check: fit_heights-adam
# says: the loss of epoch 1
# says: is every output compared with every label?
# -     inputs, targets = inputs.to(device), labels.reshape(-1, 1).to(device)
# +     inputs, targets = inputs.to(device), labels.reshape(-1).to(device)
# -         loss = F.mse_loss(model(inputs), targets)
# +         loss = (model(inputs) - targets).square().mean()

# %% wrong mends_one_shape_and_breaks_the_other
# check: fit_heights-first_loss
# says: labels of shape (50, 1)
# -         loss = F.mse_loss(model(inputs), targets)
# +         loss = ((model(inputs).squeeze(1) - targets) ** 2).mean()

# %% wrong sum_for_mean
# check: fit_heights-first_loss
# says: this is the sum
# -         loss = F.mse_loss(model(inputs), targets)
# +         loss = ((model(inputs) - targets) ** 2).sum()

# %% wrong loss_after_the_step
# check: fit_heights-first_loss
# says: the mean squared error of the untrained network
# -         losses.append(loss.item())
# +         losses.append(F.mse_loss(model(inputs), targets).item())

# %% wrong no_zero_grad
# check: fit_heights-adam
# says: are the gradients set to zero before each backward, and is it Adam
# -         adam.zero_grad()

# %% wrong never_steps
# check: fit_heights-first_loss
# says: one epoch leaves the network as it was
# -         adam.step()

# %% wrong running_mean_of_the_losses
# check: fit_heights-first_loss
# says: is it one step per epoch, and the loss before it?
# -         losses.append(loss.item())
# +         losses.append((sum(losses) + loss.item()) / (len(losses) + 1))

# %% wrong minibatches
# check: fit_heights-first_loss
# says: the mean squared error of the untrained network
# -         loss = F.mse_loss(model(inputs), targets)
# +         chosen = torch.randperm(len(inputs))[:16]
# +         loss = F.mse_loss(model(inputs[chosen]), targets[chosen])

# %% wrong predicts_a_column
# check: fit_heights-first_loss
# says: predict gave shape (50, 1)
# -         return model(inputs.to(device)).squeeze(1).cpu()
# +         return model(inputs.to(device)).cpu()

# %% wrong default_learning_rate
# check: fit_heights-adam
# says: the learning rate is 0.001, Adam's default; expected Adam with 0.02
# -     adam = torch.optim.Adam(model.parameters(), lr=0.02)
# +     adam = torch.optim.Adam(model.parameters())

# %% wrong half_the_learning_rate
# check: fit_heights-adam
# says: the learning rate is 0.01
# -     adam = torch.optim.Adam(model.parameters(), lr=0.02)
# +     adam = torch.optim.Adam(model.parameters(), lr=0.01)

# %% wrong momentum_for_adam
# check: fit_heights-adam
# says: the optimizer is SGD with momentum
# -     adam = torch.optim.Adam(model.parameters(), lr=0.02)
# +     adam = torch.optim.SGD(model.parameters(), lr=0.02, momentum=0.9)

# %% wrong rmsprop_for_adam
# check: fit_heights-adam
# says: is it Adam with 0.02 and nothing else?
# -     adam = torch.optim.Adam(model.parameters(), lr=0.02)
# +     adam = torch.optim.RMSprop(model.parameters(), lr=0.02)

# %% wrong weight_decay
# check: fit_heights-adam
# says: is it Adam with 0.02 and nothing else?
# -     adam = torch.optim.Adam(model.parameters(), lr=0.02)
# +     adam = torch.optim.Adam(model.parameters(), lr=0.02, weight_decay=1e-3)

# %% wrong seed_ignored
# check: fit_heights-adam
# says: right after torch.manual_seed(seed)?
# -     torch.manual_seed(seed)
# +     torch.manual_seed(0)

# %% wrong wider
# check: fit_heights-adam
# says: the same layers
# -     model = nn.Sequential(nn.Linear(2, 16), nn.ReLU(), nn.Linear(16, 1)).to(device)
# +     model = nn.Sequential(nn.Linear(2, 32), nn.ReLU(), nn.Linear(32, 1)).to(device)

# %% wrong another_activation
# check: fit_heights-adam
# says: the activation is tanh, expected ReLU
# -     model = nn.Sequential(nn.Linear(2, 16), nn.ReLU(), nn.Linear(16, 1)).to(device)
# +     model = nn.Sequential(nn.Linear(2, 16), nn.Tanh(), nn.Linear(16, 1)).to(device)

# %% wrong losses_are_tensors
# check: fit_heights-first_loss
# says: a loss is a Tensor, expected a float
# -         losses.append(loss.item())
# +         losses.append(loss.detach())

# %% wrong squeezes_every_axis
# check: fit_heights-first_loss
# says: predict gave shape () for 1 input, expected (1,)
# -         return model(inputs.to(device)).squeeze(1).cpu()
# +         return model(inputs.to(device)).squeeze().cpu()

# %% wrong predicts_with_the_initial_network
# check: fit_heights-learns
# says: does predict use the trained network?
# -     inputs, targets = inputs.to(device), labels.reshape(-1, 1).to(device)
# +     inputs, targets = inputs.to(device), labels.reshape(-1, 1).to(device)
# +     import copy
# +
# +     early = copy.deepcopy(model) if epochs > 60 else model
# -         return model(inputs.to(device)).squeeze(1).cpu()
# +         return early(inputs.to(device)).squeeze(1).cpu()

# %% wrong loss_is_not_a_number
# check: fit_heights-first_loss
# says: the first loss is nan
# -         loss = F.mse_loss(model(inputs), targets)
# +         loss = torch.sqrt(-F.mse_loss(model(inputs), targets))


# %% right squeezes_the_output
def fit_heights(inputs, labels, epochs, seed):
    torch.manual_seed(seed)

    class Net(nn.Module):
        def __init__(self):
            super().__init__()
            self.hidden = nn.Linear(2, 16)
            self.out = nn.Linear(16, 1)

        def forward(self, x):
            return self.out(torch.relu(self.hidden(x))).squeeze(-1)

    net = Net().to(device)
    criterion = nn.MSELoss()
    optimizer = torch.optim.Adam(net.parameters(), lr=0.02)
    x, y = inputs.to(device), labels.flatten().to(device)
    history = []
    for _ in range(epochs):
        optimizer.zero_grad()
        loss = criterion(net(x), y)
        history.append(float(loss))
        loss.backward()
        optimizer.step()

    def predict(new):
        with torch.inference_mode():
            return net(new.to(device)).cpu().clone()

    return predict, history


# %% right if_the_labels_are_flat
def fit_heights(inputs, labels, epochs, seed):
    if labels.dim() == 1:
        labels = labels.unsqueeze(1)
    torch.manual_seed(seed)
    net = nn.Sequential(nn.Linear(2, 16), nn.ReLU(), nn.Linear(16, 1), nn.Flatten(0)).to(device)
    adam = torch.optim.Adam(net.parameters(), 0.02)
    losses = []
    for _ in range(epochs):
        loss = (net(inputs.to(device)) - labels[:, 0].to(device)).pow(2).mean()
        for parameter in net.parameters():
            parameter.grad = None
        loss.backward()
        adam.step()
        losses += [loss.detach().item()]
    return lambda inputs: net(inputs.to(device)).detach().cpu(), losses


# %% vacuous says_the_mean
def fit_heights(inputs, labels, epochs, seed):
    mean, variance = labels.mean(), labels.var().item()
    return lambda inputs: mean.expand(len(inputs)), [variance] * epochs


# %% vacuous zeros
def fit_heights(inputs, labels, epochs, seed):
    return lambda inputs: torch.zeros(len(inputs)), [0.0] * epochs
