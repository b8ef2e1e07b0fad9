"""What a check says: outcome, score, message. Computed where no student's code runs.

Its words come from the check where it has any; those of one that was stopped are here too.
"""

import math
import numbers
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from autograder.assignment.outcome import Outcome
from autograder.engine.exception_data import StudentGone
from autograder.engine.launch import Ended
from autograder.engine.scores import ends_with_score
from autograder.engine.shell import Run
from autograder.engine.tracebacks import Trace

NO_TIME_LEFT = "the time for the whole submission is over"
_PYTHON_ENDED = "Python ended while this answer ran"


@dataclass(frozen=True)
class Verdict:
    """outcome, score of `points`, and one sentence for the student."""

    outcome: Outcome
    score: float
    message: str


def verdict(
    run: Run, from_student: Trace | None, points: float, hidden: bool, source: str = ""
) -> Verdict:
    """Judge one run of a check.

    from_student: the student's own trace, if the exception came out of the answer
    points:       what the check can bring
    hidden:       whether the check's text is not to be shown
    source:       that text
    """
    if run.error is None:
        if not run.shown:
            return Verdict(Outcome.PASSED, points, "")
        return _score(run.value, points, source)
    if isinstance(run.error, StudentGone):
        return Verdict(Outcome.DIED, 0.0, _PYTHON_ENDED)
    trace = from_student or run.trace or Trace("Exception", "", "", ())
    words = " ".join(trace.text.split())
    place = trace.place
    if hidden and from_student is None:  # the number of the line tells those who have the check
        place = place.partition(": ")[0]
    place = f" ({place})" if place else ""
    if trace.kind == "AssertionError" and from_student is None:
        return Verdict(Outcome.FAILED, 0.0, words or f"failed without a message{place}")
    if hidden and from_student is None:  # its words may hold what the check expected
        words = ""
    return Verdict(Outcome.ERROR, 0.0, f"{trace.kind}: {words}{place}".replace(":  (", " ("))


def no_score(shown: str, points: float) -> str:
    """What is said of a check whose last expression is a number, and no score. shown: the number"""
    return (
        f"this check ended with {shown}, which is no score from 0 to {points:g}: "
        "tell your instructor"
    )


def stopped(ended: Ended, seconds: float | None) -> str:
    """What is said of a cell whose process ended.

    seconds: that a cell may take; None where the whole submission's time ended before
    """
    if ended.why == "timeout":
        if seconds is None:
            return NO_TIME_LEFT
        return f"stopped after {seconds:g} s: is there an infinite loop?"
    if ended.why == "end":
        return f"{_PYTHON_ENDED}: {ended.detail}"
    return f"stopped: {ended.detail}"


def _score(value: Any, points: float, source: str) -> Verdict:
    """A check's last expression is its partial credit if it is a number, as in nbgrader.

    nbgrader reads what is displayed; here the value itself counts, so NumPy's numbers are numbers.
    What cannot be a score where there should be one, which nbgrader takes for full marks or stops
    at, is an error.
    """
    score = math.nan
    if isinstance(value, numbers.Real) and not isinstance(value, bool):
        with suppress(Exception):
            score = float(value)
    elif isinstance(value, bool) or not ends_with_score(source):
        return Verdict(Outcome.PASSED, points, "")
    if not 0 <= score <= points:
        try:
            shown = repr(value)[:60]
        except Exception:
            shown = type(value).__name__
        return Verdict(Outcome.ERROR, 0.0, no_score(shown, points))
    if score == points:
        return Verdict(Outcome.PASSED, score, "")
    outcome = Outcome.PARTIAL if score else Outcome.FAILED
    return Verdict(outcome, score, f"{score:g} of {points:g} points")
