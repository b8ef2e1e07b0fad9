"""A class on a Dask cluster: the same marks as by the local pool, whoever dies, comes late, differs."""

import shutil
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import nbformat
import pytest
from bench_grading import environment
from dask_processes import Cluster, running
from distributed import Client, Worker, get_task_stream
from light_course import ASSIGNMENT, NOTEBOOK, generate, gradebook_rows, make_course
from nbformat.v4 import new_code_cell
from test_kills import differing, state
from throwaway_course import REPOSITORY

from autograder.assignment.errors import UserError
from autograder.assignment.nbgrader_course import open_course
from autograder.assignment.submission import Submission
from autograder.classroom.grade_class import ClassResult, Event, Options, grade_class
from autograder.engine.sandbox import may_be_had, missing
from autograder.grading import cluster as cluster_module
from autograder.grading.pool import ATTEMPTS
from autograder.grading.task_queue import TaskQueue

pytestmark = pytest.mark.slow

STUDENTS = 30
HOSTILE = {
    "student0003": "import os\n\nos._exit(3)",
    "student0011": "import os, signal\n\nos.kill(os.getppid(), signal.SIGKILL)\nos.kill(-1, 9)",
    "student0019": "from distributed import get_worker\n\nget_worker().close()",
}


def add_cell(course: Path, student: str, source: str) -> None:
    """Put a cell of the student's own below the setup."""
    path = course / "submitted" / student / ASSIGNMENT / f"{NOTEBOOK}.ipynb"
    notebook = nbformat.read(path, as_version=4)
    notebook.cells.insert(2, new_code_cell(source, id="own"))
    nbformat.write(notebook, path)


def grade(
    course: Path, progress: Callable[[Event], None] = lambda event: None, **options: object
) -> ClassResult:
    return grade_class(open_course(course), ASSIGNMENT, Options(**options), progress)  # type: ignore[arg-type]


@pytest.fixture(scope="module")
def fresh(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A class of thirty with three that attack what they can reach, not graded yet."""
    course = tmp_path_factory.mktemp("class") / "fresh"
    make_course(course, STUDENTS, seed=4)
    for student, source in HOSTILE.items():
        add_cell(course, student, source)
    return course


@pytest.fixture(scope="module")
def expected(fresh: Path) -> dict[str, object]:
    """What the local pool makes of it."""
    course = Path(shutil.copytree(fresh, fresh.parent / "local"))
    grade(course, workers=2)
    return state(course)


@pytest.fixture
def course(fresh: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(fresh, tmp_path / "course"))


@pytest.fixture
def few(course: Path) -> Path:
    """The same course with two students."""
    for path in sorted((course / "submitted").iterdir())[2:]:
        shutil.rmtree(path)
    return course


@pytest.fixture(scope="module")
def cluster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cluster]:
    with running(tmp_path_factory.mktemp("dask"), workers=2) as started:
        yield started


def test_one_dies_and_one_comes_late_and_marks_are_those_of_the_local_pool(
    course: Path, expected: dict[str, object], cluster: Cluster
) -> None:
    victim = cluster.worker()
    late: list[str] = []
    graded: list[str] = []

    def disturb(event: Event) -> None:
        if event.graded is not None:
            graded.append(event.student)
        if len(graded) < 6 or late:
            return
        victim.send(signal.SIGSTOP)
        if not client.processing([victim.address])[victim.address]:
            victim.send(signal.SIGCONT)  # it has nothing to lose just now
            return
        victim.send(signal.SIGKILL)
        late.append(cluster.worker().address)

    with Client(cluster.address, set_as_default=False) as client:
        with get_task_stream(client) as stream:
            result = grade(course, disturb, scheduler=cluster.address)
        workers = {record["worker"] for record in stream.data}
    assert late, "it was never disturbed"
    assert victim.process.wait() == -signal.SIGKILL
    assert late[0] in workers
    assert sorted(graded) == sorted(result.students)
    assert len(graded) == STUDENTS
    assert result.notes == ()
    assert result.jailed == (not missing())
    assert differing(state(course), expected) == []
    again = grade(course, scheduler=cluster.address)
    assert len(again.unchanged) == STUDENTS
    assert differing(state(course), expected) == []


def test_coordinator_that_was_killed_is_run_again_and_leaves_nothing_on_the_workers(
    course: Path, expected: dict[str, object], cluster: Cluster
) -> None:
    words = ["grade", "--course", str(course), "--scheduler", cluster.address]
    process = subprocess.Popen(
        [sys.executable, "-m", "autograder", *words],
        env=environment(COLUMNS="200"), stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE, text=True,
    )  # fmt: skip
    assert process.stderr
    for line in process.stderr:
        if line.startswith("student"):  # the first result was written
            process.kill()
            break
    assert process.wait() == -signal.SIGKILL
    process.stderr.close()

    def plugins(dask_worker: Worker) -> list[str]:
        return [name for name in dask_worker.plugins if name.startswith("autograder-")]

    with Client(cluster.address, set_as_default=False) as client:
        left = client.run(plugins)
        assert all(len(names) == 1 for names in left.values())
        result = grade(course, scheduler=cluster.address)
        assert not any(client.run(plugins).values())
    assert 1 <= len(result.unchanged) < STUDENTS
    assert differing(state(course), expected) == []


def test_data_files_are_sent_by_content(course: Path, cluster: Cluster, tmp_path: Path) -> None:
    (course / "source" / ASSIGNMENT / "data").mkdir()
    (course / "source" / ASSIGNMENT / "data" / "numbers.csv").write_text("1,2\n3,4\n")
    shutil.rmtree(course / "release")
    generate(course, ASSIGNMENT)
    names = sorted(path.name for path in (course / "submitted").iterdir())
    for student in names[2:]:
        shutil.rmtree(course / "submitted" / student)
    add_cell(course, names[1], "print(open('data/numbers.csv').read())")
    released = course / "release" / ASSIGNMENT / "data" / "numbers.csv"

    def gone(event: Event) -> None:
        if event.student in names:
            released.unlink(missing_ok=True)

    grade(course, gone, scheduler=cluster.address)

    text = (course / "autograded" / names[1] / ASSIGNMENT / f"{NOTEBOOK}.ipynb").read_text()
    cells = nbformat.reads(text, as_version=4).cells
    (own,) = (cell for cell in cells if cell.get("source", "").startswith("print(open("))
    assert "1,2\n3,4" in own.outputs[0].text


def test_worker_of_other_versions_is_left_out_and_named(
    few: Path, cluster: Cluster, tmp_path: Path
) -> None:
    (tmp_path / "old" / "numpy-0.1.dist-info").mkdir(parents=True)
    (tmp_path / "old" / "numpy-0.1.dist-info" / "METADATA").write_text(
        "Metadata-Version: 2.1\nName: numpy\nVersion: 0.1\n"
    )
    with Client(cluster.address, set_as_default=False) as client:
        old = cluster.worker(PYTHONPATH=f"{tmp_path / 'old'}:{REPOSITORY}")
        with get_task_stream(client) as stream:
            result = grade(few, scheduler=cluster.address)
        assert old.address not in {record["worker"] for record in stream.data}
    old.end()
    (note,) = result.notes
    assert note.startswith(f"worker {old.address} was left out: numpy 0.1 instead of ")
    assert len(result.students) == 2


@pytest.mark.sandbox
@pytest.mark.skipif(not may_be_had(), reason="bubblewrap is not installed")
def test_worker_without_the_jail_is_left_out_and_named(few: Path, cluster: Cluster) -> None:
    bare = cluster.worker(PATH="/nowhere")
    result = grade(few, scheduler=cluster.address)
    bare.end()
    (note,) = result.notes
    assert f"worker {bare.address} was left out: bubblewrap" in note
    assert result.jailed
    assert len(result.students) == 2


@pytest.mark.sandbox
@pytest.mark.skipif(not may_be_had(), reason="bubblewrap is not installed")
def test_required_jail_is_refused_where_no_worker_has_it_and_its_lack_is_told(
    few: Path, tmp_path: Path
) -> None:
    with running(tmp_path / "dask", workers=0) as bare:
        bare.worker(PATH="/nowhere")
        with pytest.raises(UserError, match=r"no worker there can grade: bubblewrap.* Without it"):
            grade(few, scheduler=bare.address, require_sandbox=True)
        assert gradebook_rows(few / "gradebook.db") == []
        assert not grade(few, scheduler=bare.address).jailed


def test_scheduler_that_ends_costs_nothing_that_was_graded(
    course: Path, expected: dict[str, object], tmp_path: Path
) -> None:
    graded: list[str] = []

    def disturb(event: Event) -> None:
        if event.graded is not None:
            graded.append(event.student)
        if len(graded) == 5:
            own.scheduler.end()

    kept = r"the connection was lost .* what was graded is kept"
    with running(tmp_path / "dask", workers=1) as own, pytest.raises(UserError, match=kept):
        grade(course, disturb, scheduler=own.address)
    assert 5 <= len(graded) < STUDENTS
    result = grade(course, workers=2)
    assert set(graded) == set(result.unchanged)
    assert differing(state(course), expected) == []


KILLER = """
import os

from autograder.grading import cluster_worker

attempt = cluster_worker.attempt


def deadly(blueprint, submission, engine, cross_check):
    if submission.student == "student0001":
        os._exit(1)
    return attempt(blueprint, submission, engine, cross_check)


if attempt.__name__ != "deadly":  # Dask loads this twice
    cluster_worker.attempt = deadly
"""


def test_who_ends_every_worker_is_left_to_a_person_and_the_class_goes_on(
    few: Path, fresh: Path, tmp_path: Path
) -> None:
    for student in ("student0004", "student0005"):
        shutil.copytree(fresh / "submitted" / student, few / "submitted" / student)
    (tmp_path / "killer.py").write_text(KILLER)
    once = {"DASK_DISTRIBUTED__SCHEDULER__ALLOWED_FAILURES": "1"}
    with running(tmp_path / "dask", workers=0, **once) as own:
        own.workers(1, "--preload", str(tmp_path / "killer.py"), nanny=True)
        result = grade(few, scheduler=own.address)
        own.started[0].process.terminate()
        own.started[0].process.wait()
    told = {
        name: {check["message"] for check in graded["checks"].values()}
        for name, graded in result.students.items()
    }
    lost = [name for name in told if told[name] == {"could not be graded: its workers ended"}]
    assert lost == ["student0001"]
    assert len(told) == 4


@pytest.mark.parametrize("address", ["tcp://127.0.0.1:9", "nonsense://x:1", "no port"])
def test_address_without_a_scheduler_is_said_in_one_sentence(
    few: Path, address: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(cluster_module, "CONNECT_SECONDS", 1)
    with pytest.raises(UserError, match="no Dask scheduler can be reached there"):
        grade(few, scheduler=address)


def test_scheduler_without_workers_is_said_in_one_sentence(
    few: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(cluster_module, "CONNECT_SECONDS", 1)
    with (
        running(tmp_path / "dask", workers=0) as lonely,
        pytest.raises(UserError, match=r"no worker there can grade .there is none"),
    ):
        grade(few, scheduler=lonely.address)


# ---- who is next ----


def submissions(*students: str) -> Iterator[Submission]:
    return (Submission(student, ASSIGNMENT, {}) for student in students)


def test_who_ends_its_workers_is_given_up_alone_and_its_neighbor_is_not() -> None:
    agenda = TaskQueue(submissions("killer", "neighbor", "late"))
    tasks = (agenda.next(), agenda.next(), agenda.next())
    killer, neighbor, late = (task for task in tasks if task)
    assert agenda.next() is None
    agenda.under_way["late"] = late
    for _ in range(ATTEMPTS - 1):
        assert agenda.worker_died(killer) is None
        assert agenda.next() is killer
    assert agenda.worker_died(killer) is None
    assert agenda.worker_died(neighbor, ATTEMPTS) is None
    assert agenda.next() is None, "suspects wait until nobody is beside them"
    del agenda.under_way["late"]

    assert agenda.next() is killer
    agenda.under_way["killer"] = killer
    assert agenda.next() is None, "the neighbor is not beside it again"
    del agenda.under_way["killer"]
    assert agenda.worker_died(killer, ATTEMPTS) == (killer.submission, "its workers ended")
    assert agenda.next() is neighbor
    assert agenda.is_over


def test_failing_engine_is_tried_again_then_given_up_with_its_reason() -> None:
    agenda = TaskQueue(submissions("ada"))
    task = agenda.next()
    assert task
    for _ in range(ATTEMPTS - 1):
        assert agenda.failed(task, "why") is None
        assert not agenda.is_over
        assert agenda.next() is task
    assert agenda.failed(task, "why") == (task.submission, "why")
    assert agenda.next() is None
    assert agenda.is_over
