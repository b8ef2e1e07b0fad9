"""Run notebooks as stock nbgrader would, all cells in one process: python in_process.py FILE…

Prints JSON: for each file the points of each check. It shows that an attack is one: only the
harmless attacks on checks are run here.
"""

import json
import os
import shutil
import sys
import tempfile
from pathlib import Path

import nbformat
import torch  # noqa: F401  # once, before the forks
from IPython.core.interactiveshell import InteractiveShell
from traitlets.config import Config


def run(path: Path) -> dict[str, float]:
    """Points by check. As in nbgrader no error is full points, and a last value is the points."""
    config = Config()
    config.HistoryManager.enabled = False
    shell = InteractiveShell.instance(config=config)
    points = {}
    for cell in nbformat.read(path, as_version=4).cells:
        if cell.cell_type != "code":
            continue
        result = shell.run_cell(cell.source, store_history=True)
        marks = cell.metadata.get("nbgrader", {})
        if marks.get("grade"):
            points[marks["grade_id"]] = _points(result, float(marks["points"]))
    return points


def _points(result: object, most: float) -> float:
    if not result.success:  # type: ignore[attr-defined]
        return 0.0
    try:
        value = float(result.result)  # type: ignore[attr-defined]
    except (TypeError, ValueError):
        return most
    return value if value == value else most


def main(files: list[str]) -> None:
    found = {}
    dump, leave = json.dumps, os._exit  # an attack may replace them
    for name in files:
        path = Path(name).resolve()
        reader, writer = os.pipe()
        if os.fork() == 0:
            folder = Path(tempfile.mkdtemp())
            shutil.copy(path.with_name("readings.csv"), folder)
            os.chdir(folder)
            sys.path.insert(0, "")
            with open(os.devnull, "w") as nowhere:
                os.dup2(nowhere.fileno(), 1)
                os.dup2(nowhere.fileno(), 2)
            os.write(writer, dump(run(path)).encode())
            shutil.rmtree(folder, ignore_errors=True)
            leave(0)
        os.close(writer)
        with open(reader) as pipe:
            found[path.stem] = json.loads(pipe.read() or "{}")
        os.wait()
    print(json.dumps(found))


if __name__ == "__main__":
    main(sys.argv[1:])
