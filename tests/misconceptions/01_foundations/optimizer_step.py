"""Answers to `optimizer_step`: what students write, right and wrong."""

# %% wrong no_bias_correction
# check: optimizer_step-rmsprop_adam
# says: the bias correction is missing
# -             step = m / (1 - 0.9**t) / (np.sqrt(v / (1 - 0.999**t)) + 1e-8)
# +             step = m / (np.sqrt(v) + 1e-8)

# %% wrong epsilon_inside_the_root_of_adam
# check: optimizer_step-rmsprop_adam
# says: adam
# says: epsilon is inside the root
# -             step = m / (1 - 0.9**t) / (np.sqrt(v / (1 - 0.999**t)) + 1e-8)
# +             step = m / (1 - 0.9**t) / np.sqrt(v / (1 - 0.999**t) + 1e-8)

# %% wrong epsilon_inside_the_root_of_rmsprop
# check: optimizer_step-rmsprop_adam
# says: rmsprop
# says: epsilon is inside the root
# -             step = g / (np.sqrt(v) + 1e-8)
# +             step = g / np.sqrt(v + 1e-8)

# %% wrong shared_memory_of_momentum
# check: optimizer_step-sgd_momentum
# says: a memory of its own
# -     if state is None:
# -         state = [(0, 0.0, 0.0)] * len(parameters)
# -     moved, memories = [], []
# -     for w, g, memory in zip(parameters, gradients, state):
# -         t, m, v = memory
# +     moved = []
# +     t, m, v = state or (0, 0.0, 0.0)
# +     for w, g in zip(parameters, gradients):
# -         memories.append((t, m, v))
# -     return moved, memories
# +     return moved, (t, m, v)

# %% wrong shared_memory_of_adam
# check: optimizer_step-rmsprop_adam
# says: a memory of its own
# -         elif kind == "adam":
# -             m = 0.9 * m + 0.1 * g
# +         elif kind == "adam":
# +             if memories:
# +                 _, m, v = memories[-1]
# +             m = 0.9 * m + 0.1 * g

# %% wrong counts_every_parameter
# check: optimizer_step-rmsprop_adam
# says: Adam a count of its own
# -     moved, memories = [], []
# +     moved, memories = [], []
# +     count = state[-1][0] if state else 0
# -         t = t + 1
# +         count += 1
# +         t = count

# %% wrong memory_is_not_handed_on
# check: optimizer_step-sgd_momentum
# says: momentum, step 2
# says: is the memory handed on
# -     return moved, memories
# +     return moved, None

# %% wrong t_stays_at_one
# check: optimizer_step-rmsprop_adam
# says: adam, step 2
# says: Does t count the steps?
# -         memories.append((t, m, v))
# +         memories.append((0, m, v))

# %% wrong momentum_as_an_average
# check: optimizer_step-sgd_momentum
# says: the first step is 0.1 times
# -             m = 0.9 * m + g
# +             m = 0.9 * m + 0.1 * g

# %% wrong momentum_not_decayed
# check: optimizer_step-sgd_momentum
# says: is it 0.9 m + g, and
# -             m = 0.9 * m + g
# +             m = m + g

# %% wrong uphill
# check: optimizer_step-sgd_momentum
# says: the first step is -1 times
# -         moved.append(w - learning_rate * step)
# +         moved.append(w + learning_rate * step)

# %% wrong root_forgotten
# check: optimizer_step-rmsprop_adam
# says: the root of v is missing
# -             step = g / (np.sqrt(v) + 1e-8)
# +             step = g / (v + 1e-8)

# %% wrong decay_rates_swapped
# check: optimizer_step-rmsprop_adam
# says: are the decay rates in their places?
# -             m = 0.9 * m + 0.1 * g
# -             v = 0.999 * v + 0.001 * g**2
# -             step = m / (1 - 0.9**t) / (np.sqrt(v / (1 - 0.999**t)) + 1e-8)
# +             m = 0.999 * m + 0.001 * g
# +             v = 0.9 * v + 0.1 * g**2
# +             step = m / (1 - 0.999**t) / (np.sqrt(v / (1 - 0.9**t)) + 1e-8)

# %% wrong moves_in_place
# check: optimizer_step-sgd_momentum
# says: your function modified its argument `parameters`
# -         moved.append(w - learning_rate * step)
# +         w -= learning_rate * step
# +         moved.append(w)

# %% wrong t_begins_at_zero
# check: optimizer_step-rmsprop_adam
# says: adam, step 1: a parameter has become nan
# says: is the first step t = 1?
# -             step = m / (1 - 0.9**t) / (np.sqrt(v / (1 - 0.999**t)) + 1e-8)
# +             t = t - 1
# +             step = m / (1 - 0.9**t) / (np.sqrt(v / (1 - 0.999**t)) + 1e-8)
# +             t = t + 1

# %% wrong decay_of_rmsprop_in_keras
# check: optimizer_step-rmsprop_adam
# says: 3.16 times the learning rate, expected 10
# says: v keeps 0.9 and takes 0.1 of the square, expected 0.99 and 0.01
# -             v = 0.99 * v + 0.01 * g**2
# +             v = 0.9 * v + 0.1 * g**2

# %% wrong bias_correction_in_rmsprop
# check: optimizer_step-rmsprop_adam
# says: RMSprop has no correction
# -             step = g / (np.sqrt(v) + 1e-8)
# +             step = g / (np.sqrt(v / (1 - 0.99**t)) + 1e-8)

# %% wrong epsilon_of_keras
# check: optimizer_step-rmsprop_adam
# says: epsilon is 1e-7, expected 1e-8
# -             step = m / (1 - 0.9**t) / (np.sqrt(v / (1 - 0.999**t)) + 1e-8)
# +             step = m / (1 - 0.9**t) / (np.sqrt(v / (1 - 0.999**t)) + 1e-7)

# %% wrong no_epsilon
# check: optimizer_step-rmsprop_adam
# says: rmsprop
# says: epsilon is missing
# -             step = g / (np.sqrt(v) + 1e-8)
# +             step = g / np.sqrt(v)

# %% wrong corrects_m_alone
# check: optimizer_step-rmsprop_adam
# says: 31.6 times the learning rate
# says: m is bias-corrected, but v is not
# -             step = m / (1 - 0.9**t) / (np.sqrt(v / (1 - 0.999**t)) + 1e-8)
# +             step = m / (1 - 0.9**t) / (np.sqrt(v) + 1e-8)

# %% wrong corrects_v_alone
# check: optimizer_step-rmsprop_adam
# says: 0.1 times the learning rate
# says: v is bias-corrected, but m is not
# -             step = m / (1 - 0.9**t) / (np.sqrt(v / (1 - 0.999**t)) + 1e-8)
# +             step = m / (np.sqrt(v / (1 - 0.999**t)) + 1e-8)

# %% wrong t_stops_at_ten
# check: optimizer_step-rmsprop_adam
# says: adam, step 11
# says: Does t count the steps?
# -         t = t + 1
# +         t = min(t + 1, 10)

# %% wrong learning_rate_inside_the_memory
# check: optimizer_step-sgd_momentum
# says: momentum, step 4
# says: does the learning rate stay out of it?
# -             m = 0.9 * m + g
# -             step = m
# +             m = 0.9 * m + learning_rate * g
# +             step = m / learning_rate

# %% wrong memory_in_a_global
# check: optimizer_step-sgd_momentum
# says: momentum, step 2: when two optimizers take turns
# says: keep the memory in `state` alone
# -     if state is None:
# -         state = [(0, 0.0, 0.0)] * len(parameters)
# +     global kept
# +     if state is None:
# +         kept = {}
# +     state = kept.get(len(parameters)) or [(0, 0.0, 0.0)] * len(parameters)
# -     return moved, memories
# +     kept[len(parameters)] = memories
# +     return moved, "in kept"

# %% wrong adds_to_the_gradient
# check: optimizer_step-sgd_momentum
# says: your function modified its argument `gradients`
# -             m = 0.9 * m + g
# -             step = m
# +             g += 0.9 * m
# +             m = step = g.copy()

# %% wrong two_parameters
# check: optimizer_step-sgd_momentum
# says: the parameters have shapes
# -         state = [(0, 0.0, 0.0)] * len(parameters)
# +         state = [(0, 0.0, 0.0)] * 2

# %% wrong forgets_the_state
# check: optimizer_step-sgd_momentum
# says: sgd, step 1: returned list, expected the pair (parameters, state)
# -     return moved, memories
# +     return moved * 2


# %% right dict_of_lists
def optimizer_step(kind, parameters, gradients, state, learning_rate):
    if state is None:
        zeros = [np.zeros(w.shape) for w in parameters]
        state = {"t": 0, "first": zeros, "second": [z.copy() for z in zeros]}
    t, new = state["t"] + 1, []
    first, second = list(state["first"]), list(state["second"])
    for i, (w, g) in enumerate(zip(parameters, gradients)):
        if kind == "sgd":
            new.append(w - learning_rate * g)
        elif kind == "momentum":
            first[i] = 0.9 * first[i] + g
            new.append(w - learning_rate * first[i])
        elif kind == "rmsprop":
            second[i] = 0.99 * second[i] + (1 - 0.99) * g * g
            new.append(w - learning_rate * g / (second[i] ** 0.5 + 1e-8))
        elif kind == "adam":
            first[i] = 0.9 * first[i] + (1 - 0.9) * g
            second[i] = 0.999 * second[i] + (1 - 0.999) * g * g
            first_hat, second_hat = first[i] / (1 - 0.9**t), second[i] / (1 - 0.999**t)
            new.append(w - learning_rate * first_hat / (second_hat**0.5 + 1e-8))
    return new, {"t": t, "first": first, "second": second}


# %% right by_pytorch
def optimizer_step(kind, parameters, gradients, state, learning_rate):
    if state is None:
        tensors = [torch.tensor(w) for w in parameters]
        makers = {
            "sgd": lambda p: torch.optim.SGD(p, lr=learning_rate),
            "momentum": lambda p: torch.optim.SGD(p, lr=learning_rate, momentum=0.9),
            "rmsprop": lambda p: torch.optim.RMSprop(p, lr=learning_rate),
            "adam": lambda p: torch.optim.Adam(p, lr=learning_rate),
        }
        state = Memory(tensors, makers[kind](tensors))
    for tensor, w, g in zip(state.tensors, parameters, gradients):
        tensor.data = torch.tensor(w)
        tensor.grad = torch.tensor(g)
    state.optimizer.param_groups[0]["lr"] = learning_rate
    state.optimizer.step()
    return [tensor.numpy().copy() for tensor in state.tensors], state


class Memory:
    def __init__(self, tensors, optimizer):
        self.tensors, self.optimizer = tensors, optimizer


# %% right functions_in_a_table
def optimizer_step(kind, parameters, gradients, state, learning_rate):
    memories = state if state is not None else [{} for _ in parameters]

    def sgd(g, old):
        return g, {}

    def momentum(g, old):
        m = 0.9 * old.get("m", 0) + g
        return m, {"m": m}

    def rmsprop(g, old):
        v = 0.99 * old.get("v", 0) + 0.01 * g**2
        return g / (np.sqrt(v) + 1e-8), {"v": v}

    def adam(g, old):
        t = old.get("t", 0) + 1
        m = old.get("m", 0) + (g - old.get("m", 0)) * 0.1
        v = old.get("v", 0) + (g**2 - old.get("v", 0)) * 0.001
        rate = np.sqrt(1 - 0.999**t) / (1 - 0.9**t)
        return rate * m / (np.sqrt(v) + 1e-8 * np.sqrt(1 - 0.999**t)), {"t": t, "m": m, "v": v}

    rule = {"sgd": sgd, "momentum": momentum, "rmsprop": rmsprop, "adam": adam}[kind]
    steps = [rule(g, old) for g, old in zip(gradients, memories)]
    return (
        [w - learning_rate * step for w, (step, _) in zip(parameters, steps)],
        [new for _, new in steps],
    )


# %% vacuous stays
def optimizer_step(kind, parameters, gradients, state, learning_rate):
    return [w.copy() for w in parameters], None


# %% vacuous goes_to_zero
def optimizer_step(kind, parameters, gradients, state, learning_rate):
    return [np.zeros_like(w) for w in parameters], None


# %% vacuous always_plain_descent_of_the_sign
def optimizer_step(kind, parameters, gradients, state, learning_rate):
    return [w - learning_rate * np.sign(g) for w, g in zip(parameters, gradients)], None
