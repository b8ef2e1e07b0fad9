"""When an assignment is due, and for whom later: by class.toml, else by the gradebook. Only read."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from nbgrader import api
from sqlalchemy import Connection, inspect, select

from autograder.assignment.class_file import read_class_file
from autograder.assignment.nbgrader_course import NbgraderCourse
from autograder.gradebook.database import gradebook_exists, reading
from autograder.gradebook.penalties import entered


@dataclass(frozen=True)
class Deadlines:
    """An assignment's due date (UTC, None if there is none), extensions by student, all students."""

    due: datetime | None = None
    extensions: dict[str, timedelta] = field(default_factory=dict)
    students: frozenset[str] = frozenset()
    strangers: tuple[str, ...] = ()
    """Names in class.toml's extensions that nobody in the gradebook bears."""

    def of(self, student: str) -> datetime | None:
        """When it is due for a student."""
        return self.due and self.due + self.extensions.get(student, timedelta())


def of_now(extensions: Mapping[str, timedelta], now: Callable[[str], str]) -> dict[str, timedelta]:
    """Extensions by what the students are called now; of several of one student the longest.

    now: what the student of an id is called now
    """
    found: dict[str, timedelta] = {}
    for student, more in extensions.items():
        found[now(student)] = max(more, found.get(now(student), more))
    return found


def read_deadlines(course: NbgraderCourse, assignment: str) -> Deadlines:
    """Read the deadlines; what class.toml says counts before it has come into the gradebook.

    raises: UserError if the gradebook or class.toml cannot be read
    """
    said = read_class_file(course.class_directory).of(assignment)
    held = _from_gradebook(course, assignment)
    if said.due is None:
        return held
    students = held.students | set(course.students(assignment))
    strangers = tuple(sorted(said.extensions.keys() - students))
    return Deadlines(said.due.replace(tzinfo=UTC), dict(said.extensions), held.students, strangers)


def _from_gradebook(course: NbgraderCourse, assignment: str) -> Deadlines:
    if not gradebook_exists(course.db_url):
        return Deadlines()
    with reading(course.db_url) as connection:
        if not inspect(connection).has_table(api.Student.__table__.name):
            return Deadlines()  # a database whose tables the first grading makes
        return _deadlines(connection, assignment)


def _deadlines(connection: Connection, assignment: str) -> Deadlines:
    table, submitted = api.Assignment.__table__, api.SubmittedAssignment.__table__
    students = connection.execute(select(api.Student.__table__.c.id)).scalars()
    known = frozenset(map(str, students))
    query = select(table.c.id, table.c.duedate).where(table.c.name == assignment)
    found = connection.execute(query).first()
    if found is None:
        return Deadlines(students=known)
    extended = connection.execute(
        select(submitted.c.student_id, submitted.c.extension).where(
            submitted.c.assignment_id == found.id, submitted.c.extension.is_not(None)
        )
    )
    due, extensions = found.duedate, {str(student): extra for student, extra in extended}
    before = entered(connection, assignment)
    if before is not None and before.due is not None:  # class.toml says it no more
        due = None if due == before.due else due
        extensions = {
            who: more for who, more in extensions.items() if more != before.extensions.get(who)
        }
    return Deadlines(due and due.replace(tzinfo=UTC), extensions, known)
