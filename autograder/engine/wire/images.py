"""Images of Pillow, as their pixels."""

import sys
from typing import Any

from autograder.engine.wire.decoder import Decoder
from autograder.engine.wire.encoder import Encoder
from autograder.engine.wire.message import WireError
from autograder.engine.wire.names import mro_of, parts_of
from autograder.engine.wire.registry import Writer, derived, late, library, reads, register

_BITS = {
    "1": 1, "L": 8, "P": 8, "LA": 16, "I;16": 16, "RGB": 24, "YCbCr": 24, "HSV": 24, "LAB": 24,
    "RGBA": 32, "CMYK": 32, "I": 32, "F": 32,
}  # fmt: skip
"""Bits of a pixel by mode; other modes stay behind."""


def _size(mode: str, width: int, height: int) -> int:
    return (_BITS[mode] * width + 7) // 8 * height


def _put_image(encoder: Encoder, value: Any, depth: int) -> bool:
    mode = value.mode
    if mode not in _BITS:
        return False
    width, height = value.size
    data = value.tobytes() if width and height else b""
    palette = value.getpalette("RGB") if mode == "P" else None
    encoder.token(b"PIL.Image", mode, width, height, value.format)
    encoder.put(palette, depth)
    encoder.blob(data, len(data))
    return True


@reads(b"PIL.Image")
def _get_image(decoder: Decoder, depth: int) -> object:
    mode = decoder.text()
    if mode not in _BITS:
        raise WireError("not a mode of an image")
    width, height = decoder.integer(0, 2**20), decoder.integer(0, 2**20)
    form = decoder.token()
    if form is not None and type(form) is not str:
        raise WireError("not a format of an image")
    palette = decoder.get(depth)
    data = bytes(decoder.blob(_size(mode, width, height)))  # bounds the size, too
    image = library("PIL.Image")
    value = (
        image.frombytes(mode, (width, height), data) if data else image.new(mode, (width, height))
    )
    if palette is not None:
        if type(palette) is not list or not all(
            type(part) is int and 0 <= part < 256 for part in palette
        ):
            raise WireError("not a palette")
        value.putpalette(palette[:768])
    value.format = form
    return value


def _update_image(target: Any, value: Any) -> bool:
    if (target.mode, target.size) != (value.mode, value.size):
        return False
    target.paste(value)
    return True


@late("PIL.Image")
def _register_pillow(image: Any) -> None:
    register(image.Image, _put_image, _update_image)


def _opened(kind: type) -> Writer | None:
    """Pillow has a class for each format of a file: what was opened travels as a plain image."""
    image = sys.modules.get("PIL.Image")
    base = getattr(image, "Image", None)
    if base is None or not any(each is base for each in mro_of(kind)):  # `==` is the metaclass's
        return None
    home = parts_of(kind).get("__module__")
    return _put_image if type(home) is str and home.startswith("PIL.") else None


derived(_opened)
