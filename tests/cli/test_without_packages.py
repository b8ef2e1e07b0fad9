"""The command where a package cannot be imported, or where the terminal is not UTF-8."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from throwaway_course import answer, environment, make_course

MAIN = "from autograder.__main__ import main; main()"


def run(
    folder: Path, *arguments: str, blocked: str = "", encoding: str = "utf-8"
) -> subprocess.CompletedProcess[bytes]:
    block = f"import sys; sys.modules[{blocked!r}] = None; " if blocked else "import sys; "
    code = f"{block}sys.argv = {['autograder', *arguments]!r}; {MAIN}"
    known = {**environment(folder), "PYTHONIOENCODING": encoding}
    return subprocess.run([sys.executable, "-c", code], cwd=folder, env=known, capture_output=True)


@pytest.mark.parametrize(
    "package",
    ["typer", "rich", "nbformat", "nbgrader", "jupyter_client", "packaging", "IPython", "msgpack"],
)
def test_doctor_names_a_package_that_cannot_be_imported(tmp_path: Path, package: str) -> None:
    """As it is beside a course, where chapters and release are looked at, too."""
    course = make_course(tmp_path / "course")
    done = run(course.root, "doctor", blocked=package)
    said = (done.stdout + done.stderr).decode()
    assert done.returncode == 1, said
    assert f"pip install --force-reinstall {package}" in " ".join(said.split())
    assert "unexpected" not in said
    assert "Traceback" not in said


def test_another_command_says_what_it_lacks_in_one_sentence(tmp_path: Path) -> None:
    done = run(tmp_path, "check", "a.ipynb", blocked="rich")
    assert done.returncode == 1
    (line,) = done.stderr.decode().splitlines()
    assert line.startswith("autograder: ")
    assert "rich" in line


@pytest.mark.parametrize("encoding", ["ascii", "latin-1", "cp1252", "cp437"])
def test_report_is_legible_on_a_terminal_that_is_not_utf_8(tmp_path: Path, encoding: str) -> None:
    course = make_course(tmp_path / "course")
    notebook = course.release / "01_sums" / "sums.ipynb"
    answer(notebook, "return a - b  # \u4e2d\u6587 \u2260")
    done = run(course.root, "check", os.fspath(notebook), encoding=encoding)
    said = done.stdout.decode(encoding)
    assert done.returncode == 1, done.stderr
    assert not done.stderr
    assert "add" in said
    assert "0 of 2 points" in said
