"""The product of a release, looked at whatever made it: nothing hidden is in it, nothing unknown."""

import base64
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import nbformat
import pytest
from nbformat.v4 import new_output
from test_broken_notebooks import (
    ADD,
    EXPLORE,
    HALF,
    HEADING,
    LINE,
    ODD,
    SECOND,
    SECRET,
    SMALL,
    SUMS,
    TEST,
    WRITTEN,
    adds,
    change,
    swap,
)
from throwaway_course import make_full_course

from autograder.assignment.course import Course
from autograder.assignment.errors import UserError
from autograder.authoring.findings import read_source
from autograder.authoring.marks import mark_in
from autograder.authoring.preprocessors import CELL_METADATA, NOTEBOOK_METADATA
from autograder.authoring.product import Secrets, faults
from autograder.authoring.release import generate, release

PICTURE = base64.b64encode(bytes(range(256))).decode()


@pytest.fixture
def course(tmp_path: Path) -> Course:
    return make_full_course(tmp_path / "a course")


def found(course: Course, spoil: Callable[[Any], None]) -> list[str]:
    """What the look at the product finds where the release itself went wrong."""
    source = read_source(course.solutions / SUMS)
    made = generate(course, ["01_sums"])
    notebook = nbformat.reads(made[SUMS].decode(), as_version=4)
    spoil(notebook)
    spoiled = {**made, SUMS: json.dumps(notebook).encode()}
    return [str(one) for one in faults(spoiled, {"01_sums": source}, Secrets.of([source]))]


POINT = '''class Point:
    """A point."""

    def __init__(self, x):
        self._x = x

    @property
    def x(self):
        """The place."""
        ### BEGIN SOLUTION
        scaled = self._x * 1.0
        return scaled
        ### END SOLUTION

    @x.setter
    def x(self, value):
        GIVEN'''
SOLVED = "### BEGIN SOLUTION\n        self._x = value\n        ### END SOLUTION"


@pytest.mark.parametrize("setter", ["self._x = value", SOLVED])
def test_getter_and_setter_of_one_name_are_told_apart(course: Course, setter: str) -> None:
    def put(notebook: Any) -> None:
        notebook.cells[HALF].source = POINT.replace("GIVEN", setter)
        notebook.cells[HALF].metadata.nbgrader.grade_id = "Point"
        notebook.cells[ODD].source = 'assert Point(2).x == 2.0, "Point: x is 2.0"'
        notebook.cells[ODD].metadata.nbgrader.grade_id = "Point-odd"

    change(course, put)
    (course.root / "tests" / "misconceptions" / "01_sums" / "half.py").unlink()
    assert found(course, lambda notebook: None) == []
    stub = '\n        raise NotImplementedError("exercise Point")'
    text = "\n        return 1"
    spoiled = found(
        course,
        lambda notebook: notebook.cells[HALF].update(
            source=notebook.cells[HALF].source.replace(stub, text, 1)
        ),
    )
    assert "the released `Point.x` does not end with its stub" in spoiled[0]


def outputs(notebook: Any) -> None:
    notebook.cells[EXPLORE].outputs = [new_output("stream", name="stdout", text="7\n")]


def attached(notebook: Any) -> None:
    notebook.cells[WRITTEN]["attachments"] = {"a.png": {"image/png": PICTURE}}


def test_product_of_a_good_release_has_no_fault(course: Course) -> None:
    assert found(course, lambda notebook: None) == []


@pytest.mark.parametrize(
    ("spoil", "sentence"),
    [
        (
            swap(ADD, '    raise NotImplementedError("exercise add")', "    return a + b"),
            "cell [2] (add): the released `add` does not end with its stub, "
            "`raise NotImplementedError`",
        ),
        (
            adds(ADD, "\n    print("),
            "cell [2] (add): the released stub is not Python (line 4)",
        ),
        (
            adds(SECRET, "\nassert add"),
            "cell [5] (add-secret): a hidden check is released as more than its comment, "
            "`# hidden check: negative numbers`",
        ),
        (outputs, "cell [6]: is released with an output"),
        (
            attached,
            "the text below [8] (reflection): is released with an attachment that its text does "
            "not show",
        ),
        (adds(SECOND, "\n### END SOLUTION"), "holds `END SOLUTION`"),
        (lambda notebook: notebook.cells.pop(), "has 12 cells, its source 13"),
        (
            adds(SECRET, f"\n{TEST}"),
            f"cell [5] (add-secret): is released with `{TEST}`, which only add-secret hides",
        ),
        (
            adds(ADD, f"\n    {LINE}"),
            f"cell [2] (add): is released with `{LINE}`, which only add hides",
        ),
        (
            lambda notebook: notebook.metadata.update(kernelspec={"name": f"p {LINE}"}),
            f"the notebook: its metadata holds `{LINE}`, a line of the solution of add; take it out",
        ),
    ],
)
def test_fault_of_the_product_is_told(
    course: Course, spoil: Callable[[Any], None], sentence: str
) -> None:
    assert f"course/{SUMS}: {sentence}" in found(course, spoil)


def test_files_beside_the_notebook_are_looked_at(course: Course) -> None:
    source = read_source(course.solutions / SUMS)
    made = {"01_sums/a.txt": f"a\r\n  {LINE}\r\n".encode(), "01_sums/b.bin": TEST.encode("utf-16")}
    told = list(faults(made, {"01_sums": source}, Secrets.of([source])))
    assert [one.place for one in told] == [
        "course/01_sums/a.txt",
        "course/01_sums/b.bin",
    ]


def released(course: Course) -> Any:
    release(course)
    return nbformat.read(course.release / SUMS, as_version=4)


def test_pasted_model_answer_is_not_released(course: Course) -> None:
    def paste(notebook: Any) -> None:
        swap(WRITTEN, "That sums are", "![](attachment:my%20answer.png)\nThat sums are")(notebook)
        notebook.cells[WRITTEN]["attachments"] = {"my answer.png": {"image/png": PICTURE}}

    change(course, paste)
    assert "attachments" not in released(course).cells[WRITTEN]
    assert PICTURE not in (course.release / SUMS).read_text()


def test_attachment_that_the_text_shows_is_released(course: Course) -> None:
    def paste(notebook: Any) -> None:
        adds(HEADING, "\n\n![a plot](attachment:a%20plot.png)")(notebook)
        notebook.cells[HEADING]["attachments"] = {
            name: {"image/png": PICTURE} for name in ("a plot.png", "old.png")
        }

    change(course, paste)
    assert released(course).cells[HEADING]["attachments"] == {"a plot.png": {"image/png": PICTURE}}


def test_metadata_that_nobody_knows_are_not_released(course: Course) -> None:
    def note(notebook: Any) -> None:
        notebook.metadata.update(widgets={"state": {"a": "printed"}}, authors=[{"name": "me"}])
        notebook.metadata.kernelspec["argv"] = ["secret"]
        cell = notebook.cells[SMALL]
        cell.metadata.update(vscode={"id": "a"}, tags=["in-place"], editable=True)
        cell.metadata["jupyter"] = {"source_hidden": True, "notes": "a"}
        cell.metadata.nbgrader["notes"] = "a"

    change(course, note)
    notebook = released(course)
    assert set(notebook.metadata) == {"kernelspec"}
    assert set(notebook.metadata.kernelspec) == {"display_name", "language", "name"}
    kept = notebook.cells[SMALL].metadata
    assert kept["tags"] == ["in-place"]
    assert kept["jupyter"] == {"source_hidden": True}
    assert "notes" not in kept.nbgrader
    assert kept.nbgrader.points == 2
    for cell in notebook.cells:
        assert set(cell.metadata) <= set(CELL_METADATA)
    assert set(notebook.metadata) <= set(NOTEBOOK_METADATA)


def test_entries_that_are_not_in_the_format_are_not_released(course: Course) -> None:
    def note(notebook: Any) -> None:
        notebook.cells[ADD].update(old=["a draft"])
        notebook.update(backup={"a": "draft"})

    change(course, note)
    assert "draft" in (course.solutions / SUMS).read_text()
    release(course)
    assert "draft" not in (course.release / SUMS).read_text()


def test_hint_and_everyday_line_are_allowed(course: Course) -> None:
    """A text may give away less than half of a solution; code may share a line with it."""

    def longer(notebook: Any) -> None:
        swap(ADD, LINE, f"first_number = a\n    {LINE}\n    second_number = b")(notebook)
        more = "first_number = a\n    a_half_of_it = a / 2\n    assert a_half_of_it < a\n    "
        swap(HALF, "return a / 2", f"{more}return a / 2")(notebook)
        adds(SECOND, f"\n\nHint: `{LINE}`")(notebook)
        swap(SMALL, "should be 5", "should be 5 — first_number = a")(notebook)

    change(course, longer)
    known = course.root / "tests" / "misconceptions" / "01_sums" / "half.py"
    known.unlink()
    release(course)
    assert LINE in (course.release / SUMS).read_text()


def test_short_lines_imports_and_rules_are_nobodys(course: Course) -> None:
    def share(notebook: Any) -> None:
        test = f"import functools\n# {'-' * 30}\nassert add(0, 0) == 0, 'add: not 0'\nx = 2"
        swap(SECRET, TEST, test)(notebook)
        adds(SMALL, f"\nimport functools\n# {'-' * 30}\nx = 2")(notebook)

    change(course, share)
    release(course)


def test_words_of_a_message_are_nobodys(course: Course) -> None:
    """A line that is a short string alone stands in the messages of several checks."""

    def share(notebook: Any) -> None:
        swap(SECRET, TEST, f'assert add(0, 0) == 0, (\n    "add: of course "\n)\n{TEST}')(notebook)
        swap(SMALL, "add: 2 + 3", "add: of course 2 + 3")(notebook)

    change(course, share)
    release(course)


def test_line_that_is_code_everywhere_may_be_a_comment(course: Course) -> None:
    def share(notebook: Any) -> None:
        swap(ADD, LINE, f"print('adding', a, b)\n    {LINE}\n    print('added')")(notebook)
        adds(EXPLORE, "  # print('adding', a, b)")(notebook)

    change(course, share)
    with pytest.raises(UserError, match="a line of the solution of add"):
        release(course)
    change(course, adds(1, "\na, b = 1, 2\nprint('adding', a, b)"))
    release(course)


@pytest.mark.parametrize(
    ("line", "mark"),
    [
        ("### BEGIN SOLUTION", "### BEGIN SOLUTION"),
        ("#BEGIN SOLUTION", "### BEGIN SOLUTION"),
        ("    # begin solution:", "### BEGIN SOLUTION"),
        ("### BEGIN_SOLUTION", "### BEGIN SOLUTION"),
        ("### BEGINN SOLUTION", "### BEGIN SOLUTION"),
        ("### START SOLUTION", "### BEGIN SOLUTION"),
        ("### END SOLUTIONS", "### END SOLUTION"),
        ("### BEGIN HIDDEN TEST", "### BEGIN HIDDEN TESTS"),
        ("### BEGIN HIDEN TESTS", "### BEGIN HIDDEN TESTS"),
        ("# End hidden check", "### END HIDDEN TESTS"),
        ("<!-- END MARK SCHEME -->", "### END MARK SCHEME"),
        ("### END MARKING SCHEME", "### END MARK SCHEME"),
        ("a line with END SOLUTION in it", "### END SOLUTION"),
        ("the end of the solution", ""),
        ("begin with a solution of your own", ""),
        ("# hidden check: ends", ""),
        ("### Solution", ""),
        ("end = solution", ""),
        ("start_answer", ""),
        ("", ""),
    ],
)
def test_mark_is_known_however_it_is_spelt(line: str, mark: str) -> None:
    assert mark_in(line) == mark
