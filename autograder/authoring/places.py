"""Where a notebook holds text: code, prose, and what nobody reads as either, each to be searched."""

import ast
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
from autograder.assignment.python_text import NOT_PYTHON, without_magics
from autograder.authoring.findings import place
from autograder.authoring.marks import outside
from autograder.authoring.preprocessors import CELL_KEYS, NOTEBOOK_KEYS

_PICTURES = ("image/png", "image/jpeg", "image/gif", "image/webp")
_TAG = re.compile(r"<[^<>]*>")
_QUOTED = re.compile(r"[a-zA-Z]{0,2}(?P<quote>\"{3}|'{3}|[\"'])(?P<text>.*)(?P=quote)", re.DOTALL)
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
    for name in set(notebook) - NOTEBOOK_KEYS:
        for text in strings({name: notebook[name]}):
            yield Place("the notebook", f"its entry `{name}`", Room.CLOSED, text)


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
        yield "", Room.PROSE if prose else Room.CLOSED, readable(source)
    for output in node.get("outputs", []):
        for text in strings(_without_pictures(output)):
            yield "its stored output", Room.CLOSED, readable(text)
    for name, bundle in node.get("attachments", {}).items():
        yield "its attachment", Room.CLOSED, f"{name}\n{_decoded(bundle)}"
    for text in strings(node.metadata):
        yield "its metadata", Room.CLOSED, text
    for name in set(node) - CELL_KEYS:
        for text in strings({name: node[name]}):
            yield f"its entry `{name}`", Room.CLOSED, text


@functools.lru_cache(maxsize=2000)
def split_code(source: str) -> tuple[str, str]:
    """A cell's lines of code, and the text of its strings, comments and magics.

    A string comes as it is written and as it is read. One that begins its line or spans several is
    no code. Python's tree tells what is a string, for its tokens are others from 3.12 on; what is
    not Python is all string.
    """
    source = source.replace("\r\n", "\n").replace("\r", "\n")
    plain, magics = source, list[str]()
    if (tree := _tree(source)) is None:
        plain, magics = without_magics(source)
        tree = _tree(plain)
    if tree is None:
        return "", source
    strung = [*magics]
    rows = [line.encode() for line in plain.split("\n")]  # the tree counts bytes, tokens letters
    for token in tokenize.generate_tokens(io.StringIO(plain).readline):
        if token.type == tokenize.COMMENT:
            strung.append(token.string.lstrip("# "))
            row = token.start[0] - 1
            rows[row] = plain.split("\n")[row][: token.start[1]].encode()
    for node in sorted(_literals(tree), key=lambda node: (node.lineno, node.col_offset))[::-1]:
        strung += _written_and_read(node, plain)
        first, last = node.lineno - 1, (node.end_lineno or node.lineno) - 1
        before, after = rows[first][: node.col_offset], rows[last][node.end_col_offset :]
        if last > first:
            rows[first : last + 1] = [before, *[b""] * (last - first - 1), after]
        elif not before.strip():
            rows[first] = after
    return b"\n".join(rows).decode(), "\n".join(strung)


def _tree(source: str) -> ast.Module | None:
    try:
        return ast.parse(source)
    except NOT_PYTHON:
        return None


def _literals(tree: ast.Module) -> Iterator[ast.expr]:
    """Strings and f-strings; neighbors that Python joins are one, as is what is in an f-string."""
    waiting: list[ast.AST] = [tree]
    while waiting:
        node = waiting.pop()
        if isinstance(node, ast.JoinedStr) or (
            isinstance(node, ast.Constant) and isinstance(node.value, str | bytes)
        ):
            yield node
        else:
            waiting += ast.iter_child_nodes(node)


def _written_and_read(node: ast.expr, source: str) -> Iterator[str]:
    """A string as it stands between its quotes, and with its escapes read."""
    written = ast.get_source_segment(source, node) or ""
    quoted = _QUOTED.fullmatch(written)
    yield quoted["text"] if quoted else written
    parts = node.values if isinstance(node, ast.JoinedStr) else [node]
    values = [part.value if isinstance(part, ast.Constant) else "{}" for part in parts]
    yield "".join(
        one.decode(errors="replace") if isinstance(one, bytes) else str(one) for one in values
    )


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
