"""The engine without forks says what the usual one says, and survives what an answer does."""

import json
import os
import signal
import subprocess
import sys
import time
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing, suppress
from pathlib import Path
from typing import Any

import as_windows
import nbformat
import psutil
import pytest
from known import COURSE, source, trains
from long_messages import LONG_MESSAGES
from test_misconceptions import THOROUGH
from throwaway_course import answer, make_course

from autograder.assignment.course import CLASSROOM_VARIABLE, Course
from autograder.assignment.errors import UserError
from autograder.assignment.notebook import grade_id_of
from autograder.assignment.outcome import Outcome
from autograder.authoring.misconceptions import (
    Expected,
    KnownAnswer,
    known_answers,
    reference_answer,
)
from autograder.engine import connections, engine_choice, roles
from autograder.engine.channel_base import ChannelClosed, ChannelTimeout
from autograder.engine.connections import ConnectionChannel
from autograder.engine.engine import Engine, EngineFailure, Session
from autograder.engine.files import CourseFiles
from autograder.engine.limits import Limits
from autograder.engine.session import CheckRun
from autograder.engine.wire import WireError
from autograder.gate.judge import checks_of
from autograder.grading.check import CheckReport, Checks, check_notebook

pytestmark = pytest.mark.slow
LIMITS = Limits(cell_seconds=5, memory_mb=400, output_bytes=10_000, processes=8)
WORKER = """
from autograder.engine.engine import Engine
with Engine.start(portable=True) as engine, engine.session() as session:
    session.answer("import subprocess; subprocess.Popen(['sleep', '600'])", "f")
    print("begun", flush=True)
    session.answer("while True: pass", "g")
"""


# The same report.


def answers_of(chapter: str) -> dict[str, str]:
    return {cell.grade_id: reference_answer(cell.source) for cell in source(chapter).answers}


def wrong_answers(chapter: str) -> list[KnownAnswer]:
    """Wrong answers in turns of the exercises, and those whose check trains nothing first."""
    turns: dict[str, int] = defaultdict(int)
    ranked = []
    for known in known_answers(COURSE, source(chapter)):
        if known.expected is Expected.WRONG:
            ranked.append(((trains(chapter, known), turns[known.answer]), known))
            turns[known.answer] += 1
    return [known for _, known in sorted(ranked, key=lambda pair: pair[0])]


def quick_answers(chapter: str) -> dict[str, str]:
    """The reference's answers to exercises whose checks train nothing."""
    seeded = {c.grade_id for c in source(chapter).checks if "\n_seed = 1\n" in c.source}
    return {
        name: text
        for name, text in answers_of(chapter).items()
        if not seeded & set(checks_of(source(chapter), name))
    }


def cases(chapter: str) -> dict[str, dict[str, str]]:
    """What is put in place of the stubs, by a name for it.

    A wrong answer that trains nothing has no company that trains: the reference alone trains all.
    """
    quick, reference = quick_answers(chapter), answers_of(chapter)
    known = wrong_answers(chapter)
    if not THOROUGH:
        wrong = {one.answer: one.source for one in reversed(known) if one.answer in quick}
        return {"mix": quick | dict(list(wrong.items())[-3:])}
    found = {"stub": {}, "reference": reference}
    for one in known[:10]:
        others = quick if one.answer in quick else reference
        found[f"{one.answer}-{one.name}"] = others | {one.answer: one.source}
    return found


def write_notebook(chapter: str, answers: Mapping[str, str], folder: Path) -> Path:
    (released,) = (COURSE.release / chapter).glob("*.ipynb")
    notebook = nbformat.read(released, as_version=4)
    for cell in notebook.cells:
        cell.source = answers.get(grade_id_of(cell), cell.source) if answers else cell.source
    path = folder / released.name
    nbformat.write(notebook, path)
    return path


def reported(report: CheckReport) -> tuple[Any, ...]:
    said = {name: (c.outcome, c.score, c.message) for name, c in report.checks.items()}
    return said, report.score, report.points, report.notes


@pytest.mark.sandbox
@pytest.mark.parametrize("chapter", COURSE.chapters)
def test_report_is_that_of_the_usual_engine(
    chapter: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """AUTOGRADER_THOROUGH=1: the reference, the stub and ten wrong answers, each by itself."""
    by_engine = []
    for engine in ("fork", "portable"):
        monkeypatch.setenv(engine_choice.VARIABLE, engine)
        with closing(Checks(COURSE)) as checks:
            by_engine.append(
                {
                    name: reported(checks.check(write_notebook(chapter, answers, tmp_path)))
                    for name, answers in cases(chapter).items()
                }
            )
    usual, portable = by_engine
    assert portable == usual
    outcomes = {found[0] for said, *_ in usual.values() for found in said.values()}
    assert {Outcome.PASSED, Outcome.FAILED} <= outcomes


# What an answer does.


@pytest.fixture(scope="module")
def engine(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Engine]:
    data = tmp_path_factory.mktemp("data")
    (data / "numbers.csv").write_text("1,2\n")
    files = CourseFiles(data, ("numbers.csv",))
    with Engine.start((), files, LIMITS, portable=True) as engine:
        yield engine


@pytest.fixture
def session(engine: Engine) -> Iterator[Session]:
    with engine.session(frozenset({"f", "g"})) as session:
        yield session


def check(session: Session, text: str) -> CheckRun:
    return session.check(text, "check", 2, hidden=False, in_place=False)


def test_endless_loop_is_stopped_and_later_checks_run(session: Session) -> None:
    session.answer("def f(x):\n    while x: pass\n    return x", "f")
    run = check(session, "f(1)")
    assert (run.outcome, run.message) == (
        Outcome.TIMEOUT,
        "stopped after 5 s: is there an infinite loop?",
    )
    assert check(session, "assert f(0) == 0").outcome is Outcome.PASSED
    assert session.answer("while True: pass", "g").trouble == "timeout"
    assert check(session, "assert f(0) == 0").outcome is Outcome.PASSED


def test_answer_that_ends_python_is_told_and_later_checks_run(session: Session) -> None:
    session.answer("import os\ndef f(x):\n    if x: os._exit(x)\n    return x", "f")
    run = check(session, "f(3)")
    assert (run.outcome, run.message) == (
        Outcome.DIED,
        "Python ended while this answer ran: with exit code 3",
    )
    assert check(session, "assert f(0) == 0").outcome is Outcome.PASSED
    run = check(session, "try:\n    f(5)\nexcept Exception:\n    pass")
    assert run.outcome is Outcome.DIED
    own = session.answer("import os, signal; os.kill(os.getpid(), signal.SIGSEGV)", "g")
    assert own.message == "Python ended while this answer ran: by SIGSEGV"
    assert check(session, "assert f(0) == 0").outcome is Outcome.PASSED


def test_memory_is_limited_also_that_of_a_process_it_started(session: Session) -> None:
    session.answer(
        "import subprocess, sys\n"
        "def f(x): return len(bytearray(b'1') * x)\n"
        "def g(x): subprocess.run([sys.executable, '-c', "
        "f\"import time; held = b'1' * {x}; time.sleep(60)\"])",
        "f",
    )
    eater = "def eat(call):\n    kept = []\n    while True: kept.append(bytearray(b'1') * 2**24)"
    session.answer(eater, "eat")
    for text in ("eat(f)", "g(2**30)"):
        run = check(session, text)
        assert (run.outcome, run.message) == (
            Outcome.MEMORY,
            "stopped: more than 400 MB of memory",
        )
    assert check(session, "assert f(3) == 3").outcome is Outcome.PASSED


def test_processes_are_limited(session: Session) -> None:
    run = session.answer(
        "import subprocess, time\n"
        "started = [subprocess.Popen(['sleep', '60']) for _ in range(9)]\ntime.sleep(60)",
        "f",
    )
    assert (run.trouble, run.message) == ("processes", "stopped: more than 8 processes")


def test_text_below_python_is_kept_and_belongs_to_its_cell(session: Session) -> None:
    def text_of(source: str) -> str:
        return "".join(str(output.get("text")) for output in session.answer(source, "f").outputs)

    assert text_of("import os; _ = os.write(1, 'wörter'.encode())") == "wörter"
    assert text_of("import subprocess; _ = subprocess.run(['echo', 'more'])") == "more\n"
    assert text_of("print('own')") == "own\n"
    assert text_of("_ = os.write(2, b'x' * 30_000)") == "x" * LIMITS.output_bytes


def test_output_without_end_is_cut_or_ended(session: Session) -> None:
    run = session.answer("for _ in range(100_000): print('x' * 100)", "f")
    assert run.trouble == ""
    assert sum(len(str(output)) for output in run.outputs) < 2 * LIMITS.output_bytes
    run = session.answer("import os\nwhile True: os.write(1, b'x' * 2**20)", "f")
    assert (run.trouble, run.message) == ("output", "stopped: it sent more output than it may")
    assert session.answer("1", "f").trouble == ""


def test_what_an_answer_started_ends_with_the_session(engine: Engine) -> None:
    with engine.session(frozenset({"f"})) as session:
        session.answer("import subprocess\nf = subprocess.Popen(['sleep', '600']).pid", "f")
        run = check(session, "print(f)")
        started = psutil.Process(int(str(run.outputs[0]["text"])))
        assert started.is_running()
    psutil.wait_procs([started])


def test_fork_that_outlives_the_answer_does_not_hold_its_talk(session: Session) -> None:
    session.answer(
        "import os, time\n"
        "def f(x):\n    if os.fork() == 0: time.sleep(600)\n    os._exit(x)\n"
        "def g(x): return x",
        "f",
    )
    run = check(session, "f(7)")
    assert (run.outcome, run.message) == (
        Outcome.DIED,
        "Python ended while this answer ran: with exit code 7",
    )
    assert check(session, "assert g(1) == 1").outcome is Outcome.PASSED


def test_student_and_examiner_have_folders_of_their_own_with_the_courses_data(
    session: Session,
) -> None:
    session.answer(
        "def f(): return open('numbers.csv').read()\nopen('numbers.csv.mine', 'w').close()", "f"
    )
    run = check(
        session,
        "import os\nassert f() == open('numbers.csv').read() == '1,2\\n'\n"
        "assert not os.path.exists('numbers.csv.mine')",
    )
    assert run.outcome is Outcome.PASSED, run.message


def test_course_file_is_copied_where_links_are_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object) -> None:
        raise OSError(1314, "A required privilege is not held by the client")

    (tmp_path / "data.csv").write_text("1")
    monkeypatch.setattr(os, "symlink", refuse)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(os, "environ", dict(os.environ))
    monkeypatch.setattr(sys, "path", list(sys.path))
    start = {"work": str(tmp_path / "work"), "files": {}, "shown": ["data.csv"],
             "course": str(tmp_path)}  # fmt: skip
    roles.settle(start)
    assert (tmp_path / "work" / "data.csv").read_text() == "1"


# Starts and ends.


def spares(module: str) -> set[int]:
    """Processes below this one that were started ahead with a module."""
    found = set()
    for child in psutil.Process().children():
        with suppress(psutil.Error):
            words = child.cmdline()
            if module in words and "autograder.engine.portable_child" in words:
                found.add(child.pid)
    return found


def test_next_check_finds_processes_that_were_started_ahead() -> None:
    with Engine.start(("calendar",), None, LIMITS, portable=True) as engine:
        for _ in range(2):
            until(lambda: len(spares("calendar")) == 2)
            before = spares("calendar")
            with engine.session() as session:
                session.answer("1", "f")
                assert spares("calendar") == before
            assert not spares("calendar") & before
    assert spares("calendar") == set()


def until(reached: Callable[[], bool]) -> None:
    while not reached():
        time.sleep(0.02)


def test_nothing_stays_when_the_worker_is_killed(tmp_path: Path) -> None:
    worker = subprocess.Popen(
        [sys.executable, "-c", WORKER],
        stdout=subprocess.PIPE,
        env={**os.environ, "TMPDIR": str(tmp_path)},
    )
    assert worker.stdout is not None
    assert worker.stdout.readline() == b"begun\n"
    below = psutil.Process(worker.pid).children(recursive=True)
    assert any("sleep" in process.cmdline() for process in below)
    worker.send_signal(signal.SIGKILL)
    worker.wait()
    psutil.wait_procs(below)
    until(lambda: not list(tmp_path.glob("autograder-[!m]*")))


def python_with(folder: Path, name: str, text: str) -> str:
    """A Python that has one module more."""
    (folder / "more").mkdir()
    (folder / "more" / f"{name}.py").write_text(text)
    command = folder / "python"
    more = f'PYTHONPATH="$PYTHONPATH{os.pathsep}{folder / "more"}"'
    command.write_text(f'#!/bin/sh\n{more} exec "{sys.executable}" "$@"\n')
    command.chmod(0o755)
    return str(command)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("import os; os.abort()", "Python ended by SIGABRT while importing deadly: "),
        ("import os; os._exit(3)", "Python ended with exit code 3 while importing deadly: "),
    ],
)
def test_module_that_ends_python_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, text: str, words: str
) -> None:
    monkeypatch.setattr(sys, "executable", python_with(tmp_path, "deadly", text))
    with Engine.start(("deadly",), None, LIMITS, portable=True) as engine:
        for _ in range(2):
            with engine.session() as session, pytest.raises(EngineFailure, match=words):
                session.answer("1", "f")
        assert engine.failure.startswith(words)
        assert engine.ready() == engine.failure
    assert spares("deadly") == set()


def test_module_that_cannot_be_imported_is_the_notebooks_to_tell(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    python = python_with(tmp_path, "leaves", "raise SystemExit(1)")
    monkeypatch.setattr(sys, "executable", python)
    with (
        Engine.start(("leaves", "nowhere"), None, LIMITS, portable=True) as engine,
        engine.session() as session,
    ):
        run = session.answer("import nowhere", "f")
        assert run.trace is not None
        assert run.trace.text == "No module named 'nowhere'"


# The choice.


def test_engine_follows_the_platform_unless_it_is_asked_for(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.delenv(engine_choice.VARIABLE, raising=False)
    assert not engine_choice.portable()
    monkeypatch.setattr(sys, "platform", "darwin")
    assert engine_choice.portable()
    monkeypatch.setenv(engine_choice.VARIABLE, "fork")
    assert not engine_choice.portable()
    monkeypatch.setenv(engine_choice.VARIABLE, "portable")
    assert engine_choice.portable()
    monkeypatch.setenv(engine_choice.VARIABLE, "")
    monkeypatch.setattr(sys, "platform", "win32")
    monkeypatch.delattr(os, "fork")
    assert engine_choice.portable()
    with pytest.raises(UserError, match=r"cannot be graded on win32: .*`autograder check` works"):
        Engine.start()
    monkeypatch.setenv(engine_choice.VARIABLE, "threads")
    with pytest.raises(UserError, match=r"AUTOGRADER_ENGINE=threads: unknown engine"):
        engine_choice.portable()


# As on Windows.


@pytest.fixture(scope="module")
def course(tmp_path_factory: pytest.TempPathFactory) -> Course:
    return make_course(tmp_path_factory.mktemp("windows") / "course")


@pytest.fixture
def notebook(course: Course, tmp_path: Path) -> Path:
    released = course.release / "01_sums" / "sums.ipynb"
    path = tmp_path / released.name
    path.write_bytes(released.read_bytes())
    answer(path, "return a - b")
    return path


def on_windows(folder: Path, *words: str, **options: Any) -> "subprocess.CompletedProcess[str]":
    command = [str(as_windows.python(folder)), "-P", "-m", *words]
    return subprocess.run(command, capture_output=True, text=True, timeout=300, **options)


def test_check_works_as_on_windows(course: Course, notebook: Path, tmp_path: Path) -> None:
    found = tmp_path / "found.json"
    words = ("check", str(notebook), "--json", str(found))
    done = on_windows(tmp_path, "autograder", *words, cwd=course.root)
    assert done.returncode == 1, done.stderr
    (said,) = json.loads(found.read_text(encoding="utf-8"))["assignments"]
    usual = check_notebook(notebook, course).as_json()
    for report in (said, usual):
        for checked in report["checks"].values():
            del checked["seconds"]
    assert said == usual


def test_check_buttons_helper_works_as_on_windows(
    course: Course, notebook: Path, tmp_path: Path
) -> None:
    order = json.dumps({"path": str(notebook)})
    command = [str(as_windows.python(tmp_path)), "-P", "-m", "autograder.lab.helper"]
    with subprocess.Popen(
        [*command, str(course.root), "60"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as helper:
        assert helper.stdin is not None
        assert helper.stdout is not None
        for _ in range(2):
            print(order, file=helper.stdin, flush=True)
            said: dict[str, Any] = {}
            while "report" not in said:
                said = json.loads(helper.stdout.readline())
                assert "error" not in said
            assert said["report"]["score"] == 0
        below = psutil.Process(helper.pid).children(recursive=True)
        helper.stdin.close()
        psutil.wait_procs(below)


def test_grade_says_on_windows_where_it_works(
    course: Course, notebook: Path, tmp_path: Path
) -> None:
    room = tmp_path / "classroom"
    submitted = room / "submitted" / "ada" / "01_sums" / notebook.name
    submitted.parent.mkdir(parents=True)
    submitted.write_bytes(notebook.read_bytes())
    environment = {**os.environ, CLASSROOM_VARIABLE: str(room)}
    done = on_windows(tmp_path, "autograder", "grade", "01_sums", cwd=course.root, env=environment)
    said = " ".join(done.stderr.split())
    assert (done.returncode, "cannot be graded on win32: use Linux" in said) == (1, True), said


# Connections.


@pytest.fixture
def ends() -> Iterator[tuple[ConnectionChannel, ConnectionChannel]]:
    one, other = connections.pair()
    yield one, other
    one.close()
    other.close()


def test_message_arrives_whole(ends: tuple[ConnectionChannel, ConnectionChannel]) -> None:
    one, other = ends
    one.send_data({"a": [1, None, "ü", b"\0"]})
    assert other.receive_data(timeout=60) == {"a": [1, None, "ü", b"\0"]}
    with pytest.raises(ChannelTimeout):
        other.receive(timeout=0.01)


def test_other_end_that_is_gone_is_told(ends: tuple[ConnectionChannel, ConnectionChannel]) -> None:
    one, other = ends
    other.close()
    with pytest.raises(ChannelClosed):
        one.receive(timeout=60)
    with pytest.raises(ChannelClosed):
        one.send(b"x", timeout=60)
    one.close()
    with pytest.raises(ChannelClosed):
        one.receive()


def test_other_end_that_does_not_read_is_a_timeout(
    ends: tuple[ConnectionChannel, ConnectionChannel],
) -> None:
    one, _ = ends
    with pytest.raises(ChannelTimeout):
        one.send(bytes(2**24), timeout=0.1)
    with pytest.raises(ChannelClosed):
        one.send(b"x", timeout=60)


def test_message_that_is_too_long_is_refused_at_both_ends(
    ends: tuple[ConnectionChannel, ConnectionChannel],
) -> None:
    one, other = ends
    short = ConnectionChannel(other.connection, max_bytes=10)
    with pytest.raises(WireError):
        short.send(b"x" * 11)
    one.send(b"x" * 11)
    with pytest.raises(WireError):
        short.receive(timeout=60)


@pytest.mark.parametrize("name", LONG_MESSAGES)
def test_message_to_the_worker_that_is_too_long_ends_the_answer(
    session: Session, name: str
) -> None:
    run = session.answer(LONG_MESSAGES[name], "f")
    assert (run.trouble, run.message) == ("output", "stopped: it sent more output than it may")
    assert session.answer("1", "f").trouble == ""
