"""The CSV files of learning management systems: who is in a class, and under which names.

Canvas: the exported gradebook (Student, ID, SIS User ID, SIS Login ID, Section, then a column
"Name (12345)" for each assignment). Moodle: the offline grading worksheet (Identifier
"Participant 123", Full name, Email address, …). Gradescope: the roster (First Name, Last Name,
SID, Email).
"""

import csv
import io
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from autograder.assignment.errors import UserError
from autograder.records.people import E_MAIL, People, Row
from autograder.records.seating import Seating, seat

BOM = "\ufeff"
_FORMULA = ("=", "+", "-", "@", "\t", "\r")

_SIGNS = {
    "canvas": {"Student", "ID"},
    "moodle": {"Identifier"},
    "gradescope": {"SID", "Email"},
}
"""Columns that tell whose file it is."""
_KEY = {"canvas": ("ID",), "moodle": ("Identifier",), "gradescope": ("SID", "Email")}
"""What the system's own downloads call a student."""
_IDS = {
    "canvas": ("SIS Login ID", "SIS User ID", "ID"),
    "moodle": ("Email address", "Identifier"),
    "gradescope": ("SID", "Email"),
}
"""What the gradebook may call a student, the best first."""


@dataclass(frozen=True)
class Table:
    """A CSV file: its columns and rows as text, and how it was written."""

    header: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    delimiter: str = ","
    newline: str = "\r\n"
    bom: bool = False

    def column(self, name: str) -> int | None:
        """The place of a column; spaces around its name and upper case do not matter."""
        names = [title.strip().casefold() for title in self.header]
        return names.index(name.casefold()) if name.casefold() in names else None

    def text(self) -> str:
        """The file's text, as it was read, or for a new one with a comma and CRLF (RFC 4180)."""
        out = io.StringIO()
        writer = csv.writer(out, delimiter=self.delimiter, lineterminator=self.newline)
        writer.writerows((self.header, *self.rows))
        return (BOM if self.bom else "") + out.getvalue()


def read_table(path: Path) -> Table:
    """Read a CSV file: UTF-8 with or without a byte-order mark, comma, semicolon or tab.

    Short rows are filled up with empty cells.
    raises: UserError if it cannot be read, is not UTF-8, or has no header
    """
    try:
        text = path.read_bytes().decode("utf-8")
    except OSError as error:
        raise UserError(f"{path}: cannot be read ({error.strerror}).") from error
    except UnicodeDecodeError:
        raise UserError(f"{path}: is not UTF-8; save it as CSV UTF-8.") from None
    bom, text = text.startswith(BOM), text.removeprefix(BOM)
    first = text.partition("\n")[0]
    delimiter = max(",;\t", key=first.count)
    newline = "\r\n" if first.endswith("\r") else "\n"
    try:
        rows = [row for row in csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)]
    except csv.Error as error:
        raise UserError(f"{path}: is not a CSV file ({error}).") from error
    rows = [row for row in rows if any(row)]
    if not rows:
        raise UserError(f"{path}: is empty.")
    width = max(map(len, rows))
    filled = [tuple(row + [""] * (width - len(row))) for row in rows]
    return Table(filled[0], tuple(filled[1:]), delimiter, newline, bom)


@dataclass(frozen=True)
class Roster:
    """A class by the file of its system; whose each row is, the class's people tell (`seat`).

    system: "canvas", "moodle" or "gradescope"
    wanted: the column of the class's ids, if a person said which; else ""
    """

    system: str
    rows: tuple[Row, ...]
    table: Table = field(repr=False)
    wanted: str = ""

    def by_key(self) -> Mapping[str, Row]:
        """The rows by what the system's downloads call the student."""
        return {key: row for row in self.rows for key in row.keys}

    def seat(self, people: People, ids: Collection[str]) -> "Seated":
        """Whose the rows are. ids: those that the class has"""
        columns = dict.fromkeys((*filter(None, (self.wanted,)), *_IDS[self.system]))
        return Seated(self, seat(people, self.rows, tuple(columns), ids, self.wanted), people)


@dataclass(frozen=True)
class Seated:
    """A roster of which is known whose its rows are."""

    roster: Roster
    seating: Seating
    people: People

    @property
    def by_student(self) -> Mapping[str, int]:
        """The place of each student's row, by what the student is called now."""
        return {self.people.now(one): place for place, one in self.seating.ids.items()}

    @property
    def withdrawn(self) -> frozenset[int]:
        """Places of the rows of students who have left."""
        gone = self.people.withdrawn
        return frozenset(p for p, one in self.seating.ids.items() if self.people.now(one) in gone)

    @property
    def rows(self) -> Mapping[str, Row]:
        """The rows by the first id that the person had."""
        rows = {row.place: row for row in self.roster.rows}
        return {one: rows[place] for place, one in self.seating.ids.items()}

    def named(self, name: str) -> str | None:
        """The first id of the one person who is called so in the roster; None if none, or several."""
        found = {
            one
            for one, row in self.rows.items()
            if name in (one, self.people.now(one), *row.names.values())
        }
        return found.pop() if len(found) == 1 else None


def read_roster(path: Path, id_column: str | None = None) -> Roster:
    """Read the class from an LMS's own file; which system's is told by its columns.

    id_column: the column of the ids of those whom the class does not have yet; by default the one
               that its other ids are of
    raises:    UserError if it is none of the three, or has no such column
    """
    table = read_table(path)
    system = next(
        (
            name
            for name, signs in _SIGNS.items()
            if all(table.column(sign) is not None for sign in signs)
        ),
        None,
    )
    if system is None:
        raise UserError(
            f"{path}: is no roster: neither Canvas's gradebook (Student, ID, …), nor Moodle's "
            "grading worksheet (Identifier, …), nor Gradescope's roster (…, SID, Email)."
        )
    places = [index for index in range(len(table.rows)) if _is_student(table, system, index)]
    if not places:
        raise UserError(f"{path}: there is no student in it.")
    if id_column is not None and table.column(id_column) is None:
        raise UserError(f"{path}: has no column {id_column} (it has {', '.join(table.header)}).")
    # In the file's own spelling, or one column would be two.
    usual = {name.casefold(): name for name in _IDS[system]}
    wanted = usual.get((id_column or "").casefold(), id_column or "")
    rows = tuple(_row(table, system, place, wanted) for place in places)
    seen: dict[str, str] = {}
    for row in rows:
        for key in row.keys:
            if key in seen:
                raise UserError(f"{path}: {key} stands for both {seen[key]} and {row.name}.")
            seen[key] = row.name
    return Roster(system, rows, table, wanted)


def cell(table: Table, row: int, column: str) -> str:
    """A cell's text without the spaces around it; empty if there is no such column."""
    place = table.column(column)
    return "" if place is None else table.rows[row][place].strip()


def _is_student(table: Table, system: str, row: int) -> bool:
    """Canvas has rows of its own, without an ID, and a "Test Student", without one of the school."""
    test = cell(table, row, "Student") == "Student, Test" and not cell(table, row, "SIS User ID")
    return not test and any(cell(table, row, column) for column in _KEY[system])


def _row(table: Table, system: str, place: int, wanted: str) -> Row:
    def named(column: str) -> str:
        text = cell(table, place, column)
        # Every language of Moodle has its own word for the participant; the number ends it.
        return text.split()[-1] if system == "moodle" and column == "Identifier" and text else text

    columns = dict.fromkeys((*filter(None, (wanted,)), *_IDS[system]))
    whole = (
        cell(table, place, "Student") or cell(table, place, "Full name")
        or cell(table, place, "Name")
    )  # fmt: skip
    first, last = cell(table, place, "First Name"), cell(table, place, "Last Name")
    name = whole or f"{first} {last}".strip()
    if system == "canvas" and ", " in whole:
        last, _, first = whole.partition(", ")
    return Row(
        place=place,
        system=system,
        keys=tuple(filter(None, map(named, _KEY[system]))),
        names={column: text for column in columns if (text := named(column))},
        name=name,
        first_name=first,
        # Where a name ends is not known; whole, it is right wherever both are shown.
        last_name=last or ("" if first else name),
        email=next(filter(None, (cell(table, place, column) for column in E_MAIL)), ""),
    )


def plain_text(text: str) -> str:
    """Text that no spreadsheet takes for a formula."""
    return f"'{text}" if text.startswith(_FORMULA) else text
