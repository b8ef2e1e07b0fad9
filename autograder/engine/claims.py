"""What the student's process says of an object's class, and what the examiner makes of it.

A class of a library is named, and found among the modules that the examiner has imported itself. A
stand-in never passes for a type whose values travel (arrays, tables, numbers …): library code
would hand it what the check expects and believe its answer.
"""

import builtins
import sys
import types
from collections.abc import Iterator
from typing import Any

from autograder.engine.wire.names import mro_of, parts_of, qualified_name_of
from autograder.engine.wire.registry import is_value_type

_MOST = 30
_SKIPPING = frozenset({"SkipTest", "_ShouldStop", "UnsatisfiedAssumption"})
_HIDDEN_KINDS = {
    kind.__name__: kind
    for kind in vars(types).values()
    if type(kind) is type and kind.__module__ == "builtins"
}
"""Types of Python's own that have no name among the builtins: function, generator, coroutine …"""


def named_classes(kind: type) -> list[tuple[str, str]]:
    """Module and name of a class and its bases, in order, as far as they are not a notebook's."""
    found = []
    for base in mro_of(kind)[:_MOST]:
        module = parts_of(base).get("__module__")
        if type(module) is not str:  # Python's own say it otherwise
            module = "builtins"
        if base is not object and module != "__main__":
            found.append((module, qualified_name_of(base)))
    return found


def found_class(said: object) -> type | None:
    """The first of the classes that are named so, if the examiner has it and may say so."""
    for kind in _classes(said):
        if any(is_value_type(base) for base in mro_of(kind)[:-1]):
            return None
        return kind
    return None


def found_errors(said: object) -> Iterator[type[Exception]]:
    """The classes of exceptions among those that are named."""
    for kind in _classes(said):
        if issubclass(kind, Exception):
            yield kind


def builtin_names(kind: type) -> list[str]:
    """Names of Python's own classes among a class and its bases, in order."""
    return [name for base in kind.__mro__ if vars(builtins).get(name := base.__name__) is base]


def raised_here(kind: type[Exception]) -> type[Exception]:
    """What arrives of an exception out of an answer.

    One that ends an iteration would end the check's own without a word: `map`, `zip`, a loop. It
    becomes a RuntimeError, as Python has it for generators (PEP 479). So does one by which a
    library that tests is told to skip the rest.
    """
    ends = issubclass(kind, StopIteration | StopAsyncIteration)
    skips = any(base.__name__ in _SKIPPING for base in kind.__mro__)
    return RuntimeError if ends or skips else kind


def _classes(said: object) -> Iterator[type]:
    for pair in said[:_MOST] if isinstance(said, list) else ():
        if isinstance(pair, tuple) and len(pair) == 2 and all(type(p) is str for p in pair):
            kind = _class(*pair)
            if kind is not None:
                yield kind


def _class(module: str, name: str) -> type | None:
    if module == "__main__" or "<" in name:
        return None
    place: Any = sys.modules.get(module)
    if place is builtins and name in _HIDDEN_KINDS:
        return _HIDDEN_KINDS[name]
    for part in name.split("."):  # without asking: a module may import its parts when asked
        place = vars(place).get(part) if isinstance(place, type | types.ModuleType) else None
    return place if isinstance(place, type) else None
