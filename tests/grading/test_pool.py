"""The local workers: what is finished is given out, whatever happens to those who come after."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from throwaway_course import make_full_course

from autograder.assignment.blueprint import read_blueprint
from autograder.assignment.nbgrader_course import open_course
from autograder.assignment.submission import Submission
from autograder.engine.engine import Engine
from autograder.engine.limits import Limits
from autograder.grading.pool import Job, run

pytestmark = pytest.mark.slow


@pytest.mark.parametrize("workers", [1, 2])
def test_what_is_finished_comes_before_what_went_wrong(tmp_path: Path, workers: int) -> None:
    course = make_full_course(tmp_path)
    opened = open_course(course.root)
    blueprint = read_blueprint(opened, opened.assignments()[0])
    limits = Limits()

    def submissions() -> Iterator[Submission]:
        for name in ("ada", "bob", "cat"):
            yield Submission(name, blueprint.assignment, {})
        raise OSError("the disk is gone")

    seen = []
    with Engine.start((), None, limits, jail=False) as engine:
        job = Job(blueprint, engine.address, engine.jail, limits)
        with pytest.raises(OSError, match="the disk is gone"):  # noqa: PT012
            for submission, _ in run(job, submissions(), workers):
                seen.append(submission.student)
    assert sorted(seen) == ["ada", "bob", "cat"]
