"""PyTorch and TensorFlow in one Python, with Triton, which PyTorch's builds for GPUs bring.

Triton that is loaded after TensorFlow ends Python at the first optimizer; see `engine/preload.py`.
"""

import ast
import importlib.util
import platform
import subprocess
import sys
from pathlib import Path

import pytest

from autograder.assignment.course import find_course
from autograder.assignment.notebook import read_notebook
from autograder.assignment.outcome import Outcome
from autograder.engine.engine import Engine
from autograder.engine.limits import Limits
from autograder.engine.sandbox import missing

pytestmark = pytest.mark.slow
COURSE = find_course(Path(__file__).parent)
BOTH = [
    pytest.param(path, id=path.parent.name)
    for path in sorted(COURSE.release.glob("*/*.ipynb"))
    if "import tensorflow" in path.read_text(encoding="utf-8")
]
OPTIMIZER = """
import torch
torch.optim.Adam([torch.nn.Parameter(torch.ones(2))])
"""
KERAS = """
import keras
model = keras.Sequential([keras.Input((2,)), keras.layers.Dense(1)])
model.compile(optimizer="adam", loss="mse")
"""


def setup_of(path: Path) -> str:
    """The chapter's first cell, and the one that imports TensorFlow, if that is another."""
    code = [cell.source for cell in read_notebook(path).cells if cell.cell_type == "code"]
    (loading,) = [source for source in code if "import tensorflow" in source]
    return code[0] if loading == code[0] else f"{code[0]}\n{loading}"


def test_triton_is_here_wherever_it_can_be_installed() -> None:
    """Otherwise the tests below, and those of the chapters, see nothing of what they are for."""
    can = sys.platform == "linux" and platform.machine() == "x86_64"
    assert bool(importlib.util.find_spec("triton")) or not can


def test_some_chapters_have_both() -> None:
    assert len(BOTH) == 3


@pytest.mark.parametrize("path", BOTH)
@pytest.mark.parametrize("then", [OPTIMIZER + KERAS, KERAS + OPTIMIZER], ids=["torch", "keras"])
def test_setup_cell_lets_both_frameworks_train(path: Path, then: str) -> None:
    """In a Python of its own, as in a kernel, or on Colab: whichever is used first."""
    setup = setup_of(path)
    run = subprocess.run([sys.executable, "-c", setup + then], capture_output=True, text=True)
    assert run.returncode == 0, run.stderr


@pytest.mark.parametrize("path", BOTH)
def test_setup_cell_loads_triton_before_tensorflow(path: Path) -> None:
    setup = setup_of(path)
    imported = [
        alias.name
        for node in ast.parse(setup).body
        for each in ast.walk(node)
        if isinstance(each, ast.Import)
        for alias in each.names
    ]
    assert imported.index("torch") < imported.index("triton") < imported.index("tensorflow")


@pytest.mark.sandbox
@pytest.mark.parametrize("modules", [("keras", "tensorflow", "torch"), ("torch", "keras")])
def test_engine_lets_both_frameworks_train_whatever_order_a_course_has(
    modules: tuple[str, ...],
) -> None:
    """Notebooks of other courses do not import Triton: the engine does it for them."""
    with (
        Engine.start(
            modules, limits=Limits(cell_seconds=120), jail=not missing() or None
        ) as engine,
        engine.session(frozenset({"answer"})) as session,
    ):
        assert engine.ready() == ""
        session.answer(KERAS + OPTIMIZER + "def answer(): return 7", "answer")
        run = session.check(
            KERAS + OPTIMIZER + "assert answer() == 7", "check", 1, hidden=False, in_place=False
        )
    assert (run.outcome, run.message) == (Outcome.PASSED, "")
