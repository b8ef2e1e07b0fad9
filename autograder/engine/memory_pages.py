"""Huge pages for the warm process: a fork copies its page table, and this makes it short.

With torch loaded, a fork and its end take a fraction of the processor time that they took.
"""

import contextlib
import ctypes
import threading
from collections.abc import Iterator
from pathlib import Path

_MADV_HUGEPAGE, _MADV_COLLAPSE = 14, 25
_SIZE = 2 << 20
_PAUSE = 0.3


def collapse() -> None:
    """Gather this process's own memory in huge pages, where the system can (Linux 6.1 and later)."""
    libc = ctypes.CDLL(None, use_errno=True)
    with contextlib.suppress(OSError, AttributeError):
        for line in Path("/proc/self/maps").read_text().splitlines():
            span, rights, _, _, inode, *_ = line.split()
            start, end = (int(part, 16) for part in span.split("-"))
            start, end = -(-start // _SIZE) * _SIZE, end // _SIZE * _SIZE
            if rights == "rw-p" and inode == "0" and start < end:
                place, length = ctypes.c_void_p(start), ctypes.c_size_t(end - start)
                libc.madvise(place, length, _MADV_HUGEPAGE)
                libc.madvise(place, length, _MADV_COLLAPSE)


@contextlib.contextmanager
def collapsing() -> Iterator[None]:
    """Collapse beside what is done meanwhile, again and again, and once more at its end."""
    over = threading.Event()

    def beside() -> None:
        while not over.wait(_PAUSE):
            collapse()

    thread = threading.Thread(target=beside)
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join()
        collapse()
