"""Measure a class of two assignments on one machine and on a Dask cluster.

Printed are seconds, memory, and whether the gradebooks are equal, marks and history's events.

The cluster is a scheduler and three worker processes of this machine; one worker is killed when a
quarter of the class is graded, another comes when half is. Run by hand; the exit code is 1 if two
gradebooks differ or somebody was not graded.

    python tests/bench_class.py [--students 10,100,1000] [--json FILE]
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
from pathlib import Path
from typing import Any

import psutil  # type: ignore[import-untyped]
from bench_grading import autograder, environment, machine, processes, run
from dask_processes import Cluster, running
from light_course import ASSIGNMENT, generate, gradebook_rows, make_course
from rich.console import Console
from rich.table import Table

from autograder.history import read_history

WORKERS = 3
SECOND = "again"
"""The second assignment: the first under another name, with other students' answers."""
SAMPLE_SECONDS = 0.2
ROLES = ("coordinator", "scheduler", "worker", "warm")


def on_cluster(course: Path, folder: Path, students: int) -> Mapping[str, Any]:
    """Grade by three Dask workers, one of them killed, a fourth late; seconds without their start.

    returns: seconds, exit_code, peak_mb by role (of the largest process)
    """
    peak: dict[str, float] = {}
    with running(folder, WORKERS) as cluster, tempfile.TemporaryFile("w+") as log:
        began = time.perf_counter()
        command = autograder("grade", "--course", str(course), "--scheduler", cluster.address)
        process = subprocess.Popen(
            command, cwd=course, env=environment(), stdin=subprocess.DEVNULL, stdout=log, stderr=log
        )
        killed = False
        while process.poll() is None:
            _sample(process.pid, cluster, peak)
            done = sum(
                1
                for name in (ASSIGNMENT, SECOND)
                for _ in (course / "autograded").glob(f"*/{name}")
            )
            if not killed and 4 * done >= 2 * students:
                cluster.started[0].end()
                killed = True
            if len(cluster.started) == WORKERS and 2 * done >= 2 * students:
                cluster.worker()
            with contextlib.suppress(subprocess.TimeoutExpired):
                process.wait(SAMPLE_SECONDS)
        seconds = time.perf_counter() - began
        if process.returncode:
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


def make_two(root: Path, students: int) -> None:
    """A class that has handed in two assignments."""
    names = make_course(root, students)
    shutil.copytree(root / "source" / ASSIGNMENT, root / "source" / SECOND)
    generate(root, SECOND)
    for name, other in zip(names, reversed(names), strict=True):
        shutil.copytree(root / "submitted" / other / ASSIGNMENT, root / "submitted" / name / SECOND)


def events(course: Path) -> Counter[tuple[str, str, str]]:
    """How often what happened to whom, as the history has it."""
    database = f"sqlite:///{course / 'gradebook.db'}"
    return Counter((e.assignment, e.student, e.event.value) for e in read_history(database))


def compared(folder: Path, students: int, out: Console) -> Mapping[str, Any]:
    """The same class by two local workers and by the cluster."""
    here, there = folder / f"local-{students}", folder / f"cluster-{students}"
    make_two(here, students)
    shutil.copytree(here, there)
    out.print(f"{students} students, two assignments: two local workers …")
    words = ("grade", "--course", str(here), "--workers", "2")
    local = run(autograder(*words), here, environment(), watch=True)
    out.print(f"  {local.seconds:.1f} s; Dask, {WORKERS} workers, one killed, one late …")
    cluster = on_cluster(there, folder / f"dask-{students}", students)
    out.print(f"  {cluster['seconds']:.1f} s")
    rows = [gradebook_rows(course / "gradebook.db") for course in (here, there)]
    return {
        "submissions": 2 * students,
        "local": local.as_json(),
        "cluster": cluster,
        "equal": rows[0] == rows[1] and events(here) == events(there),
        "graded": len({(row.student, row.assignment) for row in rows[1]}),
    }


def main() -> int:
    """Measure; exit 1 if two gradebooks differ."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--students", default="10,100,1000", help="sizes of the classes")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the figures here")
    options = parser.parse_args()
    out = Console(highlight=False, width=110)
    with tempfile.TemporaryDirectory(prefix="bench-") as name:
        sizes = map(int, options.students.split(","))
        runs = [compared(Path(name).resolve(), size, out) for size in sizes]
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
