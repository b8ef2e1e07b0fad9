"""Answers to `ReplayBuffer`: what students write, right and wrong."""

# %% wrong drops_actions
# check: ReplayBuffer-wraps
# says: actions do not belong to the states
# -             self.rows[self.place] = row
# +             self.rows[self.place] = (row[0], self.rows[self.place][1], *row[2:])

# %% wrong misaligned
# check: ReplayBuffer-fields
# says: misaligned
# -         drawn = [self.rows[k] for k in generator.integers(len(self.rows), size=size)]
# -         names = ("states", "actions", "rewards", "next_states", "terminated")
# -         return {name: np.stack(column) for name, column in zip(names, zip(*drawn))}
# +         names = ("states", "actions", "rewards", "next_states", "terminated")
# +         batch = {}
# +         for name, column in zip(names, zip(*self.rows)):
# +             drawn = generator.integers(len(self.rows), size=size)
# +             batch[name] = np.stack(column)[drawn]
# +         return batch

# %% wrong next_state_from_the_next_row
# check: ReplayBuffer-fields
# says: the next transition's state
# -         drawn = [self.rows[k] for k in generator.integers(len(self.rows), size=size)]
# +         drawn = []
# +         for k in generator.integers(len(self.rows), size=size):
# +             s, a, r, _, end = self.rows[k]
# +             drawn.append((s, a, r, self.rows[(k + 1) % len(self.rows)][0], end))

# %% wrong forgets_nothing
# check: ReplayBuffer-wraps
# says: expected 7
# -         if len(self.rows) < self.capacity:
# +         if True:

# %% wrong forgets_the_newest
# check: ReplayBuffer-wraps
# says: expected the latest
# -             self.rows[self.place] = row
# +             pass

# %% wrong starts_again_from_nothing
# check: ReplayBuffer-wraps
# says: expected 7
# -             self.rows[self.place] = row
# +             self.rows = [row]

# %% wrong always_the_same_place
# check: ReplayBuffer-wraps
# says: expected the latest
# -             self.rows[self.place] = row
# +             self.rows[0] = row


# %% wrong draws_empty_rows
# check: ReplayBuffer-fields
# says: does sample draw from empty places
class ReplayBuffer:
    def __init__(self, capacity):
        self.capacity, self.count = capacity, 0
        self.columns = None

    def __len__(self):
        return min(self.count, self.capacity)

    def add(self, *row):
        if self.columns is None:
            kinds = (np.float64, np.int64, np.float64, np.float64, bool)
            self.columns = [
                np.zeros((self.capacity, *np.shape(x)), kind) for x, kind in zip(row, kinds)
            ]
        for column, x in zip(self.columns, row):
            column[self.count % self.capacity] = x
        self.count += 1

    def sample(self, size, generator):
        drawn = generator.integers(self.capacity, size=size)
        names = ("states", "actions", "rewards", "next_states", "terminated")
        return {name: column[drawn] for name, column in zip(names, self.columns)}


# %% wrong shared_memory
# check: ReplayBuffer-wraps
# says: ReplayBuffer
# -         self.capacity = capacity
# -         self.rows = []
# -         self.place = 0
# +         self.capacity = capacity
# +         self.place = 0
# -         row = (np.array(state), int(action), float(reward), np.array(next_state), bool(terminated))
# +         row = (np.array(state), int(action), float(reward), np.array(next_state), bool(terminated))
# +         ReplayBuffer.rows = getattr(ReplayBuffer, "rows", [])

# %% wrong the_latest_only
# check: ReplayBuffer-fields
# says: different ones
# -         drawn = [self.rows[k] for k in generator.integers(len(self.rows), size=size)]
# +         late = self.rows[-5:]
# +         drawn = [late[k] for k in generator.integers(len(late), size=size)]

# %% wrong its_own_generator
# check: ReplayBuffer-fields
# says: draw from `generator`
# -         drawn = [self.rows[k] for k in generator.integers(len(self.rows), size=size)]
# +         drawn = [self.rows[k] for k in np.random.randint(len(self.rows), size=size)]


# %% right deque
class ReplayBuffer:
    def __init__(self, capacity):
        from collections import deque

        self.memory = deque(maxlen=capacity)

    def __len__(self):
        return len(self.memory)

    def add(self, state, action, reward, next_state, terminated):
        self.memory.append((state.copy(), action, reward, next_state.copy(), terminated))

    def sample(self, size, generator):
        rows = list(self.memory)
        chosen = [rows[int(k)] for k in generator.integers(0, len(rows), size)]
        return {
            "states": np.array([row[0] for row in chosen], dtype=np.float64),
            "actions": np.array([row[1] for row in chosen], dtype=np.int64),
            "rewards": np.array([row[2] for row in chosen], dtype=np.float64),
            "next_states": np.array([row[3] for row in chosen], dtype=np.float64),
            "terminated": np.array([row[4] for row in chosen], dtype=bool),
        }


# %% right arrays
class ReplayBuffer:
    def __init__(self, capacity):
        self.capacity, self.count = capacity, 0
        self.columns = None

    def __len__(self):
        return min(self.count, self.capacity)

    def add(self, *row):
        if self.columns is None:
            kinds = (np.float64, np.int64, np.float64, np.float64, bool)
            self.columns = [
                np.zeros((self.capacity, *np.shape(x)), kind) for x, kind in zip(row, kinds)
            ]
        for column, x in zip(self.columns, row):
            column[self.count % self.capacity] = x
        self.count += 1

    def sample(self, size, generator):
        drawn = (generator.random(size) * len(self)).astype(int)
        names = ("states", "actions", "rewards", "next_states", "terminated")
        return {name: column[drawn] for name, column in zip(names, self.columns)}


# %% wrong draws_a_window
# check: ReplayBuffer-fields
# says: not a window
# -         drawn = [self.rows[k] for k in generator.integers(len(self.rows), size=size)]
# +         first = generator.integers(len(self.rows))
# +         drawn = [self.rows[(first + k) % len(self.rows)] for k in range(size)]

# %% wrong two_seeds_draw_the_same
# check: ReplayBuffer-fields
# says: two seeds draw the same transitions
# -         drawn = [self.rows[k] for k in generator.integers(len(self.rows), size=size)]
# +         generator = np.random.default_rng(0)
# +         drawn = [self.rows[k] for k in generator.integers(len(self.rows), size=size)]


# %% right keeps_the_callers_array
# -         row = (np.array(state), int(action), float(reward), np.array(next_state), bool(terminated))
# +         row = (state, int(action), float(reward), next_state, bool(terminated))

# %% right sorted_batch
# -         drawn = [self.rows[k] for k in generator.integers(len(self.rows), size=size)]
# +         drawn = [self.rows[k] for k in np.sort(generator.integers(len(self.rows), size=size))]


# %% vacuous remembers_nothing
class ReplayBuffer:
    def __init__(self, capacity):
        self.capacity, self.count = capacity, 0

    def __len__(self):
        return min(self.count, self.capacity)

    def add(self, state, action, reward, next_state, terminated):
        self.count += 1
        self.size = len(state)

    def sample(self, size, generator):
        zeros = np.zeros(size)
        names = ("states", "next_states")
        batch = {name: np.zeros((size, self.size)) for name in names}
        return batch | {"actions": zeros.astype(int), "rewards": zeros, "terminated": zeros > 0}
