"""Every check is proved: known wrong answers fail it with its words, known right ones pass it.

Each answer is judged isolated, as in grading. Right and vacuous ones, and the first wrong one of
each check, are judged once more in their own process, as in a student's kernel, and the two must
agree. Training takes time: what takes longer than `QUICK` is judged once (the reference is graded
both ways in test_notebooks.py), and where a check trains, the first few answers of each kind.
`make prove` (AUTOGRADER_THOROUGH=1) judges all of them twice.
And the format of `tests/misconceptions/` itself.
"""

import os
import re
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from known import COURSE, blueprint, source, trains

from autograder.assignment.notebook import read_assignment
from autograder.assignment.outcome import Outcome
from autograder.authoring.misconceptions import (
    Expected,
    KnownAnswer,
    known_answers,
    read_known_answers,
)
from autograder.gate.judge import Engines, Judged, checks_of, differences, judge

QUICK = 2.0
"""Seconds."""
QUOTED_LINE = re.compile(r" \(line \d+: `.*`\)$", re.DOTALL)
THOROUGH = os.environ.get("AUTOGRADER_THOROUGH") == "1"


def known_by_turn() -> Iterator[tuple[str, KnownAnswer, int]]:
    """All known answers, each with the number of those of its kind before it.

    A kind: the right, or the vacuous answers of an exercise, or the wrong ones to one check.
    """
    for chapter in COURSE.chapters:
        turns: Counter[tuple[str, Expected, str]] = Counter()
        for known in known_answers(COURSE, source(chapter)):
            kind = known.answer, known.expected, known.check
            yield chapter, known, turns[kind]
            turns[kind] += 1


def enough(chapter: str, known: KnownAnswer) -> int:
    """How many answers of its kind are judged where a check trains.

    Two right ones and a vacuous one of an exercise; a wrong one of each training check, and two
    more where the exercise has not got three that are wrong without training.
    """
    if known.expected is not Expected.WRONG:
        return 2 if known.expected is Expected.RIGHT else 1
    quick = [
        other
        for other in known_answers(COURSE, source(chapter))
        if other.answer == known.answer
        and other.expected is Expected.WRONG
        and not trains(chapter, other)
    ]
    return 1 if len(quick) >= 3 else 3


KNOWN = [
    pytest.param(
        *(chapter, known, turn == 0),
        id=f"{chapter}-{known.answer}-{known.expected.value}-{known.name}",
    )
    for chapter, known, turn in known_by_turn()
    if THOROUGH or not trains(chapter, known) or turn < enough(chapter, known)
]


class Judge:
    """Judges known answers, in the engine of one chapter at a time."""

    def __init__(self, engines: Engines) -> None:
        self._engines = engines

    def __call__(
        self, chapter: str, known: KnownAnswer, checks: list[str], first: bool
    ) -> tuple[Judged, Judged]:
        """What the checks say, isolated and inside; asserts that they agree.

        first: whether it is the first of its kind, for which the two are compared; where they
               are not, what was said isolated stands for both
        """
        engine = self._engines.of(chapter)
        answers = {known.answer: known.source}
        arguments = (engine, blueprint(chapter), source(chapter), answers, checks)
        began = time.monotonic()
        isolated = judge(*arguments, inside=False)
        assert list(isolated) == checks
        quick = time.monotonic() - began <= QUICK
        if not (THOROUGH or (quick and (first or known.expected is not Expected.WRONG))):
            return isolated, isolated
        in_kernel = judge(*arguments, inside=True)
        assert list(differences(isolated, in_kernel)) == []
        return isolated, in_kernel


@pytest.fixture(scope="module")
def judged() -> Iterator[Judge]:
    with Engines(blueprint) as engines:
        yield Judge(engines)


@pytest.mark.slow
@pytest.mark.parametrize(("chapter", "known", "first"), KNOWN)
def test_known_answer_gets_what_it_deserves(
    chapter: str, known: KnownAnswer, first: bool, judged: Judge
) -> None:
    """Wrong fails the named check with its words, right passes all, vacuous fails all."""
    wrong = known.expected is Expected.WRONG
    checks = [known.check] if wrong else checks_of(source(chapter), known.answer)
    runs, in_kernel = judged(chapter, known, checks, first)
    passed = [name for name, run in runs.items() if run.outcome is Outcome.PASSED]
    said = {name: run.message for name, run in runs.items()}
    if wrong:
        assert passed == []
        for run in (runs[known.check], in_kernel[known.check]):
            # An error's message quotes the line where it came up, and with it the check's own words.
            message = QUOTED_LINE.sub("", run.message)
            assert [words for words in known.says if words not in message] == [], run.message
    elif known.expected is Expected.RIGHT:
        assert passed == checks, said
    else:
        assert passed == [], said


REFERENCE = """\
def mean(values):
    total = 0
    for value in values:
        total += value

    return total / len(values)"""


def read(tmp_path: Path, text: str) -> tuple[KnownAnswer, ...]:
    path = tmp_path / "mean.py"
    path.write_text('"""What the file is."""\n\n' + text, encoding="utf-8")
    return read_known_answers(path, REFERENCE)


def read_edit(tmp_path: Path, *lines: str) -> str:
    (known,) = read(tmp_path, "\n".join(["# %% right edited", *lines, ""]))
    return known.source


def refusal(tmp_path: Path, text: str) -> str:
    with pytest.raises(ValueError, match=r"stands|names|is not|mixes|replace") as caught:
        read(tmp_path, text)
    assert str(tmp_path / "mean.py") in str(caught.value)
    return str(caught.value)


def test_whole_answers_are_read_with_what_is_expected_of_them(tmp_path: Path) -> None:
    text = """\
# %% wrong forgets_to_divide
# check: mean-values
# says: the sum
# says: is not – the mean
def mean(values):
    return sum(values)
# says: this is a comment of the answer


# %% right by_sum
def mean(values):
    return sum(values) / len(values)


# %% vacuous zero
def mean(values):
    return 0
"""
    wrong, right, vacuous = read(tmp_path, text)
    assert wrong == KnownAnswer(
        answer="mean",
        name="forgets_to_divide",
        expected=Expected.WRONG,
        source="def mean(values):\n    return sum(values)\n# says: this is a comment of the answer",
        check="mean-values",
        says=("the sum", "is not – the mean"),
    )
    assert (right.expected, right.name, right.check, right.says) == (
        Expected.RIGHT, "by_sum", "", ()
    )  # fmt: skip
    assert right.source == "def mean(values):\n    return sum(values) / len(values)"
    assert (vacuous.expected, vacuous.name) == (Expected.VACUOUS, "zero")


def test_edit_replaces_lines_of_the_reference(tmp_path: Path) -> None:
    edited = read_edit(
        tmp_path,
        "# -     return total / len(values)",
        "# +     count = len(values)",
        "# +     return total / count",
    )
    assert edited == REFERENCE.replace(
        "    return total / len(values)", "    count = len(values)\n    return total / count"
    )


def test_edit_with_nothing_in_its_place_cuts_lines_out(tmp_path: Path) -> None:
    edited = read_edit(
        tmp_path, "# -     for value in values:", "# -         total += value"
    )  # fmt: skip
    assert edited == "def mean(values):\n    total = 0\n\n    return total / len(values)"


def test_several_edits_are_applied_one_after_the_other(tmp_path: Path) -> None:
    edited = read_edit(
        tmp_path,
        "# -     total = 0",
        "# +     total = 1",
        "# -     return total / len(values)",
        "# +     return total",
    )
    assert edited == REFERENCE.replace("total = 0", "total = 1").replace(" / len(values)", "")


def test_edit_may_take_out_and_put_in_an_empty_line(tmp_path: Path) -> None:
    """Formatters cut the space at the end of a line, so the mark alone is an empty line."""
    edited = read_edit(
        tmp_path,
        "# -         total += value",
        "# -",
        "# +         total += value",
        "# -     total = 0",
        "# +     total = 0",
        "# +",
    )
    assert edited == (
        "def mean(values):\n    total = 0\n\n    for value in values:\n        total += value\n"
        "    return total / len(values)"
    )


HEAD = "# %% wrong edited\n# check: mean-values\n# says: no\n"


@pytest.mark.parametrize(
    ("edit", "told"),
    [
        ("# -     total = 7\n# +     total = 1\n", "stands 0 times"),
        ("# - total = 0\n# + total = 1\n", "stands 0 times"),
        ("# -     total\n# +     total = 1\n", "stands 0 times"),
        ("# +     total = 1\n", "replace nothing"),
    ],
    ids=["not_there", "other_indentation", "part_of_a_line", "nothing_to_replace"],
)
def test_edit_that_does_not_fit_names_file_and_cell(tmp_path: Path, edit: str, told: str) -> None:
    message = refusal(tmp_path, HEAD + edit)
    assert "edited" in message
    assert told in message


def test_edit_that_fits_twice_names_file_and_cell(tmp_path: Path) -> None:
    path = tmp_path / "twice.py"
    path.write_text("# %% right edited\n# -     x += 1\n# +     x += 2\n")
    with pytest.raises(ValueError, match=r"twice\.py: edited: .*stands 2 times"):
        read_known_answers(path, "def f(x):\n    x += 1\n    x += 1\n    return x")


def test_edit_beside_code_is_refused(tmp_path: Path) -> None:
    """Otherwise the code would be left out without a word."""
    text = HEAD + "# -     total = 0\n# +     total = 1\n\ndef mean(values):\n    return 0\n"
    assert "edited" in refusal(tmp_path, text)


@pytest.mark.parametrize(
    "fields",
    ["", "# check: mean-values\n", "# says: no\n", "# check: a\n# check: b\n# says: no\n"],
    ids=["neither", "no_words", "no_check", "two_checks"],
)
def test_wrong_answer_must_name_one_check_and_its_words(tmp_path: Path, fields: str) -> None:
    message = refusal(tmp_path, f"# %% wrong bare\n{fields}def mean(values):\n    return 0\n")
    assert "bare" in message


@pytest.mark.parametrize("head", ["wrong", "false answer", "right Two", "right a-b", "right a b"])
def test_bad_head_of_a_cell_is_named(tmp_path: Path, head: str) -> None:
    assert head in refusal(tmp_path, f"# %% {head}\ndef mean(values):\n    return 0\n")


def test_file_for_an_exercise_that_is_not_there_is_named(tmp_path: Path) -> None:
    from throwaway_course import make_course

    from autograder.assignment.errors import UserError

    course = make_course(tmp_path / "course")
    folder = course.root / "tests" / "misconceptions" / "01_sums"
    folder.mkdir(parents=True)
    (folder / "subtract.py").write_text("# %% vacuous nothing\npass\n")
    assignment: Any = read_assignment(course.solutions / "01_sums" / "sums.ipynb")
    with pytest.raises(UserError, match=r"subtract\.py.*01_sums"):
        known_answers(course, assignment)
