"""What `autograder grade` shows: progress with an estimate, a line for each submission, a summary."""

from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from rich.console import Console
from rich.markup import escape
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    Task,
    TextColumn,
    TimeElapsedColumn,
    TimeRemainingColumn,
)
from rich.text import Text

from autograder.assignment.notes import course_faults, named
from autograder.assignment.plurals import counted
from autograder.classroom.grade_class import ClassResult, Event


@contextmanager
def grading_progress(title: str, console: Console) -> "Iterator[Any]":
    """Give a function that takes the events of `grade_class` and shows them."""
    columns = (
        TextColumn("{task.description:28}"),
        *(BarColumn(), MofNCompleteColumn(), TimeElapsedColumn()),
        _Remaining(),
    )
    with Progress(*columns, console=console, speed_estimate_period=600) as bar:
        task = bar.add_task(f"{title}: starting Python", total=None)

        def show(event: Event) -> None:
            bar.update(task, completed=event.done, total=event.total)
            if event.graded is None:
                bar.update(task, description=f"{title}: {event.student}"[:28])
            elif not event.unchanged:
                bar.console.print(line(event.student, event.graded), soft_wrap=True)

        try:
            yield show
        except BaseException:
            bar.update(task, visible=False)  # what went wrong is said instead
            raise
        bar.update(task, description=f"{title}: done")


class _Remaining(TimeRemainingColumn):
    """The estimate in words; nothing before there is one."""

    def render(self, task: Task) -> Text:
        if task.total is None:
            return Text()
        return Text.assemble("about ", super().render(task), " left")


def line(student: str, graded: Mapping[str, Any]) -> str:
    """One submission in one line: points, and what was unusual."""
    outcomes = Counter(check["outcome"] for check in graded["checks"].values())
    unusual = [
        f"{count} {outcome}"
        for outcome, count in outcomes.items()
        if outcome in ("timeout", "out of memory", "died", "missing", "disputed")
    ]
    said = list(map(str, graded.get("notes") or []))
    about_course = course_faults(said)  # said once, for all
    notes = [note for note in said if note not in about_course]
    more = f" · {escape('; '.join(notes[:2]))}" if notes else ""
    if len(notes) > 2:
        more += f" … and {counted(len(notes) - 2, 'more note')}"
    tail = f" · [yellow]{', '.join(unusual)}[/]" if unusual else ""
    return (
        f"{escape(student)}  {graded['score']:g} of {graded['max_score']:g}"
        f"  [dim]{graded['seconds']:.2f} s[/]{tail}{more}"
    )


def show_class(result: ClassResult, console: Console, done: str = "graded") -> None:
    """Say what came of the class, in a few lines. done: what was done with each submission."""
    scores = [graded["score"] for graded in result.students.values()]
    for note in result.notes:
        console.print(f"[yellow]note[/] {escape(note)}", soft_wrap=True)
    if result.unjailed:
        console.print(
            f"[yellow]note[/] outside the sandbox: {escape(named(result.unjailed))}",
            soft_wrap=True,
        )
    for fault in result.course_faults:
        console.print(f"[red]note[/] {escape(fault)}", soft_wrap=True)
    for student in disputed(result):
        console.print(f"[yellow]for you to decide[/] {escape(student)}", soft_wrap=True)
    news = len(scores) - len(result.unchanged)
    text = f"[bold]{escape(result.assignment)}[/]: {news} {done}"
    if result.unchanged:
        text += f", {len(result.unchanged)} unchanged since {done}"
    text += f", in {result.seconds:.1f} s"
    if scores:
        top = max(graded["max_score"] for graded in result.students.values())
        text += f"; mean {sum(scores) / len(scores):.1f} of {counted(top, 'point')}"
    if result.written:
        points = counted(result.written, "more point")
        text += f"; {points} for written answers, which you grade in Formgrader"
    if result.late:
        losing = sum(1 for late in result.late.values() if late["penalty"])
        text += f"; {len(result.late)} late, {losing} with a penalty"
    console.print(text, soft_wrap=True)


def at_fault(result: ClassResult) -> bool:
    """Whether somebody has to look: a dispute, or a cell of the course's own that fails."""
    return bool(disputed(result) or result.course_faults)


def disputed(result: ClassResult) -> list[str]:
    """Who has a check that a person must decide, and which."""
    return [
        f"{student}: {name}: {check['message']}"
        for student, graded in result.students.items()
        for name, check in graded["checks"].items()
        if check["outcome"] == "disputed"
    ]
