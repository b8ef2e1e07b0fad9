"""Run answers against the checks of an exercise: isolated, and in the student's own process.

Only the cells run that the checks need, so that hundreds of answers take no longer than a few whole
notebooks.
"""

import functools
from collections.abc import Callable, Collection, Iterator, Mapping

from autograder.assignment.blueprint import Blueprint
from autograder.assignment.notebook import Assignment, Cell, Kind, grade_id_of
from autograder.authoring.misconceptions import KnownAnswer, reference_answer
from autograder.engine.engine import Engine
from autograder.engine.names import bound_names, read_names
from autograder.engine.session import CheckRun, Session
from autograder.grading.grade import engine_for
from autograder.grading.notebook_run import IN_PLACE_TAG

Judged = Mapping[str, CheckRun]


def checks_of(assignment: Assignment, answer: str) -> list[str]:
    """grade_ids of an exercise's checks."""
    return [c.grade_id for c in assignment.checks if assignment.answer_of(c) == answer]


def trains(assignment: Assignment, known: KnownAnswer) -> bool:
    """Whether a check of this answer trains a model: those name their seed in a line of its own."""
    checks = (known.check,) if known.check else checks_of(assignment, known.answer)
    return any(c.grade_id in checks and "\n_seed = 1\n" in c.source for c in assignment.checks)


class Engines:
    """Keeps the engine of one chapter at a time. blueprint_of: a chapter's blueprint"""

    def __init__(self, blueprint_of: Callable[[str], Blueprint]) -> None:
        self._blueprint_of = blueprint_of
        self._chapter = ""
        self._engine: Engine | None = None

    def __enter__(self) -> "Engines":
        return self

    def __exit__(self, *details: object) -> None:
        if self._engine is not None:
            self._engine.close()

    def of(self, chapter: str) -> Engine:
        if self._engine is None or self._chapter != chapter:
            if self._engine is not None:
                self._engine.close()
            self._chapter, self._engine = chapter, engine_for(self._blueprint_of(chapter))
        return self._engine


def judge(
    engine: Engine,
    blueprint: Blueprint,
    assignment: Assignment,
    answers: Mapping[str, str],
    checks: Collection[str],
    *,
    inside: bool,
) -> Judged:
    """Run what some checks need, then the checks.

    assignment: the chapter's source, with the reference answers
    answers:    source by grade_id, in place of the reference
    checks:     grade_ids of the checks to run
    inside:     whether the checks run in the student's own process, as in a kernel
    returns:    for each check that ran, what came of it
    """
    (notebook,) = blueprint.notebooks
    in_place = frozenset(
        grade_id_of(cell)
        for cell in notebook.notebook.cells
        if IN_PLACE_TAG in (cell.metadata.get("tags") or [])
    )
    runs = {}
    with engine.session(
        notebook.student_names, notebook.student_classes, notebook.answer_imports
    ) as session:
        for cell, source in needed(assignment, answers, checks):
            if cell.kind is Kind.CHECK:
                runs[cell.grade_id] = _check(session, cell, inside, cell.grade_id in in_place)
            elif cell.kind is Kind.SETUP and not inside:
                session.setup(source, cell.grade_id)
            else:
                session.answer(source, cell.grade_id)
    return runs


def _check(session: Session, cell: Cell, inside: bool, in_place: bool) -> CheckRun:
    if inside:
        return session.check_inside(cell.source, cell.grade_id, cell.points, hidden=False)
    return session.check(cell.source, cell.grade_id, cell.points, hidden=False, in_place=in_place)


def needed(
    assignment: Assignment, answers: Mapping[str, str], checks: Collection[str]
) -> list[tuple[Cell, str]]:
    """The cells, with their sources, that these checks need: those whose names are read."""
    sources = {
        cell.index: answers.get(cell.grade_id, reference_answer(cell.source))
        if cell.kind is Kind.ANSWER
        else cell.source
        for cell in assignment.cells
    }
    wanted: set[str] = set()
    kept: set[int] = set()
    while True:  # an answer may call one that comes after it
        more = {
            cell.index
            for cell in assignment.cells
            if (cell.kind is Kind.CHECK and cell.grade_id in checks)
            or (
                cell.kind in (Kind.SETUP, Kind.ANSWER)
                and (_names(cell.source)[1] | _names(sources[cell.index])[1]) & wanted
            )
        }
        if more == kept:
            return [(c, sources[c.index]) for c in assignment.cells if c.index in kept]
        kept = more
        for index in kept:
            wanted |= _names(sources[index])[0] | _names(assignment.cells[index].source)[0]


@functools.cache
def _names(source: str) -> tuple[frozenset[str], frozenset[str]]:
    """What a source reads and what it binds; nothing, if it is not Python."""
    try:
        return read_names(source), bound_names(source)
    except SyntaxError:
        return frozenset(), frozenset()


def differences(isolated: Judged, inside: Judged) -> Iterator[str]:
    """Where the two ways disagree. Words may differ in figures: not everything is seeded."""
    for name, run in isolated.items():
        other = inside[name]
        if (run.outcome, run.score) != (other.outcome, other.score):
            yield f"{name}: isolated {run.outcome.value} {run.score:g} {run.message!r}"
            yield f"{name}: inside   {other.outcome.value} {other.score:g} {other.message!r}"
