"""Hidden names, values and texts never reach the student's process, however names are passed.

The answer reads all of its own process's memory after each check.
"""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from compact_course import blueprint_of, graded, write_course

from autograder.assignment.outcome import Way
from autograder.engine.engine import Engine

pytestmark = [pytest.mark.slow, pytest.mark.sandbox]

READS_MEMORY = """
import re
def found_in_memory():
    pattern = re.compile(b"hid" + b"den_[a-z]+_[0-9]+")
    found = set()
    with open("/proc/self/maps") as file:
        maps = [line.split() for line in file]
    with open("/proc/self/mem", "rb", 0) as memory:
        for span, mode, *rest in maps:
            if mode.startswith("rw"):
                start, end = (int(part, 16) for part in span.split("-"))
                for at in range(start, end, 1 << 24):
                    try:
                        memory.seek(at)
                        found |= set(pattern.findall(memory.read(min(end - at, 1 << 24))))
                    except (OSError, ValueError):
                        pass
    return sorted(word.decode() for word in found)
"""
ANSWER = """
import random
shown = 1
class Base:
    def run(self): return self.step()
class Odd(Exception): pass
class Ctx:
    def __enter__(self): return self
    def __exit__(self, *a): return False
held = []
def f(x=0):
    held.append(x)
    return x
def fails(x): raise Odd(x)
def says(x): print(x)
def asks(): return input()
def calls(g): return g(1)
def draws(): return random.random()
def counts():
    return sum([1, 2])
def reads_shown(): return globals().get('shown', 0)
async def later(x): return x
"""
HIDDEN = {
    "value": "hidden_value_1 = 'hidden_value_2'\nassert f() != hidden_value_1, 'hidden_words_3'",
    "rebound": "shown = 'hidden_rebound_1'\nreads_shown()\nassert f() == 0",
    "callback": (
        "def hidden_back_1(x):\n    kept = 'hidden_back_2'\n    return 1\n"
        "assert calls(hidden_back_1) == 1 and calls(lambda v: 2) == 2, 'hidden_back_3'"
    ),
    "callback_fails": (
        "def back(x):\n    raise ValueError(len('hidden_fails_1'))  # hidden_fails_2\n"
        "try:\n    calls(back)\nexcept ValueError:\n    pass"
    ),
    "shadowed": "def sum(v):\n    return len('hidden_sum_1')\nassert counts() == 12\ndel sum",
    "patched": (
        "from unittest import mock\nwith mock.patch('random.random', return_value=1) as hidden_patch_1:\n"
        "    assert draws() == 1, 'hidden_patch_2'"
    ),
    "input": (
        "from unittest import mock\nwith mock.patch('builtins.input', return_value='x'):\n"
        "    assert asks() != 'hidden_input_1'"
    ),
    "printed": (
        "import io, contextlib\nhidden_print_1 = io.StringIO('hidden_print_2')\n"
        "with contextlib.redirect_stdout(hidden_print_1):\n    says(3)\n"
        "assert hidden_print_1.getvalue() != 'hidden_print_3'"
    ),
    "globals": "hidden_all_1 = 'hidden_all_2'\nassert 'f' in globals() and eval('shown') != hidden_all_1",
    "history": "hidden_in_1 = 'hidden_in_2'\nassert any('def f' in cell for cell in In)",
    "subclass": (
        "class Below(Base):\n    def step(self):\n        return len('hidden_below_1')\n"
        "assert Below().run() == 14, 'hidden_below_2'"
    ),
    "exception": "try:\n    fails(1)\nexcept Odd as hidden_error_1:\n    assert 'hidden_error_2' != 1",
    "context": (
        "try:\n    with Ctx():\n        assert f() == 'hidden_context_1', 'hidden_context_2'\n"
        "except AssertionError:\n    pass"
    ),
    "awaited": "hidden_await_1 = await later(1)\nassert hidden_await_1 != 'hidden_await_2'",
    "inspected": "import inspect\nassert 'hidden_source_1' not in inspect.getsource(f)",
    "shared": "import math as hidden_import_1\nneeded = 'hidden_shared_1'\nassert f() == 0",
}


@pytest.fixture(scope="module")
def engine() -> Iterator[Engine]:
    with Engine.start(("numpy",)) as engine:
        yield engine


def words_found(tmp_path: Path, engine: Engine, test: str) -> list[str]:
    """Grade the answer; return what it found, having made sure that the hidden test passed."""
    hidden = f"\n### BEGIN HIDDEN TESTS\n{test}\n### END HIDDEN TESTS"
    cells = [
        ("x", "x = 1"),
        ("x-check", f"assert f(2) == 2{hidden}"),
        ("y", "y = 1"),
        ("y-check", "seen = found_in_memory()\nassert not seen, seen"),
    ]
    blueprint = blueprint_of(write_course(tmp_path, cells))
    # Isolated alone: what also runs beside the answer is, as in nbgrader, within its reach.
    (notebook,) = blueprint.notebooks
    ways = dict.fromkeys(("x-check", "y-check"), Way.ISOLATED)
    blueprint = replace(blueprint, notebooks=(replace(notebook, ways=ways),))
    later = "try:\n    needed\nexcept NameError:\n    pass"
    result = graded(blueprint, engine, {"x": ANSWER + READS_MEMORY, "y": later})
    first, last = result.checks
    assert first.score == 1, first.message
    return [] if last.score else last.message.split()


@pytest.mark.parametrize("kind", HIDDEN)
def test_no_hidden_word_is_in_the_memory_of_the_students_process(
    tmp_path: Path, engine: Engine, kind: str
) -> None:
    assert words_found(tmp_path, engine, HIDDEN[kind]) == []


def test_what_a_check_hands_over_itself_is_found(tmp_path: Path, engine: Engine) -> None:
    """The search would find what is there."""
    found = words_found(tmp_path, engine, "assert f('hidden_' + 'given_1')")
    assert "hidden_given_1" in " ".join(found)
