"""Stock nbgrader, one student at a time and each in a process of its own.

nbgrader's own batch stops at the first submission that it cannot read; here such a one is
reported and the next is graded all the same.
"""

import os
import subprocess
import sys
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from autograder.assignment.course import CLASSROOM_VARIABLE
from autograder.assignment.nbgrader_programs import search_path
from autograder.classroom.folders import Classroom


@dataclass(frozen=True)
class Graded:
    """Whether nbgrader finished with a student; `reason` is its last word if it did not."""

    student: str
    ok: bool
    reason: str


def autograde(
    classroom: Classroom,
    assignment: str,
    students: Iterable[str],
    progress: Callable[[str], None] = lambda student: None,
) -> tuple[Graded, ...]:
    """Run `nbgrader autograde` for each student; the logs are in `logs/` of the class directory."""
    results = []
    for student in students:
        progress(student)
        results.append(_run(classroom, assignment, student))
    return tuple(results)


def _run(classroom: Classroom, assignment: str, student: str) -> Graded:
    environment = {
        **os.environ,
        CLASSROOM_VARIABLE: str(classroom.root.resolve()),
        "PATH": search_path(),
        "TF_CPP_MIN_LOG_LEVEL": "3",
        "AUTOGRADER_STOCK": "1",
    }
    done = subprocess.run(
        [
            sys.executable,
            "-m",
            "nbgrader",
            "autograde",
            assignment,
            f"--student={student}",
            "--force",
        ],
        cwd=classroom.course.root,
        env=environment,
        capture_output=True,
        text=True,
        errors="replace",
    )
    log = done.stdout + done.stderr
    classroom.logs.mkdir(parents=True, exist_ok=True)
    (classroom.logs / f"{student}.{assignment}.log").write_text(log, encoding="utf-8")
    return Graded(student, done.returncode == 0, "" if done.returncode == 0 else _reason(log))


def _reason(log: str) -> str:
    """The exception that nbgrader met, from its log: one line."""
    lines = [line.strip() for line in log.splitlines()]
    for line in lines:
        place, _, words = line.partition(":")
        name = place.split(".")[-1]
        if name.endswith(("Error", "Exception")) and name.isidentifier():
            damaged = "the file is damaged, " if name == "JSONDecodeError" else ""
            return f"{damaged}{name}:{words}"
    return lines[-1] if lines else "no reason given"
