"""Every check is proved by known answers (see `gate.known`); and the format in which they are kept.

`make prove` (AUTOGRADER_THOROUGH=1) judges all of them twice.
"""

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from known import COURSE, blueprint, source

from autograder.assignment.notebook import read_assignment
from autograder.authoring.misconceptions import (
    Expected,
    KnownAnswer,
    known_answers,
    lacking,
    read_known_answers,
    strays,
)
from autograder.gate.judge import Engines
from autograder.gate.known import Turn, judged, turns

THOROUGH = os.environ.get("AUTOGRADER_THOROUGH") == "1"
KNOWN = [
    pytest.param(
        chapter,
        turn,
        id=f"{chapter}-{turn.known.answer}-{turn.known.expected.value}-{turn.known.name}",
    )
    for chapter in COURSE.chapters
    for turn in turns(source(chapter), known_answers(COURSE, source(chapter)), thorough=THOROUGH)
]


@pytest.fixture(scope="module")
def engines() -> Iterator[Engines]:
    with Engines(blueprint) as engines:
        yield engines


@pytest.mark.slow
@pytest.mark.parametrize(("chapter", "turn"), KNOWN)
def test_known_answer_gets_what_it_deserves(chapter: str, turn: Turn, engines: Engines) -> None:
    """Wrong fails the named check with its words, right passes all, vacuous fails all."""
    assert judged(engines.of(chapter), blueprint(chapter), source(chapter), turn) == ""


@pytest.mark.parametrize("chapter", COURSE.chapters)
def test_no_known_answer_is_lacking(chapter: str) -> None:
    assert list(lacking(source(chapter), known_answers(COURSE, source(chapter)))) == []


def test_no_folder_of_known_answers_is_left_out() -> None:
    assert strays(COURSE) == ()


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
    with pytest.raises(ValueError, match=r"mean\.py: ") as caught:
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


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("#%% right b\ndef mean(values):\n    return 99\n", "`#%% right b` does not begin with"),
        (" # %% right b\ndef mean(values):\n    return 99\n", "does not begin with"),
        ("# %% vacuous none\n", "none: does not define `mean`"),
        ("# %% vacuous none\n\n# says: nothing\n# nothing else\n", "neither code nor an edit"),
        ("# %% vacuous none\ndef mean(values:\n    return 0\n", "none: is not Python (line 1)"),
        ("# %% right typo\ndef maen(values):\n    return 0\n", "typo: does not define `mean`"),
        (
            "# %% right edited\n#-     total = 0\n#+     total = 1\n",
            "`#-     total = 0` is neither",
        ),
        (
            "# %% right edited\n# -     total = 0\n#+     total = 1\n",
            "`#+     total = 1` is neither",
        ),
    ],
)
def test_known_answer_that_is_none_is_refused(tmp_path: Path, text: str, told: str) -> None:
    """It would fail every check, and so prove none."""
    assert told in refusal(tmp_path, text)


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
