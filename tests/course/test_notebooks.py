"""The chapters themselves: they print what they store, and every way of grading agrees."""

import os
import shutil
import subprocess
import sys
from itertools import chain

import nbformat
import pytest
from stock import autograde

from autograder.assignment.course import find_course
from autograder.assignment.nbgrader_course import open_course
from autograder.assignment.notebook import Kind, kind_of, read_assignment
from autograder.assignment.outcome import Outcome
from autograder.authoring.misconceptions import reference_answer
from autograder.classroom.folders import Classroom
from autograder.classroom.grade_class import Options, grade_class
from autograder.grading.check import check_notebook

COURSE = find_course()
QUICKEST = "07_rl"


@pytest.mark.slow
@pytest.mark.parametrize("chapter", COURSE.chapters)
def test_solutions_print_what_they_store(chapter, tmp_path):
    """Every cell runs, explore cells too, and text outputs are the stored ones (nbval)."""
    copy = shutil.copytree(COURSE.solutions / chapter, tmp_path / chapter)
    done = subprocess.run(
        [
            *(sys.executable, "-m", "pytest", "-p", "no:xdist", "-p", "no:cacheprovider", "-q"),
            *("--nbval", "--nbval-cell-timeout=900", f"--rootdir={tmp_path}", "-c", os.devnull),
            str(copy),
        ],
        cwd=tmp_path,
        env={**os.environ, "CUDA_VISIBLE_DEVICES": "-1", "TF_CPP_MIN_LOG_LEVEL": "3"},
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stdout[-5000:]
    cells = nbformat.read(next(copy.glob("*.ipynb")), 4).cells
    code = sum(cell.cell_type == "code" for cell in cells)
    assert f"{code} passed" in done.stdout


def submit(room: Classroom, chapter: str, student: str, answered: bool) -> None:
    """Put the release into the class, with the reference answers or as it is."""
    folder = shutil.copytree(COURSE.release / chapter, room.submitted / student / chapter)
    path = next(folder.glob("*.ipynb"))
    if answered:
        source = read_assignment(COURSE.solutions / chapter / path.name)
        notebook = nbformat.read(path, 4)
        for cell in notebook.cells:
            if kind_of(cell) is Kind.ANSWER:
                answer = source.answer(cell.metadata.nbgrader.grade_id)
                cell.source = reference_answer(answer.source)
        nbformat.write(notebook, path)


@pytest.mark.slow
@pytest.mark.parametrize("chapter", COURSE.chapters)
def test_reference_earns_everything_and_stub_nothing(chapter, tmp_path):
    """By stock nbgrader and by `autograder grade`, which agree check by check."""
    room = Classroom(COURSE, tmp_path / "stock")
    answered = {"reference": True, "stub": False}
    for name, full in answered.items():
        submit(room, chapter, name, full)
    (notebook,) = (COURSE.solutions / chapter).glob("*.ipynb")
    assignment = read_assignment(notebook)
    room.register(chapter)
    reasons = {graded.student: graded.reason for graded in autograde(room, chapter, answered)}
    assert reasons == {"reference": "", "stub": ""}
    by_nbgrader = {name: room.scores(assignment, name) for name in answered}
    assert by_nbgrader == {
        name: {check.grade_id: check.points if full else 0 for check in assignment.checks}
        for name, full in answered.items()
    }

    ours = Classroom(COURSE, tmp_path / "ours")
    shutil.copytree(room.submitted, ours.submitted)
    result = grade_class(open_course(COURSE.root, ours.root), chapter, Options(workers=1))
    for name, full in answered.items():
        checks = result.students[name]["checks"]
        assert {key: check["score"] for key, check in checks.items()} == by_nbgrader[name]
        assert {check["outcome"] for check in checks.values()} == {
            "passed" if full else "unanswered"
        }
        assert ours.scores(assignment, name) == by_nbgrader[name]
        assert {check["way"] for check in checks.values()} == {"isolated"}
        assert {*chain(*(check["students_word"] for check in checks.values()))} == set()
        if not full:  # a stub says whose it is; a check may need an earlier exercise first
            stubs = [f"exercise {answer.grade_id}" for answer in assignment.answers]
            for check in checks.values():
                assert any(stub in check["message"] for stub in stubs), check["message"]


@pytest.mark.slow
def test_check_of_a_released_chapter_says_the_same_and_names_the_hidden_checks():
    """One chapter stands for all: `check` runs what `grade` runs, but for the hidden checks."""
    (notebook,) = (COURSE.release / QUICKEST).glob("*.ipynb")
    report = check_notebook(notebook, COURSE)
    assert {check.outcome for check in report.visible} == {Outcome.UNANSWERED}
    hidden = [v.grade_id for v in report.checks.values() if v.outcome is Outcome.HIDDEN]
    assignment = read_assignment(COURSE.solutions / QUICKEST / notebook.name)
    assert hidden == [check.grade_id for check in assignment.checks if check.hidden]
    assert report.notes == ()
