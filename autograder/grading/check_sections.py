"""A check's report cut into exercises: what the terminal and JupyterLab show of each."""

from collections.abc import Iterator
from dataclasses import dataclass

from autograder.assignment.notebook import Kind
from autograder.assignment.outcome import CheckResult, Outcome
from autograder.grading.check import CheckReport


@dataclass(frozen=True)
class Section:
    """One exercise.

    answer:  grade_id of its first answer, where to go on; empty if there is none
    visible: the checks that were run, in order
    hidden:  the checks that are run at grading only
    written: points that a person gives
    """

    title: str
    answer: str
    visible: tuple[CheckResult, ...]
    hidden: tuple[CheckResult, ...]
    written: float

    @property
    def score(self) -> float:
        return sum(check.score for check in self.visible)

    @property
    def points(self) -> float:
        return sum(check.points for check in self.visible)

    @property
    def complete(self) -> bool:
        """Whether every visible check gives all its points."""
        return bool(self.visible) and self.score == self.points


def sections(report: CheckReport) -> Iterator[Section]:
    """Yield the exercises of a report, in order."""
    for exercise in report.assignment.exercises:
        checks = [report.checks[c.grade_id] for c in exercise.cells if c.kind is Kind.CHECK]
        yield Section(
            title=exercise.title,
            answer=next((c.grade_id for c in exercise.cells if c.kind is Kind.ANSWER), ""),
            visible=tuple(check for check in checks if check.outcome is not Outcome.HIDDEN),
            hidden=tuple(check for check in checks if check.outcome is Outcome.HIDDEN),
            written=sum(cell.points for cell in exercise.cells if cell.kind is Kind.WRITTEN),
        )
