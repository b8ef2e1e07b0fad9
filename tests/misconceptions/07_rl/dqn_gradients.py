"""Answers to `dqn_gradients`: what students write, right and wrong."""

# %% wrong no_detach
# check: dqn_gradients-autograd
# says: a gradient flows through the target
# -     with torch.no_grad():
# +     with torch.enable_grad():

# %% wrong broadcast
# check: dqn_gradients-autograd
# says: (N, 1) against (N,)
# -     q = network(leaves, batch["states"]).gather(1, batch["actions"][:, None])[:, 0]
# -     loss = F.mse_loss(q, targets)
# +     q = network(leaves, batch["states"]).gather(1, batch["actions"][:, None])
# +     loss = ((q - targets) ** 2).mean()

# %% wrong bootstraps_past_the_end
# check: dqn_gradients-autograd
# says: bootstraps past the end
# -         targets = batch["rewards"] + gamma * ahead * ~batch["terminated"]
# +         targets = batch["rewards"] + gamma * ahead

# %% wrong next_value_of_the_old_action
# check: dqn_gradients-autograd
# says: that of the action just taken
# -         ahead = network(target, batch["next_states"]).max(dim=1).values
# +         after = network(target, batch["next_states"])
# +         ahead = after.gather(1, batch["actions"][:, None])[:, 0]

# %% wrong number_of_the_best_action
# check: dqn_gradients-autograd
# says: the index of the best next action
# -         ahead = network(target, batch["next_states"]).max(dim=1).values
# +         ahead = network(target, batch["next_states"]).max(dim=1).indices

# %% wrong largest_instead_of_taken
# check: dqn_gradients-autograd
# says: is the largest of the row
# -     q = network(leaves, batch["states"]).gather(1, batch["actions"][:, None])[:, 0]
# +     q = network(leaves, batch["states"]).max(dim=1).values

# %% wrong sum
# check: dqn_gradients-autograd
# says: the sum over the batch
# -     loss = F.mse_loss(q, targets)
# +     loss = F.mse_loss(q, targets, reduction="sum")

# %% wrong half
# check: dqn_gradients-autograd
# says: loss
# -     loss = F.mse_loss(q, targets)
# +     loss = F.mse_loss(q, targets) / 2

# %% wrong huber
# check: dqn_gradients-autograd
# says: loss
# -     loss = F.mse_loss(q, targets)
# +     loss = F.smooth_l1_loss(q, targets)

# %% wrong masks_where_it_goes_on
# check: dqn_gradients-autograd
# says: at terminated steps only
# -         targets = batch["rewards"] + gamma * ahead * ~batch["terminated"]
# +         targets = batch["rewards"] + gamma * ahead * batch["terminated"]

# %% wrong target_network_not_used
# check: dqn_gradients-target_network
# says: are not used for the target
# -         ahead = network(target, batch["next_states"]).max(dim=1).values
# +         ahead = network(leaves, batch["next_states"]).max(dim=1).values

# %% wrong networks_swapped
# check: dqn_gradients-target_network
# says: the two networks are swapped
# -     leaves = {name: w.detach().clone().requires_grad_() for name, w in weights.items()}
# +     if target_weights:
# +         weights, target_weights = target_weights, weights
# +     leaves = {name: w.detach().clone().requires_grad_() for name, w in weights.items()}

# %% wrong takes_a_step
# check: dqn_gradients-target_network
# says: modified the weights
# -     return loss.item(), dict(zip(leaves, gradients))
# +     for name, gradient in zip(leaves, gradients):
# +         weights[name] -= 0.01 * gradient
# +     return loss.item(), dict(zip(leaves, gradients))


# %% right backward
def dqn_gradients(weights, batch, gamma, target_weights=None):
    mine = {
        k: torch.tensor(w.detach().cpu().numpy(), requires_grad=True) for k, w in weights.items()
    }
    q = network(mine, batch["states"])[torch.arange(len(batch["actions"])), batch["actions"]]
    after = network(target_weights if target_weights is not None else weights, batch["next_states"])
    y = batch["rewards"].clone()
    on = ~batch["terminated"]
    y[on] += gamma * after[on].amax(dim=1)
    loss = (y.detach() - q).pow(2).mean()
    loss.backward()
    return float(loss), {k: w.grad for k, w in mine.items()}


# %% right functional
def dqn_gradients(weights, batch, gamma, target_weights=None):
    target = weights if target_weights is None else target_weights
    best, _ = network(target, batch["next_states"]).max(dim=1, keepdim=True)
    y = batch["rewards"][:, None] + gamma * (1 - batch["terminated"][:, None].to(best.dtype)) * best

    def loss(w):
        q = network(w, batch["states"]).gather(1, batch["actions"].unsqueeze(1))
        return ((q - y) ** 2).mean()

    grads, value = torch.func.grad_and_value(loss)(dict(weights))
    return value.item(), grads


# %% wrong follows_the_callers_tensors
# check: dqn_gradients-target_network
# says: set requires_grad
# -     leaves = {name: w.detach().clone().requires_grad_() for name, w in weights.items()}
# +     leaves = {name: w.requires_grad_() for name, w in weights.items()}

# %% wrong three_actions
# check: dqn_gradients-target_network
# says: with a target network the loss is
# -         ahead = network(target, batch["next_states"]).max(dim=1).values
# +         ahead = network(target, batch["next_states"])[:, :3].max(dim=1).values

# %% wrong target_network_for_both
# check: dqn_gradients-target_network
# says: are used for Q(s, a) too
# -     q = network(leaves, batch["states"]).gather(1, batch["actions"][:, None])[:, 0]
# +     both = leaves if target_weights is None else {n: target[n] + 0 * leaves[n] for n in leaves}
# +     q = network(both, batch["states"]).gather(1, batch["actions"][:, None])[:, 0]


# %% vacuous zeros
def dqn_gradients(weights, batch, gamma, target_weights=None):
    return 0.0, {name: torch.zeros_like(w) for name, w in weights.items()}


# %% vacuous the_weights
def dqn_gradients(weights, batch, gamma, target_weights=None):
    return float(batch["rewards"].pow(2).mean()), {k: w.clone() for k, w in weights.items()}
