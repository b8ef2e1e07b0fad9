"""The tables of the types that travel, and of libraries whose types are added once imported.

Types are told by `type(value)` alone and looked up by the type's identity: no method of a value,
of its class or of its metaclass runs before it is known to be plain.
"""

import importlib
import sys
from collections.abc import Callable
from typing import Any

# Called with encoder, value and depth; returns False if this value is opaque after all.
Writer = Callable[[Any, Any, int], bool]
# Called with decoder and depth; returns the value.
Reader = Callable[[Any, int], object]
# Called with two values of one type; makes the first equal to the second if it can, and says so.
Updater = Callable[[Any, Any], bool]
_Library = Callable[[Any], None]

WRITERS: dict[int, Writer] = {}
READERS: dict[bytes, Reader] = {}
UPDATERS: dict[int, Updater] = {}
_DERIVED: list[Callable[[type], Writer | None]] = []
_KEPT: list[type] = []  # an id means its type as long as the type lives
_LATE: dict[_Library, str] = {}


def register(kind: type, writer: Writer, updater: Updater | None = None) -> None:
    """Let values of exactly this type travel, and be updated in place if there is an updater."""
    _KEPT.append(kind)
    WRITERS[id(kind)] = writer
    if updater:
        UPDATERS[id(kind)] = updater


def reads(tag: bytes) -> Callable[[Reader], Reader]:
    """Return a decorator for the function that reads what stands behind this tag."""

    def add(reader: Reader) -> Reader:
        READERS[tag] = reader
        return reader

    return add


def late(name: str) -> Callable[[_Library], _Library]:
    """Return a decorator for a function that registers the types of the module of this name.

    It is called with the module, once someone else has imported it; an AttributeError means that
    the module is not complete yet.
    """

    def add(function: _Library) -> _Library:
        _LATE[function] = name
        return function

    return add


def late_writer(kind: type) -> Writer | None:
    """Look again: a library may have been imported since the last unknown type."""
    for function, name in tuple(_LATE.items()):
        module = sys.modules.get(name)
        if module is not None:
            try:
                function(module)
            except AttributeError:  # still being imported
                continue
            _LATE.pop(function, None)
    writer = WRITERS.get(id(kind))
    if writer is None:
        writer = next((found for look in _DERIVED if (found := look(kind))), None)
    return writer


def derived(look: Callable[[type], Writer | None]) -> None:
    """Let a function tell the writer of types that are not known one by one, such as named tuples.

    It is asked about each unknown type, and must run none of the type's code.
    """
    _DERIVED.append(look)


def is_value_type(kind: type) -> bool:
    """Whether values of exactly this type travel."""
    return id(kind) in WRITERS or late_writer(kind) is not None


def library(name: str) -> Any:
    """Return the module, imported if need be: a message holds a value of its types."""
    return sys.modules.get(name) or importlib.import_module(name)


def exact(kind: type, *values: object) -> bool:
    """Whether the values are of this type, none of a subclass."""
    return all(type(value) is kind for value in values)
