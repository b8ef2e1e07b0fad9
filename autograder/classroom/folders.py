"""A class: one directory with `submitted/ autograded/ feedback/ gradebook.db exchange/`.

Marks are read here, by nbgrader's own Gradebook; `autograder.gradebook.writer` writes them.
"""

import warnings
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from nbgrader.api import Gradebook, MissingEntry

from autograder.assignment.blueprint import read_blueprint
from autograder.assignment.course import Course
from autograder.assignment.nbgrader_course import open_course
from autograder.assignment.notebook import Assignment, Exercise
from autograder.gradebook.writer import GradebookWriter

warnings.filterwarnings("ignore", module="nbgrader", category=Warning)  # SQLAlchemy's, not ours


@dataclass(frozen=True)
class Mark:
    """One student's points in one exercise; `waiting` when a person still has to read it."""

    score: float
    points: float
    waiting: bool


@dataclass(frozen=True)
class Classroom:
    """The class directory `root` of a course."""

    course: Course
    root: Path

    @property
    def submitted(self) -> Path:
        return self.root / "submitted"

    @property
    def feedback(self) -> Path:
        return self.root / "feedback"

    @property
    def logs(self) -> Path:
        return self.root / "logs"

    @property
    def database(self) -> Path:
        return self.root / "gradebook.db"

    @cached_property
    def db_url(self) -> str:
        """nbgrader's address of the gradebook: `database`, or what class.toml names."""
        return open_course(self.course.root, self.root).db_url

    def students(self, assignment: str) -> tuple[str, ...]:
        """Those who submitted the assignment, in order."""
        return tuple(sorted(path.parent.name for path in self.submitted.glob(f"*/{assignment}")))

    def register(self, assignment: str) -> None:
        """Enter the assignment, its checks and points into the gradebook."""
        course = open_course(self.course.root, self.root)
        with GradebookWriter(course) as writer:
            writer.register(read_blueprint(course, assignment))

    def scores(self, assignment: Assignment, student: str) -> dict[str, float] | None:
        """The student's points by check, as the gradebook holds them; None if it holds none."""
        grades = self._grades(assignment, student)
        if grades is None:
            return None
        checks = {check.grade_id for check in assignment.checks}
        return {name: score for name, (score, _) in grades.items() if name in checks}

    def marks(self, assignment: Assignment, student: str) -> dict[str, Mark] | None:
        """The student's marks by exercise title; None if the gradebook holds none."""
        grades = self._grades(assignment, student)
        if grades is None:
            return None
        return {exercise.title: _mark(exercise, grades) for exercise in assignment.exercises}

    def _grades(self, assignment: Assignment, student: str) -> dict[str, tuple[float, bool]] | None:
        """Score, and whether a person has to look, by grade_id."""
        with Gradebook(self.db_url) as gradebook:
            try:
                notebook = gradebook.find_submission_notebook(
                    assignment.notebook, assignment.name, student
                )
            except MissingEntry:
                return None
            return {
                grade.name: (float(grade.score or 0), bool(grade.needs_manual_grade))
                for grade in notebook.grades
            }


def _mark(exercise: Exercise, grades: dict[str, tuple[float, bool]]) -> Mark:
    earned: Iterable[tuple[float, bool]] = [
        grades[cell.grade_id] for cell in exercise.cells if cell.points and cell.grade_id in grades
    ]
    return Mark(
        score=sum(score for score, _ in earned),
        points=exercise.points,
        waiting=any(waiting for _, waiting in earned),
    )
