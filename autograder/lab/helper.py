"""The process that checks notebooks for JupyterLab, one after the other (see `lab.orders`).

Run as `python -m autograder.lab.helper COURSE SECONDS` by `lab.check_runner`. An order is
`{"path": …}`.
"""

import sys
from pathlib import Path
from typing import Any

from autograder.assignment.slow_imports import no_garbage_collection
from autograder.lab.orders import Between, Tell, Work, answer_orders


def main() -> None:
    """Check what is ordered; ends, in the middle of a check too, when stdin does."""
    course_root, seconds = sys.argv[1:]

    def begin() -> tuple[Work, Between]:
        with no_garbage_collection():
            from autograder.assignment.course import Course
            from autograder.grading.check import Checks
            from autograder.lab.report import as_panel

        checks = Checks(Course(Path(course_root)), float(seconds))

        def check(order: dict[str, Any], tell: Tell) -> dict[str, Any]:
            return as_panel(checks.check(Path(order["path"]), tell))

        return check, checks.prepare

    answer_orders(begin, "The checks cannot be run")


if __name__ == "__main__":
    main()
