"""nbgrader's feedback pages for a graded class."""

import os
import subprocess
import sys
from pathlib import Path

from autograder.classroom import Classroom
from autograder.course import CLASSROOM_VARIABLE
from autograder.errors import UserError
from autograder.programs import search_path


def write_feedback(classroom: Classroom, assignment: str) -> tuple[Path, ...]:
    """Run `nbgrader generate_feedback` for everybody; return the pages.

    raises: UserError if nbgrader fails; its log is in `logs/` of the class directory
    """
    environment = {
        **os.environ,
        CLASSROOM_VARIABLE: str(classroom.root.resolve()),
        "PATH": search_path(),
    }
    done = subprocess.run(
        [sys.executable, "-m", "nbgrader", "generate_feedback", assignment, "--force"],
        cwd=classroom.course.root,
        env=environment,
        capture_output=True,
        text=True,
        errors="replace",
    )
    classroom.logs.mkdir(parents=True, exist_ok=True)
    log = classroom.logs / f"{assignment}.generate_feedback.log"
    log.write_text(done.stdout + done.stderr, encoding="utf-8")
    if done.returncode:
        raise UserError(f"nbgrader could not write the feedback; {log} says why.", exit_code=1)
    return tuple(sorted(classroom.feedback.glob(f"*/{assignment}/*.html")))
