"""What `autograder check` shows on the terminal: a student's report."""

from rich.console import Console
from rich.markup import escape

from autograder.assignment import Exercise, Kind
from autograder.check import CheckReport
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
