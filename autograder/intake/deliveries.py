"""What a download holds, student by student, and whose it is by its name."""

from dataclasses import dataclass, field, replace
from datetime import datetime

from autograder.assignment.notes import shown
from autograder.intake.roster import letters
from autograder.records.people import Row


@dataclass(frozen=True)
class Delivery:
    """What one student handed in, by one download.

    key:     what the system calls the student: a number, a SID, an e-mail address, a folder's name
    name:    as the download writes it, if it does
    members: path in the submission, and path in the download
    origin:  what tells one hand-in from another with the same bytes; empty if nothing does
    order:   a number that grows with each hand-in of the system, if there is one
    time:    when it was handed in, as the system says, in UTC
    late:    the system's word on it
    held:    why a person has to decide before it can count
    owner:   the account that owns it, in the exchange
    active:  whether the system itself takes it, of all that the student handed in
    """

    key: str
    name: str
    members: tuple[tuple[str, str], ...]
    origin: str = ""
    order: int | None = None
    time: datetime | None = None
    late: bool | None = None
    held: str = ""
    owner: str = ""
    notes: tuple[str, ...] = field(default=())
    active: bool = False


@dataclass(frozen=True)
class Download:
    """What a download holds: its layout, the students' deliveries, and what is nobody's."""

    layout: str
    deliveries: tuple[Delivery, ...]
    notes: tuple[str, ...] = ()


def is_called(name: str, known: str) -> bool:
    """Whether a download's name is the roster's, in whatever order and without its signs."""
    words = [letters(word) for word in known.split()]
    turned = ("".join(words[at:] + words[:at]) for at in range(len(words) or 1))
    return letters(name) in (*turned, letters(known))


def not_called(key: str, name: str, known: str, system: str) -> str:
    """The sentence on work under a name that is not the student's of its number."""
    table = {
        "Canvas": "the list of its group set (People, the group set, Import, Download Course Roster CSV)",
        "Moodle": "the grading worksheet of this assignment, which has the groups,",
    }[system]
    return (
        f"the work for {key} comes under the name {shown(name)}, on the roster it is {known}; "
        f"if {shown(name)} is a group, give {table} by --roster"
    )


def of_group(delivery: Delivery, members: tuple[Row, ...]) -> list[Delivery]:
    """A group's work is everybody's."""
    said = f"handed in by the group {shown(delivery.name)}"
    return [
        replace(delivery, key=member.keys[0], notes=(*delivery.notes, said)) for member in members
    ]


def distinct(members: list[tuple[str, str]]) -> tuple[tuple[str, str], ...]:
    """Two files that were uploaded under one name both stay: the second is given a number."""
    seen: set[str] = set()
    result = []
    for path, member in sorted(members):
        stem, dot, suffix = path.rpartition(".")
        unique, count = path, 1
        while unique in seen:
            count += 1
            unique = f"{stem} ({count}){dot}{suffix}" if dot else f"{path} ({count})"
        seen.add(unique)
        result.append((unique, member))
    return tuple(result)
