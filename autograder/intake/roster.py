"""The CSV files of learning management systems: who is in a class, and under which names.

Canvas: the exported gradebook (Student, or LastName and FirstName; ID, SIS User ID, SIS Login ID,
Section, then a column "Name (12345)" for each assignment; lib/gradebook_exporter.rb), and the list
of a group set (name, canvas_user_id, user_id, login_id, sections, group_name, …).
Moodle: the offline grading worksheet (Identifier "Participant 123", Full name, Email address, …;
mod/assign/gradingtable.php). Its header and the word before the number are in the language of who
downloads it, and it is imported in the same one, so what a column holds tells which it is.
Gradescope: the roster (First Name, Last Name, SID, Email).
"""

import csv
import io
import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

from autograder.assignment.errors import UserError
from autograder.intake.moodle_columns import NUMBERED, columns_by_kind
from autograder.records.people import E_MAIL, People, Row, alike, nfc
from autograder.records.seating import Seating, seat

BOM = "\ufeff"
_FORMULA = ("=", "+", "-", "@", "\t", "\r")
_SEPARATOR = re.compile(r'"?sep=(?P<mark>.)"?\r?', re.IGNORECASE)
"""The line before the header by which a spreadsheet is told what separates the columns."""
_SIGNS: Mapping[str, tuple[frozenset[str], ...]] = {
    "canvas": (frozenset({"Student", "ID"}), frozenset({"LastName", "FirstName", "ID"})),
    "moodle": (frozenset({"Identifier"}),),
    "gradescope": (frozenset({"SID", "Email"}),),
}
"""Columns that tell whose file it is."""
_GROUP_SET = {
    "name": "Student", "canvas_user_id": "ID", "user_id": "SIS User ID",
    "login_id": "SIS Login ID", "sections": "Section", "group_name": "Group",
}  # fmt: skip
"""The columns of Canvas's list of a group set, by the gradebook's names of the same."""
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
    """A CSV file: its columns and rows as text, and how it was written.

    known: places of columns by the names that they have here, where the file's are others
    """

    header: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    delimiter: str = ","
    newline: str = "\r\n"
    bom: bool = False
    known: Mapping[str, int] = field(default_factory=dict)

    def column(self, name: str) -> int | None:
        """The place of a column; spaces around its name and upper case do not matter."""
        if name in self.known:
            return self.known[name]
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

    Short rows are filled up with empty cells. A line "sep=;" before the header is for spreadsheets
    alone: it is followed and left out.
    raises: UserError if it cannot be read, is not UTF-8, or has no header
    """
    try:
        text = path.read_bytes().decode("utf-8")
    except OSError as error:
        raise UserError(f"{path}: cannot be read ({error.strerror}).") from error
    except UnicodeDecodeError:
        raise UserError(f"{path}: is not UTF-8; save it as CSV UTF-8.") from None
    bom, text = text.startswith(BOM), text.removeprefix(BOM)
    first, _, rest = text.partition("\n")
    said = _SEPARATOR.fullmatch(first)
    if said:
        text = rest
        first = text.partition("\n")[0]
    delimiter = said["mark"] if said else max(",;\t", key=first.count)
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
    groups: columns that may hold the name of a student's group
    whole:  False for the list of a group set, which has no marks in it
    """

    system: str
    rows: tuple[Row, ...]
    table: Table = field(repr=False)
    wanted: str = ""
    groups: tuple[int, ...] = ()
    whole: bool = True

    def by_key(self) -> Mapping[str, Row]:
        """The rows by what the system's downloads call the student."""
        return {key: row for row in self.rows for key in row.keys}

    def members(self, group: str) -> tuple[Row, ...]:
        """The students of a group; none if no column has it, or several have."""
        wanted = letters(group)
        found = []
        for place in self.groups:
            rows = [
                row
                for row in self.rows
                if wanted and letters(self.table.rows[row.place][place]) == wanted
            ]
            if rows:
                found.append(tuple(rows))
        return found[0] if len(found) == 1 else ()

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
            if nfc(name) in map(nfc, (one, self.people.now(one), *row.names.values()))
        }
        return found.pop() if len(found) == 1 else None

    def hint(self, student: str) -> str:
        """Where else on the roster an id stands that is no row's; empty if it stands nowhere.

        A row that is nobody's says itself why.
        """
        for one, row in self.rows.items():
            for column, value in row.names.items():
                if alike(value) == alike(student):
                    now = self.people.now(one)
                    return (
                        f"{student}: is no row's id on the roster, but the {column} of "
                        f"{row.called}, who is {now}; if both are one person: autograder students "
                        f"--join {student} {now}"
                    )
        return ""


def letters(text: str) -> str:
    """What stays of a name in whatever way a system writes it: small letters and digits."""
    return "".join(filter(str.isalnum, nfc(text).casefold()))


def read_roster(path: Path, id_column: str | None = None) -> Roster:
    """Read the class from an LMS's own file; which system's is told by its columns.

    id_column: the column of the ids of those whom the class does not have yet; by default the one
               that its other ids are of
    raises:    UserError if it is none of the three, or has no such column
    """
    system, table = _recognized(read_table(path), path)
    places = [index for index in range(len(table.rows)) if _is_student(table, system, index)]
    if not places:
        raise UserError(f"{path}: there is no student in it.")
    wanted = ""
    if id_column is not None:
        place = table.column(id_column)
        if place is None:
            raise UserError(
                f"{path}: has no column {id_column} (it has {', '.join(table.header)})."
            )
        # Under the name that it has here, or one column would be two.
        wanted = next((name for name in _IDS[system] if table.column(name) == place), id_column)
    rows = tuple(_row(table, system, place, wanted) for place in places)
    seen: dict[str, str] = {}
    for row in rows:
        for key in row.keys:
            if key in seen:
                raise UserError(f"{path}: {key} stands for both {seen[key]} and {row.called}.")
            seen[key] = row.called
    return Roster(
        system, rows, table, wanted, _group_columns(table, system), not _is_group_set(table)
    )


def _recognized(table: Table, path: Path) -> tuple[str, Table]:
    """Whose file it is, and the table with the names of columns that are used here."""
    for name, kinds in _SIGNS.items():
        if any(all(table.column(sign) is not None for sign in signs) for signs in kinds):
            return name, table
    if _is_group_set(table):
        places = {ours: table.column(theirs) for theirs, ours in _GROUP_SET.items()}
        known = {name: place for name, place in places.items() if place is not None}
        return "canvas", replace(table, known=known)
    if known := columns_by_kind(table.header, table.rows):
        return "moodle", replace(table, known=known)
    raise UserError(
        f"{path}: is no roster: neither Canvas's gradebook (Student, ID, …), nor Moodle's "
        "grading worksheet (Identifier, …), nor Gradescope's roster (…, SID, Email). If it is "
        "Moodle's in another language, download it with Moodle in English."
    )


def _is_group_set(table: Table) -> bool:
    titles = {title.strip().casefold() for title in table.header}
    return {"name", "canvas_user_id", "group_name"} <= titles


def _group_columns(table: Table, system: str) -> tuple[int, ...]:
    place = table.column("Group")
    if place is not None:
        return (place,)
    grade = table.column("Grade")
    if system == "moodle" and grade is not None and table.known:
        taken = set(table.known.values())
        return tuple(place for place in range(1, grade) if place not in taken)
    return ()


def cell(table: Table, row: int, column: str) -> str:
    """A cell's text without the spaces around it; empty if there is no such column."""
    place = table.column(column)
    return "" if place is None else table.rows[row][place].strip()


def _is_student(table: Table, system: str, row: int) -> bool:
    """Canvas has rows of its own, without an ID, and a "Test Student", without one of the school."""
    test = _name(table, row) == "Student, Test" and not cell(table, row, "SIS User ID")
    return not test and any(cell(table, row, column) for column in _KEY[system])


def _row(table: Table, system: str, place: int, wanted: str) -> Row:
    columns = dict.fromkeys((*filter(None, (wanted,)), *_IDS[system]))
    names = {column: _number(table, place, column) for column in columns}
    keys = (_number(table, place, column) for column in _KEY[system])
    name = nfc(_name(table, place))
    first, last = (
        nfc(cell(table, place, f"{part} Name") or cell(table, place, f"{part}Name"))
        for part in ("First", "Last")
    )
    if system == "canvas" and not last and ", " in name:
        last, _, first = name.partition(", ")
    return Row(
        place=place,
        system=system,
        keys=tuple(filter(None, keys)),
        names={column: text for column, text in names.items() if text},
        name=name,
        first_name=first,
        # Where a name ends is not known; whole, it is right wherever both are shown.
        last_name=last or ("" if first else name),
        email=next(filter(None, (names.get(column, "") for column in E_MAIL)), ""),
    )


def _name(table: Table, row: int) -> str:
    for whole in ("Student", "Full name", "Name"):
        if text := cell(table, row, whole):
            return text
    if last := cell(table, row, "LastName"):
        return ", ".join(filter(None, (last, cell(table, row, "FirstName"))))
    return f"{cell(table, row, 'First Name')} {cell(table, row, 'Last Name')}".strip()


def _number(table: Table, row: int, column: str) -> str:
    """A cell's id; of Moodle's "Participant 123" the number, in whatever language."""
    text = nfc(cell(table, row, column))
    match = NUMBERED.fullmatch(text) if column == "Identifier" else None
    return match["number"] if match else text


def plain_text(text: str) -> str:
    """Text that no spreadsheet takes for a formula."""
    return f"'{text}" if text.startswith(_FORMULA) else text
