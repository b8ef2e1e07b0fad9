"""The class's books against a simple model: whatever is done, in whatever order, both say the same.

The machine does what teachers do to a class of three: it collects downloads of four kinds, edits
class.toml, says when work came and which counts, takes words back, puts files and times into
submitted/ by hand, marks by hand through nbgrader's own API, changes a check, grades, grades in
shards and merges, and sets the clock, also back. `Books` below is the model: what is known is in
lists, and all else is worked out of them, as slowly and plainly as possible. After each step each
standing and each mark is compared, and what was exported and told of the history.
"""

import os
import shutil
from collections import Counter
from collections.abc import Callable, Collection
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import cache
from itertools import count
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import played_class
import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule
from nbgrader.api import Gradebook
from played_class import ANSWERS, ASSIGNMENT, CHECK, NOTEBOOK, POINTS, WORDS, earned, written
from postgresql_server import server
from small_class import make_zip, unpack
from sqlalchemy import create_engine, text

from autograder.assignment.blueprint import read_blueprint
from autograder.assignment.errors import UserError
from autograder.assignment.late_policy import Policy
from autograder.assignment.nbgrader_course import open_course
from autograder.classroom.grade_class import Options, grade_class
from autograder.classroom.merge_shards import merge_shards
from autograder.classroom.shards import Shard
from autograder.export.lms import Target
from autograder.export.marks import Options as ExportOptions
from autograder.export.marks import export
from autograder.gradebook import database
from autograder.gradebook.database import gradebook_url
from autograder.gradebook.history import Happened
from autograder.gradebook.writer import GradebookWriter
from autograder.intake import words
from autograder.intake.collect import collect
from autograder.pages.feedback.words import HELD, OUTDATED, TIME_UNKNOWN
from autograder.pages.feedback.write import FeedbackPages
from autograder.pages.report.build import class_report
from autograder.records.books import read_books
from autograder.records.class_history import class_history
from autograder.records.class_marks import ClassMark, read_marks
from autograder.records.journal import Said
from autograder.records.receipts import Received

STUDENTS = ("101", "102", "103")
DUE = datetime(2026, 10, 24, 12)
"""By the clock of the class; in Berlin, clocks are changed in the night that follows."""
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
TWO = 100
"""Added to an answer, it stands for two notebooks of which either may be the one."""
PERSONS = (Said.TIME, Said.DOWNLOADED, Said.MARKED_LATE, Said.COUNTS, Said.LEFT_OUT)

Late = tuple[datetime | None, str, float | None]
"""When work came, whether that is late, and by how many seconds."""


# --- the model


@dataclass
class Attempt:
    """One attempt, as it came."""

    number: int
    answer: int
    collected: datetime
    origin: str
    time: datetime | None = None
    order: int | None = None
    late: bool | None = None
    downloaded: datetime | None = None
    stands_for: int | None = None
    put: int = 0
    """By hand, as the how-manieth of all that was said and put; 0 if it was not put."""


@dataclass
class Word:
    """Something that a person or a source said of an attempt; `turn` as in `Attempt.put`."""

    said: Said
    student: str
    number: int | None
    value: Any
    turn: int


@dataclass
class Cells:
    """The gradebook of one student, each by cell."""

    graded: tuple[int, int] = (-1, -1)
    """Answer and version of the check."""
    auto: dict[str, float | None] = field(default_factory=dict)
    manual: dict[str, float] = field(default_factory=dict)
    extra: dict[str, float] = field(default_factory=dict)
    comment: str | None = None
    """On the written answer."""
    waits: dict[str, bool] = field(default_factory=dict)
    answers: dict[str, int] = field(default_factory=dict)
    settled: dict[str, int | None] = field(default_factory=dict)
    gradings: int = 0

    def points(self, cell: str) -> float:
        given = self.manual.get(cell, self.auto[cell])
        return 0.0 if given is None else given + self.extra.get(cell, 0.0)


class Books:
    """What is known of the class, and what follows."""

    def __init__(self) -> None:
        self.due: datetime | None = None
        self.extensions: dict[str, int] = {}
        self.policy: Policy | None = None
        self.zone = "UTC"
        self.version = 0
        self.attempts: dict[str, list[Attempt]] = {student: [] for student in STUDENTS}
        self.words: list[Word] = []
        self.there: dict[str, tuple[int, datetime | None]] = {}
        self.placed: dict[str, list[tuple[int, int, datetime | None]]] = {s: [] for s in STUDENTS}
        self.cells: dict[str, Cells] = {}
        self.shards: dict[str, tuple[int, int]] = {}
        self.turn = 0

    # What is said and comes.

    def say(self, said: Said, student: str, number: int | None, value: Any = None) -> None:
        self.turn += 1
        self.words.append(Word(said, student, number, value, self.turn))

    def of(self, student: str, number: int | None, said: Said) -> list[Word]:
        return [
            word
            for word in self.words
            if (word.student, word.number, word.said) == (student, number, said)
        ]

    def take(self, student: str, answer: int, now: datetime, origin: str = "", **more: Any) -> None:
        its = self.attempts[student]
        for one in its:
            if (one.answer, one.origin) == (answer, origin):
                told = [word.value for word in self.of(student, one.number, Said.DOWNLOADED)]
                downloaded, late = more.get("downloaded"), more.get("late")
                if downloaded is not None and downloaded not in [one.downloaded, *told]:
                    self.say(Said.DOWNLOADED, student, one.number, downloaded)
                marked = [word.value for word in self.of(student, one.number, Said.MARKED_LATE)]
                if late is not None and late != [one.late, *marked][-1]:
                    self.say(Said.MARKED_LATE, student, one.number, late)
                return
        its.append(Attempt(len(its) + 1, answer, now, origin, **more))

    # What follows.

    def due_of(self, student: str) -> datetime | None:
        if self.due is None:
            return None
        local = self.due + self.extensions.get(student, 0) * DAY
        return local.replace(tzinfo=ZoneInfo(self.zone), fold=1).astimezone(UTC)

    def in_order(self, student: str) -> list[Attempt]:
        row: list[tuple[datetime, Attempt]] = []  # each with the time at which it stands
        for one in self.attempts[student]:
            place = len(row)
            if one.time is not None and (not row or row[-1][0] <= one.collected):
                while place and row[place - 1][0] > one.time:
                    place -= 1
            for other, (_, before) in enumerate(row):
                if _newer(one, before):
                    place = max(place, other + 1)
            for other, (_, after) in reversed(list(enumerate(row))):
                if _newer(after, one):
                    place = min(place, other)
            at = one.time or one.collected
            at = max([at, row[place - 1][0]]) if place else at
            at = min([at, row[place][0]]) if place < len(row) else at
            row.insert(place, (at, one))
        return [one for _, one in row]

    def late(self, student: str, one: Attempt) -> Late:
        due = self.due_of(student)

        def at(time: datetime) -> Late:
            if due is None:
                return time, "", None
            seconds = max(0.0, (time - due).total_seconds())
            return time, "late" if seconds else "on time", seconds

        said = [word.value for word in self.of(student, one.number, Said.TIME)]
        if said and said[-1] is not None:
            return at(said[-1])
        if not said and one.stands_for is not None:
            return self.late(student, self.attempts[student][one.stands_for - 1])
        if not said and one.time is not None:
            return at(one.time)
        marked = [word.value for word in self.of(student, one.number, Said.MARKED_LATE)]
        late = [one.late, *marked][-1]
        if late is not None:
            return (None, "late", None) if late else (None, "on time", 0.0)
        if due is None:
            return None, "", None
        told = [word.value for word in self.of(student, one.number, Said.DOWNLOADED)]
        was_there = [time for time in (one.collected, one.downloaded, *told) if time is not None]
        return (None, "on time", 0.0) if min(was_there) <= due else (None, "unknown", None)

    def left_out(self, student: str, one: Attempt) -> bool:
        return bool(self.of(student, one.number, Said.LEFT_OUT))

    def counts(self, student: str) -> tuple[Attempt | None, bool, bool]:
        """The attempt that counts, whether a person chose it, and whether a person has to look."""
        row = self.in_order(student)
        chosen = [(w.turn, w.number) for w in self.words
                  if w.student == student and w.said is Said.COUNTS]  # fmt: skip
        chosen += [(one.put, one.number) for one in row if one.put]
        _, wanted = max(chosen, default=(0, None))
        there = [one for one in row if not self.left_out(student, one)]
        for one in there:
            if one.number == wanted and one.answer < TWO:
                return one, True, False
        able = [one for one in there if one.answer < TWO]
        in_time = [one for one in able if self.late(student, one)[1] != "late"]
        best = (in_time or able or [None])[-1]  # type: ignore[list-item]
        return best, False, bool(there) and there[-1].answer >= TWO

    def nothing(self, student: str) -> bool:
        """Whether a person has left out all that the student handed in."""
        row = self.attempts[student]
        return bool(row) and all(self.left_out(student, one) for one in row)

    def take_back(self, student: str) -> None:
        """Grading, of one who has nothing left: no automatic points count any more."""
        its = self.cells[student]
        if its.graded == (-1, -1):
            return
        its.settled = {cell: its.settled.get(cell) if its.waits[cell] else its.answers[cell]
                       for cell in its.waits}  # fmt: skip
        its.graded, its.auto = (-1, -1), dict.fromkeys(its.auto)
        its.waits = dict.fromkeys(its.waits, True)

    # What collecting and grading do.

    def place(self, students: Collection[str], now: datetime) -> None:
        for student in sorted(students):
            if student in self.there:
                self._heed(student, *self.there[student], now)
            counts, _, _ = self.counts(student)
            if counts is None:
                self.there.pop(student, None)
                continue
            time = self.late(student, counts)[0]
            if self.placed[student][-1:] != [(counts.number, counts.answer, time)]:
                self.placed[student].append((counts.number, counts.answer, time))
            self.there[student] = (counts.answer, time)

    def _heed(self, student: str, answer: int, stamp: datetime | None, now: datetime) -> None:
        its, placed = self.attempts[student], self.placed[student]
        same = [one.number for one in its if one.answer == answer]
        if not same:
            ours = stamp is not None and stamp in [time for _, _, time in placed]
            waiting = [one.number for one in its if one.answer >= TWO and answer in _both(one)]
            stands_for = (waiting or [number for number, _, _ in placed if ours] or [None])[-1]
            self.turn += 1
            its.append(
                Attempt(
                    len(its) + 1, answer, now, "submitted", None if stands_for else stamp,
                    stands_for=stands_for, put=self.turn,
                )
            )  # fmt: skip
            return
        holder = ([number for number, its, _ in placed if its == answer] or same)[-1]
        if stamp is None or (answer, stamp) in [(its, time) for _, its, time in placed]:
            return
        if stamp != self.late(student, its[holder - 1])[0]:
            self.say(Said.TIME, student, holder, stamp)

    def collected(self) -> list[str]:
        return [student for student in STUDENTS if self.attempts[student]]

    def grade(self, student: str) -> None:
        answer, _ = self.there[student]
        its = self.cells.setdefault(student, Cells())
        if its.graded == (answer, self.version):
            return
        settled = {cell: its.settled.get(cell) if its.waits[cell] else its.answers[cell]
                   for cell in its.waits}  # fmt: skip
        its.graded, its.settled, its.gradings = (answer, self.version), settled, its.gradings + 1
        its.answers = {CHECK: answer % 5, WORDS: written(answer)}
        its.auto = {CHECK: earned(answer, self.version), WORDS: None if written(answer) else 0.0}
        for cell in POINTS:
            given = cell in its.manual or its.extra.get(cell) or (cell == WORDS and its.comment)
            doubt = bool(given) and settled.get(cell) != its.answers[cell]
            its.waits[cell] = doubt or (its.auto[cell] is None and cell not in its.manual)

    def mark(self, student: str) -> dict[str, Any]:
        """What is to be seen of a student's mark; points only where somebody may see them."""
        its, counts = self.cells.get(student), None
        time, late, held = None, None, False
        due = self.due_of(student)
        answer = self.there.get(student, (None, None))[0]
        if self.attempts[student]:
            counts, _, held = self.counts(student)
            if counts is not None:
                time, when, late = self.late(student, counts)
                late = late if when else 0.0
        elif student in self.there:
            time = self.there[student][1]
            late = 0.0 if due is None else time and max(0.0, (time - due).total_seconds())
        of_nothing = counts is None and (answer is None or bool(self.attempts[student]))
        if its is None or all(its.manual.get(c, its.auto[c]) is None for c in POINTS):
            found = {"graded": False, "held": held}
            return found if of_nothing else {**found, "late": late, "timestamp": time}
        outdated = its.graded[1] != self.version or answer not in (None, its.graded[0])
        if its.graded == (-1, -1):  # no grading counts
            outdated = False
        elif self.attempts[student]:
            outdated |= counts is None or counts.answer != its.graded[0]
        if of_nothing:
            return {"graded": True, "held": held, "outdated": outdated}
        points = [its.points(cell) for cell in POINTS]
        penalty = self.penalty(sum(points), time, due)
        scored = [c for c in POINTS if its.manual.get(c, its.auto[c]) is not None]
        return {
            "graded": True, "held": held, "outdated": outdated, "late": late, "timestamp": time,
            "waiting": sum(its.waits.values()),
            "automatic": sum(its.auto[c] or 0.0 for c in POINTS if c not in its.manual),
            "manual": sum(its.manual.values()),
            "extra_credit": sum(its.extra.get(c, 0.0) for c in scored),
            "late_penalty": penalty, "score": max(0.0, sum(points) - penalty),
        }  # fmt: skip

    def penalty(self, score: float, time: datetime | None, due: datetime | None) -> float:
        if self.policy is None or time is None or due is None or time <= due:
            return 0.0
        on_wall = [at.astimezone(ZoneInfo(self.zone)).replace(tzinfo=None) for at in (due, time)]
        seconds = (on_wall[1] - on_wall[0]).total_seconds()
        if seconds <= 0:  # in the hour that comes twice
            seconds = (time - due).total_seconds()
        return self.policy.penalty(score, sum(POINTS.values()), seconds) or 0.0


def _newer(one: Attempt, other: Attempt) -> bool:
    """Whether the source says so. Of one time, the one that was collected later is the newer."""
    if one.order is not None and other.order is not None:
        return (one.order, one.number) > (other.order, other.number)
    if one.time is not None and other.time is not None:
        return (one.time, one.number) > (other.time, other.number)
    return False


def _both(one: Attempt) -> tuple[int, int]:
    """The answers in the notebooks of an attempt that waits."""
    return one.answer - TWO, (one.answer - TWO + 1) % len(ANSWERS)


# --- the machine

students = st.sampled_from(STUDENTS)
answers = st.sampled_from(ANSWERS)
hours = st.integers(-30, 60)
"""Hours after the due date at first."""
zones = st.sampled_from(["UTC", "Europe/Berlin", "America/New_York", "Asia/Kolkata"])
policies = st.sampled_from(
    [None, Policy(share_per_day=0.25), Policy(15, 0.1, "max", 0.3), Policy(0, 0.1, "score", 1.0, 1)]
)
numbers = st.integers(1, 5)


class AClass(RuleBasedStateMachine):
    """A class of three, the real one and the model's."""

    template: Path
    gradebook = ""
    """Its address; by default it lies in the class."""

    def __init__(self) -> None:
        super().__init__()
        self.root = self.template.with_name("course")
        shutil.copytree(self.template, self.root)
        self.course = open_course(self.root)
        self.books = Books()
        self.now = DUE.replace(tzinfo=UTC) - 5 * HOUR
        self.steps = 0

    def teardown(self) -> None:
        shutil.rmtree(self.root)

    def clock(self) -> datetime:
        return self.now

    def at(self, hours: int) -> datetime:
        return DUE.replace(tzinfo=UTC) + hours * HOUR

    # What comes.

    def collect(self, student: str, files: dict[str, bytes], answer: int, **more: Any) -> None:
        """Take in a download in which a student has these files."""
        downloaded = more.get("downloaded")
        path = make_zip(self.root / "download.zip", files)
        found = collect(
            self.course,
            ASSIGNMENT,
            path,
            clock=self.clock,
            downloaded=downloaded,
            layout=more.pop("layout"),
        )
        if downloaded is not None:
            more["downloaded"] = min(downloaded, self.now)
        self.books.take(student, answer, self.now, **more)
        self.books.place([student], self.now)
        assert {line.student for line in found.lines} == {student}

    @rule(student=students, answer=answers)
    def collect_folder(self, student: str, answer: int) -> None:
        files = {f"{student}/{NOTEBOOK}": played_class.notebook(answer)}
        self.collect(student, files, answer, layout="folder")

    @rule(student=students, answer=answers)
    def collect_two_notebooks(self, student: str, answer: int) -> None:
        both = _both(Attempt(1, answer + TWO, self.now, ""))
        files = {
            f"{student}/{name}.ipynb": played_class.notebook(one)
            for name, one in zip("xy", both, strict=True)
        }
        self.collect(student, files, answer + TWO, layout="folder")

    @rule(student=students, answer=answers, number=numbers, late=st.booleans())
    def collect_canvas(self, student: str, answer: int, number: int, late: bool) -> None:
        name = f"a_{'LATE_' if late else ''}{student}_{number}_{NOTEBOOK}"
        files = {name: played_class.notebook(answer)}
        self.collect(
            student,
            files,
            answer,
            layout="canvas",
            origin=f"files {number}",
            order=number,
            late=late,
        )

    @rule(student=students, answer=answers, hours=hours)
    def collect_gradescope(self, student: str, answer: int, hours: int) -> None:
        time = self.at(hours)
        listed = f"submission_1:\n  :submitters:\n  - :sid: '{student}'\n  :created_at: {time.isoformat()}\n"
        files = {
            "e/submission_metadata.yml": listed.encode(),
            f"e/submission_1/{NOTEBOOK}": played_class.notebook(answer),
        }
        self.collect(student, files, answer, layout="gradescope", origin=f"at {time}", time=time)

    @rule(student=students, answer=answers, hours=st.none() | hours)
    def collect_moodle(self, student: str, answer: int, hours: int | None) -> None:
        files = {f"A B_{student}_assignsubmission_file_/{NOTEBOOK}": played_class.notebook(answer)}
        told = {} if hours is None else {"downloaded": self.at(hours)}
        self.collect(student, files, answer, layout="moodle", **told)

    # What is done in submitted/.

    @rule(student=students, answer=answers, stamp=st.sampled_from(["keep", "none"]) | hours)
    def put(self, student: str, answer: int, stamp: str | int) -> None:
        folder = self.course.submission_folder(student, ASSIGNMENT)
        unpack(folder, {NOTEBOOK: played_class.notebook(answer)})
        time = self.books.there.get(student, (0, None))[1]
        if stamp == "none":
            (folder / "timestamp.txt").unlink(missing_ok=True)
            time = None
        self.books.there[student] = (answer, time)
        if isinstance(stamp, int):
            self.put_time(student, stamp)

    @rule(student=students, hours=hours)
    def put_time(self, student: str, hours: int) -> None:
        if student not in self.books.there:
            return
        path = self.course.submission_folder(student, ASSIGNMENT) / "timestamp.txt"
        path.write_text(f"{self.at(hours):%Y-%m-%d %H:%M:%S.%f} UTC")
        self.books.there[student] = (self.books.there[student][0], self.at(hours))

    @rule(student=students)
    def delete(self, student: str) -> None:
        if not self.books.attempts[student]:
            return  # it is nowhere else, and the gradebook alone remembers it
        shutil.rmtree(self.course.submission_folder(student, ASSIGNMENT), ignore_errors=True)
        self.books.there.pop(student, None)

    # What is said.

    def known(self, student: str) -> bool:
        """What lies in submitted/ is collected before a word is heard."""
        if not (self.books.attempts[student] or student in self.books.there):
            return False
        self.books.place([student], self.now)
        return True

    def refused(self, work: Callable[..., Any], *arguments: Any) -> None:
        with pytest.raises(UserError):
            work(self.course, ASSIGNMENT, *arguments, clock=self.clock)

    def has(self, student: str, number: int | None) -> bool:
        return number is None or number <= len(self.books.attempts[student])

    @rule(student=students, hours=st.none() | hours, number=st.none() | numbers)
    def say_time(self, student: str, hours: int | None, number: int | None) -> None:
        time = None if hours is None else self.at(hours)
        said = {student: time and time.isoformat()}
        known = self.known(student)
        of_it = number
        if known and number is None:
            counts, _, _ = self.books.counts(student)
            of_it = counts.number if counts else None
        if not known or of_it is None or not self.has(student, of_it):
            self.refused(words.say_times, said, number)
            return
        words.say_times(self.course, ASSIGNMENT, said, number, clock=self.clock)
        self.books.say(Said.TIME, student, of_it, time)
        self.books.place([student], self.now)

    @rule(student=students, number=st.none() | numbers)
    def choose(self, student: str, number: int | None) -> None:
        if not self.known(student) or not self.has(student, number):
            self.refused(words.choose, student, number)
            return
        words.choose(self.course, ASSIGNMENT, student, number, clock=self.clock)
        self.books.say(Said.COUNTS, student, number)
        self.books.place([student], self.now)

    @rule(student=students, number=numbers)
    def leave_out(self, student: str, number: int) -> None:
        if not self.known(student) or not self.has(student, number):
            self.refused(words.leave_out_of, {student: [number]})
            return
        words.leave_out_of(self.course, ASSIGNMENT, {student: [number]}, clock=self.clock)
        self.books.say(Said.LEFT_OUT, student, number)
        self.books.place([student], self.now)

    @precondition(lambda self: self.books.words)
    @rule(chance=st.integers(0, 10**6))
    def undo(self, chance: int) -> None:
        number = chance % len(self.books.words)
        line = self.said()[number].number
        words.take_back(self.course, ASSIGNMENT, line, clock=self.clock)
        self.refused(words.take_back, line)
        word = self.books.words.pop(number)
        self.books.place([word.student], self.now)

    def said(self) -> list[Any]:
        facts = Received(self.root / "received", ASSIGNMENT).journal().facts()
        return [fact for fact in facts if fact.said in PERSONS]

    # What is settled for the class.

    @rule(hours=st.none() | hours)
    def set_due(self, hours: int | None) -> None:
        self.books.due = None if hours is None else DUE + hours * HOUR
        self.write_class()

    @rule(student=students, days=st.integers(0, 3))
    def extend(self, student: str, days: int) -> None:
        self.books.extensions[student] = days
        self.write_class()

    @rule(policy=policies)
    def set_policy(self, policy: Policy | None) -> None:
        self.books.policy = policy
        self.write_class()

    @rule(zone=zones)
    def set_zone(self, zone: str) -> None:
        self.books.zone = zone
        self.write_class()

    def write_class(self) -> None:
        books, lines = self.books, [f'timezone = "{self.books.zone}"']
        if self.gradebook:
            lines.insert(0, f'gradebook = "{self.gradebook}"')
        if books.due is not None:
            lines += ["[due]", f'"{ASSIGNMENT}" = {books.due.isoformat()}']
            lines += [f'[extensions."{ASSIGNMENT}"]']
            lines += [f'"{who}" = {days}' for who, days in books.extensions.items() if days]
        if (policy := books.policy) is not None:
            lines += ["[late]", f"grace_minutes = {policy.grace_minutes}"]
            lines += [f"share_per_day = {policy.share_per_day}", f"cap = {policy.cap}"]
            lines += [f'of = "{policy.of}"']
            if policy.nothing_after_days is not None:
                lines += [f"nothing_after_days = {policy.nothing_after_days}"]
        (self.root / "class.toml").write_text("\n".join(lines) + "\n")
        self.course = open_course(self.root)

    @rule(hours=st.integers(-80, 80))
    def set_clock(self, hours: int) -> None:
        self.now += hours * HOUR

    @rule(version=st.integers(0, 3))
    def change_check(self, version: int) -> None:
        self.books.version = version
        played_class.change_check(self.root, version)

    # Grading, and marks by hand.

    @rule(only=st.none() | students)
    def grade(self, only: str | None) -> None:
        books = self.books
        books.place(books.collected(), self.now)
        options = Options(students=frozenset() if only is None else frozenset([only]))
        chosen = [s for s in sorted(books.there) if only in (None, s)]
        if not chosen:
            with pytest.raises(UserError):
                grade_class(self.course, ASSIGNMENT, options)
            return
        found = grade_class(self.course, ASSIGNMENT, options)
        for student in filter(books.nothing, list(books.cells)):
            books.take_back(student)
        for student in chosen:
            books.grade(student)
        self.check_graded(found, chosen)

    @rule()
    def grade_in_shards(self) -> None:
        if not self.books.there:
            return
        for index in (1, 2):
            grade_class(self.course, ASSIGNMENT, Options(shard=Shard(index, 2)))
        for student, (answer, _) in self.books.there.items():
            self.books.shards[student] = (answer, self.books.version)

    @precondition(lambda self: self.books.shards)
    @rule()
    def merge(self) -> None:
        books = self.books
        books.place(books.collected(), self.now)
        found, lacking = merge_shards(self.course, ASSIGNMENT)
        chosen = []
        for student in sorted(books.there):
            wanted = (books.there[student][0], books.version)
            if books.shards.get(student) == wanted:
                books.grade(student)
            if student in books.cells and books.cells[student].graded == wanted:
                chosen.append(student)
        self.check_graded(found, chosen)
        assert bool(lacking) == (len(chosen) < len(books.there))

    def check_graded(self, found: Any, chosen: list[str]) -> None:
        """What the command says, and what Formgrader shows, of those who were graded."""
        marks = {student: self.books.mark(student) for student in chosen}
        assert list(found.students) == chosen
        late = {s: one for s, one in found.late.items() if s in chosen}
        assert {s: one["seconds"] for s, one in late.items()} == {
            s: mark["late"] for s, mark in marks.items() if mark["late"] and mark["timestamp"]
        }
        assert {s: one["penalty"] or 0.0 for s, one in late.items()} == {
            s: marks[s]["late_penalty"] for s in late
        }
        with Gradebook(self.course.db_url) as gradebook:
            for student, mark in marks.items():
                (its,) = gradebook.find_submission(ASSIGNMENT, student).notebooks
                assert (its.late_submission_penalty or 0.0) == mark["late_penalty"]
                assert its.assignment.total_seconds_late == (
                    mark["late"] if mark["timestamp"] and mark["late"] else 0
                )

    @precondition(lambda self: self.books.cells)
    @rule(
        chance=st.integers(0, 10**6), cell=st.sampled_from([CHECK, WORDS]),
        points=st.none() | st.sampled_from([0.0, 1.0, 1.5]), extra=st.none() | st.just(1.0),
    )  # fmt: skip
    def mark_by_hand(
        self, chance: int, cell: str, points: float | None, extra: float | None
    ) -> None:
        """As Formgrader does it."""
        student = sorted(self.books.cells)[chance % len(self.books.cells)]
        its = self.books.cells[student]
        with Gradebook(self.course.db_url) as gradebook:
            grade = gradebook.find_grade(cell.partition("/")[2], "cnn", ASSIGNMENT, student)
            grade.manual_score, grade.extra_credit = points, extra
            its.waits[cell] = points is None and grade.auto_score is None
            grade.needs_manual_grade = its.waits[cell]
            gradebook.db.commit()
        for of, value in ((its.manual, points), (its.extra, extra)):
            of.pop(cell, None)
            if value is not None:
                of[cell] = value

    @precondition(lambda self: self.books.cells)
    @rule(chance=st.integers(0, 10**6), text=st.none() | st.just("Well said."))
    def comment(self, chance: int, text: str | None) -> None:
        student = sorted(self.books.cells)[chance % len(self.books.cells)]
        with Gradebook(self.course.db_url) as gradebook:
            comment = gradebook.find_comment("reflection", "cnn", ASSIGNMENT, student)
            comment.manual_comment = text
            gradebook.db.commit()
        self.books.cells[student].comment = text

    # What is shown.

    @invariant()
    def everything_agrees(self) -> None:
        self.steps += 1
        self.now += timedelta(minutes=1)
        books = read_books(self.course, ASSIGNMENT)
        assert [(f.said, f.student, f.attempt) for f in self.said()] == [
            (word.said, word.student, word.number) for word in self.books.words
        ]
        for student in STUDENTS:
            standing, (counts, chosen, waits) = (
                books.standings.get(student),
                self.books.counts(student),
            )
            if standing is None:
                assert not self.books.attempts[student]
                continue
            row = self.books.in_order(student)
            assert [one.number for one in standing.attempts] == [one.number for one in row]
            assert [(one.time, one.when, one.late) for one in standing.attempts] == [
                self.books.late(student, one) for one in row
            ]
            assert (standing.counts and standing.counts.number) == (counts and counts.number)
            assert (standing.chosen, bool(standing.waits)) == (chosen, waits)
        self.submitted_agrees()
        if self.steps % 3 == 0:  # it takes as long as all the rest
            self.marks_agree()

    def submitted_agrees(self) -> None:
        for student in STUDENTS:
            folder = self.course.submission_folder(student, ASSIGNMENT)
            assert folder.is_dir() == (student in self.books.there)
            if folder.is_dir():
                answer, time = self.books.there[student]
                assert played_class.answer_in((folder / NOTEBOOK).read_bytes()) == answer
                stamped = folder / "timestamp.txt"
                text = f"{time:%Y-%m-%d %H:%M:%S.%f} UTC" if time else None
                assert (stamped.read_text() if stamped.is_file() else None) == text

    def marks(self) -> dict[str, ClassMark]:
        (of_it,) = read_marks(self.course, (ASSIGNMENT,))
        return {mark.student: mark for mark in of_it.marks}

    def marks_agree(self) -> None:
        marks, books = self.marks(), self.books
        known = {*books.there, *books.collected(), *books.cells}
        assert sorted(marks) == sorted(s for s in known if not books.nothing(s))
        for student, mark in marks.items():
            wanted = books.mark(student)
            for name, value in wanted.items():
                held = getattr(mark, name)
                assert (bool(held) if name in ("held", "outdated") else held) == value, (
                    student,
                    name,
                )

    @rule(with_waiting=st.booleans(), system=st.sampled_from(Target))
    def export(self, with_waiting: bool, system: Target) -> None:
        marks = read_marks(self.course, (ASSIGNMENT,))
        found = export(marks, system, options=ExportOptions(with_waiting))
        rows = [line.split(",") for line in found.text.splitlines()]
        of_student = {"csv": 0, "canvas": 1, "moodle": 0, "gradescope": 2}[system.value]
        points = {"csv": "score", "moodle": "Grade", "gradescope": "Total Score"}
        column = rows[0].index(points.get(system.value, ASSIGNMENT))
        left = {row[of_student].split()[-1]: row[column] for row in rows[1:] if row[of_student]}
        wanted = {}
        for one in marks[0].marks:
            mark = self.books.mark(one.student)
            ready = mark["graded"] and not mark["outdated"]
            final = ready and not mark["held"] and not mark["waiting"]
            leaves = final or (with_waiting and ready)
            wanted[one.student] = f"{mark['score']:.5f}".rstrip("0").rstrip(".") if leaves else ""
        # Who has nothing, or nothing any more, has an empty row in some tables and none in others.
        assert {who: text for who, text in left.items() if text or who in wanted} == wanted
        assert len(found.waiting) == sum(not text for text in wanted.values())

    @rule()
    def report(self) -> None:
        marks = {student: self.books.mark(student) for student in self.marks()}
        if not marks:
            return
        (page,) = class_report(self.course, (ASSIGNMENT,), self.root).assignments
        seen = {s: mark for s, mark in marks.items() if mark["graded"] and "score" in mark}
        assert {one.person.name: (one.days * 86_400, one.penalty) for one in page.late
                if one.person.name in seen} == {
            s: (pytest.approx(mark["late"]), mark["late_penalty"])
            for s, mark in seen.items() if mark["late"]
        }  # fmt: skip
        assert {student for student, _ in page.to_look_at} == {
            s for s, mark in marks.items() if mark["held"] or mark.get("outdated")
        }

    @precondition(lambda self: self.books.cells)
    @rule(chance=st.integers(0, 10**6))
    def feedback(self, chance: int) -> None:
        """The student's page: there is one as long as a grading counts; its points and its words."""
        student = sorted(self.books.cells)[chance % len(self.books.cells)]
        page = FeedbackPages(self.course, ASSIGNMENT).page(student, "cnn")
        graded = self.books.cells[student].graded != (-1, -1)
        if not graded or self.books.nothing(student):
            assert page is None
            return
        assert page is not None
        mark = self.books.mark(student)
        said = {words: words in page for words in (OUTDATED, HELD, TIME_UNKNOWN)}
        if "score" in mark:
            assert said == {
                OUTDATED: mark["outdated"], HELD: mark["held"], TIME_UNKNOWN: mark["late"] is None,
            }  # fmt: skip
            score = f"{mark['score']:.2f}".rstrip("0").rstrip(".")
            assert f"{score} of 6 points" in page
        else:
            assert (said[OUTDATED], said[HELD]) == (mark.get("outdated", False), mark["held"])

    @rule()
    def history(self) -> None:
        entries = class_history(self.course, ASSIGNMENT)
        graded = Counter(e.student for e in entries if e.event is Happened.GRADED)
        assert graded == {s: its.gradings for s, its in self.books.cells.items() if its.gradings}
        last = {entry.student: entry for entry in entries if entry.event is Happened.GRADED}
        assert {
            s: entry.score for s, entry in last.items() if self.books.cells[s].graded[0] >= 0
        } == {s: its.auto[CHECK] for s, its in self.books.cells.items() if its.graded[0] >= 0}
        told = Counter(entry.student for entry in entries if entry.event is Happened.SAID)
        assert told == Counter(word.student for word in self.books.words)
        given: dict[tuple[str, str, str], Any] = {}
        for entry in entries:
            if entry.event is Happened.BY_HAND:
                for place, change in entry.checks.items():
                    for what, (old, new) in change.items():
                        assert given.get((entry.student, place, what)) == old
                        given[entry.student, place, what] = new
        assert {key: value for key, value in given.items() if value is not None} == {
            (student, place, what): value
            for student, its in self.books.cells.items()
            for what, values in (
                ("points", its.manual), ("extra credit", its.extra),
                ("comment", {WORDS: its.comment} if its.comment else {}),
            )
            for place, value in values.items()
        }  # fmt: skip


def play(
    template: Path, machine: type[AClass], examples: int, steps: int, seed: int | None
) -> None:
    """Play the machine; the engine is `played_class`'s, and nothing waits for the disk."""
    from hypothesis import seed as seeded
    from hypothesis.stateful import run_state_machine_as_test

    plan = settings(
        max_examples=examples, stateful_step_count=steps, deadline=None, database=None,
        phases=(Phase.generate, Phase.shrink), suppress_health_check=list(HealthCheck),
        derandomize=seed is None, print_blob=False,
    )  # fmt: skip
    now: list[AClass] = []

    class Played(machine):  # type: ignore[misc, valid-type]
        def __init__(self) -> None:
            self.template = template
            super().__init__()
            now[:] = [self]

    if seed is not None:
        Played = seeded(seed)(Played)  # noqa: N806
    with played_class.grading(lambda: now[0].now), pytest.MonkeyPatch.context() as patch:
        # What takes time and is tested elsewhere: the disk (test_kills_of_books), and to put the
        # same questions to the gradebook into SQL, which an engine does but once.
        patch.setattr(os, "fsync", lambda handle: None)
        patch.setattr(database, "create_engine", cache(database.create_engine))
        run_state_machine_as_test(Played, settings=plan)


@pytest.fixture(scope="module")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A class that knows the assignment and in which nothing has happened."""
    root = tmp_path_factory.mktemp("played") / "template"
    make_template(root)
    return root


def make_template(root: Path) -> None:
    course = played_class.make_course(root)
    with GradebookWriter(course) as writer:
        writer.register(read_blueprint(course, ASSIGNMENT))


@pytest.mark.slow
def test_model_and_books_agree_whatever_is_done(template: Path) -> None:
    play(template, AClass, 60, 50, None)


@pytest.mark.slow
def test_on_postgresql_they_agree_too(template: Path) -> None:
    with server() as address:

        class OnPostgresql(AClass):
            """Each class with a new database."""

            def __init__(self) -> None:
                super().__init__()
                name = f"class_{next(databases)}"
                with everything.connect().execution_options(isolation_level="AUTOCOMMIT") as one:
                    one.execute(text(f"CREATE DATABASE {name}"))
                self.gradebook = address.replace("/postgres?", f"/{name}?")
                self.write_class()
                with GradebookWriter(self.course) as writer:
                    writer.register(read_blueprint(self.course, ASSIGNMENT))

        databases = count(1)
        everything = create_engine(gradebook_url(address))
        play(template, OnPostgresql, 6, 40, 1)
        everything.dispose()
        assert next(databases) > 6
