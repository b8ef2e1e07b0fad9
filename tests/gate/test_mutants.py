"""Mutants and universal wrong answers: which there are, in which order, and that each is wrong."""

import ast
import textwrap
from typing import Any

import pytest

from autograder.gate.mutants import Mutant, edit, mutants
from autograder.gate.universal import universal


def made(source: str) -> tuple[Mutant, ...]:
    return mutants(textwrap.dedent(source).strip("\n"))


def edits(source: str, *kinds: str) -> list[str]:
    """The edits of a source's mutants; of some kinds, if any are named."""
    return [one.edit for one in made(source) if not kinds or one.kind in kinds]


def new(source: str, *kinds: str) -> list[str]:
    """What the edits put in place of the old line."""
    return [one.split("\n")[-1].removeprefix("+ ") for one in edits(source, *kinds)]


def ran(source: str) -> dict[str, Any]:
    names: dict[str, Any] = {}
    exec(source, names)
    return names


def test_order_is_that_of_the_text_and_nothing_is_there_twice() -> None:
    source = "def f(a, b):\n    if a < b:\n        return a - 1\n    return max(a, 2)"
    first, second = mutants(source), mutants(source)
    assert first == second
    codes = [ast.unparse(ast.parse(one.source)) for one in first]
    assert len(set(codes)) == len(codes)
    assert ast.unparse(ast.parse(source)) not in codes
    assert [(one.kind, one.line, one.edit) for one in first] == [
        ("parameter", 1, "+ a = 1"),
        ("parameter", 1, "+ b = 1"),
        ("statement", 2, "- if a < b: …"),
        ("comparison", 2, "- if a < b:\n+ if a <= b:"),
        ("comparison", 2, "- if a < b:\n+ if a >= b:"),
        ("operator", 3, "- return a - 1\n+ return a + 1"),
        ("constant", 3, "- return a - 1\n+ return a - 2"),
        ("constant", 3, "- return a - 1\n+ return a - 0"),
        ("statement", 4, "- return max(a, 2)"),
        ("function", 4, "- return max(a, 2)\n+ return min(a, 2)"),
        ("constant", 4, "- return max(a, 2)\n+ return max(a, 3)"),
        ("constant", 4, "- return max(a, 2)\n+ return max(a, 1)"),
        ("constant", 4, "- return max(a, 2)\n+ return max(a, 0)"),
        ("constant", 4, "- return max(a, 2)\n+ return max(a, -2)"),
    ]


def test_lines_are_those_of_the_cell_with_its_marks_and_comments() -> None:
    source = (
        "def f(a):\n    ### BEGIN SOLUTION\n    # a comment\n\n    return -a\n    ### END SOLUTION"
    )
    assert [(one.line, one.edit) for one in mutants(source) if one.kind == "operator"] == [
        (5, "- return -a\n+ return a")
    ]


@pytest.mark.parametrize(
    ("expression", "others"),
    [
        ("a + b", ["a - b"]),
        ("a // b", ["a / b"]),
        ("a @ b", ["a * b"]),
        ("a ** b", ["a * b"]),
        ("~a", ["a"]),
        ("-a", ["a"]),
        ("not a", ["a"]),
        ("a and b", ["a", "b", "a or b"]),
        ("a == b", ["a != b"]),
        ("a is None", ["a is not None"]),
        ("0 <= a < b", ["1 <= a < b", "-1 <= a < b", "0 < a < b", "0 > a < b", "0 <= a <= b",
                        "0 <= a >= b"]),
    ],
)  # fmt: skip
def test_operators(expression: str, others: list[str]) -> None:
    found = new(f"return_ = {expression}", "operator", "boolean", "comparison", "constant")
    assert sorted(found) == sorted(f"return_ = {other}" for other in others)


def test_constants() -> None:
    assert new("x = g(3)", "constant") == ["x = g(4)", "x = g(2)", "x = g(0)", "x = g(-3)"]
    assert new("x = g(-3)", "constant") == ["x = g(-2)", "x = g(-4)", "x = g(0)", "x = g(3)"]
    assert new("x = g(0.5)", "constant") == ["x = g(1.5)", "x = g(-0.5)", "x = g(0.0)"]
    assert new("x = g(True)", "constant") == ["x = g(False)"]
    assert new("x = a[1]", "constant") == ["x = a[2]", "x = a[0]"]
    assert new("def f(a=3): return a", "constant") == ["def f(a=4):"]
    assert new("x = g(None, ...)", "constant") == []


def test_modes_but_no_other_strings() -> None:
    assert new("x = g(a, mode='same')", "constant") == ["x = g(a, mode='')"]
    assert new("x = a == 'mean'", "constant") == ["x = a == ''"]
    assert new("x = g('')", "constant") == ["x = g('other')"]
    for text in ("x = g('nchw,kc->nkhw')", "x = a['weights']", "x = 'word'", "x = f'{a} is 3'"):
        assert edits(text, "constant") == [], text


def test_docstrings_annotations_and_messages_are_left_alone() -> None:
    source = '''
        def f(a: int = g(1), *, b: "np.ndarray" = 2) -> tuple[int, 3]:
            """Two numbers, 1 and 2."""
            x: Literal[4] = a
            if a > b:
                raise ValueError("more than 5", 6)
            assert a != b, f"they are {7}"
            print("both", a + 8)
            logging.info("%s", a + 9)
            return a
    '''
    for one in made(source):
        for kept in ("tuple[int, 3]", "Two numbers, 1 and 2.", "Literal[4]", "they are {7}"):
            assert kept in one.source or one.kind == "statement", one
        for kept in ("a + 8", "a + 9", "ndarray"):
            assert kept in one.source, one
        assert ("more than 5', 6)" in one.source) or one.edit.startswith("- if a > b: …")


def test_axes() -> None:
    assert new("x = a.sum(axis=1)", "axis") == ["x = a.sum(axis=2)", "x = a.sum(axis=0)"]
    assert new("x = a.sum(dim=-1)", "axis") == ["x = a.sum(dim=-2)"]
    assert new("x = a.sum(axis=0)", "axis") == ["x = a.sum(axis=1)"]
    assert new("x = a.shape[0]", "constant") == ["x = a.shape[1]"]


def test_statements_are_dropped_where_that_does_not_fail_at_once() -> None:
    source = """
        def f(model, xs):
            model.eval()
            total = 0
            once = 1
            for x in xs:
                total += x * once
            with no_grad():
                total = model(total)
            return total
    """
    assert edits(source, "statement") == [
        "- model.eval()",
        "- for x in xs: …",
        "- with no_grad():",
        "- total = model(total)\n+ pass",
        "- return total",
    ]


def test_a_block_s_only_statement_is_dropped_with_it() -> None:
    source = "def f(a):\n    if a:\n        raise E\n    else:\n        a = 1\n    return a"
    assert edits(source, "statement") == [
        "- if a: …", "- raise E\n+ pass", "- a = 1\n+ pass", "- return a",
    ]  # fmt: skip
    assert edits("if a:\n    b()", "statement") == ["- if a: …\n+ pass"]


def test_conditions_are_negated() -> None:
    assert new("if a:\n    b()\nelse:\n    c()", "condition") == ["if not a:"]
    assert new("x = b if a and c else d", "condition") == ["x = b if not (a and c) else d"]
    assert new("x = [a for a in b if g(a)]", "condition") == ["x = [a for a in b if not g(a)]"]
    assert new("if a < b:\n    c()", "condition") == []  # a comparison has its opposite


def test_keywords_are_dropped_and_arguments_swapped() -> None:
    assert new("x = g(a, b=1, **c)", "keyword") == ["x = g(a, **c)"]
    assert new("x = g(a, b, c)", "arguments") == ["x = g(b, a, c)", "x = g(a, c, b)"]
    assert new("x = g(*a, b)", "arguments") == []
    assert new("x = np.maximum(a, b)", "arguments") == []


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("loss.detach()", "loss"),
        ("a.clone().b", "a.b"),
        ("a.copy()", "a"),
        ("np.copy(a)", "a"),
        ("copy.deepcopy(a)", "a"),
        ("sorted(a, key=g)", "a"),
        ("np.abs(a - b)", "a - b"),
        ("np.clip(a, 0, 1)", "a"),
        ("a.T", "a"),
    ],
)
def test_calls_are_forgotten(before: str, after: str) -> None:
    assert new(f"x = {before}", "call") == [f"x = {after}"]


def test_calls_that_are_statements_are_dropped_whole() -> None:
    assert edits("def f(o):\n    o.zero_grad()\n    o.step()", "statement") == [
        "- o.zero_grad()", "- o.step()",
    ]  # fmt: skip


def test_arguments_are_changed_in_place() -> None:
    assert new("def f(x):\n    x = x + x.mean()\n    return x", "in place") == ["x += x.mean()"]
    assert new("def f(x):\n    y = x * 2\n    return y[0] + x[0]", "in place") == ["x *= 2; y = x"]
    assert new("def f(x):\n    return g(x - x.max())", "in place") == ["x -= x.max(); return g(x)"]
    for harmless in (
        "def f(x):\n    return x + 1",  # a number, for all that is known
        "def f(x):\n    return [x + 1 for i in x]",
        "def f(y):\n    x = y[0]\n    return x + 1",
    ):
        assert edits(harmless, "in place") == [], harmless


def test_changed_argument_is_seen_by_who_called() -> None:
    (mutant,) = [m for m in mutants("def f(x):\n    return x + x[:1]") if m.kind == "in place"]
    given = [1, 2]
    assert ran(mutant.source)["f"](given) == [1, 2, 1]
    assert given == [1, 2, 1]


def test_parameters_are_ignored() -> None:
    source = '''
        def f(self, xs, n, call, pad=(0, 0), *more, same=False, **named):
            """Told."""
            return call(xs[n], pad, same)
    '''
    assert edits(source, "parameter") == ["+ n = 1", "+ pad = (0, 0)", "+ same = False"]
    assert all('"""Told."""\n    ' in one.source for one in made(source) if one.kind == "parameter")


def test_sizes_are_those_of_the_first_call() -> None:
    source = "def f(x):\n    return [0] * len(x)"
    (mutant,) = [one for one in mutants(source) if one.kind == "size"]
    assert mutant.edit == "- return [0] * len(x)\n+ return [0] * _first_seen(len(x))"
    f = ran(mutant.source)["f"]
    assert (f([1, 2]), f([1, 2, 3])) == ([0, 0], [0, 0])
    assert new("a, b = x.shape", "size") == ["a, b = _first_seen(x.shape)"]
    assert new("a = x.shape[0]", "size") == ["a = _first_seen(x.shape[0])"]


def test_bounds_are_off_by_one() -> None:
    assert new("x = a[:n]", "slice") == ["x = a[:n + 1]", "x = a[:n - 1]"]
    assert new("x = range(a, b)", "slice") == [
        "x = range(a + 1, b)", "x = range(a - 1, b)", "x = range(a, b + 1)", "x = range(a, b - 1)",
    ]  # fmt: skip
    assert new("x = a[1:]", "slice") == []  # its number is changed as one
    assert new("x = a[1:]", "constant") == ["x = a[2:]", "x = a[0:]", "x = a[-1:]"]


def test_tuples_are_swapped() -> None:
    assert new("def f():\n    return a, b, c", "swap") == ["return (b, a, c)", "return (a, c, b)"]
    assert new("h, w = x.shape", "swap") == ["w, h = x.shape"]
    assert new("for a, b in c:\n    d(a, b)", "swap") == ["for b, a in c:"]
    assert new("a, b = b, a", "swap") == []


def test_augmented_assignment_forgets_what_was() -> None:
    assert new("x += y", "operator") == ["x = y", "x -= y"]


@pytest.mark.parametrize("source", ["", "pass", "import numpy as np", '"""Only text."""'])
def test_nothing_to_change_gives_no_mutant(source: str) -> None:
    assert mutants(source) == ()


def test_what_is_not_python_is_refused() -> None:
    with pytest.raises(SyntaxError):
        mutants("%matplotlib inline\nx = 1")


def test_edit_counts_no_indentation() -> None:
    assert edit("if a:\n    b()\n    c()", "b()\nc()") == "- if a:"
    assert edit("a()", "a()\nb()") == "+ b()"
    assert edit("a()\nb()\nc()", "c()") == "- a() …"


ANSWER = """
def pair(values, n):
    if n:
        return sum(values) / n, len(values)
    return 0.0, 0


class Counter:
    def __init__(self):
        self.count = 2

    def seen(self):
        return self.count
"""


def universals(answer: str = ANSWER) -> dict[str, dict[str, Any]]:
    """The names that each universal wrong answer defines, by its edit."""
    return {one.edit[2:]: ran(one.source) for one in universal(answer)}


def test_universal_answers_return_what_they_say() -> None:
    found = universals()
    assert found["pair returns None"]["pair"]([1], 1) is None
    assert found["pair returns 1"]["pair"]([1], 1) == 1
    assert found["pair returns an empty array"]["pair"]([1], 1).shape == (0,)
    assert found["pair returns NaN"]["pair"]([1], 1) != found["pair returns NaN"]["pair"]([1], 1)
    assert found["pair returns its first argument"]["pair"]([7], 1) == [7]
    assert found["pair returns zeros of the right shapes"]["pair"]([4], 1) == (0.0, 0)
    first = found["pair returns what it returned the first time"]["pair"]
    assert (first([4], 1), first([9, 9], 2)) == ((4.0, 1), (4.0, 1))
    assert found["pair returns None as part 2 of the result"]["pair"]([4], 1) == (4.0, None)
    assert found["Counter.seen returns 1"]["Counter"]().seen() == 1
    assert "Counter.seen returns its first argument" not in found
    assert not any("__init__" in name for name in found)


def test_equal_object_is_in_favour_of_every_comparison() -> None:
    one = universals()["pair returns an object that equals everything"]["pair"]([1], 1)
    assert one == 3
    assert one != 4
    assert one < 0 < one
    assert one
    assert len(one) == 1
    assert list(one) == []
    assert 5 in one
    assert abs(one - 3) < 1e-9
    assert one.shape == (2, 3)
    assert one[0](1) == 2


def test_universal_answers_without_the_body_run_nothing_of_it() -> None:
    answer = "def f(x):\n    raise KeyError\n    return x, 1"
    found = universal(answer, body_runs=False)
    assert len(found) == 6
    for one in found:
        ran(one.source)["f"](3)
    assert {one.kind for one in found} == {"universal"}
    assert set(found) < set(universal(answer))


def test_plain_statements_have_no_universal_answers() -> None:
    assert universal("x = 3\nprint(x)") == ()


@pytest.mark.parametrize(
    ("source", "dropped"),
    [
        ("def f(n):\n    x = 0\n    x += n\n    return x", False),
        ("def f(n):\n    x = 0\n    for i in n:\n        x = x + i\n    return x", False),
        ("def f(n):\n    x = 0\n    if n:\n        x = 1\n    return x", True),
        ("def f(n):\n    x = 0\n    y = [x for x in n]\n    return y", True),
        ("def f(n):\n    x = 0\n    return (lambda: x)()", False),
        ("def f(n):\n    n = abs(n)\n    n += 1\n    return n", True),
    ],
)
def test_statement_is_not_dropped_if_its_name_is_read_next(source: str, dropped: bool) -> None:
    line = source.split("\n")[1].strip()
    assert (f"- {line}" in {one.edit for one in mutants(source)}) is dropped


@pytest.mark.parametrize(
    "source",
    [
        "def f(n):\n    return n + 1",
        "def f(n):\n    return n - 1",
        "def f(n):\n    print(n)\n    return",
        "def f(n):\n    if n:\n        print(n)\n        return\n    print(2)",
    ],
)
def test_no_two_mutants_do_the_same(source: str) -> None:
    """By what they return or print for a few numbers, or by their code."""

    def does(text: str) -> str:
        told: list[object] = []
        given: dict[str, Any] = {"print": told.append}
        exec(compile(text, "answer", "exec"), given)
        for number in (-3, 0, 1, 7):
            try:
                told.append(given["f"](number))
            except Exception as error:
                told.append(type(error).__name__)
        return repr(told)

    found = [one for one in mutants(source) if one.kind != "size"]
    done = [does(one.source) for one in found]
    assert done
    assert len({*done, does(source)}) == len(done) + 1, [one.edit for one in found]


def test_async_answer_gets_the_universal_wrong_answers() -> None:
    plain = universal("def half(a):\n    return a / 2")
    assert len(universal("async def half(a):\n    return a / 2")) == len(plain) > 5
