"""The report on a class as one HTML file."""

from autograder.assignment.course_text import inline
from autograder.pages.page import render
from autograder.pages.report.figure import bar, bins, histogram
from autograder.pages.report.values import NAMED, ClassReport

MAX_MISCONCEPTIONS = 60


def report_page(report: ClassReport) -> str:
    """Return the page."""
    return render(
        "report", assignments=report.assignments, left_out=report.left_out.values(), title=inline, bins=bins, histogram=histogram, bar=bar,
        named=NAMED, most=MAX_MISCONCEPTIONS,
    )  # fmt: skip
