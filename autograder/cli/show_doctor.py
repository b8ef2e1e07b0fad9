"""What `autograder doctor` shows: each finding as soon as it is known, and what is looked at."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from rich.console import Console
from rich.markup import escape
from rich.table import Table

if TYPE_CHECKING:
    from autograder.cli.doctor import Finding

_SIGNS = {"good": "[green]✓[/]", "optional": "[yellow]–[/]", "bad": "[red]✗[/]"}
_WIDEST = len("Packages")


@contextmanager
def looking(console: Console) -> Iterator[Callable[[str], None]]:
    """Show a spinner, on a terminal; gives what to call with the subject that comes next."""
    with console.status("starting …") as status:
        yield lambda subject: status.update(f"looking at {escape(subject)} …")


def show_finding(finding: "Finding", console: Console) -> None:
    """Print one finding, with the line that fixes it below."""
    remedy = f"\n[bold]{escape(finding.remedy)}[/]" if finding.remedy else ""
    row = Table(box=None, show_header=False, padding=(0, 2, 0, 0))
    row.add_column(width=1)
    row.add_column(width=_WIDEST)
    row.add_column()
    row.add_row(
        _SIGNS[finding.health.value], escape(finding.subject), escape(finding.detail) + remedy
    )
    console.print(row)
