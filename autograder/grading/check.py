"""A student's own check: the engine runs the answers, and each visible check says what it says."""

from collections.abc import Callable, Mapping
from contextlib import closing
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from autograder.assignment.blueprint import Blueprint, read_blueprint
from autograder.assignment.course import Course
from autograder.assignment.errors import UserError
from autograder.assignment.handed_in import read_handed_in
from autograder.assignment.identify import release_of
from autograder.assignment.nbgrader_course import ignored_names, open_course
from autograder.assignment.notebook import Assignment, read_assignment
from autograder.assignment.outcome import CheckResult, Outcome, as_json
from autograder.assignment.submission import Submission
from autograder.engine import engine_choice
from autograder.engine.engine import Engine, EngineFailure
from autograder.engine.limits import CHECK_SECONDS, limits_for
from autograder.grading.ahead import Ahead
from autograder.grading.grade import engine_for, grade

Progress = Callable[[int, int, str], None]
"""Called with (cells done, cells in all, what runs next)."""


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
    timeout: float = CHECK_SECONDS,
    progress: Progress = lambda done, total, what: None,
) -> CheckReport:
    """Run the checks of the chapter that the notebook `path` belongs to, see `Checks.check`."""
    with closing(Checks(course, timeout)) as checks:
        return checks.check(path, progress)


class Checks:
    """Checks one notebook after the other; what the last chapter needs stays warm until `close`.

    Whoever expects another check calls `prepare`: what stands above the work then runs ahead.

    timeout: seconds that one cell may take
    """

    def __init__(self, course: Course, timeout: float = CHECK_SECONDS) -> None:
        self._course, self._timeout = course, timeout
        self._engine: Engine | None = None
        self._engine_of = ""
        self._ahead = Ahead()
        self._read: tuple[Any, Blueprint] | None = None
        self._ignored: tuple[str, ...] = ()

    def check(self, path: Path, progress: Progress = lambda done, total, what: None) -> CheckReport:
        """Run the checks of the chapter that the notebook `path` belongs to.

        The checks are the release's, whatever stands in the student's file; the file is only read.
        raises: UserError if the file is missing, no notebook, or of another course
        """
        released = release_of(path, self._course)
        blueprint = self._blueprint(released.chapter)
        assignment = read_assignment(released.path)
        handed_in = read_handed_in(path, released, self._ignored)
        submission = Submission("you", blueprint.assignment, handed_in.files)
        engine = self._warm(blueprint)
        try:
            result = grade(
                blueprint, submission, engine,
                with_hidden=False, ahead=self._ahead, progress=progress,
            )  # fmt: skip
        except EngineFailure as failure:
            reason = engine.failure or failure
            self.close()
            raise UserError(f"The checks cannot be run. {reason}.", exit_code=1) from failure
        checks = {
            cell.grade_id: CheckResult(cell.grade_id, Outcome.HIDDEN, 0.0, cell.points)
            for cell in assignment.checks
        }
        checks |= {check.grade_id: check for check in result.checks}
        notes = tuple(note for notebook in result.notebooks for note in notebook.notes)
        notes += handed_in.notes
        return CheckReport(assignment, checks, notes)

    def prepare(self, waits: Callable[[], bool] = lambda: False) -> None:
        """Run what the next check of the same notebook begins with (see `ahead`).

        waits: asked between two cells whether a check is wanted; the rest is left to it
        """
        self._ahead.begin(waits)

    def close(self) -> None:
        """End the warm process, if there is one."""
        self._ahead.close()
        engine, self._engine = self._engine, None
        if engine is not None:
            engine.close()

    def _blueprint(self, chapter: str) -> Blueprint:
        """The chapter as a student has it, wherever the source may be; read again if it changed."""
        root, folder = self._course.root, self._course.release / chapter
        files = [root / "nbgrader_config.py", *sorted(folder.rglob("*"))]
        stamp = [(path, path.stat().st_mtime_ns, path.stat().st_size) for path in files]
        if self._read is None or self._read[0] != stamp:
            found = open_course(root, with_class=False)  # a student's check needs no gradebook
            opened = replace(found, source=root / ".no-source")
            self._ignored = ignored_names(opened.config)
            self._read = stamp, read_blueprint(opened, chapter)
        return self._read[1]

    def _warm(self, blueprint: Blueprint) -> Engine:
        """The engine with the chapter's imports and data; another chapter's is ended first."""
        if self._engine is None or self._engine_of != blueprint.key:
            self.close()
            limits = limits_for(blueprint.timeout, self._timeout)
            self._engine = engine_for(blueprint, limits, portable=engine_choice.portable())
            self._engine_of = blueprint.key
        return self._engine
