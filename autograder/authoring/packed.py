"""What is packed in a file: archives and compressed files, and what is packed in those."""

import bz2
import gzip
import io
import lzma
import tarfile
import zipfile
import zlib
from collections.abc import Callable, Iterator

from autograder.assignment.errors import UserError

_DEEPEST = 4
"""Archives in archives that are opened."""
_BEGINS: dict[bytes, Callable[[bytes], bytes]] = {
    b"\x1f\x8b": gzip.decompress,
    b"BZh": bz2.decompress,
    b"\xfd7zXZ\0": lzma.decompress,
}
_DAMAGED = (
    OSError, EOFError, ValueError, zlib.error, lzma.LZMAError, zipfile.BadZipFile,
    tarfile.TarError, NotImplementedError,
)  # fmt: skip


def unpacked(data: bytes, depth: int = 0) -> Iterator[tuple[str, bytes]]:
    """What is in a file's bytes, all the way down: names and contents; nothing if it packs nothing.

    Of a damaged archive, what can be read.
    raises: UserError, a phrase, if it is encrypted or packs archives too deep
    """
    try:
        for name, inner in _opened(data):
            if depth == _DEEPEST:
                raise UserError("has archives in archives in archives")
            yield name, inner
            yield from unpacked(inner, depth + 1)
    except _DAMAGED:
        return


def _opened(data: bytes) -> Iterator[tuple[str, bytes]]:
    """One layer."""
    for begins, decompress in _BEGINS.items():
        if data.startswith(begins):
            yield "", decompress(data)
    if zipfile.is_zipfile(io.BytesIO(data)):
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            for entry in archive.infolist():
                if entry.flag_bits & 1:
                    raise UserError(f"has `{entry.filename}` under a password")
                yield entry.filename, archive.read(entry)
    elif data[257:262] == b"ustar":
        with tarfile.open(fileobj=io.BytesIO(data)) as tar:
            for member in tar:
                file = tar.extractfile(member)
                yield member.name, file.read() if file else b""
