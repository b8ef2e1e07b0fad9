"""Answers to `encode_boxes`: what students write, right and wrong."""

# %% wrong row_and_column_swapped
# check: encode_boxes-round_trip
# says: row and column are swapped
# -     cells = (8 * place[:, 1] + place[:, 0]).long()
# +     cells = (8 * place[:, 0] + place[:, 1]).long()

# %% wrong cell_of_the_corner
# check: encode_boxes-round_trip
# says: the cell of the corner, not of the center
# -     place = (center / 4).floor()
# +     place = (boxes[:, :2] / 4).floor()

# %% wrong center_from_the_canvas
# check: encode_boxes-round_trip
# says: in the cell that begins at (12, 4)
# -     return cells, torch.cat([center - 4 * place, boxes[:, 2:] - boxes[:, :2]], dim=1)
# +     return cells, torch.cat([center, boxes[:, 2:] - boxes[:, :2]], dim=1)

# %% wrong corners_instead_of_width_and_height
# check: encode_boxes-round_trip
# says: width and height
# -     return cells, torch.cat([center - 4 * place, boxes[:, 2:] - boxes[:, :2]], dim=1)
# +     return cells, torch.cat([center - 4 * place, boxes[:, 2:]], dim=1)

# %% wrong cells_as_floats
# check: encode_boxes-round_trip
# says: expected int64
# -     cells = (8 * place[:, 1] + place[:, 0]).long()
# +     cells = 8 * place[:, 1] + place[:, 0]

# %% wrong offsets_in_cells
# check: encode_boxes-round_trip
# says: dx, dy
# -     return cells, torch.cat([center - 4 * place, boxes[:, 2:] - boxes[:, :2]], dim=1)
# +     return cells, torch.cat([center / 4 - place, boxes[:, 2:] - boxes[:, :2]], dim=1)


# %% right by_columns
def encode_boxes(boxes):
    x0, y0, x1, y1 = boxes.unbind(dim=1)
    x, y = (x0 + x1) / 2, (y0 + y1) / 2
    column, row = (x // 4).to(torch.int64), (y // 4).to(torch.int64)
    return row * 8 + column, torch.stack([x - 4 * column, y - 4 * row, x1 - x0, y1 - y0], dim=1)


# %% right remainders
def encode_boxes(boxes):
    center = boxes.view(-1, 2, 2).mean(dim=1)
    size = boxes[:, 2:] - boxes[:, :2]
    whole = center.long() // 4
    cells = whole @ torch.tensor([1, 8])
    return cells, torch.hstack([center % 4, size])


# %% vacuous zeros
def encode_boxes(boxes):
    return torch.zeros(len(boxes), dtype=torch.int64), torch.zeros(len(boxes), 4)


# %% vacuous the_boxes_themselves
def encode_boxes(boxes):
    return torch.zeros(len(boxes), dtype=torch.int64), boxes
