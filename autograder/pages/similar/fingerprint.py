"""An answer's fingerprint: what is left of its text when names, comments and layout are gone.

copydetect reduces Python to a short text (a variable is `V`, a function's name `F`, a string `S`;
comments and blanks are left out) and hashes each stretch of `LENGTH` characters of it, as MOSS
does (Schleimer, Wilkerson, Aiken: "Winnowing", 2003). Answers are short, so every hash is kept:
nothing depends on which ones winnowing would choose. A *token* here is one character of the
reduced text.
"""

import itertools
from collections.abc import Set
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from copydetect.utils import filter_code, hashed_kgrams
from numpy.typing import NDArray

LENGTH = 15
"""Tokens of a stretch; what two answers share has to be at least that long in one piece."""
MAX_TEXT = 20_000
"""Characters of an answer that are compared."""


@dataclass(frozen=True)
class Fingerprint:
    """One text, reduced.

    text:      what was compared, with plain line ends
    reduced:   its tokens
    stretches: hash of the stretch that begins at each token, shape (tokens − LENGTH + 1,); equal
               within one process only
    place:     where each token begins in `text`, and the text's end; shape (tokens + 1,)
    """

    text: str = field(repr=False)
    reduced: str
    stretches: NDArray[np.int64] = field(repr=False)
    place: NDArray[np.int64] = field(repr=False)

    def covered(self, stretches: Set[int]) -> NDArray[np.bool_]:
        """Which tokens lie in one of these stretches; shape (tokens,)."""
        found = np.fromiter((int(one) in stretches for one in self.stretches), bool)
        marks = np.zeros(len(self.reduced) + 1, int)
        (starts,) = np.nonzero(found)
        np.add.at(marks, starts, 1)
        np.add.at(marks, starts + LENGTH, -1)
        return np.asarray(marks.cumsum()[:-1] > 0)

    def pieces(self, tokens: NDArray[np.bool_]) -> tuple[tuple[str, bool], ...]:
        """Cut the text where the given tokens begin and end: its pieces, and whether they are it.

        tokens: shape (tokens,)
        """
        cuts = [0, *(np.flatnonzero(np.diff(tokens)) + 1), len(tokens)]
        pieces: list[tuple[str, bool]] = [(self.text[: self.place[0]], False)]
        for start, end in itertools.pairwise(cuts):
            if start == end:
                continue
            piece = self.text[self.place[start] : self.place[end]]
            kept = piece.rstrip() if tokens[start] else piece  # blanks at the end are not marked
            pieces += [(kept, bool(tokens[start])), (piece[len(kept) :], False)]
        return tuple((piece, marked) for piece, marked in pieces if piece)


def fingerprint(source: str) -> Fingerprint:
    """Reduce a text; it need not be valid Python, and is not run."""
    text = source.replace("\r\n", "\n").replace("\r", "\n").removeprefix("\ufeff")
    text = text[:MAX_TEXT].strip("\n") + "\n"  # what Pygments would do
    reduced, offsets = filter_code(text, "answer.py", "python")
    stretches = np.asarray(hashed_kgrams(reduced, LENGTH), np.int64)
    return Fingerprint(text, reduced, stretches, _places(reduced, len(text), offsets))


def _places(reduced: str, characters: int, offsets: Any) -> NDArray[np.int64]:
    """Where each token begins in the text.

    offsets: copydetect's: rows of a token's index and the characters left out before it
    """
    at, before = np.asarray(offsets, np.int64).reshape(-1, 2)[1:].T
    # A class's name is the exception: its row has the characters left out of the name itself.
    for row, token in enumerate(at[:-1]):
        if reduced[max(token - 5, 0) : token + 1] == "classO":
            before[row] = before[row + 1] - before[row]
    tokens = np.arange(len(reduced))
    left_out = np.append(before, before[-1:] if len(before) else 0)
    places = tokens + left_out[np.searchsorted(at, tokens)]
    return np.append(np.minimum(places, characters), characters)
