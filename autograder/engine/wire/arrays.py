"""Arrays, scalars and dtypes of numpy."""

import functools
import math
import re
import sys
from collections.abc import Sequence
from typing import Any

from autograder.engine.wire.decoder import Decoder
from autograder.engine.wire.encoder import Encoder
from autograder.engine.wire.message import WireError
from autograder.engine.wire.names import NAMED_IDS
from autograder.engine.wire.registry import READERS, late, library, reads, register
from autograder.engine.wire.scalars import put_bytes
from autograder.engine.wire.updates import merged_all

_VIEW_FROM = 2**16  # bytes; smaller arrays are copied, which is faster than making a view
_FIXED_DTYPE = re.compile(r"[=<>|][?bhilqBHILQefdgFDG]")
_SIZED_DTYPE = re.compile(
    r"[<>|][SU][0-9]{1,9}|[<>][mM]8(\[([1-9][0-9]{0,8})?(Y|M|W|D|h|m|s|ms|us|ns|ps|fs|as)\])?"
)


@functools.lru_cache(maxsize=256)
def _dtype(code: str) -> Any:
    """The dtype that `_dtype_code` names."""
    if not (_FIXED_DTYPE.fullmatch(code) or _SIZED_DTYPE.fullmatch(code)):
        raise WireError("not a dtype")
    return library("numpy").dtype(code)


def _dtype_code(dtype: Any) -> str | None:
    """By character, since `long` and `long long` differ only there; None for other kinds."""
    kind = dtype.kind
    if kind in "biufc":
        code: str = dtype.byteorder + dtype.char
        return code if _FIXED_DTYPE.fullmatch(code) else None
    return dtype.str if kind in "SUmM" else None


def _put_array(encoder: Encoder, value: Any, depth: int) -> bool:
    dtype = value.dtype
    code = _dtype_code(dtype)
    if code is None:
        return dtype.kind == "O" and _put_objects(encoder, value, depth)
    encoder.token(b"array", code, value.ndim, *value.shape)
    size = value.nbytes
    if size >= _VIEW_FROM and value.flags.c_contiguous:
        encoder.blob(value.reshape(-1).view("u1"), size)
    else:
        encoder.blob(value.tobytes(), size)
    return True


def _put_objects(encoder: Encoder, value: Any, depth: int) -> bool:
    head = (b"objects", value.ndim, *value.shape)
    return encoder.put_plain(head, value.ravel().tolist(), depth)


def _get_elements(dtype: Any, shape: tuple[int, ...], data: memoryview) -> Any:
    """A fresh array of these bytes, without bit patterns that numpy itself would never make."""
    np = library("numpy")
    if not len(data):
        return np.ndarray(shape, dtype)
    values = np.frombuffer(data, dtype).reshape(shape).copy()
    flat = values.reshape(-1)
    if dtype.kind == "b":
        check_bool(flat.view("u1"))
    elif dtype.kind == "U" and flat.view(dtype.byteorder + "u4").max() > sys.maxunicode:
        raise WireError("not a character")
    elif dtype.char in "gG":
        reals = flat.view(np.dtype("g").newbyteorder(dtype.byteorder))
        with np.errstate(all="ignore"):
            reals *= 1  # turns invalid encodings of the 80-bit format into NaN
    return values


def check_bool(data: Any) -> None:
    """Raise WireError for bytes other than 0 and 1: counting and comparing rely on these."""
    if data.size and data.max() > 1:
        raise WireError("a truth value that is neither 0 nor 1")


@reads(b"array")
def _get_array(decoder: Decoder, depth: int) -> object:
    dtype = _dtype(decoder.text())
    shape, size = decoder.shape(dtype.itemsize)
    return _get_elements(dtype, shape, decoder.blob(size))


@reads(b"objects")
def _get_objects(decoder: Decoder, depth: int) -> object:
    shape, _ = decoder.shape(0)
    elements = decoder.get_plain(depth)
    if math.prod(shape) != len(elements):
        raise WireError("a shape of another number of elements")
    return _objects(elements, shape)


def _objects(elements: Sequence[object], shape: tuple[int, ...]) -> Any:
    flat = library("numpy").empty(len(elements), object)
    for index, element in enumerate(elements):  # at once, numpy would look into lists
        flat[index] = element
    return flat.reshape(shape).copy()


def _put_number(encoder: Encoder, value: Any, depth: int) -> bool:
    code = _dtype_code(value.dtype)
    if code is None:
        return False
    data = value.tobytes()
    encoder.token(b"number", code)
    encoder.blob(data, len(data))
    return True


@reads(b"number")
def _get_number(decoder: Decoder, depth: int) -> object:
    dtype = _dtype(decoder.text())
    if dtype.kind in "SU":
        raise WireError("not a number")
    return _get_elements(dtype, (1,), decoder.blob(dtype.itemsize))[0]


def _put_numpy_str(encoder: Encoder, value: Any, depth: int) -> bool:
    encoder.token(b"numpy.str", str.__str__(value))
    return True


READERS[b"numpy.str"] = lambda decoder, depth: library("numpy").str_(decoder.text())
READERS[b"numpy.bytes"] = lambda decoder, depth: library("numpy").bytes_(
    bytes(decoder.blob(decoder.integer()))
)


def _put_dtype(encoder: Encoder, value: Any, depth: int) -> bool:
    code = "O" if value.char == "O" else _dtype_code(value)
    if code is None:
        return False
    encoder.token(b"numpy.dtype", code)
    return True


@reads(b"numpy.dtype")
def _get_dtype(decoder: Decoder, depth: int) -> object:
    code = decoder.text()
    return library("numpy").dtype(object) if code == "O" else _dtype(code)


def _update_array(target: Any, value: Any) -> bool:
    if target.shape != value.shape or target.dtype != value.dtype or not target.flags.writeable:
        return False
    if target.dtype.kind == "O":
        merged = merged_all(target.ravel().tolist(), value.ravel().tolist())
        target[...] = _objects(merged, target.shape)
    else:
        target[...] = value
    return True


@late("numpy")
def _register_numpy(np: Any) -> None:
    register(np.ndarray, _put_array, _update_array)
    register(np.str_, _put_numpy_str)
    register(np.bytes_, put_bytes(b"numpy.bytes"))
    for code in "?bhilqBHILQefdgFDGmM":
        register(np.dtype(code).type, _put_number)
    for code in "?bhilqBHILQefdgFDGmMSUO":
        register(type(np.dtype(code)), _put_dtype)
    NAMED_IDS.update({id(np.ufunc), id(type(np.mean))})
