"""The report on a class, written as one HTML file."""

from collections.abc import Sequence
from pathlib import Path

from autograder.assignment.nbgrader_course import NbgraderCourse
from autograder.assignment.notes import printable
from autograder.assignment.whole_file import write_whole
from autograder.pages.report.build import class_report
from autograder.pages.report.page import report_page
from autograder.pages.report.values import ClassReport


def write_report(course: NbgraderCourse, assignments: Sequence[str], path: Path) -> Path:
    """Write the report on these assignments, or on all with submissions, as one HTML file.

    raises: UserError if there is no gradebook, nothing was handed in, an assignment that is named
            cannot be read, or the file cannot be written
    """
    return write_page(read_report(course, assignments, path), path)


def read_report(course: NbgraderCourse, assignments: Sequence[str], path: Path) -> ClassReport:
    """What the report says. path: the file it is for, from which its links lead

    raises: UserError as `write_report`
    """
    return class_report(course, assignments, path.resolve().parent)


def write_page(report: ClassReport, path: Path) -> Path:
    """Write a report that was read. raises: UserError if the file cannot be written"""
    return write_whole(path, printable(report_page(report)).encode())
