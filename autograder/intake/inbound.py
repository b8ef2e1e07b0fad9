"""What lies in nbgrader's exchange, and since when: by the file system, not by a student's word."""

import os
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from autograder.assignment.errors import UserError
from autograder.assignment.nbgrader_course import NbgraderCourse
from autograder.assignment.submission import read_submission
from autograder.gradebook.autograded_folder import is_folder_name
from autograder.intake.downloads import Delivery


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

    Anybody may make a folder there under anybody's name. One that belongs to another student is
    held; an owner who is no student (a service that submits for all) says nothing.

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
    known = {student for _, student, _ in found} | students
    for _, student, path in sorted(found):
        read = read_submission(path, student, assignment)
        time = changed(path)  # after it was read: what was read is not younger
        owner = _owner(path)
        held = ""
        if owner != student and owner in known:
            held = f"{path.name} is owned by {owner}, another student"
        delivery = Delivery(student, "", (), path.name, time=time, held=held)
        yield HandedIn(delivery, read.files, read.notes)


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
        import pwd  # not on Windows

        return pwd.getpwuid(path.stat().st_uid).pw_name
    except (ImportError, KeyError):
        return ""
