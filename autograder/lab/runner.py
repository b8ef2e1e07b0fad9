"""Work that JupyterLab waits for: one piece at a time, done by a helper process, to be canceled.

The helper (see `lab.orders`) is started at the first piece, again if it died, and ends with this
process, whose end closes its input. Nothing here ever waits.
"""

import asyncio
import contextlib
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from autograder.assignment.errors import UserError
from autograder.lab.helper_process import Helper


@dataclass(frozen=True)
class Words:
    """How the work is called in sentences: the check, to check, checked; what runs the checks."""

    noun: str
    verb: str
    done: str
    plural: str


@dataclass(frozen=True)
class State:
    """What the panel shows.

    version: goes up with every change
    path:    the notebook that is worked on, or was last; below the folder of the notebooks
    what:    what is done now, for a check the grade_id of its cell; `done` of `total` are behind
             it (0: it is starting)
    report:  what the helper reported; None until the work is finished
    error:   one sentence if it came to no report
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


class Runner:
    """Takes one notebook after the other.

    command:   starts the helper
    notebooks: folder that paths are relative to
    order:     what is sent to the helper beside the path
    silence:   seconds without a word from the helper until it is taken for dead; None: for ever
    finished:  called with the path and each report
    """

    def __init__(
        self,
        command: Sequence[str],
        notebooks: Path,
        words: Words,
        *,
        order: Mapping[str, str] | None = None,
        silence: float | None = None,
        finished: Callable[[str, dict[str, Any]], None] = lambda path, report: None,
    ) -> None:
        self._command, self._notebooks, self._words = command, notebooks, words
        self._order, self._silence, self._finished = dict(order or {}), silence, finished
        self._helper: Helper | None = None
        self._task: asyncio.Task[None] | None = None
        self._news = asyncio.Event()
        self.state = State()

    @property
    def helper_pid(self) -> int | None:
        """The helper's process; None if there is none."""
        return self._helper.pid if self._helper else None

    def start(self, path: str) -> State:
        """Begin with a notebook, below `notebooks`. raises: UserError if another is worked on"""
        if self.state.running:
            raise UserError(
                f"{self.state.path} is being {self._words.done}; wait for it, or cancel it.",
                exit_code=1,
            )
        what = "beginning" if self.helper_pid else "starting Python"
        self._change(running=True, path=path, done=0, total=0, what=what, report=None, error="")
        self._task = asyncio.create_task(self._work(path))
        return self.state

    async def cancel(self) -> State:
        """Stop what is running, if anything is."""
        task = self._task
        if task is not None and not task.done():
            task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await task
            if self.state.running:  # it had not even begun
                self._end(error=self._canceled)
        return self.state

    async def changed(self, seen: int, seconds: float) -> State:
        """Wait until the state is another than version `seen`, at most so many seconds."""
        if self.state.version == seen:
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._news.wait(), seconds)
        return self.state

    async def close(self) -> None:
        """Stop the work and end the helper."""
        await self.cancel()
        await self._end_helper()

    @property
    def _canceled(self) -> str:
        return f"The {self._words.noun} was canceled."

    def _end(self, report: dict[str, Any] | None = None, error: str = "") -> None:
        now = datetime.now(UTC).isoformat(timespec="seconds")
        self._change(running=False, report=report, error=error, what="", when=now)

    def _change(self, **what: Any) -> None:
        self.state = replace(self.state, version=self.state.version + 1, **what)
        self._news.set()
        self._news = asyncio.Event()

    async def _work(self, path: str) -> None:
        report, words = None, self._words
        try:
            report, error = await self._ask(path)
        except asyncio.CancelledError:
            error = self._canceled
            await self._end_helper()
        except TimeoutError:
            error = f"The {words.noun} gave no sign of life and was stopped; {words.verb} again."
            await self._end_helper()
        except (OSError, EOFError, ValueError):
            error = (
                f"The process that runs the {words.plural} ended; {words.verb} again. If that does "
                "not help, `autograder doctor` in a terminal says what is wrong."
            )
            await self._end_helper()
        if report is not None:
            self._finished(path, report)
        self._end(report, error)

    async def _ask(self, path: str) -> tuple[dict[str, Any] | None, str]:
        """Let the helper work; return its report, or its reason why there is none."""
        helper = self._living_helper()
        helper.send(json.dumps({**self._order, "path": path}).encode())
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
