"""How much memory a process holds together with all that it started, as far as Linux tells.

Elsewhere all is 0. What no figure of /proc counts is looked for now and then: memory that processes
share and that is in nobody's page table at the moment. What sockets can hold counts as held.
"""

import os
import re
import time
from collections.abc import Generator, Iterator
from contextlib import suppress
from functools import cache
from pathlib import Path

from autograder.engine.processor_time import family

_SIZE = re.compile(rb"^(Vm\w+|Rss\w+|Pss\w*|SwapPss):\s+(\d+) kB$", re.MULTILINE)
_STATE = re.compile(rb"^State:\s+(\w)", re.MULTILINE)
_SHARED = re.compile(
    rb"^([0-9a-f]+)-([0-9a-f]+) \S+ ([0-9a-f]+) (\S+ \d+) +/dev/zero \(deleted\)$", re.MULTILINE
)
_SOCKET = re.compile(
    rb"^[0-9a-f]+: [0-9A-F]{8} [0-9A-F]{8} [0-9A-F]{8} ([0-9A-F]{4}) ", re.MULTILINE
)
_DATAGRAMS = b"0002"
_STREAM_HOLDS, _DATAGRAMS_HOLD = 2, 12
"""Times the size of a send buffer: a stream exceeds its own by a piece, and of datagrams a socket
takes as many as net.unix.max_dgram_qlen says, 10."""
_OFTEN, _SELDOM = 0.1, 2.0
"""Seconds between two looks at shared memory: where a process mapped much, and otherwise."""
_PART = 3
"""Times its own duration that such a look is apart from the next: it reads much."""
_AT_ONCE = 0.05
"""Seconds of a look before something else has its turn; then it goes on."""

Sizes = dict[str, int]


class MemoryUse:
    """Memory and processes of `pid` and of all that it starts, from now on."""

    def __init__(self, pid: int) -> None:
        self._pid = pid
        self.processes = 0
        """How many there are."""
        self._mapped = 0
        self._began, _, self._mapped = self._resident()
        self._looked_at, self._took = time.monotonic(), 0.0
        self._look: Generator[None, None, int] | None = None
        self._look_began = self._aside_began = 0.0
        self._aside = 0
        self._suspected_at: float | None = None
        self._own_network = _network(pid) not in ("", _network(os.getpid()))

    def exceeds(self, allowed: int) -> bool:
        """Look; say whether there is more than `allowed` bytes, apart from those of the beginning.

        What was put aside may be free again: that counts only if a second look finds it too.
        """
        resident, private, mapped = self._resident()
        in_sockets = self._in_sockets()
        if resident + in_sockets - self._began > allowed:
            exact = self._proportional(resident, "Pss_Anon", "Pss_Shmem", "SwapPss")
            if exact + in_sockets > allowed:
                return True
        pause = max(_OFTEN if mapped > allowed else _SELDOM, _PART * self._took)
        self._go_on_looking(pause)
        hidden = self._aside + in_sockets
        if (
            private + hidden - self._began <= allowed
            or self._proportional(private, "Pss_Anon", "SwapPss") + hidden <= allowed
        ):
            self._suspected_at = None
        elif self._suspected_at is None:
            self._suspected_at = time.monotonic()
            self._looked_at = 0.0  # the next look begins at once
        return self._suspected_at is not None and self._aside_began > self._suspected_at

    def _resident(self) -> tuple[int, int, int]:
        """Resident bytes that no file holds, those of them that nobody shares, and bytes mapped.

        Pages that several share are counted again for each: cheap, and never too little.
        """
        resident = private = mapped = 0
        for _, sizes in self._holders():
            # a system that tells no more has VmRSS alone
            own = sizes.get("RssAnon", sizes.get("VmRSS", 0)) + sizes.get("VmSwap", 0)
            private += own
            resident += own + sizes.get("RssShmem", 0)
            mapped += max(0, sizes.get("VmSize", 0) - self._mapped)
        return resident, private, mapped

    def _holders(self) -> Iterator[tuple[int, Sizes]]:
        """Each memory that there is, once: where it is read, and its figures."""
        waits_for_one: dict[int, Sizes] = {}
        count = 0
        for one in family(self._pid):
            with suppress(OSError):
                text = Path(f"/proc/{one}/status").read_bytes()
                count += 1
                reader, sizes = one, _sizes(text)
                if "VmRSS" not in sizes:  # it has ended, or its first thread has
                    reader, sizes = _of_another_thread(one)
                if not sizes:
                    continue
                parent = _parent(text)
                if waits_for_one.get(parent) == sizes:  # a program that starts has its parent's
                    del waits_for_one[parent]
                    continue
                if (state := _STATE.search(text)) and state[1] == b"D":  # as in vfork
                    waits_for_one[one] = sizes
                yield reader, sizes
        self.processes = count

    def _proportional(self, otherwise: int, *names: str) -> int:
        """Resident bytes with shared pages divided among those who share them: exact, and slow."""
        total = 0
        for one, _ in self._holders():
            try:
                sizes = _sizes(Path(f"/proc/{one}/smaps_rollup").read_bytes())
            except (FileNotFoundError, ProcessLookupError):  # it has ended meanwhile
                continue
            except OSError:
                return otherwise
            if "Pss_Anon" in sizes:
                total += sum(sizes.get(name, 0) for name in names)
            else:  # before Linux 5.4
                total += sizes.get("Pss", 0)
        return total

    def _go_on_looking(self, pause: float) -> None:
        """Begin to look at what was put aside, or go on, for a moment."""
        now = time.monotonic()
        if self._look is None:
            if now - self._looked_at <= pause:
                return
            self._look, self._look_began, self._took = self._put_aside(), now, 0.0
        try:
            while time.monotonic() - now < _AT_ONCE:
                next(self._look)
        except StopIteration as done:
            self._aside, self._aside_began = done.value, self._look_began
            self._look, self._looked_at = None, time.monotonic()
        self._took += time.monotonic() - now

    def _put_aside(self) -> Generator[None, None, int]:
        """Bytes of the memory that processes share, whether it is in any page table or not.

        Exact for root; to others the system tells how much is mapped.
        """
        exact: Sizes = {}
        at_most: Sizes = {}
        for one, _ in self._holders():
            yield
            with suppress(OSError):
                found = _SHARED.findall(Path(f"/proc/{one}/maps").read_bytes())
                for number, (begin, end, offset, memory) in enumerate(found):
                    if number % 1000 == 999:
                        yield
                    name, first, behind = memory.decode(), int(begin, 16), int(end, 16)
                    size = int(offset, 16) + behind - first
                    at_most[name] = max(at_most.get(name, 0), size)
                    if name not in exact:
                        with suppress(OSError):  # not for us, or unmapped meanwhile
                            file = os.stat(f"/proc/{one}/map_files/{first:x}-{behind:x}")
                            exact[name] = 512 * file.st_blocks
        return sum((at_most | exact).values())

    def _in_sockets(self) -> int:
        """Bytes that the sockets of its network namespace can hold; 0 if it has none of its own.

        A socket may have a name of several lines: what looks like another one counts as one.
        """
        total = 0
        with suppress(OSError):
            if self._own_network:
                for kind in _SOCKET.findall(Path(f"/proc/{self._pid}/net/unix").read_bytes()):
                    holds = _DATAGRAMS_HOLD if kind == _DATAGRAMS else _STREAM_HOLDS
                    total += holds * _send_buffer()
        return total


def _of_another_thread(pid: int) -> tuple[int, Sizes]:
    """Where the memory of a process can be read whose first thread has ended; nothing if nowhere."""
    with suppress(OSError):
        for thread in os.listdir(f"/proc/{pid}/task"):
            with suppress(OSError):
                sizes = _sizes(Path(f"/proc/{thread}/status").read_bytes())
                if "VmRSS" in sizes:
                    return int(thread), sizes
    return pid, {}


def _parent(status: bytes) -> int:
    found = re.search(rb"^PPid:\s+(\d+)$", status, re.MULTILINE)
    return int(found[1]) if found else 0


def _network(pid: int) -> str:
    with suppress(OSError):
        return os.readlink(f"/proc/{pid}/ns/net")
    return ""


@cache
def _send_buffer() -> int:
    """Bytes of a socket's send buffer: the sandbox lets nobody change it."""
    return int(Path("/proc/sys/net/core/wmem_default").read_text())


def _sizes(text: bytes) -> Sizes:
    """The lines "NAME: NUMBER kB" of a file of /proc, in bytes.

    No other line counts: one has the process's name, which is whatever the process likes.
    """
    return {name.decode(): 1024 * int(size) for name, size in _SIZE.findall(text)}
