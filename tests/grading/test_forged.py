"""Answers that try to decide a check by a name, or by ending its loops, and honest ones beside."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from compact_course import blueprint_of, graded, write_course

from autograder.assignment.blueprint import Blueprint
from autograder.assignment.outcome import Outcome
from autograder.engine.engine import Engine
from autograder.engine.limits import Limits
from autograder.grading.grade import engine_for

pytestmark = [pytest.mark.slow, pytest.mark.sandbox]
CELLS = (
    ("setup", "import math"),
    ("first", "def first(x):\n    return x + 1"),
    (
        "first-check",
        "assert first(1) == 2, 'first(1) is not 2'\nexpected = 7\n\ndef close(a, b):\n    return a == b",
    ),
    ("setup2", "third = first(2)\nhalf_of = {2: 1}"),
    ("second", "def second():\n    return 7"),
    ("second-check", "assert second() == expected, 'not as expected'"),
    ("second-close", "assert close(second(), 7), 'not close'"),
    ("second-locked", "assert half_of[2] * 7 == second(), 'not half'"),
    ("double", "def double(x):\n    return 2 * x"),
    (
        "double-map",
        "assert all(a == b for a, b in zip(map(double, [1, 2]), [2, 4])), 'not doubled'",
    ),
    ("double-loop", "for x in filter(double, [1, 2]):\n    assert double(x) == 2 * x"),
    (
        "double-next",
        "found = next((x for x in [1, 2] if double(x) != 2 * x), None)\nassert found is None",
    ),
)
REFERENCE = {name: text for name, text in CELLS if name in ("first", "second", "double")}
SECOND = ("second-check", "second-close", "second-locked")
DOUBLE = ("double-map", "double-loop", "double-next")
FORGED = "expected = 0\nhalf_of = {2: 0}\n\ndef close(a, b):\n    return True\n\ndef second():\n    return 0"


@pytest.fixture(scope="module")
def course(tmp_path_factory: pytest.TempPathFactory) -> Blueprint:
    return blueprint_of(write_course(tmp_path_factory.mktemp("course"), CELLS))


@pytest.fixture(scope="module")
def engine(course: Blueprint) -> Iterator[Engine]:
    with engine_for(course, Limits(cell_seconds=3)) as engine:
        yield engine


def test_honest_answers_earn_everything(course: Blueprint, engine: Engine) -> None:
    assert graded(course, engine, REFERENCE).score == 7


@pytest.mark.parametrize(
    "first",
    [
        "def first(x):\n    return 0 if x == 1 else 1 / 0",
        "def first(x):\n    raise SystemExit",
        "def first(x):\n    import os\n    os._exit(0)",
        "def first(x):\n    while True:\n        pass",
    ],
    ids=["wrong", "exit", "end", "hang"],
)
def test_a_name_of_a_trusted_cell_is_never_the_students(
    course: Blueprint, engine: Engine, first: str
) -> None:
    forged = graded(course, engine, REFERENCE | {"first": first, "second": FORGED})
    checks = {check.grade_id: check for check in forged.checks}
    assert {name: checks[name].score for name in ("first-check", *SECOND)} == dict.fromkeys(
        ("first-check", *SECOND), 0
    )
    assert [checks[name].score for name in DOUBLE] == [1, 1, 1]


def test_what_a_check_above_did_not_define_is_said(course: Blueprint, engine: Engine) -> None:
    """Its answer is right: the message must not blame it."""
    result = graded(course, engine, REFERENCE | {"first": "def first(x):\n    return 0"})
    said = {check.grade_id: (check.outcome, check.message) for check in result.checks}
    for name, missing in (("second-check", "expected"), ("second-close", "close")):
        message = f"first-check did not run to its end, so `{missing}` is missing"
        assert said[name] == (Outcome.ERROR, message)


@pytest.mark.parametrize(
    "double",
    [
        "def double(x):\n    raise StopIteration",
        "class Stop(StopIteration):\n    pass\n\ndef double(x):\n    raise Stop",
        "def double(x):\n    return next(iter([]))",
        "def double(x):\n    raise StopAsyncIteration",
        "def double(x):\n    raise GeneratorExit",
    ],
    ids=["stop", "own", "next", "async", "exit"],
)
def test_no_exception_of_an_answer_ends_a_loop_of_the_check(
    course: Blueprint, engine: Engine, double: str
) -> None:
    checks = {
        check.grade_id: check
        for check in graded(course, engine, REFERENCE | {"double": double}).checks
    }
    assert {name: checks[name].score for name in DOUBLE} == dict.fromkeys(DOUBLE, 0)
    assert [checks[name].score for name in SECOND] == [1, 1, 1]


def test_no_exception_of_an_answer_skips_a_library_test(tmp_path: Path) -> None:
    check = (
        "import io, unittest\n\nclass Test(unittest.TestCase):\n    def test(self):\n"
        "        self.assertEqual(f(1), 2)\n\n"
        "suite = unittest.defaultTestLoader.loadTestsFromTestCase(Test)\n"
        "result = unittest.TextTestRunner(stream=io.StringIO()).run(suite)\n"
        "assert result.wasSuccessful() and result.testsRun == 1"
    )
    blueprint = blueprint_of(
        write_course(tmp_path, (("f", "def f(x):\n    return 2"), ("f-check", check)))
    )
    with engine_for(blueprint) as engine:
        assert graded(blueprint, engine, {"f": "def f(x):\n    return 2"}).score == 1
        for raised in ("unittest.SkipTest", "unittest.case._ShouldStop"):
            answer = f"import unittest\n\ndef f(x):\n    raise {raised}"
            assert graded(blueprint, engine, {"f": answer}).score == 0


@pytest.mark.parametrize(
    "lower",
    [
        "resource.setrlimit(resource.RLIMIT_CPU, (1, 1))",
        "resource.prlimit(0, resource.RLIMIT_CPU, (1, 1))",
        "ctypes.CDLL(None).syscall(160, 0, (ctypes.c_ulong * 2)(1, 1))",
        "ctypes.CDLL(None).syscall(302, 0, 0, (ctypes.c_ulong * 2)(1, 1), None)",
    ],
)
def test_whoever_lowers_their_own_limit_waits_for_nobody(
    course: Blueprint, engine: Engine, lower: str
) -> None:
    """A process that its own limit kills would look as if somebody outside had killed it."""
    source = (
        "def double(x):\n    import contextlib, ctypes, resource\n"
        f"    with contextlib.suppress(Exception):\n        {lower}\n    while True:\n        pass"
    )
    result = graded(course, engine, REFERENCE | {"double": source})
    outcomes = {check.grade_id: check.outcome for check in result.checks}
    assert {name: outcomes[name] for name in DOUBLE} == dict.fromkeys(DOUBLE, Outcome.TIMEOUT)
    assert [outcomes[name] for name in SECOND] == [Outcome.PASSED] * 3
