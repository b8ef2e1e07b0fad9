"""The reference of all commands, of `--json` and of `class.toml`, made from the code.

python -m autograder.cli.reference      # writes docs/reference.md
"""

import inspect
import re
from collections.abc import Iterator
from typing import Any

from typer.core import TyperArgument
from typer.main import get_command

from autograder.assignment.class_keys import KEYS
from autograder.assignment.course import find_course
from autograder.assignment.whole_file import write_whole
from autograder.cli import app
from autograder.cli.command_help import HELP_NAMES
from autograder.cli.json_shapes import SHAPES

__all__ = ["reference"]

_HEAD = """\
# Reference

Made from the code by `python -m autograder.cli.reference`; do not edit it.

## Exit codes

| code | meaning |
| --- | --- |
| 0 | all is well |
| 1 | the command did its work and found fault, or could not finish it: see each command |
| 2 | wrong use: an unknown option, a missing file, an assignment or a student that does not exist |
| 130 | stopped with Ctrl-C; what was finished is kept |

An error is one sentence on stderr; the option `--debug`, before the command, shows where it came
from. An unknown assignment or student is answered by the names that come nearest. `--version` says
which version this is.

## Completion

Run once with `--install-completion`, and your shell completes commands, options, the names of
assignments, the ids of students and the paths of notebooks. `--show-completion` prints the script
instead.
"""
_JSON_HEAD = """\
## What `--json` writes

One object. Its `assignments` is a list with one object for each assignment, also if there is only
one. `[]` stands for the elements of a list, `{}` for the values of an object whose keys are ids.
Everything is UTF-8, numbers are points unless said otherwise.
"""
_CLASS_HEAD = """\
## class.toml

A file in the class directory, beside `submitted/`. Everything in it may be left out, and so may
the file. A key that is not in this table is an error.
"""

FAULTS = {
    "doctor": "something that the course needs is missing or broken",
    "release": "with `--check`: course/ is stale; otherwise: a chapter does not pass, or an edited "
    "file is in the way",
    "new chapter": "a file cannot be written",
    "new exercise": "a file cannot be written",
    "new course": "a file cannot be written",
    "book": "the book was written, with warnings",
    "check": "a visible check did not pass",
    "submit": "the exchange refused the file",
    "lab": "JupyterLab ended with an error",
    "demo": "a chapter or one of its known answers is at fault",
    "collect": "something was left out or waits for a decision",
    "late": "the class cannot be written",
    "attempts": "the class cannot be written",
    "students": "a row of the roster is held, or names could not be entered in the gradebook",
    "grade": "a check is disputed and needs a decision, a cell of the course's own fails, its "
    "solution does not pass or there is no sandbox (nobody is graded), or grading could not be "
    "finished",
    "prove": "a check is broken or gives the stub points, a cell of the course's own fails, or "
    "something is to be mended before a release",
    "audit": "a mutant or an answer wrong for any exercise survives, or a solution fails",
    "merge": "a result is still missing, a check is disputed, or a cell of the course's own fails",
    "history": "the gradebook cannot be read",
    "export": "a score was left empty, or a student is not on the roster",
    "feedback": "a student is not graded, so has no page",
    "report": "the gradebook cannot be read",
    "similar": "never for what it finds: pairs are places to look, not faults",
    "gradescope-zip": "the assignment cannot be read",
}
"""When a command ends with exit code 1."""


def commands_of(group: Any, prefix: str = "") -> Iterator[tuple[str, Any]]:
    """The commands of a group and of the groups in it, `new chapter`, each with its full name."""
    for name, command in group.commands.items():
        if hasattr(command, "commands"):
            yield from commands_of(command, f"{prefix}{name} ")
        else:
            yield f"{prefix}{name}", command


def reference() -> str:
    """The whole page, as Markdown."""
    root: Any = get_command(app.app)
    commands = sorted(commands_of(root), key=lambda item: bool(item[1].rich_help_panel))
    parts = [_HEAD, "## Commands\n", *(_command(name, one) for name, one in commands)]
    parts += [_JSON_HEAD, *map(_shape, SHAPES), _CLASS_HEAD, _keys(), _example()]
    return "\n".join(parts)


def _command(name: str, command: Any) -> str:
    parameters: list[Any] = command.params
    arguments = [one for one in parameters if isinstance(one, TyperArgument)]
    options = [one for one in parameters if not isinstance(one, TyperArgument)]
    usage = " ".join(
        (
            f"autograder {name}",
            *(["[OPTIONS]"] if options else []),
            *(
                (str(one.metavar) if one.required else f"[{one.metavar}]")
                + ("..." if one.nargs != 1 else "")
                for one in arguments
            ),
        )
    )
    lines = [f"### {name}", "", _prose(command.help), "", "```", usage, "```", ""]
    lines += ["| argument or option | meaning |", "| --- | --- |"]
    lines += [f"| `{one.metavar}` | {_cell(one.help or '')} |" for one in arguments]
    lines += [f"| {_names(one)} | {_cell(one.help + _range(one))} |" for one in options]
    lines += [f"| {', '.join(f'`{one}`' for one in HELP_NAMES)} | Show this message and exit. |"]
    example = command.epilog.removeprefix("Example: ")
    lines += ["", f"Example: `{example}`", "", f"Exit code 1: {FAULTS[name]}.", ""]
    if name in SHAPES:
        lines += [f"What it writes with `--json`: [{name}](#json-of-{name}).", ""]
    return "\n".join(lines)


def _names(option: Any) -> str:
    value = "" if option.is_flag else f" {option.metavar}"
    return ", ".join(f"`{name}{value}`" for name in (*option.opts, *option.secondary_opts))


def _range(option: Any) -> str:
    if option.min is not None and option.max is not None:
        return f" From {option.min:g} to {option.max:g}."
    return "" if option.min is None else f" At least {option.min:g}."


def _shape(command: str) -> str:
    lines = [f"### JSON of {command}", ""]
    lines += ["| key | type | meaning |", "| --- | --- | --- |"]
    lines += [f"| `{one.path}` | {one.type} | {_cell(one.meaning)} |" for one in SHAPES[command]]
    return "\n".join((*lines, ""))


def _keys() -> str:
    lines = ["| table | key | type | default | meaning |", "| --- | --- | --- | --- | --- |"]
    for key in KEYS:
        table = f"`[{key.table}]`" if key.table else ""
        lines.append(
            f"| {table} | `{key.name}` | {_cell(key.type)} | {_cell(key.default)} | "
            f"{_cell(key.meaning)} |"
        )
    return "\n".join((*lines, ""))


def _example() -> str:
    return "\n".join(("An example with all of them:", "", "```toml", *_toml(), "```", ""))


def _toml() -> Iterator[str]:
    table = ""
    for key in KEYS:
        if key.table != table:
            table = key.table
            yield ""
            yield f"[{table.replace('ASSIGNMENT', chr(34) + '02_cnn' + chr(34))}]"
        yield key.example


def _prose(text: str) -> str:
    return _plain_dollars(inspect.cleandoc(text))


def _cell(text: str) -> str:
    return _plain_dollars(" ".join(text.split())).replace("|", "\\|")


def _plain_dollars(text: str) -> str:
    """Dollars outside of code are no formula."""
    pieces = re.split(r"(`[^`]*`)", text)
    return "".join(one if one.startswith("`") else one.replace("$", "\\$") for one in pieces)


if __name__ == "__main__":
    write_whole(find_course().root / "docs" / "reference.md", reference().encode())
