"""What is to be placed yet: noted before a word is kept that may change it, until it is done.

A command that is killed in between leaves the note, and the next one that reads the class places
what counts: see `collect.place_what_is_left`.
"""

from collections.abc import Iterable
from pathlib import Path

from autograder.assignment.nbgrader_course import NbgraderCourse
from autograder.gradebook.autograded_folder import sync, write_synced
from autograder.records.receipts import received_folder

_FOLDER = ".unplaced"


def note_unplaced(course: NbgraderCourse, assignments: Iterable[str]) -> None:
    """Note it on the disk. raises: OSError if it cannot be written"""
    folder = received_folder(course) / _FOLDER
    folder.mkdir(parents=True, exist_ok=True)
    for note in (_note(course, assignment) for assignment in assignments):
        if not note.exists():
            write_synced(note, b"")
    sync(folder)


def note_placed(course: NbgraderCourse, assignment: str) -> None:
    """Take the note away. raises: OSError if that cannot be done"""
    _note(course, assignment).unlink(missing_ok=True)


def unplaced(course: NbgraderCourse) -> tuple[str, ...]:
    """The assignments that are to be placed yet."""
    return tuple(sorted(path.name for path in (received_folder(course) / _FOLDER).glob("*")))


def _note(course: NbgraderCourse, assignment: str) -> Path:
    return received_folder(course) / _FOLDER / assignment
