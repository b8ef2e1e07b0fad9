"""Answers to `Value`: what students write, right and wrong."""

# %% wrong assigns_for_adds
# check: Value-gradients
# says: y = tanh(a) + a * b
# says: += and not =
# -                 arrived[parent] += slope * arrived[node]
# +                 arrived[parent] = slope * arrived[node]

# %% wrong sends_what_grad_holds
# check: Value-two_results
# says: then (c * b).backward()
# says: (36.0, 24.0, 6.0), expected (31.0, 22.0, 6.0)
# says: is only what arrived in this call sent on
# -         arrived = dict.fromkeys(order, 0.0)  # in this call; grad may hold something from others
# -         arrived[self] = 1.0
# -         for node in reversed(order):
# -             node.grad += arrived[node]
# -             for parent, slope in node.parents:
# -                 arrived[parent] += slope * arrived[node]
# +         self.grad += 1.0
# +         for node in reversed(order):
# +             for parent, slope in node.parents:
# +                 parent.grad += slope * node.grad

# %% wrong sets_its_own_grad_to_one
# check: Value-two_results
# says: then c.backward()
# says: is only what arrived in this call sent on
# -             node.grad += arrived[node]
# +             node.grad = 1.0 if node is self else node.grad + arrived[node]

# %% wrong empties_inner_nodes_first
# check: Value-two_results
# says: then (c * b).backward()
# -         arrived = dict.fromkeys(order, 0.0)  # in this call; grad may hold something from others
# -         arrived[self] = 1.0
# -         for node in reversed(order):
# -             node.grad += arrived[node]
# -             for parent, slope in node.parents:
# -                 arrived[parent] += slope * arrived[node]
# +         for node in order:
# +             if node.parents:
# +                 node.grad = 0.0
# +         self.grad = 1.0
# +         for node in reversed(order):
# +             for parent, slope in node.parents:
# +                 parent.grad += slope * node.grad

# %% wrong visits_a_node_twice
# check: Value-shared
# says: did b send its whole gradient on twice?
# -         order, seen = [], set()
# -
# -         def visit(node):
# -             if node not in seen:
# -                 seen.add(node)
# -                 for parent, _ in node.parents:
# -                     visit(parent)
# -                 order.append(node)
# -
# -         visit(self)
# -         arrived = dict.fromkeys(order, 0.0)  # in this call; grad may hold something from others
# -         arrived[self] = 1.0
# -         for node in reversed(order):
# -             node.grad += arrived[node]
# -             for parent, slope in node.parents:
# -                 arrived[parent] += slope * arrived[node]
# +         def send(node):
# +             for parent, slope in node.parents:
# +                 parent.grad += slope * node.grad
# +                 send(parent)
# +
# +         self.grad += 1.0
# +         send(self)

# %% wrong starts_at_one_in_every_call
# check: Value-gradients
# says: y = a * b at (3.0, 5.0): a.grad is 1.0000, expected 5.0000
# says: is grad set to 1 in every call of a recursive backward()?
# -         order, seen = [], set()
# -
# -         def visit(node):
# -             if node not in seen:
# -                 seen.add(node)
# -                 for parent, _ in node.parents:
# -                     visit(parent)
# -                 order.append(node)
# -
# -         visit(self)
# -         arrived = dict.fromkeys(order, 0.0)  # in this call; grad may hold something from others
# -         arrived[self] = 1.0
# -         for node in reversed(order):
# -             node.grad += arrived[node]
# -             for parent, slope in node.parents:
# -                 arrived[parent] += slope * arrived[node]
# +         self.grad = 1.0
# +         for parent, slope in self.parents:
# +             parent.grad += slope * self.grad
# +             parent.backward()

# %% wrong level_by_level
# check: Value-shared
# says: Go in topological order
# -         def visit(node):
# -             if node not in seen:
# -                 seen.add(node)
# -                 for parent, _ in node.parents:
# -                     visit(parent)
# -                 order.append(node)
# -
# -         visit(self)
# +         queue = [self]
# +         while queue:
# +             node = queue.pop(0)
# +             if node not in seen:
# +                 seen.add(node)
# +                 order.append(node)
# +                 queue += [parent for parent, _ in node.parents]
# -         for node in reversed(order):
# +         for node in order:

# %% wrong walks_from_the_leaves
# check: Value-gradients
# says: Value: y = a + b
# -         for node in reversed(order):
# +         for node in order:

# %% wrong parents_in_a_dict
# check: Value-shared
# says: y = a + a
# says: does the node remember it twice
# -             for parent, slope in node.parents:
# -                 arrived[parent] += slope * arrived[node]
# +             for parent, slope in dict(node.parents).items():
# +                 arrived[parent] += slope * arrived[node]

# %% wrong equal_numbers_are_one_node
# check: Value-gradients
# says: two Values are two nodes
# -     def backward(self):
# +     def __eq__(self, other):
# +         return self.data == other.data
# +
# +     def __hash__(self):
# +         return hash(self.data)
# +
# +     def backward(self):

# %% wrong forgets_the_gradient_above
# check: Value-gradients
# says: Value: y = (a * b).tanh() * c
# -                 arrived[parent] += slope * arrived[node]
# +                 arrived[parent] += slope

# %% wrong slopes_of_a_product_swapped
# check: Value-gradients
# says: y = a * b
# -         result.parents = [(self, other.data), (other, self.data)]
# +         result.parents = [(self, self.data), (other, other.data)]

# %% wrong slope_of_tanh_at_the_output
# check: Value-gradients
# says: a.tanh()
# -         result.parents = [(self, 1 - result.data**2)]
# +         result.parents = [(self, 1 - np.tanh(result.data) ** 2)]

# %% wrong begins_with_its_own_data
# check: Value-gradients
# says: the grad of the result itself
# -         arrived[self] = 1.0
# +         arrived[self] = self.data

# %% wrong sets_gradients_to_zero_first
# check: Value-two_results
# says: adds to what grad holds
# -             node.grad += arrived[node]
# +             node.grad = arrived[node]

# %% wrong one_grad_for_all
# check: Value-two_results
# says: does grad belong to each Value, or to the class?
# -         arrived = dict.fromkeys(order, 0.0)  # in this call; grad may hold something from others
# +         kept = Value.__dict__.get("kept") or {}
# +         Value.kept = kept
# +         for node in order:
# +             if not node.parents:
# +                 node.grad = kept.get(node.data, 0.0)
# +         arrived = dict.fromkeys(order, 0.0)
# -             node.grad += arrived[node]
# +             node.grad += arrived[node]
# +             if not node.parents:
# +                 kept[node.data] = node.grad

# %% wrong changes_its_operand
# check: Value-forward
# says: Value
# -         result = Value(self.data + other.data)
# -         result.parents = [(self, 1.0), (other, 1.0)]
# -         return result
# +         self.data += other.data
# +         self.parents = [(self, 1.0), (other, 1.0)]
# +         return self

# %% wrong returns_numbers
# check: Value-forward
# says: gave
# says: expected a Value
# -         result = Value(self.data + other.data)
# -         result.parents = [(self, 1.0), (other, 1.0)]
# -         return result
# +         return self.data + other.data


# %% wrong a_square_counts_once
# check: Value-random_graphs
# says: in a graph drawn at random
# -         result.parents = [(self, other.data), (other, self.data)]
# +         result.parents = [(self, other.data), (other, self.data)][: 1 if other is self else 2]


# %% wrong micrograd
# check: Value-two_results
# says: then (c * b).backward()
class Value:
    def __init__(self, data, children=()):
        self.data = data
        self.grad = 0.0
        self._children = set(children)
        self._send = lambda: None

    def __add__(self, other):
        out = Value(self.data + other.data, (self, other))

        def send():
            self.grad += out.grad
            other.grad += out.grad

        out._send = send
        return out

    def __mul__(self, other):
        out = Value(self.data * other.data, (self, other))

        def send():
            self.grad += other.data * out.grad
            other.grad += self.data * out.grad

        out._send = send
        return out

    def tanh(self):
        t = np.tanh(self.data)
        out = Value(t, (self,))

        def send():
            self.grad += (1 - t * t) * out.grad

        out._send = send
        return out

    def backward(self):
        ordered, visited = [], set()

        def build(node):
            if node not in visited:
                visited.add(node)
                for child in node._children:
                    build(child)
                ordered.append(node)

        build(self)
        self.grad = 1.0
        for node in ordered[::-1]:
            node._send()


# %% right along_every_path
class Value:
    def __init__(self, data):
        self.data, self.grad, self.made_from = float(data), 0.0, ()

    def _from(self, data, *made_from):
        result = Value(data)
        result.made_from = made_from
        return result

    def __add__(self, other):
        return self._from(self.data + other.data, (self, 1), (other, 1))

    def __mul__(self, other):
        return self._from(self.data * other.data, (self, other.data), (other, self.data))

    def tanh(self):
        import math

        return self._from(math.tanh(self.data), (self, 1 / math.cosh(self.data) ** 2))

    def backward(self, arriving=1.0):
        self.grad += arriving
        for value, slope in self.made_from:
            value.backward(arriving * slope)


# %% right counts_uses
class Value:
    def __init__(self, data):
        self.data = float(data)
        self.grad = 0.0
        self.parents = []

    def __add__(self, other):
        result = Value(self.data + other.data)
        result.parents = [(self, 1.0), (other, 1.0)]
        return result

    def __mul__(self, other):
        result = Value(self.data * other.data)
        result.parents = [(self, other.data), (other, self.data)]
        return result

    def tanh(self):
        result = Value(np.tanh(self.data))
        result.parents.append((self, 1 - np.tanh(self.data) ** 2))
        return result

    def backward(self):
        uses, nodes = {id(self): 0}, [self]
        for node in nodes:
            for parent, _ in node.parents:
                if id(parent) not in uses:
                    uses[id(parent)] = 0
                    nodes.append(parent)
                uses[id(parent)] += 1
        arrived = {id(node): 0.0 for node in nodes}
        arrived[id(self)] = 1.0
        ready = [self]
        while ready:
            node = ready.pop()
            node.grad += arrived[id(node)]
            for parent, slope in node.parents:
                arrived[id(parent)] += slope * arrived[id(node)]
                uses[id(parent)] -= 1
                if uses[id(parent)] == 0:
                    ready.append(parent)


# %% vacuous keeps_the_first_number
class Value:
    def __init__(self, data):
        self.data = data
        self.grad = 0.0

    def __add__(self, other):
        return Value(self.data)

    def __mul__(self, other):
        return Value(self.data)

    def tanh(self):
        return Value(self.data)

    def backward(self):
        self.grad = 1.0


# %% vacuous zeros
class Value:
    def __init__(self, data):
        self.data = self.grad = 0.0

    def __add__(self, other):
        return self

    def __mul__(self, other):
        return self

    def tanh(self):
        return self

    def backward(self):
        pass
