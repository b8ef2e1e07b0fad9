"""The marks of a class as nbgrader's gradebook holds them, whatever database it is. Only read."""

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from nbgrader import api
from sqlalchemy import Connection, Integer, and_, case, cast, func, select

from autograder.assignment.did_you_mean import known_assignments, unknown
from autograder.assignment.errors import UserError
from autograder.assignment.nbgrader_course import NbgraderCourse
from autograder.gradebook.database import gradebook_exists, reading
from autograder.gradebook.deadlines import Deadlines, read_deadlines


@dataclass(frozen=True)
class ClassMark:
    """One student's mark in one assignment; all numbers are points, as nbgrader counts them.

    automatic: of the checks, where no person overruled them
    manual:    given by a person, in place of automatic points or beside them
    score:     automatic + manual + extra_credit - late_penalty, never below 0
    late:      seconds after the due date and extension
    waiting:   cells that a person still has to look at
    graded:    False if it was handed in and not graded yet, or is being graded anew
    """

    student: str
    first_name: str
    last_name: str
    email: str
    assignment: str
    timestamp: datetime | None
    late: float
    automatic: float
    manual: float
    extra_credit: float
    late_penalty: float
    score: float
    max_score: float
    waiting: int
    graded: bool

    @property
    def final(self) -> bool:
        """Whether nobody has to look at it any more."""
        return self.graded and not self.waiting

    def as_json(self) -> dict[str, Any]:
        """The mark as plain data, for `--json`."""
        return {
            "score": self.score if self.graded else None,
            "max_score": self.max_score,
            "automatic": self.automatic,
            "manual": self.manual,
            "extra_credit": self.extra_credit,
            "late_penalty": self.late_penalty,
            "late_seconds": self.late,
            "timestamp": self.timestamp and self.timestamp.isoformat(),
            "waiting": self.waiting,
        }


@dataclass(frozen=True)
class ClassMarks:
    """The marks of one assignment: of all who handed it in, sorted, and its maximum.

    students: everybody whom the gradebook knows, also without a submission
    """

    assignment: str
    max_score: float
    marks: tuple[ClassMark, ...]
    students: tuple[str, ...]

    def as_json(self) -> dict[str, Any]:
        """The marks as plain data, for `--json`."""
        return {
            "assignment": self.assignment,
            "max_score": self.max_score,
            "students": {mark.student: mark.as_json() for mark in self.marks},
        }


def read_marks(course: NbgraderCourse, assignments: tuple[str, ...]) -> tuple[ClassMarks, ...]:
    """Read the marks of some assignments, or of all that the gradebook has, sorted by name.

    raises: UserError if there is no gradebook, it cannot be read, or has no such assignment
    """
    if not gradebook_exists(course.db_url):
        known_assignments(assignments, course.assignments(), course.root)
    with reading(course.db_url) as connection:
        table = api.Assignment.__table__
        known = {
            str(name): str(key)
            for key, name in connection.execute(select(table.c.id, table.c.name))
        }
        for name in assignments:
            if name not in known:
                if name in course.assignments():
                    raise UserError(
                        f"{name} is not in the gradebook; run `autograder grade {name}` first."
                    )
                raise unknown("assignment", name, {*known, *course.assignments()}, course.root)
        return tuple(
            _marks_of(connection, course, name, known[name])
            for name in assignments or sorted(known)
        )


def _marks_of(
    connection: Connection, course: NbgraderCourse, name: str, assignment: str
) -> ClassMarks:
    notebook, cell = api.Notebook.__table__, api.BaseCell.__table__
    grade, task = api.GradeCell.__table__, api.TaskCell.__table__
    top = connection.execute(
        select(func.sum(func.coalesce(grade.c.max_score, task.c.max_score, 0.0)))
        .select_from(cell)
        .join(notebook, notebook.c.id == cell.c.notebook_id)
        .outerjoin(grade, grade.c.id == cell.c.id)
        .outerjoin(task, task.c.id == cell.c.id)
        .where(notebook.c.assignment_id == assignment)
    ).scalar()
    max_score = float(top or 0)
    student = api.Student.__table__
    people = {
        str(row.id): row
        for row in connection.execute(
            select(student.c.id, student.c.first_name, student.c.last_name, student.c.email)
        )
    }
    deadlines = read_deadlines(course, name)
    handed_in = set(course.students(name))
    found = {row.student_id: row for row in connection.execute(_sums(assignment))}
    penalties = {who: taken for who, taken in connection.execute(_penalties(assignment))}
    marks = []
    for one in sorted(handed_in | found.keys()):
        row = found.get(one)
        # nbgrader makes rows also for who got an extension and handed in nothing.
        if one not in handed_in and not (row.scored or row.timestamp):  # type: ignore[union-attr]
            continue
        marks.append(
            _mark(people.get(one), one, name, row, penalties.get(one), max_score, deadlines)
        )
    return ClassMarks(name, max_score, tuple(marks), tuple(sorted(people)))


def _sums(assignment: str) -> Any:
    """Points and counts of each student's submission of an assignment."""
    submission = api.SubmittedAssignment.__table__
    submitted, grade = api.SubmittedNotebook.__table__, api.Grade.__table__
    by_hand = grade.c.manual_score.is_not(None)
    scored = by_hand | grade.c.auto_score.is_not(None)

    def total(value: Any, where: Any) -> Any:
        return func.coalesce(func.sum(case((where, value), else_=0.0)), 0.0)

    return (
        select(
            submission.c.student_id,
            submission.c.timestamp,
            total(grade.c.auto_score, and_(~by_hand, scored)).label("automatic"),
            total(grade.c.manual_score, by_hand).label("manual"),
            total(func.coalesce(grade.c.extra_credit, 0.0), scored).label("extra"),
            func.coalesce(func.sum(cast(scored, Integer)), 0).label("scored"),
            func.coalesce(func.sum(cast(grade.c.needs_manual_grade, Integer)), 0).label("waiting"),
        )
        .select_from(submission)
        .outerjoin(submitted, submitted.c.assignment_id == submission.c.id)
        .outerjoin(grade, grade.c.notebook_id == submitted.c.id)
        .where(submission.c.assignment_id == assignment)
        .group_by(submission.c.id, submission.c.student_id, submission.c.timestamp)
    )


def _penalties(assignment: str) -> Any:
    submission, submitted = api.SubmittedAssignment.__table__, api.SubmittedNotebook.__table__
    return (
        select(
            submission.c.student_id, func.sum(func.coalesce(submitted.c.late_submission_penalty, 0))
        )
        .join(submitted, submitted.c.assignment_id == submission.c.id)
        .where(submission.c.assignment_id == assignment)
        .group_by(submission.c.student_id)
    )


def _mark(
    person: Any,
    student: str,
    assignment: str,
    row: Any,
    penalty: Any,
    max_score: float,
    deadlines: Deadlines,
) -> ClassMark:
    time = row.timestamp.replace(tzinfo=UTC) if row is not None and row.timestamp else None
    due = deadlines.of(student)
    automatic, manual, extra = (
        (float(row.automatic), float(row.manual), float(row.extra)) if row else (0.0, 0.0, 0.0)
    )
    taken = float(penalty or 0)
    return ClassMark(
        student=student,
        first_name=(person and person.first_name) or "",
        last_name=(person and person.last_name) or "",
        email=(person and person.email) or "",
        assignment=assignment,
        timestamp=time,
        late=max(0.0, (time - due).total_seconds()) if time and due else 0.0,
        automatic=automatic,
        manual=manual,
        extra_credit=extra,
        late_penalty=taken,
        score=max(0.0, automatic + manual + extra - taken),
        max_score=max_score,
        waiting=int(row.waiting) if row is not None else 0,
        graded=row is not None and bool(row.scored),
    )
