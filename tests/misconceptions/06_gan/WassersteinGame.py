"""Answers to `WassersteinGame`: what students write, right and wrong."""

# %% wrong no_create_graph
# check: WassersteinGame-critic_step
# says: create_graph: the penalty moved no weight
# -         (slopes,) = torch.autograd.grad(scores.sum(), points, create_graph=True)
# +         (slopes,) = torch.autograd.grad(scores.sum(), points)

# %% wrong penalty_as_a_number
# check: WassersteinGame-penalty
# says: expected a tensor
# -         return ((slopes.norm(dim=1) - 1) ** 2).mean()
# +         return ((slopes.norm(dim=1) - 1) ** 2).mean().item()

# %% wrong penalty_detached
# check: WassersteinGame-critic_step
# says: create_graph: the penalty moved no weight
# -         loss = loss + strength * self.gradient_penalty(real, fake, mix)
# +         loss = loss + strength * self.gradient_penalty(real, fake, mix).detach()

# %% wrong norm_over_the_batch
# check: WassersteinGame-penalty
# says: norm over the batch
# -         return ((slopes.norm(dim=1) - 1) ** 2).mean()
# +         return (slopes.norm() - 1) ** 2

# %% wrong squeezed
# check: WassersteinGame-penalty
# says: norm over the batch
# -         return ((slopes.norm(dim=1) - 1) ** 2).mean()
# +         return ((slopes.squeeze().norm(dim=-1) - 1) ** 2).mean()

# %% wrong norm_along_axis_0
# check: WassersteinGame-penalty
# says: features are axis 1
# -         return ((slopes.norm(dim=1) - 1) ** 2).mean()
# +         return ((slopes.norm(dim=0) - 1) ** 2).mean()

# %% wrong square_of_the_norm
# check: WassersteinGame-penalty
# says: the root is missing
# -         return ((slopes.norm(dim=1) - 1) ** 2).mean()
# +         return (((slopes**2).sum(dim=1) - 1) ** 2).mean()

# %% wrong target_zero
# check: WassersteinGame-penalty
# says: the slope should be 1
# -         return ((slopes.norm(dim=1) - 1) ** 2).mean()
# +         return (slopes.norm(dim=1) ** 2).mean()

# %% wrong one_sided
# check: WassersteinGame-penalty
# says: one-sided
# -         return ((slopes.norm(dim=1) - 1) ** 2).mean()
# +         return (F.relu(slopes.norm(dim=1) - 1) ** 2).mean()

# %% wrong sum_for_mean
# check: WassersteinGame-penalty
# says: sum for mean
# -         return ((slopes.norm(dim=1) - 1) ** 2).mean()
# +         return ((slopes.norm(dim=1) - 1) ** 2).sum()

# %% wrong mean_of_the_scores
# check: WassersteinGame-penalty
# says: the slopes of a mean
# -         (slopes,) = torch.autograd.grad(scores.sum(), points, create_graph=True)
# +         (slopes,) = torch.autograd.grad(scores.mean(), points, create_graph=True)

# %% wrong mix_swapped
# check: WassersteinGame-penalty
# says: mix is the share of the real sample
# -         points = (mix * real + (1 - mix) * fake).requires_grad_()
# +         points = (mix * fake + (1 - mix) * real).requires_grad_()

# %% wrong at_the_real_samples
# check: WassersteinGame-penalty
# says: mix them with the fakes
# -         points = (mix * real + (1 - mix) * fake).requires_grad_()
# +         points = real.clone().requires_grad_()

# %% wrong at_the_fakes
# check: WassersteinGame-penalty
# says: slopes at the fakes
# -         points = (mix * real + (1 - mix) * fake).requires_grad_()
# +         points = fake.clone().requires_grad_()

# %% wrong backward_in_the_penalty
# check: WassersteinGame-penalty
# says: is backward called in the penalty itself?
# -         return ((slopes.norm(dim=1) - 1) ** 2).mean()
# +         penalty = ((slopes.norm(dim=1) - 1) ** 2).mean()
# +         penalty.backward(retain_graph=True)
# +         return penalty

# %% wrong points_without_a_gradient
# check: WassersteinGame-penalty
# says: does not require grad
# raises: RuntimeError
# -         points = (mix * real + (1 - mix) * fake).requires_grad_()
# +         points = mix * real + (1 - mix) * fake

# %% wrong critic_uphill
# check: WassersteinGame-critic_step
# says: sign: its scores of fakes should fall
# -         loss = self.discriminator(fake).mean() - self.discriminator(real).mean()
# +         loss = self.discriminator(real).mean() - self.discriminator(fake).mean()

# %% wrong penalty_subtracted
# check: WassersteinGame-critic_step
# says: the penalty is subtracted
# -         loss = loss + strength * self.gradient_penalty(real, fake, mix)
# +         loss = loss - strength * self.gradient_penalty(real, fake, mix)

# %% wrong lambda_forgotten
# check: WassersteinGame-critic_step
# says: λ is missing
# -         loss = loss + strength * self.gradient_penalty(real, fake, mix)
# +         loss = loss + self.gradient_penalty(real, fake, mix)

# %% wrong always_ten
# check: WassersteinGame-critic_step
# says: λ is 10 here
# -         loss = loss + strength * self.gradient_penalty(real, fake, mix)
# +         loss = loss + 10 * self.gradient_penalty(real, fake, mix)

# %% wrong critic_keeps_old_gradients
# check: WassersteinGame-critic_step
# says: old gradients kept
# -         self.discriminator_optimizer.zero_grad()

# %% wrong critic_never_steps
# check: WassersteinGame-critic_step
# says: no step at all
# -         self.discriminator_optimizer.step()

# %% wrong fakes_not_detached
# check: WassersteinGame-critic_step
# says: detach the fakes
# -         fake = self.generator(noise).detach()
# +         fake = self.generator(noise)

# %% wrong loss_without_the_penalty
# check: WassersteinGame-critic_step
# says: expected the loss before the step
# -         loss = loss + strength * self.gradient_penalty(real, fake, mix)
# -         self.discriminator_optimizer.zero_grad()
# -         loss.backward()
# +         self.discriminator_optimizer.zero_grad()
# +         (loss + strength * self.gradient_penalty(real, fake, mix)).backward()

# %% wrong generator_uphill
# check: WassersteinGame-generator_step
# says: uphill
# -         loss = -self.discriminator(self.generator(noise)).mean()
# +         loss = self.discriminator(self.generator(noise)).mean()

# %% wrong loss_of_exercise_1
# check: WassersteinGame-generator_step
# says: the loss of exercise 1
# -         loss = -self.discriminator(self.generator(noise)).mean()
# +         loss = generator_loss(self.discriminator(self.generator(noise)))

# %% wrong generator_detached
# check: WassersteinGame-generator_step
# says: are the fakes detached
# -         loss = -self.discriminator(self.generator(noise)).mean()
# +         loss = -self.discriminator(self.generator(noise).detach()).mean()

# %% wrong generator_keeps_old_gradients
# check: WassersteinGame-generator_step
# says: old gradients kept
# -         self.generator_optimizer.zero_grad()

# %% wrong steps_both
# check: WassersteinGame-generator_step
# says: the critic moved in the generator's step
# -         self.generator_optimizer.step()
# +         self.generator_optimizer.step()
# +         self.discriminator_optimizer.step()


# %% wrong one_hidden_layer_only
# check: WassersteinGame-deeper
# says: three layers
class WassersteinGame(Players):
    """By the chain rule, for a critic with one hidden layer."""

    def gradient_penalty(self, real, fake, mix):
        first, second = self.discriminator[0], self.discriminator[2]
        hidden = first(mix * real + (1 - mix) * fake).tanh()
        slopes = (second.weight[:1] * (1 - hidden**2)) @ first.weight
        return ((slopes.norm(dim=1) - 1) ** 2).mean()

    def critic_step(self, real, noise, mix, strength):
        fake = self.generator(noise).detach()
        loss = self.discriminator(fake).mean() - self.discriminator(real).mean()
        loss = loss + strength * self.gradient_penalty(real, fake, mix)
        self.discriminator_optimizer.zero_grad()
        loss.backward()
        self.discriminator_optimizer.step()
        return loss.item()

    def generator_step(self, noise):
        loss = -self.discriminator(self.generator(noise)).mean()
        self.generator_optimizer.zero_grad()
        loss.backward()
        self.generator_optimizer.step()
        return loss.item()


# %% right one_after_the_other
class WassersteinGame(Players):
    """With a loop over the examples, and a tiny number under the root."""

    def gradient_penalty(self, real, fake, mix):
        total = 0
        for x, y, m in zip(real, fake, mix):
            point = (m * x + (1 - m) * y).detach().requires_grad_()
            (slope,) = torch.autograd.grad(
                self.discriminator(point[None]).squeeze(), point, create_graph=True
            )
            total = total + ((slope.square().sum() + 1e-12).sqrt() - 1) ** 2
        return total / len(real)

    def critic_step(self, real, noise, mix, strength):
        self.discriminator_optimizer.zero_grad()
        with torch.no_grad():
            fake = self.generator(noise)
        penalty = self.gradient_penalty(real, fake, mix)
        scores = self.discriminator(torch.cat([fake, real]))[:, 0]
        loss = scores[: len(fake)].mean() - scores[len(fake) :].mean() + strength * penalty
        loss.backward()
        self.discriminator_optimizer.step()
        return float(loss)

    def generator_step(self, noise):
        self.discriminator.requires_grad_(False)
        self.generator_optimizer.zero_grad()
        loss = self.discriminator(self.generator(noise)).mean().neg()
        loss.backward()
        self.generator_optimizer.step()
        self.discriminator.requires_grad_(True)
        return loss.item()


# %% right functional
class WassersteinGame(Players):
    """With torch.func for the inner gradient."""

    def gradient_penalty(self, real, fake, mix):
        slope = torch.func.vmap(torch.func.grad(lambda point: self.discriminator(point)[0]))
        rows = slope(fake + mix * (real - fake))
        return (torch.linalg.vector_norm(rows, dim=1) - 1).square().mean()

    def critic_step(self, real, noise, mix, strength):
        fake = self.generator(noise).detach()
        loss = (self.discriminator(fake) - self.discriminator(real)).mean()
        loss = loss + strength * self.gradient_penalty(real, fake, mix)
        parameters = list(self.discriminator.parameters())
        gradients = torch.autograd.grad(loss, parameters, allow_unused=True, materialize_grads=True)
        for parameter, gradient in zip(parameters, gradients):
            parameter.grad = gradient
        self.discriminator_optimizer.step()
        return loss.item()

    def generator_step(self, noise):
        loss = -self.discriminator(self.generator(noise)).mean()
        self.generator.zero_grad()
        loss.backward()
        self.generator_optimizer.step()
        return loss.item()


# %% vacuous does_nothing
class WassersteinGame(Players):
    """Plays no turn."""

    def gradient_penalty(self, real, fake, mix):
        return torch.tensor(1.0)

    def critic_step(self, real, noise, mix, strength):
        return 0.0

    def generator_step(self, noise):
        return 0.0
