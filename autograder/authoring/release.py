"""The release: `course/` made from `solutions/` by nbgrader's own converter, byte for byte.

A manifest in `course/` remembers what the last release wrote, so that a release never
overwrites or deletes a file that somebody else made or changed.
"""

import hashlib
import json
import logging
import os
import tempfile
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from nbgrader.converters import GenerateAssignment
from nbgrader.converters.base import NbGraderException
from nbgrader.coursedir import CourseDirectory
from traitlets.config import Config, PyFileConfigLoader

from autograder.assignment.course import Course
from autograder.assignment.did_you_mean import unknown
from autograder.assignment.errors import UserError
from autograder.assignment.notebook import read_assignment
from autograder.authoring.contract import violations
from autograder.authoring.glossary import SOURCE as GLOSSARY_SOURCE
from autograder.authoring.glossary import glossary_page, read_glossary
from autograder.authoring.landing import landing_page

MANIFEST = ".release.json"
LANDING_PAGE = "README.md"
GLOSSARY_PAGE = "GLOSSARY.md"


@dataclass(frozen=True)
class Changes:
    """What a release did, or would do: paths relative to `course/`, in order.

    kept: where an edited file was moved, with `force`.
    """

    written: tuple[str, ...] = ()
    removed: tuple[str, ...] = ()
    unchanged: tuple[str, ...] = ()
    kept: tuple[str, ...] = ()

    @property
    def stale(self) -> tuple[str, ...]:
        return (*self.written, *self.removed)

    def within(self, folder: str) -> "Changes":
        """Those below a folder, `02_cnn/`."""
        return self._only(lambda name: name.startswith(folder))

    def without(self, *folders: str) -> "Changes":
        """Those below none of the folders."""
        return self._only(lambda name: not name.startswith(folders))

    def _only(self, wanted: Callable[[str], bool]) -> "Changes":
        fields = (self.written, self.removed, self.unchanged, self.kept)
        return Changes(*(tuple(filter(wanted, names)) for names in fields))

    def as_json(self) -> dict[str, list[str]]:
        """What was changed, as plain data, for `--json`."""
        return {
            "written": list(self.written),
            "removed": list(self.removed),
            "kept": list(self.kept),
        }


def select_chapters(course: Course, wanted: Iterable[str]) -> tuple[str, ...]:
    """Return the named chapters (all when none is named).

    raises: UserError if one does not exist.
    """
    names = tuple(name.rstrip("/").split("/")[-1] for name in wanted)
    for name in names:
        if name not in course.chapters:
            raise unknown("assignment", name, course.chapters, course.solutions)
    return names or course.chapters


def compare(course: Course, chapters: Iterable[str] = ()) -> Changes:
    """Say what a release would change, without changing anything."""
    selected = select_chapters(course, chapters)
    return _plan(course, selected, generate(course, selected))


def release(
    course: Course,
    chapters: Iterable[str] = (),
    *,
    force: bool = False,
    progress: Callable[[str], None] = lambda chapter: None,
) -> Changes:
    """Make `course/` from `solutions/`.

    force: replace files that were edited since the last release; each is kept beside as
           `NAME.kept-N`.
    raises: UserError if a chapter breaks the contract, or an edited file is in the way.
    """
    selected = select_chapters(course, chapters)
    for chapter in selected:
        for path in sorted((course.solutions / chapter).glob("*.ipynb")):
            broken = violations(path)
            if broken:
                raise UserError(f"{path}: breaks the contract: {'; '.join(broken)}.", exit_code=1)
    made = generate(course, selected, progress)
    plan = _plan(course, selected, made)
    manifest = _read_manifest(course)
    obstacles = (_obstacle(course, name, manifest) for name in plan.stale)
    edited = list(dict.fromkeys(name for name in obstacles if name))
    if edited and not force:
        raise UserError(
            f"{', '.join(f'course/{name}' for name in edited)} was edited since the last release; "
            "move the work to solutions/ or elsewhere, or use --force, which keeps a copy.",
            exit_code=1,
        )
    kept = tuple(
        _keep(course.release / name).relative_to(course.release).as_posix() for name in edited
    )
    for name in plan.removed:
        (course.release / name).unlink(missing_ok=True)
        _remove_empty_folders((course.release / name).parent, course.release)
    for name in plan.written:
        _write_atomically(course.release / name, made[name])
    manifest = {name: sha for name, sha in manifest.items() if (course.release / name).is_file()}
    manifest |= {name: _hash(data) for name, data in made.items()}
    _write_manifest(course, manifest)
    return Changes(plan.written, plan.removed, plan.unchanged, kept)


def generate(
    course: Course,
    chapters: Iterable[str],
    progress: Callable[[str], None] = lambda chapter: None,
) -> dict[str, bytes]:
    """Run nbgrader's GenerateAssignment and return the files: path relative to `course/` -> bytes.

    The landing page of the whole course is among them, and the glossary where there is one.
    raises: UserError with nbgrader's reason if it refuses a notebook, or if the glossary's table
            is damaged.
    """
    files: dict[str, bytes] = {}
    with tempfile.TemporaryDirectory() as folder:
        for chapter in chapters:
            progress(chapter)
            _generate_one(course, chapter, Path(folder))
        for path in sorted(Path(folder).rglob("*")):
            if path.is_file():
                files[path.relative_to(folder).as_posix()] = path.read_bytes()
    assignments = [
        read_assignment(path)
        for chapter in course.chapters
        for path in sorted((course.solutions / chapter).glob("*.ipynb"))
    ]
    glossary = course.solutions / GLOSSARY_SOURCE
    if glossary.is_file():
        files[GLOSSARY_PAGE] = glossary_page(read_glossary(glossary), assignments).encode()
    files[LANDING_PAGE] = landing_page(
        assignments, GLOSSARY_PAGE if glossary.is_file() else ""
    ).encode()
    return files


def load_config(course: Course) -> Config:
    """Read the course's nbgrader_config.py."""
    return PyFileConfigLoader("nbgrader_config.py", path=str(course.root)).load_config()


def _generate_one(course: Course, chapter: str, destination: Path) -> None:
    config = load_config(course)
    config.CourseDirectory.root = str(course.root)
    config.CourseDirectory.assignment_id = chapter
    config.CourseDirectory.release_directory = str(destination)
    config.GenerateAssignment.no_database = True
    config.SaveCells.enabled = False  # it would open the gradebook all the same
    config.GenerateAssignment.force = True
    log = _CollectedLog()
    converter = GenerateAssignment(
        coursedir=CourseDirectory(config=config), config=config, log=log.logger
    )
    here = Path.cwd()
    try:
        converter.start()
    except NbGraderException as error:
        raise UserError(f"solutions/{chapter}: nbgrader refuses it: {log.reason}.", 1) from error
    finally:
        os.chdir(here)


def quiet_logger() -> logging.Logger:
    """A logger that says nothing."""
    return _CollectedLog().logger


class _CollectedLog:
    """A logger that keeps nbgrader's words off the terminal and remembers its first error."""

    def __init__(self) -> None:
        self.logger = logging.Logger("autograder.authoring.release")
        handler = logging.Handler(logging.ERROR)
        handler.emit = self._emit  # type: ignore[method-assign]
        self.logger.addHandler(handler)
        self.errors: list[str] = []

    def _emit(self, record: logging.LogRecord) -> None:
        self.errors.append(record.getMessage())

    @property
    def reason(self) -> str:
        """The last line of the first traceback, or else the first error."""
        for message in self.errors:
            if message.startswith("Traceback"):
                return message.strip().splitlines()[-1]
        return self.errors[0] if self.errors else "no reason given"


def _plan(course: Course, chapters: tuple[str, ...], made: Mapping[str, bytes]) -> Changes:
    written: list[str] = []
    unchanged: list[str] = []
    for name, data in sorted(made.items()):
        path = course.release / name
        same = path.is_file() and path.read_bytes() == data
        (unchanged if same else written).append(name)
    gone = [
        name
        for name in _read_manifest(course)
        if name not in made
        and (course.release / name).is_file()
        and (_chapter(name) in chapters or _chapter(name) not in course.chapters)
    ]
    return Changes(tuple(written), tuple(sorted(gone)), tuple(unchanged))


def _obstacle(course: Course, name: str, manifest: Mapping[str, str]) -> str:
    """What stands in the way of `name` and is not as the last release wrote it; empty if nothing.

    That is the file itself, or something else in its place or in that of one of its folders.
    """
    folders = [str(folder) for folder in PurePosixPath(name).parents][:-1]
    for place in (*folders, name):
        path = course.release / place
        if place in folders and path.is_dir():
            continue
        if os.path.lexists(path) and not (
            path.is_file() and _hash_file(path) == manifest.get(place)
        ):
            return place
    return ""


def _chapter(name: str) -> str:
    return PurePosixPath(name).parts[0]


def _read_manifest(course: Course) -> dict[str, str]:
    """What the last release wrote: path -> sha256. Empty when there is none or it is damaged."""
    try:
        files = json.loads((course.release / MANIFEST).read_text())["files"]
        return {str(name): str(sha) for name, sha in files.items()}
    except (OSError, ValueError, KeyError, TypeError, AttributeError, RecursionError):
        return {}


def _write_manifest(course: Course, files: Mapping[str, str]) -> None:
    text = json.dumps({"files": dict(sorted(files.items()))}, indent=1) + "\n"
    _write_atomically(course.release / MANIFEST, text.encode())


def _keep(path: Path) -> Path:
    number = 1
    while (kept := path.with_name(f"{path.name}.kept-{number}")).exists():
        number += 1
    return path.rename(kept)


def _write_atomically(path: Path, data: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    partial = path.with_name(f".{path.name}.partial")
    partial.write_bytes(data)
    partial.replace(path)


def _remove_empty_folders(folder: Path, stop: Path) -> None:
    while folder != stop and folder.is_dir() and not any(folder.iterdir()):
        folder.rmdir()
        folder = folder.parent


def _hash(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def _hash_file(path: Path) -> str:
    return _hash(path.read_bytes())
