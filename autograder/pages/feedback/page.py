"""A student's feedback as one HTML file."""

import functools
from collections.abc import Mapping

from markupsafe import Markup

from autograder.assignment.course_text import inline
from autograder.assignment.notes import visible
from autograder.pages.feedback.content import Feedback, Part
from autograder.pages.page import render
from autograder.pages.safe_html import prose


def feedback_page(found: Feedback) -> str:
    """Return the page."""
    return render(
        "feedback", feedback=found, code=highlighted, prose=_prose, title=inline,
        summary=_summary, explained=_explained,
    )  # fmt: skip


@functools.lru_cache(maxsize=500)
def highlighted(source: str) -> Markup:
    """Python as HTML, with a class for each kind of word; control characters are written out."""
    from pygments import highlight
    from pygments.formatters import HtmlFormatter
    from pygments.lexers import PythonLexer

    code = visible(source)
    return Markup(highlight(code, PythonLexer(stripnl=False), HtmlFormatter(nowrap=True)).rstrip())


def _prose(source: str, attachments: Mapping[str, Mapping[str, str]] | None = None) -> Markup:
    return Markup(prose(source, attachments))


def _summary(part: Part) -> str:
    """What became of an exercise, in a few words."""
    if part.waiting:
        return "not graded yet"
    if not part.lost:
        return "all points"
    return "in part" if part.score else "no points"


def _explained(message: str) -> tuple[str, str]:
    """A check's message, and what it says after the dash: the likely misconception."""
    before, dash, after = message.rpartition(" — ")
    return (before, after) if dash else (message, "")
