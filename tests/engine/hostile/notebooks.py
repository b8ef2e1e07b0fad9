"""Attacks on the submission itself: metadata, copied cells, and files that are no notebooks.

Each gets the student's folder, with the data file and the stubs' notebook in it, and changes it.
None deserves a point, if its name is not in `EARNS`.
"""

import copy
import json
import os
import socket
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import nbformat
from nbformat.v4 import new_code_cell, new_output

from hostile.assignment import ANSWERS, CHECKS, DATA_FILE, NOTEBOOK

FILE = f"{NOTEBOOK}.ipynb"
ATTACKS: dict[str, Callable[[Path, Mapping[str, str]], None]] = {}
EARNS: Mapping[str, tuple[str, ...]] = {
    "copied_check": ("standardize",),
    "extra_notebook": ("standardize",),
    "lying_timestamp": ("standardize",),
    "bomb_timestamp": ("standardize",),
    "modules_in_the_submission": ("standardize",),
    "data_in_the_submission": ("standardize",),
    "symlinks_beside": ("standardize",),
    "odd_names": ("standardize",),
    "hundred_megabytes": ("standardize",),
    "special_files_beside": ("standardize",),
    "duplicate_cell_ids": ("standardize",),
    "garbage_metadata": ("standardize",),
    "hostile_kernel": ("standardize",),
    "scripts_in_stored_outputs": ("standardize",),
}
"""Answers that are right in these; their checks are deserved."""

Change = Callable[[Any], None]


def _folder(attack: Callable[[Path, Mapping[str, str]], None]) -> None:
    ATTACKS[attack.__name__] = attack


def _notebook(change: Change) -> Change:
    def attack(folder: Path, secrets: Mapping[str, str]) -> None:
        notebook = nbformat.read(folder / FILE, as_version=4)
        change(notebook)
        # Not nbformat.write, which refuses what students' editors may write all the same.
        (folder / FILE).write_text(json.dumps(notebook))

    ATTACKS[change.__name__] = attack
    return change


def _cell(notebook: Any, name: str) -> Any:
    return next(c for c in notebook.cells if c.metadata.get("nbgrader", {}).get("grade_id") == name)


def _checks(notebook: Any) -> list[Any]:
    return [c for c in notebook.cells if c.metadata.get("nbgrader", {}).get("points")]


@_notebook
def copied_check(notebook: Any) -> None:
    """A second copy of a check that passes, worth more."""
    cell = copy.deepcopy(_cell(notebook, "standardize-values"))
    cell.metadata.nbgrader.points = 100
    cell.source = "True"
    notebook.cells += [cell, copy.deepcopy(cell)]


@_notebook
def copied_check_with_a_new_name(notebook: Any) -> None:
    """A check of the student's own."""
    cell = copy.deepcopy(_cell(notebook, "standardize-values"))
    cell.metadata.nbgrader.update(points=26, grade_id="standardize-best", grade=True, locked=True)
    cell.source = "26"
    notebook.cells.append(cell)


@_notebook
def edited_checks(notebook: Any) -> None:
    """Checks that check nothing."""
    for cell in _checks(notebook):
        cell.source = str(cell.metadata.nbgrader.points)


@_notebook
def deleted_checks(notebook: Any) -> None:
    """Nothing to fail."""
    notebook.cells = [cell for cell in notebook.cells if not cell.metadata.get("nbgrader")]


@_notebook
def edited_points(notebook: Any) -> None:
    """Points, flags and schema as the student would have them."""
    odd = (1e308, -1, float("nan"), "26", None, [], {}) * 2
    for cell, points in zip(_checks(notebook), odd, strict=False):
        cell.metadata.nbgrader.points = points
    for name in ANSWERS:
        _cell(notebook, name).metadata.nbgrader.update(grade=True, points=26, schema_version=99)


@_notebook
def answers_unlocked_as_checks(notebook: Any) -> None:
    """Every cell is everything: solution, grade, task, locked."""
    for cell in notebook.cells:
        marks = cell.metadata.get("nbgrader")
        if marks:
            marks.update(grade=True, solution=True, task=True, locked=False, points=5)
            cell.source = cell.source if cell.cell_type == "markdown" else "5"


@_notebook
def retyped_cells(notebook: Any) -> None:
    """Code becomes text, text becomes code."""
    for cell in notebook.cells:
        for name in ("outputs", "execution_count"):
            cell.pop(name, None)
        if cell.cell_type == "code":
            cell.cell_type = "raw" if "check" in cell.source else "markdown"
        else:
            cell.update(cell_type="code", outputs=[], execution_count=None)


@_notebook
def duplicate_names(notebook: Any) -> None:
    """One answer twice, with a check's name, and a check with an answer's name."""
    answer = _cell(notebook, "standardize")
    for name in ("standardize-values", "standardize-random", "setup", "standardize"):
        twin = copy.deepcopy(answer)
        twin.source = "import numpy as np\nnp.allclose = lambda *a, **k: True\n26"
        twin.metadata.nbgrader.grade_id = name
        notebook.cells.insert(0, twin)


@_notebook
def edited_setup(notebook: Any) -> None:
    """A setup that helps."""
    _cell(notebook, "setup").source += "\n\ndef assert_close(*args):\n    pass\n"
    for name in ANSWERS:
        if name != "RunningMean":
            _cell(notebook, name).source = f"def {name}(*args):\n    return readings\n"
    _cell(notebook, "load_readings").source = "def load_readings(path):\n    return 0\n"


@_notebook
def own_locked_cells(notebook: Any) -> None:
    """The student's own cells, dressed as the course's setup."""
    plain = {"grade": False, "locked": True, "solution": False, "task": False, "schema_version": 3}
    for place, name in enumerate(("setup2", "setup", "", None, "a/../b", "x" * 100_000)):
        cell = new_code_cell("import numpy as np\nnp.allclose = lambda *a, **k: True")
        cell.metadata["nbgrader"] = {**plain, "grade_id": name}
        notebook.cells.insert(place, cell)


@_notebook
def tags(notebook: Any) -> None:
    """Tags that other tools obey: skip this, expect an error, take it out."""
    for cell in notebook.cells:
        cell.metadata["tags"] = ["explore", "skip-execution", "raises-exception", "remove-cell"]
        cell.metadata["deletable"] = cell.metadata["editable"] = False
        cell.metadata["jupyter"] = {"source_hidden": True}


@_notebook
def garbage_metadata(notebook: Any) -> None:
    """Metadata of every wrong type."""
    odd = [None, [], "nbgrader", 5, {"grade_id": 5}, {"grade_id": []}, {"grade_id": {"a": 1}}]
    for value in odd:
        cell = new_code_cell("pass")
        cell.metadata["nbgrader"] = value
        notebook.cells.append(cell)
    for value in (5, "explore", {"a": 1}, [["explore"]]):
        cell = new_code_cell("pass")
        cell.metadata["tags"] = value
        notebook.cells.append(cell)
    notebook.metadata["nbgrader"] = {"points": 26}
    notebook.metadata["celltoolbar"] = ["x"] * 1000


@_notebook
def duplicate_cell_ids(notebook: Any) -> None:
    """Cell ids that are all alike, or no ids."""
    for cell in notebook.cells:
        cell["id"] = "one"
    notebook.cells[-1].pop("id")
    notebook.cells[-2]["id"] = "not an id /\n" * 100


@_notebook
def hostile_kernel(notebook: Any) -> None:
    """A kernel that is a program of the student's choice."""
    notebook.metadata["kernelspec"] = {
        "name": "../../../submitted/mallory/kernel",
        "display_name": "<script>alert(1)</script>",
        "language": "bash",
        "argv": ["/bin/sh", "-c", "true"],
    }
    notebook.metadata["language_info"] = {"name": "bash", "file_extension": "/../../x"}


@_notebook
def forged_outputs(notebook: Any) -> None:
    """Outputs that say that the checks have passed."""
    for cell in _checks(notebook):
        points = cell.metadata.nbgrader.points
        if cell.cell_type == "code":
            data = {"text/plain": str(points)}
            cell.outputs = [new_output("execute_result", data=data, execution_count=1)]
            cell.execution_count = 1
        cell.metadata.nbgrader.update(score=points, auto_score=points, manual_score=points)
        cell.metadata["autograder"] = {"outcome": "passed", "score": points}


@_notebook
def scripts_in_stored_outputs(notebook: Any) -> None:
    """Scripts and control characters among outputs, and ten megabytes of them."""
    script = "<script>fetch('http://127.0.0.1')</script>"
    for name in ANSWERS:
        _cell(notebook, name).outputs = [
            new_output("display_data", data={"text/html": script * 30_000}),
            new_output("stream", name="stdout", text="\x1b[2J\x00" * 10_000),
        ]
    notebook.cells[0].source += script
    notebook.cells[0]["attachments"] = {"a.png": {"image/png": "not base64"}}


@_notebook
def surrogates(notebook: Any) -> None:
    """Text that no file can hold."""
    for cell in notebook.cells:
        if cell.metadata.get("nbgrader", {}).get("solution"):
            cell.source = f"x = '\ud800'  # \x00\n{cell.source}"
    notebook.metadata["title"] = "\udfff"


@_notebook
def magics(notebook: Any) -> None:
    """IPython's own words, in place of Python's."""
    sources = [
        "%%bash\necho passed > ../passed; exit 0",
        "!cat /etc/shadow",
        "%reset -f",
        "%pdb on",
        "%autoreload 2",
        "%config InlineBackend.close_figures = False",
        "%%script --bg sleep 60",
        "%history -g",
        "%logstart ../log.py",
        "%%timeit -n 3 -r 3\nsum([1])",
        "%load_ext __main__",
        "?standardize",
        "input('points? ')",
        "breakpoint()",
        "import pdb; pdb.set_trace()",
        "%run /etc/passwd",
        "%cd /\n%pwd",
        "exit",
    ]
    for source in reversed(sources):
        notebook.cells.insert(2, new_code_cell(source))


@_notebook
def thousand_cells(notebook: Any) -> None:
    """More cells than anybody reads."""
    notebook.cells[2:2] = [new_code_cell(f"x{n} = {n}") for n in range(1000)]


@_notebook
def source_as_a_list(notebook: Any) -> None:
    """Sources of every wrong type."""
    odd = ([1, 2], None, 5, {"a": 1}, [["x"]], True) * 9
    for cell, source in zip(notebook.cells, odd, strict=False):
        cell["source"] = source


def _bytes(name: str, data: bytes) -> None:
    def attack(folder: Path, secrets: Mapping[str, str]) -> None:
        (folder / FILE).write_bytes(data)

    ATTACKS[name] = attack


_bytes("not_json", b"def standardize(x):\n    return x\n")
_bytes("not_text", bytes(range(256)) * 64)
_bytes("empty_file", b"")
_bytes("byte_order_mark", "\ufeff{}".encode("utf-16"))
_bytes("not_a_notebook", b'{"score": 26, "outcome": "passed"}')
_bytes("a_list", b"[1, 2, 3]")
_bytes("a_number", b"26")
_bytes("deep_json", b"[" * 200_000 + b"]" * 200_000)
_bytes("deep_notebook", b'{"cells": ' + b'{"a":' * 100_000 + b"1" + b"}" * 100_000 + b"}")
_bytes("huge_number", b'{"nbformat": ' + b"9" * 100_000 + b', "cells": []}')
_bytes("wrong_version", b'{"nbformat": 1000, "nbformat_minor": -5, "metadata": {}, "cells": []}')
_bytes("version_three", b'{"nbformat": 3, "nbformat_minor": 0, "metadata": {}, "worksheets": [5]}')
_bytes("cells_of_numbers", b'{"nbformat": 4, "nbformat_minor": 5, "metadata": {}, "cells": [1, 2]}')
_bytes("no_cells", b'{"nbformat": 4, "nbformat_minor": 5, "metadata": {}}')


@_folder
def truncated(folder: Path, secrets: Mapping[str, str]) -> None:
    """Half of a file."""
    data = (folder / FILE).read_bytes()
    (folder / FILE).write_bytes(data[: len(data) // 2])


@_folder
def hundred_megabytes(folder: Path, secrets: Mapping[str, str]) -> None:
    """A notebook that is mostly room."""
    with open(folder / FILE, "ab") as file:
        file.write(b" " * (100 << 20))


@_folder
def missing(folder: Path, secrets: Mapping[str, str]) -> None:
    """No notebook."""
    (folder / FILE).rename(folder / "notes.txt")


@_folder
def a_folder(folder: Path, secrets: Mapping[str, str]) -> None:
    """A folder of the notebook's name."""
    (folder / FILE).rename(folder / "inner")
    (folder / FILE).mkdir()
    (folder / "inner").rename(folder / FILE / FILE)


@_folder
def a_fifo(folder: Path, secrets: Mapping[str, str]) -> None:
    """A notebook that never comes to an end."""
    (folder / FILE).unlink()
    os.mkfifo(folder / FILE)


@_folder
def extra_notebook(folder: Path, secrets: Mapping[str, str]) -> None:
    """A second notebook, and the same again in other letters and folders."""
    data = (folder / FILE).read_bytes()
    (folder / "inner").mkdir()
    for name in ("signals2.ipynb", "SIGNALS.ipynb", "inner/signals.ipynb", "signals.ipynb.ipynb"):
        (folder / name).write_bytes(data)


@_folder
def classmates_file(folder: Path, secrets: Mapping[str, str]) -> None:
    """A link to the notebook of a student who has it right."""
    (folder / FILE).unlink()
    (folder / FILE).symlink_to(f"../../{secrets['CLASSMATE']}/01_signals/{FILE}")


@_folder
def solution_file(folder: Path, secrets: Mapping[str, str]) -> None:
    """A link to the reference."""
    (folder / FILE).unlink()
    (folder / FILE).symlink_to(f"{secrets['COURSE']}/source/01_signals/{FILE}")


@_folder
def symlinks_beside(folder: Path, secrets: Mapping[str, str]) -> None:
    """Links to everything that could be of interest."""
    for number, target in enumerate(
        (
            "/etc/passwd",
            "/etc",
            f"{secrets['COURSE']}/gradebook.db",
            f"{secrets['COURSE']}/source",
            f"{secrets['HOME']}/.netrc",
            f"../../{secrets['CLASSMATE']}",
            "/proc/self/environ",
            "nowhere",
            ".",
        )
    ):
        (folder / f"link{number}.txt").symlink_to(target)
    (folder / DATA_FILE).unlink()
    (folder / DATA_FILE).symlink_to(f"{secrets['HOME']}/.netrc")


@_folder
def special_files_beside(folder: Path, secrets: Mapping[str, str]) -> None:
    """A FIFO, a socket, files without permissions, and a file of eight terabytes."""
    os.mkfifo(folder / "data.csv")
    with socket.socket(socket.AF_UNIX) as listener:
        here = os.getcwd()
        os.chdir(folder)  # the path of a socket may be too long
        try:
            listener.bind("listener")
        finally:
            os.chdir(here)
    (folder / "closed").write_text("nothing")
    (folder / "closed").chmod(0)
    with open(folder / "sparse.bin", "wb") as file:
        file.truncate(8 << 40)


@_folder
def odd_names(folder: Path, secrets: Mapping[str, str]) -> None:
    """Names that a careless program reads as something else."""
    for name in ("-rf", "..\\..\\x", "a\nb", "..%2f..%2fx", "$(true)", "x" * 255, "\u202egpj.exe"):
        (folder / name).write_text("x")
    (folder / os.fsdecode(b"\xff\xfe")).write_text("x")
    deep = folder
    for _ in range(60):
        deep = deep / "deeper"
    deep.mkdir(parents=True)
    (deep / "x").write_text("x")


@_folder
def modules_in_the_submission(folder: Path, secrets: Mapping[str, str]) -> None:
    """Modules that a check imports, beside the notebook."""
    near = "class Near(float):\n    def __rsub__(self, other):\n        return 0.0\n"
    fake = f"{near}\ndef fmean(values):\n    return Near()\n\ndef __getattr__(name):\n    return Near\n"
    for name in ("statistics", "numpy", "torch", "autograder", "sitecustomize", "usercustomize"):
        (folder / f"{name}.py").write_text(fake)
    (folder / "x.pth").write_text("import os; os._exit(0)\n")
    (folder / "nbgrader_config.py").write_text("raise SystemExit(0)\n")
    (folder / "ipython_config.py").write_text("raise SystemExit(0)\n")
    (folder / "conftest.py").write_text("raise SystemExit(0)\n")


@_folder
def data_in_the_submission(folder: Path, secrets: Mapping[str, str]) -> None:
    """The data file holds what the answer says."""
    (folder / DATA_FILE).write_text("time,volts\n" + "0,0\n" * 40)
    notebook = nbformat.read(folder / FILE, as_version=4)
    source = "def load_readings(path):\n    return np.zeros((40, 2))\n"
    _cell(notebook, "load_readings").source = source
    nbformat.write(notebook, folder / FILE)


@_folder
def lying_timestamp(folder: Path, secrets: Mapping[str, str]) -> None:
    """Handed in before the course began."""
    (folder / "timestamp.txt").write_text("1970-01-01 00:00:00 UTC")


@_folder
def bomb_timestamp(folder: Path, secrets: Mapping[str, str]) -> None:
    """A time of fifty megabytes, with a script and a control character in it."""
    (folder / "timestamp.txt").write_text("<script>\x1b[2J" + "9" * (50 << 20))


assert EARNS.keys() <= ATTACKS.keys()
assert {check.answer for check in CHECKS} == ANSWERS.keys()
