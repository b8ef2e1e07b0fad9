"""Where a notebook holds text: code, prose, and what nobody reads as either, each to be searched."""

import base64
import functools
import html
import io
import re
import tokenize
from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum
from typing import Any

from autograder.assignment.notebook import Kind, kind_of
from autograder.assignment.python_text import NOT_PYTHON
from autograder.authoring.findings import place
from autograder.authoring.marks import outside

_PICTURES = ("image/png", "image/jpeg", "image/gif", "image/webp")
_TAG = re.compile(r"<[^<>]*>")
_COLOR = re.compile(r"\x1b\[[0-9;]*m")


class Room(Enum):
    """What may stand in a place of what is not released."""

    CODE = "code"
    """Everyday lines: `loss.backward()` in a solution and in the code of a demonstration."""
    PROSE = "prose"
    """Hints: a line or two of a solution that the author gives away, in a text or a message."""
    CLOSED = "closed"
    """Nothing: docstrings, comments, outputs, metadata, attachments, raw cells, files."""


@dataclass(frozen=True)
class Place:
    """One text of a notebook. where: its cell, in words; what: which part of it, or empty."""

    where: str
    what: str
    room: Room
    text: str
    index: int | None = None


def places(notebook: Any, released: bool = False) -> Iterator[Place]:
    """All texts of a notebook, without what stands between marks.

    released: a model answer without marks is left out of a source, where nbgrader replaces it
    """
    for index, node in enumerate(notebook.cells):
        where = place(notebook, index)
        for what, room, text in _texts_of(node, released):
            yield Place(where, what, room, text, index)
    for text in strings(notebook.metadata):
        yield Place("the notebook", "its metadata", Room.CLOSED, text)


def _without_pictures(output: Any) -> Any:
    """An output without its PNGs: their letters are no text."""
    data = output.get("data", {})
    return {**output, "data": {kind: data[kind] for kind in data if kind not in _PICTURES}}


def is_whole_solution(node: Any) -> bool:
    """Whether nbgrader replaces all of it: a written answer without marks."""
    return kind_of(node) is Kind.WRITTEN and outside(node.source) == node.source


def _texts_of(node: Any, released: bool) -> Iterator[tuple[str, Room, str]]:
    source = "" if is_whole_solution(node) and not released else outside(node.source)
    if node.cell_type == "code":
        code, strung = split_code(source)
        yield "", Room.CODE, code
        check = kind_of(node) is Kind.CHECK  # the message of a check may give a hint
        yield "a string or comment in it", Room.PROSE if check else Room.CLOSED, strung
    else:
        prose = node.cell_type == "markdown" and kind_of(node) in (Kind.TEXT, Kind.WRITTEN)
        yield "", Room.PROSE if prose else Room.CLOSED, source
    for output in node.get("outputs", []):
        for text in strings(_without_pictures(output)):
            yield "its stored output", Room.CLOSED, readable(text)
    for name, bundle in node.get("attachments", {}).items():
        yield "its attachment", Room.CLOSED, f"{name}\n{_decoded(bundle)}"
    for text in strings(node.metadata):
        yield "its metadata", Room.CLOSED, text


@functools.lru_cache(maxsize=2000)
def split_code(source: str) -> tuple[str, str]:
    """A cell's lines of code, and those of its comments and of strings over several lines.

    What is no Python is all string: nothing tells its code from its text.
    """
    try:
        tokens = list(tokenize.generate_tokens(io.StringIO(source).readline))
    except (*NOT_PYTHON, tokenize.TokenError):
        return "", source
    lines = source.split("\n")
    code = dict(enumerate(lines, start=1))
    strung: list[str] = []
    for token in tokens:
        (first, column), (last, _) = token.start, token.end
        if token.type == tokenize.COMMENT:
            strung.append(token.string.lstrip("# "))
            code[first] = code[first][:column]
        elif token.type == tokenize.STRING and (
            last > first or not lines[first - 1][:column].strip()
        ):
            strung.append(token.string.strip("rbfuRBFU\"'"))
            code |= dict.fromkeys(range(first, last + 1), "")
    return "\n".join(code.values()), "\n".join(strung)


def strings(value: Any) -> Iterator[str]:
    """Every text in JSON data, keys too."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for key, each in value.items():
            yield str(key)
            yield from strings(each)
    elif isinstance(value, list | tuple):
        for each in value:
            yield from strings(each)


def readable(text: str) -> str:
    """A text as it is and as it looks: colors and tags taken out, `&lt;` and `\\n` read."""
    plain = html.unescape(_TAG.sub("", _COLOR.sub("", text)))
    unescaped = re.sub(r"\\(['\"\\])", r"\1", plain.replace("\\n", "\n"))
    return "\n".join(dict.fromkeys((text, html.unescape(text), plain, unescaped)))


def _decoded(bundle: Any) -> str:
    """The text of an attachment; a picture has none."""
    found = []
    for data in strings(bundle):
        found.append(data)
        try:
            found.append(base64.b64decode(data, validate=True).decode())
        except ValueError:  # not base64, or not text
            continue
    return readable("\n".join(found))
