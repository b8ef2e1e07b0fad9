"""A student's notebook put into the release: the release's cells stand, the answers are kept."""

import copy
from pathlib import Path
from typing import Any

import nbformat
import pytest
from hypothesis import given
from hypothesis import strategies as st
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_raw_cell

from autograder.assignment import Kind, kind_of
from autograder.merge import merge


def marked(source: str, grade_id: str, **marks: Any) -> Any:
    plain = {"grade": False, "locked": False, "solution": False, "schema_version": 3}
    return new_code_cell(source, metadata={"nbgrader": {**plain, "grade_id": grade_id, **marks}})


def check(grade_id: str, source: str) -> Any:
    return marked(source, grade_id, grade=True, locked=True, points=2)


def release() -> Any:
    written = new_markdown_cell("YOUR ANSWER HERE")
    written.metadata["nbgrader"] = {
        "grade": True, "locked": False, "solution": True, "points": 2, "grade_id": "reflection"
    }  # fmt: skip
    cells = [
        new_markdown_cell("# Sums"),
        marked("import math", "setup", locked=True),
        marked("def add(a, b):\n    raise NotImplementedError", "add", solution=True),
        check("add-small", "assert add(1, 2) == 3"),
        check("add-large", "assert add(10, 20) == 30"),
        new_code_cell("plot(add)", metadata={"tags": ["explore"]}),
        marked("def half(a):\n    raise NotImplementedError", "half", solution=True),
        check("half-values", "assert half(2) == 1"),
        written,
    ]
    return new_notebook(cells=cells)


def answered() -> Any:
    notebook = release()
    notebook.cells[2].source = "def add(a, b):\n    return a + b"
    notebook.cells[6].source = "def half(a):\n    return a / 2"
    notebook.cells[8].source = "I learned to add."
    return notebook


def sources(notebook: Any) -> list[str]:
    return [cell.source for cell in notebook.cells]


def test_answers_are_put_into_the_release() -> None:
    merged = merge(release(), answered())
    assert sources(merged.notebook) == sources(answered())
    assert merged.notes == ()


def test_untouched_release_comes_out_as_it_is() -> None:
    given_release = release()
    merged = merge(given_release, given_release)
    assert merged.notebook == given_release
    assert merged.notes == ()


def test_deleted_check_cell_is_repaired_and_noted() -> None:
    submitted = answered()
    del submitted.cells[3]
    merged = merge(release(), submitted)
    assert sources(merged.notebook) == sources(answered())
    assert merged.notes == ("add-small: is missing; the release's cell is used",)


def test_edited_check_cell_is_repaired_and_noted() -> None:
    submitted = answered()
    submitted.cells[3].source = "assert True"
    merged = merge(release(), submitted)
    assert sources(merged.notebook) == sources(answered())
    assert merged.notes == ("add-small: was edited; the release's text is used",)


def test_copied_check_cell_is_repaired_and_noted() -> None:
    submitted = answered()
    submitted.cells.insert(5, copy.deepcopy(submitted.cells[3]))
    merged = merge(release(), submitted)
    assert sources(merged.notebook) == sources(answered())
    assert merged.notes == ("add-small: stands twice; the first one counts",)


def test_of_a_copied_answer_the_first_one_counts() -> None:
    submitted = answered()
    second = copy.deepcopy(submitted.cells[2])
    second.source = "def add(a, b):\n    return 0"
    submitted.cells.insert(3, second)
    merged = merge(release(), submitted)
    assert sources(merged.notebook) == sources(answered())
    assert merged.notes == ("add: stands twice; the first one counts",)


@pytest.mark.parametrize("make", [new_markdown_cell, new_raw_cell])
@pytest.mark.parametrize("index", [3, 2])
def test_cell_of_another_type_is_repaired_and_noted(index: int, make: Any) -> None:
    submitted = answered()
    old = submitted.cells[index]
    submitted.cells[index] = make(old.source, metadata=old.metadata)
    merged = merge(release(), submitted)
    assert sources(merged.notebook) == sources(answered())
    assert merged.notebook.cells[index].cell_type == "code"
    (note,) = merged.notes
    assert note.startswith(f"{old.metadata.nbgrader.grade_id}: was made a ")


def test_reordered_check_cells_are_repaired_and_noted() -> None:
    submitted = answered()
    cells = submitted.cells
    cells[3], cells[4] = cells[4], cells[3]
    merged = merge(release(), submitted)
    assert sources(merged.notebook) == sources(answered())
    assert merged.notes == ("add-large: was moved; the release's order is used",)


@pytest.mark.parametrize(
    "forged",
    [
        {"points": 100},
        {"locked": False},
        {"grade": False},
        {"solution": True},
        {"checksum": "0"},
    ],
)
def test_marks_of_a_check_are_always_the_releases(forged: dict[str, Any]) -> None:
    submitted = answered()
    submitted.cells[3].metadata.nbgrader.update(forged)
    merged = merge(release(), submitted)
    assert merged.notebook.cells[3].metadata == release().cells[3].metadata


def test_students_own_cells_survive_in_place() -> None:
    submitted = answered()
    submitted.cells.insert(8, new_code_cell("after = 3"))
    submitted.cells.insert(6, new_code_cell("second = 2"))
    submitted.cells.insert(3, new_code_cell("first = 1"))
    submitted.cells.insert(3, new_code_cell("zeroth = 0"))
    merged = merge(release(), submitted)
    assert merged.notes == ()
    found = sources(merged.notebook)
    kept = {name: found.index(name) for name in ("zeroth = 0", "first = 1", "second = 2")}
    assert found[kept["zeroth = 0"] - 1] == answered().cells[2].source
    assert kept["first = 1"] == kept["zeroth = 0"] + 1
    assert found[kept["second = 2"] - 1] == answered().cells[4].source
    assert found[found.index("after = 3") - 1] == answered().cells[7].source
    assert len(found) == len(release().cells) + 4


def test_students_cell_above_everything_comes_after_the_first_locked_cell() -> None:
    submitted = answered()
    submitted.cells.insert(0, new_code_cell("import random"))
    found = sources(merge(release(), submitted).notebook)
    assert found[:3] == ["# Sums", "import math", "import random"]


def test_explore_cells_of_the_release_are_not_doubled() -> None:
    submitted = answered()
    del submitted.cells[5].metadata["tags"]
    assert sources(merge(release(), submitted).notebook) == sources(answered())


def test_students_text_is_left_out_and_written_answers_are_kept() -> None:
    submitted = answered()
    submitted.cells.insert(4, new_markdown_cell("my notes"))
    found = sources(merge(release(), submitted).notebook)
    assert "my notes" not in found
    assert "I learned to add." in found


def test_cells_of_a_stranger_are_left_out() -> None:
    submitted = answered()
    submitted.cells.append(check("add-forged", "assert True"))
    submitted.cells.append(marked("import math as m", "another_setup", locked=True))
    assert sources(merge(release(), submitted).notebook) == sources(answered())


GRADE_IDS = ["setup", "add", "add-small", "add-large", "half", "half-values", "reflection"]
MARKS = st.one_of(
    st.none(),
    st.lists(st.integers(), max_size=2),
    st.text(max_size=3),
    st.dictionaries(
        st.sampled_from(["grade", "solution", "locked", "points", "task", "schema_version"]),
        st.one_of(st.booleans(), st.none(), st.integers(), st.text(max_size=3)),
    ),
    st.builds(
        lambda grade_id, flags: {"grade_id": grade_id, **flags},
        st.one_of(st.sampled_from(GRADE_IDS), st.none(), st.integers(), st.text(max_size=3)),
        st.dictionaries(st.sampled_from(["grade", "solution", "locked"]), st.booleans()),
    ),
)


@st.composite
def cells(draw: st.DrawFn) -> Any:
    """A cell of the release or of the student's, with any damage to type, text and metadata."""
    if draw(st.booleans()):
        cell = draw(st.sampled_from(answered().cells))
    else:
        make = draw(st.sampled_from([new_code_cell, new_markdown_cell, new_raw_cell]))
        cell = make("own")
    cell = copy.deepcopy(cell)
    if draw(st.booleans()):
        cell.source = draw(st.text(max_size=20))
    if draw(st.booleans()):
        cell.metadata["nbgrader"] = nbformat.from_dict(draw(MARKS))
    if draw(st.booleans()):
        cell.metadata["tags"] = draw(st.lists(st.sampled_from(["explore", "x"]), unique=True))
    return cell


def fixed(notebook: Any) -> list[Any]:
    """What only the release may say: everything but the text of answers, and no own cells."""
    found = []
    for cell in copy.deepcopy(notebook.cells):
        kind = kind_of(cell)
        if kind is Kind.EXTRA:
            continue
        if kind in (Kind.ANSWER, Kind.WRITTEN):
            cell.source = ""
        found.append(cell)
    return found


@given(st.lists(cells(), max_size=14))
def test_whatever_the_damage_the_releases_cells_stand_unchanged_and_in_order(
    damaged: list[Any],
) -> None:
    given_release, submitted = release(), new_notebook(cells=damaged)
    before = copy.deepcopy((given_release, submitted))
    merged = merge(given_release, submitted)
    assert (given_release, submitted) == before
    assert fixed(merged.notebook) == fixed(given_release)
    own = [cell.source for cell in merged.notebook.cells if kind_of(cell) is Kind.EXTRA]
    theirs = [cell.source for cell in damaged if kind_of(cell) is Kind.EXTRA]
    assert all(source in theirs for source in own)
    assert all("\n" not in note for note in merged.notes)


@given(st.permutations(range(9)), st.sets(st.integers(0, 8), max_size=4))
def test_moved_and_missing_cells_are_repaired_and_each_is_noted(
    order: list[int], lost: set[int]
) -> None:
    submitted = answered()
    submitted.cells = [submitted.cells[n] for n in order if n not in lost]
    merged = merge(release(), submitted)
    expected = answered()
    for index in lost & {2, 6, 8}:
        expected.cells[index].source = release().cells[index].source
    assert sources(merged.notebook) == sources(expected)
    named = [n for n in order if n not in (0, 5)]
    missing = [note for note in merged.notes if "is missing" in note]
    moved = [note for note in merged.notes if "was moved" in note]
    assert len(missing) == len(lost & set(named))
    left = [n for n in named if n not in lost]
    assert bool(moved) == (left != sorted(left))


def test_merging_does_not_change_what_it_was_given() -> None:
    given_release, submitted = release(), answered()
    before = copy.deepcopy((given_release, submitted))
    merged = merge(given_release, submitted)
    for cell in merged.notebook.cells:
        cell.source += "changed later"
        cell.metadata["changed"] = True
    assert (given_release, submitted) == before


def test_merged_notebook_can_be_stored(tmp_path: Path) -> None:
    submitted = answered()
    submitted.cells.insert(3, new_code_cell("first = 1"))
    nbformat.write(merge(release(), submitted).notebook, tmp_path / "merged.ipynb")
    nbformat.validate(nbformat.read(tmp_path / "merged.ipynb", as_version=4))
