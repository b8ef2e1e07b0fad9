"""Which of a student's files is which notebook of the assignment, whatever they are called."""

import io
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from autograder.assignment.notes import few, shown
from autograder.assignment.submission import MAX_FILES, MAX_TOTAL
from autograder.intake.packed import PackedZip, Unreadable, note

_AGAIN = re.compile(r"(-\d+| ?\(\d+\)|-Copy\d+)+$")
"""What Canvas, browsers and Jupyter put behind a name that is taken."""


@dataclass(frozen=True)
class Named:
    """A submission's files under the names of the assignment.

    waits: why it cannot be graded before a person has looked; empty if it can
    """

    files: Mapping[str, bytes] = field(repr=False)
    notes: tuple[str, ...] = ()
    waits: str = ""


def name_notebooks(files: Mapping[str, bytes], expected: Mapping[str, frozenset[str]]) -> Named:
    """Give the notebooks of the assignment their names.

    files:    bytes by path, as the student handed them in
    expected: the assignment's notebooks, by file name, with the grade_ids of each
    returns:  timestamp.txt is never among the files: it would be the student's own word
    """
    own = {name: data for name, data in files.items() if name.casefold() != "timestamp.txt"}
    notes: list[str] = []
    if not _notebooks(own):
        own = _unpacked(own, notes)
    if not _notebooks(own):
        return Named(own, few(notes), "there is no notebook among the files")
    for wanted, grade_ids in expected.items():
        if wanted in own:
            continue
        others = [name for name in _notebooks(own) if name not in expected]
        name, why = _choose(wanted, grade_ids, others, own, alone=len(expected) == 1)
        if name is None and why:
            return Named(own, few(notes), why)
        if name is not None:
            own[wanted] = own.pop(name)
            notes.append(f"{shown(name)} is taken as {wanted} ({why})")
    if not any(name in own for name in expected):
        return Named(own, few(notes), f"none of the notebooks is {' or '.join(expected)}")
    return Named(own, few(notes))


def grade_ids(data: bytes) -> frozenset[str]:
    """The grade_ids of a notebook's cells; none if it cannot be read."""
    try:
        cells = json.loads(data)["cells"]
        marks = [cell["metadata"].get("nbgrader", {}) for cell in cells]
        return frozenset(str(mark["grade_id"]) for mark in marks if "grade_id" in mark)
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        return frozenset()


def _choose(
    wanted: str,
    wanted_ids: frozenset[str],
    names: list[str],
    files: Mapping[str, bytes],
    alone: bool,
) -> tuple[str | None, str]:
    """Which file it is and why; or None and why that cannot be said (nothing if it is missing)."""
    stem = wanted.removesuffix(".ipynb").casefold()
    last = {name: name.rsplit("/", 1)[-1].removesuffix(".ipynb").casefold() for name in names}
    same = [name for name in names if _AGAIN.sub("", last[name]) == stem]
    if len(same) == 1:
        return same[0], "by its name"
    if alone and len(names) == 1:
        return names[0], "the only notebook"
    found = [name for name in names if wanted_ids & grade_ids(files[name])]
    if len(found) == 1:
        return found[0], "by its exercises"
    if found or alone:
        return None, f"{len(found or names)} notebooks may be {wanted}"
    return None, ""


def _notebooks(files: Mapping[str, bytes]) -> list[str]:
    return sorted(name for name in files if name.endswith(".ipynb"))


def _unpacked(files: Mapping[str, bytes], notes: list[str]) -> dict[str, bytes]:
    """What is in the only zip file, where there is no notebook beside it."""
    zips = [name for name in files if name.casefold().endswith(".zip")]
    if len(zips) != 1:
        return dict(files)
    (name,) = zips
    inside = {other: data for other, data in files.items() if other != name}
    left = MAX_TOTAL
    try:
        packed = PackedZip(io.BytesIO(files[name]), MAX_FILES)
    except Unreadable as error:
        notes.append(note(name, str(error)))
        return dict(files)
    notes.append(f"{shown(name)} was unpacked")
    notes.extend(note(path, problem) for path, problem in packed.notes.items())
    for path in packed.names:
        if path.casefold() == "timestamp.txt" or path in inside:
            continue
        try:
            inside[path] = packed.read(path, min(left, MAX_TOTAL // 4))
            left -= len(inside[path])
        except Unreadable as error:
            notes.append(note(path, str(error)))
    return inside
