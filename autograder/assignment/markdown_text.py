"""A text cell's Markdown: which of its lines are headings, and where it states minutes and points.

What is in fenced code is neither. The texts that are returned are as long as those that came, with
blanks for what does not count, so that places in one are places in the other.
"""

import re

MINUTES = re.compile(r"\b(?P<number>\d+) minutes?\b")
POINTS = re.compile(r"(?<![\d.])(?P<number>\d+(?:\.\d+)?) points?\b")
_BOTH = re.compile(r"\b\d+ minutes?\b.*·.*\d points?\b")
_FENCE = re.compile(r" {0,3}(?P<fence>`{3,}(?=[^`]*$)|~{3,})(?P<info>.*)$")
_HEADING = re.compile(r" {0,3}#{1,6}\s")


def unfenced(text: str) -> str:
    """The text without fenced code."""
    lines = text.split("\n")
    fence = ""
    for number, line in enumerate(lines):
        found = _FENCE.match(line)
        if fence:
            lines[number] = " " * len(line)
            if found and found["fence"].startswith(fence) and not found["info"].strip():
                fence = ""
        elif found:
            lines[number], fence = " " * len(line), found["fence"]
    return "\n".join(lines)


def statement(text: str) -> str:
    """The text but for what states no minutes and points of its own.

    That is its first line that states both, `*10 minutes · 3 points*`, or else all but headings.
    """
    lines = unfenced(text).split("\n")
    plain = ["" if _HEADING.match(line) else line for line in lines]
    both = [n for n, line in enumerate(plain) if _BOTH.search(line)]
    kept = both[:1] or [n for n, line in enumerate(plain) if line]
    return "\n".join(line if n in kept else " " * len(line) for n, line in enumerate(lines))
