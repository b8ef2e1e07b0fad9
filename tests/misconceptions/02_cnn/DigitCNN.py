"""Answers to `DigitCNN`: what students write, right and wrong."""

# %% wrong no_pooling
# check: DigitCNN-shapes
# says: is a pooling layer missing
# -         self.linear1 = nn.Linear(64 * (size // 4) ** 2, 128)
# +         self.linear1 = nn.Linear(64 * size**2, 128)
# -         hidden = F.max_pool2d(F.relu(self.conv1(images)), 2)
# -         hidden = F.max_pool2d(F.relu(self.conv2(hidden)), 2)
# +         hidden = F.relu(self.conv1(images))
# +         hidden = F.relu(self.conv2(hidden))

# %% wrong softmax_at_the_end
# check: DigitCNN-shapes
# says: each row sums to 1
# -         return self.linear2(hidden)
# +         return F.softmax(self.linear2(hidden), dim=1)

# %% wrong log_softmax_at_the_end
# check: DigitCNN-shapes
# says: log-softmax
# -         return self.linear2(hidden)
# +         return F.log_softmax(self.linear2(hidden), dim=1)

# %% wrong no_relu
# check: DigitCNN-shapes
# says: a ReLU after each layer but the last
# -         hidden = F.max_pool2d(F.relu(self.conv1(images)), 2)
# -         hidden = F.max_pool2d(F.relu(self.conv2(hidden)), 2)
# -         hidden = F.relu(self.linear1(hidden.flatten(start_dim=1)))
# +         hidden = F.max_pool2d(self.conv1(images), 2)
# +         hidden = F.max_pool2d(self.conv2(hidden), 2)
# +         hidden = self.linear1(hidden.flatten(start_dim=1))

# %% wrong average_pooling
# check: DigitCNN-shapes
# says: maximum pooling
# -         hidden = F.max_pool2d(F.relu(self.conv2(hidden)), 2)
# +         hidden = F.avg_pool2d(F.relu(self.conv2(hidden)), 2)

# %% wrong dropout
# check: DigitCNN-shapes
# says: nothing here is random
# -         return self.linear2(hidden)
# +         return self.linear2(F.dropout(hidden))

# %% wrong only_for_mnist
# check: DigitCNN-shapes
# says: mat1 and mat2 shapes cannot be multiplied
# raises: RuntimeError
# -         self.linear1 = nn.Linear(64 * (size // 4) ** 2, 128)
# +         self.linear1 = nn.Linear(64 * 7 * 7, 128)

# %% wrong batch_norm_mixes_the_batch
# check: DigitCNN-shapes
# says: alone than in a batch
# -         hidden = F.max_pool2d(F.relu(self.conv1(images)), 2)
# +         hidden = F.relu(F.batch_norm(self.conv1(images), None, None, training=True))
# +         hidden = F.max_pool2d(hidden, 2)


# %% right sequential
class DigitCNN(nn.Module):
    def __init__(self, size=8):
        super().__init__()
        self.layers = nn.Sequential(
            nn.Conv2d(1, 32, 3, padding="same"),
            nn.ReLU(),
            nn.MaxPool2d(2),
            nn.Conv2d(32, 64, 3, padding="same"),
            nn.ReLU(),
            nn.MaxPool2d(2),
            nn.Flatten(),
            nn.Linear(64 * (size // 4) * (size // 4), 128),
            nn.ReLU(),
            nn.Linear(128, 10),
        )

    def forward(self, images):
        return self.layers(images)


# %% right a_sequential_itself
class DigitCNN(nn.Sequential):
    def __init__(self, size=8):
        quarter = size // 2 // 2
        super().__init__(
            *(nn.Conv2d(1, 32, (3, 3), padding=(1, 1)), nn.MaxPool2d(2), nn.ReLU()),
            *(nn.Conv2d(32, 64, (3, 3), padding=(1, 1)), nn.MaxPool2d(2), nn.ReLU()),
            *(nn.Flatten(), nn.Linear(64 * quarter**2, 128), nn.ReLU(), nn.Linear(128, 10)),
        )


# %% vacuous one_linear_layer
class DigitCNN(nn.Module):
    def __init__(self, size=8):
        super().__init__()
        self.linear = nn.Linear(size * size, 10)

    def forward(self, images):
        return self.linear(images.flatten(1))


# %% vacuous zeros
class DigitCNN(nn.Module):
    def __init__(self, size=8):
        super().__init__()

    def forward(self, images):
        return torch.zeros(len(images), 10)
