"""The engine as its users see it: processes that have the libraries, and sessions on them."""

import os
import sys
from collections.abc import Mapping, Sequence
from types import TracebackType

from autograder.assignment.errors import UserError
from autograder.engine import paths, sandbox
from autograder.engine.files import CourseFiles
from autograder.engine.forks import Forks
from autograder.engine.launch import Source
from autograder.engine.limits import Limits
from autograder.engine.portable import Spares
from autograder.engine.preload import preloaded
from autograder.engine.server import Server
from autograder.engine.session import CourseFailure, EngineFailure, Session, Setting


class Engine:
    """Opens sessions for the submissions of one assignment.

    address:  of a warm process that somebody else keeps; see `Engine.start` for one of its own
    source:   where the processes come from, if not from that one
    packages: what it has imported, top-level names
    """

    def __init__(
        self,
        address: str,
        limits: Limits,
        *,
        jail: bool,
        files: CourseFiles | None = None,
        source: Source | None = None,
        packages: frozenset[str] = frozenset(),
    ) -> None:
        self.address, self.limits, self.jail, self.files = address, limits, jail, files
        self.packages = packages
        self._source: Source = source or Forks(address, jail=jail)

    @classmethod
    def start(
        cls,
        modules: Sequence[str] = (),
        files: CourseFiles | None = None,
        limits: Limits | None = None,
        *,
        jail: bool | None = None,
        portable: bool = False,
    ) -> "Engine":
        """Start a warm process that has imported `modules`; a context manager ends it.

        files:    the assignment's data
        jail:     True demands bubblewrap, None takes it where there is one
        portable: do without forks and without the jail; for a student's own check (see `choice`)
        raises: sandbox.Missing if the jail is demanded and cannot be had; UserError if the system
                cannot fork
        """
        ahead = preloaded(modules)
        packages = frozenset(module.partition(".")[0] for module in modules)
        if portable:
            return cls(
                "", limits or Limits(), jail=False, files=files, source=Spares(ahead),
                packages=packages,
            )  # fmt: skip
        if not hasattr(os, "fork"):
            raise UserError(
                f"Notebooks cannot be graded on {sys.platform}: use Linux, macOS or, on Windows, "
                "the Windows Subsystem for Linux (`autograder check` works here).",
                exit_code=1,
            )
        walled = jail is not False and sandbox.may_be_had()
        server = Server(ahead, files, jail=walled)
        # Asked while the libraries are being imported.
        why_not = sandbox.missing() if jail is not False else ""
        if why_not:
            server.close()
            if jail:
                raise sandbox.Missing(why_not)
            walled = False
            server = Server(ahead, files, jail=False)
        source = Forks(server.address, jail=walled, server=server)
        return cls(
            server.address, limits or Limits(), jail=walled, files=files, source=source,
            packages=packages,
        )  # fmt: skip

    @property
    def failure(self) -> str:
        """Why there is no warm process; empty while there is one, or one is being started."""
        return self._source.failure

    def ready(self) -> str:
        """Wait until the libraries are imported; return why they cannot be, or nothing.

        Only whoever started the processes can wait for them.
        """
        return self._source.ready()

    def session(
        self,
        names: frozenset[str] = frozenset(),
        classes: frozenset[str] = frozenset(),
        imports: str = "",
        files: Mapping[str, bytes] | None = None,
        *,
        keeps: bool = False,
    ) -> Session:
        """Open a session for one notebook; see `session.Setting` for what it begins with."""
        folder, shown = "", tuple[str, ...]()
        if self.files is not None:
            folder = paths.DATA if self.jail else str(self.files.folder)
            shown = self.files.names
        setting = Setting(names, classes, imports, files or {}, folder, shown, keeps)
        return Session(self._source.launcher(), self.limits, setting)

    def close(self) -> None:
        """End the processes that are this engine's own."""
        self._source.close()

    def __enter__(self) -> "Engine":
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()


__all__ = ["CourseFailure", "Engine", "EngineFailure", "Limits", "Session"]
