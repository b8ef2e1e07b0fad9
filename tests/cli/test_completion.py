"""What the shell completes at a Tab: never an error, never a word on the terminal."""

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from throwaway_course import environment, make_full_course
from typer.main import get_command

from autograder.assignment.course import Course
from autograder.authoring.release import release
from autograder.cli.app import app
from autograder.cli.reference import commands_of

ROOT: Any = get_command(app)


@pytest.fixture(scope="module")
def course(tmp_path_factory: pytest.TempPathFactory) -> Course:
    course = make_full_course(tmp_path_factory.mktemp("course"))
    release(course)
    for student in ("ada", "adam", "bob"):
        (course.root / "classroom" / "submitted" / student / "01_sums").mkdir(parents=True)
    (course.root / "other" / "submitted" / "zoe").mkdir(parents=True)
    mine = course.root / "my-course" / "01_sums"
    (mine / ".ipynb_checkpoints").mkdir(parents=True)
    for path in (mine / "sums.ipynb", mine / ".ipynb_checkpoints" / "sums-checkpoint.ipynb"):
        shutil.copy(course.release / "01_sums" / "sums.ipynb", path)
    return course


def tab(folder: Path, home: Path, line: str) -> list[str]:
    """What bash is offered for the last word of a line."""
    words = ["autograder", *line.split(" ")]
    done = subprocess.run(
        [sys.executable, "-m", "autograder"],
        cwd=folder,
        env={
            **environment(home),
            "_AUTOGRADER_COMPLETE": "complete_bash",
            "COMP_WORDS": " ".join(words),
            "COMP_CWORD": str(len(words) - 1),
        },
        capture_output=True,
        text=True,
    )
    assert (done.returncode, done.stderr) == (0, "")
    return done.stdout.split()


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("gra", ["grade", "gradescope-zip"]),
        ("grade 0", ["01_sums", "02_squares"]),
        ("grade 01_sums 02", ["02_squares"]),
        ("grade 01_sums --student ad", ["ada", "adam"]),
        ("grade --classroom other --student ", ["zoe"]),
        ("history 01_sums b", ["bob"]),
        ("feedback ", ["01_sums", "02_squares", "ada", "adam", "bob"]),
        ("collect 02", ["02_squares"]),
        ("release 01", ["01_sums"]),
        ("similar 01", ["01_sums"]),
        ("export --to m", ["moodle"]),
        ("check my", ["my-course/01_sums/sums.ipynb"]),
        ("submit my-course/01_sums/", ["my-course/01_sums/sums.ipynb"]),
        ("check course/02", ["course/02_squares/squares.ipynb"]),
        ("check gone/", []),
        ("grade --course /nowhere 0", []),
        ("--version gra", ["grade", "gradescope-zip"]),
    ],
    ids=lambda value: str(value) or "none",
)
def test_tab(course: Course, tmp_path: Path, line: str, expected: list[str]) -> None:
    assert tab(course.root, tmp_path / "home", line) == expected


def test_arguments_that_take_names_complete_them() -> None:
    """Fails with the name of a new argument that completes nothing."""
    without = [
        f"{name} {parameter.metavar}"
        for name, command in commands_of(ROOT)
        for parameter in command.params
        if parameter.metavar in ("ASSIGNMENT", "STUDENT", "NAME", "NOTEBOOK", "SYSTEM")
        and parameter._custom_shell_complete is None
        and parameter.name not in ("id_column", "column")  # names in somebody else's file
        and not name.startswith("new ")  # names that are not there yet
    ]
    assert without == []


@pytest.fixture
def locked(course: Course) -> Iterator[Path]:
    folder = course.root / "locked"
    folder.mkdir()
    folder.chmod(0)
    yield folder
    folder.chmod(0o700)
    folder.rmdir()


def test_folder_that_cannot_be_read_completes_nothing(
    course: Course, locked: Path, tmp_path: Path
) -> None:
    assert tab(course.root, tmp_path / "home", "check locked/") == []


def test_nothing_slow_is_imported(course: Course, tmp_path: Path) -> None:
    text = """
import runpy, sys
sys.argv = ["autograder"]
try:
    runpy.run_module("autograder", run_name="__main__")
except SystemExit:
    pass
print(sorted({"nbgrader", "nbformat", "numpy", "sqlalchemy", "jinja2"} & set(sys.modules)))
"""
    done = subprocess.run(
        [sys.executable, "-c", text], cwd=course.root, capture_output=True, text=True,
        env={
            **os.environ, "_AUTOGRADER_COMPLETE": "complete_bash",
            "COMP_WORDS": "autograder grade --student a", "COMP_CWORD": "3",
        },
    )  # fmt: skip
    assert done.stdout.split()[-1] == "[]"
    assert "ada" in done.stdout
