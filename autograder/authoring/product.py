"""What a release would write, looked at before it is written: stubs, hidden checks, and leaks."""

import ast
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import Any

import nbformat

from autograder.assignment.errors import UserError
from autograder.assignment.notebook import HIDDEN_MARK, Kind, kind_of
from autograder.assignment.plurals import counted
from autograder.authoring.answers import Scope, scopes_of, solved_scopes
from autograder.authoring.findings import Finding, Source, place
from autograder.authoring.leaks import Secret, leaks, public_code, secrets
from autograder.authoring.marks import left_in
from autograder.authoring.packed import unpacked
from autograder.authoring.places import Place, Room, places, readable, strings
from autograder.authoring.preprocessors import shown_attachments


@dataclass(frozen=True)
class Secrets:
    """What the chapters of a course hide, and the lines of code that they show."""

    hidden: tuple[Secret, ...]
    common: frozenset[str]

    @classmethod
    def of(cls, sources: Iterable[Source]) -> "Secrets":
        sources = tuple(sources)
        hidden = (each for one in sources for each in secrets(one.assignment.name, one.notebook))
        return cls(tuple(hidden), public_code([one.notebook for one in sources]))

    def told_in(self, spots: Iterable[Place], chapter: str) -> Iterator[tuple[Place, str]]:
        """The places that give something away, each with the rest of a sentence."""
        return leaks(spots, self.hidden, self.common, chapter)

    def told_in_file(self, data: bytes, chapter: str, name: str = "") -> str:
        """The same for a file that is not a notebook, and its name; empty if nothing.

        What it packs is looked at, too, and the marks in it.
        """
        try:
            packed = tuple(unpacked(data))
        except UserError as error:
            return f"{error}, which nobody can look into"
        for inner, content in ((name, data), *packed):
            text = content.decode(errors="replace").replace("\0", "")  # also of UTF-16
            if mark := left_in(text):
                return f"holds `{mark}`"
            spot = Place("", "", Room.CLOSED, readable(f"{inner}\n{text}"))
            if said := next((said for _, said in self.told_in([spot], chapter)), ""):
                return said
        return ""


def faults(
    made: Mapping[str, bytes], sources: Mapping[str, Source], known: Secrets
) -> Iterator[Finding]:
    """What is wrong with the files of a release, each with its cell where it is in a notebook.

    made:    path relative to `course/` -> bytes
    sources: the source of each chapter that is released, by its name
    """
    for name, data in sorted(made.items()):
        chapter = PurePosixPath(name).parts[0]
        source = sources.get(chapter)
        if source and name == f"{chapter}/{source.assignment.notebook}.ipynb":
            notebook = nbformat.reads(data.decode(), as_version=4)
            found = notebook_faults(notebook, source, known)
            yield from (one.within(f"course/{name}") for one in found)
        elif said := known.told_in_file(data, chapter, name):
            yield Finding(f"course/{name}", said)


def source_faults(source: Source, known: Secrets) -> Iterator[Finding]:
    """What the outputs, metadata and attachments of a source give away of any chapter."""
    closed = (spot for spot in places(source.notebook) if spot.room is Room.CLOSED)
    for spot, said in known.told_in(closed, source.assignment.name):
        yield Finding(spot.where, said, spot.index)


def notebook_faults(notebook: Any, source: Source, known: Secrets) -> Iterator[Finding]:
    """What is wrong with a released notebook, each with its cell."""
    chapter = source.assignment.name
    if len(notebook.cells) != len(source.notebook.cells):
        count = counted(len(notebook.cells), "cell")
        yield Finding("", f"has {count}, its source {len(source.notebook.cells)}")
        return
    for index, (node, original) in enumerate(
        zip(notebook.cells, source.notebook.cells, strict=True)
    ):
        said = next(_cell_faults(node, original), "")
        if said:
            yield Finding(place(notebook, index), said, index)
    if mark := left_in("\n".join(strings(notebook))):
        yield Finding("", f"holds `{mark}`")
    spots = tuple(places(notebook, released=True))
    for spot, said in known.told_in(spots, chapter):
        yield Finding(spot.where, said, spot.index)
    shown = "\n".join(spot.text for spot in places(source.notebook) if not spot.what)
    for spot in spots:
        for one in known.hidden:
            new = (line for line in one.lines if line in spot.text and line not in shown)
            if one.chapter == chapter and not spot.what and (line := next(new, "")):
                said = f"is released with `{line}`, which only {one.name} hides"
                yield Finding(spot.where, said, spot.index)


def _cell_faults(node: Any, original: Any) -> Iterator[str]:
    kind = kind_of(original)
    if kind is Kind.ANSWER:
        yield from _stub_faults(node.source, original.source)
    first = original.source.lstrip().split("\n")[0].strip()
    if kind is Kind.CHECK and first.startswith(HIDDEN_MARK) and node.source.strip() != first:
        yield f"a hidden check is released as more than its comment, `{first}`"
    if node.get("outputs"):
        yield "is released with an output"
    if set(node.get("attachments", {})) != set(shown_attachments(node)):
        yield "is released with an attachment that its text does not show"


def _stub_faults(source: str, original: str) -> Iterator[str]:
    try:
        tree = ast.parse(source)
    except SyntaxError as error:
        yield f"the released stub is not Python (line {error.lineno})"
        return
    released = Counter(name for name, scope in scopes_of(tree) if _ends_with_stub(scope))
    for name, solved in Counter(solved_scopes(original)).items():
        if released[name] < solved:  # a property's getter and setter have one name
            yield f"the released `{name}` does not end with its stub, `raise NotImplementedError`"


def _ends_with_stub(scope: Scope) -> bool:
    last = scope.body[-1]
    return isinstance(last, ast.Raise) and "NotImplementedError" in ast.unparse(last)
