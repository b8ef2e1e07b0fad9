"""Where nbgrader finds the programs that it calls by name: `alembic`, beside the interpreter."""

import contextlib
import os
import sys
from collections.abc import Iterator
from pathlib import Path


def search_path() -> str:
    """PATH with the interpreter's folder in front, also where no environment is activated."""
    before = os.environ.get("PATH")
    return os.pathsep.join(filter(None, (str(Path(sys.executable).parent), before)))


@contextlib.contextmanager
def programs_on_path() -> Iterator[None]:
    """Let this process find the programs for a while; not safe beside threads that use PATH."""
    before = os.environ.get("PATH")
    os.environ["PATH"] = search_path()
    try:
        yield
    finally:
        if before is None:
            del os.environ["PATH"]
        else:
            os.environ["PATH"] = before
