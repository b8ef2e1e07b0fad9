"""Answers to `quantize`: what students write, right and wrong."""

# %% wrong per_tensor
# check: quantize-codes
# says: per tensor
# -     largest = rows.abs().amax(dim=1)
# +     largest = rows.abs().max().expand(len(rows))

# %% wrong cut_off
# check: quantize-codes
# says: cut off toward zero
# -     codes = (rows / scales[:, None]).round().to(torch.int8)
# +     codes = (rows / scales[:, None]).to(torch.int8)

# %% wrong largest_over_128
# check: quantize-codes
# says: expected 127
# -     scales = torch.where(largest > 0, largest / (2 ** (bits - 1) - 1), torch.ones_like(largest))
# +     scales = torch.where(largest > 0, largest / 2 ** (bits - 1), torch.ones_like(largest))

# %% wrong one_number_as_scale
# check: quantize-codes
# says: this is per tensor
# -     return codes.view(weight.shape), scales
# +     return codes.view(weight.shape), scales.max()

# %% wrong zero_point
# check: quantize-codes
# says: the codes are symmetric
# -     scales = torch.where(largest > 0, largest / (2 ** (bits - 1) - 1), torch.ones_like(largest))
# -     codes = (rows / scales[:, None]).round().to(torch.int8)
# +     low, high = rows.amin(dim=1), rows.amax(dim=1)
# +     scales = (high - low) / (2**bits - 1)
# +     codes = ((rows - low[:, None]) / scales[:, None]).round() - 2 ** (bits - 1)
# +     codes = codes.to(torch.int8)

# %% wrong sign_of_the_largest
# check: quantize-codes
# says: counts without its sign
# -     largest = rows.abs().amax(dim=1)
# +     largest = rows.amax(dim=1)

# %% wrong ignores_the_bits
# check: quantize-codes
# says: do not depend on the bits
# -     scales = torch.where(largest > 0, largest / (2 ** (bits - 1) - 1), torch.ones_like(largest))
# +     scales = torch.where(largest > 0, largest / 127, torch.ones_like(largest))

# %% wrong floats
# check: quantize-codes
# says: codes must be int8
# -     codes = (rows / scales[:, None]).round().to(torch.int8)
# +     codes = (rows / scales[:, None]).round()

# %% wrong overflows
# check: quantize-codes
# says: an overflow
# -     codes = (rows / scales[:, None]).round().to(torch.int8)
# +     codes = ((rows / scales[:, None]).round() * 1.01).round().long().to(torch.int8)

# %% wrong row_of_zeros
# check: quantize-zeros
# says: a row of zeros divides by zero
# -     scales = torch.where(largest > 0, largest / (2 ** (bits - 1) - 1), torch.ones_like(largest))
# +     scales = largest / (2 ** (bits - 1) - 1)

# %% wrong tiny_scale_for_zeros
# check: quantize-zeros
# says: a row of zeros has the scale
# -     scales = torch.where(largest > 0, largest / (2 ** (bits - 1) - 1), torch.ones_like(largest))
# +     scales = largest.clamp(min=1e-8) / (2 ** (bits - 1) - 1)

# %% wrong one_scale_repeated
# check: quantize-accuracy
# says: a scale for each
# -     largest = rows.abs().amax(dim=1)
# +     largest = rows.abs().amax(dim=(0, 1)).repeat(len(rows))


# %% right row_by_row
def quantize(weight, bits=8):
    top = 2 ** (bits - 1) - 1
    codes, scales = torch.zeros_like(weight, dtype=torch.int8), []
    for code, row in zip(codes, weight):
        scale = row.abs().max().item() / top or 1.0
        code.copy_(torch.round(row / scale).clamp(-top, top))
        scales.append(scale)
    return codes, torch.tensor(scales)


# %% right in_numpy
def quantize(weight, bits=8):
    values = weight.numpy().astype(np.float64)
    top = 2 ** (bits - 1) - 1
    scales = np.abs(values).max(axis=tuple(range(1, values.ndim)), keepdims=True) / top
    scales[scales == 0] = 1
    codes = np.clip(np.rint(values / scales), -top, top).astype(np.int8)
    return torch.from_numpy(codes), torch.from_numpy(scales.ravel()).float()


# %% vacuous zeros
def quantize(weight, bits=8):
    return torch.zeros_like(weight, dtype=torch.int8), torch.ones(len(weight))
