"""On a machine that is busy with other things, an answer gets the time that it is promised."""

import itertools
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from autograder.assignment.outcome import Outcome
from autograder.engine import session as session_of
from autograder.engine.check_message import NO_TIME_LEFT
from autograder.engine.engine import Engine
from autograder.engine.limits import Limits
from autograder.engine.process import Process
from autograder.engine.processor_time import FairDeadline, stalled, usage
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
def test_answer_that_starves_itself_is_stopped(engine: Engine, started: str) -> None:
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


def test_answer_that_writes_without_end_is_stopped_at_its_time() -> None:
    """Not when it has sent as much as it may, which would take minutes."""
    answer = """
import msgpack, sys
worker = sys.stdout._sink._pass_on.__self__._worker
while True:
    worker.send(msgpack.packb({"event": "output"}))
"""
    limits = Limits(cell_seconds=1)
    with (
        Engine.start(limits=limits, jail=not missing() or None) as engine,
        engine.session() as session,
    ):
        assert session.answer(answer, "f").trouble == "timeout"


def test_time_of_what_has_ended_counts() -> None:
    before, _ = usage(os.getpid())
    program = "import time\nuntil = time.process_time() + .5\nwhile time.process_time() < until: 0"
    subprocess.run([sys.executable, "-c", program], check=True)
    after, waited = usage(os.getpid())
    assert after - before > 0.4
    assert threading.main_thread().native_id in waited


SUSPENDED = """
import time
from autograder.engine.engine import Engine
from autograder.engine.limits import Limits
from autograder.engine.process import Process
with Engine.start(limits=Limits(cell_seconds=0.6)) as engine:
    with engine.session(frozenset({"f"})) as session:
        session.answer("import time", "f")
        for _ in range(8):
            print(session.answer("time.sleep(0.4)", "f").trouble or "ended", flush=True)
"""


def test_whoever_suspends_the_grading_starves_nobody() -> None:
    """Ctrl-Z, or a machine that sleeps: its seconds are nobody's."""
    worker = subprocess.Popen(
        [sys.executable, "-c", SUSPENDED], stdout=subprocess.PIPE, text=True
    )  # fmt: skip
    assert worker.stdout is not None
    assert worker.stdout.readline() == "ended\n"
    for _ in range(2):
        worker.send_signal(signal.SIGSTOP)
        time.sleep(4)
        worker.send_signal(signal.SIGCONT)
        time.sleep(0.5)
    assert worker.communicate(timeout=60)[0] == 7 * "ended\n"


def test_whoever_suspends_a_start_starves_nobody(monkeypatch: pytest.MonkeyPatch) -> None:
    ready = Process.ready

    def late(self: Process) -> None:
        time.sleep(4)
        ready(self)

    with Engine.start(limits=Limits(cell_seconds=0.3)) as engine:
        engine.ready()
        monkeypatch.setattr(Process, "ready", late)
        with engine.session(frozenset({"f"})) as session:
            assert session.answer("f = 1", "f").trouble == ""


def test_the_submissions_time_is_no_loop_of_the_last_cell() -> None:
    with (
        Engine.start(limits=Limits(cell_seconds=0.5)) as engine,
        engine.session(frozenset({"f"})) as session,
    ):
        session.answer("import time", "f")
        runs = [session.answer("time.sleep(0.45)", "f") for _ in range(12)]
        loop = "stopped after 0.5 s: is there an infinite loop?"
        assert runs[-1].message == NO_TIME_LEFT
        assert loop not in [run.message for run in runs]
    with (
        Engine.start(limits=Limits(cell_seconds=0.5)) as engine,
        engine.session(frozenset()) as own,
    ):
        assert own.answer("while True: pass", "f").message == loop


def test_what_waited_for_memory_or_a_disk_is_told(tmp_path: Path) -> None:
    assert stalled(tmp_path) == 0
    for what, microseconds in (("memory", 1_500_000), ("io", 250_000), ("cpu", 9_000_000)):
        (tmp_path / what).write_text(
            f"some avg10=1.53 avg60=0.87 avg300=0.40 total={microseconds}\n"
            "full avg10=0.00 avg60=0.00 avg300=0.00 total=7\n"
        )
    assert stalled(tmp_path) == 1.75
    (tmp_path / "io").write_text("")
    assert stalled(tmp_path) == 1.5


def test_slowness_that_is_spread_over_cells_is_seen(monkeypatch: pytest.MonkeyPatch) -> None:
    """No cell's time runs out, the notebook's does: each waited for a disk."""
    waited = itertools.count(step=0.2)
    for waits in (False, True):
        monkeypatch.setattr(session_of, "stalled", (lambda: next(waited)) if waits else lambda: 0.0)
        with (
            Engine.start(limits=Limits(cell_seconds=0.5)) as engine,
            engine.session(frozenset({"f"})) as session,
        ):
            session.answer("import time", "f")
            for _ in range(12):
                session.answer("time.sleep(0.45)", "f")
            assert session.busy is waits


# ---- the accounts, in seconds that are told ----


class Machine:
    """A clock, and what a process has used at each time."""

    def __init__(self) -> None:
        self.now = 100.0
        self.computed = 50.0
        self.waited = {1: 7.0}

    def read(self, pid: int) -> tuple[float, dict[int, float]]:
        return self.computed, dict(self.waited)

    def begin(self, seconds: float) -> FairDeadline:
        """A deadline, after its first look."""
        deadline = FairDeadline([1], self.now + seconds, clock=lambda: self.now, read=self.read)
        self.passes(deadline, 0.1)
        return deadline

    def passes(
        self, deadline: FairDeadline, seconds: float, computed: float = 0, **waited: float
    ) -> None:
        """Seconds pass, in tenths. waited: by thread, t1 for the first"""
        for _ in range(round(10 * seconds)):
            self.now += 0.1
            self.computed += computed / (10 * seconds)
            for thread, spent in waited.items():
                number = int(thread[1:])
                self.waited[number] = self.waited.get(number, 0.0) + spent / (10 * seconds)
            deadline.look()


@pytest.fixture
def machine() -> Machine:
    return Machine()


def test_deadline_moves_by_what_was_waited(machine: Machine) -> None:
    deadline = machine.begin(2)
    machine.passes(deadline, 5, computed=1, t1=4)
    assert deadline.starved() == pytest.approx(4)
    assert deadline.left() == pytest.approx(2 - 5.1 + 4)
    machine.passes(deadline, 1, computed=1)
    assert deadline.left() < 0


def test_who_computed_long_enough_gets_nothing(machine: Machine) -> None:
    deadline = machine.begin(2)
    machine.passes(deadline, 5, computed=2.1, t1=2.9)
    assert deadline.left() == pytest.approx(2 - 5.1)


def test_who_sleeps_gets_nothing(machine: Machine) -> None:
    deadline = machine.begin(2)
    machine.passes(deadline, 5)
    assert deadline.left() == pytest.approx(2 - 5.1)


def test_what_a_cell_starts_is_taken_off(machine: Machine) -> None:
    """A thread waits for the others of its own: that is nobody else's doing."""
    deadline = machine.begin(10)
    machine.passes(deadline, 5, computed=4.5, t1=4.5, t2=0.5)
    assert deadline.starved() == pytest.approx(0.5)


def test_what_has_ended_waited_all_the_same(machine: Machine) -> None:
    deadline = machine.begin(2)
    for child in (2, 3, 4):
        machine.passes(deadline, 1, computed=0.2, **{f"t{child}": 0.8})
        del machine.waited[child]
    assert deadline.starved() == pytest.approx(2.4)


def test_threads_that_wait_together_wait_once(machine: Machine) -> None:
    deadline = machine.begin(2)
    machine.passes(deadline, 4, computed=0.4, t1=3, t2=3, t3=3)
    assert deadline.starved() == pytest.approx(3)


def test_there_is_an_end_to_it(machine: Machine) -> None:
    deadline = machine.begin(1)
    machine.passes(deadline, 60, t1=60)
    assert deadline.starved() == pytest.approx(9)
    assert deadline.left() < 0


def test_what_was_never_looked_at_has_not_starved(machine: Machine) -> None:
    deadline = FairDeadline([1], 102, clock=lambda: machine.now, read=machine.read)
    assert deadline.starved() == 0
    assert deadline.left() == pytest.approx(2)
