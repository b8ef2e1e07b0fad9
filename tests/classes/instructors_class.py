"""A class of three in a small course, and the instructor's JupyterLab on it."""

import base64
import getpass
import json
import shutil
import struct
import subprocess
import sys
import time
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import nbformat
import requests
from nbformat.v4 import new_markdown_cell
from test_lab import free_port
from throwaway_course import environment, make_full_course

from autograder.assignment.course import Course
from autograder.authoring.release import release
from autograder.lab.launch import NOTEBOOKS_VARIABLE

ASSIGNMENT, NOTEBOOK = "01_sums", "sums.ipynb"
WRITER = getpass.getuser()
"""Hands in through the exchange, which asks the system for the name."""
FORMULA = r"The sum of all: $$s = \sum_{n=1}^{N} x_n$$ with $x_n \in \mathbb{R}$."
ATTACK = (
    "<script>window.attacked = true</script><img src='data:,' onerror='window.attacked = true'>"
)


@dataclass(frozen=True)
class InstructorsLab:
    """A running server; `student` is the working copy of the one who uses the exchange."""

    course: Course
    student: Path
    environment: dict[str, str]
    url: str
    token: str

    @property
    def entrance(self) -> str:
        """A page with the token: who was there may see all others.

        It is none of Formgrader's: nbgrader gives a ticket for that one folder of pages only.
        """
        return f"{self.url}api/status?token={self.token}"

    def run(self, *arguments: str, **variables: str) -> None:
        """Run a command in the course, as the instructor does on the side."""
        done = subprocess.run(
            [sys.executable, "-m", *arguments],
            cwd=self.course.root,
            env={**self.environment, **variables},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        assert done.returncode == 0, done.stdout

    def run_as_student(self, *arguments: str) -> None:
        """Run a command with the student's notebooks, as their JupyterLab does."""
        self.run(*arguments, **{NOTEBOOKS_VARIABLE: str(self.student)})

    def hand_in(self, half: str, written: str) -> None:
        """Answer and submit, as the one who uses the exchange; and take it in."""
        answer(self.student / ASSIGNMENT / NOTEBOOK, half=half, written=written)
        self.run("autograder", "submit", str(self.student / ASSIGNMENT / NOTEBOOK))
        self.run("autograder", "collect", ASSIGNMENT)


def answer(
    path: Path, add: str = "return a + b", half: str = "return a / 2", written: str = ""
) -> None:
    """Answer the exercises of the notebook, whether they were answered before or not."""
    notebook = nbformat.read(path, as_version=4)
    bodies = {
        "add": f"def add(a, b):\n    {add}\n\n{_SHOW_PICTURE}",
        "half": f"def half(a):\n    {half}\n",
        **({"reflection": written} if written else {}),
    }
    for cell in notebook.cells:
        name = cell.metadata.get("nbgrader", {}).get("grade_id")
        cell.source = bodies.get(name, cell.source)
    nbformat.write(notebook, path)


def make_class(root: Path) -> tuple[Course, Path]:
    """Ada is right, bob is wrong; the working copy is that of the third, not answered yet."""
    course = make_full_course(root)
    source = course.solutions / ASSIGNMENT / NOTEBOOK
    notebook = nbformat.read(source, as_version=4)
    notebook.cells.insert(1, new_markdown_cell(FORMULA, id="formula"))
    nbformat.write(notebook, source)
    release(course)
    for student, body in (("ada", "return a + b"), ("bob", "return a - b")):
        folder = course.classroom / "submitted" / student / ASSIGNMENT
        shutil.copytree(course.release / ASSIGNMENT, folder)
        answer(folder / NOTEBOOK, add=body)
    copy = root / "my-course"
    shutil.copytree(course.release, copy)
    return course, copy


@contextmanager
def instructors_lab(root: Path) -> Iterator[InstructorsLab]:
    """`autograder lab --instructor` on a new class, until the end of the context."""
    course, copy = make_class(root / "course")
    with lab_of(course, root, copy) as lab:
        yield lab


@contextmanager
def authors_lab(root: Path) -> Iterator[InstructorsLab]:
    """The instructor's JupyterLab on a course of its own."""
    course = make_full_course(root / "course")
    with lab_of(course, root, course.root) as running:
        yield running


@contextmanager
def lab_of(course: Course, root: Path, copy: Path) -> Iterator[InstructorsLab]:
    """`autograder lab --instructor` on a course; root: for the log and a home."""
    env = environment(root / "home")
    log = root / "server.log"
    command = ("autograder", "lab", "--instructor", "--no-browser", f"--port={free_port()}")
    with log.open("wb") as stream:
        process = subprocess.Popen(
            [sys.executable, "-m", *command],
            env=env,
            cwd=course.root,
            stdout=stream,
            stderr=subprocess.STDOUT,
        )
    try:
        runtime = course.classroom / ".jupyter" / "runtime"
        while True:
            assert process.poll() is None, log.read_text()
            for path in runtime.glob("jpserver-*.json"):
                try:
                    info = json.loads(path.read_text())
                    requests.get(info["url"] + "api", timeout=60).raise_for_status()
                except (ValueError, requests.ConnectionError):
                    continue  # half written; or not listening yet
                yield InstructorsLab(course, copy, env, info["url"], info["token"])
                return
            time.sleep(0.1)
    finally:
        process.terminate()
        process.wait()


def _png(width: int, height: int) -> bytes:
    """A gray picture, so that no library has to be imported for one."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        whole = kind + data
        return struct.pack(">I", len(data)) + whole + struct.pack(">I", zlib.crc32(whole))

    header = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    rows = zlib.compress((b"\0" + b"\x80" * width) * height)
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        chunk(kind, data) for kind, data in ((b"IHDR", header), (b"IDAT", rows), (b"IEND", b""))
    )


_SHOW_PICTURE = f"""\
from IPython.display import display
display({{"image/png": "{base64.b64encode(_png(120, 80)).decode()}", "text/plain": "gray"}}, raw=True)
"""
