"""What `autograder history` shows, and the file for a spreadsheet."""

import csv
import io
from collections.abc import Iterable
from pathlib import Path

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from autograder.assignment.whole_file import write_whole
from autograder.gradebook.history import Entry
from autograder.intake.roster import plain_text

_COLUMNS = (
    "sequence", "at", "who", "event", "assignment", "student", "score", "max_score", "penalty",
    "about", "package_version", "engine_version", "assignment_key", "submission_key",
)  # fmt: skip
_OF_CHECK = ("outcome", "score", "max_score", "seconds", "comment")


def show_history(entries: Iterable[Entry], console: Console) -> None:
    """Print a table, the newest last."""
    table = Table(box=None, pad_edge=False)
    for name in ("when (UTC)", "who", "assignment", "student", "event"):
        table.add_column(name, no_wrap=name.startswith("when"))
    for name in ("points", "late", "engine"):
        table.add_column(name, justify="right")
    for entry in entries:
        points = "" if entry.score is None else f"{entry.score:g} of {entry.max_score:g}"
        table.add_row(
            f"{entry.at:%Y-%m-%d %H:%M:%S}",
            *map(escape, (entry.who, entry.assignment, entry.student)),
            escape(": ".join(filter(None, (entry.event.value, entry.about)))),
            points,
            f"-{entry.penalty:g}" if entry.penalty else "",
            escape(entry.versions.engine),
        )
    console.print(table)


def write_history(entries: Iterable[Entry], path: Path) -> None:
    """Write a row for each check of each entry, as CSV; one row for an entry without checks.

    raises: UserError if the file cannot be written
    """
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow((*_COLUMNS, "check", *(f"check_{name}" for name in _OF_CHECK)))
    for entry in entries:
        told = entry.as_json()
        before = [_cell(told[name]) for name in _COLUMNS]
        given = {**entry.outcomes, **entry.removed}
        for name, check in given.items() or [("", {})]:
            of_check = [_cell(check.get(column, "")) for column in _OF_CHECK]
            writer.writerow([*before, _cell(name), *of_check])
    write_whole(path, text.getvalue().encode())


def _cell(value: object) -> object:
    return plain_text(value) if isinstance(value, str) else value
