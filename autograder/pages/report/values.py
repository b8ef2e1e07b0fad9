"""What the report on a class says, as values."""

import statistics
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

NAMED = 100
"""So many students are named for one thing; more are counted."""


@dataclass(frozen=True)
class Person:
    """A student, and where to look: a path as seen from the report, empty if there is nothing."""

    name: str
    link: str = ""


@dataclass(frozen=True)
class ExerciseFigures:
    """How the class did in one exercise, those apart who still wait for a person there.

    students:       whose points are decided
    share:          mean share of the points, 0 to 1; None if nobody's are decided
    discrimination: correlation of its points with those of all other exercises; None where it has
                    no meaning: too few students, or all have the same
    full, nothing:  students with all and with none of the points
    """

    title: str
    points: float
    students: int
    share: float | None
    discrimination: float | None
    full: int
    nothing: int


@dataclass(frozen=True)
class Misconception:
    """What a check said, numbers apart. `example` is one message in full."""

    check: str
    hidden: bool
    words: str
    example: str
    count: int
    people: tuple[Person, ...]


@dataclass(frozen=True)
class CheckTime:
    """Seconds that a check took: median and most, of all who were graded."""

    check: str
    median: float
    most: float
    slowest: Person


@dataclass(frozen=True)
class Waiting:
    """A graded cell that a person has to look at. `reason` is empty for a written answer."""

    cell: str
    notebook: str
    count: int
    reason: str
    people: tuple[Person, ...]


@dataclass(frozen=True)
class LateOne:
    """A late submission: days after the due date, points off."""

    person: Person
    days: float
    penalty: float


@dataclass(frozen=True)
class AssignmentReport:
    """One assignment.

    scores:     of those who are graded, sorted
    ungraded:   the others
    no_time:    of whom it is not known whether they are late, the first of them
    to_look_at: student and why a person has to look at what was handed in, or grade it again
    """

    name: str
    max_score: float
    scores: tuple[float, ...]
    exercises: tuple[ExerciseFigures, ...]
    misconceptions: tuple[Misconception, ...]
    times: tuple[CheckTime, ...]
    waiting: tuple[Waiting, ...]
    not_final: int
    late: tuple[LateOne, ...]
    ungraded: tuple[str, ...]
    no_time: tuple[Person, ...]
    to_look_at: tuple[tuple[str, str], ...]

    @property
    def mean(self) -> float:
        return statistics.fmean(self.scores) if self.scores else 0.0

    @property
    def median(self) -> float:
        return statistics.median(self.scores) if self.scores else 0.0

    def as_json(self) -> dict[str, Any]:
        """The report as plain data, for `--json`; of long lists the first students only."""
        return {
            "assignment": self.name,
            "max_score": self.max_score,
            "scores": list(self.scores),
            "mean": self.mean,
            "median": self.median,
            "exercises": [
                {
                    "exercise": one.title,
                    "max_score": one.points,
                    "students": one.students,
                    "mean_fraction": one.share,
                    "discrimination": one.discrimination,
                    "full": one.full,
                    "nothing": one.nothing,
                }
                for one in self.exercises
            ],
            "misconceptions": [
                {
                    "check": one.check,
                    "hidden": one.hidden,
                    "message": one.words,
                    "example": one.example,
                    "count": one.count,
                    "students": [person.name for person in one.people],
                }
                for one in self.misconceptions
            ],
            "times": [
                {
                    "check": one.check,
                    "median_seconds": one.median,
                    "longest_seconds": one.most,
                    "slowest": one.slowest.name,
                }
                for one in self.times
            ],
            "waiting": [
                {
                    "notebook": one.notebook,
                    "cell": one.cell,
                    "reason": one.reason,
                    "count": one.count,
                    "students": [person.name for person in one.people],
                }
                for one in self.waiting
            ],
            "not_final": self.not_final,
            "late": {
                one.person.name: {"seconds": round(one.days * 86_400), "penalty": one.penalty}
                for one in self.late
            },
            "ungraded": list(self.ungraded),
            "time_unknown": [person.name for person in self.no_time],
            "to_look_at": dict(self.to_look_at),
        }


@dataclass(frozen=True)
class ClassReport:
    """The report on a class.

    left_out: why an assignment that is graded is not in it, by name
    """

    assignments: tuple[AssignmentReport, ...]
    left_out: Mapping[str, str] = field(default_factory=dict)
