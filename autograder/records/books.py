"""The books of one assignment: its receipts, journal and due dates, read once, and what follows."""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from autograder.assignment.errors import UserError
from autograder.assignment.nbgrader_course import NbgraderCourse
from autograder.gradebook.deadlines import Deadlines, read_deadlines
from autograder.records.journal import Fact
from autograder.records.receipts import Received, received_folder
from autograder.records.standing import Standing, stand


@dataclass(frozen=True)
class Books:
    """Where the students stand whose work was collected.

    standings: by student
    damaged:   by student, why a record of theirs cannot be read; nothing else is known of them
    notes:     what is damaged and no one student's
    """

    deadlines: Deadlines
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
    deadlines = read_deadlines(course, assignment)
    received = Received(received_folder(course), assignment)
    journal = received.journal()
    facts = by_student(journal.facts())
    standings, damaged = {}, {}
    for student in received.students():
        try:
            receipts = received.attempts(student)
        except UserError as error:
            damaged[student] = str(error)
            continue
        if receipts:
            standings[student] = stand(
                student, receipts, facts.get(student, ()), deadlines.of(student)
            )
    notes = [
        f"{journal.path}: line {number} is damaged; what it said is not known, restore it"
        for number in journal.damaged
    ]
    return Books(deadlines, standings, damaged, tuple(notes))


def by_student(facts: tuple[Fact, ...]) -> Mapping[str, tuple[Fact, ...]]:
    """The facts about each student."""
    found: defaultdict[str, list[Fact]] = defaultdict(list)
    for fact in facts:
        found[fact.student].append(fact)
    return {student: tuple(those) for student, those in found.items()}
