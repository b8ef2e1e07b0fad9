"""Which chapters passed the gate as they stand: a record beside them, for who releases next."""

import hashlib
import json
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path

from autograder.assignment.course import Course
from autograder.assignment.errors import UserError
from autograder.assignment.notebook import marks_of, read_notebook
from autograder.assignment.whole_file import write_whole
from autograder.authoring.companions import released_files
from autograder.authoring.glossary import SOURCE as GLOSSARY
from autograder.authoring.glossary import read_glossary
from autograder.grading.grade import ENGINE_VERSION

FILE = ".proved.json"
"""In `solutions/`."""
_DECIDING = ("nbgrader_config.py", "requirements.lock")
"""Files of the course that decide what is released, how it is graded, and on which packages."""


def unproved(course: Course, chapters: Iterable[str]) -> tuple[str, ...]:
    """Those of the chapters that changed since they passed, or never did, or cannot be read."""
    known = _read(course)

    def passed(name: str) -> bool:
        with suppress(UserError):  # the gate says what is wrong with it
            return known.get(name) == digest(course, name)
        return False

    return tuple(name for name in chapters if not passed(name))


def note_proved(course: Course, chapter: str) -> None:
    """Note that a chapter passed as it stands. raises: UserError if the file cannot be written"""
    known = {name: said for name, said in _read(course).items() if name in course.chapters}
    known[chapter] = digest(course, chapter)
    write_whole(_path(course), (json.dumps(dict(sorted(known.items())), indent=1) + "\n").encode())


def digest(course: Course, chapter: str) -> str:
    """What a chapter's proof follows from: its files, known answers and terms, the course's
    settings and versions, and the engine's. Stored outputs are not in it, nor what is not released.

    raises: UserError if its notebook or the glossary cannot be read
    """
    told = hashlib.sha256(ENGINE_VERSION.encode() + b"\0")
    folder = course.solutions / chapter
    for path in released_files(folder):
        told.update(path.relative_to(folder).as_posix().encode() + b"\0")
        if path.suffix == ".ipynb":
            for cell in read_notebook(path).cells:
                tags = sorted(cell.metadata.get("tags") or [])
                said = (cell.cell_type, cell.source, dict(marks_of(cell)), tags)
                told.update(json.dumps(said, sort_keys=True).encode())
        else:
            told.update(path.read_bytes())
    beside = [course.root / name for name in _DECIDING if (course.root / name).is_file()]
    known = (course.root / "tests" / "misconceptions" / chapter).glob("*.py")
    for path in (*beside, *sorted(known)):
        told.update(path.name.encode() + b"\0" + path.read_bytes())
    if (table := course.solutions / GLOSSARY).is_file():
        terms = [term for term in read_glossary(table) if term.chapter == chapter]
        told.update(repr(sorted(terms, key=lambda term: term.english)).encode())
    return told.hexdigest()


def _read(course: Course) -> dict[str, str]:
    with suppress(OSError, ValueError, AttributeError):
        return {str(k): str(v) for k, v in json.loads(_path(course).read_text()).items()}
    return {}


def _path(course: Course) -> Path:
    return course.solutions / FILE
