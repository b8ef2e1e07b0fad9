"""A student's or examiner's process as its worker sees it: orders, replies, deadlines, memory."""

import contextlib
import os
import select
import socket
import struct
import time
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Any

import msgpack

from autograder.engine.channel import Channel
from autograder.engine.channel_base import ChannelClosed, ChannelTimeout, TooLong
from autograder.engine.launch import TOO_MUCH, Ended, OtherEnded, TimeIsOver
from autograder.engine.limits import MEGABYTE, Limits
from autograder.engine.memory_use import MemoryUse
from autograder.engine.preload import in_words
from autograder.engine.processor_time import FairDeadline
from autograder.engine.wire import WireError

_TICK = 0.05
_LATE = 0.2
"""Seconds in which what was sent before the deadline is still read, once it is seen to be over."""
_AWAY = 1.0
"""Seconds for a wait of `_TICK` after which this process was stopped, or the whole machine.

Only this wait is looked at: no submission can make it longer, as it can other steps."""
_GRACE = 2.0
"""Seconds that a keeper has to say how its process ended."""
_READY_SECONDS = 120.0
"""A warm process that is just starting imports its libraries first."""


class Process:
    """One child of the warm process."""

    def __init__(
        self, address: str, role: str, limits: Limits, peer: socket.socket, start: Mapping[str, Any]
    ) -> None:
        self._limits = limits
        self._pid = 0
        self._memory: MemoryUse | None = None
        self._watched_at = 0.0
        self._room = limits.output_bytes
        self._pieces: list[bytes] = []
        read_end, write_end = os.pipe()
        os.set_blocking(read_end, False)
        self._pipe = read_end
        self._received = 0
        self.outputs: list[Any] = []
        """What the cell has shown since the last order."""
        self.starved = self.computed = self.away = 0.0
        leash = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        mine, theirs = socket.socketpair()
        if hasattr(socket, "SO_PASSCRED"):
            mine.setsockopt(socket.SOL_SOCKET, socket.SO_PASSCRED, 1)
        self.channel, self._leash = Channel(mine), Channel(leash)
        try:
            leash.settimeout(_READY_SECONDS)
            leash.connect(address)
            leash.settimeout(None)
            order = msgpack.packb({"role": role, "limits": asdict(limits), **start})
            ends = [theirs.fileno(), peer.fileno(), write_end]
            self._leash.send(order, fds=ends, timeout=_READY_SECONDS)
        except (OSError, ChannelClosed, ChannelTimeout) as error:
            self.close()
            raise Ended("fault", f"there is no warm process ({error})") from error
        finally:
            os.close(write_end)
            theirs.close()
            peer.close()

    def ready(self) -> None:
        """Wait until it has walled itself in. raises: Ended"""
        try:
            if hasattr(socket, "SO_PASSCRED"):
                self._pid = _sender(self.channel)
            message = self.channel.receive_data(timeout=_READY_SECONDS)
        except (ChannelClosed, ChannelTimeout, WireError, OSError) as error:
            self.close()
            raise Ended("fault", f"a process does not start ({error})") from error
        if message.get("event") != "ready":
            self.close()
            raise Ended("fault", "a process does not start")
        self._pid = self._pid or int(message["pid"])
        self._memory = MemoryUse(self._pid)

    def meet(self, end: socket.socket) -> None:
        """Let the examiner talk to another student's process. raises: Ended"""
        with end:
            self.order({"do": "peer"}, fds=(end.fileno(),))

    def order(self, message: Mapping[str, Any], fds: tuple[int, ...] = ()) -> None:
        """Send an order. raises: Ended"""
        self._pieces, self._received, self.outputs = [], 0, []
        try:
            self.channel.send(msgpack.packb(dict(message)), fds=fds, timeout=30)
        except (ChannelClosed, ChannelTimeout) as error:
            raise self.how_it_ended() from error

    def follow(self, deadline: float, other: "Process | None" = None) -> dict[str, Any]:
        """See `launch.Child.follow`. The other one is drained, which keeps it from blocking."""
        poll = select.poll()
        poll.register(self.channel.fileno(), select.POLLIN)
        both = [one for one in (self, other) if one is not None]
        for one in both:
            poll.register(one._pipe, select.POLLIN)
        fair = FairDeadline([one._pid for one in both], deadline)
        self.away = 0.0
        try:
            return self._followed(poll, both, fair)
        finally:
            self.starved, self.computed = fair.starved(), fair.computed()

    def _followed(
        self, poll: "select.poll", both: Sequence["Process"], deadline: FairDeadline
    ) -> dict[str, Any]:
        over_at = None
        while True:
            left = deadline.left()
            over_at = (over_at or time.monotonic()) if left <= 0 else None
            if over_at is not None and time.monotonic() - over_at > _LATE:
                raise TimeIsOver
            waits_at = time.monotonic()
            ready = {fd for fd, _ in poll.poll(max(1, min(left, _TICK) * 1000))}
            away = time.monotonic() - waits_at
            if away > _AWAY:
                self.away += away
                deadline.put_off(away)
                left = deadline.left()
            for one in both:
                if one._pipe in ready:
                    one.drain()
                    if len(ready) == 1:  # closed pipes are always ready
                        time.sleep(0.001)
            if self.channel.fileno() in ready:
                message = self.next_event()
                if message.get("event") == "output":
                    self.outputs.append(message.get("output"))
                elif message.get("event") == "done":
                    return message
            elif left <= 0:
                raise TimeIsOver
            deadline.look()
            self.watch()
            for other in both[1:]:
                try:
                    other.watch()
                except Ended as ended:
                    raise OtherEnded(ended) from ended

    def text(self) -> str:
        """What was written below Python since the last order."""
        self.drain()
        return b"".join(self._pieces).decode("utf-8", "replace")

    def drain(self) -> None:
        """Empty the pipe; what is more than may be kept is dropped."""
        with contextlib.suppress(BlockingIOError, OSError):
            for _ in range(64):
                piece = os.read(self._pipe, 65_536)
                if not piece:
                    return
                kept = sum(map(len, self._pieces))
                if kept < self._room:
                    self._pieces.append(piece[: self._room - kept])

    def watch(self) -> None:
        """Look at its memory and processes, at most every tick. raises: Ended"""
        now = time.monotonic()
        if self._memory is None or now - self._watched_at < _TICK:
            return
        self._watched_at = now
        exceeded = self._memory.exceeds(self._limits.memory_mb * MEGABYTE)
        if self._memory.processes > self._limits.processes:
            raise self._end("processes", f"more than {self._limits.processes} processes")
        if exceeded:
            raise self._end("memory", f"more than {self._limits.memory_mb} MB of memory")

    def next_event(self) -> dict[str, Any]:
        """Receive one message that is there. raises: Ended"""
        try:
            message = self.channel.receive_data(10, self._limits.sent_bytes)
        except ChannelClosed as error:
            raise self.how_it_ended() from error
        except TooLong as error:
            raise self._end("output", TOO_MUCH) from error
        except (ChannelTimeout, WireError) as error:
            raise self._end("output", "it sent what makes no sense") from error
        if not isinstance(message, dict):
            raise self._end("output", "it sent what makes no sense")
        if message.get("event") == "output":
            self._received += len(repr(message))
        if self._received > self._limits.sent_bytes:
            raise self._end("output", TOO_MUCH)
        return message

    def how_it_ended(self) -> Ended:
        """Ask the keeper, and end it if it has only hung up.

        `fault` if the keeper is gone as well: that is no doing of the process's.
        """
        ended: Ended
        try:
            status = self._leash.receive_data(timeout=_GRACE).get("status")
            ended = Ended("end", in_words(status))
        except ChannelTimeout:
            ended = Ended("end", "it closed its connection")
        except (ChannelClosed, WireError, AttributeError):
            ended = Ended("fault", "the warm process has ended")
        self.drain()
        self._hang_up()
        return ended

    def timed_out(self) -> Ended:
        """End it because its time is over."""
        return self._end("timeout", "")

    def close(self) -> None:
        """End it, and everything that it started, and forget it."""
        self._hang_up()
        if self._pipe >= 0:
            os.close(self._pipe)
        self._pipe = -1

    def _hang_up(self) -> None:
        for channel in (self.channel, self._leash):
            with contextlib.suppress(OSError):
                channel.close()

    def _end(self, why: str, detail: str) -> Ended:
        self.drain()
        self._hang_up()
        return Ended(why, detail)


def _sender(channel: Channel) -> int:
    """The process id of whoever sent the next message, as this process sees it."""
    sock = socket.socket(fileno=os.dup(channel.fileno()))
    with sock:
        sock.settimeout(_READY_SECONDS)
        _, ancillary, _, _ = sock.recvmsg(1, socket.CMSG_SPACE(12), socket.MSG_PEEK)
    for level, kind, data in ancillary:
        if level == socket.SOL_SOCKET and kind == socket.SCM_CREDENTIALS:
            return int(struct.unpack("3i", data[:12])[0])
    return 0
