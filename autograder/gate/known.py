"""Known answers, judged: each must get what it deserves, in the words of the check that it fails.

Each is judged isolated, as in grading. Right and vacuous ones, and the first wrong one of each
check, are judged once more in their own process, as in a student's kernel, and the two must agree.
Training takes time: what takes longer than `QUICK` is judged once, and where a check trains, the
first few answers of each kind.
"""

import re
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass

from autograder.assignment.blueprint import Blueprint
from autograder.assignment.notebook import Assignment
from autograder.assignment.outcome import Outcome
from autograder.authoring.misconceptions import FEWEST, Expected, KnownAnswer
from autograder.engine.engine import Engine
from autograder.engine.session import CheckRun
from autograder.gate.judge import Judged, checks_of, differences, judge, trains

QUICK = 2.0
"""Seconds."""
_JUDGED = (Outcome.FAILED, Outcome.PARTIAL)
"""The outcomes in which a check looked at an answer and gave it less than all."""
_QUOTED_LINE = re.compile(r" \(line \d+: `.*`\)$", re.DOTALL)


@dataclass(frozen=True)
class Turn:
    """A known answer that is judged.

    checks: those that it runs against
    twice:  whether it is judged in its own process too, if that is quick; a thorough proof does
            not ask whether it is
    """

    known: KnownAnswer
    checks: tuple[str, ...]
    twice: bool
    thorough: bool = False


def turns(
    assignment: Assignment, known: tuple[KnownAnswer, ...], *, thorough: bool = False
) -> Iterator[Turn]:
    """Those of a chapter's known answers that are judged, in order; all if it is to be thorough."""
    before: Counter[tuple[str, Expected, str]] = Counter()
    checks = {check.grade_id for check in assignment.checks}
    for each in known:
        kind = each.answer, each.expected, each.check
        if each.check and each.check not in checks:
            continue  # `lacking` tells
        first = before[kind] == 0
        if (
            thorough
            or not trains(assignment, each)
            or before[kind] < _enough(assignment, each, known)
        ):
            wrong = each.expected is Expected.WRONG
            against = (each.check,) if wrong else tuple(checks_of(assignment, each.answer))
            yield Turn(each, against, thorough or first or not wrong, thorough)
        before[kind] += 1


def _enough(assignment: Assignment, one: KnownAnswer, known: tuple[KnownAnswer, ...]) -> int:
    """How many answers of its kind are judged where a check trains.

    Two right ones and a vacuous one of an exercise; a wrong one of each training check, and two
    more where the exercise has not got enough that are wrong without training.
    """
    if one.expected is not Expected.WRONG:
        return FEWEST[one.expected.value]
    quick = [
        other
        for other in known
        if other.answer == one.answer
        and other.expected is Expected.WRONG
        and not trains(assignment, other)
    ]
    return 1 if len(quick) >= FEWEST["wrong"] else FEWEST["wrong"]


def judged(engine: Engine, blueprint: Blueprint, assignment: Assignment, turn: Turn) -> str:
    """Judge one; say in a sentence what is wrong with it, or nothing."""
    answers = {turn.known.answer: turn.known.source}
    began = time.monotonic()
    runs = judge(engine, blueprint, assignment, answers, turn.checks, inside=False)
    why = undeserved(turn.known, runs)
    if why or not turn.twice or (time.monotonic() - began > QUICK and not turn.thorough):
        return why
    in_kernel = judge(engine, blueprint, assignment, answers, turn.checks, inside=True)
    differ = "; ".join(differences(runs, in_kernel))
    return f"the two ways disagree ({differ})" if differ else undeserved(turn.known, in_kernel)


def undeserved(known: KnownAnswer, runs: Judged) -> str:
    """What the checks say that they must not; empty if the answer gets what it deserves."""
    passed = [name for name, run in runs.items() if run.outcome is Outcome.PASSED]
    if known.expected is Expected.RIGHT:
        failed = {name: run for name, run in runs.items() if name not in passed}
        return "; ".join(f"right, and {name} says: {_said(run)}" for name, run in failed.items())
    if passed:
        return f"{known.expected.value}, and {', '.join(passed)} gives it points"
    if known.expected is Expected.VACUOUS:
        if points := [name for name, run in runs.items() if run.score > 0]:
            return f"vacuous, and {', '.join(points)} gives it points"
        return _broken(runs)
    return _not_in_these_words(known, runs[known.check])


def _broken(runs: Judged) -> str:
    """Whether a vacuous answer proves nothing: it earns no point because it does not run."""
    if not runs or any(run.outcome in _JUDGED for run in runs.values()):
        return ""
    name, run = next(iter(runs.items()))
    return f"vacuous, but no check judges it: {name} ends in {run.outcome.value}: {_said(run)}"


def _not_in_these_words(known: KnownAnswer, run: CheckRun) -> str:
    # An error's message quotes the line where it came up, and with it the check's own words.
    message = _QUOTED_LINE.sub("", run.message)
    if known.raises:
        if run.outcome is not Outcome.ERROR or not message.startswith(known.raises):
            return f"does not raise {known.raises} in {known.check}; it says: {_said(run)}"
    elif run.outcome not in _JUDGED:
        return (
            f"{known.check} does not judge it, it ends in {run.outcome.value}: {_said(run)} "
            f"(if that is meant: `# raises: {message.partition(':')[0]}`)"
        )
    missing = [words for words in known.says if words not in message]
    if missing:
        return f"{known.check} does not say “{missing[0]}”, it says: {_said(run)}"
    return ""


def _said(run: CheckRun) -> str:
    return run.message or run.outcome.value
