"""The parts of a notebook that carry points: exercises by their headings, or else by answers.

Notebooks of this course name their exercises in headings (`autograder.assignment.notebook`). In any other
nbgrader course a part is an answer, with the checks below it.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from autograder.assignment.blueprint import NotebookBlueprint
from autograder.assignment.course_text import Hint, hints_in
from autograder.assignment.notebook import Cell, Kind, assignment_from


@dataclass(frozen=True)
class Section:
    """A part of the notebook.

    title:  the exercise's title, with formulas as they are written; or the answer's grade_id
    anchor: the heading as JupyterLab names it in a link; empty if there is none
    cells:  answers, checks and written answers, in order
    hints:  of the course
    """

    title: str
    anchor: str
    cells: tuple[Cell, ...]
    hints: tuple[Hint, ...]

    @property
    def label(self) -> str:
        """What stands before the dot of the title: `Exercise 3`."""
        return self.title.split("·")[0].strip()


def sections_of(blueprint: NotebookBlueprint, assignment: str) -> tuple[Section, ...]:
    """The parts of a notebook, in order; each graded cell is in one of them."""
    known = assignment_from(blueprint.notebook, assignment, blueprint.name)
    named = {cell.index: number for number, e in enumerate(known.exercises) for cell in e.cells}
    groups: list[tuple[int | None, list[Cell]]] = []
    texts: list[Cell] = []  # outside of the exercises, since the last answer
    for cell in known.cells:
        number = named.get(cell.index)
        if number is not None:
            if not groups or groups[-1][0] != number:
                groups.append((number, []))
            groups[-1][1].append(cell)
        elif cell.kind is Kind.TEXT:
            texts.append(cell)
        elif cell.kind in (Kind.ANSWER, Kind.WRITTEN):
            groups.append((None, [*texts, cell]))
            texts = []
        elif cell.kind is Kind.CHECK:
            if not groups or groups[-1][0] is not None:
                groups.append((None, []))
            groups[-1][1].append(cell)
    return tuple(
        _section(None if number is None else known.exercises[number].title, cells)
        for number, cells in groups
        if number is not None or any(c.kind in (Kind.CHECK, Kind.WRITTEN) for c in cells)
    )


def _section(title: str | None, cells: Sequence[Cell]) -> Section:
    own = tuple(cell for cell in cells if cell.kind in (Kind.ANSWER, Kind.CHECK, Kind.WRITTEN))
    return Section(
        title=title or next((cell.grade_id for cell in own), ""),
        anchor=title.replace(" ", "-") if title else "",
        cells=own,
        hints=tuple(
            hint for cell in cells if cell.kind is Kind.TEXT for hint in hints_in(cell.source)
        ),
    )
