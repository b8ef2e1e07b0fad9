"""What was received: each attempt of a student, kept for ever and never changed.

`received/ASSIGNMENT/STUDENT/TIME-SHA/` beside `submitted/` holds `files/`, as they came, and
`receipt.json`. An attempt is made under another name and moved to its place when it is whole and
on the disk, so that a kill leaves either all of it or nothing.
"""

import contextlib
import json
import os
import shutil
import tempfile
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from autograder.assignment.class_lock import only_one
from autograder.assignment.errors import UserError
from autograder.assignment.notes import few, shown
from autograder.assignment.submission import Submission, read_submission
from autograder.gradebook.autograded_folder import is_plain, sync, write_synced

RECEIPT = "receipt.json"
FILES = "files"
_STAGING = ".staging"
_MAX_NAME = 200
_MAX_DEPTH = 20


@dataclass(frozen=True)
class Receipt:
    """One attempt.

    number:    1, 2, … in the order in which this student's attempts were collected
    source:    canvas, moodle, gradescope, folder, exchange, or submitted (found there)
    origin:    what tells it from another with the same bytes, in the words of the source
    collected: when it was collected, by this machine's clock
    received:  when it counts as handed in
    rests_on:  what `received` rests on, in words
    ordered:   where it stands among the attempts: `received`, but never before what was collected
               earlier by a clock that has since gone backwards
    order:     the source's own number that grows with each hand-in, if it has one
    sha256:    of student, assignment and files as they came
    placed:    the same of the files as `submitted/` gets them
    on_time:   the source's word on it, None if it says nothing
    late:      seconds after the due date when it was collected, 0 if on time, None if there is none
    waits:     why a person has to look before it can be graded
    held:      why a person has to decide whether it is the student's
    """

    student: str
    assignment: str
    number: int
    source: str
    origin: str
    collected: datetime
    received: datetime
    rests_on: str
    ordered: datetime
    sha256: str
    placed: str
    order: int | None = None
    on_time: bool | None = None
    late: float | None = None
    waits: str = ""
    held: str = ""
    notes: tuple[str, ...] = field(default=())

    @property
    def folder_name(self) -> str:
        """Sorts as the attempts do."""
        return f"{self.ordered:%Y%m%dT%H%M%S.%fZ}-{self.sha256[:12]}"

    def as_json(self) -> dict[str, Any]:
        """The receipt as plain data, times as ISO 8601 in UTC."""
        data = asdict(self)
        return {
            name: value.isoformat() if isinstance(value, datetime) else value
            for name, value in data.items()
        }


class Received:
    """The attempts of one assignment. One process at a time; see `only_one`."""

    def __init__(self, root: Path, assignment: str) -> None:
        self._root, self._assignment = root, assignment

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
        return tuple(sorted(path.name for path in folder.glob("*") if path.is_dir()))

    def attempts(self, student: str) -> tuple[Receipt, ...]:
        """A student's attempts in order; the last is the newest.

        raises: UserError if a receipt is damaged: it says what counts, so nothing is guessed
        """
        found = []
        for path in self._folder(student).glob(f"*/{RECEIPT}"):
            try:
                data = json.loads(path.read_bytes())
                for name in ("collected", "received", "ordered"):
                    data[name] = datetime.fromisoformat(data[name])
                found.append(Receipt(**{**data, "notes": tuple(data["notes"])}))
            except (OSError, ValueError, KeyError, TypeError) as error:
                raise UserError(f"{path}: is damaged ({error}); restore it.") from error
        return tuple(sorted(found, key=lambda receipt: (receipt.ordered, receipt.number)))

    def read(self, receipt: Receipt) -> Submission:
        """An attempt's files, as they came."""
        folder = self._folder(receipt.student) / receipt.folder_name / FILES
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
