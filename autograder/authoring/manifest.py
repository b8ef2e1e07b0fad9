"""`course/` as a folder: what the last release wrote there, and writing without losing work.

A manifest remembers the files and their hashes, so that a release never overwrites or deletes a
file that somebody else made or changed.
"""

import hashlib
import json
import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from autograder.assignment.course import Course
from autograder.assignment.errors import UserError

MANIFEST = ".release.json"


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


def plan(course: Course, chapters: tuple[str, ...], made: Mapping[str, bytes]) -> Changes:
    """What has to change in `course/` so that it holds these files."""
    written: list[str] = []
    unchanged: list[str] = []
    for name, data in sorted(made.items()):
        path = course.release / name
        same = path.is_file() and path.read_bytes() == data
        (unchanged if same else written).append(name)
    gone = [
        name
        for name in read_manifest(course)
        if name not in made
        and (course.release / name).is_file()
        and (_chapter(name) in chapters or _chapter(name) not in course.chapters)
    ]
    return Changes(tuple(written), tuple(sorted(gone)), tuple(unchanged))


def carry_out(course: Course, planned: Changes, made: Mapping[str, bytes], force: bool) -> Changes:
    """Change `course/` as planned. raises: UserError if an edited file is in the way"""
    manifest = read_manifest(course)
    obstacles = (_obstacle(course, name, manifest) for name in planned.stale)
    edited = list(dict.fromkeys(name for name in obstacles if name))
    if edited and not force:
        raise UserError(
            f"{', '.join(f'course/{name}' for name in edited)} was edited since the last release; "
            "move the work to solutions/ or elsewhere, or use --force, which keeps a copy.",
            exit_code=1,
        )
    try:
        return _write(course, planned, made, manifest, edited)
    except OSError as error:
        raise UserError(
            f"cannot write {error.filename or course.release} ({error.strerror}); "
            "make course/ writable and release again.",
            exit_code=1,
        ) from error


def as_released(course: Course, name: str) -> bool:
    """Whether a file in `course/` is there and as the last release wrote it."""
    path = course.release / name
    return path.is_file() and _hash_file(path) == read_manifest(course).get(name)


def read_manifest(course: Course) -> dict[str, str]:
    """What the last release wrote: path -> sha256. Empty when there is none or it is damaged."""
    try:
        files = json.loads((course.release / MANIFEST).read_text())["files"]
        return {str(name): str(sha) for name, sha in files.items()}
    except (OSError, ValueError, KeyError, TypeError, AttributeError, RecursionError):
        return {}


def _write(
    course: Course,
    planned: Changes,
    made: Mapping[str, bytes],
    manifest: Mapping[str, str],
    edited: list[str],
) -> Changes:
    kept = tuple(
        _keep(course.release / name).relative_to(course.release).as_posix() for name in edited
    )
    for name in planned.removed:
        (course.release / name).unlink(missing_ok=True)
        _remove_empty_folders((course.release / name).parent, course.release)
    for name in planned.written:
        _write_atomically(course.release / name, made[name])
    files = {name: sha for name, sha in manifest.items() if (course.release / name).is_file()}
    files |= {name: _hash(data) for name, data in made.items()}
    text = json.dumps({"files": dict(sorted(files.items()))}, indent=1) + "\n"
    _write_atomically(course.release / MANIFEST, text.encode())
    return Changes(planned.written, planned.removed, planned.unchanged, kept)


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
