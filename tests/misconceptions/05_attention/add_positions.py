"""Answers to `add_positions`: what students write, right and wrong."""

# %% wrong sine_and_cosine_swapped
# check: add_positions-formula
# says: sine and cosine are swapped
# -     waves[:, 0::2] = angles.sin()
# -     waves[:, 1::2] = angles.cos()
# +     waves[:, 0::2] = angles.cos()
# +     waves[:, 1::2] = angles.sin()

# %% wrong along_the_batch
# check: add_positions-formula
# says: along the batch axis
# -     count, size = x.shape[1:]
# +     count, size = len(x), x.shape[2]
# -     return x + waves
# +     return x + waves[:, None]

# %% wrong counts_from_one
# check: add_positions-formula
# says: expected from 0
# -     places = torch.arange(count, device=x.device, dtype=x.dtype)
# +     places = torch.arange(1, count + 1, device=x.device, dtype=x.dtype)

# %% wrong halves
# check: add_positions-formula
# says: all sines first
# -     waves[:, 0::2] = angles.sin()
# -     waves[:, 1::2] = angles.cos()
# +     waves[:, : size // 2] = angles.sin()
# +     waves[:, size // 2 :] = angles.cos()

# %% wrong k_over_d
# check: add_positions-formula
# says: expected 2k / D
# -     rates = 10_000.0 ** (-torch.arange(0, size, 2, device=x.device, dtype=x.dtype) / size)
# +     rates = 10_000.0 ** (-torch.arange(size // 2, device=x.device, dtype=x.dtype) / size)

# %% wrong twice_two
# check: add_positions-formula
# says: is 2k taken twice
# -     rates = 10_000.0 ** (-torch.arange(0, size, 2, device=x.device, dtype=x.dtype) / size)
# +     rates = 10_000.0 ** (-2 * torch.arange(0, size, 2, device=x.device, dtype=x.dtype) / size)

# %% wrong another_base
# check: add_positions-formula
# says: is added, expected
# -     rates = 10_000.0 ** (-torch.arange(0, size, 2, device=x.device, dtype=x.dtype) / size)
# +     rates = 1_000.0 ** (-torch.arange(0, size, 2, device=x.device, dtype=x.dtype) / size)

# %% wrong changes_the_vectors
# check: add_positions-formula
# says: modified its argument
# -     return x + waves
# +     x += waves
# +     return x

# %% wrong scaled_as_in_the_paper
# check: add_positions-long
# says: are scaled
# -     return x + waves
# +     return waves + x * (size**0.5 if size == 64 else 1)

# %% wrong only_short_sequences
# check: add_positions-long
# says: position 250
# -     places = torch.arange(count, device=x.device, dtype=x.dtype)
# +     places = torch.arange(count, device=x.device, dtype=x.dtype) % 64

# %% wrong a_slightly_different_base
# check: add_positions-formula
# says: is added, expected
# -     rates = 10_000.0 ** (-torch.arange(0, size, 2, device=x.device, dtype=x.dtype) / size)
# +     rates = 10_001.0 ** (-torch.arange(0, size, 2, device=x.device, dtype=x.dtype) / size)

# %% wrong half_precision
# check: add_positions-formula
# says: is added, expected
# -     angles = places[:, None] * rates
# +     angles = (places[:, None] * rates).half().to(x.dtype)


# %% right loops
def add_positions(x):
    waves = np.zeros(x.shape[1:])
    for t in range(x.shape[1]):
        for k in range(x.shape[2] // 2):
            angle = t / 10_000 ** (2 * k / x.shape[2])
            waves[t, 2 * k : 2 * k + 2] = np.sin(angle), np.cos(angle)
    return x + torch.tensor(waves, dtype=x.dtype, device=x.device)


# %% right exponential_and_stack
def add_positions(x):
    _, T, D = x.shape
    rates = torch.exp(torch.arange(0, D, 2) * (-np.log(10_000.0) / D))
    angles = torch.outer(torch.arange(T).float(), rates).double()
    waves = torch.stack([torch.sin(angles), torch.cos(angles)], dim=-1).reshape(T, D)
    return x + waves.to(x)


# %% vacuous unchanged
def add_positions(x):
    return x


# %% vacuous ones
def add_positions(x):
    return x + 1
