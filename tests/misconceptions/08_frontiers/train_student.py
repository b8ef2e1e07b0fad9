"""Answers to `train_student`: what students write, right and wrong."""

# %% wrong teacher_of_other_images
# check: train_student-gain
# says: weight 1
# says: the teacher's logits for that same image
# -         logits, told = student(images[batch].to(device)), teacher_logits[batch].to(device)
# +         logits, told = student(images[batch].to(device)), teacher_logits[: len(batch)].to(device)

# %% wrong weight_upside_down
# check: train_student-gain
# says: with weight 0 the teacher still changes the losses
# -         loss = (1 - weight) * F.cross_entropy(logits, labels[batch].to(device))
# -         loss = loss + weight * distillation_loss(logits, told, 3.0)
# +         loss = weight * F.cross_entropy(logits, labels[batch].to(device))
# +         loss = loss + (1 - weight) * distillation_loss(logits, told, 3.0)

# %% wrong labels_always
# check: train_student-gain
# says: with weight 1 the labels still change the losses
# -         loss = (1 - weight) * F.cross_entropy(logits, labels[batch].to(device))
# +         loss = F.cross_entropy(logits, labels[batch].to(device))

# %% wrong teacher_and_student_swapped
# check: train_student-gain
# says: the student's logits first
# -         loss = loss + weight * distillation_loss(logits, told, 3.0)
# +         loss = loss + weight * distillation_loss(told, logits, 3.0)

# %% wrong temperature_one
# check: train_student-gain
# says: distillation_loss at temperature 3
# -         loss = loss + weight * distillation_loss(logits, told, 3.0)
# +         loss = loss + weight * distillation_loss(logits, told, 1.0)

# %% wrong teacher_ignored
# check: train_student-gain
# says: with weight 1 the labels still change the losses
# -         loss = loss + weight * distillation_loss(logits, told, 3.0)
# +         loss = F.cross_entropy(logits, labels[batch].to(device))

# %% wrong never_updates
# check: train_student-gain
# says: zero_grad, backward, step
# -         adam.step()
# +         pass

# %% wrong small_steps
# check: train_student-gain
# says: learning rate of 0.01
# -     adam = torch.optim.Adam(student.to(device).parameters(), lr=0.01)
# +     adam = torch.optim.Adam(student.to(device).parameters(), lr=0.0001)

# %% wrong predicts_labels
# check: train_student-gain
# says: expected (500, 10)
# -         return student(images.to(device)).cpu()
# +         return student(images.to(device)).argmax(dim=1).cpu()

# %% wrong one_loss_at_the_end
# check: train_student-gain
# says: expected one a step
# -     return predict, losses
# +     return predict, losses[-1:]


# %% right by_hand_with_generator
def train_student(images, labels, teacher_logits, weight, steps, seed):
    generator = torch.Generator().manual_seed(seed)
    x = images.flatten(1)
    shapes = [(64, 16), (16,), (16, 10), (10,)]
    weights = [(torch.rand(*shape, generator=generator) - 0.5) / 4 for shape in shapes]
    weights = [w.requires_grad_() for w in weights]
    adam = torch.optim.Adam(weights, lr=0.01)

    def run(x):
        return F.relu(x @ weights[0] + weights[1]) @ weights[2] + weights[3]

    losses = []
    for _ in range(steps):
        chosen = torch.randint(0, len(x), (64,), generator=generator)
        z = run(x[chosen])
        loss = 0.0
        if weight < 1:
            loss = (1 - weight) * F.cross_entropy(z, labels[chosen])
        if weight > 0:
            loss = loss + weight * distillation_loss(z, teacher_logits[chosen], 3)
        adam.zero_grad()
        loss.backward()
        adam.step()
        losses.append(float(loss.detach()))
    return (lambda new: run(new.flatten(1)).detach()), losses


# %% right shuffled_epochs
def train_student(images, labels, teacher_logits, weight, steps, seed):
    torch.manual_seed(seed)
    hidden, out = nn.Linear(64, 16), nn.Linear(16, 10)
    net = nn.Sequential(nn.Flatten(), hidden, nn.ReLU(), out).to(device)
    adam = torch.optim.AdamW(net.parameters(), lr=0.01, weight_decay=1e-4)
    losses, order = [], torch.empty(0, dtype=torch.long)
    while len(losses) < steps:
        if len(order) < 64:
            order = torch.randperm(len(images))
        chosen, order = order[:64], order[64:]
        z = net(images[chosen].to(device))
        teacher = distillation_loss(z, teacher_logits[chosen].to(device), 3.0)
        truth = F.nll_loss(z.log_softmax(1), labels[chosen].to(device))
        loss = torch.lerp(truth, teacher, float(weight))
        net.zero_grad()
        loss.backward()
        adam.step()
        losses.append(loss.item())
    return (lambda new: net(new.to(device)).detach().cpu()), losses


# %% vacuous all_alike
def train_student(images, labels, teacher_logits, weight, steps, seed):
    return (lambda new: torch.zeros(len(new), 10)), [2.3 - weight] * steps
