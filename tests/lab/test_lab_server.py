"""The Check button's server side: the desk and its helper, and what the browser may ask for."""

import json
import os
import signal
from collections.abc import Awaitable, Callable, Iterator
from contextlib import closing
from pathlib import Path
from threading import Thread
from typing import Any

import psutil
import pytest
import requests
from on_a_loop import on_a_loop
from test_lab import Lab, running
from throwaway_course import answer, make_course

from autograder.assignment.course import COURSE_VARIABLE, Course, find_course
from autograder.assignment.errors import UserError
from autograder.grading.check import Checks
from autograder.lab.chapters import FOLDER, _read, chapters, note
from autograder.lab.check_runner import CheckRunner
from autograder.lab.handlers import notebook_below
from autograder.lab.launch import server
from autograder.lab.runner import State
from autograder.lab.working_copy import fill

SUMS, SQUARES = "01_sums/sums.ipynb", "02_squares/squares.ipynb"
FOREVER = "while True: pass"


@pytest.fixture(scope="module")
def course(tmp_path_factory: pytest.TempPathFactory) -> Course:
    return make_course(tmp_path_factory.mktemp("desk") / "course")


@pytest.fixture
def copy(course: Course, tmp_path: Path) -> Path:
    fill(course.release, tmp_path / "copy")
    return tmp_path / "copy"


def at_desk(
    course: Course, copy: Path, work: Callable[[CheckRunner], Awaitable[None]], **settings: Any
) -> None:
    on_a_loop(lambda: CheckRunner(course.root, copy, **{"seconds": 60, **settings}), work)


async def checked(desk: CheckRunner, path: str) -> State:
    return await finished(desk, desk.start(path))


async def finished(desk: CheckRunner, state: State) -> State:
    return await until(desk, state, lambda state: not state.running)


async def until(desk: CheckRunner, state: State, reached: Callable[[State], bool]) -> State:
    while not reached(state):
        state = await desk.changed(state.version, 300)
    return state


def test_wrong_then_right_by_one_helper_that_stays_warm(course: Course, copy: Path) -> None:
    reports = []

    async def work(desk: CheckRunner) -> None:
        said = set()
        answer(copy / SUMS, "return a - b")
        state = desk.start(SUMS)
        while state.running:
            said.add(state.what)
            state = await desk.changed(state.version, 300)
        assert {"starting Python", "add", "add-works"} <= said
        assert state.report is not None
        (exercise,) = state.report["exercises"]
        assert (exercise["score"], exercise["points"], exercise["complete"]) == (0, 2, False)
        assert [check["message"] for check in exercise["checks"]] == ["add: no"]
        helper, warm = desk.helper_pid, warm_processes(desk)
        answer_again(course, copy, "return a + b")
        state = await checked(desk, SUMS)
        assert state.report is not None
        assert (state.report["score"], state.report["points"]) == (2, 2)
        assert (desk.helper_pid, warm_processes(desk)) == (helper, warm)

    def note_it(path: str, report: dict[str, Any]) -> None:
        reports.append((path, report["chapter"], report["score"]))

    at_desk(course, copy, work, finished=note_it)
    assert reports == [(SUMS, "01_sums", 0), (SUMS, "01_sums", 2)]


def warm_processes(desk: CheckRunner) -> set[int]:
    return {child.pid for child in psutil.Process(desk.helper_pid).children()}


def answer_again(course: Course, copy: Path, body: str) -> None:
    (copy / SUMS).write_bytes((course.release / SUMS).read_bytes())
    answer(copy / SUMS, body)


def test_second_press_is_refused_and_the_first_goes_on(course: Course, copy: Path) -> None:
    async def work(desk: CheckRunner) -> None:
        answer(copy / SUMS, "return a + b")
        state = desk.start(SUMS)
        with pytest.raises(UserError, match=r"01_sums/sums\.ipynb is being checked"):
            desk.start(SQUARES)
        state = await finished(desk, state)
        assert state.report is not None
        assert (state.path, state.report["score"]) == (SUMS, 2)

    at_desk(course, copy, work)


def test_answer_that_hangs_meets_the_limit_and_can_be_canceled(course: Course, copy: Path) -> None:
    answer(copy / SUMS, FOREVER)

    async def limited(desk: CheckRunner) -> None:
        state = await checked(desk, SUMS)
        assert state.report is not None
        (check,) = state.report["exercises"][0]["checks"]
        assert check["outcome"] == "timeout"
        assert "stopped after 1 s" in check["message"]

    async def canceled(desk: CheckRunner) -> None:
        await until(desk, desk.start(SUMS), lambda state: state.what == "add-works")
        helper, warm = desk.helper_pid, warm_processes(desk)
        state = await desk.cancel()
        assert (state.running, state.report, state.error) == (
            False,
            None,
            "The check was canceled.",
        )
        assert desk.helper_pid is None
        psutil.wait_procs([psutil.Process(pid) for pid in alive({helper, *warm})])
        assert (await desk.cancel()).error == "The check was canceled."

    at_desk(course, copy, limited, seconds=1)
    at_desk(course, copy, canceled, seconds=600)


def test_check_canceled_before_it_begins_is_over(course: Course, copy: Path) -> None:
    async def work(desk: CheckRunner) -> None:
        desk.start(SUMS)
        state = await desk.cancel()
        assert (state.running, state.error) == (False, "The check was canceled.")
        answer(copy / SUMS, "return a + b")
        state = await checked(desk, SUMS)
        assert state.report is not None

    at_desk(course, copy, work)


def alive(pids: set[int | None]) -> set[int]:
    return {pid for pid in pids if pid is not None and psutil.pid_exists(pid)}


def test_helper_that_dies_is_told_and_replaced(course: Course, copy: Path) -> None:
    async def work(desk: CheckRunner) -> None:
        answer(copy / SUMS, FOREVER)
        state = await until(desk, desk.start(SUMS), lambda state: state.what == "add-works")
        first = desk.helper_pid
        assert first is not None
        os.kill(first, signal.SIGKILL)
        state = await finished(desk, state)
        assert state.error.startswith("The process that runs the checks ended; check again.")
        answer_again(course, copy, "return a + b")
        state = await checked(desk, SUMS)
        assert state.report is not None
        assert state.report["score"] == 2
        assert desk.helper_pid != first

    at_desk(course, copy, work, seconds=600)


def test_helper_that_is_silent_is_given_up(course: Course, copy: Path) -> None:
    async def work(desk: CheckRunner) -> None:
        answer(copy / SUMS, FOREVER)
        state = await checked(desk, SUMS)
        assert state.error == "The check gave no sign of life and was stopped; check again."
        assert desk.helper_pid is None

    at_desk(course, copy, work, seconds=600, silence=2)


def test_what_cannot_be_checked_is_one_sentence(course: Course, copy: Path) -> None:
    (copy / "own.ipynb").write_text(
        json.dumps({"cells": [], "metadata": {}, "nbformat": 4, "nbformat_minor": 5})
    )
    (copy / "torn.ipynb").write_text('{"cells": [')

    async def work(desk: CheckRunner) -> None:
        for path, words in (
            ("own.ipynb", "own.ipynb: is empty"),
            ("torn.ipynb", "torn.ipynb: is not a Jupyter notebook"),
            ("gone.ipynb", "gone.ipynb: there is no such file"),
        ):
            state = await checked(desk, path)
            assert state.report is None
            assert state.error.startswith(words)

    at_desk(course, copy, work)


@pytest.mark.parametrize(
    "path",
    ["../course/solutions/01_sums/sums.ipynb", "/etc/passwd", "a.py", ".secret/a.ipynb",
     "link.ipynb", "gone.ipynb", "01_sums", "", None, 3, "a\0.ipynb", "x" * 5000 + ".ipynb"],
)  # fmt: skip
def test_only_notebooks_of_the_folder_are_checked(tmp_path: Path, path: object) -> None:
    root = tmp_path / "copy"
    for file in (root / "a.ipynb", root / "a.py", root / ".secret" / "a.ipynb"):
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text("{}")
    outside = tmp_path / "course" / "solutions" / "01_sums" / "sums.ipynb"
    outside.parent.mkdir(parents=True)
    outside.write_text("{}")
    (root / "link.ipynb").symlink_to(outside)
    assert notebook_below(root, "/a.ipynb") == "a.ipynb"
    with pytest.raises(UserError, match=r"Only a notebook|no such notebook"):
        notebook_below(root, path)


def test_chapters_show_the_last_check_and_forget_damage(course: Course, tmp_path: Path) -> None:
    state = tmp_path / ".jupyter"
    note(state, SUMS, {"chapter": "01_sums", "score": 1, "points": 2})
    note(state, SQUARES, {"chapter": "02_squares", "score": 2, "points": 2})
    note(state, SUMS, {"chapter": "01_sums", "score": 1.5, "points": 2})
    first, second = chapters(course, state)
    assert (first["chapter"], first["title"], first["points"], first["path"]) == (
        "01_sums", "add", 2, SUMS,
    )  # fmt: skip
    assert (first["last"]["score"], second["last"]["score"]) == (1.5, 2)
    for damage in ("", "[]", '{"01_sums": 3}', '{"01_sums": {"score": "NaN"}}', "[" * 100_000):
        for place in (state / FOLDER / "01_sums.json", state / "checks.json"):
            place.write_text(damage)
        first, second = chapters(course, state)
        assert (first["last"], second["last"]["score"]) == (None, 2)
    (tmp_path / "file").touch()
    note(tmp_path / "file", SUMS, {"chapter": "01_sums", "score": 1, "points": 2})


@pytest.fixture(scope="module")
def student(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lab]:
    with running(tmp_path_factory.mktemp("student"), instructor=False) as lab:
        yield lab


def test_endpoint_checks_and_keeps_progress(student: Lab) -> None:
    answer(student.copy / SUMS, "return a + b")
    assert student.post("autograder/check", path=SUMS)["running"]
    state: dict[str, Any] = {"version": -1, "running": True}
    while state["running"]:
        state = student.get(f"autograder/check?seen={state['version']}").json()
    assert state["report"]["score"] == 2
    first, second = student.get("autograder/chapters").json()
    assert (first["last"]["score"], first["last"]["path"], second["last"]) == (2, SUMS, None)
    assert _read(student.copy / ".jupyter")["01_sums"]["points"] == 2
    assert "2 of 2" not in (student.copy / SUMS).read_text()


def test_endpoint_refuses_with_one_sentence(student: Lab) -> None:
    def post(content: bytes) -> tuple[int, str]:
        reply = requests.post(
            f"{student.url}autograder/check",
            data=content,
            headers={"Authorization": f"token {student.token}"},
            timeout=120,
        )
        return reply.status_code, reply.json()["message"]

    status, words = post(json.dumps({"path": "../course/course/01_sums/sums.ipynb"}).encode())
    assert (status, "no such notebook" in words) == (400, True)
    for odd in (b"[]", b'{"path": 1}', b""):
        assert post(odd) == (400, "Only a notebook can be checked.")
    assert post(b"{")[0] == 400
    assert student.get("autograder/check?seen=x").status_code == 400


def test_endpoint_is_closed_to_strangers(student: Lab) -> None:
    for ask in (requests.get, requests.delete):
        assert ask(f"{student.url}autograder/check", timeout=120).status_code == 403
    assert requests.get(f"{student.url}autograder/chapters", timeout=120).status_code == 403
    with requests.Session() as browser:  # known by its cookie, but sent by a page of another site
        browser.get(f"{student.url}lab?token={student.token}", timeout=120)
        assert browser.get(f"{student.url}autograder/chapters", timeout=120).ok
        forged = browser.post(f"{student.url}autograder/check", json={"path": SUMS}, timeout=120)
        assert forged.status_code == 403


def test_helper_ends_with_the_server(tmp_path: Path) -> None:
    with running(tmp_path, instructor=False) as lab:
        answer(lab.copy / SUMS, FOREVER)
        lab.post("autograder/check", path=SUMS)
        state: dict[str, Any] = {"version": -1, "what": ""}
        while state["what"] != "add-works":
            state = lab.get(f"autograder/check?seen={state['version']}").json()
        below = psutil.Process(lab.pid).children(recursive=True)
        assert any("autograder.lab.helper" in process.cmdline() for process in below)
        os.kill(lab.pid, signal.SIGKILL)
        psutil.wait_procs(below)


def test_commands_in_lab_find_its_course(
    course: Course, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Wherever the working copy lies."""
    monkeypatch.setenv(COURSE_VARIABLE, server(course, tmp_path).environment[COURSE_VARIABLE])
    assert find_course(tmp_path) == course


def test_new_release_is_checked_against_at_once(course: Course, copy: Path) -> None:
    answer(copy / SUMS, "return 6")
    with closing(Checks(course)) as checks:
        assert checks.check(copy / SUMS).score == 0
        released = course.release / SUMS
        before = released.read_text()
        released.write_text(before.replace("== 5", "== 6"))
        try:
            assert checks.check(copy / SUMS).score == 2
        finally:
            released.write_text(before)


def test_instructor_keeps_validate(tmp_path: Path) -> None:
    plain = server(Course(tmp_path), tmp_path, instructor=True)
    assert not any("check/labextensions" in Path(word).as_posix() for word in plain.command)
    settings = plain.environment["JUPYTER_CONFIG_PATH"].split(os.pathsep)
    assert "check" not in {Path(folder).name for folder in settings}


def test_endpoint_submits_what_is_saved(student: Lab) -> None:
    answer(student.copy / SQUARES, "return a * a")
    receipt = student.post("autograder/submit", path=SQUARES)["receipt"]
    assert receipt.startswith(f"Submitted {SQUARES} to 02_squares at ")
    (sent,) = student.course.classroom.glob("exchange/*/inbound/*/squares.ipynb")
    assert sent.read_bytes() == (student.copy / SQUARES).read_bytes()
    stray = student.copy / "02_squares" / "squares-Copy1.ipynb"
    stray.write_bytes(sent.read_bytes())
    reply = requests.post(
        f"{student.url}autograder/submit",
        json={"path": "02_squares/squares-Copy1.ipynb"},
        headers={"Authorization": f"token {student.token}"},
        timeout=120,
    )
    assert reply.status_code == 400
    assert "must be named squares.ipynb" in reply.json()["message"]


def test_two_servers_on_one_copy_lose_no_progress(tmp_path: Path) -> None:
    def noting(numbers: range) -> None:
        for number in numbers:
            report = {"chapter": f"{number:02}_x", "score": 1, "points": 2}
            note(tmp_path, "x.ipynb", report)

    threads = [Thread(target=noting, args=(range(n, n + 10),)) for n in (0, 10)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(_read(tmp_path)) == 20


def test_progress_that_an_older_version_kept_counts_still(tmp_path: Path) -> None:
    last = {"score": 1, "points": 2, "path": "a.ipynb", "when": "2026-01-02T03:04:05+00:00"}
    (tmp_path / "checks.json").write_text(json.dumps({"01_a": last, "02_b": last}))
    note(tmp_path, "b.ipynb", {"chapter": "02_b", "score": 2, "points": 2})
    found = _read(tmp_path)
    assert (found["01_a"]["score"], found["02_b"]["score"]) == (1, 2)
