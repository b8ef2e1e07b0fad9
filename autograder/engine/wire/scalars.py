"""Numbers, strings and other single values of plain Python."""

from decimal import Decimal
from fractions import Fraction

from autograder.engine.wire.decoder import Decoder
from autograder.engine.wire.encoder import Encoder
from autograder.engine.wire.registry import READERS, Writer, exact, reads, register


def _put_scalar(encoder: Encoder, value: object, depth: int) -> bool:
    encoder.token(value)
    return True


def _put_int(encoder: Encoder, value: int, depth: int) -> bool:
    encoder.integer(value)
    return True


def put_bytes(tag: bytes) -> Writer:
    """The writer of strings of bytes under this tag."""

    def put(encoder: Encoder, value: bytes | bytearray, depth: int) -> bool:
        data = bytes(value)
        encoder.token(tag, len(data))
        encoder.blob(data, len(data))
        return True

    return put


def _put_complex(encoder: Encoder, value: complex, depth: int) -> bool:
    encoder.token(b"complex", value.real, value.imag)
    return True


def _put_range(encoder: Encoder, value: range, depth: int) -> bool:
    parts = (value.start, value.stop, value.step)
    if not exact(int, *parts):
        return False
    encoder.token(b"range")
    encoder.integers(parts)
    return True


def _put_slice(encoder: Encoder, value: slice, depth: int) -> bool:
    encoder.token(b"slice")
    encoder.put_all((value.start, value.stop, value.step), depth)
    return True


def _put_ellipsis(encoder: Encoder, value: object, depth: int) -> bool:
    encoder.token(b"...")
    return True


def _put_decimal(encoder: Encoder, value: Decimal, depth: int) -> bool:
    encoder.token(b"decimal", str(value))
    return True


def _put_fraction(encoder: Encoder, value: Fraction, depth: int) -> bool:
    parts = (value.numerator, value.denominator)
    if not exact(int, *parts):
        return False
    encoder.token(b"fraction")
    encoder.integers(parts)
    return True


@reads(b"slice")
def _get_slice(decoder: Decoder, depth: int) -> slice:
    start, stop, step = decoder.get_all(depth)
    return slice(start, stop, step)


READERS[b"int"] = lambda decoder, depth: decoder.long_integer()
READERS[b"bytes"] = lambda decoder, depth: bytes(decoder.blob(decoder.integer()))
READERS[b"bytearray"] = lambda decoder, depth: bytearray(decoder.blob(decoder.integer()))
READERS[b"complex"] = lambda decoder, depth: complex(decoder.number(), decoder.number())
READERS[b"range"] = lambda decoder, depth: range(*(decoder.integer() for _ in range(3)))
READERS[b"..."] = lambda decoder, depth: ...
READERS[b"decimal"] = lambda decoder, depth: Decimal(decoder.text())
READERS[b"fraction"] = lambda decoder, depth: Fraction(decoder.integer(), decoder.integer())


def _update_bytearray(target: bytearray, value: bytearray) -> bool:
    target[:] = value
    return True


for _scalar in (type(None), bool, float, str):
    register(_scalar, _put_scalar)
register(int, _put_int)
register(complex, _put_complex)
register(bytes, put_bytes(b"bytes"))
register(bytearray, put_bytes(b"bytearray"), _update_bytearray)
register(range, _put_range)
register(slice, _put_slice)
register(type(...), _put_ellipsis)
register(Decimal, _put_decimal)
register(Fraction, _put_fraction)
