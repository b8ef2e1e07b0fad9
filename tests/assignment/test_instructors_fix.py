"""An instructor mends a cell after the release: no student is told to have edited it."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import nbformat
import pytest
from compact_course import ASSIGNMENT, NOTEBOOK, blueprint_of, write_course
from light_course import generate
from nbgrader.utils import compute_checksum

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
    """The fix of a class's check, and more of the kind."""
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


CHANGES: dict[str, tuple[list[tuple[str, str]], tuple[str, ...]]] = {
    "a check renamed": ([*CELLS[:2], ("mean-tiny 5", CELLS[2][1]), CELLS[3]], ()),
    "an answer renamed": ([CELLS[0], ("average", CELLS[1][1]), *CELLS[2:]], ()),
    "a check removed": ([*CELLS[:2], CELLS[3]], ()),
    "a check added": (
        [*CELLS, ("mean-one", "assert mean([1]) == 1")],
        ("mean-one: is not in the submission; the release's cell is used",),
    ),
    "checks in another order": (
        [*CELLS[:2], CELLS[3], CELLS[2]],
        ("mean-small: stands elsewhere in the submission; the release's order is used",),
    ),
}


@pytest.mark.parametrize("change", CHANGES)
def test_what_the_instructor_renamed_added_and_removed_is_not_the_students_doing(
    tmp_path: Path, handed_in: Any, change: str
) -> None:
    cells, notes = CHANGES[change]
    root = write_course(tmp_path, cells)
    path = root / "source" / ASSIGNMENT / f"{NOTEBOOK}.ipynb"
    source = nbformat.read(path, as_version=4)
    ids = {cell.source: cell.id for cell in handed_in.cells}
    for cell in source.cells:  # as an editor keeps them
        text = cell.source.removeprefix("### BEGIN SOLUTION\n").removesuffix("\n### END SOLUTION")
        cell["id"] = ids.get(text, f"new-{cell.id}")
    nbformat.write(source, path)
    merged = merge(blueprint_of(root).notebooks[0], nbformat.writes(handed_in).encode())
    assert merged.notes == notes
    assert merged.missing == frozenset()
    assert [c.source for c in merged.notebook.cells] == [text for _, text in cells]


def test_a_type_that_the_instructor_changed_is_not_the_students_doing(
    tmp_path: Path, handed_in: Any
) -> None:
    """The check becomes a text to read; and the other way round it is the student's."""
    blueprint = blueprint_of(write_course(tmp_path, CELLS)).notebooks[0]
    handed_in.cells[2] = nbformat.v4.new_markdown_cell(
        "A text.", id=handed_in.cells[2].id, metadata=handed_in.cells[2].metadata
    )
    marks = handed_in.cells[2].metadata.nbgrader
    assert "mean-small: was made a markdown cell; the release's type is used" in (
        merge(blueprint, nbformat.writes(handed_in).encode()).notes
    )
    marks.update(cell_type="markdown", checksum=compute_checksum(handed_in.cells[2]))
    assert merge(blueprint, nbformat.writes(handed_in).encode()).notes == ()
