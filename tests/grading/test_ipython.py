"""IPython as it is in a kernel: figures, magics that run code, and errors that are only shown."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from compact_course import blueprint_of, graded, stock_scores, write_course

from autograder.assignment.outcome import Outcome, Result
from autograder.engine.engine import Engine
from autograder.grading.grade import engine_for

pytestmark = [pytest.mark.slow, pytest.mark.sandbox]


@pytest.fixture(scope="module")
def engine() -> Iterator[Engine]:
    with Engine.start(("numpy", "matplotlib", "matplotlib.pyplot")) as engine:
        yield engine


def scores(result: Result) -> dict[str, float]:
    return {check.grade_id: check.score for check in result.checks}


def said(result: Result) -> dict[str, str]:
    return {check.grade_id: check.message for check in result.checks}


FIGURES = ("%matplotlib inline", "%matplotlib", "%matplotlib notebook", "%matplotlib widget",
           "%matplotlib agg", "%matplotlib qt", "%matplotlib --list", "%pylab", "%pylab inline",
           "%config InlineBackend.figure_format = 'retina'", "%gui",
           "from IPython import get_ipython\nget_ipython().run_line_magic('matplotlib', 'inline')",
           "get_ipython().enable_gui('qt')")  # fmt: skip


@pytest.mark.parametrize("line", FIGURES)
def test_figures_are_shown_inline_in_setup_answer_and_check(
    tmp_path: Path, engine: Engine, line: str
) -> None:
    """The reports matplotlib_inline_setup and matplotlib_inline_answer, and more of the kind."""
    course = write_course(
        tmp_path,
        [
            ("setup", f"{line}\nimport numpy as np\nimport matplotlib.pyplot as plt"),
            ("x", "x = np.ones(3)"),
            ("x-plain", "assert np.allclose(x, 1)"),
            ("x-check", f"{line}\nassert np.allclose(x, 1)"),
        ],
    )
    answer = f"{line}\nx = np.ones(3)\nplt.plot(x);"
    result = graded(blueprint_of(course), engine, {"x": answer})
    assert scores(result) == {"x-plain": 1, "x-check": 1}, said(result)
    (shown,) = [cell for cell in result.notebooks[0].notebook.cells if cell.source == answer]
    assert any("image/png" in output.get("data", {}) for output in shown.outputs)
    wrong = graded(blueprint_of(course), engine, {"x": answer.replace("ones", "zeros")})
    assert scores(wrong) == {"x-plain": 0, "x-check": 0}


def test_back_end_that_there_is_not_is_an_error_as_in_a_kernel(
    tmp_path: Path, engine: Engine
) -> None:
    cells = [("x", "x = 1"), ("x-check", "assert x == 1")]
    blueprint = blueprint_of(write_course(tmp_path, cells))
    result = graded(blueprint, engine, {"x": "%matplotlib nonsense\nx = 1"})
    assert scores(result) == {"x-check": 0}
    assert said(result)["x-check"].startswith("x: your answer does not run: RuntimeError:")


RIGHT = "x = 1\ndef f(v):\n    assert v == 1"
RUNS = [
    ("x", RIGHT),
    ("x-time", "%%time\nassert x == 1"),
    ("x-time_blank", "\n%%time\n\nimport os\nassert x == 1"),
    ("x-time_value 2", "%%time\nshare = 1.5 * (x == 1)\nshare"),
    ("x-time_binds", "%%time\nkept = x"),
    ("x-time_bound", "assert kept == 1"),
    ("x-time_line", "%time assert x == 1"),
    ("x-time_automagic", "time assert x == 1"),
    ("x-timeit", "%timeit -n1 -r1 f(x)"),
    ("x-timeit_cell", "%%timeit -n 1 -r 1 y = x\nassert y == 1"),
    ("x-capture", "%%capture out\nprint('shown')\nassert x == 1"),
    ("x-captured", "assert out.stdout == 'shown\\n' and x == 1"),
    ("x-capture_time", "%%capture\n%time assert x == 1"),
    ("x-prun", "%prun -q f(x)"),
    ("x-run", "%run -i tests.py"),
    ("x-run_later", "import os\n%run -i tests\nassert tested == 1"),
    ("x-run_ipy", "%run -i tests.ipy"),
    ("x-run_magic", "from IPython import get_ipython\nget_ipython().run_line_magic('run', '-i tests.py')"),
    ("x-run_cell", "get_ipython().run_cell('assert x == 1')"),
    ("x-run_cells", "shell = get_ipython()\nfor _ in range(2):\n    shell.run_cell('assert x == 1')\n1"),
    ("x-run_nested", "get_ipython().run_cell('%%capture\\nassert x == 1')"),
    ("x-ex", "get_ipython().ex('assert x == 1')"),
    ("x-ev", "assert get_ipython().ev('x == 1')"),
    ("x-expanded", "said = !echo {x}\nassert said == ['1']"),
    ("x-dollar", "said = !echo $x\nassert said == ['1']"),
    ("x-line", "%matplotlib inline\nassert x == 1"),
    ("x-bang", "!echo hi\nassert x == 1"),
    ("x-help", "x?\nassert x == 1"),
    ("x-assign", "files = !ls\nassert x == 1"),
    ("x-who", "r = %who_ls int\nassert x == 1"),
]  # fmt: skip
ANYBODYS = [
    ("x-false", "!false"),
    ("x-named", "%%time\n# nothing but a comment and a name\nx = 1"),
]
"""Nobody's answer matters to these."""
NOBODYS = [
    ("x-run_exit", "%run exits.py"),
    ("x-run_missing", "%run -i no_such_file.py"),
    ("x-bash", "%%bash\nexit 3"),
    ("x-python", "%%python\nassert 1 == 2"),
    ("x-syntax", "get_ipython().run_cell('assert (')"),
    ("x-usage", "%no_such_magic"),
]
FILES = {
    "tests.py": "assert x == 1, 'x should be 1'\ntested = x\n",
    "exits.py": "raise SystemExit('always fails')\n",
    "tests.ipy": "%time assert x == 1\n",
}


@pytest.fixture(scope="module")
def runs(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Path, Engine]]:
    root = write_course(tmp_path_factory.mktemp("runs"), [*RUNS, *ANYBODYS, *NOBODYS], FILES)
    with engine_for(blueprint_of(root)) as engine:
        yield root, engine


@pytest.mark.parametrize("cross_check", [False, True])
def test_checks_that_run_through_ipython_are_marked_as_by_nbgrader(
    runs: tuple[Path, Engine], cross_check: bool
) -> None:
    """The reports check_runs_through_ipython and check_with_time_magic, and more of the kind."""
    root, engine = runs
    blueprint = blueprint_of(root)
    for answer, right in ((RIGHT, True), (RIGHT.replace("x = 1", "x = 2"), False), (None, False)):
        answers = {"x": answer} if answer else {}
        result = graded(blueprint, engine, answers, cross_check=cross_check)
        got = scores(result)
        assert not any(check.outcome is Outcome.DISPUTED for check in result.checks)
        assert got == expected(answered=answer is not None, right=right), said(result)
        if not cross_check:
            assert got == stock_scores(blueprint, answers, root / "source" / "ps1")


def expected(*, answered: bool, right: bool) -> dict[str, float]:
    want: dict[str, float] = {name: 0 for name, _ in NOBODYS} | {name: 1 for name, _ in ANYBODYS}
    for name, _ in RUNS[1:]:
        grade_id, _, points = name.partition(" ")
        want[grade_id] = (1.5 if points else 1) if right else 0
    return {**want, "x-time_binds": answered}  # it asks for the name alone


def test_what_a_magic_prints_is_output_and_lines_in_it_are_named(
    runs: tuple[Path, Engine],
) -> None:
    root, engine = runs
    result = graded(blueprint_of(root), engine, {"x": "x = 2"})
    cells = {cell.metadata.nbgrader.grade_id: cell for cell in result.notebooks[0].notebook.cells}
    assert "Wall time" in str(cells["x-time"].outputs)
    assert said(result)["x-time"] == "failed without a message (line 1: `assert x == 1`)"
    assert said(result)["x-run"] == "x should be 1"


SHOWN = {
    "%%capture\nx = 1\nraise ValueError('inside')": "ValueError: inside",
    "get_ipython().run_cell('1 / 0')\ny = 1": "ZeroDivisionError: division by zero",
    "%run broken.py": "KeyError: 'broken'",
    "%%time\nraise ValueError('inside')": "ValueError: inside",
    "%run -i no_such_file.py": "Exception: File `'no_such_file.py'` not found.",
}


@pytest.mark.parametrize("answer", SHOWN)
def test_answer_that_only_shows_its_error_does_not_run(
    tmp_path: Path, engine: Engine, answer: str
) -> None:
    cells = [("x", "x = 1"), ("x-check", "assert x == 2, 'x is not 2'")]
    blueprint = blueprint_of(write_course(tmp_path, cells))
    own = "" if "broken" not in answer else "%%writefile broken.py\nraise KeyError('broken')\n"
    result = graded(blueprint, engine, {"x": f"{answer}"}) if not own else None
    if result is None:  # the script is written by the answer itself
        script = "open('broken.py', 'w').write(\"raise KeyError('broken')\");"
        result = graded(blueprint, engine, {"x": f"{script}\n{answer}"})
    assert said(result)["x-check"].startswith(f"x: your answer does not run: {SHOWN[answer]}")
    (cell,) = [c for c in result.notebooks[0].notebook.cells if answer in c.source]
    assert cell.outputs[-1].output_type == "error"


NOT_STUBS = {
    "library": "import io\nx = io.IOBase().readline if False else io.RawIOBase().read()",
    "numbers": "import numbers\nx = numbers.Complex.__abs__(1)",
    "abstract": "class Shape:\n    def area(self):\n        raise NotImplementedError()\n"
    "x = Shape().area()",
    "own": "raise NotImplementedError('I do not know how')",
    "wrapped": "def g():\n    raise NotImplementedError()\nx = g()",
}


@pytest.mark.parametrize("answer", NOT_STUBS.values(), ids=NOT_STUBS)
def test_not_answered_is_said_only_of_the_stub_itself(
    tmp_path: Path, engine: Engine, answer: str
) -> None:
    cells = [("x", "x = 1"), ("x-check", "assert x == 1")]
    blueprint = blueprint_of(write_course(tmp_path, cells))
    (check,) = graded(blueprint, engine, {"x": answer}).checks
    assert check.outcome is not Outcome.UNANSWERED
    assert "not answered" not in check.message
    assert check.message.startswith("x: your answer does not run: ")
    for left in (
        "# YOUR CODE HERE\nraise NotImplementedError()",
        "x = 0\nraise  NotImplementedError( )",
    ):
        (check,) = graded(blueprint, engine, {"x": left}).checks
        assert (check.outcome, check.message) == (Outcome.UNANSWERED, "not answered yet"), left


def test_stub_in_a_function_or_below_a_magic_is_known(tmp_path: Path, engine: Engine) -> None:
    course = write_course(
        tmp_path,
        [
            ("text", "Functions"),
            ("f", "def f(v):\n    return v"),
            ("f-check", "assert f(1) == 1"),
            ("f-hidden", "### BEGIN HIDDEN TESTS\nassert f(2) == 2\n### END HIDDEN TESTS"),
            ("y", "y = 1"),
            ("y-check", "assert y == 1"),
        ],
    )
    source = course / "source" / "ps1" / "p.ipynb"
    text = source.read_text()
    text = text.replace(
        '"### BEGIN SOLUTION\\n",\n    "def f(v):\\n",\n    "    return v\\n",\n    "### END SOLUTION"',
        '"def f(v):\\n",\n    "    ### BEGIN SOLUTION\\n",\n    "    return v\\n",\n'
        '    "    ### END SOLUTION"',
    ).replace('"### BEGIN SOLUTION\\n",\n    "y = 1', '"%%time\\n",\n    "### BEGIN SOLUTION\\n",\n    "y = 1')  # fmt: skip
    source.write_text(text)
    blueprint = blueprint_of(course)
    stubs = [c.source for c in blueprint.notebooks[0].notebook.cells if "YOUR CODE" in c.source]
    assert stubs[0].startswith("def f(v):\n")
    assert stubs[1].startswith("%%time\n")
    result = graded(blueprint, engine)
    assert {check.outcome for check in result.checks} == {Outcome.UNANSWERED}, said(result)
