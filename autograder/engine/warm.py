"""The warm process: it imports the course's libraries once, then forks for every submission.

Run as `python -m autograder.engine.warm LISTENING_FD ENDING_FD STEPS_FD jail|none MODULE…` inside the
jail, by `server.Server`, which reads from STEPS_FD how far it is: lines `MODULE [PACKAGE]` while it
imports (see `preload.Step`), then IMPORTED, then READY. It never runs a line of a notebook
itself; its children do, see `children`.
"""

import contextlib
import ctypes
import gc
import importlib.util
import os
import socket
import sys
import threading
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

from autograder.engine.preload import IMPORTED, READY, preload


def main() -> None:
    """Import, then serve until killed, or until nobody holds the other end of ENDING_FD."""
    gc.disable()  # an import makes objects to stay: looking through them takes a quarter of it
    descriptor, ending, steps, wall, *modules = sys.argv[1:]
    say = _Steps(int(steps))
    os.makedirs(os.environ["HOME"], exist_ok=True)
    with _silence():
        loading = threading.Thread(target=load_libraries, args=(modules, say))
        loading.start()
        from autograder.engine import child, children, memory_pages, sandbox, sandbox_inside

        if wall == "none":
            sandbox_inside.end_with_parent()
        loading.join()
        with memory_pages.collapsing():
            preload(modules, lambda step: say(f"{step.module} {step.inside}"))
            say(IMPORTED)
            shell = child.prepare()
            sandbox.python_folders()  # remembered
    sandbox_inside.hide_memory()
    gc.freeze()
    gc.enable()
    listener = socket.socket(fileno=int(descriptor))
    say(READY)
    say.close()
    children.Children(listener, int(ending), shell, wall).serve()


def load_libraries(modules: Sequence[str], say: Callable[[str], None]) -> None:
    """Load torch's shared libraries, which needs no interpreter, beside imports, which do.

    As torch does it; not where it has CUDA, because it loads more then. What fails, torch will say.
    """
    with contextlib.suppress(ImportError, OSError, ValueError):
        spec = importlib.util.find_spec("torch") if "torch" in modules else None
        for place in (spec and spec.submodule_search_locations) or ():
            folder = Path(place, "lib")
            if not (folder / "libtorch_cuda.so").exists():
                say("torch")
                ctypes.CDLL(str(folder / "libtorch_global_deps.so"), mode=ctypes.RTLD_GLOBAL)
                ctypes.CDLL(str(folder / "libtorch_python.so"))
                say("")


class _Steps:
    """Writes lines to whoever started this process."""

    def __init__(self, descriptor: int) -> None:
        self._descriptor = descriptor

    def __call__(self, line: str) -> None:
        with contextlib.suppress(OSError):  # nobody listens any more
            os.write(self._descriptor, f"{line}\n".encode())

    def close(self) -> None:
        os.close(self._descriptor)


@contextlib.contextmanager
def _silence() -> Iterator[None]:
    """Libraries that greet on import greet nobody."""
    sys.stdout.flush()
    kept = [os.dup(1), os.dup(2)]
    nowhere = os.open(os.devnull, os.O_WRONLY)
    for fd in (1, 2):
        os.dup2(nowhere, fd)
    try:
        yield
    finally:
        for fd, copy in zip((1, 2), kept, strict=True):
            os.dup2(copy, fd)
            os.close(copy)
        os.close(nowhere)


if __name__ == "__main__":
    main()
