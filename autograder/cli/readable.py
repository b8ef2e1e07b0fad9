"""Text for terminals that cannot show all of Unicode: what they lack comes in ASCII."""

import codecs
import sys
import unicodedata

_ASCII = {
    "✓": "ok", "✗": "x", "…": "...", "–": "-", "—": "-", "·": "-", "●": "*", "○": "o",
    "→": "->", "←": "<-", "×": "x", "≤": "<=", "≥": ">=", "≠": "!=", "≈": "~", "−": "-",
    "“": '"', "”": '"', "‘": "'", "’": "'", "\N{NO-BREAK SPACE}": " ", "━": "-", "╸": "-", "╺": "-",
    "─": "-", "│": "|",
}  # fmt: skip


def on_any_terminal() -> None:
    """From now on nothing that is printed ends the command because it cannot be encoded."""
    codecs.register_error("readable", _in_ascii)
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="readable")


def _in_ascii(error: UnicodeError) -> tuple[str, int]:
    if not isinstance(error, UnicodeEncodeError):
        raise error
    text = "".join(map(_one, error.object[error.start : error.end]))
    return text, error.end


def _one(character: str) -> str:
    plain = _ASCII.get(character) or unicodedata.normalize("NFKD", character)
    return plain.encode("ascii", "ignore").decode() or "?"
