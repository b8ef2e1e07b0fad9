"""Messages between two of our processes, whatever carries them: the base of all channels."""

from abc import ABC, abstractmethod
from typing import Any

import msgpack

from autograder.engine.wire import WireError

_MAX_CONTROL_ITEMS = 100_000
MAX_CONTROL_TOTAL = 1_000_000
"""Lists and dicts of a control message and their items: one byte each, far more in memory."""
_KEYS = (str, bytes, int, float, type(None))
MAX_BYTES = 256 * 2**20
"""Of one message, unless a channel is told otherwise."""


class ChannelClosed(Exception):
    """The other end is gone, or a frame was cut short."""

    def __init__(self, message: str = "the other end is gone") -> None:
        super().__init__(message)


class TooLong(WireError):
    """A message with more in it than may be."""


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

    def receive_data(self, timeout: float | None = None, max_bytes: int = MAX_BYTES) -> Any:
        """Return the next control message.

        raises: as `receive`; WireError if it is malformed, TooLong if it is longer than
                `max_bytes` or has too many items
        """
        message = self.receive(timeout)
        if len(message) > max_bytes:
            raise TooLong(f"longer than {max_bytes} bytes")
        count = _Count(MAX_CONTROL_TOTAL)
        try:
            return msgpack.unpackb(
                message,
                raw=False,
                strict_map_key=False,
                unicode_errors="surrogatepass",
                max_array_len=min(len(message), _MAX_CONTROL_ITEMS),
                max_map_len=min(len(message), _MAX_CONTROL_ITEMS),
                max_ext_len=0,
                list_hook=count,
                object_hook=count,
            )
        except TooLong:
            raise
        except Exception as error:  # msgpack's many ways to say no, and unhashable keys
            raise WireError(f"no control message: {type(error).__name__}") from error


def items_in(value: Any) -> int:
    """Containers in a value and their items, as `receive_data` counts them.

    More than may be where it cannot be received: a container has too many, or a key is no key there.
    """
    count, waiting = 0, [value]
    while waiting:
        one = waiting.pop()
        if isinstance(one, list | tuple | dict):
            count += 1 + len(one)
            if len(one) > _MAX_CONTROL_ITEMS or count > MAX_CONTROL_TOTAL:
                return MAX_CONTROL_TOTAL + 1
            if isinstance(one, dict) and not all(isinstance(key, _KEYS) for key in one):
                return MAX_CONTROL_TOTAL + 1
            waiting += one.values() if isinstance(one, dict) else one
    return count


class _Count:
    """Lets lists and dicts pass until they and their items are more than is allowed."""

    def __init__(self, allowed: int) -> None:
        self._left = allowed

    def __call__(self, container: Any) -> Any:
        self._left -= 1 + len(container)
        if self._left < 0:
            raise TooLong("too many items")
        return container
