"""What one student shows, or makes of the result, stops nobody else and spoils no file."""

from pathlib import Path
from typing import Any

import nbformat
import pytest
from compact_course import ASSIGNMENT, NOTEBOOK, blueprint_of, submitted, write_course

from autograder.assignment.nbgrader_course import open_course
from autograder.assignment.outcome import Result
from autograder.classroom.grade_class import ClassResult, Options, grade_class
from autograder.gradebook.writer import GradebookWriter

pytestmark = [pytest.mark.slow, pytest.mark.sandbox]
CELLS = (("f", "def f():\n    return 1"), ("f-check", "assert f() == 1"))
SHOW = "from IPython.display import JSON, display\n"
SHOWN = {
    "a_plain": "1 + 1",
    "keys_of_two_types": SHOW + "display(JSON({1: 'one', 'two': 2}))",
    "key_none": SHOW + "display({'application/json': {None: 1}}, raw=True)",
    "bytes": SHOW + "display({'application/json': {b'a': b'c'}, 'image/png': b'x'}, raw=True)",
    "bytes_value": SHOW + "display({'application/json': [b'c']}, raw=True)",
    "not_a_number": SHOW + "display({'application/geo+json': float('nan')}, raw=True)",
    "half_a_character": SHOW
    + "display({'application/json': '\\ud800', 'text/html': '\\udcff'}, raw=True)",
    "no_json_type": SHOW + "display({'a.b/c+json': {'k': 1}, 'a_b/x+json': [1]}, raw=True)",
    "no_type": SHOW + "display({'x': 'y', 5: 'z', '': '', 'text/<b>': 1}, raw=True)",
    "no_json": SHOW
    + "display({'text/plain': 'in words', 'application/json': float('nan')}, raw=True)",
    "a_list": SHOW + "display({'text/plain': ['a', 1], 'text/html': {}}, raw=True)",
    "metadata": SHOW + "display({'text/plain': 'a'}, raw=True, metadata={'image/png': {b'x': 1}})",
    "large_chart": SHOW
    + "display({'text/html': 'a chart', 'application/vnd.plotly.v1+json': {'x': 100_001 * [0]}}, "
    "raw=True)",
    "many_charts": SHOW + "display({'application/json': 99 * [20_000 * [0]]}, raw=True)",
    "large_metadata": SHOW
    + "display({'text/plain': 'a'}, raw=True, metadata={'text/plain': 100_001 * [0]})",
    "many_forms": SHOW + "display({f'text/x{n}': '' for n in range(100_001)}, raw=True)",
    "key_tuple": SHOW + "display({'application/json': {(1, 2): 3}}, raw=True)",
    "circle": SHOW + "x = []\nx.append(x)\ndisplay({'application/json': x}, raw=True)",
    "deep": SHOW
    + "x = []\nfor _ in range(2000):\n    x = [x]\ndisplay({'application/json': x}, raw=True)",
    "numbers_of_a_library": SHOW + "import datetime, numpy as np\n"
    "display(JSON({'most': np.int64(2), np.int64(3): np.float32(0.5), 'all': np.arange(3), "
    "'kinds': {'a'}, 'day': datetime.date(2026, 1, 2), 'huge': 2**70, 'z': 1j}))",
    "cannot_be_told": SHOW + "class Odd:\n    def __str__(self):\n        raise OSError('no')\n"
    "display({'text/html': 'odd', 'application/json': [Odd()]}, raw=True)",
    "large_array": SHOW
    + "import numpy as np\ndisplay({'text/html': 'a chart', 'application/json': np.zeros(1 << 27)}, "
    "raw=True)",
    "many_nothings": SHOW
    + "import numpy as np\ndisplay({'application/json': np.empty((1 << 27, 0))}, raw=True)",
    "z_plain": "",
}


def hand_in(root: Path, student: str, shown: str) -> None:
    folder = root / "submitted" / student / ASSIGNMENT
    folder.mkdir(parents=True)
    answer = f"{CELLS[0][1]}\n{shown}"
    (folder / f"{NOTEBOOK}.ipynb").write_bytes(submitted(blueprint_of(root), {"f": answer}))


def grade_all(root: Path) -> ClassResult:
    return grade_class(open_course(root), ASSIGNMENT, Options(workers=1))


def test_whatever_is_shown_everybody_is_graded_and_every_notebook_is_valid(tmp_path: Path) -> None:
    root = write_course(tmp_path, CELLS)
    for student, shown in SHOWN.items():
        hand_in(root, student, shown)
    result = grade_all(root)
    assert {student: graded["score"] for student, graded in result.students.items()} == (
        dict.fromkeys(SHOWN, 1)
    )
    for student in SHOWN:
        path = root / "autograded" / student / ASSIGNMENT / f"{NOTEBOOK}.ipynb"
        notebook = nbformat.read(path, as_version=4)
        nbformat.validate(notebook)
        if student == "keys_of_two_types":  # as in a kernel
            (output,) = notebook.cells[0].outputs
            assert output.data["application/json"] == {"1": "one", "two": 2}
        if student == "no_json":  # what can be kept is kept
            (output,) = notebook.cells[0].outputs
            assert output.data == {"text/plain": "in words"}
        if student == "numbers_of_a_library":
            (output,) = notebook.cells[0].outputs
            assert output.data["application/json"] == {
                "most": 2, "3": 0.5, "all": [0, 1, 2], "kinds": ["a"], "day": "2026-01-02",
                "huge": str(2**70), "z": "1j",
            }  # fmt: skip
        if student == "key_tuple":
            (output,) = notebook.cells[0].outputs
            assert output.data["application/json"] == {"(1, 2)": 3}
        if student in ("large_chart", "large_array", "cannot_be_told"):
            (output,) = notebook.cells[0].outputs
            assert output.data["text/html"] == ("odd" if student == "cannot_be_told" else "a chart")
            assert output.data["text/plain"].startswith("[left out, too much or not to be told: ")


def test_a_result_that_cannot_be_recorded_is_left_to_the_instructor(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write = GradebookWriter.write
    failed: list[str] = []

    def fails_once(self: GradebookWriter, result: Result, *more: Any, **ways: Any) -> None:
        if result.student == "ben" and not failed:
            failed.append("ben")
            raise TypeError("keys must be str")
        write(self, result, *more, **ways)

    monkeypatch.setattr(GradebookWriter, "write", fails_once)
    root = write_course(tmp_path, CELLS)
    for student in ("ada", "ben", "cas"):
        hand_in(root, student, "")
    students = grade_all(root).students
    assert [students[name]["score"] for name in ("ada", "ben", "cas")] == [1, 0, 1]
    (check,) = students["ben"]["checks"].values()
    assert check["outcome"] == "disputed"
    assert "the result cannot be recorded: TypeError: keys must be str" in check["message"]
    assert failed
