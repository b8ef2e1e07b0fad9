"""The release: `course/` made from `solutions/` by nbgrader's own converter, byte for byte.

It is a gate: what breaks the contract, or would give a solution away, stops it before anything is
written.
"""

import logging
import os
import re
import tempfile
from collections.abc import Callable, Iterable
from contextlib import suppress
from itertools import chain
from pathlib import Path

from nbgrader.converters import GenerateAssignment
from nbgrader.converters.base import NbGraderException
from nbgrader.coursedir import CourseDirectory
from traitlets.config import Config, PyFileConfigLoader

from autograder.assignment.course import Course, notebooks_of
from autograder.assignment.did_you_mean import unknown
from autograder.assignment.errors import UserError
from autograder.assignment.notebook import Assignment, read_assignment
from autograder.authoring import companions, product
from autograder.authoring.contract import violations
from autograder.authoring.findings import Finding, Source, read_source
from autograder.authoring.glossary import SOURCE as GLOSSARY_SOURCE
from autograder.authoring.glossary import glossary_page, read_glossary
from autograder.authoring.landing import landing_page
from autograder.authoring.manifest import Changes, as_released, carry_out, plan

_RAISED = re.compile(r"^(?=[\w.]+: )", re.MULTILINE)
"""Where a traceback names what was raised, at the beginning of a line."""
_LONGEST_REASON = 300
LANDING_PAGE = "README.md"
GLOSSARY_PAGE = "GLOSSARY.md"


def select_chapters(course: Course, wanted: Iterable[str]) -> tuple[str, ...]:
    """Return the named chapters (all when none is named).

    raises: UserError if one does not exist.
    """
    names = tuple(name.rstrip("/").split("/")[-1] for name in wanted)
    for name in names:
        if name not in course.chapters:
            raise unknown("assignment", name, course.chapters, course.solutions)
    return names or course.chapters


def compare(course: Course, chapters: Iterable[str] = ()) -> Changes:
    """Say what a release would change, without changing anything."""
    selected = select_chapters(course, chapters)
    return plan(course, selected, generate(course, selected))


def release(
    course: Course,
    chapters: Iterable[str] = (),
    *,
    force: bool = False,
    progress: Callable[[str], None] = lambda chapter: None,
) -> Changes:
    """Make `course/` from `solutions/`.

    force: replace files that were edited since the last release; each is kept beside as
           `NAME.kept-N`.
    raises: UserError if a chapter breaks the contract, if what would be released gives a solution
            or hidden test away, or if an edited file is in the way.
    """
    selected = select_chapters(course, chapters)
    made, found = _examined(course, selected, progress)
    if found:
        raise UserError(f"{'; '.join(map(str, found))}.", exit_code=1)
    return carry_out(course, plan(course, selected, made), made, force)


def faults(course: Course, chapters: Iterable[str] = ()) -> tuple[Finding, ...]:
    """List what `release` would refuse these chapters for, each with its cell if it is of one.

    A chapter that breaks the contract is told of alone: the rest is not looked at.
    raises: UserError as `generate` does
    """
    return _examined(course, select_chapters(course, chapters), lambda chapter: None)[1]


def generate(
    course: Course,
    chapters: Iterable[str],
    progress: Callable[[str], None] = lambda chapter: None,
) -> dict[str, bytes]:
    """Run nbgrader's GenerateAssignment and return the files: path relative to `course/` -> bytes.

    The landing page of the whole course is among them, and the glossary where there is one: both
    are about these chapters and those that were released before.
    raises: UserError with nbgrader's reason if it refuses a notebook, or if the glossary's table
            is damaged.
    """
    chapters = tuple(chapters)
    files: dict[str, bytes] = {}
    with tempfile.TemporaryDirectory() as folder:
        for chapter in chapters:
            progress(chapter)
            _generate_one(course, chapter, Path(folder))
        for path in sorted(Path(folder).rglob("*")):
            if path.is_file():
                files[path.relative_to(folder).as_posix()] = path.read_bytes()
    assignments = _assignments(course, chapters)
    glossary = course.solutions / GLOSSARY_SOURCE
    if glossary.is_file():
        page = glossary_page(read_glossary(glossary), assignments, course.chapters)
        files[GLOSSARY_PAGE] = page.encode()
    page = GLOSSARY_PAGE if glossary.is_file() else ""
    lab = "make lab" if (course.root / "Makefile").is_file() else "autograder lab"
    files[LANDING_PAGE] = landing_page(assignments, page, _title(course), lab).encode()
    return files


def _title(course: Course) -> str:
    """The first heading of the course's README, or else its name in nbgrader."""
    with suppress(OSError, UnicodeDecodeError):
        for line in (course.root / "README.md").read_text(encoding="utf-8").splitlines():
            if line.startswith("# "):
                return line[2:].strip()
    name = load_config(course).CourseDirectory.course_id
    return name if isinstance(name, str) and name else "The course"


def load_config(course: Course) -> Config:
    """Read the course's nbgrader_config.py."""
    return PyFileConfigLoader("nbgrader_config.py", path=str(course.root)).load_config()


def _examined(
    course: Course, selected: tuple[str, ...], progress: Callable[[str], None]
) -> tuple[dict[str, bytes], tuple[Finding, ...]]:
    """The files of a release and what is wrong with them; no files if the sources are wrong."""
    sources: dict[str, Source] = {}
    for chapter in selected:
        folder = course.solutions / chapter
        if found := tuple(companions.second_notebooks(folder)):
            return {}, _plain(found)
        (path,) = notebooks_of(folder)
        if broken := violations(path):
            return {}, (Finding(f"{path}", f"breaks the contract: {'; '.join(broken)}"),)
        sources[chapter] = read_source(path)
    known = product.Secrets.of({**_readable_sources(course), **sources}.values())
    beside = (companions.faults(course.solutions / chapter, known) for chapter in selected)
    if found := tuple(chain.from_iterable(beside)):
        return {}, _plain(found)
    made = generate(course, selected, progress)
    stored = (  # the book prints the outputs of the sources
        one.within(f"{source.path}")
        for source in sources.values()
        for one in product.source_faults(source, known)
    )
    return made, tuple(dict.fromkeys(chain(product.faults(made, sources, known), stored)))


def _plain(sentences: Iterable[str]) -> tuple[Finding, ...]:
    """Findings about files, whose sentences name them."""
    return tuple(Finding("", sentence) for sentence in sentences)


def _readable_sources(course: Course) -> dict[str, Source]:
    """The sources of all chapters but damaged ones, which are refused when they are released."""
    sources = {}
    for chapter in course.chapters:
        for path in notebooks_of(course.solutions / chapter)[:1]:
            try:
                sources[chapter] = read_source(path)
            except UserError:
                continue
    return sources


def _assignments(course: Course, selected: tuple[str, ...]) -> list[Assignment]:
    """The chapters that students have after this release, in order.

    One that is not released now is read as it was released, and from its source if somebody
    edited that; a damaged one that is not selected is in nobody's way.
    """
    found = []
    for chapter in course.chapters:
        for source in notebooks_of(course.solutions / chapter):
            name = f"{chapter}/{source.name}"
            there = (course.release / name).is_file()
            if chapter in selected:
                found.append(read_assignment(source))
            elif there:
                path = course.release / name if as_released(course, name) else source
                try:
                    found.append(read_assignment(path))
                except UserError:
                    continue
    return found


def _generate_one(course: Course, chapter: str, destination: Path) -> None:
    config = load_config(course)
    config.CourseDirectory.root = str(course.root)
    config.CourseDirectory.assignment_id = chapter
    config.CourseDirectory.release_directory = str(destination)
    ignored = CourseDirectory(config=config).ignore
    config.CourseDirectory.ignore = list(dict.fromkeys([*ignored, *companions.LEFT_OUT]))
    config.GenerateAssignment.no_database = True
    config.SaveCells.enabled = False  # it would open the gradebook all the same
    config.GenerateAssignment.force = True
    log = _CollectedLog()
    converter = GenerateAssignment(
        coursedir=CourseDirectory(config=config), config=config, log=log.logger
    )
    here = Path.cwd()
    try:
        converter.start()
    except NbGraderException as error:
        raise UserError(f"solutions/{chapter}: nbgrader refuses it: {log.reason}.", 1) from error
    finally:
        os.chdir(here)


def quiet_logger() -> logging.Logger:
    """A logger that says nothing."""
    return _CollectedLog().logger


class _CollectedLog:
    """A logger that keeps nbgrader's words off the terminal and remembers its first error."""

    def __init__(self) -> None:
        self.logger = logging.Logger("autograder.authoring.release")
        handler = logging.Handler(logging.ERROR)
        handler.emit = self._emit  # type: ignore[method-assign]
        self.logger.addHandler(handler)
        self.errors: list[str] = []

    def _emit(self, record: logging.LogRecord) -> None:
        self.errors.append(record.getMessage())

    @property
    def reason(self) -> str:
        """What the first traceback ends with, or else the first error, on one line."""
        for message in self.errors:
            if message.startswith("Traceback"):
                raised = _RAISED.split(message)[-1]
                return " ".join(raised.split())[:_LONGEST_REASON]
        found = " ".join(self.errors[0].split()) if self.errors else "no reason given"
        return found.replace("**", "").rstrip(". ")[:_LONGEST_REASON]
