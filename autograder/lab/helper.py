"""The process that checks notebooks for JupyterLab, one after the other, until its input ends.

Run as `python -m autograder.lab.helper COURSE SECONDS` by `lab.check_runner`. An order is one line of JSON
on stdin, `{"path": …}`; it is answered on stdout by lines `{"done": …, "total": …, "what": …}` and
a last one, `{"report": …}` or `{"error": sentence}`.
"""

import json
import os
import sys
import threading
from contextlib import closing
from pathlib import Path
from queue import SimpleQueue
from typing import Any

from autograder.assignment.slow_imports import no_garbage_collection


def main() -> None:
    """Check what is ordered; ends, in the middle of a check too, when stdin does."""
    course_root, seconds = sys.argv[1:]
    orders: SimpleQueue[dict[str, Any]] = SimpleQueue()
    threading.Thread(target=_listen, args=(orders,), daemon=True).start()
    answers = os.fdopen(os.dup(1), "wb", buffering=0)
    os.dup2(2, 1)  # nobody else's words come between ours
    with no_garbage_collection():
        from autograder.assignment.course import Course
        from autograder.assignment.errors import UserError
        from autograder.grading.check import Checks
        from autograder.lab.report import as_panel

    def say(**said: Any) -> None:
        answers.write(json.dumps(said).encode() + b"\n")

    with closing(Checks(Course(Path(course_root)), float(seconds))) as checks:
        while True:
            order = orders.get()
            try:
                report = checks.check(
                    Path(order["path"]),
                    lambda done, total, what: say(done=done, total=total, what=what),
                )
                say(report=as_panel(report))
                checks.prepare(lambda: not orders.empty())
            except UserError as error:
                say(error=str(error))
            except Exception as error:
                what = f"{type(error).__name__}: {' '.join(str(error).split())}"
                say(error=f"The checks cannot be run ({what}); `autograder doctor` may say why.")


def _listen(orders: "SimpleQueue[dict[str, Any]]") -> None:
    for line in sys.stdin.buffer:
        orders.put(json.loads(line))
    os._exit(0)  # the warm process ends with this one


if __name__ == "__main__":
    main()
