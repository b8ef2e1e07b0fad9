"""What an answer returned is the same object for a check when it is returned again, or changes later.

Values cross as copies. So the student's process numbers the mutable ones that it returns in a
check, and says which number comes again and which has changed since; the examiner makes its own
copy of it equal, in place, as it would be in a kernel. Large values are not numbered.
"""

import sys
from collections import Counter, OrderedDict, defaultdict, deque
from collections.abc import Callable
from contextlib import suppress
from typing import Any

from autograder.engine.wire import update

_CONTAINERS = (list, dict, set, bytearray, deque, OrderedDict, defaultdict, Counter)
_KNOWN = 64
"""Objects that are known again, the latest."""
_WATCHED = 8
"""The latest of them, which are looked at after each call, if they are small."""
_SMALL = 1024
"""Bytes, as they are sent, of what is looked at after each call."""
_MOST_ITEMS, _MOST_BYTES = 1000, 1 << 20
"""Of what is numbered at all."""

News = tuple[tuple[int, ...], list[tuple[int, bytes]]]
"""Numbers of what is returned (of a tuple's elements, if it is one; 0 for what has none, negative if
it is as it was when it was sent last), and what was returned before and has changed."""


class Returned:
    """In the student's process: what has left it during a check."""

    def __init__(self, pack: Callable[[object], bytes]) -> None:
        self._pack = pack
        self._check = 0
        self._count = 0
        self._known: OrderedDict[int, tuple[Any, int]] = OrderedDict()
        """By id; the object is kept, so that the id stays its own while the check runs."""
        self._sent: dict[int, bytes | int] = {}
        """By number, what it looked like when it was sent last; a hash of what is not small."""

    def begin(self, check: int) -> None:
        """A call of the check of this number comes; what another one was given is forgotten."""
        if check != self._check:
            self._check = check
            self._known.clear()
            self._sent.clear()

    def news(self, value: object) -> News:
        """What the examiner has to know about a value that is returned, and about earlier ones."""
        with suppress(Exception):  # a value that cannot be looked at has no number
            changed = self._changed()
            numbers = tuple(map(self._number, value if type(value) is tuple else (value,)))
            return numbers if any(numbers) else (), changed
        return (), []

    def _changed(self) -> list[tuple[int, bytes]]:
        found = []
        for one, number in list(self._known.values())[-_WATCHED:]:
            if not isinstance(before := self._sent[number], bytes):
                continue
            now = self._packed(one)
            if now is not None and now != before:
                self._sent[number] = _kept(now)
                found.append((number, now))
        return found

    def _number(self, value: object) -> int:
        packed = self._packed(value)
        known = self._known.pop(id(value), None)
        if packed is None:
            return 0
        sent = _kept(packed)
        if known is None:
            self._count += 1
            known = value, self._count
        number = known[1]
        same = self._sent.get(number) == sent
        self._sent[number] = sent
        self._known[id(value)] = known
        if len(self._known) > _KNOWN:
            _, (_, oldest) = self._known.popitem(last=False)
            del self._sent[oldest]
        return -number if same else number

    def _packed(self, value: Any) -> bytes | None:
        """The value as it is sent; None of what is not numbered."""
        kind = type(value)
        if kind in _CONTAINERS:
            few = len(value) <= _MOST_ITEMS
        elif kind is _of("numpy", "ndarray"):
            few = value.nbytes <= _MOST_BYTES
        elif kind is _of("torch", "Tensor"):
            few = value.numel() * value.element_size() <= _MOST_BYTES
        else:
            return None
        if few:
            with suppress(Exception):  # it cannot be sent
                return self._pack(value)
        return None


class Kept:
    """In the examiner: its copies of what was returned to the check that runs."""

    def __init__(self) -> None:
        self._copies: OrderedDict[int, Any] = OrderedDict()

    def clear(self) -> None:
        self._copies.clear()

    def changed(self, number: object, now: object) -> None:
        """Something that was returned has changed since."""
        if type(number) is int and number in self._copies:
            update(self._copies[number], now)

    def same(self, value: Any, numbers: tuple[object, ...]) -> Any:
        """The value as the check gets it: what it has already is the same object."""
        if type(value) is not tuple:
            return self._same(value, numbers[0]) if len(numbers) == 1 else value
        if len(value) != len(numbers):
            return value
        return tuple(map(self._same, value, numbers))

    def _same(self, value: Any, number: object) -> Any:
        if type(number) is not int or not number:
            return value
        known = self._copies.pop(abs(number), None)
        # What the student's process has not changed is as the check has left it.
        if known is None or not (number < 0 or update(known, value)):
            known = value
        self._copies[abs(number)] = known
        if len(self._copies) > _KNOWN:
            self._copies.popitem(last=False)
        return known


def _kept(packed: bytes) -> bytes | int:
    return packed if len(packed) <= _SMALL else hash(packed)


def _of(module: str, name: str) -> Any:
    """A library's type, if the library is there."""
    return getattr(sys.modules.get(module), name, None)
