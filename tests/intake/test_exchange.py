"""Publishing and submitting through nbgrader's exchange."""

import hashlib
import os
import shutil
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_notebook
from throwaway_course import answer, environment, make_course, write

from autograder.assignment.course import CLASSROOM_VARIABLE, Course
from autograder.assignment.errors import UserError
from autograder.assignment.identify import chapter_of
from autograder.intake.exchange import is_open, publish, submit


@pytest.fixture
def course(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Course:
    monkeypatch.delenv(CLASSROOM_VARIABLE, raising=False)
    return make_course(tmp_path / "course")


@pytest.fixture
def mine(course: Course, tmp_path: Path) -> Path:
    """A student's solved notebook, in a working copy."""
    path = tmp_path / "my-course" / "01_sums" / "sums.ipynb"
    path.parent.mkdir(parents=True)
    shutil.copy(course.release / "01_sums" / "sums.ipynb", path)
    answer(path, "return a + b")
    return path


def outbound(course: Course) -> Path:
    return course.classroom / "exchange" / "deep-learning" / "outbound"


def submissions(course: Course) -> list[Path]:
    return sorted((course.classroom / "exchange" / "deep-learning" / "inbound").iterdir())


def test_publish_hands_out_each_chapter_once(course: Course) -> None:
    assert not is_open(course)
    assert publish(course) == ("01_sums", "02_squares")
    assert is_open(course)
    assert publish(course) == ()
    released = outbound(course) / "01_sums" / "sums.ipynb"
    assert released.read_bytes() == (course.release / "01_sums" / "sums.ipynb").read_bytes()


def test_publish_replaces_only_what_changed(course: Course, mine: Path) -> None:
    publish(course)
    place = submit(mine, course).place
    answer(course.release / "02_squares" / "squares.ipynb", "pass")
    (outbound(course) / "00_older").mkdir()
    assert publish(course) == ("02_squares",)
    assert place.is_dir()
    assert (outbound(course) / "00_older").is_dir()


def test_publish_does_not_hand_out_what_is_not_of_the_release(course: Course) -> None:
    publish(course)
    (course.release / "01_sums" / "sums.ipynb.kept-1").write_text("an instructor's edit")
    (course.release / "01_sums" / ".ipynb_checkpoints").mkdir()
    assert publish(course) == ()


def test_publish_goes_to_the_class_that_the_environment_names(
    course: Course, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(CLASSROOM_VARIABLE, str(tmp_path / "autumn"))
    publish(course)
    assert (tmp_path / "autumn" / "exchange" / "deep-learning" / "outbound" / "01_sums").is_dir()
    assert not (course.root / "classroom" / "exchange" / "deep-learning").exists()


def test_publish_without_a_release_says_so(course: Course) -> None:
    shutil.rmtree(course.release)
    with pytest.raises(UserError, match="holds no release"):
        publish(course)


def test_receipt_tells_what_was_sent(course: Course, mine: Path) -> None:
    saved = datetime(2024, 2, 29, 12, 30, tzinfo=UTC)
    os.utime(mine, (saved.timestamp(), saved.timestamp()))
    receipt = submit(mine, course)
    assert (receipt.assignment, receipt.file, receipt.modified) == ("01_sums", mine, saved)
    assert receipt.submitted.utcoffset() == timedelta(0)
    assert receipt.sha256 == hashlib.sha256(mine.read_bytes()).hexdigest()
    sent = receipt.place / "sums.ipynb"
    assert sent.read_bytes() == mine.read_bytes()
    assert (
        receipt.submitted.strftime("%Y-%m-%d %H:%M:%S.%f")
        in (receipt.place / "timestamp.txt").read_text()
    )


def test_submit_says_nothing_on_the_terminal(
    course: Course, mine: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    submit(mine, course)
    assert capfd.readouterr() == ("", "")


def test_submit_sends_the_notebook_alone(course: Course, mine: Path, tmp_path: Path) -> None:
    (tmp_path / "secret").write_text("secret")
    (mine.parent / "link").symlink_to(tmp_path / "secret")
    (mine.parent / "big.bin").write_bytes(b"0")
    place = submit(mine, course).place
    assert {path.name for path in place.iterdir()} == {
        "sums.ipynb",
        "submission_secret.txt",
        "timestamp.txt",
    }


def test_each_submission_is_kept(course: Course, mine: Path) -> None:
    places = {submit(mine, course).place for _ in range(3)}
    assert set(submissions(course)) == places
    assert len(places) == 3


def test_notebook_may_lie_anywhere(course: Course, mine: Path, tmp_path: Path) -> None:
    elsewhere = shutil.copy(mine, tmp_path / "sums.ipynb")
    assert submit(Path(elsewhere), course).assignment == "01_sums"


def test_submitted_notebook_is_collected_by_nbgrader(course: Course, mine: Path) -> None:
    submit(mine, course)
    done = subprocess.run(
        [sys.executable, "-m", "nbgrader", "collect", "01_sums"],
        cwd=course.root,
        env=environment(course.root / "home"),
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr
    collected = list((course.classroom / "submitted").glob("*/01_sums/sums.ipynb"))
    assert [path.read_bytes() for path in collected] == [mine.read_bytes()]


def refusal(notebook: Path, course: Course) -> str:
    with pytest.raises(UserError) as caught:
        submit(notebook, course)
    assert "\n" not in str(caught.value)
    inbound = course.classroom / "exchange" / "deep-learning" / "inbound"
    assert not inbound.exists() or not any(inbound.iterdir())
    return str(caught.value)


def test_missing_file_is_refused(course: Course, tmp_path: Path) -> None:
    assert "no such file" in refusal(tmp_path / "sums.ipynb", course)


@pytest.mark.parametrize("content", [b"", b"hello", b"{}", b"[1]", b"\xff\xfe"])
def test_file_that_is_no_notebook_is_refused(
    course: Course, tmp_path: Path, content: bytes
) -> None:
    path = tmp_path / "sums.ipynb"
    path.write_bytes(content)
    assert str(path) in refusal(path, course)


def test_notebook_without_cells_is_refused(course: Course, tmp_path: Path) -> None:
    path = tmp_path / "sums.ipynb"
    write(path, new_notebook())
    assert "is empty" in refusal(path, course)


def test_notebook_of_another_course_is_refused(course: Course, tmp_path: Path) -> None:
    path = tmp_path / "01_sums" / "sums.ipynb"
    marks = {"grade_id": "strange", "grade": True, "solution": False, "locked": True, "points": 1}
    odd = {"nbgrader": ["not", "a", "dict"]}
    cells = [new_code_cell("1", metadata={"nbgrader": marks}), new_code_cell("2", metadata=odd)]
    write(path, new_notebook(cells=cells))
    assert "not a notebook of this course" in refusal(path, course)


def test_renamed_copy_is_recognised_but_not_submitted(course: Course, mine: Path) -> None:
    renamed = mine.rename(mine.with_name("sums-Copy1.ipynb"))
    assert chapter_of(renamed, course) == "01_sums"
    assert "must be named sums.ipynb" in refusal(renamed, course)


def test_notebook_in_the_folder_of_another_chapter_is_told_by_its_cells(
    course: Course, mine: Path
) -> None:
    moved = mine.parent.parent / "02_squares" / "squares.ipynb"
    moved.parent.mkdir()
    shutil.copy(mine, moved)
    assert chapter_of(moved, course) == "01_sums"
    assert "must be named sums.ipynb" in refusal(moved, course)


def test_damaged_copy_is_told_by_the_cells_that_are_left(course: Course, mine: Path) -> None:
    notebook = nbformat.read(mine, as_version=4)
    notebook.cells = notebook.cells[4:]
    write(mine, notebook)
    assert chapter_of(mine, course) == "01_sums"


def test_unwritable_exchange_is_said(course: Course, mine: Path) -> None:
    shutil.rmtree(course.classroom / "exchange")
    (course.classroom / "exchange").write_text("a file in its place")
    assert "exchange cannot be used" in refusal(mine, course)
    with pytest.raises(UserError, match="exchange cannot be used"):
        publish(course)


def test_windows_is_told_to_upload(
    course: Course, mine: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "platform", "win32")
    assert "upload" in refusal(mine, course)
    assert not is_open(course)
