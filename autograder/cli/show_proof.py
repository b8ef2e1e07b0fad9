"""What `autograder prove` shows: whose turn it is, and a line for each check."""

from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.markup import escape

from autograder.assignment.outcome import Way
from autograder.assignment.plurals import counted
from autograder.grading.proof import Proof

_COLORS = {
    Way.ISOLATED: "green",
    Way.BOTH: "green",
    Way.OWN_PROCESS: "yellow",
    Way.BROKEN: "red",
}
_ADVICE = {
    Way.OWN_PROCESS: (
        "own process: an answer can tamper with such a check, as in nbgrader. A check that only "
        "calls what the student wrote with plain data, and looks at plain data that come back, "
        "runs isolated."
    ),
    Way.BROKEN: "broken: fix the check, the solution or the cell that fails, and prove it again.",
}
_WORD_ADVICE = (
    "student's word: an object of a class that the student wrote decides there, and the class can "
    "make it say yes to everything. A check that compares what the object holds, such as numbers "
    "or texts, decides by itself."
)


@contextmanager
def proving(assignment: str, console: Console) -> Iterator[Callable[[str], None]]:
    """Give a function that is told whose turn it is."""
    with console.status(f"{escape(assignment)}: starting Python") as status:
        yield lambda who: status.update(f"{escape(assignment)}: grading {who}")


def show_proof(proof: Proof, console: Console) -> None:
    """Say how each check is graded; those that are isolated by their number alone."""
    ways = Counter(check.way for check in proof.checks)
    told = ", ".join(f"{count} {way.value}" for way, count in ways.items()) or "no checks"
    unsolved = "" if proof.solved else ", without a solution"
    console.print(f"[bold]{escape(proof.assignment)}[/]{unsolved}: {told}", soft_wrap=True)
    for fault in proof.faults:
        console.print(f"[red]note[/] {escape(fault)}", soft_wrap=True)
    several = len({check.notebook for check in proof.checks}) > 1
    for check in proof.checks:
        if check.reason:
            name = f"{check.notebook}/{check.grade_id}" if several else check.grade_id
            way = f"[{_COLORS[check.way]}]{check.way.value}[/]"
            console.print(f"  {escape(name)}: {way}, {escape(check.reason)}", soft_wrap=True)
    for check in proof.on_their_word:
        told = f"[yellow]student's word[/], {escape(', '.join(check.students_word))}"
        console.print(f"  {escape(check.grade_id)}: {told}", soft_wrap=True)
    for check in proof.checks:
        if check.short:
            told = f"the solution earns {counted(check.short, 'point')} less than there are"
            console.print(f"  {escape(check.grade_id)}: {told}", soft_wrap=True)
    for check in proof.for_nothing:
        points = counted(check.for_nothing, "point")
        console.print(
            f"[red]for nothing[/] {escape(check.grade_id)}: the stub earns {points}", soft_wrap=True
        )
    for kind, advice in _ADVICE.items():
        if ways[kind]:
            console.print(f"[dim]{advice}[/]", soft_wrap=True)
    if proof.on_their_word:
        console.print(f"[dim]{_WORD_ADVICE}[/]", soft_wrap=True)
