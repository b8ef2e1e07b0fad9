"""The local workers: what is finished is given out, whatever happens to those who come after."""

import os
import signal
import threading
import time
from collections.abc import Iterator
from multiprocessing.context import SpawnProcess
from pathlib import Path

import pytest
from throwaway_course import make_full_course

from autograder.assignment.blueprint import read_blueprint
from autograder.assignment.nbgrader_course import open_course
from autograder.assignment.submission import Submission
from autograder.engine.engine import Engine
from autograder.engine.limits import Limits
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
