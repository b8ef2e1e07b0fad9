"""Names of comprehensions belong to the comprehension, on every Python."""

import pytest

from autograder.assignment.cell_names import assigned_names
from autograder.engine.names import bound_names, free_names, read_names

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
