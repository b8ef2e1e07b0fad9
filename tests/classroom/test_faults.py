"""Full disks, read-only folders: one sentence, nothing lost, and the same command goes on."""

import errno
import os
import shutil
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from test_gradebook import ALL_RIGHT, ASSIGNMENT, MIXED, graded, handed_in, set_grade, state

from autograder.assignment.blueprint import Blueprint
from autograder.assignment.errors import UserError
from autograder.assignment.nbgrader_course import open_course
from autograder.gradebook.history import Happened, read_history
from autograder.gradebook.writer import GradebookWriter

resource = pytest.importorskip("resource", reason="nbgrader grades on Linux and macOS only")


@pytest.fixture(scope="module")
def before(root: Path, blueprint: Blueprint, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A graded class in which a person marked an answer that has changed since."""
    room = tmp_path_factory.mktemp("before")
    course = open_course(root, room)
    with GradebookWriter(course) as writer:
        writer.register(blueprint)
        writer.write(graded(blueprint, scores=MIXED, answers={}), handed_in(), "old")
    set_grade(course, "reflection", manual_score=1.0, needs_manual_grade=False)
    return room


def regrade(root: Path, room: Path, blueprint: Blueprint, new: int = 1) -> str:
    """What `autograder grade` does with one changed and some new submissions.

    returns: what it complains of, empty if it comes to its end
    """
    try:
        _regrade(root, room, blueprint, new)
    except UserError as error:
        return str(error)
    return ""


def _regrade(root: Path, room: Path, blueprint: Blueprint, new: int) -> None:
    with GradebookWriter(open_course(root, room)) as writer:
        writer.register(blueprint)
        for student, scores in (("ada", ALL_RIGHT), *((f"new{n}", MIXED) for n in range(new))):
            if writer.graded_key(ASSIGNMENT, student) != "new":
                writer.begin(ASSIGNMENT, student)
                submission = handed_in(student, {"data/mine.csv": b"1\n"})
                writer.write(graded(blueprint, student, scores), submission, "new")
        writer.settle(ASSIGNMENT)


@contextmanager
def disk_full_from(step: int, room: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[list[str]]:
    """The n-th change below `room`, and each later one, finds no room; gives those refused."""
    refused: list[str] = []
    left = step

    def guarded(name: str, real: Callable[..., Any]) -> Callable[..., Any]:
        def call(*arguments: Any, **named: Any) -> Any:
            nonlocal left
            path = str(arguments[-1] if name == "rename" else arguments[0])
            if name == "fsync" or path.startswith(str(room)):
                left -= 1
                if left <= 0:
                    refused.append(name)
                    raise OSError(errno.ENOSPC, "No space left on device", path)
            return real(*arguments, **named)

        return call

    with monkeypatch.context() as patch:
        for name in ("rename", "mkdir", "fsync"):
            patch.setattr(os, name, guarded(name, getattr(os, name)))
        yield refused


def test_disk_that_is_full_at_any_step_loses_nothing(
    root: Path, before: Path, blueprint: Blueprint, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    room = Path(shutil.copytree(before, tmp_path / "calm" / "class"))
    assert regrade(root, room, blueprint) == ""
    expected = state(room)
    steps: list[str] = []
    while True:
        room = Path(shutil.copytree(before, tmp_path / str(len(steps)) / "class"))
        with disk_full_from(len(steps) + 1, room, monkeypatch) as refused:
            complaint = regrade(root, room, blueprint)
        if not refused:
            break
        steps.append(refused[0])
        assert "\n" not in complaint
        if complaint:  # not where it only tidies up in the end
            assert "No space left on device" in complaint
            assert "run the same command again: what was graded is kept" in complaint
        assert regrade(root, room, blueprint) == ""
        assert state(room) == expected, steps
        events = [e.event for e in read_history(f"sqlite:///{room / 'gradebook.db'}", None, "ada")]
        assert events[0] is events[-1] is Happened.GRADED
        shutil.rmtree(room)
    assert len(steps) > 20
    assert set(steps) == {"rename", "mkdir", "fsync"}


def test_gradebook_that_cannot_grow_at_any_size_loses_nothing(
    root: Path, before: Path, blueprint: Blueprint, tmp_path: Path
) -> None:
    """SQLite is refused its next page, as on a full disk: wherever it stands in a transaction."""
    room = Path(shutil.copytree(before, tmp_path / "class"))
    course = open_course(root, room)
    told = list(read_history(course.db_url))
    size = (room / "gradebook.db").stat().st_size
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    refused = 0
    while True:
        resource.setrlimit(resource.RLIMIT_FSIZE, (size, limits[1]))
        try:
            complaint = regrade(root, room, blueprint, 8)
        finally:
            resource.setrlimit(resource.RLIMIT_FSIZE, limits)
        if not complaint:
            break
        refused += 1
        assert "run the same command again" in complaint
        assert list(read_history(course.db_url))[: len(told)] == told
        told = list(read_history(course.db_url))
        size += 4096
        assert size < 10_000_000
    assert refused > 0
    calm = Path(shutil.copytree(before, tmp_path / "calm" / "class"))
    assert regrade(root, calm, blueprint, 8) == ""
    assert state(room) == state(calm)


@pytest.mark.parametrize("what", ["folder", "gradebook"])
def test_what_may_only_be_read_is_one_sentence_and_is_not_changed(
    root: Path, before: Path, what: str
) -> None:
    with tempfile.TemporaryDirectory() as folder:  # pytest's own folders are their owner's alone
        os.chmod(folder, 0o755)
        room = Path(shutil.copytree(before, Path(folder) / "class"))
        for path in (room, *room.rglob("*")):
            path.chmod(0o777 if path.is_dir() else 0o666)
        locked = room / "autograded" if what == "folder" else room
        if what == "gradebook":
            (room / "gradebook.db").chmod(0o444)
        locked.chmod(0o555)
        held = state(room)
        writer = GradebookWriter(open_course(root, room))

        def begin() -> None:
            with writer:
                writer.begin(ASSIGNMENT, "ada")

        said = as_nobody(begin)
        reason = "Permission denied" if what == "folder" else "readonly database"
        assert reason in said
        assert "run the same command again" in said
        assert "\n" not in said
        assert state(room) == held
        locked.chmod(0o777)
        (room / "gradebook.db").chmod(0o666)
        assert as_nobody(begin) == ""
        assert state(room) != held


def as_nobody(call: Callable[[], object]) -> str:
    """What a call complains of in a process of somebody else's: the superuser may do anything."""
    mine, theirs = os.pipe()
    child = os.fork()
    if child == 0:
        said = "it did not come to its end"
        try:
            if os.geteuid() == 0:
                os.setgroups([])
                os.setgid(65534)
                os.setuid(65534)
            call()
            said = ""
        except UserError as error:
            said = str(error)
        finally:
            os.write(theirs, said.encode())
            os._exit(0)
    os.close(theirs)
    with open(mine, encoding="utf-8") as stream:
        said = stream.read()
    os.waitpid(child, 0)
    return said
