"""Gradescope: a result as its `results.json`, and the zip file of an autograder for it.

The format is that of https://gradescope-autograders.readthedocs.io/en/latest/specs/. The zip holds
no solution: an assignment is its `Blueprint`, with the checks in full, in a file that only root
may read; `gradescope_run` grades there.
"""

import json
import re
import stat
import sys
import zipfile
from collections.abc import Iterator, Mapping
from importlib import metadata
from importlib.resources import files
from pathlib import Path
from typing import Any

import nbformat

from autograder.assignment.blueprint import Blueprint, NotebookBlueprint
from autograder.assignment.errors import UserError
from autograder.assignment.notebook import Kind, aspect_of
from autograder.assignment.notes import printable
from autograder.assignment.outcome import CheckResult, Outcome, Result
from autograder.assignment.sections import sections_of

ASSIGNMENT = "assignment.json"
DATA = "data"
ENGINE_NEEDS = ("ipython", "msgpack", "nbformat", "nbgrader", "traitlets")
"""Distributions that grading imports; what the assignment imports comes to them."""
_WELCOME = {"numpy"}
"""What an answer may import though the assignment does not; given to it where it is here."""

_PACKAGE = Path(__file__).resolve().parent.parent
_DATE = (1980, 1, 1, 0, 0, 0)
"""Of every file in the zip: the same assignment gives the same bytes."""


def results(result: Result, blueprint: Blueprint) -> dict[str, Any]:
    """A result in Gradescope's format: a test for each check, numbered by exercise.

    A hidden check has its name and its points and says no more.
    """
    tests = []
    number = 0
    for graded, notebook in zip(result.notebooks, blueprint.notebooks, strict=True):
        checks = {check.grade_id: check for check in graded.checks}
        for section in sections_of(notebook, blueprint.assignment):
            cells = [cell for cell in section.cells if cell.grade_id in checks]
            number += bool(cells)
            tests += [
                _test(checks[cell.grade_id], section.title, f"{number}.{count}", cell.hidden)
                for count, cell in enumerate(cells, start=1)
            ]
    written = sum(
        cell.points
        for notebook in blueprint.notebooks
        for cell in notebook.graded
        if cell.kind is Kind.WRITTEN
    )
    said = [*result.notes, *(note for one in result.notebooks for note in one.notes)]
    if written:
        said.append(
            f"{written:g} more points are given by your instructor, who reads your answers."
        )
    shown: dict[str, Any] = {"tests": tests} if tests else {"score": 0.0, "tests": []}
    return {
        **shown,
        "output": printable("\n".join(said)),
        "output_format": "text",
        "execution_time": round(result.seconds, 3),
        "stdout_visibility": "hidden",
    }


def failed(reason: str) -> dict[str, Any]:
    """What Gradescope gets when there is no result at all: no points, and the reason."""
    return {
        "score": 0.0,
        "output": printable(f"Your submission could not be graded: {reason}"),
        "output_format": "text",
        "stdout_visibility": "hidden",
        "tests": [],
    }


def _test(check: CheckResult, title: str, number: str, hidden: bool) -> dict[str, Any]:
    passed = check.outcome is Outcome.PASSED or (0 < check.points <= check.score)
    output = "A hidden check: its text is not shown." if hidden else check.message
    if check.needs_person and not hidden:
        output = f"Your instructor has to decide: {check.message}"
    return {
        "name": printable(f"{title}: {aspect_of(check.grade_id)}"),
        "number": number,
        "score": check.score,
        "max_score": check.points,
        "status": "passed" if passed else "failed",
        "output": printable(output),
        "output_format": "text",
        "visibility": "visible",
    }


def write_zip(blueprint: Blueprint, path: Path) -> tuple[str, ...]:
    """Write the zip file that Gradescope takes as an autograder; return the names in it.

    raises: UserError if the file cannot be written
    """
    contents = dict(sorted(_contents(blueprint)))
    try:
        with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
            for name, content in contents.items():
                entry = zipfile.ZipInfo(name, _DATE)
                entry.compress_type = zipfile.ZIP_DEFLATED
                mode = 0o755 if name in ("setup.sh", "run_autograder") else 0o644
                if name == ASSIGNMENT:
                    mode = 0o600
                entry.external_attr = (stat.S_IFREG | mode) << 16
                archive.writestr(entry, content)
    except OSError as error:
        raise UserError(f"{path}: cannot be written ({error.strerror}).") from error
    return tuple(contents)


def _contents(blueprint: Blueprint) -> Iterator[tuple[str, bytes]]:
    templates = files("autograder.export") / "gradescope_zip"
    for name in ("setup.sh", "run_autograder"):
        yield name, (templates / name).read_bytes()
    for module in sorted(_PACKAGE.rglob("*.py")):
        yield f"autograder/{module.relative_to(_PACKAGE).as_posix()}", module.read_bytes()
    yield "python.txt", f"python{sys.version_info[0]}.{sys.version_info[1]}\n".encode()
    yield "requirements.txt", "".join(f"{line}\n" for line in requirements(blueprint)).encode()
    lock = _PACKAGE.parent / "requirements.lock"
    yield "requirements.lock", lock.read_bytes() if lock.is_file() else b""
    yield ASSIGNMENT, json.dumps(as_json(blueprint), indent=1).encode()
    if blueprint.files is not None:
        for name in blueprint.data_files:
            yield f"{DATA}/{name}", (blueprint.files / name).read_bytes()


def requirements(blueprint: Blueprint) -> list[str]:
    """What grading this assignment needs, pinned to the versions that are installed here."""
    providers = metadata.packages_distributions()
    imported = {name for module in blueprint.modules for name in providers.get(module, ())}
    here = {name for names in providers.values() for name in names}
    needed = {*ENGINE_NEEDS, *imported, *(_WELCOME & here)}
    pins = {
        re.sub(r"[-_.]+", "-", name).lower(): metadata.version(name).split("+")[0]
        for name in needed
    }
    return [f"{name}=={version}" for name, version in sorted(pins.items())]


def as_json(blueprint: Blueprint) -> dict[str, Any]:
    """An assignment as plain data, and `from_json` back; its data files are not in it."""
    plain = {
        name: sorted(value) if isinstance(value, frozenset) else value
        for name, value in vars(blueprint).items()
        if name not in ("notebooks", "files")
    }
    return {**plain, "notebooks": [_notebook_as_json(one) for one in blueprint.notebooks]}


def _notebook_as_json(notebook: NotebookBlueprint) -> dict[str, Any]:
    return {
        **vars(notebook),
        "student_names": sorted(notebook.student_names),
        "student_classes": sorted(notebook.student_classes),
        "declares": {name: sorted(names) for name, names in notebook.declares.items()},
    }


def from_json(content: Mapping[str, Any], folder: Path) -> Blueprint:
    """The assignment that `as_json` wrote.

    folder: where its data files are
    """
    notebooks = tuple(
        NotebookBlueprint(
            **{
                **one,
                "notebook": nbformat.from_dict(one["notebook"]),
                "student_names": frozenset(one["student_names"]),
                "student_classes": frozenset(one["student_classes"]),
                "released": tuple(one["released"]),
                "declares": {name: frozenset(names) for name, names in one["declares"].items()},
            }
        )
        for one in content["notebooks"]
    )
    plain: dict[str, Any] = {
        name: tuple(value) if isinstance(value, list) else value for name, value in content.items()
    }
    plain |= {"notebooks": notebooks, "files": folder if content["data_files"] else None}
    return Blueprint(**plain)
