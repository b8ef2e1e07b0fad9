"""The house: a room of `autograder/` imports only rooms below it, and every module has its room."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from autograder.assignment.course import find_course

ROOT = find_course(Path(__file__).parent).root
PACKAGE = ROOT / "autograder"
FLOORS = (
    "cli",
    "plugin",
    "lab",
    "export",
    "classroom",
    "intake",
    "pages",
    "records",
    "gradebook",
    "gate",
    "grading",
    "authoring",
    "engine",
    "assignment",
)
"""From the top down, as docs/architecture.md draws them."""
ENTRANCES = ("__init__.py", "__main__.py", "api.py")
"""The public list and the command: they may open any door."""


def imports(path: Path) -> Iterator[str]:
    """Dotted names of ours that a module imports, anywhere in it."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names if alias.name.startswith("autograder."))
        elif isinstance(node, ast.ImportFrom) and node.module:
            if node.module == "autograder":
                names = (alias.name for alias in node.names)
                yield from (f"autograder.{name}" for name in names if name != "__version__")
            elif node.module.startswith("autograder."):
                yield node.module


def arrows_up(package: Path, floors: tuple[str, ...]) -> list[str]:
    """Each import that runs up, by name."""
    found = []
    for path in sorted(package.rglob("*.py")):
        place = path.relative_to(package)
        if place.as_posix() in ENTRANCES:
            continue
        for name in imports(path):
            room = name.split(".")[1]
            if room not in floors or floors.index(room) < floors.index(place.parts[0]):
                found.append(f"{place.as_posix()} imports {name}, which is no room below it")
    return found


def test_no_arrow_runs_up() -> None:
    assert arrows_up(PACKAGE, FLOORS) == []


def test_page_on_architecture_lists_what_each_room_imports() -> None:
    page = (ROOT / "docs" / "architecture.md").read_text(encoding="utf-8")
    listed = dict(re.findall(r"^\| `([a-z]+)` \|[^|]*\| ([^|]*) \|$", page, re.M))
    assert listed.pop("cli") == "all"
    found = {
        room: ", ".join(
            other
            for other in FLOORS
            if other != room
            and any(
                name.split(".")[1] == other
                for path in (PACKAGE / room).rglob("*.py")
                for name in imports(path)
            )
        )
        for room in FLOORS[1:]
    }
    assert listed == {room: others or "–" for room, others in found.items()}


def test_every_module_is_in_a_room() -> None:
    assert {path.name for path in PACKAGE.glob("*.py")} == set(ENTRANCES)
    rooms = {path.parent.name for path in PACKAGE.glob("*/__init__.py")}
    assert rooms == set(FLOORS)


def test_every_room_says_what_it_is() -> None:
    for path in sorted(PACKAGE.rglob("__init__.py")):
        assert ast.get_docstring(ast.parse(path.read_text(encoding="utf-8"))), path


@pytest.mark.parametrize(
    "line",
    ["from autograder.cli import app", "import autograder.upper.x", "from autograder import y"],
)
def test_arrow_that_runs_up_is_named(tmp_path: Path, line: str) -> None:
    for room in ("upper", "lower"):
        (tmp_path / room).mkdir()
    (tmp_path / "upper" / "x.py").write_text("from autograder.lower import z")
    (tmp_path / "lower" / "z.py").write_text(f"def late():\n    {line}")
    (found,) = arrows_up(tmp_path, ("upper", "lower"))
    assert found.startswith("lower/z.py imports autograder.")
