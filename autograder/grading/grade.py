"""`grade`: from an assignment and a submission to a result. No database, no folder, no state."""

import copy
import time
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import replace
from functools import partial
from typing import Any, TypeVar

from nbformat import NotebookNode

from autograder.assignment.blueprint import Blueprint, NotebookBlueprint
from autograder.assignment.merge import Merged, merge
from autograder.assignment.notebook import Kind, grade_id_of, kind_of
from autograder.assignment.notes import printable
from autograder.assignment.outcome import CheckResult, NotebookResult, Outcome, Result, Way
from autograder.assignment.plurals import counted
from autograder.assignment.submission import Submission
from autograder.engine.engine import Engine
from autograder.engine.files import CourseFiles
from autograder.engine.limits import Limits, limits_for
from autograder.engine.session import EngineFailure, Session
from autograder.engine.sight import sight
from autograder.grading.ahead import Ahead
from autograder.grading.black_box import whys_not_black_box
from autograder.grading.notebook_run import NotebookRun, Progress, points_of
from autograder.grading.outputs import error_output

ENGINE_VERSION = "6"
"""Raised when the engine may give other marks for the same files: everything is graded anew."""
_ATTEMPTS = 6
"""For what a signal from outside stops; what it stops again and again is left to a person."""

_T = TypeVar("_T")


def grade(
    blueprint: Blueprint,
    submission: Submission,
    engine: Engine,
    *,
    cross_check: bool = False,
    with_hidden: bool = True,
    ahead: Ahead | None = None,
    progress: Progress = lambda done, total, what: None,
) -> Result:
    """Grade a submission.

    The same bytes give the same result, in whichever process, order or company.
    cross_check: run each check in the student's process as well, as nbgrader does (otherwise only
                 those that need it, see `ways_of`); it has to pass both ways, and where it passes
                 only beside the answer it is disputed
    with_hidden: False leaves hidden checks out, for a student's own check
    ahead:       of an assignment with one notebook, for a student's own check: what has begun for it
    progress:    called with (cells done, cells in all, what runs next)
    raises:      EngineFailure if the engine does not start, or fails again and again
    """
    began = time.perf_counter()
    if why := engine.ready():
        raise EngineFailure(why)
    results = []
    for notebook in blueprint.notebooks:
        name = f"{notebook.name}.ipynb"
        merged = merge(notebook, submission.files.get(name))
        files = {
            beside: content
            for beside, content in submission.files.items()
            if not beside.endswith(".ipynb") and beside != "timestamp.txt"
        }
        if merged.lost:
            left_out = (note for note in submission.notes if name in note)
            why = next(left_out, merged.lost)
            results.append(not_run(notebook, merged, Outcome.MISSING, why))
            continue
        run = partial(
            _grade_notebook, notebook, merged, files, engine, cross_check, with_hidden,
            ahead, progress,
        )  # fmt: skip
        results.append(_several_times(run))
    return Result(
        blueprint.assignment, submission.student, tuple(results), submission.notes,
        time.perf_counter() - began,
    )  # fmt: skip


def try_course(blueprint: Blueprint, engine: Engine) -> None:
    """Run the course's own cells above the first answer, before anybody's work is touched.

    raises: CourseFailure if one of them ends Python, EngineFailure if the engine does not start
    """
    if why := engine.ready():
        raise EngineFailure(why)
    for notebook in blueprint.notebooks:
        leading = []
        for cell in notebook.notebook.cells:
            if notebook.runs(cell):
                if kind_of(cell) is not Kind.SETUP:
                    break
                leading.append(cell)
        if leading:
            _several_times(partial(_try_cells, notebook, leading, engine))


def _try_cells(notebook: NotebookBlueprint, cells: Sequence[NotebookNode], engine: Engine) -> None:
    with engine.session(imports=notebook.answer_imports) as session:
        for cell in cells:
            session.setup(cell.source, grade_id_of(cell))


def _several_times(run: Callable[[], _T]) -> _T:
    """Run again what a process that was killed from outside has stopped, or a busy machine."""
    for attempt in range(1, _ATTEMPTS):
        try:
            return run()
        except EngineFailure:
            time.sleep(0.2 * attempt)
    return run()


def engine_for(
    blueprint: Blueprint,
    limits: Limits | None = None,
    *,
    jail: bool | None = None,
    portable: bool = False,
) -> Engine:
    """Start an engine with what the assignment imports and the data that it shows (see `Engine`)."""
    return Engine.start(
        (*blueprint.modules, *blueprint.submodules),
        course_files(blueprint),
        limits or limits_for(blueprint.timeout),
        jail=jail,
        portable=portable,
    )


def course_files(blueprint: Blueprint) -> CourseFiles | None:
    """The assignment's data files as the engine takes them."""
    if blueprint.files is None:
        return None
    return CourseFiles(blueprint.files, blueprint.data_files)


def not_run(
    notebook: NotebookBlueprint, merged: Merged, outcome: Outcome, why: str
) -> NotebookResult:
    """The result of a notebook that is not run: no points, and the reason for each check."""
    checks = []
    for cell in merged.notebook.cells:
        if kind_of(cell) is Kind.CHECK:
            cell.outputs = [error_output("NotGraded", why, [])]
            checks.append(CheckResult(grade_id_of(cell), outcome, 0.0, points_of(cell), why))
    return NotebookResult(notebook.name, tuple(checks), merged.notebook, merged.notes)


def _grade_notebook(
    notebook: NotebookBlueprint,
    merged: Merged,
    files: Mapping[str, bytes],
    engine: Engine,
    cross_check: bool,
    with_hidden: bool,
    ahead: Ahead | None,
    progress: Progress,
) -> NotebookResult:
    keeps = any(
        kind_of(cell) is Kind.CHECK and sight(cell.source).values
        for cell in notebook.notebook.cells
    )

    def session() -> Session:
        return engine.session(
            notebook.student_names, notebook.student_classes, notebook.answer_imports, files,
            keeps=keeps,
        )  # fmt: skip

    ways = ways_of(notebook, cross_check=cross_check)
    apart = frozenset(name for name, way in ways.items() if way in (Way.ISOLATED, Way.BOTH))
    beside = frozenset(name for name, way in ways.items() if way is not Way.ISOLATED)
    busy = False
    checks: dict[str, CheckResult] = {}
    others: dict[str, CheckResult] = {}
    notes = merged.notes
    to_last = frozenset(ways) if notebook.marks_only else None
    if apart or not beside:
        run = ahead.take(merged, files, progress) if ahead else None
        if run is None:
            run = NotebookRun(
                notebook, merged, files, session(), with_hidden, progress, to_last, beside - apart
            )
        with run.session as first:
            checks = run.checks()
            notes = (*notes, *map(printable, run.blame.notes))
            busy |= first.busy
        if ahead and not beside:
            ahead.note(run, session)
    if beside:
        with session() as second:
            shown = copy.deepcopy(merged) if apart else merged
            until = beside if apart else to_last  # what cells below show, the first run has told
            run = NotebookRun(notebook, shown, files, second, with_hidden, progress, until)
            others = run.checks_beside()
            busy |= second.busy
            if apart:  # the outputs are those of the run whose verdict counts
                lower = {
                    name
                    for name in beside
                    if name not in checks or checks[name].score > others[name].score
                }
                _show_outputs(merged.notebook, shown.notebook, lower)
            else:
                notes = (*notes, *map(printable, run.blame.notes))
    judged = tuple(
        _judged(ways[name], checks.get(name), others.get(name) if name in beside else None)
        for name in ways
        if name in checks or name in others
    )
    return NotebookResult(notebook.name, judged, merged.notebook, notes, busy)


def ways_of(notebook: NotebookBlueprint, *, cross_check: bool = False) -> dict[str, Way]:
    """How each check of a notebook is graded, in order.

    As it is proved; where nothing is, black boxes run apart from the answers alone if the notebook
    has no other checks, and all run both ways if it has.
    cross_check: run also black boxes both ways
    """
    names = [
        grade_id_of(cell)
        for cell in notebook.notebook.cells
        if kind_of(cell) is Kind.CHECK and notebook.runs(cell)
    ]
    unproved = Way.ISOLATED
    if not notebook.ways.keys() >= set(names) and any(whys_not_black_box(notebook).values()):
        unproved = Way.BOTH
    ways = {name: notebook.ways.get(name, unproved) for name in names}
    if cross_check:
        return {name: Way.BOTH if way is Way.ISOLATED else way for name, way in ways.items()}
    return ways


def _judged(way: Way, apart: CheckResult | None, beside: CheckResult | None) -> CheckResult:
    """One check's result, of what it said apart from the answer and beside it."""
    if beside is None:
        assert apart is not None
        return _by(way, apart)
    if way is Way.PERSON and (beside.score > 0 or beside.outcome.stopped):
        return _disputed(beside, way, f"beside the answer, where alone it can run, {_said(beside)}")
    if way is Way.BROKEN and beside.outcome not in (Outcome.PASSED, Outcome.PARTIAL):
        return _disputed(
            beside, way, f"the course's own solution does not pass it either: {_said(beside)}"
        )
    if apart is None or apart.score > beside.score:
        return _by(way, beside)
    if apart.score == beside.score or apart.outcome is Outcome.DISPUTED:
        return _by(way, apart)
    return _disputed(
        apart, way,
        f"isolated from the answer this check gives {counted(apart.score, 'point')} "
        f"({apart.said}), in the answer's own process "
        f"{beside.score:g} ({beside.said})",
    )  # fmt: skip


def _by(way: Way, check: CheckResult) -> CheckResult:
    return check if check.way is way else replace(check, way=way)


def _said(check: CheckResult) -> str:
    points = counted(check.score, "point")
    return f"it gives {points} ({check.said})"


def _disputed(check: CheckResult, way: Way, message: str) -> CheckResult:
    return replace(check, outcome=Outcome.DISPUTED, score=0.0, message=message, way=way)


def _show_outputs(notebook: Any, other: Any, names: Collection[str]) -> None:
    """Take over the outputs of some checks."""
    for cell, same in zip(notebook.cells, other.cells, strict=True):
        if kind_of(cell) is Kind.CHECK and grade_id_of(cell) in names:
            cell.outputs, cell.execution_count = same.outputs, same.execution_count
