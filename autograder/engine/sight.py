"""What a check looks at besides the names it reads, told from its text: see `sight`."""

import ast
import builtins
import functools
import re
from dataclasses import asdict, dataclass
from typing import Any

from autograder.assignment.python_text import NOT_PYTHON
from autograder.engine.names import bound_names, free_names

_BUILTINS = frozenset(dir(builtins))
_NAMESPACES = ("user_ns", "user_global_ns", "ev")
_PATCHES = re.compile(r"mock|builtins|monkeypatch|\bpatch\b *[(.]")
_LAST_VALUES = frozenset({"_", "__", "___", "Out"})


@dataclass(frozen=True)
class Sight:
    """What the two processes do only for checks that need it.

    whole:    all names of the notebook: `globals()`, `eval`, `dir()`, `__main__`
    history:  the sources of the cells above: `In`
    values:   names among `_`, `__`, `___` and `Out`
    patches:  whether builtins or functions of modules may be replaced
    shadows:  builtins whose names it binds
    assigned: attributes that it binds, as (name, attribute)
    """

    whole: bool = False
    history: bool = False
    values: tuple[str, ...] = ()
    patches: bool = False
    shadows: tuple[str, ...] = ()
    assigned: tuple[tuple[str, str], ...] = ()

    def as_data(self) -> dict[str, Any]:
        return asdict(self) if self != _NOTHING else {}


_NOTHING = Sight()


@functools.lru_cache(maxsize=1000)
def sight(source: str) -> Sight:
    """What a trusted cell looks at; kept, because a class has the same checks again and again."""
    try:
        tree = ast.parse(source)
        bound, free = bound_names(source), free_names(source)
    except NOT_PYTHON:
        return Sight(whole="user_ns" in source or "globals()" in source)
    assigned = {
        (node.value.id, node.attr)
        for node in ast.walk(tree)
        if isinstance(node, ast.Attribute)
        and isinstance(node.ctx, ast.Store)
        and isinstance(node.value, ast.Name)
    }
    return Sight(
        whole=any(map(_sees_all, ast.walk(tree))),
        history="In" in free,
        values=tuple(sorted(free & _LAST_VALUES)),
        patches=bool(_PATCHES.search(source)),
        shadows=tuple(sorted(bound & _BUILTINS)),
        assigned=tuple(sorted(assigned)),
    )


def _sees_all(node: ast.AST) -> bool:
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
        name = node.func.id
        none = not node.args and not node.keywords
        return name in ("globals", "locals", "eval", "exec") or (name in ("dir", "vars") and none)
    if isinstance(node, ast.Attribute):
        return node.attr in _NAMESPACES
    if isinstance(node, ast.Constant):
        return isinstance(node.value, str) and "__main__" in node.value
    if isinstance(node, ast.Import):
        return any(alias.name == "__main__" for alias in node.names)
    return isinstance(node, ast.ImportFrom) and node.module == "__main__"
