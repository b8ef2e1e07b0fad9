"""Small nbgrader courses written down cell by cell, and students' answers to them.

A cell is a pair: its name and its source. The name says what it is: `setup` (locked), `x` (an
answer, with the reference's text), `x-check` or `x-check 3` (a check of one point, or of three),
`free` (unlocked), `text`.
"""

import copy
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import nbformat
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook

from autograder.assignment.blueprint import Blueprint, read_blueprint
from autograder.assignment.merge import merge
from autograder.assignment.nbgrader_course import open_course
from autograder.assignment.outcome import Result
from autograder.assignment.submission import Submission
from autograder.engine.engine import Engine
from autograder.grading.grade import grade

ASSIGNMENT, NOTEBOOK = "ps1", "p"
CONFIG = "c = get_config()\nc.CourseDirectory.course_id = 'compact'\n"
STUB = "# YOUR CODE HERE\nraise NotImplementedError()"
Cells = Sequence[tuple[str, str]]


def write_course(root: Path, cells: Cells, files: Mapping[str, str] | None = None) -> Path:
    """Write the course's source; return its root. files: what lies beside the notebook"""
    folder = root / "source" / ASSIGNMENT
    folder.mkdir(parents=True, exist_ok=True)
    (root / "nbgrader_config.py").write_text(CONFIG)
    for name, text in (files or {}).items():
        (folder / name).write_text(text)
    kernel = {"display_name": "Python 3", "language": "python", "name": "python3"}
    notebook = new_notebook(
        cells=[_cell(index, name, source) for index, (name, source) in enumerate(cells)],
        metadata={"kernelspec": kernel},
    )
    nbformat.write(notebook, folder / f"{NOTEBOOK}.ipynb")
    return root


def blueprint_of(root: Path) -> Blueprint:
    return read_blueprint(open_course(root), ASSIGNMENT)


def submitted(blueprint: Blueprint, answers: Mapping[str, str], *own: str) -> bytes:
    """A student's file: the answers by name, the stub where there is none, and own cells below."""
    notebook = copy.deepcopy(blueprint.notebooks[0].notebook)
    for cell in notebook.cells:
        name = cell.metadata.get("nbgrader", {}).get("grade_id")
        if name in answers:
            cell.source = answers[name]
    notebook.cells += [new_code_cell(source, id=f"own{n}") for n, source in enumerate(own)]
    return nbformat.writes(notebook).encode()


def graded(
    blueprint: Blueprint,
    engine: Engine,
    answers: Mapping[str, str] | None = None,
    *own: str,
    cross_check: bool = False,
) -> Result:
    """Grade one student's answers."""
    data = submitted(blueprint, answers or {}, *own)
    submission = Submission("ada", ASSIGNMENT, {f"{NOTEBOOK}.ipynb": data})
    return grade(blueprint, submission, engine, cross_check=cross_check)


def stock_scores(
    blueprint: Blueprint, answers: Mapping[str, str], folder: Path
) -> dict[str, float | str]:
    """What nbgrader gives: the notebook run in a kernel, marked by nbgrader's own rules.

    The words of its exception, where it does not mark at all.
    """
    from nbclient import NotebookClient
    from nbgrader.utils import determine_grade, is_grade

    notebook = merge(blueprint.notebooks[0], submitted(blueprint, answers)).notebook
    resources = {"metadata": {"path": str(folder)}}
    NotebookClient(notebook, timeout=120, allow_errors=True, resources=resources).execute()
    found: dict[str, float | str] = {}
    for cell in filter(is_grade, notebook.cells):
        try:
            found[cell.metadata.nbgrader.grade_id] = determine_grade(cell)[0]
        except ValueError as error:
            found[cell.metadata.nbgrader.grade_id] = str(error)
    return found


def _cell(index: int, name: str, source: str) -> Any:
    grade_id, _, points = name.partition(" ")
    if name == "text":
        return new_markdown_cell(source, id=f"cell{index}")
    cell = new_code_cell(source, id=f"cell{index}")
    if name == "free":
        return cell
    marks: dict[str, Any] = {"grade": False, "locked": False, "solution": False, "task": False}
    if "-" in grade_id:
        marks |= {"grade": True, "locked": True, "points": float(points or 1)}
    elif grade_id.startswith("setup"):
        marks |= {"locked": True}
    else:
        marks |= {"solution": True}
        magic, rest = source.split("\n", 1) if source.startswith("%%") else ("", source)
        solved = f"### BEGIN SOLUTION\n{rest}\n### END SOLUTION"
        cell.source = f"{magic}\n{solved}" if magic else solved
    cell.metadata["nbgrader"] = {**marks, "grade_id": grade_id, "schema_version": 3}
    return cell
