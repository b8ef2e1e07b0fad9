"""An assignment as a value: the cells of one notebook, sorted by what the course does with them.

The kinds are told by nbgrader's metadata and by one tag, so the notebooks stay plain
nbgrader notebooks. Headings give the exercises: `## Exercise 3 · Max pooling`, with a line
`*10 minutes · 3 points*` below it.
"""

import ast
import codecs
import json
import math
import re
from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum
from pathlib import Path
from typing import Any

import nbformat

from autograder.assignment.errors import UserError
from autograder.assignment.markdown_text import MINUTES, statement, unfenced
from autograder.assignment.python_text import NOT_PYTHON

EXPLORE_TAG = "explore"
HIDDEN_MARK = "# hidden check"
"""First line of a check whose text is not released; it says so to the student."""
HIDDEN_REGION = "BEGIN HIDDEN TESTS"
"""nbgrader's mark of the text that is not released."""

_HEADING = re.compile(r"^##\s+(?P<title>(?:Exercise|Reflection)\b.*)$", re.MULTILINE)
_LONGEST_REASON = 150
_NAMED = 8
"""Notebooks of a folder that a message names."""


class Kind(Enum):
    """What a cell is for (see docs/authoring.md)."""

    TEXT = "text"
    SETUP = "setup"
    ANSWER = "answer"
    CHECK = "check"
    EXPLORE = "explore"
    WRITTEN = "written answer"
    EXTRA = "extra"
    """Code that the course does not know: a student's own cell."""


@dataclass(frozen=True)
class Cell:
    """One cell. `grade_id` is empty where nbgrader gives none; `points` is 0 outside checks."""

    index: int
    kind: Kind
    source: str
    grade_id: str = ""
    points: float = 0.0

    @property
    def hidden(self) -> bool:
        """Whether this is a check whose text the release leaves out."""
        return self.kind is Kind.CHECK and is_hidden_source(self.source)

    @property
    def declares(self) -> frozenset[str]:
        """Names of the functions and classes at the top level of an answer."""
        try:
            body = ast.parse(self.source).body
        except NOT_PYTHON:
            return frozenset()
        kinds = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)
        return frozenset(node.name for node in body if isinstance(node, kinds))


def is_hidden_source(source: str) -> bool:
    """Whether this is the text of a check that the release leaves out."""
    return HIDDEN_REGION in source or source.lstrip().startswith(HIDDEN_MARK)


def aspect_of(check: str) -> str:
    """What a check looks at, in words: `conv2d-stride_padding` gives `stride padding`."""
    return check.split("-", 1)[-1].replace("_", " ")


@dataclass(frozen=True)
class Exercise:
    """A section of the notebook that carries points."""

    title: str
    text: str
    cells: tuple[Cell, ...]

    @property
    def points(self) -> float:
        return sum(cell.points for cell in self.cells)

    @property
    def minutes(self) -> int:
        return _minutes(self.text)

    @property
    def label(self) -> str:
        """What stands before the dot of the title: `Exercise 3`, `Reflection`."""
        return self.title.split("·")[0].strip()

    @property
    def subject(self) -> str:
        return self.title.split("·")[-1].strip()


@dataclass(frozen=True)
class Assignment:
    """One chapter.

    name:     nbgrader's assignment, the folder's name, `02_cnn`
    notebook: nbgrader's notebook, the file's stem, `cnn`
    """

    name: str
    notebook: str
    title: str
    summary: str
    minutes: int
    cells: tuple[Cell, ...]
    exercises: tuple[Exercise, ...]

    @property
    def points(self) -> float:
        return sum(cell.points for cell in self.cells)

    @property
    def checks(self) -> tuple[Cell, ...]:
        return tuple(cell for cell in self.cells if cell.kind is Kind.CHECK)

    @property
    def answers(self) -> tuple[Cell, ...]:
        return tuple(cell for cell in self.cells if cell.kind is Kind.ANSWER)

    def answer(self, grade_id: str) -> Cell:
        return next(cell for cell in self.answers if cell.grade_id == grade_id)

    def answer_of(self, check: Cell) -> str:
        """The answer that a check belongs to: what stands before the dash of its grade_id."""
        return check.grade_id.split("-")[0]


def kind_of(cell: Any) -> Kind:
    """Tell what a cell (an nbformat node) is for, by its nbgrader metadata and tags."""
    marks = marks_of(cell)
    grade, solution = marks.get("grade", False), marks.get("solution", False)
    if EXPLORE_TAG in (cell.metadata.get("tags") or []) and (
        cell.cell_type == "code" or grade or solution
    ):
        return Kind.EXPLORE
    if cell.cell_type != "code":
        return Kind.WRITTEN if (grade and solution) or marks.get("task", False) else Kind.TEXT
    if grade:
        return Kind.WRITTEN if solution else Kind.CHECK
    if solution:
        return Kind.ANSWER
    return Kind.SETUP if marks.get("locked", False) else Kind.EXTRA


def marks_of(cell: Any) -> Mapping[str, Any]:
    """nbgrader's metadata of a cell; empty where a student's file holds something else there."""
    marks = cell.metadata.get("nbgrader")
    return marks if isinstance(marks, dict) else {}


def grade_id_of(cell: Any) -> str:
    """The cell's name in nbgrader; empty where it has none."""
    return str(marks_of(cell).get("grade_id") or "")


def read_notebook(path: Path) -> Any:
    """Read a notebook file as an nbformat node, version 4.

    raises: UserError if the file is missing, unreadable, or not a notebook.
    """
    data = read_file(path)
    try:
        notebook = nbformat.reads(data.decode(), as_version=4)
        nbformat.validate(notebook, relax_add_props=True)
    except Exception as error:
        raise UserError(
            f"{path}: is not a Jupyter notebook ({_why_not(data, error)}); open it in JupyterLab and "
            "save it again, or take a fresh copy of the chapter."
        ) from error
    return notebook


def read_file(path: Path) -> bytes:
    """Read the bytes of a notebook's file.

    raises: UserError if it is missing, a folder, or cannot be read
    """
    if path.is_dir():
        raise _is_a_folder(path)
    if not path.is_file():
        raise UserError(f"{path}: there is no such file.")
    try:
        return path.read_bytes()
    except OSError as error:
        raise UserError(f"{path}: cannot be read ({error.strerror}).") from error


def _why_not(data: bytes, error: Exception) -> str:
    """Why a file that is there cannot be read as a notebook, in a phrase."""
    if not data.strip():
        return "it is empty"
    if data.startswith(codecs.BOM_UTF8):
        return "it begins with a byte-order mark"
    for number, line in enumerate(data.split(b"\n"), start=1):
        if line.startswith((b"<<<<<<< ", b">>>>>>> ")):
            return f"line {number} is the mark of a merge conflict"
    try:
        json.loads(data)
    except json.JSONDecodeError as fault:
        return f"line {fault.lineno} is not JSON"
    except (ValueError, RecursionError):
        return "it is not JSON"
    if isinstance(error, nbformat.ValidationError) and (spot := [*error.absolute_path]):
        if len(spot) > 1 and spot[0] == "cells":
            where = f"cell {spot[1] + 1} of the file, {'.'.join(map(str, spot[2:]))}"
        else:
            where = ".".join(map(str, spot))
        return f"{where}: {' '.join(error.message.split())[:_LONGEST_REASON]}"
    return "it has no cells of nbformat 4"


def _is_a_folder(path: Path) -> UserError:
    """The error that names the notebooks right in it and one folder below."""
    patterns = ("[!.]*.ipynb", "[!.]*/[!.]*.ipynb")
    found = [one for pattern in patterns for one in sorted(path.glob(pattern)) if one.is_file()]
    if not found:
        return UserError(f"{path} is a folder without a notebook; name a notebook.")
    named = ", ".join(map(str, found[:_NAMED]))
    more = f" and {len(found) - _NAMED} more" if len(found) > _NAMED else ""
    return UserError(f"{path} is a folder; name one of its notebooks: {named}{more}.")


def read_assignment(path: Path) -> Assignment:
    """Read the assignment in the notebook `path`; its folder names the assignment.

    raises: UserError as `read_notebook` does.
    """
    return assignment_from(read_notebook(path), path.resolve().parent.name, path.stem)


def assignment_from(notebook: Any, name: str, stem: str) -> Assignment:
    """The assignment in a notebook that has been read.

    name: nbgrader's assignment; stem: nbgrader's notebook
    """
    cells = tuple(_cell(index, node) for index, node in enumerate(notebook.cells))
    first = cells[0].source if cells else ""
    return Assignment(
        name=name,
        notebook=stem,
        title=_title(first) or stem,
        summary=_first_paragraph(first),
        minutes=_minutes(first),
        cells=cells,
        exercises=_exercises(cells),
    )


def _cell(index: int, node: Any) -> Cell:
    marks = marks_of(node)
    graded = bool(marks.get("grade", False))
    return Cell(
        index=index,
        kind=kind_of(node),
        source=node.source,
        grade_id=grade_id_of(node),
        points=_points(marks.get("points")) if graded else 0.0,
    )


def _points(said: Any) -> float:
    """A cell's points; 0 where a file says something else than a number, or nothing."""
    try:
        points = float(said or 0)
    except (TypeError, ValueError):
        return 0.0
    return points if math.isfinite(points) else 0.0


def _exercises(cells: tuple[Cell, ...]) -> tuple[Exercise, ...]:
    """Cut the notebook at its exercise headings; a section ends at the next `## ` heading."""
    sections: list[tuple[str, str, list[Cell]]] = []
    inside = False
    for cell in cells:
        text = unfenced(cell.source) if cell.kind is Kind.TEXT else ""
        if re.search(r"^##?\s", text, re.MULTILINE):
            heading = _HEADING.search(text)
            inside = heading is not None
            if heading:
                sections.append((heading["title"].strip(), cell.source, []))
        if inside:
            sections[-1][2].append(cell)
    return tuple(
        Exercise(title, text, tuple(members))
        for title, text, members in sections
        if any(member.points for member in members)
    )


def _title(text: str) -> str:
    found = re.search(r"^#\s+(.+)$", text, re.MULTILINE)
    return found[1].strip() if found else ""


def _first_paragraph(text: str) -> str:
    """The sentence below the title: why the chapter matters."""
    paragraphs = [part.strip() for part in text.split("\n\n") if not part.lstrip().startswith("#")]
    return " ".join(paragraphs[0].split()) if paragraphs else ""


def _minutes(text: str) -> int:
    found = MINUTES.search(statement(text))
    return int(found["number"]) if found else 0
