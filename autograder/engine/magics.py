"""Names that a cell reads through IPython: in `%%time`, `%timeit`, `%run -i`, `run_cell()`, `!echo {x}`.

A magic is a call with texts once IPython has transformed the cell; the code in them is looked into
as Python's own symbol tables look into the rest (see `names`). Other languages' code is not.
"""

import ast
import re
import shlex
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path

from autograder.assignment.python_text import NOT_PYTHON
from autograder.engine.names import bound_names, free_names, read_names

Transform = Callable[[str], str]
"""Turns a cell into Python."""

_PYTHON = ("time", "timeit", "capture", "prun")
"""Magics that take Python code."""
_RUNS = ("run_cell", "ex", "ev")
"""Methods of IPython's shell that do."""
_EXPANDED = re.compile(r"\{([^{}]+)\}|\$(\w+)")
"""What IPython replaces in a command: `{expression}` and `$name`."""
_DEEPEST = 5


def needed_through_ipython(
    plain: str, transform: Transform, depth: int = 0
) -> tuple[frozenset[str], frozenset[str]]:
    """`read_names` and `free_names` of a cell, and of the code that it gives to IPython.

    plain:  the cell as Python, its magics turned into calls
    raises: one of `NOT_PYTHON`
    """
    read, free = read_names(plain), free_names(plain)
    if "get_ipython" not in plain or depth > _DEEPEST:
        return read, free
    bound = bound_names(plain)
    for code in _codes(ast.parse(plain)):
        with suppress(*NOT_PYTHON):  # running it will say so
            more = needed_through_ipython(transform(code), transform, depth + 1)
            read, free = read | more[0], free | (more[1] - bound)
    return read, free


def _codes(tree: ast.Module) -> Iterator[str]:
    """The texts in calls to IPython's shell that it will run as Python, or evaluate."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
            given = [
                one.value
                for one in node.args
                if isinstance(one, ast.Constant) and isinstance(one.value, str)
            ]
            if len(given) == len(node.args) and given:
                yield from _code_in(node.func.attr, given)


def _code_in(method: str, given: list[str]) -> Iterator[str]:
    if method in _RUNS:
        yield given[0]
    elif method in ("run_cell_magic", "run_line_magic") and len(given) > 1:
        magic, line, *body = given
        if magic in _PYTHON:
            yield from body
            if magic != "capture":  # there it names the output
                yield _without_options(line)
        elif magic == "run":
            yield from _script(line)
        else:
            yield from _expanded(line)
    elif method in ("system", "getoutput"):
        yield from _expanded(given[0])


def _expanded(line: str) -> Iterator[str]:
    for expression, name in _EXPANDED.findall(line):
        yield (expression or name).strip()


def _without_options(line: str) -> str:
    """`f(x)` of `-n1 -r 3 f(x)`."""
    while line:
        with suppress(*NOT_PYTHON):
            ast.parse(line)
            return line
        option, _, rest = line.partition(" ")
        if not (option.startswith("-") or option.isdigit()):
            return line
        line = rest.lstrip()
    return ""


def _script(line: str) -> Iterator[str]:
    """What `%run -i` runs in the cell's own namespace."""
    try:
        words = shlex.split(line)
    except ValueError:
        return
    options = [word for word in words if word.startswith("-")]
    named = next((word for word in words if not word.startswith("-")), "")
    if not named or not any("i" in option for option in options):
        return
    path = Path(named) if Path(named).suffix else Path(f"{named}.py")
    with suppress(OSError, ValueError):
        yield path.read_text(encoding="utf-8")
