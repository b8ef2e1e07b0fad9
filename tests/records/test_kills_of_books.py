"""Killed anywhere: what was said to be kept is kept, and what follows from it is the same."""

import shutil
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import played_class
import pytest
from killed import killed_before
from played_class import ASSIGNMENT, NOTEBOOK
from small_class import make_zip, unpack

from autograder.assignment.nbgrader_course import NbgraderCourse, open_course
from autograder.classroom.grade_class import grade_class
from autograder.intake import words
from autograder.intake.collect import collect, place, place_what_is_left
from autograder.records.books import read_books
from autograder.records.class_marks import read_marks
from autograder.records.journal import Journal, Said
from autograder.records.receipts import Received

DUE = datetime(2026, 11, 1, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)
CLASS = f"""
[due]
"{ASSIGNMENT}" = 2026-11-01T12:00:00
[late]
share_per_day = 0.25
"""


@pytest.fixture
def course(tmp_path: Path) -> NbgraderCourse:
    root = tmp_path / "course"
    played_class.make_course(root)
    (root / "class.toml").write_text(CLASS)
    return open_course(root)


class Commands:
    """What a teacher does one after the other, with the clock that each is done by."""

    def __init__(self, course: NbgraderCourse) -> None:
        self._course = course
        self.all: tuple[Callable[[], Any], ...] = (
            self.first_download, self.late_ones, self.say_a_time, self.choose, self.leave_out,
            self.put_by_hand, self.take_back, self.write_a_time,
        )  # fmt: skip

    def clock(self) -> datetime:
        return DUE + 60 * HOUR

    def do(self, told: Path) -> None:
        """Do all; `told` gets a byte when a command is done."""
        for command in self.all:
            command()
            with told.open("ab") as stream:
                stream.write(b".")

    def first_download(self) -> None:
        folder = self._course.root / "download"
        for student, answer in {"ada": 1, "bob": 2}.items():
            unpack(folder / student, {NOTEBOOK: played_class.notebook(answer)})
        collect(self._course, ASSIGNMENT, folder, clock=self.clock)

    def late_ones(self) -> None:
        listed = "".join(
            f"submission_{number}:\n  :submitters:\n  - :sid: {student}\n"
            f"  :created_at: {(DUE + number * HOUR).isoformat()}\n"
            for number, student in enumerate(("ada", "bob", "cyd"), 1)
        )
        files = {"e/submission_metadata.yml": listed.encode()} | {
            f"e/submission_{number}/{NOTEBOOK}": played_class.notebook(4) for number in (1, 2, 3)
        }
        path = make_zip(self._course.root / "late.zip", files)
        collect(self._course, ASSIGNMENT, path, clock=self.clock)

    def say_a_time(self) -> None:
        times = {"ada": "2026-11-01T11:00", "cyd": None}
        words.say_times(self._course, ASSIGNMENT, times, clock=self.clock)

    def choose(self) -> None:
        words.choose(self._course, ASSIGNMENT, "ada", 2, clock=self.clock)

    def leave_out(self) -> None:
        words.leave_out_of(self._course, ASSIGNMENT, {"bob": [1]}, clock=self.clock)

    def put_by_hand(self) -> None:
        folder = self._course.submission_folder("bob", ASSIGNMENT)
        unpack(folder, {NOTEBOOK: played_class.notebook(8)})
        place(self._course, ASSIGNMENT, clock=self.clock)

    def take_back(self) -> None:
        received = Received(self._course.root / "received", ASSIGNMENT)
        for fact in received.journal().facts():
            if fact.said is Said.COUNTS:
                words.take_back(self._course, ASSIGNMENT, fact.number, clock=self.clock)

    def write_a_time(self) -> None:
        path = self._course.submission_folder("ada", ASSIGNMENT) / "timestamp.txt"
        path.write_text("2026-11-01 14:00:00 UTC")
        place(self._course, ASSIGNMENT, clock=self.clock)


def facts(course: NbgraderCourse) -> list[tuple[Any, ...]]:
    """The journal's lines without their numbers, those that were taken back too."""
    journal = Journal(course.root / "received" / ASSIGNMENT)
    journal.facts()
    assert journal.damaged == ()
    lines = journal.path.read_bytes() if journal.path.exists() else b""
    return [tuple(line.split(b", ")) for line in lines.split(b"\n")[:-1]]


def worked_out(course: NbgraderCourse) -> dict[str, Any]:
    """Standings, and what lies in submitted/."""
    standings = read_books(course, ASSIGNMENT).standings
    return {
        student: (
            [(one.number, one.time, one.rests_on, one.when, one.late, one.left_out)
             for one in standing.attempts],
            standing.counts and standing.counts.number, standing.chosen, standing.waits,
            # A time that a person wrote is the same without our fractions of a second.
            {path.name: path.read_bytes()[: 19 if path.name == "timestamp.txt" else None]
             for path in course.submission_folder(student, ASSIGNMENT).iterdir()},
        )
        for student, standing in standings.items()
    }  # fmt: skip


def there(course: NbgraderCourse) -> dict[str, tuple[int, bool]]:
    """By student, the answer in submitted/, and whether a time stands beside it."""
    folders = {s: course.submission_folder(s, ASSIGNMENT) for s in course.students(ASSIGNMENT)}
    return {
        student: (
            played_class.answer_in((folder / NOTEBOOK).read_bytes()),
            (folder / "timestamp.txt").is_file(),
        )
        for student, folder in folders.items()
    }


def counting(course: NbgraderCourse) -> dict[str, tuple[int, bool]]:
    """The same of the attempts that count."""
    received = Received(course.root / "received", ASSIGNMENT)
    return {
        student: (
            played_class.answer_in(received.read(one.receipt).files[NOTEBOOK]),
            one.time is not None,
        )
        for student, standing in read_books(course, ASSIGNMENT).standings.items()
        for one in [standing.counts]
        if one is not None
    }


def marks(course: NbgraderCourse) -> list[Any]:
    with played_class.grading(lambda: DUE + 60 * HOUR):
        grade_class(course, ASSIGNMENT)
    (of_it,) = read_marks(course, (ASSIGNMENT,))
    return list(of_it.marks)


@pytest.mark.slow
def test_killed_anywhere_every_fact_stays_and_what_follows_is_the_same(
    course: NbgraderCourse, tmp_path: Path
) -> None:
    commands, start, told = Commands(course), tmp_path / "start", tmp_path / "told"
    shutil.copytree(course.root, start)
    after = []
    """The journal after each command, without a kill."""
    for command in commands.all:
        command()
        after.append(facts(course))
    wanted, wanted_marks = worked_out(course), marks(course)
    # One point and three of the checks, an hour and two hours late; four, nobody knows when.
    assert [mark.score for mark in wanted_marks] == [0.75, 2.25, 4.0]
    for killed_at in range(1000):
        shutil.rmtree(course.root)
        shutil.copytree(start, course.root)
        told.write_bytes(b"")
        ended = killed_before(killed_at, lambda: commands.do(told))
        done = len(told.read_bytes())
        kept = after[done - 1] if done else []
        assert facts(course)[: len(kept)] == kept
        # As each command that shows the class: then submitted/ holds what counts by what was kept.
        place_what_is_left(course, clock=commands.clock)
        assert there(course) == counting(course)
        for command in commands.all[done:]:
            # A line that was taken back before the kill is not taken back twice.
            command()
        assert worked_out(course) == wanted
        if ended:
            break
    assert killed_at > 50
    assert marks(course) == wanted_marks
