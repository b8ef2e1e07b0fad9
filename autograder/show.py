"""What the commands show on the terminal: a student's report, a class's marks."""

from pathlib import Path

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from autograder.assignment import Assignment, Exercise, Kind
from autograder.check import CheckReport
from autograder.classroom import Classroom
from autograder.grading import ClassResult
from autograder.outcome import Outcome


def show_report(report: CheckReport, out: Console) -> None:
    """Print a student's report: exercise by exercise, the message first."""
    for exercise in report.assignment.exercises:
        _show_exercise(report, exercise, out)
    for note in report.notes:
        out.print(f"[yellow]note[/] {escape(note)}", soft_wrap=True)
    total = f"{report.score:g} of {report.points:g} points"
    out.print(f"[bold]{total}[/] in the checks that you can see")


def _show_exercise(report: CheckReport, exercise: Exercise, out: Console) -> None:
    verdicts = [report.checks[c.grade_id] for c in exercise.cells if c.kind is Kind.CHECK]
    visible = [verdict for verdict in verdicts if verdict.outcome is not Outcome.HIDDEN]
    score, points = sum(v.score for v in visible), sum(v.points for v in visible)
    sign = "[green]✓[/]" if visible and score == points else "[red]✗[/]" if visible else "–"
    marks = f"{score:g}/{points:g}" if visible else ""
    out.print(f"{sign} [bold]{escape(exercise.title)}[/]  {marks}")
    for verdict in visible:
        if verdict.outcome is not Outcome.PASSED:
            aspect = verdict.grade_id.split("-", 1)[-1].replace("_", " ")
            out.print(f"    {escape(verdict.message)}  [dim]({aspect})[/]", soft_wrap=True)
    for verdict in verdicts:
        if verdict.outcome is Outcome.HIDDEN:
            out.print(f"    [dim]{verdict.points:g} more by a hidden check, when graded[/]")
    written = sum(cell.points for cell in exercise.cells if cell.kind is Kind.WRITTEN)
    if written:
        out.print(f"    [dim]{written:g} points, read by a person[/]")


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
        out.print("    * waits for a person: the written answer (R, the reflection)")
    for student, graded in result.students.items():
        for note in graded["notes"]:
            out.print(f"    {escape(f'{student}: {note}')}", soft_wrap=True)


def show_places(room: Classroom, pages: list[Path], out: Console) -> None:
    """Print where the marks and the feedback lie."""
    lines = [
        f"{room.feedback}  ({len(pages)} pages; the first: {pages[0] if pages else 'none'})",
        f"{room.database}  (nbgrader's gradebook)",
        f"AUTOGRADER_CLASSROOM={room.root} autograder lab --instructor  (Formgrader)",
    ]
    for line in lines:
        out.print(f"    {escape(line)}", soft_wrap=True)
