"""What grading gives: an outcome for each check, and a result for each submission."""

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from enum import Enum
from typing import Any


class Outcome(Enum):
    """What became of one check."""

    PASSED = "passed"
    PARTIAL = "partial"
    FAILED = "failed"
    UNANSWERED = "unanswered"
    """The stub still stands: it raised NotImplementedError."""
    ERROR = "error"
    """The answer raised something else, or the check gave no valid score."""
    TIMEOUT = "timeout"
    MEMORY = "out of memory"
    DIED = "died"
    MISSING = "missing"
    """The answer's cell is not in the submission, or there is no notebook to read."""
    DISPUTED = "disputed"
    """Nobody but a person can say: its two runs contradict each other, or nothing could be run."""
    HIDDEN = "hidden"
    """Not run: a student's own check leaves hidden checks out."""

    @property
    def stopped(self) -> bool:
        """Whether it ran and was cut off: another time, or on another machine, it may end."""
        return self in (Outcome.TIMEOUT, Outcome.MEMORY, Outcome.DIED)


class Way(Enum):
    """How a check is graded: what the course's own reference proved, or else its text tells."""

    ISOLATED = "isolated"
    """In a process where no line of the student's runs, and only there."""
    BOTH = "both ways"
    """There, and beside the answer as nbgrader does: it has to pass both ways."""
    OWN_PROCESS = "own process"
    """Beside the answer alone: isolated, the reference earns less."""
    PERSON = "a person"
    """As OWN_PROCESS, and a person decides about what it earns."""
    BROKEN = "broken"
    """The reference does not pass; it runs beside the answer, and no student is blamed."""


@dataclass(frozen=True)
class CheckResult:
    """One check: its outcome, the score it brought of its points, and its message.

    students_word: what objects of the student's own decided in it, such as "`==` of Vector": such a
                   class can answer as it likes. Empty for a check that runs beside the answer alone:
                   there everything is the student's word.
    """

    grade_id: str
    outcome: Outcome
    score: float
    points: float
    message: str = ""
    seconds: float = 0.0
    way: Way = Way.ISOLATED
    students_word: tuple[str, ...] = ()

    @property
    def max_score(self) -> float:
        """Points that the check is worth."""
        return self.points

    @property
    def said(self) -> str:
        """Its message, or its outcome where it has none."""
        return self.message or self.outcome.value

    @property
    def needs_person(self) -> bool:
        """Whether a person has to decide, because the engine will not."""
        return self.outcome is Outcome.DISPUTED


@dataclass(frozen=True)
class NotebookResult:
    """One notebook of a submission.

    name:     nbgrader's name of the notebook, the file's stem
    checks:   automatically graded cells, in the assignment's order
    notebook: nbformat node with the student's answers, the assignment's checks, and all outputs
    notes:    what was repaired or could not be read, one sentence each
    busy:     whether its time, or a cell's, ran out on a machine that was busy with other things
    """

    name: str
    checks: tuple[CheckResult, ...]
    notebook: Any = field(repr=False)
    notes: tuple[str, ...] = ()
    busy: bool = False

    @property
    def score(self) -> float:
        """Points earned by its checks."""
        return sum(check.score for check in self.checks)

    @property
    def max_score(self) -> float:
        """Points that its checks are worth."""
        return sum(check.points for check in self.checks)


@dataclass(frozen=True)
class Result:
    """One student's graded submission; written answers are not in it, a person reads them."""

    assignment: str
    student: str
    notebooks: tuple[NotebookResult, ...]
    notes: tuple[str, ...] = ()
    seconds: float = 0.0

    @property
    def checks(self) -> Iterator[CheckResult]:
        for notebook in self.notebooks:
            yield from notebook.checks

    @property
    def busy(self) -> bool:
        """Whether time ran out in it on a machine that was busy with other things."""
        return any(notebook.busy for notebook in self.notebooks)

    def final(self) -> "Result":
        """The same result, where it is not tried once more, however busy the machine was."""
        notebooks = tuple(replace(notebook, busy=False) for notebook in self.notebooks)
        return replace(self, notebooks=notebooks)

    @property
    def score(self) -> float:
        """Points earned by the checks."""
        return sum(check.score for check in self.checks)

    @property
    def points(self) -> float:
        return sum(check.points for check in self.checks)

    @property
    def max_score(self) -> float:
        """Points that the checks are worth."""
        return self.points

    def named(self) -> dict[str, CheckResult]:
        """The checks by grade_id; those that two notebooks call alike, by `notebook/grade_id`."""
        often = Counter(check.grade_id for check in self.checks)
        return {
            check.grade_id
            if often[check.grade_id] == 1
            else f"{notebook.name}/{check.grade_id}": check
            for notebook in self.notebooks
            for check in notebook.checks
        }

    def as_json(self) -> Mapping[str, Any]:
        """The result as plain data, for `--json`."""
        return {
            "score": self.score,
            "max_score": self.points,
            "checks": {name: as_json(check) for name, check in self.named().items()},
            "notes": [*self.notes, *(note for n in self.notebooks for note in n.notes)],
            "seconds": round(self.seconds, 3),
        }


@dataclass(frozen=True)
class Recorded:
    """A result that was written down earlier.

    result:    plain data, see `Result.as_json`
    jailed:    whether the student's code ran in the jail
    graded_at: when, in seconds since 1970; 0.0 if that is not known
    """

    result: Mapping[str, Any]
    jailed: bool
    graded_at: float = 0.0


@dataclass(frozen=True)
class Versions:
    """What a result follows from; empty where it is not known.

    engine:     `grade.ENGINE_VERSION`
    assignment: `Blueprint.key`
    submission: `Submission.work_key`
    """

    engine: str = ""
    assignment: str = ""
    submission: str = ""


def as_json(check: CheckResult) -> Mapping[str, Any]:
    """One check as plain data."""
    return {
        "outcome": check.outcome.value,
        "score": check.score,
        "max_score": check.points,
        "message": check.message,
        "way": check.way.value,
        "students_word": list(check.students_word),
        "seconds": round(check.seconds, 3),
    }
