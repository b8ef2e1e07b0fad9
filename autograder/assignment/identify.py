"""Which chapter a notebook is: told by its graded cells, not by its name or folder."""

import warnings
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from autograder.assignment.course import Course
from autograder.assignment.errors import UserError
from autograder.assignment.notebook import marks_of, read_file, read_notebook
from autograder.assignment.submitted_cells import UnreadableNotebookError, read_cells


@dataclass(frozen=True)
class Released:
    """One released notebook.

    grade_ids: of its answers and checks
    files:     names and patterns of the files that it asks for besides
    """

    chapter: str
    path: Path
    grade_ids: frozenset[str]
    files: tuple[str, ...] = ()


def chapter_of(notebook: Path, course: Course) -> str:
    """Return the name of the released chapter that `notebook` is a copy of.

    raises: UserError as `release_of` does.
    """
    return release_of(notebook, course).chapter


def release_of(notebook: Path, course: Course) -> Released:
    """Return the released notebook that shares the most graded cells with `notebook`.

    Whatever grading can read is a notebook here, too.
    A renamed or moved copy is recognised; folder and file name only decide between equals.

    raises: UserError if the file is missing, is not a notebook, has no cells, or if none of its
            graded cells is of a released chapter.
    """
    try:
        cells = read_cells(read_file(notebook), [])
    except UnreadableNotebookError as error:
        raise UserError(
            f"{notebook}: is not a Jupyter notebook ({error}); take a fresh copy of the chapter."
        ) from error
    if not cells:
        raise UserError(f"{notebook}: is empty; take a fresh copy of the chapter.")
    found = grade_ids(cell.marks for cell in cells)
    releases = list(released_notebooks(course))
    if not releases:
        raise UserError(f"{course.release} holds no release: run `autograder release` first.")
    place = notebook.resolve()

    def likeness(release: Released) -> tuple[int, bool, bool]:
        same_folder = release.chapter == place.parent.name
        return len(found & release.grade_ids), same_folder, release.path.name == place.name

    best = max(releases, key=likeness)
    if not found & best.grade_ids:
        raise UserError(
            f"{notebook}: is not a notebook of this course; none of its graded cells is of "
            f"{', '.join(course.released_chapters)}."
        )
    return best


def released_notebooks(course: Course) -> Iterator[Released]:
    """Yield the notebooks in `course/`, in order."""
    for chapter in course.released_chapters:
        for path in sorted((course.release / chapter).glob("*.ipynb")):
            notebook = _read_quietly(path)
            names = grade_ids(map(marks_of, notebook.cells))
            yield Released(chapter, path, names, _files(notebook.metadata))


def grade_ids(marks: Iterable[Mapping[str, Any]]) -> frozenset[str]:
    """Names of the answers and checks among cells, of which nbgrader's metadata are given."""
    return frozenset(
        str(mark.get("grade_id")) for mark in marks if mark.get("grade") or mark.get("solution")
    )


def _files(metadata: Mapping[str, Any]) -> tuple[str, ...]:
    """What a notebook's metadata ask for: `"autograder": {"files": ["helpers.py", "data/*"]}`."""
    own = metadata.get("autograder")
    names = own.get("files") if isinstance(own, Mapping) else None
    if not isinstance(names, list):
        return ()
    return tuple(name.removeprefix("./") for name in names if isinstance(name, str))


def _read_quietly(path: Path) -> Any:
    """Read a notebook; nbformat mends old and odd ones, and need not tell the student how."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return read_notebook(path)
