"""Which of a student's files is which notebook of the assignment, whatever they are called.

A notebook is told by its exercises before its name: by the grade_ids of its cells. Names decide
only between notebooks that the exercises do not tell apart.
"""

import io
import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from autograder.assignment.notes import few, shown
from autograder.assignment.submission import (
    MAX_FILES,
    MAX_TOTAL,
    is_notebook_name,
    submission_files,
    within_limits,
)
from autograder.intake.asked import Asked, cells_of, grade_ids
from autograder.intake.packed import PackedZip, Unreadable, note
from autograder.records.people import nfc

_AGAIN = re.compile(r"(-\d+| ?\(\d+\)|-Copy\d+)+$")
"""What Canvas, browsers and Jupyter put behind a name that is taken."""
_MAX_DEPTH = 3
"""Zip files in zip files that are opened."""

_Work = frozenset[tuple[str, str]]


@dataclass(frozen=True)
class Named:
    """A submission's files under the names of the assignment.

    waits: why it cannot be graded before a person has looked; empty if it can
    """

    files: Mapping[str, bytes] = field(repr=False)
    notes: tuple[str, ...] = ()
    waits: str = ""


def name_notebooks(
    files: Mapping[str, bytes],
    asked: Asked,
) -> Named:
    """Give the notebooks of the assignment their names.

    files:   bytes by path, as the student handed them in
    returns: only what is a submission's (`submission_files`), and as much as one may have;
             timestamp.txt is never among the files: it would be the student's own word
    """
    notes: list[str] = []
    own = _own(files, notes)
    for _ in range(_MAX_DEPTH):
        if _notebooks(own):
            break
        own = _own(_unpacked(own, notes), notes)
    choice = _Choice(own, asked)
    named, waits = choice.made()
    notes += choice.notes
    kept, more = within_limits(named)
    return Named(kept, few([*notes, *more]), waits)


def _work(data: bytes, released: bytes) -> _Work:
    """What a student wrote: the texts of cells, other than those that the course locks or gave."""

    def texts(notebook: bytes) -> _Work:
        return frozenset(
            (str(marks.get("grade_id", "")), text)
            for marks, source in cells_of(notebook)
            if marks.get("solution") or marks.get("task") or not marks.get("grade_id")
            for text in ["\n".join(line.rstrip() for line in source.strip().splitlines())]
            if text
        )

    return texts(data) - texts(released)


class _Choice:
    """Which file is taken for which notebook.

    notes: what is to be said about it
    """

    def __init__(self, files: Mapping[str, bytes], asked: Asked) -> None:
        self._files, self._asked = files, asked
        self.notes: list[str] = []
        self._names = _notebooks(files)
        self._ids = {name: grade_ids(files[name]) for name in self._names}
        self._fits = {name: self._fitting(self._ids[name]) for name in self._names}
        self._foreign = {
            name: seems
            for name in self._names
            if self._ids[name] and any(asked.notebooks.values())
            for seems in [self._seems(name)]
            if seems is not None
        }

    def made(self) -> tuple[dict[str, bytes], str]:
        """The files under the assignment's names, and why a person has to look, if so."""
        if not self._names:
            named = ", ".join(map(shown, sorted(self._files)[:3]))
            more = f" ({named}{', …' if len(self._files) > 3 else ''})" if named else ""
            return dict(self._files), f"there is no notebook among the files{more}"
        chosen: dict[str, str] = {}
        for wanted in self._asked.notebooks:
            name, why = self._choose(wanted, set(chosen.values()))
            if name is None and why:
                return dict(self._files), why
            if name is not None:
                chosen[wanted] = name
                if name != wanted:
                    self.notes.append(f"{shown(name)} is taken as {wanted} ({why})")
        if not chosen:
            for name, seems in self._foreign.items():
                return dict(self._files), self._not_ours(name, seems)
            return dict(
                self._files
            ), f"none of the notebooks is {' or '.join(self._asked.notebooks)}"
        taken = set(chosen.values())
        named_files = {}
        for name, data in self._files.items():
            if name in taken:
                continue
            if name not in self._asked.notebooks:
                named_files[name] = data
            elif not self._ids[name]:
                self.notes.append(f"{shown(name)}: has no exercises in it; it is left out")
        return {**named_files, **{wanted: self._files[name] for wanted, name in chosen.items()}}, ""

    def _fitting(self, ids: frozenset[str]) -> dict[str, float]:
        """How much of each of the assignment's notebooks is in one with these grade_ids."""
        return {
            wanted: len(ids & wanted_ids) / len(wanted_ids)
            for wanted, wanted_ids in self._asked.notebooks.items()
            if ids & wanted_ids
        }

    def _seems(self, name: str) -> str | None:
        """The other assignment that a notebook is of, "" if it is not known which; or None."""
        ids = self._ids[name]
        ours = len(ids & frozenset().union(*self._asked.notebooks.values()))
        theirs = {other: len(ids & known) for other, known in self._asked.others.items()}
        best = max(theirs, key=theirs.__getitem__, default="")
        if best and theirs[best] > ours:
            return best
        return None if ours else ""

    def _not_ours(self, name: str, seems: str) -> str:
        whose = f"of {seems}" if seems else "another assignment's"
        return (
            f"{shown(name)} seems to be {whose}: it has "
            f"{'more of its exercises than' if self._fits[name] else 'none of the exercises'} "
            f"of {' or '.join(self._asked.notebooks)}"
        )

    def _choose(self, wanted: str, taken: set[str]) -> tuple[str | None, str]:
        """Which file it is and why; or None and why a person has to look (nothing: it is missing)."""
        free = [name for name in self._names if name not in taken and name not in self._foreign]
        found = [name for name in free if self._is_for(wanted, name, free)]
        if found:
            return self._with_the_work(wanted, found)
        # What has no exercises at all, being damaged or made anew, is known by its name alone.
        bare = [name for name in free if not self._ids[name] or not self._asked.notebooks[wanted]]
        same = [name for name in bare if _stem(name) == _stem(wanted)]
        for alike in ([name for name in same if name == wanted], same):
            if len(alike) == 1:
                return alike[0], "by its name"
        if len(self._asked.notebooks) == 1 and len(bare) == len(self._names) == 1:
            return bare[0], "the only notebook"
        for name, seems in self._foreign.items():
            if _stem(name) == _stem(wanted) or len(self._asked.notebooks) == 1:
                return None, self._not_ours(name, seems)
        if len(self._asked.notebooks) == 1:
            return None, f"{len(bare)} notebooks may be {wanted}"
        return None, ""

    def _is_for(self, wanted: str, name: str, free: list[str]) -> bool:
        """Whether a notebook's exercises are this one's more than any other's of the assignment."""
        fits = self._fits[name]
        best = max(fits.values(), default=0.0)
        if not best or fits.get(wanted) != best:
            return False
        equal = [other for other, share in fits.items() if share == best]
        if len(equal) == 1 or _stem(name) == _stem(wanted):
            return True
        # Two notebooks of an assignment may have the same grade_ids: then the name has to tell.
        stems = {_stem(other) for other in free if wanted in self._fits[other]}
        return _stem(name) not in map(_stem, equal) and _stem(wanted) not in stems

    def _with_the_work(self, wanted: str, names: list[str]) -> tuple[str | None, str]:
        """Of several copies the one that has all that the student wrote in any of them."""
        why = "the only notebook" if len(self._names) == 1 else "by its exercises"
        # The right name first, then one that was given because it was taken.
        names = sorted(names, key=lambda name: (name != wanted, _stem(name) != _stem(wanted), name))
        if len(names) == 1:
            return names[0], why
        given = self._asked.released.get(wanted, b"")
        work = {name: _work(self._files[name], given) for name in names}
        whole = next((n for n in names if all(work[other] <= work[n] for other in names)), None)
        if whole is None:
            written = [name for name in names if work[name]]
            return None, (
                f"{len(written)} notebooks may be {wanted} "
                f"({', '.join(map(shown, written[:3]))}{', …' if len(written) > 3 else ''})"
            )
        for name in names:
            if name != whole:
                more = f" that is not in {shown(whole)}" if work[name] else ""
                self.notes.append(f"{shown(name)}: nothing is written in it{more}")
        return whole, why


def _stem(name: str) -> str:
    """A file's name without what systems put behind it."""
    last = name.rsplit("/", 1)[-1].casefold()
    return _AGAIN.sub("", last.partition(".ipynb")[0].removesuffix(".json").removesuffix(".txt"))


def _own(files: Mapping[str, bytes], notes: list[str]) -> dict[str, bytes]:
    """What is a submission's, by paths in Unicode's NFC."""
    paths = {nfc(path): data for path, data in files.items() if nfc(path) not in files}
    paths |= {path: data for path, data in files.items() if nfc(path) == path}
    kept, skipped = submission_files(paths)
    notes += (note(path, why) for path, why in skipped.items())
    return {path: paths[path] for path in kept if path.casefold() != "timestamp.txt"}


def _notebooks(files: Mapping[str, bytes]) -> list[str]:
    """The notebooks by their names or, as a browser may add an end to it, by what they hold."""
    return sorted(
        name
        for name, data in files.items()
        if is_notebook_name(name) or (_may_be_one(name, data) and grade_ids(data))
    )


def _may_be_one(name: str, data: bytes) -> bool:
    return ".ipynb" in name.casefold() or (b'"cells"' in data and b'"nbformat"' in data)


def _unpacked(files: Mapping[str, bytes], notes: list[str]) -> dict[str, bytes]:
    """What is in the zip files, where there is no notebook beside them."""
    zips = [name for name in files if name.casefold().endswith(".zip")]
    inside = {name: data for name, data in files.items() if name not in zips}
    left = MAX_TOTAL
    for name in zips:
        try:
            packed = PackedZip(io.BytesIO(files[name]))
        except Unreadable as error:
            notes.append(note(name, str(error)))
            inside[name] = files[name]
            continue
        notes.append(f"{shown(name)} was unpacked")
        notes += (note(path, why) for path, why in (packed.notes | packed.skipped).items())
        # Of several, each has its own folder: their files may have the same names.
        place = f"{name[:-4]}/" if len(zips) > 1 else ""
        for path in sorted(packed.names, key=lambda path: not is_notebook_name(path)):
            if path.casefold() == "timestamp.txt" or place + path in inside:
                continue
            if len(inside) > MAX_FILES:
                break
            try:
                inside[place + path] = packed.read(path, min(left, MAX_TOTAL // 4))
                left -= len(inside[place + path])
            except Unreadable as error:
                notes.append(note(path, str(error)))
    return inside
