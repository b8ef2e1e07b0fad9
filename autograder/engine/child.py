"""A forked process of the warm one: it walls itself in, then does what its worker says."""

import os
import select
import signal
import socket

import msgpack

from autograder.engine import channel as channels
from autograder.engine import roles, sandbox_inside
from autograder.engine.channel import Channel
from autograder.engine.limits import Limits
from autograder.engine.seeds import seed_python
from autograder.engine.shell import Shell


def prepare() -> Shell:
    """Make, before the fork, what every child needs."""
    return roles.prepare(channels.pair)


def main(connection: Channel, shell: Shell, wall: str) -> None:
    """Serve the worker until it hangs up.

    connection: brings the worker's first order, `start`, and with it the ends of the channel to
                the worker, of the talk between examiner and student, and of the pipe for text
                below Python. Then it is the warm process's alone: what comes on it is true.
    """
    os.setsid()  # out of the group of the warm process and everybody in it
    if wall == "none":
        sandbox_inside.end_with_parent()
    order, (end, peer, output) = connection.receive_with_fds(3, timeout=60)
    start = msgpack.unpackb(order, strict_map_key=False)
    limits = Limits(**start["limits"])
    channel = Channel(socket.socket(fileno=end))
    if wall == "jail":
        sandbox_inside.wall_in(limits)
    _own_descriptors({channel.fileno(), peer}, output)
    roles.settle(start)
    sandbox_inside.set_limits(limits)
    if wall == "jail":
        sandbox_inside.drop_privileges()
    seed_python()
    shell.redirect()
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the terminal's Ctrl-C is for the grader
    channel.send_data({"event": "ready", "pid": os.getpid()})
    roles.play(shell, _Ends(channel, Channel(socket.socket(fileno=peer))), start)


class _Ends:
    """See `roles.Ends`."""

    def __init__(self, worker: Channel, peer: Channel) -> None:
        self.worker, self.peer = worker, peer
        self._watched = [worker.fileno(), peer.fileno()]

    def order(self) -> roles.Order:
        return _read(self.worker.receive())

    def order_or_peer(self) -> tuple[roles.Order, Channel | None]:
        data, descriptors = self.worker.receive_with_fds(1)
        peer = Channel(socket.socket(fileno=descriptors[0])) if descriptors else None
        return _read(data), peer

    def peer_asks(self) -> bool:
        ready, _, _ = select.select(self._watched, [], [])
        return self._watched[0] not in ready

    def forget_peer(self) -> None:
        del self._watched[1:]


def _read(data: bytes) -> roles.Order:
    order: roles.Order = msgpack.unpackb(data, strict_map_key=False)
    return order


def _own_descriptors(kept: set[int], output: int) -> None:
    """Text below Python goes to the worker's pipe; every other descriptor is closed."""
    nothing = os.open(os.devnull, os.O_RDONLY)
    os.dup2(nothing, 0)
    os.dup2(output, 1)
    os.dup2(output, 2)
    last = 2
    for fd in sorted(kept):
        os.closerange(last + 1, fd)
        last = fd
    os.closerange(last + 1, 65_536)
