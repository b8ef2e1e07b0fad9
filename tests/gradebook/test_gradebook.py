"""The one writer: what it enters is what nbgrader would, and a kill changes nothing."""

import copy
import csv
import json
import os
import re
import shutil
import signal
import sqlite3
import subprocess
import sys
from collections.abc import Mapping
from concurrent.futures import ProcessPoolExecutor
from dataclasses import replace
from multiprocessing import get_context
from pathlib import Path
from typing import Any

import nbformat
import pytest
from nbformat.v4 import new_output
from nbgrader.api import Gradebook, MissingEntry
from nbgrader.converters import GenerateAssignment
from nbgrader.coursedir import CourseDirectory
from nbgrader.plugins import CsvExportPlugin
from nbgrader.preprocessors import AssignLatePenalties, SaveAutoGrades
from nbgrader.utils import compute_checksum
from sqlalchemy import create_engine
from throwaway_course import environment

from autograder.assignment.blueprint import Blueprint
from autograder.assignment.errors import UserError
from autograder.assignment.nbgrader_course import NbgraderCourse, open_course
from autograder.assignment.nbgrader_programs import search_path
from autograder.assignment.outcome import CheckResult, NotebookResult, Outcome, Result
from autograder.assignment.submission import Submission
from autograder.authoring.release import quiet_logger
from autograder.gradebook import database as gradebook_database
from autograder.gradebook import history
from autograder.gradebook.autograded_folder import RECORD
from autograder.gradebook.history import Happened
from autograder.gradebook.marks import marks
from autograder.gradebook.writer import STAGING, GradebookWriter

resource = pytest.importorskip("resource", reason="nbgrader grades on Linux and macOS only")

ASSIGNMENT = "01_sums"
ALL_RIGHT = {"add-small": 2.0, "add-partial": 2.0, "add-secret": 1.0, "half-odd": 2.0}
MIXED = {"add-small": 0.0, "add-partial": 1.0, "add-secret": 1.0, "half-odd": 2.0}
ANSWERS = {
    "add": "def add(a, b):\n    return a + b",
    "half": "def half(a):\n    return a / 2",
    "reflection": "Sums are everywhere.",
}
SUBMISSION = ("student", "submitted_assignment", "submitted_notebook", "grade", "comment")
"""nbgrader's tables for what students handed in."""
OF_TIME = ("autograder_history", "sqlite_sequence")
"""Tables that tell of kills and times; the history has checks of its own."""
WHEN = re.compile(rb'"graded_at": [0-9.e+-]+')
ON_TIME = "2030-01-01 10:00:00 UTC"


@pytest.fixture(scope="module")
def empty_class(root: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A class with a new gradebook; to make one takes nbgrader a second."""
    classroom = tmp_path_factory.mktemp("empty")
    with GradebookWriter(open_course(root, classroom)):
        pass
    return classroom


@pytest.fixture
def course(root: Path, empty_class: Path, tmp_path: Path) -> NbgraderCourse:
    shutil.copytree(empty_class, tmp_path / "class")
    return open_course(root, tmp_path / "class")


def graded(
    blueprint: Blueprint,
    student: str = "ada",
    scores: Mapping[str, float] = ALL_RIGHT,
    answers: Mapping[str, str] = ANSWERS,
    notes: tuple[str, ...] = (),
    disputed: str = "",
) -> Result:
    """A result as the engine gives it: outputs in the notebook tell what the checks say."""
    (source,) = blueprint.notebooks
    notebook = copy.deepcopy(source.notebook)
    checks = []
    for cell in notebook.cells:
        name = cell.metadata.get("nbgrader", {}).get("grade_id", "")
        cell.source = answers.get(name, cell.source)
        if name not in scores:
            continue
        score, points = scores[name], float(cell.metadata.nbgrader.points)
        outcome = Outcome.PARTIAL
        if score == points:
            outcome = Outcome.PASSED
        elif name == disputed:
            outcome = Outcome.DISPUTED
        elif score == 0:
            outcome = Outcome.FAILED
        if outcome is Outcome.PARTIAL:
            data = {"text/plain": repr(score)}
            cell.outputs = [new_output("execute_result", data=data, execution_count=1)]
        elif outcome is not Outcome.PASSED:
            cell.outputs = [new_output("error", ename="AssertionError", evalue="no", traceback=[])]
        checks.append(CheckResult(name, outcome, score, points, "it says no"))
    return Result(
        ASSIGNMENT, student, (NotebookResult(source.name, tuple(checks), notebook, notes),)
    )


def handed_in(
    student: str = "ada",
    files: Mapping[str, bytes] | None = None,
    timestamp: str | None = ON_TIME,
) -> Submission:
    contents = {"sums.ipynb": b"{}", **(files or {})}
    return Submission(student, ASSIGNMENT, contents, timestamp=timestamp)


def rows(database: Path, *tables: str) -> dict[str, list[Any]]:
    """Tables of a gradebook as plain rows, ids replaced by the names that they stand for."""
    with sqlite3.connect(database) as connection:
        connection.row_factory = sqlite3.Row
        everything = {
            name: [dict(row) for row in connection.execute(f"select * from {name}")]
            for (name,) in connection.execute("select name from sqlite_master where type='table'")
        }
    names: dict[str, str] = {}
    for table, named in everything.items():
        for row in named:
            if "id" in row and "name" in row:
                names[row["id"]] = f"{table}:{row['name']}:{row.get('type', '')}"
    for row in everything["submitted_assignment"]:
        names[row["id"]] = f"{names[row['assignment_id']]} of {row['student_id']}"
    for row in everything["submitted_notebook"]:
        names[row["id"]] = f"{names[row['notebook_id']]} in {names[row['assignment_id']]}"
    return {
        table: sorted(
            repr(
                [
                    (column, names.get(value, value))
                    for column, value in row.items()
                    if column != "id" or table in ("student", "course")
                ]
            )
            for row in everything[table]
        )
        for table in tables or sorted(everything.keys() - set(OF_TIME))
    }


def database(course: NbgraderCourse) -> Path:
    return Path(course.db_url.removeprefix("sqlite:///"))


def grades(course: NbgraderCourse, student: str = "ada") -> dict[str, tuple[Any, Any, bool]]:
    """Automatic and manual score, and whether a person has to look, by grade_id."""
    with Gradebook(course.db_url) as gradebook:
        notebook = gradebook.find_submission_notebook("sums", ASSIGNMENT, student)
        return {
            grade.name: (grade.auto_score, grade.manual_score, grade.needs_manual_grade)
            for grade in notebook.grades
        }


def comments(course: NbgraderCourse, student: str = "ada") -> dict[str, str | None]:
    with Gradebook(course.db_url) as gradebook:
        notebook = gradebook.find_submission_notebook("sums", ASSIGNMENT, student)
        return {comment.name: comment.comment for comment in notebook.comments}


def set_grade(course: NbgraderCourse, name: str, student: str = "ada", **values: Any) -> None:
    with Gradebook(course.db_url) as gradebook:
        grade = gradebook.find_grade(name, "sums", ASSIGNMENT, student)
        for attribute, value in values.items():
            setattr(grade, attribute, value)
        gradebook.db.commit()


def autograded(course: NbgraderCourse, student: str = "ada") -> Path:
    return course.autograded_folder(student, ASSIGNMENT)


def first_cell(course: NbgraderCourse) -> Any:
    return nbformat.read(autograded(course) / "sums.ipynb", as_version=4).cells[0]


# --- what the gradebook is given


def test_registered_assignment_is_what_generate_assignment_enters(
    writer: GradebookWriter, course: NbgraderCourse, tmp_path: Path
) -> None:
    config = copy.deepcopy(course.config)
    config.CourseDirectory.assignment_id = ASSIGNMENT
    config.CourseDirectory.release_directory = str(tmp_path / "release")
    config.CourseDirectory.db_url = f"sqlite:///{tmp_path / 'stock.db'}"
    shutil.copy(database(course), tmp_path / "stock.db")
    with Gradebook(config.CourseDirectory.db_url) as gradebook:
        gradebook.remove_assignment(ASSIGNMENT)
    log = quiet_logger()
    directories = CourseDirectory(config=config, log=log)
    GenerateAssignment(coursedir=directories, config=config, log=log).start()
    tables = (
        "assignment", "notebook", "base_cell", "source_cell",
        "grade_cells", "solution_cells", "task_cells",
    )  # fmt: skip
    ours = rows(database(course), *tables)
    assert ours == rows(tmp_path / "stock.db", *tables)
    assert len(ours["source_cell"]) == 8


@pytest.mark.parametrize("scores", [ALL_RIGHT, MIXED], ids=["right", "mixed"])
@pytest.mark.parametrize("late", [False, True], ids=["in time", "late"])
@pytest.mark.parametrize("answered", [True, False], ids=["answered", "untouched"])
def test_entered_marks_are_what_nbgrader_enters_for_the_same_notebook(
    course: NbgraderCourse,
    blueprint: Blueprint,
    tmp_path: Path,
    scores: dict[str, float],
    late: bool,
    answered: bool,
) -> None:
    course.config.LateSubmissionPlugin.penalty_method = "zero"
    result = graded(blueprint, scores=scores, answers=ANSWERS if answered else {})
    with GradebookWriter(course) as writer:
        writer.register(blueprint)
        with Gradebook(course.db_url) as gradebook:
            gradebook.update_or_create_assignment(ASSIGNMENT, duedate="2030-01-01 09:00:00 UTC")
        timestamp = ON_TIME if late else "2029-12-31 10:00:00 UTC"
        shutil.copy(database(course), tmp_path / "stock.db")
        writer.write(result, handed_in(timestamp=timestamp), "key")

    url = f"sqlite:///{tmp_path / 'stock.db'}"
    with Gradebook(url) as gradebook:
        gradebook.update_or_create_student("ada")
        gradebook.update_or_create_submission(ASSIGNMENT, "ada", timestamp=timestamp)
        for cell in (notebook := copy.deepcopy(result.notebooks[0].notebook)).cells:
            if name := cell.metadata.get("nbgrader", {}).get("grade_id"):
                source = gradebook.find_source_cell(name, "sums", ASSIGNMENT)
                cell.metadata.nbgrader["checksum"] = source.checksum  # as OverwriteCells does
    about = {"student": "ada", "assignment": ASSIGNMENT, "notebook": "sums", "db_url": url}
    for step in (SaveAutoGrades, AssignLatePenalties):
        step(config=course.config, log=quiet_logger()).preprocess(notebook, {"nbgrader": about})
    assert rows(database(course), *SUBMISSION) == rows(tmp_path / "stock.db", *SUBMISSION)
    with Gradebook(course.db_url) as gradebook:
        submission = gradebook.find_submission(ASSIGNMENT, "ada")
        assert submission.score == sum(scores.values())
        assert submission.late_submission_penalty == (sum(scores.values()) if late else 0)


def test_written_answer_waits_for_a_person_and_an_untouched_one_does_not(
    writer: GradebookWriter, course: NbgraderCourse, blueprint: Blueprint
) -> None:
    writer.write(graded(blueprint), handed_in(), "key")
    assert grades(course)["reflection"] == (None, None, True)
    assert comments(course)["reflection"] is None
    writer.write(graded(blueprint, answers={}), handed_in(), "key")
    assert grades(course)["reflection"] == (0.0, None, False)
    assert comments(course) == dict.fromkeys(ANSWERS, "No response.")


def test_what_a_person_gave_is_kept_when_the_work_is_graded_again(
    writer: GradebookWriter, course: NbgraderCourse, blueprint: Blueprint
) -> None:
    writer.write(graded(blueprint), handed_in(), "first")
    person = {"manual_score": 1.5, "extra_credit": 0.5, "needs_manual_grade": False}
    set_grade(course, "add-small", **person)
    set_grade(course, "reflection", **person)
    with Gradebook(course.db_url) as gradebook:
        comment = gradebook.find_comment("reflection", "sums", ASSIGNMENT, "ada")
        comment.manual_comment = "Well said."
        gradebook.db.commit()
    writer.begin(ASSIGNMENT, "ada")
    writer.write(graded(blueprint, scores=MIXED), handed_in(), "second")
    after = grades(course)
    assert after["add-small"] == (0.0, 1.5, False)
    assert after["reflection"] == (None, 1.5, False)
    assert after["half-odd"] == (2.0, None, False)
    assert comments(course)["reflection"] == "Well said."
    with Gradebook(course.db_url) as gradebook:
        score = gradebook.find_submission(ASSIGNMENT, "ada").score
    assert score == (1.5 + 0.5) * 2 + 1 + 1 + 2


def test_disputed_check_waits_for_a_person_who_can_read_why(
    writer: GradebookWriter, course: NbgraderCourse, blueprint: Blueprint
) -> None:
    scores = {**ALL_RIGHT, "half-odd": 0.0}
    writer.write(graded(blueprint, scores=scores, disputed="half-odd"), handed_in(), "key")
    assert grades(course)["half-odd"] == (0.0, None, True)
    assert grades(course)["add-small"] == (2.0, None, False)
    assert comments(course)["half"] == "half-odd: it says no"
    assert comments(course)["add"] is None
    assert "half-odd: the instructor has to decide: it says no" in first_cell(course).source


def test_notebook_that_the_result_lacks_earns_nothing(
    writer: GradebookWriter, course: NbgraderCourse, blueprint: Blueprint
) -> None:
    writer.write(Result(ASSIGNMENT, "ada", ()), handed_in(), "key")
    assert set(grades(course).values()) == {(0.0, None, False)}


def test_timestamp_of_earlier_work_does_not_stay(
    writer: GradebookWriter, course: NbgraderCourse, blueprint: Blueprint
) -> None:
    for timestamp in (ON_TIME, None):
        writer.write(graded(blueprint), handed_in(timestamp=timestamp), "key")
        assert (autograded(course) / "timestamp.txt").exists() == bool(timestamp)
        with Gradebook(course.db_url) as gradebook:
            assert bool(gradebook.find_submission(ASSIGNMENT, "ada").timestamp) == bool(timestamp)


@pytest.mark.parametrize("score", [float("nan"), -1.0, 2.5, float("inf")])
def test_score_that_no_check_can_give_is_never_entered(
    writer: GradebookWriter, course: NbgraderCourse, blueprint: Blueprint, score: float
) -> None:
    result = graded(blueprint)
    (notebook,) = result.notebooks
    first, *others = notebook.checks
    checks = (replace(first, score=score), *others)
    with pytest.raises(ValueError, match="add-small"):
        writer.write(
            replace(result, notebooks=(replace(notebook, checks=checks),)), handed_in(), "key"
        )
    with Gradebook(course.db_url) as gradebook, pytest.raises(MissingEntry):
        gradebook.find_submission(ASSIGNMENT, "ada")
    assert not autograded(course).exists()


def test_marks_of_an_unregistered_assignment_are_refused(
    course: NbgraderCourse, blueprint: Blueprint
) -> None:
    with GradebookWriter(course) as writer, pytest.raises(UserError, match="register"):
        writer.write(graded(blueprint), handed_in(), "key")
    assert not autograded(course).exists()


# --- the autograded folder


def test_folder_holds_the_students_files_and_the_graded_notebook(
    writer: GradebookWriter, course: NbgraderCourse, blueprint: Blueprint
) -> None:
    files = {"data/mine.csv": b"1\n", "essay.txt": b"text", "other.ipynb": b"{}"}
    writer.write(graded(blueprint), handed_in(files=files), "key")
    folder = autograded(course)
    found = {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()}
    assert found == {"sums.ipynb", "data/mine.csv", "essay.txt", "timestamp.txt", RECORD}
    assert (folder / "data/mine.csv").read_bytes() == b"1\n"
    assert (folder / "timestamp.txt").read_text() == ON_TIME
    notebook = nbformat.read(folder / "sums.ipynb", as_version=4)
    nbformat.validate(notebook)
    assert ANSWERS["add"] in [cell.source for cell in notebook.cells]
    assert (folder / "sums.ipynb").stat().st_mode & 0o777 == 0o444
    record = json.loads((folder / RECORD).read_text())
    assert record["key"] == "key"
    assert record["result"] == json.loads(json.dumps(graded(blueprint).as_json()))


def test_no_name_of_a_file_leads_out_of_the_folder_or_into_ours(
    writer: GradebookWriter, course: NbgraderCourse, blueprint: Blueprint, tmp_path: Path
) -> None:
    outside = tmp_path / "outside.txt"
    bad = (
        "../outside.txt", "a/../../outside.txt", str(outside), "a\\b", "nul\0byte", "new\nline",
        "half\udc80pair", "x" * 300, "/".join(["deep" * 20] * 100), "", ".", "a//b", "conflict/x",
    )  # fmt: skip
    quiet = (RECORD, "timestamp.txt", "TIMESTAMP.TXT", "sums.ipynb", "more.IPYNB", "m.pyc",
             ".ipynb_checkpoints/x.txt", "__pycache__/x.txt")  # fmt: skip
    files = dict.fromkeys(("conflict", *bad, *quiet), b"mine")
    writer.write(graded(blueprint), handed_in(files=files, timestamp=None), "key")
    folder = autograded(course)
    found = {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()}
    assert found == {"conflict", RECORD, "sums.ipynb"}
    assert not outside.exists()
    assert writer.graded_key(ASSIGNMENT, "ada") == "key"
    assert first_cell(course).source.count("was left out") == len(bad)


@pytest.mark.parametrize("student", ["", "..", "../ada", ".hidden", "a/b", "a\0b"])
def test_student_without_a_proper_name_is_refused(
    writer: GradebookWriter, blueprint: Blueprint, student: str
) -> None:
    with pytest.raises(UserError, match="is no name"):
        writer.write(graded(blueprint, student), handed_in(student), "key")


def test_notes_stand_on_top_of_the_notebook_without_their_markup(
    writer: GradebookWriter, course: NbgraderCourse, blueprint: Blueprint
) -> None:
    note = "<script>alert(1)</script> ![x](http://a.b/c) `$x$`\nsecond line"
    writer.write(graded(blueprint, notes=(note,)), handed_in(), "key")
    cell = first_cell(course)
    assert cell.cell_type == "markdown"
    assert "nbgrader" not in cell.metadata
    assert cell.source.startswith("**Grading notes**")
    assert "&lt;script&gt;alert(1)" in cell.source
    assert "second line" in cell.source.splitlines()[-1]
    assert not set("<`$[!") & set(cell.source.partition("- ")[2].replace("!&#91;", ""))
    writer.write(graded(blueprint), handed_in(), "key")
    assert first_cell(course).source.startswith("# Chapter 1")


def test_text_that_no_file_can_hold_does_not_stop_the_writer(
    writer: GradebookWriter, course: NbgraderCourse, blueprint: Blueprint
) -> None:
    answers = {**ANSWERS, "add": "x = '\udc80'"}
    scores = {**ALL_RIGHT, "half-odd": 0.0}
    result = graded(blueprint, "ada", scores, answers, ("\udc80",), disputed="half-odd")
    (notebook,) = result.notebooks
    checks = tuple(replace(check, message="\udc80 differs") for check in notebook.checks)
    writer.write(replace(result, notebooks=(replace(notebook, checks=checks),)), handed_in(), "key")
    assert "x = '?'" in (autograded(course) / "sums.ipynb").read_text(encoding="utf-8")
    assert comments(course)["half"] == "half-odd: ? differs"


# --- done or not done


def test_graded_key_is_what_was_written(
    writer: GradebookWriter, course: NbgraderCourse, blueprint: Blueprint
) -> None:
    assert writer.graded_key(ASSIGNMENT, "ada") is None
    writer.write(graded(blueprint, scores=MIXED), handed_in(), "one")
    assert writer.graded_key(ASSIGNMENT, "ada") == "one"
    assert writer.graded_key(ASSIGNMENT, "bob") is None
    writer.write(graded(blueprint), handed_in(), "two")
    assert writer.graded_key(ASSIGNMENT, "ada") == "two"
    set_grade(course, "reflection", manual_score=2.0, needs_manual_grade=False)
    assert writer.graded_key(ASSIGNMENT, "ada") == "two"


def test_result_is_recorded_under_its_key_until_it_is_graded_anew(
    writer: GradebookWriter, course: NbgraderCourse, blueprint: Blueprint
) -> None:
    assert writer.recorded(ASSIGNMENT, "ada", "one") is None
    first = graded(blueprint, scores=MIXED)
    writer.write(first, handed_in(), "one")
    recorded = writer.recorded(ASSIGNMENT, "ada", "one")
    assert recorded
    assert recorded.result == json.loads(json.dumps(first.as_json()))
    assert writer.recorded(ASSIGNMENT, "ada", "two") is None
    assert writer.recorded(ASSIGNMENT, "bob", "one") is None
    set_grade(course, "add-small", auto_score=2.0)
    assert writer.recorded(ASSIGNMENT, "ada", "one") is None
    writer.write(first, handed_in(), "one")
    assert writer.recorded(ASSIGNMENT, "ada", "one") is not None
    writer.begin(ASSIGNMENT, "ada")
    assert writer.recorded(ASSIGNMENT, "ada", "one") is None


def test_beginning_a_regrade_takes_the_old_score_out(
    writer: GradebookWriter, course: NbgraderCourse, blueprint: Blueprint
) -> None:
    writer.write(graded(blueprint, answers={}), handed_in(), "key")
    writer.begin(ASSIGNMENT, "ada")
    assert set(grades(course).values()) == {(None, None, True)}
    assert set(comments(course).values()) == {None}
    assert not autograded(course).exists()
    assert writer.graded_key(ASSIGNMENT, "ada") is None
    writer.begin(ASSIGNMENT, "nobody")
    with Gradebook(course.db_url) as gradebook, pytest.raises(MissingEntry):
        gradebook.find_student("nobody")


@pytest.mark.parametrize(
    "damage",
    [
        lambda course: set_grade(course, "add-small", auto_score=1.0),
        lambda course: shutil.rmtree(autograded(course)),
        lambda course: (autograded(course) / RECORD).unlink(),
        lambda course: replace_text(autograded(course) / RECORD, "[" * 100_000),
        lambda course: replace_text(autograded(course) / RECORD, '{"key": 3}'),
        lambda course: replace_text(autograded(course) / RECORD, '"key"'),
        lambda course: without_result(autograded(course) / RECORD),
        lambda course: (autograded(course) / "sums.ipynb").unlink(),
        lambda course: remove_student(course),
    ],
    ids=["score", "folder", "record", "deep", "shape", "text", "result", "notebook", "student"],
)
def test_submission_is_not_done_when_gradebook_and_folder_disagree(
    writer: GradebookWriter, course: NbgraderCourse, blueprint: Blueprint, damage: Any
) -> None:
    writer.write(graded(blueprint), handed_in(), "key")
    before = rows(database(course), *SUBMISSION), state(course.autograded, with_rows=False)
    damage(course)
    assert writer.graded_key(ASSIGNMENT, "ada") is None
    writer.begin(ASSIGNMENT, "ada")
    writer.write(graded(blueprint), handed_in(), "key")
    assert writer.graded_key(ASSIGNMENT, "ada") == "key"
    after = rows(database(course), *SUBMISSION), state(course.autograded, with_rows=False)
    assert after == before


def replace_text(path: Path, text: str) -> None:
    path.unlink()
    path.write_text(text)


def without_result(path: Path) -> None:
    record = json.loads(path.read_text())
    del record["result"]
    replace_text(path, json.dumps(record))


def remove_student(course: NbgraderCourse) -> None:
    with Gradebook(course.db_url) as gradebook:
        gradebook.remove_student("ada")


# --- what can go wrong


def test_locked_gradebook_is_one_sentence_and_changes_nothing(
    course: NbgraderCourse, blueprint: Blueprint, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(gradebook_database, "BUSY_SECONDS", 0.1)
    with GradebookWriter(course) as writer:
        writer.register(blueprint)
        writer.write(graded(blueprint, scores=MIXED), handed_in(), "old")
        other = sqlite3.connect(database(course), isolation_level=None)
        other.execute("begin exclusive")
        for blocked in (
            lambda: writer.begin(ASSIGNMENT, "ada"),
            lambda: writer.write(graded(blueprint), handed_in(), "new"),
            lambda: writer.graded_key(ASSIGNMENT, "ada"),
            lambda: writer.register(blueprint),
        ):
            with pytest.raises(UserError, match=r"database is locked.*run the same command again"):
                blocked()
        other.close()
        assert writer.graded_key(ASSIGNMENT, "ada") == "old"
        assert grades(course)["add-small"] == (0.0, None, False)
    assert not (course.autograded / STAGING).exists()


def test_full_disk_is_one_sentence_and_nothing_counts_as_done(
    writer: GradebookWriter, course: NbgraderCourse, blueprint: Blueprint
) -> None:
    writer.write(graded(blueprint, scores=MIXED), handed_in(), "old")
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    big = {"big.bin": bytes(4_000_000)}
    resource.setrlimit(resource.RLIMIT_FSIZE, (2_000_000, before[1]))
    try:
        with pytest.raises(UserError, match=r"autograded: cannot be written \(File too large\)"):
            writer.write(graded(blueprint), handed_in(files=big), "new")
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
    assert writer.graded_key(ASSIGNMENT, "ada") == "old"
    writer.write(graded(blueprint), handed_in(files=big), "new")
    assert writer.graded_key(ASSIGNMENT, "ada") == "new"
    assert [path.name for path in (course.autograded / STAGING).iterdir()] == ["lock"]


def test_gradebook_that_cannot_grow_keeps_the_old_state(
    writer: GradebookWriter, course: NbgraderCourse, blueprint: Blueprint
) -> None:
    writer.write(graded(blueprint, scores=MIXED), handed_in(), "old")
    before = rows(database(course))
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    result = graded(blueprint, "eve")
    resource.setrlimit(resource.RLIMIT_FSIZE, (60_000, limits[1]))  # below the database's size
    try:
        with pytest.raises(UserError, match="the gradebook cannot be used"):
            writer.write(result, handed_in("eve"), "new")
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)
    assert rows(database(course)) == before
    assert writer.graded_key(ASSIGNMENT, "eve") is None
    assert writer.graded_key(ASSIGNMENT, "ada") == "old"


def test_file_where_a_folder_has_to_be_is_one_sentence(course: NbgraderCourse) -> None:
    course.autograded.rmdir()
    course.autograded.write_text("in the way")
    with pytest.raises(UserError, match=r"autograded.*cannot be written"), GradebookWriter(course):
        pass


def test_file_that_is_no_gradebook_is_one_sentence(course: NbgraderCourse) -> None:
    database(course).write_bytes(b"not a database" * 1000)
    with pytest.raises(UserError, match="not a database"), GradebookWriter(course):
        pass


def test_second_writer_is_refused_while_the_first_is_at_work(
    writer: GradebookWriter, course: NbgraderCourse, root: Path
) -> None:
    with (
        ProcessPoolExecutor(1, mp_context=get_context("fork")) as other,
        pytest.raises(UserError, match="another process is grading this class") as refused,
    ):
        other.submit(open_and_close, root, course.autograded.parent).result()
    assert refused.value.exit_code == 1


def open_and_close(root: Path, classroom: Path) -> None:
    with GradebookWriter(open_course(root, classroom)):
        pass


def test_late_plugin_that_fails_is_named(
    course: NbgraderCourse, blueprint: Blueprint, monkeypatch: pytest.MonkeyPatch
) -> None:
    from nbgrader.plugins import LateSubmissionPlugin

    class Broken(LateSubmissionPlugin):  # type: ignore[misc]
        def late_submission_penalty(self, *_: object) -> float:
            raise KeyError("no such table")

    course.config.AssignLatePenalties.plugin_class = Broken
    with GradebookWriter(course) as writer:
        writer.register(blueprint)
        with Gradebook(course.db_url) as gradebook:
            gradebook.update_or_create_assignment(ASSIGNMENT, duedate="2000-01-01")
        with pytest.raises(UserError, match="Broken: the late submission plugin failed for ada"):
            writer.write(graded(blueprint), handed_in(), "key")
    assert not autograded(course).exists()


# --- nbgrader's other commands


@pytest.mark.slow
def test_feedback_and_export_take_the_marks_for_their_own(
    root: Path, course: NbgraderCourse, blueprint: Blueprint, tmp_path: Path
) -> None:
    course.config.LateSubmissionPlugin.penalty_method = "zero"
    with GradebookWriter(course) as writer:
        writer.register(blueprint)
        with Gradebook(course.db_url) as gradebook:
            gradebook.update_or_create_assignment(ASSIGNMENT, duedate="2030-01-01 09:00:00 UTC")
        result = graded(blueprint, scores=MIXED, notes=("copied <b>cell</b>",))
        writer.write(result, handed_in(timestamp="2029-01-01 09:00:00 UTC"), "key")
        writer.write(graded(blueprint, "late"), handed_in("late"), "key")
        classroom = course.autograded.parent
        done = subprocess.run(
            [sys.executable, "-m", "nbgrader", "generate_feedback", ASSIGNMENT],
            cwd=root,
            env={
                **environment(tmp_path / "home"),
                "AUTOGRADER_CLASSROOM": str(classroom),
            },
            capture_output=True,
            text=True,
        )
        assert done.returncode == 0, done.stderr  # with a writer at work and its staging there
    page = (course.feedback_folder("ada", ASSIGNMENT) / "sums.html").read_text()
    assert "4 of 9 points" in page
    assert (course.feedback_folder("late", ASSIGNMENT) / "sums.html").is_file()
    with Gradebook(course.db_url) as gradebook:
        CsvExportPlugin(to=str(tmp_path / "grades.csv"), log=quiet_logger()).export(gradebook)
    with (tmp_path / "grades.csv").open() as stream:
        marks = {row["student_id"]: row for row in csv.DictReader(stream)}
    assert (marks["ada"]["raw_score"], marks["ada"]["score"]) == ("4.0", "4.0")
    assert (marks["late"]["raw_score"], marks["late"]["score"]) == ("7.0", "0.0")
    assert {row["max_score"] for row in marks.values()} == {"9.0"}


# --- kills


def state(classroom: Path, with_rows: bool = True) -> dict[str, Any]:
    """All that the writer leaves: rows without their random ids, and every file."""
    files = {
        path.relative_to(classroom).as_posix(): WHEN.sub(b"", path.read_bytes())
        for path in classroom.rglob("*")
        if path.is_file() and path.name not in ("gradebook.db", "lock")
    }
    return {"rows": rows(classroom / "gradebook.db") if with_rows else {}, "files": files}


def regrade(root: Path, classroom: Path, blueprint: Blueprint) -> None:
    """What the coordinator does, also after a kill: grade what is not done."""
    with GradebookWriter(open_course(root, classroom)) as writer:
        writer.register(blueprint)
        for student, scores in (("ada", ALL_RIGHT), ("bob", MIXED), ("cy", MIXED)):
            if writer.graded_key(ASSIGNMENT, student) != f"new {student}":
                if student != "cy":  # to write over old work has to be as safe
                    writer.begin(ASSIGNMENT, student)
                files = {"data/mine.csv": b"1\n"}
                result = graded(blueprint, student, scores)
                writer.write(result, handed_in(student, files), f"new {student}")


def kill_at(step: int, place: Path) -> None:
    """Kill this process before its n-th change in the folder `place`, or commit."""
    from sqlalchemy import Engine, event

    left = step

    def count() -> None:
        nonlocal left
        left -= 1
        if left == 0:
            os.kill(os.getpid(), signal.SIGKILL)

    changing = {"os.rename", "os.mkdir", "os.rmdir", "os.remove", "os.chmod", "shutil.rmtree"}

    def audit(name: str, arguments: tuple[Any, ...]) -> None:
        made = name == "open" and isinstance(arguments[2], int) and arguments[2] & os.O_CREAT
        if (made or name in changing) and str(place) in map(os.path.dirname, _up(arguments[0])):
            count()

    def _up(path: Any) -> list[str]:
        found = [os.fsdecode(path)] if isinstance(path, (str, bytes, Path)) else []
        while found and found[-1] not in ("/", "", str(place)):
            found.append(os.path.dirname(found[-1]))
        return found

    event.listen(Engine, "commit", lambda connection: count())
    sys.addaudithook(audit)


def killed_at_every_step(
    root: Path, before: Path, blueprint: Blueprint, tmp_path: Path
) -> list[dict[str, Any]]:
    """The final states, one for each step at which the writer was killed and then run again."""
    states: list[dict[str, Any]] = []
    while True:
        classroom = tmp_path / "killed"
        shutil.copytree(before, classroom)
        child = os.fork()
        if child == 0:
            try:
                kill_at(len(states) + 1, classroom)
                regrade(root, classroom, blueprint)
                os._exit(0)
            finally:
                os._exit(1)
        _, status = os.waitpid(child, 0)
        if os.WIFEXITED(status):
            assert os.WEXITSTATUS(status) == 0
            shutil.rmtree(classroom)
            return states
        assert os.WTERMSIG(status) == signal.SIGKILL
        regrade(root, classroom, blueprint)
        states.append(state(classroom))
        check_history(classroom)
        shutil.rmtree(classroom)


def check_history(classroom: Path) -> None:
    """Whole rows only, each of something that happened; graded twice if a kill lost the folder."""
    engine = create_engine(f"sqlite:///{classroom / 'gradebook.db'}")
    with engine.connect() as connection:
        entries = list(history.read(connection))
    engine.dispose()
    assert [entry.sequence for entry in entries] == list(range(1, len(entries) + 1))
    for student, score in (("ada", 7.0), ("bob", 4.0), ("cy", 4.0)):
        of_student = [entry for entry in entries if entry.student == student]
        events = [entry.event for entry in of_student]
        assert events[-1] is Happened.GRADED
        assert 1 <= events.count(Happened.GRADED) - (student != "bob") <= 2
        assert events.count(Happened.INVALIDATED) <= 2
        assert of_student[-1].score == score
        graded_rows = [entry for entry in of_student if entry.event is Happened.GRADED]
        assert all(len(entry.checks) == 4 and len(entry.answers) == 5 for entry in graded_rows)


def undisturbed(root: Path, before: Path, blueprint: Blueprint, tmp_path: Path) -> dict[str, Any]:
    classroom = tmp_path / "killed"
    shutil.copytree(before, classroom)
    regrade(root, classroom, blueprint)
    expected = state(classroom)
    shutil.rmtree(classroom)
    return expected


@pytest.mark.slow
def test_kill_at_any_step_of_a_regrade_changes_nothing_in_the_end(
    root: Path, course: NbgraderCourse, blueprint: Blueprint, tmp_path: Path
) -> None:
    before = course.autograded.parent
    with GradebookWriter(course) as writer:
        writer.register(blueprint)
        old = graded(blueprint, scores=MIXED, answers={})
        writer.write(old, handed_in(files={"gone.txt": b""}, timestamp=None), "old ada")
        writer.write(graded(blueprint, "cy", MIXED), handed_in("cy"), "old cy")
    for student in ("ada", "cy"):
        person = {"manual_score": 1.0, "needs_manual_grade": False}
        set_grade(course, "reflection", student, **person)
    expected = undisturbed(root, before, blueprint, tmp_path)
    assert not any(STAGING in name or "gone" in name for name in expected["files"])
    states = killed_at_every_step(root, before, blueprint, tmp_path)
    assert len(states) > 40
    assert [n for n, found in enumerate(states, 1) if found != expected] == []


@pytest.mark.slow
def test_kill_while_the_gradebook_is_made_changes_nothing_in_the_end(
    root: Path, empty_class: Path, blueprint: Blueprint, tmp_path: Path
) -> None:
    expected = undisturbed(root, empty_class, blueprint, tmp_path)
    assert expected["rows"]["alembic_version"]
    assert all(name.startswith("autograded/") for name in expected["files"])
    classroom = tmp_path / "killed"
    classroom.mkdir()
    child = os.fork()
    if child == 0:
        try:
            kill_at(4, classroom)
            regrade(root, classroom, blueprint)
        finally:
            os._exit(1)
    _, status = os.waitpid(child, 0)
    assert os.WIFSIGNALED(status)
    regrade(root, classroom, blueprint)
    assert state(classroom) == expected


def test_untouched_is_told_by_the_checksum_as_released(blueprint: Blueprint) -> None:
    (notebook,) = graded(blueprint, answers={"add": "mine"}).notebooks
    source = blueprint.notebooks[0].notebook
    checksums = {
        cell.metadata.nbgrader.grade_id: compute_checksum(cell)
        for cell in source.cells
        if "nbgrader" in cell.metadata
    }
    found = marks(notebook, checksums)
    assert found.comments == {"add": None, "half": "No response.", "reflection": "No response."}
    assert found.scores["reflection"] == 0.0
    assert found.waits("reflection", None) is False
    assert found.waits("reflection", 1.0) is True


def test_new_gradebook_has_the_version_that_nbgrader_asks_alembic_for() -> None:
    words = "from nbgrader.api import get_alembic_version; print(get_alembic_version())"
    done = subprocess.run(
        [sys.executable, "-c", words],
        env={**os.environ, "PATH": search_path()},
        capture_output=True,
        text=True,
        check=True,
    )
    assert gradebook_database.newest_version() == done.stdout.strip()
