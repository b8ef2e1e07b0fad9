"""The course's own words as HTML: Markdown, and formulas as MathML, which needs no script."""

import functools
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from markdown_it import MarkdownIt
from markupsafe import Markup

from autograder.assignment.mathml import mathml

_FORMULA = re.compile(r"\$\$(?P<display>.+?)\$\$|\$(?P<inline>[^\s$](?:[^$]*[^\s$])?)\$", re.DOTALL)
_DETAILS = re.compile(r"<details>(.*?)</details>", re.DOTALL)
_SUMMARY = re.compile(r"\s*<summary>(.*?)</summary>(.*)", re.DOTALL)


@dataclass(frozen=True)
class Hint:
    """A hint of the course: its title as plain text, its body as HTML."""

    title: str
    body: Markup


def hints_in(text: str) -> Iterator[Hint]:
    """The `<details>` of a text cell whose summary begins with "Hint", in order."""
    for details in _DETAILS.findall(text):
        found = _SUMMARY.fullmatch(details)
        title = re.sub(r"<[^>]*>", "", found[1]).strip() if found else ""
        if found and title.lower().startswith("hint"):
            yield Hint(title, block(found[2].strip()))


def block(text: str) -> Markup:
    """Paragraphs, lists, tables and code. HTML in the text is shown as text, pictures are not."""
    return Markup(_markdown().render(text))


def inline(text: str) -> Markup:
    """One line, such as a title."""
    return Markup(_markdown().renderInline(text))


@functools.cache
def _markdown() -> MarkdownIt:
    markdown = MarkdownIt("commonmark", {"html": False}).enable("table").disable("image")
    markdown.inline.ruler.before("escape", "formula", _read_formula)
    markdown.add_render_rule("formula", _render_formula)
    return markdown


def _read_formula(state: Any, silent: bool) -> bool:
    found = _FORMULA.match(state.src, state.pos) if state.src[state.pos] == "$" else None
    if found is None:
        return False
    if not silent:
        token = state.push("formula", "", 0)
        token.content = found["display"] or found["inline"]
        token.meta = {"display": found["display"] is not None}
    state.pos = found.end()
    return True


def _render_formula(_self: Any, tokens: Sequence[Any], index: int, *_more: Any) -> str:
    return mathml(tokens[index].content, display=tokens[index].meta["display"])
