"""Which attempt of a student counts, since when, and how late: worked out from facts when asked.

The facts are the receipts, the journal, and the due date. Nothing here is stored, so a due date
that is entered later, an extension, a time that is put right or a download that is taken back is
heeded by whoever asks next: collect, grade, feedback, report, export and history alike.

A time that is not known stays unknown. Work that was there when it was collected, or when the
download was made, and that was before the due date, is on time whenever it came. Work that the
source calls on time is on time. Of other work without a time it is not known whether it is late;
it loses nothing, and everybody who shows it says so.
"""

from bisect import bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from autograder.records.journal import Fact, Said
from autograder.records.receipts import Receipt

ON_TIME = "on time"
LATE = "late"
UNKNOWN = "unknown"
"""Whether work came in time, where there is a due date."""


@dataclass(frozen=True)
class Attempt:
    """An attempt, and what follows from the facts.

    time:     when it was handed in, None if that is not known
    rests_on: what time and lateness rest on, in words
    when:     ON_TIME, LATE or UNKNOWN; "" if there is no due date
    late:     seconds after the due date, 0 if on time; None if unknown, or without a due date
    left_out: why it cannot count, whatever came after it
    keys:     `Submission.work_key` of its files, as `submitted/` gets or got them
    """

    receipt: Receipt
    time: datetime | None
    rests_on: str
    when: str
    late: float | None
    left_out: str = ""
    keys: frozenset[str] = frozenset()

    @property
    def number(self) -> int:
        return self.receipt.number

    def as_json(self) -> dict[str, Any]:
        """The attempt as plain data, for `--json`."""
        return {
            "number": self.number,
            "source": self.receipt.source,
            "collected": self.receipt.collected.isoformat(),
            "time": self.time and self.time.isoformat(),
            "rests_on": self.rests_on,
            "when": self.when,
            "late_seconds": self.late,
            "left_out": self.left_out,
            "sha256": self.receipt.sha256,
        }


@dataclass(frozen=True)
class Standing:
    """Where a student stands in one assignment.

    attempts: in order; the last is the newest
    counts:   the one that counts; None if none can
    chosen:   whether a person said that it counts
    waits:    why a person has to look, though an earlier attempt may count; "" if nobody has to
    """

    student: str
    attempts: tuple[Attempt, ...]
    counts: Attempt | None
    chosen: bool = False
    waits: str = ""

    @property
    def nothing(self) -> bool:
        """Whether a person has taken all of it back: as if nothing had been handed in."""
        return self.counts is None and not self.waits


def stand(
    student: str, receipts: Sequence[Receipt], facts: Iterable[Fact], due: datetime | None
) -> Standing:
    """Work out where a student stands.

    receipts: the student's, in the order of their numbers
    facts:    of the assignment's journal; those about others are passed over
    due:      when it is due for this student, None if there is no due date
    """
    said = tuple(fact for fact in facts if fact.student == student)
    attempts: list[Attempt] = []
    for receipt in in_order(receipts):
        attempts.append(_attempt(receipt, said, due, attempts))
    if not attempts:
        return Standing(student, (), None)
    wanted = _chosen(said, receipts)
    free = [one for one in attempts if not one.left_out]
    for one in attempts:
        # A person's word goes before what holds it, but not before that it is taken back.
        if one.number == wanted and not _is_left_out(said, one.number) and not _waits(said, one):
            return Standing(student, tuple(attempts), one, chosen=True)
    # The last that is not known to be late; where all are, the last.
    counts = max(free, key=lambda one: (one.when != LATE, attempts.index(one)), default=None)
    # What came after it and waits is not lost, but somebody has to look.
    newest = [one for one in attempts if not _is_left_out(said, one.number)]
    waits = newest[-1].left_out if newest else ""
    if waits and counts is not None:
        waits += "; an earlier attempt counts"
    return Standing(student, tuple(attempts), counts, waits=waits)


def in_order(receipts: Sequence[Receipt]) -> tuple[Receipt, ...]:
    """The attempts as they were handed in, as far as that is known.

    By the source's own number or time, whatever the clock of this machine said; else as they were
    collected, even where the clock went backwards. An older download that was collected after a
    newer one stays the older. One that is collected later changes nothing in the order of others.
    """
    placed: list[tuple[datetime, Receipt]] = []
    for receipt in receipts:
        at = receipt.time or receipt.collected
        latest = placed[-1][0] if placed else at
        # What is kept from the future, by a clock that was ahead, was there before this.
        if receipt.time is None or latest > receipt.collected:
            at = max(at, latest)
        place = bisect_right(placed, at, key=lambda one: one[0])
        known = [_is_older(receipt, other) for _, other in placed]
        if False in known:
            place = max(place, len(known) - known[::-1].index(False))
        if True in known:
            place = min(place, known.index(True))
        # The times stay in order, too: the next one is looked for among them.
        if place:
            at = max(at, placed[place - 1][0])
        if place < len(placed):
            at = min(at, placed[place][0])
        placed.insert(place, (at, receipt))
    return tuple(receipt for _, receipt in placed)


def _is_older(one: Receipt, other: Receipt) -> bool | None:
    """Whether the source says that it was handed in before another, collected earlier; None if not.

    Of one time or number, what was collected earlier is the older.
    """
    if one.order is not None and other.order is not None:
        return one.order < other.order
    if one.time is not None and other.time is not None:
        return one.time < other.time
    return None


def called(source: str) -> str:
    """The name of where a submission came from, as people write it."""
    return source.capitalize() if source in ("canvas", "moodle", "gradescope") else source


def _attempt(
    receipt: Receipt, said: Sequence[Fact], due: datetime | None, earlier: Sequence[Attempt]
) -> Attempt:
    about = [fact for fact in said if fact.attempt == receipt.number]
    left_out = ""
    if any(fact.said is Said.LEFT_OUT for fact in about):
        left_out = "it was left out"
    left_out = left_out or receipt.held
    waits = _last(about, Said.WAITS)
    left_out = left_out or (receipt.waits if waits is None else str(waits.data.get("why", "")))
    time, rests_on, when, late = _time(receipt, about, due, earlier)
    keys = {str(fact.data["key"]) for fact in about if fact.said is Said.PLACED}
    keys |= {receipt.placed, *([receipt.origin] if receipt.source == "submitted" else [])}
    return Attempt(receipt, time, rests_on, when, late, left_out, frozenset(keys))


def _time(
    receipt: Receipt, about: Sequence[Fact], due: datetime | None, earlier: Sequence[Attempt]
) -> tuple[datetime | None, str, str, float | None]:
    """Time, what it rests on, whether it is late, and by how many seconds."""
    by_person = _last(about, Said.TIME)
    if by_person is not None and by_person.time is not None:
        return _by_time(by_person.time, f"{by_person.who} said so", due)
    stands_for = [one for one in earlier if one.number == receipt.stands_for]
    if stands_for and by_person is None:
        one = stands_for[-1]
        return one.time, f"it stands for attempt {one.number}: {one.rests_on}", one.when, one.late
    if receipt.time is not None and by_person is None:
        return _by_time(receipt.time, _source_of_time(receipt), due)
    marked = _last(about, Said.MARKED_LATE)
    late = receipt.said_late if marked is None else bool(marked.data["late"])
    source = called(receipt.source)
    if late:
        return None, f"late, by {source}, which does not say how late", LATE, None
    if late is False:
        return None, f"on time, by {source}", ON_TIME, 0.0
    if due is None:
        return None, "nothing says when it came", "", None
    # Each of these is proof by itself: a later download has the same work once more.
    downloads = [receipt.downloaded, *(f.time for f in about if f.said is Said.DOWNLOADED)]
    was_there = [
        ("when it was collected", receipt.collected),
        *(("when it was downloaded, as you said", at) for at in downloads),
    ]
    for words, at in was_there:
        if at is not None and at <= due:
            return None, f"it was there {words}", ON_TIME, 0.0
    return None, "nothing says when it came", UNKNOWN, None


def _by_time(
    time: datetime, rests_on: str, due: datetime | None
) -> tuple[datetime, str, str, float | None]:
    if due is None:
        return time, rests_on, "", None
    late = max(0.0, (time - due).total_seconds())
    return time, rests_on, LATE if late else ON_TIME, late


def _source_of_time(receipt: Receipt) -> str:
    if receipt.source == "exchange":
        return "when it was last changed in the exchange, by the file system"
    if receipt.source == "submitted":
        return "the timestamp.txt that lay in submitted/"
    return f"the time of {called(receipt.source)}"


def _chosen(said: Sequence[Fact], receipts: Sequence[Receipt]) -> int | None:
    """The attempt that a person chose last, by word or by putting it into submitted/.

    Which came last, the journal tells, not the clock: it may go backwards.
    """
    words = [(fact.number, 0, fact.attempt) for fact in said if fact.said is Said.COUNTS]
    # What was put there when the journal had so many lines came after all of them.
    put = [(receipt.lines, 1, receipt.number) for receipt in receipts if receipt.by_hand]
    return max([*words, *put], default=(0, 0, None))[2]


def _is_left_out(said: Iterable[Fact], number: int) -> bool:
    return any(fact.said is Said.LEFT_OUT and fact.attempt == number for fact in said)


def _waits(said: Sequence[Fact], one: Attempt) -> bool:
    """Whether it cannot be graded, which no word can change."""
    waits = _last([fact for fact in said if fact.attempt == one.number], Said.WAITS)
    return bool(one.receipt.waits if waits is None else waits.data.get("why"))


def _last(facts: Sequence[Fact], said: Said) -> Fact | None:
    return next((fact for fact in reversed(facts) if fact.said is said), None)
