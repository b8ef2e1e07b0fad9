"""What a result means to nbgrader: scores, comments, who waits for a person, notes on top.

The rules are those of nbgrader 0.9.6: preprocessors/saveautogrades.py and utils.py.
"""

import hashlib
import html
import json
import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

import nbformat
from nbformat.v4 import new_markdown_cell
from nbgrader.utils import compute_checksum, is_grade, is_solution, is_task

from autograder.assignment.notebook import EXPLORE_TAG
from autograder.assignment.outcome import NotebookResult

NO_RESPONSE = "No response."  # nbgrader's words


@dataclass(frozen=True)
class Marks:
    """What the autograder says of one notebook, by grade_id.

    scores:   of grade cells; None where only a person can tell
    disputed: grade cells that a person has to look at although they have a score
    comments: of answer and task cells; None clears an earlier one
    answers:  of graded cells: sha256 of the student's text that the points are for, see `answers`
    beside:   of graded cells: the answer that has their comment
    """

    scores: Mapping[str, float | None]
    disputed: frozenset[str]
    comments: Mapping[str, str | None]
    answers: Mapping[str, str] = field(default_factory=dict)
    beside: Mapping[str, str] = field(default_factory=dict)

    def waits(self, grade_id: str, manual_score: float | None, doubt: bool = True) -> bool:
        """Whether a person has to look: nobody can tell yet, a dispute, or a doubtful mark.

        manual_score: what a person gave, None if nothing
        doubt:        whether that may have been for another answer; nbgrader always says so
        """
        if manual_score is None:
            return self.scores.get(grade_id) is None or grade_id in self.disputed
        return doubt


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
    beside: dict[str, str] = {}
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
        if (is_grade(cell) or is_task(cell)) and answer:
            beside[grade_id] = answer
        if grade_id in reasons and answer:
            comments[answer] = joined(comments[answer], reasons[grade_id])
    said = answers(notebook.notebook.cells)
    return Marks(scores, frozenset(reasons), comments, said, beside)


def joined(comment: str | None, more: str) -> str:
    """A comment with one more paragraph."""
    return f"{comment}\n\n{more}" if comment else more


def answers(cells: Iterable[Any]) -> dict[str, str]:
    """For each graded cell, sha256 of the student's text that its points are for.

    A written answer: its own text and pictures. A check: the answers, and the unlocked code, that
    stand above it as far as the checks before; checks in a row are for the same. A task: what the
    student put below it.
    """
    found: dict[str, str] = {}
    block: list[Any] = []  # what a check that comes now would be for
    checked = False  # whether a check stands right above
    task = ""  # the task above
    below: list[Any] = []  # what the student put below it
    for cell in cells:
        said = [cell.cell_type, cell.source, cell.get("attachments")]
        marked = cell.metadata.get("nbgrader", {})
        grade_id = marked.get("grade_id")
        if marked and task:
            found[task], task = _digest(below), ""
        if is_task(cell):
            task, below = grade_id, []
        elif is_grade(cell) and is_solution(cell):
            found[grade_id] = _digest([said])
        elif is_grade(cell):
            found[grade_id], checked = _digest(block), True
        elif is_solution(cell) or _is_own_code(cell):
            if checked:
                block, checked = [], False
            block.append(said)
        if not marked:
            below.append(said)
    if task:
        found[task] = _digest(below)
    return found


def _is_own_code(cell: Any) -> bool:
    """Whether it is unlocked code that runs, the student's or the student's to change."""
    not_run = {EXPLORE_TAG, "skip-execution"} & set(cell.metadata.get("tags") or ())
    return cell.cell_type == "code" and "nbgrader" not in cell.metadata and not not_run


def _digest(said: list[Any]) -> str:
    return hashlib.sha256(json.dumps(said, sort_keys=True).encode()).hexdigest()


def _is_untouched(cell: Any, checksum: str | None) -> bool:
    try:
        return bool(compute_checksum(cell) == checksum)
    except UnicodeEncodeError:  # half a surrogate pair: no release has it
        return False


def writable(text: str) -> str:
    """Text that every file and database can hold: without half surrogate pairs and zero bytes."""
    return text.encode("utf-8", "replace").decode("utf-8").replace("\0", "\ufffd")


def with_notes(notebook: NotebookResult, notes: tuple[str, ...] = ()) -> Any:
    """The graded notebook, with a cell of grading notes on top if there are any.

    notes: those of the whole submission; the notebook's own and its disputes follow them.
    """
    disputes = [
        f"{check.grade_id}: the instructor has to decide: {check.message}"
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
