"""How good a course's checks are: mutants and universal wrong answers run against them.

What earns every point of every check of its exercise survives. The answers are the author's own,
so they run without the sandbox.
"""

import os
import random
import time
from collections.abc import Callable, Iterator
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from dataclasses import dataclass, field, replace
from pathlib import Path

from autograder.assignment.blueprint import Blueprint, read_blueprint
from autograder.assignment.errors import UserError
from autograder.assignment.nbgrader_course import NbgraderCourse, notebooks_in
from autograder.assignment.python_text import NOT_PYTHON
from autograder.engine.engine import Engine
from autograder.engine.limits import limits_for
from autograder.engine.session import EngineFailure
from autograder.gate.equivalent import (
    Declared,
    Equivalent,
    declared,
    equivalent_file,
    read_equivalent,
)
from autograder.gate.exercises import UNCHECKED, Exercise, exercises_of
from autograder.gate.figures import Audit, Audited, Fate, Verdict
from autograder.gate.mutants import Mutant, mutants
from autograder.gate.trial import Court, Trial, Unhurried
from autograder.gate.universal import KIND, universal
from autograder.grading.grade import engine_for

SAMPLE = 8
"""Mutants of an answer that are tried where a check trains, or takes long."""
_SLOW = 5.0
"""Seconds for all checks of an exercise from which on its mutants are sampled."""
_TIMES = 4.0
"""Times what the reference's slowest cell needs, in which a mutant's has to end."""
_FLOOR = 2.0
"""Seconds."""
_TOGETHER = 24
"""Mutants that one session sees: longer ones would leave a worker idle at the end."""

Progress = Callable[[int, int, str], None]
"""Called with how many answers were tried, how many are known of, and what is tried."""


@dataclass(frozen=True)
class Options:
    """How an audit is done.

    sample:     mutants of an answer whose checks train or are slow; None for all
    seed:       of the sample
    equivalent: a file of equivalent mutants, instead of the one beside the known answers
    """

    workers: int = os.cpu_count() or 1
    sample: int | None = SAMPLE
    seed: int = 0
    equivalent: Path | None = None


@dataclass(frozen=True)
class _Accepted:
    """An exercise whose reference passes: how its answers are tried, and how the reference did."""

    court: Court
    reference: Trial


@dataclass(frozen=True)
class _Refused:
    """Why an exercise cannot be audited."""

    why: str


@dataclass(frozen=True)
class _Trials:
    """What is tried of an exercise. known: mutants that there are; slow: whether each takes long"""

    court: Court
    chosen: tuple[Mutant, ...]
    known: int
    slow: bool

    @property
    def sampled(self) -> bool:
        return sum(one.kind != KIND for one in self.chosen) < self.known


_Answer = _Accepted | _Refused | list[Trial]
"""What comes back from a worker."""


@dataclass
class _State:
    """An audit under way."""

    trials: dict[str, _Trials] = field(default_factory=dict)
    found: dict[str, dict[Mutant, Trial]] = field(default_factory=dict)
    refused: dict[str, str] = field(default_factory=dict)
    done: int = 0
    known: int = 0


def audit(
    course: NbgraderCourse,
    assignment: str,
    options: Options | None = None,
    progress: Progress = lambda done, known, what: None,
) -> Audit:
    """Try the mutants of an assignment's answers.

    raises: UserError if the file of equivalent mutants cannot be read, or the engine cannot run
    """
    options = options or Options()
    began = time.monotonic()
    entries = _entries(course, assignment, options)
    try:
        blueprint = read_blueprint(course, assignment)
        if not notebooks_in(course.source_folder(assignment)):
            raise UserError("there is no source, so there are no reference answers to change")
        looked = list(exercises_of(course, blueprint))
    except UserError as error:
        note = f"{assignment}: {error}"
        return Audit(assignment, (), (note,), options.sample, options.seed, complete=False)
    exercises = {
        f"{one.notebook.name}/{one.answer}": one for one in looked if isinstance(one, Exercise)
    }
    left_out = [one for one in looked if not isinstance(one, Exercise)]
    notes = tuple(f"{answer}: {why}" for _, answer, why in left_out)
    complete = all(why == UNCHECKED for _, _, why in left_out)
    made = {name: _mutants(one) for name, one in exercises.items()}
    by_answer: dict[str, list[Mutant]] = {}
    for name, one in exercises.items():
        by_answer.setdefault(one.answer, []).extend(made[name])
    said = declared(entries, by_answer, assignment)
    state = _State()
    ready = time.monotonic()
    if exercises:
        with engine_for(blueprint, jail=False) as engine:
            if why := engine.ready():
                raise UserError(f"{assignment}: {why}.", exit_code=1)
            ready = time.monotonic()
            _run(engine, blueprint, exercises, made, said, options, state, progress)
    audited = tuple(_audited(name, one, state, said) for name, one in exercises.items())
    over = time.monotonic()
    known = course.assignments()
    strays = (
        f"{one} is declared equivalent in {one.assignment}, which is no assignment"
        for one in entries
        if one.assignment and one.assignment not in known
    )
    return Audit(
        assignment, audited, (*notes, *said.misfits, *strays), options.sample, options.seed, over - began,
        over - ready, complete,
    )  # fmt: skip


def _entries(course: NbgraderCourse, assignment: str, options: Options) -> tuple[Equivalent, ...]:
    if options.equivalent is not None:
        return read_equivalent(options.equivalent)
    path = equivalent_file(course.root, assignment)
    return read_equivalent(path) if path.is_file() else ()


def _mutants(exercise: Exercise) -> tuple[Mutant, ...]:
    try:
        return (*mutants(exercise.source), *universal(exercise.source))
    except NOT_PYTHON:
        return ()


def _run(
    engine: Engine,
    blueprint: Blueprint,
    exercises: dict[str, Exercise],
    made: dict[str, tuple[Mutant, ...]],
    said: Declared,
    options: Options,
    state: _State,
    progress: Progress,
) -> None:
    """Try everything, `options.workers` sessions at a time."""
    state.known = sum(map(len, made.values()))
    with ThreadPoolExecutor(options.workers) as pool:
        under_way: dict[Future[_Answer], tuple[str, tuple[Mutant, ...]]] = {}
        for name, one in exercises.items():
            under_way[pool.submit(_court, engine, blueprint, one)] = (name, ())
        try:
            while under_way:
                ready, _ = wait(under_way, return_when=FIRST_COMPLETED)
                for future in ready:
                    name, batch = under_way.pop(future)
                    answer = future.result()
                    if isinstance(answer, _Accepted):
                        full_name = f"{blueprint.assignment}/{name}"
                        trials = _chosen(full_name, answer, made[name], said, options)
                        state.trials[name] = trials
                        state.known -= len(made[name]) - len(trials.chosen)
                        for batch in _batches(trials, options.workers):
                            under_way[pool.submit(_tried, engine, trials.court, batch)] = (
                                name,
                                batch,
                            )
                    elif isinstance(answer, _Refused):
                        state.refused[name] = answer.why
                        state.known -= len(made[name])
                    else:
                        state.found.setdefault(name, {}).update(zip(batch, answer, strict=True))
                        state.done += len(batch)
                    progress(state.done, state.known, exercises[name].answer)
        except EngineFailure as failure:
            raise UserError(f"The engine failed: {failure}.", exit_code=1) from failure
        finally:
            pool.shutdown(wait=False, cancel_futures=True)
            if under_way:  # something went wrong: what still runs ends with its processes
                engine.close()


def _tried(engine: Engine, court: Court, batch: tuple[Mutant, ...]) -> _Answer:
    return court.try_all(engine, [one.source for one in batch])


def _court(engine: Engine, blueprint: Blueprint, exercise: Exercise) -> _Answer:
    """How an exercise's answers are tried, and how the reference did; why not, if it fails."""
    limits = limits_for(blueprint.timeout)
    unhurried = Unhurried(limits.cell_seconds, limits.memory_mb)
    every = frozenset(exercise.checks)
    why = ""
    for whole in (False, True):
        for beside in (frozenset[str](), every):
            court = Court(exercise, unhurried, whole=whole, beside=beside)
            try:
                trial = court.try_one(engine, exercise.source)
            except EngineFailure as failure:
                why = why or str(failure)
                continue
            if trial.earns_all:
                seconds = max(_FLOOR, _TIMES * trial.longest)
                limited = replace(unhurried, cell_seconds=seconds)
                return _Accepted(replace(court, limits=limited, tight=seconds > _FLOOR), trial)
            why = why or f"{trial.by}: {trial.message or trial.outcome.value}"
    return _Refused(f"its own solution does not pass ({' '.join(why.split())})")


def _chosen(
    name: str,
    accepted: _Accepted,
    made: tuple[Mutant, ...],
    said: Declared,
    options: Options,
) -> _Trials:
    """What is tried: everything, or of what takes long a sample.

    There it leaves out what is declared equivalent, and universal answers that take as long.
    """
    court = accepted.court
    exercise = court.exercise
    slow = exercise.trains or accepted.reference.seconds > _SLOW
    known = [one for one in made if one.kind != KIND]
    if not slow or options.sample is None:
        return _Trials(court, made, len(known), slow)
    open_ones = [one for one in known if (exercise.answer, one) not in said.reasons]
    number = min(options.sample, len(open_ones))
    drawn = random.Random(f"{options.seed} {name}").sample(range(len(open_ones)), number)
    quick = universal(exercise.source, body_runs=False)
    chosen = (*(open_ones[n] for n in sorted(drawn)), *(one for one in made if one in quick))
    return _Trials(court, chosen, len(known), slow)


def _batches(trials: _Trials, workers: int) -> Iterator[tuple[Mutant, ...]]:
    size = 1 if trials.slow else min(_TOGETHER, -(-len(trials.chosen) // workers))
    for start in range(0, len(trials.chosen), max(1, size)):
        yield trials.chosen[start : start + size]


def _audited(name: str, exercise: Exercise, state: _State, said: Declared) -> Audited:
    """The figures of an exercise."""
    trials = state.trials.get(name)
    found = state.found.get(name, {})
    verdicts = [
        _verdict(one, found[one], said.reasons.get((exercise.answer, one)))
        for one in (trials.chosen if trials else ())
    ]
    left_out = [
        Verdict(one, Fate.EQUIVALENT, reason=reason)
        for (answer, one), reason in said.reasons.items()
        if trials and answer == exercise.answer and one not in trials.chosen
    ]
    return Audited(
        exercise.notebook.name, exercise.file, exercise.index, exercise.place, exercise.answer,
        tuple(verdicts + left_out), trials.known if trials else 0,
        trials.sampled if trials else False, state.refused.get(name, ""),
    )  # fmt: skip


def _verdict(mutant: Mutant, trial: Trial, reason: str | None) -> Verdict:
    fate = Fate.SURVIVED
    if not trial.earns_all:
        fate = Fate.TIME_LIMIT if trial.outcome.value == "timeout" else Fate.KILLED
    elif reason is not None:
        fate = Fate.EQUIVALENT
    return Verdict(mutant, fate, trial.by, reason or "")
