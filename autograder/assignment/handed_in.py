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

_IGNORED = (".ipynb_checkpoints", "*.pyc", "__pycache__", "feedback", "timestamp.txt", "*.ipynb")
"""What nbgrader's exchange takes from nobody, and the notebook, which goes along in any case."""
_QUOTED = re.compile(r"[\"']([^\"'\n]{1,200})[\"']")
_COMMAND = re.compile(r"^[ \t]*[%!](.*)$", re.MULTILINE)


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
            folder, "you", released.chapter, wanted=lambda name: _is_wanted(name, patterns)
        )
        files |= found.files
        notes += found.notes
    files[released.path.name] = data
    known = {name.partition("/")[0] for name in files} | {*os.listdir(released.path.parent)}
    notes += (
        f"{shown(name)}: lies beside the notebook and is not handed in; put what you need of it "
        "into the notebook"
        for name in _used(data, folder, known)
    )
    return HandedIn(files, few(notes))


def _is_wanted(name: str, patterns: tuple[str, ...]) -> bool:
    """Whether a file goes along: one that is asked for, and that nbgrader's exchange takes."""
    ignored = any(fnmatchcase(part, left) for part in name.split("/") for left in _IGNORED)
    return not ignored and any(fnmatchcase(name, pattern) for pattern in patterns)


def _used(data: bytes, folder: Path, known: set[str]) -> Iterator[str]:
    """Names beside the notebook that its code imports or names, other than those that are known."""
    try:
        cells = read_cells(data, [])
    except UnreadableNotebookError:
        return
    code = "\n".join(cell.source for cell in cells if cell.type == "code")
    imported = set(_imported(code))
    texts = {text.removeprefix("./") for text in _QUOTED.findall(code)}
    for line in _COMMAND.findall(code):  # %run mine.py, !cat mine.txt
        texts.update(line.split())
    folders = {text.partition("/")[0] for text in texts if "/" in text}
    beside: list[str] = []
    with suppress(OSError):
        beside = sorted(os.listdir(folder))
    for name in beside:
        if name in known or name.startswith((".", "__")) or name.endswith(".ipynb"):
            continue
        module = name.removesuffix(".py")
        is_module = module != name and module in imported
        is_folder = name in folders | imported and (folder / name).is_dir()
        is_file = name in texts and (folder / name).is_file()
        if is_file or is_module or is_folder:
            yield name


def _imported(code: str) -> Iterator[str]:
    """Names of modules at the top that a text seems to import; it is not parsed."""
    for statement in re.split(r"[\n;]", code):
        words = statement.partition("#")[0].split(maxsplit=1)
        if len(words) == 2 and words[0] == "import":
            for part in words[1].split(","):
                yield part.strip().partition(" ")[0].partition(".")[0]
        elif len(words) == 2 and words[0] == "from":
            yield words[1].partition(" ")[0].partition(".")[0]


def _wanted(metadata: Mapping[str, Any]) -> tuple[str, ...]:
    """Names and patterns of the files that an assignment asks for, from its notebook's metadata."""
    own = metadata.get("autograder")
    names = own.get("files") if isinstance(own, Mapping) else None
    if not isinstance(names, list):
        return ()
    return tuple(name.removeprefix("./") for name in names if isinstance(name, str))
