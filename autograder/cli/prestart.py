"""A warm process that starts while nbgrader is still being imported: a second less to wait for.

What it imports is guessed from the notebooks' text; a wrong guess costs time, never a mark.
"""

import json
import re
from collections.abc import Iterator, Sequence
from contextlib import suppress
from importlib.util import find_spec
from pathlib import Path

from autograder.assignment.errors import UserError
from autograder.engine.engine import Engine
from autograder.engine.limits import Limits

_FOLDERS = ("source", "release", "solutions", "course")
_IMPORT = re.compile(r"^\s*(?:import|from)\s+([A-Za-z_][\w.]*)", re.MULTILINE)


def prestart(root: Path, assignments: Sequence[str], *, jail: bool | None) -> Engine | None:
    """Start an engine for the assignments, where that can be done without knowing the course.

    root: the course's folder. Its assignments must lie where nbgrader or this course puts them,
          and have no data files: those a jail has to be told of.
    """
    folders = [
        folder
        for place in _FOLDERS
        for name in (assignments or ("*",))
        for folder in (root / place).glob(name)
        if folder.is_dir()
    ]
    files = [path for folder in folders for path in folder.rglob("*") if path.is_file()]
    notebooks = [path for path in files if path.suffix == ".ipynb"]
    if not notebooks or len(notebooks) < len(files):
        return None
    with suppress(OSError, UserError):  # the real start will say what is wrong
        return Engine.start(tuple(_modules(notebooks)), None, Limits(), jail=jail)
    return None


def _modules(notebooks: Sequence[Path]) -> Iterator[str]:
    """Installed modules that the notebooks' code imports, and those below them, roughly."""
    names = {name for path in notebooks for name in _IMPORT.findall(_code(path))}
    for name in sorted(names):
        package = name.partition(".")[0]
        with suppress(ImportError, ValueError):
            if find_spec(package) is not None:
                yield from (package, name) if package != name else (name,)


def _code(path: Path) -> str:
    """The text of a notebook's code cells; nothing if it cannot be read."""
    with suppress(OSError, ValueError, TypeError, AttributeError, KeyError):
        cells = json.loads(path.read_text(encoding="utf-8"))["cells"]
        return "\n".join("".join(one["source"]) for one in cells if one["cell_type"] == "code")
    return ""
