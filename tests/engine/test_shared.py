"""What a visible check binds is there for later answers; what a hidden part binds never is."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from compact_course import blueprint_of, graded, write_course

from autograder.assignment.outcome import Result
from autograder.engine.engine import Engine
from autograder.engine.shared import Lending, shared

HIDDEN = "\n### BEGIN HIDDEN TESTS\n{}\n### END HIDDEN TESTS"


def texts(released: str, full: str = "") -> list[str]:
    return [each.text for each in shared(released, full or released)]


def test_imports_functions_and_values_are_shared_and_nothing_that_checks() -> None:
    check = "import math as m\nfor i in range(3):\n    j = i\ndef g():\n    return 1\nassert f(1)\nk = 2"
    assert texts(check) == ["import math as m", "def g():\n    return 1", "k = 2"]


def test_hidden_statements_and_the_names_they_bind_stay_behind() -> None:
    visible = "import math\nwanted = 1\nassert f(1) == wanted"
    hidden = "\nwanted = 41\nsecret = 42\nassert f(2) == wanted"
    assert texts(visible, visible + hidden) == ["import math"]


@pytest.mark.parametrize(
    "full",
    [
        "x = 1\nif True:\n    x = 41",
        "x = 1\nfor x in (41,): pass",
        "x = 1\ndef g():\n    global x\n    x = 41",
        "x = 1\nwith a as x: pass",
        "x = 1\n[(x := n) for n in (41,)]",
        "x = 1\nx += 40",
        "x = 1\nimport x",
        "x = 1\nthis is no Python",
    ],
)
def test_name_is_not_shared_however_the_hidden_part_binds_it(full: str) -> None:
    assert texts("x = 1", full) == []


def test_visible_text_that_is_no_python_shares_nothing() -> None:
    assert texts("import math\nif True:", "import math\nif True:\n    x = 41") == []


def test_magic_of_a_check_without_hidden_tests_is_left_out() -> None:
    assert texts("%matplotlib inline\nimport math") == ["import math"]


def test_nothing_is_done_for_what_no_answer_reads() -> None:
    lending = Lending()
    assert lending.before_cell("def f(x): return x") == []
    check = "import math\nbase = math.pi\nother = 3"
    assert lending.before_check(check, check) == []
    assert lending.before_cell("total = 1") == []
    assert lending.before_cell("def g(other): return other") == []
    found = lending.before_cell("total = base + 1")
    assert [each.text for each in found] == ["import math", "base = math.pi"]


def test_name_that_a_check_binds_twice_is_not_given_before_it() -> None:
    lending = Lending()
    lending.before_cell("def f(x): return x * factor")
    assert lending.before_check("factor = 2\nfactor = 3", "factor = 2\nfactor = 3") == []
    (found,) = lending.before_check("factor = 4", "factor = 4")
    assert found.text == "factor = 4"


# ---- in grading ----


@pytest.fixture(scope="module")
def engine() -> Iterator[Engine]:
    with Engine.start(("numpy",)) as engine:
        yield engine


def scores(result: Result) -> dict[str, float]:
    return {check.grade_id: check.score for check in result.checks}


CELLS = [
    ("x", "class Box:\n    def keep(self, xs):\n        return copy(xs)\nnumber = 10"),
    ("x-check", "from copy import copy\nassert Box().keep([1]) == [1]"),
    ("y", "z = 1"),
    ("y-check", "import numpy as np\ndef grow(v):\n    return v + STEP\nSTEP = 2\nassert z == 1"),
    ("w", "more = grow(np.float64(number))"),
    ("w-check", "assert more == 12"),
]


@pytest.mark.slow
@pytest.mark.sandbox
def test_answers_use_what_checks_above_them_bind(tmp_path: Path, engine: Engine) -> None:
    blueprint = blueprint_of(write_course(tmp_path, CELLS))
    answers = {name: source for name, source in CELLS if "-" not in name}
    assert scores(graded(blueprint, engine, answers)) == {"x-check": 1, "y-check": 1, "w-check": 1}
    own = {**answers, "w": "np = None\ngrow = lambda v: 12\nmore = grow(np)"}
    assert scores(graded(blueprint, engine, own))["w-check"] == 1


@pytest.mark.slow
@pytest.mark.sandbox
def test_hidden_bindings_are_no_help(tmp_path: Path, engine: Engine) -> None:
    hidden = HIDDEN.format("secret = 41\nknown = 41\nassert z == 1")
    cells = [
        ("x", "z = 1"),
        ("x-check", f"known = 1\nassert z == 1{hidden}"),
        ("y", "y = 41"),
        ("y-check", "assert y == 41"),
    ]
    blueprint = blueprint_of(write_course(tmp_path, cells))
    for name in ("secret", "known"):
        result = graded(blueprint, engine, {"x": "z = 1", "y": f"y = {name}"})
        assert scores(result) == {"x-check": 1, "y-check": 0}
    assert scores(graded(blueprint, engine, {"x": "z = 1", "y": "y = 41"}))["y-check"] == 1
