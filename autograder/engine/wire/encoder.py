"""From a value to a message."""

from array import array
from collections.abc import Callable, Iterable, Sequence
from typing import Any, cast

import msgpack

from autograder.engine.wire.message import (
    ARRAY_OF_TWO_BINARIES,
    BINARY,
    DEFAULT_LIMITS,
    PACKED,
    SCALAR_IDS,
    WireError,
    WireLimits,
)
from autograder.engine.wire.names import address, name_of
from autograder.engine.wire.registry import WRITERS, late_writer

_TOKEN_IDS = SCALAR_IDS - {id(int)}  # an int may be too long for msgpack
_PACK_FROM = 4  # shorter runs of numbers travel as tokens

# Bound here, since Python 3.11 looks methods of an imported name up more slowly.
_writer_of = WRITERS.get
_packing_of = PACKED.get
_array_of_two_binaries = ARRAY_OF_TWO_BINARIES.pack
_binary = BINARY.pack


def encode(
    value: object,
    *,
    opaque: Callable[[object], int | None],
    references: bool,
    limits: WireLimits = DEFAULT_LIMITS,
) -> bytes:
    """Return `value` as one message; what two places share becomes two copies.

    opaque:     called with each value that is no plain data; the handle (64 bits) that travels in
                its place, or None if it must not travel
    references: whether functions, classes and modules may travel by name
    raises: WireError if something may not travel, breaks a limit, or holds itself
    """
    encoder = Encoder(opaque, references, limits)
    try:
        encoder.put(value, 0)
    except RecursionError:  # the caller's own stack was nearly used up
        raise WireError("nested too deeply") from None
    return encoder.message()


class _NotPlain(Exception):
    """An element of an object array is no plain data."""


class Encoder:
    """Collects the tokens and the blob of one message."""

    __slots__ = ("_blob", "_limits", "_opaque", "_packed", "_size", "_tokens", "references")

    def __init__(
        self, opaque: Callable[[object], int | None] | None, references: bool, limits: WireLimits
    ) -> None:
        self._opaque = opaque
        self.references = references
        self._limits = limits
        self._tokens: list[object] = []
        self._blob: list[Any] = []
        self._size = 0
        self._packed = 0

    def put(self, value: object, depth: int) -> None:
        """Put any value, in `depth` containers."""
        writer = _writer_of(id(type(value))) or late_writer(type(value))
        if writer is None or not writer(self, value, depth):
            self._put_other(value)

    def token(self, *tokens: object) -> None:
        """Put tags, and scalars that msgpack can hold."""
        self._tokens += tokens

    def blob(self, data: Any, size: int) -> None:
        """Append a bytes-like object to the blob."""
        self._blob.append(data)
        self._size += size
        if self._size > self._limits.max_bytes:
            raise WireError(f"longer than {self._limits.max_bytes} bytes")

    def integer(self, value: int) -> None:
        """Put an exact int of any size."""
        if -(2**63) <= value < 2**64:
            self._tokens.append(value)
        else:
            size = value.bit_length() // 8 + 1
            self._tokens += (b"int", size)
            self.blob(value.to_bytes(size, "little", signed=True), size)

    def integers(self, values: Sequence[int]) -> None:
        """Put exact ints of any size, one after the other."""
        for value in values:
            self.integer(value)

    def put_all(self, values: Sequence[object], depth: int) -> None:
        """Put the number of values and then each; many numbers of one kind as raw bytes."""
        if depth >= self._limits.max_depth:
            raise WireError(f"nested deeper than {self._limits.max_depth}, or holds itself")
        size = len(values)
        kinds = frozenset(map(id, map(type, values)))
        if size >= _PACK_FROM and (code := _packing_of(kinds)):
            try:
                packed = array(code, cast(Iterable[Any], values))
            except OverflowError:
                pass
            else:
                self._packed += size
                self._check_items()
                self._tokens += (code, size)
                self.blob(packed, 8 * size)
                return
        self._tokens.append(size)
        if kinds <= _TOKEN_IDS:
            self._tokens += values
        else:
            for value in values:
                self.put(value, depth + 1)
        self._check_items()

    def put_plain(self, head: Sequence[object], values: Sequence[object], depth: int) -> bool:
        """Put the head's tokens and all values.

        returns: False, and nothing is put, if one of the values is no plain data
        """
        opaque, references = self._opaque, self.references
        before = len(self._tokens), len(self._blob), self._size, self._packed
        self._opaque, self.references = None, False
        self._tokens += head
        try:
            self.put_all(values, depth)
            return True
        except _NotPlain:
            if opaque is None:
                raise
            tokens, blobs, self._size, self._packed = before
            del self._tokens[tokens:], self._blob[blobs:]
            return False
        finally:
            self._opaque, self.references = opaque, references

    def message(self) -> bytes:
        """The whole message."""
        self._check_items()
        packer = msgpack.Packer(unicode_errors="surrogatepass", buf_size=1024)
        tokens: bytes = packer.pack(self._tokens)
        total = ARRAY_OF_TWO_BINARIES.size + len(tokens) + BINARY.size + self._size
        if total > min(self._limits.max_bytes, 2**32 - 1):
            raise WireError(f"longer than {self._limits.max_bytes} bytes")
        head = _array_of_two_binaries(b"\x92\xc6", len(tokens))
        return b"".join([head, tokens, _binary(b"\xc6", self._size), *self._blob])

    def _put_other(self, value: object) -> None:
        if self.references and (name := address(value)):
            self._tokens += (b"name", *name)
            return
        if self._opaque is None:
            raise _NotPlain
        handle = self._opaque(value)
        if type(handle) is not int or not -(2**63) <= handle < 2**64:
            raise WireError(f"a value of type {name_of(type(value))} may not travel")
        self._tokens += (b"handle", handle)

    def _check_items(self) -> None:
        if len(self._tokens) + self._packed > self._limits.max_items:
            raise WireError(f"more than {self._limits.max_items} items")
