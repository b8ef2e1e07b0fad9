"""A small course in a temporary folder, for tests of exchange, configuration and JupyterLab."""

import os
import shutil
import sys
from pathlib import Path
from typing import Any

import nbformat
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output
from nbgrader.converters import GenerateAssignment
from nbgrader.coursedir import CourseDirectory

from autograder.assignment.course import CLASSROOM_VARIABLE, Course
from autograder.authoring.release import load_config, quiet_logger

REPOSITORY = Path(__file__).resolve().parents[2]
CHAPTERS = {"01_sums": "add", "02_squares": "square"}
"""The chapters and the one exercise of each."""

_ANSWERS = {
    "add": ("def add(a, b):", "return a + b", "add(2, 3)", 5),
    "square": ("def square(a):", "return a * a", "square(3)", 9),
}


def make_course(root: Path) -> Course:
    """Write solutions/, course/ and the real nbgrader_config.py into `root`."""
    root.mkdir(parents=True, exist_ok=True)
    shutil.copy(REPOSITORY / "nbgrader_config.py", root)
    course = Course(root)
    for chapter, exercise in CHAPTERS.items():
        write(course.solutions / chapter / f"{chapter[3:]}.ipynb", _solution(exercise))
        _generate(course, chapter)
    (course.release / "README.md").write_text("# A small course\n\nTwo chapters.\n")
    return course


FULL_ASSIGNMENT = "01_sums"


def make_full_course(root: Path) -> Course:
    """Write a course that keeps the whole contract, not released yet, with known answers.

    `01_sums` has two exercises, a check with partial credit, a hidden check, a data file and a
    written answer; `02_squares` has one exercise.
    """
    root.mkdir(parents=True, exist_ok=True)
    shutil.copy(REPOSITORY / "nbgrader_config.py", root)
    course = Course(root)
    write(course.solutions / "01_sums" / "sums.ipynb", _full_notebook(_SUMS))
    (course.solutions / "01_sums" / "data").mkdir()
    (course.solutions / "01_sums" / "data" / "numbers.csv").write_text("1,2\n3,4\n")
    write(course.solutions / "02_squares" / "squares.ipynb", _full_notebook(_SQUARES))
    for name, text in _KNOWN.items():
        path = root / "tests" / "misconceptions" / f"{name}.py"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return course


def _full_notebook(cells: list[Any]) -> Any:
    notebook = new_notebook(metadata=_KERNEL)
    count = 0
    for index, (source, marks) in enumerate(cells):
        make = new_markdown_cell if marks is None or "written" in marks else new_code_cell
        cell = make(source, id=f"cell-{index}")
        if marks == {"explore": True}:
            cell.metadata["tags"] = ["explore"]
            cell.outputs = [new_output("stream", name="stdout", text="printed in solutions\n")]
        elif marks:
            flags = {name: value for name, value in marks.items() if name != "written"}
            cell.metadata.update(_marks(flags.pop("grade_id"), **flags))
        if cell.cell_type == "code":
            count += 1
            cell.execution_count = count
        notebook.cells.append(cell)
    return notebook


def _check(grade_id: str, points: int) -> dict[str, Any]:
    return {"grade_id": grade_id, "grade": True, "locked": True, "points": points}


_KERNEL = {"kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"}}
_SUMS = [
    ("# Chapter 1 · Sums\n\nSums are everywhere.\n\n*25 minutes · 9 points*", None),
    ("import sys\n\nLIMIT = 100", {"grade_id": "setup", "locked": True}),
    ("## Exercise 1 · Adding\n\n*10 minutes · 5 points*", None),
    (
        'def add(a, b):\n    """Add two numbers."""\n    ### BEGIN SOLUTION\n'
        "    the_reference_total = a + b\n    return the_reference_total\n    ### END SOLUTION",
        {"grade_id": "add", "solution": True},
    ),
    (
        'import sys\n\nprint("a warning", file=sys.stderr)\n'
        'assert add(2, 3) == 5, f"add: 2 + 3 should be 5, got {add(2, 3)}"',
        _check("add-small", 2),
    ),
    ("sum(add(n, n) == 2 * n for n in (1, LIMIT))", _check("add-partial", 2)),
    (
        "# hidden check: negative numbers\n### BEGIN HIDDEN TESTS\n"
        'assert add(-1, -2) == -3, "add: the_secret_check"\n### END HIDDEN TESTS',
        _check("add-secret", 1),
    ),
    ('print("printed in solutions")', {"explore": True}),
    ("## Exercise 2 · Halving\n\n*10 minutes · 2 points*", None),
    (
        'def half(a):\n    """Halve a number."""\n    ### BEGIN SOLUTION\n'
        "    return a / 2\n    ### END SOLUTION",
        {"grade_id": "half", "solution": True},
    ),
    ('assert half(3) == 1.5, f"half: half of 3 is 1.5, got {half(3)}"', _check("half-odd", 2)),
    ("## Reflection\n\n*5 minutes · 2 points*", None),
    (
        "What did you learn?\n\n### BEGIN SOLUTION\nThat sums are everywhere.\n### END SOLUTION",
        {"grade_id": "reflection", "grade": True, "solution": True, "points": 2, "written": True},
    ),
]
_SQUARES = [
    ("# Chapter 2 · Squares\n\nSquares too.\n\n*7 minutes · 3 points*", None),
    ("## Exercise 1 · Squaring\n\n*7 minutes · 3 points*", None),
    (
        'def square(a):\n    """Square a number."""\n    ### BEGIN SOLUTION\n'
        "    return a**2\n    ### END SOLUTION",
        {"grade_id": "square", "solution": True},
    ),
    ('assert square(-3) == 9, f"square: (-3)² is 9"', _check("square-negative", 3)),
]
_KNOWN = {
    "01_sums/add": """\
# %% wrong subtracts
# check: add-small
# says: got -1
# -     the_reference_total = a + b
# +     the_reference_total = a - b

# %% wrong only_small_numbers
# check: add-secret
# says: the_secret_check
# -     the_reference_total = a + b
# +     the_reference_total = abs(a) + abs(b)

# %% wrong saturates
# check: add-partial
# says: 1 of 2
# -     the_reference_total = a + b
# +     the_reference_total = min(a + b, 100)

# %% right swapped
def add(a, b):
    return b + a

# %% right by_sum
def add(a, b):
    return sum((a, b))

# %% vacuous zero
def add(a, b):
    return 0
""",
    "01_sums/half": """\
# %% wrong whole_numbers
# check: half-odd
# says: got 1
# -     return a / 2
# +     return a // 2

# %% wrong doubles
# check: half-odd
# says: got 6
# -     return a / 2
# +     return a * 2

# %% wrong rounds
# check: half-odd
# says: got 2
# -     return a / 2
# +     return round(a / 2)

# %% right multiplies
def half(a):
    return 0.5 * a

# %% right subtracts_the_other_half
def half(a):
    return a - a / 2

# %% vacuous nothing
def half(a):
    pass
""",
    "02_squares/square": """\
# %% wrong doubles
# check: square-negative
# says: is 9
# -     return a**2
# +     return a * 2

# %% wrong keeps_the_sign
# check: square-negative
# says: is 9
# -     return a**2
# +     return a * abs(a)

# %% wrong a_third_power
# check: square-negative
# says: is 9
# -     return a**2
# +     return a**3

# %% right multiplies
def square(a):
    return a * a

# %% right of_the_absolute_value
def square(a):
    return abs(a) ** 2

# %% vacuous zero
def square(a):
    return 0
""",
}


def _generate(course: Course, chapter: str) -> None:
    config = load_config(course)
    config.CourseDirectory.assignment_id = chapter
    config.GenerateAssignment.no_database = True
    config.SaveCells.enabled = False
    log = quiet_logger()
    coursedir = CourseDirectory(config=config, log=log)
    GenerateAssignment(coursedir=coursedir, config=config, log=log).start()


def write(path: Path, notebook: Any) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    nbformat.write(notebook, path)


def answer(path: Path, body: str) -> None:
    """Put `body` in the place of the stub in the notebook `path`."""
    notebook = nbformat.read(path, as_version=4)
    for cell in notebook.cells:
        if cell.metadata.get("nbgrader", {}).get("solution"):
            cell.source = cell.source.split("    raise NotImplementedError")[0] + f"    {body}\n"
    nbformat.write(notebook, path)


def environment(home: Path) -> dict[str, str]:
    """What a user's shell gives to the commands, with a home of its own."""
    home.mkdir(parents=True, exist_ok=True)
    inherited = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith(("JUPYTER", "IPYTHON", "XDG_")) and name != CLASSROOM_VARIABLE
    }
    return {
        **inherited,
        "HOME": str(home),
        "PATH": os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]]),
        "PYTHONPATH": str(REPOSITORY),
    }


def _solution(exercise: str) -> Any:
    head, body, call, expected = _ANSWERS[exercise]
    return new_notebook(
        cells=[
            new_markdown_cell(f"# {exercise}\n\nA chapter.\n\n*1 minutes · 2 points*", id="a"),
            new_code_cell("import sys", id="b", metadata=_marks("setup", locked=True)),
            new_markdown_cell(f"## Exercise 1 · {exercise}\n\n*1 minutes · 2 points*", id="c"),
            new_code_cell(
                f"{head}\n    ### BEGIN SOLUTION\n    {body}\n    ### END SOLUTION",
                id="d",
                metadata=_marks(exercise, solution=True),
            ),
            new_code_cell(
                f'print("warned", file=sys.stderr)\nassert {call} == {expected}, "{exercise}: no"',
                id="e",
                metadata=_marks(f"{exercise}-works", grade=True, locked=True, points=2),
            ),
            new_code_cell(
                'raise RuntimeError("nobody runs me")', id="f", metadata={"tags": ["explore"]}
            ),
        ],
        metadata={
            "kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"}
        },
    )


def _marks(grade_id: str, **marks: Any) -> dict[str, Any]:
    plain = {"grade": False, "locked": False, "solution": False, "task": False}
    return {"nbgrader": {**plain, "grade_id": grade_id, "schema_version": 3, **marks}}
