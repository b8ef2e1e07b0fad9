"""A student's next check, begun ahead: it says what a check from the top says, whatever was kept."""

import random
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from nbformat.v4 import new_code_cell, new_markdown_cell
from test_check import CheckRunner, check, marked

from autograder.assignment.outcome import Outcome
from autograder.engine.engine import EngineFailure, Session
from autograder.grading import ahead
from autograder.grading.check import CheckReport, Checks

FIRST = (
    "def f(x):\n    return x",
    "def f(x):\n    return -x",
    "seen = []\ndef f(x):\n    seen.append(x)\n    return x if len(seen) < 3 else len(seen)",
    "def f(x, kept=[]):\n    kept.append(x)\n    return x + len(kept) - 1",
    "class f:\n    count = 0\n    def __new__(cls, x):\n        cls.count += 1\n"
    "        return x * cls.count",
    "import functools\n@functools.cache\ndef f(x):\n    import random\n    return random.random()",
    "import random\ndef f(x):\n    random.seed(x)\n    return x",
    "import numpy\ndef f(x):\n    return x + int(numpy.random.randint(2))",
    "def counted():\n    yield from range(1, 100)\ncounter = counted()\n"
    "def f(x):\n    return next(counter)",
    "from pathlib import Path\ndef f(x):\n    p = Path('kept.txt')\n"
    "    n = int(p.read_text()) if p.exists() else 0\n    p.write_text(str(n + 1))\n"
    "    return x + (n > 2)",
    "model = {}\ndef f(x):\n    model['x'] = x\n    return x",
    "import os\ndef f(x):\n    os.environ['KEPT'] = os.environ.get('KEPT', '') + 'x'\n"
    "    return len(os.environ['KEPT'])",
    "def f(x):\n    return undefined",
    "def f(x:",
)
SECOND = (
    "def g(x):\n    return 2 * x",
    "def g(x):\n    return f(x) + f(x)",
    "def g(x):\n    import random\n    return random.randint(1, 3)",
    "def g(x):\n    return model['x'] * 2",
    "def g(x):\n    return len(seen)",
    "def g(x):\n    import os\n    return len(os.environ.get('KEPT', ''))",
    "def g(x):\n    f.count = 0\n    return 2 * x",
    "raise ValueError('no')",
)
OWN = (
    "",
    "import random\nrandom.seed(5)",
    "f(7)",
    "x = [1, 2]\ndel x[0]",
    "1 / 0",
    "try:\n    seen.clear()\nexcept NameError:\n    pass",
    "%timeit -n1 -r1 1",
)
FILES = ("", "VALUE = 1", "VALUE = 2")


class Student:
    """Answers two functions and checks both, again and again, with everything warm."""

    def __init__(self, folder: Path) -> None:
        self.desk = CheckRunner(
            folder,
            check("same", "assert f(1) == 1\nkept = [f(2)]"),
            check("again", "assert f(1) == f(1) == 1", points=1),
            marked("def g(x):\n    raise NotImplementedError('exercise g')", "g", solution=True),
            marked("assert g(1) == 2", "g-double", grade=True, locked=True, points=1),
            marked("assert g(3) == 6 and len(kept) == 1", "g-more", grade=True, locked=True,
                   points=1),
        )  # fmt: skip
        self.checks = Checks(self.desk.course)

    def save(
        self, first: str, second: str, own: str = "", beside: str = "", words: str = ""
    ) -> Path:
        cells = [cell.copy() for cell in self.desk.cells]
        cells[3].source, cells[6].source = first, second
        cells.insert(4, new_code_cell(own))
        if words:
            cells.insert(1, new_markdown_cell(words))
        path = self.desk.save(self.desk.copy, cells)
        helper = path.with_name("helper.py")
        helper.unlink(missing_ok=True)
        if beside:
            helper.write_text(beside)
        return path

    def check(self, *parts: str) -> CheckReport:
        return self.checks.check(self.save(*parts))


@pytest.fixture
def student(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Student]:
    monkeypatch.setattr(ahead, "WORTH", 0.0)
    student = Student(tmp_path)
    with closing(student.checks):
        yield student


@pytest.fixture
def ran(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Labels of the cells that the processes run, as long as the test empties the list."""
    ran: list[str] = []
    for name in ("answer", "check", "setup"):
        before: Callable[..., Any] = getattr(Session, name)

        def noted(
            self: Session, source: str, label: str, *more: Any, _run: Any = before, **options: Any
        ) -> Any:
            ran.append(label)
            return _run(self, source, label, *more, **options)

        monkeypatch.setattr(Session, name, noted)
    return ran


def said(report: CheckReport) -> list[tuple[str, Outcome, float, str]]:
    return [(c.grade_id, c.outcome, c.score, c.message) for c in report.checks.values()]


def test_what_stands_above_the_work_has_run_by_then(student: Student, ran: list[str]) -> None:
    student.check(FIRST[0], SECOND[1])
    student.check(FIRST[0], SECOND[0])
    ran.clear()
    student.checks.prepare()
    assert ran == ["setup", "f", "f-same", "f-again"]
    ran.clear()
    report = student.check(FIRST[0], SECOND[1])
    assert ran == ["g", "g-double", "g-more"]
    assert report.all_passed


def test_a_change_above_it_runs_everything(student: Student, ran: list[str]) -> None:
    student.check(FIRST[0], SECOND[1])
    student.check(FIRST[0], SECOND[0])
    student.checks.prepare()
    ran.clear()
    student.check(FIRST[2], SECOND[0])
    assert ran == ["setup", "f", "f-same", "f-again", "g", "g-double", "g-more"]


def test_who_waits_goes_on_where_it_stands(student: Student, ran: list[str]) -> None:
    student.check(FIRST[0], SECOND[1])
    student.check(FIRST[0], SECOND[0])
    ran.clear()
    student.checks.prepare(lambda: len(ran) == 2)
    assert ran == ["setup", "f"]
    ran.clear()
    assert student.check(FIRST[0], SECOND[0]).all_passed
    assert ran == ["f-same", "f-again", "g", "g-double", "g-more"]


def test_it_goes_on_at_the_next_open_answer(student: Student, ran: list[str]) -> None:
    stub = student.desk.cells[6].source
    student.check(FIRST[1], stub)
    ran.clear()
    student.checks.prepare()
    assert ran == []  # the first answer is wrong: nothing stands above it but the setup
    student.check(FIRST[0], stub)
    ran.clear()
    student.checks.prepare()
    assert ran[-1] == "f-again"


def test_little_is_not_run_ahead(
    student: Student, ran: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ahead, "WORTH", 60.0)
    student.check(FIRST[0], SECOND[0])
    student.check(FIRST[0], SECOND[1])
    ran.clear()
    student.checks.prepare()
    assert ran == []


def test_an_engine_that_fails_meanwhile_spoils_no_check(
    student: Student, monkeypatch: pytest.MonkeyPatch
) -> None:
    student.check(FIRST[0], SECOND[1])
    before = student.check(FIRST[0], SECOND[0])
    fails = True
    run = Session.check

    def failing(self: Session, *more: Any, **options: Any) -> Any:
        if fails:
            raise EngineFailure("the warm process has ended")
        return run(self, *more, **options)

    monkeypatch.setattr(Session, "check", failing)
    student.checks.prepare()
    fails = False
    assert said(student.check(FIRST[0], SECOND[0])) == said(before)


def test_a_slow_check_that_leaves_something_behind_says_the_same_again(tmp_path: Path) -> None:
    """As `returns = []` above a training function: 37 of 39 points, then 39."""
    desk = CheckRunner(
        tmp_path, check("slow", "import time\ntime.sleep(0.5)\nf(1)\nassert True"),
        check("fresh", "assert len(f(1)) == 1, f'{len(f(1))} returns'"),
    )  # fmt: skip
    desk.check("returns = []\ndef f(x):\n    returns.append(x)\n    return returns")
    with closing(Checks(desk.course)) as checks:
        for _ in range(3):
            report = checks.check(desk.copy)
            assert report.checks["f-fresh"].outcome is Outcome.FAILED
            checks.prepare()


@pytest.mark.parametrize("seed", range(4))
def test_a_check_that_has_begun_says_what_one_from_the_top_says(
    student: Student, seed: int
) -> None:
    """300 checks in all, of answers that keep state, edited anywhere, prepared in part or whole."""
    rng = random.Random(seed)
    choices = (FIRST, SECOND, OWN, FILES)
    parts = [rng.choice(few) for few in choices]
    words = ""
    with closing(Checks(student.desk.course)) as from_the_top:
        for _ in range(75):
            at = rng.choice((0, 1, 1, 1, 2, 3, None))
            if at is not None:
                parts[at] = rng.choice(choices[at])
            if rng.random() < 0.1:
                words = f"Remark {rng.random()}"
            left = iter(range(rng.choice((0, 1, 3, 100))))
            student.checks.prepare(lambda left=left: next(left, None) is None)
            warm = student.check(*parts, words)
            assert said(warm) == said(from_the_top.check(student.desk.copy)), (parts, words)
