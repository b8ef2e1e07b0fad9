"""A Python whose `autograder` finds the standard library as it is on Windows.

    python tests/engine/as_windows.py OWN_PATH -m MODULE ARGUMENT…

Modules of ours import `os`, `signal`, `socket` and `select` without what only Unix has, no `fcntl`
and its like at all, and are told that the platform is win32; other libraries see the real ones, and
so run. OWN_PATH is what `sys.executable` becomes, so that processes that ours start are like this.
"""

import builtins
import importlib
import os
import runpy
import stat
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import ModuleType
from typing import Any

MISSING = ("fcntl", "grp", "posix", "pty", "pwd", "resource", "syslog", "termios", "tty")
HIDDEN = {
    "os": (
        "O_CLOEXEC", "O_DIRECTORY", "O_NOFOLLOW", "O_NONBLOCK", "O_PATH", "WNOHANG", "chown",
        "chroot", "confstr", "fchmod", "fchown", "fork", "forkpty", "get_blocking", "getegid",
        "geteuid", "getgid", "getgroups", "getloadavg", "getpgid", "getpgrp", "getpriority",
        "getsid", "getuid", "killpg", "lchown", "lockf", "memfd_create", "mkfifo", "mknod", "nice",
        "openpty", "pathconf", "pipe2", "posix_spawn", "pread", "pwrite", "register_at_fork",
        "sched_getaffinity", "sched_setaffinity", "sendfile", "set_blocking", "setgid", "setpgid",
        "setsid", "setuid", "statvfs", "sysconf", "uname", "wait", "wait3", "wait4", "waitid",
    ),
    "select": ("POLLHUP", "POLLIN", "POLLOUT", "POLLRDHUP", "epoll", "poll"),
    "signal": (
        "SIGALRM", "SIGCHLD", "SIGHUP", "SIGKILL", "SIGPIPE", "SIGQUIT", "SIGUSR1", "SIGUSR2",
        "alarm", "pthread_sigmask", "setitimer", "sigwait",
    ),
    "socket": (
        "AF_UNIX", "CMSG_LEN", "CMSG_SPACE", "MSG_CMSG_CLOEXEC", "MSG_DONTWAIT", "SCM_CREDENTIALS",
        "SCM_RIGHTS", "SO_PASSCRED", "SO_PEERCRED", "recv_fds", "send_fds",
    ),
    "sys": (),
}  # fmt: skip
INSTEAD: Mapping[str, Mapping[str, Any]] = {"os": {"name": "nt"}, "sys": {"platform": "win32"}}


class Seen:
    """A module as it is seen on Windows."""

    def __init__(self, module: ModuleType, hidden: Sequence[str], instead: Mapping[str, Any]):
        self.__dict__.update(_module=module, _hidden=frozenset(hidden), _instead=dict(instead))

    def __getattr__(self, name: str) -> Any:
        if name in self._hidden:
            raise AttributeError(f"module {self._module.__name__} has no attribute {name}")
        return self._instead[name] if name in self._instead else getattr(self._module, name)

    def __setattr__(self, name: str, value: Any) -> None:
        setattr(self._module, name, value)


def look() -> None:
    """Let modules of ours, from now on, import what Windows has."""
    seen = {
        name: Seen(importlib.import_module(name), hidden, INSTEAD.get(name, {}))
        for name, hidden in HIDDEN.items()
    }
    real = builtins.__import__

    def imported(
        name: str, globals_: Any = None, locals_: Any = None, fromlist: Any = (), level: int = 0
    ) -> Any:
        if str((globals_ or {}).get("__package__")).split(".")[0] == "autograder":
            if name in MISSING:
                raise ModuleNotFoundError(f"No module named '{name}'")
            if name in seen:
                return seen[name]
        return real(name, globals_, locals_, fromlist, level)

    def refuse(*arguments: Any, **options: Any) -> None:
        raise OSError(1314, "A required privilege is not held by the client")

    builtins.__import__ = imported
    os.symlink = refuse


def python(folder: Path) -> Path:
    """Write a command that runs Python like this."""
    command = folder / "python"
    command.write_text(f'#!/bin/sh\nexec "{sys.executable}" -P "{__file__}" "$0" "$@"\n')
    command.chmod(command.stat().st_mode | stat.S_IXUSR)
    return command


if __name__ == "__main__":
    sys.executable, *words = sys.argv[1:]
    start = words.index("-m")
    sys.argv = words[start + 1 :]
    look()
    runpy.run_module(words[start + 1], run_name="__main__", alter_sys=True)
