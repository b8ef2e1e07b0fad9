"""What of a student's folder is handed in: one answer for Check and for Submit.

That is the notebook, and what the assignment asks for besides: the released notebook's metadata
name it, `"autograder": {"files": ["helpers.py", "data/*.csv"]}`.
"""

import os
import re
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any

from autograder.assignment.identify import Released
from autograder.assignment.notebook import read_file, read_notebook
from autograder.assignment.notes import few, shown
from autograder.assignment.submission import read_submission
from autograder.assignment.submitted_cells import UnreadableNotebookError, read_cells


@dataclass(frozen=True)
class HandedIn:
    """The notebook under its chapter's name and the files that go with it, by posix path.

    notes: what was left out and why, and what the notebook uses that is not handed in
    """

    files: Mapping[str, bytes] = field(repr=False)
    notes: tuple[str, ...] = ()


def read_handed_in(notebook: Path, released: Released) -> HandedIn:
    """Read what is handed in of `notebook`, a copy of `released`, and what it uses besides.

    raises: UserError if the notebook cannot be read
    """
    data = read_file(notebook)
    patterns = _wanted(read_notebook(released.path).metadata)
    folder = notebook.resolve().parent
    files: dict[str, bytes] = {}
    notes: list[str] = []
    if patterns:
        found = read_submission(
            folder,
            "you",
            released.chapter,
            wanted=lambda name: any(fnmatchcase(name, pattern) for pattern in patterns),
        )
        files |= found.files
        notes += found.notes
    files[released.path.name] = data
    notes += (
        f"{shown(name)}: lies beside the notebook and is not handed in; put what you need of it "
        "into the notebook"
        for name in _used(data, folder, {*files, *os.listdir(released.path.parent)})
    )
    return HandedIn(files, few(notes))


def _used(data: bytes, folder: Path, known: set[str]) -> Iterator[str]:
    """Names beside the notebook that its code imports or names, other than those that are known."""
    try:
        cells = read_cells(data, [])
    except UnreadableNotebookError:
        return
    code = "\n".join(cell.source for cell in cells if cell.type == "code")
    beside: list[str] = []
    with suppress(OSError):
        beside = sorted(os.listdir(folder))
    for name in beside:
        if name in known or name.startswith((".", "__")) or name.endswith(".ipynb"):
            continue
        module = name.removesuffix(".py")
        imported = rf"^[ \t]*(?:import[ \t]+(?:[\w., \t]*[, \t])?|from[ \t]+){re.escape(module)}\b"
        quoted = rf"[\"'](?:\./)?{re.escape(name)}[\"'/]"
        if re.search(quoted, code) or (
            (name.endswith(".py") or (folder / name).is_dir())
            and re.search(imported, code, re.MULTILINE)
        ):
            yield name


def _wanted(metadata: Mapping[str, Any]) -> tuple[str, ...]:
    """Names and patterns of the files that an assignment asks for, from its notebook's metadata."""
    own = metadata.get("autograder")
    names = own.get("files") if isinstance(own, Mapping) else None
    return tuple(n for n in names if isinstance(n, str)) if isinstance(names, list) else ()
