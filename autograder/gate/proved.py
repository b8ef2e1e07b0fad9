"""Which chapters passed the gate as they stand: a record beside them, for who releases next."""

import hashlib
import json
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path

from autograder.assignment.course import Course
from autograder.assignment.notebook import marks_of, read_notebook
from autograder.assignment.whole_file import write_whole

FILE = ".proved.json"
"""In `solutions/`."""


def unproved(course: Course, chapters: Iterable[str]) -> tuple[str, ...]:
    """Those of the chapters that changed since they passed, or never did."""
    known = _read(course)
    return tuple(name for name in chapters if known.get(name) != digest(course, name))


def note_proved(course: Course, chapter: str) -> None:
    """Note that a chapter passed as it stands. raises: UserError if the file cannot be written"""
    known = {name: said for name, said in _read(course).items() if name in course.chapters}
    known[chapter] = digest(course, chapter)
    write_whole(_path(course), (json.dumps(dict(sorted(known.items())), indent=1) + "\n").encode())


def digest(course: Course, chapter: str) -> str:
    """What a chapter's proof follows from in its own files; stored outputs are not in it."""
    told = hashlib.sha256()
    folder = course.solutions / chapter
    for path in sorted(path for path in folder.rglob("*") if path.is_file()):
        told.update(path.relative_to(folder).as_posix().encode() + b"\0")
        if path.suffix == ".ipynb":
            for cell in read_notebook(path).cells:
                tags = sorted(cell.metadata.get("tags") or [])
                said = (cell.cell_type, cell.source, dict(marks_of(cell)), tags)
                told.update(json.dumps(said, sort_keys=True).encode())
        else:
            told.update(path.read_bytes())
    for path in sorted((course.root / "tests" / "misconceptions" / chapter).glob("*.py")):
        told.update(path.name.encode() + b"\0" + path.read_bytes())
    return told.hexdigest()


def _read(course: Course) -> dict[str, str]:
    with suppress(OSError, ValueError, AttributeError):
        return {str(k): str(v) for k, v in json.loads(_path(course).read_text()).items()}
    return {}


def _path(course: Course) -> Path:
    return course.solutions / FILE
