"""What `autograder students` shows: a line for each person, then what was said of them."""

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from autograder.assignment.notes import shown
from autograder.records.class_history import about_in_words
from autograder.records.class_list import ClassList


def show_students(found: ClassList, console: Console) -> None:
    """Print who is in the class."""
    table = Table(box=None, padding=(0, 2, 0, 0))
    for title in ("student", "name", "e-mail", "other ids", "seen as", "submitted", ""):
        table.add_column(title, overflow="fold")
    for student, member in found.members.items():
        name = " ".join(filter(None, (member.names.first_name, member.names.last_name)))
        seen = "; ".join(f"{column} {value}" for column, value in member.seen.items())
        table.add_row(
            *(
                escape(shown(text))
                for text in (student, name, member.names.email, ", ".join(member.ids[1:]))
            ),
            escape(seen),
            escape(", ".join(member.handed_in)),
            "has left" if member.withdrawn else "",
        )
    console.print(table)
    for fact in found.said:
        said = f"{fact.who}: {fact.student} {about_in_words(fact)}"
        console.print(
            f"line {fact.number}, {fact.at:%Y-%m-%d %H:%M}, {escape(said)}", soft_wrap=True
        )
    for note in found.notes:
        console.print(f"[yellow]note[/] {escape(note)}", soft_wrap=True)
    there = sum(not member.withdrawn for member in found.members.values())
    console.print(f"{there} in the class")
