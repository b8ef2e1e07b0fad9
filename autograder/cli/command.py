"""What the commands share: the application, its consoles, options, and how errors are told."""

import json
import os
import sys
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, NoReturn

import typer
from rich.console import Console

from autograder import __version__
from autograder.assignment.course import find_course
from autograder.assignment.errors import UserError
from autograder.assignment.notes import printable
from autograder.assignment.whole_file import write_whole
from autograder.cli import completion, readable
from autograder.cli.command_help import HELP_NAMES, Group

if TYPE_CHECKING:
    from autograder.assignment.nbgrader_course import NbgraderCourse

app = typer.Typer(
    cls=Group,
    context_settings={"help_option_names": list(HELP_NAMES)},
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    rich_markup_mode="rich",
    help="Release, check and grade the notebooks of a course.",
)
out = Console(highlight=False, emoji=False)
err = Console(stderr=True, highlight=False, emoji=False)


def writable(path: Path | None) -> Path | None:
    """Refuse a file that cannot be written before the work begins, not after it."""
    if path is not None:
        reason = ""
        if path.is_dir():
            reason = "it is a folder"
        elif not path.parent.is_dir():
            reason = "its folder does not exist"
        elif not os.access(path if path.exists() else path.parent, os.W_OK):
            reason = "you may not write there"
        if reason:
            raise UserError(f"cannot write {path} ({reason}).")
    return path


Json = Annotated[
    Path | None,
    typer.Option("--json", metavar="FILE", help="File for the result, as JSON.", callback=writable),
]
ClassroomOption = Annotated[
    Path | None,
    typer.Option(
        "--classroom",
        metavar="DIR",
        help="Class directory (default: what the course's configuration says; here "
        "$AUTOGRADER_CLASSROOM or classroom/).",
    ),
]
CourseOption = Annotated[
    Path | None,
    typer.Option(
        "--course", metavar="DIR", help="Folder of any nbgrader course (default: this course)."
    ),
]
RosterOption = Annotated[
    Path | None,
    typer.Option("--roster", metavar="FILE", help="List of the class, as exported by the LMS."),
]
IdColumnOption = Annotated[
    str | None,
    typer.Option(
        "--id-column",
        metavar="NAME",
        help="Column of the roster with the ids of students whom the class does not have yet "
        "(default: the column of its other ids; at first SIS Login ID in Canvas, Email address in "
        "Moodle, SID in Gradescope, or the one that most students have).",
    ),
]
TimeoutOption = Annotated[
    float | None,
    typer.Option(
        "--timeout",
        metavar="SECONDS",
        help="Time limit per cell, in seconds (default: the course's own, nbgrader's is 30).",
        min=0.1,
    ),
]


def assignments_argument(default: str) -> Any:
    """The argument of a command that takes several assignments. default: which, if none is named"""
    return typer.Argument(
        metavar="ASSIGNMENT",
        help=f"Names of assignments (default: {default}).",
        autocompletion=completion.assignments,
    )


AssignmentArgument = Annotated[
    str,
    typer.Argument(
        metavar="ASSIGNMENT", help="Name of the assignment.", autocompletion=completion.assignments
    ),
]
StudentArgument = Annotated[
    str | None,
    typer.Argument(
        metavar="STUDENT",
        help="Id of the student (default: everybody).",
        autocompletion=completion.students,
    ),
]
UndoOption = Annotated[
    int | None,
    typer.Option(
        "--undo",
        metavar="LINE",
        help="Number of a line that this command shows, to take back (default: none).",
        min=1,
    ),
]
NotebookArgument = Annotated[
    Path,
    typer.Argument(
        metavar="NOTEBOOK",
        help="Your notebook, saved; the file is only read.",
        autocompletion=completion.notebooks,
    ),
]


def to_look_at(waiting: Mapping[str, str]) -> None:
    """Print whom a person has to look at, and why."""
    for who, why in sorted(waiting.items()):
        out.print(f"[yellow]for you to look at[/] {plain(f'{who}: {why}')}", soft_wrap=True)


def _version(ctx: typer.Context, wanted: bool) -> None:
    if wanted and not ctx.resilient_parsing:  # not while the shell completes
        typer.echo(f"autograder {__version__}")
        raise typer.Exit


@app.callback()
def _options(
    debug: Annotated[bool, typer.Option("--debug", help="Show the traceback of an error.")] = False,
    version: Annotated[
        bool,
        typer.Option(
            "--version", help="Show the version and exit.", callback=_version, is_eager=True
        ),
    ] = False,
) -> None:
    State.debug = debug
    if debug:
        os.environ["AUTOGRADER_DEBUG"] = "1"  # the warm process lets its errors be seen


class State:
    """What the options before the command say."""

    debug = False


PANEL = "For a class"
"""Heading of these commands in --help."""


def course_root(directory: Path | None) -> Path:
    """The course that --course names, or this one."""
    return directory.resolve() if directory else find_course().root


def opened(directory: Path | None, classroom: Path | None = None) -> "NbgraderCourse":
    """Open the course and the class that --course and --classroom name. raises: UserError"""
    from autograder.assignment.nbgrader_course import open_course

    return open_course(course_root(directory), classroom.resolve() if classroom else None)


def opened_to_show(directory: Path | None, classroom: Path | None = None) -> "NbgraderCourse":
    """The same; what a command that was killed has not placed, is placed first."""
    from autograder.intake.collect import place_what_is_left

    course = opened(directory, classroom)
    place_what_is_left(course)
    return course


def selected(course: "NbgraderCourse", names: Iterable[str] | None) -> tuple[str, ...]:
    """The assignments that were named. raises: UserError that gives the nearest to an unknown one"""
    from autograder.assignment.did_you_mean import known_assignments

    return known_assignments(names or (), course.assignments(), course.root)


def plain(text: str) -> str:
    """Text for Rich to print as it is, brackets and all."""
    from rich.markup import escape

    return escape(text)


def write_json(path: Path | None, data: Any) -> None:
    """Write plain data to a file, if there is to be one. raises: UserError"""
    if path is not None:
        write_text(path, json.dumps(data, indent=1, ensure_ascii=False) + "\n")


def write_assignments(path: Path | None, found: Iterable[Mapping[str, Any]], **more: Any) -> None:
    """Write what a command found, in the one shape for one and for many (see `json_shapes`).

    more: what is of no single assignment
    """
    write_json(path, {"assignments": [dict(one) for one in found], **more})


def write_text(path: Path, text: str) -> None:
    """Write text as UTF-8; half surrogate pairs are written out. raises: UserError"""
    write_whole(path, printable(text).encode())


def main() -> NoReturn:
    """Run the command; every error a user can meet is one sentence on stderr."""
    readable.on_any_terminal()
    try:
        app(prog_name="autograder")
    except UserError as error:
        if State.debug:
            raise
        err.print(plain(f"autograder: {error}"), soft_wrap=True)
        sys.exit(error.exit_code)
    except SystemExit as end:
        if end.code == 130:  # typer's for Ctrl-C
            err.print("autograder: stopped.")
        raise
    except Exception as error:
        if State.debug:
            raise
        what = f"{type(error).__name__}: {' '.join(str(error).split())}"
        err.print(
            plain(f"autograder: {what} (unexpected; `autograder --debug …` shows where)"),
            soft_wrap=True,
        )
        sys.exit(1)
    sys.exit(0)
