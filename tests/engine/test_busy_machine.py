"""On a machine that is busy with other things, an answer gets the time that it is promised."""

import os
import subprocess
import sys
from collections.abc import Iterator

import pytest

from autograder.assignment.outcome import Outcome
from autograder.engine.engine import Engine
from autograder.engine.limits import Limits
from autograder.engine.processor_time import ProcessorTime
from autograder.engine.sandbox import missing

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(not sys.platform.startswith("linux"), reason="only Linux tells"),
]
SECONDS = 2
WORK = f"""
import time

def f(x):
    until = time.process_time() + {0.6 * SECONDS}
    while time.process_time() < until:
        pass
    return x
"""
"""It computes for longer than a fifth of the limit, and for less than the limit."""


@pytest.fixture
def busy() -> Iterator[None]:
    """Four times as many processes as processors, each in a session and so with a share of its own."""
    others = [
        subprocess.Popen([sys.executable, "-c", "while True: pass"], start_new_session=True)
        for _ in range(4 * (os.cpu_count() or 1))
    ]
    yield
    for other in others:
        other.kill()
        other.wait()


@pytest.fixture
def engine() -> Iterator[Engine]:
    with Engine.start(limits=Limits(cell_seconds=SECONDS), jail=not missing() or None) as engine:
        engine.ready()
        yield engine


def outcome(engine: Engine, answer: str, text: str = "assert f(1) == 1") -> Outcome:
    with engine.session(frozenset({"f"})) as session:
        session.answer(answer, "f")
        return session.check(text, "f-check", 1, hidden=False, in_place=False).outcome


@pytest.mark.parametrize("text", ["assert f(1) == 1", "assert f(1) == 1 and f(2) == 2 and f(3)"])
def test_time_that_others_had_does_not_count(engine: Engine, busy: None, text: str) -> None:
    """The second text computes for longer than it may, whoever else is there."""
    expected = Outcome.PASSED if text.count("f(") == 1 else Outcome.TIMEOUT
    assert outcome(engine, WORK, text) is expected


def test_cell_that_computes_counts_its_own_time_alone(engine: Engine, busy: None) -> None:
    with engine.session(frozenset({"f"})) as session:
        run = session.answer(WORK + "f(1)\n", "f")
        assert not run.trouble
        check = session.check("assert f(1) == 1", "f-check", 1, hidden=False, in_place=False)
        assert check.outcome is Outcome.PASSED


@pytest.mark.parametrize(
    "waits",
    [
        "time.sleep(3600)",
        "threading.Event().wait()",
        "os.waitpid(os.fork() or time.sleep(3600), 0)",
    ],
)
def test_answer_that_waits_is_stopped_all_the_same(engine: Engine, busy: None, waits: str) -> None:
    answer = f"import os, threading, time\ndef f(x):\n    {waits}"
    assert outcome(engine, answer) is Outcome.TIMEOUT


@pytest.mark.parametrize(
    "started", ["os.fork() or work()", "threading.Thread(target=work).start()"]
)
def test_answer_that_starves_itself_gains_nothing(engine: Engine, started: str) -> None:
    """What it starts counts as its own: for all of them together it computes too long."""
    answer = f"""
import os, threading
def work():
    while True:
        pass
def f(x):
    for _ in range(20):
        {started}
    work()
"""
    assert outcome(engine, answer) is Outcome.TIMEOUT


def test_time_of_what_has_ended_counts() -> None:
    used = ProcessorTime(os.getpid())
    program = "import time\nuntil = time.process_time() + .3\nwhile time.process_time() < until: 0"
    subprocess.run([sys.executable, "-c", program], check=True)
    assert used.computed() >= 0.3
    assert used.waited() >= 0
