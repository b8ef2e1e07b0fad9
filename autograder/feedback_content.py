"""One student's feedback on one notebook, as a value: marks, words, code, comments, hints.

Everything in it is this student's or the course's, and may be shown (see `feedback_words`).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

from autograder.assignment import Cell, Kind
from autograder.class_grades import Grade, StudentGrades
from autograder.course_text import Hint
from autograder.feedback_outputs import Shown, joined, shown_outputs
from autograder.feedback_words import (
    WAITS,
    Discretion,
    hidden_sentence,
    is_hidden_source,
    sentence,
)
from autograder.outcome import Outcome
from autograder.sections import Section

_MAX_SOURCE = 20_000
_CUT = "\n[… the rest is in your notebook]"


@dataclass(frozen=True)
class Verdict:
    """What became of one check or written answer, in words.

    state: "full", "part", "none" or "waits"
    """

    name: str
    score: float
    points: float
    state: str
    words: str
    hidden: bool = False


@dataclass(frozen=True)
class Piece:
    """What the student wrote: an answer's cell or a cell of the student's own."""

    title: str
    source: str
    is_code: bool
    outputs: tuple[Shown, ...] = ()


@dataclass(frozen=True)
class Part:
    """One exercise on the page. `link` leads to its section of the chapter, empty if unknown."""

    section: Section
    verdicts: tuple[Verdict, ...]
    pieces: tuple[Piece, ...]
    comments: tuple[str, ...]
    link: str

    @property
    def score(self) -> float:
        return sum(verdict.score for verdict in self.verdicts)

    @property
    def points(self) -> float:
        return sum(verdict.points for verdict in self.verdicts)

    @property
    def waiting(self) -> bool:
        return any(verdict.state == "waits" for verdict in self.verdicts)

    @property
    def lost(self) -> bool:
        return any(verdict.state in ("none", "part") for verdict in self.verdicts)

    @property
    def hints(self) -> tuple[Hint, ...]:
        """The course's hints, where they are of use."""
        return self.section.hints if self.lost else ()


@dataclass(frozen=True)
class Feedback:
    """The page. penalty: points off because it was late; notes: repairs, one sentence each."""

    assignment: str
    title: str
    student: str
    parts: tuple[Part, ...]
    penalty: float
    notes: tuple[str, ...]

    @property
    def earned(self) -> float:
        return sum(part.score for part in self.parts)

    @property
    def score(self) -> float:
        return max(0.0, self.earned - self.penalty)

    @property
    def points(self) -> float:
        return sum(part.points for part in self.parts)

    @property
    def waiting(self) -> float:
        """Points that a person has not decided about."""
        return sum(v.points for part in self.parts for v in part.verdicts if v.state == "waits")


@dataclass(frozen=True)
class Graded:
    """One graded notebook.

    cells:  of the file in `autograded/`, plain data
    checks: by grade_id, as in `Result.as_json`; empty if nbgrader itself has graded it
    """

    assignment: str
    notebook: str
    student: str
    cells: Sequence[Mapping[str, Any]]
    checks: Mapping[str, Mapping[str, Any]]
    notes: Sequence[str]
    grades: StudentGrades


def feedback(
    graded: Graded, title: str, sections: Sequence[Section], released: set[str],
    discretion: Discretion, chapters: str,
) -> Feedback:  # fmt: skip
    """Put one page together.

    released: texts of the cells as students got them
    chapters: address of the folder of the assignment's notebooks, as seen from the page
    """
    mine = {_grade_id(cell): cell for cell in graded.cells if _grade_id(cell)}
    sources = [_source(cell) for cell in graded.cells if _is_students(cell, released)]
    places = {cell.grade_id for section in sections for cell in section.cells}
    own = _own_cells(graded.cells, released, places)
    parts = []
    for section in sections:
        verdicts, pieces, comments = [], [], []
        for cell in section.cells:
            place = f"{graded.notebook}/{cell.grade_id}"
            node = mine.get(cell.grade_id, {})
            grade = graded.grades.grades.get(place)
            if grade is not None:
                verdicts.append(_verdict(cell, grade, node, graded, discretion, sources))
            if cell.kind is not Kind.CHECK and node and not _marks(node).get("task"):
                name = "Your answer" if cell.kind is Kind.WRITTEN else f"Your {cell.grade_id}"
                pieces.append(_piece(name, node, discretion, sources))
            pieces += [
                _piece("Your own cell", node, discretion, sources)
                for node in own.get(cell.grade_id, ())
            ]
            if comment := graded.grades.comments.get(place):
                comments.append(comment)
        link = f"{chapters}{quote(graded.notebook)}.ipynb#{quote(section.anchor)}"
        parts.append(
            Part(
                section,
                tuple(verdicts),
                tuple(pieces),
                tuple(comments),
                link if section.anchor else "",
            )
        )
    return Feedback(
        graded.assignment, title, graded.student, tuple(part for part in parts if part.verdicts),
        graded.grades.penalty.get(graded.notebook, 0.0),
        tuple(discretion.shown(note, sources) for note in graded.notes),
    )  # fmt: skip


def _verdict(
    cell: Cell, grade: Grade, node: Mapping[str, Any], graded: Graded,
    discretion: Discretion, sources: Sequence[str],
) -> Verdict:  # fmt: skip
    hidden = cell.kind is Kind.CHECK and is_hidden_source(cell.source)
    name = cell.grade_id.split("-", 1)[-1].replace("_", " ")
    state = "full" if grade.score >= grade.points else "part" if grade.score > 0 else "none"
    if cell.kind is not Kind.CHECK:
        words = "Read by a person." if grade.by_person else "Left as it was: no answer."
        if grade.waiting:
            state, words = "waits", "A person still has to read this one; the points will change."
        return Verdict("written answer", grade.score, grade.points, state, words)
    errors = [o for o in node.get("outputs", ()) if o.get("output_type") == "error"]
    outcome, message = _outcome(graded.checks.get(cell.grade_id), grade, errors)
    if grade.waiting:
        state, words = "waits", WAITS
    elif state == "full":
        words = "Passed." if not grade.by_person else "A person gave these points."
    elif hidden:
        words = hidden_sentence(outcome, errors if graded.checks else (), sources)
    else:
        words = discretion.shown(sentence(outcome, message), sources)
    if grade.by_person and state != "full" and not grade.waiting:
        words = f"A person gave these points. {words}"
    return Verdict(name, grade.score, grade.points, state, words, hidden)


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


def _piece(
    title: str, node: Mapping[str, Any], discretion: Discretion, sources: Sequence[str]
) -> Piece:
    source, is_code = _source(node), node.get("cell_type") == "code"
    if len(source) > _MAX_SOURCE:
        source = source[:_MAX_SOURCE] + _CUT
    shown = tuple(shown_outputs(node.get("outputs", ()), discretion, sources)) if is_code else ()
    return Piece(title, source, is_code, shown)


def _own_cells(
    cells: Sequence[Mapping[str, Any]], released: set[str], places: set[str]
) -> Mapping[str, Sequence[Mapping[str, Any]]]:
    """The student's own cells, by the grade_id of the cell that they come after.

    places: grade_ids on the page; what stands above them all goes with the first
    """
    found: dict[str, list[Mapping[str, Any]]] = {}
    after = next((name for name in map(_grade_id, cells) if name in places), "")
    for cell in cells:
        after = _grade_id(cell) if _grade_id(cell) in places else after
        if not _grade_id(cell) and _is_students(cell, released) and _source(cell).strip():
            found.setdefault(after, []).append(cell)
    return found


def _is_students(cell: Mapping[str, Any], released: set[str]) -> bool:
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


def _source(cell: Mapping[str, Any]) -> str:
    return joined(cell.get("source"))
