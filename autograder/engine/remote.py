"""Stand-ins, in the examiner, for what lives in the student's process and is no plain data.

A remote can be called, indexed, iterated and asked for public attributes. It is never compared
with a value of the check's, nor turned into a number or an array: an object that claims to equal
everything earns nothing. Operators work on instances of the classes that the exercise asks for.
"""

import functools
from collections.abc import Callable, Iterator, Mapping
from typing import Any, Protocol

COMPARING = frozenset(
    [
        "equals",
        "equal",
        "allclose",
        "isclose",
        "array_equal",
        "eq",
        "ne",
        "lt",
        "le",
        "gt",
        "ge",
        "compare",
        "compare_to",
        "sub",
        "subtract",
        "rsub",
        "assert_equal",
    ]
)
"""Methods that would hand the expected value to the student's object and believe its answer."""


class Asks(Protocol):
    """What a remote needs of the examiner."""

    def ask(self, operation: str, handle: int, *operands: object) -> Any: ...

    def call(self, handle: int, arguments: tuple[Any, ...], keywords: Mapping[str, Any]) -> Any: ...


class Remote:
    """Base of all remotes; the class of each is made to fit what it stands for."""

    __slots__ = ("_about", "_arithmetic", "_asks", "_handle")
    __array_ufunc__ = None  # numpy leaves operators to us, and we refuse

    def __init__(self, asks: Asks, handle: int, about: Mapping[str, Any]) -> None:
        object.__setattr__(self, "_asks", asks)
        object.__setattr__(self, "_handle", handle)
        object.__setattr__(self, "_about", about)
        object.__setattr__(self, "_arithmetic", "")

    def __getattr__(self, name: str) -> Any:
        if name in ("__name__", "__doc__") and name in self._about:
            return self._about[name]
        if name.startswith("_") or (name in COMPARING and not self._arithmetic):
            raise AttributeError(
                f"{self._about['type']}: `{name}` of an object that came from the student's "
                "process cannot be used"
            )
        return _from_class(self, self._asks.ask("attribute", self._handle, name), "object")

    def __setattr__(self, name: str, value: Any) -> None:
        self._asks.ask("set_attribute", self._handle, name, value)

    def __repr__(self) -> str:
        return str(self._asks.ask("text", self._handle, "repr"))

    def __str__(self) -> str:
        return str(self._asks.ask("text", self._handle, "str"))

    def __bool__(self) -> bool:
        return bool(self._asks.ask("truth", self._handle) is True)

    def __copy__(self) -> Any:
        return self._asks.ask("copy", self._handle, False)

    def __deepcopy__(self, memo: object) -> Any:
        return self._asks.ask("copy", self._handle, True)

    def __instancecheck__(self, other: object) -> bool:
        if not isinstance(other, Remote):
            return False
        return bool(self._asks.ask("instance", self._handle, other) is True)

    def __array__(self, *_: object, **__: object) -> Any:
        raise self._refuse("an array")

    def __float__(self) -> float:
        raise self._refuse("a number")

    def __int__(self) -> int:
        raise self._refuse("a number")

    def __index__(self) -> int:
        raise self._refuse("an index")

    def __complex__(self) -> complex:
        raise self._refuse("a number")

    def _refuse(self, wanted: str) -> TypeError:
        return TypeError(f"got an object of class {self._about['type']}, expected {wanted}")

    def __eq__(self, other: object) -> bool:
        if self is other:
            return True
        if isinstance(other, Remote):
            if self._handle == other._handle:
                return True
            if self._arithmetic and other._arithmetic:
                return bool(self._asks.ask("operate", self._handle, "__eq__", other) == (True,))
        return False

    def __ne__(self, other: object) -> bool:
        return not self == other

    def __hash__(self) -> int:
        return hash(self._handle)


def _call(self: Remote, *arguments: Any, **keywords: Any) -> Any:
    result = self._asks.call(self._handle, arguments, keywords)
    if self._about["is_class"] and self._arithmetic == "class":
        return _marked(result, "instance")
    if self._arithmetic == "method":
        return _marked(result, "object")
    return result


def _iterate(self: Remote) -> Iterator[Any]:
    walker = self._handle if self._about["iterator"] else self._asks.ask("iterate", self._handle)
    while True:
        found = self._asks.ask("next", walker)
        if not (isinstance(found, tuple) and len(found) == 1):
            return
        yield found[0]


def _next(self: Remote) -> Any:
    found = self._asks.ask("next", self._handle)
    if not (isinstance(found, tuple) and len(found) == 1):
        raise StopIteration
    return found[0]


def _length(self: Remote) -> int:
    length = self._asks.ask("length", self._handle)
    if type(length) is not int or length < 0:
        raise self._refuse("something with a length")
    return length


_CAN: dict[str, tuple[str, Callable[..., Any]]] = {
    "callable": ("__call__", _call),
    "sized": ("__len__", _length),
    "iterable": ("__iter__", _iterate),
    "iterator": ("__next__", _next),
    "indexed": (
        "__getitem__",
        lambda self, key: self._asks.ask("item", self._handle, key),
    ),
    "changeable": (
        "__setitem__",
        lambda self, key, value: self._asks.ask("set_item", self._handle, key, value),
    ),
}


def _operator(name: str) -> Callable[..., Any]:
    def operate(self: Remote, *others: Any) -> Any:
        plain = any(not isinstance(other, Remote) for other in others)
        allowed = self._arithmetic == "instance" or (self._arithmetic and not plain)
        if not allowed:
            raise self._refuse("plain data (a number, an array, a tensor, a list …)")
        found = self._asks.ask("operate", self._handle, name, *others)
        if not (isinstance(found, tuple) and len(found) == 1):
            return NotImplemented
        if not isinstance(found[0], Remote):
            raise TypeError(f"{name} of a {self._about['type']} gave {type(found[0]).__name__}")
        return _marked(found[0], "instance")

    return operate


_ORDER = ("__lt__", "__le__", "__gt__", "__ge__")


def _order(name: str) -> Callable[[Remote, object], Any]:
    def compare(self: Remote, other: object) -> Any:
        if not (isinstance(other, Remote) and self._arithmetic and other._arithmetic):
            raise self._refuse("a number or an array that can be compared")
        return self._asks.ask("operate", self._handle, name, other) == (True,)

    return compare


_BINARY = [
    "add",
    "sub",
    "mul",
    "truediv",
    "floordiv",
    "mod",
    "pow",
    "matmul",
    "and",
    "or",
    "xor",
    "lshift",
    "rshift",
]
for _name in [*_BINARY, *(f"r{name}" for name in _BINARY), "neg", "pos", "abs", "invert"]:
    setattr(Remote, f"__{_name}__", _operator(f"__{_name}__"))
for _name in _ORDER:
    setattr(Remote, _name, _order(_name))


def remote(asks: Asks, handle: int, about: Mapping[str, Any]) -> Remote:
    """Make the remote of a handle. about: what the student's process says of it (see `about`)."""
    made: Remote = _class_of(about["type"], tuple(can for can in _CAN if about[can]))(
        asks, handle, about
    )
    return made


@functools.lru_cache(maxsize=256)
def _class_of(name: str, cans: tuple[str, ...]) -> Any:
    members = dict(_CAN[can] for can in cans)
    return type(name, (Remote,), {"__slots__": (), **members})


def mark_class(value: Any) -> Any:
    """Say that a remote is a class that the exercise asks for: its instances know operators."""
    return _marked(value, "class")


def _marked(value: Any, mark: str) -> Any:
    if isinstance(value, Remote):
        object.__setattr__(value, "_arithmetic", mark)
    return value


def _from_class(owner: Remote, value: Any, mark: str) -> Any:
    """What comes from an instance of such a class may meet others of its kind in operators."""
    if owner._arithmetic in ("instance", "object") and isinstance(value, Remote):
        return _marked(value, "method" if value._about["callable"] else mark)
    return value


def checked_about(data: object) -> dict[str, Any]:
    """What the student's process says of an object, made safe to use."""
    said = data if isinstance(data, dict) else {}
    name = said.get("type")
    about: dict[str, Any] = {
        "type": name if type(name) is str and name.isidentifier() else "object"
    }
    for can in (*_CAN, "is_class"):
        about[can] = said.get(can) is True
    for name in ("__name__", "__doc__"):
        if type(said.get(name)) is str:
            about[name] = said[name]
    return about
