"""What of a graded submission may be shown on a student's page, and what is withheld.

Neither a hidden check's message nor what was printed while it ran is shown: both may hold what the
check expects, and an answer may raise or print what it was called with.
"""

import ast
import contextlib
import re
import site
import sys
import tempfile
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

from autograder.assignment.notebook import is_hidden_source
from autograder.assignment.notes import visible
from autograder.assignment.python_text import NOT_PYTHON

WITHHELD = "[left out: it repeats the text of a hidden check]"
_LONGEST = 2_000
_SHORTEST_TEXT, _SHORTEST_NUMBER, _SHORTEST_LINE = 10, 7, 16
_ESCAPES = re.compile(r"\x1b\[[0-9;?]*[ -/]*[@-~]")
_LIBRARY = re.compile(r"(?:/[^\s/:'\"<>|]+)+/((?:site|dist)-packages/)")


class Discretion:
    """Says of one assignment's texts whether they may be shown, and how.

    notebook: the blueprint's node, hidden checks included
    released: texts of its cells as students got them
    places:   folders of the instructor's machine, whose names are nobody's business
    """

    def __init__(self, notebook: Any, released: Iterable[str], places: Iterable[Path] = ()) -> None:
        known = "\n".join(released)
        hidden = [c.source for c in notebook.cells if is_hidden_source(c.source)]
        self._secrets = {s for text in hidden for s in _telling(text) if s not in known}
        own = [*places, *_places_here()]
        # The longest first: one may lie in another.
        self._places = sorted({str(place) for place in own if len(place.parts) > 1}, key=len)[::-1]

    def shown(self, text: str, student_sources: Sequence[str] = (), longest: int = _LONGEST) -> str:
        """A text of the student's code, or one that may quote it, as it may be shown.

        student_sources: what the student wrote, and so knows
        longest:         characters that are kept
        """
        text = _ESCAPES.sub("", text)
        found = [secret for secret in self._secrets if secret in text]
        if any(not any(secret in source for source in student_sources) for secret in found):
            return WITHHELD
        for place in self._places:
            text = text.replace(place, "…")
        text = _LIBRARY.sub(r"…/\1", text)
        return visible(text if len(text) <= longest else f"{text[:longest]} […]")


def _telling(source: str) -> set[str]:
    """Pieces of a hidden check that would tell of it: its lines, texts, and numbers."""
    found = {line.strip() for line in source.splitlines()}
    found = {line for line in found if len(line) >= _SHORTEST_LINE}
    try:
        tree = ast.parse(source)
    except NOT_PYTHON:
        return found
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            found |= {node.value} if len(node.value.strip()) >= _SHORTEST_TEXT else set()
        elif isinstance(node, ast.Constant) and isinstance(node.value, int | float):
            found |= {repr(node.value)} if len(repr(node.value)) >= _SHORTEST_NUMBER else set()
    return found


def _places_here() -> list[Path]:
    """Folders of this machine that outputs may name; not short ones, such as /usr."""
    named = [sys.prefix, sys.base_prefix, tempfile.gettempdir(), *site.getsitepackages()]
    folders = [folder for folder in map(Path, named) if len(folder.parts) > 2]
    with contextlib.suppress(RuntimeError):  # a container may have no home
        folders.append(Path.home())
    return folders
