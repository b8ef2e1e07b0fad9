"""Who grades a class: processes of this machine here, a Dask cluster in `cluster`."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Protocol

from autograder.assignment.blueprint import Blueprint
from autograder.assignment.errors import UserError
from autograder.assignment.outcome import Result
from autograder.assignment.submission import Submission
from autograder.engine.engine import Engine, EngineFailure
from autograder.engine.limits import Limits
from autograder.grading.grade import try_course
from autograder.grading.pool import Job, run


class Workers(Protocol):
    """Grades submissions side by side and writes nothing down."""

    @property
    def jail(self) -> bool:
        """Whether students' code runs in the jail, everywhere."""

    @property
    def notes(self) -> tuple[str, ...]:
        """What the instructor has to know of it, one sentence each."""

    def ready(self) -> None:
        """Wait until submissions can be graded. raises: UserError if they never can"""

    def run(
        self, submissions: Iterable[Submission], started: Callable[[str], None]
    ) -> Iterator[tuple[Submission, Result]]:
        """Grade, in the order of completion; each submission comes back exactly once.

        submissions: taken as there is time for them, never far ahead
        started:     called with the student whose turn it is
        raises: UserError if the crew cannot go on
        """


@dataclass(frozen=True)
class LocalWorkers:
    """Worker processes of this machine around one warm process."""

    blueprint: Blueprint
    engine: Engine
    limits: Limits
    workers: int
    cross_check: bool = False
    notes: tuple[str, ...] = ()

    @property
    def jail(self) -> bool:
        return self.engine.jail

    def ready(self) -> None:
        """See `Workers.ready`."""
        try:
            try_course(self.blueprint, self.engine)
        except EngineFailure as failure:
            raise nothing_graded(self.engine, failure) from failure

    def run(
        self, submissions: Iterable[Submission], started: Callable[[str], None]
    ) -> Iterator[tuple[Submission, Result]]:
        """See `Workers.run`."""
        job = Job(self.blueprint, self.engine.address, self.jail, self.limits, self.cross_check)
        return run(
            job, submissions, self.workers,
            engine_failure=lambda: self.engine.failure, started=started,
        )  # fmt: skip


def nothing_graded(engine: Engine, failure: EngineFailure) -> UserError:
    """What is said where the engine does not run."""
    why = engine.failure or str(failure)
    return UserError(f"Nothing was graded. {why[:1].upper()}{why[1:]}.", exit_code=1)
