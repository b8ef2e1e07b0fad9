"""Entering an assignment into the gradebook, as nbgrader's GenerateAssignment and SaveCells do."""

import json
from typing import Any

from nbgrader import api
from nbgrader.utils import compute_checksum, is_grade, is_locked, is_solution, is_task
from sqlalchemy.orm import Session

from autograder.assignment.blueprint import Blueprint, NotebookBlueprint
from autograder.assignment.errors import UserError

_KINDS = {
    "GradeCell": api.GradeCell,
    "SolutionCell": api.SolutionCell,
    "TaskCell": api.TaskCell,
    "SourceCell": api.SourceCell,
}


def register(session: Session, blueprint: Blueprint, course_id: str) -> None:
    """Enter notebooks, cells and points into the session; the caller flushes and commits.

    raises: UserError if cells or notebooks were added or removed after submissions were graded
    """
    assignment = session.query(api.Assignment).filter_by(name=blueprint.assignment).one_or_none()
    if assignment is None:
        assignment = api.Assignment(blueprint.assignment, course_id=course_id)
        session.add(assignment)
        session.flush()
    held = {notebook.name: notebook for notebook in assignment.notebooks}
    wanted = {notebook.name: notebook for notebook in blueprint.notebooks}
    if assignment.submissions and held.keys() != wanted.keys():
        raise _refused(blueprint, "notebooks")
    for name, old in held.items():
        if name not in wanted:
            for row in (*old._base_cells, *old.source_cells, old):
                session.delete(row)
    for name, notebook in wanted.items():
        row = held.get(name) or api.Notebook(name=name, assignment_id=assignment.id)
        session.add(row)
        row.kernelspec = json.dumps(notebook.notebook.metadata.get("kernelspec", {}))
        session.flush()
        _register_cells(session, row, blueprint, notebook)


def _register_cells(
    session: Session, row: Any, blueprint: Blueprint, notebook: NotebookBlueprint
) -> None:
    """Enter the cells as SaveCells does; rows of cells that stay keep their ids and grades."""
    wanted: dict[tuple[str, str], dict[str, Any]] = {}
    for cell in notebook.notebook.cells:
        if not (is_grade(cell) or is_solution(cell) or is_locked(cell) or is_task(cell)):
            continue
        mark = cell.metadata["nbgrader"]
        name = mark["grade_id"]
        points = {"max_score": float(mark.get("points") or 0), "cell_type": cell.cell_type}
        if is_grade(cell):
            wanted["GradeCell", name] = points
        if is_solution(cell):
            wanted["SolutionCell", name] = {}
        if is_task(cell):
            wanted["TaskCell", name] = points
        wanted["SourceCell", name] = {
            "cell_type": cell.cell_type,
            "locked": is_locked(cell),
            "source": cell.source,
            "checksum": compute_checksum(cell),
        }
    held = {(cell.type, cell.name): cell for cell in row._base_cells}
    held |= {("SourceCell", cell.name): cell for cell in row.source_cells}
    if row.submissions and held.keys() != wanted.keys():
        raise _refused(blueprint, "cells")
    for place, old in held.items():
        if place not in wanted:
            session.delete(old)
    for (kind, name), values in wanted.items():
        cell = held.get((kind, name))
        if cell is None:
            cell = _KINDS[kind](name=name, notebook_id=row.id)
            session.add(cell)
        for attribute, value in values.items():
            setattr(cell, attribute, value)


def _refused(blueprint: Blueprint, what: str) -> UserError:
    return UserError(
        f"{blueprint.assignment}: {what} were added or removed since submissions were graded; take "
        "them back, or give the assignment a new name (marks would be lost, so nbgrader refuses).",
        exit_code=1,
    )
