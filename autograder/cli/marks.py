"""The commands that read the gradebook: its history, and scores for an LMS."""

import sys
from pathlib import Path
from typing import Annotated

import typer

from autograder.assignment.errors import UserError
from autograder.cli import completion
from autograder.cli.command import (
    PANEL,
    ClassroomOption,
    CourseOption,
    IdColumnOption,
    Json,
    RosterOption,
    StudentArgument,
    app,
    assignments_argument,
    err,
    opened_to_show,
    out,
    plain,
    writable,
    write_assignments,
    write_text,
)
from autograder.cli.command_help import command

_TARGETS = ("csv", "canvas", "moodle", "gradescope")


@command(app, "history 02_cnn ada --csv ada.csv", PANEL)
def history(
    assignment: Annotated[
        str | None,
        typer.Argument(
            metavar="ASSIGNMENT",
            help="Name of the assignment (default: all).",
            autocompletion=completion.assignments,
        ),
    ] = None,
    student: StudentArgument = None,
    course_dir: CourseOption = None,
    classroom: ClassroomOption = None,
    csv_file: Annotated[
        Path | None,
        typer.Option(
            "--csv",
            metavar="FILE",
            help="File for a table with a row per check.",
            callback=writable,
        ),
    ] = None,
    json_file: Json = None,
) -> None:
    """Show when each submission was graded, by whom, and with what result; the newest last."""
    from autograder.cli.show_history import show_history, write_history
    from autograder.gradebook.history import by_assignment
    from autograder.records.class_history import class_history

    entries = class_history(opened_to_show(course_dir, classroom), assignment, student)
    if entries:
        show_history(entries, out)
    else:
        of = " ".join(filter(None, (assignment, student))) or "this class"
        out.print(f"There is no history of {plain(of)}.")
    if csv_file is not None:
        write_history(entries, csv_file)
    write_assignments(json_file, by_assignment(entries))


@command(app, "export 02_cnn --to canvas --roster gradebook.csv", PANEL)
def export(
    to: Annotated[
        str,
        typer.Option(
            "--to",
            metavar="SYSTEM",
            help=f"System that will read the file: {', '.join(_TARGETS)}.",
            autocompletion=completion.choices(_TARGETS),
        ),
    ],
    assignments: Annotated[list[str] | None, assignments_argument("all in the gradebook")] = None,
    roster: RosterOption = None,
    id_column: IdColumnOption = None,
    column: Annotated[
        str | None,
        typer.Option(
            metavar="NAME", help="Canvas's name of the assignment (default: the assignment's own)."
        ),
    ] = None,
    output: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE", help="File for the scores (default: printed).", callback=writable
        ),
    ] = None,
    with_waiting: Annotated[
        bool,
        typer.Option("--with-waiting", help="Also write scores that still need manual grading."),
    ] = False,
    missing_as_zero: Annotated[
        bool, typer.Option("--missing-as-zero", help="Write 0 where nothing was submitted.")
    ] = False,
    classroom: ClassroomOption = None,
    course_dir: CourseOption = None,
    json_file: Json = None,
) -> None:
    """Write the gradebook's scores as CSV, or in the format an LMS imports."""
    from autograder.assignment.did_you_mean import unknown
    from autograder.export.lms import Target
    from autograder.export.marks import Options
    from autograder.export.marks import export as write_marks
    from autograder.intake.roster import read_roster
    from autograder.records.class_marks import read_marks
    from autograder.records.roll import class_ids, read_people

    if to not in _TARGETS:
        raise unknown("system for --to", to, _TARGETS)
    if output and roster and output.resolve() == roster.resolve():
        raise UserError(f"{output}: is the roster; write to another file.")
    people = read_roster(roster, id_column) if roster else None
    course = opened_to_show(course_dir, classroom)
    marks = read_marks(course, tuple(assignments or ()))
    seated = people.seat(read_people(course), class_ids(course)) if people else None
    exported = write_marks(
        marks, Target(to), seated, Options(with_waiting, missing_as_zero, column)
    )
    if output:
        write_text(output, exported.text)
    else:
        sys.stdout.buffer.write(exported.text.encode())
        sys.stdout.flush()
    for what, names in (
        ("left empty", exported.waiting),
        ("not on the roster, so in no file", exported.missing),
        ("note", exported.notes),
    ):
        for name in names:
            err.print(f"[yellow]{what}[/]: {plain(name)}", soft_wrap=True)
    write_assignments(json_file, [one.as_json() for one in marks], **exported.as_json())
    raise typer.Exit(0 if exported.complete else 1)
