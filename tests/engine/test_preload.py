"""Imports ahead of grading: one that ends Python is named within seconds, and costs nobody a point."""

import os
import subprocess
import sys
import sysconfig
import venv
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import nbformat
import pytest
from light_course import gradebook_rows
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook

from autograder.cli import prestart
from autograder.engine import sandbox, server
from autograder.engine.preload import IMPORTED, Step, crash, in_words, preloaded, tried
from autograder.engine.server import Server

Start = Callable[..., Server]


@pytest.fixture
def start(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Start]:
    """Starts a warm process, without the sandbox, that finds modules in `tmp_path`."""
    environment = sandbox.environment
    monkeypatch.setattr(
        sandbox,
        "environment",
        lambda home: {
            **environment(home),
            "PYTHONPATH": f"{environment(home)['PYTHONPATH']}{os.pathsep}{tmp_path}",
        },
    )
    started: list[Server] = []

    def start(**sources: str) -> Server:
        for name, source in sources.items():
            (tmp_path / f"{name}.py").write_text(source)
        started.append(Server(tuple(sources), None, jail=False))
        return started[-1]

    yield start
    for one in started:
        one.close()


@pytest.mark.parametrize(
    ("source", "how"),
    [
        ("import os\nos.abort()", "by SIGABRT"),
        ("import ctypes\nctypes.string_at(0)", "by SIGSEGV"),
        ("import os\nos._exit(7)", "with exit code 7"),
        ("import os\nos._exit(0)", "by itself"),
    ],
)
def test_import_that_ends_python_is_named_with_its_signal(
    start: Start, source: str, how: str
) -> None:
    said = start(good="", bad=source, after="").ready()
    assert said.startswith(f"Python ended {how} while importing bad: ")
    assert "import good, bad" in said, "the line that shows it"
    assert "after" not in said


def test_package_inside_is_named_too(start: Start) -> None:
    said = start(outer="import inner", inner="import os\nos.abort()").ready()
    assert "while importing outer (it had begun to load inner)" in said


def test_lack_of_memory_is_not_called_a_broken_package(start: Start) -> None:
    said = start(bad="import os, signal\nos.kill(os.getpid(), signal.SIGKILL)").ready()
    assert said == "Python was killed while importing bad; the machine may have run out of memory"


def test_end_that_does_not_come_again_is_no_failure(start: Start, tmp_path: Path) -> None:
    mark = tmp_path / "was-here"
    once = f"import os, pathlib\nmark = pathlib.Path({str(mark)!r})\n"
    once += "if not mark.exists():\n    mark.touch()\n    os.abort()"
    running = start(once=once)
    assert running.ready() == ""
    assert mark.exists()


@pytest.mark.parametrize(
    ("killed_by", "times", "survives"),
    [("SIGKILL", 4, True), ("SIGKILL", 5, False), ("SIGABRT", 1, True), ("SIGABRT", 2, False)],
)
def test_kills_are_survived_more_often_than_crashes(
    start: Start, tmp_path: Path, killed_by: str, times: int, survives: bool
) -> None:
    count = tmp_path / "count"
    often = f"import os, pathlib, signal\ncount = pathlib.Path({str(count)!r})\n"
    often += "before = len(count.read_text()) if count.exists() else 0\n"
    often += "count.write_text('x' * (before + 1))\n"
    often += f"if before < {times}:\n    os.kill(os.getpid(), signal.{killed_by})"
    assert (start(often=often).ready() == "") is survives
    assert len(count.read_text()) == times + survives


def test_import_that_raises_is_left_to_the_notebook(start: Start) -> None:
    assert start(bad="raise ValueError", missing="import nothing_of_this_name").ready() == ""


def test_import_that_hangs_is_named(start: Start, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(server, "_SILENT_SECONDS", 4.0)
    said = start(bad="import time\ntime.sleep(1000)").ready()
    assert said.startswith("Importing bad has not ended after")


def test_slow_imports_are_no_hang(start: Start, monkeypatch: pytest.MonkeyPatch) -> None:
    """As on a loaded machine: longer than the limit in all, but something happens meanwhile."""
    monkeypatch.setattr(server, "_SILENT_SECONDS", 2.0)
    slow = {f"slow{n}": "import time\ntime.sleep(0.8)" for n in range(4)}
    assert start(**slow).ready() == ""


def test_python_that_cannot_even_start_is_no_endless_waiting(
    start: Start, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "executable", "/bin/false")
    assert start(good="").ready() == "The warm process ends as soon as it starts"


def test_prose_is_not_what_the_prestart_imports(tmp_path: Path) -> None:
    cells = [new_markdown_cell("import json"), new_code_cell("import zipfile\nfrom csv import x")]
    nbformat.write(new_notebook(cells=cells), tmp_path / "p.ipynb")
    (tmp_path / "broken.ipynb").write_text("{")
    found = prestart._modules([tmp_path / "p.ipynb", tmp_path / "broken.ipynb"])
    assert list(found) == ["csv", "zipfile"]


def test_close_ends_the_waiting(start: Start) -> None:
    running = start(bad="import time\ntime.sleep(1000)")
    running.close()
    assert running.ready() == ""


def test_doctor_tries_the_imports_in_a_process_of_its_own(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "bad.py").write_text("import os\nprint('words of its own')\nos.abort()")
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    assert tried(("json", "zipfile")) == ""
    assert tried(("json", "bad")).startswith("Python ended by SIGABRT while importing bad: ")


def test_sentences() -> None:
    assert in_words(-11) == "by SIGSEGV"
    assert "just after its imports: " in crash(("a", "b"), Step(IMPORTED), "by SIGSEGV")
    assert "import a, b" in crash(("IPython", "a", "b", "c"), Step("b"), "by SIGSEGV")


def test_triton_goes_before_tensorflow_where_it_is_installed(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("importlib.util.find_spec", lambda name: object())
    assert preloaded(("keras", "tensorflow", "torch"))[0] == "triton"
    assert "triton" not in preloaded(("keras", "tensorflow"))
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    assert "triton" not in preloaded(("keras", "tensorflow", "torch"))


def _cell(source: str, name: str, **marks: Any) -> Any:
    plain = {"grade": False, "locked": False, "solution": False, "task": False}
    about = {**plain, "grade_id": name, "schema_version": 3, **marks}
    return new_code_cell(source, id=name, metadata={"nbgrader": about})


def _make_course(root: Path, setup: str, **files: str) -> Path:
    """A course of one exercise, with a submission that is right."""

    def notebook(answer: str) -> Any:
        cells = [
            _cell(setup, "setup", locked=True),
            _cell(answer, "double", solution=True),
            _cell("assert double(2) == 4", "double-four", grade=True, locked=True, points=2),
        ]
        return new_notebook(cells=cells)

    for folder, body in (("source", "### BEGIN SOLUTION\n    return 2 * x\n    ### END SOLUTION"),
                         ("submitted/ada", "return 2 * x")):  # fmt: skip
        (root / folder / "ps1").mkdir(parents=True)
        nbformat.write(notebook(f"def double(x):\n    {body}"), root / folder / "ps1" / "p.ipynb")
    for name, content in files.items():
        (root / "source" / "ps1" / f"{name}.py").write_text(content)
    (root / "nbgrader_config.py").write_text("c = get_config()")
    return root


@contextmanager
def _environment_with(folder: Path, **modules: str) -> Iterator[Path]:
    """Yield the Python of an environment like this one in which `modules` are installed too."""
    venv.create(folder, with_pip=False, symlinks=True)
    site = Path(sysconfig.get_path("purelib", vars={"base": str(folder)}))
    ours = [entry for entry in sys.path if "site-packages" in entry]
    ours.append(str(Path(sandbox.__file__).parents[2]))
    (site / "ours.pth").write_text("\n".join(ours))
    for name, source in modules.items():
        (site / f"{name}.py").write_text(source)
    yield folder / "bin" / "python"


def _grade(python: Path, root: Path) -> "subprocess.CompletedProcess[str]":
    words = [str(python), "-m", "autograder", "grade", "--course", str(root), "ps1"]
    return subprocess.run(words, capture_output=True, text=True, timeout=300, cwd=root)


@pytest.mark.slow
def test_class_keeps_its_marks_when_an_installed_module_ends_python(tmp_path: Path) -> None:
    root = _make_course(tmp_path / "course", "import crashes_on_import")
    with _environment_with(tmp_path / "venv", crashes_on_import="") as python:
        assert _grade(python, root).returncode == 0
        before = gradebook_rows(root / "gradebook.db")
        assert [row.auto for row in before if row.cell == "double-four"] == [2.0]
        for module in tmp_path.glob("venv/lib/*/site-packages/crashes_on_import.py"):
            module.write_text("import os\nos.abort()")
        notebook = root / "submitted" / "ada" / "ps1" / "p.ipynb"
        notebook.write_text(notebook.read_text().replace("2 * x", "x + x"))
        run = _grade(python, root)
    said = " ".join(run.stderr.split())
    assert run.returncode == 1
    assert "Nothing was graded. Python ended by SIGABRT while importing crashes_on_import" in said
    assert "Traceback" not in run.stderr
    assert gradebook_rows(root / "gradebook.db") == before


@pytest.mark.slow
def test_course_cell_that_ends_python_stops_the_class_and_blames_no_student(
    tmp_path: Path,
) -> None:
    root = _make_course(tmp_path / "course", "import beside", beside="")
    assert _grade(Path(sys.executable), root).returncode == 0
    before = gradebook_rows(root / "gradebook.db")
    (root / "source" / "ps1" / "beside.py").write_text("import os\nos.abort()")
    run = _grade(Path(sys.executable), root)
    said = " ".join(run.stderr.split())
    assert run.returncode == 1
    assert "Nothing was graded. The course's own cell setup ends Python" in said
    assert [row.auto for row in before if row.cell == "double-four"] == [2.0]
    assert gradebook_rows(root / "gradebook.db") == before
