"""The warm process: it imports the course's libraries once, then forks for every submission.

Run as `python -m autograder.engine.warm LISTENING_FD jail|none MODULE…` inside the jail, by
`server.Server`. It never runs a line of a notebook itself. Each connection becomes a child:

    warm process ── fork: keeper (waits, kills) ── fork: process 1 of its own namespaces
"""

import contextlib
import gc
import importlib
import os
import select
import signal
import socket
import struct
import sys
import traceback
from collections.abc import Iterator

from autograder.engine import child, confine, pages
from autograder.engine.channel import Channel
from autograder.engine.shell import Shell


def main() -> None:
    """Import, then serve until killed."""
    wall = sys.argv[2]
    if wall == "none":
        confine.end_with_parent()
    listener = socket.socket(fileno=int(sys.argv[1]))
    os.makedirs(os.environ["HOME"], exist_ok=True)
    with _silence():
        preload(sys.argv[3:])
    shell = child.prepare()
    confine.hide_memory()
    gc.collect()
    gc.freeze()
    pages.collapse()
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # the keepers' ends are nobody's business
    while True:
        connection, _ = listener.accept()
        if _is_stranger(connection):
            connection.close()
        elif os.fork() == 0:
            listener.close()
            try:
                _keep(connection, shell, wall)
            except BaseException:
                traceback.print_exc()  # goes nowhere, unless somebody looks for a fault
            finally:
                os._exit(0)
        else:
            connection.close()


def preload(modules: list[str]) -> None:
    """Import what can be imported; what cannot, the notebook will say."""
    for name in modules:
        with contextlib.suppress(Exception):
            importlib.import_module(name)


def _is_stranger(connection: socket.socket) -> bool:
    """Whether the one who connects is another user of this machine."""
    if not hasattr(socket, "SO_PEERCRED"):
        return False  # elsewhere the socket lies in a private folder
    credentials = connection.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, 12)
    _, uid, _ = struct.unpack("3i", credentials)
    return bool(uid != os.getuid())


def _keep(leash: socket.socket, shell: Shell, wall: str) -> None:
    """Fork the child, wait for its end or for the worker to let go, and report how it ended.

    The child gets a channel of its own: what comes on the leash comes from the keeper.
    """
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    channel = Channel(leash)
    start, descriptors = channel.receive_with_fds(3, timeout=60)
    if wall == "jail":
        confine.enter_namespaces()
    else:
        confine.end_with_parent()
    pid = os.fork()
    if pid == 0:
        try:
            leash.close()
            child.main(start, descriptors, shell, wall)
        except BaseException:
            traceback.print_exc()
        finally:
            os._exit(1)
    for descriptor in descriptors:
        os.close(descriptor)
    status = _wait(pid, leash)
    with contextlib.suppress(Exception):
        channel.send_data({"event": "end", "status": status})


def _wait(pid: int, leash: socket.socket) -> int:
    """Wait for the child; kill it when the worker lets go. Returns a negative signal or a code."""
    poll = select.poll()
    hang_up = getattr(select, "POLLRDHUP", 0) | select.POLLHUP
    poll.register(leash, hang_up)
    patience = 50
    with contextlib.suppress(AttributeError, OSError):
        poll.register(os.pidfd_open(pid), select.POLLIN)
        patience = 5000
    while True:
        ended, status = os.waitpid(pid, os.WNOHANG)
        if ended:
            return os.waitstatus_to_exitcode(status)
        if any(fd == leash.fileno() for fd, _ in poll.poll(patience)):
            with contextlib.suppress(OSError):
                os.killpg(pid, signal.SIGKILL)  # without namespaces: its process group
            with contextlib.suppress(OSError):
                os.kill(pid, signal.SIGKILL)
            return os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])


@contextlib.contextmanager
def _silence() -> Iterator[None]:
    """Libraries that greet on import greet nobody."""
    sys.stdout.flush()
    kept = [os.dup(1), os.dup(2)]
    nowhere = os.open(os.devnull, os.O_WRONLY)
    for fd in (1, 2):
        os.dup2(nowhere, fd)
    try:
        yield
    finally:
        for fd, copy in zip((1, 2), kept, strict=True):
            os.dup2(copy, fd)
            os.close(copy)
        os.close(nowhere)


if __name__ == "__main__":
    main()
