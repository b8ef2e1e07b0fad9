"""Formulas as MathML: a browser shows them without a script and without the network."""

import functools
import html
import re
from xml.etree import ElementTree

from latex2mathml.converter import convert_to_element

_UNKNOWN_TO_THE_LIBRARY = {r"\arg": r"\operatorname{arg}", r"\lVert": "‖", r"\rVert": "‖"}
_COMMAND = re.compile(r"\\[A-Za-z]+")
_SPACES = {"negativethinmathspace": "-0.167em"}  # names that MathML Core has no more
_ATTRIBUTES = frozenset({
    *("accent", "columnalign", "columnlines", "columnspacing", "depth", "display", "displaystyle"),
    *("fence", "form", "height", "largeop", "linebreak", "linethickness", "lspace", "mathvariant"),
    *("maxsize", "minsize", "movablelimits", "notation", "rowlines", "rowspacing", "rspace"),
    *("scriptlevel", "separator", "stretchy", "symmetric", "width", "xmlns"),
})  # fmt: skip
"""What a formula needs. A link or a style in it may be a student's attack."""


@functools.lru_cache(maxsize=2000)
def mathml(latex: str, *, display: bool = False) -> str:
    """Return a formula as a `<math>` element, or as code where it cannot be read in full.

    latex:   without its dollar signs
    display: on a line of its own
    """
    known = _COMMAND.sub(lambda name: _UNKNOWN_TO_THE_LIBRARY.get(name[0], name[0]), latex)
    try:
        formula = convert_to_element(known, display="block" if display else "inline")
    except Exception:  # the library's errors are many, and half-typed formulas are common
        formula = None
    if formula is None or any((part.text or "").startswith("\\") for part in formula.iter()):
        return f"<code>{html.escape(latex.strip())}</code>"
    for element in formula.iter():
        element.text = html.unescape(element.text or "")  # the library writes ≤ as &#x02264;
        element.attrib = {
            name: _SPACES.get(value, value)
            for name, value in element.attrib.items()
            if name in _ATTRIBUTES
        }
    return ElementTree.tostring(formula, encoding="unicode")
