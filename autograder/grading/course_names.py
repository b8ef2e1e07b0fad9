"""What a check uses of the course's own cells, told from their text."""

import ast
import functools
import sys

from autograder.assignment.cell_names import plain_python
from autograder.assignment.python_text import NOT_PYTHON, unparsed
from autograder.engine.names import bound_names, read_names
from autograder.grading.data_flow import BUILTINS, changed_in_place, root_name, shortened

PLAIN_MODULES = frozenset({
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
DEEP_FUNCTIONS = frozenset({
    "is_", "is_not", "getstate", "get_state", "get_rng_state", "initial_seed", "seterr",
    "set_printoptions", "geterr", "set_num_threads", "attrgetter", "methodcaller", "shares_memory",
    "may_share_memory", "data_ptr", "untyped_storage",
})  # fmt: skip


class CourseNames:
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
            for name in bound_names(unparsed(statement)):
                binding.setdefault(name, []).append(statement)
        waiting, seen = set(wanted), set[str]()
        while names := waiting - seen:
            seen |= names
            for name in sorted(names & binding.keys()):
                for statement in binding[name]:
                    waiting |= self._take(name, statement, direct=name in wanted)
        changed = {
            root_name(target)
            for function in ast.walk(tree)
            if isinstance(function, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef)
            for node in ast.walk(function)
            for target in changed_in_place(node)
        }
        for name in sorted(self.kept & changed):
            self.why_not = f"it looks at `{name}`, which a function of the course's own changes"

    def _take(self, name: str, statement: ast.stmt, *, direct: bool) -> frozenset[str]:
        """Use what a statement binds; returns what it needs itself.

        direct: whether the check itself names it
        """
        if isinstance(statement, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            if statement not in self.used:
                self.used.append(statement)
            if isinstance(statement, ast.ClassDef):
                self.kept.add(name)  # its attributes
            return read_names(unparsed(statement))
        if isinstance(statement, ast.Import | ast.ImportFrom):
            module = _module_of(name, statement)
            unknown = direct and module in sys.stdlib_module_names and module not in PLAIN_MODULES
            if module in _DEEP_MODULES or unknown:
                self.why_not = f"it uses `{name}` of `{module}`"
            elif why := deep_import(statement):
                self.why_not = why
        elif isinstance(statement, ast.Assign | ast.AnnAssign) and statement.value is not None:
            value = statement.value
            if isinstance(value, ast.Lambda):
                self.used.append(statement)
                return read_names(unparsed(value))
            if _is_function_of_pythons(value):
                self.why_not = f"it uses `{name}`, another name of `{shortened(value)}`"
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
    return (isinstance(value, ast.Name) and value.id in BUILTINS) or (
        isinstance(value, ast.Attribute) and value.attr in DEEP_FUNCTIONS
    )


@functools.lru_cache(maxsize=1000)
def read_and_bound(source: str) -> tuple[frozenset[str], frozenset[str]]:
    """Global names that a cell reads, and those that it binds; none if Python cannot read it."""
    try:
        plain = plain_python(source)
        return read_names(plain), bound_names(plain)
    except NOT_PYTHON:
        return frozenset(), frozenset()


def imported_modules(node: ast.Import | ast.ImportFrom) -> list[str]:
    """The modules that a statement imports, or imports from."""
    if isinstance(node, ast.Import):
        return [alias.name for alias in node.names]
    return [node.module or "."]


def deep_import(node: ast.ImportFrom | ast.Import) -> str:
    """Say which function is imported that looks deeper than at data; empty if none is."""
    names = [alias.name for alias in node.names] if isinstance(node, ast.ImportFrom) else []
    deep = next((name for name in names if name in DEEP_FUNCTIONS), "")
    return f"it uses `{deep}`" if deep else ""


def _module_of(name: str, node: ast.Import | ast.ImportFrom) -> str:
    """The top-level module by which a statement binds a name."""
    modules = [
        alias.name
        for alias in node.names
        if isinstance(node, ast.Import) and (alias.asname or alias.name.split(".")[0]) == name
    ]
    return (modules or imported_modules(node))[0].split(".")[0]
