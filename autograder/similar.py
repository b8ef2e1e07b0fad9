"""Answers of a class that are alike beyond what the course gave: places to look, no verdicts.

Many short answers can hardly be written two ways. So what the course gave (stubs, the reference,
given cells) does not count, nor is a pair shown unless it stands out of its own exercise.
"""

import itertools
import math
import random
import statistics
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from autograder.assignment import Kind, grade_id_of, kind_of, read_notebook
from autograder.blueprint import Blueprint
from autograder.fingerprint import LENGTH, Fingerprint, fingerprint
from autograder.merge import merge
from autograder.nbgrader_course import NbgraderCourse
from autograder.submission import read_submission

LEAST_TOKENS = 40
"""Tokens that a pair must share, beyond what the course gave and many of the class wrote."""
LEAST_SHARE = 0.6
"""Share of the smaller answer that a pair must have in common, in any exercise."""

_COMMON_WAY = 10, 0.05
"""What more students than this (and this share of them) wrote is the class's own common way."""
_FEWEST_FOR_MEDIAN = 5
"""Answers from which on there is a class to stand out of."""
_SAMPLE = 2_000
_MAX_CANDIDATES = 20_000

Progress = Callable[[str, int, int], None]
Pieces = tuple[tuple[str, bool], ...]


@dataclass(frozen=True)
class Pair:
    """Two answers to look at.

    share:  of the smaller answer's own tokens, those that the other has too; 0 to 1
    tokens: that both have and few others; own means beyond what the course gave
    pieces: of both texts, in order, and whether each piece is shared
    """

    students: tuple[str, str]
    share: float
    tokens: int
    pieces: tuple[Pieces, Pieces] = field(repr=False)


@dataclass(frozen=True)
class Exercise:
    """One exercise of a class.

    answers:   that have enough of their own to be compared
    average:   share in common of two of them, on average; None if there are not two
    median:    of the same; both of a sample where there are many
    threshold: share from which on a pair stands out; None if none can
    pairs:     those that stand out, most alike first
    cut:       whether there were too many to look at all of them
    """

    notebook: str
    name: str
    answers: int
    average: float | None = None
    median: float | None = None
    threshold: float | None = None
    pairs: tuple[Pair, ...] = ()
    cut: bool = False


@dataclass(frozen=True)
class Similarity:
    """A class's exercises; notes say what could not be known."""

    assignment: str
    students: int
    exercises: tuple[Exercise, ...]
    notes: tuple[str, ...] = ()

    @property
    def pairs(self) -> int:
        return sum(len(exercise.pairs) for exercise in self.exercises)

    def as_json(self) -> dict[str, Any]:
        """The report as plain data, for `--json`; without the answers' texts."""
        return {
            "assignment": self.assignment,
            "students": self.students,
            "exercises": [
                {
                    "notebook": one.notebook,
                    "exercise": one.name,
                    "answers": one.answers,
                    "average": _rounded(one.average),
                    "median": _rounded(one.median),
                    "threshold": _rounded(one.threshold),
                    "cut": one.cut,
                    "pairs": [
                        {
                            "students": list(pair.students),
                            "similarity": _rounded(pair.share),
                            "tokens": pair.tokens,
                        }
                        for pair in one.pairs
                    ],
                }
                for one in self.exercises
            ],
            "notes": list(self.notes),
        }


def _rounded(share: float | None) -> float | None:
    return None if share is None else round(share, 3)


def similar(
    course: NbgraderCourse,
    blueprint: Blueprint,
    *,
    least: float = LEAST_SHARE,
    progress: Progress = lambda what, done, total: None,
) -> Similarity:
    """Compare what a class submitted for an assignment, exercise by exercise.

    Only code is compared, answer by answer as grading sees them; nothing of it is run.
    least:    share of the smaller answer that a pair must have in common
    progress: called with (what is being done, how much of it is done, how much there is)
    """
    students = course.students(blueprint.assignment)
    answers = _read_answers(course, blueprint, students, progress)
    code, notes = _given(course, blueprint)
    given = {name: stretches(texts) for name, texts in code.items()}
    exercises = []
    for number, ((notebook, name), texts) in enumerate(answers.items()):
        progress(name, number, len(answers))
        exercises.append(compare(notebook, name, texts, given[notebook], least=least))
    progress("done", len(answers), len(answers))
    return Similarity(blueprint.assignment, len(students), tuple(exercises), notes)


def _read_answers(
    course: NbgraderCourse, blueprint: Blueprint, students: Iterable[str], progress: Progress
) -> dict[tuple[str, str], dict[str, str]]:
    """Texts by (notebook, answer) and student; an answer that is not there is left out."""
    everybody = list(students)
    found: dict[tuple[str, str], dict[str, str]] = {
        (notebook.name, grade_id_of(cell)): {}
        for notebook in blueprint.notebooks
        for cell in notebook.notebook.cells
        if _is_code_answer(cell)
    }
    for number, student in enumerate(everybody):
        progress("reading", number, len(everybody))
        folder = course.submission_folder(student, blueprint.assignment)
        submission = read_submission(folder, student, blueprint.assignment)
        for notebook in blueprint.notebooks:
            merged = merge(notebook, submission.files.get(f"{notebook.name}.ipynb"))
            for cell in merged.notebook.cells:
                name = grade_id_of(cell)
                if _is_code_answer(cell) and name not in merged.missing:
                    found[notebook.name, name][student] = cell.source
    return found


def _is_code_answer(cell: Any) -> bool:
    return cell.cell_type == "code" and kind_of(cell) in (Kind.ANSWER, Kind.WRITTEN)


def _given(
    course: NbgraderCourse, blueprint: Blueprint
) -> tuple[dict[str, list[str]], tuple[str, ...]]:
    """All code that the course gave, by notebook: stubs, checks, given cells and the reference."""
    given = {notebook.name: _code(notebook.notebook) for notebook in blueprint.notebooks}
    notes = []
    for notebook in blueprint.notebooks:
        path = course.source_folder(blueprint.assignment) / f"{notebook.name}.ipynb"
        if path.is_file():
            given[notebook.name] += _code(read_notebook(path))
        else:
            notes.append(
                f"{notebook.name}: there is no source, so the reference is not known; "
                "answers that follow it may be shown"
            )
    return given, tuple(notes)


def _code(notebook: Any) -> list[str]:
    return [cell.source for cell in notebook.cells if cell.cell_type == "code"]


@dataclass(frozen=True)
class _Answer:
    """A text that one or more students wrote, names and layout apart.

    own:       which of its tokens the course did not give, shape (tokens,)
    stretches: all of its stretches that the course did not give
    rare:      those that only few of the class wrote
    """

    print: Fingerprint
    own: NDArray[np.bool_]
    stretches: frozenset[int]
    rare: frozenset[int] = frozenset()

    @property
    def size(self) -> int:
        return int(self.own.sum())


def stretches(texts: Iterable[str]) -> frozenset[int]:
    """The stretches of several texts together; see `fingerprint`."""
    return frozenset(int(one) for text in texts for one in fingerprint(text).stretches)


def compare(
    notebook: str,
    name: str,
    texts: Mapping[str, str],
    given: frozenset[int],
    *,
    least: float = LEAST_SHARE,
) -> Exercise:
    """Compare the answers to one exercise.

    texts: by student
    given: `stretches` of the course's code, which do not count
    """
    answers, authors = _distinct(texts, given)
    count = sum(map(len, authors))
    if count < 2:
        return Exercise(notebook, name, count)
    answers = _with_rare(answers, authors)
    shares = _sampled_shares(answers, authors)
    average, median = statistics.fmean(shares), statistics.median(shares)
    threshold: float | None = least
    if count >= _FEWEST_FOR_MEDIAN:
        threshold = max(least, (1 + median) / 2) if median < 1 else None
    if threshold is None:
        return Exercise(notebook, name, count, average, median)
    candidates, cut = _candidates(answers)
    pairs: list[Pair] = []
    for one, other in itertools.chain(((n, n) for n in range(len(answers))), candidates):
        tokens = _rare_tokens(answers[one], answers[other])
        share = _share(answers[one], answers[other]) if tokens >= LEAST_TOKENS else 0.0
        if tokens >= LEAST_TOKENS and share >= threshold:
            pieces = _pieces(answers[one], answers[other])
            pairs += [
                Pair(couple, share, tokens, pieces)
                if couple[0] < couple[1]
                else Pair(couple[::-1], share, tokens, pieces[::-1])
                for couple in (
                    itertools.combinations(authors[one], 2)
                    if one == other
                    else itertools.product(authors[one], authors[other])
                )
            ]
    pairs.sort(key=lambda pair: (-pair.share, -pair.tokens, pair.students))
    return Exercise(notebook, name, count, average, median, threshold, tuple(pairs), cut)


def _distinct(
    texts: Mapping[str, str], given: frozenset[int]
) -> tuple[list[_Answer], list[list[str]]]:
    """The different answers with enough of their own, and the students who wrote each."""
    prints: dict[str, Fingerprint] = {}
    answers: dict[str, _Answer] = {}
    authors: dict[str, list[str]] = {}
    for student in sorted(texts):
        text = texts[student]
        if text not in prints:
            prints[text] = fingerprint(text)
        known = prints[text]
        if known.reduced not in answers:
            stretches = frozenset(map(int, known.stretches)) - given
            answers[known.reduced] = _Answer(known, ~known.covered(given), stretches)
        authors.setdefault(known.reduced, []).append(student)
    kept = [reduced for reduced, answer in answers.items() if answer.size >= LEAST_TOKENS]
    return [answers[reduced] for reduced in kept], [authors[reduced] for reduced in kept]


def _with_rare(answers: list[_Answer], authors: list[list[str]]) -> list[_Answer]:
    """The answers, with those of their stretches that only few students wrote."""
    writers: Counter[int] = Counter()
    for answer, students in zip(answers, authors, strict=True):
        for stretch in answer.stretches:
            writers[stretch] += len(students)
    number, share = _COMMON_WAY
    many = max(number, share * sum(map(len, authors)))
    return [
        _Answer(
            answer.print, answer.own, answer.stretches,
            frozenset(stretch for stretch in answer.stretches if writers[stretch] <= many),
        )
        for answer in answers
    ]  # fmt: skip


def _sampled_shares(answers: list[_Answer], authors: list[list[str]]) -> list[float]:
    """The share in common of every two students' answers, or of enough of them."""
    of_student = [n for n, students in enumerate(authors) for _ in students]
    couples: Iterator[tuple[int, int]] = itertools.combinations(of_student, 2)
    if math.comb(len(of_student), 2) > _SAMPLE:
        chance = random.Random(0)
        couples = ((a, b) for a, b in (chance.sample(of_student, 2) for _ in range(_SAMPLE)))
    known: dict[tuple[int, int], float] = {}
    shares = []
    for couple in couples:
        if couple not in known:
            known[couple] = _share(answers[couple[0]], answers[couple[1]])
        shares.append(known[couple])
    return shares


def _share(one: _Answer, other: _Answer) -> float:
    smaller, larger = sorted((one, other), key=lambda answer: answer.size)
    common = smaller.own & smaller.print.covered(smaller.stretches & larger.stretches)
    return int(common.sum()) / smaller.size


def _candidates(answers: list[_Answer]) -> tuple[list[tuple[int, int]], bool]:
    """Pairs with enough rare stretches in common, most of them first; whether some are left out.

    An index by stretch finds them: answers that share nothing rare never meet.
    """
    from scipy.sparse import coo_array, triu

    column: dict[int, int] = {}
    places = [
        (row, column.setdefault(stretch, len(column)))
        for row, answer in enumerate(answers)
        for stretch in answer.rare
    ]
    if not places:
        return [], False
    rows, columns = np.array(places).T
    ones = np.ones(len(places), np.int32)
    index = coo_array((ones, (rows, columns)), shape=(len(answers), len(column))).tocsr()
    met = triu(index @ index.T, k=1).tocoo()
    enough = np.flatnonzero(met.data >= LEAST_TOKENS / LENGTH)
    most = enough[np.argsort(-met.data[enough], kind="stable")][:_MAX_CANDIDATES]
    pairs = [(int(met.row[n]), int(met.col[n])) for n in most]
    return pairs, len(enough) > _MAX_CANDIDATES


def _rare_tokens(one: _Answer, other: _Answer) -> int:
    rare = one.rare & other.rare
    return min(int((a.own & a.print.covered(rare)).sum()) for a in (one, other))


def _pieces(one: _Answer, other: _Answer) -> tuple[Pieces, Pieces]:
    shared = one.stretches & other.stretches
    first, second = (a.print.pieces(a.own & a.print.covered(shared)) for a in (one, other))
    return first, second
