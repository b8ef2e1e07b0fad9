"""Whether a check is a black box, told from its text alone.

A black box calls what the student wrote with plain data and looks at plain data that come back. So
it says the same beside the answer and apart from it. What looks deeper may not: a copy is never the
object itself, a patched function is not patched where the answer runs, and what stays in the other
process lacks what a check hopes not to find. Such a check has to pass both ways.
"""

import ast
import builtins
import functools
from collections.abc import Collection, Iterator

from autograder.assignment.blueprint import NotebookBlueprint
from autograder.assignment.cell_names import parsed
from autograder.assignment.notebook import Kind, grade_id_of, kind_of
from autograder.engine.names import bound_names, read_names

_LOOKS = frozenset({
    "globals", "locals", "vars", "dir", "setattr", "delattr", "id", "eval", "exec",
    "compile", "__import__", "input", "open", "super", "memoryview", "breakpoint", "get_ipython",
    "callable", "In", "Out", "_", "__", "___", "_i", "_ii", "_iii", "_oh", "_ih", "_dh",
})  # fmt: skip
"""Names of Python's own and of IPython that see or change more than data."""
_ASKS_BY_NAME = frozenset({"issubclass", "hasattr", "getattr"})
_PLAIN = frozenset({
    "argparse", "bisect", "cmath", "collections", "copy", "dataclasses", "datetime", "decimal",
    "enum", "fractions", "functools", "gensim", "gymnasium", "hashlib", "heapq", "itertools",
    "jax", "json", "keras", "math", "nltk", "numbers", "numpy", "operator", "pandas", "PIL", "random",
    "re", "scipy", "sklearn", "statistics", "string", "sympy", "tensorflow", "textwrap", "torch",
    "typing",
})  # fmt: skip
"""Modules that compute. Any other may look at files, patch, capture, or measure."""
_DEEP_MODULES = frozenset({
    "builtins", "contextlib", "ctypes", "gc", "inspect", "io", "logging", "mock", "os", "pytest",
    "shutil", "subprocess", "sys", "tempfile", "threading", "time", "timeit", "tracemalloc",
    "types", "unittest", "warnings", "weakref",
})  # fmt: skip
"""Modules of which a check may not use even what the course's own cells have imported."""
_FRESH_CALLS = frozenset({
    "abs", "all", "any", "bool", "complex", "divmod", "float", "format", "hash", "int", "len",
    "max", "min", "ord", "pow", "range", "repr", "round", "str", "sum", "deepcopy",
})  # fmt: skip
_FRESH_METHODS = frozenset({
    "copy", "clone", "item", "tolist", "sum", "mean", "max", "min", "all", "any", "std", "var",
    "array", "deepcopy", "astype", "stack", "cat", "concatenate",
})  # fmt: skip
_BUILTINS = frozenset(dir(builtins))
_GRAPH = frozenset({"grad_fn", "is_leaf", "retain_grad", "retains_grad"})
_IN_GRAPH = frozenset({"requires_grad", "requires_grad_", "Parameter", "Variable", "GradientTape"})
_MEASURES = frozenset({"shape", "dtype", "ndim", "size"})
_CHANGERS = frozenset({
    "shuffle", "copyto", "put", "place", "putmask", "fill_diagonal", "heapify", "heappush",
    "heappop", "heappushpop", "heapreplace", "insort", "insort_left", "insort_right", "setitem",
    "delitem", "iadd", "iconcat",
})  # fmt: skip
_MUTATORS = frozenset({
    "append", "extend", "insert", "pop", "popitem", "remove", "clear", "sort", "reverse",
    "update", "setdefault", "add", "discard", "appendleft", "extendleft", "popleft", "rotate",
    "difference_update", "intersection_update", "symmetric_difference_update",
})  # fmt: skip
_DEEP_FUNCTIONS = frozenset({
    "is_", "is_not", "getstate", "get_state", "get_rng_state", "initial_seed", "seterr",
    "set_printoptions", "geterr", "set_num_threads", "attrgetter", "methodcaller",
})  # fmt: skip
_OF_MEMORY = frozenset({
    "base", "flags", "owndata", "strides", "ctypes", "storage", "is_contiguous", "is_view",
    "_is_view", "storage_offset",
})  # fmt: skip
_CALM = frozenset({
    "no_grad", "inference_mode", "enable_grad", "device", "name_scope", "assertRaises", "raises",
    "GradientTape", "localcontext", "option_context", "fork_rng", "FlopCounterMode", "open",
})  # fmt: skip
"""What a check may open in `with`: it changes nothing that an answer's results depend on."""
_SHARING = frozenset({"shares_memory", "may_share_memory", "data_ptr", "untyped_storage"})
_ARRAY_METHODS = frozenset(
    {"fill", "itemset", "partition", "put", "resize", "setfield", "setflags"}
)
_DISPLAYS = (ast.List, ast.ListComp, ast.Dict, ast.DictComp, ast.Set, ast.SetComp)
_LOOPS = (ast.For, ast.AsyncFor, ast.While, ast.ListComp, ast.GeneratorExp, ast.DictComp)
_FRESH = (ast.BinOp, ast.UnaryOp, ast.Compare, ast.JoinedStr, ast.Constant, ast.Lambda)


def whys_not_black_box(notebook: NotebookBlueprint) -> dict[str, str]:
    """`why_not_black_box` of each check of a notebook, by grade_id."""
    helpers, found = "", {}
    for cell in notebook.notebook.cells:
        if cell.cell_type != "code":
            continue
        if kind_of(cell) is Kind.SETUP:
            helpers += plain_python(cell.source) + "\n"
        elif kind_of(cell) is Kind.CHECK:
            found[grade_id_of(cell)] = why_not_black_box(
                cell.source, notebook.student_names, notebook.student_classes, helpers
            )
    return found


@functools.lru_cache(maxsize=1000)
def plain_python(source: str) -> str:
    """A cell's Python, its magics as calls; empty if it is none."""
    tree = parsed(source)
    return ast.unparse(tree) if tree is not None else ""


@functools.lru_cache(maxsize=1000)
def why_not_black_box(
    source: str,
    answers: frozenset[str],
    classes: frozenset[str] = frozenset(),
    helpers: str = "",
) -> str:
    """Say what in a check looks deeper than at plain data; empty if nothing does.

    answers: names that answers define
    classes: those that name classes
    helpers: the course's own cells above it, as one source; of them counts what it uses
    """
    try:
        tree = ast.parse(source)
        bound = bound_names(source)
        course = _Course(helpers, read_names(source) - bound)
    except (SyntaxError, ValueError, RecursionError):
        return "it is not plain Python"
    for name in sorted(bound):
        if name in answers:
            return f"it binds `{name}` anew, which the answer defines"
        if name in _BUILTINS:
            return f"it binds `{name}` anew, a name of Python's own"
    if course.why_not:
        return course.why_not
    body = [*tree.body, *course.used]
    return _Reading(answers, classes, _LOOKS - bound, course.kept).why_not(body)


class _Course:
    """What a check uses of the course's own cells, directly or by one another.

    used: functions and classes
    kept: names of values that the cells bind, which an answer can change where it runs
    """

    def __init__(self, helpers: str, wanted: frozenset[str]) -> None:
        self.used: list[ast.stmt] = []
        self.kept: set[str] = set()
        self.why_not = ""
        tree = ast.parse(helpers)
        binding: dict[str, list[ast.stmt]] = {}
        for statement in tree.body:
            for name in bound_names(ast.unparse(statement)):
                binding.setdefault(name, []).append(statement)
        waiting, seen = set(wanted), set[str]()
        while names := waiting - seen:
            seen |= names
            for name in sorted(names & binding.keys()):
                for statement in binding[name]:
                    waiting |= self._take(name, statement)
        changed = {
            _root(target)
            for function in ast.walk(tree)
            if isinstance(function, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef)
            for node in ast.walk(function)
            for target in _changed(node)
        }
        for name in sorted(self.kept & changed):
            self.why_not = f"it looks at `{name}`, which a function of the course's own changes"

    def _take(self, name: str, statement: ast.stmt) -> frozenset[str]:
        """Use what a statement binds; returns what it needs itself."""
        if isinstance(statement, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            if statement not in self.used:
                self.used.append(statement)
            if isinstance(statement, ast.ClassDef):
                self.kept.add(name)  # its attributes
            return read_names(ast.unparse(statement))
        if isinstance(statement, ast.Import | ast.ImportFrom):
            module = _modules(statement)[0].split(".")[0]
            if module in _DEEP_MODULES:
                self.why_not = f"it uses `{name}` of `{module}`"
        elif isinstance(statement, ast.Assign | ast.AnnAssign) and statement.value is not None:
            value = statement.value
            if isinstance(value, ast.Lambda):
                self.used.append(statement)
                return read_names(ast.unparse(value))
            if _is_function_of_pythons(value):
                self.why_not = f"it uses `{name}`, another name of `{_short(value)}`"
            elif not _is_constant(value):
                self.kept.add(name)
        else:
            self.kept.add(name)
            if isinstance(statement, ast.Try | ast.If) and any(
                isinstance(node, ast.FunctionDef | ast.Lambda) for node in ast.walk(statement)
            ):
                self.why_not = f"it uses `{name}`, of which two definitions may hold"
        return frozenset()


def _is_constant(value: ast.expr) -> bool:
    """Whether nothing can change a value: numbers, texts, and tuples of them."""
    if isinstance(value, ast.Tuple):
        return all(map(_is_constant, value.elts))
    if isinstance(value, ast.UnaryOp | ast.BinOp):
        return all(
            isinstance(one, ast.Constant | ast.UnaryOp | ast.BinOp | ast.operator | ast.unaryop)
            for one in ast.walk(value)
        )
    return isinstance(value, ast.Constant)


def _is_function_of_pythons(value: ast.expr) -> bool:
    return (isinstance(value, ast.Name) and value.id in _BUILTINS) or (
        isinstance(value, ast.Attribute) and value.attr in _DEEP_FUNCTIONS
    )


class _Reading:
    """Reads one check."""

    def __init__(
        self,
        answers: frozenset[str],
        classes: frozenset[str],
        looks: frozenset[str],
        kept: Collection[str] = (),
    ) -> None:
        self._answers, self._classes, self._looked = answers, classes, looks
        self._kept = frozenset(kept)
        """Names of values of the course's own that an answer can change where it runs."""
        self._direct = set(answers)
        """Names of values that may be, or share memory with, what came from the answer."""
        self._objects = set(classes)
        """Names of the student's own objects: changing one changes it where it lives."""
        self._containers: set[str] = set()
        """Names of lists and dicts that the check itself has made, whatever they hold."""
        self._classes_used = False

    def why_not(self, body: list[ast.stmt]) -> str:
        nodes = [node for statement in body for node in _what_decides(statement)]
        self._classes_used = any(
            isinstance(node, ast.Name) and node.id in self._classes for node in nodes
        )
        for node in nodes:
            if isinstance(node, ast.Import | ast.ImportFrom) and (why := _imports(node)):
                return why
        while self._follow(nodes):
            pass
        self._find_containers(nodes)
        for node in nodes:
            if why := self._looks(node) or self._asks(node) or self._changes(node):
                return why
        return (
            self._asked_for_absence(body)
            or self._changed_arguments(body)
            or self._looked_at_again(body)
            or self._hands_over_a_graph(nodes)
        )

    def _follow(self, nodes: list[ast.AST]) -> bool:
        """Find more names that come from answers; whether there were any."""
        before = len(self._direct) + len(self._objects)
        for node in nodes:
            for target, value in _bindings(node):
                if isinstance(value, ast.Call) and _root(value.func) in self._classes:
                    self._objects.update(_names_in(target))
                elif self._may_be(value):
                    self._direct.update(_names_in(target))
        return len(self._direct) + len(self._objects) > before

    def _find_containers(self, nodes: list[ast.AST]) -> None:
        bound: dict[str, list[ast.AST]] = {}
        for node in nodes:
            for target, value in _bindings(node):
                for name in _names_in(target):
                    bound.setdefault(name, []).append(value)
        self._containers = set(bound) - self._answers
        before = -1
        while before != len(self._containers):
            before = len(self._containers)
            for name, values in bound.items():
                if not all(map(self._is_container, values)):
                    self._containers.discard(name)

    def _is_container(self, node: ast.AST) -> bool:
        if isinstance(node, ast.Call):
            return isinstance(node.func, ast.Name) and node.func.id in ("list", "dict", "set")
        return isinstance(node, _DISPLAYS) or (
            isinstance(node, ast.Name) and node.id in self._containers
        )

    def _may_be(self, node: ast.AST) -> bool:
        """Whether a value may be what came from the answer, or a view of it."""
        if isinstance(node, _FRESH):
            return False
        if isinstance(node, ast.Name):
            return node.id in self._direct
        if isinstance(node, ast.Attribute) and node.attr in _MEASURES:
            return False
        if isinstance(node, ast.Call):
            if _root(node.func) in self._answers | self._objects:
                return True
            if isinstance(node.func, ast.Name) and node.func.id in _FRESH_CALLS:
                return False
            if isinstance(node.func, ast.Attribute) and node.func.attr in _FRESH_METHODS:
                return False
        return any(map(self._may_be, ast.iter_child_nodes(node)))

    def _mentions(self, node: ast.AST) -> bool:
        """Whether an expression has anything of an answer in it."""
        names = self._direct | self._objects
        return any(isinstance(one, ast.Name) and one.id in names for one in ast.walk(node))

    def _looks(self, node: ast.AST) -> str:
        if (
            isinstance(node, ast.Name)
            and isinstance(node.ctx, ast.Load)
            and node.id in self._looked
        ):
            return f"it uses `{node.id}`"
        if isinstance(node, ast.Attribute):
            if node.attr.startswith("__") and node.attr.endswith("__"):
                return f"it looks at `{node.attr}`" if self._mentions(node.value) else ""
            if node.attr in _SHARING | _DEEP_FUNCTIONS:
                return f"it uses `{node.attr}`"
            if node.attr in _OF_MEMORY and self._mentions(node.value):
                return f"it looks at `.{node.attr}` of what the answer gives"
            if node.attr in _GRAPH and self._mentions(node.value):
                return f"it looks at `.{node.attr}` of what the answer gives"
            if node.attr == "grad" and self._may_be(node.value) and not self._classes_used:
                return f"it looks at `.{node.attr}` of what the answer gives"
            if node.attr.startswith("_") and self._mentions(node.value):
                return f"it looks at `.{node.attr}`, which is private"
        if isinstance(node, ast.Compare):
            sides = (node.left, *node.comparators)
            for side, other in (sides[:2], sides[1::-1]):
                kept = isinstance(side, ast.Name | ast.Attribute) and _root(side) in self._kept
                equal = isinstance(node.ops[0], ast.Eq | ast.NotEq)
                if kept and equal and isinstance(other, (*_DISPLAYS, ast.Tuple, ast.Constant)):
                    return f"it looks whether `{_short(side)}` is as it was"
            for operator, other in zip(node.ops, node.comparators, strict=True):
                constant = isinstance(other, ast.Constant) or isinstance(node.left, ast.Constant)
                if isinstance(operator, ast.Is | ast.IsNot) and not constant:
                    return f"it compares with `is`: `{_short(node)}`"
        if isinstance(node, ast.ExceptHandler) and _is_broad(node.type):
            return f"`{_short(node).splitlines()[0]}` also takes what has another cause"
        if isinstance(node, ast.With):
            for item in node.items:
                if self._mentions(item.context_expr):
                    return "it opens what the answer gives in `with`"
                if not _names_words(item.context_expr, _CALM):
                    return f"it changes the surroundings: `with {_short(item.context_expr)}`"
        if (function := _changer_of_its_own(node)) is not None:
            return f"`{_short(function).splitlines()[0]}` changes what it is given"
        if isinstance(node, ast.Await | ast.AsyncFor | ast.AsyncWith):
            return "it awaits"
        if isinstance(node, ast.Global):
            return f"it binds `{node.names[0]}` from within a function"
        return ""

    def _asks(self, node: ast.AST) -> str:
        """Calls of `isinstance` and the like on objects that live in the other process."""
        if not (isinstance(node, ast.Call) and isinstance(node.func, ast.Name)):
            return ""
        if node.func.id in _ASKS_BY_NAME and any(map(self._mentions, node.args)):
            name = node.args[1] if len(node.args) > 1 else None
            public = isinstance(name, ast.Constant) and not str(name.value).startswith("_")
            if node.func.id == "issubclass" or not public:
                return f"it asks `{_short(node)}`"
        return ""

    def _asked_for_absence(self, body: list[ast.stmt]) -> str:
        """`isinstance` is a black box's where "no" fails the check, and nothing else."""
        wanted: set[int] = set()
        for statement in body:
            for node in ast.walk(statement):
                if isinstance(node, ast.Assert):
                    wanted.update(map(id, _conjuncts(node.test)))
        for statement in body:
            for node in _what_decides(statement):
                if (
                    isinstance(node, ast.Call)
                    and isinstance(node.func, ast.Name)
                    and node.func.id in ("isinstance", "type")
                    and id(node) not in wanted
                    and any(map(self._mentions, node.args))
                ):
                    return f"it asks `{_short(node)}` where a no may let it pass"
        return ""

    def _changes(self, node: ast.AST) -> str:
        """Changes to what came from the answer: only a copy of it is here."""
        for target in _changed(node):
            root = _root(target)
            own = isinstance(target, ast.Name) and root in self._containers
            if root in self._answers:
                return f"it changes `{_short(target)}`"
            if own or (isinstance(target, ast.Name) and root in self._objects):
                continue
            if self._classes_used and _calls_a_method(node):
                continue
            if self._may_be(target) or root in self._objects or self._is_one_of(target):
                return f"it changes what the answer gave: `{_short(node)}`"
        return ""

    def _is_one_of(self, node: ast.AST) -> bool:
        """Whether a value is an element of what came from the answer: `max(f(x))`."""
        return (
            isinstance(node, ast.Call)
            and isinstance(node.func, ast.Name)
            and node.func.id in ("max", "min", "sum", "next")
            and any(map(self._may_be, node.args))
        )

    def _looked_at_again(self, body: list[ast.stmt]) -> str:
        """What a student's object gave, or was given, and may have kept and changed since."""
        for scope in _scopes(body):
            used, shared = [], dict[str, int]()
            for node in scope:
                of_object = isinstance(node, ast.Call) and (
                    _root(node.func) in self._objects | self._classes
                )
                if isinstance(node, ast.Call) and of_object:
                    used.append(node.lineno)
                    for argument in (*node.args, *(word.value for word in node.keywords)):
                        for name in _handed_over(argument):
                            shared.setdefault(name, node.lineno)
                for target, value in _bindings(node):
                    calls = isinstance(value, ast.Call) and _root(value.func) in self._objects
                    if calls and isinstance(target, ast.Name):
                        shared.setdefault(target.id, value.lineno)  # type: ignore[attr-defined]
            for node in scope:
                if isinstance(node, ast.Compare):
                    for side in (node.left, *node.comparators):
                        name = side.id if isinstance(side, ast.Name) else ""
                        if name in shared and any(
                            shared[name] < line < node.lineno for line in used
                        ):
                            return f"it looks at `{name}` again, which the answer may have changed"
        return ""

    def _hands_over_a_graph(self, nodes: list[ast.AST]) -> str:
        """Tensors that gather gradients, given twice: what the first call leaves in them is lost."""
        tracked = {
            name
            for node in nodes
            for target, value in _bindings(node)
            if _names_words(value, _IN_GRAPH)
            for name in _names_in(target)
        }
        looped = {id(one) for node in nodes if isinstance(node, _LOOPS) for one in ast.walk(node)}
        given: set[str] = set()
        for node in nodes:
            if isinstance(node, ast.Call) and _root(node.func) in self._answers | self._objects:
                for argument in (*node.args, *(word.value for word in node.keywords)):
                    for name in tracked.intersection(_handed_over(argument)):
                        if name in given or id(node) in looped:
                            return f"it gives the answer `{name}`, which gathers gradients, twice"
                        given.add(name)
        return ""

    def _changed_arguments(self, body: list[ast.stmt]) -> str:
        """Changes to what was given to an answer before: the answer may have kept it."""
        for scope in _scopes(body):
            given: dict[str, int] = {}
            again = _in_loops(scope)
            for node in scope:
                if isinstance(node, ast.Call) and _root(node.func) in self._answers | self._objects:
                    for argument in (*node.args, *(word.value for word in node.keywords)):
                        for name in _handed_over(argument):
                            for alias in _aliases(name, scope):
                                line = min(given.get(alias, node.lineno), node.lineno)
                                given[alias] = line
                                if id(node) in again and not _bound_within(alias, again[id(node)]):
                                    given[alias] = min(line, again[id(node)].lineno - 1)
            for node in scope:
                for target in _changed(node):
                    name, line = _root(target), getattr(node, "lineno", 0)
                    if (
                        name in given
                        and line > given[name]
                        and not any(given[name] < made <= line for made in _made_anew(name, scope))
                    ):
                        return f"it changes `{name}` after it was given to the answer"
        return ""


def _modules(node: ast.Import | ast.ImportFrom) -> list[str]:
    if isinstance(node, ast.Import):
        return [alias.name for alias in node.names]
    return [node.module or "."]


def _imports(node: ast.Import | ast.ImportFrom) -> str:
    for name in _modules(node):
        if name.split(".")[0] not in _PLAIN:
            return f"it imports `{name}`"
    return ""


def _what_decides(statement: ast.AST) -> Iterator[ast.AST]:
    """The nodes of a statement, without the words that a failure is told in."""
    waiting: list[ast.AST] = [statement]
    while waiting:
        node = waiting.pop()
        yield node
        if isinstance(node, ast.Assert):
            waiting.append(node.test)
        elif not isinstance(node, ast.Raise) and not (
            isinstance(node, ast.Call) and _root(node.func) == "print"
        ):
            waiting.extend(ast.iter_child_nodes(node))


def _scopes(body: list[ast.stmt]) -> Iterator[list[ast.AST]]:
    """What decides in each function, and in the check outside of its functions."""
    functions = (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda)
    waiting: list[list[ast.AST]] = [list(body)]
    while waiting:
        nodes = list[ast.AST]()
        inside = waiting.pop()
        while inside:
            node = inside.pop()
            if isinstance(node, functions):
                waiting.append([*node.body] if isinstance(node.body, list) else [node.body])
            elif isinstance(node, ast.Assert):
                inside.append(node.test)
            else:
                nodes.append(node)
                inside.extend(ast.iter_child_nodes(node))
        yield nodes


def _in_loops(scope: list[ast.AST]) -> dict[int, ast.stmt]:
    """The outermost loop around each node that has one, by the node's id."""
    found: dict[int, ast.stmt] = {}
    for loop in scope:
        if isinstance(loop, ast.For | ast.While):
            for node in ast.walk(loop):
                found.setdefault(id(node), loop)
    return found


def _bound_within(name: str, loop: ast.stmt) -> bool:
    """Whether a loop makes a name anew each time."""
    return any(
        name in _names_in(target) for node in ast.walk(loop) for target, _ in _bindings(node)
    )


def _made_anew(name: str, scope: list[ast.AST]) -> Iterator[int]:
    """Lines at which a name gets a value that nothing else has."""
    for node in scope:
        if isinstance(node, ast.Assign):
            for target, value in _bindings(node):
                fresh = isinstance(value, _FRESH) or (
                    isinstance(value, ast.Call)
                    and isinstance(value.func, ast.Attribute)
                    and value.func.attr in _FRESH_METHODS
                )
                if isinstance(target, ast.Name) and target.id == name and fresh:
                    yield node.lineno


def _aliases(name: str, scope: list[ast.AST]) -> set[str]:
    """Names whose values may be, or hold, the same object."""
    bound = {one for node in scope for target, _ in _bindings(node) for one in _names_in(target)}
    found, before = {name}, 0
    while len(found) > before:
        before = len(found)
        for node in scope:
            for target, value in _bindings(node):
                if isinstance(node, ast.Assign | ast.AnnAssign | ast.NamedExpr):
                    names = {*_names_in(target)}
                    others = bound.intersection(_handed_over(value))
                    if (names | others) & found and others:
                        found |= names | others
    return found


def _changer_of_its_own(node: ast.AST) -> ast.AST | None:
    """A function that changes one of its parameters in place."""
    if not isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda):
        return None
    named = node.args
    parameters = {one.arg for one in (*named.posonlyargs, *named.args, *named.kwonlyargs)}
    parameters.discard("self")
    body = node.body if isinstance(node.body, list) else [node.body]
    for statement in body:
        for inside in ast.walk(statement):
            targets = [*_changed(inside)]
            if isinstance(inside, ast.AugAssign) and isinstance(inside.target, ast.Name):
                targets = []  # of a number: a new one
            if any(_root(target) in parameters for target in targets):
                return node
    return None


def _bindings(node: ast.AST) -> Iterator[tuple[ast.AST, ast.AST]]:
    """(target, value) of what a node binds."""
    if isinstance(node, ast.Assign):
        for target in node.targets:
            if (
                isinstance(target, ast.Tuple)
                and isinstance(node.value, ast.Tuple)
                and len(target.elts) == len(node.value.elts)
            ):
                yield from zip(target.elts, node.value.elts, strict=True)
            else:
                yield target, node.value
    elif isinstance(node, ast.AnnAssign | ast.NamedExpr) and node.value is not None:
        yield node.target, node.value
    elif isinstance(node, ast.For | ast.AsyncFor | ast.comprehension):
        rows = node.iter.elts if isinstance(node.iter, ast.Tuple | ast.List) else [node.iter]
        for row in rows:
            pairs = [(node.target, row)]
            if (
                isinstance(node.target, ast.Tuple)
                and isinstance(row, ast.Tuple)
                and len(node.target.elts) == len(row.elts)
            ):
                pairs = list(zip(node.target.elts, row.elts, strict=True))
            yield from pairs
    elif isinstance(node, ast.withitem) and node.optional_vars is not None:
        yield node.optional_vars, node.context_expr


def _changed(node: ast.AST) -> Iterator[ast.expr]:
    """What a node changes in place."""
    if isinstance(node, ast.Assign | ast.Delete):
        for target in node.targets:
            for one in ast.walk(target):
                if isinstance(one, ast.Subscript | ast.Attribute) and not isinstance(
                    one.ctx, ast.Load
                ):
                    yield one.value
    elif isinstance(node, ast.AugAssign):
        yield node.target.value if not isinstance(node.target, ast.Name) else node.target
    elif isinstance(node, ast.Expr) and isinstance(node.value, ast.Call):
        function = node.value.func
        if isinstance(function, ast.Attribute):
            if function.attr in _CHANGERS or _root(function.value) in _BUILTINS:
                yield from node.value.args[:1]
            else:
                yield function.value
        elif isinstance(function, ast.Name) and function.id in _CHANGERS:
            yield from node.value.args[:1]
    elif isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
        in_place = node.func.attr.endswith("_") and not node.func.attr.startswith("_")
        if in_place or node.func.attr in _MUTATORS:
            yield node.func.value
    elif isinstance(node, ast.keyword) and node.arg == "out":
        yield node.value


def _calls_a_method(node: ast.AST) -> bool:
    """Whether a statement calls a method that no list, dict or array has."""
    call = node.value if isinstance(node, ast.Expr) else None
    return (
        isinstance(call, ast.Call)
        and isinstance(call.func, ast.Attribute)
        and not any(hasattr(kind, call.func.attr) for kind in (list, dict, set, bytearray))
        and call.func.attr not in _ARRAY_METHODS
    )


def _handed_over(argument: ast.AST) -> Iterator[str]:
    """Names in an argument whose values the answer gets, not values made of them."""
    if isinstance(argument, _FRESH):
        return
    if isinstance(argument, ast.Name):
        yield argument.id
    elif isinstance(argument, ast.Call):
        if isinstance(argument.func, ast.Attribute) and argument.func.attr not in _FRESH_METHODS:
            yield from _handed_over(argument.func.value)
    elif isinstance(argument, ast.Subscript | ast.Attribute):
        yield from _handed_over(argument.value)
    elif isinstance(argument, ast.IfExp):
        yield from _handed_over(argument.body)
        yield from _handed_over(argument.orelse)
    elif isinstance(argument, ast.List | ast.Tuple | ast.Set | ast.Dict | ast.Starred):
        for child in ast.iter_child_nodes(argument):
            yield from _handed_over(child)


def _names_words(node: ast.AST, words: frozenset[str]) -> bool:
    """Whether an attribute, a keyword or a name in `node` is one of the words."""
    return any(
        (isinstance(one, ast.Attribute) and one.attr in words)
        or (isinstance(one, ast.keyword) and one.arg in words)
        or (isinstance(one, ast.Name) and one.id in words)
        for one in ast.walk(node)
    )


def _conjuncts(node: ast.expr) -> Iterator[ast.AST]:
    """Calls that have to say yes for a condition to hold."""
    if isinstance(node, ast.BoolOp) and isinstance(node.op, ast.And):
        for value in node.values:
            yield from _conjuncts(value)
    elif isinstance(node, ast.Call):
        yield node
        if isinstance(node.func, ast.Name) and node.func.id == "all" and node.args:
            inside = node.args[0]
            if isinstance(inside, ast.GeneratorExp | ast.ListComp):
                yield from _conjuncts(inside.elt)
    elif isinstance(node, ast.Compare) and isinstance(node.ops[0], ast.Eq | ast.Is | ast.In):
        yield node.left
        yield from node.comparators


def _is_broad(kind: ast.expr | None) -> bool:
    if kind is None:
        return True
    names = kind.elts if isinstance(kind, ast.Tuple) else [kind]
    return any(
        isinstance(name, ast.Name)
        and name.id in ("BaseException", "Exception", "NameError", "AttributeError")
        for name in names
    )


def _root(node: ast.AST) -> str:
    """The name that an expression begins with, as `x` in `x[0].y(1)`; empty if there is none."""
    while isinstance(node, ast.Attribute | ast.Subscript | ast.Call | ast.Starred):
        node = node.func if isinstance(node, ast.Call) else node.value
    return node.id if isinstance(node, ast.Name) else ""


def _names_in(target: ast.AST) -> Iterator[str]:
    for node in ast.walk(target):
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
            yield node.id


def _short(node: ast.AST) -> str:
    text = " ".join(ast.unparse(node).split())
    return text if len(text) <= 60 else text[:57] + "..."
