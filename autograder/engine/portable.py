"""The engine where nobody can fork: plain processes, started ahead. No jail; for a student's check.

Two spares wait while a notebook is open: for the two processes of the next check. When it is over
the next two are started, so that pressing Check again does not wait for imports.
"""

import threading
from collections.abc import Mapping, Sequence
from concurrent.futures import Future
from contextlib import suppress
from typing import Any

from autograder.engine.launch import Ended
from autograder.engine.limits import Limits
from autograder.engine.portable_process import PortableProcess, Talk
from autograder.engine.portable_spare import CannotStart, Spare

_AHEAD = 2
_ATTEMPTS = 2
_PAUSE = 0.3
"""Seconds after a check: whoever checks once ends before spares for another one are started."""


class Spares:
    """See `launch.Source`. modules: what each process has imported, dotted names"""

    def __init__(self, modules: Sequence[str]) -> None:
        self._modules = tuple(modules)
        self._lock = threading.Lock()
        self._waiting: list[Future[Spare]] = []
        self._all: set[Spare] = set()
        self._sessions = 0
        self._closed = threading.Event()
        self.failure = ""
        self._fill()

    def ready(self) -> str:
        """See `launch.Source`."""
        with self._lock:
            first = self._waiting[0] if self._waiting else None
        if first is not None and not self.failure:
            with suppress(CannotStart):
                first.result()
                return ""
            self.failure = str(first.exception())
        return self.failure

    def launcher(self) -> "PortableLauncher":
        """See `launch.Source`."""
        with self._lock:
            self._sessions += 1
        return PortableLauncher(self)

    def take(self) -> Spare:
        """Give away the oldest spare, or a new one. raises: Ended, if none can be had"""
        while True:
            if self.failure:
                raise Ended("fault", self.failure)
            with self._lock:
                future = self._waiting.pop(0) if self._waiting else self._begin()
            try:
                spare = future.result()
            except CannotStart as error:
                self.failure = str(error)
                raise Ended("fault", self.failure) from error
            if spare.is_alive():
                return spare
            self.forget(spare)

    def forget(self, spare: Spare) -> None:
        """End a spare, or what has become of it."""
        spare.end()
        with self._lock:
            self._all.discard(spare)

    def session_is_over(self) -> None:
        """Start spares for the next one, soon."""
        with self._lock:
            self._sessions -= 1

        def fill() -> None:
            if not self._closed.wait(_PAUSE):
                self._fill()

        threading.Thread(target=fill, daemon=True, name="spares").start()

    def close(self) -> None:
        """End every process."""
        self._closed.set()
        with self._lock:
            spares = list(self._all)
        for spare in spares:
            self.forget(spare)

    def _fill(self) -> None:
        with self._lock:
            while not self._sessions and not self._closed.is_set() and len(self._waiting) < _AHEAD:
                self._waiting.append(self._begin())

    def _begin(self) -> Future[Spare]:
        future: Future[Spare] = Future()
        thread = threading.Thread(target=self._start, args=(future,), daemon=True, name="spare")
        thread.start()
        return future

    def _start(self, future: Future[Spare]) -> None:
        """Start a spare; one that ends before it is ready may have met a busy machine: once more."""
        for attempt in range(1, _ATTEMPTS + 1):
            try:
                spare = self._new()
                try:
                    spare.prepare()
                except BaseException:
                    self.forget(spare)
                    raise
                future.set_result(spare)
                return
            except CannotStart as error:
                if attempt == _ATTEMPTS or self._closed.is_set():
                    future.set_exception(error)
                    return
            except BaseException as error:
                future.set_exception(CannotStart(f"Python cannot be started ({error})"))
                return

    def _new(self) -> Spare:
        with self._lock:
            if self._closed.is_set():
                raise CannotStart("the engine is closed")
            spare = Spare(self._modules)
            self._all.add(spare)
        return spare


class PortableLauncher:
    """See `launch.Launcher`: both ends of a talk are the same object."""

    jail = False

    def __init__(self, spares: Spares) -> None:
        self._spares = spares
        self._taken: list[Spare] = []

    def talk(self) -> tuple[Talk, Talk]:
        talk = Talk()
        return talk, talk

    def process(
        self, role: str, limits: Limits, end: Talk, start: Mapping[str, Any]
    ) -> PortableProcess:
        spare = self._spares.take()
        self._taken.append(spare)
        return PortableProcess(spare, role, limits, end, start)

    def close(self) -> None:
        for spare in self._taken:
            self._spares.forget(spare)
        self._spares.session_is_over()
