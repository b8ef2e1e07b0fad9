"""Put a student's work into the release: answers by grade_id, the student's own cells, no more.

The release is the authority. Locked cells, checks and points are always its own, so a deleted,
copied or edited check is repaired by construction; the repair is noted, never an error.
"""

import copy
from dataclasses import dataclass
from typing import Any

from autograder.assignment import Kind, grade_id_of, kind_of

_FROM_STUDENT = (Kind.ANSWER, Kind.WRITTEN)


@dataclass(frozen=True)
class Merged:
    """notebook: an nbformat node in the release's order; notes: what was repaired."""

    notebook: Any
    notes: tuple[str, ...]


def merge(released: Any, submitted: Any) -> Merged:
    """Return the release with the student's answers and own cells in it.

    released, submitted: nbformat nodes, left as they are.
    A student's own code cell comes after the nearest cell above it that the release knows.
    """
    notes: list[str] = []
    known = {grade_id_of(cell): cell for cell in released.cells if grade_id_of(cell)}
    first = next(iter(known), "")
    answers: dict[str, Any] = {}
    own: dict[str, list[Any]] = {}
    above = ""
    texts = {cell.source for cell in released.cells}
    for cell in submitted.cells:
        name = grade_id_of(cell)
        if name in known:
            above = name
            if name in answers:
                notes.append(f"{name}: stands twice; the first one counts")
                continue
            answers[name] = cell
            if cell.cell_type != known[name].cell_type:
                notes.append(
                    f"{name}: was made a {cell.cell_type} cell; the release's type is used"
                )
            changed = cell.source != known[name].source
            if changed and kind_of(known[name]) not in _FROM_STUDENT:
                notes.append(f"{name}: was edited; the release's text is used")
        elif cell.cell_type == "code" and kind_of(cell) is Kind.EXTRA and cell.source not in texts:
            own.setdefault(above or first, []).append(cell)
    in_order = [name for name in known if name in answers]
    for mine, theirs in zip(answers, in_order, strict=True):
        if mine != theirs:
            notes.append(f"{mine}: was moved; the release's order is used")
            break
    result = copy.deepcopy(released)
    result.cells = []
    for cell in released.cells:
        name = grade_id_of(cell)
        cell = copy.deepcopy(cell)
        if name and name not in answers:
            notes.append(f"{name}: is missing; the release's cell is used")
        elif name and kind_of(cell) in _FROM_STUDENT:
            cell.source = answers[name].source
        result.cells.append(cell)
        result.cells += copy.deepcopy(own.get(name, [])) if name else []
    return Merged(result, tuple(notes))
