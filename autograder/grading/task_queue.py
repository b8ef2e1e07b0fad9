"""Which submission of a class is next where workers may die, and when to give one up.

A submission whose worker died is graded again by another. Who was being graded beside it is
suspected as well, so those that saw workers die again and again are left for the end and graded
alone; whoever then still ends its workers is to blame, and is left to a person.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from autograder.assignment.submission import Submission
from autograder.grading.pool import ATTEMPTS


@dataclass
class Task:
    """A submission on its way.

    alone:         nothing else is graded meanwhile
    workers:       who may take it
    future:        Dask's, while it is under way
    fetch_seconds: how long to wait for a finished result to be sent
    """

    submission: Submission
    attempts: int = 0
    alone: bool = False
    workers: frozenset[str] = frozenset()
    future: Any = field(default=None, repr=False)
    fetch_seconds: float = 4.0


class TaskQueue:
    """Each submission that it takes comes out exactly once: with a result, or given up and why."""

    def __init__(self, submissions: Iterator[Submission]) -> None:
        self._waiting = submissions
        self._again: list[Task] = []
        self._suspects: list[Task] = []
        self._all_taken = False
        self.under_way: dict[str, Task] = {}
        """By Dask's key."""

    @property
    def is_over(self) -> bool:
        """Whether everything is finished."""
        return self._all_taken and not (self._again or self._suspects or self.under_way)

    def next(self) -> Task | None:
        """What to begin now; None if there is nothing, or it has to wait for what is under way."""
        if any(task.alone for task in self.under_way.values()):
            return None
        if self._again:
            return self._again.pop()
        if not self._all_taken:
            if (submission := next(self._waiting, None)) is not None:
                return Task(submission)
            self._all_taken = True
        if self._suspects and not self.under_way:
            return self._suspects.pop(0)
        return None

    def failed(self, task: Task, why: str) -> tuple[Submission, str] | None:
        """Try it again, or return it with the reason: it is given up."""
        task.attempts += 1
        if task.attempts >= ATTEMPTS:
            return task.submission, why
        self._again.append(task)
        return None

    def worker_died(self, task: Task, deaths: int = 1) -> tuple[Submission, str] | None:
        """The same, after so many of its workers ended."""
        task.attempts += deaths
        if task.attempts < ATTEMPTS:
            self._again.append(task)
        elif task.alone:
            return task.submission, "its workers ended"
        else:
            task.attempts, task.alone = 0, True
            self._suspects.append(task)
        return None
