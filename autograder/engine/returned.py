"""What an answer returned is the same object for a check when it is returned again, or changes later.

Values cross as copies. So the student's process numbers the mutable ones that it returns in a
check, and says which number comes again and which has changed since; the examiner makes its own
copy of it equal, in place, as it would be in a kernel.
"""

from collections import OrderedDict
from collections.abc import Callable
from typing import Any

from autograder.engine.link import CannotSend
from autograder.engine.wire import update

_MUTABLE = ("list", "dict", "set", "bytearray", "ndarray", "Tensor", "deque", "OrderedDict",
            "defaultdict", "Counter")  # fmt: skip
_KNOWN = 64
"""Objects that are known again."""
_WATCHED = 16
"""The latest of them, which are looked at after each call, if they are small."""
_SMALL = 4096
"""Bytes, or elements of a list."""

News = tuple[tuple[int, ...], list[tuple[int, bytes]]]
"""The numbers of what is returned (of a tuple's elements, if it is one; 0 for what has none), and
what was returned before and has changed."""


class Returned:
    """In the student's process: what has left it during a check."""

    def __init__(self, pack: Callable[[object], bytes]) -> None:
        self._pack = pack
        self._check = 0
        self._count = 0
        self._known: OrderedDict[int, tuple[Any, int]] = OrderedDict()
        """By id; the object is kept, so that the id stays its own while the check runs."""
        self._packed: dict[int, bytes] = {}
        """By number, what the small ones looked like when they were sent last."""

    def begin(self, check: int) -> None:
        """A call of the check of this number comes; what another one was given is forgotten."""
        if check != self._check:
            self._check = check
            self._known.clear()
            self._packed.clear()

    def news(self, value: object) -> News:
        """What the examiner has to know about a value that is returned, and about earlier ones."""
        changed = []
        for one, number in list(self._known.values())[-_WATCHED:]:
            if number in self._packed and (now := self._small(one)) != self._packed[number]:
                self._packed.pop(number)
                if now is not None:
                    self._packed[number] = now
                    changed.append((number, now))
        numbers = tuple(map(self._number, value if type(value) is tuple else (value,)))
        return numbers if any(numbers) else (), changed

    def _number(self, value: object) -> int:
        if type(value).__name__ not in _MUTABLE:
            return 0
        known = self._known.pop(id(value), None)
        if known is None:
            self._count += 1
            known = value, self._count
            if (packed := self._small(value)) is not None:
                self._packed[self._count] = packed
        self._known[id(value)] = known
        if len(self._known) > _KNOWN:
            _, (_, oldest) = self._known.popitem(last=False)
            self._packed.pop(oldest, None)
        return known[1]

    def _small(self, value: Any) -> bytes | None:
        """The value as it is sent, if it is small; None of what cannot be sent any more."""
        size = getattr(value, "nbytes", None)
        try:
            if (len(value) if size is None else size) > _SMALL:
                return None
            packed = self._pack(value)
        except (CannotSend, TypeError):
            return None
        return packed if len(packed) <= 4 * _SMALL else None


class Kept:
    """In the examiner: its copies of what was returned to the check that runs."""

    def __init__(self) -> None:
        self._copies: dict[int, Any] = {}

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
        if type(number) is not int or number <= 0:
            return value
        known = self._copies.get(number)
        if known is not None and update(known, value):
            return known
        self._copies[number] = value
        return value
