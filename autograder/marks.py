"""What a result means to nbgrader: scores, comments, who waits for a person, notes on top.

The rules are those of nbgrader 0.9.6: preprocessors/saveautogrades.py and utils.py.
"""

import html
import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import nbformat
from nbformat.v4 import new_markdown_cell
from nbgrader.utils import compute_checksum, is_grade, is_solution, is_task

from autograder.outcome import NotebookResult

NO_RESPONSE = "No response."  # nbgrader's words


@dataclass(frozen=True)
class Marks:
    """What the autograder says of one notebook, by grade_id.

    scores:   of grade cells; None where only a person can tell
    disputed: grade cells that a person has to look at although they have a score
    comments: of answer and task cells; None clears an earlier one
    """

    scores: Mapping[str, float | None]
    disputed: frozenset[str]
    comments: Mapping[str, str | None]

    def waits(self, grade_id: str, manual_score: float | None) -> bool:
        """Whether a person has to look: nbgrader's rule, and disputes."""
        unscored = self.scores.get(grade_id) is None
        return unscored or manual_score is not None or grade_id in self.disputed


def marks(notebook: NotebookResult, checksums: Mapping[str, str]) -> Marks:
    """Apply nbgrader's rules (SaveAutoGrades, utils.determine_grade) to a graded notebook.

    checksums: of the cells as released, by grade_id; a cell that still has its checksum is
               untouched: 0 points for a written answer, and the comment "No response."

    A disputed check has no comment of its own in nbgrader, so its reason becomes the comment of
    the answer above it, where Formgrader and the feedback show it.
    """
    scores: dict[str, float | None] = {}
    for check in notebook.checks:
        if not (math.isfinite(check.score) and 0 <= check.score <= check.points):
            raise ValueError(f"{check.grade_id}: {check.score} is not in [0, {check.points}]")
        scores[check.grade_id] = check.score
    reasons = {
        check.grade_id: writable(f"{check.grade_id}: {check.message}")
        for check in notebook.checks
        if check.needs_person
    }
    comments: dict[str, str | None] = {}
    answer = ""
    for cell in notebook.notebook.cells:
        grade_id = cell.metadata.get("nbgrader", {}).get("grade_id")
        if not grade_id:
            continue
        untouched = _is_untouched(cell, checksums.get(grade_id))
        if is_grade(cell) and grade_id not in scores:
            scores[grade_id] = 0.0 if is_solution(cell) and untouched else None
        if is_solution(cell) or is_task(cell):
            comments[grade_id] = NO_RESPONSE if untouched and not is_task(cell) else None
            answer = grade_id
        if grade_id in reasons and answer:
            above = comments[answer]
            comments[answer] = f"{above}\n\n{reasons[grade_id]}" if above else reasons[grade_id]
    return Marks(scores, frozenset(reasons), comments)


def _is_untouched(cell: Any, checksum: str | None) -> bool:
    try:
        return bool(compute_checksum(cell) == checksum)
    except UnicodeEncodeError:  # half a surrogate pair: no release has it
        return False


def writable(text: str) -> str:
    """Text without half surrogate pairs, which neither a file nor a database can hold."""
    return text.encode("utf-8", "replace").decode("utf-8")


def with_notes(notebook: NotebookResult, notes: tuple[str, ...] = ()) -> Any:
    """The graded notebook, with a cell of grading notes on top if there are any.

    notes: those of the whole submission; the notebook's own and its disputes follow them.
    """
    disputes = [
        f"{check.grade_id}: a person has to decide: {check.message}"
        for check in notebook.checks
        if check.needs_person
    ]
    lines = [_plain(note) for note in (*notes, *notebook.notes, *disputes)]
    if not lines:
        return notebook.notebook
    source = "**Grading notes**\n\n" + "\n".join(f"- {line}" for line in lines)
    name = "grading-notes"
    while any(cell.get("id") == name for cell in notebook.notebook.cells):
        name += "-"
    cell = new_markdown_cell(source, id=name)
    if (notebook.notebook.nbformat, notebook.notebook.nbformat_minor) < (4, 5):
        del cell["id"]
    graded = nbformat.NotebookNode(notebook.notebook)
    graded.cells = [cell, *notebook.notebook.cells]
    return graded


def _plain(note: str) -> str:
    """One line without HTML, links, images or formulas: notes may quote a student's names."""
    line = html.escape(" ".join(note.split()), quote=False)
    return "".join(f"&#{ord(c)};" if c in "\\`*[]#|~$" else c for c in line)
