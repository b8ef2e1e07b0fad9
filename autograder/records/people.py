"""Who is who in a class: worked out from what was seen and said of its people when asked.

A person has one or more ids. One of them is the person's id now; the others are what the person
was called before, or what somebody said to be the same person. An id that the class has stays,
whatever a later roster looks like:

- A row of a roster belongs to the id that was seen with one of its names before, in the same
  column of the same system; an e-mail address is one in every system.
- An id of which no row of that system was ever seen may be of any column. It belongs to a row
  only if exactly one row has it at all, and only in the column that the class uses or, in another
  one, if the row has nothing in the column that the class uses. Otherwise it only may belong to
  the row, which is held unless it was seen before.
- A row that fits none gets the id that it has in the column that the class uses.

A row that fits two people, or shares one with another row, or lacks what it needs, is held alone,
with a sentence that says why. Nothing here is stored, and nothing is guessed.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import Enum
from typing import Any

from autograder.gradebook.autograded_folder import is_folder_name

E_MAIL = ("Email address", "Email")
"""The columns whose names are the same in every system."""
LASTING = {"canvas": "ID"}
"""Where a system never gives a number again: another number there is another person."""


class Told(Enum):
    """What a line about a person says."""

    SEEN = "seen"
    """A roster had a row that belongs to `student`: `system`, `column` of the class's ids, `names`
    by column, full `name`, `first_name`, `last_name`, `email`."""
    JOINED = "joined"
    """A person: `student` is the same person as `into`, and is called so from now on."""
    RENAMED = "renamed"
    """A person: `student` is called `into` from now on, which nobody was called before."""
    WITHDRAWN = "withdrawn"
    """A person: `student` has left the class."""
    UNDONE = "undone"
    """A person: line `line` is taken back."""


@dataclass(frozen=True)
class About:
    """One line about a person.

    number:  1, 2, … in the file
    at, who: when it was written, in UTC, and the login name of who ran the command
    student: the id that it is about; of SEEN the first that the person had
    """

    number: int
    at: datetime
    who: str
    told: Told
    student: str
    data: Mapping[str, Any] = field(default_factory=dict)

    @property
    def into(self) -> str:
        """The other id of a line that joins or renames."""
        return str(self.data.get("into", ""))

    @property
    def takes_back(self) -> int | None:
        """Number of the line that it takes back."""
        return self.data.get("line") if self.told is Told.UNDONE else None

    def as_json(self) -> dict[str, Any]:
        """The line as plain data."""
        return {
            "number": self.number,
            "at": self.at.isoformat(),
            "who": self.who,
            "said": self.told.value,
            "student": self.student,
            **self.data,
        }


@dataclass(frozen=True)
class Row:
    """One student's row of a roster.

    place: which row of the file it is
    keys:  what the system's downloads call the student
    names: by column, all that may be an id; none is empty
    name:  as people write it, "Last, First" in Canvas
    """

    place: int
    system: str
    keys: tuple[str, ...]
    names: Mapping[str, str]
    name: str = ""
    first_name: str = ""
    last_name: str = ""
    email: str = ""

    def seen(self, column: str) -> dict[str, Any]:
        """What the line says that this row was seen."""
        return {
            "system": self.system, "column": column, "names": dict(self.names),
            "name": self.name, "first_name": self.first_name, "last_name": self.last_name,
            "email": self.email,
        }  # fmt: skip


@dataclass(frozen=True)
class Seating:
    """Whose the rows of a roster are, by their place.

    ids:    the first id that the person had, under which it is kept what was handed in
    held:   why a row is nobody's
    column: which the class's ids are of
    """

    ids: Mapping[int, str]
    held: Mapping[int, str]
    column: str


class People:
    """The people of a class, by the lines about them."""

    def __init__(self, facts: Iterable[About] = ()) -> None:
        self._facts = tuple(facts)
        self._called: dict[str, str] = {}
        """Ids that are or were joined or renamed, and what the person is called now."""

        self._seen: defaultdict[str, list[About]] = defaultdict(list)
        for fact in self._facts:
            if fact.told in (Told.JOINED, Told.RENAMED):
                one = {*self.ids(fact.student), *self.ids(fact.into)}
                self._called |= dict.fromkeys(one, fact.into)
            elif fact.told is Told.SEEN:
                self._seen[fact.student].append(fact)
        self.withdrawn: Mapping[str, About] = {
            self.now(fact.student): fact for fact in self._facts if fact.told is Told.WITHDRAWN
        }
        """By what they are called now, those who have left."""

    @property
    def facts(self) -> tuple[About, ...]:
        return self._facts

    @property
    def joined(self) -> frozenset[str]:
        """Ids whose person is called otherwise now."""
        return frozenset(one for one, now in self._called.items() if one != now)

    @property
    def known(self) -> frozenset[str]:
        """All ids that the lines tell of."""
        return frozenset((*self._called, *self._seen))

    def now(self, student: str) -> str:
        """What the person of this id is called now."""
        return self._called.get(student, student)

    def ids(self, student: str) -> tuple[str, ...]:
        """All ids of the person of this one; what the person is called now comes first."""
        now = self.now(student)
        return (now, *sorted(one for one, its in self._called.items() if its == now and one != now))

    def seen(self, student: str) -> tuple[About, ...]:
        """When a roster had the person, oldest first."""
        found = [fact for one in self.ids(student) for fact in self._seen.get(one, ())]
        return tuple(sorted(found, key=lambda fact: fact.number))

    def seat(
        self, rows: Sequence[Row], columns: Sequence[str], ids: Collection[str], wanted: str = ""
    ) -> Seating:
        """Whose the rows of one roster are.

        columns: those that ids may be of, the best first
        ids:     those that the class has besides the ones that were seen
        wanted:  the column that the class uses, if a person said so
        """
        return _Seats(self, self._seen, rows, columns, {*ids, *self.known}, wanted).seating()


class _Seats:
    """One roster and the people of the class."""

    def __init__(
        self,
        people: People,
        seen: Mapping[str, Sequence[About]],
        rows: Sequence[Row],
        columns: Sequence[str],
        ids: Collection[str],
        wanted: str,
    ) -> None:
        self._people, self._rows, self._columns, self._ids = people, rows, columns, ids
        self._system = rows[0].system if rows else ""
        self._lasting = LASTING.get(self._system, "")
        self._by_name: defaultdict[tuple[str, str], set[str]] = defaultdict(set)
        """Ids by the names that they were seen with, each with its column."""

        self._numbers: defaultdict[str, set[str]] = defaultdict(set)
        """The numbers in the lasting column that an id was seen with."""

        here: set[str] = set()
        column = ""
        for student, facts in seen.items():
            for fact in facts:
                for name, value in fact.data["names"].items():
                    if fact.data["system"] == self._system or name in E_MAIL:
                        self._by_name[_kind(name), value.casefold()].add(student)
        for fact in people.facts:
            if fact.told is Told.SEEN and fact.data["system"] == self._system:
                here.add(fact.student)
                column = fact.data["column"] or column
                if number := fact.data["names"].get(self._lasting):
                    self._numbers[fact.student].add(number)
        self._bare = {one for one in ids if one not in here}
        self._places = self._places_of_bare(wanted)
        self._column = wanted or column or self._most_used()

    def seating(self) -> Seating:
        fits: dict[int, str] = {}
        held: dict[int, str] = {}
        for row in self._rows:
            found, doubt = self._fitting(row)
            people = {self._people.now(one) for one in found}
            if len(people) > 1:
                one, other = sorted(people)[:2]
                held[row.place] = (
                    f"{row.name} fits {_listed(people)}; if they are one person: autograder "
                    f"students --join {one} {other}"
                )
            elif found:
                fits[row.place] = min(found & people or found)
            elif doubt:
                held[row.place] = doubt
        self._leave_one_each(fits, held)
        self._add_new(fits, held)
        return Seating(fits, held, self._column)

    def _fitting(self, row: Row) -> tuple[set[str], str]:
        """The ids that a row belongs to; why it may be one's, where that is not sure."""
        found: set[str] = set()
        bare: set[str] = set()
        may_be: set[str] = set()
        doubt = ""
        number = row.names.get(self._lasting, "")
        for column, value in row.names.items():
            for one in self._by_name.get((_kind(column), value.casefold()), ()):
                numbers = self._numbers.get(one)
                if number and numbers and number not in numbers:
                    doubt = (
                        f"{row.name} has the {column} {value}, which was {self._people.now(one)}'s, "
                        f"who has another {self._lasting}"
                    )
                else:
                    found.add(one)
        for one, places in self._places.items():
            mine = [column for place, column in places if place == row.place]
            if not mine:
                continue
            if len({place for place, _ in places}) > 1:
                if self._column in mine:
                    doubt = doubt or (
                        f"{row.name} has the {self._column} {one}, and another row has it in "
                        "another column: whose the class's is, is not known; say which column the "
                        "class's ids are of by --id-column"
                    )
            elif self._column in mine or not row.names.get(self._column):
                bare.add(one)
            elif self._people.now(one) not in self._people.withdrawn:
                may_be.add(one)
                doubt = doubt or (
                    f"{row.name} has the {mine[0]} {one}, which is an id of the class, and the "
                    f"{self._column} {row.names[self._column]}; if they are one person: autograder "
                    f"students --join {one} {row.names[self._column]}; if {one} is somebody who "
                    f"has left: autograder students --withdraw {one}"
                )
        people = {self._people.now(one) for one in bare}
        if not found and not {self._people.now(one) for one in may_be} <= people:
            return set(), doubt
        return found | bare, doubt

    def _places_of_bare(self, wanted: str) -> Mapping[str, set[tuple[int, str]]]:
        """By id of which no row of this system was seen: the rows and columns that have it.

        Upper case counts only where two ids of the class differ in nothing else.
        """
        folded: defaultdict[str, set[str]] = defaultdict(set)
        for one in self._bare:
            folded[one.casefold()].add(one)
        places: defaultdict[str, set[tuple[int, str]]] = defaultdict(set)
        for row in self._rows:
            for column, value in row.names.items():
                if wanted and column != wanted:
                    continue
                alike = folded.get(value.casefold(), set())
                for one in {value} if value in alike else alike:
                    places[one].add((row.place, column))
        return places

    def _most_used(self) -> str:
        """The column that most ids of the class are of; else the first that everybody has."""
        count = dict.fromkeys(self._columns, 0)
        for places in self._places.values():
            for column in {column for _, column in places}:
                count[column] += 1
        best = max(self._columns, key=lambda column: count[column])
        if count[best]:
            return best
        filled = {
            column: sum(column in row.names for row in self._rows) for column in self._columns
        }
        return max(self._columns, key=lambda column: filled[column])

    def _leave_one_each(self, fits: dict[int, str], held: dict[int, str]) -> None:
        """Of several rows that fit one person, the one with the person's own number stays."""
        by_person: defaultdict[str, list[Row]] = defaultdict(list)
        for row in self._rows:
            if row.place in fits:
                by_person[self._people.now(fits[row.place])].append(row)
        for person, rows in by_person.items():
            if len(rows) == 1:
                continue
            own = [row for row in rows if self._has_own_number(row, person)]
            for row in rows:
                if own != [row]:
                    del fits[row.place]
                    held[row.place] = f"{_listed(one.name for one in rows)} fit one id, {person}"

    def _has_own_number(self, row: Row, person: str) -> bool:
        number = row.names.get(self._lasting)
        return any(number in self._numbers.get(one, ()) for one in self._people.ids(person))

    def _add_new(self, fits: dict[int, str], held: dict[int, str]) -> None:
        """Give the rows that fit none the id that they have in the column that the class uses."""
        taken = {one.casefold() for one in self._ids}
        new: defaultdict[str, list[Row]] = defaultdict(list)
        for row in self._rows:
            if row.place in fits or row.place in held:
                continue
            if value := row.names.get(self._column):
                new[value.casefold()].append(row)
            else:
                held[row.place] = (
                    f"{row.name} has no {self._column}, which the class's ids are of, and no other "
                    "name that the class knows; fill it in in the roster"
                )
        for folded, rows in new.items():
            for row in rows:
                value = row.names[self._column]
                if not is_folder_name(value):
                    held[row.place] = f"{value!a} cannot be the name of a student's folder"
                elif folded in taken:
                    held[row.place] = f"{row.name}: {value} is somebody else's id"
                elif len(rows) > 1:
                    names = _listed(one.name for one in rows)
                    held[row.place] = f"{value} stands for both {names}"
                else:
                    fits[row.place] = value


def _kind(column: str) -> str:
    """What a name is: of its column, but an e-mail address is one everywhere."""
    return "e-mail" if column in E_MAIL else column


def _listed(names: Iterable[str]) -> str:
    return " and ".join(sorted(names))
