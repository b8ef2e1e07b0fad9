"""What was received: each attempt of a student, kept for ever and never changed.

`received/ASSIGNMENT/STUDENT/TIME-SHA/` beside `submitted/` holds `files/`, as they came, and
`receipt.json`. An attempt is made under another name and moved to its place when it is whole and
on the disk, so that a kill leaves either all of it or nothing.
"""

import contextlib
import json
import os
import re
import shutil
import tempfile
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from autograder.assignment.class_lock import only_one
from autograder.assignment.errors import UserError
from autograder.assignment.nbgrader_course import NbgraderCourse
from autograder.assignment.notes import few, shown
from autograder.assignment.submission import Submission, read_submission
from autograder.gradebook.autograded_folder import is_plain, sync, write_synced
from autograder.records.journal import Fact, Journal
from autograder.records.people import People, is_account_of

RECEIPT = "receipt.json"
FILES = "files"
_VERSION = 3
_STAGING = ".staging"
_MAX_NAME = 200
_MAX_DEPTH = 20


@dataclass(frozen=True)
class Receipt:
    """One attempt, as it came: facts only. What follows from them: `standing`.

    number:     1, 2, … in the order in which this student's attempts were collected
    source:     canvas, moodle, gradescope, folder, exchange, or submitted (found there)
    origin:     what tells it from another with the same bytes, in the words of the source
    collected:  when it was collected, by this machine's clock
    sha256:     of student, assignment and files as they came
    placed:     `Submission.work_key` of the files as `submitted/` would get them then
    time:       when it was handed in, as the source says; None if it does not say
    said_late:  the source's word on it, None if it says nothing
    downloaded: when the download was made, as a person said when it was collected
    order:      the source's own number that grows with each hand-in, if it has one
    stands_for: number of the attempt in whose place a person put it into submitted/
    by_hand:    whether a person put it into submitted/: it counts until a person says otherwise
    lines:      how many lines the journal had then: what they say was said before
    stamped:    what an earlier version concluded and wrote into timestamp.txt
    run:        when the run of collecting began that brought it
    waits:      why a person had to look, then, before it could be graded
    held:       why a person has to decide whether it is the student's
    owner:      the account that owned it in the exchange
    folder:     name of the folder that it is kept in; empty for one that is not kept yet
    home:       the id under which it is kept with its number there, where the student is one of
                several ids; see `Received`
    """

    student: str
    assignment: str
    number: int
    source: str
    origin: str
    collected: datetime
    sha256: str
    placed: str
    time: datetime | None = None
    said_late: bool | None = None
    downloaded: datetime | None = None
    order: int | None = None
    stands_for: int | None = None
    by_hand: bool = False
    lines: int = 0
    stamped: datetime | None = None
    run: datetime | None = None
    waits: str = ""
    held: str = ""
    owner: str = ""
    notes: tuple[str, ...] = field(default=())
    folder: str = field(default="", compare=False)
    home: tuple[str, int] | None = field(default=None, compare=False)

    @property
    def kept_as(self) -> tuple[str, int]:
        """The id under which it is kept, and its number there."""
        return self.home or (self.student, self.number)

    @property
    def folder_name(self) -> str:
        """Name of the folder that it is, or will be, kept in."""
        return (
            self.folder
            or f"{self.collected:%Y%m%dT%H%M%S.%fZ}-{self.kept_as[1]}-{self.sha256[:12]}"
        )

    def as_json(self) -> dict[str, Any]:
        """The receipt as plain data, times as ISO 8601 in UTC."""
        data = {
            name: value for name, value in asdict(self).items() if name not in ("folder", "home")
        }
        return {"version": _VERSION} | {
            name: value.isoformat() if isinstance(value, datetime) else value
            for name, value in data.items()
        }


def received_folder(course: NbgraderCourse) -> Path:
    """Where the attempts of a class are kept."""
    return course.submitted.parent / "received"


class Received:
    """The attempts of one assignment. One process at a time; see `only_one`.

    What was received under any id of a person is that person's: the attempts are numbered anew, in
    the order in which they were collected, and what was said of them is told by these numbers. What
    is kept stays as it was, so that ids can be parted again.
    """

    def __init__(self, root: Path, assignment: str, people: People | None = None) -> None:
        """people: who is who; by default each id is somebody else"""
        self._root, self._assignment = root, assignment
        self._people = people or People()

    @property
    def people(self) -> People:
        return self._people

    @contextlib.contextmanager
    def only_one(self) -> Iterator[None]:
        """Hold the folder, and clear what a kill has left half made.

        raises: UserError if another process collects into it, or it cannot be written
        """
        staging = self._root / _STAGING
        try:
            staging.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise UserError(f"{self._root}: cannot be written ({error.strerror}).") from error
        with only_one(staging, "collecting"):
            for left in staging.iterdir():
                if left.is_dir():
                    shutil.rmtree(left)
            yield

    def students(self) -> tuple[str, ...]:
        """Who has an attempt, sorted."""
        folder = self._root / self._assignment
        return tuple(
            sorted({self._people.now(path.name) for path in folder.glob("*") if path.is_dir()})
        )

    def attempts(self, student: str) -> tuple[Receipt, ...]:
        """A student's attempts in the order in which they were collected.

        raises: UserError if a receipt is damaged: it says what counts, so nothing is guessed
        """
        ids = self._people.ids(student)
        homes = [tuple(_without_doubt(one, ids) for one in self._kept(home)) for home in ids]
        if sum(map(bool, homes)) == 1 and homes[0]:
            return homes[0]
        kept = [(latest, one) for home in homes for latest, one in _by_time(home)]
        kept.sort(key=lambda item: (item[0], item[1].kept_as))
        numbers = {one.kept_as: number for number, (_, one) in enumerate(kept, 1)}
        return tuple(
            replace(
                one,
                student=student,
                number=numbers[one.kept_as],
                stands_for=numbers.get((one.student, one.stands_for or 0)),
                home=one.kept_as,
            )
            for _, one in kept
        )

    def _kept(self, home: str) -> tuple[Receipt, ...]:
        """What is kept under one id."""
        found = []
        for path in self._folder(home).glob(f"*/{RECEIPT}"):
            try:
                found.append(_receipt(json.loads(path.read_bytes()), path.parent.name))
            except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
                raise UserError(f"{path}: is damaged ({error}); restore it.") from error
        return tuple(sorted(found, key=lambda receipt: receipt.number))

    def next_number(self, home: str) -> int:
        """The number of the next attempt that is kept under an id. raises: see `attempts`"""
        return max((receipt.number for receipt in self._kept(home)), default=0) + 1

    def kept_as(self, student: str, number: int) -> tuple[str, int]:
        """The id under which an attempt of a student is kept, and its number there."""
        for receipt in self.attempts(student):
            if receipt.number == number:
                return receipt.kept_as
        return student, number

    def journal(self) -> Journal:
        """What was said of the attempts, by the ids and numbers under which they are kept."""
        return Journal(self._root / self._assignment)

    def of_student(self, student: str, facts: Mapping[str, Iterable[Fact]]) -> tuple[Fact, ...]:
        """The journal's facts about a student, by the numbers of `attempts`.

        facts:  as they are kept, by id
        raises: see `attempts`
        """
        ids = self._people.ids(student)
        if len(ids) == 1:
            return tuple(facts.get(student, ()))
        mine = sorted(
            (fact for one in ids for fact in facts.get(one, ())), key=lambda fact: fact.number
        )
        numbers = {receipt.kept_as: receipt.number for receipt in self.attempts(student)}
        return tuple(
            replace(
                fact,
                student=student,
                attempt=None
                if fact.attempt is None
                else numbers.get((fact.student, fact.attempt), 0),
            )
            for fact in mine
        )

    def read(self, receipt: Receipt) -> Submission:
        """An attempt's files, as they came."""
        folder = self._folder(receipt.kept_as[0]) / receipt.folder_name / FILES
        return read_submission(folder, receipt.student, receipt.assignment)

    def keep(self, receipt: Receipt, files: Mapping[str, bytes]) -> Path:
        """Keep an attempt; return its folder.

        raises: OSError if it cannot be written; then nothing of it is there
        """
        folder = self._folder(receipt.student) / receipt.folder_name
        staged = Path(tempfile.mkdtemp(dir=self._root / _STAGING))
        write_files(staged / FILES, files)
        text = json.dumps(receipt.as_json(), indent=1, ensure_ascii=False) + "\n"
        write_synced(staged / RECEIPT, text.encode())
        staged.chmod(0o755)
        sync(staged)
        folder.parent.mkdir(parents=True, exist_ok=True)
        os.rename(staged, folder)
        for parent in (folder.parent, folder.parent.parent, self._root):
            sync(parent)
        return folder

    def _folder(self, student: str) -> Path:
        return self._root / self._assignment / student


def _by_time(kept: tuple[Receipt, ...]) -> Iterator[tuple[datetime, Receipt]]:
    """Each attempt with the time of its collecting, or of one before it if the clock went back."""
    latest = None
    for receipt in kept:
        latest = receipt.collected if latest is None else max(latest, receipt.collected)
        yield latest, receipt


_TIMES = ("collected", "time", "downloaded", "stamped", "run")
_WAITED = re.compile(r"its files are those of attempt (\d+), which waited")


_OWNED = re.compile(
    r"is owned by (?:the account (?P<account>.+), not by |(?P<student>.+), another)"
)
"""Of `held` up to version 2."""


def _without_doubt(receipt: Receipt, ids: tuple[str, ...]) -> Receipt:
    """What an account of any id of the student's handed in is the student's."""
    if receipt.held and any(is_account_of(receipt.owner, one) for one in ids):
        return replace(receipt, held="")
    return receipt


def _receipt(data: dict[str, Any], folder: str) -> Receipt:
    """A receipt as it was written, by this version or the first."""
    version = data.pop("version", 1)
    if version == 1:
        data = _from_version_1(data)
    elif not 1 < version <= _VERSION:
        raise ValueError(f"it is of version {version}, from a newer autograder")
    for name in _TIMES:
        if data.get(name) is not None:
            data[name] = datetime.fromisoformat(data[name])
    if "owner" not in data:
        told = _OWNED.search(data["held"])
        data["owner"] = (told["account"] or told["student"]) if told else ""
    return Receipt(**{**data, "notes": tuple(data["notes"]), "folder": folder})


def _from_version_1(data: dict[str, Any]) -> dict[str, Any]:
    """The facts in a receipt that held conclusions: what a time rested on says what it was."""
    received, rests_on, on_time = data.pop("received"), data.pop("rests_on"), data.pop("on_time")
    for concluded in ("ordered", "late"):
        data.pop(concluded)
    told = rests_on.startswith(("the time of ", "when it was last changed in the exchange"))
    stands_for = _WAITED.match(rests_on)
    return {
        **data,
        "stamped": received,
        "time": received if told else None,
        "downloaded": received if rests_on.startswith("when it was downloaded") else None,
        "said_late": None if on_time is None else not on_time,
        "stands_for": int(stands_for[1]) if stands_for else None,
    }


def storable(files: Mapping[str, bytes]) -> tuple[dict[str, bytes], tuple[str, ...]]:
    """The files that any disk takes under their names, and notes on the others."""
    kept: dict[str, bytes] = {}
    notes = []
    for name, data in files.items():
        parts = name.split("/")
        parents = {"/".join(parts[:count]) for count in range(1, len(parts))}
        long = max(len(part.encode("utf-8", "replace")) for part in parts) > _MAX_NAME
        if not is_plain(name) or long or len(parts) > _MAX_DEPTH or parents & files.keys():
            notes.append(f"{shown(name)}: a file cannot have this name here; it is left out")
        else:
            kept[name] = data
    return kept, few(notes)


def write_files(folder: Path, files: Mapping[str, bytes]) -> None:
    """Write files below a new folder; they and their names are on the disk when it returns."""
    folder.mkdir()
    for name, data in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        write_synced(folder / name, data)
    for parent, _, _ in os.walk(folder):
        sync(Path(parent))


def now() -> datetime:
    """This machine's time, in UTC."""
    return datetime.now(UTC)
