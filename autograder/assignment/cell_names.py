"""Names that a cell binds and modules that it imports, told from its text without running it.

IPython's magics count as the calls they are; a cell that is no Python binds and imports nothing.
"""

import ast
import functools
import importlib.util
import re
import sys
from collections.abc import Iterable, Iterator
from typing import Any

from autograder.assignment.python_text import NOT_PYTHON, unparsed
from autograder.assignment.symbols import symbol_table

_PYTHON_BODY = ("time", "capture", "timeit")
"""Cell magics below which ordinary Python stands."""


def _python(source: str) -> str:
    """Plain Python of a cell: IPython's magics as calls; empty if it is another language's."""
    from IPython.core.inputtransformer2 import TransformerManager

    if magic := re.match(r"\s*%%(\w+).*\n?", source):
        return _python(source[magic.end() :]) if magic[1] in _PYTHON_BODY else ""
    manager: Any = TransformerManager  # not typed
    return str(manager().transform_cell(source))


def parsed(source: str) -> ast.Module | None:
    """A cell's tree; None if it is no Python."""
    try:
        return ast.parse(_python(source))
    except NOT_PYTHON:
        return None


@functools.lru_cache(maxsize=1000)
def plain_python(source: str) -> str:
    """A cell's Python, its magics as calls; empty if it is none. Kept: a class has the same cells."""
    try:
        tree = parsed(source)
        return unparsed(tree) if tree is not None else ""
    except NOT_PYTHON:  # nested too deep to be written
        return ""


def assigned_names(source: str) -> frozenset[str]:
    """Global names that a cell binds, otherwise than by import."""
    try:
        table = symbol_table(_python(source))
    except NOT_PYTHON:
        return frozenset()
    return frozenset(
        symbol.get_name()
        for symbol in table.get_symbols()
        if symbol.is_assigned() or symbol.is_declared_global()  # `global` in a function, := too
    )


def class_names(body: Iterable[ast.AST]) -> Iterator[str]:
    """Classes at the top level, also below `if`, `try` and `with`."""
    for node in body:
        if isinstance(node, ast.ClassDef):
            yield node.name
        elif not isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda)):
            yield from class_names(ast.iter_child_nodes(node))


def import_lines(tree: ast.Module) -> Iterator[str]:
    """The import statements at the top level, `__future__` left out."""
    for node in tree.body:
        if isinstance(node, ast.Import) or (
            isinstance(node, ast.ImportFrom) and node.module != "__future__"
        ):
            yield unparsed(node)


def imported_modules(sources: Iterable[str]) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Modules that cells import anywhere, and the dotted names below them, both sorted.

    Only top-level modules that are installed and not in the standard library; they are looked for,
    not imported.
    """
    names: set[str] = set()
    for source in sources:
        if re.search(r"^\s*%(matplotlib|pylab)\b", source, re.MULTILINE):
            names |= {"matplotlib.pyplot", "numpy"}
        for node in ast.walk(parsed(source) or ast.Module([], [])):
            if isinstance(node, ast.Import):
                names |= {alias.name for alias in node.names}
            elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
                names.add(node.module)
    modules = {name.partition(".")[0] for name in names} - sys.stdlib_module_names
    modules = {name for name in modules if _installed(name)}
    below = {name for name in names if "." in name and name.partition(".")[0] in modules}
    return tuple(sorted(modules)), tuple(sorted(below))


def _installed(module: str) -> bool:
    try:
        return importlib.util.find_spec(module) is not None
    except (ImportError, ValueError):  # ValueError: a module made by hand, without a spec
        return False
