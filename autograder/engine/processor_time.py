"""How long a process and what it started computed, and waited for a processor that others had.

Linux tells; elsewhere both are 0.
"""

import os
import sys
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

_TICKS = os.sysconf("SC_CLK_TCK") if hasattr(os, "sysconf") else 100


def family(pid: int) -> Iterator[int]:
    """`pid` and what it started, and that in turn."""
    waiting = [pid] if sys.platform.startswith("linux") else []
    seen = 0
    while waiting and seen < 10_000:
        one = waiting.pop()
        seen += 1
        yield one
        for thread in _threads(one):
            with suppress(OSError, ValueError):
                children = Path(f"/proc/{one}/task/{thread}/children").read_text()
                waiting += map(int, children.split())


class ProcessorTime:
    """What a process and its family used since this was made."""

    def __init__(self, pid: int) -> None:
        self._pid = pid
        self._computed, self._waited = _computed(pid), _waited(pid)

    def computed(self) -> float:
        """Seconds of processor of all together."""
        return _computed(self._pid) - self._computed

    def waited(self) -> float:
        """Seconds that one thread was ready to run and others had the processor: the longest."""
        now = _waited(self._pid)
        return max((spent - self._waited.get(one, 0.0) for one, spent in now.items()), default=0.0)


def _computed(pid: int) -> float:
    """Seconds of processor of a family; of processes that have ended, if they were waited for."""
    total = 0
    for one in family(pid):
        with suppress(OSError, ValueError, IndexError):
            fields = Path(f"/proc/{one}/stat").read_text().rpartition(")")[2].split()
            total += sum(map(int, fields[11:15]))  # utime, stime, cutime, cstime
    return total / _TICKS


def _waited(pid: int) -> dict[int, float]:
    """Seconds that each thread of a family was ready and did not run, as far as that is told."""
    found = {}
    for one in family(pid):
        for thread in _threads(one):
            with suppress(OSError, ValueError, IndexError):
                told = Path(f"/proc/{one}/task/{thread}/schedstat").read_text().split()
                found[thread] = int(told[1]) / 1e9
    return found


def _threads(pid: int) -> list[int]:
    with suppress(OSError, ValueError):
        return list(map(int, os.listdir(f"/proc/{pid}/task")))
    return []
