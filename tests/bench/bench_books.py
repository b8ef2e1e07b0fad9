"""Measure the class's books: seconds that collect, export and report take in a large class.

The commands are run as a teacher runs them, in processes of their own. What is graded before is
written by the real writer from answers that `played_class` reads, since the engine is measured by
`bench_grading`. Collected are a download with everybody's work, the same again, and one in which a
tenth has handed in once more. Run by hand; the exit code is 1 if a command fails or a mark is lacking.

    python tests/bench/bench_books.py [--students 1000]
"""

import argparse
import csv
import json
import resource
import sys
import tempfile
import time
from collections.abc import Iterable
from pathlib import Path

sys.path.append(str(Path(__file__).resolve().parents[1] / "classes"))

import played_class
from bench_grading import autograder, environment, machine, run
from played_class import ANSWERS, ASSIGNMENT, NOTEBOOK
from rich.console import Console
from small_class import make_zip

from autograder.assignment.nbgrader_course import open_course
from autograder.classroom.grade_class import grade_class

CLASS = f"""
[due]
"{ASSIGNMENT}" = 2026-11-01T12:00:00
[late]
share_per_day = 0.25
"""


def download(path: Path, students: Iterable[int], which: int) -> Path:
    """Canvas's zip of these students; every seventh is late."""
    files = {}
    for student in students:
        late = "" if student % 7 else "LATE_"
        name = f"y{student}x_{late}{student}_{which * 100_000 + student}_{NOTEBOOK}"
        files[name] = played_class.notebook((student + which) % len(ANSWERS))
    return make_zip(path, files)


def roster(path: Path, students: Iterable[int]) -> Path:
    """Canvas's gradebook."""
    rows = [
        f"Student,ID,SIS User ID,SIS Login ID,Section,{ASSIGNMENT} (77)",
        "    Points Possible,,,,,6",
        *(f'"Y{one}, X",{one},S{one},login{one},A,' for one in students),
    ]
    path.write_text("\n".join(rows) + "\n")
    return path


def measured(root: Path, students: int, out: Console) -> dict[str, dict[str, float]]:
    """Seconds of each command, on the clock and of a processor."""
    played_class.make_course(root)
    (root / "class.toml").write_text(CLASS)
    everybody = range(1, students + 1)
    people = roster(root / "roster.csv", everybody)
    seconds: dict[str, dict[str, float]] = {}

    def command(name: str, *words: str, ends: tuple[int, ...] = (0,)) -> None:
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        done = run(autograder(*words, "--course", str(root)), root, environment())
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        if done.code not in ends:
            raise SystemExit(f"{name}: exit code {done.code}\n{done.log[-2000:]}")
        cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
        seconds[name] = {"wall": round(done.seconds, 2), "cpu": round(cpu, 2)}
        out.print(f"  {name}: {done.seconds:.1f} s, {cpu:.1f} s of a processor")

    first = download(root / "first.zip", everybody, 0)
    second = download(root / "second.zip", everybody[::10], 1)
    for name, path in (("collect", first), ("collect again", first), ("collect a tenth", second)):
        command(name, "collect", ASSIGNMENT, str(path), "--roster", str(people))
    began = time.perf_counter()
    with played_class.grading():
        grade_class(open_course(root), ASSIGNMENT)
    out.print(f"  (written into the gradebook in {time.perf_counter() - began:.1f} s)")
    # What is written by hand waits, so the exit code is 1.
    filled = root / "filled.csv"
    command(
        "export", "export", ASSIGNMENT, "--to", "canvas", "--roster", str(people), "--with-waiting",
        "--output", str(filled), ends=(0, 1),
    )  # fmt: skip
    command("report", "report", ASSIGNMENT)
    command("attempts", "attempts", ASSIGNMENT)
    command("history", "history", ASSIGNMENT)
    with filled.open(newline="") as stream:
        lacking = [row for row in csv.reader(stream) if row[1] and not row[-1]]
    if lacking:
        raise SystemExit(f"{len(lacking)} students have no mark in the file")
    return seconds


def main() -> int:
    """Measure; exit 1 if something went wrong."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--students", type=int, default=1000, help="size of the class")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the figures here")
    options = parser.parse_args()
    out = Console(highlight=False, width=110)
    with tempfile.TemporaryDirectory(prefix="bench-") as name:
        out.print(f"{options.students} students:")
        seconds = measured(Path(name).resolve() / "course", options.students, out)
    if options.json:
        figures = {"machine": machine(), "students": options.students, "seconds": seconds}
        options.json.write_text(json.dumps(figures, indent=2) + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
