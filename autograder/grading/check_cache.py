"""Slow checks that need not run again: who checks again has changed little.

A check says what it said if nothing above it has changed. Only a student's own check makes use of
that; grading runs everything.
"""

import hashlib
from collections.abc import Mapping, Sequence
from typing import Any

from autograder.assignment.notebook import Kind, kind_of
from autograder.assignment.outcome import CheckResult, Outcome
from autograder.assignment.python_text import NOT_PYTHON
from autograder.engine.names import assigned_names, bound_names, free_names

SLOW = 0.3
"""Seconds from which on a check is worth remembering."""
_CERTAIN = frozenset({Outcome.PASSED, Outcome.PARTIAL, Outcome.FAILED})
"""What does not depend on how busy the machine was."""
_TRUSTED = frozenset({Kind.SETUP, Kind.CHECK})
"""Cells that run in the examiner, and share their names there."""


class CheckCache:
    """What the slow checks of one notebook said when it was last run."""

    def __init__(self) -> None:
        self._results: dict[bytes, CheckResult] = {}
        self._keys: list[bytes] = []

    def plan(self, cells: Sequence[Any], files: Mapping[str, bytes]) -> Mapping[int, CheckResult]:
        """Begin a run; return what is known, by the number of the cell.

        cells: all that will run, in order
        files: the student's files beside the notebook
        """
        before, self._results = self._results, {}
        self._keys = _keys(cells, files)
        needed: set[str] = set()
        """Names that trusted cells below, which will run, do not define themselves."""
        known = {}
        for number in reversed(range(len(cells))):
            source, key = cells[number].source, self._keys[number]
            if kind_of(cells[number]) not in _TRUSTED:
                continue  # it runs in another process and sees no name of a check
            try:
                if key in before and not needed & _defines(source, cells[:number]):
                    known[number] = self._results[key] = before[key]
                else:
                    needed |= free_names(source)
            except NOT_PYTHON:  # IPython's own: it does not tell its names
                return {}
        return known

    def keep(self, number: int, result: CheckResult) -> None:
        """Take note of what a check of this run said."""
        if result.outcome in _CERTAIN and result.seconds >= SLOW:
            self._results[self._keys[number]] = result


def _keys(cells: Sequence[Any], files: Mapping[str, bytes]) -> list[bytes]:
    """For each cell a digest of it and of everything that it may rest on."""
    digest = hashlib.sha256()
    for name in sorted(files):
        digest.update(repr((name, files[name])).encode())
    keys = []
    for cell in cells:
        digest.update(repr((kind_of(cell).value, cell.source)).encode())
        keys.append(digest.digest())
    return keys


def _defines(source: str, above: Sequence[Any]) -> frozenset[str]:
    """What other cells would miss if this one did not run."""
    names = bound_names(source) - assigned_names(source)  # modules that it imports
    for cell in above if names else ():
        if kind_of(cell) is Kind.SETUP:
            names -= bound_names(cell.source)
    return names | assigned_names(source)
