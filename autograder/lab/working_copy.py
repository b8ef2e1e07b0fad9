"""The student's working copy: filled from the release, never at the cost of the student's work."""

import hashlib
import json
import os
import shutil
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from fnmatch import fnmatch
from pathlib import Path
from typing import Any

from autograder.assignment.errors import UserError

MANIFEST = ".course-manifest.json"
"""What we wrote into the copy, so that the next release can tell what the student touched."""

_NOT_RELEASED = (".*", "__pycache__", "*.kept-*")
"""Hidden files, caches, and what `autograder release --force` moved out of its way."""


@dataclass(frozen=True)
class Update:
    """What `fill` did; paths relative to the copy, with `/`, in order.

    added:   written where nothing was
    updated: brought to the new release; the student had not touched them
    kept:    left alone, although the release has something newer
    """

    added: tuple[str, ...] = ()
    updated: tuple[str, ...] = ()
    kept: tuple[str, ...] = ()


@dataclass(frozen=True)
class _Written:
    """One file as we wrote it: a digest of the release's bytes, and of what counts as content."""

    release: str
    content: str


def fill(release: Path, copy: Path) -> Update:
    """Bring the working copy up to the release.

    A file that the student touched stays as it is; one that the student deleted comes back; one
    that the student added is none of our business. A notebook counts as touched when the type,
    source or outputs of a cell changed: opening it in JupyterLab rewrites only the rest. Symbolic
    links in the copy are left alone, and so is what lies behind them.

    raises: UserError if there is no release, or the copy cannot be written.
    """
    files = dict(_released_files(release))
    if not files:
        raise UserError(f"{release} holds no release: run `autograder release` first.")
    copy, release = copy.resolve(), release.resolve()
    if copy.is_relative_to(release) or release.is_relative_to(copy):
        raise UserError(
            f"{copy} and the release {release} lie in each other: name another folder to work in."
        )
    try:
        copy.mkdir(parents=True, exist_ok=True)
        return _fill(files, copy)
    except OSError as error:
        raise UserError(
            f"{error.filename or copy} cannot be written ({error.strerror}): "
            "make room or name another folder; nothing was lost."
        ) from error


def _fill(files: dict[str, Path], copy: Path) -> Update:
    manifest = _read_manifest(copy / MANIFEST)
    written = dict(manifest)
    added, updated, kept = [], [], []
    for name, source in files.items():
        target = copy / name
        new = source.read_bytes()
        fresh = _Written(_digest(new), _content(name, new))
        if _is_blocked(copy, target):
            kept.append(name)
            continue
        if not target.exists():
            _write(target, new, source)
            added.append(name)
            written[name] = fresh
            continue
        content = _content(name, target.read_bytes())
        known = manifest.get(name)
        if known and content == known.content:
            if known.release != fresh.release:
                _write(target, new, source)
                updated.append(name)
            written[name] = fresh
        elif content == fresh.content:
            written[name] = fresh
        elif not known or known.release != fresh.release:
            kept.append(name)
    if written != manifest:
        entries = {name: vars(written[name]) for name in sorted(written)}
        text = json.dumps({"files": entries}, indent=1) + "\n"
        _write(copy / MANIFEST, text.encode())
    return Update(tuple(added), tuple(updated), tuple(kept))


def _released_files(release: Path) -> Iterator[tuple[str, Path]]:
    """Yield name and path of each file; what is not of the release is left out, links too."""
    inside = release.resolve()
    for path in sorted(release.rglob("*")):
        name = path.relative_to(release)
        if any(fnmatch(part, pattern) for part in name.parts for pattern in _NOT_RELEASED):
            continue
        if path.is_file() and path.resolve().is_relative_to(inside):
            yield name.as_posix(), path


def _is_blocked(copy: Path, target: Path) -> bool:
    """Whether a link, a folder, or a file that takes a folder's place stands at `target`."""
    steps = [target, *target.parents]
    below = steps[1 : steps.index(copy)]
    return (
        any(step.is_symlink() for step in [target, *below])
        or any(step.exists() and not step.is_dir() for step in below)
        or (target.exists() and not target.is_file())
    )


def _content(name: str, data: bytes) -> str:
    """Digest what a student can work on: of a notebook, the cells' types, sources and outputs."""
    if not name.endswith(".ipynb"):
        return _digest(data)
    try:
        cells = [_work(cell) for cell in json.loads(data)["cells"]]
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        return _digest(data)  # not a notebook (any more): every byte counts
    return _digest(json.dumps(cells, sort_keys=True).encode())


def _work(cell: dict[str, Any]) -> list[Any]:
    outputs = [
        {key: value for key, value in output.items() if key != "execution_count"}
        for output in cell.get("outputs", [])
    ]
    return [cell["cell_type"], _joined(cell["source"]), _joined(outputs), cell.get("attachments")]


def _joined(value: Any) -> Any:
    """Join nbformat's lists of lines: the same text may be stored either way."""
    if isinstance(value, dict):
        return {key: _joined(item) for key, item in value.items()}
    if isinstance(value, list):
        if value and all(isinstance(item, str) for item in value):
            return "".join(value)
        return [_joined(item) for item in value]
    return value


def _digest(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def _read_manifest(path: Path) -> dict[str, _Written]:
    """Read what we wrote; whatever cannot be understood counts as unknown, hence as touched."""
    try:
        entries = json.loads(path.read_bytes())["files"].items()
        return {
            str(name): _Written(str(entry["release"]), str(entry["content"]))
            for name, entry in entries
        }
    except (OSError, ValueError, KeyError, TypeError, AttributeError, RecursionError):
        return {}


def _write(target: Path, data: bytes, like: Path | None = None) -> None:
    """Write the file as a whole or not at all, with the modes of `like`, but owner-writable."""
    target.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(prefix=".", suffix=".new", dir=target.parent)
    temporary = Path(name)
    try:
        with os.fdopen(handle, "wb") as stream:
            stream.write(data)
            stream.flush()
            os.fsync(stream.fileno())
        if like is not None:
            shutil.copymode(like, temporary)
            temporary.chmod(temporary.stat().st_mode | 0o600)
        os.replace(temporary, target)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise
