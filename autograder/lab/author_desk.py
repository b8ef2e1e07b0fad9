"""What the author's panel asks for: a look at a saved notebook, a proof of it, a new exercise.

Looks and exercises are quick and come one after the other, from one process; a proof takes its time
in another, and can be canceled.
"""

import asyncio
import json
import sys
from pathlib import Path
from typing import Any

from autograder.assignment.errors import UserError
from autograder.lab.helper_process import Helper
from autograder.lab.runner import Runner, Words

_SILENCE = 180.0
"""Seconds after which a process that looks is taken for dead: a slow disk, a busy machine."""
_WORDS = Words(noun="proof", verb="prove", done="proved", plural="proof")


class AuthorDesk:
    """To be used on one event loop.

    proofs: runs `prove`; a report is that of `lab.author_report.proof`
    """

    def __init__(self, course: Path) -> None:
        self._course = course
        self._command = (sys.executable, "-P", "-m", "autograder.lab.author_helper", str(course))
        self._helper: Helper | None = None
        self._turn = asyncio.Lock()
        self.proofs = Runner(self._command, course, _WORDS, order={"order": "prove"})

    async def look(self, what: str, path: str) -> dict[str, Any]:
        """What is found in a notebook below the course. what: "contract" or "release"."""
        return await self._ask({"order": what, "path": path})

    async def add(self, path: str, exercise: dict[str, Any]) -> dict[str, Any]:
        """Put an exercise into a notebook. raises: UserError with the command's own sentence"""
        return await self._ask({"order": "exercise", "path": path, "exercise": exercise})

    async def close(self) -> None:
        """End both processes."""
        await self.proofs.close()
        await self._end_helper()

    async def _ask(self, order: dict[str, Any]) -> dict[str, Any]:
        async with self._turn:
            if self._helper is None or self._helper.pid is None:
                self._helper = Helper(self._command, self._course)
            try:
                self._helper.send(json.dumps(order).encode())
                said = json.loads(await asyncio.wait_for(self._helper.receive(), _SILENCE))
            except (OSError, EOFError, ValueError, TimeoutError) as error:
                await self._end_helper()
                raise UserError(
                    "The process that looks at notebooks ended; save once more, or see what "
                    "`autograder doctor` says in a terminal.",
                    exit_code=1,
                ) from error
        if "error" in said:
            raise UserError(said["error"])
        report: dict[str, Any] = said["report"]
        return report

    async def _end_helper(self) -> None:
        helper, self._helper = self._helper, None
        if helper is not None:
            await helper.end()
