"""One run of collecting: which attempts are new, which one counts, and its way to `submitted/`.

The order of things, for a kill at any moment and the same command again: each new attempt is kept
(`receipts`), then, student by student, what lies in `submitted/` is kept too if it is not one of
the attempts, and only then replaced, by a folder that was made whole beside it.
"""

import os
import shutil
import tempfile
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from autograder.assignment.nbgrader_course import NbgraderCourse
from autograder.assignment.submission import Submission, read_submission
from autograder.gradebook.autograded_folder import sync
from autograder.gradebook.deadlines import Deadlines
from autograder.intake.deliveries import Delivery
from autograder.intake.inbound import changed
from autograder.intake.naming import Named, name_notebooks
from autograder.intake.receipts import Receipt, Received, storable, write_files

TIME_FORMAT = "%Y-%m-%d %H:%M:%S.%f UTC"
"""nbgrader's, in timestamp.txt."""
_STAGING = ".collecting"


@dataclass(frozen=True)
class Line:
    """What became of one student's work.

    status: "new", "same" (it was kept before), or "left out"
    counts: whether this attempt is the one in `submitted/`
    late:   seconds after the due date, 0 if on time, None if there is no due date
    """

    student: str
    status: str
    counts: bool = False
    late: float | None = None
    notes: tuple[str, ...] = ()


@dataclass(frozen=True)
class Collected:
    """What came of collecting.

    ids:     which column of the roster the students' ids are; empty without a roster
    waiting: students of whom nothing could be put into `submitted/`, and why
    notes:   what is no student's
    """

    assignment: str
    source: str
    lines: tuple[Line, ...]
    ids: str = ""
    waiting: Mapping[str, str] = field(default_factory=dict)
    notes: tuple[str, ...] = ()

    @property
    def complete(self) -> bool:
        """Whether nothing waits for a person."""
        return not self.waiting and all(line.status != "left out" for line in self.lines)

    def as_json(self) -> dict[str, Any]:
        """The result as plain data, for `--json`."""
        return {
            "assignment": self.assignment,
            "source": self.source,
            "ids": self.ids,
            "attempts": [
                {"student": line.student, "status": line.status, "counts": line.counts,
                 "late_seconds": line.late, "notes": list(line.notes)}
                for line in self.lines
            ],
            "waiting": dict(self.waiting),
            "notes": list(self.notes),
        }  # fmt: skip


@dataclass(frozen=True)
class Incoming:
    """A delivery whose student is known, and how to read it."""

    student: str
    source: str
    delivery: Delivery
    read: Callable[[], tuple[Mapping[str, bytes], tuple[str, ...]]]
    rests_on: str


def received_folder(course: NbgraderCourse) -> Path:
    """Where the attempts of a class are kept."""
    return course.submitted.parent / "received"


class Collecting:
    """One run for one assignment."""

    def __init__(
        self,
        course: NbgraderCourse,
        assignment: str,
        expected: Mapping[str, frozenset[str]],
        deadlines: Deadlines,
        clock: Callable[[], datetime],
    ) -> None:
        self._course, self._assignment = course, assignment
        self._expected, self._deadlines, self._clock = expected, deadlines, clock
        self.received = Received(received_folder(course), assignment)

    def run(
        self,
        incoming: Iterator[Incoming],
        left_out: tuple[Line, ...],
        notes: tuple[str, ...],
        source: str,
        ids: str,
    ) -> Collected:
        shutil.rmtree(self._course.submitted / _STAGING, ignore_errors=True)  # a kill left it
        kept = [self._keep(one) for one in incoming]
        students = sorted({receipt.student for _, receipt, _ in kept})
        counting: dict[str, Receipt | None] = {}
        waiting: dict[str, str] = {}
        for student in students:
            counting[student], why = self._place(student)
            if why:
                waiting[student] = why
        lines = []
        for status, receipt, more in kept:
            chosen = counting[receipt.student]
            counts = chosen is not None and chosen.folder_name == receipt.folder_name
            late = self._late(receipt)
            lines.append(Line(receipt.student, status, counts, late, (*receipt.notes, *more)))
        return Collected(
            self._assignment, source, (*lines, *left_out), ids, waiting, notes
        )  # fmt: skip

    def _keep(self, one: Incoming) -> tuple[str, Receipt, tuple[str, ...]]:
        """Keep an attempt if it is new; its status, its receipt, and notes."""
        files, notes = one.read()
        files, unstorable = storable(files)
        sha256 = Submission(one.student, self._assignment, files).key
        before = self.received.attempts(one.student)
        for receipt in before:
            if receipt.sha256 == sha256 and receipt.origin == one.delivery.origin:
                more: tuple[str, ...] = ()
                if receipt.number != before[-1].number and not one.delivery.origin:
                    more = ("these bytes came before; a later attempt stays the later one",)
                elif receipt.number != before[-1].number and one.delivery.active:
                    more = (
                        f"{called(one.source)} takes this earlier attempt as the active one; here "
                        "a later one stays the later one",
                    )
                return "same", receipt, more
        named = self._named(files)
        notes = (*notes, *unstorable, *named.notes)
        receipt = self._receipt(one, before, sha256, named, notes)
        self.received.keep(receipt, files)
        return "new", receipt, ()

    def _receipt(
        self,
        one: Incoming,
        before: tuple[Receipt, ...],
        sha256: str,
        named: Named,
        notes: tuple[str, ...],
    ) -> Receipt:
        delivery, collected = one.delivery, self._clock()
        due = self._deadlines.of(one.student)
        time, rests_on = delivery.time or collected, one.rests_on
        on_time = None if delivery.late is None else not delivery.late
        if due and delivery.late is False and time > due:
            time, rests_on = due, f"on time, by {called(one.source)}"
        elif due and delivery.late and time > due:
            time = due + timedelta(seconds=1)
            rests_on = f"late, by {called(one.source)}; how late is not known, so one second"
        elif delivery.late is not None:
            rests_on += f"; {'late' if delivery.late else 'on time'}, by {called(one.source)}"
        return Receipt(
            student=one.student,
            assignment=self._assignment,
            number=max((receipt.number for receipt in before), default=0) + 1,
            source=one.source,
            origin=delivery.origin,
            collected=collected,
            received=time,
            rests_on=rests_on,
            ordered=_ordered(delivery, collected, before),
            sha256=sha256,
            placed=_key(one.student, self._assignment, named.files),
            order=delivery.order,
            on_time=on_time,
            late=_seconds_late(time, due),
            waits=named.waits,
            held=delivery.held,
            notes=notes,
        )

    def _late(self, receipt: Receipt) -> float | None:
        """Seconds late by the due date and extension of today."""
        return _seconds_late(receipt.received, self._deadlines.of(receipt.student))

    def _on_time(self, receipt: Receipt) -> bool:
        if receipt.on_time:
            return True
        late = self._late(receipt)
        return not late if late is not None else receipt.on_time is not False

    def _place(self, student: str) -> tuple[Receipt | None, str]:
        """Put the attempt that counts into `submitted/`; it, or why there is none."""
        folder = self._course.submission_folder(student, self._assignment)
        attempts = self.received.attempts(student)
        there = None
        if os.path.lexists(folder):
            there = read_submission(folder, student, self._assignment)
            odd = [note for note in there.notes if not note.startswith("timestamp.txt")]
            if odd:
                return None, f"{folder} holds what cannot be kept ({odd[0]}); move it away"
            key = _key(student, self._assignment, _without_time(there.files))
            ours = [receipt for receipt in attempts if not receipt.held]
            if not any(key in (receipt.placed, receipt.origin) for receipt in ours):
                self._keep_found(folder, there, key, attempts)
                attempts = self.received.attempts(student)
        newest = max(attempts, key=lambda receipt: receipt.number)
        for receipt in self._preferred(attempts):
            named = self._named(self.received.read(receipt).files)
            if named.waits:
                continue
            stamp = receipt.received.astimezone(UTC).strftime(TIME_FORMAT).encode()
            files = {**named.files, "timestamp.txt": stamp}
            if there is None or dict(there.files) != files:
                self._swap(folder, files)
            # A newer attempt that waits is not lost, but somebody has to look.
            why = newest.held or (newest.waits if newest.number != receipt.number else "")
            return receipt, f"{why}; an earlier attempt counts" if why else ""
        return None, newest.held or newest.waits

    def _preferred(self, attempts: tuple[Receipt, ...]) -> list[Receipt]:
        """The last that was on time, those before it, then the late ones, the last first."""
        free = [receipt for receipt in reversed(attempts) if not receipt.held]
        return sorted(free, key=lambda receipt: not self._on_time(receipt))

    def _named(self, files: Mapping[str, bytes]) -> Named:
        named = name_notebooks(files, self._expected)
        kept, notes = storable(named.files)
        return replace(named, files=kept, notes=(*named.notes, *notes))

    def _keep_found(
        self, folder: Path, there: Submission, key: str, before: tuple[Receipt, ...]
    ) -> None:
        """Keep what somebody else put into `submitted/`: by hand, or nbgrader's own collect."""
        time, late = changed(folder), None
        rests_on = "when it was put into submitted/, by the file system"
        notebooks = {data for name, data in there.files.items() if name.endswith(".ipynb")}
        for waiting in (receipt for receipt in reversed(before) if receipt.waits):
            # A person has said which of the files it is; it is as old as the attempt.
            if notebooks and notebooks <= set(self.received.read(waiting).files.values()):
                time = waiting.received
                late = None if waiting.on_time is None else not waiting.on_time
                rests_on = f"its files are those of attempt {waiting.number}, which waited"
                break
        one = Incoming(
            there.student,
            "submitted",
            Delivery(there.student, "", (), key, time=time, late=late),
            lambda: (there.files, ()),
            rests_on,
        )
        receipt = self._receipt(one, before, there.key, self._named(there.files), ())
        self.received.keep(receipt, there.files)

    def _swap(self, folder: Path, files: Mapping[str, bytes]) -> None:
        """Replace a submission's folder; a kill leaves the old one, the new one, or none."""
        staging = self._course.submitted / _STAGING
        staging.mkdir(parents=True, exist_ok=True)
        staged = Path(tempfile.mkdtemp(dir=staging))
        write_files(staged / "new", files)
        folder.parent.mkdir(parents=True, exist_ok=True)
        if os.path.lexists(folder):
            os.rename(folder, staged / "old")
        os.rename(staged / "new", folder)
        sync(folder.parent)
        shutil.rmtree(staging)


def _ordered(delivery: Delivery, collected: datetime, before: tuple[Receipt, ...]) -> datetime:
    """Where an attempt stands among the others."""
    newer = [
        receipt.ordered
        for receipt in before
        if delivery.order is not None and (receipt.order or 0) > delivery.order
    ]
    step = timedelta(microseconds=1)
    if newer:  # an older download, collected after a newer one
        ordered, step = min(newer), -step
    else:
        ordered = delivery.time or collected
        latest = max((receipt.ordered for receipt in before), default=ordered)
        # What is kept from the future, by a clock that was ahead, was there before this.
        if delivery.time is None or latest > collected:
            ordered = max(ordered, latest)
    taken = {receipt.ordered for receipt in before}
    while ordered in taken:
        ordered += step
    return ordered


def called(source: str) -> str:
    """The name of where a submission came from, as people write it."""
    return source.capitalize() if source in ("canvas", "moodle", "gradescope") else source


def _seconds_late(time: datetime, due: datetime | None) -> float | None:
    return None if due is None else max(0.0, (time - due).total_seconds())


def _without_time(files: Mapping[str, bytes]) -> Mapping[str, bytes]:
    return {name: data for name, data in files.items() if name != "timestamp.txt"}


def _key(student: str, assignment: str, files: Mapping[str, bytes]) -> str:
    return Submission(student, assignment, files).key
