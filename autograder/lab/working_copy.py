"""The student's working copy: filled from the release, never at the cost of the student's work."""

import hashlib
import json
import os
import shutil
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass, replace
from fnmatch import fnmatch
from pathlib import Path
from typing import Any

from autograder.assignment.errors import UserError

MANIFEST = ".course-manifest.json"
"""What we wrote into the copy, so that the next release can tell what the student touched."""

_NOT_RELEASED = (".*", "__pycache__", "*.kept-*")
"""Hidden files, caches, and what `autograder release --force` moved out of its way."""


_RELEASED_TAGS = ("explore", "in-place", "raises-exception", "skip-execution")
"""Tags that a release sets: one that it takes back goes."""


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
    next: str = ""
    """The content that was being written, if that did not come to its end."""


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
    writes: list[tuple[Path, bytes, Path]] = []
    added, updated, kept = [], [], []
    for name, source in files.items():
        target = copy / name
        new = source.read_bytes()
        fresh = _Written(_digest(new), _content(name, new))
        if _is_blocked(copy, target):
            kept.append(name)
            continue
        if not target.exists():
            writes.append((target, new, source))
            added.append(name)
            written[name] = fresh
            continue
        old = target.read_bytes()
        content = _content(name, old)
        known = manifest.get(name)
        if known and content in (known.content, known.next):
            if known.release != fresh.release:
                writes.append((target, _with_tags(name, new, old), source))
                updated.append(name)
            written[name] = fresh
        elif content == fresh.content:
            written[name] = fresh
        elif not known or known.release != fresh.release:
            kept.append(name)
    if writes:  # so that what an interruption leaves is known to be ours
        begun = dict(manifest)
        for name in (*added, *updated):
            known = manifest.get(name, _Written("", ""))
            begun[name] = replace(known, next=written[name].content)
        _write_manifest(copy, begun)
        for target, new, source in writes:
            _write(target, new, source)
    if written != manifest:
        _write_manifest(copy, written)
    return Update(tuple(added), tuple(updated), tuple(kept))


def _with_tags(name: str, new: bytes, old: bytes) -> bytes:
    """A new release's notebook with the tags that the student set on its cells."""
    if not name.endswith(".ipynb"):
        return new
    try:
        notebook = json.loads(new)
        theirs = {
            cell["id"]: cell["metadata"]["tags"]
            for cell in json.loads(old)["cells"]
            if cell.get("id") and cell.get("metadata", {}).get("tags")
        }
        for cell in notebook["cells"]:
            given = cell["metadata"].get("tags", [])
            more = [
                tag for tag in theirs.get(cell["id"], []) if tag not in (*given, *_RELEASED_TAGS)
            ]
            if more:
                cell["metadata"]["tags"] = [*given, *more]
                theirs[""] = more
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        return new
    return (
        (json.dumps(notebook, indent=1, ensure_ascii=False) + "\n").encode()
        if "" in theirs
        else new
    )


def _write_manifest(copy: Path, written: dict[str, _Written]) -> None:
    entries = {
        name: {key: value for key, value in vars(written[name]).items() if value or key != "next"}
        for name in sorted(written)
    }
    _write(copy / MANIFEST, (json.dumps({"files": entries}, indent=1) + "\n").encode())


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
            str(name): _Written(
                str(entry["release"]), str(entry["content"]), str(entry.get("next", ""))
            )
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
