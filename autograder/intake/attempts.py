"""One run of collecting: which attempts are new, what is said of the others, and which one counts.

Each new attempt is kept first (`records.receipts`), then, student by student, the one that counts
is placed (`placing`).
"""

import contextlib
import shutil
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from autograder.assignment.errors import UserError
from autograder.assignment.nbgrader_course import NbgraderCourse
from autograder.assignment.submission import Submission
from autograder.gradebook.deadlines import Deadlines
from autograder.intake.asked import Asked
from autograder.intake.deliveries import Delivery
from autograder.intake.placing import STAGING, Placing
from autograder.intake.unplaced import note_placed, note_unplaced
from autograder.records.books import of_people
from autograder.records.journal import Said
from autograder.records.people import People
from autograder.records.receipts import Receipt, Received, received_folder, storable
from autograder.records.standing import UNKNOWN, Attempt, Standing, called


@dataclass(frozen=True)
class Line:
    """What became of one student's work.

    status: "new", "same" (it was kept before), or "left out"
    counts: whether this attempt is the one in `submitted/`
    when:   "on time", "late", "unknown", or "" if there is no due date
    late:   seconds after the due date, 0 if on time; None if unknown, or without a due date
    """

    student: str
    status: str
    counts: bool = False
    when: str = ""
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

    @property
    def unknown(self) -> tuple[str, ...]:
        """Whose work counts though nothing says whether it is late."""
        return tuple(
            sorted({one.student for one in self.lines if one.counts and one.when == UNKNOWN})
        )

    def as_json(self) -> dict[str, Any]:
        """The result as plain data, for `--json`."""
        return {
            "assignment": self.assignment,
            "source": self.source,
            "ids": self.ids,
            "attempts": [
                {"student": line.student, "status": line.status, "counts": line.counts,
                 "when": line.when, "late_seconds": line.late, "notes": list(line.notes)}
                for line in self.lines
            ],
            "waiting": dict(self.waiting),
            "notes": list(self.notes),
        }  # fmt: skip


@dataclass(frozen=True)
class Incoming:
    """A delivery whose student is known, and how to read it.

    student:    the id under which it came; whose it is, the class's people tell
    downloaded: when the download was made, if a person said so
    """

    student: str
    source: str
    delivery: Delivery
    read: Callable[[], tuple[Mapping[str, bytes], tuple[str, ...]]]
    downloaded: datetime | None = None


class Collecting:
    """One run for one assignment."""

    def __init__(
        self,
        course: NbgraderCourse,
        assignment: str,
        asked: Asked,
        deadlines: Deadlines,
        clock: Callable[[], datetime],
        people: People,
    ) -> None:
        self._course, self._assignment, self._people = course, assignment, people
        self._asked, self._clock = asked, clock
        self._deadlines = of_people(deadlines, people)
        self._received = Received(received_folder(course), assignment, people)

    @contextlib.contextmanager
    def begun(self) -> Iterator[None]:
        """Hold the class's received work, and read what was said of it.

        What is kept or said meanwhile has to be placed before it ends; a kill leaves a note.
        raises: UserError if another process collects
        """
        with self._received.only_one():
            note_unplaced(self._course, [self._assignment])
            # What a kill left.
            shutil.rmtree(self._course.submitted / STAGING, ignore_errors=True)
            self._uncleared = self._clear()
            self._placing = Placing(
                self._course, self._assignment, self._asked, self._deadlines, self._received
            )
            self._run = self._clock()
            yield
            note_placed(self._course, self._assignment)

    def _clear(self) -> dict[str, str]:
        """Take away what lies in `submitted/` under ids whose attempts are others' now.

        returns: by id, why that could not be done
        """
        there = self._course.students(self._assignment)
        having = set(self._received.students())
        received = Received(received_folder(self._course), self._assignment)
        placing = Placing(self._course, self._assignment, self._asked, self._deadlines, received)
        waiting = {}
        for student in there:
            if student not in self._people.joined and (
                student in having or not placing.was_placed(student)
            ):
                continue
            try:
                why = placing.clear(student, self._clock())
            except UserError as error:
                why = str(error)
            if why:
                waiting[student] = why
        return waiting

    def run(
        self,
        incoming: Iterable[Incoming],
        left_out: tuple[Line, ...],
        notes: tuple[str, ...],
        source: str,
        ids: str,
    ) -> Collected:
        """Keep what is new, and place what counts."""
        kept: list[tuple[str, Receipt, tuple[str, ...]]] = []
        waiting: dict[str, str] = {}
        for one in incoming:
            student = self._people.now(one.student)
            try:
                kept.append(self._keep(one, student))
            except UserError as error:  # a damaged record stops nobody else
                waiting[student] = str(error)
        standings: dict[str, Standing] = {}
        for student in sorted({receipt.student for _, receipt, _ in kept} - waiting.keys()):
            try:
                standings[student], why = self._placing.place(student, self._clock())
            except UserError as error:
                why = str(error)
            if why and student not in self._people.withdrawn:
                waiting[student] = why
        lines = []
        for status, receipt, more in kept:
            standing = standings.get(receipt.student)
            if standing is None:
                lines.append(Line(receipt.student, status, notes=(*receipt.notes, *more)))
                continue
            attempt = next(one for one in standing.attempts if one.number == receipt.number)
            counts = standing.counts is not None and standing.counts.number == receipt.number
            if standing.chosen and not counts and status == "new":
                more = (*more, _another(standing.counts))
            lines.append(
                Line(receipt.student, status, counts, attempt.when, attempt.late,
                     (*receipt.notes, *more))
            )  # fmt: skip
        return Collected(
            self._assignment, source, (*lines, *left_out), ids, {**self._uncleared, **waiting},
            (*notes, *self._placing.notes),
        )  # fmt: skip

    def place(self, students: Iterable[str] | None = None) -> dict[str, str]:
        """Place what counts by the facts of now, of all whose work was collected or of some.

        returns: whom a person has to look at, and why
        """
        waiting = dict(self._uncleared)
        chosen = self._received.students() if students is None else students
        for student in dict.fromkeys(map(self._people.now, chosen)):
            try:
                _, why = self._placing.place(student, self._clock())
            except UserError as error:
                why = str(error)
            if why and student not in self._people.withdrawn:
                waiting[student] = why
        return waiting

    @property
    def people(self) -> People:
        """Who is who in this run."""
        return self._people

    @property
    def placing(self) -> Placing:
        """What is known and said, in a run that has begun."""
        return self._placing

    def _keep(self, one: Incoming, student: str) -> tuple[str, Receipt, tuple[str, ...]]:
        """Keep an attempt if it is new; its status, its receipt, and notes."""
        files, notes = one.read()
        files, unstorable = storable(files)
        before = self._received.attempts(student)
        homes = {receipt.kept_as[0] for receipt in before}
        sha256 = {
            home: Submission(home, self._assignment, files).key for home in {*homes, one.student}
        }
        for receipt in before:
            same = receipt.sha256 == sha256[receipt.kept_as[0]]
            if same and receipt.origin == one.delivery.origin:
                self._say_what_is_new(one, student, receipt)
                more: tuple[str, ...] = ()
                count_it = (
                    f"if it is to count: autograder attempts {self._assignment} {student} "
                    f"--take {receipt.number}"
                )
                if receipt.number != before[-1].number and not one.delivery.origin:
                    more = (f"these bytes came before, and another attempt after them; {count_it}",)
                elif receipt.number != before[-1].number and one.delivery.active:
                    more = (
                        f"{called(one.source)} takes this earlier attempt as the active one; "
                        f"here a later one counts; {count_it}",
                    )
                return "same", receipt, more
        named = self._placing.named(files)
        delivery = one.delivery
        receipt = Receipt(
            student=one.student,
            assignment=self._assignment,
            number=self._received.next_number(one.student),
            source=one.source,
            origin=delivery.origin,
            collected=self._clock(),
            sha256=sha256[one.student],
            placed=Submission(student, self._assignment, named.files).work_key,
            time=delivery.time,
            said_late=delivery.late,
            downloaded=one.downloaded,
            order=delivery.order,
            run=self._run,
            waits=named.waits,
            held=delivery.held,
            owner=delivery.owner,
            notes=(*notes, *unstorable, *named.notes),
        )
        self._received.keep(receipt, files)
        after = self._received.attempts(student)
        return "new", next(one for one in after if one.kept_as == receipt.kept_as), ()

    def _say_what_is_new(self, one: Incoming, student: str, receipt: Receipt) -> None:
        """What a download says of an attempt that another has brought: the facts since then."""
        facts = self._placing.facts(student)
        about = [fact for fact in facts if fact.attempt == receipt.number]
        told = [receipt.downloaded, *(f.time for f in about if f.said is Said.DOWNLOADED)]
        if one.downloaded is not None and one.downloaded not in told:
            self._placing.say(
                Said.DOWNLOADED, student, receipt.number, self._clock(), time=one.downloaded
            )
        marked = [receipt.said_late]
        marked += [bool(fact.data["late"]) for fact in about if fact.said is Said.MARKED_LATE]
        if one.delivery.late is not None and one.delivery.late != marked[-1]:
            self._placing.say(
                Said.MARKED_LATE, student, receipt.number, self._clock(),
                late=one.delivery.late,
            )  # fmt: skip


def _another(counts: Attempt | None) -> str:
    number = counts.number if counts else 0
    return f"attempt {number} counts, because somebody said so"
