"""Answers to `iou`: what students write, right and wrong."""

# %% wrong union_counts_the_overlap_twice
# check: iou-pairs
# says: the union counts the overlap once
# -     union = areas[0] + areas[1] - intersection
# +     union = areas[0] + areas[1]
# -     return intersection / union.clamp(min=1e-12)
# +     return 2 * intersection / union.clamp(min=1e-12)

# %% wrong negative_sides_not_clamped
# check: iou-pairs
# says: negative widths are zero
# -     intersection = (high - low).clamp(min=0).prod(dim=1)
# +     intersection = (high - low).prod(dim=1)

# %% wrong clamps_after_multiplying
# check: iou-pairs
# says: clamp before you multiply
# -     intersection = (high - low).clamp(min=0).prod(dim=1)
# +     intersection = (high - low).prod(dim=1).clamp(min=0)

# %% wrong corners_taken_for_centers
# check: iou-pairs
# says: iou
# -     low = torch.maximum(boxes[:, :2], others[:, :2])
# -     high = torch.minimum(boxes[:, 2:], others[:, 2:])
# +     boxes, others = (
# +         torch.cat([b[:, :2] - b[:, 2:] / 2, b[:, :2] + b[:, 2:] / 2], dim=1)
# +         for b in (boxes, others)
# +     )
# +     low = torch.maximum(boxes[:, :2], others[:, :2])
# +     high = torch.minimum(boxes[:, 2:], others[:, 2:])

# %% wrong divides_by_zero
# check: iou-pairs
# says: two empty boxes
# -     return intersection / union.clamp(min=1e-12)
# +     return intersection / union

# %% wrong all_pairs
# check: iou-pairs
# says: expected a tensor of shape (1,)
# -     return intersection / union.clamp(min=1e-12)
# +     return (intersection / union.clamp(min=1e-12))[:, None]

# %% wrong intersection_over_the_smaller_box
# check: iou-pairs
# says: iou
# -     return intersection / union.clamp(min=1e-12)
# +     return intersection / torch.minimum(*areas).clamp(min=1e-12)


# %% right by_columns
def iou(boxes, others):
    x0, y0, x1, y1 = boxes.T
    u0, v0, u1, v1 = others.T
    wide = (torch.min(x1, u1) - torch.max(x0, u0)).clip(0)
    high = (torch.min(y1, v1) - torch.max(y0, v0)).clip(0)
    union = (x1 - x0) * (y1 - y0) + (u1 - u0) * (v1 - v0) - wide * high
    return torch.where(union > 0, wide * high / union, 0.0)


# %% right loop
def iou(boxes, others):
    values = []
    for a, b in zip(boxes.tolist(), others.tolist()):
        wide, high = min(a[2], b[2]) - max(a[0], b[0]), min(a[3], b[3]) - max(a[1], b[1])
        both = wide * high if wide > 0 and high > 0 else 0.0
        union = (a[2] - a[0]) * (a[3] - a[1]) + (b[2] - b[0]) * (b[3] - b[1]) - both
        values.append(both / union if union else 0.0)
    return torch.tensor(values, dtype=boxes.dtype)


# %% vacuous ones
def iou(boxes, others):
    return torch.ones(len(boxes))


# %% vacuous zeros
def iou(boxes, others):
    return torch.zeros(len(boxes))
