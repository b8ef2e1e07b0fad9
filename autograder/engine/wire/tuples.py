"""Named tuples and views of dictionaries.

A named tuple is rebuilt from its field names alone, in a class made on this side: one with methods
of its own stays where it is.
"""

import collections
import functools
import keyword
from typing import Any

from autograder.engine.wire.containers import put_elements
from autograder.engine.wire.decoder import Decoder
from autograder.engine.wire.encoder import Encoder
from autograder.engine.wire.message import WireError
from autograder.engine.wire.names import mro_of, name_of, parts_of
from autograder.engine.wire.registry import READERS, derived, exact, reads, register

_MOST_FIELDS = 200
_PLAIN_PARTS = frozenset(vars(collections.namedtuple("_Plain", "a"))) - {"a"} | {
    "__annotations__", "__orig_bases__", "__module__", "__doc__",
    "__firstlineno__", "__static_attributes__",  # since Python 3.13
}  # fmt: skip
"""What the class of a named tuple has besides its fields; typing's adds a little."""


def named_fields(kind: type) -> tuple[str, ...] | None:
    """The fields of a class that is a named tuple and nothing more; None for every other class."""
    mro = mro_of(kind)
    if len(mro) != 3 or mro[1] is not tuple:  # `==` would be the metaclass's
        return None
    parts = parts_of(kind)
    fields = parts.get("_fields")
    if type(fields) is not tuple or not exact(str, *fields) or len(fields) > _MOST_FIELDS:
        return None
    if not parts.keys() <= _PLAIN_PARTS | set(fields):
        return None
    return fields


@functools.lru_cache(maxsize=256)
def named_class(name: str, fields: tuple[str, ...]) -> Any:
    """This side's class of that name and those fields.

    raises: WireError if Python could not have made it
    """
    for word in (name, *fields):
        if not word.isidentifier() or keyword.iskeyword(word):
            raise WireError("not a named tuple")
    return collections.namedtuple(name, fields, module="__main__")


def put_named_tuple(encoder: Encoder, value: Any, depth: int) -> bool:
    """Put a named tuple; False for anything else."""
    kind = type(value)
    fields = named_fields(kind)
    if fields is None or tuple.__len__(value) != len(fields):
        return False
    encoder.token(b"namedtuple", name_of(kind))
    encoder.put_all(fields, depth)
    encoder.put_all(tuple(value), depth)
    return True


@reads(b"namedtuple")
def _get_named_tuple(decoder: Decoder, depth: int) -> object:
    name = decoder.text()
    fields = tuple(decoder.get_all(depth))
    if not exact(str, *fields) or len(fields) > _MOST_FIELDS:
        raise WireError("not a named tuple")
    values = decoder.get_all(depth)
    if len(values) != len(fields):
        raise WireError("not as many values as fields")
    return tuple.__new__(named_class(name, fields), values)


def _put_items(encoder: Encoder, value: Any, depth: int) -> bool:
    encoder.token(b"dict_items")
    encoder.put(dict(value), depth)
    return True


@reads(b"dict_items")
def _get_items(decoder: Decoder, depth: int) -> object:
    items = decoder.get(depth)
    if type(items) is not dict:
        raise WireError("not the items of a dictionary")
    return items.items()


READERS[b"dict_keys"] = lambda decoder, depth: dict.fromkeys(decoder.get_all(depth)).keys()
READERS[b"dict_values"] = lambda decoder, depth: dict(enumerate(decoder.get_all(depth))).values()

register(type({}.keys()), put_elements(b"dict_keys"))
register(type({}.values()), put_elements(b"dict_values"))
register(type({}.items()), _put_items)
derived(lambda kind: put_named_tuple if named_fields(kind) is not None else None)
