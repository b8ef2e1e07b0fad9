"""A process and what it started, by psutil: how much memory they hold, how many, and their end."""

import os
import signal
from collections.abc import Iterable
from contextlib import suppress

import psutil  # type: ignore[import-untyped]


def held(pid: int) -> int:
    """Resident bytes of one process that no file holds, where the system tells; 0 if it is gone."""
    with suppress(psutil.Error):
        memory = psutil.Process(pid).memory_info()
        return max(int(memory.rss) - int(getattr(memory, "shared", 0)), 0)
    return 0


def descendants(pid: int) -> list[int]:
    """What it started, and what that started. Slow: the system is asked about every process."""
    with suppress(psutil.Error):
        return [below.pid for below in psutil.Process(pid).children(recursive=True)]
    return []


def end(pid: int) -> None:
    """End a process, what it started and, where there are groups, the group that it leads."""
    found: list[psutil.Process] = []
    with suppress(psutil.Error):
        found.append(process := psutil.Process(pid))
        found += process.children(recursive=True)
    end_group(pid)
    _kill(found)


def end_below() -> None:
    """End what this process started."""
    _kill(psutil.Process().children(recursive=True))


def end_group(pid: int) -> None:
    """End the group of processes that one leads, or led: a group outlives its leader."""
    if hasattr(os, "killpg"):
        with suppress(OSError):
            os.killpg(pid, signal.SIGKILL)


def _kill(processes: Iterable[psutil.Process]) -> None:
    for process in processes:
        with suppress(psutil.Error):
            process.kill()
