"""The warm process's children: each connection becomes one, and whoever closes it ends the child."""

import contextlib
import os
import select
import signal
import socket
import struct
import traceback

from autograder.engine import child, sandbox_inside
from autograder.engine.channel import Channel
from autograder.engine.shell import Shell


class Children:
    """The children, by process id, each with the connection that keeps it alive."""

    def __init__(self, listener: socket.socket, ending: int, shell: Shell, wall: str) -> None:
        self._listener, self._shell, self._wall = listener, shell, wall
        self._children: dict[int, socket.socket] = {}
        self._poll = select.poll()
        self._poll.register(listener, select.POLLIN)
        self._ending = ending
        self._poll.register(ending, select.POLLIN)  # nothing ever comes but its end
        self._wake, signalled = socket.socketpair()
        self._poll.register(self._wake, select.POLLIN)
        for end in (self._wake, signalled):
            end.setblocking(False)
        self._signalled = signalled
        signal.set_wakeup_fd(signalled.fileno(), warn_on_full_buffer=False)
        signal.signal(signal.SIGCHLD, lambda *_: None)

    def serve(self) -> None:
        """Bear and bury children until killed, or until `ending` ends."""
        hung_up = getattr(select, "POLLRDHUP", 0) | select.POLLHUP
        while True:
            ready = {fd for fd, _ in self._poll.poll()}
            if self._ending in ready:
                return
            if self._wake.fileno() in ready:
                with contextlib.suppress(BlockingIOError):
                    self._wake.recv(4096)
                self._bury()
            for pid, connection in list(self._children.items()):
                if connection.fileno() in ready:
                    self._poll.unregister(connection)
                    connection.close()
                    self._kill(pid)
            if self._listener.fileno() in ready:
                connection, _ = self._listener.accept()
                if not _is_stranger(connection):
                    with contextlib.suppress(OSError):  # no process to be had: the worker sees it
                        self._children[self._fork(connection)] = connection
                        self._poll.register(connection, hung_up)
                        continue
                connection.close()

    def _fork(self, connection: socket.socket) -> int:
        pid = sandbox_inside.fork() if self._wall == "jail" else os.fork()
        if pid:
            return pid
        try:
            signal.set_wakeup_fd(-1)
            signal.signal(signal.SIGCHLD, signal.SIG_DFL)
            child.main(Channel(connection), self._shell, self._wall)
        except BaseException:
            traceback.print_exc()  # goes nowhere, unless somebody looks for a fault
        finally:
            os._exit(1)

    def _kill(self, pid: int) -> None:
        """End a child that has not been waited for yet, so that its id is nobody else's."""
        with contextlib.suppress(OSError):
            os.killpg(pid, signal.SIGKILL)  # without namespaces: its process group
        with contextlib.suppress(OSError):
            os.kill(pid, signal.SIGKILL)

    def _bury(self) -> None:
        """Tell each worker how its child ended."""
        while True:
            try:
                pid, status = os.waitpid(-1, os.WNOHANG)
            except ChildProcessError:
                return
            if not pid:
                return
            connection = self._children.pop(pid, None)
            if connection is None or connection.fileno() < 0:
                continue
            self._poll.unregister(connection)
            with contextlib.suppress(Exception):
                how = os.waitstatus_to_exitcode(status)
                Channel(connection).send_data({"event": "end", "status": how}, timeout=0)
            connection.close()


def _is_stranger(connection: socket.socket) -> bool:
    """Whether the one who connects is another user of this machine."""
    if not hasattr(socket, "SO_PEERCRED"):
        return False  # elsewhere the socket lies in a private folder
    credentials = connection.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, 12)
    _, uid, _ = struct.unpack("3i", credentials)
    return bool(uid != os.getuid())
