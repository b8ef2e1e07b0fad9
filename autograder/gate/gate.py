"""The gate: all that has to hold before a chapter is released, and what is still to be done.

The contract and what the release makes of it, the proof of its checks by reference and stub, the
known answers, and, where the course has them, the glossary and the notes of what to install.
"""

import hashlib
import json
import os
import re
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from autograder.assignment.blueprint import Blueprint
from autograder.assignment.course import Course, notebooks_of
from autograder.assignment.errors import UserError
from autograder.assignment.notebook import Assignment, Kind, read_assignment, read_notebook
from autograder.assignment.plurals import counted
from autograder.assignment.whole_file import write_whole
from autograder.authoring.companions import second_notebooks
from autograder.authoring.contract import findings
from autograder.authoring.findings import Finding
from autograder.authoring.glossary import SOURCE as GLOSSARY
from autograder.authoring.glossary import read_glossary
from autograder.authoring.install_notes import (
    code_of,
    install_line,
    read_pins,
    text_above_code,
    with_note,
)
from autograder.authoring.misconceptions import KnownAnswer, known_answers, lacking
from autograder.authoring.release import faults
from autograder.authoring.scaffold import left_to_do
from autograder.engine.engine import Engine
from autograder.gate.judge import needed
from autograder.gate.known import Turn, judged, turns
from autograder.grading.grade import engine_for
from autograder.grading.proof import cache_folder, packages
from autograder.grading.versions import own_text

FEWEST_TERMS = 5
"""Terms of the glossary that a chapter has, where the course has one."""
Progress = Callable[[int, int, str], None]
"""Called with (known answers done, how many there are, which is next)."""


@dataclass(frozen=True)
class Examined:
    """What the gate found in a chapter.

    findings: what has to be mended before it is released
    to_dos:   what a scaffold left for the author to fill in; that hinders no release
    judged:   known answers that ran now; what did not change since it was right is not run again
    known:    known answers that count for this
    """

    chapter: str
    findings: tuple[Finding, ...]
    to_dos: tuple[Finding, ...] = ()
    judged: int = 0
    known: int = 0
    seconds: float = 0.0

    def as_json(self) -> dict[str, Any]:
        """As plain data, for `--json`."""
        return {
            "findings": [str(finding) for finding in self.findings],
            "to_dos": [str(to_do) for to_do in self.to_dos],
            "known_answers": self.known,
            "judged_now": self.judged,
        }


def examine(
    course: Course,
    chapter: str,
    blueprint: Callable[[], Blueprint],
    *,
    thorough: bool = False,
    again: bool = False,
    progress: Progress = lambda done, total, what: None,
) -> Examined:
    """Examine a chapter but for its proof (see `grading.proof`).

    blueprint: of the chapter; asked for only if its notebook can be released
    thorough:  judge all known answers, and each in both ways
    again:     also what was right and has not changed
    """
    began = time.perf_counter()
    found = tuple(source_findings(course, chapter))
    if found:
        return Examined(chapter, found, seconds=time.perf_counter() - began)
    (path,) = notebooks_of(course.solutions / chapter)
    assignment = read_assignment(path)
    try:
        known = known_answers(course, assignment)
    except UserError as error:
        found = (Finding("", str(error)),)
        return Examined(chapter, found, seconds=time.perf_counter() - began)
    left = tuple(one for _, one in open_to_dos(course, chapter))
    lacks = tuple(lacking(assignment, known))
    everyone = tuple(turns(assignment, known, thorough=thorough))
    record = _Record(blueprint(), assignment)
    waiting = [turn for turn in everyone if again or not record.knows(turn)]
    wrong: list[Finding] = []
    if waiting:
        with engine_for(record.blueprint) as engine:
            wrong = list(_judged(engine, record, waiting, progress))
        record.keep()
    seconds = time.perf_counter() - began
    return Examined(chapter, (*lacks, *wrong), left, len(waiting), len(everyone), seconds)


def open_to_dos(course: Course, chapter: str) -> Iterator[tuple[Path, Finding]]:
    """What a scaffold left to fill in, in a chapter's notebook and its known answers: file, what."""
    files = (course.root / "tests" / "misconceptions" / chapter).glob("*.py")
    for file in (*notebooks_of(course.solutions / chapter), *sorted(files)):
        yield from ((file, one) for one in left_to_do(file))


def source_findings(course: Course, chapter: str) -> Iterator[Finding]:
    """What is wrong with a chapter's source, told without running anything."""
    broken = contract_findings(course, chapter) or _release_findings(course, chapter)
    yield from broken
    if broken:
        return
    for path in notebooks_of(course.solutions / chapter):
        yield from _glossary_findings(course, read_assignment(path))
        yield from _note_findings(course, path)


def contract_findings(course: Course, chapter: str) -> tuple[Finding, ...]:
    """What of it the contract alone finds, quickly.

    Of several notebooks nothing is told but that they are several: a finding's cell is one of the
    one.
    """
    folder = course.solutions / chapter
    if several := tuple(second_notebooks(folder)):
        return tuple(Finding("", sentence) for sentence in several)
    try:
        return tuple(one for path in notebooks_of(folder) for one in findings(path))
    except UserError as error:
        return _refusal(course, chapter, error)


def _release_findings(course: Course, chapter: str) -> tuple[Finding, ...]:
    try:
        found = faults(course, [chapter])
    except UserError as error:
        return _refusal(course, chapter, error)
    return tuple(replace(one, place=_within(course, chapter, one.place)) for one in found)


def _refusal(course: Course, chapter: str, error: UserError) -> tuple[Finding, ...]:
    return (Finding("", _within(course, chapter, str(error).rstrip("."))),)


def _within(course: Course, chapter: str, told: str) -> str:
    """What is told, without the name of the one file that everything is about."""
    paths = notebooks_of(course.solutions / chapter)
    return told.removeprefix(f"{paths[0]}: ") if paths else told


def _glossary_findings(course: Course, assignment: Assignment) -> Iterator[Finding]:
    table = course.solutions / GLOSSARY
    if not table.is_file():
        return
    terms = [term for term in read_glossary(table) if term.chapter == assignment.name]
    if len(terms) < FEWEST_TERMS:
        count = counted(len(terms), "term")
        yield Finding(GLOSSARY, f"has {count} of this chapter, of at least {FEWEST_TERMS}")
    text = "\n".join(cell.source for cell in assignment.cells if cell.kind is Kind.TEXT)
    for term in terms:
        if not re.search(rf"\b{re.escape(term.english)}", text, re.IGNORECASE):
            yield Finding(GLOSSARY, f"the chapter's text does not use “{term.english}”")


def _note_findings(course: Course, path: Path) -> Iterator[Finding]:
    """A course that has one note of what to install has one in each chapter."""
    lock = course.root / "requirements.lock"
    if not lock.is_file():
        return
    notebook = read_notebook(path)
    try:
        cell = text_above_code(notebook)
        line = install_line(code_of(notebook), read_pins(lock))
    except UserError as error:
        yield Finding("the note of what to install", str(error))
        return
    if cell.source != with_note(cell.source, line):
        says = (
            "the note of what to install is not what the chapter imports; "
            "run `python -m autograder.authoring.install_notes`"
        )
        yield Finding("", says, next(n for n, one in enumerate(notebook.cells) if one is cell))


def _judged(
    engine: Engine, record: "_Record", waiting: Sequence[Turn], progress: Progress
) -> Iterator[Finding]:
    """What is wrong with known answers, in their order; each with the cell of its answer."""

    def one(turn: Turn) -> str:
        return judged(engine, record.blueprint, record.assignment, turn)

    with ThreadPoolExecutor(os.cpu_count() or 1) as threads:
        for number, (turn, why) in enumerate(zip(waiting, threads.map(one, waiting), strict=True)):
            progress(number, len(waiting), f"{turn.known.answer}: {turn.known.name}")
            if why:
                answer = turn.known.answer
                index = record.assignment.answer(answer).index
                yield Finding(f"{answer}, known answer {turn.known.name}", why, index)
            else:
                record.right(turn)


class _Record:
    """Which known answers got what they deserve, from the same bytes on the same packages."""

    def __init__(self, blueprint: Blueprint, assignment: Assignment) -> None:
        self.blueprint, self.assignment = blueprint, assignment
        name = hashlib.sha256(repr((own_text(), sys.version, packages())).encode()).hexdigest()
        self._path = cache_folder().parent / "known" / f"{assignment.name}-{name[:24]}.json"
        self._data = _data_of(blueprint)
        self._right: set[str] = set()
        with suppress(OSError, ValueError, TypeError):
            self._right = set(json.loads(self._path.read_text(encoding="utf-8")))
        self._used: set[str] = set()

    def knows(self, turn: Turn) -> bool:
        key = self._key(turn)
        if key in self._right:
            self._used.add(key)
        return key in self._used

    def right(self, turn: Turn) -> None:
        self._used.add(self._key(turn))

    def keep(self) -> None:
        """Write down what was right; what is nobody's any more is forgotten."""
        with suppress(OSError, UserError):
            self._path.parent.mkdir(parents=True, exist_ok=True)
            write_whole(self._path, json.dumps(sorted(self._used)).encode())

    def _key(self, turn: Turn) -> str:
        known: KnownAnswer = turn.known
        cells = needed(self.assignment, {known.answer: known.source}, turn.checks)
        texts = [(cell.kind.value, cell.grade_id, source) for cell, source in cells]
        said = (known, turn.checks, turn.twice, turn.thorough, texts, self._data)
        return hashlib.sha256(repr(said).encode()).hexdigest()


def _data_of(blueprint: Blueprint) -> tuple[tuple[str, str], ...]:
    """The data files that the course shows to answers, with their contents' hash."""
    if blueprint.files is None:
        return ()
    return tuple(
        (name, hashlib.sha256((Path(blueprint.files) / name).read_bytes()).hexdigest())
        for name in blueprint.data_files
    )
