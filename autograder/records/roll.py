"""The people of a class: `received/students.jsonl`, lines that only grow, and who reads them.

What follows from the lines: `people`.
"""

import contextlib
import time
from collections.abc import Iterator, Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

from nbgrader import api
from sqlalchemy import select

from autograder.assignment.class_lock import BusyError, only_one
from autograder.assignment.did_you_mean import unknown
from autograder.assignment.errors import UserError
from autograder.assignment.nbgrader_course import NbgraderCourse
from autograder.gradebook import student_names
from autograder.gradebook.autograded_folder import is_folder_name
from autograder.gradebook.database import gradebook_exists, reading
from autograder.gradebook.history import login_name
from autograder.gradebook.student_names import Names
from autograder.records.journal import Lines, common
from autograder.records.people import About, People, Row, Told
from autograder.records.receipts import received_folder

STUDENTS = "students.jsonl"
_LOCK = ".students"
_BUSY_SECONDS = 10


class Roll(Lines[About]):
    """The file of a class. Whoever adds to it holds `adding`."""

    def __init__(self, course: NbgraderCourse) -> None:
        self._folder = received_folder(course)
        super().__init__(self._folder / STUDENTS, _about)

    @contextlib.contextmanager
    def adding(self) -> Iterator[None]:
        """Hold the file. raises: UserError if another process does, or it cannot be written"""
        lock = self._folder / _LOCK
        try:
            lock.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise UserError(f"{self._folder}: cannot be written ({error.strerror}).") from error
        with _patiently(lock):
            yield

    def add(self, told: Told, student: str, *, now: datetime, **data: Any) -> About:
        """Add a line; see `append`."""
        return self.append(
            {"at": now.isoformat(), "who": login_name(), "said": told.value, "student": student,
             **data}
        )  # fmt: skip


@contextlib.contextmanager
def _patiently(lock: Path) -> Iterator[None]:
    """Hold the lock; who holds it needs it for a moment only, so wait."""
    until = time.monotonic() + _BUSY_SECONDS
    with contextlib.ExitStack() as stack:
        while True:
            try:
                stack.enter_context(only_one(lock, "writing the list of students"))
                break
            except BusyError:
                if time.monotonic() > until:
                    raise
                time.sleep(0.05)
        yield


def read_people(course: NbgraderCourse) -> People:
    """Read who is who. raises: UserError if the file cannot be read"""
    return People(Roll(course).facts())


def class_ids(course: NbgraderCourse) -> frozenset[str]:
    """The ids that the class has: of the gradebook, of what was received and what is submitted.

    raises: UserError if the gradebook cannot be read
    """
    found = set[str]()
    if gradebook_exists(course.db_url):
        with reading(course.db_url) as connection:
            if student_names.has_students(connection):
                students = connection.execute(select(api.Student.__table__.c.id)).scalars()
                found |= set(map(str, students))
    received = received_folder(course)
    found |= {path.name for path in received.glob("[!.]*/[!.]*") if path.is_dir()}
    for assignment in course.assignments():
        found |= set(course.students(assignment))
    return frozenset(found)


def take_down(course: NbgraderCourse, rows: Mapping[str, Row], column: str, now: datetime) -> None:
    """Note which rows were seen, where that is new.

    rows:   by the first id of the person, see `seating`
    raises: UserError if the file cannot be read or is held, OSError if it cannot be written
    """
    roll = Roll(course)
    with roll.adding():
        last: dict[tuple[str, str], About] = {}
        for fact in roll.facts():
            if fact.told is Told.SEEN:
                last[fact.student, fact.data["system"]] = fact
        for student, row in rows.items():
            before = last.get((student, row.system))
            data = row.seen(column)
            if before is None or {name: before.data.get(name) for name in data} != data:
                roll.add(Told.SEEN, student, now=now, **data)


def enter_names(course: NbgraderCourse) -> str:
    """Enter what the rosters call people into the gradebook, where it has no name of theirs.

    returns: why nothing could be entered; "" if it could
    raises:  UserError if the file cannot be read
    """
    people = read_people(course)
    return student_names.enter_names(course.db_url, names_of(people, people.known))


def names_of(people: People, ids: frozenset[str]) -> dict[str, Names]:
    """What the rosters call the people of these ids, by what they are called now."""
    found = {}
    for student in {people.now(one) for one in ids}:
        seen = people.seen(student)
        if seen:
            told = [Names(*(str(f.data.get(n, "")) for n in Names._fields)) for f in seen]
            newest = told[::-1]
            # Parts of two rosters make no name; one that has them apart tells more.
            best = next((one for one in newest if one.first_name), None)
            best = best or next((one for one in newest if one.last_name), Names())
            found[student] = best._replace(email=next((o.email for o in newest if o.email), ""))
    return found


def say_joined(course: NbgraderCourse, old: str, new: str, now: datetime) -> About:
    """Say that two ids are one person, who is called `new` from now on.

    raises: UserError if the class does not have one of them, or they are one already
    """
    with _speaking(course) as (roll, people, ids):
        old, new = _known(people, ids, old), _known(people, ids, new)
        if old == new:
            raise UserError(f"{old} and {new} are one person already.")
        return roll.add(Told.JOINED, old, now=now, into=new)


def say_renamed(course: NbgraderCourse, old: str, new: str, now: datetime) -> About:
    """Say that a student is called `new` from now on.

    raises: UserError if there is no such student, or somebody else is or was called so
    """
    with _speaking(course) as (roll, people, ids):
        old = _known(people, ids, old)
        taken = {one.casefold(): one for one in {*ids, *people.known} - set(people.ids(old))}
        if new.casefold() in taken:
            raise UserError(
                f"{taken[new.casefold()]} is an id of the class already; if both are one person: "
                f"autograder students --join {old} {taken[new.casefold()]}"
            )
        if old == new:
            raise UserError(f"{old} is called so already.")
        if not is_folder_name(new):
            raise UserError(f"{new!a} cannot be the name of a student's folder.")
        return roll.add(Told.RENAMED, old, now=now, into=new)


def say_withdrawn(course: NbgraderCourse, student: str, now: datetime) -> About:
    """Say that a student has left the class. raises: UserError if there is no such student"""
    with _speaking(course) as (roll, people, ids):
        student = _known(people, ids, student)
        if student in people.withdrawn:
            line = people.withdrawn[student].number
            raise UserError(f"{student} has left already, by line {line}.")
        return roll.add(Told.WITHDRAWN, student, now=now)


def take_back(course: NbgraderCourse, line: int, now: datetime) -> About:
    """Take back a line that a person said.

    raises: UserError if it is none, or a later line rests on it
    """
    with _speaking(course) as (roll, people, _):
        said = {
            fact.number: fact for fact in people.facts if fact.told not in (Told.SEEN, Told.UNDONE)
        }
        found = said.get(line)
        if found is None:
            raise UserError(
                f"{roll.path}: line {line} is nobody's word, or was taken back; `autograder "
                "students` shows the lines."
            )
        if found.told is not Told.WITHDRAWN:
            names = {found.student, found.into}
            later = [one for one in said.values() if one.number > line]
            resting = [one.number for one in later if {one.student, one.into} & names]
            if resting:
                raise UserError(f"line {resting[-1]} rests on line {line}; take that back first.")
        return roll.add(Told.UNDONE, found.student, now=now, line=line)


@contextlib.contextmanager
def _speaking(course: NbgraderCourse) -> Iterator[tuple[Roll, People, frozenset[str]]]:
    """The file, held, with what is in it and the ids of the class."""
    roll = Roll(course)
    with roll.adding():
        try:
            yield roll, People(roll.facts()), class_ids(course)
        except OSError as error:
            raise UserError(f"{roll.path}: cannot be written ({error.strerror}).") from error


def _known(people: People, ids: frozenset[str], student: str) -> str:
    """What the student is called now. raises: UserError if the class has no such id"""
    there = {*ids, *people.known}
    if student not in there:
        raise unknown("student", student, there)
    return people.now(student)


def _about(number: int, line: Mapping[str, Any]) -> About:
    fact = About(**common(number, line), told=Told(line["said"]))
    if fact.told is Told.SEEN:
        _ = fact.data["system"], fact.data["column"], fact.data["names"].items()
    elif fact.told in (Told.JOINED, Told.RENAMED):
        _ = fact.data["into"]
    return fact
