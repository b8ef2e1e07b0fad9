"""Answers to `Game`: what students write, right and wrong."""

# %% wrong detached
# check: Game-one_step
# says: are the fakes detached
# -         loss = generator_loss(self.discriminator(self.generator(noise)))
# +         loss = generator_loss(self.discriminator(self.generator(noise).detach()))

# %% wrong saturating
# check: Game-one_step
# says: saturating
# -         loss = generator_loss(self.discriminator(self.generator(noise)))
# +         loss = -F.softplus(self.discriminator(self.generator(noise))).mean()

# %% wrong labels_swapped
# check: Game-one_step
# says: it learns to be called fake
# -         loss = generator_loss(self.discriminator(self.generator(noise)))
# +         loss = F.softplus(self.discriminator(self.generator(noise))).mean()

# %% wrong uphill
# check: Game-one_step
# says: uphill
# -         loss.backward()
# +         (-loss).backward()

# %% wrong returns_a_tensor
# check: Game-one_step
# says: expected the loss before the step
# -         return loss.item()
# +         return loss

# %% wrong steps_both
# check: Game-discriminator_unchanged
# says: discriminator updated
# -         self.generator_optimizer.step()
# +         self.generator_optimizer.step()
# +         self.discriminator_optimizer.step()

# %% wrong detached_and_still
# check: Game-discriminator_unchanged
# says: are the fakes detached
# -         loss = generator_loss(self.discriminator(self.generator(noise)))
# +         with torch.no_grad():
# +             fake = self.generator(noise)
# +         loss = generator_loss(self.discriminator(fake))

# %% wrong old_gradients_kept
# check: Game-alternate
# says: old gradients kept
# -         loss = self.discriminator_step(real, noise)
# -         return loss, self.generator_step(noise)
# +         fake = self.generator(noise).detach()
# +         loss = discriminator_loss(self.discriminator(real), self.discriminator(fake))
# +         loss.backward()
# +         self.discriminator_optimizer.step()
# +         self.discriminator_optimizer.zero_grad()
# +         return loss.item(), self.generator_step(noise)

# %% wrong generator_first
# check: Game-alternate
# says: a round begins with the discriminator
# -         loss = self.discriminator_step(real, noise)
# -         return loss, self.generator_step(noise)
# +         loss = self.generator_step(noise)
# +         return self.discriminator_step(real, noise), loss

# %% wrong both_at_once
# check: Game-alternate
# says: old discriminator
# -         loss = self.discriminator_step(real, noise)
# -         return loss, self.generator_step(noise)
# +         loss = generator_loss(self.discriminator(self.generator(noise)))
# +         gradients = torch.autograd.grad(loss, list(self.generator.parameters()))
# +         first = self.discriminator_step(real, noise)
# +         for parameter, gradient in zip(self.generator.parameters(), gradients):
# +             parameter.grad = gradient
# +         self.generator_optimizer.step()
# +         return first, loss.item()

# %% wrong generator_gradients_kept
# check: Game-alternate
# says: those of the generator's last turn
# -         self.generator_optimizer.zero_grad()

# %% wrong losses_swapped
# check: Game-alternate
# says: two rounds returned the losses
# -         loss = self.discriminator_step(real, noise)
# -         return loss, self.generator_step(noise)
# +         loss = self.discriminator_step(real, noise)
# +         return self.generator_step(noise), loss


# %% wrong never_steps
# check: Game-one_step
# says: is self.generator_optimizer stepped?
# -         self.generator_optimizer.step()

# %% wrong freezes_the_discriminator
# check: Game-discriminator_unchanged
# says: require no gradient
# -         loss = generator_loss(self.discriminator(self.generator(noise)))
# +         self.discriminator.requires_grad_(False)
# +         loss = generator_loss(self.discriminator(self.generator(noise)))


# %% right frozen_discriminator
class Game(DiscriminatorTurn):
    """With the discriminator frozen while the generator plays."""

    def generator_step(self, noise):
        self.discriminator.requires_grad_(False)
        self.generator_optimizer.zero_grad()
        loss = generator_loss(self.discriminator(self.generator(noise)))
        loss.backward()
        self.generator_optimizer.step()
        self.discriminator.requires_grad_(True)
        return loss.item()

    def play_round(self, real, noise):
        losses = [self.discriminator_step(real, noise), self.generator_step(noise)]
        return tuple(losses)


# %% right gradients_by_hand
class Game(DiscriminatorTurn):
    """With gradients for the generator's weights only."""

    def generator_step(self, noise):
        parameters = list(self.generator.parameters())
        logits = self.discriminator(self.generator(noise))
        loss = F.binary_cross_entropy_with_logits(logits, torch.ones_like(logits))
        for parameter, gradient in zip(parameters, torch.autograd.grad(loss, parameters)):
            parameter.grad = gradient
        self.generator_optimizer.step()
        return float(loss)

    def play_round(self, real, noise):
        first = self.discriminator_step(real, noise)
        second = self.generator_step(noise)
        return first, second


# %% vacuous does_nothing
class Game(DiscriminatorTurn):
    """Plays no turn."""

    def generator_step(self, noise):
        return 0.693

    def play_round(self, real, noise):
        return 1.386, 0.693


# %% vacuous at_random
class Game(DiscriminatorTurn):
    """Moves both players somewhere."""

    def generator_step(self, noise):
        with torch.no_grad():
            for parameter in [*self.discriminator.parameters(), *self.generator.parameters()]:
                parameter += 0.1
        return 0.693

    def play_round(self, real, noise):
        return 1.386, self.generator_step(noise)
