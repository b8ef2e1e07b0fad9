"""Help as people expect it: -h, a text for everything, defaults, the version; counted nouns."""

import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from throwaway_course import REPOSITORY, environment
from typer.main import get_command
from typer.testing import CliRunner

import autograder
from autograder.assignment.plurals import counted
from autograder.cli.app import app
from autograder.cli.reference import commands_of

ROOT: Any = get_command(app)
ALL: dict[str, Any] = dict(commands_of(ROOT))
COMMANDS = [*ALL, "new"]
VERBS = (
    *("Build", "Check", "Collect", "Enter", "Find", "Grade", "Open", "Run", "Show", "Submit"),
    "Write",
)


def help_of(*words: str) -> str:
    done = CliRunner().invoke(app, [*words, "--help"], env={"COLUMNS": "200"})
    assert done.exit_code == 0
    return done.output


def parameters() -> Iterator[tuple[str, Any]]:
    for name, command in {"": ROOT, **ALL}.items():
        for parameter in command.params:
            yield f"{name} {parameter.name}", parameter


@pytest.mark.parametrize("command", ["", *COMMANDS])
def test_h_is_help(command: str) -> None:
    words = command.split()
    short = CliRunner().invoke(app, [*words, "-h"], env={"COLUMNS": "200"})
    assert (short.exit_code, short.output) == (0, help_of(*words))
    assert re.search(r"--help +-h +Show this message and exit\.", short.output)


def test_version() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "autograder", "--version"], capture_output=True, text=True
    )
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout == f"autograder {autograder.__version__}\n"


@pytest.mark.parametrize(
    ("name", "parameter"), list(parameters()), ids=lambda value: str(value)[:40]
)
def test_every_argument_and_option_has_a_help_text(name: str, parameter: Any) -> None:
    text = parameter.help or ""
    assert text[:1].isupper(), f"{name} has no help text"
    assert text.endswith("."), name
    assert not parameter.show_default or parameter.default in (None, False, ()), name
    if parameter.default not in (None, False, ()) and not parameter.required:
        assert "(default: " in text, name
    if not parameter.required and not getattr(parameter, "is_flag", False):
        told = "(default: " in text or "LMS" in text or parameter.name in (
            "json_file", "csv_file", "shard",
        )  # fmt: skip
        assert told, f"{name}: what happens without it?"
    if not getattr(parameter, "is_flag", False):
        assert re.fullmatch(r"[A-Z]+([/ ][A-Z]+)?(\.html|\.zip)?", parameter.metavar or ""), name


@pytest.mark.parametrize("command", ["", *COMMANDS])
def test_no_python_types_and_no_other_defaults_are_shown(command: str) -> None:
    text = help_of(*command.split())
    assert not re.search(r"<[a-z]", text)
    assert "[default" not in text


@pytest.mark.parametrize("command", ALL)
def test_commands_begin_with_a_verb(command: str) -> None:
    assert ALL[command].help.split()[0] in VERBS


@pytest.mark.parametrize("command", ALL)
def test_examples_are_of_the_command(command: str) -> None:
    assert ALL[command].epilog.startswith(f"Example: autograder {command}")


def test_numbers_that_are_shown_are_the_defaults() -> None:
    for name, parameter in parameters():
        stated = re.search(r"\(default: ([\d.]+)\)", parameter.help or "")
        if stated and parameter.default is not None:
            assert float(stated[1]) == parameter.default, name
    from autograder.engine.limits import Limits

    assert f"(default: {Limits().memory_mb})" in help_of("grade")


@pytest.mark.parametrize(
    ("number", "words"), [(0, "0 pages"), (1, "1 page"), (2, "2 pages"), (0.5, "0.5 pages")]
)
def test_nouns_fit_their_number(number: float, words: str) -> None:
    assert counted(number, "page") == words


NOUNS = (
    "answer|attempt|cell|chapter|check|exercise|file|minute|note|notebook|page|point|row|student"
    "|submission"
)
ALWAYS_SEVERAL = {
    "holds more than {most} files",
    "holds more than {MAX_ENTRIES} files",
    "there are more than {MAX_FILES} files",
    "there are more than {_MAX_ENTRIES} files",
    "the notebook has {len(raw)} cells",
    "{len(found or names)} notebooks",
    "{len(names)} notebooks",
    "{minutes} minutes",  # of a scaffold: the contract reads this form
    "{points} points",
    "Canvas has {there} points",
    "{len(bare)} notebooks",
    "{len(written)} notebooks",
    "{len(students)} students",
    "{b.high:g} points",
}
"""Numbers that are never 1, or that are another system's own words."""


def test_no_message_says_1_pages() -> None:
    """A number in an f-string before a plural that does not come from `counted`."""
    found = []
    for path in sorted((REPOSITORY / "autograder").rglob("*.py")):
        if "engine" in path.parts:  # its messages are the checks', not the command's
            continue
        for line in path.read_text(encoding="utf-8").splitlines():
            for match in re.finditer(rf"[\w ]*\{{[^{{}}]+\}} (?:{NOUNS})s\b", line):
                if not any(one in match[0] for one in ALWAYS_SEVERAL):
                    found.append(f"{path.name}: {match[0].strip()}")
    assert found == []


def test_a_folder_is_not_a_notebook(tmp_path: Path) -> None:
    for name in ("01_a/a.ipynb", "02_b/b.ipynb", ".hidden/c.ipynb"):
        (tmp_path / "work" / name).parent.mkdir(parents=True)
        (tmp_path / "work" / name).write_text("{}")
    (tmp_path / "empty").mkdir()
    for folder, said in (
        ("work", "work is a folder; name one of its notebooks: work/01_a/a.ipynb, work/02_b/b.ipynb."),
        ("empty", "empty is a folder without a notebook; name a notebook."),
    ):  # fmt: skip
        for command in ("check", "submit"):
            done = subprocess.run(
                [sys.executable, "-m", "autograder", command, folder],
                cwd=tmp_path, env=environment(tmp_path / "home"), capture_output=True, text=True,
            )  # fmt: skip
            assert (done.returncode, done.stdout, done.stderr) == (2, "", f"autograder: {said}\n")
