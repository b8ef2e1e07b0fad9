"""Kill the coordinator, a worker, a warm process, a submission's process, at any moment.

However often, and whichever: once the command has run to its end, the gradebook and `autograded/`
are those of a run that nobody disturbed, nothing is there twice, and nothing is left over. The
history tells of each grading that was committed: twice where a kill came between two steps, and
never half.

What a kill can break is the same whatever the notebooks import, so these import little: most of
the time of a run that is killed and started fifty times would be torch's.
"""

import contextlib
import ctypes
import os
import random
import re
import shutil
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path

import nbformat
import psutil  # type: ignore[import-untyped]
import pytest
from bench_grading import environment, processes
from light_course import gradebook_rows
from nbformat.v4 import new_code_cell
from throwaway_course import make_full_course

from autograder.engine.engine import Engine
from autograder.engine.sandbox import missing
from autograder.gradebook.history import Entry, Happened, read_history

STUDENTS = 40
KILLS = 50
ROLES = ("coordinator", "worker", "warm", "student")
PATIENCE = 60
"""Seconds in which a run must show a process of the wanted role, or end."""
PR_SET_CHILD_SUBREAPER = 36
STOPPED = (130, -signal.SIGINT)
"""The same to a shell: Python ends by the signal if it came while a text was evaluated."""
KNOWN: set[int] = set()
"""Processes of other tests (multiprocessing keeps one for as long as this process lives)."""
ASSIGNMENT = "01_sums"
CONFIG = """
c = get_config()
c.CourseDirectory.course_id = "killed"
c.CourseDirectory.source_directory = "solutions"
"""
KINDS: tuple[dict[str, str], ...] = (
    {"add": "def add(a, b):\n    return a + b", "half": "def half(a):\n    return a / 2"},
    {"add": "def add(a, b):\n    return a - b", "half": "def half(a):\n    return 1 / 0"},
    {"add": "def add(a, b):\n    return abs(a) + b", "reflection": "Sums are everywhere."},
    {"add": "def add(a, b:\n", "half": "import os\nos._exit(3)"},
    {},
)
"""Answers of the students, in turn: right, wrong, partly right, broken, none."""
DURATION = re.compile(rb'"(seconds|graded_at)": [0-9.e+-]+')

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(sys.platform != "linux", reason="orphans are found by a Linux call"),
]


@pytest.fixture
def orphans_come_home() -> Iterator[None]:
    """Processes that lose their parent become this one's children, so that none goes unseen."""
    libc = ctypes.CDLL(None, use_errno=True)
    KNOWN.update(process.pid for process in psutil.Process().children(recursive=True))
    assert libc.prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0) == 0
    yield
    for process in leftovers(0):
        process.kill()
    libc.prctl(PR_SET_CHILD_SUBREAPER, 0, 0, 0, 0)


def leftovers(seconds: float) -> list[psutil.Process]:
    """Living descendants of this process after at most so many seconds' wait."""
    end = time.monotonic() + seconds
    while True:
        living = []
        for process in psutil.Process().children(recursive=True):
            with contextlib.suppress(psutil.Error, ChildProcessError):
                if process.pid in KNOWN:
                    continue
                if process.status() != psutil.STATUS_ZOMBIE:
                    living.append(process)
                elif process.ppid() == os.getpid():
                    os.waitpid(process.pid, os.WNOHANG)
        if not living or time.monotonic() >= end:
            return living
        time.sleep(0.1)


class Grading:
    """`autograder grade` on a course, with temporary files and home of its own."""

    def __init__(self, course: Path, private: Path) -> None:
        self.course = course
        self.temporary = private / "tmp"
        self.home = private / "home"
        self.temporary.mkdir(parents=True)
        self.home.mkdir()
        self.log = private / "log.txt"
        self.process: subprocess.Popen[bytes] | None = None

    def start(self) -> psutil.Process:
        words = ["grade", "--course", str(self.course), "--workers", "2"]
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "autograder", *words],
                cwd=self.course,
                env=environment(TMPDIR=str(self.temporary), HOME=str(self.home)),
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )
        return psutil.Process(self.process.pid)

    def interrupt(self) -> None:
        """Press Ctrl-C: the terminal tells all processes of the group."""
        assert self.process is not None
        os.killpg(self.process.pid, signal.SIGINT)

    def ended(self) -> bool:
        return self.process is not None and self.process.poll() is not None

    def finish(self, seconds: float) -> int:
        assert self.process is not None
        return self.process.wait(seconds)

    def kill_one(self, role: str, chance: random.Random) -> bool:
        """Kill a process of the role as soon as there is one; False if the run ended before."""
        assert self.process is not None
        coordinator = psutil.Process(self.process.pid)
        end = time.monotonic() + PATIENCE
        while not self.ended():
            if members := processes(coordinator).get(role):
                with contextlib.suppress(psutil.NoSuchProcess):
                    chance.choice(members).send_signal(signal.SIGKILL)
                    return True
            assert time.monotonic() < end, f"no {role} process within {PATIENCE} s"
            time.sleep(0.002)
        return False


def make_class(root: Path, students: int, slow: int) -> tuple[str, ...]:
    """Write a course and its submissions; every so many-th student's takes 0.2 s in a cell."""
    course = make_full_course(root)
    (root / "nbgrader_config.py").write_text(CONFIG)
    source = nbformat.read(course.solutions / ASSIGNMENT / "sums.ipynb", as_version=4)
    names = tuple(f"student{number:02}" for number in range(students))
    for number, name in enumerate(names):
        notebook = nbformat.from_dict(source)
        for cell in notebook.cells:
            grade_id = cell.metadata.get("nbgrader", {}).get("grade_id")
            if grade_id in ("add", "half", "reflection"):
                stub = f"raise NotImplementedError({grade_id!r})"
                cell.source = KINDS[number % len(KINDS)].get(grade_id, stub)
        if number % slow == 0:
            notebook.cells.insert(2, new_code_cell("import time\n\ntime.sleep(0.2)", id="slow"))
        folder = root / "submitted" / name / ASSIGNMENT
        folder.mkdir(parents=True)
        nbformat.write(notebook, folder / "sums.ipynb")
    return names


def check_history(course: Path, names: tuple[str, ...]) -> None:
    """Each grading that counts is told, and none by half."""
    entries: dict[str, list[Entry]] = {name: [] for name in names}
    sequence = 0
    for entry in read_history(f"sqlite:///{course / 'gradebook.db'}"):
        assert entry.sequence > sequence
        sequence = entry.sequence
        entries[entry.student].append(entry)
    marks = {name: 0.0 for name in names}
    for row in gradebook_rows(course / "gradebook.db"):
        marks[row.student] += row.auto or 0.0
    for name, of_student in entries.items():
        graded = [entry for entry in of_student if entry.event is Happened.GRADED]
        assert of_student[-1] is graded[-1]
        assert all((len(e.checks), len(e.answers)) == (4, 5) for e in graded)
        assert {e.score for e in graded} == {marks[name]}
        assert {e.versions for e in graded} == {graded[0].versions}
        for earlier, later in pairwise(of_student):
            assert (earlier.event, later.event) != (Happened.INVALIDATED, Happened.INVALIDATED)


def state(course: Path) -> dict[str, object]:
    """All that grading leaves in a course: grades, and every file, durations apart."""
    files = {
        str(path.relative_to(course)): DURATION.sub(b"", path.read_bytes())
        for path in sorted(course.rglob("*"))
        if path.is_file() and path.name != "gradebook.db"
    }
    return {"grades": gradebook_rows(course / "gradebook.db"), **files}


def differing(first: dict[str, object], second: dict[str, object]) -> list[str]:
    return sorted(
        name for name in first.keys() | second.keys() if first.get(name) != second.get(name)
    )


def test_fifty_random_kills_change_nothing(tmp_path: Path, orphans_come_home: None) -> None:
    fresh = tmp_path / "fresh"
    names = make_class(fresh, STUDENTS, slow=13)
    calm = Grading(shutil.copytree(fresh, tmp_path / "calm"), tmp_path / "calm-private")
    calm.start()
    assert calm.finish(PATIENCE) == 0, calm.log.read_text()
    assert "for written answers, which you grade in Formgrader" in calm.log.read_text()
    expected = state(calm.course)
    assert {row.student for row in gradebook_rows(calm.course / "gradebook.db")} == set(names)
    check_history(calm.course, names)

    chance = random.Random(50)
    killed: Counter[str] = Counter()
    rounds = 0
    while killed.total() < KILLS:
        rounds += 1
        course = shutil.copytree(fresh, tmp_path / f"course{rounds}")
        grading = Grading(course, tmp_path / f"private{rounds}")
        grading.start()
        while killed.total() < KILLS:
            time.sleep(chance.expovariate(2))
            if grading.ended():
                if grading.finish(0) != -signal.SIGKILL:
                    break
                grading.start()
            role = chance.choice(ROLES)
            killed[role] += grading.kill_one(role, chance)
        while (code := grading.finish(PATIENCE)) == -signal.SIGKILL:
            grading.start()
        assert code == 0, grading.log.read_text()[-3000:]
        assert differing(state(course), expected) == []
        check_history(course, names)
        assert [p.cmdline() for p in leftovers(10)] == []
        assert list(grading.temporary.iterdir()) == []
    assert min(killed[role] for role in ROLES) >= 5, killed


def test_engine_that_ends_in_its_first_instants_leaves_nothing(orphans_come_home: None) -> None:
    for milliseconds in range(40):
        engine = Engine.start(jail=not missing() or None)
        time.sleep(milliseconds / 1000)
        engine.close()
    assert [process.cmdline() for process in leftovers(10)] == []


@pytest.fixture
def interruptible() -> Iterator[None]:
    """Who runs in the background of a shell ignores Ctrl-C, and so do the children."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


def test_ctrl_c_stops_at_once_and_a_second_run_goes_on(
    tmp_path: Path, orphans_come_home: None, interruptible: None
) -> None:
    fresh = tmp_path / "fresh"
    make_class(fresh, 60, slow=1)
    calm = Grading(shutil.copytree(fresh, tmp_path / "calm"), tmp_path / "calm-private")
    calm.start()
    assert calm.finish(PATIENCE) == 0, calm.log.read_text()

    chance = random.Random(6)
    grading = Grading(shutil.copytree(fresh, tmp_path / "course"), tmp_path / "private")
    stopped = 0
    while True:
        coordinator = grading.start()
        while not grading.ended() and "warm" not in processes(coordinator):
            time.sleep(0.01)
        time.sleep(chance.uniform(0, 4))
        if stopped == 5 or grading.ended():
            break
        grading.interrupt()
        code = grading.finish(20)
        if code == 0:  # it was just over
            break
        assert code in STOPPED, grading.log.read_text()[-3000:]
        assert "stopped" in grading.log.read_text().splitlines()[-1]
        stops = grading.log.read_text().count("stopped")
        assert stops == stopped + 1
        assert [p.cmdline() for p in leftovers(10)] == []
        stopped += 1
    assert grading.finish(PATIENCE) == 0, grading.log.read_text()[-3000:]
    assert stopped >= 2, "it was never interrupted"
    assert "Traceback" not in grading.log.read_text()
    assert differing(state(grading.course), state(calm.course)) == []
    assert [p.cmdline() for p in leftovers(10)] == []
    assert list(grading.temporary.iterdir()) == []
