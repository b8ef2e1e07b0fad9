"""Imports that cost our processes seconds: one that none of them needs, and a way to no_garbage_collection."""

import gc
import sys
from collections.abc import Iterator
from contextlib import contextmanager


def leave_out() -> None:
    """Make the import of `rfc3987_syntax` fail, as if it were not installed.

    jsonschema takes it, where it is there, to check a format that no notebook has; its grammar
    takes a second to build.
    """
    sys.modules.setdefault("rfc3987_syntax", None)  # type: ignore[arg-type]


@contextmanager
def no_garbage_collection() -> Iterator[None]:
    """Do not look for garbage: an import makes objects to stay, and many of them."""
    gc.disable()
    try:
        yield
    finally:
        gc.freeze()
        gc.enable()
