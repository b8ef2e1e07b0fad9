"""The contract of a notebook, as a lint: what every chapter must keep so that checks stay fair.

Rules of one topic are a module of their own: `answers` and `marks` (what is hidden), `checks`,
`exercises` (what the text states), `nbgraders_metadata`, `stored` (what the file keeps), `leaks`
(solutions elsewhere).
"""

import ast
import re
import symtable
from collections.abc import Iterator
from pathlib import Path

from autograder.assignment.notebook import Cell, Kind, marks_of
from autograder.assignment.python_text import NOT_PYTHON, without_magics
from autograder.authoring.answers import Scope, marks_and_shapes
from autograder.authoring.checks import checks
from autograder.authoring.exercises import exercises
from autograder.authoring.findings import Finding, Source, read_source
from autograder.authoring.leaks import leaks_in_source
from autograder.authoring.nbgraders_metadata import nbgraders_metadata
from autograder.authoring.stored import stored
from autograder.engine.names import bound_names, free_names

_ANSWER_ID = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_CHECK_ID = re.compile(r"([A-Za-z_][A-Za-z0-9_]*)-[a-z0-9_]+")
_INSTALLS = re.compile(r"^\s*[!%]\s*(?:pip|conda)\b", re.MULTILINE)
_MACHINE_PATH = re.compile(r"[\"'](?:/home/|/Users/|/root/|/tmp/|[A-Z]:\\)")
LONGEST_CODE = 60
_READ = (Kind.SETUP, Kind.ANSWER, Kind.CHECK, Kind.EXPLORE)
_RULES = (nbgraders_metadata, marks_and_shapes, checks, exercises, stored, leaks_in_source)


def violations(path: Path) -> tuple[str, ...]:
    """List what the notebook `path` breaks, one sentence each; empty when the contract holds.

    raises: UserError if it is no notebook.
    """
    return tuple(str(finding) for finding in findings(path))


def findings(path: Path) -> tuple[Finding, ...]:
    """List what the notebook `path` breaks, each with its cell, in no order.

    raises: UserError if it is no notebook.
    """
    source = read_source(path)
    unreadable = tuple(_code_is_python(source))
    if unreadable:
        return unreadable  # the other rules read the code
    rules = (
        _cells_have_a_kind,
        _grade_ids,
        _answers_say_what_they_are,
        _explored_names_stay_there,
        _code_travels,
        _triton_comes_first,
        *_RULES,
    )
    return tuple(finding for rule in rules for finding in rule(source))


def _code_is_python(source: Source) -> Iterator[Finding]:
    """Only an explore cell may be another language's, told by its `%%magic` line."""
    for cell in source.assignment.cells:
        if cell.kind in _READ:
            try:
                symtable.symtable(_python_of(cell), "cell", "exec")
            except NOT_PYTHON as error:
                line = getattr(error, "lineno", None)
                why = f"line {line}" if line else str(error) or "nested too deep"
                yield source.found(cell, f"is not plain Python ({why})")


def _python_of(cell: Cell) -> str:
    """A cell's code; of an explore cell without magics, and none if it is another language's."""
    if cell.kind is not Kind.EXPLORE:
        return cell.source
    if cell.source.startswith("%%"):
        return ""
    try:
        ast.parse(cell.source)
    except NOT_PYTHON:
        return without_magics(cell.source)[0]
    return cell.source


def _cells_have_a_kind(source: Source) -> Iterator[Finding]:
    for cell in source.assignment.cells:
        if cell.kind is Kind.EXTRA:
            yield source.found(
                cell, "code that is neither locked, an answer, a check, nor tagged `explore`"
            )


def _grade_ids(source: Source) -> Iterator[Finding]:
    assignment = source.assignment
    answers = {cell.grade_id for cell in assignment.answers}
    checked = {assignment.answer_of(check) for check in assignment.checks}
    for cell in assignment.answers:
        if not _ANSWER_ID.fullmatch(cell.grade_id) or cell.grade_id not in cell.declares:
            yield source.found(cell, "an answer's grade_id is the name that it defines")
        if cell.grade_id not in checked:
            yield source.found(cell, "has no check; add one below it")
    for cell in assignment.checks:
        match = _CHECK_ID.fullmatch(cell.grade_id)
        if not match or match[1] not in answers:
            yield source.found(cell, "a check's grade_id is ANSWER-aspect")
        if cell.points <= 0 and marks_of(source.notebook.cells[cell.index]).get("points", 0) == 0:
            yield source.found(cell, "a check without points")


def _answers_say_what_they_are(source: Source) -> Iterator[Finding]:
    for cell in source.assignment.answers:
        for node in ast.parse(cell.source).body:
            if isinstance(node, Scope) and not ast.get_docstring(node):
                yield source.found(cell, f"{node.name} needs a docstring")


def _explored_names_stay_there(source: Source) -> Iterator[Finding]:
    """Grading skips explore cells, so nothing that is graded may need their names."""
    explored: set[str] = set()
    known: set[str] = set()
    for cell in source.assignment.cells:
        if cell.kind is Kind.EXPLORE:
            explored |= bound_names(_python_of(cell))
        elif cell.kind in (Kind.SETUP, Kind.ANSWER):
            for name in sorted(free_names(cell.source) & explored - known):
                yield source.found(cell, f"reads `{name}`, which only an explore cell defines")
            known |= bound_names(cell.source)


def _code_travels(source: Source) -> Iterator[Finding]:
    for cell in source.assignment.cells:
        if cell.kind in (Kind.TEXT, Kind.WRITTEN):
            continue
        if _INSTALLS.search(cell.source):
            yield source.found(cell, "installs a package")
        if _MACHINE_PATH.search(cell.source):
            yield source.found(cell, "holds an absolute path")
        if cell.source.count("\n") >= LONGEST_CODE:
            yield source.found(cell, f"is longer than {LONGEST_CODE} lines")


def _triton_comes_first(source: Source) -> Iterator[Finding]:
    """PyTorch's builds for GPUs load Triton late, and after TensorFlow that crashes Python."""
    first: dict[str, tuple[int, int]] = {}
    for cell in source.assignment.cells:
        if cell.kind in _READ:
            for node in ast.walk(ast.parse(_python_of(cell))):
                if not isinstance(node, ast.Import | ast.ImportFrom):
                    continue
                spot = (cell.index, node.lineno)
                names = [node.module or ""] if isinstance(node, ast.ImportFrom) else []
                for name in names or [alias.name for alias in node.names]:
                    top = name.partition(".")[0]
                    first[top] = min(first.get(top, spot), spot)
    tensorflow = [first[name] for name in ("tensorflow", "keras") if name in first]
    if not tensorflow or "torch" not in first:
        return
    if "triton" in first and first["triton"] < min(tensorflow):
        return
    yield source.found(
        source.assignment.cells[min(tensorflow)[0]],
        "imports TensorFlow beside PyTorch; import triton before it, "
        "where it is installed (`with contextlib.suppress(ImportError)`), or Python may crash",
    )
