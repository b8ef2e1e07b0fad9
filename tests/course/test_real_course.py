"""The repository's own course: released, free of solutions, in contract, with known answers."""

import base64
import json
import re
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest

from autograder.assignment.course import find_course
from autograder.assignment.notebook import read_assignment, read_notebook
from autograder.authoring.contract import violations
from autograder.authoring.findings import read_source
from autograder.authoring.landing import landing_page
from autograder.authoring.manifest import MANIFEST
from autograder.authoring.product import Secrets
from autograder.authoring.release import GLOSSARY_PAGE, LANDING_PAGE, compare, faults
from autograder.gate.proved import unproved

COURSE = find_course(Path(__file__).parent)
NOTEBOOKS = [
    pytest.param(path, id=path.parent.name) for path in sorted(COURSE.solutions.glob("*/*.ipynb"))
]
SECRET = re.compile(
    r"### BEGIN (SOLUTION|HIDDEN TESTS)\n(?P<text>.*?)### END (SOLUTION|HIDDEN TESTS)", re.DOTALL
)
LONG_ENOUGH = 15
"""Characters; shorter lines (`return x`) may stand anywhere."""


def released_text(chapter: str = "") -> str:
    """Everything a student gets; of notebooks all texts, in outputs, attachments, metadata too.

    chapter: only what is released of this one
    """
    texts = []
    for path in sorted((COURSE.release / chapter).rglob("*")):
        if path.suffix == ".ipynb":
            texts += strings(json.loads(path.read_text(encoding="utf-8")))
        elif path.is_file():
            texts.append(path.read_text(encoding="utf-8", errors="replace"))
    return "\n".join(texts)


def strings(value: Any) -> Iterator[str]:
    """Every text in JSON data; a cell's lines joined, what is base64 decoded."""
    if isinstance(value, str):
        yield value
        with suppress(ValueError):
            yield base64.b64decode(value, validate=True).decode()
    elif isinstance(value, list):
        if all(isinstance(each, str) for each in value):
            yield "".join(value)
        for each in value:
            yield from strings(each)
    elif isinstance(value, dict):
        for key, each in value.items():
            yield from (key, *strings(each))


def secret_lines(notebook: Path) -> set[str]:
    """Lines of solutions and hidden checks that stand nowhere else in the source."""
    return hidden_lines(notebook) - public_lines(notebook, hidden_lines(notebook))


def hidden_lines(notebook: Path) -> set[str]:
    sources = [cell.source for cell in read_notebook(notebook).cells]
    secret = "\n".join(match["text"] for text in sources for match in SECRET.finditer(text))
    return {line.strip() for line in secret.split("\n") if len(line.strip()) >= LONG_ENOUGH}


def public_lines(notebook: Path, lines: set[str]) -> set[str]:
    """Those lines that the notebook shows outside of solutions and hidden checks."""
    sources = [cell.source for cell in read_notebook(notebook).cells]
    public = "\n".join(SECRET.sub("", text) for text in sources)
    return {line for line in lines if line in public}


def test_there_are_chapters() -> None:
    assert COURSE.chapters
    assert COURSE.released_chapters == COURSE.chapters


def test_release_is_fresh() -> None:
    """If this fails: `make release`."""
    changes = compare(COURSE)
    assert changes.stale == ()
    recorded = json.loads((COURSE.release / MANIFEST).read_text())["files"]
    assert sorted(recorded) == sorted(changes.unchanged)


@pytest.mark.parametrize("notebook", NOTEBOOKS)
def test_no_line_of_a_solution_or_hidden_check_is_released(notebook: Path) -> None:
    secret = secret_lines(notebook)
    assert len(secret) > 20
    text = released_text(notebook.parent.name)
    assert sorted(line for line in secret if line in text) == []


def test_no_chapter_gives_away_another() -> None:
    """Of what a cell hides, another chapter shows less than half: `loss.backward()` and the like."""
    text = {chapter: released_text(chapter) for chapter in COURSE.chapters}
    secrets = Secrets.of(read_source(path.values[0]) for path in NOTEBOOKS)
    assert len(secrets.hidden) > 100
    for one in secrets.hidden:
        for chapter in set(COURSE.chapters) - {one.chapter}:
            shown = sorted(line for line in one.lines if line in text[chapter])
            assert 2 * len(shown) < len(one.lines), (chapter, one.chapter, one.name, shown)


def test_release_refuses_nothing() -> None:
    assert faults(COURSE) == ()


@pytest.mark.parametrize("notebook", NOTEBOOKS)
def test_release_holds_nothing_but_sources_and_known_metadata(notebook: Path) -> None:
    path = COURSE.release / notebook.parent.name / notebook.name
    released = json.loads(path.read_text(encoding="utf-8"))
    assert set(released["metadata"]) == {"kernelspec", "language_info"}
    for cell in released["cells"]:
        assert set(cell) <= {
            "cell_type", "execution_count", "id", "metadata", "outputs", "source"
        }  # fmt: skip
        assert set(cell["metadata"]) <= {"deletable", "editable", "jupyter", "nbgrader", "tags"}
        assert not cell.get("outputs")


def test_no_mark_of_a_solution_or_hidden_check_is_released() -> None:
    text = released_text()
    raw = b"".join(path.read_bytes() for path in COURSE.release.rglob("*") if path.is_file())
    for mark in ("BEGIN SOLUTION", "END SOLUTION", "HIDDEN TESTS"):
        assert mark not in text
        assert mark.encode() not in raw


@pytest.mark.parametrize("notebook", NOTEBOOKS)
def test_source_keeps_the_contract(notebook: Path) -> None:
    assert violations(notebook) == ()


def test_landing_page_is_current() -> None:
    assignments = [read_assignment(path.values[0]) for path in NOTEBOOKS]
    page = (COURSE.release / LANDING_PAGE).read_text(encoding="utf-8")
    assert page == landing_page(assignments, GLOSSARY_PAGE)
    for assignment in assignments:
        assert f"({assignment.name}/{assignment.notebook}.ipynb)" in page


def test_every_chapter_passed_the_gate_as_it_stands() -> None:
    """`autograder release` notes it, and runs what has changed since."""
    assert unproved(COURSE, COURSE.chapters) == ()
