"""Rows of nbgrader's tables of grades and comments, each with whose and which cell it is."""

from typing import Any

from nbgrader import api
from sqlalchemy import select

_ASSIGNMENT = api.Assignment.__table__
_NOTEBOOK = api.Notebook.__table__
_CELL = api.BaseCell.__table__
_SUBMISSION = api.SubmittedAssignment.__table__
_SUBMITTED = api.SubmittedNotebook.__table__


def cell_rows(table: Any, assignment: str, *columns: Any) -> Any:
    """A query for columns of all submissions of an assignment.

    table:   of grades or of comments
    returns: each row with `student_id`, `notebook` and `cell`, the last two by name
    """
    return (
        select(
            _SUBMISSION.c.student_id, _NOTEBOOK.c.name.label("notebook"), _CELL.c.name.label("cell"),
            *columns,
        )
        .select_from(table)
        .join(_SUBMITTED, _SUBMITTED.c.id == table.c.notebook_id)
        .join(_SUBMISSION, _SUBMISSION.c.id == _SUBMITTED.c.assignment_id)
        .join(_ASSIGNMENT, _ASSIGNMENT.c.id == _SUBMISSION.c.assignment_id)
        .join(_NOTEBOOK, _NOTEBOOK.c.id == _SUBMITTED.c.notebook_id)
        .join(_CELL, _CELL.c.id == table.c.cell_id)
        .where(_ASSIGNMENT.c.name == assignment)
    )  # fmt: skip
