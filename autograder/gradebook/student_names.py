"""Names and e-mail addresses of students in nbgrader's gradebook, as the rosters give them."""

from collections.abc import Mapping
from typing import NamedTuple

from nbgrader import api
from sqlalchemy import Connection, inspect, select, update
from sqlalchemy.exc import DBAPIError

from autograder.gradebook.database import (
    WRITES,
    connect,
    gradebook_exists,
    gradebook_url,
    patient,
)

_STUDENT = api.Student.__table__


class Names(NamedTuple):
    """What a student is called; "" where a roster does not say it."""

    first_name: str = ""
    last_name: str = ""
    email: str = ""


def enter_names(db_url: str, names: Mapping[str, Names]) -> str:
    """Enter names of students whom the gradebook knows, where it has none.

    What is there stays, whoever entered it.
    names:   by the gradebook's id
    returns: why nothing could be entered; "" if it could
    """
    if not names or not gradebook_exists(db_url):
        return ""
    engine = connect(patient(gradebook_url(db_url)))
    try:
        with engine.connect() as connection:
            if not has_students(connection):
                return ""
            missing = _missing(connection.execute(select(_STUDENT)), names)
        if missing:
            with engine.execution_options(**{WRITES: True}).begin() as connection:
                # Once more, now that nobody else writes.
                for student, values in _missing(
                    connection.execute(select(_STUDENT)), names
                ).items():
                    of_it = _STUDENT.c.id == student
                    connection.execute(update(_STUDENT).where(of_it).values(values))
    except DBAPIError as error:
        return f"the students' names could not be entered ({' '.join(str(error.orig).split())})"
    finally:
        engine.dispose()
    return ""


def has_students(connection: Connection) -> bool:
    """Whether there is a table of students; the first grading makes a database's tables."""
    return inspect(connection).has_table(_STUDENT.name)


def _missing(rows: object, names: Mapping[str, Names]) -> dict[str, dict[str, str]]:
    """By student, the columns that are empty and what belongs there."""
    found = {}
    for row in rows:  # type: ignore[attr-defined]
        given = names.get(row.id, Names())._asdict()
        values = {name: value for name, value in given.items() if value and not getattr(row, name)}
        if values:
            found[str(row.id)] = values
    return found
