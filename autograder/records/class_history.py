"""The history of a class, or of an assignment or a student of it: what happened and what was said.

The gradings are in the gradebook's history, what was said of attempts in the journals. What a
person gave in the gradebook by another program than ours is taken note of first.
"""

import heapq
from collections.abc import Collection, Iterator

from sqlalchemy.exc import DBAPIError

from autograder.assignment.did_you_mean import known_assignments, unknown
from autograder.assignment.errors import UserError
from autograder.assignment.nbgrader_course import NbgraderCourse
from autograder.gradebook.by_hand import take_note
from autograder.gradebook.database import (
    WRITES,
    connect,
    gradebook_exists,
    gradebook_url,
    patient,
)
from autograder.gradebook.history import Entry, Happened, read_history
from autograder.gradebook.history_table import create_history
from autograder.records.journal import Fact, Said
from autograder.records.people import About, People, Told
from autograder.records.receipts import Received, received_folder
from autograder.records.roll import read_people


def class_history(
    course: NbgraderCourse, assignment: str | None = None, student: str | None = None
) -> list[Entry]:
    """The events of a class, oldest first; none if nothing has happened yet.

    An assignment or a student that has left the course since still has a history.
    raises: UserError if the assignment or student is unknown, or there is no gradebook to read
    """
    if assignment is not None and not gradebook_exists(course.db_url):
        known_assignments((assignment,), course.assignments(), course.root)
    _take_note(course, assignment)
    people = read_people(course)
    # What happened under another id of the student's, happened to the student.
    ids = (None,) if student is None else people.ids(student)
    there = (path.name for path in received_folder(course).glob("[!.]*") if path.is_dir())
    collected = sorted(there) if assignment is None else (assignment,)
    about = _about(people, ids) if assignment is None or student is not None else ()
    # Each in its own order, whatever a clock said; only among each other by the clock.
    entries = list(
        heapq.merge(
            *(read_history(course.db_url, assignment, one) for one in ids),
            *(_said(course, name, ids) for name in collected),
            about,
            key=lambda entry: entry.at,
        )
    )
    if entries or (assignment is None and student is None):
        return entries
    everything = list(read_history(course.db_url))
    assignments = {*course.assignments(), *(entry.assignment for entry in everything)}
    if assignment is not None and assignment not in assignments:
        raise unknown("assignment", assignment, assignments, course.root)
    students = {entry.student for entry in everything}
    for name in assignments:
        students.update(course.students(name))
    if student is not None and student not in students:
        raise unknown("student", student, students, course.submitted)
    return []


def _take_note(course: NbgraderCourse, assignment: str | None) -> None:
    """Note what was given in the gradebook, as far as it can be written."""
    if not gradebook_exists(course.db_url):
        return
    names = course.assignments() if assignment is None else (assignment,)
    engine = connect(patient(gradebook_url(course.db_url)))
    try:
        with engine.execution_options(**{WRITES: True}).begin() as connection:
            create_history(connection)
            for name in names:
                take_note(connection, name)
    except DBAPIError:  # it may be read and not written: then it is noted by whoever may
        pass
    finally:
        engine.dispose()


_WORDS = {
    Said.TIME: "attempt {attempt} came at {time}",
    Said.DOWNLOADED: "the download that brought attempt {attempt} was made at {time}",
    Said.MARKED_LATE: "attempt {attempt} is marked as late: {late}",
    Said.COUNTS: "attempt {attempt} is to count",
    Said.LEFT_OUT: "attempt {attempt} is not to count",
}
_BY_RULE = "the rules choose the attempt that counts"


def in_words(fact: Fact) -> str:
    """What a line of a journal says; empty for what only collecting has seen."""
    if fact.said not in _WORDS:
        return ""
    if fact.said is Said.COUNTS and fact.attempt is None:
        return _BY_RULE
    told = {"late": "", **fact.data, "attempt": fact.attempt}
    told["time"] = told.get("time") or "a time that is not known"
    return _WORDS[fact.said].format_map(told)


_OF_PEOPLE = {
    Told.JOINED: "is the same person as {into}, and called so from now on",
    Told.RENAMED: "is called {into} from now on",
    Told.WITHDRAWN: "has left the class",
}


def about_in_words(fact: About) -> str:
    """What a person said of a student; empty for what only a roster has shown."""
    return _OF_PEOPLE.get(fact.told, "").format_map({**fact.data})


def _about(people: People, ids: Collection[str | None]) -> Iterator[Entry]:
    for fact in people.facts:
        words = about_in_words(fact)
        if words and (None in ids or {fact.student, fact.into} & set(ids)):
            yield Entry(
                Happened.SAID, "", fact.student, words=words,
                at=fact.at.replace(tzinfo=None), who=fact.who,
            )  # fmt: skip


def _said(course: NbgraderCourse, assignment: str, ids: Collection[str | None]) -> Iterator[Entry]:
    try:
        facts = Received(received_folder(course), assignment).journal().facts()
    except UserError:
        return
    for fact in facts:
        words = in_words(fact)
        if words and (None in ids or fact.student in ids):
            yield Entry(
                Happened.SAID, assignment, fact.student, words=words,
                at=fact.at.replace(tzinfo=None), who=fact.who,
            )  # fmt: skip
