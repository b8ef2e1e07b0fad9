"""Measure, for each training check, what the reference reaches over five fresh seeds.

`make bench` runs it. A training check holds the line `_seed = 1`; here it runs with other seeds,
and every figure that it computes is reported. Also: the CPU seconds of all graded cells.
Some chapters only, with other seeds: `python tests/bench/thresholds.py 05_attention --seeds 1 2 3`.
"""

import argparse
import contextlib
import io
import os
import statistics
import sys
import time

os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"

from rich.console import Console
from rich.table import Table

from autograder.assignment.course import find_course
from autograder.assignment.notebook import Assignment, Kind, read_assignment
from autograder.authoring.misconceptions import reference_answer

SEED_LINE = "_seed = 1\n"
SEEDS = (11, 12, 13, 14, 15)


def graded_seconds(assignment: Assignment, names: dict) -> float:
    """Run setup, answers and checks as they stand; CPU seconds after the first (imports) cell."""
    seconds = []
    for cell in assignment.cells:
        if cell.kind in (Kind.SETUP, Kind.ANSWER, Kind.CHECK):
            began = time.process_time()
            with contextlib.redirect_stdout(io.StringIO()):
                exec(reference_answer(cell.source), names)
            seconds.append(time.process_time() - began)
    return sum(seconds[1:])


def spread(assignment: Assignment, names: dict, seeds: tuple[int, ...], out: Console) -> bool:
    """Print a table of the training checks; return whether all seeds pass all checks."""
    table = Table(title=f"{assignment.title}: seeds {seeds}", title_justify="left")
    for column in ("check", "figure", "mean", "min", "max", "passed"):
        table.add_column(column)
    everything = True
    for cell in assignment.checks:
        if SEED_LINE not in cell.source:
            continue
        figures: dict[str, list[float]] = {}
        passed = 0
        for seed in seeds:
            copy = dict(names)
            try:
                with contextlib.redirect_stdout(io.StringIO()):
                    exec(cell.source.replace(SEED_LINE, f"_seed = {seed}\n"), copy)
                passed += 1
            except AssertionError as error:
                out.print(f"{cell.grade_id}, seed {seed}: {error}", markup=False)
            for name, value in copy.items():
                if isinstance(value, float) and names.get(name) is not value:
                    figures.setdefault(name.lstrip("_"), []).append(value)
        everything = everything and passed == len(seeds)
        for number, (name, values) in enumerate(figures.items()):
            row = [f"{f(values):.3f}" for f in (statistics.mean, min, max)]
            first = (cell.grade_id, f"{passed}/{len(seeds)}") if number == 0 else ("", "")
            table.add_row(first[0], name, *row, first[1])
    out.print(table)
    return everything


def main() -> int:
    """Measure the chapters, all by default; exit 1 if a seed fails a check."""
    course = find_course()
    parser = argparse.ArgumentParser()
    parser.add_argument("chapters", nargs="*", choices=[*course.chapters, []], default=[])
    parser.add_argument("--seeds", nargs="+", type=int, default=SEEDS)
    wanted = parser.parse_args()
    out = Console(highlight=False, width=100)
    everything = True
    for chapter in wanted.chapters or course.chapters:
        assignment = read_assignment(next((course.solutions / chapter).glob("*.ipynb")))
        names: dict = {"__name__": "__main__"}
        seconds = graded_seconds(assignment, names)
        clean = {
            name: value for name, value in names.items() if not isinstance(value, float)
        }  # what the first run computed is not reported again
        everything = spread(assignment, clean, tuple(wanted.seeds), out) and everything
        out.print(f"graded cells: {seconds:.1f} s of one CPU thread, imports apart\n")
    return 0 if everything else 1


if __name__ == "__main__":
    sys.exit(main())
