"""Due dates, extensions and late penalties of a whole assignment in nbgrader's tables."""

import math
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from nbgrader import api
from sqlalchemy import Connection, func, select, update

from autograder.assignment.class_file import ClassDeadlines
from autograder.gradebook import history
from autograder.gradebook.history import Entry, Happened
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
    """Enter due date and extensions of an assignment, if the class file gives them.

    What it gave before and gives no more goes, unless somebody has changed it in the gradebook.
    """
    do = connection.execute
    held = do(
        select(_ASSIGNMENT.c.id, _ASSIGNMENT.c.duedate).where(_ASSIGNMENT.c.name == assignment)
    ).first()
    if held is None:
        return
    before = entered(connection, assignment)
    given = Entered(deadlines.due, dict(deadlines.extensions))
    if deadlines.due is None and (before is None or before.due is None):
        return
    due = held.duedate
    if deadlines.due is not None or (before is not None and held.duedate == before.due):
        due = deadlines.due
    if due != held.duedate:
        do(update(_ASSIGNMENT).where(_ASSIGNMENT.c.id == held.id).values(duedate=due))
    for row in do(
        select(_SUBMISSION.c.id, _SUBMISSION.c.student_id, _SUBMISSION.c.extension).where(
            _SUBMISSION.c.assignment_id == held.id
        )
    ).all():
        extension = deadlines.extensions.get(row.student_id)
        if deadlines.due is None and (
            before is None or row.extension != before.extensions.get(row.student_id)
        ):
            continue
        if extension != row.extension:
            do(update(_SUBMISSION).where(_SUBMISSION.c.id == row.id).values(extension=extension))
    if given != before:
        history.add(
            connection,
            Entry(Happened.DEADLINES, assignment, "", checks={"class.toml": given.as_json()}),
        )


@dataclass(frozen=True)
class Entered:
    """What class.toml gave when it last came into the gradebook: UTC without a zone, as nbgrader."""

    due: datetime | None
    extensions: Mapping[str, timedelta]

    def as_json(self) -> dict[str, Any]:
        """As the history keeps it: ISO 8601, and seconds by student."""
        return {
            "due": self.due and self.due.isoformat(),
            "extensions": {who: more.total_seconds() for who, more in self.extensions.items()},
        }


def entered(connection: Connection, assignment: str) -> Entered | None:
    """What class.toml gave when it last came into the gradebook; None if it never did."""
    entry = history.last_of(connection, Happened.DEADLINES, assignment, "")
    if entry is None:
        return None
    told = entry.checks["class.toml"]
    return Entered(
        told["due"] and datetime.fromisoformat(told["due"]),
        {who: timedelta(seconds=more) for who, more in told["extensions"].items()},
    )


@dataclass(frozen=True)
class NotebookPenalty:
    """What one notebook loses because it was late.

    held: what the gradebook has; penalty: what is right now; None if it is in time
    """

    student: str
    notebook: str
    row: str
    held: float | None
    penalty: float | None
    seconds: float
    score: float
    max_score: float


def work_out_penalties(
    connection: Connection,
    assignment: str,
    late: LatePenalties,
    when: Callable[[str, datetime | None], datetime | None] = lambda student, held: held,
    due_of: Callable[[str], datetime | None] | None = None,
    now: Callable[[str], str] = str,
) -> list[NotebookPenalty]:
    """The late penalties of an assignment, from the points in the gradebook; nothing is written.

    when:    the time that counts, of a student and the time that the gradebook has; UTC, no zone
    due_of:  when it is due for a student; by default what the gradebook says
    now:     what the student of an id is called now; the longest extension of any id counts
    returns: of every notebook that is late or has a penalty, by student and notebook
    """
    do = connection.execute
    due = do(select(_ASSIGNMENT.c.duedate).where(_ASSIGNMENT.c.name == assignment)).scalar()

    rows = do(
        select(
            _SUBMISSION.c.student_id,
            _SUBMISSION.c.timestamp,
            _SUBMISSION.c.extension,
            _SUBMITTED.c.id,
            _SUBMITTED.c.late_submission_penalty,
            _NOTEBOOK.c.name,
        )
        .join(_ASSIGNMENT, _ASSIGNMENT.c.id == _SUBMISSION.c.assignment_id)
        .join(_SUBMITTED, _SUBMITTED.c.assignment_id == _SUBMISSION.c.id)
        .join(_NOTEBOOK, _NOTEBOOK.c.id == _SUBMITTED.c.notebook_id)
        .where(_ASSIGNMENT.c.name == assignment)
        .order_by(_SUBMISSION.c.student_id, _NOTEBOOK.c.name)
    ).all()
    extensions: defaultdict[str, timedelta] = defaultdict(timedelta)
    for row in rows:
        student = now(row.student_id)
        extensions[student] = max(extensions[student], row.extension or timedelta())

    def of(row: Any) -> tuple[datetime | None, datetime | None]:
        if due_of is not None:
            its = due_of(row.student_id)
        else:
            its = due and due + extensions[now(row.student_id)]
        return when(row.student_id, row.timestamp), its

    notebooks = [
        (row, *times)
        for row in rows
        for times in [of(row)]
        if seconds_late(*times) > 0 or row.late_submission_penalty is not None
    ]  # fmt: skip
    found = []
    for start in range(0, len(notebooks), _AT_A_TIME):
        some = notebooks[start : start + _AT_A_TIME]
        graded = _graded(connection, [row.id for row, _, _ in some])
        for row, time, its in some:
            score = math.fsum(points for points, _ in graded[row.id])
            max_score = math.fsum(most for _, most in graded[row.id])
            found.append(
                NotebookPenalty(
                    row.student_id, row.name, row.id, row.late_submission_penalty,
                    late.penalty(row.student_id, score, max_score, time, its),
                    seconds_late(time, its), score, max_score,
                )
            )  # fmt: skip
    return found


def enter_penalties(
    connection: Connection,
    assignment: str,
    late: LatePenalties,
    now: Callable[[str], str] = str,
) -> dict[str, Late]:
    """Enter the late penalties of an assignment anew from the points in the gradebook.

    now:     see `work_out_penalties`
    returns: by student who is late, or had a penalty and is late no more, in order
    """
    found: dict[str, Late] = {}
    for one in work_out_penalties(connection, assignment, late, now=now):
        changed = one.penalty != one.held
        if changed:
            of_it = _SUBMITTED.c.id == one.row
            connection.execute(
                update(_SUBMITTED).where(of_it).values(late_submission_penalty=one.penalty)
            )
        so_far = found.get(one.student, Late(one.seconds, None, False, 0.0, 0.0))
        found[one.student] = Late(
            one.seconds,
            total_penalty((so_far.penalty, one.penalty)),
            so_far.changed or changed,
            so_far.score + one.score,
            so_far.max_score + one.max_score,
        )
    return found


def enter_times(
    connection: Connection, assignment: str, times: Mapping[str, datetime | None]
) -> None:
    """Enter when work was handed in, where the gradebook has another time; UTC without a zone."""
    do = connection.execute
    for row in do(
        select(_SUBMISSION.c.id, _SUBMISSION.c.student_id, _SUBMISSION.c.timestamp)
        .join(_ASSIGNMENT, _ASSIGNMENT.c.id == _SUBMISSION.c.assignment_id)
        .where(_ASSIGNMENT.c.name == assignment)
    ).all():
        time = times.get(row.student_id, row.timestamp)
        if time != row.timestamp:
            do(update(_SUBMISSION).where(_SUBMISSION.c.id == row.id).values(timestamp=time))


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
