"""Measure a class of two assignments on one machine and on a Dask cluster.

Printed are seconds, memory, and whether the gradebooks are equal, marks and history's events.

The assignments are two like *light*, or chapters of this course with the submissions of the example
class, again and again. The cluster is a scheduler and three worker processes of this machine; one worker is killed when a
quarter of the class is graded, another comes when half is. Run by hand; the exit code is 1 if two
gradebooks differ or somebody was not graded.

    python tests/bench/bench_class.py [--students 10,100,1000] [--chapters 01_foundations,07_rl]
"""

import argparse
import contextlib
import json
import shutil
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

sys.path.append(str(Path(__file__).resolve().parents[1] / "classes"))

import psutil  # type: ignore[import-untyped]
from bench_grading import autograder, environment, machine, processes, run
from dask_processes import Cluster, running
from light_course import ASSIGNMENT, generate, gradebook_rows, make_course
from rich.console import Console
from rich.table import Table

from autograder.assignment.course import find_course
from autograder.classroom.folders import Classroom
from autograder.cli.demo import build
from autograder.gradebook.history import read_history

WORKERS = 3
SECOND = "again"
"""The second assignment: the first under another name, with other students' answers."""
SAMPLE_SECONDS = 0.2
ROLES = ("coordinator", "scheduler", "worker", "warm")


@dataclass(frozen=True)
class Room:
    """A class that has handed in; `words` is what `autograder grade` needs to find it."""

    root: Path
    assignments: tuple[str, ...]
    words: tuple[str, ...]

    @property
    def database(self) -> Path:
        return self.root / "gradebook.db"

    def events(self) -> Counter[tuple[str, str, str]]:
        """How often what happened to whom, as the history has it."""
        history = read_history(f"sqlite:///{self.database}")
        return Counter((e.assignment, e.student, e.event.value) for e in history)


def on_cluster(room: Room, folder: Path, submissions: int) -> Mapping[str, Any]:
    """Grade by three Dask workers, one of them killed, a fourth late; seconds without their start.

    returns: seconds, exit_code, peak_mb by role (of the largest process)
    """
    peak: dict[str, float] = {}
    with running(folder, WORKERS) as cluster, tempfile.TemporaryFile("w+") as log:
        began = time.perf_counter()
        command = autograder("grade", *room.words, "--scheduler", cluster.address)
        process = subprocess.Popen(
            command, cwd=room.root, env=environment(), stdin=subprocess.DEVNULL, stdout=log,
            stderr=log,
        )  # fmt: skip
        killed = False
        while process.poll() is None:
            _sample(process.pid, cluster, peak)
            done = sum(
                1 for name in room.assignments for _ in (room.root / "autograded").glob(f"*/{name}")
            )
            if not killed and 4 * done >= submissions:
                cluster.started[0].end()
                killed = True
            if len(cluster.started) == WORKERS and 2 * done >= submissions:
                cluster.worker()
            with contextlib.suppress(subprocess.TimeoutExpired):
                process.wait(SAMPLE_SECONDS)
        seconds = time.perf_counter() - began
        if process.returncode not in (0, 1):  # 1: a submission was not read
            log.seek(0)
            sys.stderr.write(log.read()[-2000:])
    return {
        "seconds": round(seconds, 2),
        "exit_code": process.returncode,
        "peak_mb": {role: round(mb) for role, mb in sorted(peak.items())},
    }


def _sample(coordinator: int, cluster: Cluster, peak: dict[str, float]) -> None:
    with contextlib.suppress(psutil.Error):
        _note("coordinator", psutil.Process(coordinator), peak)
    with contextlib.suppress(psutil.Error):
        _note("scheduler", psutil.Process(cluster.scheduler.process.pid), peak)
    for worker in cluster.started:
        with contextlib.suppress(psutil.Error):
            tree = processes(psutil.Process(worker.process.pid))
            for own in tree["coordinator"]:  # the root of that tree
                _note("worker", own, peak)
            for warm in tree.get("warm", ()):
                _note("warm", warm, peak)


def _note(role: str, process: psutil.Process, peak: dict[str, float]) -> None:
    with contextlib.suppress(psutil.Error):
        peak[role] = max(peak.get(role, 0.0), process.memory_info().rss / 2**20)


def light_room(root: Path, students: int) -> Room:
    """A class that has handed in two light assignments."""
    names = make_course(root, students)
    shutil.copytree(root / "source" / ASSIGNMENT, root / "source" / SECOND)
    generate(root, SECOND)
    for name, other in zip(names, reversed(names), strict=True):
        shutil.copytree(root / "submitted" / other / ASSIGNMENT, root / "submitted" / name / SECOND)
    return Room(root, (ASSIGNMENT, SECOND), ("--course", str(root)))


def chapters_room(root: Path, students: int, chapters: tuple[str, ...]) -> Room:
    """A class that has handed in chapters of this course: the example class, again and again."""
    course = find_course(Path(__file__).parent)
    build(course, Classroom(course, root), chapters)
    ten = sorted((root / "submitted").iterdir())
    for number in range(students):
        like = ten[number % len(ten)]
        shutil.copytree(like, root / "submitted" / f"{like.name}{number:04}")
    for one in ten:
        shutil.rmtree(one)
    return Room(root, chapters, (*chapters, "--classroom", str(root)))


def compared(
    folder: Path, students: int, chapters: tuple[str, ...], out: Console
) -> Mapping[str, Any]:
    """The same class by two local workers and by the cluster."""
    rooms = []
    for by in ("local", "cluster"):
        root = folder / f"{by}-{students}"
        rooms.append(
            chapters_room(root, students, chapters) if chapters else light_room(root, students)
        )
    here, there = rooms
    submissions = students * (len(chapters) or 2)
    out.print(f"{students} students, {submissions} submissions: two local workers …")
    words = ("grade", *here.words, "--workers", "2")
    local = run(autograder(*words), here.root, environment(), watch=True)
    out.print(f"  {local.seconds:.1f} s; Dask, {WORKERS} workers, one killed, one late …")
    cluster = on_cluster(there, folder / f"dask-{students}", submissions)
    out.print(f"  {cluster['seconds']:.1f} s")
    rows = [gradebook_rows(room.database) for room in rooms]
    return {
        "submissions": submissions,
        "local": local.as_json(),
        "cluster": cluster,
        "equal": rows[0] == rows[1] and here.events() == there.events(),
        "graded": len({(row.student, row.assignment) for row in rows[1]}),
    }


def main() -> int:
    """Measure; exit 1 if two gradebooks differ."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--students", default="10,100,1000", help="sizes of the classes")
    parser.add_argument("--chapters", default="", help="of this course, in place of light ones")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the figures here")
    options = parser.parse_args()
    out = Console(highlight=False, width=110)
    with tempfile.TemporaryDirectory(prefix="bench-") as name:
        sizes = map(int, options.students.split(","))
        chapters = tuple(filter(None, options.chapters.split(",")))
        runs = [compared(Path(name).resolve(), size, chapters, out) for size in sizes]
    table = Table(title="MB of the largest process of each kind", title_justify="left")
    for column in ("submissions", "by", "seconds", *ROLES, "gradebooks"):
        table.add_column(column)
    for one in runs:
        for by in ("local", "cluster"):
            memory = (str(one[by]["peak_mb"].get(role, "–")) for role in ROLES)
            same = "equal" if one["equal"] else "DIFFERENT"
            table.add_row(str(one["submissions"]), by, f"{one[by]['seconds']:.1f}", *memory, same)
    out.print(table)
    if options.json:
        options.json.write_text(json.dumps({"machine": machine(), "runs": runs}, indent=2) + "\n")
    well = all(one["equal"] and one["graded"] == one["submissions"] for one in runs)
    return 0 if well else 1


if __name__ == "__main__":
    sys.exit(main())
