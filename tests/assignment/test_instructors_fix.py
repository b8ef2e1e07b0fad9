"""An instructor mends a cell after the release: no student is told to have edited it."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import nbformat
import pytest
from compact_course import ASSIGNMENT, NOTEBOOK, blueprint_of, write_course
from light_course import generate

from autograder.assignment.merge import merge

CELLS = [
    ("setup", "import math"),
    ("mean", "def mean(values):\n    return sum(values) / len(values)"),
    ("mean-small 5", "assert mean([1, 2, 3]) == 2"),
    ("mean-large", "assert mean([1, 2, 6]) == 3"),
]
EDITED = "mean-small: was edited; the release's text is used"


def changed(name: str, text: str) -> list[tuple[str, str]]:
    return [(known, text if known == name else source) for known, source in CELLS]


@pytest.fixture
def handed_in(tmp_path: Path) -> Any:
    """The release with an answer in it."""
    root = write_course(tmp_path, CELLS)
    generate(root, ASSIGNMENT)
    notebook = nbformat.read(root / "release" / ASSIGNMENT / f"{NOTEBOOK}.ipynb", as_version=4)
    notebook.cells[1].source = CELLS[1][1]
    return notebook


FIXES = {
    "a check": changed("mean-small 5", "assert mean([1, 2, 3]) == 2, 'mean of 1, 2, 3'"),
    "the setup": changed("setup", "import math\nimport statistics"),
    "its points": [*CELLS[:2], ("mean-small 1", "assert True"), CELLS[3]],
    "hidden tests": changed(
        "mean-small 5",
        "assert mean([1]) == 1\n### BEGIN HIDDEN TESTS\nassert mean([2]) == 2\n### END HIDDEN TESTS",
    ),
}


@pytest.mark.parametrize("fix", FIXES)
def test_what_the_instructor_mended_is_no_edit_of_the_students(
    tmp_path: Path, handed_in: Any, fix: str
) -> None:
    """The report instructor_fix_blames_student, and more of the kind."""
    blueprint = blueprint_of(write_course(tmp_path, FIXES[fix]))
    merged = merge(blueprint.notebooks[0], nbformat.writes(handed_in).encode())
    assert merged.notes == ()
    assert [cell.source for cell in merged.notebook.cells[2:]] == [c for _, c in FIXES[fix][2:]]


def damaged_marks(cell: Any) -> None:
    cell.metadata.nbgrader["checksum"] = ["no", "text"]


def without_points(cell: Any) -> None:
    del cell.metadata.nbgrader["points"]


def other_text(cell: Any) -> None:
    cell.source = "assert True"


@pytest.mark.parametrize("change", [damaged_marks, without_points, other_text])
def test_what_cannot_be_told_from_an_edit_is_one(
    tmp_path: Path, handed_in: Any, change: Callable[[Any], None]
) -> None:
    change(handed_in.cells[2])
    blueprint = blueprint_of(write_course(tmp_path, FIXES["a check"]))
    merged = merge(blueprint.notebooks[0], nbformat.writes(handed_in).encode())
    assert merged.notes == (EDITED,)


def test_line_ends_of_another_system_are_no_edit(tmp_path: Path, handed_in: Any) -> None:
    for cell in handed_in.cells:
        cell.source = cell.source.replace("\n", "\r\n") + "\r\n"
    blueprint = blueprint_of(write_course(tmp_path, FIXES["a check"]))
    data = json.dumps(handed_in).encode()
    assert merge(blueprint.notebooks[0], data).notes == ()
