"""Taking in: every attempt is kept for ever, and the last that was on time counts."""

import json
import os
import shutil
import time
from concurrent.futures import ProcessPoolExecutor
from datetime import UTC, datetime, timedelta
from multiprocessing import get_context
from pathlib import Path
from typing import Any

import pytest
from killed import killed_before
from nbgrader.api import Gradebook
from nbgrader.coursedir import CourseDirectory
from small_class import (
    ASSIGNMENT,
    CANVAS_GRADEBOOK,
    METADATA,
    MOODLE_WORKSHEET,
    answer_in,
    make_course,
    make_zip,
    notebook,
    unpack,
)
from typer.testing import CliRunner

from autograder.assignment import submission
from autograder.assignment.errors import UserError
from autograder.assignment.nbgrader_course import NbgraderCourse
from autograder.cli.app import app
from autograder.gradebook.database import newest_version
from autograder.intake import downloads
from autograder.intake import inbound as inbounds
from autograder.intake.collect import Collected, collect, place
from autograder.intake.roster import read_roster
from autograder.intake.unplaced import note_unplaced, unplaced
from autograder.intake.words import choose, say_times
from autograder.records import journal, receipts, roll
from autograder.records.books import read_books
from autograder.records.standing import Attempt, Standing

DUE = datetime(2026, 11, 1, 12, 0, tzinfo=UTC)
HOUR = timedelta(hours=1)
METADATA_OF_ONE = """\
submission_1:
  :submitters:
  - :name: Somebody
    :sid: {student}
    :email: {student}@x.org
  :created_at: {time}
"""


@pytest.fixture(scope="module")
def with_gradebook(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A gradebook with a due date, and an hour more for bob."""
    assert newest_version()
    path = tmp_path_factory.mktemp("gradebook") / "gradebook.db"
    with Gradebook(f"sqlite:///{path}", "small") as gradebook:
        gradebook.add_assignment(ASSIGNMENT, duedate=DUE.replace(tzinfo=None))
        gradebook.add_student("bob")
        gradebook.add_submission(ASSIGNMENT, "bob", extension=HOUR)
    return path


@pytest.fixture
def course(tmp_path: Path) -> NbgraderCourse:
    return make_course(tmp_path / "course")


@pytest.fixture
def due(course: NbgraderCourse, with_gradebook: Path) -> NbgraderCourse:
    shutil.copy(with_gradebook, course.root / "gradebook.db")
    return course


def take(course: NbgraderCourse, source: Path | None, at: datetime = DUE, **more: Any) -> Collected:
    return collect(course, ASSIGNMENT, source, clock=lambda: at, **more)


def one(course: NbgraderCourse, answer: str, at: datetime, student: str = "ada") -> Collected:
    """Collect a plain folder in which a student has this answer."""
    folder = course.root / "download"
    shutil.rmtree(folder, ignore_errors=True)
    unpack(folder, {f"{student}/cnn.ipynb": notebook(answer)})
    return take(course, folder, at)


def gradescope(
    course: NbgraderCourse, answer: str, at: datetime, student: str = "ada"
) -> Collected:
    """Collect a download that says when a student handed in this answer: Gradescope's."""
    said = METADATA_OF_ONE.format(time=at.isoformat(), student=student)
    files = {
        "e/submission_metadata.yml": said.encode(),
        "e/submission_1/cnn.ipynb": notebook(answer),
    }
    return take(course, make_zip(course.root / "gradescope.zip", files), at + 50 * HOUR)


def submitted(course: NbgraderCourse, student: str = "ada") -> str:
    return answer_in(course.submission_folder(student, ASSIGNMENT) / "cnn.ipynb")


def standing(course: NbgraderCourse, student: str = "ada") -> Standing:
    return read_books(course, ASSIGNMENT).standings[student]


def attempts(course: NbgraderCourse, student: str = "ada") -> list[Attempt]:
    return list(standing(course, student).attempts)


def stamp(course: NbgraderCourse, student: str = "ada") -> datetime:
    """The time as nbgrader itself reads it."""
    folder = course.submission_folder(student, ASSIGNMENT)
    directories = CourseDirectory(config=course.config)
    return directories.get_existing_timestamp(str(folder)).replace(tzinfo=UTC)  # type: ignore[no-any-return]


def kept(course: NbgraderCourse, student: str = "ada") -> list[dict[str, Any]]:
    """The receipts in order."""
    folder = course.root / "received" / ASSIGNMENT / student
    found = [json.loads(path.read_bytes()) for path in folder.glob("*/receipt.json")]
    return sorted(found, key=lambda entry: int(entry["number"]))


def tree(course: NbgraderCourse) -> dict[str, bytes]:
    return {
        path.relative_to(course.root).as_posix(): path.read_bytes()
        for name in ("received", "submitted")
        for path in (course.root / name).rglob("*")
        if path.is_file()
    }


def test_attempts_are_kept_and_the_last_on_time_counts(due: NbgraderCourse) -> None:
    one(due, "first", DUE - 2 * HOUR)
    one(due, "second", DUE - HOUR)
    late = gradescope(due, "third", DUE + HOUR)
    assert submitted(due) == "second"
    assert [one.late for one in attempts(due)] == [0, 0, 3600]
    assert [(line.status, line.counts, line.late) for line in late.lines] == [("new", False, 3600)]
    names = sorted(path.name for path in (due.root / "received" / ASSIGNMENT / "ada").iterdir())
    assert names[0].startswith("20261101T100000.000000Z-")
    assert len(names) == 3


def test_extension_counts(due: NbgraderCourse) -> None:
    gradescope(due, "first", DUE, "bob")
    gradescope(due, "second", DUE + HOUR, "bob")
    gradescope(due, "third", DUE + 2 * HOUR, "bob")
    assert submitted(due, "bob") == "second"


def test_of_late_attempts_the_last_counts(due: NbgraderCourse) -> None:
    gradescope(due, "first", DUE + HOUR)
    gradescope(due, "second", DUE + 2 * HOUR)
    assert (submitted(due), stamp(due)) == ("second", DUE + 2 * HOUR)


def test_without_a_due_date_the_last_counts(course: NbgraderCourse) -> None:
    one(course, "first", DUE)
    one(course, "second", DUE + HOUR)
    assert submitted(course) == "second"
    assert [one.late for one in attempts(course)] == [None, None]
    assert not (course.root / "gradebook.db").exists()


def test_same_bytes_twice_are_one_attempt(course: NbgraderCourse) -> None:
    one(course, "first", DUE)
    before = tree(course)
    again = one(course, "first", DUE + HOUR)
    assert [line.status for line in again.lines] == ["same"]
    assert tree(course) == before


def test_clock_that_goes_backwards_changes_no_order(course: NbgraderCourse) -> None:
    one(course, "first", DUE)
    one(course, "second", DUE - HOUR)
    one(course, "third", DUE - HOUR)
    assert submitted(course) == "third"
    assert [entry["number"] for entry in kept(course)] == [1, 2, 3]
    assert kept(course)[1]["collected"] == (DUE - HOUR).isoformat()


def has_no_time(course: NbgraderCourse, student: str = "ada") -> bool:
    return not (course.submission_folder(student, ASSIGNMENT) / "timestamp.txt").exists()


def test_students_own_time_is_not_believed(due: NbgraderCourse) -> None:
    early = b"2020-01-01 00:00:00.000000 UTC"
    files = {"ada/cnn.ipynb": notebook("late"), "ada/timestamp.txt": early}
    folder = unpack(due.root / "download", files)
    os.utime(folder / "ada" / "cnn.ipynb", (0, 0))
    result = take(due, folder, DUE + HOUR)
    assert has_no_time(due)
    assert result.unknown == ("ada",)
    (found,) = attempts(due)
    assert (found.when, found.late, found.rests_on) == (
        "unknown", None, "nothing says when it came",
    )  # fmt: skip


def test_what_was_there_before_the_due_date_is_on_time(due: NbgraderCourse) -> None:
    """Whenever it came: no time is made up for it."""
    one(due, "first", DUE - HOUR)
    (found,) = attempts(due)
    assert (found.time, found.when, found.late) == (None, "on time", 0)
    assert found.rests_on == "it was there when it was collected"
    assert has_no_time(due)


@pytest.mark.parametrize("at", [DUE - HOUR, DUE + 48 * HOUR], ids=["before", "after"])
def test_canvas_word_on_lateness(due: NbgraderCourse, at: datetime) -> None:
    files = {"a_1_11_cnn.ipynb": notebook("a"), "b_LATE_2_12_cnn.ipynb": notebook("b")}
    result = take(due, make_zip(due.root / "a.zip", files), at)
    (on_time,), (late,) = attempts(due, "1"), attempts(due, "2")
    assert (on_time.time, on_time.when, on_time.late) == (None, "on time", 0)
    assert (late.time, late.when, late.late) == (None, "late", None)
    assert on_time.rests_on == "on time, by Canvas"
    assert late.rests_on == "late, by Canvas, which does not say how late"
    assert has_no_time(due, "1")
    assert has_no_time(due, "2")
    assert [line.late for line in result.lines] == [0, None]


def test_due_date_that_is_entered_after_collecting_is_heeded(course: NbgraderCourse) -> None:
    """What Canvas calls on time stays so, and what it calls late is late by its word."""
    files = {"a_1_11_cnn.ipynb": notebook("a"), "b_LATE_2_12_cnn.ipynb": notebook("b")}
    path = make_zip(course.root / "a.zip", files)
    take(course, path, DUE + 72 * HOUR)
    assert (attempts(course, "1")[0].when, attempts(course, "2")[0].when) == ("on time", "late")
    (course.root / "class.toml").write_text("[due]\n'02_cnn' = 2026-11-02T12:00:00\n")
    assert (attempts(course, "1")[0].late, attempts(course, "2")[0].late) == (0, None)
    take(course, path, DUE + 73 * HOUR)
    assert (attempts(course, "1")[0].late, attempts(course, "2")[0].late) == (0, None)


@pytest.mark.parametrize("moved", [-2, -1, 1, 2])
def test_due_date_that_moves_after_collecting_is_heeded(due: NbgraderCourse, moved: int) -> None:
    """What Canvas calls on time was so by Canvas's own due date, whatever ours says meanwhile."""
    files = {"a_1_11_cnn.ipynb": notebook("a"), "b_LATE_2_12_cnn.ipynb": notebook("b")}
    take(due, make_zip(due.root / "a.zip", files), DUE + 48 * HOUR)
    gradescope(due, "c", DUE + 12 * HOUR, "3")
    one(due, "d", DUE + 12 * HOUR, "4")
    on = DUE + moved * 24 * HOUR
    (due.root / "class.toml").write_text(f"[due]\n'{ASSIGNMENT}' = {on:%Y-%m-%dT%H:%M:%S}\n")
    late = [attempts(due, student)[0].late for student in "1234"]
    seconds = max(0.0, (DUE + 12 * HOUR - on).total_seconds())
    assert late == [0, None, seconds, None if moved < 0 else 0]
    assert [attempts(due, student)[0].when for student in "24"] == [
        "late", "unknown" if moved < 0 else "on time",
    ]  # fmt: skip


def test_earlier_work_that_comes_again_is_said_and_can_be_taken(due: NbgraderCourse) -> None:
    """Moodle tells no time: A, then B, then A again may be a student's wish, or an old file."""

    def moodle(answer: str, at: datetime) -> Collected:
        files = {"A L_101_assignsubmission_file_/cnn.ipynb": notebook(answer)}
        return take(due, make_zip(due.root / "m.zip", files), at)

    moodle("A", DUE - 3 * HOUR)
    moodle("B", DUE - 2 * HOUR)
    (line,) = moodle("A", DUE - HOUR).lines
    assert (line.status, line.counts, submitted(due, "101")) == ("same", False, "B")
    assert line.notes == (
        "these bytes came before, and another attempt after them; if it is to count: autograder "
        "attempts 02_cnn 101 --take 1",
    )
    choose(due, ASSIGNMENT, "101", 1)
    assert submitted(due, "101") == "A"
    (line,) = moodle("B", DUE).lines
    assert not line.notes
    assert submitted(due, "101") == "A"


@pytest.mark.parametrize("machine", ["UTC", "America/New_York", "Asia/Tokyo"])
@pytest.mark.parametrize(
    ("zone", "told", "utc"),
    [
        ("Europe/Berlin", "2026-11-02T23:30", "2026-11-02T22:30"),
        ("America/New_York", "2026-07-01T12:00", "2026-07-01T16:00"),
        ("Europe/Berlin", "2026-10-25T02:30", "2026-10-25T01:30"),  # the later of two
        ("", "2026-11-02T23:30", "2026-11-02T23:30"),
    ],
)
def test_time_of_the_download_is_by_the_clocks_of_the_class(
    course: NbgraderCourse,
    monkeypatch: pytest.MonkeyPatch,
    machine: str,
    zone: str,
    told: str,
    utc: str,
) -> None:
    """Whatever the machine's are; an hour of difference would make work late that was in time."""
    (course.root / "class.toml").write_text(f'timezone = "{zone}"\n' if zone else "")
    files = {"A L_101_assignsubmission_file_/cnn.ipynb": notebook("A")}
    path = make_zip(course.root / "m.zip", files)
    monkeypatch.setenv("TZ", machine)
    time.tzset()
    words = ["collect", ASSIGNMENT, str(path), "--course", str(course.root), "--downloaded", told]
    result = CliRunner().invoke(app, words)
    monkeypatch.undo()
    time.tzset()
    assert result.exit_code == 0, result.output
    (receipt,) = kept(course, "101")
    assert receipt["downloaded"] == f"{utc}:00+00:00"


def test_canvas_says_later_that_it_is_late(due: NbgraderCourse) -> None:
    take(due, make_zip(due.root / "a.zip", {"a_1_11_cnn.ipynb": notebook("a")}), DUE + HOUR)
    assert attempts(due, "1")[0].when == "on time"
    take(due, make_zip(due.root / "a.zip", {"a_LATE_1_11_cnn.ipynb": notebook("a")}), DUE + HOUR)
    (found,) = attempts(due, "1")
    assert found.when == "late"


def test_canvas_on_time_comes_before_a_later_late_one(course: NbgraderCourse) -> None:
    """Also where the gradebook has no due date."""
    take(course, make_zip(course.root / "a.zip", {"a_1_11_cnn.ipynb": notebook("early")}))
    take(course, make_zip(course.root / "b.zip", {"a_LATE_1_12_cnn-1.ipynb": notebook("late")}))
    assert submitted(course, "1") == "early"
    assert len(kept(course, "1")) == 2


def test_older_canvas_download_collected_later_stays_older(course: NbgraderCourse) -> None:
    old = make_zip(course.root / "a.zip", {"a_1_11_cnn.ipynb": notebook("old")})
    new = make_zip(course.root / "b.zip", {"a_1_12_cnn-1.ipynb": notebook("new")})
    back = make_zip(course.root / "c.zip", {"a_1_13_cnn-2.ipynb": notebook("old")})
    take(course, new, DUE)
    take(course, old, DUE + HOUR)
    assert submitted(course, "1") == "new"
    take(course, back, DUE + 2 * HOUR)
    assert submitted(course, "1") == "old"
    assert len(kept(course, "1")) == 3


def test_gradescope_time_counts(due: NbgraderCourse) -> None:
    files = {
        "e/submission_metadata.yml": METADATA.encode(),
        "e/submission_11/cnn.ipynb": notebook("a"),
        "e/submission_12/cnn.ipynb": notebook("b"),
    }
    take(due, make_zip(due.root / "a.zip", files), DUE + 50 * HOUR)
    assert stamp(due, "0101") == datetime(2026, 11, 1, 10, 0, 0, 123456, UTC)
    assert submitted(due, "0102") == submitted(due, "xiaoming@x.org") == "b"


def test_time_of_the_download_can_be_said(due: NbgraderCourse) -> None:
    files = {"Ada L_1_assignsubmission_file_/cnn.ipynb": notebook("a")}
    path = make_zip(due.root / "a.zip", files)
    take(due, path, DUE + 9 * HOUR, downloaded=DUE)
    (found,) = attempts(due, "1")
    assert (found.when, found.late) == ("on time", 0)
    assert found.rests_on == "it was there when it was downloaded, as you said"


def test_time_of_the_download_can_be_said_later(due: NbgraderCourse) -> None:
    files = {"Ada L_1_assignsubmission_file_/cnn.ipynb": notebook("a")}
    path = make_zip(due.root / "a.zip", files)
    take(due, path, DUE + 9 * HOUR)
    assert [one.when for one in attempts(due, "1")] == ["unknown"]
    result = take(due, path, DUE + 9 * HOUR, downloaded=DUE)
    assert [(line.status, line.late) for line in result.lines] == [("same", 0)]
    take(due, path, DUE + 9 * HOUR, downloaded=DUE + HOUR)  # a later one has it once more
    assert [one.when for one in attempts(due, "1")] == ["on time"]


@pytest.mark.parametrize(
    ("files", "answer", "said"),
    [
        ({"my homework.ipynb": "a"}, "a", "the only notebook"),
        ({"cnn-1.ipynb": "a", "other.ipynb": "b"}, "a", "by its exercises"),
        ({"work/cnn.ipynb": "a", "other.ipynb": "b"}, "a", "by its exercises"),
        ({"cnn.ipynb": "a", "cnn-1.ipynb": "a"}, "a", ""),
        ({"x.ipynb": "a", "other cnn.ipynb": "b"}, "a", "by its exercises"),
    ],
    ids=["only", "canvas again", "in a folder", "twice the same", "exercises"],
)
def test_file_name_is_forgiven(
    course: NbgraderCourse, files: dict[str, str], answer: str, said: str
) -> None:
    contents = {
        f"ada/{name}": notebook(text, "other" if name.startswith("other") else "conv2d")
        for name, text in files.items()
    }
    result = take(course, unpack(course.root / "download", contents))
    assert submitted(course) == answer
    assert result.complete
    assert said in " ".join(result.lines[0].notes)
    folder = next((course.root / "received" / ASSIGNMENT / "ada").iterdir()) / "files"
    assert {p.relative_to(folder).as_posix() for p in folder.rglob("*.ipynb")} == set(files)


def test_what_cannot_be_told_waits_and_an_earlier_attempt_counts(course: NbgraderCourse) -> None:
    two = {"ada/x.ipynb": notebook("a"), "ada/y.ipynb": notebook("b")}
    folder = unpack(course.root / "download", two)
    result = take(course, folder)
    assert (result.complete, list(result.waiting)) == (False, ["ada"])
    assert "2 notebooks may be cnn.ipynb" in result.waiting["ada"]
    assert not (course.submitted / "ada").exists()
    one(course, "clear", DUE + HOUR)
    take(course, unpack(course.root / "more", {"ada/essay.pdf": b"%PDF"}), DUE + 2 * HOUR)
    assert submitted(course) == "clear"
    assert len(kept(course)) == 3


def test_zip_of_a_student_is_unpacked_and_kept_as_it_came(course: NbgraderCourse) -> None:
    files = {"work/cnn.ipynb": notebook("a"), "../evil": b"x", "work/data.csv": b"1"}
    inner = make_zip(course.root / "inner.zip", files).read_bytes()
    result = take(course, make_zip(course.root / "a.zip", {"a_1_11_work.zip": inner}))
    assert submitted(course, "1") == "a"
    assert any("evil" in note for note in result.lines[0].notes)
    assert not list(course.root.rglob("evil"))
    (kept_zip,) = (course.root / "received").rglob("work.zip")
    assert kept_zip.read_bytes() == inner


def test_roster_gives_the_gradebooks_ids(course: NbgraderCourse) -> None:
    roster = course.root / "gradebook.csv"
    roster.write_text(CANVAS_GRADEBOOK.format(name="CNN", number=7), encoding="utf-8-sig")
    files = {"lovelaceada_101_1_cnn.ipynb": notebook("a"), "x_999_2_cnn.ipynb": notebook("b")}
    path = make_zip(course.root / "a.zip", files)
    result = take(course, path, roster=read_roster(roster))
    assert result.ids == "SIS Login ID"
    assert submitted(course, "ada") == "a"
    assert [(line.student, line.status) for line in result.lines][-1] == ("999", "left out")
    assert "not on the roster" in result.lines[-1].notes[0]
    # Whom the class has keeps the id, whatever column others are to have theirs of.
    again = take(course, path, roster=read_roster(roster, "SIS User ID"))
    assert next((line.student, line.status) for line in again.lines) == ("ada", "same")
    assert course.students(ASSIGNMENT) == ("ada",)


def test_moodle_roster_gives_email_addresses(course: NbgraderCourse) -> None:
    (course.root / "w.csv").write_text(MOODLE_WORKSHEET, encoding="utf-8")
    files = {"Béla_7 Özdemir_102_assignsubmission_file_/cnn.ipynb": notebook("b")}
    path = make_zip(course.root / "a.zip", files)
    take(course, path, roster=read_roster(course.root / "w.csv"))
    assert submitted(course, "bela@x.org") == "b"


@pytest.mark.parametrize("student", ["..", ".hidden", "a\nb"])
def test_id_that_is_no_folder_name_is_left_out(course: NbgraderCourse, student: str) -> None:
    roster = course.root / "r.csv"
    roster.write_text(f'Student,ID,SIS Login ID\nEve,7,"{student}"\n')
    files = {"eve_7_1_cnn.ipynb": notebook("a")}
    path = make_zip(course.root / "a.zip", files)
    result = take(course, path, roster=read_roster(roster))
    assert [line.status for line in result.lines] == ["left out"]
    assert tree(course) == {}


def test_file_that_a_person_puts_there_counts_until_the_person_says_otherwise(
    due: NbgraderCourse,
) -> None:
    one(due, "mine", DUE - HOUR)
    folder = due.submission_folder("ada", ASSIGNMENT)
    (folder / "cnn.ipynb").write_bytes(notebook("by hand"))
    (folder / "extra.txt").write_text("a note")
    one(due, "mine", DUE + 48 * HOUR)
    assert submitted(due) == "by hand"
    newer = gradescope(due, "newer", DUE - HOUR / 2)
    assert submitted(due) == "by hand"
    assert "attempt 2 counts, because somebody said so" in newer.lines[0].notes
    (found,) = [entry for entry in kept(due) if entry["source"] == "submitted"]
    assert found["number"] == 2
    (extra,) = (due.root / "received").rglob("extra.txt")
    assert answer_in(extra.parent / "cnn.ipynb") == "by hand"
    before = tree(due)
    one(due, "mine", DUE)
    assert tree(due) == before


def test_mended_file_is_as_old_as_the_one_in_whose_place_it_is(due: NbgraderCourse) -> None:
    """The time that stood beside it still stands there."""
    gradescope(due, "damaged", DUE - HOUR)
    folder = due.submission_folder("ada", ASSIGNMENT)
    (folder / "cnn.ipynb").write_bytes(notebook("mended"))
    gradescope(due, "damaged", DUE - HOUR)
    assert (submitted(due), stamp(due)) == ("mended", DUE - HOUR)
    assert [one.late for one in attempts(due)] == [0, 0]


@pytest.mark.parametrize("late", [True, False])
def test_time_that_a_person_puts_right_stays(due: NbgraderCourse, late: bool) -> None:
    gradescope(due, "mine", DUE + HOUR if late else DUE - HOUR)
    right = DUE - 2 * HOUR if late else DUE + 2 * HOUR
    stamped = due.submission_folder("ada", ASSIGNMENT) / "timestamp.txt"
    stamped.write_text(right.strftime("%Y-%m-%d %H:%M:%S UTC"))
    gradescope(due, "mine", DUE + HOUR if late else DUE - HOUR)
    assert stamp(due) == right
    (found,) = attempts(due)
    assert found.late == (0 if late else 7200)
    assert found.rests_on.endswith("said so")


def test_what_nbgraders_own_collect_puts_there_is_an_attempt_like_others(
    due: NbgraderCourse,
) -> None:
    folder = unpack(
        due.submission_folder("ada", ASSIGNMENT),
        {
            "cnn.ipynb": notebook("by nbgrader"),
            "submission_secret.txt": b"0" * 32,
            "timestamp.txt": (DUE - HOUR).strftime("%Y-%m-%d %H:%M:%S UTC").encode(),
        },
    )
    gradescope(due, "newer", DUE - HOUR / 2)
    assert submitted(due) == "newer"
    assert not (folder / "submission_secret.txt").exists()
    assert [one.late for one in attempts(due)] == [0, 0]


def test_person_who_says_which_file_it_is_does_not_make_it_late(due: NbgraderCourse) -> None:
    two = {"ada/x.ipynb": notebook("a"), "ada/y.ipynb": notebook("b")}
    download = unpack(due.root / "two", two)
    assert "ada" in take(due, download, DUE - HOUR).waiting
    unpack(due.submission_folder("ada", ASSIGNMENT), {"cnn.ipynb": notebook("b")})
    result = take(due, download, DUE + HOUR)
    assert result.complete
    assert submitted(due) == "b"
    assert [one.late for one in attempts(due)] == [0, 0]


def test_by_hand_renamed_notebook_is_kept_once(course: NbgraderCourse) -> None:
    folder = course.submission_folder("ada", ASSIGNMENT)
    unpack(folder, {"draft.ipynb": notebook("by hand"), "timestamp.txt": b"no time"})
    one(course, "old", datetime(2020, 1, 1, tzinfo=UTC))
    assert submitted(course) == "by hand"
    before = tree(course)
    one(course, "old", DUE)
    assert tree(course) == before


def test_folder_with_what_cannot_be_kept_is_left_alone(course: NbgraderCourse) -> None:
    folder = unpack(course.submission_folder("ada", ASSIGNMENT), {"cnn.ipynb": notebook("hand")})
    (folder / "data").symlink_to("/etc")
    result = one(course, "mine", DUE)
    assert "move it away" in result.waiting["ada"]
    assert (folder / "data").is_symlink()
    assert submitted(course) == "hand"
    assert len(kept(course)) == 1


def inbound(course: NbgraderCourse, name: str, answer: str) -> Path:
    folder = course.root / "exchange" / "small" / "inbound" / name
    early = b"2020-01-01 00:00:00.000000 UTC"
    return unpack(folder, {"cnn.ipynb": notebook(answer), "timestamp.txt": early})


def test_exchange_time_is_when_the_folder_last_changed(course: NbgraderCourse) -> None:
    before = datetime.now(UTC) - timedelta(seconds=1)
    place = inbound(course, f"ada+{ASSIGNMENT}+2020-01-01 00:00:00 UTC+r", "first")
    inbound(course, f"b+ob+{ASSIGNMENT}+2020-01-01 00:00:00 UTC", "bob's")
    inbound(course, "ada+01_other+2020-01-01 00:00:00 UTC+r", "other")
    os.utime(place, (0, 0))
    os.utime(place / "cnn.ipynb", (0, 0))
    result = take(course, None, datetime.now(UTC))
    assert sorted(line.student for line in result.lines) == ["ada", "b+ob"]
    assert stamp(course) > before
    assert stamp(course).timestamp() == pytest.approx(place.joinpath("cnn.ipynb").stat().st_ctime)
    inbound(course, f"ada+{ASSIGNMENT}+2019-01-01 00:00:00 UTC+s", "second")
    take(course, None, datetime.now(UTC))
    assert submitted(course) == "second"
    assert [entry["number"] for entry in kept(course)] == [1, 2]


@pytest.mark.parametrize(
    ("name", "age", "named"),
    [
        ("timestamp.txt", 90, True),
        ("timestamp.txt", 30 * 86_400, True),
        ("timestamp.txt", 20, False),
        ("cnn.ipynb", 86_400, False),  # nbgrader keeps the time of a student's file
    ],
)
def test_folder_that_was_changed_after_it_was_handed_in_is_named(
    due: NbgraderCourse, name: str, age: int, named: bool
) -> None:
    """As by `chmod -R`, of all; the time stays that of the change until somebody says another."""
    for student in ("ada", "bob"):
        folder = inbound(due, f"{student}+{ASSIGNMENT}+2026-01-01 00:00:00 UTC+r", student)
        before = datetime.now(UTC).timestamp() - age
        os.utime(folder / name, (before, before))
    result = take(due, None, datetime.now(UTC))
    told = [any("changed after it was handed in" in n for n in line.notes) for line in result.lines]
    assert told == [named, named]
    say_times(due, ASSIGNMENT, {"ada": "2026-10-31T12:00", "bob": None})
    assert (attempts(due)[0].late, attempts(due, "bob")[0].time) == (0, None)


def test_exchange_folder_owned_by_another_student_does_not_count(
    course: NbgraderCourse, monkeypatch: pytest.MonkeyPatch
) -> None:
    inbound(course, f"ada+{ASSIGNMENT}+2020-01-01 00:00:00 UTC+r", "forged")
    inbound(course, f"eve+{ASSIGNMENT}+2020-01-01 00:00:00 UTC+r", "eve's")
    monkeypatch.setattr(inbounds, "_owner", lambda path: "eve")
    result = take(course, None)
    assert "owned by eve" in result.waiting["ada"]
    assert not (course.submitted / "ada").exists()
    assert submitted(course, "eve") == "eve's"
    assert len(kept(course)) == 1
    # Unless a person says so.
    unpack(course.submission_folder("ada", ASSIGNMENT), {"cnn.ipynb": notebook("forged")})
    result = take(course, None)
    assert submitted(course) == "forged"
    assert len(kept(course)) == 1
    assert not result.waiting


@pytest.mark.parametrize(
    ("owners", "held"),
    [
        ({"ada": "mallory", "bob": "bob"}, {"ada"}),  # mallory has handed in nothing yet
        ({"ada": "mallory", "bob": "mallory", "eve": "eve"}, {"ada", "bob"}),
        ({"ada": "mallory"}, {"ada"}),
        ({"ada": "mallory", "mallory": "mallory"}, {"ada"}),
        ({"ada": "nbgrader", "bob": "nbgrader"}, set()),  # one hands in for all
        ({"ada": "teacher", "bob": "bob"}, set()),  # who made the exchange may do so
        ({"ada": "Ada", "bob": "CORP\\bob", "eve": "eve@corp.org"}, set()),
        ({"ada": "jupyter-ada", "eve": "jupyter-bob"}, {"eve"}),
        ({"a-name-of-26-characters-xyz": "jupyter-a-name-of-26-chara-b1847"}, set()),
        ({"a-name-of-26-characters-xyz": "jupyter-a-name-of-26-chara-00000", "b": "b"},
         {"a-name-of-26-characters-xyz"}),
        ({"ada": "", "bob": "bob"}, set()),  # an account that this machine does not know
    ],
)  # fmt: skip
def test_folder_of_another_account_does_not_count(
    course: NbgraderCourse,
    monkeypatch: pytest.MonkeyPatch,
    owners: dict[str, str],
    held: set[str],
) -> None:
    for student in owners:
        inbound(course, f"{student}+{ASSIGNMENT}+2026-01-01 00:00:00 UTC+r", "answer")

    def owner(path: Path) -> str:
        return owners.get(path.name.partition("+")[0], "teacher")

    monkeypatch.setattr(inbounds, "_owner", owner)
    result = take(course, None)
    assert set(result.waiting) == held
    for student in owners:
        assert (course.submitted / student).exists() == (student not in held)
        if student in held:
            assert (
                f"owned by {'' if owners[student] in owners else 'the account '}"
                in (result.waiting[student])
            )


@pytest.mark.parametrize("joined_before", [True, False])
@pytest.mark.parametrize("other", ["", "mallory"])
def test_folder_of_a_students_other_account_follows_the_join(
    course: NbgraderCourse, monkeypatch: pytest.MonkeyPatch, joined_before: bool, other: str
) -> None:
    """An account has got another name; the word can be taken back. `other` owns a second folder."""
    inbound(course, f"ada+{ASSIGNMENT}+2026-01-01 00:00:00 UTC+r", "mine")
    inbound(course, f"bob+{ASSIGNMENT}+2026-01-01 00:00:00 UTC+r", "bob's")
    owners = {"ada": "alove", "bob": other or "bob"}
    monkeypatch.setattr(
        inbounds, "_owner", lambda path: owners.get(path.name.partition("+")[0], "teacher")
    )
    if not joined_before:
        assert "owned by the account alove" in take(course, None).waiting["ada"]
        assert not course.submission_folder("ada", ASSIGNMENT).exists()
        roll_word = roll.say_renamed(course, "ada", "alove", DUE)
        place(course, ASSIGNMENT)
    else:
        one(course, "older", DUE - 80_000 * HOUR)
        roll_word = roll.say_renamed(course, "ada", "alove", DUE)
        assert set(take(course, None).waiting) == ({"bob"} if other else set())
    assert submitted(course, "alove") == "mine"
    assert course.submission_folder("bob", ASSIGNMENT).exists() == (not other)
    roll.take_back(course, roll_word.number, DUE)
    place(course, ASSIGNMENT)
    assert "owned by the account alove" in standing(course).waits
    counts = standing(course).counts
    assert (counts is not None) == joined_before
    if counts is not None:
        assert submitted(course) == "older"


@pytest.mark.parametrize(
    "words", ["is owned by the account alove, not by ada", "is owned by alove, another student"]
)
def test_receipt_of_before_says_in_words_whose_account_it_was(
    course: NbgraderCourse, monkeypatch: pytest.MonkeyPatch, words: str
) -> None:
    place_of_it = inbound(course, f"ada+{ASSIGNMENT}+2026-01-01 00:00:00 UTC+r", "mine")
    inbound(course, f"bob+{ASSIGNMENT}+2026-01-01 00:00:00 UTC+r", "bob's")
    monkeypatch.setattr(inbounds, "_owner", lambda path: "alove" if path == place_of_it else "bob")
    take(course, None)
    (path,) = (course.root / "received" / ASSIGNMENT / "ada").rglob("receipt.json")
    before = json.loads(path.read_bytes())
    del before["owner"]
    path.write_text(json.dumps({**before, "version": 2, "held": f"{place_of_it.name} {words}"}))
    assert standing(course).waits
    roll.say_renamed(course, "ada", "alove", DUE)
    place(course, ASSIGNMENT)
    assert submitted(course, "alove") == "mine"


def test_one_who_submits_for_two_is_no_service_once_others_submit(
    course: NbgraderCourse, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Also where the others have handed in another assignment only."""
    owners = {"ada": "mallory", "bob": "mallory", "eve": "eve"}
    for student in ("ada", "bob"):
        inbound(course, f"{student}+{ASSIGNMENT}+2026-01-01 00:00:00 UTC+r", "answer")
    inbound(course, "eve+01_other+2026-01-01 00:00:00 UTC+r", "answer")
    monkeypatch.setattr(
        inbounds, "_owner", lambda path: owners.get(path.name.partition("+")[0], "teacher")
    )
    assert set(take(course, None).waiting) == {"ada", "bob"}


def test_what_programs_put_into_a_folder_makes_no_attempt(due: NbgraderCourse) -> None:
    """A folder of feedback that was fetched, packages, caches: the second time all is the same."""
    metadata = METADATA.replace("10:00:00.123456789 Z", "13:00:00 Z").encode()
    files = {"e/submission_metadata.yml": metadata, "e/submission_12/cnn.ipynb": notebook("b")}
    for name in ("cnn.ipynb", "feedback/2026/cnn.html", "feedback_data/x.csv", "venv/bin/python",
                 ".git/HEAD", "__pycache__/x.pyc", ".ipynb_checkpoints/cnn.ipynb",
                 "work/venv/pyvenv.cfg", ".DS_Store", "data/x.csv"):  # fmt: skip
        files[f"e/submission_11/{name}"] = notebook("a") if name == "cnn.ipynb" else b"1"
    path = make_zip(due.root / "a.zip", files)
    first = take(due, path, DUE + 50 * HOUR)
    before = tree(due)
    again = take(due, path, DUE + 500 * HOUR)
    assert tree(due) == before
    assert [line.status for line in again.lines] == ["same"] * 3
    assert [entry["source"] for entry in kept(due, "0101")] == ["gradescope"]
    assert [line.late for line in again.lines if line.student == "0101"] == [3600]
    folder = due.submission_folder("0101", ASSIGNMENT)
    there = {p.relative_to(folder).as_posix() for p in folder.rglob("*") if p.is_file()}
    assert there == {"cnn.ipynb", "data/x.csv", "timestamp.txt"}
    (notes,) = [line.notes for line in first.lines if line.student == "0101"]
    assert sorted(note.partition(":")[0] for note in notes) == [
        ".git", "__pycache__", "feedback_data", "venv", "work/venv",
    ]  # fmt: skip


@pytest.mark.parametrize("more", [0, 30])
def test_newest_attempt_is_placed_whatever_lies_beside_it(
    course: NbgraderCourse, monkeypatch: pytest.MonkeyPatch, more: int
) -> None:
    monkeypatch.setattr(downloads, "MAX_FILES", 10)
    monkeypatch.setattr(submission, "MAX_FILES", 10)
    one(course, "first", DUE)
    files = {f"ada/venv/lib/{n}.py": b"" for n in range(3000)}
    files |= {f"ada/data/{n}.csv": b"" for n in range(9 + more)}
    files |= {"ada/z.ipynb": notebook("second")}
    path = make_zip(course.root / "b.zip", files)
    for at in (DUE + HOUR, DUE + 2 * HOUR):
        result = take(course, path, at)
        assert (result.complete, submitted(course)) == (True, "second")
        assert [entry["source"] for entry in kept(course)] == ["folder"] * 2
    assert any("more than 10 files" in line for line in result.lines[0].notes) == bool(more)
    assert "venv: holds installed packages; it is left out" in result.lines[0].notes


def test_one_students_folder_of_nbgraders_own(course: NbgraderCourse) -> None:
    files = {f"ada/{ASSIGNMENT}/cnn.ipynb": notebook("a"), f"ada/{ASSIGNMENT}/data/x.csv": b"1"}
    result = take(course, make_zip(course.root / "a.zip", files))
    assert [line.student for line in result.lines] == ["ada"]
    assert submitted(course) == "a"
    assert (course.submission_folder("ada", ASSIGNMENT) / "data" / "x.csv").read_bytes() == b"1"


def test_group_hands_in_for_all_its_members(course: NbgraderCourse) -> None:
    roster = course.root / "groups.csv"
    roster.write_text(
        "name,canvas_user_id,user_id,login_id,sections,group_name,canvas_group_id,group_id\n"
        '"Lovelace, Ada",101,S1,ada,A,The Engines,7,\nBéla Ö,102,S2,bela,A,The Engines,7,\n'
        '"Solo, Eve",103,S3,eve,A,,,\n',
        encoding="utf-8",
    )
    files = {
        "theengines_102_9001_cnn.ipynb": notebook("ours"),
        "soloeve_103_9002_cnn.ipynb": notebook("mine"),
    }
    path = make_zip(course.root / "a.zip", files)
    result = take(course, path, roster=read_roster(roster))
    assert result.complete
    assert {name: submitted(course, name) for name in ("ada", "bela", "eve")} == {
        "ada": "ours", "bela": "ours", "eve": "mine",
    }  # fmt: skip
    assert "handed in by the group theengines" in result.lines[0].notes


def test_earlier_submission_that_gradescope_made_active_again_is_said(
    course: NbgraderCourse,
) -> None:
    def export(number: int, time: str, answer: str) -> Path:
        listed = METADATA.replace("submission_11", f"submission_{number}")
        files = {
            "e/submission_metadata.yml": listed.replace("10:00:00.123456789", time).encode(),
            f"e/submission_{number}/cnn.ipynb": notebook(answer),
        }
        return make_zip(course.root / f"{number}-{time[:2]}.zip", files)

    old, new = export(11, "10:00:00", "old"), export(21, "11:00:00", "new")
    take(course, old)
    take(course, new)
    again = take(course, old)
    assert submitted(course, "0101") == "new"
    (notes,) = [line.notes for line in again.lines if line.student == "0101"]
    assert any("Gradescope takes this earlier attempt as the active one" in n for n in notes)
    newest = take(course, new)
    assert not any("active" in note for line in newest.lines for note in line.notes)


def test_without_an_exchange_it_is_said(course: NbgraderCourse) -> None:
    with pytest.raises(UserError, match="the exchange cannot be read"):
        take(course, None)


def test_unknown_assignment_is_said(course: NbgraderCourse) -> None:
    with pytest.raises(UserError, match="unknown assignment"):
        collect(course, "09_none", course.root)
    with pytest.raises(UserError, match="unknown assignment"):
        collect(course, "../x", course.root)


def test_damaged_receipt_stops_nobody_else(course: NbgraderCourse) -> None:
    one(course, "a", DUE)
    (receipt,) = (course.root / "received").rglob("receipt.json")
    receipt.write_text("{}")
    files = {"ada/cnn.ipynb": notebook("b"), "bob/cnn.ipynb": notebook("b")}
    result = take(course, unpack(course.root / "both", files), DUE + HOUR)
    assert "receipt.json: is damaged" in result.waiting["ada"]
    assert (submitted(course), submitted(course, "bob")) == ("a", "b")
    assert not result.complete


def test_journal_that_a_kill_cut_goes_on(due: NbgraderCourse) -> None:
    gradescope(due, "mine", DUE + HOUR)
    journal = due.root / "received" / ASSIGNMENT / "journal.jsonl"
    journal.write_bytes(journal.read_bytes() + b'{"at": "2026-')
    gradescope(due, "newer", DUE + 2 * HOUR)
    assert submitted(due) == "newer"
    assert [json.loads(line)["attempt"] for line in journal.read_text().splitlines()] == [1, 2]


def test_damaged_line_of_the_journal_is_named(due: NbgraderCourse) -> None:
    gradescope(due, "mine", DUE + HOUR)
    journal = due.root / "received" / ASSIGNMENT / "journal.jsonl"
    journal.write_bytes(b"what?\n" + journal.read_bytes())
    result = gradescope(due, "newer", DUE + 2 * HOUR)
    assert submitted(due) == "newer"
    assert any("line 1 is damaged" in note for note in result.notes)


VERSION_1 = {
    "the time of Gradescope": ("on time", -3600),
    "when it was last changed in the exchange, by the file system": ("on time", -3600),
    "when it was collected": ("unknown", None),
    "when it was downloaded, as you said": ("unknown", None),
    "on time, by Canvas": ("on time", None),
    "late, by Canvas; how late is not known, so one second": ("late", None),
}


@pytest.mark.parametrize("rests_on", VERSION_1)
def test_receipts_of_the_first_version_are_brought_along(
    due: NbgraderCourse, rests_on: str
) -> None:
    when, told = VERSION_1[rests_on]
    gradescope(due, "mine", DUE - HOUR)
    (path,) = (due.root / "received").rglob("receipt.json")
    new = json.loads(path.read_bytes())
    received = DUE + timedelta(seconds=told if told is not None else 7200)
    old = {name: new[name] for name in (
        "student", "assignment", "number", "source", "origin", "collected", "sha256", "placed",
        "order", "waits", "held", "notes",
    )}  # fmt: skip
    old |= {
        "received": received.isoformat(), "ordered": received.isoformat(), "rests_on": rests_on,
        "on_time": None if "Canvas" not in rests_on else rests_on.startswith("on time"),
        "late": 0.0, "collected": (DUE + 9 * HOUR).isoformat(),
    }  # fmt: skip
    path.write_text(json.dumps(old))
    (due.root / "received" / ASSIGNMENT / "journal.jsonl").unlink()
    stamped = due.submission_folder("ada", ASSIGNMENT) / "timestamp.txt"
    stamped.write_text(received.strftime("%Y-%m-%d %H:%M:%S.%f UTC"))
    (found,) = attempts(due)
    assert (found.when, found.time) == (when, received if told is not None else None)
    place(due, ASSIGNMENT)  # what it wrote then is nobody's word now
    assert [one.rests_on for one in attempts(due)] == [found.rests_on]
    assert stamped.exists() == (told is not None)
    assert submitted(due) == "mine"


@pytest.mark.parametrize(
    "command",
    [["attempts", ASSIGNMENT], ["late", ASSIGNMENT], ["history"], ["students"],
     ["export", ASSIGNMENT, "--to", "csv"]],
    ids=lambda words: words[0],
)  # fmt: skip
def test_command_that_shows_the_class_places_what_a_kill_left(
    due: NbgraderCourse, command: list[str]
) -> None:
    """A word is kept, and the command that said it is killed before it has placed anything."""
    gradescope(due, "first", DUE - 2 * HOUR)
    gradescope(due, "second", DUE - HOUR)
    note_unplaced(due, [ASSIGNMENT, "gone"])  # one that the course has no longer
    work = receipts.Received(due.root / "received", ASSIGNMENT).journal()
    work.facts()
    work.add(journal.Said.COUNTS, "ada", 1, now=DUE)
    assert (standing(due).chosen, submitted(due)) == (True, "second")
    result = CliRunner().invoke(app, [*command, "--course", str(due.root)])
    assert result.exit_code in (0, 1), result.output
    assert submitted(due) == "first"
    assert unplaced(due) == ()


def test_two_at_a_time_are_refused(course: NbgraderCourse) -> None:
    with (
        receipts.Received(course.root / "received", ASSIGNMENT).only_one(),
        ProcessPoolExecutor(1, mp_context=get_context("fork")) as other,
        pytest.raises(UserError, match="another process is collecting"),
    ):
        other.submit(one, course, "a", DUE).result()


def test_kill_at_any_moment_and_again_ends_the_same(due: NbgraderCourse) -> None:
    """Killed in a fork before each rename and each fsync of a folder, one after the other."""
    one(due, "first", DUE - 3 * HOUR, "bob")
    by_hand = due.submission_folder("bob", ASSIGNMENT)
    (by_hand / "cnn.ipynb").write_bytes(notebook("by hand"))
    second = {
        "bob/cnn.ipynb": notebook("second"),
        "cyd/work.ipynb": notebook("second"),
    }
    folder = unpack(due.root / "second", second)
    start = due.root.parent / "start"
    shutil.copytree(due.root, start)
    wanted = None
    for killed_at in range(1000):
        shutil.rmtree(due.root)
        shutil.copytree(start, due.root)
        ended = killed_before(killed_at, lambda: take(due, folder, DUE - HOUR))
        take(due, folder, DUE - HOUR)
        wanted = wanted or tree(due)
        assert tree(due) == wanted
        assert not (due.submitted / ".collecting").exists()
        if ended:
            break
    assert killed_at > 20
    assert (submitted(due, "bob"), submitted(due, "cyd")) == ("by hand", "second")
    assert [len(kept(due, name)) for name in ("bob", "cyd")] == [3, 1]
