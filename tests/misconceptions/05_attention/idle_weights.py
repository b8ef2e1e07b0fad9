"""Answers to `idle_weights`: what students write, right and wrong."""

# %% wrong the_busy_ones
# check: idle_weights-names
# says: asked for were the idle ones
# -         if torch.allclose(article_attention(x, other)[0], before, atol=1e-4):
# +         if not torch.allclose(article_attention(x, other)[0], before, atol=1e-4):

# %% wrong no_tolerance
# check: idle_weights-names
# says: use a tolerance
# -         if torch.allclose(article_attention(x, other)[0], before, atol=1e-4):
# +         if torch.equal(article_attention(x, other)[0], before):

# %% wrong what_the_code_never_names
# check: idle_weights-names
# says: c adds the same to every score
# -     return sorted(idle)
# +     return ["W1", "b1"]

# %% wrong changes_the_dict
# check: idle_weights-names
# says: modified its argument
# -         other = weights | {name: torch.randn_like(value)}
# -         if torch.allclose(article_attention(x, other)[0], before, atol=1e-4):
# +         weights[name] = torch.randn_like(value)
# +         if torch.allclose(article_attention(x, weights)[0], before, atol=1e-4):

# %% wrong looks_at_sizes
# check: idle_weights-names
# says: do change the context
# -         if torch.allclose(article_attention(x, other)[0], before, atol=1e-4):
# +         if value.ndim == 1 or name == "W1":

# %% wrong not_sorted
# check: idle_weights-names
# says: expected ['W1', 'b1', 'c'] — sorted
# -     return sorted(idle)
# +     return idle[::-1]

# %% wrong doubles_each
# check: idle_weights-names
# says: do change the context
# -         other = weights | {name: torch.randn_like(value)}
# +         other = weights | {name: 2 * value}

# %% wrong told_by_the_shape
# check: idle_weights-names
# says: V all 0
# -     return sorted(idle)
# +     return ["W1", "b1", "c"] if x.ndim == 3 and x.shape[1] > 1 else sorted(weights)


# %% right by_gradient
def idle_weights(x, weights):
    free = {name: value.clone().requires_grad_() for name, value in weights.items()}
    context, _ = article_attention(x.double(), {n: w.double() for n, w in free.items()})
    loss = (context * torch.randn_like(context)).sum()
    gradients = torch.autograd.grad(loss, list(free.values()), allow_unused=True)
    pairs = zip(free, gradients)
    return sorted(name for name, g in pairs if g is None or g.abs().max() < 1e-6)


# %% right scaled_and_moved
def idle_weights(x, weights):
    def same(name):
        other = dict(weights)
        other[name] = 3 * other[name] + torch.rand(other[name].shape)
        gap = article_attention(x, other)[0] - article_attention(x, weights)[0]
        return gap.abs().max() < 1e-4

    return [name for name in sorted(weights) if same(name)]


# %% right compares_the_shares
# -     before, _ = article_attention(x, weights)
# +     _, before = article_attention(x, weights)
# -         if torch.allclose(article_attention(x, other)[0], before, atol=1e-4):
# +         if torch.allclose(article_attention(x, other)[1], before, atol=1e-4):


# %% vacuous nothing
def idle_weights(x, weights):
    return []


# %% vacuous always_the_same
def idle_weights(x, weights):
    return ["W1", "b1", "c"]


# %% vacuous everything
def idle_weights(x, weights):
    return sorted(weights)
