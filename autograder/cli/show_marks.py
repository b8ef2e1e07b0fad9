"""What `autograder demo` shows on the terminal: a class's marks, and where they lie."""

from pathlib import Path

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from autograder.assignment.notebook import Assignment
from autograder.assignment.plurals import counted
from autograder.classroom.folders import Classroom
from autograder.classroom.grade_class import ClassResult
from autograder.gradebook.database import gradebook_url, shown_url

EXAMPLE = "emmy"
"""Her feedback has most to read: misconceptions in half of the exercises."""


def show_marks(room: Classroom, assignment: Assignment, result: ClassResult, out: Console) -> None:
    """Print a class's marks by exercise, and what was unusual about a submission."""
    table = Table(title=f"{assignment.title}: points by exercise", title_justify="left")
    table.add_column("student\n", no_wrap=True)
    for exercise in assignment.exercises:
        label = exercise.label.removeprefix("Exercise ").replace("Reflection", "R")
        table.add_column(f"{label}\n/{exercise.points:g}", justify="right")
    table.add_column(f"sum\n/{assignment.points:g}", justify="right")
    waiting = False
    for student in result.students:
        marks = room.marks(assignment, student) or {}
        waiting = waiting or any(mark.waiting for mark in marks.values())
        cells = [f"{mark.score:g}" + ("*" if mark.waiting else "") for mark in marks.values()]
        table.add_row(student, *cells, f"{sum(mark.score for mark in marks.values()):g}")
    out.print(table)
    if waiting:
        out.print("    * to be graded by hand: the written answer (R, the reflection)")
    for student, graded in result.students.items():
        for note in graded["notes"]:
            out.print(f"    {escape(f'{student}: {note}')}", soft_wrap=True)


def show_places(room: Classroom, pages: list[Path], report: Path, out: Console) -> None:
    """Print where the report, one student's feedback, and the marks lie."""
    shown = next((page for page in pages if EXAMPLE in page.parts), pages[0] if pages else "none")
    lines = [
        f"{report}  (report on the class)",
        f"{shown}  (feedback for one student, of {counted(len(pages), 'page')})",
        f"{shown_url(gradebook_url(room.db_url))}  (nbgrader's gradebook)",
        f"AUTOGRADER_CLASSROOM={room.root} autograder lab --instructor  (Formgrader)",
    ]
    for line in lines:
        out.print(f"    {escape(line)}", soft_wrap=True)
