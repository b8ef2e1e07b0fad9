"""The command, as a user runs it: one line on stderr when something is wrong, and the right code."""

import io
import json
import os
import re
import shutil
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_notebook
from rich.console import Console
from throwaway_course import environment, make_full_course

from autograder.assignment.course import Course
from autograder.authoring.release import release
from autograder.cli.doctor import Finding, Health, examine
from autograder.cli.show_doctor import looking, show_finding

COMMANDS = (
    *("doctor", "release", "audit", "book", "check", "submit", "lab", "demo", "students"),
    *("collect", "late", "attempts", "grade", "prove", "merge", "history", "feedback", "report"),
    *("export", "similar", "gradescope-zip"),
)
Done = subprocess.CompletedProcess[str]


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("home")


@pytest.fixture(scope="module")
def untouched(tmp_path_factory: pytest.TempPathFactory) -> Course:
    """A released course, with a student's answered notebook in my-course/, copied by `course`."""
    course = make_full_course(tmp_path_factory.mktemp("original") / "course")
    release(course)
    mine = course.root / "my-course" / "01_sums" / "sums.ipynb"
    mine.parent.mkdir(parents=True)
    notebook = nbformat.read(course.release / "01_sums" / "sums.ipynb", as_version=4)
    for cell in notebook.cells:
        name = cell.metadata.get("nbgrader", {}).get("grade_id")
        if name == "add":
            cell.source = "def add(a, b):\n    return a + b if a > 0 else 0"
        if name == "half":
            cell.source = "def half(a):\n    return a // 2"
    nbformat.write(notebook, mine)
    return course


@pytest.fixture
def course(untouched: Course, tmp_path: Path) -> Course:
    return Course(Path(shutil.copytree(untouched.root, tmp_path / "a course")))


def run(course: Course, home: Path, *arguments: str) -> Done:
    return subprocess.run(
        [sys.executable, "-m", "autograder", *arguments],
        cwd=course.root,
        env={**environment(home), "COLUMNS": "100", "TF_CPP_MIN_LOG_LEVEL": "3"},
        capture_output=True,
        text=True,
    )


def files(folder: Path) -> dict[str, bytes]:
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in folder.rglob("*")
        if path.is_file()
    }


def refused(course: Course, home: Path, code: int, *arguments: str) -> str:
    """The one line; with no traceback, nothing on stdout, and nothing written."""
    before = files(course.root)
    done = run(course, home, *arguments)
    assert done.returncode == code, done.stderr
    assert "Traceback" not in done.stderr
    (line,) = done.stderr.splitlines()
    assert line.startswith("autograder: ")
    assert line.endswith((".", ")"))
    assert done.stdout == ""
    assert files(course.root) == before
    return line


MINE = "my-course/01_sums/sums.ipynb"


@pytest.mark.parametrize("command", ["check", "submit"])
def test_missing_file_is_said_in_one_line(course: Course, home: Path, command: str) -> None:
    assert "there is no such file" in refused(course, home, 2, command, "gone.ipynb")


@pytest.mark.parametrize(
    ("command", "content"),
    [
        ("submit", b"{}"),
        ("check", b""),
        ("check", b"hello"),
        ("check", b"{}"),
        ("check", b"\xff\xfe"),
        ("check", b'{"cells": 3, "nbformat": 4}'),
        ("check", b"[" * 100_000),
    ],
    ids=["submit", "empty", "text", "braces", "binary", "no_cells", "deep"],
)
def test_file_that_is_no_notebook_is_said_in_one_line(
    course: Course, home: Path, command: str, content: bytes
) -> None:
    (course.root / "work.ipynb").write_bytes(content)
    line = refused(course, home, 2, command, "work.ipynb")
    assert line.startswith("autograder: work.ipynb: is not a Jupyter notebook")


@pytest.mark.parametrize("command", ["check", "submit"])
def test_notebook_of_another_course_is_said_in_one_line(
    course: Course, home: Path, command: str
) -> None:
    nbformat.write(new_notebook(cells=[new_code_cell("1")]), course.root / "strange.ipynb")
    line = refused(course, home, 2, command, "strange.ipynb")
    assert "is not a notebook of this course" in line


@pytest.mark.parametrize("command", ["check", "submit"])
def test_without_a_release_it_is_said_in_one_line(course: Course, home: Path, command: str) -> None:
    shutil.rmtree(course.release)
    assert "run `autograder release` first" in refused(course, home, 2, command, MINE)


def test_lab_without_a_release_is_refused(course: Course, home: Path) -> None:
    shutil.rmtree(course.release)
    assert "run `autograder release` first" in refused(course, home, 2, "lab", "--no-browser")


def test_lab_inside_the_release_is_refused(course: Course, home: Path) -> None:
    assert "lie in each other" in refused(course, home, 2, "lab", "course/01_sums")


def test_lab_on_a_file_is_refused(course: Course, home: Path) -> None:
    (course.root / "taken").write_text("a file")
    assert "cannot be written" in refused(course, home, 2, "lab", "taken")


@pytest.mark.parametrize("who", [[], ["--instructor"]], ids=["student", "instructor"])
def test_lab_on_a_taken_port_is_refused(course: Course, home: Path, who: list[str]) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = str(taken.getsockname()[1])
        done = run(course, home, "lab", "--no-browser", "--port", port, *who)
    assert done.returncode == 2
    assert done.stderr.startswith(f"autograder: Port {port} cannot be used")
    assert len(done.stderr.splitlines()) == 1


@pytest.mark.parametrize("arguments", [["release"], ["release", "--check"], ["demo"]])
def test_unknown_chapter_is_said_in_one_line(
    course: Course, home: Path, arguments: list[str]
) -> None:
    line = refused(course, home, 2, *arguments, "03_cubes")
    assert "unknown assignment '03_cubes'" in line
    assert "01_sums, 02_squares" in line


def test_demo_over_somebody_elses_folder_is_refused(course: Course, home: Path) -> None:
    """Before anything is released."""
    (course.root / "mine").mkdir()
    (course.root / "mine" / "work.txt").write_text("work")
    done = run(course, home, "demo", "02_squares", "--classroom", "mine")
    assert done.returncode == 2
    assert done.stderr.splitlines()[-1].startswith("autograder: ")
    assert "is not an example class" in done.stderr.splitlines()[-1]
    assert files(course.root / "mine") == {"work.txt": b"work"}


def test_demo_over_a_bad_known_answer_is_refused(course: Course, home: Path) -> None:
    known = course.root / "tests" / "misconceptions" / "01_sums" / "add.py"
    known.write_text("# %% wrong edited\n# check: add-small\n# says: no\n# -     no such line\n")
    done = run(course, home, "demo", "01_sums")
    assert done.returncode == 1
    last = done.stderr.splitlines()[-1]
    assert last.startswith(f"autograder: {known}: edited: ")
    assert "Traceback" not in done.stderr


def test_outside_of_a_course_the_installed_one_is_found(home: Path, tmp_path: Path) -> None:
    done = run(Course(tmp_path), home, "check", "gone.ipynb")
    assert (done.returncode, done.stderr) == (2, "autograder: gone.ipynb: there is no such file.\n")


NOTHING: dict[str, list[str]] = {"written": [], "removed": [], "kept": []}
JSON = [["check", MINE], ["submit", MINE], ["release"], ["release", "--check"], ["doctor"]]


@pytest.mark.parametrize("arguments", JSON, ids=" ".join)
def test_unwritable_json_is_refused_before_the_work_begins(
    course: Course, home: Path, arguments: list[str]
) -> None:
    (course.solutions / "02_squares" / "more.csv").write_text("1")  # there is something to do
    for place, reason in (
        ("none/a.json", "its folder does not exist"),
        ("tests", "it is a folder"),
    ):
        line = refused(course, home, 2, *arguments, "--json", place)
        assert line.startswith(f"autograder: cannot write {place} ({reason}")
    assert not (course.classroom / "exchange" / "deep-learning").exists()


def test_release_writes_then_has_nothing_to_do(course: Course, home: Path) -> None:
    (course.solutions / "02_squares" / "more.csv").write_text("1")
    stale = run(course, home, "release", "--check", "--json", "a.json")
    assert stale.returncode == 1
    assert "stale: course/02_squares/more.csv" in stale.stdout
    assert "Run `autograder release`" in stale.stdout
    would_be = json.loads((course.root / "a.json").read_text())
    assert would_be == {
        "assignments": [
            {"assignment": "01_sums", **NOTHING},
            {"assignment": "02_squares", **NOTHING, "written": ["02_squares/more.csv"]},
        ],
        "beside": NOTHING,
    }
    assert not (course.release / "02_squares" / "more.csv").exists()

    done = run(course, home, "release", "--json", "a.json")
    assert done.returncode == 0
    assert done.stdout == "wrote course/02_squares/more.csv\n"
    assert json.loads((course.root / "a.json").read_text()) == would_be

    fresh = run(course, home, "release", "--check")
    assert (fresh.returncode, fresh.stderr) == (0, "")
    assert "up to date (5 files)" in fresh.stdout
    again = run(course, home, "release", "02_squares")
    assert (again.returncode, again.stdout) == (0, "course/ was up to date.\n")


def test_release_over_an_edit_is_refused_and_force_says_what_it_kept(
    course: Course, home: Path
) -> None:
    (course.release / "02_squares" / "squares.ipynb").write_text("my work")
    before = files(course.release)
    done = run(course, home, "release")
    assert done.returncode == 1
    assert done.stderr.splitlines()[-1].startswith("autograder: course/02_squares/squares.ipynb")
    assert files(course.release) == before
    forced = run(course, home, "release", "--force")
    assert forced.returncode == 0
    assert "squares.ipynb.kept-1" in forced.stdout


def test_release_of_a_chapter_that_breaks_the_contract_is_refused(
    course: Course, home: Path
) -> None:
    path = course.solutions / "02_squares" / "squares.ipynb"
    path.write_text(path.read_text().replace("7 minutes", "8 minutes", 1))
    before = files(course.root)
    done = run(course, home, "release", "02_squares")
    assert (done.returncode, done.stdout) == (1, "")
    assert "to mend the first cell: states 8 minutes" in done.stderr
    assert done.stderr.splitlines()[-1] == (
        "autograder: Nothing was released: 02_squares did not pass."
    )
    assert files(course.root) == before


def test_release_of_an_unproved_chapter_is_refused_and_a_proved_one_is_not_proved_again(
    course: Course, home: Path
) -> None:
    known = course.root / "tests" / "misconceptions" / "02_squares" / "square.py"
    text = known.read_text()
    known.write_text(text.replace("return abs(a) ** 2", "return abs(a) ** 3"))
    before = files(course.root)
    done = run(course, home, "release", "02_squares")
    assert done.returncode == 1
    assert (
        "of_the_absolute_value: right, and square-negative says: square: (-3)² is 9" in done.stderr
    )
    assert files(course.root) == before
    known.write_text(text)
    assert "6 known answers judged" in run(course, home, "release", "02_squares").stderr
    assert "known answer" not in run(course, home, "release", "02_squares").stderr


def test_check_says_what_is_wrong_and_exits_1(course: Course, home: Path) -> None:
    done = run(course, home, "check", MINE, "--json", "a.json")
    assert done.returncode == 1
    assert "✓ Exercise 1 · Adding  4/4" in done.stdout
    assert "✗ Exercise 2 · Halving  0/2" in done.stdout
    assert "half: half of 3 is 1.5, got 1  (odd)" in done.stdout
    assert "1 more by a hidden check" in done.stdout
    assert "4 of 6 points" in done.stdout
    assert "the_secret_check" not in done.stdout
    (data,) = json.loads((course.root / "a.json").read_text())["assignments"]
    assert set(data) == {"assignment", "score", "max_score", "checks", "notes"}
    assert (data["assignment"], data["score"], data["max_score"], data["notes"]) == (
        "01_sums", 4, 6, []
    )  # fmt: skip
    assert {name: entry["outcome"] for name, entry in data["checks"].items()} == {
        "add-small": "passed",
        "add-partial": "passed",
        "add-secret": "hidden",
        "half-odd": "failed",
    }
    seconds = data["checks"]["half-odd"].pop("seconds")
    assert seconds >= 0
    assert data["checks"]["half-odd"] == {
        "outcome": "failed",
        "score": 0,
        "max_score": 2,
        "message": "half: half of 3 is 1.5, got 1",
        "way": "both ways",
        "students_word": [],
    }


def change(path: Path, grade_id: str, source: str) -> None:
    notebook = nbformat.read(path, as_version=4)
    for cell in notebook.cells:
        if cell.metadata.get("nbgrader", {}).get("grade_id") == grade_id:
            cell.source = source
    nbformat.write(notebook, path)


def test_check_of_right_answers_exits_0(course: Course, home: Path) -> None:
    change(course.root / MINE, "half", "def half(a):\n    return a / 2")
    done = run(course, home, "check", MINE)
    assert (done.returncode, done.stderr.strip()) == (0, "")
    assert "6 of 6 points" in done.stdout


def test_messages_are_printed_as_they_are(course: Course, home: Path) -> None:
    """Brackets and colons of Python mean something to the library that prints."""
    text = "x[:b:] is [red]not[/red] [1, 2] :smile: \\"
    change(course.root / MINE, "half", f"def half(a):\n    raise ValueError({text!r})")
    done = run(course, home, "check", MINE)
    assert f"ValueError: {text}" in done.stdout


def test_submit_says_what_was_sent(course: Course, home: Path) -> None:
    done = run(course, home, "submit", MINE, "--json", "a.json")
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.startswith(f"Submitted {MINE} to 01_sums at ")
    data: dict[str, Any]
    (data,) = json.loads((course.root / "a.json").read_text())["assignments"]
    names = {"assignment", "file", "modified", "submitted", "sha256", "beside", "notes"}
    assert set(data) == names
    assert data["sha256"][:12] in done.stdout
    inbound = course.classroom / "exchange" / "deep-learning" / "inbound"
    assert len(list(inbound.iterdir())) == 1


def test_doctor_says_how_everything_is(course: Course, home: Path) -> None:
    done = run(course, home, "doctor", "--json", "a.json")
    data = json.loads((course.root / "a.json").read_text())["findings"]
    subjects = [entry["subject"] for entry in data]
    assert subjects == [
        "Python",
        "Packages",
        "Kernel",
        "GPU",
        "Sandbox",
        "Imports",
        "Exchange",
        "Release",
    ]
    assert all(set(entry) == {"subject", "health", "detail", "remedy"} for entry in data)
    health = {entry["subject"]: entry["health"] for entry in data}
    assert (health["Python"], health["Kernel"], health["Release"]) == ("good", "good", "good")
    assert done.returncode == (1 if "bad" in health.values() else 0)
    assert all(subject in done.stdout for subject in subjects)


def test_doctor_looks_at_one_thing_after_the_other(course: Course) -> None:
    """So each finding is shown while the next is looked for."""
    seen: list[str] = []
    findings = examine(course, seen.append)
    assert (next(findings).subject, seen) == ("Python", ["Python"])
    assert (next(findings).subject, seen) == ("Packages", ["Python", "Packages"])


def test_doctor_names_on_a_terminal_what_it_looks_at(course: Course) -> None:
    terminal = Console(file=io.StringIO(), force_terminal=True, width=100)
    with looking(terminal) as now_at:
        now_at("Packages")
        show_finding(Finding("Python", Health.BAD, "[none]", "install it"), terminal)
    shown = terminal.file.getvalue()  # type: ignore[attr-defined]
    assert "looking at Packages …" in shown
    assert "Python" in shown
    assert "[none]" in shown
    assert "install it" in shown
    plain = Console(file=io.StringIO(), width=100)
    with looking(plain) as now_at:
        now_at("Packages")
    assert plain.file.getvalue().strip() == ""  # type: ignore[attr-defined]


def test_doctor_exits_1_over_a_release_that_cannot_be_made(course: Course, home: Path) -> None:
    path = course.solutions / "02_squares" / "squares.ipynb"
    path.write_text(path.read_text().replace("### END SOLUTION", "# no end"))
    done = run(course, home, "doctor", "--json", "a.json")
    assert done.returncode == 1
    assert "Traceback" not in done.stderr
    release_health = json.loads((course.root / "a.json").read_text())["findings"][-1]
    assert release_health["health"] == "bad"
    assert "nbgrader refuses it" in release_health["detail"]


@pytest.mark.parametrize("command", COMMANDS)
def test_help_shows_an_example(untouched: Course, home: Path, command: str) -> None:
    done = run(untouched, home, command, "--help")
    assert done.returncode == 0
    assert re.search(rf"Example: autograder {command}\b", done.stdout)


def test_help_names_every_command(untouched: Course, home: Path) -> None:
    done = run(untouched, home, "--help")
    assert done.returncode == 0
    listed = set(re.findall(r"^│ (\w[\w-]*) ", done.stdout, re.MULTILINE))
    assert listed == {*COMMANDS, "new"}  # a group


@pytest.mark.parametrize(
    "arguments",
    [["chekc"], ["check"], ["check", "--no-such-option"], ["check", MINE, "--timeout", "0"]],
    ids=" ".join,
)
def test_wrong_arguments_exit_2_without_a_traceback(
    untouched: Course, home: Path, arguments: list[str]
) -> None:
    done = run(untouched, home, *arguments)
    assert done.returncode == 2
    assert "Usage:" in done.stderr
    assert "Traceback" not in done.stderr


def test_traceback_only_with_debug(untouched: Course, home: Path) -> None:
    done = run(untouched, home, "--debug", "check", "gone.ipynb")
    assert done.returncode != 0
    assert done.stderr.startswith("Traceback")
    assert "UserError: gone.ipynb" in done.stderr


def test_unexpected_error_is_one_line_too(course: Course, home: Path) -> None:
    (course.root / "nbgrader_config.py").write_text("raise KeyError('two\\nlines')\n")
    line = refused(course, home, 1, "release", "--check")
    assert "KeyError" in line
    assert "--debug" in line
    assert "Traceback" in run(course, home, "--debug", "release", "--check").stderr


@pytest.fixture
def unwritable(course: Course) -> Iterator[Path]:
    folder = course.root / "locked"
    folder.mkdir()
    folder.chmod(0o500)
    yield folder
    folder.chmod(0o700)


def test_json_in_a_folder_without_permission_is_refused(
    course: Course, home: Path, unwritable: Path
) -> None:
    """The superuser may write everywhere: then the file is simply written."""
    if os.access(unwritable, os.W_OK):
        assert run(course, home, "release", "--check", "--json", "locked/a.json").returncode == 0
        assert json.loads((unwritable / "a.json").read_text())["beside"] == NOTHING
    else:
        line = refused(course, home, 2, "release", "--check", "--json", "locked/a.json")
        assert "you may not write there" in line
