"""Answers on trial: each runs against the checks of its exercise until one does not give it all.

Many answers that only define something run in one session, one after the other, and what takes
seconds there, imports and data, runs once. What one of them leaves behind could spoil the next: so
the reference runs last and has to pass, or else each runs again in a session of its own; what
survives does so in a session of its own; and where setup holds what one could leave to the next,
each has its own from the first.
"""

import time
from collections.abc import Sequence
from dataclasses import dataclass, replace

from autograder.assignment.notebook import Cell, Kind, is_hidden_source
from autograder.assignment.outcome import Outcome
from autograder.engine.engine import Engine
from autograder.engine.limits import Limits
from autograder.engine.session import CellRun, CheckRun, EngineFailure, ExaminerEnded, Session
from autograder.engine.sight import sight
from autograder.gate.exercises import Exercise, Plan

_ATTEMPTS = 3
_LONGER = 4.0
"""Times the limit that an answer gets whose time ran out on a busy machine."""


@dataclass(frozen=True)
class Trial:
    """What came of an answer.

    by:      grade_id of the first check that did not give every point, or of the answer's own
             cell if that was stopped; empty if it earns everything
    outcome: of that check
    longest: seconds of the cell that took longest
    busy:    whether its time ran out while others had the processor
    """

    by: str = ""
    outcome: Outcome = Outcome.PASSED
    message: str = ""
    seconds: float = 0.0
    longest: float = 0.0
    busy: bool = False

    @property
    def earns_all(self) -> bool:
        return not self.by


@dataclass(frozen=True)
class Unhurried(Limits):
    """Limits of one cell, and none of the session: it sees many answers."""

    @property
    def submission_seconds(self) -> float:
        return 24 * 3600.0


@dataclass(frozen=True)
class Court:
    """An exercise, and how its answers are tried.

    tight:  whether the limit is only a few times what the reference needs: what is stopped on a
            busy machine is tried again with more
    whole:  whether the whole notebook runs, because what the checks need cannot be told
    beside: checks that run in the answer's own process, because isolated the reference fails them
    """

    exercise: Exercise
    limits: Limits
    tight: bool = False
    whole: bool = False
    beside: frozenset[str] = frozenset()

    def try_one(self, engine: Engine, source: str) -> Trial:
        """Try an answer in sessions of its own. raises: EngineFailure"""
        trial = self._tried(engine, source)
        if self.tight and trial.busy and not trial.earns_all:
            longer = replace(self.limits, cell_seconds=_LONGER * self.limits.cell_seconds)
            trial = replace(self, limits=longer)._tried(engine, source)
        return trial

    def _tried(self, engine: Engine, source: str) -> Trial:
        apart = [name for name in self.exercise.checks if name not in self.beside]
        trial = Trial()
        if apart:
            trial = self._in_session(engine, [source], apart, inside=False)[0]
        beside = self.beside | (self.exercise.both_ways if trial.earns_all else frozenset())
        if trial.earns_all and beside:
            names = [name for name in self.exercise.checks if name in beside]
            second = self._in_session(engine, [source], names, inside=True)[0]
            trial = replace(
                second,
                seconds=trial.seconds + second.seconds,
                longest=max(trial.longest, second.longest),
            )
        return trial

    def try_all(self, engine: Engine, sources: Sequence[str]) -> list[Trial]:
        """Try several answers, in one session if that is as good. raises: EngineFailure"""
        found: dict[int, Trial] = {}
        one = self.exercise
        together = one.only_defines and not (self.whole or self.beside or one.shares_state)
        left = list(range(len(sources)))
        while together and len(left) > 1:
            trials = self._together(engine, [sources[n] for n in left])
            if len(trials) == len(left):
                found.update(zip(left, trials, strict=True))
            elif trials:  # its session has ended with the last one: the others need another
                found[left[len(trials) - 1]] = trials[-1]
            else:
                break
            left = [n for n in left if n not in found]
        for n, source in enumerate(sources):
            if n not in found or found[n].earns_all or (self.tight and found[n].busy):
                found[n] = self.try_one(engine, source)
        return [found[n] for n in range(len(sources))]

    def _together(self, engine: Engine, sources: Sequence[str]) -> list[Trial]:
        """Try answers in one session; up to the first that is stopped, or none if the reference
        does not pass after them."""
        in_turn = [*sources, self.exercise.source]
        try:
            trials = self._in_session(engine, in_turn, self.exercise.checks, inside=False)
        except EngineFailure:
            return []
        if len(trials) < len(in_turn):
            return trials
        return trials[:-1] if trials[-1].earns_all else []

    def _in_session(
        self, engine: Engine, sources: Sequence[str], checks: Sequence[str], *, inside: bool
    ) -> list[Trial]:
        """Try answers one after the other, up to the first that is stopped."""
        for attempt in range(1, _ATTEMPTS + 1):
            try:
                return self._once(engine, sources, checks, inside)
            except ExaminerEnded as failure:
                if len(sources) > 1:
                    raise
                return [Trial(checks[0], Outcome.DIED, str(failure))]
            except EngineFailure:
                if attempt == _ATTEMPTS or len(sources) > 1:
                    raise
                time.sleep(0.2 * attempt)
        raise AssertionError

    def _once(
        self, engine: Engine, sources: Sequence[str], checks: Sequence[str], inside: bool
    ) -> list[Trial]:
        plan = self.exercise.plan(whole=self.whole)
        names = [cell.grade_id for cell, _ in plan]
        first = names.index(self.exercise.answer) if self.exercise.answer in names else len(plan)
        notebook = self.exercise.notebook
        mine = Engine(engine.address, self.limits, jail=engine.jail, files=engine.files)
        keeps = any(sight(source).values for cell, source in plan if cell.kind is Kind.CHECK)
        found = []
        with mine.session(
            notebook.student_names, notebook.student_classes, notebook.answer_imports, keeps=keeps
        ) as session:
            before = self._run(session, plan[:first], checks, inside)
            if before.outcome.stopped:
                raise EngineFailure(f"{before.by}: {before.message}")
            if not before.earns_all:
                return [before]
            for source in sources:
                trial = self._run(session, plan[first:], checks, inside, source)
                found.append(replace(trial, longest=max(before.longest, trial.longest)))
                if trial.outcome.stopped:
                    break
        return found

    def _run(
        self, session: Session, plan: Plan, checks: Sequence[str], inside: bool, answer: str = ""
    ) -> Trial:
        """Run cells up to the first check that does not give every point."""
        began = time.monotonic()
        longest = 0.0
        for cell, source in plan:
            own = cell.grade_id == self.exercise.answer
            run = self._cell(session, cell, answer if own else source, inside)
            took = time.monotonic() - began
            longest = max(longest, run.seconds)
            if isinstance(run, CheckRun):
                full = run.outcome is Outcome.PASSED and run.score >= cell.points
                if cell.grade_id in checks and not full:
                    return Trial(
                        cell.grade_id, run.outcome, run.message, took, longest, session.busy
                    )
            elif run.trouble:
                outcome = Outcome.TIMEOUT if run.trouble == "timeout" else Outcome.DIED
                name = cell.grade_id or f"cell {cell.index}"
                return Trial(name, outcome, run.message, took, longest, session.busy)
        return Trial(seconds=time.monotonic() - began, longest=longest)

    def _cell(self, session: Session, cell: Cell, source: str, inside: bool) -> CellRun:
        if cell.kind is Kind.CHECK:
            hidden = is_hidden_source(source)
            if inside:
                return session.check_inside(source, cell.grade_id, cell.points, hidden=hidden)
            in_place = cell.grade_id in self.exercise.in_place
            return session.check(
                source, cell.grade_id, cell.points, hidden=hidden, in_place=in_place
            )
        if cell.kind is Kind.SETUP and not inside:
            return session.setup(source, cell.grade_id)[0]
        return session.answer(source, cell.grade_id)
