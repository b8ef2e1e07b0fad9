"""The points and comments of a class, cell by cell, as nbgrader's gradebook holds them. Only read."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from nbgrader import api
from sqlalchemy import func

from autograder.assignment.nbgrader_course import NbgraderCourse
from autograder.gradebook.cell_rows import cell_rows
from autograder.gradebook.database import reading
from autograder.gradebook.late_plugin import points_of

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
        most = func.coalesce(_POINTS.c.max_score, _TASK.c.max_score, 0.0).label("most")
        grades = (
            cell_rows(
                _GRADE, assignment, _GRADE.c.auto_score, _GRADE.c.manual_score,
                _GRADE.c.extra_credit, _GRADE.c.needs_manual_grade, most,
            )
            .outerjoin(_POINTS, _POINTS.c.id == _GRADE.c.cell_id)
            .outerjoin(_TASK, _TASK.c.id == _GRADE.c.cell_id)
        )  # fmt: skip
        for row in connection.execute(grades):
            of = found.setdefault(row.student_id, StudentGrades())
            of.grades[f"{row.notebook}/{row.cell}"] = Grade(
                points_of(row.manual_score, row.auto_score, row.extra_credit),
                float(row.most),
                row.manual_score is not None,
                bool(row.needs_manual_grade),
            )
        comments = cell_rows(_COMMENT, assignment, _COMMENT.c.manual_comment)
        for row in connection.execute(comments.where(_COMMENT.c.manual_comment.is_not(None))):
            of = found.setdefault(row.student_id, StudentGrades())
            of.comments[f"{row.notebook}/{row.cell}"] = row.manual_comment
    return found
