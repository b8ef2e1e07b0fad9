"""A student's own check: the engine runs the answers, and each visible check says what it says."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from autograder.assignment import Assignment, read_assignment
from autograder.blueprint import Blueprint, read_blueprint
from autograder.course import Course
from autograder.engine.engine import EngineFailure
from autograder.errors import UserError
from autograder.grade import engine_for, grade, limits_for
from autograder.identify import release_of
from autograder.nbgrader_course import open_course
from autograder.outcome import CheckResult, Outcome, as_json
from autograder.submission import Submission, read_submission


@dataclass(frozen=True)
class CheckReport:
    """A notebook's checks by grade_id, in order; notes say what was repaired."""

    assignment: Assignment
    checks: Mapping[str, CheckResult]
    notes: tuple[str, ...]

    @property
    def visible(self) -> tuple[CheckResult, ...]:
        return tuple(c for c in self.checks.values() if c.outcome is not Outcome.HIDDEN)

    @property
    def score(self) -> float:
        return sum(check.score for check in self.visible)

    @property
    def points(self) -> float:
        return sum(check.points for check in self.visible)

    @property
    def all_passed(self) -> bool:
        return all(check.outcome is Outcome.PASSED for check in self.visible)

    def as_json(self) -> dict[str, Any]:
        """The report as plain data, for `--json`."""
        return {
            "assignment": self.assignment.name,
            "score": self.score,
            "max_score": self.points,
            "checks": {check.grade_id: as_json(check) for check in self.checks.values()},
            "notes": list(self.notes),
        }


def check_notebook(
    path: Path,
    course: Course,
    *,
    timeout: float = 120,
    progress: Callable[[int, int, str], None] = lambda done, total, what: None,
) -> CheckReport:
    """Run the checks of the chapter that the notebook `path` belongs to.

    The checks are the release's, whatever stands in the student's file; the file is only read.
    timeout:  seconds that one cell may take
    progress: called with (cells done, cells in all, what runs next)
    raises:   UserError if the file is missing, no notebook, or of another course
    """
    released = release_of(path, course)
    blueprint = _released(course, released.chapter)
    assignment = read_assignment(released.path)
    (name,) = (notebook.name for notebook in blueprint.notebooks)
    with engine_for(blueprint, limits_for(blueprint, timeout)) as engine:
        try:
            result = grade(
                blueprint, _submission(path, f"{name}.ipynb", blueprint), engine,
                with_hidden=False, progress=progress,
            )  # fmt: skip
        except EngineFailure as failure:
            raise UserError(
                f"The checks cannot be run ({engine.failure or failure}); "
                "`autograder doctor` says why."
            ) from failure
    checks = {
        cell.grade_id: CheckResult(cell.grade_id, Outcome.HIDDEN, 0.0, cell.points)
        for cell in assignment.checks
    }
    checks |= {check.grade_id: check for check in result.checks}
    notes = tuple(note for notebook in result.notebooks for note in notebook.notes)
    return CheckReport(assignment, checks, notes)


def _released(course: Course, chapter: str) -> Blueprint:
    """The chapter as a student has it, wherever the source may be."""
    opened = open_course(course.root)
    return read_blueprint(replace(opened, source=course.root / ".no-source"), chapter)


def _submission(path: Path, name: str, blueprint: Blueprint) -> Submission:
    """The notebook under the name that the chapter gives it, and the files beside it."""
    found = read_submission(path.resolve().parent, "you", blueprint.assignment)
    files = {
        beside: content for beside, content in found.files.items() if not beside.endswith(".ipynb")
    }
    return Submission("you", blueprint.assignment, {**files, name: path.read_bytes()})
