"""Messages between two of our processes, whatever carries them: the base of all channels."""

from abc import ABC, abstractmethod
from typing import Any

import msgpack

from autograder.engine.wire import WireError

_MAX_CONTROL_ITEMS = 100_000
MAX_BYTES = 256 * 2**20
"""Of one message, unless a channel is told otherwise."""


class ChannelClosed(Exception):
    """The other end is gone, or a frame was cut short."""

    def __init__(self, message: str = "the other end is gone") -> None:
        super().__init__(message)


class ChannelTimeout(Exception):
    """The other end did not send, or did not read, in time."""

    def __init__(self, message: str = "the other end did not send or read in time") -> None:
        super().__init__(message)


class Messenger(ABC):
    """One end of a connection. One thread at a time may send, and one receive."""

    @abstractmethod
    def send(self, message: bytes, *, timeout: float | None = None) -> None:
        """Send one message.

        timeout: seconds for the whole of it; None waits for ever
        raises: ChannelClosed, ChannelTimeout; WireError if the message is too long
        """

    @abstractmethod
    def receive(self, timeout: float | None = None) -> bytes:
        """Return the next message.

        timeout: seconds to wait for it; None waits for ever
        raises: ChannelClosed, ChannelTimeout; WireError if it is too long
        """

    @abstractmethod
    def close(self) -> None:
        """Close this end; a second time does nothing."""

    def send_data(self, value: Any, timeout: float | None = None) -> None:
        """Send a control message of None, bool, int, float, str, bytes, list and dict.

        raises: as `send`; WireError for other values
        """
        try:
            message = msgpack.packb(value, unicode_errors="surrogatepass")
        except (TypeError, ValueError, OverflowError, RecursionError) as error:
            raise WireError(f"no control message: {error}") from error
        self.send(message, timeout=timeout)

    def receive_data(self, timeout: float | None = None) -> Any:
        """Return the next control message.

        raises: as `receive`; WireError if it is malformed
        """
        message = self.receive(timeout)
        try:
            return msgpack.unpackb(
                message,
                raw=False,
                strict_map_key=False,
                unicode_errors="surrogatepass",
                max_array_len=min(len(message), _MAX_CONTROL_ITEMS),
                max_map_len=min(len(message), _MAX_CONTROL_ITEMS),
                max_ext_len=0,
            )
        except Exception as error:  # msgpack's many ways to say no, and unhashable keys
            raise WireError(f"no control message: {type(error).__name__}") from error
