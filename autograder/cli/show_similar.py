"""What `autograder similar` shows: a line for each exercise, and the pairs that stand out."""

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from autograder.assignment.notes import shown
from autograder.pages.similar.similar import Similarity, joined

_MOST = 30


def show_similar(report: Similarity, out: Console) -> None:
    """Print the exercises and the first pairs of the class."""
    exercises = Table("exercise", box=None, padding=(0, 2, 0, 0))
    for title in ("answers", "alike on average", "shown from", "pairs"):
        exercises.add_column(title, justify="right")
    for one in report.exercises:
        exercises.add_row(
            escape(one.name), str(one.answers), _percent(one.average), _percent(one.threshold),
            str(len(one.pairs)),
        )  # fmt: skip
    out.print(exercises)
    if report.pairs:
        pairs = Table("exercise", "students", box=None, padding=(0, 2, 0, 0))
        pairs.add_column("of the smaller", justify="right")
        pairs.add_column("tokens", justify="right")
        found = [(one, pair) for one in report.exercises for pair in one.pairs]
        for one, pair in found[:_MOST]:
            students = escape(joined([shown(name) for name in pair.students]))
            pairs.add_row(escape(one.name), students, _percent(pair.share), str(pair.tokens))
        out.print()
        out.print(pairs)
        if len(found) > _MOST:
            out.print(f"… and {len(found) - _MOST} more")
    for note in report.notes:
        out.print(f"[yellow]note[/] {escape(note)}", soft_wrap=True)
    out.print("[bold]Places to look, no verdicts[/]" if report.pairs else "No pair stands out.")


def _percent(share: float | None) -> str:
    return "–" if share is None else f"{share:.0%}"
