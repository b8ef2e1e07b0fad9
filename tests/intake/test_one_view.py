"""Check, Submit and grading see the same files of a student's folder, and say what they leave out."""

import json
import random
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import nbformat
import pytest
from nbformat.v4 import new_code_cell
from throwaway_course import make_course

from autograder.assignment.blueprint import Blueprint, read_blueprint
from autograder.assignment.course import Course
from autograder.assignment.errors import UserError
from autograder.assignment.nbgrader_course import open_course
from autograder.assignment.submission import read_submission
from autograder.engine.engine import Engine
from autograder.grading.check import CheckReport, Checks
from autograder.grading.grade import engine_for, grade
from autograder.intake.exchange import Receipt, submit

HELP = "def plus(a, b):\n    return a + b\n"
IMPORTED = "from mine import plus\ndef add(a, b):\n    return plus(a, b)"


@dataclass
class Student:
    """A student's folder, with what checks it, hands it in and grades what was handed in."""

    course: Course
    folder: Path
    checks: Checks
    blueprint: Blueprint
    engine: Engine

    @property
    def notebook(self) -> Path:
        return self.folder / "sums.ipynb"

    def write(self, source: str, *own: str) -> None:
        notebook = nbformat.read(self.course.release / "01_sums" / "sums.ipynb", as_version=4)
        for cell in notebook.cells:
            if cell.metadata.get("nbgrader", {}).get("grade_id") == "add":
                cell.source = source
        notebook.cells += [new_code_cell(text) for text in own]
        nbformat.write(notebook, self.notebook)

    def asks_for(self, *names: str) -> None:
        """The assignment asks for files besides the notebook."""
        path = self.course.release / "01_sums" / "sums.ipynb"
        notebook = nbformat.read(path, as_version=4)
        notebook.metadata["autograder"] = {"files": list(names)}
        nbformat.write(notebook, path)

    def check(self) -> CheckReport:
        return self.checks.check(self.notebook)

    def graded(self) -> tuple[Receipt, dict[str, Any]]:
        """Hand in, and grade what arrived: outcome, points and message of each visible check."""
        receipt = submit(self.notebook, self.course)
        arrived = read_submission(receipt.place, "ada", "01_sums")
        result = grade(self.blueprint, arrived, self.engine)
        return receipt, {c.grade_id: (c.outcome, c.score, c.message) for c in result.checks}


@pytest.fixture
def student(tmp_path: Path) -> Iterator[Student]:
    course = make_course(tmp_path / "course")
    folder = tmp_path / "my-course" / "01_sums"
    folder.mkdir(parents=True)
    blueprint = read_blueprint(open_course(course.root), "01_sums")
    with closing(Checks(course)) as checks, engine_for(blueprint) as engine:
        yield Student(course, folder, checks, blueprint, engine)


def same(report: CheckReport, graded: dict[str, Any]) -> bool:
    return all(
        graded[check.grade_id] == (check.outcome, check.score, check.message)
        for check in report.visible
    )


def test_module_beside_the_notebook_counts_nowhere_and_is_named(student: Student) -> None:
    student.write(IMPORTED)
    (student.folder / "mine.py").write_text(HELP)
    report = student.check()
    assert not report.all_passed
    assert "No module named 'mine'" in str([check.message for check in report.visible])
    note = "mine.py: lies beside the notebook and is not handed in"
    assert any(line.startswith(note) for line in report.notes)
    receipt, graded = student.graded()
    assert same(report, graded)
    assert any(line.startswith(note) for line in receipt.notes)


def test_module_that_the_assignment_asks_for_counts_everywhere(student: Student) -> None:
    student.asks_for("mine.py")
    student.write(IMPORTED)
    (student.folder / "mine.py").write_text(HELP)
    (student.folder / "other.txt").write_text("private")
    report = student.check()
    assert (report.all_passed, report.notes) == (True, ())
    receipt, graded = student.graded()
    assert receipt.beside == ("mine.py",)
    assert not (receipt.place / "other.txt").exists()
    assert same(report, graded)


@pytest.mark.parametrize(
    "code",
    ["import mine", "import os, mine", "from mine import plus", "open('mine.txt')",
     "x = './mine.txt'", "import package.part", "open('package/part.txt')",
     "import os; import mine", "%run mine.py", "!cat mine.txt"],
)  # fmt: skip
def test_what_the_notebook_uses_is_named(student: Student, code: str) -> None:
    student.write("def add(a, b):\n    return a + b", f"if False:\n    {code}")
    for name in ("mine.py", "mine.txt", "undermined.py", "other.csv"):
        (student.folder / name).write_text("")
    (student.folder / "package").mkdir()
    (note,) = student.check().notes
    assert note.partition(":")[0] in ("mine.py", "mine.txt", "package")


@pytest.mark.parametrize(
    "code",
    [
        "import minerals",
        "print('mine.py.txt')",
        "# mine",
        "import os as mine",
        "x = {'package': 1}",
    ],
)
def test_what_it_does_not_use_is_not(student: Student, code: str) -> None:
    student.write("def add(a, b):\n    return a + b", f"if False:\n    {code}\n    pass")
    (student.folder / "mine.py").write_text("")
    (student.folder / "mine.txt").write_text("")
    (student.folder / "package").mkdir()
    assert student.check().notes == ()


def test_what_the_exchange_takes_from_nobody_counts_nowhere(student: Student) -> None:
    student.asks_for("*")
    student.write("def add(a, b):\n    return a + b + len(open('data/feedback/x.csv').read())")
    for name in ("data/ok.csv", "data/feedback/x.csv", "b.pyc", "timestamp.txt"):
        (student.folder / name).parent.mkdir(parents=True, exist_ok=True)
        (student.folder / name).write_text("")
    report = student.check()
    receipt, graded = student.graded()
    assert receipt.beside == ("data/ok.csv",)
    assert not report.all_passed
    assert same(report, graded)
    assert report.notes == ()


def test_file_that_is_asked_for_and_cannot_go_along_is_named(
    student: Student, tmp_path: Path
) -> None:
    student.asks_for("*.py", "*.bin")
    student.write(IMPORTED)
    (tmp_path / "elsewhere.py").write_text(HELP)
    (student.folder / "mine.py").symlink_to(tmp_path / "elsewhere.py")
    with (student.folder / "big.bin").open("wb") as big:
        big.truncate(51 * 2**20)
    report = student.check()
    notes = "\n".join(report.notes)
    assert "mine.py: is a symbolic link; it is left out" in notes
    assert "big.bin: is larger than 50 MB; it is left out" in notes
    receipt, graded = student.graded()
    assert receipt.beside == ()
    assert same(report, graded)


@pytest.mark.parametrize(
    "damage",
    [
        lambda cell: cell.pop("metadata", None) if cell["cell_type"] == "markdown" else None,
        lambda cell: cell.pop("outputs", None),
        lambda cell: cell.pop("execution_count", None),
        lambda cell: cell.update(id="a b ü"),
        lambda cell: cell.update(metadata={**cell["metadata"], "tags": None}),
        lambda cell: cell.update(attachments=None, source="".join(cell["source"])),
    ],
)
def test_what_grading_reads_check_and_submit_read_too(student: Student, damage: Any) -> None:
    student.write("def add(a, b):\n    return a + b")
    content = json.loads(student.notebook.read_text())
    for cell in content["cells"]:
        damage(cell)
    student.notebook.write_text(json.dumps(content))
    report = student.check()
    assert report.all_passed
    _, graded = student.graded()
    assert same(report, graded)


def test_what_is_no_notebook_is_refused_by_both(student: Student) -> None:
    for text, why in (("{", "it is not JSON"), ("[]", "it is not a notebook"), ("", "is empty")):
        student.notebook.write_text(text)
        with pytest.raises(UserError, match=why):
            student.check()
        with pytest.raises(UserError, match=why):
            submit(student.notebook, student.course)


@pytest.mark.parametrize("seed", range(2))
def test_random_folders_get_the_same_points_in_check_and_in_grading(
    student: Student, seed: int
) -> None:
    rng = random.Random(seed)
    answers = (IMPORTED, "import mine\nadd = mine.plus", "def add(a, b):\n    return a + b",
               "def add(a, b):\n    return int(open('data.txt').read()) + a + b",
               "from package.part import plus as add", "def add(a, b): return 0")  # fmt: skip
    files = {"mine.py": HELP, "data.txt": "0", "package/__init__.py": "", "package/part.py": HELP}
    patterns = ("*.py", "mine.py", "data.txt", "package/*", "*")
    for _ in range(40):
        for name in files:
            (student.folder / name).unlink(missing_ok=True)
        student.asks_for(*rng.sample(patterns, rng.randint(0, 2)))
        for name in rng.sample(sorted(files), rng.randint(0, 4)):
            (student.folder / name).parent.mkdir(exist_ok=True)
            (student.folder / name).write_text(files[name])
        student.write(rng.choice(answers), *rng.sample(("import mine", "1 / 0", "x = 1"), 1))
        report = student.check()
        receipt, graded = student.graded()
        assert same(report, graded), (report, graded)
        assert set(receipt.notes) <= set(report.notes)
