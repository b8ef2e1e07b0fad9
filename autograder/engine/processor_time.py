"""How long processes computed, and how long they waited for a processor that others had.

Linux tells; elsewhere all is 0, and a deadline stays where it is.
"""

import os
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from pathlib import Path

_TICKS = os.sysconf("SC_CLK_TCK") if hasattr(os, "sysconf") else 100
_LOOK_SECONDS = 0.05
_MOST_THREADS = 256
"""Of one process, that are looked at."""
_MOST = 9
"""Times the limit that a deadline may move."""

Waited = Mapping[int, float]
"""Seconds that each thread was ready to run and others had the processor."""
Read = Callable[[int], tuple[float, Waited]]


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


def usage(pid: int) -> tuple[float, Waited]:
    """Seconds of processor of a process and its family so far, and how long each thread waited.

    Of those that have ended the processor's seconds count, if somebody waited for them.
    """
    computed, waited = 0, {}
    for one in family(pid):
        with suppress(OSError, ValueError, IndexError):
            fields = Path(f"/proc/{one}/stat").read_bytes().rpartition(b")")[2].split()
            computed += sum(map(int, fields[11:15]))  # utime, stime, cutime, cstime
        for thread in _threads(one)[:_MOST_THREADS]:
            with suppress(OSError, ValueError, IndexError):
                told = Path(f"/proc/{one}/task/{thread}/schedstat").read_text().split()
                waited[thread] = int(told[1]) / 1e9
    return computed / _TICKS, waited


def stalled(pressure: Path = Path("/proc/pressure")) -> float:
    """Seconds so far in which something on the machine waited for memory or for a disk.

    pressure: the system's folder of figures (man 5 proc); a system without it tells 0
    """
    microseconds = 0
    for what in ("memory", "io"):
        with suppress(OSError, ValueError, IndexError):
            some = (pressure / what).read_text().splitlines()[0]
            microseconds += int(some.rpartition("total=")[2])
    return microseconds / 1e6


class FairDeadline:
    """A deadline that moves by the time in which others had the processors.

    It moves by no more than was left over when what the processes computed is taken off, by
    nothing for processes that computed as long as they may, and to ten times the limit at most.

    pids:     the processes whose work is limited, each with what it started; they take turns
    deadline: by `clock`, in seconds
    """

    def __init__(
        self,
        pids: Sequence[int],
        deadline: float,
        *,
        clock: Callable[[], float] = time.monotonic,
        read: Read = usage,
    ) -> None:
        self._pids, self._deadline = pids, deadline
        self._clock, self._read = clock, read
        self._looked_at = clock()
        self._seconds = deadline - self._looked_at
        self._began: float | None = None
        """When it first looked; before, nothing is known."""
        self._computed_before = self._computed = self._waited = 0.0
        self._threads: list[Waited] = []

    def look(self) -> None:
        """Take note of what the processes did since the last look, now and then: it costs."""
        now = self._clock()
        passed = now - self._looked_at
        if passed < _LOOK_SECONDS:
            return
        self._looked_at = now
        found = [self._read(pid) for pid in self._pids]
        self._computed = sum(computed for computed, _ in found)
        threads = [waited for _, waited in found]
        if self._began is None:
            self._began, self._computed_before = now, self._computed
        else:
            longest = sum(map(_longest, self._threads, threads))
            self._waited += min(longest, passed)
        self._threads = threads

    def put_off(self, seconds: float) -> None:
        """Move the deadline: whoever watches was stopped so long, and saw nothing."""
        self._deadline += seconds

    def left(self) -> float:
        """Seconds until the deadline; negative if it has passed."""
        left = self._deadline - self._clock()
        if left > 0:
            return left
        self.look()
        if self.computed() >= self._seconds:
            return left
        return left + self.starved()

    def computed(self) -> float:
        """Seconds of processor that the processes used since the first look."""
        return self._computed - self._computed_before

    def starved(self) -> float:
        """Seconds in which the processes could have gone on and others had the processors."""
        if self._began is None:
            return 0.0
        idle = self._looked_at - self._began - self.computed()
        return max(min(self._waited, idle, _MOST * self._seconds), 0.0)


def _longest(before: Waited, now: Waited) -> float:
    """The most that one thread waited from one look to the next; new ones began at 0."""
    return max((spent - before.get(one, 0.0) for one, spent in now.items()), default=0.0)


def _threads(pid: int) -> list[int]:
    with suppress(OSError, ValueError):
        return list(map(int, os.listdir(f"/proc/{pid}/task")))
    return []
