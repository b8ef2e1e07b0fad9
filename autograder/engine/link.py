"""Questions and answers between examiner and student: each may ask while it owes an answer."""

import threading
from collections.abc import Callable
from typing import Any

from autograder.engine.channel_base import Messenger
from autograder.engine.wire import WireError, decode, encode


class Refused(Exception):
    """The other side asked for what it may not have, or sent what makes no sense."""


class CannotSend(Exception):
    """A value that is neither plain data nor something that can be called from outside."""


class Failed(Exception):
    """The other side's answer is an exception; `data` describes it (see `failure`)."""

    def __init__(self, data: dict[str, Any]) -> None:
        super().__init__(data.get("text", ""))
        self.data = data


class Link:
    """One end. `answer(operation, operands)` gives what the other end asked for.

    opaque:   gives a handle for a value that is no plain data
    resolve:  gives what stands for the other end's handle
    trusted:  whether this is the examiner's end: it may send references to library functions,
              and takes none
    describe: turns an exception of `answer` into data for the other end
    tell:     gives what the other end should know of objects that it gets handles of
    hear:     takes what the other end tells
    """

    def __init__(
        self,
        channel: Messenger,
        *,
        trusted: bool,
        opaque: Callable[[object], int | None],
        resolve: Callable[[int], object],
        answer: Callable[[str, tuple[Any, ...]], Any],
        describe: Callable[[BaseException], dict[str, Any]],
        tell: Callable[[], Any] = lambda: None,
        hear: Callable[[Any], None] = lambda news: None,
    ) -> None:
        self._channel = channel
        self._trusted = trusted
        self._opaque, self._resolve = opaque, resolve
        self._answer, self._describe = answer, describe
        self._tell, self._hear = tell, hear
        self._asking = threading.RLock()  # threads of a check ask one after the other

    def pack(self, value: object) -> bytes:
        """Encode a value for the other end.

        raises: CannotSend
        """
        try:
            return encode(value, opaque=self._opaque, references=self._trusted)
        except WireError as error:
            raise CannotSend(f"a value cannot leave its process: {error}") from None

    def unpack(self, data: bytes) -> Any:
        """Decode a value of the other end's."""
        return decode(data, resolve=self._resolve, references=not self._trusted)

    def ask(self, operation: str, *operands: object) -> Any:
        """Ask, and answer what the other end asks meanwhile.

        raises: Failed if the answer is an exception; ChannelClosed if there is nobody;
                WireError, Refused if the answer makes no sense
        """
        with self._asking:
            self._channel.send(self.pack(("ask", operation, *operands)))
            while True:
                message = self._receive()
                if message[0] == "value" and len(message) == 3 and type(message[1]) is bytes:
                    self._hear(message[2])
                    return self.unpack(message[1])
                if message[0] == "error" and len(message) == 2 and isinstance(message[1], dict):
                    raise Failed(message[1])
                self._serve(message)

    def serve_one(self) -> None:
        """Wait for a question and answer it."""
        self._serve(self._receive())

    def _receive(self) -> tuple[Any, ...]:
        message = self.unpack(self._channel.receive())
        if not isinstance(message, tuple) or not message:
            raise Refused("the message is none")
        return message

    def _serve(self, message: tuple[Any, ...]) -> None:
        if message[0] != "ask" or len(message) < 2 or not isinstance(message[1], str):
            raise Refused("the message is no question")
        try:
            value = self.pack(self._answer(message[1], message[2:]))
            reply = self.pack(("value", value, self._tell()))
        except BaseException as error:
            reply = self.pack(("error", self._describe(error)))
        self._channel.send(reply)
