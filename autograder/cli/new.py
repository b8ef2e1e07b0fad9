"""The commands of authors who begin: a new chapter, exercise or course."""

from collections.abc import Callable
from pathlib import Path
from shlex import quote
from typing import TYPE_CHECKING, Annotated

import typer

from autograder.assignment.course import find_course
from autograder.assignment.plurals import counted
from autograder.cli import completion
from autograder.cli.command import app, out, plain
from autograder.cli.command_help import Command, Function, Group

if TYPE_CHECKING:
    from autograder.authoring.scaffold import Scaffold

new = typer.Typer(
    cls=Group,
    no_args_is_help=True,
    help="Write a new chapter, exercise or course that passes its own checks, for you to fill in.",
)
app.add_typer(new, name="new")


def _command(example: str) -> Callable[[Function], Function]:
    """Make a function a command of `autograder new`; as `command_help.command`."""
    return new.command(example.split()[0], cls=Command, epilog=f"Example: autograder new {example}")


AnswerOption = Annotated[
    str,
    typer.Option(
        "--answer",
        metavar="NAME",
        help="Name of the exercise's function (default: weighted_mean, which is what it computes).",
        show_default=False,
    ),
]


@_command("chapter 09_graphs --title 'Graph networks'")
def chapter(
    name: Annotated[
        str, typer.Argument(metavar="NAME", help="Name of the new folder in solutions/.")
    ],
    title: Annotated[
        str | None,
        typer.Option(metavar="TEXT", help="Title in the first cell (default: made of NAME)."),
    ] = None,
    answer: AnswerOption = "weighted_mean",
) -> None:
    """Write a chapter with one exercise, a written answer and known answers."""
    from autograder.authoring.scaffold import new_chapter

    made = new_chapter(find_course(), name, title=title or "", answer=answer)
    _show(made, f"autograder release {name} && autograder prove {name}")


@_command("exercise 02_cnn max_pool --after conv2d")
def exercise(
    chapter: Annotated[
        str,
        typer.Argument(
            metavar="CHAPTER",
            help="Name of the chapter, in solutions/.",
            autocompletion=completion.assignments,
        ),
    ],
    answer: Annotated[
        str,
        typer.Argument(metavar="ANSWER", help="Name of the function or class that students write."),
    ],
    title: Annotated[
        str | None,
        typer.Option(metavar="TEXT", help="Title in the heading (default: made of ANSWER)."),
    ] = None,
    minutes: Annotated[
        int,
        typer.Option(
            metavar="N", help="Minutes that it takes (default: 10).", min=2, show_default=False
        ),
    ] = 10,
    as_class: Annotated[
        bool, typer.Option("--class", help="Let students write a class, not a function.")
    ] = False,
    before: Annotated[
        str | None,
        typer.Option(
            metavar="ANSWER", help="Exercise that it goes before (default: behind the last one)."
        ),
    ] = None,
    after: Annotated[
        str | None,
        typer.Option(
            metavar="ANSWER", help="Exercise that it goes behind (default: the last one)."
        ),
    ] = None,
) -> None:
    """Write an exercise anywhere in a chapter, with checks and known answers."""
    from autograder.authoring.scaffold import new_exercise

    made = new_exercise(
        find_course(), chapter, answer, title=title or "", minutes=minutes, as_class=as_class,
        before=before or "", after=after or "",
    )  # fmt: skip
    _show(made, f"autograder release {made.chapter} && autograder prove {made.chapter}")


@_command("course ~/statistics --chapter 01_means")
def course(
    directory: Annotated[
        Path, typer.Argument(metavar="DIR", help="Folder of the course, new or empty.")
    ],
    chapter: Annotated[
        str,
        typer.Option(
            metavar="NAME",
            help="Name of the first chapter (default: 01_first).",
            show_default=False,
        ),
    ] = "01_first",
    answer: AnswerOption = "weighted_mean",
) -> None:
    """Write a course of your own: nbgrader's settings and a first chapter."""
    from autograder.authoring.new_course import new_course

    made = new_course(directory.expanduser(), chapter=chapter, answer=answer)
    _show(made, f"cd {quote(str(directory))} && autograder release && autograder prove")


def _show(made: "Scaffold", following: str) -> None:
    """Print what was written and what is to be done with it."""
    from autograder.authoring.scaffold import to_dos

    def say(text: str) -> None:
        out.print(plain(text), soft_wrap=True)

    for verb, paths in (("changed", made.changed), ("wrote", made.written)):
        for path in paths:
            say(f"{verb} {_shown(path)}")
    for note in made.notes:
        say(note)
    left = [
        one for path in (*made.changed, *made.written) if _has_to_dos(path) for one in to_dos(path)
    ]
    say(f"{counted(len(left), 'placeholder')} to fill in, marked TODO:")
    for sentence in left:
        say(f"  {sentence}")
    say(f"It works as it is: {following}")


def _has_to_dos(path: Path) -> bool:
    return path.suffix in (".ipynb", ".csv") or path.parent.parent.name == "misconceptions"


def _shown(path: Path) -> str:
    here = Path.cwd()
    return str(path.relative_to(here) if path.is_relative_to(here) else path)
