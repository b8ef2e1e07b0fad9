"""What the engine says of a notebook is what a plain kernel says: outcome, output, cell to blame."""

import json
import random
import subprocess
import sys
from collections.abc import Iterator

import plain_kernel
import pytest
from compact_course import blueprint_of, graded, submitted, write_course

from autograder.assignment.blueprint import Blueprint
from autograder.assignment.merge import merge
from autograder.assignment.notebook import Kind, kind_of
from autograder.assignment.outcome import Outcome
from autograder.engine.engine import Engine
from autograder.grading.grade import engine_for

pytestmark = [pytest.mark.slow, pytest.mark.sandbox]

POOL = "from concurrent.futures import ThreadPoolExecutor\n"
LOUD = "def loud(i):\n    for k in range(100):\n        print(i, k)\n"
ANSWERS = {
    "right": "def f(x):\n    return [x]",
    "wrong": "def f(x):\n    return [x + 1]",
    "one list for all": "kept = []\ndef f(x):\n    kept.clear()\n    kept.append(x)\n    return kept",
    "a list that grows": "kept = []\ndef f(x):\n    kept.append(x)\n    return kept",
    "a default that grows": "def f(x, kept=[]):\n    kept.append(x)\n    return kept",
    "a view of one array": "import numpy as np\nroom = np.zeros(5)\ndef f(x):\n    room[:] = x\n"
    "    return room[:1]",
    "a cached list": "import functools\n@functools.cache\ndef f(x):\n    return [x]",
    "attributes that are items": "class Own(dict):\n    __getattr__ = dict.__getitem__\n"
    "def f(x):\n    return Own(x=x)",
    "a class that says nothing": "class Own:\n    @property\n    def __class__(self):\n"
    "        raise KeyError(1)\ndef f(x):\n    return Own()",
    "no attribute at all": "class Own:\n    def __getattribute__(self, name):\n"
    "        raise KeyError(name)\ndef f(x):\n    return Own()",
    "no copy": "class Own:\n    def __reduce_ex__(self, protocol):\n        raise KeyError(1)\n"
    "def f(x):\n    return Own()",
    "threads that print": f"{POOL}{LOUD}with ThreadPoolExecutor(4) as pool:\n"
    "    list(pool.map(loud, range(8)))\ndef f(x):\n    return [x]",
    "threads that print when called": f"{POOL}{LOUD}def f(x):\n    with ThreadPoolExecutor(4) as p:\n"
    "        list(p.map(loud, range(8)))\n    return [x]",
    "threads that count": f"{POOL}def f(x):\n    with ThreadPoolExecutor(4) as p:\n"
    "        return [sum(p.map(int, [x]))]",
    "a difference of two objects": "def g(a, b, k=None):\n    return [a is b, a is k, b == k]\n"
    "def f(x):\n    return [x]",
    "an exception": "def f(x):\n    return 1 / 0",
    "an end of iteration": "def f(x):\n    return next(iter([]))",
    "no Python": "def f(x:\n    return",
    "does not run": "def f(x):\n    return [x]\nundefined",
    "a magic above": "%xmode Plain\ndef f(x):\n    return [x]",
    "a generator's list": "def numbers():\n    yield from range(9)\nsource = numbers()\n"
    "def f(x):\n    next(source)\n    return [x]",
}
OWN = (
    "", "print('hello')", f"{POOL}with ThreadPoolExecutor(4) as pool:\n"
    "    list(pool.map(print, range(300)))", "1 / 0", "x = 5\nx", "f(1)", "%%capture\nprint('no')",
    "import threading\nt = threading.Thread(target=print, args=('from a thread',))\nt.start()\n"
    "t.join()", "import sys\nprint('careful', file=sys.stderr)", "kept = [7]", "del f",
    "from pathlib import Path\nn = Path('x.txt').write_text('1')", "f = lambda x: [x]", "for i in (",
    "import random\nrandom.seed(3)\nprint(random.random())",
)  # fmt: skip
CHECKS = (
    "assert f(1) == [1], 'one'",
    "a = f(3)\nf(4)\nassert a == [3], 'the first result has changed'",
    "a, b = f(1), f(2)\nassert list(a) == [1] and list(b) == [2], 'two'",
    "assert f(1) is not None, 'nothing'",
    "a = f(2)\nassert a[0] == 2, 'indexed'",
    "results = [f(n) for n in range(5)]\nassert [r[0] for r in results] == list(range(5)), 'five'",
    "a, c = [1], [1]\nassert g(a, a, k=a) == [True, True, True], 'g'\nassert g(a, c, k=a)[0] is False",
    "try:\n    f(0)\nexcept ZeroDivisionError:\n    pass\nassert f(1).x == 1, 'attribute'",
)


@pytest.fixture(scope="module")
def course(tmp_path_factory: pytest.TempPathFactory) -> Blueprint:
    cells = [("setup", "import numpy as np"), ("f", "def f(x):\n    return [x]")]
    cells += [(f"f-check{n}", check) for n, check in enumerate(CHECKS)]
    return blueprint_of(write_course(tmp_path_factory.mktemp("course"), cells))


@pytest.fixture(scope="module")
def engine(course: Blueprint) -> Iterator[Engine]:
    with engine_for(course) as engine:
        yield engine


def in_a_kernel(notebooks: list[list[str]]) -> list[list[tuple[str, str]]]:
    done = subprocess.run(
        [sys.executable, plain_kernel.__file__],
        input=json.dumps(notebooks), capture_output=True, text=True, check=True,
    )  # fmt: skip
    return [[tuple(cell) for cell in cells] for cells in json.loads(done.stdout)]


def compare(
    course: Blueprint, engine: Engine, work: list[tuple[str, tuple[str, ...]]]
) -> list[str]:
    """What differs, a line each. work: an answer, and the student's own cells below it"""
    (blueprint,) = course.notebooks
    notebooks = []
    for answer, own in work:
        merged = merge(blueprint, submitted(course, {"f": answer}, *own)).notebook
        notebooks.append([cell.source for cell in merged.cells if cell.cell_type == "code"])
    differences = []
    for (answer, own), theirs in zip(work, in_a_kernel(notebooks), strict=True):
        result = graded(course, engine, {"f": answer}, *own)
        checks = {check.grade_id: check for check in result.checks}
        cells = [cell for cell in result.notebooks[0].notebook.cells if cell.cell_type == "code"]
        for cell, (error, characters) in zip(cells, theirs, strict=True):
            if kind_of(cell) is Kind.CHECK:
                found = checks[cell.metadata.nbgrader.grade_id]
                if (found.outcome is Outcome.PASSED) != (not error):
                    differences.append(f"{answer!r} {own!r} {cell.source!r}: kernel {error or 'passes'}, "
                                       f"engine {found.outcome.value} {found.message}")  # fmt: skip
                continue
            ours = next((out.ename for out in cell.outputs if out.output_type == "error"), "")
            texts = [out.text for out in cell.outputs if out.output_type == "stream"]
            shown = "".join(sorted("".join("".join(texts).split())))
            values = [out for out in cell.outputs if out.output_type == "execute_result"]
            if ours != error or (shown != characters and not values and not error):
                differences.append(
                    f"{cell.source!r}: kernel {error} {characters[:40]}, engine {ours} {shown[:40]}"
                )
    return differences


@pytest.mark.parametrize("name", ANSWERS)
def test_each_answer_earns_what_passes_in_a_kernel(
    course: Blueprint, engine: Engine, name: str
) -> None:
    assert compare(course, engine, [(ANSWERS[name], ())]) == []


@pytest.mark.parametrize("seed", range(3))
def test_random_notebooks_come_out_as_in_a_kernel(
    course: Blueprint, engine: Engine, seed: int
) -> None:
    """150 notebooks in all."""
    rng = random.Random(seed)
    work = [
        (rng.choice(list(ANSWERS.values())), tuple(rng.choices(OWN, k=rng.randint(0, 3))))
        for _ in range(50)
    ]
    assert compare(course, engine, work) == []
