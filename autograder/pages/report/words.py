"""The name of a misconception: a check's message without what differs from student to student."""

import re

_LONGEST = 200
_PLACE = re.compile(r" \((?:line \d+|<)[^\n]*\)$")
_QUOTED = re.compile(r"`[^`]*`|'[^']*'|\"[^\"]*\"")
_NUMBER = re.compile(r"(?<![\w.])[-+−±]?(?:\d+(?:,\d{3})*(?:\.\d*)?|\.\d+)(?:[eE][-+]?\d+)?(?!\w)")
_LIST = re.compile(r"…(?:[\s,;×x\[\]()]{1,8}…)+")
_BRACKETS = re.compile(r"[\[(]+…[\])]+")


def misconception(message: str) -> str:
    """What a message says, with `…` for numbers and for what it quotes.

    House style puts the likely misconception after a dash; then it alone is the name.
    """
    words = _PLACE.sub("", " ".join(message.split()))
    words = words.rpartition(" — ")[2] or words
    words = _NUMBER.sub("…", _QUOTED.sub("…", words))
    before = ""
    while before != words:
        before, words = words, _BRACKETS.sub("…", _LIST.sub("…", words))
    return words if len(words) <= _LONGEST else f"{words[:_LONGEST]}…"
