"""The command that shows who is in the class, and takes what a person says of them: students."""

from typing import Annotated

import typer

from autograder.cli import completion
from autograder.cli.command import (
    PANEL,
    ClassroomOption,
    CourseOption,
    IdColumnOption,
    Json,
    RosterOption,
    UndoOption,
    app,
    opened_to_show,
    out,
    plain,
    to_look_at,
    write_assignments,
)
from autograder.cli.command_help import command


@command(app, "students --roster gradebook.csv", PANEL)
def students(
    roster: RosterOption = None,
    id_column: IdColumnOption = None,
    join: Annotated[
        tuple[str, str] | None,
        typer.Option(
            metavar="OLD NEW",
            help="Two ids that are one person, who is called NEW from now on (default: none).",
        ),
    ] = None,
    rename: Annotated[
        tuple[str, str] | None,
        typer.Option(
            metavar="OLD NEW",
            help="Id of a student, and what the student is called from now on; nobody was called "
            "so before (default: none).",
        ),
    ] = None,
    withdraw: Annotated[
        str | None,
        typer.Option(
            metavar="STUDENT",
            help="Id of a student who has left the class (default: none).",
            autocompletion=completion.students,
        ),
    ] = None,
    undo: UndoOption = None,
    classroom: ClassroomOption = None,
    course_dir: CourseOption = None,
    json_file: Json = None,
) -> None:
    """Show who is in the class; add a roster, join two ids, rename, withdraw, take a word back."""
    from autograder.cli.show_students import show_students
    from autograder.intake.roster import read_roster
    from autograder.intake.students import changing_ids, read_roster_into
    from autograder.records import roll
    from autograder.records.class_list import read_class_list
    from autograder.records.receipts import now

    people = read_roster(roster, id_column) if roster else None
    course = opened_to_show(course_dir, classroom)
    held: tuple[str, ...] = ()
    if people is not None:
        held = read_roster_into(course, people, now())
    waiting: dict[str, str] = {}
    if withdraw is not None:
        roll.say_withdrawn(course, withdraw, now())
    if join or rename or undo:
        with changing_ids(course) as waiting:
            if join is not None:
                roll.say_joined(course, *join, now())
            if rename is not None:
                roll.say_renamed(course, *rename, now())
            if undo is not None:
                roll.take_back(course, undo, now())
    found = read_class_list(course)
    show_students(found, out)
    for why in held:
        out.print(f"[yellow]for you to look at[/] {plain(why)}", soft_wrap=True)
    to_look_at(waiting)
    write_assignments(
        json_file, found.by_assignment(), **found.as_json(), held=list(held), waiting=waiting
    )
    raise typer.Exit(1 if held else 0)
