"""Measure a student's Check in JupyterLab beside nbgrader's Validate, on one server in one run.

Each chapter has its reference answers. The clock runs from the press of the button, the saving of
the notebook included, to the answer. `first` is a Check that has to import the chapter's libraries,
`last` follows a change of the chapter's last answer, `all` one of its first. What stands above the
answer that was changed last is run ahead, while the student types: between two Checks the script
waits as long as the first one took.
Nothing is asserted about time; the exit code is 1 if a notebook does not get all its points.

    python tests/bench/bench_check.py [CHAPTER…] [--runs 3] [--json FILE]
"""

import argparse
import json
import os
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import nbformat
import requests
from rich.console import Console
from rich.table import Table

from autograder.assignment.course import CLASSROOM_VARIABLE, Course, find_course
from autograder.assignment.notebook import grade_id_of
from autograder.lab.launch import server
from autograder.lab.working_copy import fill

_SECONDS = 900


@dataclass(frozen=True)
class Line:
    """One chapter: seconds of the first Check, medians of those after a change, and of Validate."""

    chapter: str
    points: str
    first: float
    last: float
    all: float
    validate: float


class Lab:
    """A running JupyterLab, asked as its page asks it."""

    def __init__(self, url: str, token: str) -> None:
        self.url = url
        self.session = requests.Session()
        self.session.headers["Authorization"] = f"token {token}"

    def ask(self, method: str, where: str, **body: Any) -> Any:
        reply = self.session.request(method, self.url + where, timeout=_SECONDS, **body)
        reply.raise_for_status()
        return reply.json()

    def save(self, path: str, notebook: Any) -> None:
        model = {"type": "notebook", "format": "json", "content": notebook}
        self.ask("PUT", f"api/contents/{path}", json=model)

    def check(self, path: str) -> dict[str, Any]:
        state = self.ask("POST", "autograder/check", json={"path": path})
        while state["running"]:
            state = self.ask("GET", f"autograder/check?seen={state['version']}")
        if state["error"]:
            sys.exit(state["error"])
        report: dict[str, Any] = state["report"]
        return report

    def validate(self, path: str) -> None:
        said = self.ask("POST", "assignments/validate", json={"path": path})
        if said != {"success": True, "value": {}}:
            sys.exit(f"{path}: Validate says {json.dumps(said)[:500]}")


@contextmanager
def running(course: Course, copy: Path) -> Iterator[Lab]:
    """Open JupyterLab on a working copy, as `autograder lab` does."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = int(probe.getsockname()[1])
    plan = server(course, copy, port=port, browser=False, with_exchange=False)
    process = subprocess.Popen(plan.command, cwd=plan.directory, env=plan.environment)
    try:
        info: dict[str, Any] = {}
        while not info:
            if process.poll() is not None:
                sys.exit("JupyterLab does not start.")
            time.sleep(0.1)
            for path in (copy / ".jupyter" / "runtime").glob("jpserver-*.json"):
                info = json.loads(path.read_text() or "{}")
        lab = Lab(info["url"], info["token"])
        while True:
            try:
                lab.ask("GET", "api/status")
                break
            except requests.ConnectionError:
                time.sleep(0.1)
        yield lab
    finally:
        process.terminate()
        process.wait()


def answered(course: Course, path: str) -> Any:
    """The released notebook with the reference answers."""
    released = nbformat.read(course.release / path, as_version=4)
    solved = nbformat.read(course.solutions / path, as_version=4)
    references = {grade_id_of(cell): cell.source for cell in solved.cells}
    for cell in released.cells:
        if cell.metadata.get("nbgrader", {}).get("solution"):
            cell.source = references[grade_id_of(cell)]
    return released


def seconds(work: Callable[[], Any]) -> float:
    began = time.perf_counter()
    work()
    return time.perf_counter() - began


def measure(lab: Lab, course: Course, chapter: str, runs: int) -> tuple[Line, bool]:
    """Check `1 + 2 runs` times and validate once; also say whether every point was earned."""
    name = next((course.release / chapter).glob("*.ipynb")).name
    path = f"{chapter}/{name}"
    notebook = answered(course, path)
    report: dict[str, Any] = {}

    def press() -> None:
        lab.save(path, notebook)
        report.update(lab.check(path))

    def press_validate() -> None:
        lab.save(path, notebook)
        lab.validate(path)

    def press_after_change(answer: Any) -> float:
        time.sleep(first)
        answer.source += "\n# changed"
        return seconds(press)

    answers = [
        cell
        for cell in notebook.cells
        if cell.cell_type == "code" and cell.metadata.get("nbgrader", {}).get("solution")
    ]
    first = seconds(press)
    last, everything = (
        statistics.median(press_after_change(answers[which]) for _ in range(runs))
        for which in (-1, 0)
    )
    points = f"{report['score']:g}/{report['points']:g}"
    line = Line(chapter, points, first, last, everything, seconds(press_validate))
    return line, report["score"] == report["points"]


def main() -> None:
    """Measure, print the table, write the figures."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("chapters", nargs="*", metavar="CHAPTER")
    parser.add_argument("--runs", type=int, default=3, help="checks after each change")
    parser.add_argument("--json", type=Path, metavar="FILE")
    arguments = parser.parse_args()
    course = find_course()
    lines, complete = [], True
    with tempfile.TemporaryDirectory(prefix="bench-check-") as folder:
        copy = Path(folder, "copy")
        os.environ[CLASSROOM_VARIABLE] = str(Path(folder, "classroom"))
        fill(course.release, copy)
        with running(course, copy) as lab:
            for chapter in arguments.chapters or course.released_chapters:
                line, full = measure(lab, course, chapter, arguments.runs)
                lines.append(line)
                complete = complete and full
    columns = ("first Check", "last answer changed", "first answer changed", "Validate")
    table = Table("chapter", "points", *columns, box=None)
    for line in lines:
        figures = (line.first, line.last, line.all, line.validate)
        table.add_row(line.chapter, line.points, *(f"{value:.1f} s" for value in figures))
    Console().print(table)
    if arguments.json:
        arguments.json.write_text(json.dumps([asdict(line) for line in lines], indent=1) + "\n")
    sys.exit(0 if complete else 1)


if __name__ == "__main__":
    main()
