"""The books of one assignment: its receipts, journal and due dates, read once, and what follows."""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime

from autograder.assignment.errors import UserError
from autograder.assignment.nbgrader_course import NbgraderCourse
from autograder.gradebook.deadlines import Deadlines, of_now, read_deadlines
from autograder.records.journal import Fact
from autograder.records.people import People
from autograder.records.receipts import Received, received_folder
from autograder.records.roll import Roll
from autograder.records.standing import Standing, stand


@dataclass(frozen=True)
class Books:
    """Where the students stand whose work was collected.

    standings: by student
    damaged:   by student, why a record of theirs cannot be read; nothing else is known of them
    notes:     what is damaged and no one student's
    """

    deadlines: Deadlines
    people: People = field(default_factory=People)
    standings: Mapping[str, Standing] = field(default_factory=dict)
    damaged: Mapping[str, str] = field(default_factory=dict)
    notes: tuple[str, ...] = ()

    @property
    def taken_back(self) -> frozenset[str]:
        """Who handed in and has nothing that counts, because a person took all of it back."""
        return frozenset(who for who, standing in self.standings.items() if standing.nothing)

    def time(self, student: str, stamped: datetime | None) -> datetime | None:
        """When the work that counts came; None if that is not known.

        stamped: the time of work that was never collected, by its timestamp.txt
        """
        standing = self.standings.get(student)
        if standing is None:
            return stamped
        return standing.counts.time if standing.counts else None


def read_books(course: NbgraderCourse, assignment: str) -> Books:
    """Read the books of an assignment; empty ones if nothing was collected.

    raises: UserError if the gradebook, class.toml or the journal cannot be read
    """
    roll = Roll(course)
    people = People(roll.facts())
    deadlines = of_people(read_deadlines(course, assignment), people)
    received = Received(received_folder(course), assignment, people)
    journal = received.journal()
    facts = by_student(journal.facts())
    standings, damaged = {}, {}
    for student in received.students():
        try:
            receipts = received.attempts(student)
            said = received.of_student(student, facts)
        except UserError as error:
            damaged[student] = str(error)
            continue
        if receipts:
            standings[student] = stand(student, receipts, said, deadlines.of(student))
    return Books(deadlines, people, standings, damaged, (*journal.notes, *roll.notes))


def of_people(deadlines: Deadlines, people: People) -> Deadlines:
    """The deadlines by what people are called now: the longest extension of any id counts."""
    return replace(
        deadlines,
        extensions=of_now(deadlines.extensions, people.now),
        students=frozenset(map(people.now, deadlines.students)),
        strangers=tuple(one for one in deadlines.strangers if one not in people.known),
    )


def by_student(facts: tuple[Fact, ...]) -> Mapping[str, tuple[Fact, ...]]:
    """The facts about each student."""
    found: defaultdict[str, list[Fact]] = defaultdict(list)
    for fact in facts:
        found[fact.student].append(fact)
    return {student: tuple(those) for student, those in found.items()}


def said_of(course: NbgraderCourse, assignment: str, books: Books) -> tuple[Fact, ...]:
    """The facts of the journal, by what the students are called now, oldest first."""
    received = Received(received_folder(course), assignment, books.people)
    facts = by_student(received.journal().facts())
    told = (fact for student in books.standings for fact in received.of_student(student, facts))
    return tuple(sorted(told, key=lambda fact: fact.number))
