"""From a message to a value.

The decoder makes nothing but values of the registered types, looks up nothing but fixed tables,
and checks each claim against the bytes.
"""

import itertools
import math
from array import array
from collections.abc import Callable
from typing import Any

import msgpack

from autograder.engine.wire.message import (
    ARRAY_OF_TWO_BINARIES,
    BINARY,
    DEFAULT_LIMITS,
    PACKED,
    SCALARS,
    WireError,
    WireLimits,
)
from autograder.engine.wire.registry import READERS

_MAX_DIMENSIONS = 64  # numpy's own limit

# Bound here, since Python 3.11 looks methods of an imported name up more slowly.
_reader_of = READERS.get
_are_scalars = SCALARS.issuperset
_array_of_two_binaries = ARRAY_OF_TWO_BINARIES.unpack_from
_binary = BINARY.unpack_from


def decode(
    data: bytes | bytearray | memoryview,
    *,
    resolve: Callable[[int], object],
    references: bool,
    limits: WireLimits = DEFAULT_LIMITS,
) -> object:
    """Return the value that `encode` made `data` of; arrays and tensors own their memory.

    resolve:    called with each handle, gives what stands for the opaque value
    references: whether names of functions, classes and modules are looked up; only for messages
                of the trusted side
    raises: WireError for all other bytes, whatever they are
    """
    try:
        decoder = Decoder(memoryview(data), resolve, references, limits)
        value = decoder.get(0)
        decoder.finish()
    except WireError:
        raise
    except Exception as error:  # total: constructors refuse hostile arguments in many ways
        raise WireError(f"not a valid message: {type(error).__name__}") from error
    return value


class Decoder:
    """Takes one message apart, token by token; checks each claim against the bytes."""

    __slots__ = ("_at", "_blob", "_items", "_limits", "_opaque_allowed", "_resolve", "_tokens",
                 "references")  # fmt: skip

    def __init__(
        self,
        data: memoryview,
        resolve: Callable[[int], object],
        references: bool,
        limits: WireLimits,
    ) -> None:
        if len(data) > limits.max_bytes:
            raise WireError(f"longer than {limits.max_bytes} bytes")
        start = ARRAY_OF_TWO_BINARIES.size
        head, size = _array_of_two_binaries(data)
        mark, blob_size = _binary(data, start + size)
        self._blob = data[start + size + BINARY.size :]
        if head != b"\x92\xc6" or mark != b"\xc6" or len(self._blob) != blob_size:
            raise WireError("not two binaries")
        self._tokens = _tokens(data[start : start + size], limits)
        self._at = 0
        self._items = len(self._tokens)
        self._limits = limits
        self._resolve = resolve
        self._opaque_allowed = True
        self.references = references

    def get(self, depth: int) -> Any:
        """The next value, in `depth` containers."""
        token = self.token()
        if type(token) is bytes:
            reader = _reader_of(token)
            if reader is None:
                raise WireError(f"unknown tag {token[:20]!r}")
            return reader(self, depth)
        if type(token) in SCALARS:
            return token
        raise WireError("a token is neither a scalar nor a tag")

    def finish(self) -> None:
        """Raise WireError unless all was read."""
        if self._at != len(self._tokens) or len(self._blob):
            raise WireError("bytes are left over")

    def token(self) -> Any:
        """The next token, whatever it is."""
        if self._at >= len(self._tokens):
            raise WireError("ends too early")
        self._at += 1
        return self._tokens[self._at - 1]

    def integer(self, low: int | None = None, high: int | None = None) -> int:
        """The next token, an exact int within the bounds (both included)."""
        value = self.token()
        if value == b"int" and type(value) is bytes:
            value = self.long_integer()
        if type(value) is not int:
            raise WireError("not an integer")
        if (low is not None and value < low) or (high is not None and value > high):
            raise WireError("an integer out of bounds")
        return value

    def long_integer(self) -> int:
        """An int behind its tag."""
        return int.from_bytes(self.blob(self.integer()), "little", signed=True)

    def number(self) -> float:
        """The next token, a float."""
        value = self.token()
        if type(value) is not float:
            raise WireError("not a float")
        return value

    def text(self) -> str:
        """The next token, a string."""
        value = self.token()
        if type(value) is not str:
            raise WireError("not a string")
        return value

    def blob(self, size: int) -> memoryview:
        """The next `size` bytes of the blob, not copied."""
        if not 0 <= size <= len(self._blob):
            raise WireError("claims more bytes than there are")
        data, self._blob = self._blob[:size], self._blob[size:]
        return data

    def get_all(self, depth: int) -> list[Any]:
        """A number of values, and these."""
        if depth >= self._limits.max_depth:
            raise WireError(f"nested deeper than {self._limits.max_depth}")
        size = self.token()
        if type(size) is str:
            return self._packed(size)
        if type(size) is not int or not 0 <= size <= len(self._tokens) - self._at:
            raise WireError("claims more elements than there are")
        run = self._tokens[self._at : self._at + size]
        if _are_scalars(map(type, run)):
            self._at += size
            return run
        return [self.get(depth + 1) for _ in range(size)]

    def get_plain(self, depth: int) -> list[Any]:
        """Like `get_all`, of plain data only."""
        before = self._opaque_allowed, self.references
        self._opaque_allowed = self.references = False
        values = self.get_all(depth)
        self._opaque_allowed, self.references = before
        return values

    def handle(self) -> object:
        """What stands for the opaque value of the handle that comes next."""
        handle = self.integer()
        if not self._opaque_allowed:
            raise WireError("an opaque value among plain data")
        return self._resolve(handle)

    def shape(self, itemsize: int) -> tuple[tuple[int, ...], int]:
        """A shape and its number of bytes, which are there; an empty one is bounded, too."""
        shape = tuple(self.integer(0, 2**62) for _ in range(self.integer(0, _MAX_DIMENSIONS)))
        if itemsize == 0 or 0 in shape:
            if math.prod(size or 1 for size in shape) > self._limits.max_bytes:
                raise WireError("an empty array of enormous shape")
            return shape, 0
        size = math.prod(shape) * itemsize
        if size > len(self._blob):
            raise WireError("claims more elements than there are")
        return shape, size

    def _packed(self, code: str) -> list[Any]:
        size = self.integer(0)
        if code not in PACKED.values():
            raise WireError("unknown packed numbers")
        data = self.blob(8 * size)
        self._items += size
        if self._items > self._limits.max_items:
            raise WireError(f"more than {self._limits.max_items} items")
        return array(code, bytes(data)).tolist()


def _tokens(data: memoryview, limits: WireLimits) -> list[Any]:
    """Unpack the flat array `data`; containers among the tokens are refused by msgpack's limits."""
    kind = data[0]
    if kind & 0xF0 == 0x90:
        count, start = kind & 0x0F, 1
    elif kind == 0xDC:
        count, start = int.from_bytes(data[1:3], "big"), 3
    elif kind == 0xDD:
        count, start = int.from_bytes(data[1:5], "big"), 5
    else:
        raise WireError("the tokens are no array")
    if count > limits.max_items:
        raise WireError(f"more than {limits.max_items} items")
    unpacker = msgpack.Unpacker(
        raw=False,
        unicode_errors="surrogatepass",
        read_size=1024,
        max_buffer_size=max(len(data), 1024),
        max_array_len=0,
        max_map_len=0,
        max_ext_len=0,
    )
    unpacker.feed(data[start:])
    tokens = list(itertools.islice(unpacker, count + 1))
    if len(tokens) != count or unpacker.tell() != len(data) - start:
        raise WireError("not as many tokens as announced")
    return tokens
