"""Answers to `sample_symbols`: what students write, right and wrong."""

# %% wrong temperature_multiplies
# check: sample_symbols-temperature
# says: multiplied by the temperature
# -     probabilities = (logits / temperature).softmax(dim=1)
# +     probabilities = (logits * temperature).softmax(dim=1)

# %% wrong temperature_ignored
# check: sample_symbols-temperature
# says: changes nothing
# -     probabilities = (logits / temperature).softmax(dim=1)
# +     probabilities = logits.softmax(dim=1)

# %% wrong divides_the_probabilities
# check: sample_symbols-temperature
# says: changes nothing
# -     probabilities = (logits / temperature).softmax(dim=1)
# +     probabilities = logits.softmax(dim=1) / temperature

# %% wrong takes_the_largest
# check: sample_symbols-temperature
# says: is each row drawn
# -     return torch.multinomial(probabilities, 1, generator=generator)[:, 0]
# +     return probabilities.argmax(dim=1)

# %% wrong softmax_over_the_batch
# check: sample_symbols-temperature
# says: of the draws
# -     probabilities = (logits / temperature).softmax(dim=1)
# +     probabilities = (logits / temperature).softmax(dim=0)

# %% wrong exp_by_hand
# check: sample_symbols-temperature
# says: probability tensor contains either `inf`
# raises: RuntimeError
# -     probabilities = (logits / temperature).softmax(dim=1)
# +     weights = (logits / temperature).exp()
# +     probabilities = weights / weights.sum(dim=1, keepdim=True)

# %% wrong one_draw_for_all
# check: sample_symbols-temperature
# says: is each row drawn
# -     return torch.multinomial(probabilities, 1, generator=generator)[:, 0]
# +     drawn = torch.multinomial(probabilities[:1], 1, generator=generator)[:, 0]
# +     return drawn.expand(len(logits))

# %% wrong ignores_the_generator
# check: sample_symbols-temperature
# says: draw from `generator`
# -     return torch.multinomial(probabilities, 1, generator=generator)[:, 0]
# +     return torch.multinomial(probabilities, 1)[:, 0]

# %% wrong a_column
# check: sample_symbols-temperature
# says: expected (20000,)
# -     return torch.multinomial(probabilities, 1, generator=generator)[:, 0]
# +     return torch.multinomial(probabilities, 1, generator=generator)

# %% wrong divides_in_place
# check: sample_symbols-temperature
# says: modified its argument `logits`
# -     probabilities = (logits / temperature).softmax(dim=1)
# +     logits /= temperature
# +     probabilities = logits.softmax(dim=1)

# %% wrong loses_the_axis_of_a_single_row
# check: sample_symbols-temperature
# says: logits (1, 5): shape ()
# -     return torch.multinomial(probabilities, 1, generator=generator)[:, 0]
# +     return torch.multinomial(probabilities, 1, generator=generator).squeeze()


# %% right gumbel
def sample_symbols(logits, temperature, generator):
    uniform = torch.rand(logits.shape, generator=generator, dtype=torch.float64)
    noise = -torch.log(-torch.log(uniform.clamp(1e-12, 1 - 1e-12)))
    return (logits.double() / temperature + noise).argmax(dim=1)


# %% right cumulative_sum
def sample_symbols(logits, temperature, generator):
    scaled = logits / temperature
    weights = (scaled - scaled.amax(dim=1, keepdim=True)).exp()
    edges = (weights / weights.sum(dim=1, keepdim=True)).cumsum(dim=1)
    drawn = torch.rand(len(logits), 1, generator=generator, dtype=logits.dtype)
    return (drawn > edges).sum(dim=1).clamp(max=logits.shape[1] - 1)


# %% right shifted_by_a_maximum
def sample_symbols(logits, temperature, generator):
    shifted = (
        logits - logits[0].max()
    ) / temperature  # softmax does not see what is added to a row
    return torch.multinomial(shifted.softmax(dim=1), 1, generator=generator).squeeze(1)


# %% vacuous zeros
def sample_symbols(logits, temperature, generator):
    return torch.zeros(len(logits), dtype=torch.int64)


# %% vacuous uniform
def sample_symbols(logits, temperature, generator):
    return torch.randint(logits.shape[1], (len(logits),), generator=generator)
