"""Bars for work that says how many of how many are done; on a terminal only."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.markup import escape
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    ProgressColumn,
    TextColumn,
    TimeElapsedColumn,
)


@contextmanager
def counting(what: str, console: Console) -> Iterator[Callable[[int, int], None]]:
    """Show a bar; gives what to call with (done, total)."""
    with _bar(console, MofNCompleteColumn()) as bar:
        task = bar.add_task(escape(what), total=None)
        yield lambda done, total: bar.update(task, completed=done, total=total)


@contextmanager
def telling(what: str, console: Console) -> Iterator[Callable[[int, int, str], None]]:
    """Show a bar that names its steps; gives what to call with (done, total, what is next)."""
    with _bar(console, TimeElapsedColumn()) as bar:
        task = bar.add_task(escape(what), total=None)
        yield lambda done, total, step: bar.update(
            task, completed=done, total=total, description=escape(step)
        )


def _bar(console: Console, last: ProgressColumn) -> Progress:
    columns = (TextColumn("{task.description}"), BarColumn(), last)
    return Progress(*columns, console=console, transient=True, disable=not console.is_terminal)
