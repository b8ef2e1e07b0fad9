"""The course's own words as HTML: Markdown, and formulas as MathML, which needs no script."""

import functools
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any
from xml.etree import ElementTree

from markdown_it import MarkdownIt
from markupsafe import Markup, escape

_FORMULA = re.compile(r"\$\$(?P<display>.+?)\$\$|\$(?P<inline>[^\s$](?:[^$]*[^\s$])?)\$", re.DOTALL)
_DETAILS = re.compile(r"<details>(.*?)</details>", re.DOTALL)
_SUMMARY = re.compile(r"\s*<summary>(.*?)</summary>(.*)", re.DOTALL)
_UNKNOWN_TO_CONVERTER = {r"\lVert": r"\|", r"\rVert": r"\|", r"\arg": r"\operatorname{arg}"}
_MATHML = frozenset(
    [
        "math",
        "mrow",
        "mi",
        "mn",
        "mo",
        "mtext",
        "mspace",
        "mfrac",
        "msqrt",
        "mroot",
        "mstyle",
        "msub",
        "msup",
        "msubsup",
        "munder",
        "mover",
        "munderover",
        "mtable",
        "mtr",
        "mtd",
        "mpadded",
        "mphantom",
        "menclose",
    ]
)
_ATTRIBUTES = frozenset(
    [
        "accent",
        "columnalign",
        "display",
        "displaystyle",
        "fence",
        "form",
        "linebreak",
        "mathvariant",
        "maxsize",
        "minsize",
        "scriptlevel",
        "stretchy",
        "width",
    ]
)
_NAMESPACE = "http://www.w3.org/1998/Math/MathML"


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


@functools.lru_cache(maxsize=2000)
def mathml(formula: str, *, display: bool = False) -> Markup:
    """A LaTeX formula as MathML; one that cannot be converted is shown as it is written."""
    from latex2mathml.converter import convert

    known = formula
    for command, same in _UNKNOWN_TO_CONVERTER.items():
        known = re.sub(re.escape(command) + r"(?![a-zA-Z])", same.replace("\\", r"\\"), known)
    try:
        found = convert(known, display="block" if display else "inline")
        safe = _is_plain_mathml(ElementTree.fromstring(found))
    except Exception:  # the converter's own errors are many
        safe = False
    return Markup(found) if safe else Markup("<code>") + escape(formula) + Markup("</code>")


def _is_plain_mathml(root: ElementTree.Element) -> bool:
    """The converter passes HTML in `\\text{…}` through: only formulas may come out."""
    return all(
        element.tag.removeprefix(f"{{{_NAMESPACE}}}") in _MATHML
        and element.tag.startswith(f"{{{_NAMESPACE}}}")
        and _ATTRIBUTES.issuperset(element.keys())
        and not (element.text or "").startswith("\\")
        for element in root.iter()
    )
