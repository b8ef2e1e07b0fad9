"""What a person gave in the gradebook, points and comments, as entries of its history.

nbgrader keeps only the newest value and not who gave it. In a process that has the course's
configuration, Formgrader's among them, each change is noted when it is written, in the same
transaction, with who runs that process (`watch`). What any other program changed is noted when the
class is next graded or asked for (`take_note`): by whom is not known then.
"""

from collections import defaultdict
from collections.abc import Mapping
from typing import Any

from nbgrader import api
from sqlalchemy import Connection, event, or_, select
from sqlalchemy.orm import Session

from autograder.gradebook import history
from autograder.gradebook.cell_rows import cell_rows
from autograder.gradebook.history import Entry, Happened
from autograder.gradebook.history_table import create_history

NOBODY_KNOWN = "unknown"
_ASSIGNMENT = api.Assignment.__table__
_NOTEBOOK = api.Notebook.__table__
_CELL = api.BaseCell.__table__
_SUBMISSION = api.SubmittedAssignment.__table__
_SUBMITTED = api.SubmittedNotebook.__table__
_COLUMNS = {
    "points": (api.Grade, "manual_score"),
    "extra credit": (api.Grade, "extra_credit"),
    "comment": (api.Comment, "manual_comment"),
}
"""What a person gives, and where nbgrader keeps it."""

Given = Mapping[str, Mapping[str, Any]]
"""By "NOTEBOOK/GRADE_ID": points, extra credit and comment, those that a person gave."""


def take_note(connection: Connection, assignment: str) -> None:
    """Add to the history what is in the gradebook and not yet in it.

    connection: in a transaction that writes
    """
    known, held = noted(connection, assignment), given(connection, assignment)
    for student in sorted(known.keys() | held.keys()):
        changes = _changes(known.get(student, {}), held.get(student, {}))
        if changes:
            entry = Entry(Happened.BY_HAND, assignment, student, checks=changes)
            history.add(connection, entry, who=NOBODY_KNOWN)


def noted(connection: Connection, assignment: str) -> dict[str, Given]:
    """By student, what a person has given so far, as the history tells it."""
    found: defaultdict[str, dict[str, dict[str, Any]]] = defaultdict(dict)
    for entry in history.read(connection, assignment, event=Happened.BY_HAND):
        for place, change in entry.checks.items():
            now = found[entry.student].setdefault(place, {})
            for what, (_, to) in change.items():
                now[what] = to
                if to is None:
                    del now[what]
    return dict(found)


def given(connection: Connection, assignment: str) -> dict[str, Given]:
    """By student, what a person has given by now, as the gradebook has it."""
    found: defaultdict[str, defaultdict[str, dict[str, Any]]] = defaultdict(
        lambda: defaultdict(dict)
    )
    for kind in (api.Grade, api.Comment):
        table = kind.__table__
        wanted = {what: table.c[name] for what, (of, name) in _COLUMNS.items() if of is kind}
        given_by_person = or_(*(column.is_not(None) for column in wanted.values()))
        rows = connection.execute(
            cell_rows(table, assignment, *wanted.values()).where(given_by_person)
        )
        for row in rows:
            for what, column in wanted.items():
                value = getattr(row, column.name)
                if value is not None:
                    found[row.student_id][f"{row.notebook}/{row.cell}"][what] = value
    return {student: dict(places) for student, places in found.items()}


def _changes(before: Given, now: Given) -> dict[str, dict[str, list[Any]]]:
    """What differs, each as [from, to]."""
    changes: dict[str, dict[str, list[Any]]] = {}
    for place in sorted(before.keys() | now.keys()):
        for what in _COLUMNS:
            old, new = before.get(place, {}).get(what), now.get(place, {}).get(what)
            if old != new:
                changes.setdefault(place, {})[what] = [old, new]
    return changes


def watch() -> None:
    """Note from now on what nbgrader itself writes in this process, and who runs it."""
    if not event.contains(Session, "before_flush", _before_flush):
        event.listen(Session, "before_flush", _before_flush)


def _before_flush(session: Session, _context: Any, _instances: Any) -> None:
    entries: list[Entry] = []
    with session.no_autoflush:
        for row in (*session.new, *session.dirty):
            if not isinstance(row, (api.Grade, api.Comment)):
                continue
            changes = {}
            for what, (kind, name) in _COLUMNS.items():
                if not isinstance(row, kind):
                    continue
                old = _committed(session, row, name)
                new = getattr(row, name)
                if old != new:
                    changes[what] = [old, new]
            place = _place(session, row) if changes else None
            if place is not None:
                assignment, student, cell = place
                entries.append(Entry(Happened.BY_HAND, assignment, student, checks={cell: changes}))
        if entries:
            connection = session.connection()
            create_history(connection)
            history.add(connection, *entries)


def _committed(session: Session, row: Any, name: str) -> Any:
    """A column's value in the database."""
    if row in session.new:
        return None
    table = row.__table__
    return session.connection().execute(select(table.c[name]).where(table.c.id == row.id)).scalar()


def _place(session: Session, row: Any) -> tuple[str, str, str] | None:
    """Assignment, student and "NOTEBOOK/GRADE_ID" of a grade or comment."""
    notebook_id = row.notebook_id or (row.notebook and row.notebook.id)
    cell_id = row.cell_id or (row.cell and row.cell.id)
    found = (
        session.connection()
        .execute(
            select(_ASSIGNMENT.c.name, _SUBMISSION.c.student_id, _NOTEBOOK.c.name, _CELL.c.name)
            .select_from(_SUBMITTED)
            .join(_SUBMISSION, _SUBMISSION.c.id == _SUBMITTED.c.assignment_id)
            .join(_ASSIGNMENT, _ASSIGNMENT.c.id == _SUBMISSION.c.assignment_id)
            .join(_NOTEBOOK, _NOTEBOOK.c.id == _SUBMITTED.c.notebook_id)
            .join(_CELL, _CELL.c.notebook_id == _NOTEBOOK.c.id)
            .where(_SUBMITTED.c.id == notebook_id, _CELL.c.id == cell_id)
        )
        .first()
    )
    return None if found is None else (found[0], found[1], f"{found[2]}/{found[3]}")
