"""What a check that students see binds, and a later answer needs: in a kernel it is simply there.

Only text that students have crosses, statement by statement, and runs in their own process. A
name that a hidden part binds too is not shared, nor is anything bound below a loop or a condition.
"""

import ast
import functools
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from autograder.assignment.python_text import NOT_PYTHON, unparsed
from autograder.engine.names import bound_names, read_names

_SIMPLE = (
    ast.Import, ast.ImportFrom, ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef, ast.Assign,
    ast.AnnAssign, ast.AugAssign,
)  # fmt: skip
_WORD = re.compile(r"[^\W\d]\w*")
_MAGIC = re.compile(r"^[%!].*$", re.MULTILINE)


@dataclass(frozen=True)
class Shared:
    """One statement of a check: its text, the names it binds and those it reads."""

    text: str
    binds: frozenset[str]
    reads: frozenset[str]


@functools.lru_cache(maxsize=1000)
def shared(released: str, full: str) -> tuple[Shared, ...]:
    """The statements of a check that answers may come to need; kept, as a class has the same ones.

    released: the check's text as students get it; nothing comes of it if it is not Python
    full:     the text that is graded, hidden tests included
    """
    if released == full:
        released = full = _MAGIC.sub("", full)
    try:
        statements = ast.parse(released).body
        secret = _hidden_names(statements, full)
        return tuple(_chosen(statements, secret))
    except NOT_PYTHON:
        return ()


def _chosen(statements: Iterable[ast.stmt], secret: frozenset[str]) -> Iterator[Shared]:
    for statement in statements:
        if isinstance(statement, _SIMPLE):
            text = unparsed(statement)
            binds = bound_names(text)
            if binds and not binds & secret:
                yield Shared(text, binds, read_names(text))


def _hidden_names(released: Iterable[ast.stmt], full: str) -> frozenset[str]:
    """What the statements bind that students do not see."""
    visible = {unparsed(statement) for statement in released}
    rest = [node for node in ast.parse(full).body if unparsed(node) not in visible]
    return bound_names(unparsed(ast.Module(rest, [])))


def words(source: str) -> frozenset[str]:
    """All that can be a name in a text: quick, and more than enough."""
    return frozenset(_WORD.findall(source))


def reads(source: str) -> frozenset[str]:
    """Global names that a student's cell reads; every word of it where Python cannot tell."""
    try:
        return read_names(source)
    except NOT_PYTHON:
        return words(source)


def needed(statements: Iterable[Shared], wanted: frozenset[str]) -> list[Shared]:
    """The statements that bind what is wanted, and what these need of one another, in order."""
    statements = list(statements)
    chosen: set[int] = set()
    while True:
        more = {
            place for place, each in enumerate(statements) if each.binds & wanted
        } - chosen  # fmt: skip
        if not more:
            return [statements[place] for place in sorted(chosen)]
        chosen |= more
        wanted = wanted.union(*(statements[place].reads for place in more))


class Lending:
    """For one notebook: which statements of checks a cell in the student's process needs first."""

    def __init__(self) -> None:
        self._seen: list[Shared] = []
        self._offered: frozenset[str] = frozenset()
        self._answers: list[tuple[str, frozenset[str]]] = []
        self._words: frozenset[str] = frozenset()

    def before_cell(self, source: str) -> list[Shared]:
        """A cell is about to run in the student's process."""
        found = words(source)
        self._answers.append((source, found))
        self._words |= found
        if not (found & self._offered):
            return []
        return needed(self._seen, reads(source) & self._offered)

    def before_check(self, released: str, full: str) -> list[Shared]:
        """A check is about to run: an answer above may read what it binds when it is called.

        A name that it binds several times has no one value that could be given in advance.
        """
        if not released:
            return []
        own = shared(released, full)
        if not own:
            return []
        self._seen += own
        once = set[str]()
        for each in own:
            once ^= each.binds
        self._offered = self._offered.union(*(each.binds for each in own))
        if not (once & self._words):
            return []
        wanted = frozenset().union(
            *(reads(source) & once for source, found in self._answers if found & once)
        )
        return needed(own, wanted) if wanted else []
