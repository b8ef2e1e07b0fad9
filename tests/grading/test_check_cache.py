"""What a student's second Check does not run again, and what it must."""

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from test_check import CheckRunner, check, marked

from autograder.assignment.outcome import CheckResult, Outcome
from autograder.grading import check_cache
from autograder.grading.check import Checks
from autograder.grading.check_cache import CheckCache

RIGHT = "def f(x):\n    return x"
SECOND = "def g(x):\n    return 2 * x"


class Student:
    """Answers two functions and checks both, again and again, with everything warm."""

    def __init__(self, folder: Path) -> None:
        self.desk = CheckRunner(
            folder,
            check("same", "assert f(1) == 1"),
            marked("def g(x):\n    raise NotImplementedError('exercise g')", "g", solution=True),
            marked("assert g(1) == 2", "g-double", grade=True, locked=True, points=1),
        )
        self.checks = Checks(self.desk.course)

    def check(self, first: str, second: str) -> dict[str, CheckResult]:
        cells = [cell.copy() for cell in self.desk.cells]
        cells[3].source, cells[5].source = first, second
        report = self.checks.check(self.desk.save(self.desk.copy, cells))
        return dict(report.checks)


@pytest.fixture
def student(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Student]:
    monkeypatch.setattr(check_cache, "SLOW", 0.0)
    student = Student(tmp_path)
    with closing(student.checks):
        yield student


def test_unchanged_checks_are_not_run_again_and_say_the_same(student: Student) -> None:
    before = student.check(RIGHT, SECOND)
    after = student.check(RIGHT, SECOND)
    # The very results: another run would have taken other nanoseconds.
    assert all(after[name] is before[name] for name in before)
    assert {found.outcome for found in after.values()} == {Outcome.PASSED}


def test_what_stands_below_a_change_runs_again(student: Student) -> None:
    before = student.check(RIGHT, SECOND)
    after = student.check(RIGHT, "def g(x):\n    return f(x)")
    assert after["f-same"] is before["f-same"]
    assert after["g-double"].outcome is Outcome.FAILED
    after = student.check("def f(x):\n    return -x", "def g(x):\n    return f(x)")
    assert [found.outcome for found in after.values()] == [Outcome.FAILED] * 2


def test_an_answer_that_cannot_be_read_makes_nothing_above_it_run_again(student: Student) -> None:
    before = student.check(RIGHT, SECOND)
    after = student.check(RIGHT, "def g(x:")
    assert after["f-same"] is before["f-same"]
    assert after["g-double"].outcome is Outcome.ERROR


def test_a_file_beside_the_notebook_counts_as_a_change(student: Student) -> None:
    before = student.check(RIGHT, SECOND)
    (student.desk.copy.parent / "helper.py").write_text("factor = 2\n")
    after = student.check(RIGHT, SECOND)
    assert not [name for name in before if after[name] is before[name]]


def cells(*sources: str, setup: str = "import math") -> list[Any]:
    return [marked(setup, "setup", locked=True), *(check(s[:5], s) for s in sources)]


def run(kept: CheckCache, course: list[Any], outcome: Outcome = Outcome.PASSED) -> set[int]:
    """Run a notebook of checks that are all slow; the numbers of those that did not run."""
    known = kept.plan(course, {})
    for number in set(range(1, len(course))) - set(known):
        kept.keep(number, CheckResult("f-x", outcome, 1.0, 1.0, "", 9.0))
    return set(known)


@pytest.mark.parametrize(
    ("sources", "known"),
    [
        (("_a = f(1)\nassert _a", "assert f(2)"), {1, 2}),
        (("_a = f(1)\nassert _a", "assert _a"), {1, 2}),  # neither runs, so nothing is missed
        (("import math\nassert f(math.pi)", "assert math.pi"), {1, 2}),
        (("_a = f(1)", "%time f(2)"), set()),
    ],
)
def test_which_checks_of_an_unchanged_notebook_do_not_run(
    sources: tuple[str, ...], known: set[int]
) -> None:
    kept = CheckCache()
    assert run(kept, cells(*sources)) == set()
    assert run(kept, cells(*sources)) == known


@pytest.mark.parametrize(
    ("above", "below", "runs"),
    [
        ("_a = f(1)", "assert _a", True),
        ("global _a\n_a = f(1)", "def _use():\n    return _a\nassert _use()", True),
        ("import cmath\nf(1)", "assert cmath.pi", True),  # no setup cell imports it
        ("import math\nf(1)", "assert math.pi", False),
        ("_a = f(1)", "_a = f(2)\nassert _a", False),
    ],
)
def test_a_check_runs_again_if_one_below_it_needs_what_it_defines(
    above: str, below: str, runs: bool
) -> None:
    kept = CheckCache()
    run(kept, cells(above, below))
    assert run(kept, cells(above, below + "\n")) == (set() if runs else {1})


def test_what_may_have_been_the_machines_fault_is_tried_again() -> None:
    kept, course = CheckCache(), cells("f(1)")
    run(kept, course, Outcome.TIMEOUT)
    assert run(kept, course, Outcome.MEMORY) == set()
    assert run(kept, course, Outcome.FAILED) == set()
    assert run(kept, course) == {1}
