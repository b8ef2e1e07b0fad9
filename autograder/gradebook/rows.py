"""The rows of one submission in nbgrader's tables: marks, comments, late penalties."""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from nbgrader import api
from nbgrader.utils import parse_utc
from sqlalchemy import Connection, bindparam, func, insert, select, update

from autograder.assignment.class_file import ClassDeadlines
from autograder.assignment.errors import UserError
from autograder.assignment.outcome import Result
from autograder.assignment.plurals import counted
from autograder.gradebook.history import Entry
from autograder.gradebook.late_plugin import LatePenalties, points_of, total_penalty
from autograder.gradebook.marks import Marks, joined, marks

_ASSIGNMENT = api.Assignment.__table__
_STUDENT = api.Student.__table__
_NOTEBOOK = api.Notebook.__table__
_CELL = api.BaseCell.__table__
_SOURCE = api.SourceCell.__table__
_SUBMISSION = api.SubmittedAssignment.__table__
_SUBMITTED = api.SubmittedNotebook.__table__
_GRADE = api.Grade.__table__
_COMMENT = api.Comment.__table__
_POINTS = api.GradeCell.__table__
_TASK = api.TaskCell.__table__

CHANGED = "the answer changed after a person marked it"
UNKNOWN = "a person marked it, and it is not known whether for this answer"


@dataclass(frozen=True)
class Entered:
    """What `enter` found.

    answers: by "NOTEBOOK/GRADE_ID", see `marks.answers`
    penalty: points off all notebooks together, None if the submission was in time
    """

    answers: Mapping[str, str]
    penalty: float | None


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
        """What the autograder writes and keeps, as plain data; None if there is no submission.

        Times and late penalties are not among it: they follow from other facts, and `settle`
        enters them anew.
        """
        submission = self._submission()
        if submission is None:
            return None

        return {
            "scores": self._by_cell(submission.id, _GRADE, _GRADE.c.auto_score),
            "comments": self._by_cell(submission.id, _COMMENT, _COMMENT.c.auto_comment),
        }

    def _by_cell(self, submission_id: str, table: Any, value: Any) -> dict[str, Any]:
        """A column of grades or comments, by "NOTEBOOK/GRADE_ID"."""
        rows = self._do(
            select(_NOTEBOOK.c.name, _CELL.c.name, value)
            .select_from(table)
            .join(_SUBMITTED, _SUBMITTED.c.id == table.c.notebook_id)
            .join(_NOTEBOOK, _NOTEBOOK.c.id == _SUBMITTED.c.notebook_id)
            .join(_CELL, _CELL.c.id == table.c.cell_id)
            .where(_SUBMITTED.c.assignment_id == submission_id)
        )
        return {f"{notebook}/{cell}": held for notebook, cell, held in rows}

    def settled(self, before: Entry | None) -> dict[str, str]:
        """For each graded cell, the answer that was there when its points last waited for nobody.

        A person who marks an answer in Formgrader settles it. "" where it is not known.
        before: the newest entry of the submission's history
        """
        submission = self._submission()
        if submission is None:
            return {}
        waits = self._by_cell(submission.id, _GRADE, _GRADE.c.needs_manual_grade)
        answers = before.answers if before else {}
        earlier = before.settled if before else {}
        return {
            place: (earlier if waiting else answers).get(place, "")
            for place, waiting in waits.items()
        }

    def invalidate(self) -> bool:
        """Leave no automatic score, comment or penalty; a person has to look.

        returns: whether there was a submission
        """
        submission = self._submission()
        if submission is None:
            return False
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
        return True

    def enter(
        self,
        result: Result,
        timestamp: str | None,
        deadlines: ClassDeadlines,
        late: LatePenalties,
        settled: Mapping[str, str],
    ) -> Entered:
        """Write marks and comments of all notebooks, the extension and the late penalties.

        Every row that a regrade could leave behind is overwritten; manual scores, extra credit
        and manual comments stay. Without a timestamp an earlier one is cleared: it told of other
        work, and Formgrader would show this one as not autograded for ever.
        settled: see `settled`
        """
        if self._assignment is None:
            raise UserError(f"{result.assignment}: is not in the gradebook; register it first.")
        self._enter_student()
        submission = self._enter_submission(utc_time(timestamp), deadlines)
        due = self._assignment.duedate
        due = due and due + (submission.extension or timedelta())
        by_name = {notebook.name: notebook for notebook in result.notebooks}
        answers: dict[str, str] = {}
        penalties = []
        for source in self._do(
            select(_NOTEBOOK.c.id, _NOTEBOOK.c.name)
            .where(_NOTEBOOK.c.assignment_id == self._assignment.id)
            .order_by(_NOTEBOOK.c.name)
        ).all():
            submitted = self._enter_notebook(submission.id, source.id)
            found, cells = None, self._cells(source.id)
            if notebook := by_name.get(source.name):
                found = marks(notebook, {cell.name: cell.checksum for cell in cells})
                answers |= {f"{source.name}/{name}": of for name, of in found.answers.items()}
            score = self._enter_cells(submitted, source.name, cells, found, settled)
            penalty = late.penalty(
                self._student, score, math.fsum(cell.max_score or 0.0 for cell in cells),
                submission.timestamp, due,
            )  # fmt: skip
            self._do(
                update(_SUBMITTED)
                .where(_SUBMITTED.c.id == submitted)
                .values(late_submission_penalty=penalty)
            )
            penalties.append(penalty)
        return Entered(answers, total_penalty(penalties))

    def _enter_student(self) -> None:
        if self._do(select(_STUDENT.c.id).where(_STUDENT.c.id == self._student)).first() is None:
            self._do(insert(_STUDENT).values(id=self._student))

    def _enter_submission(self, timestamp: Any, deadlines: ClassDeadlines) -> Any:
        found = self._submission()
        mine = {"assignment_id": self._assignment.id, "student_id": self._student}
        if found is None:
            self._do(insert(_SUBMISSION).values(timestamp=timestamp, **mine))
            found = self._submission()
        values = {"timestamp": timestamp, "extension": found.extension}
        if deadlines.due is not None:
            values["extension"] = deadlines.extensions.get(self._student)
        if values != {"timestamp": found.timestamp, "extension": found.extension}:
            self._do(update(_SUBMISSION).where(_SUBMISSION.c.id == found.id).values(values))
        return self._submission()

    def _enter_notebook(self, submission_id: str, notebook_id: str) -> str:
        mine = {"assignment_id": submission_id, "notebook_id": notebook_id}
        query = select(_SUBMITTED.c.id).filter_by(**mine)
        if (found := self._do(query).scalar()) is None:
            self._do(insert(_SUBMITTED).values(flagged=False, **mine))
            found = self._do(query).scalar_one()
        return str(found)

    def _cells(self, notebook_id: str) -> list[Any]:
        """The cells of one of the assignment's notebooks, with their points and checksums."""
        return list(
            self._do(
                select(
                    _CELL.c.id, _CELL.c.name, _CELL.c.type, _SOURCE.c.checksum,
                    func.coalesce(_POINTS.c.max_score, _TASK.c.max_score).label("max_score"),
                )
                .outerjoin(
                    _SOURCE,
                    (_SOURCE.c.notebook_id == _CELL.c.notebook_id)
                    & (_SOURCE.c.name == _CELL.c.name),
                )
                .outerjoin(_POINTS, _POINTS.c.id == _CELL.c.id)
                .outerjoin(_TASK, _TASK.c.id == _CELL.c.id)
                .where(_CELL.c.notebook_id == notebook_id)
            )
        )  # fmt: skip

    def _enter_cells(
        self,
        submitted_id: str,
        notebook: str,
        cells: list[Any],
        found: Marks | None,
        settled: Mapping[str, str],
    ) -> float:
        """Enter grades and comments of one notebook; return its score."""
        commented = self._rows(
            _COMMENT, submitted_id, [cell for cell in cells if cell.type != "GradeCell"]
        )
        by_person = {cell.name for cell, row in commented if row.manual_comment}
        reasons: dict[str, str | None] = dict(found.comments) if found else {}
        scores, grades, comments = [], [], []
        graded = [cell for cell in cells if cell.type != "SolutionCell"]
        for cell, row in self._rows(_GRADE, submitted_id, graded):
            # A task's score is a person's alone; nbgrader leaves it as it is.
            score = row.auto_score
            if cell.type == "GradeCell":
                score = found.scores.get(cell.name) if found else 0.0
            beside = found.beside.get(cell.name, "") if found else ""
            given = row.manual_score is not None or row.extra_credit or beside in by_person
            for_answer = settled.get(f"{notebook}/{cell.name}", "")
            now = found.answers.get(cell.name) if found else None
            doubt = bool(given) and (not for_answer or for_answer != now)
            why = (CHANGED if for_answer else UNKNOWN) if doubt else ""
            if (row.manual_score or 0.0) > (cell.max_score or 0.0):
                doubt, why = (
                    True,
                    f"a person gave {row.manual_score:g} of {counted(cell.max_score, 'point')}",
                )
            if why and beside:
                reasons[beside] = joined(reasons.get(beside), f"{cell.name}: {why}")
            waits = row.manual_score is not None
            waits = found.waits(cell.name, row.manual_score, doubt) if found else waits
            values = {"auto_score": score, "needs_manual_grade": waits or doubt}
            if cell.type == "GradeCell" or doubt:
                grades.append({"row": row.id, **values})
            scores.append(points_of(row.manual_score, score, row.extra_credit))
        for cell, row in commented:
            comments.append({"row": row.id, "auto_comment": reasons.get(cell.name)})
        for table, changes in ((_GRADE, grades), (_COMMENT, comments)):
            if changes:
                self._do(update(table).where(table.c.id == bindparam("row")), changes)
        return math.fsum(scores)

    def _rows(self, table: Any, submitted_id: str, cells: list[Any]) -> list[tuple[Any, Any]]:
        """The rows of these cells, with each its cell; those that are missing are made."""
        # What a person enters meanwhile waits: see the module `gradebook.database`.
        query = select(table).where(table.c.notebook_id == submitted_id).with_for_update()
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


def utc_time(timestamp: str | None) -> Any:
    """A timestamp in UTC as nbgrader stores it; None if there is none or it is not one."""
    try:
        return parse_utc(timestamp.strip()) if timestamp and timestamp.strip() else None
    except (ValueError, OverflowError, TypeError):
        return None
