"""Work of groups: what one member uploads is an attempt of each, and says whose upload it was."""

import csv
import io
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

from autograder.assignment.errors import UserError
from autograder.gradebook.autograded_folder import is_folder_name
from autograder.intake.attempts import Incoming, Line
from autograder.intake.deliveries import Delivery
from autograder.intake.roster import Seated
from autograder.records.people import People

_COLUMNS = {"group", "student"}


@dataclass(frozen=True)
class Groups:
    """Who works together: by student, the others of the group."""

    others: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    def shared(
        self, incoming: Iterable[Incoming], people: People, there: Collection[object] = ()
    ) -> Iterator[Incoming]:
        """Each delivery, and before it the same one for the others of the group.

        Of work without a time, everybody's own upload comes last: so it is the newest.
        there: what the download has itself (`mark_of`), such as each member's own copy
        """
        others = {
            people.now(one): tuple(map(people.now, those)) for one, those in self.others.items()
        }
        own = []
        for one in incoming:
            student = people.now(one.student)
            for other in others.get(student, ()):
                if mark_of(other, one.delivery) not in there:
                    origin = f"upload of {student} {one.delivery.origin}".strip()
                    yield replace(one, student=other, delivery=replace(one.delivery, origin=origin))
            if one.delivery.time is None:
                own.append(one)
            else:
                yield one
        yield from own

    def by_roster(self, seated: Seated | None) -> tuple["Groups", tuple[Line, ...]]:
        """The same by the ids of a roster's students, where the table has other names of theirs.

        returns: also a line for each name that is nobody's on the roster, or several students'
        """
        if seated is None:
            return self, ()
        ids = {one: seated.named(one) for one in self.others}
        others = {
            found: tuple(filter(None, (ids[other] for other in self.others[one])))
            for one, found in ids.items()
            if found is not None
        }
        why = "in the groups' table, and nobody, or several, on the roster are called so"
        return Groups(others), tuple(
            Line(one, "left out", notes=(why,)) for one, found in ids.items() if found is None
        )


def mark_of(student: str, delivery: Delivery) -> object:
    """What tells whether two deliveries are one upload for one student."""
    return student, delivery.origin, delivery.members


def read_groups(path: Path) -> Groups:
    """Read a CSV file with the columns group and student, a row for each student.

    raises: UserError if it cannot be read, or a student is in two groups
    """
    try:
        rows = list(csv.DictReader(io.StringIO(path.read_text(encoding="utf-8-sig"))))
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise UserError(f"{path}: cannot be read ({error}).") from error
    if not rows or not rows[0].keys() >= _COLUMNS:
        raise UserError(f"{path}: has to have the columns group and student, and a row for each.")
    members: defaultdict[str, list[str]] = defaultdict(list)
    of: dict[str, str] = {}
    for row in rows:
        group, student = (str(row[name] or "").strip() for name in ("group", "student"))
        if not group or not student:
            continue
        if not is_folder_name(student):
            raise UserError(f"{path}: {student!a} cannot be the name of a student's folder.")
        if of.setdefault(student, group) != group:
            raise UserError(f"{path}: {student} is in two groups, {of[student]} and {group}.")
        if student not in members[group]:
            members[group].append(student)
    return Groups(
        {
            one: tuple(other for other in those if other != one)
            for those in members.values()
            for one in those
        }
    )
