"""Leaks: lines of solutions and hidden tests in what students get, compared across chapters.

Short lines and imports are anybody's. Of the others a text may give away a few of a solution, as a
hint, and code may have everyday lines in common with it, but neither holds half of it; strings,
outputs, metadata, attachments and files hold none, and nothing but code holds one of a hidden test.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from autograder.assignment.notebook import Kind, grade_id_of, kind_of
from autograder.authoring.findings import Finding, Source
from autograder.authoring.marks import shortened, within
from autograder.authoring.places import Place, Room, is_whole_solution, places

LONG_ENOUGH = 15
"""Characters; shorter lines (`return x`) may stand anywhere."""
SENTENCE = 20
"""Characters of a sentence of a written answer."""
_IMPORT = re.compile(r"(import|from)\s")
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
    least = SENTENCE if prose else LONG_ENOUGH
    lines = (part.strip() for part in parts)
    return frozenset(
        line for line in lines if len(line) >= least and not _IMPORT.match(line) and _says(line)
    )


def _says(line: str) -> bool:
    """Whether it is more than a rule of dashes."""
    return re.search(r"\w\W*\w", line) is not None


def public_code(notebooks: Iterable[Any]) -> frozenset[str]:
    """Lines of code that notebooks show: what stands there gives nothing away elsewhere."""
    return frozenset(
        line.strip()
        for notebook in notebooks
        for spot in places(notebook)
        if spot.room is Room.CODE
        for line in spot.text.split("\n")
    )


def leaks(
    spots: Iterable[Place], hidden: Iterable[Secret], common: frozenset[str], chapter: str
) -> Iterator[tuple[Place, str]]:
    """The places that give something away, each with the first of it, as a sentence.

    common:  lines that are code for everybody to see
    chapter: the one that the places are in
    """
    spots = tuple(spots)
    everything = "\n".join(spot.text for spot in spots)
    near = []
    for one in hidden:  # nearly all lines are nowhere: this is quicker than to look at each place
        if there := tuple(sorted(line for line in one.lines if line in everything)):
            near.append((one, there))
    for spot in spots:
        for one, there in near:
            if said := _leak(spot, one, there, common, chapter):
                yield spot, said
                break


def _leak(
    spot: Place, one: Secret, there: tuple[str, ...], common: frozenset[str], chapter: str
) -> str:
    if spot.room is Room.CODE:
        code = {line.strip() for line in spot.text.split("\n")}
        held = [line for line in there if line in code]
    else:
        held = [line for line in there if line in spot.text]
    of = f"{one.what} of {one.name}" + (f" ({one.chapter})" if one.chapter != chapter else "")
    if spot.room is Room.CODE or (spot.room is Room.PROSE and one.what == "the solution"):
        if 2 * len(held) >= len(one.lines):
            return f"holds {_so_much(held, one)} of {of}, which students would get; change it"
        return ""
    told = next((line for line in held if line not in common), "")
    if not told:
        return ""
    where = f"{spot.what} holds" if spot.what else "holds"
    return f"{where} `{shortened(told)}`, a line of {of}; take it out"


def _so_much(held: list[str], one: Secret) -> str:
    if len(one.lines) == 1:
        return f"`{shortened(held[0])}`, the only long line"
    return f"{len(held)} of the {len(one.lines)} long lines"
