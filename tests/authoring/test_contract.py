"""The lint over `solutions/`: each rule names what breaks it, and the names that code reads."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import nbformat
import pytest
from hypothesis import given
from hypothesis import strategies as st
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output

from autograder.authoring.contract import LONGEST_CODE, violations
from autograder.engine.names import free_names

SETUP, ANSWER, CHECK, EXPLORE = 1, 3, 4, 5
"""Where these cells stand in the good notebook."""


def good() -> Any:
    notebook = new_notebook()
    notebook.cells = [
        new_markdown_cell("# Chapter 1 · Sums\n\nWhy.\n\n*10 minutes · 2 points*"),
        code("import math\n\nlimit = 3", "setup", locked=True),
        new_markdown_cell("## Exercise 1 · Adding\n\n*Difficulty ●○○ · 10 minutes · 2 points*"),
        code(
            'def add(a, b):\n    """Add."""\n    ### BEGIN SOLUTION\n    return a + b\n'
            "    ### END SOLUTION",
            "add",
            solution=True,
        ),
        code(
            "assert add(limit, math.pi) > 3, 'add: no'",
            "add-values",
            grade=True,
            locked=True,
            points=2,
        ),
        new_code_cell("shown = add(1, 2)", metadata={"tags": ["explore"]}),
    ]
    number_cells(notebook)
    return notebook


def number_cells(notebook: Any) -> None:
    """As if they had just been run."""
    numbered = (cell for cell in notebook.cells if cell.cell_type == "code")
    for number, cell in enumerate(numbered, start=1):
        cell.execution_count = number


def code(source: str, grade_id: str, **marks: Any) -> Any:
    plain = {"grade": False, "locked": False, "solution": False, "schema_version": 3}
    return new_code_cell(source, metadata={"nbgrader": {**plain, "grade_id": grade_id, **marks}})


def told(tmp_path: Path, notebook: Any) -> tuple[str, ...]:
    nbformat.write(notebook, tmp_path / "sums.ipynb")
    return violations(tmp_path / "sums.ipynb")


def test_good_notebook_breaks_nothing(tmp_path: Path) -> None:
    assert told(tmp_path, good()) == ()


@pytest.mark.parametrize(
    "imports",
    ["import torch", "import keras", "import torch\nimport triton\nimport keras"],
)
def test_one_framework_or_triton_first_breaks_nothing(tmp_path: Path, imports: str) -> None:
    notebook = good()
    notebook.cells[SETUP].source = f"import math\n{imports}\n\nlimit = 3"
    assert told(tmp_path, notebook) == ()


def sources(index: int, source: str) -> Callable[[Any], None]:
    def edit(notebook: Any) -> None:
        notebook.cells[index].source = source

    return edit


def replaces(index: int, old: str, new: str) -> Callable[[Any], None]:
    def edit(notebook: Any) -> None:
        assert old in notebook.cells[index].source
        notebook.cells[index].source = notebook.cells[index].source.replace(old, new)

    return edit


def rewritten(index: int, old: str, new: str) -> Callable[[Any], None]:
    def edit(notebook: Any) -> None:
        assert old in notebook.cells[index].source
        notebook.cells[index].source = notebook.cells[index].source.replace(old, new)

    return edit


def marks(index: int, **values: Any) -> Callable[[Any], None]:
    return lambda notebook: notebook.cells[index].metadata.nbgrader.update(values)


def adds(cell: Callable[[], Any]) -> Callable[[Any], None]:
    """At the end, executed."""

    def edit(notebook: Any) -> None:
        notebook.cells.append(cell())
        if notebook.cells[-1].cell_type == "code":
            notebook.cells[-1].execution_count = 5

    return edit


def untag(notebook: Any) -> None:
    del notebook.cells[EXPLORE].metadata["tags"]


def drop_check(notebook: Any) -> None:
    """Without its check, the exercise has no points, and so it is none."""
    del notebook.cells[CHECK]
    notebook.cells[0].source = "# Sums"


def store_error(notebook: Any) -> None:
    notebook.cells[EXPLORE].outputs = [new_output("error", ename="ZeroDivisionError", evalue="")]


def store_times(notebook: Any) -> None:
    notebook.cells[SETUP].metadata["execution"] = {"iopub.status.busy": "now"}


def explore_first(notebook: Any) -> None:
    """The check's constant now comes from an explore cell above it."""
    notebook.cells[EXPLORE].source = "limit = 3"
    notebook.cells[SETUP].source = "import math"
    notebook.cells.insert(SETUP, notebook.cells.pop(EXPLORE))
    notebook.cells[4].source = notebook.cells[4].source.replace("a + b", "a + b + limit")


def two_exercises(notebook: Any) -> None:
    """A check that calls what only a later exercise declares."""
    notebook.cells[CHECK].source = "assert double(add(1, 1)) == 4"
    answer = code(
        'def double(a):\n    """Double."""\n    ### BEGIN SOLUTION\n    return 2 * a\n'
        "    ### END SOLUTION",
        "double",
        solution=True,
    )
    notebook.cells.append(answer)


def run_twice(notebook: Any) -> None:
    notebook.cells[CHECK].execution_count = 7


def not_run(notebook: Any) -> None:
    notebook.cells[SETUP].execution_count = None


FUNCTION = 'def add(a, b):\n    """Add."""\n    ### BEGIN SOLUTION\n    return a + b\n'


@pytest.mark.parametrize(
    ("edit", "sentence"),
    [
        (
            sources(SETUP, "import math\nimport torch\nimport keras\n\nlimit = 3"),
            "cell [1] (setup): imports TensorFlow beside PyTorch; import triton before it",
        ),
        (
            sources(SETUP, "import math, torch\nfrom keras import layers\nimport triton\nlimit = 3"),
            "cell [1] (setup): imports TensorFlow beside PyTorch; import triton before it",
        ),
        (untag, "cell [4]: code that is neither locked, an answer, a check, nor tagged"),
        (marks(ANSWER, grade_id="sum"), "cell [2] (sum): an answer's grade_id is the name"),
        (marks(ANSWER, grade_id="add-1"), "cell [2] (add-1): an answer's grade_id is the name"),
        (marks(CHECK, grade_id="values"), "cell [3] (values): a check's grade_id is ANSWER-aspect"),
        (marks(CHECK, grade_id="sub-values"), "cell [3] (sub-values): a check's grade_id is"),
        (marks(CHECK, grade_id="add-Values"), "cell [3] (add-Values): a check's grade_id is"),
        (marks(CHECK, points=0), "cell [3] (add-values): a check without points"),
        (drop_check, "cell [2] (add): has no check"),
        (replaces(2, "2 points", "3 points"), "the text below [1] (“Exercise 1 · Adding”): must state its points (2)"),
        (replaces(2, "· 2 points", ""), "the text below [1] (“Exercise 1 · Adding”): must state its points (2)"),
        (replaces(2, "10 minutes ·", ""), "the text below [1] (“Exercise 1 · Adding”): must state its minutes"),
        (replaces(0, "10 minutes", "15 minutes"), "the first cell: states 15 minutes; the exercises' minutes add up to 10"),
        (replaces(0, "2 points", "20 points"), "the first cell: must state its points (2)"),
        (
            sources(2, "## Adding\n\n*10 minutes · 2 points*"),
            "cell [3] (add-values): has points, but no heading",
        ),
        (
            sources(ANSWER, 'def add(a, b):\n    """Add."""\n    return a + b'),
            "cell [2] (add): an answer needs ### BEGIN SOLUTION",
        ),
        (replaces(ANSWER, '    """Add."""\n', ""), "cell [2] (add): add needs a docstring"),
        (
            sources(ANSWER, 'class add:\n    """Add."""\n    ### BEGIN SOLUTION\n    x = 1'
                    "\n    ### END SOLUTION\n\n\ndef helper():\n    pass"),
            "cell [2] (add): helper needs a docstring",
        ),
        (
            rewritten(ANSWER, 'def add(a, b):\n    """Add."""', "async def add(a, b):"),
            "cell [2] (add): add needs a docstring",
        ),
        (sources(CHECK, "assert add(1, total) > 1"), "cell [3] (add-values): reads `total`"),
        (sources(CHECK, "assert add(1, shown) > 1"), "cell [3] (add-values): reads `shown`"),
        (two_exercises, "cell [3] (add-values): reads `double`, which no exercise declares"),
        (explore_first, "cell [3] (add): reads `limit`, which only an explore cell defines"),
        *((
            marks(CHECK, points=points),
            f"cell [3] (add-values): has points that are no number ({said}); give it some",
        ) for points, said in ((None, "empty"), ("two", "`two`"), ("2", "`2`"), (-1, "`-1`"))),
        (
            sources(SETUP, "from math import *\n\nlimit = 3"),
            "cell [1] (setup): imports `*` from math, so that nobody can tell what; name what",
        ),
        (sources(EXPLORE, "%pip install torch"), "cell [4]: installs a package"),
        (sources(EXPLORE, "%%bash\n!pip install torch"), "cell [4]: installs a package"),
        (sources(SETUP, 'limit = len("/home/ada/data")'), "cell [1] (setup): holds an absolute path"),
        (sources(SETUP, "limit = len('C:\\\\data')"), "cell [1] (setup): holds an absolute path"),
        (
            sources(SETUP, "import math\n" + "limit = 3\n" * (LONGEST_CODE - 1) + "#"),
            f"cell [1] (setup): is longer than {LONGEST_CODE} lines",
        ),
        (sources(SETUP, "import math\nlimit = = 3"), "cell [1] (setup): is not plain Python (line 2"),
        (sources(SETUP, "%matplotlib inline"), "cell [1] (setup): is not plain Python (line 1"),
        (replaces(ANSWER, "return", "retrun"), "cell [2] (add): is not plain Python (line 4"),
        (sources(CHECK, "def broken("), "cell [3] (add-values): is not plain Python"),
        (sources(EXPLORE, "!ls"), "cell [4]: is not plain Python"),
        (sources(EXPLORE, "%time x = 1\n%time y = = 2\nz = = 3"), "cell [4]: is not plain Python (line 3"),
        (sources(EXPLORE, "x = '\0'"), "cell [4]: is not plain Python (source code"),
        (sources(EXPLORE, "-" * 20000 + "1"), "cell [4]: is not plain Python ("),
        (run_twice, "cell [3] (add-values): was not executed in order"),
        (not_run, "cell [1] (setup): was not executed in order"),
        (store_error, "cell [4]: its stored output is an error (ZeroDivisionError)"),
        (store_times, "cell [1] (setup): stores the times of its execution"),
    ],
)  # fmt: skip
def test_broken_rule_is_named_with_its_place(
    tmp_path: Path, edit: Callable[[Any], None], sentence: str
) -> None:
    notebook = good()
    edit(notebook)
    found = told(tmp_path, notebook)
    assert [line for line in found if line.startswith(sentence)], found


@pytest.mark.parametrize(
    "source",
    [
        "_got = add(1, 2)\nassert _got == 3",
        "_got, _want = add(1, 2), 3\nassert _got == _want",
        "_all = []\n_all.append(add(1, 2))\nassert _all == [3]",
        "_all = {}\n_all['a'] = add(1, 2)\nassert _all",
        "for _got in [add(n, 1) for n in range(3)]:\n    assert _got",
        "_bad = False\ntry:\n    add(1, 2)\nexcept ValueError:\n    _bad = True\nassert not _bad",
        "_n = 0\nif add(1, 2) == 3:\n    _n += 1\nassert _n",
        "def _run(n):\n    return add(n, n)\n\n\nassert _run(1) == 2",
        "def _same(a, b):\n    assert a == b\n\n\n_same(add(1, 1), 2)",
        "assert (_got := add(1, 2)) and _got == 3",
        "assert (add(1, 2) == 3, 'a tuple is always true')",
    ],
)
def test_assert_about_an_answer_needs_a_message(tmp_path: Path, source: str) -> None:
    notebook = good()
    notebook.cells[CHECK].source = source
    (said,) = told(tmp_path, notebook)
    assert said.startswith("cell [3] (add-values): the assert in line ")
    assert "has no message" in said


def magic(notebook: Any) -> None:
    notebook.cells[EXPLORE].source = "%%html\n<b>bold</b>"


def magic_below(notebook: Any) -> None:
    notebook.cells[EXPLORE].source = "x = 1\n# how long?\n%timeit x"


def explored_text(notebook: Any) -> None:
    notebook.cells[2].metadata["tags"] = ["explore"]


def fenced(text: str) -> Callable[[Any], None]:
    """A text between the heading of the exercise and its answer, with fenced code."""

    def edit(notebook: Any) -> None:
        notebook.cells.insert(3, new_markdown_cell(f"So:\n\n```python\n{text}\n```"))

    return edit


def one_minute(notebook: Any) -> None:
    for index in (0, 2):
        rewritten(index, "10 minutes", "1 minute")(notebook)


def meant_error(notebook: Any) -> None:
    store_error(notebook)
    notebook.cells[EXPLORE].metadata.tags.append("raises-exception")


def redefined(notebook: Any) -> None:
    """A name that a setup cell defines and an explore cell, further down, sets anew."""
    sources(EXPLORE, "limit = 5")(notebook)
    notebook.cells.insert(2, notebook.cells.pop(EXPLORE))
    replaces(ANSWER + 1, "a + b", "a + b + limit")(notebook)
    number_cells(notebook)


def longest(notebook: Any) -> None:
    notebook.cells[SETUP].source = "import math\n" + "limit = 3\n" * (LONGEST_CODE - 2) + "#"


def empty_explore(notebook: Any) -> None:
    """Jupyter never gives it a number."""
    notebook.cells.insert(EXPLORE, new_code_cell(" \n", metadata={"tags": ["explore"]}))


def tenths(notebook: Any) -> None:
    """0.1 + 0.2 + 0.3 is 0.6, whatever floats say."""
    notebook.cells[CHECK].metadata.nbgrader.points = 0.1
    for number, points in ((5, 0.2), (6, 0.3)):
        check = code(
            f"assert add(0, {number}), 'add: no'", f"add-{number}",
            grade=True, locked=True, points=points,
        )  # fmt: skip
        notebook.cells.insert(CHECK + 1, check)
    for index in (0, 2):
        replaces(index, "2 points", "0.6 points")(notebook)
    number_cells(notebook)


def own_data(notebook: Any) -> None:
    """An assert about data of the check's own, which no answer can make fail."""
    notebook.cells[CHECK].source = (
        "import random\n\n_rng = random.Random(1)\n_numbers = [_rng.random() for _ in range(9)]\n"
        "assert min(_numbers) < 0.5 < max(_numbers)\n"
        "for _n in _numbers:\n    _got = add(_n, 1)\n    assert _got == _n + 1, f'add: {_got}'"
    )


def score(notebook: Any) -> None:
    notebook.cells[CHECK].source = "sum(add(n, n) == 2 * n for n in range(limit))"


def whole_class(notebook: Any) -> None:
    """Given methods and imports stand above a solution; a method may have its own."""
    notebook.cells[ANSWER].source = (
        'class add:\n    """Add."""\n\n    def __init__(self, a):\n        self.a = a  # given\n\n'
        "    def twice(self):\n        import math\n\n        ### BEGIN SOLUTION\n"
        "        return 2 * self.a\n        ### END SOLUTION\n\n    @property\n"
        '    def half(self):\n        """Half."""\n        super().__init__()\n'
        "        ### BEGIN SOLUTION\n        # as it is\n        return self.a / 2\n"
        "        ### END SOLUTION\n"
    )


def methods_to_write(notebook: Any) -> None:
    notebook.cells[ANSWER].source = (
        'class add:\n    """Add."""\n\n    def given(self):\n        return 1\n\n'
        "    ### BEGIN SOLUTION\n    def to_write(self):\n        return 2\n    ### END SOLUTION"
    )


@pytest.mark.parametrize(
    "edit",
    [
        magic,
        magic_below,
        explored_text,
        fenced("# adds two numbers"),
        fenced("## Exercise 7 · Yours"),
        one_minute,
        rewritten(0, "Why.", "Add 2 points in 3 minutes, or 9 points."),
        rewritten(2, "· Adding", "· Rest 5 minutes with 4 points"),
        meant_error,
        redefined,
        longest,
        empty_explore,
        tenths,
        own_data,
        score,
        whole_class,
        methods_to_write,
    ],
)
def test_what_is_allowed_breaks_nothing(tmp_path: Path, edit: Callable[[Any], None]) -> None:
    notebook = good()
    edit(notebook)
    assert told(tmp_path, notebook) == ()


@pytest.mark.parametrize(
    ("source", "names"),
    [
        ("", ""),
        ("conv2d(images)", "conv2d images"),
        ("print(len([1]), ValueError, __name__)", ""),
        ("a = 1\na + b", "b"),
        ("def f(x):\n    return x + y", "y"),
        ("def f(x):\n    def g():\n        return x + h\n    return g", "h"),
        ("def f():\n    x = 1\n    return x\nx", "x"),
        ("def f(x=d, *, y: T = e) -> R:\n    pass", "T R d e"),
        ("lambda x, y=d: x + y + z", "d z"),
        ("[x * y for x in xs if x in ys]", "y xs ys"),
        ("{k: v for k, v in pairs}", "pairs"),
        ("[x for row in rows for x in row]", "rows"),
        ("sum(x for x in xs) + x", "xs x"),
        ("[y := x for x in xs]\ny", "xs"),
        ("if (n := g()): n", "g"),
        ("def f():\n    [k := 1 for _ in a]\n    return k", "a"),
        ("def f():\n    global z\n    z = 1\nf()\nz", ""),
        ("def f():\n    global z\n    import z\nz", ""),
        ("def f():\n    global z\n    return z", "z"),
        ("def f():\n    x = 1\n    def g():\n        nonlocal x\n        x = y\n    return g", "y"),
        ("class A(Base, metaclass=Meta):\n    x = y\n    def m(self):\n        return x",
         "Base Meta x y"),
        ("class A:\n    x = 1\n    y = x", ""),
        ("class A:\n    x = 1\n    y = [x for _ in range(3)]", "x"),
        ("import a.b, c as d\nfrom e import f as g\na, d, g", ""),
        ("import c as d\nc", "c"),
        ("def f():\n    import a\na", "a"),
        ("try:\n    pass\nexcept E as e:\n    e", "E"),
        ("with opened(p) as (q, r):\n    q + r", "opened p"),
        ("for i in r:\n    i\nelse:\n    i", "r"),
        ("@decorator(x)\ndef f():\n    pass", "decorator x"),
        ('f"{a!r:{width}} {b=}"', "a b width"),
        ("x: int = y", "y"),
        ("match v:\n    case Point(x=px):\n        px\n    case [h, *t]:\n        h, t", "v Point"),
        ("async def f():\n    async for i in a:\n        await i", "a"),
    ],
)  # fmt: skip
def test_free_names_are_the_globals_that_code_reads(source: str, names: str) -> None:
    assert free_names(source) == set(names.split())


LETTERS = "abcde"
Read = tuple[str, frozenset[str]]
"""An expression, and the names that it reads from outside."""

names = st.sampled_from(LETTERS)


def nested(inner: st.SearchStrategy[Read]) -> st.SearchStrategy[Read]:
    """Expressions that bind names around others."""

    def listed(name: str, item: Read, over: Read, test: Read) -> Read:
        text = f"[{item[0]} for {name} in {over[0]} if {test[0]}]"
        return text, over[1] | ((item[1] | test[1]) - {name})

    def anonymous(name: str, default: Read, body: Read) -> Read:
        return f"(lambda {name}={default[0]}: {body[0]})", default[1] | (body[1] - {name})

    return st.one_of(
        st.builds(lambda a, b: (f"({a[0]} + {b[0]})", a[1] | b[1]), inner, inner),
        st.builds(lambda f, x: (f"{f[0]}({x[0]})", f[1] | x[1]), inner, inner),
        st.builds(listed, names, inner, inner, inner),
        st.builds(anonymous, names, inner, inner),
    )


EXPRESSIONS = st.recursive(names.map(lambda name: (name, frozenset([name]))), nested, max_leaves=12)


@given(EXPRESSIONS)
def test_free_names_of_nested_expressions(read: Read) -> None:
    assert free_names(read[0]) == read[1]


@given(EXPRESSIONS, EXPRESSIONS, names, names)
def test_free_names_of_functions_and_assignments(
    body: Read, default: Read, argument: str, bound: str
) -> None:
    """Inside a function an argument hides the global, and what the code defines is not free."""
    source = f"{bound} = 1\ndef f({argument}={default[0]}):\n    return {body[0]}\n"
    assert free_names(source) == (default[1] | (body[1] - {argument})) - {bound}
