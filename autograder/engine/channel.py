"""Messages, and open files with them, over a Unix stream socket between two processes.

A frame is the message's length in 8 bytes, little-endian, and the message. A frame that was cut
short, by a timeout or by an exception of a signal handler, leaves the stream without frames: from
then on the channel is closed. One thread at a time may send, and one receive.
"""

import io
import os
import select
import socket
import struct
import time
from array import array
from collections.abc import Iterable, Sequence
from typing import Any

from autograder.engine.channel_base import MAX_BYTES, ChannelClosed, ChannelTimeout, Messenger
from autograder.engine.wire import WireError

_HEADER = struct.Struct("<Q")
_JOIN_BELOW = 2**16  # bytes; copying a short message is faster than a second buffer
_READ_AT_ONCE = 2**18  # bytes; more than a socket holds in its buffer
_CLOSE_ON_EXEC = getattr(socket, "MSG_CMSG_CLOEXEC", 0)  # at once, where the system can


class Channel(Messenger):
    """One end of a connection.

    sock:      a connected Unix stream socket; the channel owns it and makes it blocking
    max_bytes: of one message
    """

    def __init__(self, sock: socket.socket, max_bytes: int = MAX_BYTES) -> None:
        sock.setblocking(True)
        self._socket = sock
        self._max_bytes = max_bytes
        self._send_broken = False
        self._receive_broken = False
        self._readable = select.poll()
        self._readable.register(sock, select.POLLIN)
        self._writable = select.poll()
        self._writable.register(sock, select.POLLOUT)

    def send(self, message: bytes, fds: Sequence[int] = (), timeout: float | None = None) -> None:
        """Send one message; `fds` stay open here.

        timeout: seconds for the whole of it; None waits for ever
        raises: ChannelClosed, ChannelTimeout; WireError if the message is too long
        """
        if len(message) > self._max_bytes:
            raise WireError(f"longer than {self._max_bytes} bytes")
        if self._send_broken:
            raise ChannelClosed("a frame was cut short")
        if self.fileno() < 0:
            raise ChannelClosed("this end is closed")
        deadline = None if timeout is None else time.monotonic() + timeout
        flags = 0 if timeout is None else socket.MSG_DONTWAIT
        header = _HEADER.pack(len(message))
        parts = [header + message] if len(message) < _JOIN_BELOW else [header, message]
        pending = [memoryview(part) for part in parts]
        rights: list[tuple[int, int, Any]] = []
        if fds:
            rights = [(socket.SOL_SOCKET, socket.SCM_RIGHTS, array("i", fds))]
        self._send_broken = True  # what an exception of a signal handler leaves
        sent = 0
        while pending:
            try:
                count = self._socket.sendmsg(pending, rights, flags)
            except BlockingIOError:
                self._send_broken = sent > 0
                self._wait(self._writable, deadline)
                self._send_broken = True
                continue
            except ConnectionError:
                raise ChannelClosed from None
            sent += count
            rights = []
            pending = _after(pending, count)
            if pending:
                _check(deadline)
        self._send_broken = False

    def receive(self, timeout: float | None = None) -> bytes:
        """Return the next message; open files that come with it are dropped.

        timeout: seconds for the whole of it; None waits for ever
        raises: ChannelClosed, ChannelTimeout; WireError if the frame is too long
        """
        return self._receive_frame(0, timeout)[0]

    def receive_with_fds(
        self, max_fds: int, timeout: float | None = None
    ) -> tuple[bytes, list[int]]:
        """Return the next message and at most `max_fds` open files, not inherited by children.

        Surplus files are closed; so are all of them when the frame is not complete.
        raises: as `receive`
        """
        return self._receive_frame(max_fds, timeout)

    def fileno(self) -> int:
        """The socket's file descriptor; -1 once closed."""
        return self._socket.fileno()

    def close(self) -> None:
        """Close this end; a second time does nothing."""
        self._socket.close()

    def _receive_frame(self, max_fds: int, timeout: float | None) -> tuple[bytes, list[int]]:
        if self._receive_broken:
            raise ChannelClosed("a frame was cut short")
        deadline = None if timeout is None else time.monotonic() + timeout
        self._wait(self._readable, deadline)
        fds: list[int] = []
        try:
            self._receive_broken = True  # what every exception from here on leaves
            (size,) = _HEADER.unpack(self._read(_HEADER.size, deadline, max_fds, fds))
            if size > self._max_bytes:
                raise WireError(f"a frame longer than {self._max_bytes} bytes")
            message = self._read(size, deadline, 0, fds)
            self._receive_broken = False
        except BaseException:
            _close_all(fds)
            raise
        return message, fds

    def _read(self, size: int, deadline: float | None, max_fds: int, fds: list[int]) -> bytes:
        """Exactly `size` bytes; open files that come with them are appended to `fds`."""
        gathered = io.BytesIO()
        missing = size
        while missing:
            at_once = min(missing, _READ_AT_ONCE)
            try:
                if len(fds) < max_fds:
                    chunk = self._read_with_fds(at_once, max_fds, fds)
                else:
                    chunk = self._socket.recv(at_once, socket.MSG_DONTWAIT)
            except BlockingIOError:
                self._wait(self._readable, deadline)
                continue
            except ConnectionError:
                raise ChannelClosed from None
            if not chunk:
                raise ChannelClosed
            if len(chunk) == size:
                return chunk
            gathered.write(chunk)
            missing -= len(chunk)
            if missing:
                _check(deadline)  # a peer that drips bytes always has one ready
        return gathered.getvalue()

    def _read_with_fds(self, size: int, max_fds: int, fds: list[int]) -> bytes:
        # The kernel puts the sender's credentials first, where the socket's owner asked for them.
        credentials = socket.CMSG_SPACE(3 * array("i").itemsize)
        space = credentials + socket.CMSG_SPACE(max_fds * array("i").itemsize)
        flags = socket.MSG_DONTWAIT | _CLOSE_ON_EXEC
        chunk, ancillary, _, _ = self._socket.recvmsg(size, space, flags)
        for level, kind, data in ancillary:
            if level == socket.SOL_SOCKET and kind == socket.SCM_RIGHTS:
                received = array("i")
                received.frombytes(data[: len(data) - len(data) % received.itemsize])
                room = max_fds - len(fds)
                fds += received[:room]
                for fd in received[:room]:
                    os.set_inheritable(fd, False)
                _close_all(received[room:])
        return chunk

    def _wait(self, ready: "select.poll", deadline: float | None) -> None:
        if self.fileno() < 0:
            raise ChannelClosed
        if deadline is None:
            ready.poll()
        elif not ready.poll(max(0.0, (deadline - time.monotonic()) * 1000)):
            raise ChannelTimeout


def pair() -> tuple[Channel, Channel]:
    """Make two ends of a new connection."""
    one, other = socket.socketpair()
    return Channel(one), Channel(other)


def _after(parts: list[memoryview], count: int) -> list[memoryview]:
    """The parts without their first `count` bytes."""
    rest = []
    for part in parts:
        if count < len(part):
            rest.append(part[count:])
        count = max(0, count - len(part))
    return rest


def _check(deadline: float | None) -> None:
    if deadline is not None and time.monotonic() > deadline:
        raise ChannelTimeout


def _close_all(fds: Iterable[int]) -> None:
    for fd in fds:
        os.close(fd)
