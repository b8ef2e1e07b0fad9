"""An exception in words: cut to the lines that stand in cells, without the libraries' insides."""

import linecache
import traceback
from dataclasses import asdict, dataclass
from typing import Any

_LONGEST = 2_000
_DEEPEST = 12


@dataclass(frozen=True)
class Trace:
    """kind: the exception's class; text: its words; place: the last line in a cell; lines: all.

    own: whether that line raised it itself, not a library that it called
    """

    kind: str
    text: str
    place: str
    lines: tuple[str, ...]
    own: bool = False

    def as_data(self) -> dict[str, Any]:
        return asdict(self)


def trace_of(error: BaseException) -> Trace:
    """Describe an exception; never raises, whatever the exception's own methods do."""
    kind = type.__getattribute__(type(error), "__name__")[:200]
    text = _text(error)
    lines: list[str] = []
    place, own = "", False
    if isinstance(error, SyntaxError):
        text, place = _syntax(error, text)
        lines += [f"  {place}"] if place else []
    else:
        try:
            steps = list(traceback.walk_tb(error.__traceback__))
        except Exception:
            steps = []
        for frame, number in steps:
            name = frame.f_code.co_filename
            own = name.startswith("<") and not name.startswith("<frozen")
            if not own:
                continue
            code = linecache.getline(name, number).strip()[:200]
            where = f"line {number}{inside(frame.f_code.co_name)}"
            lines.append(f"  {name.strip('<>')}, {where}\n    {code}")
            place = f"{where}: `{code}`" if code else where
    if len(lines) > _DEEPEST:
        left_out = len(lines) - _DEEPEST
        lines[3 : len(lines) - _DEEPEST + 3] = [f"  … {left_out} more …"]
    return Trace(kind, text, place[:300], ("Traceback (most recent call last):", *lines), own)


def inside(function: str) -> str:
    """How a place tells the function that its line is in."""
    return "" if function == "<module>" else f" in {function}"


def _text(error: BaseException) -> str:
    try:
        words = str(error)
        return str.__str__(words)[:_LONGEST] if isinstance(words, str) else ""
    except BaseException:
        return "(its text cannot be had)"


def _syntax(error: SyntaxError, text: str) -> tuple[str, str]:
    line, words = error.lineno, error.msg
    place = f"line {line}" if isinstance(line, int) else ""
    code = error.text
    if place and isinstance(code, str) and code.strip():
        place += f": `{code.strip()[:200]}`"
    return (words[:_LONGEST] if isinstance(words, str) else text), place
