"""What `autograder collect` shows: a line for each attempt, then how many, then who waits."""

from collections import Counter

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from autograder.assignment.notes import named
from autograder.intake.attempts import Collected, Line
from autograder.records.standing import LATE, UNKNOWN


def show_collected(result: Collected, console: Console) -> None:
    """Print what is new or needs a look; attempts that were kept before are only counted."""
    table = Table(box=None, padding=(0, 2, 0, 0))
    for title in ("student", "", "late", ""):
        table.add_column(title)
    shown = [line for line in result.lines if line.status != "same" or line.notes]
    for line in sorted(shown, key=lambda line: line.student):
        counts = "" if line.counts or line.status == "left out" else " (another counts)"
        table.add_row(
            escape(line.student), line.status + counts, _late(line), escape("; ".join(line.notes))
        )
    if shown:
        console.print(table)
    for note in result.notes:
        console.print(f"[yellow]note[/] {escape(note)}", soft_wrap=True)
    for student, why in sorted(result.waiting.items()):
        console.print(
            f"[yellow]for you to look at[/] {escape(f'{student}: {why}')}", soft_wrap=True
        )
    if result.unknown:
        console.print(
            f"[yellow]time not known[/] {escape(named(result.unknown))}: nothing says whether this "
            f"work was late, so nothing is taken off; say it by --downloaded, or by autograder "
            f"late {escape(result.assignment)}",
            soft_wrap=True,
        )
    total = Counter(line.status for line in result.lines)
    late = sum(line.when == LATE and line.counts for line in result.lines)
    ids = f", ids by {result.ids}" if result.ids else ""
    console.print(
        f"[bold]{escape(result.assignment)}[/]: {total['new']} new, {total['same']} same, "
        f"{total['left out']} left out; {late} late ({escape(result.source + ids)})",
        soft_wrap=True,
    )


def _late(line: Line) -> str:
    if not line.late:
        return line.when if line.when in (LATE, UNKNOWN) else ""
    hours, seconds = divmod(round(line.late), 3600)
    return f"{hours}:{seconds // 60:02}:{seconds % 60:02}"
