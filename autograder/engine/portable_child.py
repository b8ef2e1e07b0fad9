"""A process that nobody forked: it imports the libraries, waits for its role, and plays it.

Run as `python -m autograder.engine.portable_child FOLDER MODULE…` by `portable_spare`. On stdin
comes the key of its connections; after it nothing but the end, which is the worker's own. On
stdout goes one line, `{"pid": …, "address": …}`: there it listens, first for the worker, then, if
it becomes an examiner, for its student.
"""

import gc
import json
import os
import shutil
import signal
import socket
import sys
import threading
from collections.abc import Sequence
from contextlib import suppress
from multiprocessing.connection import Client, Listener, wait
from pathlib import Path
from typing import Any

import msgpack

from autograder.engine import connections, process_tree
from autograder.engine.connections import ConnectionChannel
from autograder.engine.limits import Limits
from autograder.engine.portable_paths import TEXT, WORK
from autograder.engine.preload import IMPORTED, Step, preload

_LONGEST_ADDRESS = 100
"""Characters that every system takes for the name of a Unix socket."""


def main(folder: str, modules: Sequence[str]) -> None:
    """Import, say so, then do what the worker says until it hangs up."""
    gc.disable()  # an import makes objects to stay: looking through them takes a quarter of it
    key = bytes.fromhex(sys.stdin.readline())
    listener = Listener(_address(folder), authkey=key)
    print(json.dumps({"pid": os.getpid(), "address": listener.address}), flush=True)
    _end_with_worker(_own_descriptors(folder), folder)
    worker = ConnectionChannel(listener.accept())

    def tell(step: Step) -> None:
        worker.send_data({"event": "importing", "module": step.module, "inside": step.inside})

    preload(modules, tell)
    tell(Step(IMPORTED))
    from autograder.engine import roles

    shell = roles.prepare(connections.pair)
    gc.freeze()
    gc.enable()
    worker.send_data({"event": "prepared"})
    start = msgpack.unpackb(worker.receive(), strict_map_key=False)
    roles.settle({**start, "work": str(Path(folder, WORK))})
    _set_limits(Limits(**start["limits"]))
    shell.redirect()
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # as in the usual engine
    if start["role"] == "student":
        peer = Client(_as_address(start["host"]), authkey=start["key"])
    else:
        peer = listener.accept()
    worker.send_data({"event": "ready"})
    roles.play(shell, _Ends(listener, worker, ConnectionChannel(peer)), start)


def _address(folder: str) -> str | None:
    """Where to listen: in the folder, or wherever the library puts it."""
    address = str(Path(folder, "talk"))
    return address if hasattr(socket, "AF_UNIX") and len(address) < _LONGEST_ADDRESS else None


def _as_address(said: Any) -> Any:
    return tuple(said) if isinstance(said, list) else said


def _own_descriptors(folder: str) -> int:
    """Send text below Python to a file; return what was stdin, which no child inherits."""
    leash = os.dup(0)
    nothing = os.open(os.devnull, os.O_RDONLY)
    os.dup2(nothing, 0)
    flags = os.O_WRONLY | os.O_CREAT | os.O_APPEND | getattr(os, "O_BINARY", 0)
    text = os.open(Path(folder, TEXT), flags, 0o600)
    for descriptor in (1, 2):
        os.dup2(text, descriptor)
    os.close(nothing)
    os.close(text)
    return leash


def _end_with_worker(leash: int, folder: str) -> None:
    """End, with what was started and written, when nobody holds the other end of `leash`."""

    def watch() -> None:
        with suppress(OSError):
            while os.read(leash, 1):
                pass
        _clear(folder)
        process_tree.end_group(os.getpid())
        os._exit(1)

    threading.Thread(target=watch, daemon=True, name="leash").start()


def _clear(folder: str) -> None:
    """Leave nothing behind: a worker that was killed cannot do it."""
    with suppress(Exception):
        process_tree.end_below()
    with suppress(OSError):  # Windows removes neither an open file nor a folder that is in use
        os.chdir(Path(folder).parent)
        nowhere = os.open(os.devnull, os.O_WRONLY)
        for descriptor in (1, 2):
            os.dup2(nowhere, descriptor)
    shutil.rmtree(folder, ignore_errors=True)


def _set_limits(limits: Limits) -> None:
    try:
        from autograder.engine import sandbox_inside
    except ImportError:  # Windows has none
        return
    sandbox_inside.set_limits(limits)


class _Ends:
    """See `roles.Ends`."""

    def __init__(
        self, listener: Listener, worker: ConnectionChannel, peer: ConnectionChannel
    ) -> None:
        self._listener, self.worker, self.peer = listener, worker, peer
        self._watched: list[Any] = [worker.connection, peer.connection]

    def order(self) -> dict[str, Any]:
        order: dict[str, Any] = msgpack.unpackb(self.worker.receive(), strict_map_key=False)
        return order

    def order_or_peer(self) -> tuple[dict[str, Any], ConnectionChannel | None]:
        order = self.order()
        if order["do"] != "peer":
            return order, None
        return order, ConnectionChannel(self._listener.accept())

    def peer_asks(self) -> bool:
        return self._watched[0] not in wait(self._watched)

    def forget_peer(self) -> None:
        del self._watched[1:]


if __name__ == "__main__":
    own_folder, *libraries = sys.argv[1:]
    status = 0
    try:
        main(own_folder, libraries)
    except BaseException:
        status = 1
    finally:
        _clear(own_folder)
        os._exit(status)  # whatever threads an answer has left
