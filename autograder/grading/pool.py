"""Workers: processes that grade submissions side by side. No notebook code runs in them either.

A worker that dies is replaced and its submission is graded by another; results come as they are
ready. The coordinator alone writes them down.
"""

import multiprocessing
import signal
import threading
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from multiprocessing import resource_tracker
from multiprocessing.connection import Connection, wait
from typing import Any

from autograder.assignment.blueprint import Blueprint
from autograder.assignment.errors import UserError
from autograder.assignment.merge import merge
from autograder.assignment.outcome import Outcome, Result
from autograder.assignment.submission import Submission
from autograder.engine.engine import CourseFailure, Engine, EngineFailure
from autograder.engine.limits import Limits
from autograder.grading.grade import course_files, grade, not_run

ATTEMPTS = 5
"""Times that a submission may end its worker, or on a cluster fail, before a person decides."""
UNGRADED = "could not be graded"
"""How the note of a submission begins that has no result."""
_MEMORY = 4 << 30


@dataclass(frozen=True)
class Job:
    """What every worker of a class has to know.

    address, jail: of the warm process (see `Engine`)
    """

    blueprint: Blueprint
    address: str
    jail: bool
    limits: Limits
    cross_check: bool = False


@dataclass(frozen=True)
class Hopeless:
    """Why nobody of the class can be graded."""

    why: str


class _ClassStopped(Exception):
    """Nobody can be graded; the reason."""


@dataclass
class _Worker:
    process: Any
    connection: Connection
    task: Submission | None = None
    attempts: int = 0


def run(
    job: Job,
    submissions: Iterable[Submission],
    workers: int,
    *,
    engine_failure: Callable[[], str] = lambda: "",
    started: Callable[[str], None] = lambda student: None,
) -> Iterator[tuple[Submission, Result]]:
    """Grade submissions on `workers` processes; yields in the order of completion.

    Where time ran out on a busy machine, a submission is graded once more after all others, with
    none beside it: the better result counts.

    submissions:    taken one at a time, as a worker has time for it
    engine_failure: says why there is no warm process any more
    started:        called with the student whose turn it is
    raises: UserError if the engine cannot run
    """
    first: list[tuple[Submission, Result]] = []
    try:
        for submission, result in _side_by_side(job, submissions, workers, engine_failure, started):
            if result.busy:
                first.append((submission, result))
            else:
                yield submission, result
        while first:
            once_more = [first[0][0]]
            for submission, result in _side_by_side(job, once_more, 1, engine_failure, started):
                _, earlier = first.pop(0)
                yield submission, _better(earlier, result)
    except (Exception, KeyboardInterrupt):
        yield from first  # as they are: another time they are tried once more
        raise


def _better(first: Result, second: Result) -> Result:
    """Of two tries of a submission, the one that counts; a third one is not needed."""
    none = any(note.startswith(UNGRADED) for note in second.notes)
    return (first if none or first.score > second.score else second).final()


def _side_by_side(
    job: Job,
    submissions: Iterable[Submission],
    workers: int,
    engine_failure: Callable[[], str],
    started: Callable[[str], None],
) -> Iterator[tuple[Submission, Result]]:
    """Grade each submission once, in the order of completion."""
    context = multiprocessing.get_context("spawn")
    with suppress(AttributeError, OSError):  # otherwise it starts below, and unblocks signals
        resource_tracker.ensure_running()
    waiting = iter(submissions)
    again: list[tuple[Submission, int]] = []
    # They start while the warm process does, before it is known who is to be graded.
    crew: list[_Worker] = []
    finished: list[tuple[Submission, Result]] = []
    trouble: Exception | None = None
    try:
        for _ in range(workers):
            _hire(context, job, crew)
        while True:
            crew = [worker for worker in crew if worker.process.is_alive() or worker.task]
            idle = [worker for worker in crew if worker.task is None]
            while trouble is None and (len(crew) < workers or idle):
                try:
                    submission, attempts = again.pop() if again else (next(waiting, None), 0)
                except Exception as error:  # what is under way is written down first
                    trouble = error
                    break
                if submission is None:
                    break
                worker = idle.pop() if idle else _hire(context, job, crew)
                worker.task, worker.attempts = submission, attempts
                started(submission.student)
                _send(worker, submission)
            yield from finished  # now that nobody waits for the caller
            busy = [worker for worker in crew if worker.task is not None]
            if not busy:
                if trouble is not None:
                    raise trouble
                return
            ready = wait([worker.connection for worker in busy], timeout=1.0)
            finished = []
            stopped = engine_failure()
            for worker in busy:
                if worker.connection in ready:
                    try:
                        finished += _outcome(job, worker, again)
                    except _ClassStopped as error:
                        stopped = str(error)
            if stopped:
                yield from finished
                raise UserError(f"Grading stopped. {stopped}.", exit_code=1)
    finally:
        for worker in crew:
            worker.connection.close()
        for worker in crew:
            worker.process.kill()
            worker.process.join()


def _hire(context: Any, job: Job, crew: list[_Worker]) -> _Worker:
    mine, theirs = context.Pipe()
    process = context.Process(target=_work, args=(theirs, job), daemon=True, name="grading")
    worker = _Worker(process, mine)
    with _interrupts_kept():
        process.start()
        crew.append(worker)
    theirs.close()
    return worker


@contextmanager
def _interrupts_kept() -> Iterator[None]:
    """Ctrl-C reaches us a moment later, and a process that starts meanwhile not at all.

    The child inherits what is blocked. We ourselves would still be interrupted: any other thread
    takes the signal, and Python raises in the main one.
    """
    if not hasattr(signal, "pthread_sigmask"):  # Windows, where no class is graded
        yield
        return
    handler = signal.getsignal(signal.SIGINT)
    ours = handler is not None and threading.current_thread() is threading.main_thread()
    came = []
    if ours:
        signal.signal(signal.SIGINT, lambda *_: came.append(True))
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)
        if ours:
            signal.signal(signal.SIGINT, handler)
        if came:
            signal.raise_signal(signal.SIGINT)


def _send(worker: _Worker, submission: Submission) -> None:
    with suppress(BrokenPipeError, ConnectionResetError):  # its end is seen when it should answer
        worker.connection.send(submission)


def _outcome(
    job: Job, worker: _Worker, again: list[tuple[Submission, int]]
) -> Iterator[tuple[Submission, Result]]:
    submission = worker.task
    assert submission is not None
    worker.task = None
    try:
        answer = worker.connection.recv()
    except (EOFError, OSError):
        worker.process.kill()
        worker.process.join()
        if worker.attempts + 1 < ATTEMPTS:
            again.append((submission, worker.attempts + 1))
            return
        answer = ungraded(job.blueprint, submission, "its worker ended")
    if isinstance(answer, Hopeless):
        raise _ClassStopped(answer.why)
    yield submission, answer


def _work(connection: Connection, job: Job) -> None:
    """A worker's life: take a submission, send back its result."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the coordinator ends us
    with suppress(AttributeError):
        signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGINT})
    _limit_memory()
    engine = Engine(job.address, job.limits, jail=job.jail, files=course_files(job.blueprint))
    while True:
        try:
            submission = connection.recv()
        except (EOFError, OSError):
            return
        answer: Result | Hopeless
        try:
            done = attempt(job.blueprint, submission, engine, job.cross_check)
            answer = done if isinstance(done, Result) else ungraded(job.blueprint, submission, done)
        except CourseFailure as failure:
            answer = Hopeless(str(failure))
        try:
            connection.send(answer)
        except (BrokenPipeError, ConnectionResetError):
            return


def attempt(
    blueprint: Blueprint, submission: Submission, engine: Engine, cross_check: bool
) -> Result | str:
    """Grade a submission; a sentence says why there is no result, if there is none.

    raises: CourseFailure if nobody's can be graded
    """
    try:
        return grade(blueprint, submission, engine, cross_check=cross_check)
    except CourseFailure:
        raise
    except EngineFailure as failure:
        return f"the engine failed: {failure}"
    except Exception as error:  # a fault of ours costs this submission, not the class
        return f"{type(error).__name__}: {' '.join(str(error).split())}"


def _limit_memory() -> None:
    """A notebook of 50 MB can be a thousand million brackets; only its own worker stumbles."""
    with suppress(ImportError, OSError, ValueError):
        import resource

        resource.setrlimit(resource.RLIMIT_AS, (_MEMORY, _MEMORY))


def ungraded(blueprint: Blueprint, submission: Submission, why: str) -> Result:
    """A result that leaves every check to a person, because grading itself failed.

    The student's notebook is not read again: that may be what went wrong.
    """
    message = f"{UNGRADED}: {why}"
    notebooks = tuple(
        not_run(notebook, merge(notebook, None), Outcome.DISPUTED, message)
        for notebook in blueprint.notebooks
    )
    return Result(blueprint.assignment, submission.student, notebooks, (*submission.notes, message))
