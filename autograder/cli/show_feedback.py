"""What `autograder feedback` shows beside the number of pages: whose pages nbgrader cannot hand out."""

from collections.abc import Iterable
from pathlib import Path

from rich.console import Console
from rich.markup import escape

from autograder.assignment.errors import UserError
from autograder.assignment.nbgrader_course import NbgraderCourse
from autograder.assignment.notes import printable, shown
from autograder.assignment.plurals import counted


def show_who_cannot_fetch(
    course: NbgraderCourse, assignment: str, pages: Iterable[Path], out: Console
) -> None:
    """Print who has a page and did not submit through the exchange, so that it is uploaded."""
    from autograder.plugin.release_feedback import read_secret

    folders = {page.parent for page in pages}
    unreached = []
    for student in course.students(assignment):
        folder = course.feedback_folder(student, assignment)
        if folder not in folders:
            continue
        try:
            if read_secret(folder) is None:
                unreached.append(student)
        except UserError as error:
            out.print(f"[yellow]note[/] {escape(printable(str(error)))}", soft_wrap=True)
    if unreached:
        whose = "" if len(unreached) == len(folders) else ": " + ", ".join(map(shown, unreached))
        out.print(
            f"    {counted(len(unreached), 'student')} did not submit through nbgrader's exchange, so "
            f"`nbgrader release_feedback` cannot hand out these pages; upload them{escape(whose)}",
            soft_wrap=True,
        )
