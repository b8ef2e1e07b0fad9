"""The marks around what is not released (`### BEGIN SOLUTION` …), read line by line.

nbgrader looks for their words anywhere in a line, and publishes what a mistyped mark was meant to
hide. Here a mark is a comment line of its own, spelt exactly; whatever resembles one is reported.
"""

import difflib
import functools
import io
import re
import tokenize
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass


@dataclass(frozen=True)
class Pair:
    """Two marks, and the cell that they belong in."""

    begin: str
    end: str
    home: str


@dataclass(frozen=True)
class Region:
    """What lies between two marks. begin, end: their lines, counted from 1."""

    begin: int
    end: int


SOLUTION = Pair("### BEGIN SOLUTION", "### END SOLUTION", "an answer")
HIDDEN = Pair("### BEGIN HIDDEN TESTS", "### END HIDDEN TESTS", "a hidden check")
SCHEME = Pair("### BEGIN MARK SCHEME", "### END MARK SCHEME", "a task graded by hand")
PAIRS = (SOLUTION, HIDDEN, SCHEME)
PHRASES = tuple(mark.strip("# ") for pair in PAIRS for mark in (pair.begin, pair.end))
"""What nbgrader looks for."""

_MEANT = {
    **{words: SOLUTION for words in ("solution", "solutions", "answer")},
    **{words: HIDDEN for words in ("hidden test", "hidden tests", "hidden check", "hidden checks")},
    **{words: SCHEME for words in ("mark scheme", "marking scheme")},
}
_FIRST = {"begin": 0, "start": 0, "end": 1, "stop": 1}
_BARE = re.compile(r"\W*[A-Za-z]+ [A-Za-z]+( [A-Za-z]+)?\W*")
"""Words and no code, as in a text or a string; a comment begins with `#`."""
_QUOTED = 60
"""Characters of a line that a message quotes."""
_CLOSE = 0.8
"""Similarity from which a word is taken for a mistyped one: `SOLUTON`, `BEGN`."""


def mark_in(line: str) -> str:
    """The mark that a line holds, or seems to be meant for; empty if none."""
    for pair in PAIRS:
        for mark in (pair.begin, pair.end):
            if mark.strip("# ") in line:
                return mark
    text = line.strip()
    words = re.sub(r"[\W_]+", " ", text).lower().split()
    if not 2 <= len(words) <= 3 or not (text.startswith("#") or _BARE.fullmatch(text)):
        return ""
    first = difflib.get_close_matches(words[0], _FIRST, n=1, cutoff=_CLOSE)
    rest = difflib.get_close_matches(" ".join(words[1:]), _MEANT, n=1, cutoff=_CLOSE)
    if not first or not rest:
        return ""
    pair = _MEANT[rest[0]]
    return (pair.begin, pair.end)[_FIRST[first[0]]]


def left_in(text: str) -> str:
    """The words of a mark in a text that must have none; empty if it has none."""
    return next((phrase for phrase in PHRASES if phrase in text), "")


def shortened(line: str) -> str:
    """A line as a message quotes it: without its indentation, and not all of a paragraph."""
    text = line.strip()
    return text if len(text) <= _QUOTED else f"{text[: _QUOTED - 1]}…"


@functools.lru_cache(maxsize=2000)
def own_comments(source: str) -> frozenset[int]:
    """Lines of Python code that hold a comment and nothing else.

    raises: SyntaxError, tokenize.TokenError
    """
    tokens = tokenize.generate_tokens(io.StringIO(source).readline)
    return frozenset(
        token.start[0]
        for token in tokens
        if token.type == tokenize.COMMENT and not token.line[: token.start[1]].strip()
    )


def regions(source: str, pair: Pair) -> tuple[Region, ...]:
    """The regions between exact marks; an unfinished one ends with the text."""
    found: list[Region] = []
    begin = 0
    lines = source.split("\n")
    for number, line in enumerate(lines, start=1):
        if line.strip() == pair.begin and not begin:
            begin = number
        elif line.strip() == pair.end and begin:
            found.append(Region(begin, number))
            begin = 0
    return (*found, Region(begin, len(lines) + 1)) if begin else tuple(found)


def within(source: str) -> str:
    """The text between the marks, of every pair."""
    lines = source.split("\n")
    hidden = [r for pair in PAIRS for r in regions(source, pair)]
    return "\n".join(line for region in hidden for line in lines[region.begin : region.end - 1])


def outside(source: str) -> str:
    """The text without what is between the marks and without them; line numbers stay."""
    hidden = {
        number
        for pair in PAIRS
        for region in regions(source, pair)
        for number in range(region.begin, region.end + 1)
    }
    return "\n".join(
        "" if number in hidden else line for number, line in enumerate(source.split("\n"), start=1)
    )


def problems(source: str, allowed: Pair | None, code: bool) -> Iterator[str]:
    """What is wrong with the marks of one cell, in the order of its lines.

    allowed: the pair that a cell of this kind may have
    code:    whether it is Python, so that a mark must be a comment
    """
    comments = own_comments(source) if code else frozenset()
    begun = 0
    for number, line in enumerate(source.split("\n"), start=1):
        mark, text = mark_in(line), shortened(line)
        if not mark:
            continue
        pair = next(pair for pair in PAIRS if mark in (pair.begin, pair.end))
        if pair is not allowed:
            yield f"line {number} has `{text}`; that mark belongs in {pair.home}, nowhere else"
        elif code and number not in comments and not text.startswith("#"):
            yield f"line {number} has `{text}`; a mark is a comment line of its own, `{mark}`"
        elif strange := next((one for one in line if not one.isascii()), ""):
            name = unicodedata.name(strange, f"U+{ord(strange):04X}").lower()
            yield f"line {number} has `{text}` with a {name}; the mark is spelt `{mark}`"
        elif text != mark:
            yield f"line {number} has `{text}`; the mark is spelt `{mark}`"
        elif code and number not in comments:
            yield f"line {number} has `{text}` in a string; a mark is a comment line of its own"
        elif mark == pair.begin and begun:
            yield f"line {number} has `{text}` again before `{pair.end}`; regions are not nested"
        elif mark == pair.end and not begun:
            yield f"line {number} has `{text}` without `{pair.begin}` above it"
        begun = number if mark == pair.begin else 0
    if begun and allowed:
        yield f"line {begun} has `{allowed.begin}` without `{allowed.end}` below it"
