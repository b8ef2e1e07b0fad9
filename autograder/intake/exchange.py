"""The exchange: where nbgrader hands assignments out and takes submissions in, on one machine."""

import contextlib
import hashlib
import os
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from nbgrader.auth import Authenticator
from nbgrader.coursedir import CourseDirectory
from nbgrader.exchange import ExchangeError, ExchangeFactory
from nbgrader.utils import ignore_patterns, parse_utc
from traitlets.config import Config

from autograder.assignment.course import Course
from autograder.assignment.errors import UserError
from autograder.assignment.handed_in import read_handed_in
from autograder.assignment.identify import release_of
from autograder.assignment.nbgrader_course import ignored_names
from autograder.authoring.release import load_config, quiet_logger


@dataclass(frozen=True)
class Receipt:
    """What was sent.

    file:      the student's file
    modified:  when that file was last saved
    submitted: when the exchange took it (nbgrader's timestamp)
    sha256:    of the notebook's bytes that were sent
    place:     the folder in the exchange
    beside:    names of the files that were sent with it
    notes:     what was not, and why
    """

    assignment: str
    file: Path
    modified: datetime
    submitted: datetime
    sha256: str
    place: Path
    beside: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()

    def as_json(self) -> dict[str, Any]:
        """The receipt as plain data, for `--json`."""
        return {
            "assignment": self.assignment,
            "file": str(self.file),
            "modified": self.modified.isoformat(),
            "submitted": str(self.submitted),
            "sha256": self.sha256,
            "beside": list(self.beside),
            "notes": list(self.notes),
        }


def publish(course: Course) -> tuple[str, ...]:
    """Put the released chapters into the exchange; return those that were new or had changed.

    What students handed in stays, and so does a chapter that the release no longer has.

    raises: UserError if there is no release, or the exchange cannot be written.
    """
    _refuse_windows("published")
    chapters = course.released_chapters
    if not chapters:
        raise UserError(f"{course.release} holds no release: run `autograder release` first.")
    config = load_config(course)
    place = _course_in_exchange(config)
    published = []
    with _complaints(course), _only_one(Path(config.Exchange.root)):
        for chapter in chapters:
            released = place / "outbound" / chapter
            if _files(course.release / chapter, config) == _files(released, config):
                continue
            _action(config, "ReleaseAssignment", chapter, force=True).start()
            published.append(chapter)
    return tuple(published)


def is_open(course: Course) -> bool:
    """Whether students can fetch from and submit to the exchange, whoever made it."""
    if sys.platform == "win32":
        return False
    place = _course_in_exchange(load_config(course))
    return os.access(place / "outbound", os.X_OK) and os.access(
        place / "inbound", os.W_OK | os.X_OK
    )


def submit(notebook: Path, course: Course) -> Receipt:
    """Hand `notebook` in, through the exchange.

    It is sent as it is on disk now, with the files that the assignment asks for (see `handed_in`)
    and no other. Its graded cells tell the assignment, so it
    may lie anywhere; but it must bear the chapter's file name, so that a stray copy
    (`cnn-Copy1.ipynb`) is not sent by mistake.

    raises: UserError if the file is missing, is not a notebook of this course, has another name
            than the chapter's, if the exchange cannot be written, or on Windows.
    """
    _refuse_windows("submitted")
    release = release_of(notebook, course)
    if notebook.name != release.path.name:
        raise UserError(
            f"{notebook}: a submission of {release.chapter} must be named {release.path.name}; "
            "rename the file if it is the one that you want to submit."
        )
    config = load_config(course)
    if not os.path.isdir(_course_in_exchange(config) / "outbound" / release.chapter):
        publish(course)
    modified = datetime.fromtimestamp(notebook.stat().st_mtime).astimezone()
    # The bytes are read once: what is hashed is what is sent, whatever is saved meanwhile.
    handed_in = read_handed_in(notebook, release, ignored_names(config))
    with tempfile.TemporaryDirectory() as staged, _complaints(course):
        folder = Path(staged) / release.chapter
        for name, data in handed_in.files.items():
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            (folder / name).write_bytes(data)
        action = _action(config, "Submit", release.chapter, assignment_dir=staged, strict=True)
        action.start()
    place = Path(action.inbound_path) / action.assignment_filename
    return Receipt(
        assignment=release.chapter,
        file=notebook,
        modified=modified,
        submitted=parse_utc(action.timestamp).replace(tzinfo=UTC),
        sha256=hashlib.sha256(handed_in.files[release.path.name]).hexdigest(),
        place=place,
        beside=tuple(
            name
            for name in sorted(handed_in.files.keys() - {release.path.name})
            if (place / name).is_file()
        ),
        notes=handed_in.notes,
    )


def _refuse_windows(done: str) -> None:
    if sys.platform == "win32":
        raise UserError(
            f"Nothing was {done}: nbgrader's exchange does not work on Windows; upload the "
            "notebook where your instructor asks for it."
        )


def _course_in_exchange(config: Config) -> Path:
    return Path(config.Exchange.root, config.CourseDirectory.course_id)


def _action(config: Config, name: str, assignment: str, **settings: Any) -> Any:
    """Make one of nbgrader's exchange actions, which logs nowhere; its errors say enough."""
    log = quiet_logger()
    factory = ExchangeFactory(config=config, log=log)
    return getattr(factory, name)(
        coursedir=CourseDirectory(config=config, log=log, assignment_id=assignment),
        authenticator=Authenticator(config=config, log=log),
        log=log,
        **settings,
    )


def _files(folder: Path, config: Config) -> dict[str, bytes]:
    """Return what nbgrader would copy from `folder`; empty if there is no such folder."""
    ignored = ignore_patterns(exclude=ignored_names(config))
    found: dict[str, bytes] = {}
    for parent, folders, names in os.walk(folder):
        skip = set(ignored(parent, [*folders, *names]))
        folders[:] = [name for name in folders if name not in skip]
        for name in names:
            if name not in skip:
                path = Path(parent, name)
                found[path.relative_to(folder).as_posix()] = path.read_bytes()
    return found


@contextlib.contextmanager
def _only_one(exchange: Path) -> Iterator[None]:
    """Keep two publishers apart: nbgrader replaces a chapter by deleting it first."""
    import fcntl  # not on Windows, which was refused before

    exchange.mkdir(parents=True, exist_ok=True)
    handle = os.open(exchange, os.O_RDONLY)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield
    finally:
        os.close(handle)


@contextlib.contextmanager
def _complaints(course: Course) -> Iterator[None]:
    """Turn what nbgrader and the file system complain of into one sentence."""
    try:
        yield
    except (ExchangeError, OSError) as error:
        reason = getattr(error, "strerror", None) or str(error).rstrip(".")
        raise UserError(
            f"{course.classroom / 'exchange'}: the exchange cannot be used ({reason}); ask your "
            "instructor, nothing of your work was changed.",
            exit_code=1,
        ) from error
