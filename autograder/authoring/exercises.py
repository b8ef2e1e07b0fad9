"""What the text of a chapter says of its exercises, against what its cells hold."""

import math
import re
from collections.abc import Iterator

from autograder.assignment.markdown_text import POINTS, statement, unfenced
from autograder.assignment.notebook import Cell, Kind
from autograder.assignment.plurals import counted
from autograder.authoring.findings import Finding, Source

_HEADING = re.compile(r"^##\s+(?P<label>Exercise|Reflection)\b(?P<rest>.*)$", re.MULTILINE)
_NUMBERED = re.compile(r" (?P<number>\d+) · \S")
_REFLECTION = re.compile(r"( · \S.*)?\s*")


def exercises(source: Source) -> Iterator[Finding]:
    """Titles, numbers, points and minutes."""
    yield from _titles(source)
    yield from _numbers(source)
    yield from _points_and_minutes(source)


def _headings(source: Source) -> Iterator[tuple[Cell, "re.Match[str]"]]:
    for cell in source.assignment.cells:
        if cell.kind is Kind.TEXT:
            for heading in _HEADING.finditer(unfenced(cell.source)):
                yield cell, heading


def _titles(source: Source) -> Iterator[Finding]:
    seen = -1
    for cell, heading in _headings(source):
        form = _NUMBERED.match if heading["label"] == "Exercise" else _REFLECTION.fullmatch
        if not form(heading["rest"]):
            yield source.found(
                cell, f"its heading is `{heading[0].strip()}`; write `## Exercise N · Title`"
            )
        if cell.index == seen:
            yield source.found(cell, "has two headings of exercises; give each its own text cell")
        seen = cell.index


def _numbers(source: Source) -> Iterator[Finding]:
    """Exercises count 1, 2, 3, …; after a wrong number the count goes on from there."""
    expected = 1
    for cell, heading in _headings(source):
        if found := _NUMBERED.match(heading["rest"]):
            if int(found["number"]) != expected:
                yield source.found(
                    cell, f"is exercise {found['number']}, where exercise {expected} is due"
                )
            expected = int(found["number"]) + 1


def _points_and_minutes(source: Source) -> Iterator[Finding]:
    assignment = source.assignment
    within = {cell.index for exercise in assignment.exercises for cell in exercise.cells}
    for exercise in assignment.exercises:
        cell = exercise.cells[0]
        if not _says_points(exercise.text, exercise.points):
            yield source.found(cell, f"must state its points ({_shown(exercise.points)})")
        if not exercise.minutes:
            yield source.found(cell, "must state its minutes, as in `10 minutes`")
    for cell, heading in _headings(source):
        if not any(cell is exercise.cells[0] for exercise in assignment.exercises):
            yield source.found(cell, f"`{heading[0].strip()}` has no cell with points below it")
    for cell in assignment.cells:
        if cell.points and cell.index not in within:
            yield source.found(cell, "has points, but no heading `## Exercise N · Title` above it")
    total = sum(exercise.minutes for exercise in assignment.exercises)
    if assignment.minutes != total:
        yield Finding(
            "the first cell",
            f"states {counted(assignment.minutes, 'minute')}; the exercises' minutes add up to {total}",
            0,
        )
    if not assignment.cells or not _says_points(assignment.cells[0].source, assignment.points):
        yield Finding("the first cell", f"must state its points ({_shown(assignment.points)})", 0)


def _says_points(text: str, points: float) -> bool:
    """Whether a text states this sum; 0.1 + 0.2 + 0.3 is 0.6."""
    stated = POINTS.search(statement(text))
    return stated is not None and math.isclose(float(stated["number"]), points, abs_tol=1e-9)


def _shown(points: float) -> str:
    return f"{round(points, 9):g}"
