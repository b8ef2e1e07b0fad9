"""Run answers against a chapter's checks inside this process, as a student's kernel would."""

import ast
import copy
import functools
import io
from collections.abc import Collection
from contextlib import redirect_stderr, redirect_stdout
from typing import Any

from autograder.assignment import Assignment, Kind
from autograder.misconceptions import reference_answer


@functools.cache
def _code(source: str, name: str) -> tuple[Any, Any]:
    """The statements of a cell, and its last expression if it ends with one."""
    tree = ast.parse(source, name)
    last = None
    if tree.body and isinstance(tree.body[-1], ast.Expr):
        last = compile(ast.Expression(tree.body.pop().value), name, "eval")
    return compile(tree, name, "exec"), last


def run_cell(source: str, names: dict[str, Any], name: str = "<cell>") -> Any:
    statements, last = _code(source, name)
    exec(statements, names)
    return eval(last, names) if last else None


def messages(
    assignment: Assignment, answers: dict[str, str], checks: Collection[str]
) -> dict[str, str | None]:
    """Run setup, answers and some checks in the notebook's order.

    answers: source by grade_id, in place of the reference
    checks:  grade_ids of the checks to run
    returns: for each check that ran, its message, or None if it passed
    """
    names: dict[str, Any] = {"__name__": "__main__"}
    said: dict[str, str | None] = {}
    with redirect_stdout(io.StringIO()), redirect_stderr(io.StringIO()):
        last = max(cell.index for cell in assignment.checks if cell.grade_id in checks)
        for cell in assignment.cells[: last + 1]:
            if cell.kind is Kind.SETUP:
                run_cell(cell.source, names, "<setup>")
            elif cell.kind is Kind.ANSWER:
                source = answers.get(cell.grade_id, reference_answer(cell.source))
                run_cell(source, names, f"<{cell.grade_id}>")
            elif cell.kind is Kind.CHECK and cell.grade_id in checks:
                said[cell.grade_id] = _message(cell.source, names, cell.grade_id)
    return said


def _message(source: str, names: dict[str, Any], name: str) -> str | None:
    try:
        run_cell(source, copy.copy(names), f"<{name}>")
    except AssertionError as error:
        return str(error)
    except Exception as error:
        return f"{type(error).__name__}: {error}"
    return None
