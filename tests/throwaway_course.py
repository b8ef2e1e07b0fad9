"""A small course in a temporary folder, for tests of exchange, configuration and JupyterLab."""

import os
import shutil
import sys
from pathlib import Path
from typing import Any

import nbformat
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook
from nbgrader.converters import GenerateAssignment
from nbgrader.coursedir import CourseDirectory

from autograder.course import CLASSROOM_VARIABLE, Course
from autograder.release import load_config, quiet_logger

REPOSITORY = Path(__file__).resolve().parent.parent
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
