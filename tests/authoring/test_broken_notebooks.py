"""Broken notebooks, each rule once: one sentence, exit code 1, and nothing is written to course/."""

import base64
import gzip
import json
import os
import shutil
import tarfile
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_markdown_cell, new_output, new_raw_cell
from test_release import files
from throwaway_course import make_full_course

from autograder.__main__ import main
from autograder.assignment.course import Course
from autograder.assignment.errors import UserError
from autograder.authoring.release import _CollectedLog, release

SUMS = "01_sums/sums.ipynb"
TITLE, SETUP, HEADING, ADD, SMALL, PARTIAL, SECRET, EXPLORE, SECOND, HALF, ODD, LAST, WRITTEN = (
    range(13)
)
"""Where the cells stand in `01_sums` of the throwaway course."""
LINE = "the_reference_total = a + b"
"""A line of the solution of `add`."""
TEST = 'assert add(-1, -2) == -3, "add: the_secret_check"'
"""The hidden test."""
Break = Callable[[Any], None]


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Course:
    """A course that was released once."""
    course = make_full_course(tmp_path_factory.mktemp("whole") / "a course")
    release(course)
    return course


@pytest.fixture
def course(whole: Course, tmp_path: Path) -> Course:
    return Course(Path(shutil.copytree(whole.root, tmp_path / "a course")))


def refused(course: Course, *chapters: str) -> str:
    """What the release says, without the course's path; and it writes nothing."""
    before = files(course.root)
    with pytest.raises(UserError) as caught:
        release(course, chapters)
    assert caught.value.exit_code == 1
    assert files(course.root) == before
    assert "\n" not in str(caught.value)
    return str(caught.value).replace(f"{course.root}/", "")


def change(course: Course, edit: Break, name: str = SUMS) -> None:
    notebook = nbformat.read(course.solutions / name, as_version=4)
    edit(notebook)
    nbformat.write(notebook, course.solutions / name)


def source(index: int, text: str) -> Break:
    def edit(notebook: Any) -> None:
        notebook.cells[index].source = text

    return edit


def swap(index: int, old: str, new: str) -> Break:
    def edit(notebook: Any) -> None:
        assert notebook.cells[index].source.count(old) == 1
        notebook.cells[index].source = notebook.cells[index].source.replace(old, new)

    return edit


def adds(index: int, text: str) -> Break:
    """At the end of a cell."""

    def edit(notebook: Any) -> None:
        notebook.cells[index].source += text

    return edit


def both(*edits: Break) -> Break:
    def edit(notebook: Any) -> None:
        for each in edits:
            each(notebook)

    return edit


def marked(index: int, **values: Any) -> Break:
    return lambda notebook: notebook.cells[index].metadata.nbgrader.update(values)


def tagged(index: int, tag: str) -> Break:
    return lambda notebook: notebook.cells[index].metadata.update(tags=[tag])


def inserted(index: int, cell: Any) -> Break:
    return lambda notebook: notebook.cells.insert(index, cell)


MARKS: dict[str, tuple[Break, str]] = {
    "begin_with_a_no_break_space": (
        swap(ADD, "### BEGIN SOLUTION", "###\u00a0BEGIN SOLUTION"),
        "cell [2] (add): line 3 has `###\u00a0BEGIN SOLUTION` with a no-break space; the mark is "
        "spelt `### BEGIN SOLUTION`",
    ),
    "begin_in_other_case": (
        swap(ADD, "### BEGIN SOLUTION", "### Begin Solution"),
        "cell [2] (add): line 3 has `### Begin Solution`; the mark is spelt `### BEGIN SOLUTION`",
    ),
    "begin_with_two_hashes": (
        swap(ADD, "### BEGIN", "## BEGIN"),
        "cell [2] (add): line 3 has `## BEGIN SOLUTION`; the mark is spelt `### BEGIN SOLUTION`",
    ),
    "end_misspelt": (
        swap(ADD, "### END SOLUTION", "### END SOLUTON"),
        "cell [2] (add): line 6 has `### END SOLUTON`; the mark is spelt `### END SOLUTION`",
    ),
    "end_with_more": (
        swap(ADD, "### END SOLUTION", "### END SOLUTION of add"),
        "cell [2] (add): line 6 has `### END SOLUTION of add`; the mark is spelt `### END SOLUTION`",
    ),
    "hidden_test_misspelt": (
        swap(SECRET, "### BEGIN HIDDEN TESTS", "### BEGIN HIDDEN TEST"),
        "cell [5] (add-secret): line 2 has `### BEGIN HIDDEN TEST`; the mark is spelt "
        "`### BEGIN HIDDEN TESTS`",
    ),
    "nested": (
        swap(ADD, LINE, f"{LINE}\n    ### BEGIN SOLUTION"),
        "cell [2] (add): line 5 has `### BEGIN SOLUTION` again before `### END SOLUTION`; "
        "regions are not nested",
    ),
    "swapped": (
        both(
            swap(ADD, "### BEGIN SOLUTION", "### STOP"),
            swap(ADD, "### END SOLUTION", "### BEGIN SOLUTION"),
            swap(ADD, "### STOP", "### END SOLUTION"),
        ),
        "cell [2] (add): line 3 has `### END SOLUTION` without `### BEGIN SOLUTION` above it",
    ),
    "without_end": (
        swap(ADD, "### END SOLUTION", "# done"),
        "cell [2] (add): line 3 has `### BEGIN SOLUTION` without `### END SOLUTION` below it",
    ),
    "in_a_docstring": (
        swap(
            ADD, '"""Add two numbers."""', '"""Add two numbers.\n\n    ### BEGIN SOLUTION\n    """'
        ),
        "cell [2] (add): line 4 has `### BEGIN SOLUTION` in a string; a mark is a comment line of "
        "its own",
    ),
    "in_a_line_of_the_solution": (
        swap(ADD, LINE, f'{LINE}  # not the "END SOLUTION"'),
        f'cell [2] (add): line 4 has `{LINE}  # not the "END SOLUTION"`; a mark is a comment line '
        "of its own, `### END SOLUTION`",
    ),
    "in_a_text": (
        adds(SECOND, f"\n\n### BEGIN SOLUTION\n{LINE}\n### END SOLUTION"),
        "the text below [6] (“Exercise 2 · Halving”): line 5 has `### BEGIN SOLUTION`; that mark "
        "belongs in an answer, nowhere else",
    ),
    "in_a_check": (
        adds(SMALL, "\n### BEGIN SOLUTION\n### END SOLUTION"),
        "cell [3] (add-small): line 5 has `### BEGIN SOLUTION`; that mark belongs in an answer, "
        "nowhere else",
    ),
    "of_tests_in_an_answer": (
        swap(ADD, LINE, f"### BEGIN HIDDEN TESTS\n    {LINE}"),
        "cell [2] (add): line 4 has `### BEGIN HIDDEN TESTS`; that mark belongs in a hidden check, "
        "nowhere else",
    ),
    "of_a_scheme": (
        adds(LAST, "\n\n### BEGIN MARK SCHEME"),
        "the text below [8] (“Reflection”): line 5 has `### BEGIN MARK SCHEME`; that mark belongs "
        "in a task graded by hand, nowhere else",
    ),
    "indented_otherwise": (
        swap(ADD, "    ### BEGIN SOLUTION", "### BEGIN SOLUTION"),
        "cell [2] (add): line 3 indents `### BEGIN SOLUTION` by 0 and the solution by 4; the stub "
        "takes the mark's place, so they must agree",
    ),
    "missing": (
        both(swap(ADD, "    ### BEGIN SOLUTION\n", ""), swap(ADD, "\n    ### END SOLUTION", "")),
        "cell [2] (add): an answer needs ### BEGIN SOLUTION … ### END SOLUTION around its solution",
    ),
}
SHAPES: dict[str, tuple[Break, str]] = {
    "solution_above": (
        both(
            swap(ADD, f"    {LINE}\n", ""),
            swap(ADD, "    ### BEGIN", f"    {LINE}\n    ### BEGIN"),
        ),
        "cell [2] (add): line 3 stands above ### BEGIN SOLUTION and would be released; move it "
        "between the marks, or into a setup cell",
    ),
    "solution_above_as_a_comment": (
        swap(ADD, "    ### BEGIN", "    # add them up\n    ### BEGIN"),
        "cell [2] (add): line 3 stands above ### BEGIN SOLUTION and would be released; move it "
        "between the marks, or into a setup cell",
    ),
    "code_below": (
        adds(ADD, "\n    print(the_reference_total)"),
        "cell [2] (add): line 7 stands below ### END SOLUTION; a function ends with its solution",
    ),
    "comment_below": (
        adds(ADD, "\n# it could be sum((a, b)), too"),
        "cell [2] (add): line 7 stands below ### END SOLUTION; a function ends with its solution",
    ),
    "within_brackets": (
        source(
            ADD,
            'def add(a, b):\n    """Add two numbers."""\n    return sum((\n'
            "        ### BEGIN SOLUTION\n        a, b\n        ### END SOLUTION\n    ))",
        ),
        "cell [2] (add): lines 4 to 6 do not hold whole statements of a function's body; put the "
        "marks around all that the student writes",
    ),
    "within_a_loop": (
        source(
            ADD,
            'def add(a, b):\n    """Add two numbers."""\n    for n in range(b):\n'
            "        ### BEGIN SOLUTION\n        a += 1\n        ### END SOLUTION",
        ),
        "cell [2] (add): lines 4 to 6 do not hold whole statements of a function's body; put the "
        "marks around all that the student writes",
    ),
    "around_the_function": (
        source(
            ADD,
            '### BEGIN SOLUTION\ndef add(a, b):\n    """Add."""\n    return a + b\n### END SOLUTION',
        ),
        "cell [2] (add): lines 1 to 5 do not hold whole statements of a function's body; put the "
        "marks around all that the student writes",
    ),
    "a_second_function": (
        adds(ADD, '\n\n\ndef helper():\n    """Help."""'),
        "cell [2] (add): line 9 stands beside the answer; its cell defines one function or class, "
        "no more",
    ),
    "text_below_a_written_answer": (
        adds(WRITTEN, "\n\nAnd that they add up."),
        "the text below [8] (reflection): line 7 stands below ### END SOLUTION and would be "
        "released; remove it",
    ),
    "two_written_answers": (
        adds(WRITTEN, "\n### BEGIN SOLUTION\nMore.\n### END SOLUTION"),
        "the text below [8] (reflection): line 6 begins a second region; a written answer has one",
    ),
    "hidden_check_without_marks": (
        source(SECRET, f"# hidden check: negative numbers\n{TEST}"),
        "cell [5] (add-secret): a hidden check needs ### BEGIN HIDDEN TESTS … ### END HIDDEN TESTS "
        "below its comment",
    ),
    "assert_below_the_hidden_tests": (
        adds(SECRET, '\nassert add(0, 0) == 0, "add: zeros"'),
        "cell [5] (add-secret): line 5 stands outside the hidden region and would be released; a "
        "hidden check is its comment and one region",
    ),
    "code_above_the_hidden_tests": (
        swap(SECRET, "### BEGIN", "import math\n### BEGIN"),
        "cell [5] (add-secret): line 2 stands outside the hidden region and would be released; a "
        "hidden check is its comment and one region",
    ),
    "hidden_tests_without_the_comment": (
        swap(SECRET, "# hidden check: negative numbers", "# negative numbers"),
        "cell [5] (add-secret): line 1 must be `# hidden check`, or "
        "`# hidden check: what it looks at`",
    ),
    "comment_in_other_case": (
        swap(SECRET, "# hidden check", "# Hidden check"),
        "cell [5] (add-secret): line 1 must be `# hidden check`, or "
        "`# hidden check: what it looks at`",
    ),
    "comment_a_second_time": (
        swap(SECRET, TEST, f"# hidden check: more\n{TEST}"),
        "cell [5] (add-secret): line 3 says `# hidden check` again; only a check's first line does",
    ),
    "comment_in_a_setup_cell": (
        adds(SETUP, "\n# hidden check: limits"),
        "cell [1] (setup): line 4 says `# hidden check`, but the cell is not a check with points",
    ),
}
RULES: dict[str, tuple[Break, str]] = {
    "check_without_an_assert": (
        source(SMALL, "add(2, 3) == 5"),
        "cell [3] (add-small): has neither an assert nor, as its last line, an expression that is "
        "a score",
    ),
    "assert_without_a_message": (
        adds(SMALL, "\nassert add(1, 1) == 2"),
        "cell [3] (add-small): the assert in line 5 has no message; say what was expected, what "
        "came and why",
    ),
    "check_that_is_not_locked": (
        marked(SMALL, locked=False),
        "cell [3] (add-small): is a check that is not locked; lock it (read-only)",
    ),
    "points_that_the_text_does_not_state": (
        swap(HEADING, "5 points", "6 points"),
        "the text below [1] (“Exercise 1 · Adding”): must state its points (5)",
    ),
    "heading_without_a_title": (
        swap(SECOND, "Exercise 2 · Halving", "Exercise 2"),
        "the text below [6] (“Exercise 2”): its heading is `## Exercise 2`; write "
        "`## Exercise N · Title`",
    ),
    "number_that_skips": (
        swap(SECOND, "Exercise 2", "Exercise 3"),
        "the text below [6] (“Exercise 3 · Halving”): is exercise 3, where exercise 2 is due",
    ),
    "number_that_repeats": (
        swap(SECOND, "Exercise 2", "Exercise 1"),
        "the text below [6] (“Exercise 1 · Halving”): is exercise 1, where exercise 2 is due",
    ),
    "exercise_without_points": (
        adds(LAST, "\n\n## Reflection · More"),
        "the text below [8] (“Reflection”): has two headings of exercises; give each its own text "
        "cell",
    ),
    "heading_with_nothing_to_do": (
        inserted(LAST, new_markdown_cell("## Exercise 3 · Nothing", id="new")),
        "the text below [8] (“Exercise 3 · Nothing”): `## Exercise 3 · Nothing` has no cell with "
        "points below it",
    ),
}  # fmt: skip
LEAKS: dict[str, tuple[Break, str]] = {
    "in_an_output": (
        lambda notebook: notebook.cells[EXPLORE].outputs.append(
            new_output("stream", name="stdout", text=f"def add(a, b):\n    {LINE}\n")
        ),
        f"cell [6]: its stored output holds `{LINE}`, a line of the solution of add; take it out",
    ),
    "in_a_colored_output": (
        lambda notebook: notebook.cells[EXPLORE].outputs.append(
            new_output(
                "display_data",
                {
                    "text/html": f"<b>{TEST.replace('add', '<i>add</i>').replace('==', '&#61;=')}</b>"
                },
            )
        ),
        f"cell [6]: its stored output holds `{TEST}`, a line of the hidden test of add-secret; "
        "take it out",
    ),
    "in_a_cells_metadata": (
        lambda notebook: notebook.cells[ADD].metadata.update(notes={"old": [f"x\n{LINE}"]}),
        f"cell [2] (add): its metadata holds `{LINE}`, a line of the solution of add; take it out",
    ),
    "in_a_tag": (
        tagged(ADD, LINE),
        f"cell [2] (add): its metadata holds `{LINE}`, a line of the solution of add; take it out",
    ),
    "in_the_notebooks_metadata": (
        lambda notebook: notebook.metadata.update(widgets={"state": {"w": {"text": TEST}}}),
        f"the notebook: its metadata holds `{TEST}`, a line of the hidden test of add-secret; "
        "take it out",
    ),
    "in_an_attachment": (
        lambda notebook: notebook.cells[HEADING].update(
            source=f"{notebook.cells[HEADING].source}\n\n![](attachment:plot.svg)",
            attachments={
                "plot.svg": {"image/svg+xml": base64.b64encode(f"<svg>{LINE}".encode()).decode()}
            },
        ),
        "the text below [1] (“Exercise 1 · Adding”): its attachment holds "
        f"`{LINE}`, a line of the solution of add; take it out",
    ),
    "hidden_text_in_a_docstring": (
        swap(ADD, '"""Add two numbers."""', f"'''Add two numbers.\n\n    {TEST}\n    '''"),
        f"cell [2] (add): a string or comment in it holds `{TEST}`, a line of the hidden test of "
        "add-secret; take it out",
    ),
    "solution_in_a_comment": (
        adds(EXPLORE, f"  # {LINE}"),
        f"cell [6]: a string or comment in it holds `{LINE}`, a line of the solution of add; take "
        "it out",
    ),
    **{
        f"solution_in_a_{name}": (
            edit,
            f"{where}: a string or comment in it holds `{line}`, a "
            "line of the solution of add; take it out",
        )
        for name, edit, where, line in (
            (
                "docstring_alone",
                swap(ADD, "Add two numbers.", "return the_reference_total"),
                "cell [2] (add)",
                "return the_reference_total",
            ),
            (
                "docstring_to_its_last_letter",
                swap(ADD, "Add two numbers.", f"Add: {LINE}"),
                "cell [2] (add)",
                LINE,
            ),
            (
                "string_that_is_assigned",
                adds(SETUP, f"\nHINT = '{LINE}'"),
                "cell [1] (setup)",
                LINE,
            ),
            ("string_that_is_printed", source(EXPLORE, f'print("{LINE}")'), "cell [6]", LINE),
            (
                "string_in_parts",
                source(EXPLORE, "print('the_reference_' 'total = a + b')"),
                "cell [6]",
                LINE,
            ),
            (
                "string_with_escapes",
                source(EXPLORE, f"print('add:\\n{LINE}\\n')"),
                "cell [6]",
                LINE,
            ),
            (
                "long_f_string",
                source(EXPLORE, f'x = 1\nprint(f"""so {{x}}:\n{LINE}\n""")'),
                "cell [6]",
                LINE,
            ),
            (
                "string_below_a_magic",
                source(EXPLORE, f"x = 1\n%timeit x\nprint('{LINE}')"),
                "cell [6]",
                LINE,
            ),
        )
    },
    "in_an_entry_of_a_cell": (
        lambda notebook: notebook.cells[ADD].update(old=LINE),
        f"cell [2] (add): its entry `old` holds `{LINE}`, a line of the solution of add; take it "
        "out",
    ),
    "in_an_entry_of_the_notebook": (
        lambda notebook: notebook.update(backup=[TEST]),
        f"the notebook: its entry `backup` holds `{TEST}`, a line of the hidden test of "
        "add-secret; take it out",
    ),
    **{
        f"hidden_text_in_a_text_{name}": (
            adds(SECOND, f"\n\nNot {text}."),
            "the text below [6] (“Exercise 2 · Halving”): holds "
            f"`{TEST}`, a line of the hidden test of add-secret; take it out",
        )
        for name, text in (
            ("with_entities", TEST.replace('"', "&quot;")),
            ("with_tags", TEST.replace("assert", "<b>assert</b>")),
            ("in_bold", TEST.replace("assert", "**assert**")),
            ("with_escapes", TEST.replace("_", r"\_")),
            ("with_other_quotes", TEST.replace('"', "'")),
            ("spaced", TEST.replace(", ", ",").replace(" == ", "==").replace("add(", "add( ")),
            ("folded", TEST.replace(" == ", " ==\n")),
        )
    },
    "hidden_text_in_other_quotes_in_a_check": (
        adds(SMALL, "\n" + TEST.replace('"', "'").replace(", ", ",")),
        f"cell [3] (add-small): holds `{TEST}`, the only long line of the hidden test of "
        "add-secret, which students would get; change it",
    ),
    "hidden_text_in_a_text": (
        adds(SECOND, f"\n\nNot `{TEST}`."),
        f"the text below [6] (“Exercise 2 · Halving”): holds `{TEST}`, a line of the hidden test "
        "of add-secret; take it out",
    ),
    "hidden_text_in_a_check": (
        adds(SMALL, f"\n{TEST}"),
        f"cell [3] (add-small): holds `{TEST}`, the only long line of the hidden test of "
        "add-secret, which students would get; change it",
    ),
    "half_a_solution_in_a_text": (
        adds(SECOND, f"\n\n```python\n{LINE}\n```"),
        "the text below [6] (“Exercise 2 · Halving”): holds 1 of the 2 long lines of the solution "
        "of add, which students would get; change it",
    ),
    "half_a_solution_in_code": (
        adds(SETUP, f"\na = b = 1\n{LINE}"),
        "cell [1] (setup): holds 1 of the 2 long lines of the solution of add, which students "
        "would get; change it",
    ),
    "written_answer_in_a_text": (
        adds(SECOND, "\n\nThat sums are everywhere."),
        "the text below [6] (“Exercise 2 · Halving”): holds `That sums are everywhere.`, the only "
        "long line of the solution of reflection, which students would get; change it",
    ),
    "in_a_raw_cell": (
        inserted(LAST, new_raw_cell(LINE, id="raw")),
        f"the raw text below [8] (“{LINE}”): holds `{LINE}`, a line of the solution of add; take "
        "it out",
    ),
}


@pytest.mark.parametrize(
    ("edit", "sentence"),
    [
        pytest.param(*case, id=f"{group}-{name}")
        for group, cases in (("mark", MARKS), ("shape", SHAPES), ("rule", RULES), ("leak", LEAKS))
        for name, case in cases.items()
    ],
)
def test_broken_notebook_is_refused_in_one_sentence(
    course: Course,
    edit: Break,
    sentence: str,
) -> None:
    change(course, edit)
    assert refused(course) == (f"solutions/{SUMS}: breaks the contract: {sentence}.")


def edit_json(course: Course, edit: Callable[[Any], None]) -> None:
    """Past nbformat, which mends what it reads."""
    path = course.solutions / SUMS
    data = json.loads(path.read_text())
    edit(data)
    path.write_text(json.dumps(data))


@pytest.mark.parametrize(
    ("edit", "sentence"),
    [
        (
            lambda data: data["cells"][EXPLORE].update(id="cell-3"),
            "cell [6]: has the cell id `cell-3` of cell [2] (add) too; save it in JupyterLab",
        ),
        (
            lambda data: data["cells"][ADD].pop("id"),
            "cell [2] (add): has no cell id, so each release would differ; save it in JupyterLab",
        ),
    ],
    ids=["doubled", "missing"],
)
@pytest.mark.filterwarnings("error")  # nbformat's, of the same, are not shown
def test_cell_ids_that_would_be_mended_each_time_are_refused(
    course: Course,
    edit: Callable[[Any], None],
    sentence: str,
) -> None:
    edit_json(course, edit)
    assert refused(course).endswith(f"breaks the contract: {sentence}.")


def test_notebook_of_an_old_format_is_refused(course: Course) -> None:
    path = course.solutions / SUMS
    nbformat.write(nbformat.convert(nbformat.read(path, as_version=4), 3), path, version=3)
    assert refused(course).endswith(
        "breaks the contract: the notebook: is in an old format; save it in JupyterLab."
    )


@pytest.mark.parametrize(
    ("index", "marks", "sentence"),
    [
        (ADD, {"task": True}, "cell [2] (add): is code and a task at once; choose its type again"),
        (
            SMALL,
            {"task": True},
            "cell [3] (add-small): is a check and a task at once; choose its type again",
        ),
        (
            SMALL,
            {"schema_version": 2},
            "cell [3] (add-small): has nbgrader metadata of version 2, not 3; run `nbgrader update` "
            "on the notebook",
        ),
        (
            SETUP,
            {"locked": None},
            "cell [1] (setup): has nbgrader metadata without a valid `locked`; choose its type again",
        ),
        (SETUP, {"grade_id": None}, "cell [1]: has no grade_id; give it one in Create Assignment"),
        (
            SECRET,
            {"grade_id": "add-small"},
            "cell [5] (add-small): has the grade_id `add-small` of cell [3] (add-small) too; rename "
            "one of them",
        ),
        (
            WRITTEN,
            {"solution": False},
            "the text below [8] (reflection): is a text that has points or a solution, not both; "
            "choose its type again",
        ),
        (SMALL, {"points": "2"}, "has points that are no number (`2`); give it some in Create"),
    ],
)
def test_metadata_that_nbgrader_would_refuse_are_told_by_cell(
    course: Course, index: int, marks: dict[str, Any], sentence: str
) -> None:
    edit_json(course, lambda data: data["cells"][index]["metadata"]["nbgrader"].update(marks))
    assert sentence in refused(course)


def test_nbgraders_own_reason_is_one_line(course: Course) -> None:
    change(course, lambda notebook: notebook.metadata.kernelspec.update(language="R"))
    assert refused(course) == (
        "solutions/01_sums: nbgrader refuses it: ValueError: language 'R' has not been specified in "
        "ClearSolutions.code_stub."
    )
    log = _CollectedLog()
    log.logger.error(
        "One notebook uses an old version \nof it. **Back up** it.\n\nnbgrader update .\n"
    )
    assert log.reason == "One notebook uses an old version of it. Back up it. nbgrader update"
    log.logger.error(
        'Traceback (most recent call last):\n  File "a"\nb.ValidationError: Tasks: def f():\n    x'
    )
    assert log.reason == "b.ValidationError: Tasks: def f(): x"


DAMAGED: dict[str, tuple[Callable[[bytes], bytes], str]] = {
    "mark": (lambda data: b"\xef\xbb\xbf" + data, "it begins with a byte-order mark"),
    "conflict": (
        lambda data: data.replace(b"{", b"{\n<<<<<<< HEAD\n", 1),
        "line 2 is the mark of a merge conflict",
    ),
    "tags": (
        lambda data: data.replace(b'"tags": [\n     "explore"\n    ]', b'"tags": null'),
        "cell 8 of the file, metadata.tags: None is not of type 'array'",
    ),
    "id": (
        lambda data: data.replace(b'"cell-3"', b'"' + b"a" * 80 + b'"'),
        f"cell 4 of the file, id: '{'a' * 80}' is too long",
    ),
    "empty": (lambda data: b"\n", "it is empty"),
    "cut": (lambda data: data[: data.index(b"cell_type")], "is not JSON"),
    "list": (lambda data: b"[]", "it has no cells of nbformat 4"),
}


@pytest.mark.parametrize(("damage", "why"), DAMAGED.values(), ids=DAMAGED)
def test_damaged_notebook_is_refused_with_the_reason(
    course: Course, damage: Callable[[bytes], bytes], why: str
) -> None:
    path = course.solutions / SUMS
    data = path.read_bytes()
    path.write_bytes(damage(data))
    assert path.read_bytes() != data
    assert f"{SUMS}: is not a Jupyter notebook (" in refused(course)
    assert f"{why}); open it in JupyterLab" in refused(course)


def test_check_tagged_explore_is_refused(course: Course) -> None:
    """Its points count no more, so that other rules break, too."""
    change(course, tagged(ODD, "explore"))
    said = refused(course)
    assert (
        "cell [8] (half-odd): is a check tagged `explore`, which grading does not run; remove the tag"
    ) in said


@pytest.mark.parametrize(
    ("cell", "sentence"),
    [
        (
            new_markdown_cell(f"Not this:\n\n    {TEST}", id="new"),
            f"the text above [1] (“Not this:”): holds `{TEST}`, a line of the hidden test of "
            "add-secret (01_sums); take it out",
        ),
        (
            new_code_cell(
                f"{LINE}\nfor a in range(3):\n    print(a)",
                id="new",
                metadata={"tags": ["explore"]},
                execution_count=3,
            ),
            "cell [3]: holds 1 of the 2 long lines of the solution of add (01_sums), which "
            "students would get; change it",
        ),
    ],
    ids=["text", "code"],
)
def test_other_chapters_solution_is_refused(
    course: Course,
    cell: Any,
    sentence: str,
) -> None:
    """Once it would be released: only then all chapters are compared."""
    name = "02_squares/squares.ipynb"
    first = cell.cell_type == "markdown"
    change(course, lambda n: n.cells.insert(1 if first else len(n.cells), cell), name)
    assert refused(course) == f"course/{name}: {sentence}."


def beside(name: str, text: str) -> Callable[[Path], None]:
    def write(folder: Path) -> None:
        (folder / name).parent.mkdir(exist_ok=True)
        (folder / name).write_text(text)

    return write


def copied(name: str) -> Callable[[Path], None]:
    return lambda folder: shutil.copy(folder / "sums.ipynb", folder / name)


def linked(name: str, target: str) -> Callable[[Path], None]:
    return lambda folder: (folder / name).symlink_to(folder / target)


def zipped(path: Path, folder: Path) -> None:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.write(folder / "sums.ipynb", "sums.ipynb")


def gzipped(path: Path, packs: Path) -> None:
    path.write_bytes(gzip.compress(packs.read_bytes()))


def tarred(path: Path, folder: Path) -> None:
    with tarfile.open(path, "w:xz") as archive:
        archive.add(folder / "sums.ipynb", "sums.ipynb")


def twice(path: Path, folder: Path) -> None:
    zipped(folder / "inner.zip", folder)
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.write(folder / "inner.zip", "inner.zip")
    (folder / "inner.zip").unlink()


def with_password(folder: Path) -> bytes:
    """A zip whose one entry is flagged as encrypted, in both of its headers."""
    zipped(folder / "a.zip", folder)
    data = bytearray((folder / "a.zip").read_bytes())
    for header, flags in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        data[data.index(header) + flags] |= 1
    return bytes(data)


OUT = "; move the file out of the chapter"
FILES: dict[str, tuple[Callable[[Path], Any], str]] = {
    "orig": (
        copied("sums.ipynb.orig"),
        "solutions/01_sums/sums.ipynb.orig: holds `BEGIN SOLUTION`" + OUT,
    ),
    "tilde": (copied("sums.ipynb~"), "solutions/01_sums/sums.ipynb~: holds `BEGIN SOLUTION`" + OUT),
    "hidden_copy": (
        copied(".~sums.ipynb"),
        "solutions/01_sums/.~sums.ipynb: holds `BEGIN SOLUTION`" + OUT,
    ),
    "jupytext": (
        beside("sums.py", f"# %%\ndef add(a, b):\n    {LINE}\n"),
        f"solutions/01_sums/sums.py: holds `{LINE}`, a line of the solution of add" + OUT,
    ),
    "hidden_file_in_a_folder": (
        beside("data/.notes", TEST),
        f"solutions/01_sums/data/.notes: holds `{TEST}`, a line of the hidden test of add-secret"
        + OUT,
    ),
    **{
        f"packed_{name}": (
            pack,
            f"solutions/01_sums/{name}: holds `BEGIN SOLUTION`" + OUT,
        )
        for name, pack in (
            ("old.zip", lambda folder: zipped(folder / "old.zip", folder)),
            ("old.gz", lambda folder: gzipped(folder / "old.gz", folder / "sums.ipynb")),
            ("old.tar.xz", lambda folder: tarred(folder / "old.tar.xz", folder)),
            ("data/twice.zip", lambda folder: twice(folder / "data" / "twice.zip", folder)),
        )
    },
    "packed_with_a_password": (
        lambda folder: (folder / "a.zip").write_bytes(with_password(folder)),
        "solutions/01_sums/a.zip: has `sums.ipynb` under a password, which nobody can look into"
        + OUT,
    ),
    "named_as_a_solution": (
        beside(f"data/{LINE}.txt", "1"),
        f"solutions/01_sums/data/{LINE}.txt: holds `{LINE}`, a line of the solution of add" + OUT,
    ),
    "duplicate": (
        copied("sums-Copy1.ipynb"),
        "solutions/01_sums has 2 notebooks, sums-Copy1.ipynb and sums.ipynb; a chapter has one",
    ),
    "notebook_below": (
        beside("data/more.ipynb", "{}"),
        "solutions/01_sums/data/more.ipynb is a second notebook; a chapter has one",
    ),
    "linked_folder": (
        linked("more", "data"),
        "solutions/01_sums/more is a link to no file; put what it links to in its place",
    ),
    "pipe": (
        lambda folder: os.mkfifo(folder / "more.csv"),
        "solutions/01_sums/more.csv is neither a file nor a folder; move it out of the chapter",
    ),
    "broken_link": (
        linked("more.csv", "nothing.csv"),
        "solutions/01_sums/more.csv is a link to no file; put what it links to in its place",
    ),
}


@pytest.mark.parametrize(("put", "sentence"), FILES.values(), ids=FILES)
def test_file_that_must_not_be_there_is_refused_by_name(
    course: Course,
    put: Callable[[Path], Any],
    sentence: str,
) -> None:
    put(course.solutions / "01_sums")
    assert refused(course) == f"{sentence}."


@pytest.mark.parametrize("name", ["mark-swapped", "leak-in_an_output"])
def test_the_command_says_it_and_exits_with_1(
    course: Course,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    name: str,
) -> None:
    group, _, case = name.partition("-")
    edit, sentence = {"mark": MARKS, "leak": LEAKS}[group][case]
    change(course, edit)
    before = files(course.release)
    monkeypatch.chdir(course.root)
    monkeypatch.setattr("sys.argv", ["autograder", "release", "01_sums"])
    with pytest.raises(SystemExit) as ended:
        main()
    assert ended.value.code == 1
    assert files(course.release) == before
    assert sentence in " ".join(capsys.readouterr().err.split())
