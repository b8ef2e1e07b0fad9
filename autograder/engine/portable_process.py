"""A student's or examiner's process of the portable engine, as its worker sees it."""

import time
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import asdict, dataclass
from typing import Any

import msgpack

from autograder.engine import process_tree
from autograder.engine.channel_base import ChannelClosed, ChannelTimeout, TooLong
from autograder.engine.launch import TOO_MUCH, Ended, OtherEnded, TimeIsOver
from autograder.engine.limits import MEGABYTE, Limits
from autograder.engine.portable_spare import Spare
from autograder.engine.preload import in_words
from autograder.engine.wire import WireError

_TICK = 0.05
_FAMILY_TICK = 0.5
"""Seconds between two looks at what a process started: the system is asked about every process."""
_READY_SECONDS = 60.0
_ORDER_SECONDS = 30.0
_MOST_TEXT = 64 * MEGABYTE
"""Below Python, of one cell: more than is kept, less than a disk holds."""


@dataclass
class Talk:
    """Both ends of a talk: the student's process goes where the examiner's listens."""

    host: Spare | None = None


class PortableProcess:
    """See `launch.Child`. spare: becomes this process and ends with it"""

    def __init__(
        self, spare: Spare, role: str, limits: Limits, talk: Talk, start: Mapping[str, Any]
    ) -> None:
        self._spare, self._limits, self._talk = spare, limits, talk
        self._base = 0
        self._below: list[int] = []
        self._watched_at = self._family_at = 0.0
        self._offset = self._received = 0
        self.starved = self.computed = self.away = 0.0
        self.outputs: list[Any] = []
        self._start = {"role": role, "limits": asdict(limits), **start}
        if role == "examiner":  # it listens while the student's process is being made ready
            talk.host = spare
            self._send(self._start)

    def ready(self) -> None:
        """See `launch.Child.ready`."""
        if self._start["role"] == "student":
            host = self._talk.host
            assert host is not None
            self._send({**self._start, "host": host.address, "key": host.key})
        try:
            message = self._spare.channel.receive_data(timeout=_READY_SECONDS)
        except (ChannelClosed, ChannelTimeout, WireError) as error:
            self.close()
            raise Ended("fault", f"a process does not start ({error})") from error
        if message.get("event") != "ready":
            self.close()
            raise Ended("fault", "a process does not start")
        self._base = process_tree.held(self._spare.pid)

    def meet(self, end: Talk) -> None:
        """See `launch.Child.meet`."""
        end.host = self._spare
        self.order({"do": "peer"})

    def order(self, message: Mapping[str, Any]) -> None:
        """See `launch.Child.order`."""
        self._received, self.outputs = 0, []
        self._offset = self._text_size()
        self._send(message)

    def follow(self, deadline: float, other: "PortableProcess | None" = None) -> dict[str, Any]:
        """See `launch.Child.follow`."""
        while True:
            left = deadline - time.monotonic()
            if left <= 0:
                raise TimeIsOver
            message = self._next_event(min(left, _TICK))
            if message is not None and message.get("event") == "output":
                self.outputs.append(message.get("output"))
            elif message is not None and message.get("event") == "done":
                return message
            self._watch()
            if other is not None:
                try:
                    other._watch()
                except Ended as ended:
                    raise OtherEnded(ended) from ended
                if not other._spare.is_alive():  # what it forked may keep the talk open
                    process_tree.end_group(other._spare.pid)

    def text(self) -> str:
        """See `launch.Child.text`."""
        with suppress(OSError), self._spare.text.open("rb") as file:
            file.seek(self._offset)
            return file.read(self._limits.output_bytes).decode("utf-8", "replace")
        return ""

    def how_it_ended(self) -> Ended:
        """See `launch.Child.how_it_ended`."""
        status = self._spare.status()
        ended = Ended("end", "it closed its connection" if status is None else in_words(status))
        self._spare.kill()
        return ended

    def timed_out(self) -> Ended:
        """See `launch.Child.timed_out`."""
        return self._end("timeout", "")

    def close(self) -> None:
        """See `launch.Child.close`."""
        self._spare.end()

    def _send(self, message: Mapping[str, Any]) -> None:
        try:
            self._spare.channel.send(msgpack.packb(dict(message)), timeout=_ORDER_SECONDS)
        except (ChannelClosed, ChannelTimeout) as error:
            raise self.how_it_ended() from error

    def _next_event(self, seconds: float) -> dict[str, Any] | None:
        """Receive a message, if one comes in time. raises: Ended"""
        alive = self._spare.is_alive()
        try:
            message = self._spare.channel.receive_data(seconds, self._limits.sent_bytes)
        except ChannelClosed as error:
            raise self.how_it_ended() from error
        except TooLong as error:
            raise self._end("output", TOO_MUCH) from error
        except WireError as error:
            raise self._end("output", "it sent what makes no sense") from error
        except ChannelTimeout:
            if not alive:  # what it forked may keep the connection open
                raise self.how_it_ended() from None
            return None
        if not isinstance(message, dict):
            raise self._end("output", "it sent what makes no sense")
        if message.get("event") == "output":
            self._received += len(repr(message))
        if self._received > self._limits.sent_bytes:
            raise self._end("output", TOO_MUCH)
        return message

    def _watch(self) -> None:
        """Look at its memory, processes and text, at most every tick. raises: Ended"""
        now = time.monotonic()
        if now - self._watched_at < _TICK:
            return
        self._watched_at = now
        if now - self._family_at >= _FAMILY_TICK:
            self._family_at = now
            self._below = process_tree.descendants(self._spare.pid)
        if 1 + len(self._below) > self._limits.processes:
            raise self._end("processes", f"more than {self._limits.processes} processes")
        memory = sum(process_tree.held(pid) for pid in (self._spare.pid, *self._below))
        if memory - self._base > self._limits.memory_mb * MEGABYTE:
            raise self._end("memory", f"more than {self._limits.memory_mb} MB of memory")
        if self._text_size() - self._offset > _MOST_TEXT:
            raise self._end("output", TOO_MUCH)

    def _text_size(self) -> int:
        with suppress(OSError):
            return self._spare.text.stat().st_size
        return 0

    def _end(self, why: str, detail: str) -> Ended:
        self._spare.kill()
        return Ended(why, detail)
