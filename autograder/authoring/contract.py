"""The contract of a notebook, as a lint: what every chapter must keep so that checks stay fair."""

import ast
import re
import symtable
from pathlib import Path

from autograder.assignment.notebook import Assignment, Cell, Kind, read_assignment, read_notebook
from autograder.engine.names import bound_names, free_names

_STATED_POINTS = re.compile(r"(\d+(?:\.\d+)?) points?\b")
_ANSWER_ID = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_CHECK_ID = re.compile(r"([A-Za-z_][A-Za-z0-9_]*)-[a-z0-9_]+")
_INSTALLS = re.compile(r"^\s*[!%]\s*(?:pip|conda)\b", re.MULTILINE)
_MACHINE_PATH = re.compile(r"[\"'](?:/home/|/Users/|/root/|/tmp/|[A-Z]:\\)")
LONGEST_CODE = 60
_READ = (Kind.SETUP, Kind.ANSWER, Kind.CHECK, Kind.EXPLORE)


def violations(path: Path) -> tuple[str, ...]:
    """List what the notebook `path` breaks, one sentence each; empty when the contract holds.

    raises: UserError if it is no notebook.
    """
    assignment = read_assignment(path)
    unreadable = _code_is_python(assignment)
    if unreadable:
        return tuple(unreadable)  # the other rules read the code
    return (
        *_cells_have_a_kind(assignment),
        *_grade_ids(assignment),
        *_points_and_minutes_are_stated(assignment),
        *_answers_have_stubs(assignment),
        *_checks_are_black_boxes(assignment),
        *_explored_names_stay_there(assignment),
        *_code_travels(assignment),
        *_triton_comes_first(assignment),
        *_outputs_are_stored(path),
    )


def _where(cell: Cell) -> str:
    return f"cell {cell.index}" + (f" ({cell.grade_id})" if cell.grade_id else "")


def _code_is_python(assignment: Assignment) -> list[str]:
    """Only an explore cell may be another language's, told by its `%%magic` line."""
    found = []
    for cell in assignment.cells:
        if cell.kind in _READ and not (cell.kind is Kind.EXPLORE and cell.source.startswith("%")):
            try:
                symtable.symtable(cell.source, "cell", "exec")
            except SyntaxError as error:
                found.append(f"{_where(cell)}: is not plain Python (line {error.lineno})")
    return found


def _cells_have_a_kind(assignment: Assignment) -> list[str]:
    return [
        f"{_where(cell)}: code that is neither locked, an answer, a check, nor tagged `explore`"
        for cell in assignment.cells
        if cell.kind is Kind.EXTRA
    ]


def _grade_ids(assignment: Assignment) -> list[str]:
    found = []
    answers = {cell.grade_id for cell in assignment.answers}
    for cell in assignment.answers:
        if not _ANSWER_ID.fullmatch(cell.grade_id) or cell.grade_id not in cell.declares:
            found.append(f"{_where(cell)}: an answer's grade_id is the name that it defines")
    for cell in assignment.checks:
        match = _CHECK_ID.fullmatch(cell.grade_id)
        if not match or match[1] not in answers:
            found.append(f"{_where(cell)}: a check's grade_id is ANSWER-aspect")
        if cell.points <= 0:
            found.append(f"{_where(cell)}: a check without points")
    for name in sorted(answers - {assignment.answer_of(check) for check in assignment.checks}):
        found.append(f"answer {name}: has no check")
    return found


def _points_and_minutes_are_stated(assignment: Assignment) -> list[str]:
    found = []
    for exercise in assignment.exercises:
        stated = _STATED_POINTS.search(exercise.text)
        if not stated or float(stated[1]) != exercise.points:
            found.append(f"{exercise.title}: must state its points ({exercise.points:g})")
        if not exercise.minutes:
            found.append(f"{exercise.title}: must state its minutes")
    if assignment.minutes != sum(exercise.minutes for exercise in assignment.exercises):
        found.append("the first cell: its minutes are not the sum of the exercises' minutes")
    stated = _STATED_POINTS.search(assignment.cells[0].source) if assignment.cells else None
    if not stated or float(stated[1]) != assignment.points:
        found.append(f"the first cell: must state its points ({assignment.points:g})")
    if sum(exercise.points for exercise in assignment.exercises) != assignment.points:
        found.append("a graded cell lies outside every exercise")
    return found


def _answers_have_stubs(assignment: Assignment) -> list[str]:
    found = []
    for cell in assignment.answers:
        if "### BEGIN SOLUTION" not in cell.source:
            found.append(f"{_where(cell)}: an answer needs ### BEGIN SOLUTION … ### END SOLUTION")
        for node in ast.parse(cell.source).body:
            if isinstance(node, ast.FunctionDef | ast.ClassDef) and not ast.get_docstring(node):
                found.append(f"{_where(cell)}: {node.name} needs a docstring")
    return found


def _checks_are_black_boxes(assignment: Assignment) -> list[str]:
    """A check reads only what an exercise above it declares, and what setup cells define."""
    known: set[str] = set()
    found = []
    for cell in assignment.cells:
        if cell.kind is Kind.SETUP:
            known |= bound_names(cell.source)
        elif cell.kind is Kind.ANSWER:
            known |= cell.declares
        elif cell.kind is Kind.CHECK:
            for name in sorted(free_names(cell.source) - known):
                found.append(f"{_where(cell)}: reads `{name}`, which no exercise declares")
    return found


def _explored_names_stay_there(assignment: Assignment) -> list[str]:
    """Grading skips explore cells, so nothing that is graded may need their names."""
    explored: set[str] = set()
    known: set[str] = set()
    found = []
    for cell in assignment.cells:
        if cell.kind is Kind.EXPLORE and not cell.source.startswith("%"):
            explored |= bound_names(cell.source)
        elif cell.kind in (Kind.SETUP, Kind.ANSWER):
            for name in sorted(free_names(cell.source) & explored - known):
                found.append(f"{_where(cell)}: reads `{name}`, which only an explore cell defines")
            known |= bound_names(cell.source)
    return found


def _code_travels(assignment: Assignment) -> list[str]:
    found = []
    for cell in assignment.cells:
        if cell.kind in (Kind.TEXT, Kind.WRITTEN):
            continue
        if _INSTALLS.search(cell.source):
            found.append(f"{_where(cell)}: installs a package")
        if _MACHINE_PATH.search(cell.source):
            found.append(f"{_where(cell)}: holds an absolute path")
        if cell.source.count("\n") >= LONGEST_CODE:
            found.append(f"{_where(cell)}: is longer than {LONGEST_CODE} lines")
    return found


def _triton_comes_first(assignment: Assignment) -> list[str]:
    """PyTorch's builds for GPUs load Triton late, and after TensorFlow that crashes Python."""
    first: dict[str, tuple[int, int]] = {}
    for cell in assignment.cells:
        if cell.kind in _READ and not cell.source.startswith("%"):
            for node in ast.walk(ast.parse(cell.source)):
                if not isinstance(node, ast.Import | ast.ImportFrom):
                    continue
                place = (cell.index, node.lineno)
                names = [node.module or ""] if isinstance(node, ast.ImportFrom) else []
                for name in names or [alias.name for alias in node.names]:
                    top = name.partition(".")[0]
                    first[top] = min(first.get(top, place), place)
    tensorflow = [first[name] for name in ("tensorflow", "keras") if name in first]
    if not tensorflow or "torch" not in first:
        return []
    if "triton" in first and first["triton"] < min(tensorflow):
        return []
    return [
        f"cell {min(tensorflow)[0]}: imports TensorFlow beside PyTorch; import triton before it, "
        "where it is installed (`with contextlib.suppress(ImportError)`), or Python may crash"
    ]


def _outputs_are_stored(path: Path) -> list[str]:
    """A source notebook was executed from top to bottom, without an error."""
    found = []
    expected = 1
    for index, node in enumerate(read_notebook(path).cells):
        if node.cell_type != "code":
            continue
        if node.execution_count != expected:
            found.append(f"cell {index}: was not executed in order; run the notebook again")
        expected += 1
        tags = node.metadata.get("tags", [])
        if "raises-exception" not in tags:
            found += [
                f"cell {index}: its stored output is an error ({output.ename})"
                for output in node.outputs
                if output.output_type == "error"
            ]
        if "execution" in node.metadata:
            found.append(f"cell {index}: stores the times of its execution")
    return found
