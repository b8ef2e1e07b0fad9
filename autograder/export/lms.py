"""The tables of learning management systems, each with its own columns: new ones, and marks in them."""

import re
from collections.abc import Mapping
from dataclasses import replace
from enum import Enum

from autograder.assignment.errors import UserError
from autograder.assignment.plurals import plural
from autograder.intake.roster import Table, cell, plain_text
from autograder.records.class_marks import ClassMark, ClassMarks

POSSIBLE = "Points Possible"
"""In Canvas's column Student: the row of the assignments' maximal points."""
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
        number = student if student.isdecimal() else ""
        if target is Target.CANVAS:
            name = ", ".join(filter(None, (last, first))) or student
            rows.append((plain_text(name), number, "", "" if number else student, ""))
        elif target is Target.MOODLE:
            name = " ".join(filter(None, (first, last))) or student
            identifier = f"Participant {number}" if number else ""
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
) -> Table:
    """Put marks into an assignment's column "NAME (12345)"; Canvas's own rows stay as they are.

    values: by row; empty text where there is no final mark
    new:    the table is ours: the column and the points possible are made
    wanted: the assignment's name in Canvas
    notes:  is added to
    raises: UserError if there is no such column, or several
    """
    if new:
        table, place = _with_column(table, wanted)
    else:
        place = _canvas_column(table, wanted)
    for row in range(len(table.rows)):
        if cell(table, row, "Student") == POSSIBLE:
            if new:
                values[row] = points(one.max_score)
            elif table.rows[row][place].strip() not in ("", points(one.max_score)):
                possible = table.rows[row][place].strip()
                if _number(possible) != one.max_score:
                    notes.append(
                        f"{one.assignment}: Canvas has {possible} points possible, the gradebook "
                        f"{points(one.max_score)}; the points are written as they are"
                    )
    return _put(table, place, values)


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
) -> Table:
    """Put marks into Grade, and how they come about into Feedback comments that are empty.

    values, notes: see `fill_canvas`
    """
    grade = table.column("Grade")
    if grade is None:
        raise UserError("Moodle's worksheet has no column Grade; download it anew.")
    for row in list(values):
        if cell(table, row, "Grade can be changed").casefold() == "no":
            notes.append(f"{_name(table, row)}: Moodle lets nobody change this grade; it is kept")
            del values[row]
            continue
        top = _number(cell(table, row, "Maximum Grade"))
        if top is not None and (_number(values[row]) or 0) > top:
            notes.append(
                f"{_name(table, row)}: {values[row]} is more than Moodle's maximum of {top:g}; "
                "Moodle will leave it out"
            )
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
    table: Table, one: ClassMarks, values: dict[int, str], marks: Mapping[int, ClassMark]
) -> Table:
    """Put marks into the columns of Gradescope's own export; those that are missing are added."""
    columns: dict[str, dict[int, str]] = {
        "Total Score": values,
        "Max Points": {row: points(one.max_score) for row in range(len(table.rows))},
        "Status": {
            row: "Missing" if mark is None else "Graded" if mark.final else "Ungraded"
            for row in range(len(table.rows))
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
    for name in ("Student", "Full name", "Name", "First Name", "Last Name"):
        place = table.column(name)
        if place is not None:
            safe = {row: plain_text(cells[place]) for row, cells in enumerate(table.rows)}
            table = _put(table, place, safe)
    return table


def _name(table: Table, row: int) -> str:
    return cell(table, row, "Full name") or cell(table, row, "Identifier")


def points(value: float) -> str:
    """Up to five decimals, as Moodle keeps them; whole numbers without a point."""
    return f"{round(value, 5):.5f}".rstrip("0").rstrip(".") or "0"


def _number(text: str) -> float | None:
    try:
        return float(text.replace(",", "."))
    except ValueError:
        return None


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
