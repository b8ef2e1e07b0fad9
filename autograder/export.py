"""Marks out: as a plain CSV, or in the file that an LMS takes in again."""

import os
import re
import tempfile
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from enum import Enum
from pathlib import Path

from autograder.class_marks import ClassMark, ClassMarks
from autograder.errors import UserError
from autograder.lms import Roster, Table, cell

_CSV = (
    "student", "first_name", "last_name", "email", "assignment", "timestamp", "late_seconds",
    "automatic", "manual", "extra_credit", "late_penalty", "score", "max_score", "waiting",
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
_POSSIBLE = "Points Possible"
_FORMULA = ("=", "+", "-", "@", "\t", "\r")


class Target(Enum):
    """Whose file is written."""

    CSV = "csv"
    CANVAS = "canvas"
    MOODLE = "moodle"
    GRADESCOPE = "gradescope"


@dataclass(frozen=True)
class Options:
    """What is written where there is no final mark.

    with_waiting:    the points so far of what waits for a person
    missing_as_zero: 0 for students without a submission
    column:          the LMS's name of the assignment, if it is another
    """

    with_waiting: bool = False
    missing_as_zero: bool = False
    column: str | None = None


@dataclass(frozen=True)
class Exported:
    """A file's text, and what a person has to know about it.

    waiting: marks that were left empty because a person has to look, "STUDENT: ASSIGNMENT: why"
    missing: marks of students whom the roster does not have, so that they are in no file
    notes:   what else is to be seen to
    """

    text: str
    waiting: tuple[str, ...] = ()
    missing: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()

    @property
    def complete(self) -> bool:
        """Whether every mark is in the file."""
        return not self.waiting and not self.missing


def export(
    classes: Iterable[ClassMarks],
    target: Target,
    roster: Roster | None = None,
    options: Options | None = None,
) -> Exported:
    """Write marks as a file's text.

    roster: the LMS's own file; it is filled in and otherwise kept as it is. Without it a new one
            is made of those whom the gradebook knows.
    raises: UserError if the roster is another system's, or the assignment is not in it
    """
    options = options or Options()
    classes = tuple(classes)
    waiting = tuple(
        f"{mark.student}: {mark.assignment}: {_why(mark)}"
        for one in classes
        for mark in one.marks
        if not mark.final
    )
    if options.with_waiting:
        waiting = ()
    if target is Target.CSV:
        if roster is not None:
            raise UserError("--to csv takes no roster; it writes everybody whom the gradebook has.")
        return Exported(_as_csv(classes, options).text(), waiting)
    if roster is not None and roster.system != target.value:
        raise UserError(f"The roster is {roster.system.capitalize()}'s, not {target.value}'s.")
    if target is not Target.CANVAS and len(classes) != 1:
        raise UserError(f"--to {target.value} takes one assignment: its file is of one.")
    if options.column and len(classes) != 1:
        raise UserError("--column names one assignment's column: export one assignment.")
    table = roster.table if roster else _new(target, classes)
    people = _rows_of(roster, classes, table)
    missing = tuple(
        f"{mark.student}: {mark.assignment}: {_points(mark.score)}"
        for one in classes
        for mark in one.marks
        if mark.student not in people
    )
    without = {mark.student for one in classes for mark in one.marks} | people.keys()
    notes = [
        f"{student}: is in the gradebook, without a mark here, and not on the roster"
        for student in sorted({student for one in classes for student in one.students} - without)
    ]
    if roster is not None:
        table = _with_safe_names(table, target)
    for one in classes:
        table = _filled(table, target, one, people, roster, options, notes)
    return Exported(table.text(), waiting, missing, tuple(notes))


def write_text(path: Path, text: str) -> None:
    """Write a file whole or not at all.

    raises: UserError if it cannot be written
    """
    try:
        with tempfile.NamedTemporaryFile(
            dir=path.parent, prefix=f".{path.name}.", delete=False
        ) as new:
            new.write(text.encode())
            new.flush()
            os.fsync(new.fileno())
        os.chmod(new.name, 0o644)
        os.replace(new.name, path)
    except OSError as error:
        raise UserError(f"{path}: cannot be written ({error.strerror}).") from error


def _as_csv(classes: tuple[ClassMarks, ...], options: Options) -> Table:
    rows = []
    for one in classes:
        marks = {mark.student: mark for mark in one.marks}
        for student in sorted(marks.keys() | (one.students if options.missing_as_zero else ())):
            mark = marks.get(student)
            if mark is None:
                rows.append(
                    (_text(student), "", "", "", _text(one.assignment), "", *["0"] * 6,
                     _points(one.max_score), "0")
                )  # fmt: skip
                continue
            counts = mark.final or options.with_waiting
            points = (mark.automatic, mark.manual, mark.extra_credit, mark.late_penalty)
            rows.append(
                (
                    *map(_text, (student, mark.first_name, mark.last_name, mark.email)),
                    _text(one.assignment),
                    mark.timestamp.isoformat() if mark.timestamp else "",
                    _points(mark.late),
                    *map(_points, points),
                    _points(mark.score) if counts else "",
                    _points(mark.max_score),
                    str(mark.waiting),
                )
            )
    return Table(_CSV, tuple(rows))


def _rows_of(
    roster: Roster | None, classes: tuple[ClassMarks, ...], table: Table
) -> Mapping[str, int]:
    """The row of each student of the gradebook who has one."""
    students = sorted({student for one in classes for student in _students(one)})
    if roster is None:
        first = len(table.rows) - len(students)  # those before it are Canvas's own
        return {student: first + place for place, student in enumerate(students)}
    known = roster.by_student()
    found: dict[str, int] = {}
    owner: dict[int, str] = {}
    for student in students:
        person = known.get(student) or known.get(student.casefold())
        if person is None:
            continue
        if person.row in owner:
            raise UserError(
                f"{student} and {owner[person.row]} are both {person.name} in the roster; choose "
                "the column of the gradebook's ids with --id-column."
            )
        found[student], owner[person.row] = person.row, student
    return found


def _students(one: ClassMarks) -> set[str]:
    return {*one.students, *(mark.student for mark in one.marks)}


def _new(target: Target, classes: tuple[ClassMarks, ...]) -> Table:
    """The smallest file that the system takes, without marks."""
    marks = {mark.student: mark for one in classes for mark in one.marks}
    rows: list[tuple[str, ...]] = []
    header: tuple[str, ...]
    if target is Target.CANVAS:
        header = _CANVAS
        rows.append((f"    {_POSSIBLE}", "", "", "", ""))
    else:
        header = _MOODLE if target is Target.MOODLE else _GRADESCOPE
    for student in sorted({student for one in classes for student in _students(one)}):
        mark = marks.get(student)
        first, last = (mark.first_name, mark.last_name) if mark else ("", "")
        email = (mark.email if mark else "") or (student if "@" in student else "")
        number = student if student.isdecimal() else ""
        if target is Target.CANVAS:
            name = ", ".join(filter(None, (last, first))) or student
            rows.append((_text(name), number, "", "" if number else student, ""))
        elif target is Target.MOODLE:
            name = " ".join(filter(None, (first, last))) or student
            identifier = f"Participant {number}" if number else ""
            rows.append((identifier, _text(name), email, *[""] * 7))
        else:
            sid = "" if student == email else student
            rows.append((_text(first), _text(last), sid, email, *[""] * 5))
    return Table(header, tuple(rows))


def _filled(
    table: Table,
    target: Target,
    one: ClassMarks,
    people: Mapping[str, int],
    roster: Roster | None,
    options: Options,
    notes: list[str],
) -> Table:
    """The table with the marks of one assignment."""
    marks = {people[mark.student]: mark for mark in one.marks if mark.student in people}
    rows = [person.row for person in roster.people] if roster else sorted(people.values())
    values: dict[int, str] = {}
    for row in rows:
        mark = marks.get(row)
        if mark is None:
            if options.missing_as_zero:
                values[row] = "0"
        elif mark.final or options.with_waiting:
            values[row] = _points(mark.score)
        else:
            values[row] = ""
    if target is Target.CANVAS:
        return _canvas(table, one, values, roster is None, options, notes)
    if target is Target.MOODLE:
        return _moodle(table, one, values, marks, notes)
    return _gradescope(table, one, values, marks)


def _canvas(
    table: Table,
    one: ClassMarks,
    values: dict[int, str],
    new: bool,
    options: Options,
    notes: list[str],
) -> Table:
    wanted = options.column or one.assignment
    if new:
        table, place = _with_column(table, wanted)
    else:
        place = _canvas_column(table, wanted)
    for row in range(len(table.rows)):
        if cell(table, row, "Student") == _POSSIBLE:
            if new:
                values[row] = _points(one.max_score)
            elif table.rows[row][place].strip() not in ("", _points(one.max_score)):
                possible = table.rows[row][place].strip()
                if _number(possible) != one.max_score:
                    notes.append(
                        f"{one.assignment}: Canvas has {possible} points possible, the gradebook "
                        f"{_points(one.max_score)}; the points are written as they are"
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


def _moodle(
    table: Table,
    one: ClassMarks,
    values: dict[int, str],
    marks: Mapping[int, ClassMark],
    notes: list[str],
) -> Table:
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
        empty = {row: _points(one.max_score) for row in values if not table.rows[row][maximum]}
        table = _put(table, maximum, empty)
    return table


def _gradescope(
    table: Table, one: ClassMarks, values: dict[int, str], marks: Mapping[int, ClassMark]
) -> Table:
    columns: dict[str, dict[int, str]] = {
        "Total Score": values,
        "Max Points": {row: _points(one.max_score) for row in range(len(table.rows))},
        "Status": {
            row: "Missing" if mark is None else "Graded" if mark.final else "Ungraded"
            for row in range(len(table.rows))
            for mark in [marks.get(row)]
        },
        "Submission Time": {
            row: mark.timestamp.strftime("%Y-%m-%d %H:%M:%S +0000") if mark.timestamp else ""
            for row, mark in marks.items()
        },
        "Lateness (H:M:S)": {row: _hours(mark.late) for row, mark in marks.items()},
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


def _with_safe_names(table: Table, target: Target) -> Table:
    """Names are not read back by the systems, so they may be changed; ids and columns may not."""
    for name in ("Student", "Full name", "Name", "First Name", "Last Name"):
        place = table.column(name)
        if place is not None:
            safe = {row: _text(cells[place]) for row, cells in enumerate(table.rows)}
            table = _put(table, place, safe)
    return table


def _name(table: Table, row: int) -> str:
    return cell(table, row, "Full name") or cell(table, row, "Identifier")


def _text(text: str) -> str:
    """Text that no spreadsheet takes for a formula."""
    return f"'{text}" if text.startswith(_FORMULA) else text


def _points(value: float) -> str:
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
    parts = [f"checks {_points(mark.automatic)}"]
    if mark.manual:
        parts.append(f"by hand {_points(mark.manual)}")
    if mark.extra_credit:
        parts.append(f"extra credit {_points(mark.extra_credit)}")
    if mark.late_penalty:
        parts.append(f"late penalty {_points(-mark.late_penalty)}")
    return f"{_points(mark.score)} of {_points(mark.max_score)} points ({', '.join(parts)})"


def _why(mark: ClassMark) -> str:
    if not mark.graded:
        return "not graded yet"
    return f"{mark.waiting} cell{'s' * (mark.waiting != 1)} to be looked at by a person"
