"""A folder `autograded/STUDENT/ASSIGNMENT`: the student's files, graded notebooks, the record."""

import errno
import fnmatch
import json
import os
import sys
import unicodedata
from pathlib import Path
from typing import Any

import nbformat
from nbgrader.converters import Autograde
from nbgrader.coursedir import CourseDirectory

from autograder.assignment.outcome import Result
from autograder.assignment.submission import Submission
from autograder.authoring.release import quiet_logger
from autograder.gradebook.marks import with_notes, writable
from autograder.gradebook.rows import utc_time

RECORD = ".graded.json"
"""In an autograded folder: the key, the result, and what the gradebook was given."""

# Names that a student's folder may hold and a file system refuses.
_UNWRITABLE = (errno.ENAMETOOLONG, errno.EILSEQ, errno.EINVAL, errno.EEXIST, errno.ENOTDIR)


class AutogradedFolders:
    """Fills new folders by the course's settings: names that nbgrader ignores, permissions."""

    def __init__(self, config: Any, directories: CourseDirectory) -> None:
        converter = Autograde(coursedir=directories, config=config, log=quiet_logger())
        self._mode = int(str(converter.permissions), 8)
        self._ignored = (*directories.ignore, "*.ipynb", RECORD)
        self._groupshared = bool(directories.groupshared)

    def put(self, folder: Path, result: Result, submission: Submission) -> None:
        """Write the student's files and the graded notebooks into an empty folder.

        Left out are notebooks that the assignment does not know and files that nbgrader ignores.
        """
        left_out = self._put_files(folder, submission)
        self._put_notebooks(folder, result, (*submission.notes, *left_out))

    def put_record(self, folder: Path, record: dict[str, Any]) -> None:
        """Write the record: `key`, `notebooks` (names), `gradebook` and `result` (plain data)."""
        self._put(folder / RECORD, json.dumps(record, indent=1).encode())

    def finish(self, folder: Path) -> None:
        """Set the permissions of a full folder, and have its names survive a power cut."""
        folder.chmod(0o755)  # mkdtemp makes it the owner's alone
        for parent, _, _ in os.walk(folder):
            if self._groupshared:
                os.chmod(parent, 0o2770)
            sync(Path(parent))

    def _put_files(self, folder: Path, submission: Submission) -> tuple[str, ...]:
        """Write the student's files; return a note for each that cannot be written."""
        notes = []
        for name, data in submission.files.items():
            parts = name.split("/")
            if name.casefold() == "timestamp.txt" or any(
                fnmatch.fnmatch(part.casefold(), pattern.casefold())
                for part in parts
                for pattern in self._ignored
            ):
                continue
            try:
                if not is_plain(name) or folder not in (folder / name).parents:
                    raise OSError(errno.EINVAL, "is not a plain path")
                (folder / name).parent.mkdir(parents=True, exist_ok=True)
                self._put(folder / name, data)
            except OSError as error:
                if error.errno not in _UNWRITABLE:
                    raise
                notes.append(f"{name!a} was left out: a file cannot have this name here.")
        if submission.timestamp and utc_time(submission.timestamp):
            self._put(folder / "timestamp.txt", submission.timestamp.encode())
        return tuple(notes)

    def _put_notebooks(self, folder: Path, result: Result, notes: tuple[str, ...]) -> None:
        known = (*result.notes, *(note for note in notes if note not in result.notes))
        for notebook in result.notebooks:
            text = nbformat.v4.writes_json(with_notes(notebook, known)) + "\n"
            self._put(folder / f"{notebook.name}.ipynb", writable(text).encode())

    def _put(self, path: Path, data: bytes) -> None:
        write_synced(path, data)
        path.chmod(self._mode)


def read_record(folder: Path) -> dict[str, Any] | None:
    """What `put_record` wrote; None if there is nothing of its shape."""
    try:
        handle = os.open(folder / RECORD, os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0))
        with open(handle, encoding="utf-8") as stream:
            record = json.load(stream)
    except (OSError, ValueError, RecursionError):
        return None
    shape = {"key": str, "notebooks": list, "gradebook": dict, "result": dict}
    fits = isinstance(record, dict) and all(
        isinstance(record.get(name), kind) for name, kind in shape.items()
    )
    return record if fits else None


def is_plain(name: str) -> bool:
    """Whether a path stays below its folder and is one on every system."""
    odd = any(unicodedata.category(char) in ("Cc", "Cs") or char == "\\" for char in name)
    return not odd and not any(part in ("", ".", "..") for part in name.split("/"))


def is_folder_name(name: str) -> bool:
    """Whether a student's or an assignment's id can be the name of a folder."""
    return is_plain(name) and "/" not in name and not name.startswith(".")


def write_synced(path: Path, data: bytes) -> None:
    """Write a new file, on the disk when it returns."""
    with path.open("xb") as stream:
        stream.write(data)
        stream.flush()
        os.fsync(stream.fileno())


def sync(folder: Path) -> None:
    """Have the names in a folder survive a power cut."""
    if sys.platform == "win32":
        return
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
