"""Who is in a class, by everything that the class knows. Only read."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from nbgrader import api
from sqlalchemy import select

from autograder.assignment.nbgrader_course import NbgraderCourse
from autograder.gradebook.database import gradebook_exists, reading
from autograder.gradebook.student_names import Names, has_students
from autograder.records.people import About, People, Told
from autograder.records.receipts import Received, received_folder
from autograder.records.roll import Roll, class_ids, names_of


@dataclass(frozen=True)
class Member:
    """One person.

    ids:       what the person is called now, then all other ids
    seen:      by "SYSTEM COLUMN", what a roster called the person last
    handed_in: names of assignments
    """

    ids: tuple[str, ...]
    names: Names
    seen: Mapping[str, str]
    handed_in: tuple[str, ...]
    withdrawn: bool

    def as_json(self) -> dict[str, Any]:
        """The person as plain data, for `--json`."""
        return {
            "other_ids": list(self.ids[1:]),
            **self.names._asdict(),
            "seen": dict(self.seen),
            "handed_in": list(self.handed_in),
            "withdrawn": self.withdrawn,
        }


@dataclass(frozen=True)
class ClassList:
    """The people of a class, and what was said of them.

    members: by what they are called now, sorted
    said:    what a person said, oldest first
    notes:   what is damaged
    """

    members: Mapping[str, Member]
    said: tuple[About, ...]
    assignments: tuple[str, ...]
    notes: tuple[str, ...] = ()

    def by_assignment(self) -> list[dict[str, Any]]:
        """Who has handed in each assignment, as plain data."""
        return [
            {
                "assignment": name,
                "handed_in": [one for one, who in self.members.items() if name in who.handed_in],
            }
            for name in self.assignments
        ]

    def as_json(self) -> dict[str, Any]:
        """The people and what was said, as plain data, for `--json`."""
        return {
            "students": {one: member.as_json() for one, member in self.members.items()},
            "said": [{**fact.as_json(), "into": fact.into} for fact in self.said],
            "notes": list(self.notes),
        }


def read_class_list(course: NbgraderCourse) -> ClassList:
    """Read who is in the class. raises: UserError if it cannot be read"""
    roll = Roll(course)
    people = People(roll.facts())
    ids = class_ids(course) | people.known
    told, held = names_of(people, ids), _in_gradebook(course)
    handed_in: dict[str, list[str]] = {}
    for name in course.assignments():
        received = Received(received_folder(course), name, people).students()
        for student in {*received, *map(people.now, course.students(name))}:
            handed_in.setdefault(student, []).append(name)
    members = {}
    for student in sorted({people.now(one) for one in ids}):
        pairs = zip(held.get(student, Names()), told.get(student, Names()), strict=True)
        seen = {
            f"{fact.data['system']} {column}": str(value)
            for fact in people.seen(student)
            for column, value in fact.data["names"].items()
        }
        members[student] = Member(
            people.ids(student), Names(*(one or other for one, other in pairs)), seen,
            tuple(handed_in.get(student, ())), student in people.withdrawn,
        )  # fmt: skip
    said = tuple(fact for fact in people.facts if fact.told not in (Told.SEEN, Told.UNDONE))
    return ClassList(members, said, course.assignments(), roll.notes)


def _in_gradebook(course: NbgraderCourse) -> Mapping[str, Names]:
    if not gradebook_exists(course.db_url):
        return {}
    student = api.Student.__table__
    with reading(course.db_url) as connection:
        if not has_students(connection):
            return {}
        rows = connection.execute(
            select(student.c.id, student.c.first_name, student.c.last_name, student.c.email)
        )
        return {str(row.id): Names(*(value or "" for value in row[1:])) for row in rows}
