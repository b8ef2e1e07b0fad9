"""A lock on a class's folder: one process at a time writes there."""

import contextlib
import errno
import os
import sys
from collections.abc import Iterator
from pathlib import Path

from autograder.assignment.errors import UserError


class BusyError(UserError):
    """Another process holds the folder."""


@contextlib.contextmanager
def only_one(folder: Path, doing: str = "grading this class") -> Iterator[None]:
    """Hold the folder; a process that is killed lets go of it, and so do its forks.

    doing:  what whoever holds it does, for the one sentence of all others
    raises: BusyError if another process holds it
    """
    if sys.platform == "win32":
        yield
        return
    import fcntl

    path = folder / "lock"
    while True:
        with path.open("w") as stream:
            try:
                fcntl.lockf(stream, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except OSError as error:
                if error.errno not in (errno.EACCES, errno.EAGAIN):
                    raise
                raise BusyError(
                    f"{folder.parent}: another process is {doing}; wait until it ends.",
                    exit_code=1,
                ) from error
            # The one before us may have deleted the file that we hold.
            if path.exists() and os.path.samestat(path.stat(), os.fstat(stream.fileno())):
                try:
                    yield
                finally:
                    path.unlink(missing_ok=True)
                    with contextlib.suppress(OSError):
                        folder.rmdir()
                return
