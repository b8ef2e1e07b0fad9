"""A Dask worker's part: the assignment, its warm process, and the task that grades one submission.

`distributed` itself is imported here and in `cluster` only.
"""

import pickle
import tempfile
import threading
from dataclasses import replace
from pathlib import Path
from typing import Any

from distributed import WorkerPlugin, get_worker

from autograder.assignment.blueprint import Blueprint
from autograder.assignment.errors import UserError
from autograder.assignment.outcome import Result
from autograder.assignment.submission import Submission
from autograder.engine import sandbox
from autograder.engine.engine import CourseFailure, Engine
from autograder.engine.limits import Limits
from autograder.grading.grade import engine_for
from autograder.grading.pool import Hopeless, attempt
from autograder.grading.versions import differences, versions


class AssignmentOnWorker(WorkerPlugin):  # type: ignore[misc]
    """What a worker has to know of an assignment; sent once to each, also to those that come late.

    The warm process starts with the first submission and ends with the class or the worker.
    data:     contents of the data files by name: the worker may have no disk in common with us
    expected: versions of the coordinator
    """

    def __init__(self, blueprint: Blueprint, limits: Limits, cross_check: bool, topic: str) -> None:
        folder = blueprint.files
        self.data = {name: (folder / name).read_bytes() for name in blueprint.data_files if folder}
        self.blueprint = replace(blueprint, files=None)
        self.limits, self.cross_check, self.topic = limits, cross_check, topic
        self.expected = versions(blueprint.modules)

    def setup(self, worker: Any) -> None:
        """Say to the coordinator whether this worker fits; it sends nothing to those that do not."""
        self._lock = threading.Lock()
        self._ended = False
        self._engine: Engine | None = None
        self._files: tempfile.TemporaryDirectory[str] | None = None
        self._scratch = worker.local_directory
        differs = differences(self.expected, versions(self.blueprint.modules))
        said = {"worker": worker.address, "differs": differs, "no_jail": sandbox.missing()}
        worker.log_event(self.topic, said)

    def teardown(self, worker: Any) -> None:
        """End the warm process: the class is graded, or the worker closes."""
        with self._lock:
            self._ended = True
            if self._engine is not None:
                self._engine.close()
            if self._files is not None:
                self._files.cleanup()

    def grade(self, submission: Submission, jail: bool) -> Result | str:
        """Grade, in any of the worker's threads; a sentence says why there is no result."""
        try:
            engine = self._warm(jail)
        except (UserError, OSError) as error:
            return f"the engine does not start: {error}"
        return attempt(self.blueprint, submission, engine, self.cross_check)

    def _warm(self, jail: bool) -> Engine:
        with self._lock:
            if self._ended:
                raise UserError("the worker is closing")
            if self._engine is not None and self._engine.failure:
                self._engine.close()
                self._engine = None
            if self._engine is None:
                self._put_files()
                self._engine = engine_for(self.blueprint, self.limits, jail=jail or None)
            return self._engine

    def _put_files(self) -> None:
        if self._files is not None or not self.data:
            return
        # Below Dask's own folder, which the next worker sweeps if this one is killed.
        self._files = tempfile.TemporaryDirectory(prefix="data-", dir=self._scratch)
        for name, content in self.data.items():
            path = Path(self._files.name, name)
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content)
        self.blueprint = replace(self.blueprint, files=Path(self._files.name))


def grade_on_worker(submission: Submission, name: str, jail: bool) -> bytes:
    """The task that Dask runs. name: of the plugin

    returns: a pickled `Result`, or a sentence that says why there is none. It is pickled here,
             because a task whose outcome Dask cannot pickle (nested too deep) never ends
    """
    plugin = get_worker().plugins.get(name)
    if not isinstance(plugin, AssignmentOnWorker):
        return pickle.dumps("its worker was not told of the assignment")
    try:
        return pickle.dumps(plugin.grade(submission, jail))
    except CourseFailure as failure:
        return pickle.dumps(Hopeless(str(failure)))
    except Exception as error:
        return pickle.dumps(f"{type(error).__name__}: {' '.join(str(error).split())[:300]}")
