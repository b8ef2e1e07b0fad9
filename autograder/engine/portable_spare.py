"""A Python that was started ahead: it has imported the libraries and does not know its role yet."""

import json
import os
import secrets
import shutil
import subprocess
import sys
import tempfile
import threading
from contextlib import suppress
from multiprocessing import AuthenticationError
from multiprocessing.connection import Client
from pathlib import Path
from typing import Any

from autograder.engine import process_tree, sandbox
from autograder.engine.channel_base import ChannelClosed, ChannelTimeout
from autograder.engine.connections import ConnectionChannel
from autograder.engine.portable_paths import HOME, TEXT
from autograder.engine.preload import Step, crash, in_words
from autograder.engine.wire import WireError

_SILENCE = 600.0
"""Seconds that a start or one import may take: a slow disk, a busy machine."""
_GRACE = 5.0
"""Seconds to end in."""
_OF_WINDOWS = (
    "APPDATA", "COMMONPROGRAMFILES", "COMSPEC", "LOCALAPPDATA", "NUMBER_OF_PROCESSORS", "OS",
    "PATHEXT", "PROCESSOR_ARCHITECTURE", "PROGRAMDATA", "PROGRAMFILES", "PROGRAMFILES(X86)",
    "SYSTEMDRIVE", "SYSTEMROOT", "USERNAME", "WINDIR",
)  # fmt: skip
"""Variables without which programs do not start there, or do not find themselves."""


class CannotStart(Exception):
    """A spare came to nothing; its words say why."""


class Spare:
    """Starts at once; `prepare` waits for it. modules: imported ahead, dotted names"""

    def __init__(self, modules: tuple[str, ...]) -> None:
        self._modules = modules
        self.folder = Path(tempfile.mkdtemp(prefix="autograder-"))
        Path(self.folder, HOME).mkdir()
        self.text = self.folder / TEXT
        self.pid = 0
        self.address: Any = None
        self.key = secrets.token_bytes(32)
        self.channel: ConnectionChannel
        self.popen = subprocess.Popen(
            [sys.executable, "-P", "-m", "autograder.engine.portable_child", str(self.folder),
             *modules],
            cwd=self.folder,
            env=environment(self.folder),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=None if os.environ.get("AUTOGRADER_DEBUG") else subprocess.DEVNULL,
            start_new_session=True,  # the terminal's Ctrl-C is for the worker
            creationflags=getattr(subprocess, "CREATE_NO_WINDOW", 0),  # Windows: the same
        )  # fmt: skip

    def prepare(self) -> None:
        """Wait until it has imported everything. raises: CannotStart"""
        step = Step("")
        try:
            self._connect()
            while True:
                said = self.channel.receive_data(timeout=_SILENCE)
                if said["event"] == "prepared":
                    return
                step = Step(said["module"], said["inside"])
        except ChannelTimeout as error:
            minutes = f"{_SILENCE / 60:g} minutes"
            raise CannotStart(f"Importing {step.module} has not ended after {minutes}") from error
        except (OSError, EOFError, ValueError, AuthenticationError, ChannelClosed, WireError) as e:
            how = in_words(self.status())
            if not step.module:
                raise CannotStart(f"Python ended {how} as soon as it started") from e
            raise CannotStart(crash(self._modules, step, how)) from e

    def status(self) -> int | None:
        """How it ended, as `Popen.returncode`; None if it does not end."""
        with suppress(subprocess.TimeoutExpired):
            return self.popen.wait(_GRACE)
        return None

    def is_alive(self) -> bool:
        return self.popen.poll() is None

    def kill(self) -> None:
        """End it and everything that it started."""
        process_tree.end(self.pid or self.popen.pid)
        with suppress(OSError):
            self.popen.kill()  # on Windows its launcher, if it has one
        with suppress(subprocess.TimeoutExpired):
            self.popen.wait(_GRACE)

    def end(self) -> None:
        """End it and forget its files."""
        self.kill()
        for end in (self.popen.stdin, self.popen.stdout, getattr(self, "channel", None)):
            if end is not None:
                with suppress(OSError):
                    end.close()
        shutil.rmtree(self.folder, ignore_errors=True)

    def _connect(self) -> None:
        assert self.popen.stdin is not None
        assert self.popen.stdout is not None
        self.popen.stdin.write(self.key.hex().encode() + b"\n")
        self.popen.stdin.flush()
        impatient = threading.Timer(_SILENCE, self.popen.kill)
        impatient.daemon = True
        impatient.start()
        try:
            hello = json.loads(self.popen.stdout.readline())
        finally:
            impatient.cancel()
        address = hello["address"]
        self.pid = hello["pid"]  # a virtual environment's Python on Windows starts another one
        self.address = address
        where = tuple(address) if isinstance(address, list) else address
        self.channel = ConnectionChannel(Client(where, authkey=self.key))


def environment(folder: Path) -> dict[str, str]:
    """As in the usual engine, with what other systems need."""
    home = str(folder / HOME)
    search = os.pathsep.join(
        filter(None, (str(Path(sys.executable).parent), os.environ.get("PATH")))
    )
    return {
        **{name: os.environ[name] for name in _OF_WINDOWS if name in os.environ},
        **sandbox.environment(home),
        "PATH": search,
        "USERPROFILE": home,
        **dict.fromkeys(("TMPDIR", "TEMP", "TMP"), str(folder)),
        "PYTHONUTF8": "1",
        # Its list of the system's fonts takes long on some systems; whoever checks next has it.
        "MPLCONFIGDIR": str(Path(tempfile.gettempdir(), "autograder-matplotlib")),
    }
