"""The attempt that counts, and its way to `submitted/`; what somebody else put there is kept first.

The order of things, for a kill at any moment and the same command again: what lies in `submitted/`
is kept if it is not one of the attempts, what is about to be placed is noted in the journal, and
only then the folder is replaced, by one that was made whole beside it.
"""

import os
import shutil
import tempfile
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

from autograder.assignment.nbgrader_course import NbgraderCourse
from autograder.assignment.submission import Submission, read_submission
from autograder.gradebook.autograded_folder import sync
from autograder.gradebook.deadlines import Deadlines
from autograder.gradebook.rows import utc_time
from autograder.intake.asked import Asked
from autograder.intake.naming import Named, name_notebooks
from autograder.records.books import by_student
from autograder.records.journal import Fact, Said
from autograder.records.receipts import Receipt, Received, storable, write_files
from autograder.records.standing import Attempt, Standing, stand

TIME_FORMAT = "%Y-%m-%d %H:%M:%S.%f UTC"
"""nbgrader's, in timestamp.txt."""
STAGING = ".collecting"


class Placing:
    """Puts into `submitted/` what counts by the facts of now. Held by `Received.only_one`."""

    def __init__(
        self,
        course: NbgraderCourse,
        assignment: str,
        asked: Asked,
        deadlines: Deadlines,
        received: Received,
    ) -> None:
        """Read the journal. deadlines: as in `of_people`"""
        self._course, self._assignment = course, assignment
        self._asked, self._deadlines, self._received = asked, deadlines, received
        self._journal = received.journal()
        self._facts: dict[str, list[Fact]] = {}
        self._read()
        self.notes = self._journal.notes

    def _read(self) -> None:
        facts = by_student(self._journal.facts())
        self._facts = {student: list(those) for student, those in facts.items()}

    def say(
        self, said: Said, student: str, attempt: int | None, now: datetime, **data: object
    ) -> None:
        """Add a line to the journal."""
        if attempt is not None:
            student, attempt = self._received.kept_as(student, attempt)
        fact = self._journal.add(said, student, attempt, now=now, **data)
        self._facts.setdefault(student, []).append(fact)
        if said is Said.UNDONE:
            self._read()

    def facts(self, student: str) -> tuple[Fact, ...]:
        """What was said of a student's attempts, by their numbers."""
        return self._received.of_student(student, self._facts)

    def standing(self, student: str) -> Standing:
        """Where the student stands now."""
        receipts = self._received.attempts(student)
        return stand(student, receipts, self.facts(student), self._deadlines.of(student))

    def named(self, files: Mapping[str, bytes]) -> Named:
        """A submission's files under the names of the assignment, and only what any disk takes."""
        named = name_notebooks(files, self._asked)
        kept, notes = storable(named.files)
        return replace(named, files=kept, notes=(*named.notes, *notes))

    def place(self, student: str, now: datetime) -> tuple[Standing, str]:
        """Put the attempt that counts into `submitted/`.

        returns: where the student stands, and why nothing could be placed or a person has to look
        raises:  UserError if a record of the student's is damaged
        """
        folder = self._course.submission_folder(student, self._assignment)
        there = None
        if os.path.lexists(folder):
            there = read_submission(folder, student, self._assignment)
            if why := _cannot_be_kept(folder, there):
                return self.standing(student), why
            self._heed(there, now)
        standing = self._looked_at(student, now)
        counts = standing.counts
        if counts is None:
            # What was taken back is kept in received/; here it would still be graded.
            if there is not None and self._is_ours(there):
                self._swap(folder, None)
            return standing, standing.waits
        if there is None or not self._is_placed(there, counts):
            files = dict(self.named(self._received.read(counts.receipt).files).files)
            if counts.time is not None:
                files["timestamp.txt"] = _stamp(counts.time)
            # Also where a person has written the very same: from now on it is ours.
            key = Submission(student, self._assignment, files).work_key
            self._note_placed(student, counts, key, now)
            if there is None or dict(there.files) != files:
                self._swap(folder, files)
        return standing, standing.waits

    def clear(self, student: str, now: datetime) -> str:
        """Take from `submitted/` what lies there under an id that has no attempts of its own.

        That is so where the person is called otherwise now, or where two ids were parted again.
        What lies there is kept first, under this id: the attempts are to be read by ids, not by
        people.
        returns: why nothing could be done
        raises:  UserError if a record of the student's is damaged
        """
        folder = self._course.submission_folder(student, self._assignment)
        there = read_submission(folder, student, self._assignment)
        if why := _cannot_be_kept(folder, there):
            return why
        self._heed(there, now)
        self._swap(folder, None)
        return ""

    def was_placed(self, student: str) -> bool:
        """Whether what lies in `submitted/` is what was put there, of whomever it is now."""
        folder = self._course.submission_folder(student, self._assignment)
        return self._placed_for_anybody(read_submission(folder, student, self._assignment))

    def _placed_for_anybody(self, there: Submission) -> bool:
        key = there.work_key
        return any(
            fact.said is Said.PLACED and fact.data.get("key") == key
            for those in self._facts.values()
            for fact in those
        )

    def _looked_at(self, student: str, now: datetime) -> Standing:
        """Where the student stands, when each attempt that could count was looked at."""
        standing, seen = self.standing(student), set[int]()
        while True:
            counts = standing.counts
            place = standing.attempts.index(counts) if counts is not None else 0
            new = [one for one in standing.attempts[place:] if one.number not in seen]
            if not new:
                return standing
            for one in new:
                seen.add(one.number)
                why = self.named(self._received.read(one.receipt).files).waits
                if why != self._known(student, one.receipt):
                    self.say(Said.WAITS, student, one.number, now, why=why)
            standing = self.standing(student)

    def _known(self, student: str, receipt: Receipt) -> str:
        """Why an attempt waits, as it was last seen."""
        for fact in reversed(self.facts(student)):
            if fact.said is Said.WAITS and fact.attempt == receipt.number:
                return str(fact.data.get("why", ""))
        return receipt.waits

    def _placed(self, student: str) -> list[Fact]:
        return [fact for fact in self.facts(student) if fact.said is Said.PLACED]

    def _note_placed(self, student: str, counts: Attempt, key: str, now: datetime) -> None:
        placed = self._placed(student)
        if placed:
            last = placed[-1]
            if (last.attempt, last.data.get("key"), last.time) == (counts.number, key, counts.time):
                return
        self.say(Said.PLACED, student, counts.number, now, key=key, time=counts.time)

    def _is_placed(self, there: Submission, counts: Attempt) -> bool:
        """Whether `submitted/` holds what counts, as it was last placed."""
        placed = self._placed(there.student)
        if not placed or placed[-1].attempt != counts.number:
            return False
        return (
            placed[-1].data.get("key") == there.work_key
            and _parsed(there.timestamp) == counts.time == placed[-1].time
        )

    def _is_ours(self, there: Submission) -> bool:
        key, attempts = there.work_key, self._received.attempts(there.student)
        if any(key in (receipt.placed, receipt.origin) for receipt in attempts):
            return True
        if self._placed_for_anybody(there):
            return True
        # What an earlier version placed by its own rules of which files are a submission's.
        return any(
            key == Submission(there.student, self._assignment, named.files).work_key
            for receipt in attempts
            if receipt.stamped is not None
            for named in [self.named(self._received.read(receipt).files)]
        )

    def _heed(self, there: Submission, now: datetime) -> None:
        """Take in what somebody else did in `submitted/`: another file, another time."""
        if not self._is_ours(there):
            self._keep_found(there, now)
            return
        student, key, stamp = there.student, there.work_key, _parsed(there.timestamp)
        attempts = self._received.attempts(student)
        placed = [fact for fact in self._placed(student) if fact.data.get("key") == key]
        same = [one for one in attempts if key in (one.placed, one.origin)]
        if not placed and not same:  # it was placed here when its attempt was this student's
            return
        holder = placed[-1].attempt if placed else same[-1].number
        if not placed and all(one.held for one in same):  # whoever put it there has decided
            self.say(Said.COUNTS, student, holder, now, why="it was put into submitted/")
        # A time that was written beside other files is no less a person's beside these.
        ours = {fact.time for fact in placed} | {receipt.stamped for receipt in attempts}
        if stamp is None or stamp in ours:
            return
        # The files are an attempt's, the time is another: a person has put it right.
        known = {one.number: one.time for one in self.standing(student).attempts}
        if stamp != known.get(holder or 0):
            self.say(Said.TIME, student, holder, now, time=stamp, why="timestamp.txt")

    def _keep_found(self, there: Submission, now: datetime) -> None:
        """Keep what somebody else put into `submitted/`, as an attempt."""
        student, stamp = there.student, _parsed(there.timestamp)
        attempts = self._received.attempts(student)
        ours = {fact.time for fact in self._placed(student)}
        ours |= {receipt.stamped for receipt in attempts}
        edited = stamp is not None and stamp in ours
        # nbgrader's own collect brings both, and its time is none of ours.
        by_nbgrader = "submission_secret.txt" in there.files and stamp is not None and not edited
        stands_for = self._stands_for(there, attempts, edited)
        time = None if stands_for else stamp
        if stands_for is not None:
            home, stands_for = self._received.kept_as(student, stands_for)
            if home != student:  # there its number would be another's
                stands_for, time = None, stamp
        named = self.named(there.files)
        receipt = Receipt(
            student=student,
            assignment=self._assignment,
            number=self._received.next_number(student),
            source="submitted",
            origin=there.work_key,
            collected=now,
            sha256=there.key,
            placed=Submission(student, self._assignment, named.files).work_key,
            time=time,
            stands_for=stands_for,
            by_hand=not by_nbgrader,
            lines=self._journal.lines,
            run=now,
            waits=named.waits,
            notes=named.notes,
        )
        self._received.keep(receipt, there.files)

    def _stands_for(
        self, there: Submission, attempts: tuple[Receipt, ...], edited: bool
    ) -> int | None:
        """The attempt in whose place a person put this, so that it is as old.

        One that waited, of whose files it is one; or the one that was there, if its time is.
        """
        notebooks = {data for name, data in there.files.items() if name.endswith(".ipynb")}
        for waiting in reversed(attempts):
            looked = self._known(there.student, waiting) or waiting.held
            if not (looked and notebooks):
                continue
            if notebooks <= set(self._received.read(waiting).files.values()):
                return waiting.number
        placed = self._placed(there.student)
        if edited and placed:
            return placed[-1].attempt
        return None

    def _swap(self, folder: Path, files: Mapping[str, bytes] | None) -> None:
        """Replace a submission's folder; a kill leaves the old one, the new one, or none.

        files: None if there is to be none
        """
        staging = self._course.submitted / STAGING
        staging.mkdir(parents=True, exist_ok=True)
        staged = Path(tempfile.mkdtemp(dir=staging))
        if files is not None:
            write_files(staged / "new", files)
        folder.parent.mkdir(parents=True, exist_ok=True)
        if os.path.lexists(folder):
            os.rename(folder, staged / "old")
        if files is not None:
            os.rename(staged / "new", folder)
        sync(folder.parent)
        shutil.rmtree(staging)


def _cannot_be_kept(folder: Path, there: Submission) -> str:
    """Why what lies in a folder cannot be kept as an attempt; "" if it can."""
    odd = [note for note in there.notes if not note.startswith("timestamp.txt")]
    return f"{folder} holds what cannot be kept ({odd[0]}); move it away" if odd else ""


def _stamp(time: datetime) -> bytes:
    return time.astimezone(UTC).strftime(TIME_FORMAT).encode()


def _parsed(timestamp: str | None) -> datetime | None:
    """The time in timestamp.txt, as nbgrader reads it."""
    time = utc_time(timestamp)
    return None if time is None else time.replace(tzinfo=UTC)
