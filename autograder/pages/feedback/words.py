"""The sentences on a student's page.

A hidden check is told by its name, its points and a sentence of ours. Of an exception in the answer
only what the student knows already is told: a built-in class, and a line that stands in the answer.
"""

import builtins
import re
from collections.abc import Collection, Mapping, Sequence
from typing import Any

from autograder.assignment.outcome import Outcome

WAITS = "Your instructor will review this check; until then it counts 0 points."
STILL_READS = "Your instructor still has to read this one."
GRADED = "Graded by your instructor."
GAVE = "Your instructor gave these points."
NO_ANSWER = "Left as it was: no answer."
LATER = "[what this cell showed is left out: it ran after a hidden check]"
CUT = "\n[… the rest is in your notebook]"
_SHARE = re.compile(r"[\d.e+-]+ of [\d.e+-]+ points")

_SENTENCES: Mapping[Outcome, str] = {
    Outcome.PASSED: "Passed.",
    Outcome.PARTIAL: "Passed in part.",
    Outcome.UNANSWERED: "Not answered yet: the stub is still there.",
    Outcome.TIMEOUT: "Your code did not come to an end in the time that it has.",
    Outcome.MEMORY: "Your code took more memory than it may.",
    Outcome.DIED: "Python ended while your code ran.",
    Outcome.MISSING: "There was no answer to run: its cell, or the whole notebook, was not there.",
    Outcome.DISPUTED: WAITS,
}
_HIDDEN_SENTENCES: Mapping[Outcome, str] = {
    **_SENTENCES,
    Outcome.FAILED: "Not passed: the answer is wrong in at least one of this check's cases, some of them hidden.",
    Outcome.ERROR: "Not passed: the check could not be finished with this answer.",
}


def sentence(outcome: Outcome, message: str) -> str:
    """What a visible check says: its own message, or ours where it has none."""
    if outcome in (Outcome.PASSED, Outcome.UNANSWERED, Outcome.DISPUTED):
        return _SENTENCES[outcome]
    if _SHARE.fullmatch(message):
        return "Some of its cases are not right." if outcome is Outcome.PARTIAL else "Not passed."
    return message or _SENTENCES.get(outcome, "Not passed.")


def hidden_sentence(
    outcome: Outcome, errors: Sequence[Mapping[str, Any]], student_sources: Collection[str]
) -> str:
    """What is told of a hidden check.

    errors: its outputs of the type `error`; their traceback has lines of the student's alone
    """
    told = _HIDDEN_SENTENCES[outcome]
    if outcome is not Outcome.ERROR:
        return told
    lines = {line.strip() for source in student_sources for line in source.splitlines()}
    for error in errors:
        steps = [str(step).split("\n", 1)[-1].strip() for step in error.get("traceback", ())]
        place = next((step for step in reversed(steps) if len(step) > 1 and step in lines), "")
        if place:
            kind = str(error.get("ename"))
            kind = kind if kind in vars(builtins) else "an error"
            return f"Not passed: your code raised {kind} at `{place}`."
    return told


TIME_UNKNOWN = "It is not known when this was handed in; nothing was taken off for that."
OUTDATED = (
    "This page is about earlier work: other work counts by now, or the assignment has changed."
)
HELD = "Not final yet: your instructor still has to look at what you submitted."
