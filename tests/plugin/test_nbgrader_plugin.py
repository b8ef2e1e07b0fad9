"""The engine inside stock `nbgrader autograde`, and behind Formgrader's button."""

import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import nbformat
import pytest
from nbgrader.api import Gradebook
from nbgrader.apps.api import NbGraderAPI
from nbgrader.coursedir import CourseDirectory
from nbgrader.utils import determine_grade, is_grade
from throwaway_course import environment, make_full_course
from traitlets.config import Config

from autograder.assignment.blueprint import read_blueprint
from autograder.assignment.course import Course
from autograder.assignment.nbgrader_course import open_course
from autograder.authoring.release import load_config, quiet_logger, release
from autograder.classroom.folders import Classroom
from autograder.engine import sandbox
from autograder.gradebook.history import Happened, read_history
from autograder.pages.feedback.write import write_feedback
from autograder.plugin.nbgrader import close_engine, shared_engine, use_engine

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(sys.platform == "win32", reason="nbgrader grades on Linux and macOS only"),
]

ASSIGNMENT = "01_sums"
CHECKS = ("add-small", "add-partial", "add-secret", "half-odd")
FULL = (2.0, 2.0, 1.0, 2.0)
NOTHING = (0.0, 0.0, 0.0, 0.0)
ADD, HALF = "return a + b", "return a / 2"


def answer(notebook: Any, add: str = ADD, half: str = HALF) -> None:
    """Put bodies in the place of the stubs."""
    for cell in notebook.cells:
        name = cell.metadata.get("nbgrader", {}).get("grade_id")
        for answered, body in (("add", add), ("half", half)):
            if name == answered and body:
                cell.source = cell.source.split("    raise")[0] + f"    {body}\n"


def cell_of(notebook: Any, name: str) -> Any:
    return next(
        cell for cell in notebook.cells if cell.metadata.get("nbgrader", {}).get("grade_id") == name
    )


def damaged(notebook: Any) -> None:
    """A check copied, a check deleted, a check edited, points and metadata changed."""
    answer(notebook)
    copied = cell_of(notebook, "add-small")
    notebook.cells.append(nbformat.from_dict(copied))
    notebook.cells.remove(cell_of(notebook, "half-odd"))
    cell_of(notebook, "add-partial").source = "100"
    cell_of(notebook, "add-secret").metadata.nbgrader.points = 50
    cell_of(notebook, "setup").metadata.nbgrader.schema_version = 1


def forged(notebook: Any) -> None:
    """Wrong answers, checks that pass, outputs that say so."""
    answer(notebook, "return 0", "return 0")
    for name in CHECKS:
        check = cell_of(notebook, name)
        check.source = "pass"
        check.outputs = [
            nbformat.v4.new_output("execute_result", data={"text/plain": "2"}, execution_count=1)
        ]


def written(notebook: Any) -> None:
    answer(notebook)
    cell_of(notebook, "reflection").source = "Much."


# In nbgrader's order, an honest one between and after the others.
STUDENTS: dict[str, Callable[[Any], None]] = {
    "a_right": answer,
    "b_damaged": damaged,
    "c_partial": lambda notebook: answer(notebook, "return min(a + b, 100)"),
    "d_forged": forged,
    "e_untouched": lambda notebook: None,
    "f_dies": lambda notebook: answer(notebook, "import os; os._exit(0)"),
    "g_written": written,
    "z_right": answer,
}
EXPECTED = {
    "a_right": FULL,
    "b_damaged": FULL,
    "c_partial": (2.0, 1.0, 1.0, 2.0),
    "d_forged": NOTHING,
    "e_untouched": NOTHING,
    "f_dies": (0.0, 0.0, 0.0, 2.0),
    "g_written": FULL,
    "w_linked": NOTHING,
    "x_broken": NOTHING,
    "y_borrowed": FULL,
    "z_right": FULL,
}
FEEDBACK = "from autograder.plugin.nbgrader import use_feedback\nuse_feedback(c)\n"
LATE = """
[due]
"01_sums" = 2030-01-01T09:00:00
[extensions."01_sums"]
z_right = 0.5
[late]
share_per_day = 0.1
"""


@dataclass(frozen=True)
class Class:
    root: Path

    @property
    def classroom(self) -> Path:
        return self.root / "classroom"

    @property
    def db_url(self) -> str:
        return f"sqlite:///{self.classroom / 'gradebook.db'}"

    def notebook(self, student: str) -> Any:
        path = self.classroom / "autograded" / student / ASSIGNMENT / "sums.ipynb"
        return nbformat.read(path, as_version=4)

    def grades(self, student: str) -> dict[str, tuple[float | None, bool]]:
        with Gradebook(self.db_url) as gradebook:
            found = gradebook.find_submission_notebook("sums", ASSIGNMENT, student)
            return {
                grade.name: (grade.auto_score, grade.needs_manual_grade) for grade in found.grades
            }


def within(root: Path) -> NbGraderAPI:
    """nbgrader in this process, as Formgrader runs it."""
    config = open_course(root).config
    log = quiet_logger()
    directories = CourseDirectory(config=config, log=log)
    return NbGraderAPI(coursedir=directories, config=config, log=log)


@pytest.fixture
def engine_ends() -> Iterator[None]:
    yield
    close_engine()


def make_class(
    root: Path, settings: str = "", change: Callable[[Course], None] = lambda course: None
) -> None:
    """A released course, entered into the gradebook, that says `use_engine(c)`."""
    course = make_full_course(root)
    change(course)
    with (root / "nbgrader_config.py").open("a") as stream:
        stream.write(
            f"\nfrom autograder.plugin.nbgrader import use_engine\n\nuse_engine(c)\n{settings}"
        )
    release(course)
    Classroom(course, course.classroom).register(ASSIGNMENT)


def hand_in(root: Path, student: str, change: Callable[[Any], None]) -> Path:
    folder = root / "classroom" / "submitted" / student / ASSIGNMENT
    shutil.copytree(root / "course" / ASSIGNMENT, folder)
    notebook = nbformat.read(folder / "sums.ipynb", as_version=4)
    change(notebook)
    # As it stands: nbformat would mend some of it.
    (folder / "sums.ipynb").write_text(json.dumps(notebook))
    return folder


@pytest.fixture(scope="module")
def submitted(tmp_path_factory: pytest.TempPathFactory) -> Class:
    root = tmp_path_factory.mktemp("course")
    make_class(root)
    for student, change in STUDENTS.items():
        hand_in(root, student, change)
    (root / "secret.txt").write_text("the instructor's secret")
    linked = hand_in(root, "w_linked", answer) / "sums.ipynb"
    linked.unlink()
    linked.symlink_to(root / "classroom/submitted/a_right" / ASSIGNMENT / "sums.ipynb")
    (hand_in(root, "x_broken", answer) / "sums.ipynb").write_bytes(b'{"cells": [\xff')
    borrowed = hand_in(root, "y_borrowed", answer)
    (borrowed / "loot.txt").symlink_to(root / "secret.txt")
    (borrowed / ".graded.json").write_text('{"key": "mine"}')
    late = root / "classroom" / "submitted" / "z_right" / ASSIGNMENT / "timestamp.txt"
    late.write_text("2030-01-01 21:00:01 UTC")
    (root / "classroom" / "class.toml").write_text(LATE)
    return Class(root)


@pytest.fixture(scope="module")
def graded(submitted: Class, tmp_path_factory: pytest.TempPathFactory) -> Class:
    """`nbgrader autograde` on the command line, once."""
    done = subprocess.run(
        [sys.executable, "-m", "nbgrader", "autograde", ASSIGNMENT],
        cwd=submitted.root,
        env=environment(tmp_path_factory.mktemp("home")),
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr
    return submitted


def test_every_submission_is_graded(graded: Class) -> None:
    folders = {path.name for path in (graded.classroom / "autograded").iterdir()}
    assert folders == set(EXPECTED)


@pytest.mark.parametrize("student", EXPECTED)
def test_marks_come_from_the_checks_of_the_assignment(graded: Class, student: str) -> None:
    grades = graded.grades(student)
    assert tuple(grades[name] for name in CHECKS) == tuple(
        (score, False) for score in EXPECTED[student]
    )


@pytest.mark.parametrize("student", EXPECTED)
def test_nbgraders_own_rules_read_the_same_marks_from_the_notebook(
    graded: Class, student: str
) -> None:
    notebook, grades = graded.notebook(student), graded.grades(student)
    checks = [cell for cell in notebook.cells if is_grade(cell) and cell.cell_type == "code"]
    assert [cell.metadata.nbgrader.grade_id for cell in checks] == list(CHECKS)
    for cell in checks:
        score, points = determine_grade(cell)
        assert score == grades[cell.metadata.nbgrader.grade_id][0]
        assert points == dict(zip(CHECKS, FULL, strict=True))[cell.metadata.nbgrader.grade_id]


def test_written_answer_waits_and_an_untouched_one_does_not(graded: Class) -> None:
    assert graded.grades("g_written")["reflection"] == (None, True)
    assert graded.grades("a_right")["reflection"] == (0.0, False)
    with Gradebook(graded.db_url) as gradebook:
        place = ("sums", ASSIGNMENT, "e_untouched")
        assert gradebook.find_comment("add", *place).auto_comment == "No response."
        assert gradebook.find_comment("add", *place[:2], "a_right").auto_comment is None


def test_each_grading_is_in_the_history(graded: Class) -> None:
    entries = [e for e in read_history(graded.db_url) if e.event is not Happened.DEADLINES]
    assert {entry.student: entry.score for entry in entries[: len(EXPECTED)]} == {
        student: sum(scores) for student, scores in EXPECTED.items()
    }
    assert all(entry.event is Happened.GRADED and len(entry.checks) == 4 for entry in entries)
    assert all(entry.versions.engine and entry.versions.assignment for entry in entries)


def test_due_date_extension_and_policy_are_those_of_the_class_file(graded: Class) -> None:
    with Gradebook(graded.db_url) as gradebook:
        late = gradebook.find_submission(ASSIGNMENT, "z_right")
        assert late.total_seconds_late == 1
        assert late.late_submission_penalty == 0.7
        assert gradebook.find_submission(ASSIGNMENT, "a_right").late_submission_penalty == 0


def test_repairs_are_told_to_those_who_read_the_notebook(graded: Class) -> None:
    notes = graded.notebook("b_damaged").cells[0].source
    assert notes.startswith("**Grading notes**")
    for name in ("add-small", "add-partial", "half-odd"):
        assert f"- {name}: " in notes
    assert "cannot be read" in graded.notebook("x_broken").cells[0].source
    assert "symbolic link" in graded.notebook("w_linked").cells[0].source
    assert graded.notebook("a_right").cells[0].source.startswith("# Chapter 1")


def test_nothing_behind_a_students_link_is_copied(graded: Class) -> None:
    folder = graded.classroom / "autograded" / "y_borrowed" / ASSIGNMENT
    assert (folder / "data" / "numbers.csv").is_file()
    assert not os.path.lexists(folder / "loot.txt")
    assert not (folder / ".graded.json").exists()
    assert (graded.root / "secret.txt").read_text() == "the instructor's secret"


def test_feedback_is_made_and_does_not_tell_hidden_checks(graded: Class) -> None:
    done = within(graded.root).generate_feedback(ASSIGNMENT)
    assert done["success"], done
    for student, scores in EXPECTED.items():
        page = graded.classroom / "feedback" / student / ASSIGNMENT / "sums.html"
        score = sum(scores) - (0.7 if student == "z_right" else 0)  # she was late
        assert f"{score:g} of 9 points" in page.read_text()
        assert "assert add(-1, -2)" not in page.read_text()
    made = {path: path.read_bytes() for path in graded.classroom.glob("feedback/*/*/*.html")}
    write_feedback(open_course(graded.root), ASSIGNMENT)
    assert {path: path.read_bytes() for path in made} == made


@pytest.mark.usefixtures("engine_ends")
def test_a_second_run_grades_what_was_handed_in_again(graded: Class, tmp_path: Path) -> None:
    root = tmp_path / "course"
    shutil.copytree(graded.root, root, symlinks=True)
    folder = root / "classroom" / "submitted" / "a_right" / ASSIGNMENT
    shutil.rmtree(folder)
    hand_in(root, "a_right", STUDENTS["d_forged"])
    done = within(root).autograde(ASSIGNMENT, "a_right")
    assert done["success"], done
    again = Class(root)
    assert [again.grades("a_right")[name][0] for name in CHECKS] == list(NOTHING)
    assert [again.grades("z_right")[name][0] for name in CHECKS] == list(FULL)


@pytest.mark.usefixtures("engine_ends")
def test_formgraders_button_grades_in_the_engine(graded: Class, tmp_path: Path) -> None:
    root = tmp_path / "course"
    shutil.copytree(graded.root, root, symlinks=True)
    shutil.rmtree(root / "classroom" / "autograded")
    api = within(root)
    for student in ("c_partial", "x_broken"):
        answered = api.autograde(ASSIGNMENT, student)
        assert answered["success"], answered
        by_button = Class(root).grades(student)
        assert tuple(by_button[name][0] for name in CHECKS) == EXPECTED[student]
    shown = {one["student"]: one for one in api.get_submissions(ASSIGNMENT)}
    assert shown["c_partial"]["autograded"]
    assert not shown["a_right"]["autograded"]
    assert shown["c_partial"]["score"] == sum(EXPECTED["c_partial"])


def lines(log: str) -> list[str]:
    return [re.sub(r"\x1b\[[0-9;]*m", "", line) for line in log.splitlines()]


def test_button_says_in_one_line_that_nothing_is_graded(tmp_path: Path) -> None:
    make_class(tmp_path, FEEDBACK)
    shutil.copytree(
        tmp_path / "course" / ASSIGNMENT, tmp_path / "classroom" / "autograded" / "ada" / ASSIGNMENT
    )
    done = within(tmp_path).generate_feedback(ASSIGNMENT, "ada")
    assert not done["success"]
    assert f"[ERROR] ada, {ASSIGNMENT}: nothing is graded; grade it first." in lines(done["log"])


@pytest.mark.parametrize("button", ["autograde", "generate_feedback"])
def test_button_refuses_before_it_removes_what_a_student_has(tmp_path: Path, button: str) -> None:
    make_class(tmp_path, FEEDBACK)
    hand_in(tmp_path, "ada", answer)
    room = tmp_path / "classroom"
    for step in ("autograded", "feedback"):
        shutil.copytree(room / "submitted" / "ada", room / step / "ada")
    (room / "feedback" / "ada" / ASSIGNMENT / "sums.html").write_text("her page")
    before = {path: path.read_bytes() for path in room.rglob("*/ada/**/*.*") if path.is_file()}
    (room / "class.toml").write_text("[late]\nshare = 1\n")
    config, log = load_config(Course(tmp_path)), quiet_logger()
    api = NbGraderAPI(coursedir=CourseDirectory(config=config, log=log), config=config, log=log)
    done = getattr(api, button)(ASSIGNMENT, "ada")
    assert not done["success"]
    (said,) = [line for line in lines(done["log"]) if "class.toml" in line]
    assert said.startswith(f"[ERROR] {room / 'class.toml'}: [late] share is not known; there is ")
    assert done["error"].splitlines()[-1].endswith(said.removeprefix("[ERROR] "))
    assert done["error"].count("Traceback") == 1
    assert {
        path: path.read_bytes() for path in room.rglob("*/ada/**/*.*") if path.is_file()
    } == before


def check_beside_the_answer(course: Course) -> None:
    """Make a check that only the student's own process can answer."""
    path = course.solutions / ASSIGNMENT / "sums.ipynb"
    notebook = nbformat.read(path, as_version=4)
    check = cell_of(notebook, "half-odd")
    check.source = "import pickle\n\nassert pickle.loads(pickle.dumps(half)) is half, 'not half'"
    nbformat.write(notebook, path)


@pytest.mark.usefixtures("engine_ends")
def test_a_check_in_the_own_process_waits_for_a_person_if_strict(tmp_path: Path) -> None:
    make_class(tmp_path, "c.GradeInEngine.strict = True\n", check_beside_the_answer)
    hand_in(tmp_path, "ada", answer)
    done = within(tmp_path).autograde(ASSIGNMENT, "ada")
    assert done["success"], done
    graded = Class(tmp_path)
    assert graded.grades("ada")["half-odd"] == (0.0, True)
    assert graded.grades("ada")["add-small"] == (2.0, False)
    with Gradebook(graded.db_url) as gradebook:
        comment = gradebook.find_comment("half", "sums", ASSIGNMENT, "ada").auto_comment
    assert comment.startswith("half-odd: ")
    assert "the instructor has to decide" in graded.notebook("ada").cells[0].source


@pytest.mark.usefixtures("engine_ends")
@pytest.mark.parametrize("trusted", [False, True])
def test_without_a_sandbox_the_button_refuses_unless_told_otherwise(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, trusted: bool
) -> None:
    why = "bubblewrap is not here"
    monkeypatch.setattr(sandbox, "missing", lambda: why)
    make_class(tmp_path, "c.GradeInEngine.require_sandbox = False\n" if trusted else "")
    hand_in(tmp_path, "ada", answer)
    done = within(tmp_path).autograde(ASSIGNMENT, "ada")
    assert done["success"] is trusted
    if not trusted:
        assert f"{why}. Without it a submission can do whatever you can" in done["log"]
        assert "c.GradeInEngine.require_sandbox = False in nbgrader_config.py" in done["log"]
        assert not (tmp_path / "classroom" / "autograded" / "ada" / ASSIGNMENT).exists()


@pytest.mark.usefixtures("engine_ends")
def test_what_was_graded_stays_where_nothing_can_be_graded(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """nbgrader removes what a student has before it grades anew: it must not come to that."""
    make_class(tmp_path)
    hand_in(tmp_path, "ada", answer)
    assert within(tmp_path).autograde(ASSIGNMENT, "ada")["success"]
    folder = tmp_path / "classroom" / "autograded" / "ada" / ASSIGNMENT
    before = {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()}
    assert before
    close_engine()
    monkeypatch.setattr(sandbox, "missing", lambda: "bubblewrap is not here")
    done = within(tmp_path).autograde(ASSIGNMENT, "ada", force=True)
    assert not done["success"]
    assert "bubblewrap is not here. Without it" in done["log"] + str(done.get("error"))
    assert {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()} == before


@pytest.mark.usefixtures("engine_ends")
def test_submissions_share_an_engine_until_another_assignment_comes(graded: Class) -> None:
    course = open_course(graded.root)
    sums, again, squares = (
        shared_engine(read_blueprint(course, name))
        for name in (ASSIGNMENT, ASSIGNMENT, "02_squares")
    )
    assert sums is again
    assert squares is not sums


def test_own_ignore_patterns_of_a_course_are_kept() -> None:
    config = Config()
    config.CourseDirectory.ignore = ["*.secret"]
    use_engine(config)
    assert config.CourseDirectory.ignore == ["*.secret", ".graded.json"]
    plain = Config()
    use_engine(plain)
    assert {"*.pyc", "__pycache__", ".graded.json"} <= set(plain.CourseDirectory.ignore)


@pytest.mark.usefixtures("engine_ends")
def test_button_grades_in_a_class_in_which_nothing_was_graded_yet(tmp_path: Path) -> None:
    """nbgrader knows an assignment only once something entered it."""
    make_class(tmp_path)
    (tmp_path / "classroom" / "gradebook.db").unlink()
    hand_in(tmp_path, "ada", answer)
    done = within(tmp_path).autograde(ASSIGNMENT, "ada")
    assert done["success"], done
    assert Class(tmp_path).grades("ada")["half-odd"] == (2.0, False)
