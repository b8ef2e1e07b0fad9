"""Answers of a class that are alike beyond what the course gave: places to look, no verdicts.

Many short answers can hardly be written two ways. So what the course gave (stubs, the reference,
given cells) does not count, nor is a pair shown unless it stands out of its own exercise. A long
answer that several students wrote alike stands out whatever the others did, and however many they
are; so do copies of which each was changed a little.
"""

import itertools
import math
import random
import statistics
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from autograder.assignment.errors import UserError

try:
    import numpy as np
    from numpy.typing import NDArray
    from scipy.sparse import coo_array, triu

    from autograder.pages.similar.fingerprint import LENGTH, Fingerprint, fingerprint
except ImportError as error:
    raise UserError("`similar` needs copydetect and SciPy: pip install copydetect scipy") from error

LEAST_TOKENS = 40
"""Tokens that a pair must share, beyond what the course gave and many of the class wrote."""
LONG_TOKENS = 80
"""Tokens of its own, four or five lines, from which on the same answer is no class's common way."""
LEAST_SHARE = 0.6
"""Share of the smaller answer that a pair must have in common, in any exercise."""

_COMMON_WAY = 10, 0.05
"""What more students than this (and this share of them) wrote is the class's own common way. A
long answer counts once, however many wrote it: the others may have it from one of them."""
_NEAR = 0.75
"""Share of each of two long answers in common from which on one may be the other, changed a little."""
_FEWEST_FOR_MEDIAN = 5
"""Answers from which on there is a class to stand out of."""
NAMED, _FIRST = 10, 6
"""So many names are in one line; of more only the first ones are."""
_SAMPLE = 2_000
_MAX_CANDIDATES = 20_000

Pieces = tuple[tuple[str, bool], ...]


@dataclass(frozen=True)
class Pair:
    """Two answers to look at.

    students: two; or more, sorted, if all of them wrote the same but for names and layout, or many
              of them nearly the same
    share:    of the smaller answer's own tokens, those that the other has too; 0 to 1; of many
              the least that one of them and the first have in common, of either
    tokens:   that both have and few others, or of a long answer all that are its own, which
              means beyond what the course gave
    pieces:   of the texts of the first two, in order, and whether each piece is shared
    """

    students: tuple[str, ...]
    share: float
    tokens: int
    pieces: tuple[Pieces, Pieces] = field(repr=False)


@dataclass(frozen=True)
class Exercise:
    """One exercise of a class.

    answers:   that have enough of their own to be compared
    average:   share in common of two of them, on average; None if there are not two
    median:    of the same; both of a sample where there are many
    threshold: share from which on a pair stands out; None if only long answers can, where they
               are the same
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


def joined(students: Sequence[str]) -> str:
    """Names in one line: `a, b and c`; of many the first ones, and how many they are."""
    if len(students) > NAMED:
        first = ", ".join(students[:_FIRST])
        return f"{len(students)} students: {first} and {len(students) - _FIRST} more"
    return " and ".join(filter(None, (", ".join(students[:-1]), students[-1])))


def _rounded(share: float | None) -> float | None:
    return None if share is None else round(share, 3)


@dataclass(frozen=True)
class _Answer:
    """What one or more students wrote, names and layout apart.

    prints:    of each of them, by student; they differ in the text only
    own:       which of its tokens the course did not give, shape (tokens,)
    stretches: all of its stretches that the course did not give
    rare:      those that only few of the class wrote
    """

    prints: dict[str, Fingerprint]
    own: NDArray[np.bool_]
    stretches: frozenset[int]
    rare: frozenset[int] = frozenset()

    @property
    def size(self) -> int:
        return int(self.own.sum())

    @property
    def is_long(self) -> bool:
        return self.size >= LONG_TOKENS

    def common(self, stretches: frozenset[int]) -> NDArray[np.bool_]:
        """Which of its own tokens lie in these stretches."""
        return self.own & next(iter(self.prints.values())).covered(stretches)


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
    answers = _distinct(texts, given)
    families = _families(answers)
    answers = _with_rare(answers, families)
    count = sum(len(answer.prints) for answer in answers)
    if count < 2:
        return Exercise(notebook, name, count)
    shares = _sampled_shares(answers)
    average, median = statistics.fmean(shares), statistics.median(shares)
    threshold: float | None = least
    if count >= _FEWEST_FOR_MEDIAN:
        threshold = max(least, (1 + median) / 2) if median < 1 else None
    pairs = [*_groups(answers, many_alike=threshold is None)]
    pairs += [_family_pair([answers[n] for n in family]) for family in families]
    cut = False
    if threshold is not None:
        candidates, cut = _candidates(answers)
        # Of a family, which is shown together, the first stands for all.
        others = {n for family in families for n in family[1:]}
        for one, other in candidates:
            if one not in others and other not in others:
                pairs += _pairs(answers[one], answers[other], threshold)
    pairs.sort(key=lambda pair: (-pair.share * pair.tokens, pair.students))
    return Exercise(notebook, name, count, average, median, threshold, tuple(pairs), cut)


def _distinct(texts: Mapping[str, str], given: frozenset[int]) -> list[_Answer]:
    """The different answers with enough of their own."""
    prints: dict[str, Fingerprint] = {}
    same: dict[str, dict[str, Fingerprint]] = {}
    for student in sorted(texts):
        text = texts[student]
        if text not in prints:
            prints[text] = fingerprint(text)
        same.setdefault(prints[text].reduced, {})[student] = prints[text]
    answers = []
    for group in same.values():
        first = next(iter(group.values()))
        own = ~first.covered(given)
        answers.append(_Answer(group, own, frozenset(map(int, first.stretches)) - given))
    return [answer for answer in answers if answer.size >= LEAST_TOKENS]


def _families(answers: list[_Answer]) -> list[list[int]]:
    """Long answers that are each nearly the first of them, where they are many; by their places.

    They are no class's common way of writing it: they differ as copies do that were each changed.
    """
    places = [place for place, answer in enumerate(answers) if answer.is_long]
    families: list[list[int]] = []
    for place in places:
        for family in families:
            if _is_near(answers[family[0]], answers[place]):
                family.append(place)
                break
        else:
            families.append([place])
    return [family for family in families if len(family) > _COMMON_WAY[0]]


def _is_near(one: _Answer, other: _Answer) -> bool:
    """Whether each of two answers has nearly all of the other."""
    if min(one.size, other.size) < _NEAR * max(one.size, other.size):
        return False
    shared = one.stretches & other.stretches
    # A stretch is LENGTH tokens: what so few of them cover is less than that.
    if len(shared) * LENGTH < _NEAR * max(one.size, other.size):
        return False
    return all(int(each.common(shared).sum()) >= _NEAR * each.size for each in (one, other))


def _family_pair(family: list[_Answer]) -> Pair:
    """All who wrote one of these answers, and the texts of two of them."""
    first = family[0]
    whose = {student: answer for answer in family for student in answer.prints}
    students = tuple(sorted(whose))
    two = [(whose[student], whose[student].prints[student]) for student in students[:2]]
    shared = two[0][0].stretches & two[1][0].stretches
    one, other = (print.pieces(answer.common(shared)) for answer, print in two)
    alike = [(answer, first.stretches & answer.stretches) for answer in family[1:]]
    return Pair(
        students,
        min(int(a.common(s).sum()) / a.size for answer, s in alike for a in (first, answer)),
        min(int(first.common(s).sum()) for _, s in alike),
        (one, other),
    )


def _with_rare(answers: list[_Answer], families: list[list[int]]) -> list[_Answer]:
    """The answers, with those of their stretches that only few students wrote.

    families: of which each counts once, as a long answer does that many wrote
    """
    writers: Counter[int] = Counter()
    in_families = {place for family in families for place in family}
    for family in families:
        writers.update(frozenset().union(*(answers[place].stretches for place in family)))
    for place, answer in enumerate(answers):
        if place not in in_families:
            for stretch in answer.stretches:
                writers[stretch] += 1 if answer.is_long else len(answer.prints)
    number, share = _COMMON_WAY
    many = max(number, share * sum(len(answer.prints) for answer in answers))
    return [
        replace(answer, rare=frozenset(s for s in answer.stretches if writers[s] <= many))
        for answer in answers
    ]


def _sampled_shares(answers: list[_Answer]) -> list[float]:
    """The share in common of every two students' answers, or of enough of them."""
    of_student = [n for n, answer in enumerate(answers) for _ in answer.prints]
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
    return int(smaller.common(smaller.stretches & larger.stretches).sum()) / smaller.size


def _candidates(answers: list[_Answer]) -> tuple[list[tuple[int, int]], bool]:
    """Pairs with enough rare stretches in common, most of them first; whether some are left out.

    An index by stretch finds them: answers that share nothing rare never meet.
    """
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
    return [(int(met.row[n]), int(met.col[n])) for n in most], len(enough) > _MAX_CANDIDATES


def _groups(answers: Iterable[_Answer], *, many_alike: bool) -> Iterator[Pair]:
    """Those who wrote the same, answer by answer.

    many_alike: whether half of the class is alike, so that no short answer stands out
    """
    for answer in answers:
        if len(answer.prints) < 2:
            continue
        tokens = answer.size
        if not answer.is_long:
            tokens = 0 if many_alike else int(answer.common(answer.rare).sum())
        if tokens >= LEAST_TOKENS:
            first, second, *_ = (print.pieces(answer.own) for print in answer.prints.values())
            yield Pair(tuple(answer.prints), 1.0, tokens, (first, second))


def _pairs(one: _Answer, other: _Answer, threshold: float) -> Iterator[Pair]:
    """Every student of the one with every student of the other, if the answers stand out.

    Of many who wrote the same, the first stands for all: they are shown together as well.
    """
    rare = one.rare & other.rare
    tokens = min(int(one.common(rare).sum()), int(other.common(rare).sum()))
    if tokens < LEAST_TOKENS or (share := _share(one, other)) < threshold:
        return
    shared = one.stretches & other.stretches
    masks = one.common(shared), other.common(shared)
    for a, b in itertools.product(_named(one), _named(other)):
        (first, print), (second, beside) = a, b
        pieces = print.pieces(masks[0]), beside.pieces(masks[1])
        if first > second:
            first, second, pieces = second, first, pieces[::-1]
        yield Pair((first, second), share, tokens, pieces)


def _named(answer: _Answer) -> list[tuple[str, Fingerprint]]:
    everybody = list(answer.prints.items())
    return everybody[:1] if answer.is_long and len(everybody) > _COMMON_WAY[0] else everybody
