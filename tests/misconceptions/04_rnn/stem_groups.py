"""Answers to `stem_groups`: what students write, right and wrong."""

# %% wrong groups_only
# check: stem_groups-chains
# says: both begin with
# -         for key in (("group", group), ("stem", name[:length])):
# +         for key in (("group", group),):

# %% wrong beginnings_only
# check: stem_groups-chains
# says: they have the same group
# -         for key in (("group", group), ("stem", name[:length])):
# +         for key in (("stem", name[:length]),):

# %% wrong both_at_once
# check: stem_groups-chains
# says: expected one
# -         for key in (("group", group), ("stem", name[:length])):
# +         for key in ((group, name[:length]),):

# %% wrong beginnings_and_groups_confused
# check: stem_groups-any_order
# says: pairs are wrong
# -         for key in (("group", group), ("stem", name[:length])):
# +         for key in (("group", group % 7), ("stem", name[:length])):

# %% wrong the_end_for_the_beginning
# check: stem_groups-chains
# says: expected one
# -         for key in (("group", group), ("stem", name[:length])):
# +         for key in (("group", group), ("stem", name[-length:])):

# %% wrong length_is_five
# check: stem_groups-chains
# says: length 3
# -         for key in (("group", group), ("stem", name[:length])):
# +         for key in (("group", group), ("stem", name[:5])):

# %% wrong short_names_by_group_only
# check: stem_groups-chains
# says: both begin with 'kuba'
# -         for key in (("group", group), ("stem", name[:length])):
# +         keys = [("group", group)] + [("stem", name[:length])] * (len(name) >= length)
# +         for key in keys:


# %% wrong a_short_name_is_a_beginning
# check: stem_groups-chains
# says: no chain links them
def stem_groups(names, groups, length):
    number = list(range(len(names)))
    for k, (name, group) in enumerate(zip(names, groups)):
        for j in range(k):
            stem = min(length, len(name), len(names[j]))
            if groups[j] == group or names[j][:stem] == name[:stem]:
                old, new = max(number[j], number[k]), min(number[j], number[k])
                number = [new if n == old else n for n in number]
    order = list(dict.fromkeys(number))
    return np.array([order.index(n) for n in number])


# %% wrong one_pass_without_chains
# check: stem_groups-chains
# says: expected one
def stem_groups(names, groups, length):
    number, by_group, by_stem = [], {}, {}
    for name, group in zip(names, groups):
        known = by_group.get(group, by_stem.get(name[:length], len(set(number))))
        by_group.setdefault(group, known)
        by_stem.setdefault(name[:length], known)
        number.append(known)
    return np.array(number)


# %% wrong joins_two_names_and_not_their_sets
# check: stem_groups-chains
# says: expected one
# -             parent[max(one, other)] = min(one, other)
# +             parent[k] = min(one, other)

# %% wrong not_numbered_by_appearance
# check: stem_groups-chains
# says: number them in the order in which they appear
# -     return np.array([number.setdefault(root(k), len(number)) for k in range(len(names))])
# +     return np.array([root(k) for k in range(len(names))])

# %% wrong numbered_from_one
# check: stem_groups-chains
# says: number them in the order in which they appear
# -     return np.array([number.setdefault(root(k), len(number)) for k in range(len(names))])
# +     return np.array([number.setdefault(root(k), len(number) + 1) for k in range(len(names))])


# %% right relabels
def stem_groups(names, groups, length):
    number, keys = [], {}
    for name, group in zip(names, groups):
        links = {keys[key] for key in ((0, group), (1, name[:length])) if key in keys}
        new = min(links, default=len(keys))
        number = [new if n in links else n for n in number] + [new]
        keys = {key: new if n in links else n for key, n in keys.items()}
        keys |= {(0, group): new, (1, name[:length]): new, (2, len(number)): -1}
    order = list(dict.fromkeys(number))
    return np.array([order.index(n) for n in number])


# %% right connected_components
def stem_groups(names, groups, length):
    from scipy.sparse import coo_array
    from scipy.sparse.csgraph import connected_components

    count = len(names)
    _, by_group = np.unique(groups, return_inverse=True)
    _, by_stem = np.unique([name[:length] for name in names], return_inverse=True)
    rows = np.tile(np.arange(count), 2)
    columns = count + np.concatenate([by_group, by_group.max() + 1 + by_stem])
    graph = coo_array((np.ones(2 * count), (rows, columns)), shape=(3 * count + 2, 3 * count + 2))
    found = connected_components(graph, directed=False)[1][:count].tolist()
    order = {number: k for k, number in enumerate(dict.fromkeys(found))}
    return [order[number] for number in found]


# %% vacuous zeros
def stem_groups(names, groups, length):
    return np.zeros(len(names), dtype=int)


# %% vacuous every_name_alone
def stem_groups(names, groups, length):
    return np.arange(len(names))
