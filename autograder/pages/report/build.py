"""The report on a class: how the marks lie, what was hard, what was misunderstood, who waits.

The gradebook is asked once for each assignment, each graded folder's record is read once.
"""

import os
import statistics
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any
from urllib.parse import quote

from autograder.assignment.blueprint import Blueprint, read_blueprint
from autograder.assignment.errors import UserError
from autograder.assignment.nbgrader_course import NbgraderCourse
from autograder.assignment.notebook import grade_id_of, is_hidden_source
from autograder.assignment.sections import sections_of
from autograder.gradebook.autograded_folder import read_record
from autograder.pages.report.difficulty import Column, exercise_figures
from autograder.pages.report.values import (
    NAMED,
    AssignmentReport,
    CheckTime,
    ClassReport,
    ExerciseFigures,
    LateOne,
    Misconception,
    Person,
    Waiting,
)
from autograder.pages.report.words import misconception
from autograder.records.class_grades import Grade, StudentGrades, read_grades
from autograder.records.class_marks import ClassMark, ClassMarks, read_marks

_TELLING = ("failed", "error", "partial", "timeout", "out of memory", "died")


def class_report(course: NbgraderCourse, assignments: Sequence[str], beside: Path) -> ClassReport:
    """Read what the report says.

    assignments: those that it is about; with none, all that are graded and can be read
    beside:      folder of the report, from which its links lead
    raises:      UserError, see `write_report`
    """
    found = [marks for marks in read_marks(course, tuple(assignments)) if marks.marks]
    if not found:
        raise UserError(f"nobody has submitted anything (looked in {course.submitted}).")
    reports, left_out = [], {}
    for marks in found:
        try:
            blueprint = read_blueprint(course, marks.assignment)
        except UserError as error:
            if assignments:
                raise
            left_out[marks.assignment] = _why_left_out(course, marks.assignment, error)
        else:
            reports.append(_Class(course, marks, blueprint, beside).report())
    if not reports:
        raise UserError(" ".join(left_out.values()))
    return ClassReport(tuple(reports), left_out)


def _why_left_out(course: NbgraderCourse, assignment: str, error: UserError) -> str:
    if assignment in course.assignments():
        return f"{assignment} is left out: {error}"
    return (
        f"{assignment} is left out: it is graded, but no longer in {course.source} or "
        f"{course.release}."
    )


class _Class:
    """One assignment of a class."""

    def __init__(
        self, course: NbgraderCourse, marks: ClassMarks, blueprint: Blueprint, beside: Path
    ) -> None:
        self._course, self._marks, self._beside = course, marks, beside
        self._name = marks.assignment
        self._known: dict[str, Person] = {}
        self._blueprint = blueprint
        self._graded = [mark for mark in marks.marks if mark.graded]
        everybody = read_grades(course, self._name)
        self._grades = {
            mark.student: everybody.get(mark.student, StudentGrades()) for mark in self._graded
        }
        self._hidden = {
            name
            for notebook in self._blueprint.notebooks
            for cell in notebook.notebook.cells
            if "nbgrader" in cell.metadata and is_hidden_source(cell.source)
            for name in (grade_id_of(cell), f"{notebook.name}/{grade_id_of(cell)}")
        }

    def report(self) -> AssignmentReport:
        misconceptions, times, reasons = self._from_records()
        return AssignmentReport(
            self._name,
            self._marks.max_score,
            tuple(sorted(mark.score for mark in self._graded)),
            self._exercises(),
            misconceptions,
            times,
            self._waiting(reasons),
            sum(not mark.final for mark in self._graded),
            tuple(
                sorted(map(self._late, filter(_is_late, self._graded)), key=lambda one: -one.days)
            ),
            tuple(mark.student for mark in self._marks.marks if not mark.graded),
            self._people(mark.student for mark in self._graded if mark.late is None),
            tuple(
                (mark.student, (mark.held or mark.outdated).replace("`", ""))
                for mark in self._marks.marks
                if mark.held or mark.outdated
            ),
        )

    def _exercises(self) -> tuple[ExerciseFigures, ...]:
        columns = []
        for notebook in self._blueprint.notebooks:
            for section in sections_of(notebook, self._name):
                places = [f"{notebook.name}/{cell.grade_id}" for cell in section.cells]
                rows = [
                    [of.grades[place] for place in places if place in of.grades]
                    for of in self._grades.values()
                ]
                points = max((sum(grade.points for grade in row) for row in rows), default=0.0)
                if points > 0:
                    columns.append(Column(section.title, points, tuple(map(_decided, rows))))
        return exercise_figures(columns)

    def _from_records(
        self,
    ) -> tuple[tuple[Misconception, ...], tuple[CheckTime, ...], Mapping[tuple[str, str], str]]:
        """Misconceptions, times, and why a check waits for a person, by student and check."""
        who: defaultdict[tuple[str, str], list[str]] = defaultdict(list)
        examples: dict[tuple[str, str], str] = {}
        seconds: defaultdict[str, list[tuple[float, str]]] = defaultdict(list)
        reasons: dict[tuple[str, str], str] = {}
        for student in self._grades:
            record = read_record(self._course.autograded_folder(student, self._name))
            for check, said in _checks(record):
                outcome, message = said.get("outcome"), str(said.get("message") or "")
                seconds[check].append((float(said.get("seconds") or 0), student))
                if outcome == "disputed":
                    reasons[student, check] = message
                if outcome in _TELLING and message:
                    key = check, misconception(message)
                    who[key].append(student)
                    examples.setdefault(key, message)
        order = {check: number for number, check in enumerate(seconds)}
        misconceptions = tuple(
            Misconception(
                check, check in self._hidden, words, examples[check, words], len(people),
                self._people(people),
            )
            for (check, words), people in sorted(
                who.items(), key=lambda item: (-len(item[1]), order[item[0][0]], item[0][1])
            )
        )  # fmt: skip
        times = tuple(
            CheckTime(
                check,
                statistics.median(t for t, _ in all_),
                max(all_)[0],
                self._person(max(all_)[1]),
            )
            for check, all_ in seconds.items()
        )
        return misconceptions, times, reasons

    def _waiting(self, reasons: Mapping[tuple[str, str], str]) -> tuple[Waiting, ...]:
        """Cells that wait: checks first, for they wait because something is in doubt."""
        who: defaultdict[str, list[str]] = defaultdict(list)
        for student, of in self._grades.items():
            for place, grade in of.grades.items():
                if grade.waiting:
                    who[place].append(student)
        checks = {
            f"{notebook.name}/{cell.grade_id}"
            for notebook in self._blueprint.notebooks
            for cell in notebook.graded
            if cell.kind.value == "check"
        }
        found = []
        for place, people in who.items():
            notebook, cell = place.split("/", 1)
            said = Counter(
                reasons[student, name]
                for student in people
                for name in (place, cell)
                if (student, name) in reasons
            )
            doubt = said.most_common(1)[0][0] if said else "a person marked another answer before"
            reason = doubt if place in checks else ""
            found.append(Waiting(cell, notebook, len(people), reason, self._people(people)))
        return tuple(sorted(found, key=lambda waiting: (not waiting.reason, waiting.cell)))

    def _late(self, mark: ClassMark) -> LateOne:
        return LateOne(self._person(mark.student), (mark.late or 0.0) / 86_400, mark.late_penalty)

    def _people(self, students: Iterable[str]) -> tuple[Person, ...]:
        return tuple(self._person(student) for student in sorted(students)[:NAMED])

    def _person(self, student: str) -> Person:
        if student not in self._known:
            self._known[student] = self._found(student)
        return self._known[student]

    def _found(self, student: str) -> Person:
        """Link to the feedback page, or to the graded notebook where there is none yet."""
        folders = (
            (self._course.feedback_folder(student, self._name), "html"),
            (self._course.autograded_folder(student, self._name), "ipynb"),
        )
        for folder, suffix in folders:
            path = folder / f"{self._blueprint.notebooks[0].name}.{suffix}"
            if path.is_file():
                return Person(student, quote(Path(os.path.relpath(path, self._beside)).as_posix()))
        return Person(student)


def _decided(row: Sequence[Grade]) -> float | None:
    """Points of one student in one exercise; None while a person has to look at some of it."""
    return None if any(grade.waiting for grade in row) else sum(grade.score for grade in row)


def _is_late(mark: ClassMark) -> bool:
    return bool(mark.late)


def _checks(record: Mapping[str, Any] | None) -> Iterable[tuple[str, Mapping[str, Any]]]:
    checks = (record or {}).get("result", {}).get("checks")
    return checks.items() if isinstance(checks, dict) else ()
