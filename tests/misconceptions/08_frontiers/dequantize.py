"""Answers to `dequantize`: what students write, right and wrong."""

# %% wrong along_the_last_axis
# check: dequantize-round_trip
# says: along the last axis
# -     return codes * scales.view(-1, *[1] * (codes.ndim - 1))
# +     if codes.shape[-1] == len(scales):
# +         return codes * scales
# +     return codes * scales.view(-1, *[1] * (codes.ndim - 1))

# %% wrong divides
# check: dequantize-round_trip
# says: code times the scale
# -     return codes * scales.view(-1, *[1] * (codes.ndim - 1))
# +     return codes / scales.view(-1, *[1] * (codes.ndim - 1))

# %% wrong one_scale
# check: dequantize-round_trip
# says: code times the scale
# -     return codes * scales.view(-1, *[1] * (codes.ndim - 1))
# +     return codes * scales.max()

# %% wrong stays_int8
# check: dequantize-round_trip
# says: expected floats
# -     return codes * scales.view(-1, *[1] * (codes.ndim - 1))
# +     return (codes * scales.view(-1, *[1] * (codes.ndim - 1))).to(torch.int8)

# %% wrong flattened
# check: dequantize-round_trip
# says: in the same shape
# -     return codes * scales.view(-1, *[1] * (codes.ndim - 1))
# +     return codes.flatten(1) * scales[:, None]


# %% right row_by_row
def dequantize(codes, scales):
    return torch.stack([row.float() * scale for row, scale in zip(codes, scales)])


# %% right einsum
def dequantize(codes, scales):
    return torch.einsum("k...,k->k...", codes.double(), scales.double())


# %% vacuous codes_as_floats
def dequantize(codes, scales):
    return codes.float()


# %% vacuous zeros
def dequantize(codes, scales):
    return torch.zeros(codes.shape)
