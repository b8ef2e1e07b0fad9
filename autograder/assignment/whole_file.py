"""Writing a file as a whole: whoever looks finds the old one or the new one."""

import contextlib
import os
import tempfile
from pathlib import Path

from autograder.assignment.errors import UserError


def write_whole(path: Path, data: bytes) -> Path:
    """Write a file, in place of an older one, and return its path.

    A device or a pipe, and a file in a folder that takes no other, is written to as it is.
    raises: UserError if it cannot be written; then the older file is as it was
    """
    try:
        target = path.resolve()  # a link stays one
        if (target.exists() and not target.is_file()) or not os.access(target.parent, os.W_OK):
            target.write_bytes(data)
            return path
        handle, name = tempfile.mkstemp(prefix=f".{target.name}.", dir=target.parent)
        try:
            with open(handle, "wb") as stream:
                stream.write(data)
            os.chmod(name, 0o644)  # mkstemp makes it the owner's alone
            os.replace(name, target)
        except BaseException:
            with contextlib.suppress(OSError):
                os.unlink(name)
            raise
    except OSError as error:
        raise UserError(f"{path}: cannot be written ({error.strerror}).", 1) from error
    return path


def make_folder(path: Path) -> None:
    """Make a folder and those above it. raises: UserError if it cannot be made"""
    try:
        path.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise UserError(f"{path}: cannot be written ({error.strerror}).", 1) from error
