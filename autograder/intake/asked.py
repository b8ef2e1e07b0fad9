"""What an assignment asks for: its notebooks, and what tells them from a student's other files."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field

from autograder.assignment.did_you_mean import unknown
from autograder.assignment.nbgrader_course import NbgraderCourse, notebooks_in


@dataclass(frozen=True)
class Asked:
    """The notebooks that an assignment asks for, and what tells them from other files.

    notebooks: grade_ids by the notebook's file name
    others:    grade_ids of the course's other assignments, by assignment: what has more of theirs
               is not this one's
    released:  the notebooks as students got them, by file name: a copy that is still the same is
               nobody's answer
    """

    notebooks: Mapping[str, frozenset[str]]
    others: Mapping[str, frozenset[str]] = field(default_factory=dict)
    released: Mapping[str, bytes] = field(default_factory=dict, repr=False)


def read_asked(course: NbgraderCourse, assignment: str) -> Asked:
    """What a course's assignment asks for.

    raises: UserError if there is no such assignment
    """
    found = {
        name: _files(course, name) for name in dict.fromkeys((*course.assignments(), assignment))
    }
    own = found.pop(assignment)
    if not own:
        raise unknown("assignment", assignment, course.assignments(), course.root)
    released = notebooks_in(course.release_folder(assignment))
    return Asked(
        {name: grade_ids(data) for name, data in own.items()},
        {name: frozenset().union(*map(grade_ids, files.values())) for name, files in found.items()},
        {path.name: path.read_bytes() for path in released},
    )


def _files(course: NbgraderCourse, assignment: str) -> dict[str, bytes]:
    for folder in (course.source_folder(assignment), course.release_folder(assignment)):
        if paths := notebooks_in(folder):
            return {path.name: path.read_bytes() for path in paths}
    return {}


def grade_ids(data: bytes) -> frozenset[str]:
    """The grade_ids of a notebook's cells; none if it cannot be read."""
    return frozenset(str(marks["grade_id"]) for marks, _ in cells_of(data) if "grade_id" in marks)


def cells_of(data: bytes) -> list[tuple[Mapping[str, object], str]]:
    """nbgrader's marks and the text of each cell; none if it cannot be read."""
    found: list[tuple[Mapping[str, object], str]] = []
    try:
        for cell in json.loads(data)["cells"]:
            marks = cell["metadata"].get("nbgrader", {})
            source = cell.get("source", "")
            text = source if isinstance(source, str) else "".join(source)
            found.append((marks if isinstance(marks, dict) else {}, text))
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        return []
    return found
