"""What lies in nbgrader's exchange, and since when: by the file system, not by a student's word."""

import os
import re
from collections.abc import Iterator, Mapping, Set
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

from autograder.assignment.errors import UserError
from autograder.assignment.nbgrader_course import NbgraderCourse
from autograder.assignment.submission import read_submission
from autograder.gradebook.autograded_folder import is_folder_name
from autograder.intake.deliveries import Delivery
from autograder.records.people import is_account_of

_AT_ONCE = timedelta(minutes=1)
"""In which nbgrader writes a submission."""


@dataclass(frozen=True)
class HandedIn:
    """A folder of the exchange: whose and since when, its files, and what was left out of them."""

    delivery: Delivery
    files: Mapping[str, bytes] = field(repr=False)
    notes: tuple[str, ...] = ()


def read_inbound(
    course: NbgraderCourse, assignment: str, students: frozenset[str]
) -> Iterator[HandedIn]:
    """What was handed in for an assignment, oldest first; `nbgrader collect` takes the newest.

    Anybody may make a folder there under anybody's name. One that belongs to another account is
    held, unless that account submits for all: see `_Owners`.

    students: whom the gradebook knows
    raises:   UserError if there is no exchange, or it cannot be read
    """
    inbound = _inbound(course)
    pattern = re.compile(rf"(?P<student>.+)\+{re.escape(assignment)}\+(?P<rest>.+)")
    found = []
    for path in inbound.iterdir():
        match = pattern.fullmatch(path.name)
        if match and path.is_dir() and not path.is_symlink() and is_folder_name(match["student"]):
            found.append((changed(path), match["student"], path))
    owners = _Owners(inbound, {student for _, student, _ in found} | students)
    for _, student, path in sorted(found):
        read = read_submission(path, student, assignment)
        time = changed(path)  # after it was read: what was read is not younger
        held = owners.doubt(path, student)
        owner = _owner(path)
        delivery = Delivery(student, "", (), path.name, time=time, held=held, owner=owner)
        notes = (*read.notes, *read.skipped, *_changed_since(path, time))
        yield HandedIn(delivery, read.files, notes)


def _changed_since(folder: Path, time: datetime) -> tuple[str, ...]:
    """A note on a folder that was changed after nbgrader had written it, by `chmod` for example.

    When it was handed in is then not known: what says that it was earlier, its owner can write.
    """
    try:
        written = os.lstat(folder / "timestamp.txt").st_mtime
    except OSError:
        return ()
    handed_in = datetime.fromtimestamp(written, UTC)
    if time - handed_in < _AT_ONCE:
        return ()
    at = f"{handed_in:%Y-%m-%d %H:%M} UTC"
    return (
        f"its folder was changed after it was handed in (by its timestamp.txt at {at}), and counts "
        "from that change; if it was you, by chmod or a copy, say when it came: autograder late",
    )


class _Owners:
    """Which accounts may hand in for whom.

    A student's folder belongs to the student's account. Some sites have a service that hands in
    for all: an account that could write anything there anyway (it owns the exchange or the
    course's folder in it, is the one that collects, or root), or the only one that owns anything
    there while there are folders of several, none of them called like it.
    """

    def __init__(self, inbound: Path, students: Set[str]) -> None:
        self._students = students
        places = (inbound, inbound.parent, inbound.parent.parent)
        self._services = {
            *map(_owner, places),
            _account(0),
            _account(getattr(os, "geteuid", int)()),
        }
        folders = [path for path in inbound.iterdir() if "+" in path.name and path.is_dir()]
        owners = set(map(_owner, folders))
        names = {path.name.partition("+")[0] for path in folders}
        if (
            len(owners) == 1
            and len(names) > 1
            and not any(is_account_of(owner, name) for owner in owners for name in names)
        ):
            self._services |= owners

    def doubt(self, path: Path, student: str) -> str:
        """Why a folder may not be the student's; empty if it is."""
        owner = _owner(path)
        if not owner or is_account_of(owner, student):
            return ""
        if owner in self._students:
            return f"{path.name} is owned by {owner}, another student"
        if owner in self._services:
            return ""
        return f"{path.name} is owned by the account {owner}, not by {student}"


def changed(folder: Path) -> datetime:
    """When a folder or anything in it was last changed (UTC): nobody can set that time back."""
    latest = os.lstat(folder).st_ctime_ns
    for parent, folders, names in os.walk(folder):
        for name in (*folders, *names):
            latest = max(latest, os.lstat(Path(parent, name)).st_ctime_ns)
    return datetime.fromtimestamp(latest // 1000 / 1e6, UTC)


def _inbound(course: NbgraderCourse) -> Path:
    from nbgrader.coursedir import CourseDirectory
    from nbgrader.exchange.default.exchange import Exchange

    directories = CourseDirectory(config=course.config)
    exchange = Exchange(coursedir=directories, config=course.config)
    inbound = Path(course.root, exchange.root, str(directories.course_id), "inbound")
    try:
        next(inbound.iterdir(), None)
    except OSError as error:
        raise UserError(
            f"{inbound}: the exchange cannot be read ({error.strerror}); name a download instead, "
            "or publish the assignment first (opening JupyterLab by `autograder lab` does)."
        ) from error
    return inbound


def _owner(path: Path) -> str:
    """The name of a folder's owner; empty where there is none."""
    try:
        return _account(path.stat().st_uid)
    except OSError:
        return ""


def _account(uid: int) -> str:
    """An account's name; empty where it has none here."""
    try:
        import pwd  # not on Windows

        return pwd.getpwuid(uid).pw_name
    except (ImportError, KeyError):
        return ""
