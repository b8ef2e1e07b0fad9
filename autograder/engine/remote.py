"""Stand-ins, in the examiner, for what lives in the student's process and is no plain data.

A remote can be called, indexed, iterated and asked for public attributes. Where a check compares
it, or takes it for a number or an array, what counts is the plain value behind it, if its class was
made below a built-in one, or the array that NumPy makes of it; never the object's own word.
Operators work on instances of the classes that the exercise asks for.
"""

import functools
import operator
import re
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from typing import Any, Protocol

from autograder.engine.claims import builtin_names, found_class
from autograder.engine.functions import built_code, built_signature

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


_PLAIN = frozenset({bool, int, float, str, bytes, tuple, list, dict, set, frozenset})
_HASHED = frozenset({int, float, str, bytes, tuple, frozenset})


class Asks(Protocol):
    """What a remote needs of the examiner."""

    def ask(self, operation: str, handle: int, *operands: object) -> Any: ...

    def known_error(self, error: object) -> "Remote | None": ...

    def call(self, handle: int, arguments: tuple[Any, ...], keywords: Mapping[str, Any]) -> Any: ...


class Remote:
    """Base of all remotes; the class of each is made to fit what it stands for."""

    __slots__ = ("_about", "_arithmetic", "_asks", "_handle")
    __array_ufunc__ = None  # numpy leaves operators to us, and we refuse

    _asks: Asks
    _handle: int
    _about: Mapping[str, Any]
    _arithmetic: str

    def __new__(
        cls, name: str, bases: tuple[Any, ...], members: dict[str, Any], **_: object
    ) -> "Remote":
        """Python calls this for `class Below(Remote)` in a check: the class is made over there."""
        (first, *_others) = (base for base in bases if isinstance(base, Remote))
        own = {
            key: value
            for key, value in members.items()
            if key not in ("__module__", "__qualname__", "__classcell__")
        }
        made = first._asks.ask("subclass", 0, name, list(bases), own)
        if isinstance(made, Remote):
            object.__setattr__(made, "_arithmetic", "class")
        if "__classcell__" in members:
            members["__classcell__"].cell_contents = made
        return made  # type: ignore[no-any-return]

    def __init__(self, *_: object, **__: object) -> None:
        pass

    @property  # type: ignore[misc]  # as unittest.mock does it, for `isinstance`
    def __class__(self) -> type:
        """What the student's process says, of a library's classes."""
        if self._about["is_class"]:
            return type
        return self._about["class"] or type(self)

    def __getattr__(self, name: str) -> Any:
        if name in ("__name__", "__doc__") and name in self._about:
            return self._about[name]
        if name in _ASKED:
            return _ASKED[name](self)
        if name in _PASSED_ON or _SKLEARN.fullmatch(name):
            return self._asks.ask("attribute", self._handle, name)
        dunder = name.startswith("__") and name.endswith("__")
        if (
            dunder
            or (name.startswith("_") and not _of_a_cell(sys._getframe(1)))
            or (name in COMPARING and not self._arithmetic)
        ):
            raise AttributeError(
                f"{self._about['type']}: `{name}` of an object that came from the student's "
                "process cannot be used"
            )
        return _from_class(self, self._asks.ask("attribute", self._handle, name), "object")

    def __delattr__(self, name: str) -> None:
        self._asks.ask("delete_attribute", self._handle, name)

    def __dir__(self) -> list[str]:
        found = self._asks.ask("directory", self._handle)
        return [name for name in found if type(name) is str] if type(found) is list else []

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
            if self._about["is_class"] and hasattr(type(other), "_fields"):  # a named tuple
                return bool(type(other).__name__ == self._about.get("__name__"))
            return False
        return bool(self._asks.ask("instance", self._handle, other) is True)

    def __subclasscheck__(self, other: object) -> bool:
        if not isinstance(other, Remote):
            return False
        return bool(self._asks.ask("is_subclass", self._handle, other) is True)

    def _plain(self) -> tuple[Any, ...]:
        """(value,) of an instance of a class below a built-in one, which its class cannot alter."""
        if not self._about["plain"]:
            return ()
        found = self._asks.ask("value", self._handle)
        if type(found) is tuple and len(found) == 1 and type(found[0]) in _PLAIN:
            return found
        return ()

    def _number(self, wanted: str, *kinds: type) -> Any:
        found = self._plain()
        if not (found and type(found[0]) in kinds):
            raise self._refuse(wanted)
        return found[0]

    def __array__(self, dtype: Any = None, copy: Any = None) -> Any:
        if not self._about["is_class"] and "numpy" in sys.modules:
            found = self._asks.ask("array", self._handle)
            array = sys.modules["numpy"].ndarray
            if type(found) is tuple and len(found) == 1 and type(found[0]) is array:
                return found[0] if dtype is None else found[0].astype(dtype)
        raise self._refuse("an array")

    def __float__(self) -> float:
        return float(self._number("a number", int, float))

    def __int__(self) -> int:
        return int(self._number("a number", int, float))

    def __index__(self) -> int:
        return int(self._number("an index", int))

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
            theirs = other._plain()
            return bool(theirs and self == theirs[0])
        found = self._plain() if type(other) in _PLAIN else ()
        return bool(found and found[0] == other)

    def __ne__(self, other: object) -> bool:
        return not self == other

    def __hash__(self) -> int:
        if self._arithmetic in ("instance", "object"):  # equal ones have equal hashes
            found = self._asks.ask("hash", self._handle)
            return found if type(found) is int else hash(self._handle)
        if (found := self._plain()) and type(found[0]) in _HASHED:
            with suppress(TypeError):  # a list in a tuple
                return hash(found[0])
        return hash(self._handle)

    def __contains__(self, value: object) -> bool:
        if self._about["container"] and self._arithmetic == "instance":
            return bool(self._asks.ask("contains", self._handle, value) is True)
        try:
            values = iter(self)
        except TypeError:
            raise self._refuse("something that holds values") from None
        return any(each is value or each == value for each in values)


del Remote.__annotations__  # they would be found in place of those of a student's function


def _of_a_cell(frame: Any) -> bool:
    """Whether it is the check itself that asks, and not a library that it called."""
    return bool(frame.f_globals.get("__name__") == "__main__")


_SKLEARN = re.compile(r"__sklearn_\w+__")
_PASSED_ON = frozenset(
    [
        "__annotations__", "__defaults__", "__kwdefaults__", "__qualname__", "__slots__",
        "__dataclass_fields__", "__dataclass_params__", "__func__", "__self__", "__wrapped__",
        "__match_args__", "__abstractmethods__", "__isabstractmethod__", "__module__",
        "__members__",
    ]
)  # fmt: skip
"""Attributes that describe an object, and no library takes for more."""


def _members(self: Remote) -> dict[str, Any]:
    found = self._asks.ask("members", self._handle)
    return found if type(found) is dict else {}


def _built(make: Callable[[Any], Any], operation: str) -> Callable[[Remote], Any]:
    def ask(self: Remote) -> Any:
        try:
            return make(self._asks.ask(operation, self._handle))
        except (TypeError, ValueError, IndexError) as error:  # no function, or a lie
            raise AttributeError(f"{self._about['type']}: no {operation}") from error

    return ask


def _bases(self: Remote) -> tuple[Any, ...]:
    if not self._about["is_class"]:
        raise AttributeError("__bases__")
    found = self._asks.ask("bases", self._handle)
    return tuple(map(_real, found)) if type(found) is tuple else ()


def _real(base: Any) -> Any:
    """The class itself, if it is of a library that the examiner has: `issubclass` looks for it."""
    if not isinstance(base, Remote):
        return base
    real = found_class(base._about["own_classes"])
    return real if real is not None and real.__name__ == base._about.get("__name__") else base


_ASKED: dict[str, Callable[[Remote], Any]] = {
    "__dict__": _members,
    "__signature__": _built(built_signature, "signature"),
    "__code__": _built(built_code, "code"),
    "__bases__": _bases,
    "__base__": lambda self: _bases(self)[0],
}


def source_of(value: object) -> str | None:
    """The source of a function or class of the student's; None for what is none of these.

    raises: OSError as `inspect.getsource` does
    """
    if not isinstance(value, Remote):
        return None
    return str(value._asks.ask("source", value._handle))


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


def _enter(self: Remote) -> Any:
    return self._asks.ask("enter", self._handle)


def _exit(self: Remote, kind: Any, error: Any, trace: object) -> bool:
    """Leave the student's context. It never swallows what the check itself asserts."""
    own = not (isinstance(error, Exception) or error is None)
    if own:
        return False
    asserts = isinstance(error, AssertionError)
    data = {"classes": builtin_names(kind)} if kind else None
    theirs = self._asks.known_error(error)
    return bool(self._asks.ask("exit", self._handle, data, theirs) is True) and not asserts


class _Waiter:
    """What an event loop, or `await`, needs of a coroutine: its value, which is had in one step."""

    __slots__ = ()

    def __await__(self: Any) -> Any:
        return self._asks.ask("await", self._handle)
        yield

    def send(self: Any, value: object) -> Any:
        raise StopIteration(self._asks.ask("await", self._handle))

    def throw(self: Any, *error: Any) -> Any:
        raise error[0]

    def close(self) -> None:
        pass


_CAN: dict[str, tuple[str, Callable[..., Any]]] = {
    "callable": ("__call__", _call),
    "sized": ("__len__", _length),
    "iterable": ("__iter__", _iterate),
    "iterator": ("__next__", _next),
    "indexed": (
        "__getitem__",
        lambda self, key: self._asks.ask("item", self._handle, key),
    ),
    "context": ("__enter__", _enter),
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
        if plain and not isinstance(found[0], Remote):
            raise TypeError(f"{name} of a {self._about['type']} gave {type(found[0]).__name__}")
        return _marked(found[0], "instance") if isinstance(found[0], Remote) else found[0]

    return operate


_ORDER = ("__lt__", "__le__", "__gt__", "__ge__")


def _order(name: str) -> Callable[[Remote, object], Any]:
    def compare(self: Remote, other: object) -> Any:
        theirs: tuple[Any, ...] = (other,) if type(other) in (int, float, str) else ()
        if isinstance(other, Remote):
            if self._arithmetic and other._arithmetic:
                return self._asks.ask("operate", self._handle, name, other) == (True,)
            theirs = other._plain()
        if theirs and (found := self._plain()):
            return getattr(operator, name)(found[0], theirs[0])
        raise self._refuse("a number or an array that can be compared")

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
    cans = tuple(can for can in (*_CAN, "awaitable") if about[can])
    made: Remote = object.__new__(_class_of(about["type"], cans))
    for name, value in (("_asks", asks), ("_handle", handle), ("_about", about)):
        object.__setattr__(made, name, value)
    object.__setattr__(made, "_arithmetic", "")
    return made


@functools.lru_cache(maxsize=256)
def _class_of(name: str, cans: tuple[str, ...]) -> Any:
    members = dict(_CAN[can] for can in cans if can in _CAN)
    if "context" in cans:
        members["__exit__"] = _exit
    bases = (_Waiter, Remote) if "awaitable" in cans else (Remote,)
    words = property(lambda self: self._about.get("__doc__"))
    return type(
        name, bases, {"__slots__": (), "__doc__": words, "__module__": "__main__", **members}
    )


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
    for can in (*_CAN, "is_class", "awaitable", "container", "plain"):
        about[can] = said.get(can) is True
    about["class"] = found_class(said.get("classes"))
    about["own_classes"] = said.get("own_classes")
    for name in ("__name__", "__doc__"):
        if type(said.get(name)) is str:
            about[name] = said[name]
    return about
