"""Stock nbgrader commands on a course with our nbgrader_config.py."""

import getpass
import stat
import subprocess
from pathlib import Path

import nbformat
import pytest
from nbgrader.api import Gradebook
from throwaway_course import answer, environment, make_course

from autograder.assignment.course import CLASSROOM_VARIABLE, Course
from autograder.assignment.nbgrader_course import open_course
from autograder.authoring.release import generate


def nbgrader(course: Course, *arguments: str, classroom: str = "") -> str:
    """Run a stock command in the course; return what it said."""
    env = environment(course.root / "home")
    if classroom:
        env[CLASSROOM_VARIABLE] = classroom
    done = subprocess.run(
        ["nbgrader", *arguments],
        cwd=course.root,
        env=env,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    assert done.returncode == 0, done.stdout
    return done.stdout


@pytest.fixture
def course(tmp_path: Path) -> Course:
    return make_course(tmp_path / "a course")


def hand_in(course: Course, classroom: Path, student: str, body: str) -> None:
    notebook = classroom / "submitted" / student / "01_sums" / "sums.ipynb"
    notebook.parent.mkdir(parents=True)
    notebook.write_bytes((course.release / "01_sums" / "sums.ipynb").read_bytes())
    answer(notebook, body)


def test_stock_generate_assignment_gives_the_same_bytes_as_our_release(course: Course) -> None:
    notebook = course.release / "01_sums" / "sums.ipynb"
    ours = generate(course, ["01_sums"])["01_sums/sums.ipynb"]
    notebook.unlink()
    notebook.parent.rmdir()
    nbgrader(course, "generate_assignment", "01_sums")
    assert notebook.read_bytes() == ours


def test_stub_names_its_exercise_and_keeps_the_indentation(course: Course) -> None:
    notebook = nbformat.read(course.release / "01_sums" / "sums.ipynb", as_version=4)
    assert notebook.cells[3].source == (
        'def add(a, b):\n    raise NotImplementedError("exercise add")'
    )


@pytest.mark.parametrize("kind", ["relative", "absolute"])
def test_stock_grading_gives_points_and_feedback(course: Course, tmp_path: Path, kind: str) -> None:
    """The check warns on stderr and the explore cell raises: neither may cost a point."""
    named = {"relative": "terms/autumn", "absolute": str(tmp_path / "x y")}[kind]
    classroom = course.root / named
    hand_in(course, classroom, "ada", "return a + b")
    hand_in(course, classroom, "bob", "return a - b")
    nbgrader(course, "generate_assignment", "01_sums", "--force", classroom=named)
    said = nbgrader(course, "autograde", "01_sums", classroom=named)
    nbgrader(course, "generate_feedback", "01_sums", classroom=named)
    with Gradebook(f"sqlite:///{classroom / 'gradebook.db'}") as gradebook:
        scores = {s.student.id: s.score for s in gradebook.assignment_submissions("01_sums")}
    assert scores == {"ada": 2, "bob": 0}
    assert (classroom / "feedback" / "ada" / "01_sums" / "sums.html").is_file()
    graded = nbformat.read(
        classroom / "autograded" / "ada" / "01_sums" / "sums.ipynb", as_version=4
    )
    assert graded.cells[5].outputs == []
    assert "SAWarning" not in said
    assert "encrypt" not in said


def test_stock_release_submit_list_and_collect(course: Course) -> None:
    nbgrader(course, "release_assignment", "01_sums")
    assert "deep-learning 01_sums" in nbgrader(course, "list")
    assert "01_sums" in nbgrader(course, "collect", "01_sums")


def test_each_account_has_a_cache_of_its_own_in_a_folder_open_to_all(course: Course) -> None:
    nbgrader(course, "list")
    cache = Path(open_course(course.root).config.Exchange.cache)
    assert cache.name == getpass.getuser()
    assert stat.S_IMODE(cache.parent.stat().st_mode) == 0o1777
    assert cache.parent == course.classroom / "exchange" / "cache"


def test_stock_validate_tells_right_from_wrong(course: Course) -> None:
    notebook = course.release / "01_sums" / "sums.ipynb"
    assert "FAILED ON 1 CELL" in nbgrader(course, "validate", str(notebook))
    answer(notebook, "return a + b")
    assert "Success" in nbgrader(course, "validate", str(notebook))
