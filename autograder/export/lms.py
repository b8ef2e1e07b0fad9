"""The tables of learning management systems, each with its own columns: new ones, and marks in them."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import replace
from enum import Enum

from autograder.assignment.errors import UserError
from autograder.assignment.plurals import plural
from autograder.intake.moodle_columns import number
from autograder.intake.roster import Table, cell, plain_text
from autograder.records.class_marks import ClassMark, ClassMarks

POSSIBLE = "Points Possible"
"""In Canvas's column Student: the row of the assignments' maximal points."""
_KEPT = {
    "EX": "is excused in Canvas",
    "N/A": "does not have this assignment in Canvas, or its scores are still anonymous there",
}
"""What Canvas writes in place of a score (lib/gradebook_exporter.rb); it is not ours to change."""
_NO = frozenset(
    (
        "no", "nein", "non", "nee", "nei", "nej", "ei", "ne", "nie", "não", "nem", "nu", "hayır",
        "nē", "нет", "ні", "не", "όχι", "לא", "لا", "いいえ", "否", "아니오", "아니요", "không", "tidak",
    )
)  # fmt: skip
"""Moodle's "No" in the languages that most of its teachers use."""
_YES = frozenset(
    (
        "yes", "ja", "oui", "sí", "si", "sì", "sim", "tak", "ano", "áno", "jah", "kyllä", "da",
        "igen", "evet", "jā", "taip", "так", "да", "ναι", "כן", "نعم", "はい", "是", "예", "네", "có", "ya",
    )
)  # fmt: skip
_CANVAS = ("Student", "ID", "SIS User ID", "SIS Login ID", "Section")
_MOODLE = (
    "Identifier", "Full name", "Email address", "Status", "Grade", "Maximum Grade",
    "Grade can be changed", "Last modified (submission)", "Last modified (grade)",
    "Feedback comments",
)  # fmt: skip
_GRADESCOPE = (
    "First Name", "Last Name", "SID", "Email", "Total Score", "Max Points", "Status",
    "Submission Time", "Lateness (H:M:S)",
)  # fmt: skip


_NAMES = ("Student", "LastName", "FirstName", "Full name", "Name", "First Name", "Last Name")


class Target(Enum):
    """Whose file is written."""

    CSV = "csv"
    CANVAS = "canvas"
    MOODLE = "moodle"
    GRADESCOPE = "gradescope"


def new_table(target: Target, classes: tuple[ClassMarks, ...]) -> Table:
    """The smallest file that the system takes, without marks."""
    marks = {mark.student: mark for one in classes for mark in one.marks}
    rows: list[tuple[str, ...]] = []
    header: tuple[str, ...]
    if target is Target.CANVAS:
        header = _CANVAS
        rows.append((f"    {POSSIBLE}", "", "", "", ""))
    else:
        header = _MOODLE if target is Target.MOODLE else _GRADESCOPE
    for student in sorted({student for one in classes for student in students_of(one)}):
        mark = marks.get(student)
        first, last = (mark.first_name, mark.last_name) if mark else ("", "")
        email = (mark.email if mark else "") or (student if "@" in student else "")
        digits = student if student.isdecimal() else ""
        if target is Target.CANVAS:
            name = ", ".join(filter(None, (last, first))) or student
            rows.append((plain_text(name), digits, "", "" if digits else student, ""))
        elif target is Target.MOODLE:
            name = " ".join(filter(None, (first, last))) or student
            identifier = f"Participant {digits}" if digits else ""
            rows.append((identifier, plain_text(name), email, *[""] * 7))
        else:
            sid = "" if student == email else student
            rows.append((plain_text(first), plain_text(last), sid, email, *[""] * 5))
    return Table(header, tuple(rows))


def without_id(table: Table, target: Target) -> int:
    """How many students of a new file have nothing in its column of ids."""
    column = {Target.CANVAS: 1, Target.MOODLE: 0}.get(target)
    if column is None:
        return 0
    return sum(1 for row in table.rows if not row[column] and POSSIBLE not in row[0])


def students_of(one: ClassMarks) -> set[str]:
    """Who has a mark of an assignment, or could have one."""
    return {*one.students, *(mark.student for mark in one.marks)}


def fill_canvas(
    table: Table,
    one: ClassMarks,
    values: dict[int, str],
    new: bool,
    wanted: str,
    notes: list[str],
    differs: list[str] | None = None,
) -> Table:
    """Put marks into an assignment's column "NAME (12345)"; Canvas's own rows stay as they are.

    Who is excused (EX) or does not have the assignment (N/A) stays so.
    values:  by row; empty text where there is no final mark
    new:     the table is ours: the column and the points possible are made
    wanted:  the assignment's name in Canvas
    notes:   is added to
    differs: is added to, sentences on marks that Canvas will not have as they are in the
             gradebook; the notes, if it is not given
    raises:  UserError if there is no such column, there are several, or it is read only
    """
    differs = notes if differs is None else differs
    if new:
        table, place = _with_column(table, wanted)
    else:
        place = _canvas_column(table, wanted)
    for row in range(len(table.rows)):
        there = table.rows[row][place].strip()
        if _is_possible(table, row):
            if new:
                values[row] = points(one.max_score)
            elif there.startswith("("):
                raise UserError(f"{table.header[place]}: Canvas computes this column {there}.")
            elif there and number(there) != one.max_score:
                differs.append(
                    f"{one.assignment}: Canvas has {there} points possible, the gradebook "
                    f"{points(one.max_score)}; the points are written as they are"
                )
        elif row in values and (why := _KEPT.get(there.upper())):
            if values[row] not in ("", "0"):
                differs.append(
                    f"{_name(table, row)}: {why}; {there} is kept, and {values[row]} is not written"
                )
            elif values[row]:
                notes.append(f"{_name(table, row)}: {why}; {there} is kept")
            del values[row]
    return _put(table, place, values)


def _is_possible(table: Table, row: int) -> bool:
    return POSSIBLE in (cell(table, row, "Student"), cell(table, row, "LastName"))


def _canvas_column(table: Table, wanted: str) -> int:
    """The column "NAME (12345)", or NAME."""
    names = [re.sub(r"\s*\(\d+\)$", "", title.strip()).casefold() for title in table.header]
    places = [
        place
        for place, name in enumerate(names)
        if wanted.casefold() in (name, table.header[place].strip().casefold())
    ]
    if len(places) != 1:
        there = [t for t in table.header if re.search(r"\(\d+\)$", t.strip())]
        raise UserError(
            f"{wanted}: Canvas's file has {len(places) or 'no'} columns of this name (it has "
            f"{', '.join(there) or 'no assignment'}); say which with --column."
        )
    return places[0]


def fill_moodle(
    table: Table,
    one: ClassMarks,
    values: dict[int, str],
    marks: Mapping[int, ClassMark],
    notes: list[str],
    differs: list[str] | None = None,
) -> Table:
    """Put marks into Grade, and how they come about into Feedback comments that are empty.

    Moodle leaves out, without a word, grades that are locked or above the maximum
    (mod/assign/feedback/offline/locallib.php).
    values, notes, differs: see `fill_canvas`
    """
    differs = notes if differs is None else differs
    grade = table.column("Grade")
    if grade is None:
        raise UserError("Moodle's worksheet has no column Grade; download it anew.")
    if table.column("Scale") is not None:
        differs.append(f"{one.assignment}: Moodle grades it by a scale and will take no points")
    unknown: set[str] = set()
    tops: set[float] = set()
    for row in list(values):
        there = cell(table, row, "Grade")
        changeable = cell(table, row, "Grade can be changed").casefold()
        if changeable in _NO:
            if values[row] and number(there) != number(values[row]):
                differs.append(
                    f"{_name(table, row)}: Moodle lets nobody change this grade; "
                    f"{there or 'the empty one'} is kept, and {values[row]} is not written"
                )
            del values[row]
            continue
        if changeable and changeable not in _YES:
            unknown.add(cell(table, row, "Grade can be changed"))
        top = number(cell(table, row, "Maximum Grade"))
        if top is None:
            continue
        tops.add(top)
        if (number(values[row]) or 0) > top:
            differs.append(
                f"{_name(table, row)}: {values[row]} is more than Moodle's maximum of {top:g}; "
                "Moodle will leave it out"
            )
    differs += [
        f"{one.assignment}: Moodle's maximum grade is {top:g}, the gradebook's "
        f"{points(one.max_score)}; the points are written as they are"
        for top in sorted(tops)
        if points(top) != points(one.max_score)
    ]
    notes += [
        f"{text!r} in the column {table.header[place]}: it is not known whether this means that "
        "the grade can be changed; where it cannot, Moodle will leave it out"
        for place in [table.column("Grade can be changed")]
        if place is not None
        for text in sorted(unknown)
    ]
    table = _put(table, grade, values)
    comments = table.column("Feedback comments")
    if comments is not None:
        texts = {
            row: _comment(mark)
            for row, mark in marks.items()
            if values.get(row) and not table.rows[row][comments].strip()
        }
        table = _put(table, comments, texts)
    maximum = table.column("Maximum Grade")
    if maximum is not None:
        empty = {row: points(one.max_score) for row in values if not table.rows[row][maximum]}
        table = _put(table, maximum, empty)
    return table


def fill_gradescope(
    table: Table,
    one: ClassMarks,
    values: dict[int, str],
    marks: Mapping[int, ClassMark],
    rows: Iterable[int],
) -> Table:
    """Put marks into the columns of Gradescope's own export; those that are missing are added.

    rows: of the students of the class. Of another row, of who has left or of whom it is not known
          who it is, it is not known either that nothing was handed in: nothing is written there
    """
    rows = tuple(rows)
    columns: dict[str, dict[int, str]] = {
        "Total Score": values,
        "Max Points": {row: points(one.max_score) for row in rows},
        "Status": {
            row: "Missing" if mark is None else "Graded" if mark.final else "Ungraded"
            for row in rows
            for mark in [marks.get(row)]
        },
        "Submission Time": {
            row: mark.timestamp.strftime("%Y-%m-%d %H:%M:%S +0000") if mark.timestamp else ""
            for row, mark in marks.items()
        },
        "Lateness (H:M:S)": {
            row: "" if mark.late is None else _hours(mark.late) for row, mark in marks.items()
        },
    }
    for name, column in columns.items():
        table, place = _with_column(table, name)
        table = _put(table, place, column)
    return table


def _with_column(table: Table, name: str) -> tuple[Table, int]:
    place = table.column(name)
    if place is not None:
        return table, place
    rows = tuple((*row, "") for row in table.rows)
    return replace(table, header=(*table.header, name), rows=rows), len(table.header)


def _put(table: Table, place: int, values: Mapping[int, str]) -> Table:
    rows = [list(row) for row in table.rows]
    for row, value in values.items():
        rows[row][place] = value
    return replace(table, rows=tuple(map(tuple, rows)))


def with_safe_names(table: Table) -> Table:
    """Names are not read back by the systems, so they may be changed; ids and columns may not."""
    for name in _NAMES:
        place = table.column(name)
        if place is not None:
            safe = {row: plain_text(cells[place]) for row, cells in enumerate(table.rows)}
            table = _put(table, place, safe)
    return table


def formulas(students: Iterable[str], *, changed: bool) -> list[str]:
    """A note on ids that a spreadsheet would run as a formula.

    changed: whether they have an apostrophe in the file; what a system reads back cannot have one
    """
    found = sorted(student for student in students if plain_text(student) != student)
    if not found:
        return []
    names = ", ".join(found[:3]) + (f" and {len(found) - 3} more" if len(found) > 3 else "")
    if changed:
        return [f"{names}: written with an apostrophe before it, as a spreadsheet would run it"]
    return [f"{names}: a spreadsheet would run this; import the file without opening it in one"]


def _name(table: Table, row: int) -> str:
    names = (cell(table, row, name) for name in ("Student", "Full name", "LastName", "Identifier"))
    return next(filter(None, names), f"row {row + 2}")


def points(value: float) -> str:
    """Up to five decimals, as Moodle keeps them; whole numbers without a point."""
    return f"{round(value, 5):.5f}".rstrip("0").rstrip(".") or "0"


def _hours(seconds: float) -> str:
    whole = round(seconds)
    return f"{whole // 3600:02}:{whole // 60 % 60:02}:{whole % 60:02}"


def _comment(mark: ClassMark) -> str:
    parts = [f"checks {points(mark.automatic)}"]
    if mark.manual:
        parts.append(f"by hand {points(mark.manual)}")
    if mark.extra_credit:
        parts.append(f"extra credit {points(mark.extra_credit)}")
    if mark.late_penalty:
        parts.append(f"late penalty {points(-mark.late_penalty)}")
    of = f"{points(mark.max_score)} {plural(mark.max_score, 'point')}"
    return f"{points(mark.score)} of {of} ({', '.join(parts)})"
