"""Values that pass many a comparison without being right: an empty array, and NaN.

`np.allclose(np.empty(0), x)` is true, a loop over nothing fails nowhere, and NaN is neither above
nor below a threshold. A function that returns such a value earns no point of its exercise, and one
that returns it in place of a part of its tuple or dict does not earn them all.
"""

import ast
from collections.abc import Iterator

import pytest
from known import COURSE, blueprint, source, trains

from autograder.assignment.outcome import Outcome
from autograder.authoring.misconceptions import Expected, KnownAnswer, reference_answer
from autograder.gate.judge import Engines, checks_of, judge
from autograder.gate.universal import functions, parts, returning, spoiled

VALUES = {"empty": "np.empty(0)", "nan": "float('nan')"}


def trained(chapter: str, answer: str) -> bool:
    """Whether a check of the exercise trains a model: then only what does not train is tried."""
    return trains(chapter, KnownAnswer(answer, "", Expected.RIGHT, ""))


WHOLE, PARTS = [], []
for _chapter in COURSE.chapters:
    for _answer in source(_chapter).answers:
        _tree = ast.parse(reference_answer(_answer.source))
        _is_class = any(isinstance(node, ast.ClassDef) for node in _tree.body)
        for _number, _function in enumerate(functions(_tree)):
            _id = f"{_chapter}-{_answer.grade_id}-{_function.name}"
            _case = (_chapter, _answer.grade_id, _number)
            WHOLE.append(pytest.param(*_case, _is_class, id=_id))
            if not trained(_chapter, _answer.grade_id):
                PARTS += [
                    pytest.param(*_case, part, id=f"{_id}-{part}")
                    for part in range(parts(_function))
                ]


@pytest.fixture(scope="module")
def engines() -> Iterator[Engines]:
    with Engines(blueprint) as engines:
        yield engines


def reference(chapter: str, answer: str) -> str:
    return reference_answer(source(chapter).answer(answer).source)


def passed(engines: Engines, chapter: str, answer: str, text: str) -> list[str]:
    """Checks of an exercise that give points to an answer."""
    runs = judge(
        engines.of(chapter), blueprint(chapter), source(chapter), {answer: text},
        checks_of(source(chapter), answer), inside=False,
    )  # fmt: skip
    return [name for name, run in runs.items() if run.outcome is Outcome.PASSED or run.score > 0]


@pytest.mark.slow
@pytest.mark.parametrize(("chapter", "answer", "number", "is_class"), WHOLE)
def test_nothing_but_such_a_value_earns_nothing(
    chapter: str, answer: str, number: int, is_class: bool, engines: Engines
) -> None:
    """A class has other methods, whose checks may pass."""
    texts = {
        name: returning(reference(chapter, answer), number, value)
        for name, value in VALUES.items()
    }  # fmt: skip
    earned = {name: passed(engines, chapter, answer, text) for name, text in texts.items()}
    if is_class:
        every = checks_of(source(chapter), answer)
        assert [name for name, checks in earned.items() if checks == every] == []
    else:
        assert earned == {name: [] for name in VALUES}


@pytest.mark.slow
@pytest.mark.parametrize(("chapter", "answer", "number", "part"), PARTS)
def test_such_a_value_among_others_does_not_earn_everything(
    chapter: str, answer: str, number: int, part: int, engines: Engines
) -> None:
    every = checks_of(source(chapter), answer)
    for name, value in VALUES.items():
        text = spoiled(reference(chapter, answer), number, part, value)
        assert passed(engines, chapter, answer, text) != every, name
