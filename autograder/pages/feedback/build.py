"""One student's feedback on one notebook, put together from what was graded."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

from autograder.assignment.notebook import Cell, Kind, aspect_of
from autograder.assignment.outcome import Outcome
from autograder.assignment.sections import Section
from autograder.pages.feedback.content import Feedback, Part, Piece, Verdict
from autograder.pages.feedback.discretion import Discretion
from autograder.pages.feedback.outputs import Shown, joined, shown_outputs
from autograder.pages.feedback.words import (
    CUT,
    GAVE,
    GRADED,
    HELD,
    LATER,
    NO_ANSWER,
    OUTDATED,
    STILL_READS,
    TIME_UNKNOWN,
    WAITS,
    hidden_sentence,
    sentence,
)
from autograder.records.class_grades import Grade, StudentGrades
from autograder.records.class_marks import ClassMark

_MAX_SOURCE = 20_000


@dataclass(frozen=True)
class Graded:
    """One graded notebook.

    cells:  of the file in `autograded/`, plain data
    checks: the notebook's, by grade_id, as in `Result.as_json`; empty if nbgrader itself graded it
    mark:   the student's in the whole assignment
    """

    assignment: str
    notebook: str
    student: str
    cells: Sequence[Mapping[str, Any]]
    checks: Mapping[str, Mapping[str, Any]]
    notes: Sequence[str]
    grades: StudentGrades
    mark: ClassMark


@dataclass(frozen=True)
class Common:
    """What the pages of all students have in common.

    released: texts of the cells as students got them
    chapters: address of the folder of the assignment's notebooks, as seen from the page
    """

    title: str
    sections: Sequence[Section]
    released: Collection[str]
    discretion: Discretion
    chapters: str


def feedback(graded: Graded, common: Common) -> Feedback:
    """Put one page together."""
    return _Builder(graded, common).feedback()


class _Builder:
    """The page of one student."""

    def __init__(self, graded: Graded, common: Common) -> None:
        self._graded, self._common = graded, common
        self._cells = {_grade_id(cell): cell for cell in graded.cells if _grade_id(cell)}
        self._students = [c for c in graded.cells if _is_students(c, common.released)]
        self._released = {text.rstrip() for text in common.released}
        self._sources = [_source(cell) for cell in self._students]
        cells = [cell for section in common.sections for cell in section.cells]
        self._own = _own_cells(graded.cells, self._students, {cell.grade_id for cell in cells})
        hidden = {cell.grade_id for cell in cells if cell.hidden}
        self._early = []
        for cell in graded.cells:
            if _grade_id(cell) in hidden:
                break
            self._early.append(cell)

    def feedback(self) -> Feedback:
        graded = self._graded
        parts = [self._part(section) for section in self._common.sections]
        return Feedback(
            graded.assignment,
            self._common.title,
            graded.student,
            tuple(part for part in parts if part.verdicts),
            graded.mark.penalties.get(graded.notebook, 0.0),
            tuple(self._common.discretion.shown(note, self._sources) for note in graded.notes),
            _about_time_and_attempt(graded.mark),
        )

    def _part(self, section: Section) -> Part:
        verdicts, pieces, comments = [], [], []
        for cell in section.cells:
            place = f"{self._graded.notebook}/{cell.grade_id}"
            node = self._cells.get(cell.grade_id, {})
            grade = self._graded.grades.grades.get(place)
            if grade is not None:
                verdicts.append(self._verdict(cell, grade, node))
            if cell.kind is not Kind.CHECK and node and self._is_there(node):
                pieces.append(self._piece(self._title(cell, node), node))
            pieces += [self._piece("Your own cell", n) for n in self._own.get(cell.grade_id, ())]
            if comment := self._graded.grades.comments.get(place):
                comments.append(comment)
        link = ""
        if section.anchor:
            notebook = quote(self._graded.notebook)
            link = f"{self._common.chapters}{notebook}.ipynb#{quote(section.anchor)}"
        return Part(section, tuple(verdicts), tuple(pieces), tuple(comments), link)

    def _title(self, cell: Cell, node: Mapping[str, Any]) -> str:
        """What a cell with an answer is called; a stub is nobody's, untouched or lost."""
        released = _source(node).rstrip() in self._released
        if cell.kind is Kind.WRITTEN:
            return "As released" if released else "Your answer"
        return f"{'As released' if released else 'Your code'}: {cell.grade_id}"

    def _is_there(self, node: Mapping[str, Any]) -> bool:
        """Whether a cell has an answer of the student's: not a task, not in place of a lost file."""
        checks = self._graded.checks.values()
        lost = bool(checks) and all(c.get("outcome") == Outcome.MISSING.value for c in checks)
        return not lost and not _marks(node).get("task")

    def _verdict(self, cell: Cell, grade: Grade, node: Mapping[str, Any]) -> Verdict:
        hidden = cell.hidden
        name = aspect_of(cell.grade_id)
        state = "full" if grade.score >= grade.points else "part" if grade.score > 0 else "none"
        if cell.kind is not Kind.CHECK:
            words = GRADED if grade.by_person else NO_ANSWER
            if grade.waiting:
                state, words = "waits", STILL_READS
            return Verdict("written answer", grade.score, grade.points, state, words)
        errors = [o for o in node.get("outputs", ()) if o.get("output_type") == "error"]
        outcome, message = _outcome(self._graded.checks.get(cell.grade_id), grade, errors)
        if grade.waiting:
            state, words = "waits", WAITS
        elif state == "full":
            words = GAVE if grade.by_person else sentence(Outcome.PASSED, "")
        elif hidden:
            ours = errors if self._graded.checks else ()  # nbgrader's tracebacks show the check
            words = hidden_sentence(outcome, ours, self._sources)
        else:
            words = self._common.discretion.shown(sentence(outcome, message), self._sources)
        if grade.by_person and state in ("part", "none"):
            words = f"{GAVE} {words}"
        return Verdict(name, grade.score, grade.points, state, words, hidden)

    def _piece(self, title: str, node: Mapping[str, Any]) -> Piece:
        """A cell of the student's.

        What it showed is left out below the first hidden check: code may keep what a check called
        it with, to print or to draw it later.
        """
        source, is_code = _source(node), node.get("cell_type") == "code"
        if len(source) > _MAX_SOURCE:
            source = source[:_MAX_SOURCE] + CUT
        outputs: Sequence[Mapping[str, Any]] = node.get("outputs", ()) if is_code else ()
        if any(node is cell for cell in self._early):
            shown = tuple(shown_outputs(outputs, self._common.discretion, self._sources))
        else:
            shown = (Shown(LATER),) if outputs else ()
        return Piece(title, source, is_code, shown, _attachments(node))


def _about_time_and_attempt(mark: ClassMark) -> tuple[str, ...]:
    """What the student has to know of when the work came, and of which work this page speaks."""
    said = []
    if mark.late is None:
        said.append(TIME_UNKNOWN)
    if mark.outdated:
        said.append(OUTDATED)
    if mark.held:
        said.append(HELD)
    return tuple(said)


def _outcome(
    check: Mapping[str, Any] | None, grade: Grade, errors: Sequence[Mapping[str, Any]]
) -> tuple[Outcome, str]:
    """What the record says; without one, what can be told from the graded notebook."""
    if check is not None:
        try:
            return Outcome(check.get("outcome")), str(check.get("message") or "")
        except ValueError:  # of another version
            pass
    if grade.score >= grade.points:
        return Outcome.PASSED, ""
    kind, words = (errors[-1].get("ename"), errors[-1].get("evalue")) if errors else ("", "")
    if kind == "NotImplementedError":
        return Outcome.UNANSWERED, ""
    return (Outcome.PARTIAL if grade.score else Outcome.FAILED), str(words or "")


def _own_cells(
    cells: Sequence[Mapping[str, Any]],
    students: Sequence[Mapping[str, Any]],
    places: Collection[str],
) -> Mapping[str, Sequence[Mapping[str, Any]]]:
    """The student's own cells, by the grade_id of the cell that they come after.

    Code, which an answer may need; and below a task any text, which is what a person marks.
    places: grade_ids on the page; what stands above them all goes with the first
    """
    own = [c for c in students if not _grade_id(c) and _source(c).strip()]
    found: dict[str, list[Mapping[str, Any]]] = {}
    after = next((name for name in map(_grade_id, cells) if name in places), "")
    task = False
    for cell in cells:
        after = _grade_id(cell) if _grade_id(cell) in places else after
        task = bool(_marks(cell).get("task")) if _marks(cell) else task
        wanted = task or cell.get("cell_type") == "code"
        if wanted and any(cell is one for one in own):
            found.setdefault(after, []).append(cell)
    return found


def _is_students(cell: Mapping[str, Any], released: Collection[str]) -> bool:
    """Whether a cell's text is the student's: an answer, or a cell that the course did not give."""
    marks = _marks(cell)
    if marks.get("solution"):
        return True
    is_notes = str(cell.get("id", "")).startswith("grading-notes")
    return not marks and not is_notes and _source(cell) not in released


def _marks(cell: Mapping[str, Any]) -> Mapping[str, Any]:
    metadata = cell.get("metadata")
    marks = metadata.get("nbgrader") if isinstance(metadata, Mapping) else None
    return marks if isinstance(marks, Mapping) else {}


def _grade_id(cell: Mapping[str, Any]) -> str:
    return str(_marks(cell).get("grade_id") or "")


def _attachments(cell: Mapping[str, Any]) -> Mapping[str, Mapping[str, str]]:
    """The pictures of a text, as far as they are what nbformat says."""
    found = cell.get("attachments")
    return {
        name: data
        for name, data in (found.items() if isinstance(found, Mapping) else ())
        if isinstance(data, Mapping) and data and all(isinstance(v, str) for v in data.values())
    }


def _source(cell: Mapping[str, Any]) -> str:
    return joined(cell.get("source"))
