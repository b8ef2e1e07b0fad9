"""The rows of one submission in nbgrader's tables: marks, comments, late penalties."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from nbgrader import api
from nbgrader.utils import parse_utc
from sqlalchemy import Connection, bindparam, insert, select, update

from autograder.errors import UserError
from autograder.marks import marks
from autograder.outcome import NotebookResult, Result

_ASSIGNMENT = api.Assignment.__table__
_STUDENT = api.Student.__table__
_NOTEBOOK = api.Notebook.__table__
_CELL = api.BaseCell.__table__
_SOURCE = api.SourceCell.__table__
_SUBMISSION = api.SubmittedAssignment.__table__
_SUBMITTED = api.SubmittedNotebook.__table__
_GRADE = api.Grade.__table__
_COMMENT = api.Comment.__table__


class SubmissionRows:
    """The rows of one submission in nbgrader's tables.

    Plain SQL on them, for speed: nbgrader's Gradebook commits once per object.
    """

    def __init__(self, connection: Connection, assignment: str, student: str) -> None:
        self._do = connection.execute
        self._student = student
        self._assignment: Any = self._do(
            select(_ASSIGNMENT.c.id, _ASSIGNMENT.c.duedate).where(_ASSIGNMENT.c.name == assignment)
        ).first()

    def _submission(self) -> Any:
        if self._assignment is None:
            return None
        return self._do(
            select(_SUBMISSION.c.id, _SUBMISSION.c.timestamp, _SUBMISSION.c.extension).where(
                _SUBMISSION.c.assignment_id == self._assignment.id,
                _SUBMISSION.c.student_id == self._student,
            )
        ).first()

    def held(self) -> dict[str, Any] | None:
        """All that the autograder writes, as plain data; None if there is no submission."""
        submission = self._submission()
        if submission is None:
            return None

        def by_cell(table: Any, value: Any) -> dict[str, Any]:
            rows = self._do(
                select(_NOTEBOOK.c.name, _CELL.c.name, value)
                .select_from(table)
                .join(_SUBMITTED, _SUBMITTED.c.id == table.c.notebook_id)
                .join(_NOTEBOOK, _NOTEBOOK.c.id == _SUBMITTED.c.notebook_id)
                .join(_CELL, _CELL.c.id == table.c.cell_id)
                .where(_SUBMITTED.c.assignment_id == submission.id)
            )
            return {f"{notebook}/{cell}": held for notebook, cell, held in rows}

        penalties = self._do(
            select(_NOTEBOOK.c.name, _SUBMITTED.c.late_submission_penalty)
            .join(_SUBMITTED, _NOTEBOOK.c.id == _SUBMITTED.c.notebook_id)
            .where(_SUBMITTED.c.assignment_id == submission.id)
        )
        return {
            "timestamp": submission.timestamp and submission.timestamp.isoformat(),
            "scores": by_cell(_GRADE, _GRADE.c.auto_score),
            "comments": by_cell(_COMMENT, _COMMENT.c.auto_comment),
            "penalties": {notebook: penalty for notebook, penalty in penalties},
        }

    def invalidate(self) -> None:
        """Leave no automatic score, comment or penalty; a person has to look."""
        submission = self._submission()
        if submission is None:
            return
        notebooks = select(_SUBMITTED.c.id).where(_SUBMITTED.c.assignment_id == submission.id)
        for table, values in (
            (_GRADE, {"auto_score": None, "needs_manual_grade": True}),
            (_COMMENT, {"auto_comment": None}),
        ):
            self._do(update(table).where(table.c.notebook_id.in_(notebooks)).values(values))
        self._do(
            update(_SUBMITTED)
            .where(_SUBMITTED.c.assignment_id == submission.id)
            .values(late_submission_penalty=None)
        )

    def enter(self, result: Result, timestamp: str | None, late: Any) -> None:
        """Write marks and comments of all notebooks, and the late penalties.

        Every row that a regrade could leave behind is overwritten; manual scores, extra credit
        and manual comments stay. Without a timestamp an earlier one is cleared: it told of other
        work, and Formgrader would show this one as not autograded for ever.
        """
        if self._assignment is None:
            raise UserError(f"{result.assignment}: is not in the gradebook; register it first.")
        self._enter_student()
        submission = self._enter_submission(utc_time(timestamp))
        by_name = {notebook.name: notebook for notebook in result.notebooks}
        for source in self._do(
            select(_NOTEBOOK.c.id, _NOTEBOOK.c.name).where(
                _NOTEBOOK.c.assignment_id == self._assignment.id
            )
        ).all():
            submitted = self._enter_notebook(submission.id, source.id)
            total = self._enter_cells(submitted, source.id, by_name.get(source.name))
            penalty = _late_penalty(late, self._student, total, self._seconds_late(submission))
            self._do(
                update(_SUBMITTED)
                .where(_SUBMITTED.c.id == submitted)
                .values(late_submission_penalty=penalty)
            )

    def _enter_student(self) -> None:
        if self._do(select(_STUDENT.c.id).where(_STUDENT.c.id == self._student)).first() is None:
            self._do(insert(_STUDENT).values(id=self._student))

    def _enter_submission(self, timestamp: Any) -> Any:
        found = self._submission()
        if found is None:
            mine = {"assignment_id": self._assignment.id, "student_id": self._student}
            self._do(insert(_SUBMISSION).values(timestamp=timestamp, **mine))
        elif found.timestamp != timestamp:
            of_it = _SUBMISSION.c.id == found.id
            self._do(update(_SUBMISSION).where(of_it).values(timestamp=timestamp))
        return self._submission()

    def _enter_notebook(self, submission_id: str, notebook_id: str) -> str:
        mine = {"assignment_id": submission_id, "notebook_id": notebook_id}
        query = select(_SUBMITTED.c.id).filter_by(**mine)
        if (found := self._do(query).scalar()) is None:
            self._do(insert(_SUBMITTED).values(flagged=False, **mine))
            found = self._do(query).scalar_one()
        return str(found)

    def _enter_cells(
        self, submitted_id: str, notebook_id: str, notebook: NotebookResult | None
    ) -> float:
        """Enter grades and comments of one notebook; return its score."""
        cells = self._do(
            select(_CELL.c.id, _CELL.c.name, _CELL.c.type, _SOURCE.c.checksum)
            .outerjoin(
                _SOURCE,
                (_SOURCE.c.notebook_id == _CELL.c.notebook_id) & (_SOURCE.c.name == _CELL.c.name),
            )
            .where(_CELL.c.notebook_id == notebook_id)
        ).all()
        found = None
        if notebook is not None:
            found = marks(notebook, {cell.name: cell.checksum for cell in cells})
        total, grades, comments = 0.0, [], []
        graded = [cell for cell in cells if cell.type != "SolutionCell"]
        for cell, row in self._rows(_GRADE, submitted_id, graded):
            # A task is a person's alone; nbgrader leaves its grade as it is.
            score = row.auto_score
            if cell.type == "GradeCell":
                score = found.scores.get(cell.name) if found else 0.0
                waits = row.manual_score is not None
                waits = found.waits(cell.name, row.manual_score) if found else waits
                grades.append({"row": row.id, "auto_score": score, "needs_manual_grade": waits})
            given = score if row.manual_score is None else row.manual_score
            total += 0.0 if given is None else given + (row.extra_credit or 0.0)
        commented = [cell for cell in cells if cell.type != "GradeCell"]
        for cell, row in self._rows(_COMMENT, submitted_id, commented):
            comment = found.comments.get(cell.name) if found else None
            comments.append({"row": row.id, "auto_comment": comment})
        for table, values in ((_GRADE, grades), (_COMMENT, comments)):
            if values:
                self._do(update(table).where(table.c.id == bindparam("row")), values)
        return total

    def _rows(self, table: Any, submitted_id: str, cells: list[Any]) -> list[tuple[Any, Any]]:
        """The rows of these cells, with each its cell; those that are missing are made."""
        query = select(table).where(table.c.notebook_id == submitted_id)
        rows = {row.cell_id: row for row in self._do(query)}
        missing = [
            {"notebook_id": submitted_id, "cell_id": cell.id}
            for cell in cells
            if cell.id not in rows
        ]
        if missing:
            self._do(insert(table), missing)
            rows = {row.cell_id: row for row in self._do(query)}
        return [(cell, rows[cell.id]) for cell in cells]

    def _seconds_late(self, submission: Any) -> float:
        due = self._assignment.duedate
        if due is None or submission.timestamp is None:
            return 0.0
        late = submission.timestamp - due - (submission.extension or timedelta())
        return max(0.0, float(late.total_seconds()))


@dataclass(frozen=True)
class _Scored:
    """What nbgrader's AssignLatePenalties wants to know of a notebook."""

    score: float


def _late_penalty(late: Any, student: str, score: float, seconds: float) -> float | None:
    """What the course's own late-submission plugin takes off, kept within [0, score]."""
    if not late.enabled or seconds <= 0:
        return None
    try:
        penalty = late.plugin_inst.late_submission_penalty(student, score, seconds)
        return None if penalty is None else float(late._check_late_penalty(_Scored(score), penalty))
    except Exception as error:
        raise UserError(
            f"{type(late.plugin_inst).__name__}: the late submission plugin failed for {student} "
            f"({type(error).__name__}: {error}); nothing of this submission was entered.",
            exit_code=1,
        ) from error


def utc_time(timestamp: str | None) -> Any:
    """A timestamp in UTC as nbgrader stores it; None if there is none or it is not one."""
    try:
        return parse_utc(timestamp.strip()) if timestamp and timestamp.strip() else None
    except (ValueError, OverflowError, TypeError):
        return None
