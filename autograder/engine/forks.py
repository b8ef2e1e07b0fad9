"""The usual engine's processes: forked from a warm one, which a `server.Server` keeps."""

import shutil
import socket
import tempfile
from collections.abc import Mapping
from typing import Any

from autograder.engine import paths
from autograder.engine.limits import Limits
from autograder.engine.process import Process
from autograder.engine.server import Server


class Forks:
    """The children of one warm process.

    address: of the warm process
    server:  that keeps it, if it ends with this
    """

    def __init__(self, address: str, *, jail: bool, server: Server | None = None) -> None:
        self.address, self.jail, self.server = address, jail, server

    @property
    def failure(self) -> str:
        """Why there is no warm process; empty while there is one, or one is being started."""
        return self.server.failure if self.server else ""

    def ready(self) -> str:
        """See `launch.Source`; nobody can wait for somebody else's."""
        return self.server.ready() if self.server else ""

    def launcher(self) -> "ForkLauncher":
        """See `launch.Source`."""
        return ForkLauncher(self.address, jail=self.jail)

    def close(self) -> None:
        """End the warm process, if it is this one's own."""
        if self.server is not None:
            self.server.close()


class ForkLauncher:
    """See `launch.Launcher`: an end of a talk is a socket."""

    def __init__(self, address: str, *, jail: bool) -> None:
        self.jail = jail
        self._address = address
        self._folder = "" if jail else tempfile.mkdtemp(prefix="autograder-work-")

    def talk(self) -> tuple[socket.socket, socket.socket]:
        return socket.socketpair()

    def process(
        self, role: str, limits: Limits, end: socket.socket, start: Mapping[str, Any]
    ) -> Process:
        # Each role its own: the examiner imports and reads nothing that the student's process wrote.
        work = f"{self._folder}/{role}/work" if self._folder else paths.WORK
        return Process(self._address, role, limits, end, {**start, "work": work})

    def close(self) -> None:
        if self._folder:
            shutil.rmtree(self._folder, ignore_errors=True)
