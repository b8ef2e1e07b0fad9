"""The student's process: it runs answers and own cells, and serves what the examiner asks for.

Whatever it says is the student's word: the examiner takes plain data from it, never a mark.
"""

import asyncio
import copy
import inspect
import sys
import types
from collections.abc import Callable
from contextlib import suppress
from typing import Any

from autograder.engine.channel_base import Messenger
from autograder.engine.claims import named_classes
from autograder.engine.console import Printed, surrounded
from autograder.engine.exception_data import error_from, failure
from autograder.engine.functions import code_of, signature_of
from autograder.engine.link import Failed, Link, Refused
from autograder.engine.returned import Returned
from autograder.engine.seeds import restore
from autograder.engine.wire.names import mro_of, name_of, parts_of

_MUTABLE = ("ndarray", "Tensor", "list", "dict", "set", "bytearray", "deque", "OrderedDict",
            "defaultdict", "Counter", "Generator", "RandomState", "Random", "tuple", "DataFrame",
            "Series", "StringIO", "BytesIO", "Image")  # fmt: skip
_PLAIN = (int, float, str, bool, type(None))
_GENERATORS = ("Generator", "RandomState", "Random")
_BASES: dict[type, Callable[[Any], Any]] = {
    int: int.__int__,
    float: float.__float__,
    str: str.__str__,
    bytes: lambda value: bytes.__getitem__(value, slice(None)),
    tuple: lambda value: tuple(tuple.__iter__(value)),
    list: list.copy,
    dict: lambda value: dict(dict.items(value)),
    frozenset: lambda value: frozenset(frozenset.__iter__(value)),
    set: lambda value: set(set.__iter__(value)),
}
"""Built-in types, and how the plain value of an instance of a class below them is had."""


def _base_of(value: object) -> type | None:
    """The built-in type below which the value's class was made, whatever it says of itself."""
    return next((base for base in mro_of(type(value)) if base in _BASES), None)


class Student:
    """Answers the examiner's questions about `names`, the namespace of the cells."""

    def __init__(self, names: dict[str, Any], channel: Messenger) -> None:
        self._names = names
        self._first_names = frozenset(names)
        self._printed = Printed()
        self._objects: list[Any] = [None]  # handle 0 is nobody's
        self._handles: dict[int, int] = {}
        self._told: list[int] = []
        self._watched: dict[str, bytes] = {}
        self._link = Link(
            channel, trusted=False, opaque=self._handle_of, resolve=self._object_of,
            answer=self._answer, describe=self._failure, tell=self._news,
        )  # fmt: skip
        self._returned = Returned(self._link.pack)

    def serve_one(self) -> None:
        """Wait for a question of the examiner's and answer it."""
        self._link.serve_one()

    def _handle_of(self, value: object) -> int:
        handle = self._handles.get(id(value))
        if handle is None:
            handle = len(self._objects)
            self._objects.append(value)
            self._handles[id(value)] = handle
            self._told.append(handle)
        return handle

    def _news(self) -> dict[int, dict[str, Any]]:
        """What the examiner has to know of objects that it gets to see for the first time."""
        news = {}
        for handle in self._told:
            with suppress(Exception):  # then it asks
                news[handle] = self._do_describe(handle)
        self._told = []
        return news

    def _failure(self, error: BaseException) -> dict[str, Any]:
        """Describe an exception; one of a class of the student's own comes with its class."""
        said = failure(error)
        if self._printed.texts:
            said["printed"], self._printed = self._printed.texts, Printed()
        kind = type(error)
        module = parts_of(kind).get("__module__")  # none in Python's own
        if module not in (None, "builtins"):
            said["named"] = named_classes(kind)
            if module == "__main__":
                said |= {"class": kind, "object": error}
        return said

    def _object_of(self, handle: int) -> object:
        if handle > 0:
            return self._objects[handle]

        def of_the_check(*arguments: Any, **keywords: Any) -> Any:
            try:
                return self._link.ask("callback", handle, arguments, keywords)
            except Failed as failed:
                raise error_from(failed.data)[0] from None

        self._handles[id(of_the_check)] = handle
        self._objects.append(of_the_check)  # kept, so that its id stays its own
        return of_the_check

    def _answer(self, operation: str, operands: tuple[Any, ...]) -> Any:
        act: Callable[..., Any] | None = getattr(self, f"_do_{operation}", None)
        if act is None:
            raise Refused(f"there is no operation {operation}")
        return act(*operands)

    def _do_listing(self) -> list[str]:
        """Names that cells have bound in this process."""
        return [
            name
            for name in self._names
            if type(name) is str and not name.startswith("_") and name not in self._first_names
        ]

    def _do_within(self, changed: dict[str, Any], operation: str, operands: Any) -> Any:
        """Do something in the surroundings that the check has made: (value, printed, position)."""
        self._printed = printed = Printed()
        with surrounded(changed, self._names, printed):
            value = self._answer(operation, operands)
        self._printed = Printed()
        return value, printed.texts, printed.position

    def _do_names(self, names: list[str]) -> tuple[dict[str, Any], dict[str, str]]:
        """A new check: the values of those global names that there are; they are watched.

        Of names for the same object only one has it; which ones are the same is told.
        """
        self._watched.clear()
        found = {name: self._names[name] for name in names if name in self._names}
        first: dict[int, str] = {}
        same = {}
        for name, value in list(found.items()):
            if type(value).__name__ in _MUTABLE:
                if id(value) in first:
                    same[name] = first[id(value)]
                    del found[name]
                else:
                    first[id(value)] = name
        for name, value in found.items():
            if type(value).__name__ in _MUTABLE or type(value) in _PLAIN:
                self._watched[name] = self._link.pack(value)
        return found, same

    def _do_bind(self, bound: dict[str, Any], unbound: list[str]) -> None:
        """What the check did to the student's names."""
        self._names.update(bound)
        for name in unbound:
            self._names.pop(name, None)

    def _do_seed(self, states: dict[str, Any]) -> None:
        restore(states)

    def _do_call(
        self,
        handle: int,
        arguments: list[bytes | int],
        keywords: dict[str, bytes | int | str],
        check: int,
    ) -> Any:
        """Call an object for the check of this number.

        arguments, keywords: as they are sent, or the place of one before that is the same object
        returns: value, changed arguments, changed globals that the check has read, and what the
                 check has to know of the value and of earlier ones (see `returned.News`)
        """
        self._returned.begin(check)
        given: dict[Any, Any] = {}
        sent: dict[Any, bytes] = {}
        places: dict[Any, bytes | int | str] = {**dict(enumerate(arguments)), **keywords}
        for place, data in places.items():
            if isinstance(data, int | str):
                given[place], sent[place] = given[data], sent[data]
            else:
                given[place], sent[place] = self._link.unpack(data), data
        named = {name: given.pop(name) for name in keywords}
        value = self._objects[handle](*given.values(), **named)
        changed = []
        for place, argument in {**given, **named}.items():
            kind = type(argument).__name__
            if kind in _MUTABLE:
                after = self._link.pack(argument)
                if after != sent[place]:
                    changed.append((place, after, kind in _GENERATORS))
        return value, changed, self._changed_names(), self._returned.news(value)

    def _changed_names(self) -> dict[str, Any]:
        changed = {}
        for name, before in list(self._watched.items()):
            if name in self._names:
                after = self._link.pack(self._names[name])
                if after != before:
                    changed[name] = self._names[name]
                    self._watched[name] = after
        return changed

    def _do_value(self, handle: int) -> tuple[Any, ...]:
        """The plain value behind an instance of a class made below a built-in one, or ()."""
        value = self._objects[handle]
        base = _base_of(value)
        return () if base is None else (_BASES[base](value),)

    def _do_array(self, handle: int) -> tuple[Any, ...]:
        """What NumPy makes of an object: (array,), or () where that is none of plain data."""
        found = sys.modules["numpy"].asarray(self._objects[handle])
        return () if found.dtype.hasobject else (found,)

    def _do_describe(self, handle: int) -> dict[str, Any]:
        """Say what an object is, without a line of its class's code but for its name and docstring."""
        value = self._objects[handle]
        cls = type(value)
        known = {name for base in mro_of(cls) for name in parts_of(base)}
        said: dict[str, Any] = {
            "type": name_of(cls),
            "callable": callable(value),
            "sized": "__len__" in known,
            "iterable": "__iter__" in known,
            "iterator": "__next__" in known,
            "indexed": "__getitem__" in known,
            "changeable": "__setitem__" in known,
            "context": "__enter__" in known,
            "awaitable": "__await__" in known,
            "container": "__contains__" in known,
            "is_class": issubclass(cls, type),
            "plain": _base_of(value) is not None,
            "classes": named_classes(cls),
        }
        if issubclass(cls, type):
            said["own_classes"] = named_classes(value)
        if issubclass(cls, type) and BaseException in mro_of(value):
            said["bases"] = [
                base if parts_of(base).get("__module__") == "__main__" else named_classes(base)
                for base in type.__dict__["__bases__"].__get__(value)
            ]
        for name in ("__name__", "__doc__"):
            with suppress(Exception):
                text = getattr(value, name, None)
                if issubclass(type(text), str):
                    said[name] = str.__str__(text)[:10_000]
        return said

    def _do_attribute(self, handle: int, name: str) -> Any:
        return getattr(self._objects[handle], name)

    def _do_delete_attribute(self, handle: int, name: str) -> None:
        delattr(self._objects[handle], name)

    def _do_bases(self, handle: int) -> tuple[Any, ...]:
        return self._objects[handle].__bases__  # type: ignore[no-any-return]

    def _do_members(self, handle: int) -> dict[str, Any]:
        members = self._objects[handle].__dict__
        return {name: value for name, value in members.items() if type(name) is str}

    def _do_directory(self, handle: int) -> list[str]:
        return [str(name) for name in dir(self._objects[handle])]

    def _do_signature(self, handle: int) -> Any:
        return signature_of(self._objects[handle])

    def _do_code(self, handle: int) -> dict[str, Any]:
        return code_of(self._objects[handle])

    def _do_source(self, handle: int) -> str:
        return inspect.getsource(self._objects[handle])[:200_000]

    def _do_hash(self, handle: int) -> int:
        return hash(self._objects[handle])

    def _do_contains(self, handle: int, value: Any) -> bool:
        return value in self._objects[handle]

    def _do_enter(self, handle: int) -> Any:
        value = self._objects[handle]
        return type(value).__enter__(value)

    def _do_exit(self, handle: int, data: dict[str, Any] | None, error: Any) -> bool:
        value = self._objects[handle]
        if error is None and data is not None:
            error = error_from(data)[0]
        kind = None if error is None else type(error)
        return bool(type(value).__exit__(value, kind, error, None))

    def _do_await(self, handle: int) -> Any:
        async def wait() -> Any:
            return await self._objects[handle]

        return asyncio.run(wait())

    def _do_subclass(self, _: int, name: str, bases: list[Any], members: dict[str, Any]) -> Any:
        """The check makes a class below the student's; its methods are the check's."""
        members["__module__"] = "__main__"
        return types.new_class(name, tuple(bases), {}, lambda names: names.update(members))

    def _do_is_subclass(self, handle: int, value: Any) -> bool:
        return issubclass(value, self._objects[handle])

    def _do_set_attribute(self, handle: int, name: str, value: Any) -> None:
        setattr(self._objects[handle], name, value)

    def _do_item(self, handle: int, key: Any) -> Any:
        return self._objects[handle][key]

    def _do_set_item(self, handle: int, key: Any, value: Any) -> None:
        self._objects[handle][key] = value

    def _do_length(self, handle: int) -> int:
        return len(self._objects[handle])

    def _do_iterate(self, handle: int) -> int:
        return self._handle_of(iter(self._objects[handle]))

    def _do_next(self, handle: int) -> tuple[Any, ...]:
        try:
            return (next(self._objects[handle]),)
        except StopIteration:
            return ()

    def _do_truth(self, handle: int) -> bool:
        return bool(self._objects[handle])

    def _do_text(self, handle: int, how: str) -> str:
        value = self._objects[handle]
        return str(repr(value) if how == "repr" else str(value))[:10_000]

    def _do_copy(self, handle: int, deep: bool) -> Any:
        value = self._objects[handle]
        return copy.deepcopy(value) if deep else copy.copy(value)

    def _do_instance(self, handle: int, value: Any) -> bool:
        return isinstance(value, self._objects[handle])

    def _do_operate(self, handle: int, name: str, *others: Any) -> Any:
        """The operator's value: (value,), or () if the class does not know it."""
        value = self._objects[handle]
        method = getattr(type(value), name, None)
        result = NotImplemented if method is None else method(value, *others)
        return () if result is NotImplemented else (result,)
