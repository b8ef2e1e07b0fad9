"""Answers to `train_gan`: what students write, right and wrong."""

# %% wrong keeps_the_generator_that_goes_on
# check: train_gan-kept
# says: is it a copy, at its place
# -             kept[turn] = functools.partial(paint, copy.deepcopy(average).eval())
# +             kept[turn] = functools.partial(paint, average.eval())

# %% wrong kept_in_the_order_of_training
# check: train_gan-kept
# says: at its place in the order of `moments`
# -     return [kept[moment] for moment in moments], losses
# +     return list(kept.values()), losses

# %% wrong only_the_last
# check: train_gan-kept
# says: expected 3 and 5
# -     return [kept[moment] for moment in moments], losses
# +     return [kept[max(moments)]], losses

# %% wrong one_round_too_few
# check: train_gan-kept
# says: is everything drawn from `seed`
# -     rng = torch.Generator().manual_seed(seed)
# +     rng = torch.Generator().manual_seed(seed + max(moments))

# %% wrong draws_anew_each_time
# check: train_gan-kept
# says: is everything drawn from `seed`
# -     rng = torch.Generator().manual_seed(seed)
# +     rng = torch.Generator()
# +     rng.seed()

# %% wrong seed_ignored
# check: train_gan-kept
# says: is `seed` used?
# -     generator, discriminator = digit_players(seed)
# +     seed = 5
# +     generator, discriminator = digit_players(seed)

# %% wrong one_list_of_losses
# check: train_gan-kept
# says: expected 3 and 5
# -         losses.append((loss.item(), fooled.item()))
# +         losses += [loss.item(), fooled.item()]

# %% wrong trains_the_average
# check: train_gan-kept
# says: the average follows; it is not the one that is trained
# -         if turn in moments:
# +         generator.load_state_dict(average.state_dict())
# +         if turn in moments:

# %% wrong buffers_copied
# check: train_gan-kept
# says: are the buffers of batch normalization copied
# -         if turn in moments:
# +         for slow, fast in zip(average.buffers(), generator.buffers()):
# +             slow.copy_(fast)
# +         if turn in moments:

# %% wrong training_mode
# check: train_gan-first_round
# says: call .eval() on the copy
# -             kept[turn] = functools.partial(paint, copy.deepcopy(average).eval())
# +             kept[turn] = functools.partial(paint, copy.deepcopy(average))

# %% wrong no_average
# check: train_gan-first_round
# says: this is the generator itself
# -             kept[turn] = functools.partial(paint, copy.deepcopy(average).eval())
# +             kept[turn] = functools.partial(paint, copy.deepcopy(generator).eval())

# %% wrong share_ignored
# check: train_gan-first_round
# says: a pixel is off by
# -         average.load_state_dict(moving_average(average.state_dict(), generator.state_dict(), share))
# +         average.load_state_dict(moving_average(average.state_dict(), generator.state_dict(), 0.01))

# %% wrong trains_on_the_global_digits
# check: train_gan-first_round
# says: trained on other images
# -     generator, discriminator = digit_players(seed)
# +     images = train_digits
# +     generator, discriminator = digit_players(seed)

# %% wrong losses_swapped
# check: train_gan-first_round
# says: the losses are swapped
# -         losses.append((loss.item(), fooled.item()))
# +         losses.append((fooled.item(), loss.item()))

# %% wrong saturating
# check: train_gan-first_round
# says: saturating
# -         fooled.backward()
# +         (-F.softplus(discriminator(fake)).mean()).backward()

# %% wrong sigmoid_before_the_loss
# check: train_gan-first_round
# says: losses tensor
# -         loss = discriminator_loss(discriminator(real), discriminator(fake.detach()))
# +         loss = discriminator_loss(
# +             discriminator(real).sigmoid(), discriminator(fake.detach()).sigmoid()
# +         )

# %% wrong batches_of_16
# check: train_gan-first_round
# says: losses tensor
# -         real, noise = draw_batch(images, rng)
# +         real, noise = (x[:16] for x in draw_batch(images, rng))

# %% wrong other_noise_for_the_generator
# check: train_gan-first_round
# says: other noise than the discriminator's
# -         fooled = generator_loss(discriminator(fake))
# +         fooled = generator_loss(discriminator(generator(draw_batch(images, rng)[1])))

# %% wrong old_discriminator
# check: train_gan-first_round
# says: plays against an old discriminator
# -         discriminator_optimizer.zero_grad()
# -         loss.backward()
# -         discriminator_optimizer.step()
# -         fooled = generator_loss(discriminator(fake))
# -         generator_optimizer.zero_grad()
# -         fooled.backward()
# -         generator_optimizer.step()
# +         fooled = generator_loss(discriminator(fake))
# +         generator_optimizer.zero_grad()
# +         fooled.backward()
# +         generator_optimizer.step()
# +         discriminator_optimizer.zero_grad()
# +         loss.backward()
# +         discriminator_optimizer.step()

# %% wrong rates_exchanged
# check: train_gan-first_round
# says: the rates are exchanged
# -     generator_optimizer = adam(generator.parameters(), lr=rates[0])
# +     generator_optimizer = adam(generator.parameters(), lr=rates[1])
# -     discriminator_optimizer = adam(discriminator.parameters(), lr=rates[1])
# +     discriminator_optimizer = adam(discriminator.parameters(), lr=rates[0])

# %% wrong rates_ignored
# check: train_gan-first_round
# says: `rates` is not used
# -     generator_optimizer = adam(generator.parameters(), lr=rates[0])
# +     generator_optimizer = adam(generator.parameters(), lr=0.002)
# -     discriminator_optimizer = adam(discriminator.parameters(), lr=rates[1])
# +     discriminator_optimizer = adam(discriminator.parameters(), lr=0.005)

# %% wrong one_rate_for_both
# check: train_gan-first_round
# says: expected
# -     discriminator_optimizer = adam(discriminator.parameters(), lr=rates[1])
# +     discriminator_optimizer = adam(discriminator.parameters(), lr=rates[0])

# %% wrong generator_never_steps
# check: train_gan-first_round
# says: a pixel is off by
# -         generator_optimizer.step()

# %% wrong draws_its_own_noise
# check: train_gan-first_round
# says: a pixel is off by
# -     return [kept[moment] for moment in moments], losses
# +     return [
# +         lambda noise, m=m: kept[m](torch.randn(noise.shape, generator=rng)) for m in moments
# +     ], losses

# %% wrong much_momentum
# check: train_gan-more_rounds
# says: betas: Adam's own are used
# -     adam = functools.partial(torch.optim.Adam, betas=(0.5, 0.9), fused=True)
# +     adam = torch.optim.Adam

# %% wrong old_gradients_in_the_discriminator
# check: train_gan-more_rounds
# says: old gradients kept in the discriminator
# -         discriminator_optimizer.zero_grad()

# %% wrong old_gradients_in_the_generator
# check: train_gan-more_rounds
# says: old gradients kept in the generator
# -         generator_optimizer.zero_grad()

# %% wrong one_optimizer_for_each_round
# check: train_gan-more_rounds
# says: three rounds
# -         real, noise = draw_batch(images, rng)
# +         real, noise = draw_batch(images, rng)
# +         generator_optimizer = adam(generator.parameters(), lr=rates[0])

# %% wrong stops_early
# check: train_gan-digits
# says: mode collapse
# -         generator_optimizer.step()
# +         if turn < 80:
# +             generator_optimizer.step()

# %% wrong discriminator_frozen_later
# check: train_gan-digits
# says: train_gan: 600 rounds
# -         discriminator_optimizer.step()
# +         if turn < 80:
# +             discriminator_optimizer.step()

# %% wrong returns_copies_later
# check: train_gan-digits
# says: are these training pictures?
# -     return [kept[moment] for moment in moments], losses
# +     def copies(noise):
# +         rows = (noise.sum(dim=1) * 1000).long() % len(images)
# +         return images[rows]
# +
# +     return [kept[moment] if moment < 9 else copies for moment in moments], losses


# %% right averaged_model
def train_gan(images, moments, seed, share=0.01, rates=(0.002, 0.005)):
    from torch.optim.swa_utils import AveragedModel, get_ema_multi_avg_fn

    generator, critic = digit_players(seed)
    rng = torch.Generator().manual_seed(seed)
    average = AveragedModel(
        generator, multi_avg_fn=get_ema_multi_avg_fn(1 - share), use_buffers=True
    )
    average.n_averaged += 1  # the untrained generator is the first of the average
    fast = torch.optim.Adam(critic.parameters(), lr=rates[1], betas=(0.5, 0.9))
    slow = torch.optim.Adam(generator.parameters(), lr=rates[0], betas=(0.5, 0.9))
    losses, kept = [], {}
    for turn in range(max(moments)):
        real, noise = draw_batch(images, rng)
        fakes = generator(noise)
        logits = critic(torch.cat([real, fakes.detach()])).chunk(2)
        judged = F.softplus(-logits[0]).mean() + F.softplus(logits[1]).mean()
        fast.zero_grad()
        judged.backward()
        fast.step()
        passed = generator_loss(critic(fakes))
        slow.zero_grad()
        passed.backward()
        slow.step()
        average.update_parameters(generator)
        losses.append([judged.item(), passed.item()])
        if turn + 1 in moments:
            frozen = copy.deepcopy(average.module)
            frozen.eval()
            kept[turn + 1] = lambda noise, frozen=frozen: paint(frozen, noise)
    return [kept[m] for m in moments], losses


# %% right weights_as_lists
def train_gan(images, moments, seed, share=0.01, rates=(0.002, 0.005)):
    generator, discriminator = digit_players(seed)
    rng = torch.Generator().manual_seed(seed)
    players = (generator, rates[0]), (discriminator, rates[1])
    first, second = (
        torch.optim.Adam(p.parameters(), rate, betas=(0.5, 0.9), foreach=True)
        for p, rate in players
    )
    state = {name: value.detach().clone() for name, value in generator.state_dict().items()}
    kept, losses = [None] * len(moments), []
    while len(losses) < max(moments):
        real, noise = draw_batch(images, rng)
        fake = generator(noise)
        pair = [discriminator_loss(discriminator(real), discriminator(fake.detach()))]
        second.zero_grad()
        pair[0].backward()
        second.step()
        discriminator.requires_grad_(False)
        pair.append(generator_loss(discriminator(fake)))
        first.zero_grad()
        pair[1].backward()
        first.step()
        discriminator.requires_grad_(True)
        losses.append(tuple(float(one) for one in pair))
        for name, value in generator.state_dict().items():
            if value.is_floating_point():
                state[name] += share * (value - state[name])
        for place, moment in enumerate(moments):
            if moment == len(losses):
                network = digit_players(0)[0].eval()
                network.load_state_dict(state)
                kept[place] = functools.partial(paint, network)
    return kept, losses


# %% vacuous untrained
def train_gan(images, moments, seed, share=0.01, rates=(0.002, 0.005)):
    network = digit_players(seed)[0].eval()
    losses = [(1.386 + 0.001 * seed, 0.693) for _ in range(max(moments))]
    return [functools.partial(paint, network) for _ in moments], losses
