"""A student's next check, begun ahead: once more from the top, down to where the work goes on.

Whoever checks again has changed little, and what stands above has run anew by then, in processes
that wait there. So a check says what it says in one run from top to bottom, whatever the cells
leave behind, and nothing is run twice while somebody waits. Only a student's own check makes use
of that; grading does not.
"""

from collections.abc import Callable, Mapping

from autograder.assignment.merge import Merged
from autograder.assignment.notebook import Kind, kind_of
from autograder.assignment.outcome import Outcome
from autograder.engine.session import EngineFailure, Session
from autograder.grading.notebook_run import NotebookRun, Progress

WORTH = 0.3
"""Seconds from which on what stands above is run ahead."""


class Ahead:
    """What is known of the last check of one notebook, and the run for the next, if it has begun."""

    def __init__(self) -> None:
        self._last: NotebookRun | None = None
        self._at = 0
        """Number of the cell that was changed last."""
        self._next: NotebookRun | None = None
        self._session: Callable[[], Session] | None = None

    def take(
        self, merged: Merged, files: Mapping[str, bytes], progress: Progress
    ) -> NotebookRun | None:
        """Return a run of this notebook that is on its way; the caller owns its session.

        merged, files: what is to be checked. None if what has run by now is not the same
        """
        run, self._next = self._next, None
        if run is not None and not run.go_on(merged, files, progress):
            run.session.end()
            run = None
        return run

    def note(self, run: NotebookRun, session: Callable[[], Session]) -> None:
        """Remember a run that has come to its end, and where the notebook was changed before it.

        session: opens another one like the run's
        """
        if self._last is not None:
            changed = run.first_difference(self._last)
            self._at = self._at if changed is None else changed
        self._last, self._session = run, session

    def begin(self, waits: Callable[[], bool]) -> None:
        """Run what stands above the work, for the next check.

        waits: whether somebody waits for a check already: the rest is theirs
        """
        last = self._last
        if last is None or self._session is None or self._next is not None or waits():
            return
        until = self._goes_on_at(last)
        if sum(last.seconds[:until]) < WORTH:
            return
        run = last.again(self._session())
        try:
            run.checks(until=until, stop=waits)
        except EngineFailure:
            run.session.end()
        else:
            self._next = run

    def close(self) -> None:
        """Forget everything, and end what has begun."""
        if self._next is not None:
            self._next.session.end()
        self._next = self._last = self._session = None
        self._at = 0

    def _goes_on_at(self, run: NotebookRun) -> int:
        """Number of the cell above which nothing is likely to change.

        That is the one that was changed last or, if its check passes now, the next answer of which
        one does not.
        """
        at = self._at
        answer = passed = 0
        for number, cell in enumerate(run.cells):
            if kind_of(cell) is Kind.ANSWER:
                answer = number
            outcome = run.outcome(cell)
            if outcome is None or number < at:
                continue
            if outcome is Outcome.PASSED:
                passed += 1
            else:
                return answer if passed else min(at, answer)
        return at
