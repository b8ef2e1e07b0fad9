"""The process that looks at source notebooks, proves them and adds to them (see `lab.orders`).

Run as `python -m autograder.lab.author_helper COURSE` by `lab.author_desk`: nbgrader changes the
working directory to make a release, and a proof is ended by ending its process. An order is
`{"order": …, "path": …}`, the path of a chapter's notebook below the course:

contract  what the contract finds, and what is left to do
release   what is found without running anything; what a release would give away, too
prove     all of the gate, as `autograder prove`
exercise  puts an exercise into the notebook, as `autograder new exercise`; see `lab.author_desk`
"""

import sys
from pathlib import Path
from typing import Any

from autograder.assignment.slow_imports import no_garbage_collection
from autograder.lab.orders import Between, Tell, Work, answer_orders


def main() -> None:
    """Do what is ordered; ends, in the middle of a proof too, when stdin does."""
    (root,) = sys.argv[1:]

    def begin() -> tuple[Work, Between]:
        with no_garbage_collection():
            from autograder.assignment.course import Course
            from autograder.lab import author_report

        course = Course(Path(root))

        def work(order: dict[str, Any], tell: Tell) -> dict[str, Any]:
            path = course.root / order["path"]
            match order["order"]:
                case "contract":
                    return author_report.contract(course, path)
                case "release":
                    return author_report.release(course, path)
                case "prove":
                    return author_report.proof(course, path, tell)
                case "exercise":
                    return author_report.new_exercise(course, path, order["exercise"])
                case other:
                    raise ValueError(other)

        return work, lambda waits: None

    answer_orders(begin, "That cannot be done")


if __name__ == "__main__":
    main()
