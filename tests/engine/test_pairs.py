"""Eighty pairs of an answer and its check, each right under stock nbgrader, graded isolated."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from compact_course import blueprint_of, graded, write_course
from pairs import PAIRS

from autograder.assignment.outcome import CheckResult
from autograder.engine.engine import Engine
from autograder.grading.grade import engine_for

pytestmark = [pytest.mark.slow, pytest.mark.sandbox]
LEFT_ALONE = {
    "file_written_by_answer": "the answer's files stay in its own folder",
    "file_exists": "the answer's files stay in its own folder",
    "module_written_by_answer": "the answer's files stay in its own folder",
    "writefile_magic": "the answer's files stay in its own folder",
    "bash_magic": "the answer's files stay in its own folder",
    "sqlite_file": "the answer's files stay in its own folder",
    "sympy_expr": "an expression of sympy is no plain data",
    "time_it": "2000 calls take longer across the border",
}
"""What is not carried across the border, and why: such a check must fail, not pass unseen."""
NEED = {"sklearn": ("sklearn_model", "sklearn_utils_on_model"), "networkx": ("networkx_graph",),
        "sympy": ("sympy_expr",)}  # fmt: skip


@pytest.fixture(scope="module")
def results(tmp_path_factory: pytest.TempPathFactory) -> dict[str, CheckResult]:
    """All pairs as one course, in which some rely on what is above them, as in a notebook."""
    cells = [
        cell
        for name, (answer, check) in PAIRS.items()
        for cell in ((name, answer), (f"{name}-check", check))
    ]
    blueprint = blueprint_of(write_course(tmp_path_factory.mktemp("pairs"), cells))
    answers = {name: answer for name, (answer, _) in PAIRS.items()}
    with engine_for(blueprint) as engine:
        result = graded(blueprint, engine, answers)
    return {check.grade_id.removesuffix("-check"): check for check in result.checks}


@pytest.mark.parametrize("name", PAIRS)
def test_right_answer_passes_isolated(results: dict[str, CheckResult], name: str) -> None:
    for library, names in NEED.items():
        if name in names:
            pytest.importorskip(library)
    check = results[name]
    if name in LEFT_ALONE:
        assert check.score == 0
        assert check.message
    else:
        assert check.score == 1, check.message


# ---- wrong answers that a check must not pass for want of sight ----

WRONG = {
    "mock_not_called": (
        "def mysort(v): return sorted(v)",
        "from unittest.mock import patch\nassert mysort([3, 1, 2]) == [1, 2, 3]\n"
        "with patch('builtins.sorted') as s:\n    mysort([3, 1, 2])\ns.assert_not_called()",
    ),
    "builtin_replaced": (
        "def mysum(v): return sum(v)",
        "import builtins\nkept = builtins.sum\n"
        "def no_sum(*a): raise AssertionError('do not use sum')\nbuiltins.sum = no_sum\n"
        "try:\n    assert mysum([1, 2]) == 3\nfinally:\n    builtins.sum = kept",
    ),
    "builtin_shadowed": (
        "def mysum2(v): return sum(v)",
        "def sum(*a): raise AssertionError('do not use sum')\n"
        "try:\n    assert mysum2([1, 2]) == 3\nfinally:\n    del sum",
    ),
    "module_patched": (
        "import numpy as np\ndef mymean(a): return float(np.mean(a))",
        "import numpy as np\nfrom unittest.mock import patch\n"
        "with patch('numpy.mean', side_effect=AssertionError('no np.mean')):\n"
        "    assert mymean(np.array([1., 3.])) == 2",
    ),
    "module_assigned": (
        "import random\ndef coin(): return random.random()",
        "import random\nkept = random.random\nrandom.random = lambda: 2\n"
        "try:\n    assert coin() < 1\nfinally:\n    random.random = kept",
    ),
    "prints": (
        "def quiet(x):\n    print(x)\n    return x",
        "import io, contextlib\nb = io.StringIO()\nwith contextlib.redirect_stdout(b):\n"
        "    quiet(3)\nassert b.getvalue() == '', 'do not print'",
    ),
    "prints_then_fails": (
        "def loud(x):\n    print(x)\n    raise ValueError",
        "import io, contextlib\nb = io.StringIO()\nwith contextlib.redirect_stdout(b):\n"
        "    try:\n        loud(3)\n    except ValueError:\n        pass\nassert b.getvalue() == ''",
    ),
    "leaves_a_global": (
        "leak = 1\ndef clean(x):\n    global leak\n    leak = x\n    return leak",
        "assert clean(4) == 4\nassert 'leak' not in globals(), 'no global variables'",
    ),
    "lambda": (
        "total = lambda v: sum(v)",
        "assert total([1, 2]) == 3\nassert total.__name__ != '<lambda>', 'write a function'",
    ),
    "public_attribute": (
        "class Acc:\n    def __init__(self): self.b = 2",
        "assert not [n for n in vars(Acc()) if not n.startswith('_')], 'keep it private'",
    ),
    "private_attribute": (
        "class Acc2:\n    def __init__(self): self._cache = 1",
        "assert not hasattr(Acc2(), '_cache')",
    ),
    "no_slots": (
        "class Pt:\n    def __init__(self, x): self.x = x",
        "assert not hasattr(Pt(1), '__dict__'), 'use __slots__'",
    ),
    "another_exception": (
        "class Negative(ValueError): pass\ndef root(x): raise ValueError(x)",
        "try:\n    root(-1)\nexcept Negative:\n    pass",
    ),
    "swallows_the_assertion": (
        "class Ctx:\n    def __enter__(self): return 3\n    def __exit__(self, *a): return True",
        "with Ctx() as n:\n    assert n == 4",
    ),
}
RIGHT = {
    "no_slots": "class Pt:\n    __slots__ = ('x',)\n    def __init__(self, x): self.x = x",
    "another_exception": (
        "class Negative(ValueError): pass\ndef root(x): raise Negative(x)"
    ),
    "private_attribute": "class Acc2:\n    def __init__(self): self._b = 1",
    "leaves_a_global": "def clean(x): return x",
    "prints": "def quiet(x): return x",
    "builtin_shadowed": "def mysum2(v):\n    t = 0\n    for x in v: t += x\n    return t",
    "mock_not_called": "def mysort(v):\n    v = list(v)\n    v.sort()\n    return v",
    "module_patched": "import numpy as np\ndef mymean(a): return float(a.mean())",
}  # fmt: skip


@pytest.fixture(scope="module")
def engine() -> Iterator[Engine]:
    with Engine.start(("numpy",)) as engine:
        yield engine


@pytest.mark.parametrize("name", WRONG)
def test_wrong_answer_does_not_pass_for_want_of_sight(
    tmp_path: Path, engine: Engine, name: str
) -> None:
    answer, check = WRONG[name]
    right = RIGHT.get(name, answer)
    blueprint = blueprint_of(write_course(tmp_path, [("x", right), ("x-check", check)]))
    (found,) = graded(blueprint, engine, {"x": answer}).checks
    assert found.score == 0
    if name in RIGHT:
        (found,) = graded(blueprint, engine, {"x": right}).checks
        assert found.score == 1, found.message
