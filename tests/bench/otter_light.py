"""The light assignment for otter-grader, graded by its own command in an environment of its own.

Each check becomes one of otter's tests, with the same code and points, and runs in the namespace
of the submission, as otter runs tests. `otter run` grades one submission, without a container, as
on Gradescope; `otter grade` would start the same in Docker.
"""

import json
import os
import subprocess
import sys
from collections.abc import Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from importlib.metadata import version
from pathlib import Path

import nbformat
from light_course import ASSIGNMENT, NOTEBOOK

OTTER = "otter-grader==7.0.0"
_TEST = """\
OK_FORMAT = False
from otter.test_files import test_case

name, points = {name!r}, {points}


@test_case(points={points})
def check(env):
    exec({source!r}, dict(env))
"""


def install(folder: Path) -> Path:
    """Make an environment with otter-grader and what the assignment imports; needs the network.

    returns: its folder of commands
    """
    subprocess.run([sys.executable, "-m", "venv", folder], check=True)
    commands = folder / "bin"
    packages = [f"{name}=={version(name).split('+')[0]}" for name in ("torch", "numpy")]
    subprocess.run(
        [commands / "python", "-m", "pip", "install", "-qq", OTTER, "ipykernel", *packages],
        check=True,
    )
    return commands


def generate(course: Path, commands: Path, folder: Path) -> Path:
    """Write otter's tests of the assignment and return its autograder zip."""
    tests = folder / "tests"
    tests.mkdir(parents=True)
    path = course / "source" / ASSIGNMENT / f"{NOTEBOOK}.ipynb"
    for cell in nbformat.read(path, as_version=4).cells:
        marks = cell.metadata.get("nbgrader", {})
        if marks.get("grade") and not marks.get("solution"):
            name, points = marks["grade_id"], marks["points"]
            text = _TEST.format(name=name, points=points, source=cell.source)
            (tests / f"{name.replace('-', '_')}.py").write_text(text)
    made = folder / "autograder.zip"
    _otter(commands, folder, "generate", "-t", str(tests), "-o", str(made), "--no-environment")
    return made


def grade(
    course: Path, students: Iterable[str], made: Path, commands: Path, workers: int
) -> Mapping[tuple[str, str], float]:
    """Grade the class, `workers` submissions at a time; scores by student and check."""

    def one(student: str) -> dict[tuple[str, str], float]:
        folder = made.parent / "results" / student
        folder.mkdir(parents=True)
        notebook = course / "submitted" / student / ASSIGNMENT / f"{NOTEBOOK}.ipynb"
        _otter(commands, folder, "run", "-a", str(made), "-o", str(folder), str(notebook))
        found = json.loads((folder / "results.json").read_text())["tests"]
        return {(student, test["name"]): test["score"] for test in found if "score" in test}

    with ThreadPoolExecutor(workers) as pool:
        scores: dict[tuple[str, str], float] = {}
        for part in pool.map(one, students):
            scores |= part
    return scores


def _otter(commands: Path, folder: Path, *words: str) -> None:
    path = os.pathsep.join([str(commands), os.environ["PATH"]])
    done = subprocess.run(
        [commands / "otter", *words],
        cwd=folder, env={**os.environ, "PATH": path}, capture_output=True, text=True, check=False,
    )  # fmt: skip
    if done.returncode:
        raise RuntimeError(f"otter {words[0]}: {done.stdout[-500:]} {done.stderr[-500:]}")
