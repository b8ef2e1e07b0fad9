"""What `autograder late` and `autograder attempts` show: a line for each attempt."""

from collections import Counter
from collections.abc import Iterable, Mapping

from rich.console import Console
from rich.markup import escape

from autograder.records.class_history import in_words
from autograder.records.journal import Fact
from autograder.records.standing import UNKNOWN, Attempt, Standing


def show_late(assignment: str, standings: Mapping[str, Standing], console: Console) -> None:
    """Print when the work of each student came, and what that rests on."""
    count: Counter[str] = Counter()
    for student, standing in sorted(standings.items()):
        one = standing.counts
        if one is not None:
            count[one.when] += 1
        told = f"nothing counts ({standing.waits})" if one is None else _attempt(one)
        _line(console, student, told)
    console.print(
        f"[bold]{escape(assignment)}[/]: {count['on time']} on time, {count['late']} late, "
        f"{count[UNKNOWN]} of whom it is not known"
    )


def show_attempts(
    standings: Mapping[str, Standing], facts: Iterable[Fact], console: Console
) -> None:
    """Print every attempt, and below them what was said of them."""
    for student, standing in sorted(standings.items()):
        for one in standing.attempts:
            run = one.receipt.run or one.receipt.collected
            told = f"{_attempt(one)}; {one.receipt.source}, collected {run:%Y-%m-%dT%H:%M:%S}"
            if standing.counts is not None and standing.counts.number == one.number:
                told += "; chosen, it counts" if standing.chosen else "; it counts"
            elif one.left_out:
                told += f"; {one.left_out}"
            _line(console, student, told)
    for fact in facts:
        words = in_words(fact)
        if words and fact.student in standings:
            said = f"{fact.who}: {fact.student}: {words}"
            console.print(
                f"line {fact.number}, {fact.at:%Y-%m-%d %H:%M}, {escape(said)}", soft_wrap=True
            )


def _line(console: Console, student: str, told: str) -> None:
    console.print(f"[bold]{escape(student)}[/]: {escape(told)}", soft_wrap=True)


def _attempt(one: Attempt) -> str:
    time = f"{one.time:%Y-%m-%d %H:%M:%S} UTC" if one.time else "time not known"
    when = one.when if one.when != UNKNOWN else "not known if late"
    if one.late:
        hours, seconds = divmod(round(one.late), 3600)
        when = f"late by {hours}:{seconds // 60:02}:{seconds % 60:02}"
    rests_on = f" ({one.rests_on})" if one.rests_on else ""
    return f"attempt {one.number}: {', '.join(filter(None, (time, when)))}{rests_on}"
