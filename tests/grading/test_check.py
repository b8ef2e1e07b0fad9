"""`autograder check`: the engine runs the answers, and each check gets its own verdict."""

import os
import shutil
from pathlib import Path
from typing import Any

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook

from autograder.assignment.course import Course
from autograder.assignment.errors import UserError
from autograder.assignment.outcome import CheckResult, Outcome
from autograder.grading.check import CheckReport, check_notebook

KERNEL = {"kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"}}


def marked(source: str, grade_id: str, **marks: Any) -> Any:
    plain = {"grade": False, "locked": False, "solution": False, "schema_version": 3}
    return new_code_cell(source, metadata={"nbgrader": {**plain, "grade_id": grade_id, **marks}})


def check(aspect: str, source: str, points: float = 2) -> Any:
    return marked(source, f"f-{aspect}", grade=True, locked=True, points=points)


def explore(source: str) -> Any:
    return new_code_cell(source, metadata={"tags": ["explore"]})


class CheckRunner:
    """A course with one exercise `f` and these checks, and a student's copy of its notebook."""

    def __init__(self, folder: Path, *checks: Any, setup: str = "import sys") -> None:
        shutil.copy(Path(__file__).resolve().parents[2] / "nbgrader_config.py", folder)
        self.course = Course(folder)
        self.cells = [
            new_markdown_cell("# A chapter\n\nWhy.\n\n*1 minutes · 2 points*"),
            marked(setup, "setup", locked=True),
            new_markdown_cell("## Exercise 1 · f\n\n*1 minutes · 2 points*"),
            marked('def f(x):\n    raise NotImplementedError("exercise f")', "f", solution=True),
            *checks,
        ]
        self.copy = folder / "mine" / "a.ipynb"
        self.save(folder / "course" / "01_a" / "a.ipynb", self.cells)

    def save(self, path: Path, cells: list[Any]) -> Path:
        path.parent.mkdir(parents=True, exist_ok=True)
        nbformat.write(new_notebook(cells=cells, metadata=KERNEL), path)
        return path

    def check(self, answer: str | None, *own: Any, timeout: int = 60) -> CheckReport:
        """Answer, put the student's own cells below the answer, and check."""
        cells = [cell.copy() for cell in self.cells]
        if answer is not None:
            cells[3].source = answer
        self.save(self.copy, [*cells[:4], *own, *cells[4:]])
        return check_notebook(self.copy, self.course, timeout=timeout)


def verdict(report: CheckReport, aspect: str) -> CheckResult:
    return report.checks[f"f-{aspect}"]


def outcomes(report: CheckReport) -> dict[str, Outcome]:
    return {name.removeprefix("f-"): found.outcome for name, found in report.checks.items()}


WORK = """\
import sys


def f(x):
    if x == "error":
        return divide(1, 0)
    if x == "stderr":
        print("careful", file=sys.stderr)
    return x


def divide(a, b):
    return a / b
"""


def test_each_check_gets_its_outcome_its_points_and_its_message(tmp_path: Path) -> None:
    desk = CheckRunner(
        tmp_path,
        check("passed", "assert f(1) == 1"),
        check("partial", "f(0.5)"),
        check("nothing", "f(0)"),
        check("all", "f(2)"),
        check("failed", 'assert f(1) == 2, "f:\\n  expected 2, got 1"'),
        check("mute", "assert f(1) == 2"),
        check("error", 'f("error")'),
        check("stderr", 'import sys\nprint("note", file=sys.stderr)\nassert f("stderr")'),
        check("silent", "_x = f(1)"),
        check("unanswered", 'raise NotImplementedError("exercise f")'),
        check("hidden", "# hidden check: more numbers"),
        explore('raise RuntimeError("explored")'),
    )
    report = desk.check(WORK)
    assert outcomes(report) == {
        "passed": Outcome.PASSED,
        "partial": Outcome.PARTIAL,
        "nothing": Outcome.FAILED,
        "all": Outcome.PASSED,
        "failed": Outcome.FAILED,
        "mute": Outcome.FAILED,
        "error": Outcome.ERROR,
        "stderr": Outcome.PASSED,
        "silent": Outcome.PASSED,
        "unanswered": Outcome.ERROR,
        "hidden": Outcome.HIDDEN,
    }
    assert {name.removeprefix("f-"): v.score for name, v in report.checks.items()} == {
        **dict.fromkeys(("passed", "all", "stderr", "silent"), 2),
        **dict.fromkeys(("failed", "mute", "error", "unanswered", "hidden", "nothing"), 0),
        "partial": 0.5,
    }
    assert verdict(report, "partial").message == "0.5 of 2 points"
    assert verdict(report, "failed").message == "f: expected 2, got 1"
    assert verdict(report, "mute").message == (
        "failed without a message (line 1: `assert f(1) == 2`)"
    )
    own = verdict(report, "unanswered").message  # the check's own raise, not the stub's
    assert own.startswith("NotImplementedError: exercise f (line 1: ")
    error = verdict(report, "error").message
    assert error == "ZeroDivisionError: division by zero (line 13 in divide: `return a / b`)"
    assert (report.score, report.points) == (8.5, 20)
    assert not report.all_passed
    assert report.notes == ()


def test_untouched_release_is_unanswered(tmp_path: Path) -> None:
    report = CheckRunner(tmp_path, check("a", "assert f(1) == 1"), check("b", "f(2)")).check(None)
    assert set(outcomes(report).values()) == {Outcome.UNANSWERED}
    assert {v.message for v in report.visible} == {"not answered yet: exercise f"}
    assert report.score == 0


def test_all_visible_checks_passed_is_all_passed(tmp_path: Path) -> None:
    desk = CheckRunner(tmp_path, check("a", "assert f(1) == 1"), check("b", "# hidden check: no"))
    report = desk.check("def f(x):\n    return x")
    assert report.all_passed
    assert (report.score, report.points) == (2, 2)


@pytest.mark.parametrize(
    "credit",
    ["float('nan')", "float('inf')", "-1", "-0.001", "2.001", "100", "10**400"],
)
def test_partial_credit_that_is_no_score_is_an_error_of_the_check(
    tmp_path: Path, credit: str
) -> None:
    """nbgrader gives full marks for some of these, and stops at others."""
    report = CheckRunner(tmp_path, check("credit", credit)).check("def f(x):\n    return x")
    found = verdict(report, "credit")
    assert (found.outcome, found.score, found.points) == (Outcome.ERROR, 0, 2)
    assert "no score from 0 to 2" in found.message
    assert "instructor" in found.message


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        ("def f(x:\n    return x", "SyntaxError: '(' was never closed (line 1"),
        ("def f(x):\n    return x\n\n\nf(1) + missing", "NameError: name 'missing'"),
    ],
)
def test_answer_that_does_not_run_is_told_at_each_check(
    tmp_path: Path, answer: str, words: str
) -> None:
    desk = CheckRunner(tmp_path, check("one", "assert f(1) == 2"), check("two", "assert f(2) == 3"))
    report = desk.check(answer)
    for aspect in ("one", "two"):
        assert verdict(report, aspect).message.startswith(f"f: your answer does not run: {words}")
        assert verdict(report, aspect).score == 0


def test_endless_check_is_stopped_and_later_checks_still_run(tmp_path: Path) -> None:
    desk = CheckRunner(
        tmp_path,
        check("endless", 'f("forever")'),
        check("later", "assert f(1) == 1"),
    )
    report = desk.check(
        'def f(x):\n    while x == "forever":\n        pass\n    return x', timeout=2
    )
    assert outcomes(report) == {"endless": Outcome.TIMEOUT, "later": Outcome.PASSED}
    assert "stopped after 2 s" in verdict(report, "endless").message


def test_endless_cell_of_the_students_own_does_not_stop_the_checks(tmp_path: Path) -> None:
    desk = CheckRunner(tmp_path, check("later", "assert f(1) == 1"))
    report = desk.check(
        "def f(x):\n    return x", new_code_cell("while True:\n    pass"), timeout=2
    )
    assert outcomes(report) == {"later": Outcome.PASSED}


STUBBORN = """
def f(x):
    while x == "forever":
        try:
            while True:
                pass
        except KeyboardInterrupt:
            pass
    return x
"""


def test_cell_that_goes_on_in_spite_of_the_interrupt_does_not_hang(tmp_path: Path) -> None:
    desk = CheckRunner(
        tmp_path,
        check("before", "assert f(1) == 1"),
        check("endless", 'f("forever")'),
        check("later", "assert f(1) == 1"),
    )
    report = desk.check(STUBBORN, timeout=2)
    assert outcomes(report) == {
        "before": Outcome.PASSED,
        "endless": Outcome.TIMEOUT,
        "later": Outcome.PASSED,
    }
    assert report.score == 4


def test_answer_that_ends_python_is_told_and_does_not_hang(tmp_path: Path) -> None:
    desk = CheckRunner(
        tmp_path,
        check("before", "assert f(1) == 1"),
        check("deadly", 'f("die")'),
        check("later", "assert f(1) == 1"),
    )
    report = desk.check(
        'import os\n\n\ndef f(x):\n    if x == "die":\n        os._exit(3)\n    return x'
    )
    assert outcomes(report) == {
        "before": Outcome.PASSED,
        "deadly": Outcome.DIED,
        "later": Outcome.PASSED,
    }
    assert verdict(report, "deadly").message == (
        "Python ended while this answer ran: with exit code 3"
    )
    assert report.score == 4


def test_the_students_file_and_folder_are_left_as_they_are(tmp_path: Path) -> None:
    desk = CheckRunner(tmp_path, check("a", "assert f(1) == 1"))
    desk.check("def f(x):\n    return x")
    old = new_code_cell("1 / 0", id="own")
    old.outputs = [nbformat.v4.new_output("stream", text="my plot")]
    notebook = nbformat.read(desk.copy, as_version=4)
    notebook.cells.append(old)
    nbformat.write(notebook, desk.copy)
    before = desk.copy.read_bytes(), os.stat(desk.copy).st_mtime_ns
    released = (tmp_path / "course" / "01_a" / "a.ipynb").read_bytes()
    check_notebook(desk.copy, desk.course)
    assert (desk.copy.read_bytes(), os.stat(desk.copy).st_mtime_ns) == before
    assert (tmp_path / "course" / "01_a" / "a.ipynb").read_bytes() == released
    assert sorted(path.name for path in tmp_path.rglob("*.ipynb")) == [
        "a.ipynb",
        "a.ipynb",
    ]
    assert [path.name for path in desk.copy.parent.iterdir()] == ["a.ipynb"]


def test_cells_run_in_the_folder_of_the_notebook(tmp_path: Path) -> None:
    desk = CheckRunner(tmp_path, check("data", 'assert f("numbers.csv") == "1,2"'))
    (tmp_path / "course" / "01_a" / "numbers.csv").write_text("1,2")
    report = desk.check("def f(x):\n    return open(x).read()")
    assert report.all_passed


def test_students_own_cells_run_and_cost_nothing(tmp_path: Path) -> None:
    """Whatever their metadata say."""
    desk = CheckRunner(tmp_path, check("a", "assert f(1) == 2"))
    forged = new_code_cell("factor = 2", metadata={"nbgrader": {"points": 50, "grade_id": "own"}})
    odd = new_code_cell("1", metadata={"nbgrader": ["odd"]})
    report = desk.check(
        "def f(x):\n    return factor * x", forged, odd, new_code_cell("1 / 0"), new_code_cell("")
    )
    assert report.all_passed
    assert (report.score, report.points) == (2, 2)


def test_explore_cells_are_not_run(tmp_path: Path) -> None:
    desk = CheckRunner(tmp_path, explore("def f(x):\n    return 0"), check("a", "assert f(1) == 1"))
    assert desk.check("def f(x):\n    return x").all_passed


def test_checks_are_the_releases_and_repairs_are_noted(tmp_path: Path) -> None:
    desk = CheckRunner(
        tmp_path, check("a", 'assert f(1) == 1, "f: no"'), check("b", "assert f(2) == 2")
    )
    desk.save(
        desk.copy,
        [
            *desk.cells[:3],
            marked("def f(x):\n    return 0", "f", solution=True),
            check("a", "assert True", points=100),
        ],
    )
    report = check_notebook(desk.copy, desk.course)
    assert set(outcomes(report).values()) == {Outcome.FAILED}
    assert report.points == 4
    assert report.notes == (
        "f-a: was edited; the release's text is used",
        "f-b: is not in the submission; the release's cell is used",
    )


def test_renamed_copy_is_recognised(tmp_path: Path) -> None:
    desk = CheckRunner(tmp_path, check("a", "assert f(1) == 1"))
    desk.check("def f(x):\n    return x")
    renamed = desk.copy.rename(tmp_path / "my solution (2).ipynb")
    report = check_notebook(renamed, desk.course)
    assert report.assignment.name == "01_a"
    assert report.all_passed


def test_progress_counts_every_cell_that_runs(tmp_path: Path) -> None:
    desk = CheckRunner(
        tmp_path, check("a", "assert f(1)"), check("b", "# hidden check: x"), explore("1")
    )
    desk.save(desk.copy, [*desk.cells, new_code_cell("own = 1")])
    said: list[tuple[int, int, str]] = []
    check_notebook(desk.copy, desk.course, progress=lambda *what: said.append(what))
    assert said == [
        (0, 4, "setup"),
        (1, 4, "f"),
        (2, 4, "f-a"),
        (3, 4, "cell 8"),
        (4, 4, ""),
    ]


def test_notebook_of_another_course_is_refused(tmp_path: Path) -> None:
    desk = CheckRunner(tmp_path, check("a", "assert f(1)"))
    path = desk.save(tmp_path / "b.ipynb", [marked("1", "g", solution=True)])
    with pytest.raises(UserError, match="not a notebook of this course"):
        check_notebook(path, desk.course)


def test_cells_that_run_once_more_after_an_end_are_told_one_by_one(tmp_path: Path) -> None:
    """Who watches sees that it goes on, however long they take together."""
    desk = CheckRunner(tmp_path, check("ends", "f(0)"), check("after", "assert f(1) == 1"))
    cells = [cell.copy() for cell in desk.cells]
    cells[3].source = "import os\ndef f(x):\n    return x or os._exit(3)"
    own = [new_code_cell(f"own{n} = {n}") for n in range(3)]
    desk.save(desk.copy, [*cells[:4], *own, *cells[4:]])
    told: list[str] = []
    report = check_notebook(
        desk.copy, desk.course, progress=lambda done, total, what: told.append(what)
    )
    assert outcomes(report) == {"ends": Outcome.DIED, "after": Outcome.PASSED}
    assert told.count("f-after") == 1 + 5  # the setup, the answer, three own cells


@pytest.mark.parametrize(
    ("answer", "source"),
    [
        ("import numpy as np\nw = np.zeros(3)\ndef f(): return w",
         "a = f()\na += 1\nf()\nassert (a == 1).all()"),
        ("import functools\n@functools.cache\ndef f(): return [3, 1]",
         "a = f()\na.sort()\nassert f() == [1, 3]"),
        ("from collections import deque\nd = deque([1, 2])\ndef f(): return d",
         "for _ in f():\n    f()"),
        ("class deque:\n    def __len__(self): raise IndexError\ndef f(): return deque()",
         "assert f() is not None"),
        ("class Counter:\n    def __getattr__(self, name): raise KeyError(name)\n"
         "def f(): return Counter()", "assert f() is not None"),
        ("def f(a, b): return a is b", "x = [1]\nassert f(x, x) and f(a=x, b=x) and f(x, b=x)"),
        ("import numpy as np\ndef f(): return np.full(500_000, 1.0)",
         "for _ in range(40):\n    assert f()[0] == 1"),
    ],
)  # fmt: skip
def test_what_is_returned_stays_as_the_check_has_left_it(
    tmp_path: Path, answer: str, source: str
) -> None:
    """Each passes in a kernel."""
    assert CheckRunner(tmp_path, check("same", source)).check(answer).all_passed
