"""The repository's own course: released, free of solutions, in contract, with known answers."""

import json
import re
from collections import Counter
from pathlib import Path

import pytest

from autograder.assignment.course import find_course
from autograder.assignment.notebook import read_assignment, read_notebook
from autograder.authoring.contract import violations
from autograder.authoring.landing import landing_page
from autograder.authoring.misconceptions import Expected, known_answers
from autograder.authoring.release import GLOSSARY_PAGE, LANDING_PAGE, MANIFEST, compare

COURSE = find_course(Path(__file__).parent)
NOTEBOOKS = [
    pytest.param(path, id=path.parent.name) for path in sorted(COURSE.solutions.glob("*/*.ipynb"))
]
ANSWERS = [
    pytest.param(path.values[0], cell.grade_id, id=cell.grade_id)
    for path in NOTEBOOKS
    for cell in read_assignment(path.values[0]).answers
]
SECRET = re.compile(
    r"### BEGIN (SOLUTION|HIDDEN TESTS)\n(?P<text>.*?)### END (SOLUTION|HIDDEN TESTS)", re.DOTALL
)
LONG_ENOUGH = 15
"""Characters; shorter lines (`return x`) may stand anywhere."""


def released_text(chapter: str = "") -> str:
    """Everything a student gets, notebooks as their cells' sources and outputs.

    chapter: only what is released of this one
    """
    texts = []
    for path in sorted((COURSE.release / chapter).rglob("*")):
        if path.suffix == ".ipynb":
            cells = read_notebook(path).cells
            texts += [cell.source + json.dumps(cell.get("outputs", [])) for cell in cells]
        elif path.is_file():
            texts.append(path.read_text(encoding="utf-8", errors="replace"))
    return "\n".join(texts)


def secret_lines(notebook: Path) -> set[str]:
    """Lines of solutions and hidden checks that stand nowhere else in the source."""
    sources = [cell.source for cell in read_notebook(notebook).cells]
    secret = "\n".join(match["text"] for text in sources for match in SECRET.finditer(text))
    public = "\n".join(SECRET.sub("", text) for text in sources)
    lines = {line.strip() for line in secret.split("\n")}
    return {line for line in lines if len(line) >= LONG_ENOUGH and line not in public}


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
    """In its own chapter: elsewhere `loss.backward()` and the like give nothing away."""
    secret = secret_lines(notebook)
    assert len(secret) > 20
    text = released_text(notebook.parent.name)
    assert sorted(line for line in secret if line in text) == []


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


@pytest.mark.parametrize(("notebook", "answer"), ANSWERS)
def test_answer_has_known_answers_enough(notebook: Path, answer: str) -> None:
    known = [k for k in known_answers(COURSE, read_assignment(notebook)) if k.answer == answer]
    count = Counter(k.expected for k in known)
    assert count[Expected.WRONG] >= 3
    assert count[Expected.RIGHT] >= 2
    assert count[Expected.VACUOUS] >= 1
    assert [name for name, n in Counter(k.name for k in known).items() if n > 1] == []
    assert [s for s, n in Counter(k.source for k in known).items() if n > 1] == []


@pytest.mark.parametrize("notebook", NOTEBOOKS)
def test_check_that_a_wrong_answer_names_exists(notebook: Path) -> None:
    assignment = read_assignment(notebook)
    checks = {check.grade_id for check in assignment.checks}
    wrong = [k for k in known_answers(COURSE, assignment) if k.expected is Expected.WRONG]
    assert wrong
    assert [(k.answer, k.name, k.check) for k in wrong if k.check not in checks] == []
