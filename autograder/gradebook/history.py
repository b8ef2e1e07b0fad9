"""What became of each submission, and when: a table of ours in nbgrader's gradebook.

Rows are added in the transaction that changes the marks, and never changed afterwards: nothing
is lost, and nothing is told that did not happen. nbgrader and its `nbgrader db upgrade` know
nothing of the table. It names students and assignments but does not refer to nbgrader's rows, so
it outlives them.
"""

import getpass
import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from enum import Enum
from typing import Any

from sqlalchemy import Connection, insert, inspect, select

from autograder import __version__
from autograder.assignment.outcome import Versions
from autograder.assignment.plurals import counted
from autograder.gradebook.database import reading
from autograder.gradebook.history_table import HISTORY


class Happened(Enum):
    """What happened to a submission."""

    GRADED = "graded"
    INVALIDATED = "invalidated"
    """A regrade began: the earlier automatic score does not count any more."""
    PENALTY = "penalty"
    """The late penalty changed, the marks did not."""
    CHANGED = "changed"
    """Cells of the assignment were renamed or removed, or are worth less than a person gave."""
    BY_HAND = "by hand"
    """A person gave or changed points or a comment."""
    DEADLINES = "deadlines"
    """Due date and extensions came from class.toml; of the assignment, no student's."""
    SAID = "said"
    """A person said something of an attempt; it stands in the journal, not here."""


_STATES = (Happened.GRADED.value, Happened.INVALIDATED.value, Happened.CHANGED.value)
"""What tells how a submission is graded, and which answers its points are for."""


UNKNOWN = Versions()


@dataclass(frozen=True)
class Entry:
    """One event of a submission's history.

    sequence:  order of events in the gradebook; gaps are possible
    at:        when, in UTC
    who:       login name of the person who ran the command
    score:     of the automatic checks, None if none counts
    penalty:   points taken off because the submission was late, None if none
    checks:    by "NOTEBOOK/GRADE_ID": outcome, score, max_score, seconds. Of CHANGED instead score,
               max_score, comment: what a person gave in cells that are gone; of BY_HAND, what a
               person gave, from what and to what; of DEADLINES, what class.toml said
    answers:   by "NOTEBOOK/GRADE_ID": sha256 of the answer that these points are for
    words:     of SAID, what was said
    settled:   the same of the answer when its points last waited for nobody; "" if not known
    """

    event: Happened
    assignment: str
    student: str
    versions: Versions = UNKNOWN
    score: float | None = None
    max_score: float | None = None
    penalty: float | None = None
    checks: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    answers: Mapping[str, str] = field(default_factory=dict, repr=False)
    settled: Mapping[str, str] = field(default_factory=dict, repr=False)
    sequence: int = 0
    at: datetime = datetime.min
    who: str = ""
    package_version: str = ""
    words: str = ""

    @property
    def outcomes(self) -> Mapping[str, Mapping[str, Any]]:
        """What became of each check, of an entry that is a grading."""
        return self.checks if self.event is Happened.GRADED else {}

    @property
    def removed(self) -> Mapping[str, Mapping[str, Any]]:
        """What a person gave in cells that are gone."""
        return self.checks if self.event is Happened.CHANGED else {}

    @property
    def about(self) -> str:
        """What a person gave, said or set, in words; empty for other entries."""
        if self.event is Happened.BY_HAND:
            return "; ".join(
                f"{place}: {what} {_told(old)} → {_told(new)}"
                for place, change in self.checks.items()
                for what, (old, new) in change.items()
            )
        if self.removed:
            return "removed " + ", ".join(
                f"{place} ({given['score']:g} of {given['max_score']:g})"
                for place, given in self.removed.items()
            )
        if self.event is Happened.DEADLINES:
            told = self.checks["class.toml"]
            more = counted(len(told["extensions"]), "extension")
            return f"due {told['due'] or 'no more'} (UTC), {more}, by class.toml"
        return self.words

    def as_json(self) -> dict[str, Any]:
        """The entry as plain data, for `--json`."""
        return {
            "sequence": self.sequence,
            "at": self.at.replace(tzinfo=UTC).isoformat(timespec="seconds"),
            "who": self.who,
            "event": self.event.value,
            "assignment": self.assignment,
            "student": self.student,
            "score": self.score,
            "max_score": self.max_score,
            "penalty": self.penalty,
            "checks": {name: dict(check) for name, check in self.outcomes.items()},
            "removed": {name: dict(given) for name, given in self.removed.items()},
            "about": self.about,
            "package_version": self.package_version,
            "engine_version": self.versions.engine,
            "assignment_key": self.versions.assignment,
            "submission_key": self.versions.submission,
        }


def by_assignment(entries: Iterable[Entry]) -> list[dict[str, Any]]:
    """The entries as plain data, by assignment, for `--json`."""
    found: dict[str, list[dict[str, Any]]] = {}
    for entry in entries:
        found.setdefault(entry.assignment, []).append(entry.as_json())
    return [{"assignment": name, "entries": those} for name, those in found.items()]


def add(connection: Connection, *entries: Entry, who: str | None = None) -> None:
    """Add entries, of now, to the transaction.

    who: by default whoever runs this process
    """
    if not entries:
        return
    now = datetime.now(UTC).replace(tzinfo=None)
    by = login_name() if who is None else who
    connection.execute(
        insert(HISTORY),
        [
            {
                "at": now,
                "who": by,
                "event": entry.event.value,
                "assignment": entry.assignment,
                "student": entry.student,
                "package_version": __version__,
                "engine_version": entry.versions.engine,
                "assignment_key": entry.versions.assignment,
                "submission_key": entry.versions.submission,
                "score": entry.score,
                "max_score": entry.max_score,
                "penalty": entry.penalty,
                "checks": json.dumps(entry.checks),
                "answers": json.dumps(entry.answers),
                "settled": json.dumps(entry.settled),
            }
            for entry in entries
        ],
    )


def last(connection: Connection, assignment: str, student: str) -> Entry | None:
    """The newest entry that says how a submission is graded."""
    row = connection.execute(
        select(HISTORY)
        .where(
            HISTORY.c.assignment == assignment,
            HISTORY.c.student == student,
            HISTORY.c.event.in_(_STATES),
        )
        .order_by(HISTORY.c.sequence.desc())
        .limit(1)
    ).first()
    return None if row is None else _entry(row)


def last_of(connection: Connection, event: Happened, assignment: str, student: str) -> Entry | None:
    """The newest entry of one kind."""
    if not inspect(connection).has_table(HISTORY.name):
        return None
    row = connection.execute(
        select(HISTORY)
        .where(
            HISTORY.c.event == event.value,
            HISTORY.c.assignment == assignment,
            HISTORY.c.student == student,
        )
        .order_by(HISTORY.c.sequence.desc())
        .limit(1)
    ).first()
    return None if row is None else _entry(row)


def graded_from(connection: Connection, assignment: str) -> dict[str, Versions]:
    """By student whose marks count, what they follow from."""
    if not inspect(connection).has_table(HISTORY.name):
        return {}
    found: dict[str, Versions] = {}
    for row in connection.execute(
        select(
            HISTORY.c.student, HISTORY.c.event, HISTORY.c.engine_version,
            HISTORY.c.assignment_key, HISTORY.c.submission_key,
        )
        .where(HISTORY.c.assignment == assignment, HISTORY.c.event.in_(_STATES))
        .order_by(HISTORY.c.sequence)
    ):  # fmt: skip
        if row.event == Happened.GRADED.value:
            found[row.student] = Versions(
                row.engine_version, row.assignment_key, row.submission_key
            )
        elif row.event == Happened.INVALIDATED.value:
            found.pop(row.student, None)
    return found


def read(
    connection: Connection,
    assignment: str | None = None,
    student: str | None = None,
    event: Happened | None = None,
) -> Iterator[Entry]:
    """All entries, oldest first, of one assignment, student or kind where they are given."""
    if not inspect(connection).has_table(HISTORY.name):
        return
    # Of the statement alone: the connection may have to write next.
    query = select(HISTORY).order_by(HISTORY.c.sequence).execution_options(yield_per=1000)
    if assignment is not None:
        query = query.where(HISTORY.c.assignment == assignment)
    if student is not None:
        query = query.where(HISTORY.c.student == student)
    if event is not None:
        query = query.where(HISTORY.c.event == event.value)
    for row in connection.execute(query):
        yield _entry(row)


def read_history(
    db_url: str, assignment: str | None = None, student: str | None = None
) -> Iterator[Entry]:
    """The history in a gradebook, oldest first; see `read`. Nothing is written.

    raises: UserError if there is no gradebook, or if it cannot be read
    """
    with reading(db_url) as connection:
        yield from read(connection, assignment, student)


def _entry(row: Any) -> Entry:
    return Entry(
        event=Happened(row.event),
        assignment=row.assignment,
        student=row.student,
        versions=Versions(row.engine_version, row.assignment_key, row.submission_key),
        score=row.score,
        max_score=row.max_score,
        penalty=row.penalty,
        checks=json.loads(row.checks),
        answers=json.loads(row.answers),
        settled=json.loads(row.settled),
        sequence=row.sequence,
        at=row.at,
        who=row.who,
        package_version=row.package_version,
    )


def _told(value: Any) -> str:
    if value is None:
        return "none"
    return f"{value:g}" if isinstance(value, float) else str(value)


def login_name() -> str:
    """Who runs this process; in a container there may be nobody of that number."""
    try:
        return getpass.getuser()
    except (OSError, KeyError, ImportError):
        return "unknown"
