"""Measure grading: our engine beside stock nbgrader and otter-grader, in one run on one machine.

`make bench` runs it. The section `otter` installs otter-grader, which needs the network. Nothing is asserted about time; the scores of both are compared check by
check, and the exit code is 1 if one differs.

    python tests/bench/bench_grading.py [--quick] [--json FILE] [--only light,otter,cnn,…]
"""

import argparse
import ast
import contextlib
import io
import itertools
import json
import os
import platform
import shutil
import subprocess
import sys
import tempfile
import time
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from importlib.metadata import version
from pathlib import Path
from typing import Any

sys.path.append(str(Path(__file__).resolve().parents[1] / "classes"))

import nbformat
import otter_light
import psutil  # type: ignore[import-untyped]
from light_course import ASSIGNMENT, NOTEBOOK, gradebook_rows, make_course
from nbgrader.converters import Autograde
from rich.console import Console
from rich.table import Table

from autograder.assignment.course import CLASSROOM_VARIABLE, Course, find_course
from autograder.classroom.folders import Classroom
from autograder.cli.demo import BROKEN, build

CHAPTER = "02_cnn"
WARM_MODULE = "autograder.engine.warm"
SAMPLE_SECONDS = 0.2
PACKAGES = ("nbgrader", "nbclient", "ipykernel", "torch", "tensorflow", "numpy", "psutil")
_RUNS = 3
SECTIONS = ("light", "otter", "cnn", "scale", "overhead")


@dataclass(frozen=True)
class Sizes:
    """How many submissions each section grades; `None` in `cnn` means all ten."""

    light: int = 50
    cnn: tuple[str, ...] | None = None
    scale: tuple[int, ...] = (10, 100, 1000)


QUICK = Sizes(light=7, cnn=("grace", BROKEN, "julia"), scale=(5, 20, 50))


@dataclass
class Run:
    """One command: wall seconds, exit code, and the most resident memory by role, in MB.

    MB by role is that of the largest process; `together` counts shared pages for each process.
    """

    command: str
    seconds: float
    code: int
    log: str
    peak_mb: dict[str, float] = field(default_factory=dict)

    def as_json(self) -> Mapping[str, Any]:
        return {
            "command": self.command,
            "seconds": round(self.seconds, 2),
            "exit_code": self.code,
            "peak_mb": {role: round(mb) for role, mb in sorted(self.peak_mb.items())},
        }


def processes(coordinator: psutil.Process) -> dict[str, list[psutil.Process]]:
    """The process tree of `autograder grade` by role.

    Roles: coordinator, worker, jail (bubblewrap), warm, student (a submission's processes: all
    below a warm one), other.
    """
    found: dict[str, list[psutil.Process]] = defaultdict(list)
    found["coordinator"].append(coordinator)
    _sort_children(coordinator, "coordinator", found)
    return found


def _sort_children(
    parent: psutil.Process, role: str, found: dict[str, list[psutil.Process]]
) -> None:
    with contextlib.suppress(psutil.Error):
        for child in parent.children():
            with contextlib.suppress(psutil.Error):
                mine = _role(child.cmdline(), role)
                found[mine].append(child)
                _sort_children(child, mine, found)


def _role(command: list[str], above: str) -> str:
    if above in ("warm", "student"):
        return "student"
    if command and Path(command[0]).name == "bwrap":
        return "jail"
    if WARM_MODULE in command:
        return "warm"
    if any("multiprocessing" in word for word in command):
        tracker = any("resource_tracker" in word for word in command)
        return "other" if tracker else "worker"
    return "other"


def run(command: list[str], cwd: Path, environment: Mapping[str, str], watch: bool = False) -> Run:
    """Run a command to its end; with `watch`, sample the memory of its process tree."""
    peak: dict[str, float] = {}
    with tempfile.TemporaryFile("w+", errors="replace") as log:
        began = time.perf_counter()
        process = subprocess.Popen(
            command,
            cwd=cwd,
            env=dict(environment),
            stdout=log,
            stderr=log,
            stdin=subprocess.DEVNULL,
        )
        if watch:
            root = psutil.Process(process.pid)
            while process.poll() is None:
                _sample(root, peak)
                with contextlib.suppress(subprocess.TimeoutExpired):
                    process.wait(SAMPLE_SECONDS)
        code = process.wait()
        seconds = time.perf_counter() - began
        log.seek(0)
        return Run(_shown(command), seconds, code, log.read(), peak)


def _sample(root: psutil.Process, peak: dict[str, float]) -> None:
    everything = 0.0
    for role, members in processes(root).items():
        for member in members:
            with contextlib.suppress(psutil.Error):
                mb = member.memory_info().rss / 2**20
                everything += mb
                peak[role] = max(peak.get(role, 0.0), mb)
    peak["together"] = max(peak.get("together", 0.0), everything)


def _shown(command: list[str]) -> str:
    words = [word for word in command if not word.startswith("--Autograde.")]
    names = [Path(word).name if Path(word).is_absolute() else word for word in words]
    return " ".join(names)


def environment(**more: str) -> dict[str, str]:
    """What the commands get: programs beside this interpreter first on the path."""
    clean = {name: value for name, value in os.environ.items() if name != CLASSROOM_VARIABLE}
    path = os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]])
    return {**clean, "PATH": path, "TF_CPP_MIN_LOG_LEVEL": "3", **more}


def stock_preprocessors() -> list[str]:
    """Options that give `nbgrader autograde` its own steps, whatever the configuration says."""
    options = []
    for name in ("sanitize_preprocessors", "autograde_preprocessors"):
        for step in getattr(Autograde, name).default():
            options.append(f"--Autograde.{name}={step.__module__}.{step.__name__}")
    return options


def autograder(*words: str) -> list[str]:
    return [sys.executable, "-m", "autograder", *words]


def nbgrader(*words: str) -> list[str]:
    return [sys.executable, "-m", "nbgrader", *words]


def differences(stock: Path, ours: Path) -> tuple[list[str], list[str], int]:
    """Compare two gradebooks check by check.

    returns: what differs; students whom stock left without a score; number of grades compared
    """
    theirs = {(r.student, r.cell): r for r in gradebook_rows(stock)}
    mine = {(r.student, r.cell): r for r in gradebook_rows(ours)}
    students = {student for student, _ in theirs}
    without = {s for s in students if all(r.auto is None for k, r in theirs.items() if k[0] == s)}
    without |= {student for student, _ in mine} - students
    wrong = []
    compared = 0
    for key in sorted(theirs.keys() | mine.keys()):
        if key[0] in without:
            continue
        compared += 1
        pair = [(r.auto, r.waiting) if r else None for r in (theirs.get(key), mine.get(key))]
        if pair[0] != pair[1]:
            wrong.append(f"{key[0]} {key[1]}: stock {pair[0]}, ours {pair[1]}")
    return wrong, sorted(without), compared


def light(folder: Path, students: int, out: Console) -> Mapping[str, Any]:
    """(a) The light assignment by stock nbgrader and by us with two workers.

    Ours is short, so it is run several times, each on a class of its own; the median counts.
    """
    first = folder / "light-stock"
    rooms = [folder / f"light-ours-{number}" for number in range(_RUNS)]
    make_course(first, students)
    for room in rooms:
        shutil.copytree(first, room)
    out.print(f"light, {students} submissions: nbgrader autograde …")
    stock = run(nbgrader("autograde", ASSIGNMENT, *stock_preprocessors()), first, environment())
    out.print(f"  {stock.seconds:.1f} s; autograder grade, {_RUNS} times …")
    found = []
    for room in rooms:
        words = ("grade", "--course", str(room), "--workers", "2")
        ours = run(autograder(*words), room, environment())
        out.print(f"  {ours.seconds:.1f} s")
        found.append(
            _compared(stock, ours, students, first / "gradebook.db", room / "gradebook.db")
        )
    found.sort(key=lambda one: one["ours"]["seconds"])
    return {
        **found[_RUNS // 2],
        "different": [line for one in found for line in one["different"]],
        "seconds_of_each_run": [one["ours"]["seconds"] for one in found],
    }


def otter(folder: Path, students: int, out: Console) -> Mapping[str, Any]:
    """(a′) The same by otter-grader, two submissions at a time, and by us with two workers."""
    out.print(f"installing {otter_light.OTTER} …")
    commands = otter_light.install(folder / "otter")
    course = folder / "light-otter"
    names = make_course(course, students)
    made = otter_light.generate(course, commands, folder / "otter-light")
    out.print(f"light, {students} submissions: otter run …")
    began = time.perf_counter()
    theirs = otter_light.grade(course, names, made, commands, workers=2)
    seconds = time.perf_counter() - began
    out.print(f"  {seconds:.1f} s; autograder grade …")
    words = ("grade", "--course", str(course), "--workers", "2")
    ours = run(autograder(*words), course, environment())
    out.print(f"  {ours.seconds:.1f} s")
    mine = {(r.student, r.cell): r.auto for r in gradebook_rows(course / "gradebook.db")}
    return {
        "submissions": students,
        "otter_seconds": round(seconds, 2),
        "ours": ours.as_json(),
        "ratio": round(seconds / ours.seconds, 1),
        "grades_compared": len(theirs),
        "different": [
            f"{student} {check}: otter {score:g}, ours {mine[student, check] or 0:g}"
            for (student, check), score in sorted(theirs.items())
            if score != (mine[student, check] or 0)
        ],
    }


def cnn(folder: Path, only: tuple[str, ...] | None, out: Console) -> Mapping[str, Any]:
    """(b) Chapter 2 of this repository: the example class, by stock nbgrader and by us."""
    course = find_course(Path(__file__).parent)
    rooms = [Classroom(course, folder / name) for name in ("cnn-stock", "cnn-ours")]
    for room in rooms:
        build(course, room, [CHAPTER])
        for student in room.students(CHAPTER):
            if only and student not in only:
                shutil.rmtree(room.submitted / student)
    students = rooms[0].students(CHAPTER)
    out.print(f"{CHAPTER}, {len(students)} submissions: nbgrader autograde …")
    stock, note = _stock_cnn(course, rooms[0], students)
    out.print(f"  {stock.seconds:.1f} s{note and '; ' + note}; autograder grade …")
    words = ("grade", CHAPTER, "--classroom", str(rooms[1].root), "--workers", "2")
    ours = run(autograder(*words), course.root, environment())
    out.print(f"  {ours.seconds:.1f} s")
    result = _compared(stock, ours, len(students), rooms[0].database, rooms[1].database)
    return {**result, "note": note}


def _stock_cnn(course: Course, room: Classroom, students: Iterable[str]) -> tuple[Run, str]:
    """The whole class in one command; where that stopped early, the rest one by one."""
    inside = environment(**{CLASSROOM_VARIABLE: str(room.root), "AUTOGRADER_STOCK": "1"})
    batch = run(nbgrader("autograde", CHAPTER, *stock_preprocessors()), course.root, inside)
    rest = [
        student
        for student in students
        if student != BROKEN and not (room.root / "autograded" / student / CHAPTER).is_dir()
    ]
    for student in rest:
        words = ("autograde", CHAPTER, f"--student={student}", *stock_preprocessors())
        alone = run(nbgrader(*words), course.root, inside)
        batch.seconds += alone.seconds
    note = f"the damaged one stopped the class, {len(rest)} were graded one by one" if rest else ""
    return batch, note


def _compared(stock: Run, ours: Run, students: int, theirs: Path, mine: Path) -> dict[str, Any]:
    wrong, without, compared = differences(theirs, mine)
    if ours.code not in (0, 1):  # 1: a submission was not read, which the example class intends
        wrong.append(f"{ours.command}: exit code {ours.code}: {ours.log[-500:]}")
    return {
        "submissions": students,
        "stock": stock.as_json(),
        "ours": ours.as_json(),
        "ratio": round(stock.seconds / ours.seconds, 1),
        "grades_compared": compared,
        "different": wrong,
        "no_score_by_stock": without,
    }


def scale(folder: Path, sizes: tuple[int, ...], out: Console) -> Mapping[str, Any]:
    """(c) The light assignment by us alone, ever more submissions: seconds and memory."""
    runs = []
    for size in sizes:
        course = folder / f"light-{size}"
        make_course(course, size)
        out.print(f"light, {size} submissions: autograder grade …")
        words = ("grade", "--course", str(course), "--workers", "2")
        done = run(autograder(*words), course, environment(), watch=True)
        graded = {row.student for row in gradebook_rows(course / "gradebook.db")}
        out.print(f"  {done.seconds:.1f} s")
        runs.append(
            {
                "submissions": size,
                "graded": len(graded),
                "seconds_each": round(done.seconds / size, 4),
                **done.as_json(),
            }
        )
        shutil.rmtree(course)
    slopes = [
        round((b["seconds"] - a["seconds"]) / (b["submissions"] - a["submissions"]), 4)
        for a, b in itertools.pairwise(runs)
    ]
    return {"runs": runs, "seconds_for_each_more": slopes}


def overhead(folder: Path, students: int, out: Console) -> Mapping[str, Any]:
    """(d) One worker's wall seconds a submission, less what the cells take in a plain process.

    `whole` counts the command's start too; `steady` is the cost of one submission more.
    """
    few = max(students // 5, 1)
    seconds = {}
    for size in (few, students):
        course = folder / f"overhead-{size}"
        names = make_course(course, size)
        out.print(f"overhead, {size} submissions, one worker: autograder grade …")
        words = ("grade", "--course", str(course), "--workers", "1")
        seconds[size] = run(autograder(*words), course, environment()).seconds
        out.print(f"  {seconds[size]:.1f} s")
    for name in names:  # once before, for what libraries import when first used
        cell_seconds(course, name)
    cells = sum(cell_seconds(course, name) for name in names) / students
    whole = seconds[students] / students
    steady = (seconds[students] - seconds[few]) / (students - few)
    return {
        "submissions": students,
        "wall_each": round(whole, 4),
        "wall_each_more": round(steady, 4),
        "cells_each": round(cells, 4),
        "overhead_whole": round(whole - cells, 4),
        "overhead_steady": round(steady - cells, 4),
    }


def cell_seconds(course: Path, student: str) -> float:
    """Seconds that a submission's code cells take by plain exec, with the checks in full."""
    source = nbformat.read(course / "source" / ASSIGNMENT / f"{NOTEBOOK}.ipynb", as_version=4)
    full = {cell.metadata.nbgrader.grade_id: cell.source for cell in _marked(source)}
    path = course / "submitted" / student / ASSIGNMENT / f"{NOTEBOOK}.ipynb"
    submitted = nbformat.read(path, as_version=4)
    names: dict[str, Any] = {"__name__": "__main__"}
    exec("import numpy, torch", names)
    total = 0.0
    for cell in submitted.cells:
        if cell.cell_type == "code":
            marks = cell.metadata.get("nbgrader", {})
            text = cell.source if marks.get("solution") else full.get(marks.get("grade_id"))
            began = time.perf_counter()
            with contextlib.suppress(Exception), contextlib.redirect_stdout(io.StringIO()):
                exec(compile(ast.parse(text or cell.source), student, "exec"), names)
            total += time.perf_counter() - began
    return total


def _marked(notebook: Any) -> Iterable[Any]:
    return (cell for cell in notebook.cells if "nbgrader" in cell.metadata)


def machine() -> Mapping[str, Any]:
    """The machine and the versions that the figures hold for."""
    model = platform.processor() or platform.machine()
    with contextlib.suppress(OSError):
        lines = Path("/proc/cpuinfo").read_text().splitlines()
        model = next(
            (li.split(":")[1].strip() for li in lines if li.startswith("model name")), model
        )
    return {
        "processor": model,
        "cores": len(os.sched_getaffinity(0))
        if hasattr(os, "sched_getaffinity")
        else os.cpu_count(),
        "memory_gb": round(psutil.virtual_memory().total / 2**30, 1),
        "system": f"{platform.system()} {platform.release()}",
        "python": platform.python_version(),
        "bubblewrap": shutil.which("bwrap") is not None,
        "load_before": [round(load, 2) for load in os.getloadavg()],
        "versions": {name: version(name) for name in PACKAGES},
    }


def show(report: Mapping[str, Any], out: Console) -> None:
    """Print what was measured as tables."""
    if found := [(name, report[name]) for name in ("light", "cnn") if name in report]:
        table = _table("By stock nbgrader and by us", "class", "stock", "ours", "ratio", "scores")
        for name, part in found:
            same = "identical" if not part["different"] else f"{len(part['different'])} differ"
            table.add_row(
                f"{name}, {part['submissions']} submissions",
                f"{part['stock']['seconds']:.1f} s",
                f"{part['ours']['seconds']:.1f} s",
                f"{part['ratio']:.1f}",
                f"{same} ({part['grades_compared']})",
            )
        out.print(table)
        for name, part in found:
            for student in part["no_score_by_stock"]:
                out.print(f"{name}: stock gives {student} no score", markup=False)
            for line in part["different"]:
                out.print(f"{name}: {line}", markup=False)
    if "otter" in report:
        table = _table("By otter-grader and by us", "class", "otter", "ours", "ratio", "scores")
        part = report["otter"]
        table.add_row(
            f"light, {part['submissions']} submissions",
            f"{part['otter_seconds']:.1f} s",
            f"{part['ours']['seconds']:.1f} s",
            f"{part['ratio']:.1f}",
            f"{len(part['different'])} differ ({part['grades_compared']})",
        )
        out.print(table)
        for line in part["different"]:
            out.print(f"otter: {line}", markup=False)
    if "scale" in report:
        columns = ("submissions", "seconds", "each", "coordinator", "worker", "warm", "student")
        table = _table("By us alone; the largest process of each kind", *columns, "together")
        for part in report["scale"]["runs"]:
            table.add_row(
                str(part["submissions"]),
                f"{part['seconds']:.1f} s",
                f"{part['seconds_each']:.3f} s",
                *(f"{part['peak_mb'].get(role, 0)} MB" for role in (*columns[3:], "together")),
            )
        out.print(table)
        slopes = ", ".join(f"{slope:.4f} s" for slope in report["scale"]["seconds_for_each_more"])
        out.print(f"each submission more costs: {slopes} (linear if the same)")
    if "overhead" in report:
        table = _table("Seconds a submission, one worker", *report["overhead"])
        table.add_row(*(str(value) for value in report["overhead"].values()))
        out.print(table)


def _table(title: str, *columns: str) -> Table:
    table = Table(title=title, title_justify="left")
    for column in columns:
        table.add_column(column)
    return table


def main() -> int:
    """Measure; exit 1 if a score differs or a submission was not graded."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--quick", action="store_true", help="few submissions, two minutes")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the figures here")
    parser.add_argument("--only", default=",".join(SECTIONS), help=f"some of {SECTIONS}")
    options = parser.parse_args()
    wanted = options.only.split(",")
    if unknown := set(wanted) - set(SECTIONS):
        parser.error(f"--only knows {', '.join(SECTIONS)}, not {', '.join(unknown)}")
    sizes = QUICK if options.quick else Sizes()
    out = Console(highlight=False, width=110)
    report: dict[str, Any] = {"machine": machine(), "quick": options.quick}
    with tempfile.TemporaryDirectory(prefix="bench-") as name:
        folder = Path(name).resolve()
        if "light" in wanted:
            report["light"] = light(folder, sizes.light, out)
        if "otter" in wanted:
            report["otter"] = otter(folder, sizes.light, out)
        if "cnn" in wanted:
            report["cnn"] = cnn(folder, sizes.cnn, out)
        if "scale" in wanted:
            report["scale"] = scale(folder, sizes.scale, out)
        if "overhead" in wanted:
            report["overhead"] = overhead(folder, sizes.light, out)
    out.print(json.dumps(report["machine"]), markup=False)
    show(report, out)
    if options.json:
        options.json.write_text(json.dumps(report, indent=2) + "\n")
    faults = Counter(
        different=sum(len(report.get(name, {}).get("different", ())) for name in ("light", "cnn")),
        ungraded=sum(
            part["submissions"] - part["graded"] for part in report.get("scale", {}).get("runs", ())
        ),
    )
    return 1 if faults.total() else 0


if __name__ == "__main__":
    sys.exit(main())
