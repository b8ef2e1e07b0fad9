"""What of a student's folder is handed in: one answer for Check and for Submit.

That is the notebook, and what the assignment asks for besides (see `identify.Released`).
"""

import os
import re
from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from pathlib import Path

from autograder.assignment.identify import Released
from autograder.assignment.notebook import read_file
from autograder.assignment.notes import few, shown
from autograder.assignment.submission import read_submission
from autograder.assignment.submitted_cells import UnreadableNotebookError, read_cells

_QUOTED = re.compile(r"[\"']([^\"'\n]{1,200})[\"']")
_COMMAND = re.compile(r"^[ \t]*[%!](.*)$", re.MULTILINE)


@dataclass(frozen=True)
class HandedIn:
    """The notebook under its chapter's name and the files that go with it, by posix path.

    notes: what was left out and why, and what the notebook uses that is not handed in
    """

    files: Mapping[str, bytes] = field(repr=False)
    notes: tuple[str, ...] = ()


def read_handed_in(notebook: Path, released: Released, ignored: Iterable[str]) -> HandedIn:
    """Read what is handed in of `notebook`, a copy of `released`, and what it uses besides.

    ignored: names that nbgrader's exchange takes from nobody, see `ignored_names`
    raises: UserError if the notebook cannot be read
    """
    data = read_file(notebook)
    folder = notebook.resolve().parent
    files: dict[str, bytes] = {}
    notes: list[str] = []
    if released.files:
        found = read_submission(
            folder,
            "you",
            released.chapter,
            wanted=lambda name: _fits(name, released.files) and not _ignored(name, ignored),
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


def _fits(name: str, patterns: Iterable[str]) -> bool:
    return any(fnmatchcase(name, pattern) for pattern in patterns)


def _ignored(name: str, patterns: Iterable[str]) -> bool:
    """Whether it is not for the exchange, or the notebook, which goes along in any case."""
    return any(_fits(part, (*patterns, "*.ipynb", "timestamp.txt")) for part in name.split("/"))


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
