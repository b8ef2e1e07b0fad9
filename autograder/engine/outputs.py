"""What a cell shows, as nbformat's outputs, on its way out of the process."""

import os
import threading
from collections.abc import Callable
from typing import Any

Output = dict[str, Any]
"""One output as nbformat writes it."""
_PIECES = 500
"""Texts that are gathered before they are passed on."""


class Sink:
    """Takes outputs in order, merges text, cuts what is too much, passes them on in pieces.

    Any thread may write; what one passes on is passed on whole.
    """

    def __init__(self) -> None:
        self._pass_on: Callable[[Output], None] = lambda output: None
        self._text: dict[str, list[str]] = {}
        self._room = 0
        self._cut = False
        self._renew_lock()
        if hasattr(os, "register_at_fork"):  # a fork may come while another thread writes
            os.register_at_fork(after_in_child=self._renew_lock)

    def _renew_lock(self) -> None:
        self._lock = threading.RLock()

    def open(self, pass_on: Callable[[Output], None], room: int) -> None:
        """Begin a cell. room: bytes of output that are kept."""
        with self._lock:
            self._pass_on, self._room, self._cut, self._text = pass_on, room, False, {}

    def close(self) -> None:
        """End the cell. What an answer shows while a check calls it is no cell's output."""
        with self._lock:
            try:
                self.flush()
            finally:
                self._pass_on, self._room, self._cut = lambda output: None, 0, True

    def write(self, stream: str, text: str) -> None:
        with self._lock:
            if stream not in self._text:
                self.flush()
            kept = text[: self._room]
            self._room -= len(kept)
            if kept:
                self._text.setdefault(stream, []).append(kept)
            if len(kept) < len(text):
                self.flush()
                self._say_cut()
            elif len(self._text.get(stream, ())) > _PIECES:
                self.flush()

    def put(self, output: Output, size: int) -> None:
        with self._lock:
            self.flush()
            if size <= self._room:
                self._room -= size
                self._pass_on(output)
            else:
                self._say_cut()

    def flush(self) -> None:
        with self._lock:
            texts, self._text = self._text, {}
            for stream, parts in texts.items():
                self._pass_on({"output_type": "stream", "name": stream, "text": "".join(parts)})

    def _say_cut(self) -> None:
        if not self._cut:
            self._cut, self._room = True, 0
            notice = "\n[the rest of the output was too long to keep]\n"
            self._pass_on({"output_type": "stream", "name": "stdout", "text": notice})
