"""JupyterLab's checks: one at a time, run by a helper process, so that nothing here ever waits.

The helper (`lab.helper`) keeps what the last chapter imports warm. It is started at the first
check, again if it died, and ends with this process, whose end closes its input.
"""

import asyncio
import contextlib
import json
import sys
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from autograder.assignment.errors import UserError
from autograder.engine.limits import CHECK_SECONDS
from autograder.lab.helper_process import Helper

_START_SECONDS = 180.0
"""Silence that is no fault, beside the time of a cell: a slow disk, a busy machine."""
_CANCELED = "The check was canceled."


@dataclass(frozen=True)
class State:
    """What the panel shows.

    version: goes up with every change
    path:    the notebook that is being checked, or was last; below the folder of the notebooks
    what:    which cell runs, by its grade_id; `done` of `total` are behind it (0: it is starting)
    report:  see `lab.report.as_panel`; None until the check is finished
    error:   one sentence if the check came to no report
    when:    when it was finished, ISO 8601, UTC
    """

    version: int = 0
    running: bool = False
    path: str = ""
    done: int = 0
    total: int = 0
    what: str = ""
    report: dict[str, Any] | None = None
    error: str = ""
    when: str = ""


class CheckRunner:
    """Takes one check after the other.

    notebooks: folder that paths are relative to
    seconds:   that one cell may take
    silence:   seconds without a word from the helper until it is taken for dead
    finished:  called with the path and each report
    """

    def __init__(
        self,
        course: Path,
        notebooks: Path,
        *,
        seconds: float = CHECK_SECONDS,
        silence: float | None = None,
        finished: Callable[[str, dict[str, Any]], None] = lambda path, report: None,
    ) -> None:
        self._notebooks, self._finished = notebooks, finished
        self._command = [
            *(sys.executable, "-P", "-m", "autograder.lab.helper"),
            *(str(course), str(seconds)),
        ]
        self._silence = seconds + _START_SECONDS if silence is None else silence
        self._helper: Helper | None = None
        self._task: asyncio.Task[None] | None = None
        self._news = asyncio.Event()
        self.state = State()

    @property
    def helper_pid(self) -> int | None:
        """The helper's process; None if there is none."""
        return self._helper.pid if self._helper else None

    def start(self, path: str) -> State:
        """Begin to check a notebook, below `notebooks`. raises: UserError if a check is running"""
        if self.state.running:
            raise UserError(
                f"{self.state.path} is being checked; wait for it, or cancel it.", exit_code=1
            )
        what = "beginning" if self.helper_pid else "starting Python"
        self._change(running=True, path=path, done=0, total=0, what=what, report=None, error="")
        self._task = asyncio.create_task(self._check(path))
        return self.state

    async def cancel(self) -> State:
        """Stop the check that is running, if one is."""
        task = self._task
        if task is not None and not task.done():
            task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await task
            if self.state.running:  # it had not even begun
                self._end(error=_CANCELED)
        return self.state

    async def changed(self, seen: int, seconds: float) -> State:
        """Wait until the state is another than version `seen`, at most so many seconds."""
        if self.state.version == seen:
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._news.wait(), seconds)
        return self.state

    async def close(self) -> None:
        """Stop the check and end the helper."""
        await self.cancel()
        await self._end_helper()

    def _end(self, report: dict[str, Any] | None = None, error: str = "") -> None:
        now = datetime.now(UTC).isoformat(timespec="seconds")
        self._change(running=False, report=report, error=error, what="", when=now)

    def _change(self, **what: Any) -> None:
        self.state = replace(self.state, version=self.state.version + 1, **what)
        self._news.set()
        self._news = asyncio.Event()

    async def _check(self, path: str) -> None:
        report = None
        try:
            report, error = await self._ask(path)
        except asyncio.CancelledError:
            error = _CANCELED
            await self._end_helper()
        except TimeoutError:
            error = "The check gave no sign of life and was stopped; check again."
            await self._end_helper()
        except (OSError, EOFError, ValueError):
            error = (
                "The process that runs the checks ended; check again. If that does not help, "
                "`autograder doctor` in a terminal says what is wrong."
            )
            await self._end_helper()
        if report is not None:
            self._finished(path, report)
        self._end(report, error)

    async def _ask(self, path: str) -> tuple[dict[str, Any] | None, str]:
        """Let the helper check; return its report, or its reason why there is none."""
        helper = self._living_helper()
        helper.send(json.dumps({"path": path}).encode())
        while True:
            said = json.loads(await asyncio.wait_for(helper.receive(), self._silence))
            if "report" in said or "error" in said:
                return said.get("report"), said.get("error", "")
            self._change(done=said["done"], total=said["total"], what=said["what"])

    def _living_helper(self) -> Helper:
        if self._helper is None or self._helper.pid is None:
            self._helper = Helper(self._command, self._notebooks)
        return self._helper

    async def _end_helper(self) -> None:
        helper, self._helper = self._helper, None
        if helper is not None:
            await helper.end()
