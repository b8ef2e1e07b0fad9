"""A student's notebook put into the blueprint, whatever bytes were handed in."""

import copy
import json
import shutil
from pathlib import Path
from typing import Any

import nbformat
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output, new_raw_cell
from test_blueprint import FILES, PREPROCESSOR_FILES, cell, notebook_of

from autograder.assignment.blueprint import NotebookBlueprint, read_blueprint
from autograder.assignment.merge import MAX_SOURCE, Merged, merge
from autograder.assignment.nbgrader_course import open_course
from autograder.assignment.notebook import grade_id_of, marks_of
from autograder.assignment.submitted_cells import MAX_CELLS


def check(grade_id: str, source: str) -> Any:
    return cell(source, grade_id, grade=True, locked=True, points=2)


def release() -> Any:
    cells = [
        new_markdown_cell("# Sums"),
        cell("import math", "setup", locked=True),
        cell("def add(a, b):\n    raise NotImplementedError", "add", solution=True),
        check("add-small", "assert add(1, 2) == 3"),
        check("add-large", "assert add(10, 20) == 30"),
        new_code_cell("plot(add, color='blue')", metadata={"tags": ["explore"]}),
        cell("def half(a):\n    raise NotImplementedError", "half", solution=True),
        check("half-values", "assert half(2) == 1"),
        cell("YOUR ANSWER HERE", "reflection", text=True, grade=True, solution=True, points=2),
        new_code_cell("rate = 0.1\nsteps = 100"),
    ]
    for number, one in enumerate(cells):
        one["id"] = f"cell-{number}"
    spec = {"display_name": "Python 3", "language": "python", "name": "python3"}
    return new_notebook(cells=cells, metadata={"kernelspec": spec})


def blueprint() -> NotebookBlueprint:
    """As `release`, with a hidden test more in one check."""
    made = release()
    shown = tuple(one.source for one in made.cells)
    made.cells[7].source += "\n### BEGIN HIDDEN TESTS\nassert half(4) == 2\n### END HIDDEN TESTS"
    declares = {"add": frozenset({"add"}), "half": frozenset({"half"})}
    return NotebookBlueprint("sums", made, released=shown, declares=declares, skip_tag="explore")


ADD, HALF = "def add(a, b):\n    return a + b", "def half(a):\n    return a / 2"


def answered() -> Any:
    notebook = release()
    notebook.cells[2].source = ADD
    notebook.cells[6].source = HALF
    notebook.cells[8].source = "I learned to add."
    return notebook


def full(notebook: Any) -> list[str]:
    """Texts of a notebook with the hidden test in it."""
    texts = sources(notebook)
    texts[7] = blueprint().notebook.cells[7].source
    return texts


def sources(notebook: Any) -> list[str]:
    return [one.source for one in notebook.cells]


def as_bytes(notebook: Any) -> bytes:
    return json.dumps(notebook).encode()


def merged_with(notebook: Any) -> Merged:
    merged = merge(blueprint(), as_bytes(notebook))
    nbformat.validate(merged.notebook)
    return merged


def test_answers_are_put_into_the_blueprint() -> None:
    merged = merged_with(answered())
    assert sources(merged.notebook) == full(answered())
    assert (merged.notes, merged.missing, merged.own) == ((), frozenset(), frozenset())


def test_untouched_release_is_the_blueprint() -> None:
    merged = merged_with(release())
    assert merged.notebook == blueprint().notebook
    assert merged.notes == ()


def test_outputs_metadata_and_widgets_of_the_student_are_left_out() -> None:
    submitted = answered()
    submitted.metadata["widgets"] = {"state": {"a": 1}}
    submitted.metadata["mine"] = "x"
    for one in submitted.cells:
        one.metadata["mine"] = "x"
        if one.cell_type == "code":
            one.outputs = [new_output("stream", text="forged")]
            one.execution_count = 7
    submitted.cells.append(new_code_cell("own = 1", metadata={"mine": "x", "editable": False}))
    merged = merged_with(submitted)
    text = json.dumps(merged.notebook)
    assert "mine" not in text
    assert "forged" not in text
    assert merged.notebook.metadata == release().metadata
    assert merged.notebook.cells[-1].metadata == {}


def test_deleted_check_cell_is_repaired_and_noted() -> None:
    submitted = answered()
    del submitted.cells[3]
    merged = merged_with(submitted)
    assert sources(merged.notebook) == full(answered())
    assert merged.notes == ("add-small: is not in the submission; the release's cell is used",)
    assert merged.missing == frozenset()


def test_deleted_answer_is_the_stub_and_missing() -> None:
    submitted = answered()
    del submitted.cells[6]
    merged = merged_with(submitted)
    assert merged.notebook.cells[6].source == release().cells[6].source
    assert merged.missing == {"half"}
    assert merged.notes == ("half: is not in the submission; the release's cell is used",)


@pytest.mark.parametrize("index", [1, 3, 7])
def test_edited_locked_cell_is_repaired_and_noted(index: int) -> None:
    submitted = answered()
    submitted.cells[index].source = "assert True"
    merged = merged_with(submitted)
    assert sources(merged.notebook) == full(answered())
    name = grade_id_of(submitted.cells[index])
    assert merged.notes == (f"{name}: was edited; the release's text is used",)


def test_other_line_ends_and_blank_ends_are_no_edit() -> None:
    submitted = answered()
    for one in submitted.cells:
        one.source = one.source.replace("\n", "\r\n") + "\n"
    merged = merged_with(submitted)
    assert merged.notes == ()
    assert "\r" not in "".join(sources(merged.notebook))


def test_copied_check_cell_is_repaired_and_noted() -> None:
    submitted = answered()
    submitted.cells[5:5] = copy.deepcopy([submitted.cells[3]] * 2)
    merged = merged_with(submitted)
    assert sources(merged.notebook) == full(answered())
    assert merged.notes == ("add-small: stands 3 times; the first one counts",)


def test_of_two_whole_answers_the_last_one_counts() -> None:
    """As in a kernel, and as nbgrader has it."""
    submitted = answered()
    first = copy.deepcopy(submitted.cells[2])
    first.source = "def add(a, b):\n    return 0"
    submitted.cells.insert(2, first)
    merged = merged_with(submitted)
    assert sources(merged.notebook) == full(answered())
    assert merged.notes == ("add: stands twice; the last one counts",)


def test_part_that_is_written_anew_below_a_whole_answer_counts() -> None:
    submitted = answered()
    blue = blueprint()
    blue = NotebookBlueprint(
        blue.name, blue.notebook, released=blue.released, declares={"add": frozenset({"add", "k"})}
    )
    whole, part = copy.deepcopy(submitted.cells[2]), copy.deepcopy(submitted.cells[2])
    whole.source, part.source = "k = 1\ndef add(a, b):\n    return 0", ADD
    submitted.cells[2:3] = [whole, part]
    merged = merge(blue, as_bytes(submitted))
    assert sources(merged.notebook)[2:4] == [whole.source, part.source]
    assert merged.notes == ("add: was split; the rest is kept as the student's own cell",)


@pytest.mark.parametrize("stub_first", [True, False])
def test_of_an_answer_and_its_stub_the_answer_counts(stub_first: bool) -> None:
    submitted = answered()
    stub = copy.deepcopy(release().cells[2])
    submitted.cells.insert(2 if stub_first else 3, stub)
    merged = merged_with(submitted)
    assert sources(merged.notebook) == full(answered())
    assert merged.notes == ("add: stands twice; the one that was edited counts",)


def test_parts_of_a_split_answer_are_joined() -> None:
    submitted = answered()
    head, body = copy.deepcopy(submitted.cells[2]), copy.deepcopy(submitted.cells[2])
    head.source, body.source = "# my way", "def add(a, b):\n    return a + b"
    blue = blueprint()
    blue = NotebookBlueprint(
        blue.name, blue.notebook, released=blue.released, declares={"add": frozenset({"add", "k"})}
    )
    head.source = "k = 1"
    submitted.cells[2:3] = [head, body]
    merged = merge(blue, as_bytes(submitted))
    assert merged.notebook.cells[2].source == f"k = 1\n{ADD}"
    assert merged.notes == ("add: was split; its parts are joined",)


@pytest.mark.parametrize("part_first", [True, False])
def test_part_of_a_split_answer_runs_where_it_stood(part_first: bool) -> None:
    submitted = answered()
    part = copy.deepcopy(submitted.cells[2])
    part.source = "def plus(a, b):\n    return a + b"
    submitted.cells[2].source = "def add(a, b):\n    return plus(a, b)"
    submitted.cells.insert(2 if part_first else 3, part)
    merged = merged_with(submitted)
    assert sources(merged.notebook)[2:4] == sources(submitted)[2:4]
    assert merged.own == {2 if part_first else 3}
    assert merged.notes == ("add: was split; the rest is kept as the student's own cell",)


def test_copies_of_a_written_answer_are_joined() -> None:
    submitted = answered()
    second = copy.deepcopy(submitted.cells[8])
    second.source = "And to halve."
    submitted.cells += [second, copy.deepcopy(second)]
    merged = merged_with(submitted)
    assert merged.notebook.cells[8].source == "I learned to add.\n\nAnd to halve."
    assert merged.notes == ("reflection: stands 3 times; its texts are joined",)


@pytest.mark.parametrize("make", [new_markdown_cell, new_raw_cell])
@pytest.mark.parametrize("index", [3, 2])
def test_cell_of_another_type_is_repaired_and_noted(index: int, make: Any) -> None:
    submitted = answered()
    old = submitted.cells[index]
    submitted.cells[index] = make(old.source, metadata=old.metadata)
    merged = merged_with(submitted)
    assert sources(merged.notebook) == full(answered())
    assert merged.notebook.cells[index].cell_type == "code"
    (note,) = merged.notes
    assert note.startswith(f"{grade_id_of(old)}: was made a ")


def test_reordered_cells_are_repaired_and_noted() -> None:
    submitted = answered()
    cells = submitted.cells
    cells[3], cells[4] = cells[4], cells[3]
    merged = merged_with(submitted)
    assert sources(merged.notebook) == full(answered())
    assert merged.notes == (
        "add-large: stands elsewhere in the submission; the release's order is used",
    )


@pytest.mark.parametrize(
    "forged",
    [
        {"points": 100},
        {"locked": False},
        {"grade": False},
        {"solution": True},
        {"checksum": "0"},
        {"schema_version": 1},
        {"schema_version": "x", "grade": None, "points": []},
    ],
)
def test_marks_of_a_check_are_always_the_blueprints(forged: dict[str, Any]) -> None:
    submitted = answered()
    submitted.cells[3].metadata.nbgrader.update(forged)
    merged = merged_with(submitted)
    assert merged.notebook.cells[3].metadata == release().cells[3].metadata


def test_answer_pasted_into_a_new_cell_is_found_by_what_it_defines() -> None:
    submitted = answered()
    submitted.cells[6] = new_code_cell(f"import math\n\n{HALF}")
    merged = merged_with(submitted)
    assert merged.notebook.cells[6].source == f"import math\n\n{HALF}"
    assert grade_id_of(merged.notebook.cells[6]) == "half"
    assert (merged.missing, merged.own) == (frozenset(), frozenset())
    assert merged.notes == ("half: is missing; the cell that defines half is used",)


def test_answer_that_lost_its_metadata_is_known_by_its_cell_id() -> None:
    submitted = answered()
    submitted.cells[6].metadata.pop("nbgrader")
    submitted.cells[8].metadata["nbgrader"] = {"grade_id": "renamed", "solution": True}
    merged = merged_with(submitted)
    assert sources(merged.notebook) == full(answered())
    assert merged.missing == frozenset()
    assert merged.notes == (
        "half: lost its nbgrader metadata; its cell id tells it",
        "reflection: lost its nbgrader metadata; its cell id tells it",
    )


def test_notebook_without_any_metadata_or_ids_keeps_its_code_answers() -> None:
    submitted = answered()
    for one in submitted.cells:
        one.metadata.clear()
        del one["id"]
    submitted.nbformat_minor = 2
    merged = merged_with(submitted)
    expected = full(answered())
    expected[8] = "YOUR ANSWER HERE"
    assert [text for text in sources(merged.notebook) if text != "I learned to add."] == expected
    assert merged.missing == {"reflection"}


def test_defining_cell_of_an_answer_that_is_there_stays_the_students_own() -> None:
    submitted = release()
    submitted.cells.insert(3, new_code_cell(ADD))
    merged = merged_with(submitted)
    assert sources(merged.notebook)[2:4] == [release().cells[2].source, ADD]
    assert merged.own == {3}


def test_own_cells_survive_in_place() -> None:
    submitted = answered()
    submitted.cells.insert(8, new_code_cell("after = 3"))
    submitted.cells.insert(6, new_code_cell("second = 2"))
    submitted.cells.insert(3, new_markdown_cell("my notes"))
    submitted.cells.insert(3, new_raw_cell("raw"))
    submitted.cells.insert(3, new_code_cell("zeroth = 0"))
    merged = merged_with(submitted)
    assert merged.notes == ()
    texts = sources(merged.notebook)
    assert [text for text in texts if "BEGIN HIDDEN" not in text] == [
        text for text in sources(submitted) if text != release().cells[7].source
    ]
    own = {texts[index]: merged.notebook.cells[index].cell_type for index in merged.own}
    assert own == {
        "after = 3": "code",
        "second = 2": "code",
        "my notes": "markdown",
        "raw": "raw",
        "zeroth = 0": "code",
    }


def test_own_cell_above_everything_comes_after_the_first_locked_cell() -> None:
    submitted = answered()
    submitted.cells.insert(0, new_code_cell("import random"))
    merged = merged_with(submitted)
    assert sources(merged.notebook)[:3] == ["# Sums", "import math", "import random"]
    assert merged.own == {2}


def test_own_cell_that_is_tagged_stays_one_that_is_not_run() -> None:
    submitted = answered()
    submitted.cells.append(new_code_cell("picture()", metadata={"tags": ["explore", "mine"]}))
    merged = merged_with(submitted)
    assert merged.notebook.cells[-1].metadata == {"tags": ["explore"]}


def test_copies_of_the_releases_cells_are_dropped() -> None:
    submitted = answered()
    for index in (5, 3, 1):
        submitted.cells.append(new_code_cell(release().cells[index].source))
    submitted.cells.append(new_code_cell("  \n"))
    merged = merged_with(submitted)
    assert sources(merged.notebook) == full(answered())


def test_release_cell_that_lost_its_tag_is_not_doubled_and_has_it_again() -> None:
    submitted = answered()
    del submitted.cells[5].metadata["tags"]
    merged = merged_with(submitted)
    assert sources(merged.notebook) == full(answered())
    assert merged.notebook.cells[5].metadata == {"tags": ["explore"]}
    assert (merged.notes, merged.own) == ((), frozenset())


@pytest.mark.parametrize("with_ids", [True, False])
def test_unlocked_cell_that_was_edited_takes_the_place_of_the_releases(with_ids: bool) -> None:
    submitted = answered()
    submitted.cells[5].source = "plot(add, color='red')"
    submitted.cells[9].source = "rate = 0.2\nsteps = 100"
    if not with_ids:
        for one in submitted.cells:
            del one["id"]
        submitted.nbformat_minor = 4
    merged = merged_with(submitted)
    assert sources(merged.notebook) == full(submitted)
    assert merged.own == {5, 9}
    assert merged.notebook.cells[5].metadata == {"tags": ["explore"]}


def test_cells_of_a_stranger_are_left_out_and_noted() -> None:
    submitted = answered()
    submitted.cells.append(check("add-forged\nx", "assert True"))
    submitted.cells.append(cell("import math as m", "another_setup", locked=True))
    submitted.cells.append(cell("mine = 1", "older_answer", solution=True))
    merged = merged_with(submitted)
    assert sources(merged.notebook) == [*full(answered()), "mine = 1"]
    assert merged.own == {10}
    assert marks_of(merged.notebook.cells[10]) == {}
    assert merged.notes == (
        "add-forged�x: is not of this assignment; it is left out",
        "another_setup: is not of this assignment; it is left out",
    )


def test_attachments_of_written_answers_are_kept_if_they_are_well_formed() -> None:
    submitted = answered()
    good = {"a.png": {"image/png": "aGVsbG8="}}
    submitted.cells[8]["attachments"] = good
    own = new_markdown_cell("![](b.png)")
    own["attachments"] = {"b.png": {"image/png": ["aGVs\n", "bG8="]}, "c": {"no type": "x"}, "d": 1}
    submitted.cells.append(own)
    merged = merged_with(submitted)
    assert merged.notebook.cells[8].attachments == good
    assert list(merged.notebook.cells[10].attachments) == ["b.png"]


def test_foreign_kernel_is_noted_and_replaced() -> None:
    submitted = answered()
    submitted.metadata["kernelspec"] = {"name": "ir", "language": "R", "display_name": "R"}
    merged = merged_with(submitted)
    assert merged.notebook.metadata == release().metadata
    assert merged.notes == ("the notebook was set to the kernel ir; the release's is used",)


def test_changing_the_merged_notebook_does_not_change_the_blueprint() -> None:
    blue = blueprint()
    for data in (as_bytes(answered()), None):
        merged = merge(blue, data)
        merged.notebook.metadata["changed"] = True
        for one in merged.notebook.cells:
            one.source += "changed later"
            one.metadata["changed"] = True
            one.metadata.get("nbgrader", {})["points"] = 100
    assert blue == blueprint()


# ------------------------------------------------------------------------------ damage


def test_notebook_that_is_not_in_the_submission() -> None:
    merged = merge(blueprint(), None)
    assert merged.notebook == blueprint().notebook
    assert merged.missing == {"add", "half", "reflection"}
    assert merged.notes == ("sums: the notebook is not in the submission",)


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"", "the file is empty"),
        (b" \n\0", "the file is empty"),
        (b"def add(a, b): ...", "it is not JSON (Expecting value"),
        (as_bytes(answered())[:400], "it is not JSON ("),
        (b"\x89PNG\r\n\x1a\n\0\0", "it is not JSON ("),
        (b"[" * 200_000, "it is nested too deeply"),
        (b'{"cells":' * 100_000, "it is nested too deeply"),
        (b"[]", "it is not a notebook"),
        (b"null", "it is not a notebook"),
        (b"{}", "it has no list of cells"),
        (b'{"cells": {"a": 1}}', "it has no list of cells"),
        (b'{"nbformat": 3, "worksheets": 7}', "it cannot be converted from notebook format 3"),
        (b'{"nbformat": 2, "worksheets": [2]}', "it cannot be converted from notebook format 2"),
    ],
)
def test_what_is_no_notebook_gives_the_stubs_and_the_reason(data: bytes, reason: str) -> None:
    merged = merge(blueprint(), data)
    assert merged.notebook == blueprint().notebook
    assert merged.missing == {"add", "half", "reflection"}
    (note,) = merged.notes
    assert note.startswith(f"the notebook cannot be read: {reason}")
    assert "\n" not in note


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "utf-16-le", "utf-32"])
def test_other_encodings_are_read(encoding: str) -> None:
    submitted = answered()
    submitted.cells[8].source = "größer — 大"
    merged = merge(blueprint(), json.dumps(submitted, ensure_ascii=False).encode(encoding))
    assert merged.notebook.cells[8].source == "größer — 大"
    assert merged.notes == ()


def test_bytes_that_are_not_text_cost_only_themselves() -> None:
    submitted = answered()
    submitted.cells[8].source = "caf\xe9"
    merged = merge(blueprint(), json.dumps(submitted, ensure_ascii=False).encode("latin-1"))
    assert merged.notebook.cells[8].source == "caf�"
    assert merged.notebook.cells[2].source == ADD
    (note,) = merged.notes
    assert "not valid UTF-8" in note


def test_half_characters_are_replaced() -> None:
    data = as_bytes(answered()).replace(b"I learned", rb"\ud800 learned")
    merged = merge(blueprint(), data)
    assert merged.notebook.cells[8].source == "? learned to add."
    nbformat.writes(merged.notebook).encode()


def test_constants_and_numbers_that_json_has_not_do_no_harm() -> None:
    data = as_bytes(answered()).replace(
        b'"kernelspec"', b'"a": NaN, "b": -Infinity, "c": ' + b"9" * 5000 + b', "kernelspec"'
    )
    merged = merge(blueprint(), data)
    assert sources(merged.notebook) == full(answered())


def test_large_outputs_are_read_past() -> None:
    submitted = answered()
    submitted.cells[2].outputs = [new_output("stream", text="x" * 45_000_000)]
    merged = merged_with(submitted)
    assert merged.notebook.cells[2].outputs == []
    assert merged.notebook.cells[2].source == ADD


def test_too_many_cells_are_cut_and_noted() -> None:
    submitted = answered()
    submitted.cells += [new_code_cell(f"x{n} = 1") for n in range(MAX_CELLS)]
    merged = merged_with(submitted)
    assert len(merged.notebook.cells) == MAX_CELLS
    assert merged.notes == ("the notebook has 5010 cells; only the first 5000 are read",)


def test_too_long_cells_are_left_out_and_noted() -> None:
    submitted = answered()
    submitted.cells[2].source = "x" * (MAX_SOURCE + 1)
    submitted.cells.append(new_code_cell("y" * (MAX_SOURCE + 1)))
    merged = merged_with(submitted)
    assert merged.notebook.cells[2].source == release().cells[2].source
    assert len(merged.notebook.cells) == 10
    assert merged.notes == (
        "add: is too long; the release's cell is used",
        "cell 11: is too long; it is left out",
    )


def test_answer_that_would_crash_pythons_parser_is_only_a_text() -> None:
    submitted = answered()
    deep = "add = " + "-" * 400_000 + "1"
    submitted.cells[2] = new_code_cell(deep)
    merged = merged_with(submitted)
    assert merged.notebook.cells[2].source == deep


def test_cells_of_every_wrong_form_are_survived() -> None:
    submitted = json.loads(as_bytes(answered()))
    submitted["cells"] += [
        None,
        7,
        [],
        {},
        {"cell_type": "code"},
        {"cell_type": "code", "source": 5, "outputs": "none", "metadata": []},
        {"cell_type": "code", "source": ["own", " = 1"], "metadata": {"nbgrader": [], "tags": {}}},
        {"cell_type": "code", "source": ["a", 1], "metadata": {"nbgrader": {"grade_id": {}}}},
        {"cell_type": "magic", "source": "text", "id": 5, "attachments": []},
        {"source": "own2 = 1", "outputs": [], "id": "cell-2"},
    ]
    submitted["metadata"] = []
    merged = merge(blueprint(), json.dumps(submitted).encode())
    nbformat.validate(merged.notebook)
    assert sources(merged.notebook) == [*full(answered()), "own = 1", "text", "own2 = 1"]
    assert merged.notes[:3] == (
        "cell 11: is not a cell; it is left out",
        "cell 12: is not a cell; it is left out",
        "cell 13: is not a cell; it is left out",
    )


@pytest.mark.parametrize("minor", [0, 4, 5, 9, "x", None])
def test_minor_version_does_not_matter(minor: Any) -> None:
    submitted = answered()
    submitted["nbformat_minor"] = minor
    merged = merged_with(submitted)
    assert (sources(merged.notebook), merged.notes) == (full(answered()), ())


@pytest.mark.parametrize("major", [None, "four", 5, 4.0, 1, 2, 3, True])
def test_missing_or_wrong_major_version_is_read_as_this_one(major: Any) -> None:
    submitted = answered()
    submitted["nbformat"] = major
    merged = merged_with(submitted)
    assert (sources(merged.notebook), merged.notes) == (full(answered()), ())


def test_oldest_notebook_format_is_read() -> None:
    cells = [{"cell_type": "code", "code": source, "prompt_number": 1} for source in (ADD, HALF)]
    merged = merge(blueprint(), json.dumps({"nbformat": 1, "cells": cells}).encode())
    assert (merged.notebook.cells[2].source, merged.notebook.cells[6].source) == (ADD, HALF)
    assert merged.missing == {"reflection"}


@pytest.mark.parametrize("major", [2, 3])
def test_old_notebook_format_is_brought_up_to_date(major: int) -> None:
    cells: list[dict[str, Any]] = []
    for one in answered().cells:
        text = {"source": one.source}
        if one.cell_type == "code":
            text = {"input": one.source, "language": "python", "outputs": [], "prompt_number": 1}
        cells.append({"cell_type": one.cell_type, "metadata": one.metadata, **text})
    if major == 3:
        cells.append({"cell_type": "heading", "level": 2, "source": "My title", "metadata": {}})
    old = {"metadata": {"name": "x"}, "nbformat": major, "worksheets": [{"cells": cells}]}
    merged = merge(blueprint(), json.dumps(old).encode())
    assert merge(blueprint(), json.dumps(old).encode()) == merged
    nbformat.validate(merged.notebook)
    if major == 3:
        assert sources(merged.notebook) == [*full(answered()), "## My title"]
        assert merged.notes == ()
    else:  # which had no metadata in cells
        assert merged.notebook.cells[2].source == ADD
        assert merged.notebook.cells[6].source == HALF


# ------------------------------------------------------------------------------ real files

PAIRS = [
    *((FILES, name) for name in ("changed", "cheat-attempt", "cheat-attempt-alternative")),
    *((folder, "grade-cell-changed") for folder in (FILES, PREPROCESSOR_FILES)),
    *((folder, "locked-cell-changed") for folder in (FILES, PREPROCESSOR_FILES)),
    *((PREPROCESSOR_FILES, name) for name in ("changed", "answer-cell-type-changed")),
    (PREPROCESSOR_FILES, "grade-cell-type-changed"),
    (FILES, "unchanged"),
]
SAID = {
    "grade-cell-changed": ("bar: was edited; the release's text is used",),
    "locked-cell-changed": (
        "ro1: was edited; the release's text is used",
        "ro2: was edited; the release's text is used",
    ),
    "answer-cell-type-changed": ("set_a: was made a markdown cell; the release's type is used",),
    "grade-cell-type-changed": ("bar: was made a markdown cell; the release's type is used",),
}


def released_blueprint(root: Path, file: Path) -> NotebookBlueprint:
    """The blueprint of a course that has nothing but this release."""
    (root / "source" / "ps").mkdir(parents=True)
    (root / "release" / "ps").mkdir(parents=True)
    shutil.copy(file, root / "release" / "ps" / "nb.ipynb")
    (found,) = read_blueprint(open_course(root), "ps").notebooks
    return found


@pytest.mark.parametrize(("folder", "name"), PAIRS, ids=lambda part: getattr(part, "name", part))
def test_nbgraders_own_damaged_submissions(tmp_path: Path, folder: Path, name: str) -> None:
    blue = released_blueprint(tmp_path, folder / "submitted-unchanged.ipynb")
    data = (folder / f"submitted-{name}.ipynb").read_bytes()
    merged = merge(blue, data)
    nbformat.validate(merged.notebook)
    assert merged.notes == SAID.get(name, ())
    assert (merged.missing, merged.own) == (frozenset(), frozenset())
    theirs = {grade_id_of(one): one.source for one in nbformat.reads(data, 4).cells}
    for mine, one in zip(merged.notebook.cells, blue.notebook.cells, strict=True):
        answer = marks_of(one).get("solution")
        assert mine.source == (theirs[grade_id_of(one)] if answer else one.source)


@pytest.mark.parametrize("version", ["v0", "v1", "v2"])
def test_old_metadata_of_a_submission_does_no_harm(tmp_path: Path, version: str) -> None:
    blue = notebook_of(tmp_path, FILES / "test.ipynb")
    data = (FILES / f"test-{version}.ipynb").read_bytes()
    merged = merge(blue, data)
    nbformat.validate(merged.notebook)
    assert merged.missing == frozenset()
    assert merged.notes == ()
    solved = {grade_id_of(one): one.source for one in nbformat.reads(data, 4).cells}
    for one in merged.notebook.cells:
        if marks_of(one).get("solution"):
            assert one.source == solved[grade_id_of(one)]


def test_each_of_nbgraders_notebooks_merges_into_each_blueprint(tmp_path: Path) -> None:
    """Also those that have nothing to do with it: a result, never an exception."""
    blues = [
        notebook_of(tmp_path / "a", FILES / "test.ipynb"),
        notebook_of(tmp_path / "b", PREPROCESSOR_FILES / "test_taskcell.ipynb"),
    ]
    files = [*FILES.glob("*.*"), *PREPROCESSOR_FILES.glob("*.*")]
    assert len(files) > 50
    for blue in blues:
        for file in files:
            merged = merge(blue, file.read_bytes())
            assert fixed(blue, merged) == fixed(blue, merge(blue, None)), file
            nbformat.validate(merged.notebook)


def test_task_stays_as_the_instructor_wrote_it(tmp_path: Path) -> None:
    blue = notebook_of(tmp_path, PREPROCESSOR_FILES / "test_taskcell.ipynb")
    submitted = copy.deepcopy(blue.notebook)
    place = next(n for n, one in enumerate(submitted.cells) if grade_id_of(one) == "task1")
    submitted.cells[place].source = "Give full marks."
    submitted.cells.insert(place + 1, new_markdown_cell("My work"))
    merged = merge(blue, as_bytes(submitted))
    assert merged.notebook.cells[place].source == blue.notebook.cells[place].source
    assert merged.notebook.cells[place + 1].source == "My work"
    assert merged.notes == ("task1: was edited; the release's text is used",)


# ------------------------------------------------------------------------------ any damage


def fixed(blue: NotebookBlueprint, merged: Merged) -> list[Any]:
    """The cells that only the blueprint may say: those with a grade_id that are no answers."""
    return [
        one
        for one in merged.notebook.cells
        if grade_id_of(one) and not marks_of(one).get("solution")
    ]


JUNK = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner),
    max_leaves=5,
)
NAMES = st.sampled_from([grade_id_of(one) for one in release().cells if grade_id_of(one)])
MARKS = st.fixed_dictionaries(
    {},
    optional={
        "grade_id": NAMES | JUNK,
        "grade": st.booleans() | JUNK,
        "solution": st.booleans() | JUNK,
        "locked": st.booleans() | JUNK,
        "points": JUNK,
        "schema_version": st.integers(0, 4) | JUNK,
    },
)
OPERATIONS = ("delete", "copy", "split", "retype", "swap", "marks", "field", "edit", "insert")


@st.composite
def damaged(draw: st.DrawFn) -> bytes:
    """An answered notebook after some operations on its cells, and perhaps on its bytes."""
    notebook = json.loads(as_bytes(answered()))
    cells = notebook["cells"]
    for operation in draw(st.lists(st.sampled_from(OPERATIONS), max_size=8)):
        if not cells:
            break
        index = draw(st.integers(0, len(cells) - 1))
        cell = cells[index]
        if operation == "delete":
            del cells[index]
        elif operation == "copy":
            cells.insert(draw(st.integers(0, len(cells))), copy.deepcopy(cell))
        elif operation == "split" and isinstance(cell.get("source"), str):
            at = draw(st.integers(0, len(cell["source"])))
            second = {**copy.deepcopy(cell), "source": cell["source"][at:]}
            cell["source"] = cell["source"][:at]
            cells.insert(index + 1, second)
        elif operation == "retype":
            cell["cell_type"] = draw(st.sampled_from(["code", "markdown", "raw"]) | JUNK)
        elif operation == "swap":
            other = draw(st.integers(0, len(cells) - 1))
            cells[index], cells[other] = cells[other], cells[index]
        elif operation == "marks":
            cell["metadata"] = draw(st.fixed_dictionaries({"nbgrader": MARKS | JUNK}) | JUNK)
        elif operation == "field":
            name = draw(st.sampled_from(["source", "outputs", "id", "metadata", "attachments"]))
            cell[name] = draw(JUNK)
        elif operation == "edit":
            cell["source"] = draw(st.text(max_size=20))
        elif operation == "insert":
            cells.insert(index, draw(st.sampled_from(json.loads(as_bytes(answered()))["cells"])))
    if draw(st.integers(0, 9)) == 0:
        notebook[draw(st.sampled_from(["metadata", "nbformat", "cells", "worksheets"]))] = draw(
            JUNK
        )
    data = json.dumps(notebook).encode()
    for _ in range(draw(st.sampled_from([0, 0, 0, 1, 3]))):
        start = draw(st.integers(0, len(data)))
        data = data[:start] + draw(st.binary(max_size=8)) + data[start + draw(st.integers(0, 50)) :]
    return data


@settings(max_examples=60)
@given(damaged())
def test_whatever_the_damage_the_blueprints_cells_stand_in_order(data: bytes) -> None:
    blue = blueprint()
    merged = merge(blue, data)
    assert blue == blueprint()
    assert merge(blue, data) == merged
    cells = merged.notebook.cells
    assert len({one.id for one in cells}) == len(cells)  # validate() would mend it
    nbformat.validate(merged.notebook)
    nbformat.writes(merged.notebook).encode()
    assert merged.notebook.nbformat_minor == 5
    rest = [one for index, one in enumerate(cells) if index not in merged.own]
    plain = [one for one in blue.notebook.cells if not grade_id_of(one)]
    assert [one.id for one in rest if grade_id_of(one)] == [
        one.id for one in blue.notebook.cells if grade_id_of(one)
    ]
    assert [one for one in rest if not grade_id_of(one)] == [
        one for one in plain if one.id in {other.id for other in rest}
    ]
    assert fixed(blue, merged) == fixed(blue, merge(blue, None))
    for index in merged.own:
        assert marks_of(cells[index]) == {}
    assert all(one.get("outputs", []) == [] for one in cells)
    answers = {one.id: one for one in blue.notebook.cells if marks_of(one).get("solution")}
    for one in rest:
        if one.id in answers:
            assert (one.cell_type, one.metadata) == (
                answers[one.id].cell_type,
                answers[one.id].metadata,
            )
            if grade_id_of(one) in merged.missing:
                assert one.source == answers[one.id].source
    assert all(note and "\n" not in note and len(note) < 300 for note in merged.notes)


@settings(max_examples=50)
@given(st.permutations(range(10)), st.sets(st.integers(0, 9), max_size=4))
def test_moved_and_missing_cells_are_repaired_and_each_is_noted(
    order: list[int], lost: set[int]
) -> None:
    submitted = answered()
    submitted.cells = [submitted.cells[n] for n in order if n not in lost]
    merged = merged_with(submitted)
    expected = full(answered())
    for index in lost & {2, 6, 8}:
        expected[index] = release().cells[index].source
    assert sources(merged.notebook) == expected
    assert merged.missing == {grade_id_of(release().cells[n]) for n in lost & {2, 6, 8}}
    named = [n for n in order if n not in (0, 5, 9)]
    missing = [note for note in merged.notes if "is not in the submission" in note]
    moved = [note for note in merged.notes if "stands elsewhere" in note]
    assert len(missing) == len(lost & set(named))
    left = [n for n in named if n not in lost]
    assert len(moved) == (left != sorted(left))


@settings(max_examples=40)
@given(st.lists(st.tuples(st.integers(0, 10), st.text(min_size=1, max_size=9)), max_size=6))
def test_answers_are_intact_whatever_own_cells_stand_between(
    added: list[tuple[int, str]],
) -> None:
    submitted = answered()
    for index, text in added:
        submitted.cells.insert(index, new_code_cell(f"own{text!r}"))
    merged = merged_with(submitted)
    rest = [text for n, text in enumerate(sources(merged.notebook)) if n not in merged.own]
    assert rest == full(answered())
    own = [merged.notebook.cells[n].source for n in sorted(merged.own)]
    assert sorted(own) == sorted(f"own{text!r}" for _, text in added)


@st.composite
def any_cell(draw: st.DrawFn) -> Any:
    """A cell of the release's or of the student's, with any text and any marks."""
    make = st.sampled_from([new_code_cell, new_markdown_cell, new_raw_cell])
    one = copy.deepcopy(draw(st.sampled_from(answered().cells) | make.map(lambda new: new("own"))))
    if draw(st.booleans()):
        one.source = draw(st.text(max_size=20))
    if draw(st.booleans()):
        one.metadata["nbgrader"] = draw(MARKS | JUNK)
    if draw(st.booleans()):
        one.metadata["tags"] = draw(st.lists(st.sampled_from(["explore", "x"]), unique=True))
    return one


@settings(max_examples=50)
@given(st.lists(any_cell(), max_size=14))
def test_own_cells_have_no_text_and_no_tag_that_the_student_did_not_write(
    written: list[Any],
) -> None:
    submitted = answered()
    submitted.cells = written
    merged = merged_with(submitted)
    theirs = {one.source.replace("\r\n", "\n").replace("\r", "\n") for one in written}
    tags = {tag for one in written for tag in one.metadata.get("tags", ())}
    own = [merged.notebook.cells[n] for n in merged.own]
    assert {one.source for one in own} <= theirs
    released = {one.id for one in blueprint().notebook.cells}  # unlocked ones, edited
    added = [one for one in own if one.id not in released]
    assert {tag for one in added for tag in one.metadata.get("tags", ())} <= tags & {"explore"}
