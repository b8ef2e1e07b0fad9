"""What stops the engine by chance is tried again, with nothing left of the attempt before."""

import contextlib
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

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
    begun = failing(monkeypatch, 99, EngineFailure)
    with pytest.raises(EngineFailure, match="has ended"):
        try_course(course, engine)
    assert begun() == 6


def test_a_course_that_ends_python_once_by_chance_is_tried_again(
    course: Blueprint, engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    begun = failing(monkeypatch, 1, CourseFailure)
    try_course(course, engine)
    assert begun() == 2
    failing(monkeypatch, 99, CourseFailure)
    with pytest.raises(CourseFailure):
        try_course(course, engine)


def test_a_second_attempt_runs_every_check_again(
    tmp_path: Path, engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Slow checks of the first one are not remembered: the next may need what they change."""
    cells = (
        ("setup", "import time\nseen = []"),
        ("x", "def x():\n    return 2"),
        ("x-check", "time.sleep(0.4)\nseen.append(x())"),
        ("y", "y = 1"),
        ("y-check", "assert y == 1\nassert seen == [2], seen"),
    )
    check = Session.check
    failed: list[str] = []

    def fails_once(self: Session, source: str, label: str, *more: Any, **options: Any) -> Any:
        if label == "y-check" and not failed:
            failed.append(label)
            raise EngineFailure("the warm process has ended")
        return check(self, source, label, *more, **options)

    monkeypatch.setattr(Session, "check", fails_once)
    blueprint = blueprint_of(write_course(tmp_path / "slow", cells))
    result = graded(blueprint, engine, {"x": cells[1][1], "y": cells[3][1]})
    assert [check.score for check in result.checks] == [1, 1]
    assert failed


@pytest.mark.slow
def test_a_warm_process_that_is_killed_stops_nobody(
    course: Blueprint, engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Really killed, while the course's own cells are tried."""
    setup = Session.setup
    begun = 0

    def killed(self: Session, source: str, label: str) -> object:
        nonlocal begun
        begun += 1
        if begun == 1:
            self._ensure()
            kill_warm_processes()
        return setup(self, source, label)

    monkeypatch.setattr(Session, "setup", killed)
    try_course(course, engine)
    assert begun == 2


def kill_warm_processes() -> None:
    for child in psutil.Process().children(recursive=True):
        with contextlib.suppress(psutil.Error):
            if any("autograder.engine.warm" in word for word in child.cmdline()):
                child.kill()
