"""What `autograder audit` shows: a bar with an estimate, a table of exercises, what survived."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager

from rich.console import Console
from rich.markup import escape
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    TextColumn,
    TimeElapsedColumn,
    TimeRemainingColumn,
)
from rich.table import Table

from autograder.assignment.plurals import counted
from autograder.gate.figures import Audit, Audited, Fate, percent

_COLUMNS = (
    "Exercise", "Mutants", "Killed", "Equivalent", "Survived", "Universal survived", "Percent",
)  # fmt: skip


@contextmanager
def auditing(assignment: str, console: Console) -> Iterator[Callable[[int, int, str], None]]:
    """Show how far it is and for how long; gives what to call with (done, total, what)."""
    columns = (
        TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn(),
        TextColumn("left:"), TimeRemainingColumn(),
    )  # fmt: skip
    name = escape(assignment)
    if not console.is_terminal:
        console.print(f"auditing {name} …", soft_wrap=True)
    hidden = not console.is_terminal
    with Progress(*columns, console=console, transient=True, disable=hidden) as bar:
        task = bar.add_task(f"{name}: starting Python", total=None)
        yield lambda done, total, what: bar.update(
            task, completed=done, total=total, description=f"{name}: {escape(what)}"
        )


def show_audit(audit: Audit, console: Console) -> None:
    """Show an assignment: its exercises, what survived in them, what could not be audited."""
    console.print(f"[bold]{escape(audit.assignment)}[/]: {_told(audit)}", soft_wrap=True)
    audited = [one for one in audit.exercises if not one.refused]
    if audited:
        console.print(_table(audited))
    for one in audit.exercises:
        if one.refused:
            console.print(
                f"[red]not audited[/] {escape(one.answer)}: {escape(one.refused)}", soft_wrap=True
            )
        for verdict in one.survivors:
            mutant = verdict.mutant
            console.print(
                f"[red]survived[/] {escape(one.file.name)}, "
                f"{escape(one.place)}, line {mutant.line}: {mutant.kind}",
                soft_wrap=True,
            )
            for line in mutant.edit.split("\n"):
                console.print(f"    {escape(line)}", soft_wrap=True)
        for verdict in one.contradicted:
            edit = " ".join(verdict.mutant.edit.split("\n"))
            console.print(
                f"[yellow]not equivalent[/] {escape(one.answer)}: `{escape(edit)}` is declared "
                f"equivalent, and {escape(verdict.check)} kills it",
                soft_wrap=True,
            )
    for note in audit.notes:
        console.print(f"[yellow]note[/] {escape(note)}", soft_wrap=True)
    if any(one.sampled for one in audit.exercises):
        console.print(
            f"[dim]* sampled: {audit.sample} mutants with the seed {audit.seed}, because the checks "
            "train or take long; `--sample all` tries every one.[/]",
            soft_wrap=True,
        )


def show_total(audits: Sequence[Audit], console: Console) -> None:
    """Show the figures of several assignments together."""
    exercises = [one for audit in audits for one in audit.exercises]
    if len(audits) > 1 and exercises:
        killed, of = sum(one.killed for one in exercises), sum(map(_of, exercises))
        share = percent(killed, of)
        survived = sum(len(one.survivors) for one in exercises)
        console.print(
            f"[bold]Total[/]: {killed} of {counted(of, 'mutant')} killed"
            f"{'' if share is None else f' ({share:g}%)'}, {survived} survived",
            soft_wrap=True,
        )


def _told(audit: Audit) -> str:
    """How many answers ran, and how fast."""
    if not audit.tried:
        return "nothing was audited"
    answers = counted(audit.tried, "wrong answer")
    speed = audit.tried / max(audit.trying, 0.001)
    return f"{answers} tried in {audit.trying:.0f} s ({speed:.1f} per second)"


def _table(exercises: Sequence[Audited]) -> Table:
    table = Table(*_COLUMNS, box=None, pad_edge=False)
    for column in table.columns[1:]:
        column.justify = "right"
    several = len({one.notebook for one in exercises}) > 1
    names = [f"{one.notebook}/{one.answer}" if several else one.answer for one in exercises]
    table.columns[0].min_width = max(map(len, names))  # the heads are folded, not the names
    for name, one in zip(names, exercises, strict=True):
        mutants = f"{one.mutants} of {one.known}*" if one.sampled else f"{one.mutants}"
        numbers = (f"{number}" for number in _numbers(one)[1:])
        table.add_row(escape(name), mutants, *numbers, _percent(one.percent))
    if len(exercises) > 1:
        table.add_section()
        rows = [_numbers(one) for one in exercises]
        killed, of = sum(one.killed for one in exercises), sum(map(_of, exercises))
        sums = (f"{sum(numbers)}" for numbers in zip(*rows, strict=True))
        table.add_row("Total", *sums, _percent(percent(killed, of)))
    return table


def _numbers(one: Audited) -> tuple[int, ...]:
    """Of a row, as the heads of the columns say."""
    return (
        one.mutants, one.killed, one.count(Fate.EQUIVALENT), one.count(Fate.SURVIVED),
        one.count(Fate.SURVIVED, universal=True),
    )  # fmt: skip


def _of(one: Audited) -> int:
    """Mutants that a check should kill."""
    return one.mutants - one.count(Fate.EQUIVALENT)


def _percent(share: float | None) -> str:
    return "–" if share is None else f"{share:g}%"
