"""What of a graded submission may stand on a student's page, in words.

A hidden check is told by its name, its points and a sentence of ours. Neither its message nor what
was printed while it ran is shown: both may hold what the check expects, and an answer may raise or
print what it was called with. Of an exception in the answer only what the student knows already is
told: a built-in class, and a line that stands in the answer.
"""

import ast
import builtins
import contextlib
import re
import site
import sys
import tempfile
from collections.abc import Collection, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from autograder.assignment.notebook import is_hidden_source
from autograder.assignment.notes import visible
from autograder.assignment.outcome import Outcome
from autograder.assignment.python_text import NOT_PYTHON

WITHHELD = "[left out: it repeats the text of a hidden check]"
WAITS = "Your instructor will review this check; until then it counts 0 points."
_LONGEST = 2_000
_SHORTEST_TEXT, _SHORTEST_NUMBER, _SHORTEST_LINE = 10, 7, 16
_ESCAPES = re.compile(r"\x1b\[[0-9;?]*[ -/]*[@-~]")
_SHARE = re.compile(r"[\d.e+-]+ of [\d.e+-]+ points")
_LIBRARY = re.compile(r"(?:/[^\s/:'\"<>|]+)+/((?:site|dist)-packages/)")

_SENTENCES: Mapping[Outcome, str] = {
    Outcome.PASSED: "Passed.",
    Outcome.PARTIAL: "Passed in part.",
    Outcome.UNANSWERED: "Not answered yet: the stub is still there.",
    Outcome.TIMEOUT: "Your code did not come to an end in the time that it has.",
    Outcome.MEMORY: "Your code took more memory than it may.",
    Outcome.DIED: "Python ended while your code ran.",
    Outcome.MISSING: "There was no answer to run: its cell, or the whole notebook, was not there.",
    Outcome.DISPUTED: WAITS,
}
_HIDDEN_SENTENCES: Mapping[Outcome, str] = {
    **_SENTENCES,
    Outcome.FAILED: "Not passed: the answer is wrong in at least one of this check's cases, some of them hidden.",
    Outcome.ERROR: "Not passed: the check could not be finished with this answer.",
}


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


def sentence(outcome: Outcome, message: str) -> str:
    """What a visible check says: its own message, or ours where it has none."""
    if outcome in (Outcome.PASSED, Outcome.UNANSWERED, Outcome.DISPUTED):
        return _SENTENCES[outcome]
    if _SHARE.fullmatch(message):
        return "Some of its cases are not right." if outcome is Outcome.PARTIAL else "Not passed."
    return message or _SENTENCES.get(outcome, "Not passed.")


def hidden_sentence(
    outcome: Outcome, errors: Sequence[Mapping[str, Any]], student_sources: Collection[str]
) -> str:
    """What is told of a hidden check.

    errors: its outputs of the type `error`; their traceback has lines of the student's alone
    """
    told = _HIDDEN_SENTENCES[outcome]
    if outcome is not Outcome.ERROR:
        return told
    lines = {line.strip() for source in student_sources for line in source.splitlines()}
    for error in errors:
        steps = [str(step).split("\n", 1)[-1].strip() for step in error.get("traceback", ())]
        place = next((step for step in reversed(steps) if len(step) > 1 and step in lines), "")
        if place:
            kind = str(error.get("ename"))
            kind = kind if kind in vars(builtins) else "an error"
            return f"Not passed: your code raised {kind} at `{place}`."
    return told


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
