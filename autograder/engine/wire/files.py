"""Paths, and files that are only in memory."""

import io
import pathlib
from typing import Any

from autograder.engine.wire.decoder import Decoder
from autograder.engine.wire.encoder import Encoder
from autograder.engine.wire.message import WireError
from autograder.engine.wire.registry import Writer, reads, register

_PATHS = {
    kind.__name__: kind
    for kind in (
        pathlib.PurePosixPath, pathlib.PureWindowsPath, type(pathlib.Path()),
    )
}  # fmt: skip


def _put_path(name: str) -> Writer:
    def put(encoder: Encoder, value: pathlib.PurePath, depth: int) -> bool:
        encoder.token(b"path", name, str(value))
        return True

    return put


@reads(b"path")
def _get_path(decoder: Decoder, depth: int) -> object:
    kind = _PATHS.get(decoder.text())
    if kind is None:
        raise WireError("not a path")
    return kind(decoder.text())


def _put_text_file(encoder: Encoder, value: io.StringIO, depth: int) -> bool:
    if value.closed:
        return False
    encoder.token(b"io.StringIO", value.getvalue(), value.tell())
    return True


def _put_binary_file(encoder: Encoder, value: io.BytesIO, depth: int) -> bool:
    if value.closed:
        return False
    content = value.getvalue()
    encoder.token(b"io.BytesIO", value.tell(), len(content))
    encoder.blob(content, len(content))
    return True


@reads(b"io.StringIO")
def _get_text_file(decoder: Decoder, depth: int) -> object:
    text = decoder.text()
    value = io.StringIO(newline="")  # so that no line end is translated on the way
    value.write(text)
    value.seek(decoder.integer(0, 2**40))
    return value


@reads(b"io.BytesIO")
def _get_binary_file(decoder: Decoder, depth: int) -> object:
    position = decoder.integer(0, 2**40)
    value = io.BytesIO(bytes(decoder.blob(decoder.integer(0))))
    value.seek(position)
    return value


def _update_file(target: Any, value: Any) -> bool:
    content = value.getvalue()
    if target.getvalue() != content:
        target.seek(0)
        target.truncate()
        target.write(content)
    target.seek(value.tell())
    return True


for _name, _kind in _PATHS.items():
    register(_kind, _put_path(_name))
register(io.StringIO, _put_text_file, _update_file)
register(io.BytesIO, _put_binary_file, _update_file)
