"""A check that is plainly a black box is told from one that looks deeper, by its text."""

import ast
from pathlib import Path

import pytest
from compact_course import blueprint_of, write_course

from autograder.assignment.blueprint import read_blueprint
from autograder.assignment.course import find_course
from autograder.assignment.nbgrader_course import open_course
from autograder.grading.black_box import why_not_black_box, whys_not_black_box
from autograder.grading.data_flow import shortened

ROOT = find_course(Path(__file__).parent).root
ANSWERS = frozenset({"f", "g", "table", "Box"})
CLASSES = frozenset({"Box"})

PLAIN = (
    "assert f([3, 1, 2]) == [1, 2, 3]",
    "import numpy as np\nx = np.ones(3)\nassert np.allclose(f(x.copy()), 2 * x) and x.sum() == 3",
    "y = f(1)\nassert isinstance(y, list) and len(y) == 2, type(y).__name__",
    "assert all(isinstance(one, int) for one in f(3))",
    "try:\n    f(-1)\nexcept ValueError:\n    pass\nelse:\n    raise AssertionError('negative')",
    "box = Box()\nbox.add(3)\nassert box.total == 3",
    "boxes = [Box(n) for n in range(3)]\nboxes.append(Box(4))\nassert boxes[3].total == 4",
    "rows = []\nfor n in range(3):\n    rows.append(f(n))\nassert rows == [0, 1, 4]",
    "want = [0, 0]\nwant[1] = 3\nassert f(want) == [3]",
    "assert table['a'] == 1 and table is not None",
    "import torch\nx = torch.ones(3, requires_grad=True)\nassert f(x).item() == 3",
    "assert f(2) == 4, f'{f.__name__} gives {vars(f)}'",
)
DEEPER = {
    "import unittest.mock\nassert f(1) == 1": "unittest.mock",
    "import sys\nassert f(1) == 1": "sys",
    "def sum(*a): raise AssertionError\nassert f([1]) == 1": "`sum` anew",
    "def f(x): return 1\nassert g(1) == 1": "`f` anew",
    "x = [1]\ny = f(x)\nassert y == x and y is not x": "`is`",
    "x = [1]\ny = f(x)\ny.append(2)\nassert x == [1]": "changes what the answer gave",
    "x = [[1]]\ny = f(x)\ny[0].append(2)\nassert x == [[1]]": "changes what the answer gave",
    "x = [1]\ny = f(x)\nx.append(2)\nassert y == [1]": "after it was given",
    "import numpy as np\na = np.zeros(3)\nb = f(a)\nb[0] = 1\nassert a.sum() == 0": "changes what",
    "import numpy as np\na = np.zeros(3)\nb = f(a)\nb += 1\nassert a.sum() == 0": "changes what",
    "import torch\nb = f(torch.zeros(3))\nb.add_(1)": "changes what",
    "import numpy as np\nassert not np.shares_memory(f(np.ones(1)), np.ones(1))": "shares_memory",
    "assert f(4) == 4\nassert 'leak' not in globals()": "globals",
    "import torch\nassert f(torch.ones(1)).grad_fn is None": "grad_fn",
    "import torch\nassert f(torch.ones(1)).grad is None": ".grad",
    "import torch\nw = torch.ones(1, requires_grad=True)\nf(w)\nassert f(w).item() == 2": "twice",
    "assert f.__name__ != '<lambda>'": "__name__",
    "y = f(3)\nassert not isinstance(y, (list, tuple))\nassert list(y) == [0, 1, 2]": "a no may",
    "y = f(3)\nif isinstance(y, list):\n    raise AssertionError('lazy')": "a no may",
    "assert type(f(3)) != list": "a no may",
    "box = Box()\nassert not [n for n in vars(box) if n[0] != '_']": "vars",
    "assert not hasattr(Box(), '_cache')": "hasattr",
    "assert Box()._total == 0": "private",
    "try:\n    f(1)\nexcept Exception:\n    pass": "another cause",
    "with f('x') as opened:\n    pass": "with",
    "assert (await f(1)) == 2": "awaits",
    "%timeit f(1)": "plain Python",
    "assert In[-1]": "`In`",
    "f.calls = 0\nassert f(1) == 1": "changes `f`",
    "table['a'] = 2\nassert f(1) == 2": "changes `table`",
}

WITH_HELPERS = {
    ("assert new(f(1), 1)", "def new(a, b):\n    return a is not b"): "`is`",
    ("assert ident(f(1)) != 2", "ident = id"): "another name of `id`",
    ("f(1)\nassert len(CALLS) < 9", "CALLS = []\ndef ask(x):\n    CALLS.append(x)"): "`CALLS`",
    ("f(1)\nassert DATA == [3, 1]", "DATA = [3, 1]"): "`DATA` is as it was",
    ("f(1)\nassert Setting.rate == 2", "class Setting:\n    rate = 2"): "`Setting.rate` is as it",
    ("assert not os.path.exists('x')", "import os"): "`os`",
    ("f(1)\nquiet()", "try:\n    quiet = f\nexcept NameError:\n    def quiet(): pass"): "`quiet`",
    ("spoil(f(1))\nassert f(1) == [1]", "def spoil(x):\n    x.append(1)"): "what it is given",
    ("import numpy as np\nwith np.errstate(all='raise'):\n    f(1)", ""): "surroundings",
    ("import random\ns = random.getstate()\nf(1)\nassert random.getstate() == s", ""): "getstate",
    ("y = f(1)\nassert y.pop() == 3 and f(1) == [3]", ""): "changes what the answer gave",
    ("x = [1]\ny = f(x)\nz = x.pop()\nassert y == [1]", ""): "after it was given",
    ("x = [1]\nz = x\ny = f(x)\nz.append(2)\nassert y == [1]", ""): "after it was given",
    ("x, y = [], []\nfor n in range(3):\n    x.append(n)\n    y.append(f(x))", ""): "after it was",
    ("import heapq\ny = f(1)\nheapq.heappush(y, 0)\nassert f(1) == []", ""): "changes what",
    ("y = f(1)\nlist.append(y, 4)\nassert f(1) == []", ""): "changes what",
    ("max(f(1), key=len).append(1)\nassert f(1) == [[1]]", ""): "changes what",
    ("y = f(1)\n[row.append(1) for row in y]\nassert y == [[1, 1]]", ""): "changes what",
    ("box = Box()\nbox.items.append(1)\nassert Box().items == []", ""): "changes what",
    ("box = Box()\nbefore = box.all()\nbox.add(2)\nassert before == [1]", ""): "again",
    ("rows = [1]\nbox = Box(rows)\nbox.add(3)\nassert rows == [1]", ""): "again",
    ("import operator\nassert operator.is_not(f(1), 1)", ""): "is_not",
    ("import numpy as np\nassert f(np.ones(1)).base is None", ""): "`.base`",
    ("g(lambda row: row.append(1), [[1]])", ""): "what it is given",
    ("y = f(1)\n{row.append(1) for row in y}\nassert y == [[1, 1]]", ""): "changes what",
    ("assert is_(f(1), f(1))", "from operator import is_"): "`is_`",
    ("from operator import is_not\nassert is_not(f(1), 1)", ""): "`is_not`",
    ("f(1)\nassert not Path('x').exists()", "from pathlib import Path"): "`Path` of `pathlib`",
    ("f(1)\nassert not there()", "import numpy as np, os\ndef there():\n    return os.listdir()"): (
        "`os` of `os`"
    ),
}


@pytest.mark.parametrize("check", PLAIN)
def test_calls_with_plain_data_are_a_black_box(check: str) -> None:
    assert why_not_black_box(check, ANSWERS, CLASSES) == ""


@pytest.mark.parametrize("check", DEEPER)
def test_what_looks_deeper_is_told_with_the_reason(check: str) -> None:
    assert DEEPER[check] in why_not_black_box(check, ANSWERS, CLASSES)


@pytest.mark.parametrize(("check", "helpers"), WITH_HELPERS)
def test_what_another_cell_or_a_detour_does_is_seen(check: str, helpers: str) -> None:
    found = why_not_black_box(check, ANSWERS, CLASSES, helpers)
    assert WITH_HELPERS[check, helpers] in found


def test_magics_hide_no_helper(tmp_path: Path) -> None:
    cells = (
        ("setup", "%matplotlib inline\ndef new(a, b):\n    return a is not b"),
        ("f", "def f(x):\n    return list(x)"),
        ("f-check", "x = [1]\nassert new(f(x), x)"),
    )
    (notebook,) = blueprint_of(write_course(tmp_path, cells)).notebooks
    assert "`is`" in whys_not_black_box(notebook)["f-check"]


def test_a_helper_of_the_courses_own_counts_where_it_is_used() -> None:
    helpers = (
        "def same(a, b):\n    return a is b\n\n\ndef close(a, b):\n    return abs(a - b) < 1e-9\n"
    )
    assert why_not_black_box("assert close(f(1), 2)", ANSWERS, helpers=helpers) == ""
    assert "`is`" in why_not_black_box("assert not same(f(1), f(1))", ANSWERS, helpers=helpers)


def test_one_statement_may_import_what_computes_and_what_looks() -> None:
    helpers = "import numpy as np, os\nfrom pathlib import Path\ndata = Path('data')\n"
    assert why_not_black_box("assert f(np.ones(1)) == 1", ANSWERS, helpers=helpers) == ""


@pytest.mark.parametrize("chapter", open_course(ROOT).assignments())
def test_every_check_of_the_course_is_a_black_box(chapter: str) -> None:
    """So each runs isolated, and none twice."""
    for notebook in read_blueprint(open_course(ROOT), chapter).notebooks:
        whys = whys_not_black_box(notebook)
        assert whys
        assert {name: why for name, why in whys.items() if why} == {}


def test_what_no_text_can_be_had_of_stops_nobody() -> None:
    """Too deep, or a number of thousands of digits: Python runs both, and cannot write them."""
    deep: ast.expr = ast.Constant("a")
    for _ in range(5000):
        deep = ast.BinOp(deep, ast.Add(), ast.Constant("a"))
    assert shortened(deep) == "..."
    assert shortened(ast.parse(f"0x{'f' * 3700}", mode="eval").body) == "..."
