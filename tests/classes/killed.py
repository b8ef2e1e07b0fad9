"""Work in a fork that is killed before one of its renames and syncs."""

import os
import signal
import sys
from collections.abc import Callable
from typing import Any


def killed_before(count: int, work: Callable[[], object]) -> bool:
    """Work in a fork that is killed before so many renames and syncs; whether it ended before."""
    child = os.fork()
    if child == 0:
        left, rename, fsync = iter(range(count)), os.rename, os.fsync

        def step(work: Callable[..., None]) -> Callable[..., None]:
            def stepping(*arguments: Any) -> None:
                if next(left, None) is None:
                    os.kill(os.getpid(), signal.SIGKILL)
                work(*arguments)

            return stepping

        os.rename, os.fsync = step(rename), step(fsync)
        try:
            work()
        finally:
            os._exit(0 if sys.exc_info()[0] is None else 1)
    _, status = os.waitpid(child, 0)
    assert os.WIFSIGNALED(status) or os.WEXITSTATUS(status) == 0
    return os.WIFEXITED(status)
