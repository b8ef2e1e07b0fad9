"""Other doors to a chapter: what to install where the course itself is not installed.

Each chapter says it in a folded note above its first code cell, with the line to copy. Run
`python -m autograder.authoring.install_notes` after a change of imports or versions: it writes the notes anew into
`solutions/`.
"""

import ast
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any, TypeGuard

import nbformat

from autograder.assignment.cell_names import imported_modules, parsed
from autograder.assignment.course import find_course
from autograder.assignment.errors import UserError
from autograder.assignment.notebook import read_notebook

_DISTRIBUTIONS = {"PIL": "pillow", "sklearn": "scikit-learn"}
"""Packages whose name is not that of their module."""
_COMPANIONS = {"gymnasium": ("pygame",)}
"""What a module asks for only when it is used: Gymnasium draws its worlds with pygame."""
_PIN = re.compile(r"^([\w.-]+)==([\w.]+)", re.MULTILINE)
"""A line of the lock; what platform it is for does not matter to what notebooks import."""
_NOTE = """\
<details><summary>Not in the course's own JupyterLab? What to install in Colab, VS Code, or another Jupyter</summary>

This notebook needs only the packages below, in the versions that the course was tested with, on Python 3.11 and 3.13; its data come with them. Run this line in a new cell above, restart the kernel, and delete the cell again before you hand the notebook in:

```
{line}
```

The checks below the exercises work everywhere. To count your points and to hand in, see `docs/other-doors.md` of the course.
</details>"""
_WRITTEN = re.compile(
    r"\n*<details><summary>Not in the course's own JupyterLab\?.*?</details>", re.S
)


def read_pins(lock: Path) -> Mapping[str, str]:
    """Version by package, of everything that the course was tested with. raises: UserError"""
    try:
        text = lock.read_text(encoding="utf-8")
    except OSError as error:
        raise UserError(f"{lock}: cannot be read ({error.strerror}).") from error
    return dict(_PIN.findall(text))


def install_line(sources: Iterable[str], pins: Mapping[str, str]) -> str:
    """Return the one line that installs what these code cells cannot do without.

    raises: UserError if they import what is not pinned
    """
    sources = list(sources)
    modules = set(imported_modules(sources)[0]) - optional_modules(sources)
    names = {_DISTRIBUTIONS.get(module, module) for module in modules}
    names.update(extra for module in modules for extra in _COMPANIONS.get(module, ()))
    if missing := sorted(names - pins.keys()):
        raise UserError(f"{missing[0]}: is imported, but requirements.lock has no version of it.")
    return "%pip install -q " + " ".join(f"{name}=={pins[name]}" for name in sorted(names))


def optional_modules(sources: Iterable[str]) -> frozenset[str]:
    """Modules that cells import only where a `try` or `suppress` makes up for their absence."""
    everywhere: Counter[str] = Counter()
    guarded: Counter[str] = Counter()
    for source in sources:
        tree = parsed(source) or ast.Module([], [])
        everywhere.update(_imports(tree))
        for node in ast.walk(tree):
            if _guards(node):
                guarded.update(name for each in node.body for name in _imports(each))
    return frozenset(name for name in guarded if guarded[name] >= everywhere[name])


def _imports(tree: ast.AST) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name.partition(".")[0] for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            yield node.module.partition(".")[0]


def _guards(node: ast.AST) -> TypeGuard[ast.Try | ast.With]:
    """Whether a statement goes on when an import in its body fails."""
    if isinstance(node, ast.Try):
        caught = " ".join(ast.unparse(each.type) for each in node.handlers if each.type)
    elif isinstance(node, ast.With):
        calls = (ast.unparse(item.context_expr) for item in node.items)
        caught = " ".join(call for call in calls if "suppress(" in call)
    else:
        return False
    return any(name in caught for name in ("ImportError", "ModuleNotFoundError"))


def with_note(text: str, line: str) -> str:
    """Return the text cell with the note at its end, in place of an older one."""
    return f"{_WRITTEN.sub('', text).rstrip()}\n\n{_NOTE.format(line=line)}"


def code_of(notebook: Any) -> list[str]:
    """The sources of a notebook's code cells."""
    return [cell.source for cell in notebook.cells if cell.cell_type == "code"]


def text_above_code(notebook: Any) -> Any:
    """The text cell above the first code cell, where the note stands. raises: UserError"""
    kinds = [cell.cell_type for cell in notebook.cells]
    first = kinds.index("code") if "code" in kinds else 0
    if first == 0 or kinds[first - 1] != "markdown":
        raise UserError("There is no text above the first code cell, to take the note.")
    return notebook.cells[first - 1]


def main() -> None:
    """Write the note of every chapter into `solutions/`; outputs and metadata stay."""
    course = find_course()
    pins = read_pins(course.root / "requirements.lock")
    for path in sorted(course.solutions.glob("*/*.ipynb")):
        notebook = read_notebook(path)
        cell = text_above_code(notebook)
        cell.source = with_note(cell.source, install_line(code_of(notebook), pins))
        nbformat.write(notebook, path)


if __name__ == "__main__":
    main()
