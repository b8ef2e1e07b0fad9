"""How far a student is, chapter by chapter: each chapter's last check, kept beside the notebooks.

The file lies in JupyterLab's own state folder of the working copy, never in a notebook. Lost or
damaged, it is empty: nothing depends on it.
"""

import contextlib
import functools
import json
import os
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from autograder.assignment.course import Course
from autograder.assignment.errors import UserError
from autograder.assignment.notebook import Kind, read_assignment

FILE = "checks.json"


def note(folder: Path, path: str, report: dict[str, Any]) -> None:
    """Note a report (see `lab.report.as_panel`) as the last of its chapter; never raises OSError."""
    checks = _read(folder)
    checks[report["chapter"]] = {
        "score": report["score"],
        "points": report["points"],
        "path": path,
        "when": datetime.now(UTC).isoformat(timespec="seconds"),
    }
    new = folder / f".{FILE}.new"
    with contextlib.suppress(OSError):
        folder.mkdir(parents=True, exist_ok=True)
        new.write_text(json.dumps(checks, indent=1) + "\n")
        os.replace(new, folder / FILE)


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
    try:
        noted = json.loads((folder / FILE).read_bytes())
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
