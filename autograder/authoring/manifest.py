"""`course/` as a folder: what the last release wrote there, and writing without losing work.

A manifest remembers the files and their hashes, so that a release never overwrites or deletes a
file that somebody else made or changed. What is about to be written stands in it before the first
file is, so that a release which was killed is not taken for somebody's edit.
"""

import hashlib
import json
import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
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
        for name in _read(course).names
        if name not in made
        and (course.release / name).is_file()
        and (_chapter(name) in chapters or _chapter(name) not in course.chapters)
    ]
    return Changes(tuple(written), tuple(sorted(gone)), tuple(unchanged))


def carry_out(course: Course, planned: Changes, made: Mapping[str, bytes], force: bool) -> Changes:
    """Change `course/` as planned. raises: UserError if an edited file is in the way"""
    manifest = _read(course)
    obstacles = (_obstacle(course, name, manifest) for name in planned.stale)
    in_the_way = list(dict.fromkeys(name for name in obstacles if name))
    if in_the_way and not force:
        raise UserError(
            f"{'; '.join(_why_in_the_way(in_the_way, manifest))}; "
            "move the work to solutions/ or elsewhere, or use --force, which keeps a copy.",
            exit_code=1,
        )
    try:
        return _write(course, planned, made, manifest, in_the_way)
    except OSError as error:
        raise UserError(
            f"cannot write {error.filename or course.release} ({error.strerror}); "
            "make course/ writable and release again.",
            exit_code=1,
        ) from error


def as_released(course: Course, name: str) -> bool:
    """Whether a file in `course/` is there and as the last release wrote it."""
    path = course.release / name
    return path.is_file() and _read(course).wrote(name, _hash_file(path))


@dataclass(frozen=True)
class _Manifest:
    """What `.release.json` says, sha256 by path.

    files: what the last release that came to its end has written
    begun: what one that did not was about to write
    """

    files: Mapping[str, str] = field(default_factory=dict)
    begun: Mapping[str, str] = field(default_factory=dict)

    @property
    def names(self) -> tuple[str, ...]:
        return tuple(dict.fromkeys((*self.files, *self.begun)))

    def wrote(self, name: str, sha: str) -> bool:
        """Whether a release wrote these bytes there."""
        return sha in (self.files.get(name), self.begun.get(name))


def _read(course: Course) -> _Manifest:
    """Read the manifest; it is empty when there is none or it is damaged."""
    try:
        said = json.loads((course.release / MANIFEST).read_text())
        return _Manifest(
            *(
                {str(name): str(sha) for name, sha in part.items()}
                for part in (said["files"], said.get("begun", {}))
            )
        )
    except (OSError, ValueError, KeyError, TypeError, AttributeError, RecursionError):
        return _Manifest()


def _record(course: Course, manifest: _Manifest) -> None:
    said = {"files": dict(sorted(manifest.files.items()))}
    if manifest.begun:
        said["begun"] = dict(sorted(manifest.begun.items()))
    _write_atomically(course.release / MANIFEST, (json.dumps(said, indent=1) + "\n").encode())


def _write(
    course: Course,
    planned: Changes,
    made: Mapping[str, bytes],
    manifest: _Manifest,
    in_the_way: list[str],
) -> Changes:
    kept = tuple(
        _keep(course.release / name).relative_to(course.release).as_posix() for name in in_the_way
    )
    new = {name: _hash(data) for name, data in made.items()}
    before = {**manifest.files, **_left_by_killed(course, manifest)}
    for name in manifest.begun:  # a kill leaves its file half written beside it
        _partial(course.release / name).unlink(missing_ok=True)
    if planned.stale:
        _record(course, _Manifest(before, new))
    for name in planned.removed:
        (course.release / name).unlink(missing_ok=True)
        _remove_empty_folders((course.release / name).parent, course.release)
    for name in planned.written:
        _write_atomically(course.release / name, made[name])
    there = {name: sha for name, sha in before.items() if (course.release / name).is_file()}
    _record(course, _Manifest({**there, **new}))
    return Changes(planned.written, planned.removed, planned.unchanged, kept)


def _left_by_killed(course: Course, manifest: _Manifest) -> dict[str, str]:
    """The files that a release had written already when it was killed."""
    return {
        name: sha
        for name, sha in manifest.begun.items()
        if (course.release / name).is_file() and _hash_file(course.release / name) == sha
    }


def _why_in_the_way(places: list[str], manifest: _Manifest) -> list[str]:
    """What is true of them, edited files first."""
    edited = [f"course/{name}" for name in places if name in manifest.names]
    foreign = [f"course/{name}" for name in places if name not in manifest.names]
    said = []
    if edited:
        said.append(f"{', '.join(edited)} was edited since the last release")
    if foreign:
        said.append(f"{', '.join(foreign)} is in the way: course/{MANIFEST} does not list it")
    return said


def _obstacle(course: Course, name: str, manifest: _Manifest) -> str:
    """What stands in the way of `name` and is not as the last release wrote it; empty if nothing.

    That is the file itself, or something else in its place or in that of one of its folders.
    """
    folders = [str(folder) for folder in PurePosixPath(name).parents][:-1]
    for place in (*folders, name):
        path = course.release / place
        if place in folders and path.is_dir():
            continue
        if os.path.lexists(path) and not (
            path.is_file() and manifest.wrote(place, _hash_file(path))
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
    partial = _partial(path)
    try:
        partial.write_bytes(data)
        partial.replace(path)
    except OSError as error:  # whoever is told knows the file, not the one beside it
        raise OSError(error.errno, error.strerror, str(path)) from error


def _partial(path: Path) -> Path:
    return path.with_name(f".{path.name}.partial")


def _remove_empty_folders(folder: Path, stop: Path) -> None:
    while folder != stop and folder.is_dir() and not any(folder.iterdir()):
        folder.rmdir()
        folder = folder.parent


def _hash(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def _hash_file(path: Path) -> str:
    return _hash(path.read_bytes())
