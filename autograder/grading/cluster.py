"""A Dask cluster as a crew: `autograder grade … --scheduler ADDRESS`.

A worker needs the same versions of everything, bubblewrap, and nothing of the class: assignment,
data files and submissions are sent to it (see `cluster_worker`). Workers may come late; one that
does not fit is left out and named. What a worker did not finish is done by another.

Trust: Dask sends pickles, which run code where they are opened, so whoever reaches the scheduler
owns coordinator and workers. Scheduler and network must be the instructor's own, or be closed by
TLS (a `tls://` address and Dask's settings `distributed.comm.tls`). Students' code reaches none of
it: it runs in the jail of each worker.
"""

import contextlib
import logging
import pickle
import queue
import time
import warnings
from collections.abc import Callable, Iterable, Iterator, Mapping
from concurrent.futures import CancelledError
from typing import Any

from autograder.assignment.blueprint import Blueprint
from autograder.assignment.errors import UserError
from autograder.assignment.notes import few
from autograder.assignment.outcome import Result
from autograder.assignment.submission import Submission
from autograder.engine.limits import Limits
from autograder.engine.sandbox import Missing
from autograder.grading.pool import ATTEMPTS, Hopeless, ungraded
from autograder.grading.task_queue import Task, TaskQueue

try:
    from distributed import Client, Future, KilledWorker

    from autograder.grading.cluster_worker import AssignmentOnWorker, grade_on_worker
except ImportError as error:
    raise UserError("--scheduler needs Dask: pip install distributed") from error

CONNECT_SECONDS = 30
"""How long the scheduler has to answer, and the first workers to say what they are."""
PATIENCE_SECONDS = 600
"""How long a class waits when no worker is left."""
_LOOK_SECONDS = 1.0
_PREFIX = "autograder-"
_QUEUED = 2
"""Submissions under way for each thread of the workers."""


class _ConnectionLostError(Exception):
    """The scheduler is gone, or has forgotten what it was given."""


@contextlib.contextmanager
def connected(
    address: str,
    blueprint: Blueprint,
    limits: Limits,
    *,
    cross_check: bool = False,
    require_sandbox: bool = False,
) -> "Iterator[ClusterWorkers]":
    """Connect to a scheduler and tell its workers of the assignment.

    address: of the scheduler, `tcp://HOST:PORT` or `tls://HOST:PORT`
    raises: UserError if it cannot be reached, or no worker of it fits
    """
    with _quiet(), contextlib.ExitStack() as stack:
        try:
            with warnings.catch_warnings():
                warnings.filterwarnings("ignore", "Mismatched versions")  # our notes say more
                client = Client(address, timeout=CONNECT_SECONDS, set_as_default=False)
        except (OSError, ValueError, RuntimeError, ImportError) as error:
            raise UserError(
                f"--scheduler {address}: no Dask scheduler can be reached there ({_said(error)}).",
                exit_code=1,
            ) from error
        stack.callback(_leave, client)
        crew = ClusterWorkers(client, address, require_sandbox)
        with crew.complaints():
            _forget_the_dead(client)
            plugin = AssignmentOnWorker(blueprint, limits, cross_check, crew.name)
            client.register_plugin(plugin, name=crew.name)
            crew.wait_for_workers()
        crew.blueprint = blueprint
        yield crew


class ClusterWorkers:
    """The workers of a scheduler that fit; see `grading.workers.Crew` and `connected`."""

    blueprint: Blueprint

    def __init__(self, client: Client, address: str, require_sandbox: bool) -> None:
        self._client, self._address = client, address
        self.name = _PREFIX + client.id
        self._jail = require_sandbox
        self._said: dict[str, Mapping[str, str]] = {}
        """What workers told of themselves, by address."""
        self._threads: dict[str, int] = {}
        """The workers that there are."""
        self._looked = self._saw_one = time.monotonic()
        self._submitted = 0
        self._done: queue.SimpleQueue[Future] = queue.SimpleQueue()

    @property
    def jail(self) -> bool:
        return self._jail

    @property
    def notes(self) -> tuple[str, ...]:
        """Which workers were left out, and why."""
        return few(
            [
                f"worker {worker} was left out: {why}"
                for worker in sorted(self._said)
                if (why := self._unfit(worker))
            ]
        )

    def wait_for_workers(self) -> None:
        """Wait until those that are there have told of themselves, or the first has come.

        The class has the jail if any of them has: those without it are left out then.
        raises: UserError if none fits
        """
        until = time.monotonic() + CONNECT_SECONDS
        self._look()
        while not (self._threads and self._threads.keys() <= self._said.keys()):
            if time.monotonic() > until:
                break
            time.sleep(0.05)
            self._look()
        fit = [said for said in self._said.values() if not said["differs"]]
        self._jail = self._jail or any(not said["no_jail"] for said in fit)
        if not self._fit():
            if fit:
                raise Missing(
                    f"--scheduler {self._address}: no worker there can grade: "
                    f"{next(said['no_jail'] for said in fit)}"
                )
            why = next(iter(self.notes), "there is none; start one with `dask worker ADDRESS`")
            raise UserError(
                f"--scheduler {self._address}: no worker there can grade ({why}).", exit_code=1
            )

    def ready(self) -> None:
        """See `Workers.ready`: a worker that fits is there; its libraries it imports at first use."""

    def run(
        self, submissions: Iterable[Submission], started: Callable[[str], None]
    ) -> Iterator[tuple[Submission, Result]]:
        """See `Workers.run`."""
        agenda = TaskQueue(iter(submissions))
        finished: list[tuple[Submission, Result]] = []
        while True:
            with self.complaints():
                finished += self._bury(agenda)
            while len(agenda.under_way) < _QUEUED * sum(self._fit().values()):
                if (task := agenda.next()) is None:
                    break
                started(task.submission.student)
                with self.complaints():
                    self._submit(task, agenda)
            yield from finished  # now that no worker waits for the caller
            finished = []
            if agenda.is_over:
                return
            with contextlib.suppress(queue.Empty), self.complaints():
                finished += self._receive(self._done.get(timeout=_LOOK_SECONDS), agenda)

    @contextlib.contextmanager
    def complaints(self) -> Iterator[None]:
        """Turn what Dask complains of into one sentence."""
        try:
            yield
        except queue.Empty:
            raise
        except (ImportError, AttributeError) as error:  # what it was sent is not known there
            raise UserError(
                f"--scheduler {self._address}: a worker has another autograder or none "
                f"({_said(error)}); install the same on all.",
                exit_code=1,
            ) from error
        except (_ConnectionLostError, OSError, RuntimeError, CancelledError) as error:
            raise UserError(
                f"--scheduler {self._address}: the connection was lost ({_said(error)}); what was "
                "graded is kept, and the same command goes on from there.",
                exit_code=1,
            ) from error

    def _unfit(self, worker: str) -> str:
        said = self._said[worker]
        return said["differs"] or (said["no_jail"] if self._jail else "")

    def _fit(self) -> dict[str, int]:
        """The workers that may be given work, and their threads."""
        return {
            worker: threads
            for worker, threads in self._threads.items()
            if worker in self._said and not self._unfit(worker)
        }

    def _look(self) -> None:
        """See which workers there are, and what they told of themselves."""
        self._looked = time.monotonic()
        if self._client.status != "running":
            raise _ConnectionLostError("the scheduler is gone")
        workers = self._client.scheduler_info(n_workers=-1)["workers"]
        self._threads = {address: int(about["nthreads"]) for address, about in workers.items()}
        for _, said in self._client.get_events(self.name):
            self._said[said["worker"]] = said
        if self._fit():
            self._saw_one = self._looked

    def _bury(self, agenda: TaskQueue) -> Iterator[tuple[Submission, Result]]:
        """Now and then take back what was given to workers of whom none is left.

        Dask would keep it for them: it does not know that those who came since fit as well.
        """
        if time.monotonic() - self._looked < _LOOK_SECONDS:
            return
        self._look()
        if self._looked - self._saw_one > PATIENCE_SECONDS:
            raise _ConnectionLostError("no worker is left")
        for key, task in list(agenda.under_way.items()):
            if not task.workers & self._threads.keys():
                del agenda.under_way[key]
                task.future.cancel()
                yield from self._given_up(agenda.worker_died(task))

    def _submit(self, task: Task, agenda: TaskQueue) -> None:
        self._submitted += 1
        task.workers = frozenset(self._fit())
        with warnings.catch_warnings():
            warnings.filterwarnings("ignore", "Sending large graph")  # a submission may be large
            task.future = self._client.submit(
                grade_on_worker, task.submission, self.name, self._jail,
                key=f"{self.name}-{self._submitted}", workers=sorted(task.workers), pure=False,
            )  # fmt: skip
        agenda.under_way[task.future.key] = task
        task.future.add_done_callback(self._done.put)

    def _receive(self, future: Future, agenda: TaskQueue) -> Iterator[tuple[Submission, Result]]:
        task = agenda.under_way.pop(future.key, None)
        if task is None:
            return  # it was taken back
        try:
            answer = pickle.loads(future.result(timeout=task.fetch_seconds))
        except KilledWorker:
            yield from self._given_up(agenda.worker_died(task, ATTEMPTS))
            return
        except CancelledError as error:
            raise _ConnectionLostError("the scheduler is gone") from error
        except TimeoutError:  # it is large; or its worker died with it, which `_bury` will see
            task.fetch_seconds *= 2
            agenda.under_way[future.key] = task
            future.add_done_callback(self._done.put)
            return
        except Exception as error:
            answer = _said(error)
        task.future = None  # and with it the worker's copy of the result
        if isinstance(answer, Result):
            yield task.submission, answer.final()
        elif isinstance(answer, Hopeless):
            raise UserError(f"Grading stopped. {answer.why}.", exit_code=1)
        else:
            yield from self._given_up(agenda.failed(task, str(answer)))

    def _given_up(
        self, given_up: tuple[Submission, str] | None
    ) -> Iterator[tuple[Submission, Result]]:
        if given_up is not None:
            submission, why = given_up
            yield submission, ungraded(self.blueprint, submission, why)


def _forget_the_dead(client: Client) -> None:
    """End what coordinators that were killed have left on the workers."""

    def known(dask_scheduler: Any) -> tuple[list[str], list[str]]:  # travels without this module
        return list(dask_scheduler.worker_plugins), list(dask_scheduler.clients)

    names, clients = client.run_on_scheduler(known)
    for name in names:
        if name.startswith(_PREFIX) and name.removeprefix(_PREFIX) not in clients:
            client.unregister_worker_plugin(name)


def _leave(client: Client) -> None:
    with contextlib.suppress(Exception):
        if client.status == "running":
            client.unregister_worker_plugin(_PREFIX + client.id)
    with contextlib.suppress(Exception):
        client.close(timeout=5)


@contextlib.contextmanager
def _quiet() -> Iterator[None]:
    """What Dask logs of lost connections we say in a sentence of our own."""
    names = ("distributed", "distributed.client", "asyncio")
    loggers = [logging.getLogger(name) for name in names]
    levels = [logger.level for logger in loggers]
    for logger in loggers:
        logger.setLevel(logging.CRITICAL + 1)
    try:
        yield
    finally:
        for logger, level in zip(loggers, levels, strict=True):
            logger.setLevel(level)


def _said(error: BaseException) -> str:
    return " ".join(str(error).split())[:300] or type(error).__name__
