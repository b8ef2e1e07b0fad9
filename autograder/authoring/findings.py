"""What a rule finds wrong in a source notebook: the cell as JupyterLab shows it, and a sentence."""

import warnings
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from autograder.assignment.errors import UserError
from autograder.assignment.notebook import (
    Assignment,
    Cell,
    assignment_from,
    grade_id_of,
    read_notebook,
)

_QUOTED = 40
"""Characters of a text cell by which it is told."""


@dataclass(frozen=True)
class Finding:
    """One rule that is broken.

    place: what the sentence is about, in words; empty if the sentence itself says it
    says:  what is wrong and what it should be, without a full stop
    index: the cell, counted from 0 as in the file; None if it is about no single cell
    """

    place: str
    says: str
    index: int | None = None

    def __str__(self) -> str:
        return f"{self.place}: {self.says}" if self.place else self.says

    def within(self, where: str) -> "Finding":
        """The same, told from outside: `where` comes before the place."""
        return replace(self, place=f"{where}: {self.place}" if self.place else where)


@dataclass(frozen=True)
class Source:
    """A chapter's notebook with its solutions, as a file's cells and as an assignment."""

    path: Path
    notebook: Any
    assignment: Assignment

    def found(self, cell: Cell, says: str) -> Finding:
        """A finding about one cell."""
        return Finding(place(self.notebook, cell.index), says, cell.index)


def read_source(path: Path) -> Source:
    """Read the notebook `path`. raises: UserError if it is none"""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of ids that nbformat mends; we refuse them in a sentence
        try:
            notebook = read_notebook(path)
        except UserError as error:  # the author's own: it is the work that has a fault
            raise UserError(str(error), exit_code=1) from error
    return Source(path, notebook, assignment_from(notebook, path.resolve().parent.name, path.stem))


def place(notebook: Any, index: int) -> str:
    """Name a cell as a person finds it in JupyterLab.

    A code cell by the number beside it once the notebook ran from top to bottom, `[7]`; a text by
    the code cell above it. What is there to be told by follows: a grade_id, or the first words.
    """
    node = notebook.cells[index]
    ran = [n for n, each in enumerate(notebook.cells[: index + 1]) if is_run(each)]
    above = f"below [{len(ran)}]" if ran else "above [1]"
    name = grade_id_of(node)
    if is_run(node):
        return f"cell [{len(ran)}]" + (f" ({name})" if name else "")
    if node.cell_type == "code":
        return f"the empty cell {above}"
    kind = "text" if node.cell_type == "markdown" else "raw text"
    words = next((line.strip("#* ") for line in node.source.split("\n") if line.strip()), "")
    shown = words if len(words) <= _QUOTED else f"{words[: _QUOTED - 1].rstrip()}…"
    return f"the {kind} {above}" + (f" ({name})" if name else f" (“{shown}”)" if shown else "")


def is_run(node: Any) -> bool:
    """Whether Run All gives this cell a number; an empty code cell gets none."""
    return bool(node.cell_type == "code" and node.source.strip())
