"""Starts the warm process, inside the jail where there is one, and replaces it when it ends."""

import contextlib
import os
import secrets
import select
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Sequence

from autograder.engine import paths, sandbox
from autograder.engine.files import CourseFiles
from autograder.engine.preload import IMPORTED, READY, Step, crash, in_words

_QUICK_END = 2.0
_MOST_QUICK_ENDS = 5
_MOST_CRASHES = 2
"""How often it may crash before it is ready: once may be chance."""
_MOST_KILLS = 5
"""How often it may be killed before it is ready: most likely by somebody else than an import."""
_PAUSE = 0.2
"""Seconds to wait after a kill, and more after each: memory may be free again by then."""
_ENDS_AT_ONCE = "The warm process ends as soon as it starts"
_KILLED_AT_ONCE = (
    "The warm process is killed as soon as it starts; the machine may have run out of memory"
)
_SILENT_SECONDS = 600.0
"""An import that begins no other for so long hangs; a slow disk or a busy machine does not."""


class Server:
    """Keeps one warm process alive; children of it are had by connecting to `address`.

    modules: imported ahead, dotted names
    files:   the assignment's data, or None
    jail:    whether to use bubblewrap (see `sandbox.missing`)
    """

    def __init__(self, modules: Sequence[str], files: CourseFiles | None, *, jail: bool) -> None:
        self.jail = jail
        self.files = files
        self._modules = tuple(modules)
        self._folder = ""
        self._process: subprocess.Popen[bytes] | None = None
        self._stopping = threading.Event()
        self._started = threading.Event()
        self._settled = threading.Event()
        self._hung = False
        self.failure = ""
        self._listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        if sys.platform.startswith("linux"):
            # Abstract: nothing on disk to be left behind. The warm process asks who connects.
            self.address = "\0autograder-" + secrets.token_hex(16)
        else:
            self._folder = tempfile.mkdtemp(prefix="autograder-")
            self.address = f"{self._folder}/warm"
        self._listener.bind(self.address)
        self._listener.listen(64)
        # It ends when nobody holds the other end any more. What bubblewrap and the kernel offer for
        # that (die with the parent) comes too late for a parent that ends in the first instants.
        self._ending, self._line = os.pipe()
        # The jail ends with the thread that started it, so that thread stays and waits for it.
        self._keeper = threading.Thread(target=self._keep, name="warm", daemon=True)
        self._keeper.start()

    @property
    def pid(self) -> int | None:
        """The process outside of the jail whose end ends all of it."""
        return self._process.pid if self._process else None

    def ready(self) -> str:
        """Wait until it has imported everything; return why it cannot, or nothing."""
        self._settled.wait()
        return self.failure

    def close(self) -> None:
        """End the warm process and with it every child; a second time does nothing."""
        if self._stopping.is_set():
            return
        self._stopping.set()
        self._listener.close()
        self._started.wait(10)
        self._kill()
        self._keeper.join(10)
        for end in (self._line, self._ending):
            os.close(end)
        if self._folder:
            shutil.rmtree(self._folder, ignore_errors=True)

    def _keep(self) -> None:
        try:
            self._keep_alive()
        finally:
            self._settled.set()
        if self.failure:
            self._listener.close()

    def _keep_alive(self) -> None:
        quick = crashes = kills = 0
        while not self._stopping.is_set():
            began = time.monotonic()
            try:
                self._process, steps = self._start()
            except ValueError:  # the listener was closed while this began
                return
            except OSError as error:
                self.failure = f"The warm process cannot be started ({error.strerror})"
                return
            finally:
                self._started.set()
            if self._stopping.is_set():
                self._kill()
            came_to = self._follow(steps)
            if came_to is None:
                self._settled.set()
                crashes = kills = 0
            status = self._process.wait()
            if self._stopping.is_set():
                return
            if came_to is not None:
                killed = not self._hung and self._ended(status) == -signal.SIGKILL
                kills, crashes = kills + killed, crashes + (not killed)
                if crashes == _MOST_CRASHES or kills == _MOST_KILLS:
                    self.failure = self._why(came_to, status)
                    return
                self._stopping.wait(_PAUSE * kills)
                continue
            quick = quick + 1 if time.monotonic() - began < _QUICK_END else 0
            if quick >= _MOST_QUICK_ENDS:
                self.failure = _ENDS_AT_ONCE
                return

    def _follow(self, steps: int) -> Step | None:
        """Read how far it is until it is ready (None), or as far as it came."""
        step, rest = Step(""), b""
        self._hung = False
        with os.fdopen(steps, "rb", buffering=0) as pipe:
            while True:
                if not select.select([pipe], [], [], _SILENT_SECONDS)[0]:
                    self._hung = True
                    self._kill()
                lines = (rest + (read := pipe.read(65_536))).split(b"\n")
                rest = lines.pop()
                for line in lines:
                    module, _, inside = line.decode().partition(" ")
                    if module == READY:
                        return None
                    step = Step(module, inside)
                if not read:
                    return step

    def _why(self, step: Step, status: int) -> str:
        if self._hung:
            what = {
                "": "The warm process has not begun",
                IMPORTED: "The warm process has not become ready",
            }.get(step.module, f"Importing {step.module} has not ended")
            return f"{what} after {_SILENT_SECONDS / 60:g} minutes"
        if not step.module:
            killed = self._ended(status) == -signal.SIGKILL
            return _KILLED_AT_ONCE if killed else _ENDS_AT_ONCE
        return crash(self._modules, step, in_words(self._ended(status)))

    def _ended(self, status: int) -> int:
        """How it ended, a signal as a negative number; bubblewrap says what a shell says."""
        return 128 - status if self.jail and status > 128 else status

    def _kill(self) -> None:
        """Kill it with its group: while bubblewrap begins, its child does not end with it yet."""
        if self._process is not None and self._process.poll() is None:
            with contextlib.suppress(OSError):
                os.killpg(self._process.pid, signal.SIGKILL)

    def _start(self) -> tuple[subprocess.Popen[bytes], int]:
        """Start it; returns it, and where it writes how far it is."""
        fd = self._listener.fileno()
        steps, written = os.pipe()
        wall = "jail" if self.jail else "none"
        arguments = [
            sys.executable, "-P", "-m", "autograder.engine.warm",
            str(fd), str(self._ending), str(written), wall, *self._modules,
        ]  # fmt: skip
        home = paths.HOME
        if not self.jail:
            home = self._folder = self._folder or tempfile.mkdtemp(prefix="autograder-")
        words = sandbox.command(arguments, self.files) if self.jail else arguments
        try:
            process = subprocess.Popen(
                words,
                env=sandbox.environment(home),
                pass_fds=[fd, self._ending, written],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=None if os.environ.get("AUTOGRADER_DEBUG") else subprocess.DEVNULL,
                start_new_session=True,  # the terminal's Ctrl-C is for the grader
            )
        except (OSError, ValueError):
            os.close(steps)
            raise
        finally:
            os.close(written)
        return process, steps
