"""How much memory a process holds together with all that it started, as far as Linux tells.

Elsewhere all is 0. What no figure of /proc counts is looked for now and then: memory that processes
share and that is in nobody's page table at the moment, and what lies in sockets.
"""

import os
import re
import time
from contextlib import suppress
from functools import cache
from pathlib import Path

from autograder.engine.processor_time import family

_SIZE = re.compile(rb"^(VmSize|VmRSS|Rss\w+|Pss\w*):\s+(\d+) kB$", re.MULTILINE)
_SHARED = re.compile(
    rb"^([0-9a-f]+)-([0-9a-f]+) \S+ ([0-9a-f]+) (\S+ \d+) +/dev/zero \(deleted\)$", re.MULTILINE
)
_DATAGRAMS = 0x2
_STREAM_HOLDS, _DATAGRAMS_HOLD = 2, 12
"""Times the size of a send buffer: a stream exceeds its own by a piece, and of datagrams a socket
takes as many as net.unix.max_dgram_qlen says, 10."""
_OFTEN, _SELDOM = 0.1, 2.0
"""Seconds between two looks at shared memory: where a process mapped much, and otherwise."""
_PART = 3
"""Times its own duration that such a look is apart from the next: it reads much."""


class MemoryUse:
    """Memory and processes of `pid` and of all that it starts, from now on."""

    def __init__(self, pid: int) -> None:
        self._pid = pid
        self.processes = 0
        """How many there are."""
        self._mapped = 0
        self._began, _, self._mapped = self._resident()
        self._looked_at, self._took = time.monotonic(), 0.0
        self._aside = 0
        self._own_network = _network(pid) not in ("", _network(os.getpid()))

    def exceeds(self, allowed: int) -> bool:
        """Look; say whether there is more than `allowed` bytes, apart from those of the beginning."""
        resident, private, mapped = self._resident()
        in_sockets = self._in_sockets()
        if resident + in_sockets - self._began > allowed:
            exact = self._proportional(resident, "Pss_Anon", "Pss_Shmem")
            if exact + in_sockets > allowed:
                return True
        pause = max(_OFTEN if mapped > allowed else _SELDOM, _PART * self._took)
        if time.monotonic() - self._looked_at > pause:
            self._look_aside()
        while private + self._aside + in_sockets - self._began > allowed:
            exact = self._proportional(private, "Pss_Anon")
            if exact + self._aside + in_sockets <= allowed:
                return False
            before = self._aside
            self._look_aside()  # it may be free by now
            if self._aside >= before:
                return True
        return False

    def _look_aside(self) -> None:
        began = time.monotonic()
        self._aside = self._put_aside()
        self._looked_at = time.monotonic()
        self._took = self._looked_at - began

    def _resident(self) -> tuple[int, int, int]:
        """Resident bytes that no file holds, those of them that nobody shares, and bytes mapped.

        Pages that several share are counted again for each: cheap, and never too little.
        """
        resident = private = mapped = 0
        self.processes = 0
        for one in family(self._pid):
            with suppress(OSError):
                sizes = _sizes(Path(f"/proc/{one}/status"))
                # a system that tells no more has VmRSS alone
                private += sizes.get("RssAnon", sizes.get("VmRSS", 0))
                resident += sizes.get("RssAnon", sizes.get("VmRSS", 0)) + sizes.get("RssShmem", 0)
                mapped += max(0, sizes.get("VmSize", 0) - self._mapped)
                self.processes += 1
        return resident, private, mapped

    def _proportional(self, otherwise: int, *names: str) -> int:
        """Resident bytes with shared pages divided among those who share them: exact, and slow."""
        total = 0
        for one in family(self._pid):
            try:
                sizes = _sizes(Path(f"/proc/{one}/smaps_rollup"))
            except OSError:
                return otherwise
            if "Pss_Anon" in sizes:
                total += sum(sizes.get(name, 0) for name in names)
            else:  # before Linux 5.4
                total += sizes.get("Pss", 0)
        return total

    def _put_aside(self) -> int:
        """Bytes of the memory that processes share, whether it is in any page table or not.

        Exact for root; to others the system tells how much is mapped.
        """
        sizes: dict[bytes, int] = {}
        for one in family(self._pid):
            with suppress(OSError):
                for found in _SHARED.findall(Path(f"/proc/{one}/maps").read_bytes()):
                    begin, end, offset = (int(each, 16) for each in found[:3])
                    try:
                        file = os.stat(f"/proc/{one}/map_files/{begin:x}-{end:x}")
                        size = 512 * file.st_blocks
                    except PermissionError:
                        size = offset + end - begin
                    sizes[found[3]] = max(sizes.get(found[3], 0), size)
        return sum(sizes.values())

    def _in_sockets(self) -> int:
        """Bytes that the sockets of its network namespace can hold; 0 if it has none of its own."""
        total = 0
        with suppress(OSError, ValueError, IndexError):
            if self._own_network:
                for line in Path(f"/proc/{self._pid}/net/unix").read_bytes().splitlines()[1:]:
                    datagrams = int(line.split()[4], 16) == _DATAGRAMS
                    total += (_DATAGRAMS_HOLD if datagrams else _STREAM_HOLDS) * _send_buffer()
        return total


def _network(pid: int) -> str:
    with suppress(OSError):
        return os.readlink(f"/proc/{pid}/ns/net")
    return ""


@cache
def _send_buffer() -> int:
    """Bytes of a socket's send buffer: the sandbox lets nobody change it."""
    return int(Path("/proc/sys/net/core/wmem_default").read_text())


def _sizes(path: Path) -> dict[str, int]:
    """The lines "NAME: NUMBER kB" of a file of /proc, in bytes.

    No other line counts: one has the process's name, which is whatever the process likes.
    """
    found = _SIZE.findall(path.read_bytes())
    return {name.decode(): 1024 * int(size) for name, size in found}
