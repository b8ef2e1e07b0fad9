"""The containers of plain Python.

Some exact types have a __dict__ in which an instance could shadow a method, so methods are taken
from the type.
"""

import collections
import itertools
from collections.abc import Callable, Iterable
from typing import Any

from autograder.engine.wire.decoder import Decoder
from autograder.engine.wire.encoder import Encoder
from autograder.engine.wire.message import WireError
from autograder.engine.wire.registry import READERS, Reader, Writer, late, reads, register
from autograder.engine.wire.updates import merged, merged_all


def put_elements(tag: bytes) -> Writer:
    """A writer of what is the tag and its elements, in order."""

    def put(encoder: Encoder, value: Iterable[object], depth: int) -> bool:
        encoder.token(tag)
        encoder.put_all(list(value), depth)
        return True

    return put


def _put_list(encoder: Encoder, value: list[object], depth: int) -> bool:
    encoder.token(b"list")
    encoder.put_all(value, depth)
    return True


def _put_tuple(encoder: Encoder, value: tuple[object, ...], depth: int) -> bool:
    encoder.token(b"tuple")
    encoder.put_all(value, depth)
    return True


def _put_mapping(tag: bytes, kind: Any) -> Writer:
    def put(encoder: Encoder, value: dict[object, object], depth: int) -> bool:
        encoder.token(tag)
        encoder.put_all(list(itertools.chain.from_iterable(kind.items(value))), depth)
        return True

    return put


def _put_deque(encoder: Encoder, value: collections.deque[object], depth: int) -> bool:
    encoder.token(b"deque", value.maxlen)
    encoder.put_all(list(value), depth)
    return True


def _get_mapping(make: Callable[[], Any]) -> Reader:
    def get(decoder: Decoder, depth: int) -> object:
        flat = decoder.get_all(depth)
        keys, values = flat[::2], flat[1::2]
        if len(keys) != len(values):
            raise WireError("a key without a value")
        mapping = make()
        # Counter.update adds; OrderedDict keeps its order only by its own __setitem__.
        if type(mapping) is collections.Counter:
            dict.update(mapping, zip(keys, values, strict=True))
        else:
            mapping.update(zip(keys, values, strict=True))
        if len(mapping) != len(keys):
            raise WireError("a key stands twice")
        return mapping

    return get


def _get_set(kind: type[set[Any]] | type[frozenset[Any]]) -> Reader:
    def get(decoder: Decoder, depth: int) -> object:
        elements = decoder.get_all(depth)
        value = kind(elements)
        if len(value) != len(elements):
            raise WireError("an element stands twice")
        return value

    return get


@reads(b"deque")
def _get_deque(decoder: Decoder, depth: int) -> collections.deque[object]:
    longest = decoder.token()
    if longest is not None and type(longest) is not int:
        raise WireError("not a length")
    elements = decoder.get_all(depth)
    if longest is not None and longest < len(elements):
        raise WireError("a deque longer than its maximum")
    return collections.deque(elements, longest)


READERS[b"list"] = lambda decoder, depth: decoder.get_all(depth)
READERS[b"tuple"] = lambda decoder, depth: tuple(decoder.get_all(depth))
READERS[b"set"] = _get_set(set)
READERS[b"frozenset"] = _get_set(frozenset)
READERS[b"dict"] = _get_mapping(dict)
READERS[b"OrderedDict"] = _get_mapping(collections.OrderedDict)
READERS[b"Counter"] = _get_mapping(collections.Counter)
READERS[b"defaultdict"] = _get_mapping(collections.defaultdict)


def _update_list(target: list[object], value: list[object]) -> bool:
    target[:] = merged_all(target, value)
    return True


def _update_deque(target: collections.deque[object], value: collections.deque[object]) -> bool:
    if target.maxlen != value.maxlen:
        return False
    elements = merged_all(list(target), list(value))
    target.clear()
    target.extend(elements)
    return True


def _update_mapping(target: Any, value: Any) -> bool:
    kind: Any = type(target)
    items = [
        (key, merged(target[key], new) if key in target else new) for key, new in kind.items(value)
    ]
    kind.clear(target)
    for key, each in items:
        kind.__setitem__(target, key, each)
    return True


def _update_set(target: set[object], value: set[object]) -> bool:
    target.clear()
    target.update(value)
    return True


register(list, _put_list, _update_list)
register(tuple, _put_tuple)
register(set, put_elements(b"set"), _update_set)
register(frozenset, put_elements(b"frozenset"))
register(dict, _put_mapping(b"dict", dict), _update_mapping)
for _mapping in (collections.OrderedDict, collections.Counter, collections.defaultdict):
    register(_mapping, _put_mapping(_mapping.__name__.encode(), _mapping), _update_mapping)
register(collections.deque, _put_deque, _update_deque)


@late("IPython.utils.text")
def _register_lines(text: Any) -> None:
    """What `lines = !command` gives: a list."""
    register(text.SList, put_elements(b"list"))
