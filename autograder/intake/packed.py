"""A zip file or a folder of files that others made, read without trusting its names or sizes."""

import os
import stat
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Protocol

from autograder.assignment.errors import UserError
from autograder.assignment.notes import is_text, shown
from autograder.assignment.submission import MAX_FILE, submission_files
from autograder.gradebook.autograded_folder import is_plain

MAX_ENTRIES = 200_000
"""Files of one download: a class of thousands."""

_UTF8_NAMES = 0x800
_ENCRYPTED = 0x1


class Unreadable(Exception):
    """A file that is left out; the text says why, to follow its name."""


class Packed(Protocol):
    """Files below one place.

    names: posix paths, plain and relative, in order
    notes: what is not among them and why, one sentence each, by path
    """

    names: tuple[str, ...]
    notes: dict[str, str]

    @property
    def skipped(self) -> dict[str, str]:
        """Folders that hold no student's work, by path, and what they hold."""

    def read(self, name: str, limit: int = MAX_FILE) -> bytes:
        """The bytes of a file.

        raises: Unreadable if there are more than `limit`, or it is damaged
        """


@contextmanager
def open_packed(path: Path) -> Iterator[Packed]:
    """Open a zip file or a folder.

    raises: UserError if it is neither, or holds more than MAX_ENTRIES files
    """
    if path.is_dir():
        yield PackedFolder(path)
        return
    try:
        stream = path.open("rb")
    except OSError as error:
        raise UserError(f"{path}: cannot be read ({error.strerror}).") from error
    with stream:
        try:
            packed = PackedZip(stream)
        except Unreadable as error:
            raise UserError(f"{path}: {error}.") from None
        yield packed


class PackedZip:
    """A zip file. Links, and names that lead out of it, are left out.

    raises: Unreadable if it is no zip file, or holds too many files
    """

    def __init__(self, stream: IO[bytes]) -> None:
        try:
            self._zip = zipfile.ZipFile(stream)
        except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError):
            raise Unreadable("is no zip file that can be read") from None
        entries = [(_name(entry), entry) for entry in self._zip.infolist() if not entry.is_dir()]
        kept, self.skipped = submission_files((name for name, _ in entries), top=False)
        if len(kept) > MAX_ENTRIES:
            raise Unreadable(f"holds more than {MAX_ENTRIES} files")
        self._entries: dict[str, zipfile.ZipInfo] = {}
        self.notes: dict[str, str] = {}
        wanted = set(kept)
        for name, entry in entries:
            if name not in wanted:
                continue
            if problem := self._problem(entry, name):
                self.notes[name] = problem
            else:
                self._entries[name] = entry
        self.names = tuple(sorted(self._entries))

    def read(self, name: str, limit: int = MAX_FILE) -> bytes:
        """See Packed. What the zip says of a size is not believed."""
        entry = self._entries[name]
        if entry.file_size > limit:
            raise Unreadable(_too_large(limit))
        try:
            with self._zip.open(entry) as stream:
                data = stream.read(limit + 1)
        except (zipfile.BadZipFile, zlib.error, EOFError, OSError, NotImplementedError):
            raise Unreadable("is damaged") from None
        if len(data) > limit:
            raise Unreadable(_too_large(limit))
        return data

    def _problem(self, entry: zipfile.ZipInfo, name: str) -> str:
        kind = stat.S_IFMT(entry.external_attr >> 16)
        if kind == stat.S_IFLNK:
            return "is a symbolic link; it is left out"
        if kind not in (0, stat.S_IFREG):
            return "is not a regular file; it is left out"
        if entry.flag_bits & _ENCRYPTED:
            return "is encrypted; it is left out"
        if not _safe(name):
            return "is no plain path; it is left out"
        return "is in the zip file twice; only the first is taken" if name in self._entries else ""


class PackedFolder:
    """A folder. Links are not followed.

    raises: UserError if it cannot be read, or holds too many files
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        found: list[str] = []
        problems: dict[str, str] = {}

        def cannot(error: OSError) -> None:
            raise UserError(f"{error.filename}: cannot be read ({error.strerror}).") from error

        for parent, folders, names in os.walk(folder, onerror=cannot):
            below = Path(parent).relative_to(folder)
            for name in [*names, *folders]:
                path = (below / name).as_posix()
                if Path(parent, name).is_symlink():
                    problems[path] = "is a symbolic link; it is left out"
                elif not _safe(path):
                    problems[path] = "its name is not valid; it is left out"
                elif name in names:
                    found.append(path)
        kept, self.skipped = submission_files((*found, *problems), top=False)
        self.names = tuple(sorted(path for path in kept if path not in problems))
        self.notes = {path: problems[path] for path in kept if path in problems}
        if len(self.names) > MAX_ENTRIES:
            raise UserError(f"{folder}: holds more than {MAX_ENTRIES} files.")

    def read(self, name: str, limit: int = MAX_FILE) -> bytes:
        """See Packed."""
        flags = os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0)
        try:
            with open(os.open(self._folder / name, flags), "rb") as stream:
                if not stat.S_ISREG(os.fstat(stream.fileno()).st_mode):
                    raise Unreadable("is not a regular file; it is left out")
                data = stream.read(limit + 1)
        except OSError as error:
            raise Unreadable(f"cannot be read ({error.strerror}); it is left out") from None
        if len(data) > limit:
            raise Unreadable(_too_large(limit))
        return data


def _name(entry: zipfile.ZipInfo) -> str:
    """The entry's path. Some systems write UTF-8 and do not say so: then Python took it for cp437."""
    if entry.flag_bits & _UTF8_NAMES:
        return entry.filename
    try:
        return entry.filename.encode("cp437").decode("utf-8")
    except UnicodeError:
        return entry.filename


def _safe(name: str) -> bool:
    return is_text(name) and is_plain(name) and ":" not in name.split("/")[0][:2]


def _too_large(limit: int) -> str:
    return f"is larger than {limit / 2**20:.0f} MB; it is left out"


def note(name: str, problem: str) -> str:
    """One sentence on a file."""
    return f"{shown(name)}: {problem}"
