"""Hand a notebook in from JupyterLab: the command `autograder submit`, in a process of its own."""

import asyncio
import sys
from asyncio.subprocess import DEVNULL, PIPE
from pathlib import Path

from autograder.assignment.errors import UserError

_SECONDS = 120.0


async def submit(notebooks: Path, path: str) -> str:
    """Submit the saved notebook `path`, below `notebooks`; return what the command says of it.

    raises: UserError with the command's own sentence if it refuses
    """
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-P", "-m", "autograder", "submit", "--", path),
        cwd=notebooks,
        stdin=DEVNULL,
        stdout=PIPE,
        stderr=PIPE,
    )
    try:
        said, refused = await asyncio.wait_for(process.communicate(), _SECONDS)
    except TimeoutError as error:
        process.kill()
        await process.wait()
        raise UserError("The submission took too long; nothing is known of it.") from error
    if process.returncode == 0:
        return said.decode("utf-8", "replace").strip()
    sentences = refused.decode("utf-8", "replace").strip().splitlines()
    raise UserError(
        sentences[-1].removeprefix("autograder: ") if sentences else "The submission failed."
    )
