"""What `autograder late` and `autograder attempts` show."""

from collections import Counter
from collections.abc import Iterable, Mapping

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from autograder.records.class_history import in_words
from autograder.records.journal import Fact
from autograder.records.standing import UNKNOWN, Attempt, Standing


def show_late(assignment: str, standings: Mapping[str, Standing], console: Console) -> None:
    """Print when the work of each student came, and what that rests on."""
    table = _table("student", "attempt", "came (UTC)", "", "rests on")
    count: Counter[str] = Counter()
    for student, standing in sorted(standings.items()):
        one = standing.counts
        if one is None:
            table.add_row(escape(student), "", "", "", escape(standing.waits))
            continue
        count[one.when] += 1
        table.add_row(escape(student), str(one.number), *_came(one))
    console.print(table)
    console.print(
        f"[bold]{escape(assignment)}[/]: {count['on time']} on time, {count['late']} late, "
        f"{count[UNKNOWN]} of whom it is not known"
    )


def show_attempts(
    standings: Mapping[str, Standing], facts: Iterable[Fact], console: Console
) -> None:
    """Print every attempt, and below them what was said of them."""
    table = _table("student", "attempt", "counts", "source", "collected by (UTC)", "came", "", "")
    for student, standing in sorted(standings.items()):
        for one in standing.attempts:
            counts = standing.counts is not None and standing.counts.number == one.number
            why = " (chosen)" if standing.chosen else ""
            run = one.receipt.run or one.receipt.collected
            came, when, rests_on = _came(one)
            table.add_row(
                escape(student), str(one.number), f"yes{why}" if counts else "",
                escape(one.receipt.source), f"{run:%Y-%m-%dT%H:%M:%S}", came, when,
                escape(one.left_out) or rests_on,
            )  # fmt: skip
    console.print(table)
    for fact in facts:
        words = in_words(fact)
        if words and fact.student in standings:
            said = f"{fact.who}: {fact.student}: {words}"
            console.print(
                f"line {fact.number}, {fact.at:%Y-%m-%d %H:%M}, {escape(said)}", soft_wrap=True
            )


def _came(one: Attempt) -> tuple[str, str, str]:
    time = f"{one.time:%Y-%m-%d %H:%M:%S}" if one.time else "not known"
    when = one.when
    if one.late:
        hours, seconds = divmod(round(one.late), 3600)
        when = f"late by {hours}:{seconds // 60:02}:{seconds % 60:02}"
    return time, when, escape(one.rests_on)


def _table(*titles: str) -> Table:
    table = Table(box=None, padding=(0, 2, 0, 0))
    for title in titles:
        table.add_column(title)
    return table
