"""The local workers: what is finished is given out, whatever happens to those who come after."""

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from dataclasses import replace
from multiprocessing.context import SpawnProcess
from pathlib import Path

import pytest
from compact_course import ASSIGNMENT, NOTEBOOK, blueprint_of, submitted, write_course
from throwaway_course import make_full_course

from autograder.assignment.blueprint import read_blueprint
from autograder.assignment.errors import UserError
from autograder.assignment.nbgrader_course import open_course
from autograder.assignment.outcome import Result
from autograder.assignment.submission import Submission
from autograder.engine.engine import Engine
from autograder.engine.limits import Limits
from autograder.gradebook.writer import GradebookWriter
from autograder.grading import pool
from autograder.grading.grade import grade
from autograder.grading.pool import Job, run

pytestmark = pytest.mark.slow


@pytest.mark.parametrize("workers", [1, 2])
def test_what_is_finished_comes_before_what_went_wrong(tmp_path: Path, workers: int) -> None:
    course = make_full_course(tmp_path)
    opened = open_course(course.root)
    blueprint = read_blueprint(opened, opened.assignments()[0])
    limits = Limits()

    def submissions() -> Iterator[Submission]:
        for name in ("ada", "bob", "cat"):
            yield Submission(name, blueprint.assignment, {})
        raise OSError("the disk is gone")

    seen = []
    with Engine.start((), None, limits, jail=False) as engine:
        job = Job(blueprint, engine.address, engine.jail, limits)
        with pytest.raises(OSError, match="the disk is gone"):  # noqa: PT012
            for submission, _ in run(job, submissions(), workers):
                seen.append(submission.student)
    assert sorted(seen) == ["ada", "bob", "cat"]


SLOW_BESIDE_OTHERS = """
import os
import time

def f():
    while os.path.exists(BUSY):
        until = time.process_time() + 0.001
        while time.process_time() < until:
            pass
        time.sleep(0.001)
    return 1
"""
"""Right, and too slow as long as anything else computes: more than what the limits foresee."""


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="only Linux tells")
@pytest.mark.parametrize("workers", [1, 2])
def test_whose_time_runs_out_on_a_busy_machine_is_tried_once_more_alone(
    tmp_path: Path, workers: int
) -> None:
    root = write_course(tmp_path, [("f", "def f():\n    return 1"), ("f-check", "assert f() == 1")])
    blueprint, limits = blueprint_of(root), Limits(cell_seconds=1)
    busy = tmp_path / "busy"
    busy.touch()
    answers = {
        "slow": SLOW_BESIDE_OTHERS.replace("BUSY", repr(str(busy))),
        "loop": "def f():\n    while True:\n        pass",
        "waits": SLOW_BESIDE_OTHERS.replace("BUSY", repr(os.sep)),
        "right": "def f():\n    return 1",
        "wrong": "def f():\n    return 2",
    }
    others = [
        subprocess.Popen([sys.executable, "-c", "while True: pass"], start_new_session=True)
        for _ in range(4 * (os.cpu_count() or 1))
    ]
    turns: list[str] = []

    def started(student: str) -> None:
        if student in turns:
            busy.unlink(missing_ok=True)
            for other in others:
                other.kill()
                other.wait()
        turns.append(student)

    try:
        with Engine.start((), None, limits, jail=False) as engine:
            job = Job(blueprint, engine.address, engine.jail, limits)
            submissions = (
                Submission(
                    name, ASSIGNMENT, {f"{NOTEBOOK}.ipynb": submitted(blueprint, {"f": text})}
                )
                for name, text in answers.items()
            )
            results = list(run(job, submissions, workers, started=started))
    finally:
        for other in others:
            other.kill()
            other.wait()
    scores = {submission.student: result.score for submission, result in results}
    assert scores == {"slow": 1, "loop": 0, "waits": 0, "right": 1, "wrong": 0}
    again = turns[5:]  # the loop only if it could not even compute as long as it may
    assert (turns[:5], sorted({*again, "loop"})) == (list(answers), ["loop", "slow", "waits"])
    assert [submission.student for submission, _ in results[-len(again) :]] == again
    assert not any(result.busy for _, result in results)


def test_a_second_try_that_gives_no_result_takes_none_away(tmp_path: Path) -> None:
    root = write_course(tmp_path, [("f", "def f():\n    return 1"), ("f-check", "assert f() == 1")])
    blueprint = blueprint_of(root)
    files = {f"{NOTEBOOK}.ipynb": submitted(blueprint, {"f": "def f():\n    return 2"})}
    submission = Submission("ada", ASSIGNMENT, files)
    with Engine.start((), None, Limits(), jail=False) as engine:
        result = grade(blueprint, submission, engine)
    first = replace(result, notebooks=tuple(replace(n, busy=True) for n in result.notebooks))
    kept = pool._better(first, pool.ungraded(blueprint, submission, "its worker ended"))
    assert kept == result
    assert first.final() == result  # as a cluster's results are
    assert pool._better(first, result) == result
    right = replace(result, notebooks=(replace(result.notebooks[0], checks=()),))
    assert pool._better(first, right) is not first


@pytest.mark.parametrize("end", [UserError("no engine"), KeyboardInterrupt()])
def test_what_was_busy_is_not_lost_and_is_tried_again_another_time(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, end: BaseException
) -> None:
    root = write_course(tmp_path, [("f", "def f():\n    return 1"), ("f-check", "assert f() == 1")])
    blueprint = blueprint_of(root)
    busy = pool.ungraded(blueprint, Submission("ada", ASSIGNMENT, {}), "it is a test")
    busy = replace(busy, notebooks=tuple(replace(n, busy=True) for n in busy.notebooks))

    def ends(*arguments: object) -> Iterator[tuple[Submission, Result]]:
        yield Submission("ada", ASSIGNMENT, {}), busy
        raise end

    monkeypatch.setattr(pool, "_side_by_side", ends)
    found = []
    with pytest.raises(type(end)):  # noqa: PT012
        for _, result in run(Job(blueprint, "", False, Limits()), [], 1):
            found.append(result)
    assert found == [busy]
    course = open_course(root)
    with GradebookWriter(course) as writer:
        writer.register(blueprint)
        files = {f"{NOTEBOOK}.ipynb": submitted(blueprint, {})}
        writer.begin(ASSIGNMENT, "ada")
        writer.write(busy, Submission("ada", ASSIGNMENT, files), "key")
        assert writer.recorded(ASSIGNMENT, "ada", "key") is None
        writer.begin(ASSIGNMENT, "ada")
        writer.write(pool._better(busy, busy), Submission("ada", ASSIGNMENT, files), "key")
        assert writer.recorded(ASSIGNMENT, "ada", "key") is not None


def test_ctrl_c_waits_until_a_worker_has_started(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Cut off in the middle, it would print a traceback; other threads take the signal, too."""
    opened = open_course(make_full_course(tmp_path).root)
    blueprint = read_blueprint(opened, opened.assignments()[0])
    start, started = SpawnProcess.start, []

    def interrupted(self: SpawnProcess) -> None:
        os.kill(os.getpid(), signal.SIGINT)
        time.sleep(0.2)
        start(self)
        started.append(self)

    monkeypatch.setattr(SpawnProcess, "start", interrupted)
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    over = threading.Event()
    other = threading.Thread(target=over.wait)
    other.start()
    try:
        with pytest.raises(KeyboardInterrupt):
            list(run(Job(blueprint, "nowhere", False, Limits()), iter(()), 1))
        assert signal.getsignal(signal.SIGINT) is signal.default_int_handler
    finally:
        signal.signal(signal.SIGINT, before)
        over.set()
        other.join()
    (worker,) = started
    assert not worker.is_alive()
