"""Answers to `random_flip`: what students write, right and wrong."""

# %% wrong one_draw_a_batch
# check: random_flip-each_its_own
# says: not once a batch
# -     flip = torch.rand(len(images), 1, 1, 1, generator=generator) < probability
# +     flip = torch.rand(1, generator=generator) < probability

# %% wrong upside_down
# check: random_flip-each_its_own
# says: mirror the columns
# -     return torch.where(flip, images.flip(dims=(3,)), images)
# +     return torch.where(flip, images.flip(dims=(2,)), images)

# %% wrong turned_by_half
# check: random_flip-each_its_own
# says: neither as it was nor mirrored
# -     return torch.where(flip, images.flip(dims=(3,)), images)
# +     return torch.where(flip, images.flip(dims=(2, 3)), images)

# %% wrong probability_inverted
# check: random_flip-each_its_own
# says: with probability 0.0
# -     flip = torch.rand(len(images), 1, 1, 1, generator=generator) < probability
# +     flip = torch.rand(len(images), 1, 1, 1, generator=generator) >= probability

# %% wrong each_channel_on_its_own
# check: random_flip-each_its_own
# says: neither as it was nor mirrored
# -     flip = torch.rand(len(images), 1, 1, 1, generator=generator) < probability
# +     flip = torch.rand(*images.shape[:2], 1, 1, generator=generator) < probability

# %% wrong always_half
# check: random_flip-each_its_own
# says: with probability 0.0
# -     flip = torch.rand(len(images), 1, 1, 1, generator=generator) < probability
# +     flip = torch.rand(len(images), 1, 1, 1, generator=generator) < 0.5

# %% wrong ignores_the_generator
# check: random_flip-each_its_own
# says: draw from the generator that is given
# -     flip = torch.rand(len(images), 1, 1, 1, generator=generator) < probability
# +     flip = torch.rand(len(images), 1, 1, 1) < probability

# %% wrong changes_its_input
# check: random_flip-each_its_own
# says: were changed
# -     return torch.where(flip, images.flip(dims=(3,)), images)
# +     images[:] = torch.where(flip, images.flip(dims=(3,)), images)
# +     return images


# %% right loop
def random_flip(images, probability, generator):
    result = images.clone()
    for number in range(len(images)):
        if torch.rand((), generator=generator).item() < probability:
            result[number] = images[number][..., torch.arange(images.shape[3] - 1, -1, -1)]
    return result


# %% right chosen_rows
def random_flip(images, probability, generator):
    result = images.clone()
    chosen = torch.bernoulli(torch.full((len(images),), probability), generator=generator).bool()
    result[chosen] = torch.fliplr(images[chosen].transpose(1, 3)).transpose(1, 3)
    return result


# %% vacuous the_same_images
def random_flip(images, probability, generator):
    return images


# %% vacuous all_mirrored
def random_flip(images, probability, generator):
    return images.flip(dims=(3,))
