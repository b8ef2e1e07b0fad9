"""A class in which all is real but the engine: what an answer earns is read from its text.

`grading` puts a crew in the engine's place that grades thousands of submissions a second. The
gradebook, its writer, what is collected, placed and exported are the real ones.
"""

import contextlib
from collections.abc import Callable, Iterable, Iterator
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import Any

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook

from autograder.assignment.blueprint import Blueprint, read_blueprint
from autograder.assignment.merge import merge
from autograder.assignment.nbgrader_course import NbgraderCourse, open_course
from autograder.assignment.outcome import CheckResult, NotebookResult, Outcome, Result
from autograder.assignment.submission import Submission
from autograder.classroom import grade_class, merge_shards
from autograder.grading.proof import Proof
from autograder.intake.collect import place
from autograder.pages.feedback import write
from autograder.pages.report import build
from autograder.records import class_marks
from autograder.records.receipts import now

ASSIGNMENT = "02_cnn"
NOTEBOOK = "cnn.ipynb"
CHECK, WORDS = "cnn/conv2d-check", "cnn/reflection"
"""The graded cells: a check, and a written answer."""
POINTS = {CHECK: 4.0, WORDS: 2.0}
ANSWERS = range(15)
"""A student's answer: `answer % 5` are the points of the check, `answer // 5` is what is written, 0
for nothing."""

_CONFIG = 'c = get_config()\nc.CourseDirectory.course_id = "played"\n'
_ADDED = "conv2d-size"
_STUB = "YOUR ANSWER HERE"
_KERNEL = {"kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"}}


def earned(answer: int, check: int = 0) -> float:
    """What the check gives; every second text of it is kinder by a point."""
    return min(4.0, answer % 5 + check % 2)


def written(answer: int) -> int:
    """Which text stands in the written answer; 0 if none does."""
    return answer // 5


def make_course(root: Path, check: int = 0) -> NbgraderCourse:
    """A course of one assignment, whose class lies in its own folder."""
    (root / "source" / ASSIGNMENT).mkdir(parents=True)
    (root / "nbgrader_config.py").write_text(_CONFIG)
    change_check(root, check)
    return open_course(root)


def change_check(root: Path, number: int, *, added: bool = False) -> None:
    """Write the assignment with another text of its check: all that was graded is outdated.

    added: whether there is one more check, of a point, which answers of 3 and 4 pass
    """
    path = root / "source" / ASSIGNMENT / NOTEBOOK
    solution = "### BEGIN SOLUTION\n4\n### END SOLUTION"
    path.write_bytes(_notebook(solution, _STUB, number, added))


def notebook(answer: int) -> bytes:
    """A student's notebook."""
    words = f"Text {written(answer)}." if written(answer) else _STUB
    return _notebook(f"answer = {answer % 5}", words, 0)


def answer_in(data: bytes) -> int:
    """The answer in a student's notebook."""
    code, _, words = (cell["source"] for cell in nbformat.reads(data.decode(), 4).cells)
    return int(code.split()[-1]) + 5 * (0 if words == _STUB else int(words.split()[-1][:-1]))


def _notebook(code: str, words: str, check: int, added: bool = False) -> bytes:
    cells = [
        new_code_cell(code, id="a", metadata=_marks("conv2d", solution=True)),
        new_code_cell(
            f"assert answer >= {check}", id="b",
            metadata=_marks("conv2d-check", grade=True, locked=True, points=4),
        ),
        new_markdown_cell(
            words, id="c", metadata=_marks("reflection", grade=True, solution=True, points=2)
        ),
    ]  # fmt: skip
    if added:
        marks = _marks(_ADDED, grade=True, locked=True, points=1)
        cells.insert(2, new_code_cell("assert answer >= 3", id="d", metadata=marks))
    return nbformat.writes(new_notebook(cells=cells, metadata=_KERNEL)).encode()


def _marks(grade_id: str, **flags: Any) -> dict[str, Any]:
    every = {"grade": False, "solution": False, "locked": False, "task": False, "schema_version": 3}
    return {"nbgrader": {**every, "grade_id": grade_id, **flags}}


class ReadsTheAnswer:
    """A crew (`grading.workers.Workers`) that runs nothing."""

    jail = True
    notes: tuple[str, ...] = ()

    def __init__(
        self, blueprint: Blueprint, gets: Callable[[Blueprint, Submission], Result]
    ) -> None:
        self._blueprint, self._gets = blueprint, gets

    def ready(self) -> None:
        """See `Workers.ready`."""

    def run(
        self, submissions: Iterable[Submission], started: Callable[[str], None]
    ) -> Iterator[tuple[Submission, Result]]:
        """See `Workers.run`."""
        for submission in submissions:
            started(submission.student)
            yield submission, self._gets(self._blueprint, submission)


def result(blueprint: Blueprint, submission: Submission) -> Result:
    """The result of a submission."""
    (its,) = blueprint.notebooks
    data = submission.files[NOTEBOOK]
    score = earned(answer_in(data), int(its.notebook.cells[1].source.split()[-1]))
    outcome = {0.0: Outcome.FAILED, 4.0: Outcome.PASSED}.get(score, Outcome.PARTIAL)
    checks = [CheckResult("conv2d-check", outcome, score, 4.0)]
    if any(
        cell.metadata.get("nbgrader", {}).get("grade_id") == _ADDED for cell in its.notebook.cells
    ):
        passed = answer_in(data) % 5 >= 3
        outcome = Outcome.PASSED if passed else Outcome.FAILED
        checks.append(CheckResult(_ADDED, outcome, float(passed), 1.0))
    graded = NotebookResult(its.name, tuple(checks), merge(its, data).notebook)
    return Result(blueprint.assignment, submission.student, (graded,))


@contextlib.contextmanager
def grading(
    clock: Callable[[], datetime] = now,
    gets: Callable[[Blueprint, Submission], Result] = result,
) -> Iterator[None]:
    """Let `grade_class` grade by `ReadsTheAnswer` meanwhile, and by another clock.

    gets: the result of a submission
    """

    @contextlib.contextmanager
    def crew(blueprint: Blueprint, *_rest: Any) -> Iterator[tuple[Any, Proof, Blueprint]]:
        yield ReadsTheAnswer(blueprint, gets), Proof(ASSIGNMENT, ()), blueprint

    read: dict[bytes, Blueprint] = {}

    def blueprint_of(course: NbgraderCourse, assignment: str) -> Blueprint:
        """Each text of the assignment is read once; nbgrader takes long to release it."""
        source = (course.source_folder(assignment) / NOTEBOOK).read_bytes()
        if source not in read:
            read[source] = read_blueprint(course, assignment)
        return read[source]

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(grade_class, "_crew", crew)
        for module in (grade_class, merge_shards, class_marks, build, write):
            patch.setattr(module, "read_blueprint", blueprint_of)
        for module in (grade_class, merge_shards):
            patch.setattr(module, "place", partial(place, clock=clock))
        yield
