"""Answers to `Value`: what students write, right and wrong."""

# %% wrong assigns_for_adds
# check: Value-gradients
# says: += and not =
# says: used three times
# -                 parent.grad += slope * node.grad
# +                 parent.grad = slope * node.grad

# %% wrong visits_a_node_twice
# check: Value-gradients
# says: b sent its gradient on twice
# -         order, seen = [], set()
# -
# -         def visit(node):
# -             if id(node) not in seen:
# -                 seen.add(id(node))
# -                 for parent, _ in node.parents:
# -                     visit(parent)
# -                 order.append(node)
# -
# -         visit(self)
# -         self.grad += 1.0
# -         for node in reversed(order):
# -             for parent, slope in node.parents:
# -                 parent.grad += slope * node.grad
# +         def send(node):
# +             for parent, slope in node.parents:
# +                 parent.grad += slope * node.grad
# +                 send(parent)
# +
# +         self.grad += 1.0
# +         send(self)

# %% wrong level_by_level
# check: Value-gradients
# says: go in topological order
# -         def visit(node):
# -             if id(node) not in seen:
# -                 seen.add(id(node))
# -                 for parent, _ in node.parents:
# -                     visit(parent)
# -                 order.append(node)
# -
# -         visit(self)
# +         queue = [self]
# +         while queue:
# +             node = queue.pop(0)
# +             if id(node) not in seen:
# +                 seen.add(id(node))
# +                 order.append(node)
# +                 queue += [parent for parent, _ in node.parents]
# -         for node in reversed(order):
# +         for node in order:

# %% wrong walks_from_the_leaves
# check: Value-gradients
# says: Value: y = (a * b).tanh() * c
# -         for node in reversed(order):
# +         for node in order:

# %% wrong each_node_seen_once_as_a_parent
# check: Value-gradients
# says: used three times
# -             for parent, slope in node.parents:
# -                 parent.grad += slope * node.grad
# +             for parent, slope in {id(p): (p, s) for p, s in node.parents}.values():
# +                 parent.grad += slope * node.grad

# %% wrong forgets_the_gradient_above
# check: Value-gradients
# says: Value: y = (a * b).tanh() * c
# -                 parent.grad += slope * node.grad
# +                 parent.grad += slope

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
# -         self.grad += 1.0
# +         self.grad += self.data

# %% wrong sets_gradients_to_zero_first
# check: Value-two_results
# says: adds to what grad holds
# -         self.grad += 1.0
# +         for node in order:
# +             node.grad = 0.0
# +         self.grad = 1.0

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
# says: in a graph of 30 nodes
# -         result.parents = [(self, other.data), (other, self.data)]
# +         result.parents = [(self, other.data), (other, self.data)][: 1 if other is self else 2]


# %% right closures
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
