"""Marks out: as a plain CSV, or in the file that an LMS takes in again."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from autograder.assignment.errors import UserError
from autograder.assignment.notes import named
from autograder.assignment.plurals import counted
from autograder.export.lms import (
    Target,
    fill_canvas,
    fill_gradescope,
    fill_moodle,
    formulas,
    new_table,
    points,
    students_of,
    with_safe_names,
    without_id,
)
from autograder.intake.roster import Seated, Table, plain_text
from autograder.records.class_marks import ClassMark, ClassMarks

_CSV = (
    "student", "first_name", "last_name", "email", "assignment", "timestamp", "late_seconds",
    "automatic", "manual", "extra_credit", "late_penalty", "score", "max_score", "waiting",
)  # fmt: skip


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
    differs: those of the notes on marks that the LMS will not have as they are in the gradebook
    """

    text: str
    waiting: tuple[str, ...] = ()
    missing: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    differs: tuple[str, ...] = ()

    @property
    def complete(self) -> bool:
        """Whether every mark is in the file, and will be the LMS's."""
        return not self.waiting and not self.missing and not self.differs

    def as_json(self) -> dict[str, list[str]]:
        """What a person has to know, as plain data, for `--json`."""
        return {
            "left_empty": list(self.waiting),
            "not_on_roster": list(self.missing),
            "notes": list(self.notes),
        }


def export(
    classes: Iterable[ClassMarks],
    target: Target,
    seated: Seated | None = None,
    options: Options | None = None,
) -> Exported:
    """Write marks as a file's text.

    seated: the LMS's own file, of which is known whose its rows are; it is filled in and otherwise
            kept as it is. Without it a new one is made of those whom the gradebook knows.
    raises: UserError if the roster is another system's, or the assignment is not in it
    """
    options = options or Options()
    classes = tuple(classes)
    roster = seated.roster if seated else None
    waiting = tuple(
        f"{mark.student}: {mark.assignment}: {_why(mark)}"
        for one in classes
        for mark in one.marks
        if not mark.final and not _may_leave(mark, options)
    )
    if target is Target.CSV:
        if roster is not None:
            raise UserError("--to csv takes no roster; it writes everybody whom the gradebook has.")
        students = {student for one in classes for student in students_of(one)}
        told = formulas(students, changed=True)
        told += [note for one in classes for note in _notes(one)]
        return Exported(_as_csv(classes, options).text(), waiting, notes=tuple(told))
    if roster is not None and roster.system != target.value:
        raise UserError(f"The roster is {roster.system.capitalize()}'s, not {target.value}'s.")
    if roster is not None and not roster.whole:
        raise UserError(
            "The roster is the list of a group set, which has no scores; give the exported gradebook."
        )
    if target is not Target.CANVAS and len(classes) != 1:
        raise UserError(f"--to {target.value} takes one assignment: its file is of one.")
    if options.column and len(classes) != 1:
        raise UserError("--column names one assignment's column: export one assignment.")
    table = roster.table if roster else new_table(target, classes)
    people = _rows_of(seated, classes, table)
    missing = tuple(
        f"{mark.student}: {mark.assignment}: {points(mark.score)}"
        for one in classes
        for mark in one.marks
        if mark.student not in people
    )
    differs: list[str] = []
    without = {mark.student for one in classes for mark in one.marks} | people.keys()
    notes = [
        f"{student}: is in the gradebook, without a mark here, and not on the roster"
        for student in sorted({student for one in classes for student in one.students} - without)
    ]
    notes += formulas(people, changed=False)
    if seated is not None:
        waiting += tuple(seated.seating.held.values())
    if seated is not None:
        table = with_safe_names(table)
        hints = (
            seated.hint(mark.student)
            for one in classes
            for mark in one.marks
            if mark.student not in people
        )
        notes += filter(None, dict.fromkeys(hints))
    elif unnamed := without_id(table, target):
        system = target.value.capitalize()
        notes.append(
            f"{counted(unnamed, 'student')} without {system}'s own id, which the gradebook does not "
            f"know: {system}'s export, given with --roster, has the ids"
        )
    notes += [note for one in classes for note in _notes(one)]
    for one in classes:
        table = _filled(table, target, one, people, seated, options, notes, differs)
    return Exported(table.text(), waiting, missing, (*notes, *differs), tuple(differs))


def _as_csv(classes: tuple[ClassMarks, ...], options: Options) -> Table:
    rows = []
    for one in classes:
        marks = {mark.student: mark for mark in one.marks}
        for student in sorted(marks.keys() | (one.students if options.missing_as_zero else ())):
            mark = marks.get(student)
            if mark is None:
                rows.append(
                    (plain_text(student), "", "", "", plain_text(one.assignment), "", *["0"] * 6,
                     points(one.max_score), "0")
                )  # fmt: skip
                continue
            counts = _may_leave(mark, options)
            parts = (mark.automatic, mark.manual, mark.extra_credit, mark.late_penalty)
            rows.append(
                (
                    *map(plain_text, (student, mark.first_name, mark.last_name, mark.email)),
                    plain_text(one.assignment),
                    mark.timestamp.isoformat() if mark.timestamp else "",
                    "" if mark.late is None else points(mark.late),
                    *map(points, parts),
                    points(mark.score) if counts else "",
                    points(mark.max_score),
                    str(mark.waiting),
                )
            )
    return Table(_CSV, tuple(rows))


def _rows_of(
    seated: Seated | None, classes: tuple[ClassMarks, ...], table: Table
) -> Mapping[str, int]:
    """The row of each student of the gradebook who has one."""
    students = sorted({student for one in classes for student in students_of(one)})
    if seated is None:
        first = len(table.rows) - len(students)  # those before it are Canvas's own
        return {student: first + place for place, student in enumerate(students)}
    known = seated.by_student
    return {student: known[student] for student in students if student in known}


def _filled(
    table: Table,
    target: Target,
    one: ClassMarks,
    people: Mapping[str, int],
    seated: Seated | None,
    options: Options,
    notes: list[str],
    differs: list[str],
) -> Table:
    """The table with the marks of one assignment."""
    marks = {people[mark.student]: mark for mark in one.marks if mark.student in people}
    # Nothing is written for who has left, nor where it is not known who it is.
    rows = (
        sorted(seated.seating.ids.keys() - seated.withdrawn) if seated else sorted(people.values())
    )
    values: dict[int, str] = {}
    for row in rows:
        mark = marks.get(row)
        if mark is None:
            if options.missing_as_zero:
                values[row] = "0"
        elif _may_leave(mark, options):
            values[row] = points(mark.score)
        else:
            values[row] = ""
    if target is Target.CANVAS:
        return fill_canvas(
            table, one, values, seated is None, options.column or one.assignment, notes, differs
        )
    if target is Target.MOODLE:
        return fill_moodle(table, one, values, marks, notes, differs)
    return fill_gradescope(table, one, values, marks, rows)


def _may_leave(mark: ClassMark, options: Options) -> bool:
    """Whether a mark is written: points of other work than what counts never are."""
    return mark.final or (options.with_waiting and mark.graded and not mark.outdated)


def _notes(one: ClassMarks) -> list[str]:
    """What a person has to know about an assignment's marks: of whom no time is known."""
    unknown = [mark.student for mark in one.marks if mark.late is None and mark.graded]
    notes = list(one.notes)
    if unknown:
        notes.append(
            f"{one.assignment}: it is not known whether the work of {named(unknown)} was late; "
            f"nothing was taken off. `autograder late {one.assignment}` shows what is known, and "
            "takes the times"
        )
    return notes


def _why(mark: ClassMark) -> str:
    if mark.held:
        return mark.held
    if not mark.graded:
        return "not graded yet"
    return mark.outdated or f"{counted(mark.waiting, 'cell')} to be graded by hand"
