"""The CSV files of learning management systems: who is in a class, and under which names.

Canvas: the exported gradebook (Student, ID, SIS User ID, SIS Login ID, Section, then a column
"Name (12345)" for each assignment). Moodle: the offline grading worksheet (Identifier
"Participant 123", Full name, Email address, …). Gradescope: the roster (First Name, Last Name,
SID, Email).
"""

import csv
import io
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from autograder.assignment.errors import UserError
from autograder.assignment.plurals import counted

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
"""What the gradebook may call a student; the first column that everybody has."""


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
class Person:
    """One student of a roster.

    row:     the place in the table's rows
    keys:    what the system's downloads call the student: a number, a SID, an e-mail address
    student: the gradebook's id
    names:   all that the row calls the student, the gradebook's id first
    name:    as people write it, "Last, First" in Canvas
    """

    row: int
    keys: tuple[str, ...]
    student: str
    names: tuple[str, ...]
    name: str


@dataclass(frozen=True)
class Roster:
    """A class by the file of its system.

    system:    "canvas", "moodle" or "gradescope"
    id_column: the column of the gradebook's ids
    """

    system: str
    id_column: str
    people: tuple[Person, ...]
    table: Table = field(repr=False)

    def by_key(self) -> Mapping[str, Person]:
        """The students by what the system's downloads call them."""
        return {key: person for person in self.people for key in person.keys}

    def by_student(self) -> Mapping[str, Person]:
        """The students by the gradebook's ids, and in lower case by all other names of one alone."""
        found: dict[str, Person | None] = {}
        for person in self.people:
            for name in {name.casefold() for name in person.names}:
                found[name] = None if name in found else person
        alone = {name: person for name, person in found.items() if person is not None}
        return {**alone, **{person.student: person for person in self.people}}


def read_roster(path: Path, id_column: str | None = None) -> Roster:
    """Read the class from an LMS's own file; which system's is told by its columns.

    id_column: the column of the gradebook's ids; by default SIS Login ID (Canvas), Email address
               (Moodle), SID (Gradescope), or the next best that everybody has
    raises:    UserError if it is none of the three, or two students have the same id
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
    rows = [index for index in range(len(table.rows)) if _is_student(table, system, index)]
    if not rows:
        raise UserError(f"{path}: there is no student in it.")
    chosen = _id_column(table, system, rows, path, id_column)
    people = tuple(_person(table, system, index, chosen) for index in rows)
    for what in ("student", "keys"):
        seen: dict[str, str] = {}
        for person in people:
            values = person.keys if what == "keys" else (person.student,)
            for value in values:
                if value in seen:
                    raise UserError(
                        f"{path}: {value} stands for both {seen[value]} and {person.name}."
                    )
                seen[value] = person.name
    return Roster(system, chosen, people, table)


def cell(table: Table, row: int, column: str) -> str:
    """A cell's text without the spaces around it; empty if there is no such column."""
    place = table.column(column)
    return "" if place is None else table.rows[row][place].strip()


def _is_student(table: Table, system: str, row: int) -> bool:
    """Canvas has rows of its own, without an ID, and a "Test Student", without one of the school."""
    test = cell(table, row, "Student") == "Student, Test" and not cell(table, row, "SIS User ID")
    return not test and any(cell(table, row, column) for column in _KEY[system])


def _id_column(table: Table, system: str, rows: list[int], path: Path, wanted: str | None) -> str:
    if wanted is not None and table.column(wanted) is None:
        raise UserError(f"{path}: has no column {wanted} (it has {', '.join(table.header)}).")
    for column in (wanted,) if wanted else _IDS[system]:
        missing = [row for row in rows if not cell(table, row, column)]
        if not missing:
            return column
        if wanted:
            raise UserError(f"{path}: {wanted} is empty in {counted(len(missing), 'row')}.")
    raise UserError(
        f"{path}: no column names everybody (looked at {', '.join(_IDS[system])}); "
        "fix this, or name one with --id-column."
    )


def _person(table: Table, system: str, row: int, id_column: str) -> Person:
    def number(column: str) -> str:
        text = cell(table, row, column)
        # Every language of Moodle has its own word for the participant; the number ends it.
        return text.split()[-1] if system == "moodle" and column == "Identifier" and text else text

    names = (number(column) for column in (id_column, *_IDS[system]))
    keys = (number(column) for column in _KEY[system])
    whole = cell(table, row, "Student") or cell(table, row, "Full name") or cell(table, row, "Name")
    parts = f"{cell(table, row, 'First Name')} {cell(table, row, 'Last Name')}".strip()
    return Person(
        row, tuple(filter(None, keys)), number(id_column), tuple(filter(None, names)),
        whole or parts,
    )  # fmt: skip


def plain_text(text: str) -> str:
    """Text that no spreadsheet takes for a formula."""
    return f"'{text}" if text.startswith(_FORMULA) else text
