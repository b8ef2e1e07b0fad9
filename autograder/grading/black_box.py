"""Whether a check is a black box, told from its text alone.

A black box calls what the student wrote with plain data and looks at plain data that come back. So
it says the same beside the answer and apart from it. What looks deeper may not: a copy is never the
object itself, a patched function is not patched where the answer runs, and what stays in the other
process lacks what a check hopes not to find. Such a check has to pass both ways.
"""

import ast
import functools
from collections.abc import Collection

from autograder.assignment.blueprint import NotebookBlueprint
from autograder.assignment.cell_names import plain_python
from autograder.assignment.notebook import Kind, grade_id_of, kind_of
from autograder.assignment.python_text import NOT_PYTHON
from autograder.engine.names import bound_names, read_names
from autograder.grading.course_names import (
    DEEP_FUNCTIONS,
    PLAIN_MODULES,
    CourseNames,
    deep_import,
    imported_modules,
)
from autograder.grading.data_flow import (
    BUILTINS,
    FRESH,
    FRESH_METHODS,
    aliases,
    bindings,
    bound_within,
    calls_a_method,
    changed_in_place,
    changes_its_parameter,
    conjuncts,
    deciding_nodes,
    handed_over,
    loops_around,
    made_anew,
    names_any_of,
    names_in,
    root_name,
    scopes,
    shortened,
)

_LOOKS = frozenset({
    "globals", "locals", "vars", "dir", "setattr", "delattr", "id", "eval", "exec",
    "compile", "__import__", "input", "open", "super", "memoryview", "breakpoint", "get_ipython",
    "callable", "In", "Out", "_", "__", "___", "_i", "_ii", "_iii", "_oh", "_ih", "_dh",
})  # fmt: skip
"""Names of Python's own and of IPython that see or change more than data."""
_ASKS_BY_NAME = frozenset({"issubclass", "hasattr", "getattr"})
_FRESH_CALLS = frozenset({
    "abs", "all", "any", "bool", "complex", "divmod", "float", "format", "hash", "int", "len",
    "max", "min", "ord", "pow", "range", "repr", "round", "str", "sum", "deepcopy",
})  # fmt: skip
_GRAPH = frozenset({"grad_fn", "is_leaf", "retain_grad", "retains_grad"})
_IN_GRAPH = frozenset({"requires_grad", "requires_grad_", "Parameter", "Variable", "GradientTape"})
_MEASURES = frozenset({"shape", "dtype", "ndim", "size"})
_OF_MEMORY = frozenset({
    "base", "flags", "owndata", "strides", "ctypes", "storage", "is_contiguous", "is_view",
    "_is_view", "storage_offset",
})  # fmt: skip
_CALM = frozenset({
    "no_grad", "inference_mode", "enable_grad", "device", "name_scope", "GradientTape",
    "localcontext", "option_context", "fork_rng", "FlopCounterMode", "open",
})  # fmt: skip
"""What a check may open in `with`: it changes nothing that an answer's results depend on."""
_DISPLAYS = (ast.List, ast.ListComp, ast.Dict, ast.DictComp, ast.Set, ast.SetComp)
_LOOPS = (ast.For, ast.While, ast.ListComp, ast.SetComp, ast.DictComp, ast.GeneratorExp)


def whys_not_black_box(notebook: NotebookBlueprint) -> dict[str, str]:
    """`why_not_black_box` of each check of a notebook, by grade_id."""
    helpers, found = "", {}
    for cell in notebook.notebook.cells:
        if not notebook.runs(cell):
            continue
        if kind_of(cell) is Kind.SETUP:
            helpers += plain_python(cell.source) + "\n"
        elif kind_of(cell) is Kind.CHECK:
            found[grade_id_of(cell)] = why_not_black_box(
                cell.source, notebook.student_names, notebook.student_classes, helpers
            )
    return found


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
        course = CourseNames(helpers, read_names(source) - bound)
    except NOT_PYTHON:
        return "it is not plain Python"
    for name in sorted(bound):
        if name in answers:
            return f"it binds `{name}` anew, which the answer defines"
        if name in BUILTINS:
            return f"it binds `{name}` anew, a name of Python's own"
    if course.why_not:
        return course.why_not
    body = [*tree.body, *course.used]
    return _Reading(answers, classes, _LOOKS - bound, course.kept).why_not(body)


class _Reading:
    """Reads one check."""

    def __init__(
        self,
        answers: frozenset[str],
        classes: frozenset[str],
        looks: frozenset[str],
        kept: Collection[str],
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
        nodes = [node for statement in body for node in deciding_nodes(statement)]
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
            for target, value in bindings(node):
                if isinstance(value, ast.Call) and root_name(value.func) in self._classes:
                    self._objects.update(names_in(target))
                elif self._may_be(value):
                    self._direct.update(names_in(target))
        return len(self._direct) + len(self._objects) > before

    def _find_containers(self, nodes: list[ast.AST]) -> None:
        bound: dict[str, list[ast.AST]] = {}
        for node in nodes:
            for target, value in bindings(node):
                for name in names_in(target):
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
        if isinstance(node, FRESH):
            return False
        if isinstance(node, ast.Name):
            return node.id in self._direct
        if isinstance(node, ast.Attribute) and node.attr in _MEASURES:
            return False
        if isinstance(node, ast.Call):
            if root_name(node.func) in self._answers | self._objects:
                return True
            if isinstance(node.func, ast.Name) and node.func.id in _FRESH_CALLS:
                return False
            if isinstance(node.func, ast.Attribute) and node.func.attr in FRESH_METHODS:
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
            if node.attr in DEEP_FUNCTIONS:
                return f"it uses `{node.attr}`"
            if node.attr in _OF_MEMORY | _GRAPH and self._mentions(node.value):
                return f"it looks at `.{node.attr}` of what the answer gives"
            if node.attr == "grad" and self._may_be(node.value) and not self._classes_used:
                return f"it looks at `.{node.attr}` of what the answer gives"
            if node.attr.startswith("_") and self._mentions(node.value):
                return f"it looks at `.{node.attr}`, which is private"
        if isinstance(node, ast.Compare):
            sides = (node.left, *node.comparators)
            for side, other in (sides[:2], sides[1::-1]):
                kept = isinstance(side, ast.Name | ast.Attribute) and root_name(side) in self._kept
                equal = isinstance(node.ops[0], ast.Eq | ast.NotEq)
                if kept and equal and isinstance(other, (*_DISPLAYS, ast.Tuple, ast.Constant)):
                    return f"it looks whether `{shortened(side)}` is as it was"
            for operator, other in zip(node.ops, node.comparators, strict=True):
                constant = isinstance(other, ast.Constant) or isinstance(node.left, ast.Constant)
                if isinstance(operator, ast.Is | ast.IsNot) and not constant:
                    return f"it compares with `is`: `{shortened(node)}`"
        if isinstance(node, ast.ExceptHandler) and _is_broad(node.type):
            return f"`{shortened(node).splitlines()[0]}` also takes what has another cause"
        if isinstance(node, ast.With):
            for item in node.items:
                if self._mentions(item.context_expr):
                    return "it opens what the answer gives in `with`"
                if not names_any_of(item.context_expr, _CALM):
                    return f"it changes the surroundings: `with {shortened(item.context_expr)}`"
        if (function := changes_its_parameter(node)) is not None:
            return f"`{shortened(function).splitlines()[0]}` changes what it is given"
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
                return f"it asks `{shortened(node)}`"
        return ""

    def _asked_for_absence(self, body: list[ast.stmt]) -> str:
        """`isinstance` is a black box's where "no" fails the check, and nothing else."""
        wanted: set[int] = set()
        for statement in body:
            for node in ast.walk(statement):
                if isinstance(node, ast.Assert):
                    wanted.update(map(id, conjuncts(node.test)))
        for statement in body:
            for node in deciding_nodes(statement):
                if (
                    isinstance(node, ast.Call)
                    and isinstance(node.func, ast.Name)
                    and node.func.id in ("isinstance", "type")
                    and id(node) not in wanted
                    and any(map(self._mentions, node.args))
                ):
                    return f"it asks `{shortened(node)}` where a no may let it pass"
        return ""

    def _changes(self, node: ast.AST) -> str:
        """Changes to what came from the answer: only a copy of it is here."""
        for target in changed_in_place(node):
            root = root_name(target)
            own = isinstance(target, ast.Name) and root in self._containers
            if root in self._answers:
                return f"it changes `{shortened(target)}`"
            if own or (isinstance(target, ast.Name) and root in self._objects):
                continue
            if self._classes_used and calls_a_method(node):
                continue
            if self._may_be(target) or root in self._objects or self._is_one_of(target):
                return f"it changes what the answer gave: `{shortened(node)}`"
        return ""

    def _is_one_of(self, node: ast.AST) -> bool:
        """Whether a value is an element of what came from the answer: `max(f(x))`."""
        return (
            isinstance(node, ast.Call)
            and isinstance(node.func, ast.Name)
            and node.func.id in ("max", "min", "sum")
            and any(map(self._may_be, node.args))
        )

    def _looked_at_again(self, body: list[ast.stmt]) -> str:
        """What a student's object gave, or was given, and may have kept and changed since."""
        for scope in scopes(body):
            used, shared = [], dict[str, int]()
            for node in scope:
                of_object = isinstance(node, ast.Call) and (root_name(node.func) in self._objects)
                if isinstance(node, ast.Call) and of_object:
                    used.append(node.lineno)
                    for argument in (*node.args, *(word.value for word in node.keywords)):
                        for name in handed_over(argument):
                            shared.setdefault(name, node.lineno)
                for target, value in bindings(node):
                    calls = isinstance(value, ast.Call) and root_name(value.func) in self._objects
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
            for target, value in bindings(node)
            if names_any_of(value, _IN_GRAPH)
            for name in names_in(target)
        }
        looped = {id(one) for node in nodes if isinstance(node, _LOOPS) for one in ast.walk(node)}
        given: set[str] = set()
        for node in nodes:
            if isinstance(node, ast.Call) and root_name(node.func) in self._answers | self._objects:
                for argument in (*node.args, *(word.value for word in node.keywords)):
                    for name in tracked.intersection(handed_over(argument)):
                        if name in given or id(node) in looped:
                            return f"it gives the answer `{name}`, which gathers gradients, twice"
                        given.add(name)
        return ""

    def _changed_arguments(self, body: list[ast.stmt]) -> str:
        """Changes to what was given to an answer before: the answer may have kept it."""
        for scope in scopes(body):
            given: dict[str, int] = {}
            again = loops_around(scope)
            for node in scope:
                if (
                    isinstance(node, ast.Call)
                    and root_name(node.func) in self._answers | self._objects
                ):
                    for argument in (*node.args, *(word.value for word in node.keywords)):
                        for name in handed_over(argument):
                            for alias in aliases(name, scope):
                                line = min(given.get(alias, node.lineno), node.lineno)
                                given[alias] = line
                                if id(node) in again and not bound_within(alias, again[id(node)]):
                                    given[alias] = min(line, again[id(node)].lineno - 1)
            for node in scope:
                for target in changed_in_place(node):
                    name, line = root_name(target), getattr(node, "lineno", 0)
                    if (
                        name in given
                        and line > given[name]
                        and not any(given[name] < made <= line for made in made_anew(name, scope))
                    ):
                        return f"it changes `{name}` after it was given to the answer"
        return ""


def _imports(node: ast.Import | ast.ImportFrom) -> str:
    for name in imported_modules(node):
        if name.split(".")[0] not in PLAIN_MODULES:
            return f"it imports `{name}`"
    return deep_import(node)


def _is_broad(kind: ast.expr | None) -> bool:
    if kind is None:
        return True
    names = kind.elts if isinstance(kind, ast.Tuple) else [kind]
    return any(
        isinstance(name, ast.Name)
        and name.id in ("BaseException", "Exception", "NameError", "AttributeError")
        for name in names
    )
