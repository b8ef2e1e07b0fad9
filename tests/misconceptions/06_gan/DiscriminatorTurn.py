"""Answers to `DiscriminatorTurn`: what students write, right and wrong."""

# %% wrong no_detach
# check: DiscriminatorTurn-generator_untouched
# says: no detach
# -         fake = self.generator(noise).detach()
# +         fake = self.generator(noise)

# %% wrong steps_both
# check: DiscriminatorTurn-generator_untouched
# says: the generator moved in the discriminator's turn
# -         fake = self.generator(noise).detach()
# +         fake = self.generator(noise)
# -         self.discriminator_optimizer.step()
# +         self.discriminator_optimizer.step()
# +         self.generator_optimizer.step()

# %% wrong old_gradients_kept
# check: DiscriminatorTurn-again
# says: old gradients kept
# -         self.discriminator_optimizer.zero_grad()

# %% wrong clears_the_other_gradients
# check: DiscriminatorTurn-again
# says: old gradients kept
# -         self.discriminator_optimizer.zero_grad()
# +         self.generator_optimizer.zero_grad()

# %% wrong labels_swapped
# check: DiscriminatorTurn-one_step
# says: labels swapped
# -         loss = discriminator_loss(self.discriminator(real), self.discriminator(fake))
# +         loss = discriminator_loss(self.discriminator(fake), self.discriminator(real))

# %% wrong fakes_called_real
# check: DiscriminatorTurn-one_step
# says: it learns to call everything real
# -         loss = discriminator_loss(self.discriminator(real), self.discriminator(fake))
# +         loss = generator_loss(self.discriminator(real)) + generator_loss(self.discriminator(fake))

# %% wrong uphill
# check: DiscriminatorTurn-one_step
# says: uphill
# -         loss.backward()
# +         (-loss).backward()

# %% wrong never_steps
# check: DiscriminatorTurn-one_step
# says: is self.discriminator_optimizer stepped?
# -         self.discriminator_optimizer.step()

# %% wrong twice
# check: DiscriminatorTurn-one_step
# says: two steps in one turn
# -         loss = discriminator_loss(self.discriminator(real), self.discriminator(fake))
# +         for _ in range(2):
# +             loss = discriminator_loss(self.discriminator(real), self.discriminator(fake))
# +             self.discriminator_optimizer.zero_grad()
# +             loss.backward()
# +             self.discriminator_optimizer.step()
# +         return loss.item()

# %% wrong returns_a_tensor
# check: DiscriminatorTurn-one_step
# says: expected the loss before the step
# -         return loss.item()
# +         return loss


# %% wrong freezes_the_generator
# check: DiscriminatorTurn-generator_untouched
# says: require no gradient
# -         fake = self.generator(noise).detach()
# +         self.generator.requires_grad_(False)
# +         fake = self.generator(noise)

# %% wrong clears_before_the_step
# check: DiscriminatorTurn-one_step
# says: zero_grad before it, not after?
# -         self.discriminator_optimizer.zero_grad()
# -         loss.backward()
# +         loss.backward()
# +         self.discriminator_optimizer.zero_grad()

# %% wrong the_first_loss_again
# check: DiscriminatorTurn-again
# says: expected
# -         return loss.item()
# +         self.first = getattr(self, "first", loss.item())
# +         return self.first


# %% wrong loss_without_a_gradient_far_out
# check: DiscriminatorTurn-again
# says: has your discriminator_loss a gradient there?
class DiscriminatorTurn(Players):
    """With a loss whose value is right and whose gradient is 0 times infinity far out."""

    def discriminator_step(self, real, noise):
        def softplus(z):
            return torch.where(z > 50, z, torch.log(1 + torch.exp(z)))

        fake = self.generator(noise).detach()
        loss = discriminator_loss(self.discriminator(real), self.discriminator(fake))
        careless = softplus(-self.discriminator(real)).mean()
        careless = careless + softplus(self.discriminator(fake)).mean()
        self.discriminator_optimizer.zero_grad()
        careless.backward()
        self.discriminator_optimizer.step()
        return loss.item()


# %% right no_grad_for_the_fakes
class DiscriminatorTurn(Players):
    """With the fakes made outside of any graph."""

    def discriminator_step(self, real, noise):
        self.discriminator_optimizer.zero_grad(set_to_none=False)
        with torch.no_grad():
            fake = self.generator(noise)
        logits = self.discriminator(torch.cat([real, fake]))
        loss = discriminator_loss(logits[: len(real)], logits[len(real) :])
        loss.backward()
        self.discriminator_optimizer.step()
        return float(loss)


# %% right gradients_by_hand
class DiscriminatorTurn(Players):
    """With gradients for the discriminator's weights only."""

    def discriminator_step(self, real, noise):
        parameters = list(self.discriminator.parameters())
        loss = discriminator_loss(
            self.discriminator(real), self.discriminator(self.generator(noise))
        )
        for parameter, gradient in zip(parameters, torch.autograd.grad(loss, parameters)):
            parameter.grad = gradient
        self.discriminator_optimizer.step()
        return loss.item()


# %% vacuous does_nothing
class DiscriminatorTurn(Players):
    """Plays no turn."""

    def discriminator_step(self, real, noise):
        return 1.386


# %% vacuous at_random
class DiscriminatorTurn(Players):
    """Moves both players somewhere."""

    def discriminator_step(self, real, noise):
        with torch.no_grad():
            for parameter in [*self.discriminator.parameters(), *self.generator.parameters()]:
                parameter += 0.1
        return 1.386
