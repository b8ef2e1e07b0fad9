"""A Dask scheduler and workers as processes of this machine, for tests and the benchmark."""

import contextlib
import os
import re
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from throwaway_course import REPOSITORY


@dataclass(frozen=True)
class DaskProcess:
    """A scheduler or a worker, and the address at which it can be reached."""

    process: subprocess.Popen[str]
    address: str

    def send(self, number: signal.Signals) -> None:
        self.process.send_signal(number)

    def end(self) -> None:
        """Kill it, at once and without farewell."""
        self.process.kill()
        self.process.wait()


@dataclass(frozen=True)
class Cluster:
    """A scheduler; its workers are started by `worker`, and all end with `running`."""

    scheduler: DaskProcess
    folder: Path
    started: list[DaskProcess]

    @property
    def address(self) -> str:
        return self.scheduler.address

    def worker(self, **environment: str) -> DaskProcess:
        """Start a worker of one thread, and wait until the scheduler knows it."""
        return self.workers(1, **environment)[0]

    def workers(
        self, count: int, *options: str, nanny: bool = False, **environment: str
    ) -> list[DaskProcess]:
        """Start workers. nanny: each has a parent process that replaces it when it dies."""
        words = ["dask_worker", self.address, "--nthreads", "1", "--no-dashboard", *options]
        words += ["--local-directory", str(self.folder), "--host", "127.0.0.1"]
        words += [] if nanny else ["--no-nanny"]
        processes = [_start(*words, folder=self.folder, **environment) for _ in range(count)]
        new = [
            DaskProcess(process, _heard(process, r"Start worker at: +(\S+)", "Registered to"))
            for process in processes
        ]
        self.started.extend(new)
        return new


@contextlib.contextmanager
def running(folder: Path, workers: int, **environment: str) -> Iterator[Cluster]:
    """A scheduler with so many workers; folder: for what they write."""
    folder.mkdir(parents=True, exist_ok=True)
    process = _start(
        *("dask_scheduler", "--host", "127.0.0.1", "--port", "0", "--no-dashboard", "--no-show"),
        folder=folder,
        **environment,
    )
    with contextlib.ExitStack() as stack:
        stack.callback(process.wait)
        stack.callback(process.kill)
        scheduler = DaskProcess(process, _heard(process, r"Scheduler at: +(\S+)"))
        cluster = Cluster(scheduler, folder, [])
        stack.callback(lambda: [worker.end() for worker in cluster.started])
        cluster.workers(workers)
        yield cluster


def _start(program: str, *words: str, folder: Path, **environment: str) -> subprocess.Popen[str]:
    clean = {name: value for name, value in os.environ.items() if not name.startswith("DASK_")}
    return subprocess.Popen(
        [sys.executable, "-m", f"distributed.cli.{program}", *words],
        cwd=folder,
        env={**clean, "PYTHONPATH": str(REPOSITORY), "COLUMNS": "200", **environment},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
    )


def _heard(process: subprocess.Popen[str], pattern: str, last: str = "") -> str:
    """Read a process's log until the pattern and then `last` came; return what it captured."""
    assert process.stderr is not None
    found, said = "", []
    for line in process.stderr:
        said.append(line)
        if match := re.search(pattern, line):
            found = match[1]
        if found and last in line:
            # Go on reading, or a full pipe would stop it.
            threading.Thread(target=process.stderr.read, daemon=True).start()
            return found
    raise AssertionError(f"it ended: {''.join(said)[-2000:]}")
