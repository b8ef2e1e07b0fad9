"""Whose the rows of a roster are. An id that the class has stays, whatever a roster looks like.

- A row of a roster belongs to the id that was seen with one of its names before, in the same
  column of the same system; an e-mail address is one in every system.
- An id of which no row of that system was ever seen may be of any column. It belongs to a row
  only if exactly one row has it at all, and only in the column that the class uses or, in another
  one, if the row has nothing in the column that the class uses. Otherwise it only may belong to
  the row, which is held unless it was seen before.
- A row that fits none gets the id that it has in the column that the class uses.

A row that fits two people, or shares one with another row, or lacks what it needs, is held alone,
with a sentence that says why. Nothing is guessed.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass

from autograder.gradebook.autograded_folder import is_folder_name
from autograder.records.people import E_MAIL, People, Row, Told, alike

LASTING = {"canvas": "ID"}
"""Where a system never gives a number again: another number there is another person."""


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


def seat(
    people: People,
    rows: Sequence[Row],
    columns: Sequence[str],
    ids: Collection[str],
    wanted: str = "",
) -> Seating:
    """Whose the rows of one roster are.

    columns: those that ids may be of, the best first
    ids:     those that the class has besides the ones that were seen
    wanted:  the column that the class uses, if a person said so
    """
    return _Seats(people, rows, columns, {*ids, *people.known}, wanted).seating()


class _Seats:
    """One roster and the people of the class."""

    def __init__(
        self,
        people: People,
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
        for fact in people.facts:
            if fact.told is not Told.SEEN:
                continue
            for name, value in fact.data["names"].items():
                if fact.data["system"] == self._system or name in E_MAIL:
                    self._by_name[_kind(name), alike(value)].add(fact.student)
            if fact.data["system"] == self._system:
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
                    f"{row.called} fits {_listed(people)}; if they are one person: autograder "
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
            for one in self._by_name.get((_kind(column), alike(value)), ()):
                numbers = self._numbers.get(one)
                if number and numbers and number not in numbers:
                    doubt = (
                        f"{row.called} has the {column} {value}, which was {self._people.now(one)}'s, "
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
                        f"{row.called} has the {self._column} {one}, and another row has it in "
                        "another column: whose the class's is, is not known; say which column the "
                        "class's ids are of by --id-column"
                    )
            elif self._column in mine or not row.names.get(self._column):
                bare.add(one)
            elif self._people.now(one) not in self._people.withdrawn:
                may_be.add(one)
                doubt = doubt or (
                    f"{row.called} has the {mine[0]} {one}, which is an id of the class, and the "
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

        Upper case, and Unicode's way to write it, count only where two ids of the class differ in
        nothing else.
        """
        folded: defaultdict[str, set[str]] = defaultdict(set)
        for one in self._bare:
            folded[alike(one)].add(one)
        places: defaultdict[str, set[tuple[int, str]]] = defaultdict(set)
        for row in self._rows:
            for column, value in row.names.items():
                if wanted and column != wanted:
                    continue
                same = folded.get(alike(value), set())
                for one in {value} if value in same else same:
                    places[one].add((row.place, column))
        return places

    def _most_used(self) -> str:
        """The column that most ids of the class are of; else the first that everybody has.

        It has to be more than are of any other column, and not a number alone: the number of one
        student may by chance be another one's in another column.
        """
        of: dict[str, list[str]] = {column: [] for column in self._columns}
        for one, places in self._places.items():
            for column in {column for _, column in places}:
                of[column].append(one)
        filled = {
            column: sum(column in row.names for row in self._rows) for column in self._columns
        }
        usual = max(self._columns, key=lambda column: filled[column])
        most = max(map(len, of.values()))
        best = [column for column in self._columns if len(of[column]) == most]
        if len(best) > 1 or (most == 1 and of[best[0]][0].isdecimal()):
            return usual
        return best[0]

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
                    held[row.place] = f"{_listed(one.called for one in rows)} fit one id, {person}"

    def _has_own_number(self, row: Row, person: str) -> bool:
        number = row.names.get(self._lasting)
        return any(number in self._numbers.get(one, ()) for one in self._people.ids(person))

    def _add_new(self, fits: dict[int, str], held: dict[int, str]) -> None:
        """Give the rows that fit none the id that they have in the column that the class uses."""
        taken = {alike(one) for one in self._ids}
        new: defaultdict[str, list[Row]] = defaultdict(list)
        for row in self._rows:
            if row.place in fits or row.place in held:
                continue
            if value := row.names.get(self._column):
                new[alike(value)].append(row)
            else:
                held[row.place] = (
                    f"{row.called} has no {self._column}, which the class's ids are of, and no other "
                    "name that the class knows; fill it in in the roster"
                )
        for folded, rows in new.items():
            for row in rows:
                value = row.names[self._column]
                if not is_folder_name(value):
                    held[row.place] = f"{value!a} cannot be the name of a student's folder"
                elif folded in taken:
                    held[row.place] = f"{row.called}: {value} is somebody else's id"
                elif len(rows) > 1:
                    names = _listed(one.called for one in rows)
                    held[row.place] = f"{value} stands for both {names}"
                else:
                    fits[row.place] = value


def _kind(column: str) -> str:
    """What a name is: of its column, but an e-mail address is one everywhere."""
    return "e-mail" if column in E_MAIL else column


def _listed(names: Iterable[str]) -> str:
    return " and ".join(sorted(names))
