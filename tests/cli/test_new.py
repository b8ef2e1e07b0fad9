"""`autograder new`: what it prints and refuses, and the whole path of somebody who begins with it."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import nbformat
import pytest
from throwaway_course import environment, make_full_course

from autograder.assignment.course import Course
from autograder.assignment.notebook import grade_id_of
from autograder.engine.sandbox import missing

Done = subprocess.CompletedProcess[str]


def autograder(folder: Path, *words: str) -> Done:
    return subprocess.run(
        [sys.executable, "-m", "autograder", *words],
        cwd=folder,
        env={**environment(folder.parent / "home"), "COLUMNS": "100"},
        capture_output=True,
        text=True,
    )


def done(folder: Path, *words: str) -> list[str]:
    """The lines that a command printed; it did its work."""
    result = autograder(folder, *words)
    assert result.returncode == 0, result.stdout + result.stderr
    return result.stdout.splitlines()


def refused(folder: Path, *words: str) -> str:
    """The one sentence of a command that was used in a wrong way."""
    result = autograder(folder, *words)
    assert (result.returncode, result.stdout) == (2, "")
    (sentence,) = result.stderr.splitlines()
    return sentence.removeprefix("autograder: ")


@pytest.fixture
def course(tmp_path: Path) -> Course:
    return make_full_course(tmp_path / "a course")


def test_new_chapter_shows_its_files_and_what_is_left_to_write(course: Course) -> None:
    said = done(course.root, "new", "chapter", "09_graphs", "--title", "Graphs [and trees]")
    assert said[:3] == [
        "wrote solutions/09_graphs/graphs.ipynb",
        "wrote tests/misconceptions/09_graphs/weighted_mean.py",
        f"{len(said) - 4} placeholders to fill in, marked TODO:",
    ]
    assert said[3] == (
        "  the text above [1] (“Chapter 9 · Graphs [and trees]”): "
        "one sentence that says why this chapter matters."
    )
    assert said[-2].startswith("  weighted_mean.py, line 3: put what your students write ")
    assert said[-1] == (
        "It works as it is: autograder release 09_graphs && autograder prove 09_graphs"
    )
    notebook = nbformat.read(course.solutions / "09_graphs" / "graphs.ipynb", as_version=4)
    assert notebook.cells[0].source.startswith("# Chapter 9 · Graphs [and trees]\n")


def test_new_exercise_tells_what_became_of_the_others(course: Course) -> None:
    options = ("--title", "The mean", "--minutes", "7", "--class", "--before", "half")
    said = done(course.root, "new", "exercise", "01_sums", "Mean", *options)
    assert said[:4] == [
        "changed solutions/01_sums/sums.ipynb",
        "wrote tests/misconceptions/01_sums/Mean.py",
        "It is exercise 2; it begins with the text below [6] (“Exercise 2 · The mean”).",
        "Exercise 2 is now exercise 3.",
    ]
    notebook = nbformat.read(course.solutions / "01_sums" / "sums.ipynb", as_version=4)
    text, answer, *checks = notebook.cells[8:12]
    assert text.source.startswith(
        "## Exercise 2 · The mean\n\n*Difficulty ●○○ · 7 minutes · 3 points*"
    )
    assert answer.source.startswith("class Mean:")
    assert [grade_id_of(check) for check in checks] == ["Mean-values", "Mean-zero_weights"]


def test_wrong_use_is_one_sentence(course: Course, tmp_path: Path) -> None:
    root = course.root
    assert refused(root, "new", "chapter", "01_sums").endswith(
        "exists already; choose another name."
    )
    assert "did you mean '01_sums'?" in refused(root, "new", "exercise", "1_sums", "mean")
    assert "use a Python identifier" in refused(root, "new", "exercise", "01_sums", "a-b")
    assert "did you mean 'half'?" in refused(
        root, "new", "exercise", "01_sums", "mean", "--after", "hal"
    )
    assert refused(tmp_path, "new", "course", "a course") == (
        f"{root} is not empty; a new course needs a folder of its own."
    )


def answered(course: Course, chapter: str, student: str, answers: dict[str, str]) -> None:
    """A student's submission: the release, with answers in place of stubs."""
    (path,) = (course.release / chapter).glob("*.ipynb")
    notebook: Any = nbformat.read(path, as_version=4)
    for cell in notebook.cells:
        if cell.cell_type == "code" and grade_id_of(cell) in answers:
            assert "raise NotImplementedError" in cell.source
            cell.source = answers[grade_id_of(cell)]
    place = course.root / "classroom" / "submitted" / student / chapter / path.name
    place.parent.mkdir(parents=True)
    nbformat.write(notebook, place)


MEAN = "def NAME(values, weights):\n    return {}"
RIGHT = "sum(v * w for v, w in zip(values, weights)) / (sum(weights) or 1.0)"
CLASS = """
class Running:
    def __init__(self):
        self.sums = [0.0, 0.0]

    def add(self, value, weight):
        self.sums = [self.sums[0] + value * weight, self.sums[1] + weight]

    def mean(self):
        return self.sums[0] / self.sums[1]{}
"""


@pytest.mark.slow
def test_new_author_has_a_course_released_proved_and_graded(tmp_path: Path) -> None:
    """From nothing: a course, an exercise before the first, a class behind it, one more chapter."""
    said = done(tmp_path, "new", "course", "my course", "--chapter", "01_means")
    assert said[-1] == (
        "It works as it is: cd 'my course' && autograder release && autograder prove"
    )
    course = Course(tmp_path / "my course")
    root = course.root
    done(root, "new", "exercise", "01_means", "first", "--before", "weighted_mean")
    done(root, "new", "exercise", "01_means", "Running", "--class", "--after", "first")
    done(root, "new", "chapter", "02_graphs", "--answer", "density")
    done(root, "release")
    assert sorted(path.name for path in course.release.glob("*/*.ipynb")) == [
        "graphs.ipynb", "means.ipynb",
    ]  # fmt: skip
    done(root, "release", "--check")
    said = done(root, "prove", "--json", "proofs.json")
    assert [line.split(":")[0] for line in said if "isolated" in line] == ["01_means", "02_graphs"]
    names = ("first", "weighted_mean")
    right = {name: MEAN.format(RIGHT).replace("NAME", name) for name in names}
    right["Running"] = CLASS.format(" if self.sums[1] else 0.0")
    plain = MEAN.format("sum(values) / len(values)").replace("NAME", "first")
    wrong = right | {"first": plain, "Running": CLASS.format("")}
    answered(course, "01_means", "ada", right)
    answered(course, "01_means", "bob", wrong)
    answered(course, "01_means", "eve", {})
    answered(course, "02_graphs", "ada", {"density": right["first"].replace("first", "density")})
    sandbox = ("--no-sandbox",) if missing() else ()
    done(tmp_path, "grade", "--course", "my course", *sandbox, "--json", "marks.json")
    means, graphs = json.loads((tmp_path / "marks.json").read_text())["assignments"]
    assert {name: one["score"] for name, one in means["students"].items()} == {
        "ada": 9, "bob": 9 - 3 - 1, "eve": 0,
    }  # fmt: skip
    assert graphs["students"]["ada"]["score"] == 3
