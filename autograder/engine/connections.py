"""Messages over the standard library's connections: named pipes on Windows, sockets elsewhere."""

import multiprocessing
import threading
from contextlib import suppress
from typing import Any, Protocol

from autograder.engine.channel_base import MAX_BYTES, ChannelClosed, ChannelTimeout, Messenger
from autograder.engine.wire import WireError

_TOO_LONG = "bad message length"  # the library's words


class Wire(Protocol):
    """What we use of `multiprocessing.connection.Connection`, which has two forms."""

    def send_bytes(self, message: bytes, /) -> None: ...

    def recv_bytes(self, maxlength: int | None = None) -> bytes: ...

    def poll(self, timeout: float | None = 0.0) -> bool: ...

    def close(self) -> None: ...


class ConnectionChannel(Messenger):
    """One end of a connection, which it owns. max_bytes: of one message"""

    def __init__(self, connection: Any, max_bytes: int = MAX_BYTES) -> None:
        self.connection: Wire = connection
        self._max_bytes = max_bytes
        self._broken = False

    def send(self, message: bytes, *, timeout: float | None = None) -> None:
        """See `Messenger.send`. After a timeout nothing more can be sent."""
        if len(message) > self._max_bytes:
            raise WireError(f"longer than {self._max_bytes} bytes")
        if self._broken:
            raise ChannelClosed("a frame was cut short")
        if timeout is None:
            self._send(message)
            return
        errors: list[ChannelClosed] = []

        def sending() -> None:
            try:
                self._send(message)
            except ChannelClosed as error:
                errors.append(error)

        # A connection knows no timeout: somebody else waits. It ends with the other process.
        thread = threading.Thread(target=sending, daemon=True)
        thread.start()
        thread.join(timeout)
        if thread.is_alive():
            self._broken = True
            raise ChannelTimeout
        if errors:
            raise errors[0]

    def receive(self, timeout: float | None = None) -> bytes:
        """See `Messenger.receive`. The timeout is for the message's beginning."""
        try:
            if timeout is None or self.connection.poll(timeout):
                return self.connection.recv_bytes(self._max_bytes)
        except (EOFError, OSError) as error:
            if _TOO_LONG in str(error):
                raise WireError(f"a message longer than {self._max_bytes} bytes") from None
            raise ChannelClosed from None
        raise ChannelTimeout

    def close(self) -> None:
        """Close this end; a second time does nothing."""
        with suppress(OSError):
            self.connection.close()

    def _send(self, message: bytes) -> None:
        try:
            self.connection.send_bytes(message)
        except (OSError, TypeError):  # TypeError: it was closed in the middle of a message
            raise ChannelClosed from None


def pair() -> tuple[ConnectionChannel, ConnectionChannel]:
    """Make two ends of a new connection."""
    one, other = multiprocessing.Pipe()
    return ConnectionChannel(one), ConnectionChannel(other)
