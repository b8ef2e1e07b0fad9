"""Whose fault it was: the course's own cell, the check itself, or the answer; and who is told."""

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from compact_course import NOTEBOOK, Cells, blueprint_of, graded, submitted, write_course

from autograder.assignment.outcome import CheckResult, Outcome, Result
from autograder.engine.engine import Engine

pytestmark = [pytest.mark.slow, pytest.mark.sandbox]


@pytest.fixture(scope="module")
def engine() -> Iterator[Engine]:
    with Engine.start(("numpy",)) as engine:
        yield engine


def only(result: Result) -> CheckResult:
    (check,) = result.checks
    return check


SETUPS: dict[str, tuple[str, str, str, str]] = {
    "module": (
        "import math\nimport module_not_there\nimport numpy as np",
        "x = np.ones(3)",
        "assert np.allclose(x, 1)",
        "ModuleNotFoundError: No module named 'module_not_there'",
    ),
    "file": (
        "import numpy as np\ndata = open('numbers.csv').read()",
        "x = data.split()",
        "assert x == ['1', '2']",
        "FileNotFoundError: [Errno 2] No such file or directory: 'numbers.csv'",
    ),
    "star": (
        "from module_not_there import *",
        "x = mean([1, 2])",
        "assert x == 1.5",
        "ModuleNotFoundError: No module named 'module_not_there'",
    ),
    "syntax": ("limit = 3]", "x = limit", "assert x == 3", "SyntaxError: unmatched ']'"),
    "shown": (
        "get_ipython().run_cell('1 / 0')\n%run -i no_such_file.py",
        "x = 1",
        "assert x == helper",
        "Exception: File `'no_such_file.py'` not found.",
    ),
    "function": (
        "def load():\n    return limits['upper']\nlimit = load()",
        "x = 3",
        "assert x == limit",
        "NameError: name 'limits' is not defined",
    ),
    "rebound": (
        "x = undefined_here",
        "x = x + 1",
        "assert x == 2",
        "NameError: name 'undefined_here' is not defined",
    ),
}


@pytest.mark.parametrize("cell", ["setup", "free"])
@pytest.mark.parametrize("case", SETUPS)
def test_setup_that_fails_is_the_courses_fault(
    tmp_path: Path, engine: Engine, case: str, cell: str
) -> None:
    """The report setup_fails_silently, and more of the kind; locked cells and plain ones."""
    setup, answer, check, why = SETUPS[case]
    cells = [("text", "# p"), (cell, setup), ("x", answer), ("x-check", check)]
    blueprint = blueprint_of(write_course(tmp_path, cells))
    sentence = f"the course's own cell {'setup' if cell == 'setup' else '2'} fails here: {why}"
    result = graded(blueprint, engine, {"x": answer})
    assert (only(result).outcome, only(result).score) == (Outcome.ERROR, 0)
    assert only(result).message == sentence
    assert result.as_json()["notes"] == [sentence]


def test_what_does_not_hang_on_the_setup_is_judged_on_its_own(
    tmp_path: Path, engine: Engine
) -> None:
    cells: Cells = [
        ("setup", "import math\nlimit = 3\nimport module_not_there\nimport numpy as np"),
        ("x", "x = math.floor(2.5)"),
        ("x-good", "assert x == 2 and limit == 3"),
        ("x-bad", "assert x == 5, 'x is not 5'"),
        ("y", "y = np.ones(1)"),
        ("y-check", "assert y == 1"),
        ("setup2", "import numpy as np"),
        ("z", "z = np.ones(1)"),
        ("z-check", "assert np.allclose(z, 1)"),
    ]
    blueprint = blueprint_of(write_course(tmp_path, cells))
    answers = {"x": "x = math.floor(2.5)", "y": "y = np.ones(1)", "z": "z = np.ones(1)"}
    result = graded(blueprint, engine, answers)
    said = {check.grade_id: (check.score, check.message) for check in result.checks}
    fault = "the course's own cell setup fails here: ModuleNotFoundError: No module named 'module_not_there'"
    assert said == {
        "x-good": (1, ""), "x-bad": (0, "x is not 5"), "y-check": (0, fault), "z-check": (1, ""),
    }  # fmt: skip
    assert result.as_json()["notes"] == [fault]


ANSWERS = {
    "setup after a stub": ([("x", "x = 1"), ("setup2", "y = x + 1")], {}),
    "setup after a wrong answer": ([("x", "x = 1"), ("setup2", "y = x + 1")], {"x": "x = 'one'"}),
    "setup spoilt by the answer": (
        [("x", "x = 1"), ("setup2", "y = abs(-1)")],
        {"x": "import builtins\nbuiltins.abs = None\nx = 2"},
    ),
    "own module in its place": (
        [("free", "import math"), ("x", "x = 1")],
        {"x": "x = nothing_of_the_kind"},
    ),
}


@pytest.mark.parametrize("case", ANSWERS)
def test_what_the_answer_did_is_not_the_courses_fault(
    tmp_path: Path, engine: Engine, case: str
) -> None:
    cells, answers = ANSWERS[case]
    check = ("x-check", "assert x == 1, 'x is not 1'")
    blueprint = blueprint_of(write_course(tmp_path, [*cells, check]))
    result = graded(blueprint, engine, answers)
    assert "course" not in only(result).message
    assert only(result).score == 0
    assert result.as_json()["notes"] == []


CHECKS = {
    "name": ("assert compare(x, 1)", "NameError: name 'compare' is not defined"),
    "module": ("import module_not_there\nassert x", "ModuleNotFoundError: No module named 'module_not_there'"),
    "syntax": ("assert x == 1]", "SyntaxError: unmatched ']'"),
    "hidden": ("### BEGIN HIDDEN TESTS\nassert compare(x, 1)\n### END HIDDEN TESTS", "NameError"),
}  # fmt: skip


@pytest.mark.parametrize("case", CHECKS)
def test_check_that_fails_whatever_the_answer_is(tmp_path: Path, engine: Engine, case: str) -> None:
    check, why = CHECKS[case]
    blueprint = blueprint_of(write_course(tmp_path, [("x", "x = 1"), ("x-check", check)]))
    sentence = f"the course's own cell x-check fails here: {why}"
    result = graded(blueprint, engine, {"x": "x = 1"})
    assert (only(result).message, only(result).score) == (sentence, 0)
    assert result.as_json()["notes"] == [sentence]


OTHERS = {
    "an answer that lacks a name": ("assert total == 1", "store it in `total`", "NameError: name 'total'"),
    "a check before has it": ("assert compare(x, 1)", "", "x-before did not run to its end, so `compare`"),
    "the answer's module": ("import mine\nassert mine.x", "write mine.py", "ModuleNotFoundError: No module"),
}  # fmt: skip


@pytest.mark.parametrize("case", OTHERS)
def test_name_that_somebody_else_may_owe_is_not_the_checks_fault(
    tmp_path: Path, engine: Engine, case: str
) -> None:
    check, text, words = OTHERS[case]
    before = ("x-before", "assert x == 2\ndef compare(a, b):\n    return a == b")
    cells: Cells = [("text", text), ("x", "x = 1"), before, ("x-check", check)]
    blueprint = blueprint_of(write_course(tmp_path, cells))
    result = graded(blueprint, engine, {"x": "x = 1"})
    assert [c.message for c in result.checks][1].startswith(words)
    assert result.as_json()["notes"] == []


def test_hidden_check_without_a_message_names_its_line_and_not_its_text(
    tmp_path: Path, engine: Engine
) -> None:
    hidden = "### BEGIN HIDDEN TESTS\ny = x\nassert y == 41\n### END HIDDEN TESTS"
    blueprint = blueprint_of(write_course(tmp_path, [("x", "x = 41"), ("x-check", hidden)]))
    result = graded(blueprint, engine, {"x": "x = 1"})
    assert only(result).message == "failed without a message (line 3)"
    broken = hidden.replace("y == 41", "y['secret']")
    blueprint = blueprint_of(write_course(tmp_path / "b", [("x", "x = {}"), ("x-check", broken)]))
    result = graded(blueprint, engine, {"x": "x = {}"})
    assert only(result).message == "KeyError (line 3)"
    assert "secret" not in json.dumps(result.notebooks[0].notebook.cells[-1].outputs)


def test_grade_says_it_once_and_exits_with_1(tmp_path: Path) -> None:
    setup, answer, check, why = SETUPS["module"]
    cells = [("setup", setup), ("x", answer), ("x-check", check)]
    root = write_course(tmp_path, cells)
    blueprint = blueprint_of(root)
    for student in ("ada", "bob"):
        folder = root / "submitted" / student / "ps1"
        folder.mkdir(parents=True)
        (folder / f"{NOTEBOOK}.ipynb").write_bytes(submitted(blueprint, {"x": answer}))
    sentence = f"the course's own cell setup fails here: {why}"
    command = [
        sys.executable, "-m", "autograder", "grade", "--course", str(root), "ps1",
        "--workers", "1", "--json", str(tmp_path / "o.json"),
    ]  # fmt: skip
    done = subprocess.run(command, capture_output=True, text=True)
    assert done.returncode == 1
    assert done.stderr.count(sentence) == 1
    assert "nothing was graded" in done.stderr
    assert not (tmp_path / "o.json").exists()
    assert not (root / "autograded").exists()
    for _ in range(2):  # the second time nobody is graded, and it still stands
        done = subprocess.run([*command, "--anyway"], capture_output=True, text=True)
        assert done.returncode == 1, done.stderr
        (found,) = json.loads((tmp_path / "o.json").read_text())["assignments"]
        assert found["notes"] == [sentence]
        for student in ("ada", "bob"):
            check = found["students"][student]["checks"]["x-check"]
            assert check["outcome"] == "disputed", "nobody is blamed"
            assert sentence in check["message"]
