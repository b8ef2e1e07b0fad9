"""The author's panel's server side: what is looked at, added and proved, and what is refused."""

import asyncio
import json
import os
import signal
from collections.abc import Awaitable, Callable, Iterator
from pathlib import Path
from typing import Any

import nbformat
import psutil
import pytest
import requests
from instructors_class import InstructorsLab, authors_lab
from on_a_loop import on_a_loop
from throwaway_course import make_full_course

from autograder.assignment.course import Course
from autograder.assignment.errors import UserError
from autograder.assignment.nbgrader_course import open_course
from autograder.authoring.contract import violations
from autograder.classroom import passage
from autograder.classroom.passage import pass_gate
from autograder.gate.gate import source_findings
from autograder.gate.proved import unproved
from autograder.lab.author_desk import AuthorDesk
from autograder.lab.author_server import exercise_from, source_below
from autograder.lab.runner import State

SUMS, SQUARES = "solutions/01_sums/sums.ipynb", "solutions/02_squares/squares.ipynb"
FOREVER = "# %% right forever\ndef square(a):\n    while True:\n        pass\n"


@pytest.fixture
def course(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Course:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    return make_full_course(tmp_path / "course")


def at_desk(course: Course, work: Callable[[AuthorDesk], Awaitable[None]]) -> None:
    on_a_loop(lambda: AuthorDesk(course.root), work)


async def until(desk: AuthorDesk, state: State, reached: Callable[[State], bool]) -> State:
    while not reached(state):
        state = await desk.proofs.changed(state.version, 300)
    return state


async def finished(desk: AuthorDesk, state: State) -> State:
    return await until(desk, state, lambda state: not state.running)


def edit(course: Course, path: str, change: Callable[[Any], None]) -> None:
    notebook = nbformat.read(course.root / path, as_version=4)
    change(notebook)
    nbformat.write(notebook, course.root / path)


def unlock(notebook: Any) -> None:
    """Break two rules, in two cells, the lower one first."""
    notebook.cells[10].metadata.nbgrader.locked = False
    notebook.cells[4].source += "\nassert add(1, 1)"


def told(report: dict[str, Any]) -> list[str]:
    return sorted(f"{one['where']}: {one['says']}" for one in report["findings"])


def test_findings_are_those_of_the_gate_in_the_order_of_cells(course: Course) -> None:
    edit(course, SUMS, unlock)

    async def work(desk: AuthorDesk) -> None:
        found = await desk.look("contract", SUMS)
        assert found["chapter"] == "01_sums"
        assert told(found) == sorted(violations(course.root / SUMS))
        assert told(found) == sorted(map(str, source_findings(course, "01_sums")))
        assert [(one["cell"], one["index"]) for one in found["findings"]] == [
            ("cell-4", 4),
            ("cell-10", 10),
        ]
        assert found["exercises"] == [
            {"answer": "add", "title": "Exercise 1 · Adding"},
            {"answer": "half", "title": "Exercise 2 · Halving"},
            {"answer": "reflection", "title": "Reflection"},
        ]
        clear = await desk.look("contract", SQUARES)
        assert (clear["findings"], clear["to_dos"]) == ([], [])
        assert (await desk.look("release", SQUARES))["findings"] == []

    at_desk(course, work)


def test_leak_is_found_with_its_cell(course: Course) -> None:
    def leak(notebook: Any) -> None:
        notebook.metadata["note"] = "the_reference_total = a + b"
        notebook.cells[7].outputs[0].text = "the_reference_total = a + b\n"

    edit(course, SUMS, leak)

    async def work(desk: AuthorDesk) -> None:
        found = await desk.look("release", SUMS)
        assert told(found) == sorted(map(str, source_findings(course, "01_sums")))
        assert [one["cell"] for one in found["findings"]] == ["", "cell-7"]

    at_desk(course, work)


@pytest.mark.parametrize("damage", ['{"cells": [', "[]", "\0"])
def test_damaged_notebook_is_a_finding(course: Course, damage: str) -> None:
    (course.root / SUMS).write_text(damage)

    async def work(desk: AuthorDesk) -> None:
        for what in ("contract", "release"):
            (one,) = (await desk.look(what, SUMS))["findings"]
            assert "is not a Jupyter notebook" in one["says"]
            assert (one["where"], one["index"]) == ("", None)
        assert told(await desk.look("contract", SQUARES)) == []

    at_desk(course, work)


def test_second_notebook_is_told_and_no_cell_of_it(course: Course) -> None:
    edit(course, SUMS, unlock)
    (course.root / SUMS).with_name("copy.ipynb").write_bytes((course.root / SUMS).read_bytes())

    async def work(desk: AuthorDesk) -> None:
        (one,) = (await desk.look("contract", SUMS))["findings"]
        assert one["says"].endswith("has 2 notebooks, copy.ipynb and sums.ipynb; a chapter has one")
        assert one["index"] is None

    at_desk(course, work)


def test_exercise_is_that_of_the_command_and_its_refusal_too(course: Course) -> None:
    twin = make_full_course(course.root.parent / "twin")
    wanted = {"answer": "Third", "title": "Thirds", "minutes": 15, "class": True, "after": "add"}

    async def work(desk: AuthorDesk) -> None:
        made = await desk.add(SUMS, exercise_from(wanted))
        assert made["written"] == ["tests/misconceptions/01_sums/Third.py"]
        assert made["notes"][0].startswith("It is exercise 2; it begins with the text below [6]")
        cells = nbformat.read(course.root / SUMS, as_version=4).cells
        assert cells[made["index"]].id == made["cell"]
        assert cells[made["index"]].source.startswith("## Exercise 2 · Thirds")
        left = (await desk.look("contract", SUMS))["to_dos"]
        assert {one["file"] for one in left} == {"", "tests/misconceptions/01_sums/Third.py"}
        with pytest.raises(UserError, match="'Third' exists already, in cell"):
            await desk.add(SUMS, exercise_from(wanted))
        with pytest.raises(UserError, match="'lambda' cannot be an answer's name"):
            await desk.add(SUMS, exercise_from({"answer": "lambda"}))

    from autograder.authoring.scaffold import new_exercise

    at_desk(course, work)
    new_exercise(twin, "01_sums", "Third", title="Thirds", minutes=15, as_class=True, after="add")
    for path in (SUMS, "tests/misconceptions/01_sums/Third.py"):
        assert without_ids(course.root / path) == without_ids(twin.root / path)


def without_ids(path: Path) -> Any:
    """A file's text; of a notebook its cells, whose ids are drawn."""
    if path.suffix != ".ipynb":
        return path.read_text()
    cells = nbformat.read(path, as_version=4).cells
    return [{name: value for name, value in cell.items() if name != "id"} for cell in cells]


@pytest.mark.parametrize(
    "asked",
    [{"answer": 3}, {"answer": "a", "minutes": 1}, {"answer": "a", "minutes": True},
     {"answer": "a", "minutes": 2.5}, {"answer": "a", "class": 1}, {"answer": "a", "after": None}],
)  # fmt: skip
def test_exercise_that_is_none_is_refused(asked: dict[str, Any]) -> None:
    with pytest.raises(UserError):
        exercise_from(asked)


@pytest.mark.parametrize(
    "path",
    ["course/01_sums/sums.ipynb", "solutions/own.ipynb", "solutions/01_sums/data/a.ipynb",
     "solutions/../solutions/01_sums/sums.ipynb", "solutions/.hidden/a.ipynb", "", None],
)  # fmt: skip
def test_only_notebooks_of_chapters_are_looked_at(course: Course, path: object) -> None:
    for name in ("course/01_sums/sums", "solutions/own", "solutions/01_sums/data/a"):
        file = course.root / f"{name}.ipynb"
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text("{}")
    assert source_below(course, SUMS) == SUMS
    with pytest.raises(UserError, match=r"Only a notebook|no such notebook|not a chapter's"):
        source_below(course, path)


@pytest.mark.slow
def test_proof_tells_what_is_wrong_by_cell_and_then_nothing(course: Course) -> None:
    known = course.root / "tests/misconceptions/02_squares/square.py"
    right = known.read_text()
    known.write_text(right.replace("return a * a\n", "return a * b\n"))

    async def work(desk: AuthorDesk) -> None:
        said = set()
        state = desk.proofs.start(SQUARES)
        with pytest.raises(UserError, match="is being proved; wait for it, or cancel it"):
            desk.proofs.start(SUMS)
        while state.running:
            said.add(state.what)
            state = await desk.proofs.changed(state.version, 300)
        assert {"grading the stub", "known answer square: multiplies"} <= said
        assert state.report is not None
        (one,) = state.report["findings"]
        assert (state.report["open"], one["cell"], one["where"]) == (
            False, "cell-2", "square, known answer multiplies",
        )  # fmt: skip
        assert unproved(course, ["02_squares"]) == ("02_squares",)
        known.write_text(right)
        state = await finished(desk, desk.proofs.start(SQUARES))
        assert state.report is not None
        assert (state.report["open"], state.report["findings"]) == (True, [])
        assert (state.report["known"], state.report["judged"]) == (6, 1)
        assert unproved(course, ["02_squares"]) == ()

    at_desk(course, work)


@pytest.mark.slow
def test_proof_names_the_check_that_is_broken_or_for_nothing(course: Course) -> None:
    def spoil(notebook: Any) -> None:
        notebook.cells[4].source = 'assert add(2, 3) == 6, "add: no"'  # the reference says 5
        notebook.cells[10].source = "1"  # a score for everybody

    edit(course, SUMS, spoil)

    async def work(desk: AuthorDesk) -> None:
        state = await finished(desk, desk.proofs.start(SUMS))
        assert state.report is not None
        found = [(one["cell"], one["says"]) for one in state.report["findings"]]
        assert ("cell-4", "broken, add: no") in found
        assert any(cell == "cell-10" and "the stub earns 1 point" in says for cell, says in found)
        assert not state.report["open"]

    at_desk(course, work)


@pytest.mark.slow
def test_proof_that_is_canceled_leaves_no_process(course: Course) -> None:
    known = course.root / "tests/misconceptions/02_squares/square.py"
    known.write_text(known.read_text() + "\n" + FOREVER)

    async def work(desk: AuthorDesk) -> None:
        reached = await until(
            desk, desk.proofs.start(SQUARES), lambda state: "known answer" in state.what
        )
        assert reached.running
        assert desk.proofs.helper_pid is not None
        helper = psutil.Process(desk.proofs.helper_pid)
        family = [helper, *helper.children(recursive=True)]
        state = await desk.proofs.cancel()
        assert (state.running, state.error) == (False, "The proof was canceled.")
        _, alive = psutil.wait_procs(family, timeout=120)
        assert alive == []
        assert unproved(course, ["02_squares"]) == ("02_squares",)

    at_desk(course, work)


@pytest.mark.slow
def test_chapter_that_is_edited_while_it_is_proved_is_not_noted(course: Course) -> None:
    def meanwhile(who: str) -> None:
        (course.solutions / "02_squares" / "new.txt").write_text("came later\n")

    found = pass_gate(open_course(course.root), "02_squares", proving=meanwhile)
    assert found.examined is not None
    assert [str(one) for one in found.examined.findings] == [
        "the chapter was edited while it was proved; prove it again"
    ]
    assert not found.open
    assert unproved(course, ["02_squares"]) == ("02_squares",)
    assert pass_gate(open_course(course.root), "02_squares").open
    assert passage.layout(open_course(course.root)) == course


@pytest.mark.skipif(os.name != "posix", reason="needs SIGKILL")
def test_process_that_looks_is_replaced_when_it_died(course: Course) -> None:
    async def work(desk: AuthorDesk) -> None:
        await desk.look("contract", SQUARES)
        (helper,) = (
            process
            for process in psutil.Process().children()
            if "autograder.lab.author_helper" in process.cmdline()
        )
        asked = asyncio.create_task(desk.look("release", SQUARES))
        await asyncio.sleep(0)
        os.kill(helper.pid, signal.SIGKILL)
        with pytest.raises(UserError, match="The process that looks at notebooks ended"):
            await asked
        assert (await desk.look("contract", SQUARES))["findings"] == []

    at_desk(course, work)


@pytest.fixture(scope="module")
def lab(tmp_path_factory: pytest.TempPathFactory) -> Iterator[InstructorsLab]:
    with authors_lab(tmp_path_factory.mktemp("author")) as running:
        yield running


def get(lab: InstructorsLab, where: str) -> requests.Response:
    return requests.get(
        f"{lab.url}autograder/author/{where}",
        headers={"Authorization": f"token {lab.token}"},
        timeout=300,
    )


def post(lab: InstructorsLab, where: str, content: bytes) -> tuple[int, dict[str, Any]]:
    reply = requests.post(
        f"{lab.url}autograder/author/{where}",
        data=content,
        headers={"Authorization": f"token {lab.token}"},
        timeout=300,
    )
    return reply.status_code, reply.json()


def test_endpoints_look_add_and_refuse_with_one_sentence(lab: InstructorsLab) -> None:
    assert get(lab, f"contract?path={SUMS}").json()["findings"] == []
    assert get(lab, f"release?path={SUMS}").json()["findings"] == []
    for path in ("course/01_sums/sums.ipynb", "", "../etc/passwd.ipynb"):
        reply = get(lab, f"contract?path={path}")
        assert reply.status_code == 400
        assert reply.json()["message"].endswith(".")
    wanted = {"path": SUMS, "answer": "third", "before": "half"}
    status, made = post(lab, "exercise", json.dumps(wanted).encode())
    assert (status, made["notes"][1]) == (200, "Exercise 2 is now exercise 3.")
    status, said = post(lab, "exercise", json.dumps(wanted).encode())
    assert status == 400
    assert "'third' exists already" in said["message"]
    for odd in (b"[]", b'{"path": 1}', b""):
        assert post(lab, "exercise", odd) == (400, {"message": "Only a notebook can be checked."})
    assert get(lab, "prove?seen=x").status_code == 400
    assert get(lab, "prove").json()["running"] is False


def test_endpoints_are_closed_to_strangers(lab: InstructorsLab) -> None:
    base = f"{lab.url}autograder/author/"
    for where in ("contract", "release", "prove"):
        assert requests.get(f"{base}{where}?path={SUMS}", timeout=120).status_code == 403
    assert requests.delete(f"{base}prove", timeout=120).status_code == 403
    with requests.Session() as browser:  # known by its cookie, but sent by a page of another site
        browser.get(f"{lab.url}lab?token={lab.token}", timeout=120)
        assert browser.get(f"{base}contract?path={SQUARES}", timeout=300).ok
        for where in ("prove", "exercise"):
            forged = browser.post(f"{base}{where}", json={"path": SQUARES}, timeout=120)
            assert forged.status_code == 403
