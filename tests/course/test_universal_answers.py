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

VALUES = {"empty": "np.empty(0)", "nan": "float('nan')"}
SPOILED = """
def _spoiled(value, part, bad):
    parts = list(value.items() if isinstance(value, dict) else enumerate(value))
    assert part < len(parts), 'the part is not there'
    kept = [(key, bad if place == part else one) for place, (key, one) in enumerate(parts)]
    return dict(kept) if isinstance(value, dict) else tuple(one for _, one in kept)
"""


def functions(tree: ast.Module) -> Iterator[ast.FunctionDef]:
    """Those of an answer, and the methods of its classes, that return something."""
    for node in tree.body:
        for each in node.body if isinstance(node, ast.ClassDef) else [node]:
            if isinstance(each, ast.FunctionDef) and list(returns(each)):
                yield each


def returns(function: ast.FunctionDef) -> Iterator[ast.Return]:
    inner = {
        id(node)
        for below in ast.walk(function)
        if isinstance(below, ast.FunctionDef | ast.Lambda) and below is not function
        for node in ast.walk(below)
    }
    for node in ast.walk(function):
        if isinstance(node, ast.Return) and node.value is not None and id(node) not in inner:
            yield node


def parts(function: ast.FunctionDef) -> int:
    """How many values it returns together; 0 if it returns one, or not always as many."""
    sizes = {
        len(node.value.elts)
        if isinstance(node.value, ast.Tuple)
        else len(node.value.keys)
        if isinstance(node.value, ast.Dict)
        else 0
        for node in returns(function)
    }
    return sizes.pop() if len(sizes) == 1 else 0


def returning(answer: str, number: int, value: str) -> str:
    """The answer, one of its functions cut down to its docstring and a value."""
    tree = ast.parse(answer)
    function = list(functions(tree))[number]
    told = function.body[:1] if ast.get_docstring(function) else []
    function.body = [*told, *ast.parse(f"import numpy as np\nreturn {value}").body]
    return ast.unparse(tree)


def spoiled(answer: str, number: int, part: int, value: str) -> str:
    """The answer, a value in place of one part of what one of its functions returns."""
    tree = ast.parse(answer)
    for node in returns(list(functions(tree))[number]):
        assert node.value is not None
        said = f"_spoiled({ast.unparse(node.value)}, {part}, {value})"
        node.value = ast.parse(said, mode="eval").body
    return f"import numpy as np\n{SPOILED}\n{ast.unparse(tree)}"


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
