"""What a message is: its limits, its layout, and the error of all that is none.

A message is one msgpack object, an array of two binaries: the *tokens* and the *blob*. The tokens
are a flat msgpack array in prefix order, `[b"list", 2, 1, "one"]`; a bytes token is always a tag,
and no token is a container, so that what a message claims never makes msgpack allocate. The blob
holds the raw bytes of arrays, long integers and lists of numbers, in the order of their tokens.
"""

import struct
from dataclasses import dataclass


class WireError(Exception):
    """The bytes are not a valid message, or they or a value break a limit."""


@dataclass(frozen=True)
class WireLimits:
    """What one message may hold.

    max_bytes: of the whole message
    max_depth: containers within containers
    max_items: tokens and packed numbers together, so about the elements of all containers
    """

    max_bytes: int = 256 * 2**20
    max_depth: int = 100
    max_items: int = 5_000_000


DEFAULT_LIMITS = WireLimits()

ARRAY_OF_TWO_BINARIES = struct.Struct(">2sI")  # its mark, the first binary's mark and length
BINARY = struct.Struct(">cI")
SCALARS = frozenset({type(None), bool, int, float, str})  # what a token may be besides a tag
SCALAR_IDS = frozenset(id(scalar) for scalar in SCALARS)
PACKED = {frozenset({id(float)}): "d", frozenset({id(int)}): "q"}  # ids of types: code of array
