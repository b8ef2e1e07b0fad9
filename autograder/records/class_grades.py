"""The points and comments of a class, cell by cell, as nbgrader's gradebook holds them. Only read."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from nbgrader import api
from sqlalchemy import func, select

from autograder.assignment.nbgrader_course import NbgraderCourse
from autograder.gradebook.database import reading
from autograder.gradebook.late_plugin import points_of

_ASSIGNMENT = api.Assignment.__table__
_NOTEBOOK = api.Notebook.__table__
_CELL = api.BaseCell.__table__
_SUBMISSION = api.SubmittedAssignment.__table__
_SUBMITTED = api.SubmittedNotebook.__table__
_GRADE = api.Grade.__table__
_COMMENT = api.Comment.__table__
_POINTS = api.GradeCell.__table__
_TASK = api.TaskCell.__table__


@dataclass(frozen=True)
class Grade:
    """One graded cell; all numbers are points.

    by_person: whether a person gave the points
    waiting:   whether a person still has to look at it
    """

    score: float
    points: float
    by_person: bool = False
    waiting: bool = False


@dataclass
class StudentGrades:
    """One student's submission.

    grades:   by "NOTEBOOK/GRADE_ID"
    comments: of a person, by the "NOTEBOOK/GRADE_ID" of the answer
    """

    grades: dict[str, Grade] = field(default_factory=dict)
    comments: dict[str, str] = field(default_factory=dict)


def read_grades(course: NbgraderCourse, assignment: str) -> Mapping[str, StudentGrades]:
    """Read everybody's grades of an assignment, by student.

    raises: UserError if there is no gradebook, or it cannot be read
    """
    found: dict[str, StudentGrades] = {}
    with reading(course.db_url) as connection:
        for row in connection.execute(_grades().where(_ASSIGNMENT.c.name == assignment)):
            of = found.setdefault(row.student_id, StudentGrades())
            of.grades[f"{row.notebook}/{row.cell}"] = Grade(
                points_of(row.manual_score, row.auto_score, row.extra_credit),
                float(row.most),
                row.manual_score is not None,
                bool(row.needs_manual_grade),
            )
        for row in connection.execute(_comments().where(_ASSIGNMENT.c.name == assignment)):
            of = found.setdefault(row.student_id, StudentGrades())
            of.comments[f"{row.notebook}/{row.cell}"] = row.manual_comment
    return found


def _grades() -> Any:
    return (
        select(
            _SUBMISSION.c.student_id, _NOTEBOOK.c.name.label("notebook"), _CELL.c.name.label("cell"),
            _GRADE.c.auto_score, _GRADE.c.manual_score, _GRADE.c.extra_credit,
            _GRADE.c.needs_manual_grade,
            func.coalesce(_POINTS.c.max_score, _TASK.c.max_score, 0.0).label("most"),
        )
        .select_from(_GRADE)
        .join(_SUBMITTED, _SUBMITTED.c.id == _GRADE.c.notebook_id)
        .join(_SUBMISSION, _SUBMISSION.c.id == _SUBMITTED.c.assignment_id)
        .join(_ASSIGNMENT, _ASSIGNMENT.c.id == _SUBMISSION.c.assignment_id)
        .join(_NOTEBOOK, _NOTEBOOK.c.id == _SUBMITTED.c.notebook_id)
        .join(_CELL, _CELL.c.id == _GRADE.c.cell_id)
        .outerjoin(_POINTS, _POINTS.c.id == _GRADE.c.cell_id)
        .outerjoin(_TASK, _TASK.c.id == _GRADE.c.cell_id)
    )  # fmt: skip


def _comments() -> Any:
    return (
        select(
            _SUBMISSION.c.student_id, _NOTEBOOK.c.name.label("notebook"), _CELL.c.name.label("cell"),
            _COMMENT.c.manual_comment,
        )
        .select_from(_COMMENT)
        .join(_SUBMITTED, _SUBMITTED.c.id == _COMMENT.c.notebook_id)
        .join(_SUBMISSION, _SUBMISSION.c.id == _SUBMITTED.c.assignment_id)
        .join(_ASSIGNMENT, _ASSIGNMENT.c.id == _SUBMISSION.c.assignment_id)
        .join(_NOTEBOOK, _NOTEBOOK.c.id == _SUBMITTED.c.notebook_id)
        .join(_CELL, _CELL.c.id == _COMMENT.c.cell_id)
        .where(_COMMENT.c.manual_comment.is_not(None))
    )  # fmt: skip
