"""Machine-made wrong answers: an answer with one small mistake in it, every one that is known."""

import ast
import contextlib
from dataclasses import dataclass

from autograder.gate.mutated_calls import FIRST_SEEN_SOURCE
from autograder.gate.mutations import Change, changes


@dataclass(frozen=True)
class Mutant:
    """An answer with a mistake.

    kind:   of mistake, such as "comparison"
    line:   where it is in the answer's cell, from 1
    edit:   what people are shown: `- old` and `+ new`, either of which may be missing
    source: the whole answer
    """

    kind: str
    line: int
    edit: str
    source: str


def mutants(source: str) -> tuple[Mutant, ...]:
    """All mutants of an answer, in the order of its text, no two with the same code.

    raises: one of `NOT_PYTHON` if the answer is not plain Python
    """
    tree = ast.parse(source)
    original = ast.unparse(tree)
    found: dict[str, Mutant] = {}
    for change in changes(tree):
        text = _with(change, tree)
        if text != original and text not in found and _compiles(text):
            whole = f"{FIRST_SEEN_SOURCE}\n{text}" if change.kind == "size" else text
            found[text] = Mutant(change.kind, change.line, edit(original, text), whole)
    return tuple(found.values())


def edit(original: str, changed: str) -> str:
    """What differs between two texts of code: the first line that went, and what came instead.

    Indentation does not count, so that to unwrap a block is to drop its head.
    """
    old, new = (
        [line.strip() for line in text.split("\n") if line.strip()] for text in (original, changed)
    )
    while old and new and old[0] == new[0]:
        old, new = old[1:], new[1:]
    while old and new and old[-1] == new[-1]:
        old, new = old[:-1], new[:-1]
    lines = [f"- {old[0]}{' …' if len(old) > 1 else ''}"] if old else []
    return "\n".join([*lines, f"+ {'; '.join(new)}"] if new else lines)


def _with(change: Change, tree: ast.Module) -> str:
    """The tree's text with a change, which is undone."""
    before = getattr(change.holder, change.field)
    setattr(change.holder, change.field, change.value)
    try:
        return ast.unparse(tree)
    finally:
        setattr(change.holder, change.field, before)


def _compiles(text: str) -> bool:
    with contextlib.suppress(SyntaxError, ValueError):
        compile(text, "answer", "exec")
        return True
    return False
