"""nbgrader's own example course and its damaged notebooks: our scores against stock nbgrader's.

Both lie in nbgrader's wheel. Where the two differ, `DIFFERENCES` says why, one line each; the
test fails on a difference that is not there, and on one there that does not occur anymore.

A fixture that nbgrader refuses to release (wrong or old metadata) is nobody's assignment; it is
handed in for one instead. Fixtures without a graded cell have no scores to compare either; they
are handed in as well, because they must not keep anybody from a result.
"""

import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

import nbgrader
import pytest
from light_course import generate, gradebook_rows, programs_on_path
from nbgrader.converters import Autograde
from nbgrader.converters.base import NbGraderException
from nbgrader.coursedir import CourseDirectory
from traitlets.config import Config, PyFileConfigLoader

from autograder.authoring.release import quiet_logger

WHEEL = Path(nbgrader.__file__).parent
GUIDE = WHEEL / "docs" / "source" / "user_guide"
APPS = WHEEL / "tests" / "apps" / "files"
STEPS = WHEEL / "tests" / "preprocessors" / "files"
SECONDS = 4
"""For one cell of the fixtures that never end."""
MANY_SECONDS = 120
"""For one cell of all others, and for stock to read what a cell shows: where that takes it longer
than its limit, it gives up on the student, and a busy machine is enough for that."""
CONFIG = """c = get_config()

c.CourseDirectory.course_id = "examples"
"""
GUIDE_CONFIG = """c = get_config()

c.CourseDirectory.course_id = "example_course"
c.IncludeHeaderFooter.header = "source/header.ipynb"
"""
"""As nbgrader's guide has it (managing_assignment_files); the wheel leaves the file out."""


Notebooks = Mapping[str, Path]
"""Files by nbgrader's name of the notebook that they are taken for."""


@dataclass(frozen=True)
class Fixture:
    """An assignment made of fixtures: its notebooks, what each student hands in, a data file."""

    source: Notebooks
    submissions: Mapping[str, Notebooks]
    data: Path | None = None


def _each(*paths: Path) -> dict[str, Notebooks]:
    """Every file is handed in as p1.ipynb by a student of its own: `apps.test-v0`, `steps.test`."""
    return {
        f"{'apps' if path.parent == APPS else 'steps'}.{path.name.removesuffix('.ipynb')}": {
            "p1": path
        }
        for path in paths
    }


def _some(folder: Path, *names: str) -> list[Path]:
    return [folder / f"{name}.ipynb" for name in names]


_OWN = {
    "nose": STEPS / "test.ipynb",
    "task": STEPS / "test_taskcell.ipynb",
    "hidden": APPS / "test-hidden-tests.ipynb",
    "file": APPS / "open_relative_file.ipynb",
    "variable": APPS / "validating-environment-variable.ipynb",
    "zero": APPS / "validation-zero-points.ipynb",
    "timeout": APPS / "timeout.ipynb",
    "written": STEPS / "manually-graded-code-cell.ipynb",
}
_AUTOTEST = ("simple", "hashed", "multi", "hidden")

ENDLESS = {
    ("basic", "apps.infinite-loop"),
    ("basic", "apps.infinite-loop-with-output"),
    ("own", "same"),  # its notebook "timeout"
}
"""(Assignment, student) where a cell never ends."""

FIXTURES: Mapping[str, Fixture] = {
    "basic": Fixture(
        {"p1": APPS / "submitted-unchanged.ipynb"},
        _each(
            *sorted(APPS.glob("submitted-*.ipynb")),
            *sorted(STEPS.glob("submitted-*.ipynb")),
            *_some(APPS, "infinite-loop", "infinite-loop-with-output", "side-effects"),
            *_some(APPS, "too-new", "test-no-metadata-autotest"),
            APPS / "gradebook.db",
            STEPS / "jupyter.png",
            *_some(STEPS, "bad-markdown-cell-1", "bad-markdown-cell-2", "blank-grade-id"),
            *_some(STEPS, "blank-points", "cell-type-changed", "duplicate-grade-ids"),
            *_some(STEPS, "header", "infinite-recursion", "long-output", "no-cell-type"),
            STEPS / "manually-graded-code-cell.ipynb",
        ),
    ),
    "squares": Fixture(
        {"p1": APPS / "test.ipynb"},
        _each(
            *_some(APPS, "test", "test-with-output", "test-no-metadata", "test-v0"),
            *_some(APPS, "test-v0-invalid", "test-v1", "test-v2"),
            *_some(STEPS, "test", "test_taskcell"),
        ),
    ),
    "own": Fixture(_OWN, {"same": _OWN}, APPS / "data.txt"),
    "autotest": Fixture(
        {name: APPS / f"autotest-{name}.ipynb" for name in _AUTOTEST},
        {
            "stubs": {name: APPS / f"autotest-{name}-unchanged.ipynb" for name in _AUTOTEST},
            "answers": {
                **{name: APPS / f"autotest-{name}-changed.ipynb" for name in _AUTOTEST[:3]},
                "hidden": APPS / "autotest-hidden-changed-right.ipynb",
            },
            "wrong": {"hidden": APPS / "autotest-hidden-changed-wrong.ipynb"},
        },
    ),
}

_LOST = (
    "cells that the submission lost: stock leaves them without a score and waiting for a person; "
    "we put the release's check back and run it (foo needs no answer), and a written answer that "
    "is not there is no response"
)
_LOST_BY = (
    *("apps.infinite-loop", "apps.infinite-loop-with-output", "apps.side-effects"),
    *("apps.test-no-metadata-autotest", "steps.header", "steps.infinite-recursion"),
    *("steps.long-output", "steps.no-cell-type"),
)
_UNREADABLE = "not a notebook: stock gives up on the student, we give 0 and say so"
_RETYPED = "a cell of another type: stock makes an invalid cell of it and gives up on the student"
_METADATA = "damaged nbgrader metadata: stock gives up; the cells that we know by name count"
_BROKEN = (
    "the fixture's own solution fails the check here (nose is gone, a wrong sum, a loop): stock "
    "gives 0, with --anyway a person decides"
)
_OLD = "an older schema of nbgrader's metadata: stock stops the class, we bring it up to date"

_NOSE = (
    *("correct_squares", "squares_invalid_input"),
    *("correct_sum_of_squares", "sum_of_squares_uses_squares"),
)

DIFFERENCES: Mapping[str, tuple[str, str]] = {
    **{
        f"basic/{student}/p1/{cell}": (f"0 waiting → {1 if cell == 'foo' else 0}", _LOST)
        for student in _LOST_BY
        for cell in ("foo", "bar", "baz", "quux")
    },
    "basic/apps.gradebook.db": ("none → 0, 0 waiting", _UNREADABLE),
    "basic/steps.jupyter.png": ("none → 0, 0 waiting", _UNREADABLE),
    "basic/apps.too-new": ("none → 1, 0 waiting", "a newer schema: stock stops the class"),
    "basic/steps.bad-markdown-cell-1": ("none → 1, 0 waiting", _RETYPED),
    "basic/steps.cell-type-changed": ("none → 1, 0 waiting", _RETYPED),
    "basic/steps.submitted-answer-cell-type-changed": ("none → 1, 0 waiting", _RETYPED),
    "basic/steps.submitted-grade-cell-type-changed": ("none → 1, 0 waiting", _RETYPED),
    "basic/steps.bad-markdown-cell-2": ("none → 1, 0 waiting", _METADATA),
    "basic/steps.blank-grade-id": ("none → 1, 0 waiting", _METADATA),
    "basic/steps.blank-points": ("none → 1, 0 waiting", _METADATA),
    "basic/steps.duplicate-grade-ids": ("none → 1, 0 waiting", _METADATA),
    "basic/steps.manually-graded-code-cell": (
        "none → 1, 0 waiting",
        "a check that was marked as an answer: stock finds its checksum inconsistent and gives up",
    ),
    "squares/apps.test-v0": ("none → 3, 2 waiting", _OLD),
    "squares/apps.test-v0-invalid": ("none → 3, 2 waiting", _OLD),
    "squares/apps.test-v1": ("none → 3, 2 waiting", _OLD),
    "squares/apps.test-v2": ("none → 3, 2 waiting", _OLD),
    "squares/steps.test_taskcell": ("none → 3, 2 waiting", _METADATA),
    **{
        f"own/same/{check}": ("0 → 0 waiting", _BROKEN)
        for check in (
            *(f"hidden/{name}" for name in ("correct_squares", "correct_sum_of_squares")),
            *(f"{notebook}/{name}" for notebook in ("nose", "task") for name in _NOSE),
            "timeout/correct_squares",
            "variable/cell-bfbdf1784663b6b6",
            "zero/correct_squares",
        )
    },
    **{
        f"squares/apps.test-no-metadata/p1/{cell}": (
            f"0 waiting → {points}",
            "no cell has a name any more: stock finds no answer and no check; we take the cells "
            "that define what the answers define",
        )
        for cell, points in {
            "correct_squares": 1,
            "squares_invalid_input": 1,
            "correct_sum_of_squares": 0.5,
            "sum_of_squares_uses_squares": 0.5,
            "sum_of_squares_equation": 0,
        }.items()
    },
}
"""What differs, as `compared` has it, and why; nothing else may."""

Grades = dict[str, tuple[float, bool]]
"""A submission's score by NOTEBOOK/CELL, and whether a person still has to look at it."""


def make_example_course(root: Path) -> None:
    """nbgrader's example course, as its guide has it before anything is graded."""
    root.mkdir()
    for name in ("source", "submitted"):
        shutil.copytree(GUIDE / name, root / name)
    shutil.copy(GUIDE / "autotests.yml", root)
    (root / "nbgrader_config.py").write_text(GUIDE_CONFIG)
    generate(root, "ps1", config_of(root))


def make_fixture_course(root: Path) -> None:
    root.mkdir()
    (root / "nbgrader_config.py").write_text(CONFIG)
    shutil.copy(APPS / "autotests.yml", root)
    for assignment, fixture in FIXTURES.items():
        _write(root / "source" / assignment, fixture.source, fixture.data)
        generate(root, assignment, config_of(root))
        for student, notebooks in fixture.submissions.items():
            _write(root / "submitted" / student / assignment, notebooks, fixture.data)


def _write(folder: Path, notebooks: Notebooks, data: Path | None) -> None:
    folder.mkdir(parents=True)
    for name, path in notebooks.items():
        shutil.copy(path, folder / f"{name}.ipynb")
    if data:
        shutil.copy(data, folder)


def config_of(root: Path) -> Config:
    config = PyFileConfigLoader("nbgrader_config.py", path=str(root)).load_config()
    config.CourseDirectory.root = str(root)
    return config


def submissions(root: Path) -> list[tuple[str, str]]:
    """(assignment, student) of all that was handed in, in order."""
    return sorted(
        (path.name, path.parent.name) for path in root.glob("submitted/*/*") if path.is_dir()
    )


def grade_by_stock(root: Path) -> dict[tuple[str, str], Grades | None]:
    """Grade one student after the other with nbgrader; None where it gives up."""
    results: dict[tuple[str, str], Grades | None] = {}
    for assignment, student in submissions(root):
        config = config_of(root)
        config.CourseDirectory.assignment_id = assignment
        config.CourseDirectory.student_id = student
        endless = (assignment, student) in ENDLESS
        config.Execute.timeout = SECONDS if endless else MANY_SECONDS
        config.Execute.iopub_timeout = MANY_SECONDS
        try:
            with programs_on_path():
                Autograde(
                    coursedir=CourseDirectory(config=config), config=config, log=quiet_logger()
                ).start()
            done = (root / "autograded" / student / assignment).is_dir()
        except NbGraderException:
            done = False
        results[assignment, student] = grades(root, assignment, student) if done else None
    return results


def grade_by_us(root: Path) -> dict[tuple[str, str], Grades | None]:
    words = [
        "grade",
        "--anyway",
        "--course",
        str(root),
        "--workers",
        "2",
        "--timeout",
        str(SECONDS),
    ]
    path = os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]])
    subprocess.run(
        [sys.executable, "-m", "autograder", *words],
        cwd=root,
        env={**os.environ, "PATH": path},
        stdin=subprocess.DEVNULL,
    )
    return {
        (assignment, student): grades(root, assignment, student)
        if (root / "autograded" / student / assignment).is_dir()
        else None
        for assignment, student in submissions(root)
    }


def grades(root: Path, assignment: str, student: str) -> Grades:
    return {
        f"{row.notebook}/{row.cell}": (row.auto or 0.0, bool(row.waiting))
        for row in gradebook_rows(root / "gradebook.db")
        if (row.assignment, row.student) == (assignment, student)
    }


def compared(stock: Path, ours: Path) -> dict[str, str]:
    """How the two courses' grades differ: `STOCK → OURS` by ASSIGNMENT/STUDENT or …/NOTEBOOK/CELL.

    Where stock gives a submission no result, ours stands for all of its checks.
    """
    theirs, mine = grade_by_stock(stock), grade_by_us(ours)
    found = {}
    for (assignment, student), without in theirs.items():
        with_ours = mine[assignment, student]
        name = f"{assignment}/{student}"
        if without is None or with_ours is None:
            found[name] = f"{_total(without)} → {_total(with_ours)}"
            continue
        for cell in sorted(without.keys() | with_ours.keys()):
            before, after = without.get(cell), with_ours.get(cell)
            if before != after:
                found[f"{name}/{cell}"] = f"{_shown(before)} → {_shown(after)}"
    return {name: text for name, text in found.items() if text != "none → none"}


def _total(grades: Grades | None) -> str:
    if grades is None:
        return "none"
    waiting = sum(waits for _, waits in grades.values())
    return f"{sum(score for score, _ in grades.values()):g}, {waiting} waiting"


def _shown(grade: tuple[float, bool] | None) -> str:
    return "none" if grade is None else f"{grade[0]:g}{' waiting' if grade[1] else ''}"


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore::sqlalchemy.exc.SAWarning")  # nbgrader's own use of it
@pytest.mark.parametrize("make", [make_example_course, make_fixture_course])
def test_scores_are_those_of_stock_nbgrader_but_for_what_is_listed(
    make: Callable[[Path], None], tmp_path: Path
) -> None:
    make(tmp_path / "stock")
    shutil.copytree(tmp_path / "stock", tmp_path / "ours")
    assignments = {path.name for path in (tmp_path / "ours" / "source").iterdir() if path.is_dir()}
    expected = {
        name: what for name, (what, _) in DIFFERENCES.items() if name.split("/")[0] in assignments
    }
    assert compared(tmp_path / "stock", tmp_path / "ours") == expected
