"""What an answer showed when it ran, as far as a page takes it: text, and pictures of two kinds."""

import base64
import binascii
import io
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from autograder.pages.feedback.discretion import Discretion

_PICTURES = {"image/png": "PNG", "image/jpeg": "JPEG"}
_MAGIC = {"image/png": b"\x89PNG\r\n\x1a\n", "image/jpeg": b"\xff\xd8\xff"}
MAX_PICTURES = 10
"""Of one cell."""
_MAX_BYTES = 1_500_000
_MAX_PIXELS = 20_000_000
_MAX_TEXT = 3_000


@dataclass(frozen=True)
class Shown:
    """One output: text, or the address `data:image/…` of a picture with its alternative text."""

    text: str = ""
    picture: str = ""
    alternative: str = ""


def shown_outputs(
    outputs: Sequence[Mapping[str, Any]], discretion: Discretion, sources: Sequence[str]
) -> Iterator[Shown]:
    """Outputs of a student's cell. HTML, SVG, JavaScript and all other kinds are left out."""
    pictures = 0
    for output in outputs:
        kind = output.get("output_type")
        data = output.get("data")
        if kind == "stream":
            text = joined(output.get("text"))
        elif kind == "error":
            text = f"{output.get('ename')}: {output.get('evalue')}"
        elif isinstance(data, Mapping):
            picture = next(filter(None, (_picture(m, data.get(m)) for m in _PICTURES)), None)
            if picture and pictures < MAX_PICTURES:
                pictures += 1
                yield picture
                continue
            text = joined(data.get("text/plain"))
        else:
            continue
        if text.strip():
            yield Shown(discretion.shown(text.rstrip(), sources, _MAX_TEXT))


def joined(text: object) -> str:
    """nbformat's text on disk: a string, or a list of lines."""
    if isinstance(text, list):
        return "".join(line for line in text if isinstance(line, str))
    return text if isinstance(text, str) else ""


def _picture(mime: str, content: object) -> Shown | None:
    """A picture that is what it says it is, written anew; None if it is not."""
    from PIL import Image

    try:
        data = base64.b64decode("".join(joined(content).split()), validate=True)
    except (binascii.Error, ValueError):
        return None
    if not data.startswith(_MAGIC[mime]) or len(data) > _MAX_BYTES:
        return None
    try:
        with Image.open(io.BytesIO(data), formats=(_PICTURES[mime],)) as image:  # the header only
            width, height = image.size
    except Exception:  # Pillow's own errors are many
        return None
    if width * height > _MAX_PIXELS:
        return None
    address = f"data:{mime};base64,{base64.b64encode(data).decode()}"
    return Shown("", address, f"Picture that this code drew, {width} by {height} pixels")
