"""What an audit looks at: the answers of any nbgrader course, each with the checks that judge it."""

import ast
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from autograder.assignment.blueprint import Blueprint, NotebookBlueprint
from autograder.assignment.nbgrader_course import NbgraderCourse, notebooks_in
from autograder.assignment.notebook import (
    Assignment,
    Cell,
    Kind,
    assignment_from,
    grade_id_of,
    read_notebook,
)
from autograder.assignment.python_text import NOT_PYTHON
from autograder.authoring.findings import place
from autograder.authoring.misconceptions import Expected, KnownAnswer
from autograder.engine.names import assigned_names, bound_names, read_names
from autograder.gate.judge import checks_of, needed, trains
from autograder.grading.black_box import whys_not_black_box
from autograder.grading.notebook_run import IN_PLACE_TAG

UNCHECKED = "no check reads what the answer defines"
"""Why an answer need not be audited."""
Plan = tuple[tuple[Cell, str], ...]
"""Cells to run, with their sources."""


@dataclass(frozen=True)
class Exercise:
    """An answer and its checks.

    file, index: the notebook in the source, and the answer's cell there, from 0
    place:       the same cell, as JupyterLab shows it
    source:      the answer's text, with the marks around the solution
    trains:      whether a check trains a model: those name their seed in a line of its own
    cells:       all cells of the notebook, answers with their solutions
    in_place:    checks that see their arguments changed
    both_ways:   checks that have to pass in the answer's own process too
    """

    notebook: NotebookBlueprint = field(repr=False)
    file: Path
    index: int
    answer: str
    source: str = field(repr=False)
    checks: tuple[str, ...]
    trains: bool
    cells: Assignment = field(repr=False)
    place: str = ""
    in_place: frozenset[str] = frozenset()
    both_ways: frozenset[str] = frozenset()

    def plan(self, *, whole: bool) -> Plan:
        """The cells to run, in order: those that the checks need, or all down to the last check."""
        if not whole:
            return tuple(needed(self.cells, {}, self.checks))
        runs = [
            (cell, cell.source)
            for cell in self.cells.cells
            if cell.kind in (Kind.SETUP, Kind.ANSWER, Kind.CHECK)
        ]
        last = max(n for n, (cell, _) in enumerate(runs) if cell.grade_id in self.checks)
        return tuple(runs[: last + 1])

    @property
    def only_defines(self) -> bool:
        """Whether the answer does nothing but define: then it can be put in another's place."""
        return all(
            isinstance(
                node,
                ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef | ast.Import | ast.ImportFrom,
            )
            or (isinstance(node, ast.Assign | ast.Expr) and isinstance(node.value, ast.Constant))
            for node in ast.parse(self.source).body
        )

    @property
    def shares_state(self) -> bool:
        """Whether an answer may find what another left behind, though the reference clears it away.

        That is where functions or checks read what a cell made that can change, such as a list.
        """
        made: set[str] = set()
        used: set[str] = set()
        for cell, source in self.plan(whole=False):
            try:
                tree = ast.parse(source)
                if cell.kind is Kind.CHECK:
                    used |= read_names(source)
                    continue
                made |= _changeable(tree)
                for node in ast.walk(tree):
                    if isinstance(node, _FUNCTIONS):
                        used |= read_names(ast.unparse(node))
                    elif isinstance(node, ast.Global):
                        return True
            except NOT_PYTHON:
                return True
        return not made.isdisjoint(used)


_FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef, ast.Lambda)
_CONSTANT = (
    ast.Constant, ast.Tuple, ast.UnaryOp, ast.BinOp, ast.operator, ast.unaryop, ast.expr_context,
)  # fmt: skip


def _changeable(tree: ast.Module) -> set[str]:
    """Names that a cell gives, outside of functions, to more than numbers, texts and tuples."""
    found: set[str] = set()
    waiting: list[ast.AST] = [*tree.body]
    while waiting:
        node = waiting.pop()
        if isinstance(node, _FUNCTIONS) or (
            isinstance(node, ast.Assign) and _is_constant(node.value)
        ):
            continue
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
            found.add(node.id)
        waiting += ast.iter_child_nodes(node)
    return found


def _is_constant(value: ast.expr) -> bool:
    return all(isinstance(node, _CONSTANT) for node in ast.walk(value))


def exercises_of(
    course: NbgraderCourse, blueprint: Blueprint
) -> Iterator[Exercise | tuple[str, str, str]]:
    """An assignment's exercises, or why one cannot be audited: (notebook, answer, sentence).

    raises: UserError if a notebook cannot be read
    """
    paths = {path.stem: path for path in notebooks_in(course.source_folder(blueprint.assignment))}
    for notebook in blueprint.notebooks:
        path = paths[notebook.name]
        solved = read_notebook(path)
        indexes = {grade_id_of(cell): n for n, cell in enumerate(solved.cells)}
        cells = _cells(blueprint.assignment, notebook, solved)
        texts = whys_not_black_box(notebook)
        tagged = frozenset(
            grade_id_of(cell)
            for cell in notebook.notebook.cells
            if IN_PLACE_TAG in (cell.metadata.get("tags") or ())
        )
        for cell in _answers(cells, notebook):
            try:
                checks = _checks(cells, cell)
            except NOT_PYTHON:
                yield notebook.name, cell.grade_id, "the answer is not plain Python"
                continue
            if not checks:
                yield notebook.name, cell.grade_id, UNCHECKED
                continue
            index = indexes.get(cell.grade_id, cell.index)
            yield Exercise(
                notebook, path, index, cell.grade_id, cell.source, checks,
                trains(cells, KnownAnswer(cell.grade_id, "", Expected.RIGHT, "")), cells,
                place(solved, index), tagged & {*checks}, frozenset(check for check in checks if texts.get(check)),
            )  # fmt: skip


def _answers(cells: Assignment, notebook: NotebookBlueprint) -> list[Cell]:
    """The answers that checks judge; not what a person does, nor cells that nobody has to fill."""
    kinds = {cell.grade_id: cell.kind for cell in _as_released(cells.name, notebook).cells}
    return [cell for cell in cells.answers if cell.grade_id and kinds[cell.grade_id] is Kind.ANSWER]


def _as_released(name: str, notebook: NotebookBlueprint) -> Assignment:
    return assignment_from(notebook.notebook, name, notebook.name)


def _cells(name: str, notebook: NotebookBlueprint, solved: Any) -> Assignment:
    """The notebook's cells, solutions in place; unlocked cells run where answers do."""
    solutions = {grade_id_of(cell): cell.source for cell in solved.cells if grade_id_of(cell)}
    released = _as_released(name, notebook)
    cells = []
    for cell, node in zip(released.cells, notebook.notebook.cells, strict=True):
        if node.cell_type == "code" and not notebook.runs(node):
            cell = replace(cell, kind=Kind.EXPLORE)
        elif node.cell_type == "code" and cell.kind in (Kind.ANSWER, Kind.EXTRA, Kind.WRITTEN):
            source = solutions.get(cell.grade_id, cell.source)
            cell = replace(cell, kind=Kind.ANSWER, source=source)
        cells.append(cell)
    return replace(released, cells=tuple(cells))


def _checks(cells: Assignment, answer: Cell) -> tuple[str, ...]:
    """The checks of an answer: by their names, where the notebook keeps the contract; else those
    below it that read what it defines; else those between it and the next answer.

    raises: one of NOT_PYTHON if the answer is not plain Python
    """
    defined = bound_names(answer.source)
    answers = {cell.grade_id for cell in cells.answers}
    if cells.checks and all(cells.answer_of(check) in answers for check in cells.checks):
        return tuple(checks_of(cells, answer.grade_id))
    for cell in cells.cells:
        if cell.kind is Kind.SETUP:
            defined -= _names(cell.source)[1]
    defined &= assigned_names(answer.source)
    below = [cell for cell in cells.cells if cell.index > answer.index]
    reading = [
        cell.grade_id
        for cell in below
        if cell.kind is Kind.CHECK and _names(cell.source)[0] & defined
    ]
    if reading:
        return tuple(reading)
    following = []
    for cell in below:
        if cell.kind is Kind.ANSWER and cell.grade_id:
            break
        if cell.kind is Kind.CHECK:
            following.append(cell.grade_id)
    return tuple(following)


def _names(source: str) -> tuple[frozenset[str], frozenset[str]]:
    """What a cell reads and binds; nothing, if it is not plain Python."""
    try:
        return read_names(source), bound_names(source)
    except NOT_PYTHON:
        return frozenset(), frozenset()
