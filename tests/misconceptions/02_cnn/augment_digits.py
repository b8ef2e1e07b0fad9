"""Answers to `augment_digits`: what students write, right and wrong."""

# %% wrong one_draw_a_batch
# check: augment_digits-each_its_own
# says: draw for each its own
# -     draws = 2 * torch.rand(count, 3, generator=generator) - 1
# +     draws = (2 * torch.rand(1, 3, generator=generator) - 1).expand(count, 3)

# %% wrong degrees_taken_for_radians
# check: augment_digits-turns_and_shifts
# says: augment_digits
# -     angle = draws[:, 0] * np.deg2rad(15)
# +     angle = draws[:, 0] * 15

# %% wrong flips_too
# check: augment_digits-each_its_own
# says: a mirrored 2 is no 2
# -     return F.grid_sample(images, grid, align_corners=False)
# +     turned = F.grid_sample(images, grid, align_corners=False)
# +     flip = torch.rand(count, 1, 1, 1, generator=generator) < 0.5
# +     return torch.where(flip, turned.flip(3), turned)

# %% wrong turns_upside_down
# check: augment_digits-each_its_own
# says: upside down
# -     angle = draws[:, 0] * np.deg2rad(15)
# +     angle = draws[:, 0] * np.pi

# %% wrong ignores_the_generator
# check: augment_digits-each_its_own
# says: draw from the generator that is given
# -     draws = 2 * torch.rand(count, 3, generator=generator) - 1
# +     draws = 2 * torch.rand(count, 3) - 1

# %% wrong turns_one_way_only
# check: augment_digits-turns_and_shifts
# says: expected from -15 to 15
# -     draws = 2 * torch.rand(count, 3, generator=generator) - 1
# +     draws = torch.rand(count, 3, generator=generator)

# %% wrong shifts_by_a_third_of_the_image
# check: augment_digits-turns_and_shifts
# says: vertical shifts
# -     theta[:, 1, 2] = draws[:, 2] * 2 / height
# +     theta[:, 1, 2] = draws[:, 2] * 2 / 3

# %% wrong sheared
# check: augment_digits-turns_and_shifts
# says: sheared, not turned
# -     theta[:, 0, 1] = -angle.sin()
# +     theta[:, 0, 1] = angle.sin()

# %% wrong no_horizontal_shift
# check: augment_digits-turns_and_shifts
# says: horizontal shifts reach from
# -     theta[:, 0, 2] = draws[:, 1] * 2 / width
# +     theta[:, 0, 2] = 0

# %% wrong half_a_pixel
# check: augment_digits-turns_and_shifts
# says: shifts reach from
# -     theta[:, 0, 2] = draws[:, 1] * 2 / width
# -     theta[:, 1, 2] = draws[:, 2] * 2 / height
# +     theta[:, 0, 2] = draws[:, 1] / width
# +     theta[:, 1, 2] = draws[:, 2] / height

# %% wrong changes_nothing
# check: augment_digits-each_its_own
# says: nothing was changed
# -     return F.grid_sample(images, grid, align_corners=False)
# +     return images.clone()

# %% wrong changes_its_input
# check: augment_digits-each_its_own
# says: were changed
# -     return F.grid_sample(images, grid, align_corners=False)
# +     images[:] = F.grid_sample(images, grid, align_corners=False)
# +     return images


# %% right image_by_image
def augment_digits(images, generator):
    import scipy.ndimage

    result = torch.empty_like(images)
    for new, old in zip(result, images):
        degrees = float(30 * torch.rand((), generator=generator) - 15)
        shift = (2 * torch.rand(2, generator=generator) - 1).tolist()
        options = {"order": 1, "mode": "grid-constant"}
        turned = scipy.ndimage.rotate(old[0].numpy(), degrees, reshape=False, **options)
        new[0] = torch.tensor(scipy.ndimage.shift(turned, shift, **options))
    return result


# %% right whole_pixel_shifts
def augment_digits(images, generator):
    count = len(images)
    angle = (torch.rand(count, generator=generator) * 2 - 1) * (15 * np.pi / 180)
    shift = torch.randint(-1, 2, (count, 2), generator=generator) * 2 / images.shape[-1]
    first = torch.stack([angle.cos(), -angle.sin(), shift[:, 0]], dim=1)
    second = torch.stack([angle.sin(), angle.cos(), shift[:, 1]], dim=1)
    grid = F.affine_grid(torch.stack([first, second], dim=1), images.shape, align_corners=False)
    return F.grid_sample(images, grid, mode="bilinear", align_corners=False)


# %% vacuous the_same_images
def augment_digits(images, generator):
    return images


# %% vacuous noise
def augment_digits(images, generator):
    return torch.rand(images.shape, generator=generator)
