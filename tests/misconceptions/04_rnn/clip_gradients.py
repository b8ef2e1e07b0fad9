"""Answers to `clip_gradients`: what students write, right and wrong."""

# %% wrong each_by_its_own_norm
# check: clip_gradients-global_norm
# says: clipped by its own norm
# -     factor = max_norm / norm if norm > max_norm else 1.0
# -     return [gradient * factor for gradient in gradients], norm
# +     own = [np.linalg.norm(gradient) for gradient in gradients]
# +     return [g * min(1, max_norm / n) for g, n in zip(gradients, own)], norm

# %% wrong each_entry
# check: clip_gradients-global_norm
# says: that changes the direction
# -     return [gradient * factor for gradient in gradients], norm
# +     return [np.clip(gradient, -max_norm, max_norm) for gradient in gradients], norm

# %% wrong scales_up
# check: clip_gradients-global_norm
# says: are scaled up
# -     factor = max_norm / norm if norm > max_norm else 1.0
# +     factor = max_norm / norm if norm > 0 else 1.0

# %% wrong sum_of_norms
# check: clip_gradients-global_norm
# says: the root of the sum of all squares
# -     norm = float(np.sqrt(sum((gradient**2).sum() for gradient in gradients)))
# +     norm = float(sum(np.sqrt((gradient**2).sum()) for gradient in gradients))

# %% wrong norm_after_clipping
# check: clip_gradients-global_norm
# says: before clipping
# -     return [gradient * factor for gradient in gradients], norm
# +     return [gradient * factor for gradient in gradients], norm * factor

# %% wrong in_place
# check: clip_gradients-global_norm
# says: modified the arrays in `gradients`
# -     return [gradient * factor for gradient in gradients], norm
# +     for gradient in gradients:
# +         gradient *= factor
# +     return gradients, norm

# %% wrong divides_by_zero
# check: clip_gradients-global_norm
# says: gradients of zeros become
# -     return [gradient * factor for gradient in gradients], norm
# +     return [gradient / norm * min(norm, max_norm) for gradient in gradients], norm

# %% wrong flattens
# check: clip_gradients-global_norm
# says: shapes are
# -     return [gradient * factor for gradient in gradients], norm
# +     return [gradient.ravel() * factor for gradient in gradients], norm

# %% wrong small_gradients_become_zeros
# check: clip_gradients-global_norm
# says: small gradients become zeros
# -     factor = max_norm / norm if norm > max_norm else 1.0
# +     factor = min(1.0, max_norm / norm) if norm > 1e-3 else 0.0

# %% wrong single_numbers_get_an_axis
# check: clip_gradients-global_norm
# says: shapes are
# -     return [gradient * factor for gradient in gradients], norm
# +     return [np.atleast_1d(gradient * factor) for gradient in gradients], norm


# %% right one_long_vector
def clip_gradients(gradients, max_norm):
    norm = np.linalg.norm(np.concatenate([g.reshape(-1) for g in gradients]))
    scale = min(1.0, max_norm / max(norm, 1e-300))
    return [scale * g for g in gradients], norm


# %% right by_torch
def clip_gradients(gradients, max_norm):
    parameters = []
    for gradient in gradients:
        parameters.append(nn.Parameter(torch.zeros(gradient.shape, dtype=torch.float64)))
        parameters[-1].grad = torch.tensor(gradient)
    norm = nn.utils.clip_grad_norm_(parameters, max_norm)
    return [parameter.grad.numpy() for parameter in parameters], norm.item()


# %% vacuous unchanged
def clip_gradients(gradients, max_norm):
    return [g.copy() for g in gradients], 1.0


# %% vacuous zeros
def clip_gradients(gradients, max_norm):
    return [np.zeros_like(g) for g in gradients], 0.0
