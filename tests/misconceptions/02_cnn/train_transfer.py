"""Answers to `train_transfer`: what students write, right and wrong."""

# %% wrong backbone_trains_too
# check: train_transfer-frozen
# says: the backbone still trains
# -         model.requires_grad_(False)
# -         model.eval()  # batch normalization uses, and keeps, the statistics of pretraining
# -         trained = model.head.requires_grad_(True)
# +         model.eval()

# %% wrong statistics_move
# check: train_transfer-frozen
# says: call eval()
# -         model.eval()  # batch normalization uses, and keeps, the statistics of pretraining

# %% wrong head_frozen_too
# check: train_transfer-frozen
# says: it is frozen too
# -     for _ in range(steps):
# +     for _ in range(0 if pretrained is not None else steps):

# %% wrong pretraining_never_loaded
# check: train_transfer-frozen
# says: was not loaded
# -         model.load_state_dict(backbone, strict=False)

# %% wrong keeps_the_old_head
# check: train_transfer-frozen
# says: expected a fresh one
# -         model.load_state_dict(backbone, strict=False)
# +         model.load_state_dict(pretrained)

# %% wrong changes_the_given_dict
# check: train_transfer-frozen
# says: the dict `pretrained` was changed
# -         backbone = {name: x for name, x in pretrained.items() if name.startswith("backbone.")}
# +         backbone = {name: x for name, x in pretrained.items() if name.startswith("backbone.")}
# +         for value in pretrained.values():
# +             value.zero_()

# %% wrong backbone_never_trains
# check: train_transfer-gain
# says: train_transfer
# -     model = TransferCNN()
# -     trained = model
# +     model = TransferCNN()
# +     trained = model.head
# +     model.backbone.requires_grad_(False)

# %% wrong predicts_the_least_likely
# check: train_transfer-gain
# says: expected at least 78%
# -         return model(images.to(device)).argmax(dim=1).cpu()
# +         return model(images.to(device)).argmin(dim=1).cpu()


# %% right features_once
# The backbone is frozen, so its features can be computed once, before the head trains.
def train_transfer(images, labels, steps, seed, pretrained=None):
    torch.manual_seed(seed)
    model = TransferCNN().to(device)
    inputs, learner = images.to(device), model
    targets = labels.to(device)
    if pretrained is not None:
        for name, value in model.state_dict().items():
            if name.startswith("backbone"):
                value.copy_(pretrained[name])
        model.eval()
        with torch.no_grad():
            inputs = model.backbone(inputs)
        learner = model.head
    adam = torch.optim.Adam(learner.parameters(), lr=0.002)
    generator = torch.Generator().manual_seed(seed)
    for _ in range(steps):
        rows = torch.randint(len(inputs), (64,), generator=generator)
        adam.zero_grad()
        F.cross_entropy(learner(inputs[rows]), targets[rows]).backward()
        adam.step()
    model.eval()

    def predict(new):
        with torch.no_grad():
            return model(new.to(device)).argmax(1).cpu()

    return {name: value.cpu().clone() for name, value in model.state_dict().items()}, predict


# %% right freezes_layer_by_layer
def train_transfer(images, labels, steps, seed, pretrained=None):
    torch.manual_seed(seed)
    model = TransferCNN()
    if pretrained:
        fresh = model.state_dict()
        model.load_state_dict(
            {k: fresh[k] if k.startswith("head") else v.clone() for k, v in pretrained.items()}
        )
        for parameter in model.backbone.parameters():
            parameter.requires_grad = False
    model.to(device)
    learned = [parameter for parameter in model.parameters() if parameter.requires_grad]
    optimizer = torch.optim.Adam(learned, lr=3e-3)
    draws = np.random.default_rng(seed)
    model.train()
    if pretrained:
        model.backbone.eval()
    for _ in range(steps):
        rows = draws.integers(len(images), size=64)
        loss = nn.CrossEntropyLoss()(model(images[rows].to(device)), labels[rows].to(device))
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    model.cpu().eval()
    state = {name: value.detach() for name, value in model.state_dict().items()}
    return state, lambda new: model(new).detach().argmax(dim=1)


# %% vacuous untrained
def train_transfer(images, labels, steps, seed, pretrained=None):
    model = TransferCNN().eval()
    state = {name: value.clone() for name, value in model.state_dict().items()}
    return state, lambda new: model(new).argmax(1)


# %% vacuous returns_what_it_got
def train_transfer(images, labels, steps, seed, pretrained=None):
    return pretrained or {}, lambda new: torch.zeros(len(new), dtype=torch.int64)
