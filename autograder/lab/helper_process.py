"""The helper process as the desk sees it: lines to it, and lines from it.

A thread reads, because asyncio's own subprocesses do not work on the event loop that Jupyter Server
takes on Windows.
"""

import asyncio
import os
import subprocess
import tempfile
import threading
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path


class Helper:
    """Starts at once. To be used on the event loop that it was made on."""

    def __init__(self, command: Sequence[str], folder: Path) -> None:
        # Its own, to be removed with what it leaves when it is killed. Short: sockets lie in it.
        self._temporary = tempfile.TemporaryDirectory(prefix="ag-", ignore_cleanup_errors=True)
        self._process = subprocess.Popen(
            command,
            cwd=folder,
            env={**os.environ, "TMPDIR": self._temporary.name},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=None if os.environ.get("AUTOGRADER_DEBUG") else subprocess.DEVNULL,
            start_new_session=True,  # the terminal's Ctrl-C is for the server
            creationflags=getattr(subprocess, "CREATE_NO_WINDOW", 0),  # Windows: the same
        )
        self._lines: asyncio.Queue[bytes] = asyncio.Queue()
        arguments = (asyncio.get_running_loop(),)
        threading.Thread(target=self._listen, args=arguments, daemon=True).start()

    @property
    def pid(self) -> int | None:
        """None once it has ended."""
        return self._process.pid if self._process.poll() is None else None

    def send(self, line: bytes) -> None:
        """Send a short line. raises: OSError if it has ended"""
        assert self._process.stdin is not None
        self._process.stdin.write(line + b"\n")
        self._process.stdin.flush()

    async def receive(self) -> bytes:
        """Wait for a line. raises: EOFError if no more can come"""
        line = await self._lines.get()
        if not line:
            self._lines.put_nowait(b"")
            raise EOFError
        return line

    async def end(self) -> None:
        """End it; the processes that it keeps end with it."""
        self._process.kill()
        with suppress(OSError):  # on Windows only its launcher may have been killed
            assert self._process.stdin is not None
            self._process.stdin.close()
        await asyncio.to_thread(self._process.wait)
        await asyncio.to_thread(self._temporary.cleanup)

    def _listen(self, loop: asyncio.AbstractEventLoop) -> None:
        assert self._process.stdout is not None
        with suppress(RuntimeError), self._process.stdout as lines:  # the loop may be closed
            for line in lines:
                loop.call_soon_threadsafe(self._lines.put_nowait, line)
            loop.call_soon_threadsafe(self._lines.put_nowait, b"")
