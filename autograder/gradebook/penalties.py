"""Due dates, extensions and late penalties of a whole assignment in nbgrader's tables."""

import math
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from nbgrader import api
from sqlalchemy import Connection, func, select, update

from autograder.assignment.class_file import ClassDeadlines
from autograder.gradebook.late_plugin import LatePenalties, points_of, seconds_late, total_penalty

_ASSIGNMENT = api.Assignment.__table__
_NOTEBOOK = api.Notebook.__table__
_SUBMISSION = api.SubmittedAssignment.__table__
_SUBMITTED = api.SubmittedNotebook.__table__
_GRADE = api.Grade.__table__
_POINTS = api.GradeCell.__table__
_TASK = api.TaskCell.__table__
_AT_A_TIME = 500
"""Notebooks whose grades are asked for together."""


@dataclass(frozen=True)
class Late:
    """A late submission.

    seconds: after the due date, extension included
    penalty: points off all notebooks together, None if none
    changed: whether the gradebook had another penalty
    score, max_score: points before the penalty, those of a person included
    """

    seconds: float
    penalty: float | None
    changed: bool
    score: float
    max_score: float

    def as_json(self) -> dict[str, float | None]:
        """Seconds and penalty, for `--json`."""
        return {"seconds": self.seconds, "penalty": self.penalty}


def enter_deadlines(connection: Connection, assignment: str, deadlines: ClassDeadlines) -> None:
    """Enter due date and extensions of an assignment, if the class file gives them."""
    if deadlines.due is None:
        return
    do = connection.execute
    of_it = _ASSIGNMENT.c.name == assignment
    do(update(_ASSIGNMENT).where(of_it).values(duedate=deadlines.due))
    for row in do(
        select(_SUBMISSION.c.id, _SUBMISSION.c.student_id, _SUBMISSION.c.extension)
        .join(_ASSIGNMENT, _ASSIGNMENT.c.id == _SUBMISSION.c.assignment_id)
        .where(of_it)
    ).all():
        extension = deadlines.extensions.get(row.student_id)
        if extension != row.extension:
            do(update(_SUBMISSION).where(_SUBMISSION.c.id == row.id).values(extension=extension))


def enter_penalties(
    connection: Connection, assignment: str, late: LatePenalties
) -> dict[str, Late]:
    """Enter the late penalties of an assignment anew from the points in the gradebook.

    returns: by student who is late, or had a penalty and is late no more, in order
    """
    do = connection.execute
    due = do(select(_ASSIGNMENT.c.duedate).where(_ASSIGNMENT.c.name == assignment)).scalar()
    notebooks = [
        (notebook, seconds)
        for notebook in do(
            select(
                _SUBMISSION.c.student_id, _SUBMISSION.c.timestamp, _SUBMISSION.c.extension,
                _SUBMITTED.c.id, _SUBMITTED.c.late_submission_penalty,
            )
            .join(_ASSIGNMENT, _ASSIGNMENT.c.id == _SUBMISSION.c.assignment_id)
            .join(_SUBMITTED, _SUBMITTED.c.assignment_id == _SUBMISSION.c.id)
            .join(_NOTEBOOK, _NOTEBOOK.c.id == _SUBMITTED.c.notebook_id)
            .where(_ASSIGNMENT.c.name == assignment)
            .order_by(_SUBMISSION.c.student_id, _NOTEBOOK.c.name)
        ).all()
        if (seconds := seconds_late(notebook.timestamp, due, notebook.extension)) > 0
        or notebook.late_submission_penalty is not None
    ]  # fmt: skip
    found: dict[str, Late] = {}
    for start in range(0, len(notebooks), _AT_A_TIME):
        some = notebooks[start : start + _AT_A_TIME]
        graded = _graded(connection, [notebook.id for notebook, _ in some])
        for notebook, seconds in some:
            score = math.fsum(points for points, _ in graded[notebook.id])
            max_score = math.fsum(most for _, most in graded[notebook.id])
            penalty = late.penalty(notebook.student_id, score, max_score, seconds)
            changed = penalty != notebook.late_submission_penalty
            if changed:
                of_it = _SUBMITTED.c.id == notebook.id
                do(update(_SUBMITTED).where(of_it).values(late_submission_penalty=penalty))
            so_far = found.get(notebook.student_id, Late(seconds, None, False, 0.0, 0.0))
            found[notebook.student_id] = Late(
                seconds,
                total_penalty((so_far.penalty, penalty)),
                so_far.changed or changed,
                so_far.score + score,
                so_far.max_score + max_score,
            )
    return found


def _graded(
    connection: Connection, notebooks: Sequence[str]
) -> defaultdict[str, list[tuple[float, float]]]:
    """Score and points of each graded cell of these submitted notebooks, by their ids."""
    found: defaultdict[str, list[tuple[float, float]]] = defaultdict(list)
    most: Any = func.coalesce(_POINTS.c.max_score, _TASK.c.max_score, 0.0).label("most")
    for row in connection.execute(
        select(_GRADE, most)
        .outerjoin(_POINTS, _POINTS.c.id == _GRADE.c.cell_id)
        .outerjoin(_TASK, _TASK.c.id == _GRADE.c.cell_id)
        .where(_GRADE.c.notebook_id.in_(notebooks))
    ):
        points = points_of(row.manual_score, row.auto_score, row.extra_credit)
        found[row.notebook_id].append((points, row.most))
    return found
