"""How far a student is, chapter by chapter: each chapter's last check, kept beside the notebooks.

Each chapter has a file in JupyterLab's own state folder of the working copy, never in a notebook,
so that two servers on one copy take nothing from each other. One that is lost or damaged is as if
it had never been there.
"""

import contextlib
import functools
import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from autograder.assignment.course import Course
from autograder.assignment.errors import UserError
from autograder.assignment.notebook import Kind, read_assignment
from autograder.assignment.whole_file import write_whole

FOLDER = "checks"
_OLDER = "checks.json"
"""All chapters in one file, as it was kept before."""


def note(folder: Path, path: str, report: dict[str, Any]) -> None:
    """Note a report (see `lab.report.as_panel`) as the last of its chapter; never raises OSError."""
    noted = {
        "score": report["score"],
        "points": report["points"],
        "path": path,
        "when": datetime.now(UTC).isoformat(timespec="seconds"),
    }
    text = json.dumps({report["chapter"]: noted}, indent=1) + "\n"
    with contextlib.suppress(OSError, UserError):
        (folder / FOLDER).mkdir(parents=True, exist_ok=True)
        write_whole(folder / FOLDER / f"{report['chapter']}.json", text.encode())


def chapters(course: Course, folder: Path) -> list[dict[str, Any]]:
    """Return the released chapters in order.

    returns: of each its name, title, path below the release, points of its visible checks, and
             `last`: score, points, path, when (ISO 8601, UTC) of its last check, or None
    """
    checks = _read(folder)
    found = []
    for name in course.released_chapters:
        for path in sorted((course.release / name).glob("*.ipynb"))[:1]:
            title, points = _title_and_points(path, path.stat().st_mtime_ns)
            found.append({
                "chapter": name, "title": title, "points": points,
                "path": f"{name}/{path.name}", "last": checks.get(name),
            })  # fmt: skip
    return found


@functools.lru_cache(maxsize=256)
def _title_and_points(path: Path, changed: int) -> tuple[str, float]:
    try:
        assignment = read_assignment(path)
    except UserError:
        return path.stem, 0.0
    visible = (c for c in assignment.cells if c.kind is Kind.CHECK and not c.hidden)
    return assignment.title, sum(cell.points for cell in visible)


def _read(folder: Path) -> dict[str, Any]:
    found = _read_file(folder / _OLDER)
    for path in sorted((folder / FOLDER).glob("*.json")):
        found |= _read_file(path)
    return found


def _read_file(path: Path) -> dict[str, Any]:
    try:
        noted = json.loads(path.read_bytes())
        return {
            str(name): {
                "score": float(last["score"]), "points": float(last["points"]),
                "path": str(last["path"]),
                "when": datetime.fromisoformat(last["when"]).isoformat(),
            }
            for name, last in noted.items()
        }  # fmt: skip
    except (OSError, ValueError, KeyError, TypeError, AttributeError, RecursionError):
        return {}
