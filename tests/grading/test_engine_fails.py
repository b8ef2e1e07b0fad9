"""What stops the engine by chance is tried again; a course that ends Python is not."""

import os
import signal
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import psutil  # type: ignore[import-untyped]
import pytest
from compact_course import blueprint_of, graded, write_course

from autograder.assignment.blueprint import Blueprint
from autograder.engine.engine import CourseFailure, Engine
from autograder.engine.session import EngineFailure, Session
from autograder.grading.grade import engine_for, try_course

CELLS = (("setup", "two = 2"), ("x", "def x():\n    return two"), ("x-check", "assert x() == 2"))


@pytest.fixture
def course(tmp_path: Path) -> Blueprint:
    return blueprint_of(write_course(tmp_path, CELLS))


@pytest.fixture
def engine(course: Blueprint) -> Iterator[Engine]:
    with engine_for(course) as engine:
        yield engine


def failing(
    monkeypatch: pytest.MonkeyPatch, times: int, error: type[EngineFailure]
) -> Callable[[], int]:
    """Let the course's own cells fail so many times; returns how often they were begun."""
    begun = 0
    setup = Session.setup

    def fails(self: Session, source: str, label: str) -> object:
        nonlocal begun
        begun += 1
        if begun <= times:
            raise error("the warm process has ended")
        return setup(self, source, label)

    monkeypatch.setattr(Session, "setup", fails)
    return lambda: begun


def test_courses_cells_are_tried_again(
    course: Blueprint, engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    begun = failing(monkeypatch, 2, EngineFailure)
    try_course(course, engine)
    assert begun() == 3


def test_submission_is_tried_again(
    course: Blueprint, engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    begun = failing(monkeypatch, 2, EngineFailure)
    assert graded(course, engine, {"x": CELLS[1][1]}).score == 1
    assert begun() == 3


def test_an_engine_that_fails_again_and_again_is_said(
    course: Blueprint, engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    begun = failing(monkeypatch, 9, EngineFailure)
    with pytest.raises(EngineFailure, match="has ended"):
        try_course(course, engine)
    assert begun() == 3


def test_a_course_that_ends_python_is_not_tried_again(
    course: Blueprint, engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    begun = failing(monkeypatch, 1, CourseFailure)
    with pytest.raises(CourseFailure):
        try_course(course, engine)
    assert begun() == 1


@pytest.mark.slow
def test_a_warm_process_that_is_killed_stops_nobody(course: Blueprint, engine: Engine) -> None:
    """Really killed, before the course's own cells are tried."""
    assert engine.ready() == ""
    for child in psutil.Process().children(recursive=True):
        if any("autograder.engine.warm" in word for word in child.cmdline()):
            os.kill(child.pid, signal.SIGKILL)
    time.sleep(0.05)
    try_course(course, engine)
