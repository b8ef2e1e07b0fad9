"""What a person says by a command, by a file or by a time in submitted/: the last word is heard."""

import shutil
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import played_class
import pytest
from played_class import ASSIGNMENT, NOTEBOOK
from small_class import make_zip, unpack

from autograder.assignment.nbgrader_course import NbgraderCourse, open_course
from autograder.classroom.grade_class import grade_class
from autograder.export.lms import Target
from autograder.export.marks import Options, export
from autograder.intake import words
from autograder.intake.collect import collect, place
from autograder.records.books import read_books
from autograder.records.class_marks import ClassMark, read_marks
from autograder.records.journal import Said
from autograder.records.receipts import Received
from autograder.records.standing import Standing

DUE = datetime(2026, 11, 1, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)


@pytest.fixture
def course(tmp_path: Path) -> NbgraderCourse:
    played_class.make_course(tmp_path / "course")
    return with_due(tmp_path / "course")


def with_due(root: Path) -> NbgraderCourse:
    (root / "class.toml").write_text(
        f'[due]\n"{ASSIGNMENT}" = 2026-11-01T12:00:00\n[late]\nshare_per_day = 0.25\n'
    )
    return open_course(root)


def gradescope(course: NbgraderCourse, answer: int, hours: float) -> None:
    """Collect a download that tells when ada handed this in."""
    time = (DUE + hours * HOUR).isoformat()
    listed = f"submission_1:\n  :submitters:\n  - :sid: ada\n  :created_at: {time}\n"
    files = {
        "e/submission_metadata.yml": listed.encode(),
        f"e/submission_1/{NOTEBOOK}": played_class.notebook(answer),
    }
    collect(course, ASSIGNMENT, make_zip(course.root / "a.zip", files), clock=late)


def late() -> datetime:
    return DUE + 90 * HOUR


def standing(course: NbgraderCourse) -> Standing:
    return read_books(course, ASSIGNMENT).standings["ada"]


def counts(course: NbgraderCourse) -> tuple[int, datetime | None]:
    """Number and time of what counts."""
    found = standing(course).counts
    assert found is not None
    return found.number, found.time


def put(course: NbgraderCourse, answer: int) -> Path:
    """Put an answer into submitted/; returns the file with its time."""
    folder = course.submission_folder("ada", ASSIGNMENT)
    unpack(folder, {NOTEBOOK: played_class.notebook(answer)})
    return folder / "timestamp.txt"


def line(course: NbgraderCourse, said: Said) -> int:
    """Number of the last line of this kind."""
    facts = Received(course.root / "received", ASSIGNMENT).journal().facts()
    return [fact.number for fact in facts if fact.said is said][-1]


def mark(course: NbgraderCourse) -> ClassMark:
    (of_it,) = read_marks(course, (ASSIGNMENT,))
    (found,) = of_it.marks
    return found


@pytest.mark.parametrize("text", ["%Y-%m-%d %H:%M:%S.%f UTC", "%Y-%m-%d %H:%M:%S UTC"])
def test_time_written_into_submitted_can_be_taken_back(course: NbgraderCourse, text: str) -> None:
    """Also where a person wrote it just as we write it."""
    gradescope(course, 3, 1)
    stamp = course.submission_folder("ada", ASSIGNMENT) / "timestamp.txt"
    stamp.write_text((DUE - HOUR).strftime(text))
    place(course, ASSIGNMENT, clock=late)
    assert counts(course) == (1, DUE - HOUR)
    words.take_back(course, ASSIGNMENT, line(course, Said.TIME), clock=late)
    assert counts(course) == (1, DUE + HOUR)
    place(course, ASSIGNMENT, clock=late)
    assert counts(course) == (1, DUE + HOUR)


def test_time_that_stood_beside_other_files_is_a_persons_word_beside_these(
    course: NbgraderCourse,
) -> None:
    gradescope(course, 3, -3)
    gradescope(course, 4, -2)
    stamp = course.submission_folder("ada", ASSIGNMENT) / "timestamp.txt"
    stamp.write_text(f"{DUE - 3 * HOUR:%Y-%m-%d %H:%M:%S} UTC")
    place(course, ASSIGNMENT, clock=late)
    assert counts(course) == (2, DUE - 3 * HOUR)


@pytest.mark.parametrize("number", [1, None])
def test_word_after_a_file_was_put_there_is_the_later_one(
    course: NbgraderCourse, number: int | None
) -> None:
    """Though nothing was collected in between."""
    gradescope(course, 3, -3)
    put(course, 4)
    words.choose(course, ASSIGNMENT, "ada", number, clock=late)
    assert counts(course)[0] == (number or 2)
    assert standing(course).chosen == (number is not None)
    assert len(standing(course).attempts) == 2


def test_time_is_said_of_the_file_that_was_put_there(course: NbgraderCourse) -> None:
    gradescope(course, 3, -3)
    put(course, 4).unlink()
    words.say_times(course, ASSIGNMENT, {"ada": "2026-11-01T13:00"}, clock=late)
    assert counts(course) == (2, DUE + HOUR)


def test_time_can_be_said_of_work_that_was_never_collected(course: NbgraderCourse) -> None:
    put(course, 4)
    words.say_times(course, ASSIGNMENT, {"ada": "2026-11-01T13:00"}, clock=late)
    assert counts(course) == (1, DUE + HOUR)
    with pytest.raises(words.UserError, match="unknown student"):
        words.say_times(course, ASSIGNMENT, {"../x": "2026-11-01T13:00"}, clock=late)


@pytest.mark.parametrize("back", [-500, -1, 500])
def test_last_choice_counts_whatever_the_clock_says(course: NbgraderCourse, back: int) -> None:
    for hours in (-3, -2, -1):
        gradescope(course, hours % 5, hours)
    words.choose(course, ASSIGNMENT, "ada", 2, clock=late)
    words.choose(course, ASSIGNMENT, "ada", 1, clock=lambda: late() + back * HOUR)
    assert counts(course)[0] == 1
    put(course, 0)
    place(course, ASSIGNMENT, clock=lambda: late() + 2 * back * HOUR)
    assert counts(course)[0] == 4


@pytest.mark.parametrize("with_waiting", [False, True])
@pytest.mark.parametrize("left_out", [1, 2])
def test_points_of_work_that_was_left_out_are_never_written(
    course: NbgraderCourse, with_waiting: bool, left_out: int
) -> None:
    gradescope(course, 3, -3)
    if left_out == 2:
        gradescope(course, 4, -2)
    with played_class.grading(late):
        grade_class(course, ASSIGNMENT)
    words.leave_out_of(course, ASSIGNMENT, {"ada": [left_out]}, clock=late)
    found = export(
        read_marks(course, (ASSIGNMENT,)), Target.CSV, options=Options(with_waiting=with_waiting)
    )
    rows = found.text.splitlines()[1:]
    if left_out == 1:  # all of it: she has handed in nothing
        assert (rows, found.complete) == ([], True)
        return
    assert [row.split(",")[11] for row in rows] == [""]
    assert mark(course).outdated
    assert len(found.waiting) == 1


@pytest.mark.parametrize(
    ("name", "seconds"), [("a_LATE_1_7_cnn.ipynb", None), ("a_1_7_cnn.ipynb", 0.0)]
)
def test_without_a_due_date_work_is_late_that_its_source_calls_late(
    course: NbgraderCourse, name: str, seconds: float | None
) -> None:
    (course.root / "class.toml").unlink()
    files = {name: played_class.notebook(4)}
    collect(course, ASSIGNMENT, make_zip(course.root / "a.zip", files), clock=late)
    with played_class.grading(late):
        grade_class(course, ASSIGNMENT)
    assert (mark(course).late, mark(course).score) == (seconds, 4.0)


def test_time_and_penalty_follow_from_the_facts_also_where_the_files_were_taken_away(
    course: NbgraderCourse,
) -> None:
    gradescope(course, 4, 20)
    with played_class.grading(late):
        grade_class(course, ASSIGNMENT)
    words.say_times(course, ASSIGNMENT, {"ada": "2026-11-02T13:00"}, clock=late)
    shutil.rmtree(course.submitted)
    assert mark(course).timestamp == DUE + 25 * HOUR
    assert (mark(course).late, mark(course).late_penalty) == (25 * 3600, 2.0)


def moodle(course: NbgraderCourse, **more: Any) -> None:
    files = {f"A B_1_assignsubmission_file_/{NOTEBOOK}": played_class.notebook(4)}
    path = make_zip(course.root / "m.zip", files)
    collect(course, ASSIGNMENT, path, clock=late, **more)


def test_later_download_of_the_same_work_makes_nobody_later(course: NbgraderCourse) -> None:
    for told in ({}, {"downloaded": DUE}, {"downloaded": DUE + 48 * HOUR}, {}):
        moodle(course, **told)
    (found,) = read_books(course, ASSIGNMENT).standings["1"].attempts
    assert (found.when, found.late) == ("on time", 0)
    words.take_back(course, ASSIGNMENT, 2, clock=late)  # the first of the two, said by mistake
    (found,) = read_books(course, ASSIGNMENT).standings["1"].attempts
    assert found.when == "unknown"
