"""Answers to `train_gan`: what students write, right and wrong."""

# %% wrong trains_on_the_global_digits
# check: train_gan-given_data
# says: train on the images that are given
# -     torch.manual_seed(seed)
# +     images = train_digits
# +     torch.manual_seed(seed)

# %% wrong training_mode
# check: train_gan-given_data
# says: batch normalization in training mode
# -     average.eval()

# %% wrong generator_never_steps
# check: train_gan-given_data
# says: do both players learn?
# -         step_generator.step()

# %% wrong draws_its_own_noise
# check: train_gan-given_data
# says: another picture at the second call
# -         return average(noise.to(device)).cpu()
# +         return average(torch.randn_like(noise).to(device)).cpu()

# %% wrong no_sigmoid_at_the_end
# check: train_gan-given_data
# says: end in a sigmoid
# -     generator = nn.Sequential(*layers, nn.Linear(128, 64), nn.Sigmoid()).to(device)
# +     generator = nn.Sequential(*layers, nn.Linear(128, 64)).to(device)

# %% wrong losses_swapped
# check: train_gan-given_data
# says: the pair swapped?
# -         losses.append((loss.item(), fooled.item()))
# +         losses.append((fooled.item(), loss.item()))

# %% wrong one_loss_a_round
# check: train_gan-given_data
# says: expected a pair
# -         losses.append((loss.item(), fooled.item()))
# +         losses += [loss.item(), fooled.item()]
# -     return generate, losses
# +     return generate, [losses[k : k + 1] for k in range(0, len(losses), 2)]

# %% wrong seeds_the_draws_only
# check: train_gan-given_data
# says: seed weights and draws
# -     torch.manual_seed(seed)
# +     torch.seed()

# %% wrong returns_copies
# check: train_gan-digits
# says: memorized
# -     return generate, losses
# +     def copies(noise):
# +         rows = (noise.sum(dim=1) * 1000).long() % len(images)
# +         return images[rows]
# +
# +     return copies, losses
# -     for _ in range(steps):
# +     for _ in range(3):

# %% wrong no_batch_normalization
# check: train_gan-digits
# says: mode collapse
# -         layers += [nn.Linear(inputs, 128), nn.BatchNorm1d(128), nn.ReLU()]
# +         layers += [nn.Linear(inputs, 128), nn.ReLU()]

# %% wrong stops_early
# check: train_gan-digits
# says: mode collapse
# -     for _ in range(steps):
# +     for _ in range(steps // 8):

# %% wrong returns_copies_with_noise
# check: train_gan-digits
# says: memorized
# -     return generate, losses
# +     def copies(noise):
# +         rows = (noise.sum(dim=1) * 1000).long() % len(images)
# +         return (images[rows] + 0.05 * noise.repeat(1, 4)).clamp(0, 1)
# +
# +     return copies, losses
# -     for _ in range(steps):
# +     for _ in range(3):

# %% wrong one_digit_only
# check: train_gan-digits
# says: mode collapse
# -     return generate, losses
# +     return lambda noise: (images[3] + 0.2 * noise.repeat(1, 4)).clamp(0, 1), losses
# -     for _ in range(steps):
# +     for _ in range(3):

# %% wrong copies_under_more_noise
# check: train_gan-digits
# says: the pictures jump
# -     return generate, losses
# +     def copies(noise):
# +         rows = (noise.sum(dim=1) * 1000).long() % len(images)
# +         return (images[rows] + 0.2 * noise.repeat(1, 4)).clamp(0, 1)
# +
# +     return copies, losses
# -     for _ in range(steps):
# +     for _ in range(3):

# %% wrong shapeless
# check: train_gan-digits
# says: these are no strokes
# -     return generate, losses
# +     def blurred(noise):
# +         share = noise[:, :10].mul(3).softmax(dim=1)
# +         means = torch.stack([images[train_labels == k].mean(dim=0) for k in range(10)])
# +         return (share @ means + 0.6 * noise.repeat(1, 4)).clamp(0, 1)
# +
# +     return blurred, losses
# -     for _ in range(steps):
# +     for _ in range(3):


# %% right averaged_model
def train_gan(images, steps, seed):
    from torch.optim.swa_utils import AveragedModel, get_ema_multi_avg_fn

    class Generator(nn.Module):
        def __init__(self):
            super().__init__()
            self.first, self.second, self.last = (
                nn.Linear(16, 128), nn.Linear(128, 128), nn.Linear(128, 64)
            )  # fmt: skip
            self.norms = nn.ModuleList([nn.BatchNorm1d(128), nn.BatchNorm1d(128)])

        def forward(self, noise):
            hidden = F.leaky_relu(self.norms[0](self.first(noise)), 0.1)
            hidden = F.leaky_relu(self.norms[1](self.second(hidden)), 0.1)
            return torch.sigmoid(self.last(hidden))

    rng = torch.Generator().manual_seed(1000 + seed)
    with torch.random.fork_rng():
        torch.manual_seed(seed)
        generator = Generator()
        critic = nn.Sequential(
            nn.Linear(64, 128), nn.LeakyReLU(0.2), nn.Linear(128, 128), nn.LeakyReLU(0.2),
            nn.Linear(128, 1),
        )  # fmt: skip
    smooth = AveragedModel(generator, multi_avg_fn=get_ema_multi_avg_fn(0.99), use_buffers=False)
    fast = torch.optim.Adam(critic.parameters(), lr=0.005, betas=(0.5, 0.9))
    slow = torch.optim.Adam(generator.parameters(), lr=0.002, betas=(0.5, 0.9))
    losses = []
    for _ in range(steps):
        rows = torch.randperm(len(images), generator=rng)[:64]
        with torch.no_grad():
            fake = generator(torch.randn(64, 16, generator=rng))
        fast.zero_grad()
        judged = discriminator_loss(critic(images[rows]), critic(fake))
        judged.backward()
        fast.step()
        slow.zero_grad()
        passed = generator_loss(critic(generator(torch.randn(64, 16, generator=rng))))
        passed.backward()
        slow.step()
        smooth.update_parameters(generator)
        losses.append([judged.item(), passed.item()])
    smooth.module.load_state_dict(
        {k: v for k, v in generator.state_dict().items() if "norms" in k and "running" in k},
        strict=False,
    )
    smooth.eval()

    def generate(noise):
        with torch.inference_mode():
            return smooth(noise).clone()

    return generate, losses


# %% right state_dict_average
def train_gan(images, steps, seed):
    torch.manual_seed(seed)
    block = lambda a, b: [nn.Linear(a, b), nn.BatchNorm1d(b), nn.ReLU()]  # noqa: E731
    generator = nn.Sequential(*block(16, 128), *block(128, 128), nn.Linear(128, 64))
    discriminator = nn.Sequential(
        nn.Linear(64, 128),
        nn.LeakyReLU(0.2),
        nn.Linear(128, 128),
        nn.LeakyReLU(0.2),
        nn.Linear(128, 1),
    )
    adam = dict(betas=(0.5, 0.95), fused=True)
    g_opt = torch.optim.Adam(generator.parameters(), 0.002, **adam)
    d_opt = torch.optim.Adam(discriminator.parameters(), 0.005, **adam)
    mean = {k: v.detach().clone() for k, v in generator.state_dict().items()}
    losses = []
    for _ in range(steps):
        x = images[torch.randint(len(images), (64,))]
        fake = generator(torch.randn(64, 16)).sigmoid()
        d_opt.zero_grad()
        d_loss = (
            F.softplus(-discriminator(x)).mean() + F.softplus(discriminator(fake.detach())).mean()
        )
        d_loss.backward()
        d_opt.step()
        g_opt.zero_grad()
        g_loss = F.softplus(-discriminator(fake)).mean()
        g_loss.backward()
        g_opt.step()
        losses.append((d_loss.item(), g_loss.item()))
        for name, value in generator.state_dict().items():
            if value.is_floating_point():
                mean[name] += 0.01 * (value - mean[name])
    generator.load_state_dict(mean)
    generator.eval()
    return lambda noise: generator(noise).sigmoid().detach(), losses


# %% vacuous untrained
def train_gan(images, steps, seed):
    torch.manual_seed(seed)
    network = nn.Sequential(nn.Linear(16, 64), nn.Sigmoid())
    losses = [(1.386 + 0.001 * seed, 0.693) for _ in range(steps)]
    return lambda noise: network(noise).detach(), losses


# %% vacuous gray
def train_gan(images, steps, seed):
    losses = [(1.386 + 0.001 * seed, 0.693) for _ in range(steps)]
    return lambda noise: torch.full((len(noise), 64), 0.5), losses
