"""What `autograder check` shows on the terminal: a student's report."""

from rich.console import Console
from rich.markup import escape

from autograder.assignment.notebook import aspect_of
from autograder.assignment.outcome import Outcome
from autograder.assignment.plurals import counted
from autograder.grading.check import CheckReport
from autograder.grading.check_sections import Section, sections


def show_report(report: CheckReport, out: Console) -> None:
    """Print a student's report: exercise by exercise, the message first."""
    for section in sections(report):
        _show(section, out)
    for note in report.notes:
        out.print(f"[yellow]note[/] {escape(note)}", soft_wrap=True)
    total = f"{report.score:g} of {counted(report.points, 'point')}"
    out.print(f"[bold]{total}[/] in the checks that you can see")


def _show(section: Section, out: Console) -> None:
    sign = "[green]✓[/]" if section.complete else "[red]✗[/]" if section.visible else "–"
    marks = f"{section.score:g}/{section.points:g}" if section.visible else ""
    out.print(f"{sign} [bold]{escape(section.title)}[/]  {marks}")
    for check in section.visible:
        if check.outcome is not Outcome.PASSED:
            out.print(
                f"    {escape(check.message)}  [dim]({aspect_of(check.grade_id)})[/]",
                soft_wrap=True,
            )
    for check in section.hidden:
        out.print(f"    [dim]{check.points:g} more by a hidden check, when graded[/]")
    if section.written:
        points = counted(section.written, "point")
        out.print(f"    [dim]{points}, graded by your instructor[/]")
