"""A check's last expression: partial credit if it is a number, full points otherwise; beside nbgrader."""

from pathlib import Path

import pytest
from compact_course import blueprint_of, graded, stock_scores, write_course

from autograder.assignment.outcome import Outcome
from autograder.grading.grade import engine_for

pytestmark = [pytest.mark.slow, pytest.mark.sandbox]

SAME = {
    "None": 2,
    "0": 0,
    "1": 1,
    "2": 2,
    "0.5": 0.5,
    "x / 2": 0.5,
    "sum(one == 1 for one in [1, 2, 1])": 2,
    "5;": 2,
    "True": 2,
    "x == 3": 2,
    "'1.5'": 2,
    "'Well done!'": 2,
    "[1]": 2,
    "(0, 1)": 2,
    "np.ones(3)": 2,
    "np.array([0.5])": 2,
    "np.array(0.5)": 2,
    "np.bool_(False)": 2,
    "1j": 2,
    "Decimal('0.5')": 2,
    "object()": 2,
    "plt.figure()": 2,
    "f": 2,
    "display(0.5)": 2,
    "print(0.5)": 2,
    "get_ipython().run_cell('0.5')": 0.5,
    "%time 0.5": 0.5,
    "y = 0.5": 2,
    "1.5 * (x == 1)": 1.5,
    "points = 0\npoints += x\npoints": 1,
    "len('ab') if x else 0": 2,
    "two * 2": 2,
    "'Well' + ' done'": 2,
    "max(one == 1 for one in [1, 2])": 2,
}
"""Expressions, and points of two."""
OURS = {
    "np.float64(1.5)": (1.5, 2),  # NumPy 2 displays np.float64(1.5), which nbgrader cannot read
    "np.int64(0)": (0, 2),
    "np.float32(0.5)": (0.5, 2),
    "Fraction(1, 2)": (0.5, 2),
    "float('nan')": (0, 2),
    "-1": (0, 2),
    "float('inf')": (0, "partial credit cannot be greater than maximum points for cell"),
    "2.01": (0, "partial credit cannot be greater than maximum points for cell"),
    "type('Half', (), {'__repr__': lambda self: '0.5'})()": (2, 0.5),  # it only prints like one
    "sum(two == one for one in [1, 2])": (0, 2),  # an answer gave an array in place of a number
    "points = 0\npoints += two\npoints": (0, 2),
    "2 * (two == 1)": (0, 2),
}
"""Where we differ: our points, and nbgrader's; docs/grading.md says why."""
ERRORS = ("float('nan')", "-1", "float('inf')", "2.01", *list(OURS)[-3:])


def test_last_expression_gives_what_nbgrader_gives_but_where_it_is_wrong(tmp_path: Path) -> None:
    named = {f"x-c{index} 2": one for index, one in enumerate([*SAME, *OURS])}
    setup = (
        "import numpy as np\nimport matplotlib.pyplot as plt\n"
        "from decimal import Decimal\nfrom fractions import Fraction\ntwo = np.array([1, 1])"
    )
    answer = "x = 1\ndef f():\n    return x"
    root = write_course(tmp_path, [("setup", setup), ("x", answer), *named.items()])
    blueprint = blueprint_of(root)
    with engine_for(blueprint) as engine:
        result = graded(blueprint, engine, {"x": answer}, cross_check=True)
    sources = {name.partition(" ")[0]: source for name, source in named.items()}
    got = {sources[check.grade_id]: check for check in result.checks}
    assert {one: check.score for one, check in got.items()} == {
        **SAME,
        **{one: ours for one, (ours, _) in OURS.items()},
    }
    for one, check in got.items():
        assert (check.outcome is Outcome.ERROR) == (one in ERRORS), (one, check.message)
        assert ("which is no score from 0 to 2" in check.message) == (one in ERRORS)
    stock = stock_scores(blueprint, {"x": answer}, root)
    assert {sources[name]: score for name, score in stock.items()} == {
        **SAME,
        **{one: theirs for one, (_, theirs) in OURS.items()},
    }
