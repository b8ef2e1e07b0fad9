"""Students' text as HTML that can do no harm, with formulas as MathML.

For feedback pages and, as filters of nbconvert, for Formgrader, which shows submissions on the
page, and with the rights, of the instructor: a script in a written answer could give marks.
nbgrader lets it through. It also fetches MathJax from the network.
"""

import html
import re
import secrets
from collections.abc import Mapping
from typing import Any

import bleach
from bs4 import BeautifulSoup
from jinja2 import pass_context
from jinja2.runtime import Context
from nbconvert.filters.markdown_mistune import InvalidNotebook, IPythonRenderer, MarkdownWithMath

from autograder.assignment.mathml import mathml
from autograder.assignment.notes import visible

TAGS = frozenset({
    *("a", "abbr", "b", "blockquote", "br", "caption", "cite", "code", "col", "colgroup", "dd"),
    *("del", "details", "dfn", "div", "dl", "dt", "em", "figcaption", "figure", "h1", "h2", "h3"),
    *("h4", "h5", "h6", "hr", "i", "img", "ins", "kbd", "li", "mark", "ol", "p", "pre", "q", "s"),
    *("samp", "small", "span", "strong", "sub", "summary", "sup", "table", "tbody", "td"),
    *("tfoot", "th", "thead", "tr", "u", "ul", "var"),
})  # fmt: skip
_ANYWHERE = {"title", "lang", "dir"}
_SOME = {
    "details": {"open"},
    "img": {"alt", "width", "height"},
    "ol": {"start"},
    "td": {"colspan", "rowspan"},
    "th": {"colspan", "rowspan", "scope"},
}
# Those of highlighted code. Any other could dress a student's text up as Formgrader's own.
_CLASS = re.compile(r"highlight|language-\w+|[a-z][a-z0-9]{0,2}")
_PICTURE = re.compile(r"data:image/(?:png|jpeg|gif|svg\+xml);base64,[A-Za-z0-9+/=\s]*")
_LINK = re.compile(r"(?:https?:|mailto:|#).*", re.IGNORECASE)
_HEADING = re.compile(r"(</?h)([1-6])\b")
_BESIDE = re.compile(r"(?!.*\.\.)[\w%-][\w%./ -]*")  # a file of the submission


def clean_html(text: str | bytes, *, files: bool = True) -> str:
    """Return HTML without scripts, styles, forms, ids, and pictures from elsewhere.

    files: whether files of the submission lie beside the page, to be shown as pictures
    """
    soup = BeautifulSoup(text, "html.parser")
    for element in soup.find_all(["script", "style"]):
        element.decompose()  # with their text, which would be shown
    for picture in soup.find_all("img"):
        if not files and not _PICTURE.fullmatch(str(picture.get("src", ""))):
            picture.replace_with(str(picture.get("alt", "")))
    return str(
        bleach.clean(
            str(soup),
            tags=TAGS,
            attributes=_allowed,
            protocols={"http", "https", "mailto", "data"},  # of links and pictures; see _allowed
            strip=True,
        )
    )


@pass_context
def markdown_to_html(context: Context, source: str) -> str:
    """Return Markdown as clean HTML, formulas as MathML; nbconvert's filter `markdown2html`."""
    renderer = _Renderer(attachments=context.get("cell", {}).get("attachments", {}))
    page = clean_html(MarkdownWithMath(renderer=renderer).render(source))
    return renderer.with_formulas(page)


def prose(source: str, attachments: Mapping[str, Mapping[str, str]] | None = None) -> str:
    """Return a person's Markdown as clean HTML below the headings of a page of ours.

    attachments: of the cell, by name and then by media type, in base64
    """
    try:
        renderer = _Renderer(attachments=attachments or {})
        page = MarkdownWithMath(renderer=renderer).render(visible(source))
        clean = _HEADING.sub(_lower, clean_html(page, files=False))
        return renderer.with_formulas(clean)
    except Exception:  # no text may take the page away, whatever the library makes of it
        return f"<pre>{html.escape(visible(source))}</pre>"


def _lower(heading: re.Match[str]) -> str:
    """The tag of a heading three levels further down: a page of ours has three of its own."""
    return f"{heading[1]}{min(int(heading[2]) + 3, 6)}"


def _allowed(tag: str, name: str, value: str) -> bool:
    if name == "class":
        return all(_CLASS.fullmatch(word) for word in value.split())
    if (tag, name) == ("a", "href"):
        return bool(_LINK.fullmatch(value))
    if (tag, name) == ("img", "src"):
        return bool(_PICTURE.fullmatch(value) or _BESIDE.fullmatch(value))
    return name in _ANYWHERE or name in _SOME.get(tag, ())


class _Renderer(IPythonRenderer):  # type: ignore[misc]  # nbconvert is not typed
    """Leaves a mark for each formula: what cleans the page would take MathML away.

    No student knows the mark, so nobody's text can stand in for one.
    """

    def __init__(self, **options: Any) -> None:
        super().__init__(escape=False, exclude_anchor_links=True, **options)
        self._name = secrets.token_hex(8)
        self._formulas: list[tuple[str, bool]] = []

    def inline_math(self, body: str) -> str:
        return self._mark(body, display=False)

    def block_math(self, body: str) -> str:
        return self._mark(body, display=True)

    def latex_environment(self, name: str, body: str) -> str:
        return self._mark(rf"\begin{{{name}}}{body}\end{{{name}}}", display=True)

    def image(self, text: str, url: str, title: str | None = None) -> str:
        """A picture; a formula in its description stays as it was typed."""
        described = self._marks().sub(self._typed, text)
        try:
            return str(super().image(described, url, title))
        except InvalidNotebook:  # an attachment that is not there would take the page away
            return described  # cleaned with the page

    def with_formulas(self, page: str) -> str:
        """Put the formulas in the place of their marks."""

        def formula(mark: re.Match[str]) -> str:
            latex, display = self._formulas[int(mark[1])]
            return mathml(latex, display=display)

        return self._marks().sub(formula, page)

    def _mark(self, latex: str, *, display: bool) -> str:
        self._formulas.append((latex, display))
        return f"formula{self._name}x{len(self._formulas) - 1}x"

    def _marks(self) -> re.Pattern[str]:
        return re.compile(rf"formula{self._name}x(\d+)x")

    def _typed(self, mark: re.Match[str]) -> str:
        return f"${self._formulas[int(mark[1])][0]}$"
