"""Answers that send the worker messages of their own, longer or fuller than a message may be."""

_SEND = """\
import sys

sys.stdout._sink._pass_on.__self__._worker.send({message})
"""
_ROWS = 'b"\\xdc\\x00\\x20" + 32 * (b"\\xdd\\x00\\x00\\x60\\x00" + 24_576 * b"{item}")'
LONG_MESSAGES = {
    "a long text": _SEND.format(message='b"\\xdb\\x00\\x16\\xe3\\x60" + 1_500_000 * b"x"'),
    "empty lists": _SEND.format(message=_ROWS.format(item="\\x90")),
    "empty dicts": _SEND.format(message=_ROWS.format(item="\\x80")),
}
