"""An exercise is put into a notebook: its place, the numbers that follow from it, and nothing else."""

import copy
import itertools
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from nbformat.v4 import new_markdown_cell

from autograder.assignment.did_you_mean import unknown
from autograder.assignment.errors import UserError
from autograder.assignment.markdown_text import MINUTES, POINTS, statement, unfenced
from autograder.assignment.notebook import (
    Assignment,
    Exercise,
    Kind,
    assignment_from,
)
from autograder.authoring.findings import place

_SECTION = re.compile(r"##?\s")
_EXERCISE = re.compile(r"##\s+(?:Exercise|Reflection)\b")
_NUMBERED = re.compile(r"(?P<head>##\s+Exercise\s+)(?P<number>\d+)\b")
_MENTION = re.compile(
    r"\bexercises?\s+\d+(?:(?:,\s*(?:and\s+|or\s+)?|\s+(?:and|or|to)\s+|\s*[–-]\s*)\d+)*\b",
    re.IGNORECASE,
)


def make_room(notebook: Any, name: str, before: str = "", after: str = "") -> int:
    """Find the place of a new exercise, and return the index of the cell that it goes before.

    A cell that holds the end of one exercise and the heading of the next is cut in two there.

    name:          of the notebook, for messages
    before, after: name of an answer; without them the place is behind the last exercise
    raises: UserError if there is no such answer, or it is in no exercise
    """
    assignment = assignment_from(notebook, name, name)
    if beside := before or after:
        exercise = _exercise_of(assignment, beside, name)
    else:
        numbered = [one for one in assignment.exercises if one.label.startswith("Exercise")]
        others = assignment.exercises
        if not numbered and not others:
            return len(notebook.cells)
        exercise, before = (numbered[-1], "") if numbered else (others[0], others[0].label)
    index = exercise.cells[0].index if before else exercise.cells[-1].index + 1
    if index == len(notebook.cells):
        return index
    source = notebook.cells[index].source
    offset = next(_headings(source, _EXERCISE if before else _SECTION), (0, ""))[0]
    if not source[:offset].strip():
        return index
    _cut(notebook, index, offset)
    return index + 1


def insert(notebook: Any, index: int, cells: Sequence[Any]) -> None:
    """Put cells before the cell `index`; the execution counts of those below it move on."""
    used = {cell.get("id") for cell in notebook.cells}
    first = 1 + sum(cell.cell_type == "code" for cell in notebook.cells[:index])
    code = [cell for cell in cells if cell.cell_type == "code"]
    for count, cell in enumerate(code, start=first):
        cell.execution_count = count
    for cell in cells:
        if _has_ids(notebook):
            cell.id = _free(cell.id, used)
        else:
            del cell["id"]
    for cell in notebook.cells[index:]:
        for node in (cell, *cell.get("outputs", [])):
            count = node.get("execution_count")
            if isinstance(count, int) and count >= first:
                node.execution_count = count + len(code)
    notebook.cells[index:index] = cells


def number_before(notebook: Any, index: int) -> int:
    """How many numbered exercises begin above the cell `index`."""
    return sum(1 for cell in _texts(notebook.cells[:index]) for _ in _numbered(cell.source))


def renumber(cells: Iterable[Any], first: int) -> dict[int, int]:
    """Number the exercises' headings in these cells from `first` on; return old -> new."""
    numbers: dict[int, int] = {}
    for cell in _texts(cells):
        headings = [*zip(_numbered(cell.source), itertools.count(first))]
        for (offset, heading), number in reversed(headings):  # so that the offsets stay true
            old = int(heading["number"])
            if old != number:
                numbers[old] = number
            start, end = (offset + place for place in heading.span("number"))
            cell.source = f"{cell.source[:start]}{number}{cell.source[end:]}"
        first += len(headings)
    return numbers


def mentions(notebook: Any, numbers: Mapping[int, int]) -> Iterator[str]:
    """Where texts and code name an exercise that has another number now; one sentence each.

    numbers: old -> new
    """
    for index, cell in enumerate(notebook.cells):
        headings = [range(at, at + one.end()) for at, one in _numbered(cell.source)]
        for match in _MENTION.finditer(cell.source):
            if any(match.start() in heading for heading in headings):
                continue
            old = " ".join(match[0].split())
            new = re.sub(r"\d+", lambda found: str(numbers.get(int(found[0]), found[0])), old)
            if new != old:
                yield f"{place(notebook, index)} says “{old}”; by the new numbers: “{new}”."


def correct_sums(notebook: Any, name: str) -> Iterator[str]:
    """Put the sums of minutes and points into the first cell; say what it does not state."""
    assignment = assignment_from(notebook, name, name)
    minutes = sum(exercise.minutes for exercise in assignment.exercises)
    for pattern, total, noun in (
        (MINUTES, f"{minutes}", "minutes"),
        (POINTS, f"{assignment.points:g}", "points"),
    ):
        first = notebook.cells[0]
        if found := pattern.search(statement(first.source)):
            start, end = found.span("number")
            first.source = f"{first.source[:start]}{total}{first.source[end:]}"
        else:
            yield f"the first cell does not state the chapter's {total} {noun}; add them."


def _exercise_of(assignment: Assignment, answer: str, name: str) -> Exercise:
    kinds = (Kind.ANSWER, Kind.WRITTEN)
    known = [cell.grade_id for cell in assignment.cells if cell.kind in kinds]
    if answer not in known:
        raise unknown("answer", answer, known, name)
    for exercise in assignment.exercises:
        if any(cell.grade_id == answer for cell in exercise.cells):
            return exercise
    raise UserError(f"{name}: {answer} is below no heading `## Exercise N · Title` with points.")


def _headings(source: str, pattern: re.Pattern[str]) -> Iterator[tuple[int, re.Match[str]]]:
    """Lines that begin with the pattern, outside of fenced code: where each starts, and its match."""
    offset = 0
    for line in unfenced(source).split("\n"):
        if match := pattern.match(line):
            yield offset, match
        offset += len(line) + 1


def _numbered(source: str) -> Iterator[tuple[int, re.Match[str]]]:
    return _headings(source, _NUMBERED)


def _texts(cells: Iterable[Any]) -> Iterator[Any]:
    return (cell for cell in cells if cell.cell_type == "markdown")


def _cut(notebook: Any, index: int, offset: int) -> None:
    """Cut a text cell in two; the part with the heading stays the cell that it was."""
    lower = notebook.cells[index]
    used = {cell.get("id") for cell in notebook.cells}
    upper = new_markdown_cell(lower.source[:offset].rstrip())
    if _has_ids(notebook):
        upper.id = _free(f"before-{lower.id}"[:64], used)
    else:
        del upper["id"]
    lower.source = lower.source[offset:]
    if attachments := lower.pop("attachments", None):
        for cell in (upper, lower):
            named = {name: one for name, one in attachments.items() if name in cell.source}
            if named:
                cell.attachments = copy.deepcopy(named)
    notebook.cells.insert(index, upper)


def _has_ids(notebook: Any) -> bool:
    return (notebook.nbformat, notebook.nbformat_minor) >= (4, 5)


def _free(wanted: str, used: set[str]) -> str:
    """The id itself, or the first with a number behind it that no other cell has; notes it."""
    found, number = wanted, 2
    while found in used:
        found, number = f"{wanted[:60]}-{number}", number + 1
    used.add(found)
    return found
