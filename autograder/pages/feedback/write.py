"""Feedback pages of a class: one file for each student and notebook, where nbgrader releases them.

`nbgrader release_feedback` takes `feedback/STUDENT/ASSIGNMENT/NOTEBOOK.html` and, from beside it,
the files by which it tells that a submission is the student's.
"""

import json
import re
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from autograder.assignment.blueprint import NotebookBlueprint, read_blueprint
from autograder.assignment.did_you_mean import unknown
from autograder.assignment.errors import UserError
from autograder.assignment.nbgrader_course import NbgraderCourse
from autograder.assignment.sections import sections_of
from autograder.assignment.whole_file import make_folder, write_whole
from autograder.gradebook.autograded_folder import read_record
from autograder.pages.feedback.build import Common, Graded, feedback
from autograder.pages.feedback.discretion import Discretion
from autograder.pages.feedback.page import feedback_page
from autograder.records.class_grades import read_grades
from autograder.records.class_marks import read_marks

CHAPTERS = "../../"
"""Where `nbgrader fetch_feedback` puts a page, the notebook lies so far above it."""
_OF_NBGRADER = ("timestamp.txt", "submission_secret.txt")


@dataclass(frozen=True)
class Written:
    """The pages that were written, in order of students, and those who have no graded work."""

    pages: tuple[Path, ...]
    without: tuple[str, ...]

    def as_json(self) -> dict[str, list[str]]:
        """What was written, as plain data, for `--json`."""
        return {"pages": [str(page) for page in self.pages], "not_graded": list(self.without)}


def write_feedback(
    course: NbgraderCourse,
    assignment: str,
    students: Collection[str] = (),
    *,
    chapters: str | None = None,
    progress: Callable[[int, int], None] = lambda done, total: None,
) -> Written:
    """Write the pages of an assignment into `course.feedback`.

    students: only these; everybody who handed in if there are none
    chapters: address of the folder of all assignments, for links to the notebooks; by default
              they lead from where `nbgrader fetch_feedback` puts the pages to the student's copy
    progress: called with (students done, students in all)
    raises:   UserError if the assignment is not there, nothing is graded, or a page cannot be
              written; each page is written as a whole or not at all
    """
    pages = FeedbackPages(course, assignment, chapters=chapters)
    everybody = [s for s in course.students(assignment) if not students or s in students]
    paths: list[Path] = []
    without = []
    for number, student in enumerate(everybody):
        progress(number, len(everybody))
        found = {name: pages.page(student, name) for name in pages.notebooks}
        if not any(found.values()):
            without.append(student)
            continue
        target = course.feedback_folder(student, assignment)
        make_folder(target)
        for name, page in found.items():
            if page is not None:
                paths.append(write_whole(target / f"{name}.html", page.encode()))
        folder = course.autograded_folder(student, assignment)
        for name in _OF_NBGRADER:
            if (folder / name).is_file() and not (folder / name).is_symlink():
                write_whole(target / name, (folder / name).read_bytes())
    progress(len(everybody), len(everybody))
    if not paths:
        raise UserError(
            f"{assignment}: nothing is graded (looked in {course.autograded}); grade it first."
        )
    return Written(tuple(paths), tuple(without))


class FeedbackPages:
    """The pages of an assignment: what they have in common is read once, with the gradebook."""

    def __init__(
        self, course: NbgraderCourse, assignment: str, *, chapters: str | None = None
    ) -> None:
        """Read the assignment and its grades; `chapters` as in `write_feedback`.

        raises: UserError if the assignment is not there
        """
        self._course, self._assignment = course, assignment
        (of_it,) = read_marks(course, (assignment,))
        self._marks = {mark.student: mark for mark in of_it.marks}
        self._grades = read_grades(course, assignment)
        places = (course.root, course.class_directory, course.submitted, course.autograded)
        address = CHAPTERS if chapters is None else f"{chapters.rstrip('/')}/{assignment}/"
        self._common = {
            notebook.name: _common(notebook, assignment, places, address)
            for notebook in read_blueprint(course, assignment).notebooks
        }

    @property
    def notebooks(self) -> Collection[str]:
        return self._common.keys()

    def page(self, student: str, notebook: str) -> str | None:
        """A student's page as HTML; None if that notebook of the student's is not graded."""
        folder = self._course.autograded_folder(student, self._assignment)
        grades, cells = self._grades.get(student), _read_cells(folder / f"{notebook}.ipynb")
        mark = self._marks.get(student)
        if grades is None or cells is None or mark is None:
            return None
        result = (read_record(folder) or {}).get("result", {})
        common, recorded = self._common[notebook], result.get("checks", {})
        checks = {
            cell.grade_id: recorded[name]
            for section in common.sections
            for cell in section.cells
            for name in (cell.grade_id, f"{notebook}/{cell.grade_id}")
            if name in recorded
        }
        graded = Graded(
            self._assignment, notebook, student, cells,
            checks, result.get("notes", []), grades, mark,
        )  # fmt: skip
        return feedback_page(feedback(graded, common))


def _common(
    blueprint: NotebookBlueprint, assignment: str, places: Collection[Path], chapters: str
) -> Common:
    """What the pages of one notebook have in common."""
    given = [cell.source for cell in blueprint.notebook.cells]
    released = blueprint.released or given
    top = next((c.source for c in blueprint.notebook.cells[:1] if c.cell_type == "markdown"), "")
    heading = re.search(r"^#\s+(.+)$", top, re.MULTILINE)
    return Common(
        title=heading[1].strip() if heading else f"{assignment}: {blueprint.name}",
        sections=sections_of(blueprint, assignment),
        released={*given, *released},
        discretion=Discretion(blueprint.notebook, released, places),
        chapters=chapters,
    )


def _read_cells(path: Path) -> list[Mapping[str, Any]] | None:
    """The cells of a graded notebook; None if there is none. Ten times quicker than nbformat."""
    try:
        cells = json.loads(path.read_bytes())["cells"]
        return [cell for cell in cells if isinstance(cell, dict)]
    except (OSError, ValueError, KeyError, TypeError, RecursionError):
        return None


def chosen(course: NbgraderCourse, names: Collection[str]) -> Iterator[tuple[str, tuple[str, ...]]]:
    """Tell assignments from students; give each assignment with the students to write for.

    raises: UserError if a name is neither, or a student has not handed in
    """
    known = course.assignments()
    assignments = [name for name in known if name in names]
    students = tuple(dict.fromkeys(name for name in names if name not in known))
    handed_in = {name: set(course.students(name)) for name in assignments or known}
    for student in students:
        if not any(student in among for among in handed_in.values()):
            people = set().union(*handed_in.values())
            raise unknown("assignment or student", student, {*known, *people}, course.submitted)
    for name, among in handed_in.items():
        some = tuple(student for student in students if student in among)
        if some or (not students and (assignments or among)):
            yield name, some
