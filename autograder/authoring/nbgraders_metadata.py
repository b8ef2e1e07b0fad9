"""What nbgrader refuses of a cell's metadata, told by cell before it does."""

from collections.abc import Iterator
from typing import Any

from autograder.assignment.notebook import grade_id_of, marks_of
from autograder.authoring.findings import Finding, Source, place

_FLAGS = ("grade", "solution", "locked", "task")
_VERSION = 3


def nbgraders_metadata(source: Source) -> Iterator[Finding]:
    """The first fault of each cell that nbgrader knows."""
    cells: dict[str, str] = {}
    for index, node in enumerate(source.notebook.cells):
        if "nbgrader" not in node.metadata:
            continue
        where = place(source.notebook, index)
        name = grade_id_of(node)
        if said := next(_faults(node), ""):
            yield Finding(where, said, index)
        elif name and name in cells:
            yield Finding(
                where, f"has the grade_id `{name}` of {cells[name]} too; rename one of them", index
            )
        cells.setdefault(name, where)


def _faults(node: Any) -> Iterator[str]:
    marks = marks_of(node)
    if (version := marks.get("schema_version")) != _VERSION:
        yield (
            f"has nbgrader metadata of version {version}, not {_VERSION}; run `nbgrader update` on "
            "the notebook"
        )
    for flag in _FLAGS:
        if not isinstance(marks.get(flag, False if flag == "task" else None), bool):
            yield f"has nbgrader metadata without a valid `{flag}`; choose its type again"
    grade, solution, task = (marks.get(flag) for flag in ("grade", "solution", "task"))
    if (grade or solution or marks.get("locked")) and not grade_id_of(node):
        yield "has no grade_id; give it one in Create Assignment"
    if task and node.cell_type == "code":
        kind = "a check" if grade else "code"
        yield f"is {kind} and a task at once; choose its type again"
    if not task and node.cell_type == "markdown" and bool(grade) is not bool(solution):
        yield "is a text that has points or a solution, not both; choose its type again"
