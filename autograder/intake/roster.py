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
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

from autograder.assignment.errors import UserError
from autograder.assignment.plurals import counted
from autograder.intake.moodle_columns import NUMBERED, columns_by_kind

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
"""What the gradebook may call a student; the first column that everybody has."""


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
class Person:
    """One student of a roster. All texts are in Unicode's NFC, so that equal ones are equal.

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
    groups:    columns that may hold the name of a student's group
    whole:     False for the list of a group set, which has no marks in it
    """

    system: str
    id_column: str
    people: tuple[Person, ...]
    table: Table = field(repr=False)
    groups: tuple[int, ...] = ()
    whole: bool = True

    def by_key(self) -> Mapping[str, Person]:
        """The students by what the system's downloads call them."""
        return {key: person for person in self.people for key in person.keys}

    def by_student(self) -> Mapping[str, Person]:
        """The students by the gradebook's ids, and by other names that can be nobody else's.

        Another name counts if one student alone has it and it is not a number: a login and another
        student's number in the LMS are often alike. Upper case does not matter where one student
        alone is meant, and a name is found in both of Unicode's ways to write it.
        """
        found: dict[str, set[Person]] = {}
        for person in self.people:
            for name in person.names:
                if name == person.student or not name.isdecimal():
                    found.setdefault(name.casefold(), set()).add(person)
        alone = {name: people.pop() for name, people in found.items() if len(people) == 1}
        exact = {**alone, **{person.student: person for person in self.people}}
        # A Mac's names of folders come decomposed, a roster's composed.
        apart = {unicodedata.normalize("NFD", name): person for name, person in exact.items()}
        return {**apart, **exact}

    def hint(self, student: str) -> str:
        """Where else on the roster an id stands that is in no row's column of ids."""
        for person in self.people:
            for column in _IDS[self.system]:
                if nfc(student).casefold() == _number(self.table, person.row, column).casefold():
                    return (
                        f"{student}: is not in the roster's column {self.id_column}, but the "
                        f"{column} of {person.name}; if it is the same student, use "
                        f"--id-column '{column}'"
                    )
        return ""

    def members(self, group: str) -> tuple[Person, ...]:
        """The students of a group; none if no column has it, or several have."""
        wanted = letters(group)
        found = []
        for place in self.groups:
            people = [
                person
                for person in self.people
                if wanted and letters(self.table.rows[person.row][place]) == wanted
            ]
            if people:
                found.append(tuple(people))
        return found[0] if len(found) == 1 else ()


def nfc(text: str) -> str:
    """Text in the one of Unicode's ways to write it that most systems use."""
    return unicodedata.normalize("NFC", text)


def letters(text: str) -> str:
    """What stays of a name in whatever way a system writes it: small letters and digits."""
    return "".join(filter(str.isalnum, nfc(text).casefold()))


def read_roster(path: Path, id_column: str | None = None) -> Roster:
    """Read the class from an LMS's own file; which system's is told by its columns.

    id_column: the column of the gradebook's ids; by default SIS Login ID (Canvas), Email address
               (Moodle), SID (Gradescope), or the next best that everybody has
    raises:    UserError if it is none of the three, or two students have the same id
    """
    system, table = _recognized(read_table(path), path)
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
    return Roster(
        system, chosen, people, table, _group_columns(table, system), not _is_group_set(table)
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
    names = (_number(table, row, column) for column in (id_column, *_IDS[system]))
    keys = (_number(table, row, column) for column in _KEY[system])
    student = _number(table, row, id_column)
    return Person(
        row, tuple(filter(None, keys)), student, tuple(filter(None, names)),
        nfc(_name(table, row)) or student,
    )  # fmt: skip


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
