"""Known answers to an exercise, wrong and right, that prove its checks.

One file an exercise, `tests/misconceptions/CHAPTER/ANSWER.py`, in cells:

    # %% wrong flipped_kernel
    # check: conv2d-values
    # says: flipped
    def conv2d(images, kernels, bias, stride=1, padding=(0, 0)):
        ...

`wrong` must fail the named check with a message that holds the words (several `says:` lines: each
of them); if the answer is meant to raise an exception of its own, `# raises: IndexError` says so.
`right` must earn every point. `vacuous` must earn none. Instead of a whole answer, a cell may edit
the reference: `# - ` lines are replaced by the `# + ` lines that follow them.
"""

import ast
import re
from collections import Counter
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from enum import Enum
from pathlib import Path

from autograder.assignment.course import Course
from autograder.assignment.errors import UserError
from autograder.assignment.notebook import Assignment
from autograder.assignment.python_text import NOT_PYTHON
from autograder.authoring.findings import Finding
from autograder.engine.names import bound_names

FEWEST = {"wrong": 3, "right": 2, "vacuous": 1}
"""Known answers that an exercise has at least."""
_CELL = re.compile(r"^# %% (?P<head>.*)$", re.MULTILINE)
_HEAD = re.compile(r"(?P<expected>wrong|right|vacuous) (?P<name>[a-z0-9_]+)")
_LIKE_A_CELL = re.compile(r"^[ \t]*#[ \t]*%%.*$", re.MULTILINE)
_EDIT = re.compile(r"^# [-+]( |$)")
_LIKE_AN_EDIT = re.compile(r"^\s*#\s?[-+]\s")
_FIELD = re.compile(r"^# (?P<key>check|says|raises): (?P<value>.+)$")


class Expected(Enum):
    """What the checks must say of an answer."""

    WRONG = "wrong"
    RIGHT = "right"
    VACUOUS = "vacuous"


@dataclass(frozen=True)
class KnownAnswer:
    """One answer to the exercise `answer` and what the checks must say of it.

    check:  grade_id of the check that must fail (wrong answers only)
    says:   words that its message must hold, each of them
    raises: name of the exception that the answer is meant to raise; empty if none is
    """

    answer: str
    name: str
    expected: Expected
    source: str
    check: str = ""
    says: tuple[str, ...] = ()
    raises: str = ""


def known_answers(course: Course, assignment: Assignment) -> tuple[KnownAnswer, ...]:
    """All known answers to the exercises of a chapter; empty if there are none.

    assignment: the chapter's source, with the reference answers
    raises: UserError if a file is of no exercise, or not in the format
    """
    folder = course.root / "tests" / "misconceptions" / assignment.name
    references = {cell.grade_id: reference_answer(cell.source) for cell in assignment.answers}
    found: list[KnownAnswer] = []
    for path in sorted(folder.glob("*.py")):
        if path.stem not in references:
            raise UserError(f"{path}: {assignment.name} has no exercise {path.stem}.", exit_code=1)
        try:
            found += read_known_answers(path, references[path.stem])
        except ValueError as error:
            raise UserError(f"{' '.join(str(error).split())}.", exit_code=1) from error
    return tuple(found)


def reference_answer(source: str) -> str:
    """A solution cell's text without the marks that delimit the solution."""
    return "\n".join(line for line in source.split("\n") if line.strip() not in _DELIMITERS)


_DELIMITERS = ("### BEGIN SOLUTION", "### END SOLUTION")


def read_known_answers(path: Path, reference: str) -> tuple[KnownAnswer, ...]:
    """Read the file `path`; `reference` is the source of the answer that edits start from.

    raises: ValueError naming the file and the cell if it is not in the format.
    """
    text = path.read_text(encoding="utf-8")
    for line in _LIKE_A_CELL.findall(text):
        if not _CELL.fullmatch(line):
            raise ValueError(f"{path}: `{line.strip()}` does not begin with `# %% `")
    starts = list(_CELL.finditer(text))
    ends = [match.start() for match in starts[1:]] + [len(text)]
    return tuple(
        _known_answer(path, start["head"], text[start.end() : end], reference)
        for start, end in zip(starts, ends, strict=True)
    )


def _known_answer(path: Path, title: str, body: str, reference: str) -> KnownAnswer:
    head = _HEAD.fullmatch(title.strip())
    if not head:
        raise ValueError(f"{path}: `# %% {title}` is not `wrong|right|vacuous name`")
    where = f"{path}: {head['name']}"
    fields: dict[str, list[str]] = {"check": [], "says": [], "raises": []}
    code: list[str] = []
    for line in body.strip("\n").splitlines():
        field = _FIELD.match(line)
        if field and not code:
            fields[field["key"]].append(field["value"].strip())
        else:
            code.append(line)
    expected = Expected(head["expected"])
    if expected is Expected.WRONG and not (len(fields["check"]) == 1 and fields["says"]):
        raise ValueError(f"{where}: a wrong answer names one check and the words of its message")
    edits = [line for line in code if _EDIT.match(line)]
    if edits and any(line.strip() and not line.startswith("#") for line in code):
        raise ValueError(f"{where}: mixes edits of the reference with an answer of its own")
    if not any(line.strip() and not line.startswith("#") for line in code):
        for line in filter(str.strip, code):
            if not _EDIT.match(line) and (not edits or _LIKE_AN_EDIT.match(line)):
                raise ValueError(f"{where}: `{line}` is neither code nor an edit (`# - `, `# + `)")
    source = _edited(where, reference, edits) if edits else "\n".join(code).strip("\n")
    _is_an_answer(where, path.stem, source)
    return KnownAnswer(
        answer=path.stem,
        name=head["name"],
        expected=expected,
        source=source,
        check=fields["check"][0] if fields["check"] else "",
        says=tuple(fields["says"]),
        raises=" ".join(fields["raises"]),
    )


def _is_an_answer(where: str, answer: str, source: str) -> None:
    """An answer that is not even one fails every check, and proves none."""
    try:
        ast.parse(source)
    except NOT_PYTHON as error:
        line = f" (line {error.lineno})" if isinstance(error, SyntaxError) else ""
        raise ValueError(f"{where}: is not Python{line}") from error
    if answer not in bound_names(source):
        raise ValueError(f"{where}: does not define `{answer}`")


def lacking(assignment: Assignment, known: tuple[KnownAnswer, ...]) -> Iterator[Finding]:
    """What a chapter's known answers still lack, each with the cell of its answer or check.

    known: see `known_answers`
    """
    checks = [check.grade_id for check in assignment.checks]
    for cell in assignment.answers:
        for said in _lacks(cell.grade_id, known, checks):
            yield Finding(cell.grade_id, said, cell.index)
    proved = {each.check for each in known}
    for check in assignment.checks:
        if check.grade_id not in proved:
            said = "no known answer is wrong there, so nothing shows that it can fail"
            yield Finding(check.grade_id, said, check.index)


def _lacks(answer: str, known: tuple[KnownAnswer, ...], checks: Collection[str]) -> Iterator[str]:
    own = [each for each in known if each.answer == answer]
    kinds = Counter(each.expected.value for each in own)
    few = [f"{kinds[kind]} {kind} of {n}" for kind, n in FEWEST.items() if kinds[kind] < n]
    if few:
        yield f"has too few known answers ({', '.join(few)})"
    for name, times in Counter(each.name for each in own).items():
        if times > 1:
            yield f"{times} known answers are called {name}"
    for names in _same_source(own):
        yield f"known answers with the same text: {', '.join(names)}"
    for each in own:
        if each.check and each.check not in checks:
            yield f"{each.name} names {each.check}, which is no check"


def _same_source(known: list[KnownAnswer]) -> Iterator[list[str]]:
    by_source: dict[str, list[str]] = {}
    for each in known:
        by_source.setdefault(each.source, []).append(each.name)
    return (names for names in by_source.values() if len(names) > 1)


def strays(course: Course) -> tuple[str, ...]:
    """Folders of known answers that belong to no chapter: nobody would run them."""
    folder = course.root / "tests" / "misconceptions"
    if not folder.is_dir():
        return ()
    return tuple(
        sorted(
            path.name
            for path in folder.iterdir()
            if path.is_dir() and path.name not in course.chapters and any(path.glob("*.py"))
        )
    )


def _edited(where: str, reference: str, edits: list[str]) -> str:
    """Replace each run of `# - ` lines in the reference by the `# + ` lines that follow it."""
    source = reference
    old: list[str] = []
    new: list[str] = []
    for line in edits:
        removed = line.startswith("# -")
        if removed and new:
            source = _replace_once(where, source, old, new)
            old, new = [], []
        (old if removed else new).append(line[4:])
    return _replace_once(where, source, old, new)


def _replace_once(where: str, source: str, old: list[str], new: list[str]) -> str:
    """Replace whole lines; with nothing to put in their place they are cut out."""
    if not old:
        raise ValueError(f"{where}: `# + ` lines replace nothing; put `# - ` lines before them")
    lines = source.split("\n")
    places = [n for n in range(len(lines)) if lines[n : n + len(old)] == old]
    if len(places) != 1:
        text = "\n".join(old)
        raise ValueError(f"{where}: `{text}` stands {len(places)} times in the reference")
    (start,) = places
    return "\n".join([*lines[:start], *new, *lines[start + len(old) :]])
