"""Settings of all tests, who shares a worker, the browser, and the class that many need."""

import os
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, settings
from throwaway_course import FULL_ASSIGNMENT, make_full_course
from xdist.scheduler import LoadScopeScheduling

from autograder.assignment.blueprint import Blueprint, read_blueprint
from autograder.assignment.nbgrader_course import NbgraderCourse, open_course
from autograder.gradebook.writer import GradebookWriter

# A busy machine is no failure. Continuous integration tries the same examples every time.
settings.register_profile(
    "course",
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow],
    derandomize="CI" in os.environ,
)
settings.load_profile("course")

# The workers share the cores: one thread for each process that a test starts, as in grading.
for threads in ("OMP_NUM_THREADS", "TF_NUM_INTRAOP_THREADS", "TF_NUM_INTEROP_THREADS"):
    os.environ.setdefault(threads, "1")

TOGETHER = (
    *("test_engine.py", "test_hostile.py", "test_lab.py"),
    *("test_lab_server.py", "test_browser_student.py", "test_browser_instructor.py"),
    *("test_author_server.py", "test_browser_author.py"),
    *("test_cluster.py", "test_shards.py", "test_book.py"),
    *("test_feedback_pages.py", "test_report.py", "test_gradescope.py"),
    "test_wheel.py",
    *("test_api.py", "test_command_json.py", "test_completion.py"),
)
"""Their tests share what takes long to make: a warm process, a graded class, servers, a book."""
BY_CHAPTER = ("test_misconceptions.py", "test_universal_answers.py")
"""Those of one chapter share its warm process."""


class Sharing(LoadScopeScheduling):  # type: ignore[misc]
    """Gives each worker whole files of `TOGETHER`, whole chapters of known answers, else one test.

    (The marker `xdist_group` does nothing with pytest 9.2 and xdist 3.8.)
    """

    def _split_scope(self, nodeid: str) -> str:
        path, _, test = nodeid.partition("::")
        if path.endswith(TOGETHER):
            return path
        _, _, parameters = test.partition("[")
        if path.endswith(BY_CHAPTER) and parameters:
            return f"{path}::{parameters.split('-')[0]}"
        return nodeid


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: Any, log: Any) -> Sharing:
    """Schedule by what is shared, whatever `--dist` says, and in the order of the files.

    xdist would begin with the scopes of most tests; those take longest that train, and are few.
    """
    config.option.loadscopereorder = False
    return Sharing(config, log)


CHROMIUM = ("chromium", "chromium-browser", "google-chrome")
"""The system's own: Playwright's is another download."""
QUIET = ("background-networking", "component-update", "default-apps", "sync", "quic", "gpu")


@pytest.fixture(scope="session")
def browser_type_launch_args(browser_type_launch_args: dict[str, Any]) -> dict[str, Any]:
    """The system's Chromium, which asks nobody on the network."""
    path = next(filter(None, map(shutil.which, CHROMIUM)), None)
    assert path, "There is no Chromium: apt install chromium"
    root = ["--no-sandbox"] if hasattr(os, "geteuid") and os.geteuid() == 0 else []
    flags = ["--no-first-run", *(f"--disable-{name}" for name in QUIET), *root]
    return {**browser_type_launch_args, "executable_path": path, "args": flags}


# The gradebook of a class of the throwaway course; a module may have another `course`.


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_full_course(tmp_path_factory.mktemp("course")).root


@pytest.fixture(scope="module")
def blueprint(root: Path) -> Blueprint:
    return read_blueprint(open_course(root), FULL_ASSIGNMENT)


@pytest.fixture
def course(root: Path, tmp_path: Path) -> NbgraderCourse:
    return open_course(root, tmp_path / "class")


@pytest.fixture
def writer(course: NbgraderCourse, blueprint: Blueprint) -> Iterator[GradebookWriter]:
    with GradebookWriter(course) as writer:
        writer.register(blueprint)
        yield writer
