"""The report on a class, written as one HTML file."""

from collections.abc import Sequence
from pathlib import Path

from autograder.nbgrader_course import NbgraderCourse
from autograder.notes import printable
from autograder.report_class import class_report
from autograder.report_page import report_page
from autograder.whole_file import write_whole


def write_report(course: NbgraderCourse, assignments: Sequence[str], path: Path) -> Path:
    """Write the report on these assignments, or on all with submissions, as one HTML file.

    raises: UserError if there is no gradebook, nothing was handed in, or the file cannot be written
    """
    page = report_page(class_report(course, assignments, path.resolve().parent))
    return write_whole(path, printable(page).encode())
