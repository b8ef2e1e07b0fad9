"""The text of a cell and its names are told alike on every Python."""

import ast

import pytest

from autograder.assignment.cell_names import assigned_names, plain_python
from autograder.assignment.python_text import unparsed
from autograder.engine.names import bound_names, free_names, needed_names, read_names

CELL = """\
squares = [n * n for n in numbers if (last := n)]
letters = {c for c in text}
table = {key: value for key, value in pairs}
def f(m):
    global seen
    seen = [k + [j for j in k] for k in m]
    return sum(h for h in m)
"""
BOUND = {"squares", "letters", "table", "f", "seen", "last"}


def test_comprehension_binds_nothing_but_by_its_walrus() -> None:
    assert bound_names(CELL) == BOUND
    assert assigned_names(CELL) == BOUND


def test_comprehension_reads_what_it_goes_over() -> None:
    assert free_names(CELL) == {"numbers", "text", "pairs"}
    assert read_names(CELL) == {"numbers", "text", "pairs", "sum"}


def test_name_that_is_also_bound_outside_is_bound() -> None:
    assert bound_names("n = 1\nmore = [n for n in (1, 2)]") == {"n", "more"}


@pytest.mark.parametrize("source", ["[n := 1 for n in x]", "[n for n in", "{**{n: 1} for n in x}"])
def test_text_that_is_no_python_is_refused(source: str) -> None:
    with pytest.raises(SyntaxError):
        bound_names(source)


UNWRITABLE = """\
prices = [f"{'\u00a0'.join(str(n))}{n!r:>{width}} {{€}} {n:.2f}" for n in numbers]
"""
"""Before 3.12, `ast.unparse` has no text for it: what stands in the braces would be escaped."""


def test_text_that_python_cannot_write_is_written_and_does_the_same() -> None:
    written = unparsed(ast.parse(UNWRITABLE))
    names, same = ({"numbers": [1, 23], "width": 5} for _ in range(2))
    exec(UNWRITABLE, names)
    exec(written, same)
    assert names["prices"] == same["prices"] == ["1    1 {€} 1.00", "2\u00a03   23 {€} 23.00"]


def test_names_of_a_text_that_python_cannot_write_are_told() -> None:
    assert bound_names(UNWRITABLE) == bound_names(plain_python(UNWRITABLE)) == {"prices"}
    assert free_names(UNWRITABLE) == free_names(plain_python(UNWRITABLE)) == {"numbers", "width"}
    assert assigned_names(UNWRITABLE) == {"prices"}


@pytest.mark.parametrize("source", ["x = (", "x = '\0'", "-" * 100_000 + "1", "x" + ".x" * 100_000])
def test_what_is_no_python_or_too_deep_has_no_names(source: str) -> None:
    assert needed_names(source) is None
    assert plain_python(source) == ""
    assert assigned_names(source) == frozenset()
