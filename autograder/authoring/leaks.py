"""Leaks: lines of solutions and hidden tests in what students get, compared across chapters.

Short lines and imports are anybody's. Of the others a text may give away a few of a solution, as a
hint, and code may have everyday lines in common with it, but neither holds half of it; strings,
outputs, metadata, attachments and files hold none, and nothing but code holds one of a hidden test.
"""

import functools
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from autograder.assignment.notebook import Kind, grade_id_of, kind_of
from autograder.authoring.findings import Finding, Source
from autograder.authoring.marks import shortened, within
from autograder.authoring.places import Place, Room, is_whole_solution, places

LONG_ENOUGH = 15
"""Characters; shorter lines (`return x`) may stand anywhere."""
SENTENCE = 20
"""Characters of a sentence of a written answer, or of a line that is a string, as of a message."""
_IMPORT = re.compile(r"(import|from)\s")
_STRING = re.compile(r"[a-zA-Z]{0,2}([\"']).*\1[,)]*")
_DRESS = re.compile(r"[\\*`'\"“”‘’]")
_WORD_OR_SIGN = re.compile(r"\w+|[^\w\s]")
_END_OF_SENTENCE = re.compile(r"(?<=[.!?])\s+")


@dataclass(frozen=True)
class Secret:
    """What one cell must not give away. what: "the solution", "the hidden test"."""

    chapter: str
    name: str
    what: str
    lines: frozenset[str]


def leaks_in_source(source: Source) -> Iterator[Finding]:
    """Where a source notebook gives away its own solutions, its stored outputs included."""
    own = secrets(source.assignment.name, source.notebook)
    common = public_code([source.notebook])
    chapter = source.assignment.name
    for spot, said in leaks(places(source.notebook), own, common, chapter):
        yield Finding(spot.where, said, spot.index)


def secrets(chapter: str, notebook: Any) -> tuple[Secret, ...]:
    """What a source notebook hides, cell by cell."""
    found = []
    for node in notebook.cells:
        kind = kind_of(node)
        text = node.source if is_whole_solution(node) else within(node.source)
        lines = _lines(text, kind is Kind.WRITTEN)
        if lines:
            what = "the hidden test" if kind is Kind.CHECK else "the solution"
            found.append(Secret(chapter, grade_id_of(node), what, lines))
    return tuple(found)


def _lines(text: str, prose: bool) -> frozenset[str]:
    parts = _END_OF_SENTENCE.split(text) if prose else text.split("\n")
    lines = (part.strip() for part in parts)
    return frozenset(
        line
        for line in lines
        if len(line) >= (SENTENCE if prose or _STRING.fullmatch(line) else LONG_ENOUGH)
        and not _IMPORT.match(line)
        and _says(line)
    )


def _says(line: str) -> bool:
    """Whether it is more than a rule of dashes."""
    return re.search(r"\w\W*\w", line) is not None


def essence(text: str) -> str:
    """What a text says, however it is spaced, quoted, escaped or set in bold: its words and signs.

    Between spaces, so that one is in another only as whole words.
    """
    return f" {' '.join(_WORD_OR_SIGN.findall(_DRESS.sub('', text)))} "


def public_code(notebooks: Iterable[Any]) -> frozenset[str]:
    """Essences of the lines of code that notebooks show: they give nothing away elsewhere."""
    return frozenset(
        essence(line)
        for notebook in notebooks
        for spot in places(notebook)
        if spot.room is Room.CODE
        for line in spot.text.split("\n")
    )


def leaks(
    spots: Iterable[Place], hidden: Iterable[Secret], common: frozenset[str], chapter: str
) -> Iterator[tuple[Place, str]]:
    """The places that give something away, each with the first of it, as a sentence.

    common:  essences of lines that are code for everybody to see
    chapter: the one that the places are in
    """
    spots = tuple(spots)
    everything = essence("\n".join(spot.text for spot in spots))
    near = []
    for one in hidden:  # nearly all lines are nowhere: this is quicker than to look at each place
        there = {line: said for line in sorted(one.lines) if (said := essence(line)) in everything}
        if there:
            near.append((one, there))
    if not near:
        return
    for spot in spots:
        for one, there in near:
            if said := _leak(spot, one, there, common, chapter):
                yield spot, said
                break


def _leak(
    spot: Place, one: Secret, there: Mapping[str, str], common: frozenset[str], chapter: str
) -> str:
    """The rest of a sentence, or nothing. there: lines of the secret, with their essences"""
    if spot.room is Room.CODE:
        code = _essences_of_lines(spot.text)
        held = [line for line, said in there.items() if said in code]
    else:
        text = _essence_of_place(spot.text)
        held = [line for line, said in there.items() if said in text]
    of = f"{one.what} of {one.name}" + (f" ({one.chapter})" if one.chapter != chapter else "")
    if spot.room is Room.CODE or (spot.room is Room.PROSE and one.what == "the solution"):
        if 2 * len(held) >= len(one.lines):
            return f"holds {_so_much(held, one)} of {of}, which students would get; change it"
        return ""
    told = next((line for line in held if there[line] not in common), "")
    if not told:
        return ""
    where = f"{spot.what} holds" if spot.what else "holds"
    return f"{where} `{shortened(told)}`, a line of {of}; take it out"


@functools.lru_cache(maxsize=1)  # each place is asked about all secrets, one after the other
def _essence_of_place(text: str) -> str:
    return essence(text)


@functools.lru_cache(maxsize=1)
def _essences_of_lines(code: str) -> frozenset[str]:
    return frozenset(map(essence, code.split("\n")))


def _so_much(held: list[str], one: Secret) -> str:
    if len(one.lines) == 1:
        return f"`{shortened(held[0])}`, the only long line"
    return f"{len(held)} of the {len(one.lines)} long lines"
