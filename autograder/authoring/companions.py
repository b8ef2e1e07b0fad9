"""The files beside a chapter's notebook: which are released, and which must not be there."""

import os
import stat
from collections.abc import Iterator
from fnmatch import fnmatch
from pathlib import Path

from autograder.assignment.course import notebooks_of
from autograder.authoring.product import Secrets

LEFT_OUT = (".*", "*~", "#*#", "*.bak", "*.orig", "*.rej", "*.swo", "*.swp", "*.tmp", "Thumbs.db")
"""What editors, merge tools and desktops leave behind: never released."""
_UNSEEN = (".ipynb_checkpoints", "__pycache__", ".pytest_cache")
"""Folders that nbgrader leaves out; what is in them is a program's own business."""


def second_notebooks(folder: Path) -> Iterator[str]:
    """Whether a chapter has several notebooks, as *Duplicate* in JupyterLab makes them."""
    names = [path.name for path in notebooks_of(folder)]
    if len(names) > 1:
        yield f"{folder} has {len(names)} notebooks, {' and '.join(names)}; a chapter has one"


def faults(folder: Path, known: Secrets) -> Iterator[str]:
    """What is wrong with the files beside a notebook, a sentence each, without a full stop.

    folder: the chapter's, in `solutions/`, with one notebook
    """
    (notebook,) = notebooks_of(folder)
    for path in _files(folder):
        if path.is_symlink() and not path.is_file():
            yield f"{path} is a link to no file; put what it links to in its place"
        elif not stat.S_ISREG(path.stat().st_mode):
            yield f"{path} is neither a file nor a folder; move it out of the chapter"
        elif path == notebook:
            continue
        elif said := known.told_in_file(
            path.read_bytes(), folder.name, path.relative_to(folder).as_posix()
        ):
            yield f"{path}: {said.partition(';')[0]}; move the file out of the chapter"
        elif path.suffix == ".ipynb" and not left_out(path.name):
            yield f"{path} is a second notebook; a chapter has one"


def left_out(name: str) -> bool:
    """Whether a file of this name is never released."""
    return any(fnmatch(name, pattern) for pattern in LEFT_OUT)


def released_files(folder: Path) -> Iterator[Path]:
    """The files below a chapter's folder that are released, its notebook too, in order."""
    for path in _files(folder):
        if path.is_file() and not any(map(left_out, path.relative_to(folder).parts)):
            yield path


def _files(folder: Path) -> Iterator[Path]:
    """All files below a folder, and links to folders, in order."""
    for root, folders, names in os.walk(folder):
        folders[:] = sorted(name for name in folders if name not in _UNSEEN)
        links = [name for name in folders if (Path(root) / name).is_symlink()]
        yield from (Path(root) / name for name in sorted([*names, *links]))
