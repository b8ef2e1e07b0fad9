"""What was said and seen of an assignment's submissions, after they came: lines that only grow.

`received/ASSIGNMENT/journal.jsonl` beside the attempts (`roll` is the same of people). Each line
is one fact with its time and who said it; a line is on the disk before anybody is told that it is
kept, and none is changed afterwards. To take one back is a line of its own.
"""

import json
import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from enum import Enum
from pathlib import Path
from typing import Any, Generic, TypeVar

from autograder.assignment.errors import UserError
from autograder.gradebook.autograded_folder import sync
from autograder.gradebook.history import login_name

JOURNAL = "journal.jsonl"


class Said(Enum):
    """What a line of the journal says."""

    TIME = "time"
    """A person: `attempt` came at `time`, or it is not known after all (none)."""
    DOWNLOADED = "downloaded"
    """A person: the download that brought `attempt` was made at `time`."""
    MARKED_LATE = "marked late"
    """The source, later than it brought `attempt`: it is `late`."""
    COUNTS = "counts"
    """A person: `attempt` counts, whatever the rules say; none: the rules choose again."""
    LEFT_OUT = "left out"
    """A person: `attempt` is not to count."""
    WAITS = "waits"
    """Collecting: a person has to look at `attempt`, `why`; nobody has to if that is empty."""
    PLACED = "placed"
    """Collecting: `attempt` is put into submitted/ with these files (`key`) and this `time`."""
    UNDONE = "undone"
    """A person: line `line` is taken back."""


@dataclass(frozen=True, kw_only=True)
class Line:
    """One line.

    number:  1, 2, … in the file
    at, who: when it was written, in UTC, and the login name of who ran the command
    student: whom it is about
    data:    what else it says
    """

    number: int
    at: datetime
    who: str
    student: str
    data: Mapping[str, Any] = field(default_factory=dict)

    @property
    def takes_back(self) -> int | None:
        """Number of the line that it takes back."""
        return self.data.get("line")


def common(number: int, line: Mapping[str, Any], *own: str) -> dict[str, Any]:
    """What every kind of line has, of one that was read. own: what the kind reads by itself"""
    told = {"at", "who", "said", "student", *own}
    return {
        "number": number,
        "at": datetime.fromisoformat(line["at"]),
        "who": str(line["who"]),
        "student": str(line["student"]),
        "data": {name: value for name, value in line.items() if name not in told},
    }


@dataclass(frozen=True, kw_only=True)
class Fact(Line):
    """One line of an assignment's journal.

    attempt: the number of the student's attempt, None if it is about none
    """

    said: Said
    attempt: int | None = None

    @property
    def time(self) -> datetime | None:
        """The time that it tells, in UTC."""
        told = self.data.get("time")
        return None if told is None else datetime.fromisoformat(told)


Kind = TypeVar("Kind", bound=Line)


class Lines(Generic[Kind]):
    """A file of facts, a line each, that only grows."""

    def __init__(self, path: Path, read: Callable[[int, Mapping[str, Any]], Kind]) -> None:
        """read: makes a fact of a line's number and its data; an error means a damaged line"""
        self._path, self._read = path, read
        self.damaged: tuple[int, ...] = ()
        """Numbers of the lines that cannot be read; what they said is not known."""

        self.lines = 0
        """How many there are, when they have been read."""

    @property
    def path(self) -> Path:
        return self._path

    @property
    def notes(self) -> tuple[str, ...]:
        """A sentence on each damaged line."""
        return tuple(
            f"{self._path}: line {number} is damaged; what it said is not known, restore it"
            for number in self.damaged
        )

    def facts(self) -> tuple[Kind, ...]:
        """All that was said and not taken back, oldest first.

        A last line without its end was never kept: a kill cut it.
        raises: UserError if the file cannot be read
        """
        try:
            lines = self._path.read_bytes().split(b"\n")[:-1]
        except FileNotFoundError:
            return ()
        except OSError as error:
            raise UserError(f"{self._path}: cannot be read ({error.strerror}).") from error
        found, damaged = [], []
        for number, line in enumerate(lines, 1):
            try:
                found.append(self._read(number, json.loads(line)))
            except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
                damaged.append(number)
        self.damaged, self.lines = tuple(damaged), len(lines)
        undone = {fact.takes_back for fact in found}
        return tuple(fact for fact in found if fact.number not in undone)

    def append(self, line: Mapping[str, Any]) -> Kind:
        """Add a line; it is on the disk when this returns.

        raises: OSError if it cannot be written; then it is not kept
        """
        new = not self._path.exists()
        self._path.parent.mkdir(parents=True, exist_ok=True)
        with self._path.open("r+b" if not new else "x+b") as stream:
            _cut_torn_line(stream)
            stream.write(f"{json.dumps(line, ensure_ascii=False)}\n".encode())
            stream.flush()
            os.fsync(stream.fileno())
        if new:
            sync(self._path.parent)
        self.lines += 1
        return self._read(self.lines, line)


class Journal(Lines[Fact]):
    """The journal of one assignment. Whoever adds to it holds `Received.only_one`."""

    def __init__(self, folder: Path) -> None:
        super().__init__(folder / JOURNAL, _fact)

    def add(
        self,
        said: Said,
        student: str,
        attempt: int | None = None,
        *,
        now: datetime,
        **data: Any,
    ) -> Fact:
        """Add a line; see `append`. data: times have a time zone"""
        return self.append(
            {
                "at": now.isoformat(), "who": login_name(), "said": said.value,
                "student": student, "attempt": attempt,
                **{name: _plain(value) for name, value in data.items()},
            }
        )  # fmt: skip


def _fact(number: int, line: Mapping[str, Any]) -> Fact:
    attempt = line["attempt"]
    fact = Fact(
        **common(number, line, "attempt"),
        said=Said(line["said"]),
        attempt=None if attempt is None else int(attempt),
    )
    _ = fact.time  # a time that cannot be read is a damaged line
    return fact


def _plain(value: Any) -> Any:
    return value.astimezone(UTC).isoformat() if isinstance(value, datetime) else value


def _cut_torn_line(stream: Any) -> None:
    """Go to the end; what a kill left of a line there was never kept, and goes."""
    size = stream.seek(0, os.SEEK_END)
    end = size
    while end:
        start = max(0, end - 65536)
        stream.seek(start)
        newline = stream.read(end - start).rfind(b"\n")
        if newline >= 0:
            end = start + newline + 1
            break
        end = start
    if end != size:
        stream.truncate(end)
    stream.seek(end)
