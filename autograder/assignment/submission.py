"""What a student handed in: the files of a submission's folder, read without trusting any of it."""

import errno
import hashlib
import itertools
import os
import re
import stat
from collections import deque
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from autograder.assignment.errors import UserError
from autograder.assignment.notes import few, is_text, shown

MAX_FILE = 50 * 2**20
"""Bytes of one file."""
MAX_TOTAL = 200 * 2**20
"""Bytes of all files of a submission."""
MAX_FILES = 2_000
"""Files of a submission; timestamp.txt, which is nbgrader's, is not counted."""

_TIMESTAMP = "timestamp.txt"
_SYSTEM_FILES = frozenset({".DS_Store", "Thumbs.db"})
_SYSTEM_FOLDERS = frozenset({".ipynb_checkpoints", "__MACOSX"})
_TOOL_FOLDERS: Mapping[str, str] = {
    **dict.fromkeys(("venv", ".venv", "site-packages", "node_modules"), "installed packages"),
    **dict.fromkeys((".git", ".hg", ".svn"), "the history of a repository"),
    **dict.fromkeys(("__pycache__", ".mypy_cache", ".pytest_cache", ".ruff_cache"), "a cache"),
}
"""What programs fill, and what with."""
_ENVIRONMENT = "pyvenv.cfg"
"""Lies in a virtual environment, whatever its folder is called (PEP 405)."""

_MAX_ENTRIES = 20_000
_MAX_DEPTH = 20
_TIME = re.compile(
    r"\d{4}-\d\d-\d\d[ T]\d\d:\d\d(:\d\d(\.\d{1,9})?)?"
    r"( ?(Z|[+-]\d\d:?\d\d|[A-Za-z_]{2,20}(/[A-Za-z_]{2,20}){0,2}))?"
)
"""nbgrader's own times; its parser would open any file that stands for a time zone."""


@dataclass(frozen=True)
class Submission:
    """The files of one student for one assignment.

    files:     bytes by posix path relative to the submission's folder; regular files only
    notes:     what was left out and why, one sentence each
    timestamp: text of timestamp.txt if it is a valid time, else None
    skipped:   notes on folders that are never a submission's, see `submission_files`
    """

    student: str
    assignment: str
    files: Mapping[str, bytes] = field(repr=False)
    notes: tuple[str, ...] = ()
    timestamp: str | None = None
    skipped: tuple[str, ...] = ()

    @property
    def key(self) -> str:
        """sha256 of student, assignment and files."""
        return self._key(sorted(self.files))

    @property
    def work_key(self) -> str:
        """The same without timestamp.txt: when work came changes nothing of what it is."""
        return self._key(sorted(name for name in self.files if name != "timestamp.txt"))

    def _key(self, names: Iterable[str]) -> str:
        total = hashlib.sha256()
        parts = (part for name in names for part in (name.encode(), self.files[name]))
        for part in itertools.chain((self.student.encode(), self.assignment.encode()), parts):
            total.update(len(part).to_bytes(8, "big") + hashlib.sha256(part).digest())
        return total.hexdigest()


def submission_files(paths: Iterable[str], *, top: bool = True) -> tuple[list[str], dict[str, str]]:
    """Which files of a delivery are the submission's: everything but what programs put there.

    One answer, for what is kept and for what is read back. The rest is caches, installed packages,
    the history of a repository, what operating systems add, and feedback that was fetched.
    paths:   posix paths relative to the submission's folder
    top:     whether they are; where they begin above it, no folder's name tells feedback
    returns: those that are the submission's, and of the folders that are not, why, by path; what
             every Jupyter or nbgrader makes is not worth a word and not among them
    """
    paths = list(paths)
    environments = {path.rpartition("/")[0] for path in paths if path.endswith(f"/{_ENVIRONMENT}")}
    # A student may have made one right where the work is.
    environments -= {path.rpartition("/")[0] for path in paths if is_notebook_name(path)}
    kept: list[str] = []
    skipped: dict[str, str] = {}
    for path in paths:
        *folders, last = path.split("/")
        for depth, name in enumerate(folders):
            place = "/".join(folders[: depth + 1])
            why = _skipped(name, top and not depth)
            if why is None and place in environments:
                why = "installed packages"
            if why is not None:
                if why:
                    skipped[place] = f"holds {why}; it is left out"
                break
        else:
            if last not in _SYSTEM_FILES:
                kept.append(path)
    return kept, skipped


def _skipped(name: str, top: bool) -> str | None:
    """What a folder holds that is never a submission's; empty if it is not worth a word."""
    if name in _SYSTEM_FOLDERS or (top and name == "feedback"):
        return ""
    if top and name.startswith("feedback"):
        return "feedback"
    return _TOOL_FOLDERS.get(name)


def within_limits(files: Mapping[str, bytes]) -> tuple[dict[str, bytes], tuple[str, ...]]:
    """As many of a submission's files as it may have, notebooks first, and notes on the others."""
    kept: dict[str, bytes] = {}
    notes: list[str] = []
    left = MAX_TOTAL
    for name in sorted(files, key=lambda name: not is_notebook_name(name)):
        if len(kept) >= MAX_FILES:
            notes.append(f"there are more than {MAX_FILES} files; the others are left out")
            break
        if len(files[name]) > left:
            notes.append(f"{shown(name)}: {_too_much()}")
            continue
        kept[name] = files[name]
        left -= len(files[name])
    return kept, few(notes)


def is_notebook_name(name: str) -> bool:
    """Whether a file is called as notebooks are; some systems write the end in capitals."""
    return name.casefold().endswith(".ipynb")


def _too_much() -> str:
    return f"all files together exceed {MAX_TOTAL // 2**20} MB; it is left out"


def read_submission(
    folder: Path, student: str, assignment: str, *, wanted: Callable[[str], bool] | None = None
) -> Submission:
    """Read the regular files in a submission's folder (POSIX only).

    Symbolic links are never followed, pipes and devices never opened, and the limits hold also for
    files that grow meanwhile. The files nearest to the top come first, notebooks before others.
    Folders that are never a submission's (`submission_files`) are not looked into.
    wanted: takes a file's posix path; of others nothing is read or said. None wants all
    raises: UserError if there is no such folder
    """
    if folder.is_symlink():
        return Submission(student, assignment, {}, ("the submission's folder is a symbolic link",))
    if not folder.is_dir():
        raise UserError(f"{folder}: there is no such submission.")
    files: dict[str, bytes] = {}
    notes: list[str] = []
    skipped: dict[str, str] = {}
    try:
        root = os.open(folder, _FOLDER)
    except OSError as error:
        return Submission(student, assignment, {}, (f"the folder cannot be read: {_why(error)}",))
    try:
        _read_tree(root, files, notes, skipped, wanted)
    finally:
        os.close(root)
    timestamp = None
    if _TIMESTAMP in files:
        timestamp = _valid_time(files[_TIMESTAMP])
        if timestamp is None:
            del files[_TIMESTAMP]
            notes.append(f"{_TIMESTAMP}: is not a time; it is left out")
    said = few([f"{shown(name)}: {why}" for name, why in skipped.items()])
    return Submission(student, assignment, files, few(notes), timestamp, said)


_FOLDER = os.O_RDONLY | getattr(os, "O_DIRECTORY", 0) | getattr(os, "O_NOFOLLOW", 0)
_FILE = os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0)


def _read_tree(
    root: int,
    files: dict[str, bytes],
    notes: list[str],
    skipped: dict[str, str],
    wanted: Callable[[str], bool] | None,
) -> None:
    """Read everything below an open folder, level by level."""
    waiting: deque[tuple[str, ...]] = deque([()])
    left, entries = MAX_TOTAL, _MAX_ENTRIES
    while waiting:
        parts = waiting.popleft()
        try:
            folder = _open_folder(root, parts)
        except OSError as error:
            notes.append(f"{shown('/'.join(parts))}: cannot be read: {_why(error)}")
            continue
        try:
            with os.scandir(folder) as listing:
                found = sorted(
                    itertools.islice(listing, entries + 1),
                    key=lambda entry: (not is_notebook_name(entry.name), entry.name),
                )
            names = [entry.name for entry in found]
            if parts and _ENVIRONMENT in names and not any(map(is_notebook_name, names)):
                skipped["/".join(parts)] = "holds installed packages; it is left out"
                continue
            entries -= len(found)
            if entries < 0:
                notes.append(f"there are more than {_MAX_ENTRIES} files; not all were looked at")
                return
            for entry in found:
                name = "/".join((*parts, entry.name))
                if entry.is_dir(follow_symlinks=False):
                    holds = _skipped(entry.name, not parts)
                    if holds:
                        skipped[name] = f"holds {holds}; it is left out"
                    elif holds is None and (problem := _unwanted(parts, entry.name)):
                        if wanted is None:
                            notes.append(f"{shown(name)}: {problem}")
                    elif holds is None:
                        waiting.append((*parts, entry.name))
                    continue
                if entry.name in _SYSTEM_FILES or (wanted is not None and not wanted(name)):
                    continue
                count = len(files) - (_TIMESTAMP in files) - (name == _TIMESTAMP)
                data, problem = _read_file(folder, entry, name, count, left)
                if problem:
                    notes.append(f"{shown(name)}: {problem}")
                if data is not None:
                    files[name] = data
                    left -= len(data)
        finally:
            os.close(folder)


def _open_folder(root: int, parts: Iterable[str]) -> int:
    folder = os.dup(root)
    for part in parts:
        try:
            below = os.open(part, _FOLDER, dir_fd=folder)
        finally:
            os.close(folder)
        folder = below
    return folder


def _unwanted(parts: tuple[str, ...], name: str) -> str:
    if len(parts) >= _MAX_DEPTH:
        return "lies too deep in folders; it is left out"
    return "" if is_text(name) else "its name is not valid text; it is left out"


def _read_file(
    folder: int, entry: "os.DirEntry[str]", name: str, count: int, left: int
) -> tuple[bytes | None, str]:
    """Return a file's bytes, or None, and what is to be said about it."""
    if entry.is_symlink():
        return None, "is a symbolic link; it is left out"
    if not is_text(name):
        return None, "its name is not valid text; it is left out"
    if count >= MAX_FILES:
        return None, f"there are more than {MAX_FILES} files; it is left out"
    try:
        # A device may act when it is opened, so look before; look again at what was opened.
        if not stat.S_ISREG(entry.stat(follow_symlinks=False).st_mode):
            return None, "is not a regular file; it is left out"
        file = os.open(entry.name, _FILE, dir_fd=folder)
        with open(file, "rb") as opened:
            status = os.fstat(file)
            if not stat.S_ISREG(status.st_mode):
                return None, "is not a regular file; it is left out"
            if status.st_size > MAX_FILE:
                return None, f"is larger than {MAX_FILE // 2**20} MB; it is left out"
            if status.st_size > left:
                return None, _too_much()
            limit = min(MAX_FILE, left)
            data = opened.read(limit + 1)
    except OSError as error:
        return None, f"cannot be read: {_why(error)}; it is left out"
    return data[:limit], "grew while it was read; it is cut" if len(data) > limit else ""


def _why(error: OSError) -> str:
    if error.errno in (errno.ELOOP, errno.ENOTDIR):
        return "it is a symbolic link"
    return (error.strerror or "unknown reason").lower()


def _valid_time(data: bytes) -> str | None:
    from nbgrader.utils import parse_utc

    text = data[:200].decode("utf-8", "replace").strip()
    if not _TIME.fullmatch(text):
        return None
    try:
        parse_utc(text)
    except Exception:  # dateutil raises many kinds
        return None
    return text
