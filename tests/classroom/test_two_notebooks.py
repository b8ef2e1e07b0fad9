"""An assignment of two notebooks whose cells have the same names: each speaks for itself."""

import json

import nbformat
import pytest
from compact_course import ASSIGNMENT, blueprint_of, submitted, write_course
from test_feedback_pages import text

from autograder.assignment.nbgrader_course import NbgraderCourse, open_course
from autograder.classroom.grade_class import ClassResult, Options, grade_class
from autograder.pages.feedback.write import write_feedback
from autograder.pages.report.build import class_report

pytestmark = pytest.mark.slow
CELLS = (
    ("f", "def f():\n    return 1"),
    ("f-check 10", "assert f() == 1, f'f: got {f()}, expected 1'"),
)
WRONG = "def f():\n    return 2"
STUDENTS = {"ada": {"p": WRONG, "q": CELLS[0][1]}, "bob": {"q": CELLS[0][1]}, "eve": {"q": WRONG}}


@pytest.fixture(scope="module")
def course(tmp_path_factory: pytest.TempPathFactory) -> NbgraderCourse:
    """Notebooks p and q are alike; in `q` one check has a name of its own."""
    root = write_course(tmp_path_factory.mktemp("course"), CELLS)
    folder = root / "source" / ASSIGNMENT
    second = nbformat.read(folder / "p.ipynb", as_version=4)
    own = nbformat.from_dict({**second.cells[1], "id": "own", "source": "assert f() > 0"})
    own.metadata["nbgrader"]["grade_id"] = "q-only"
    second.cells.append(own)
    nbformat.write(second, folder / "q.ipynb")
    blueprint = blueprint_of(root)
    for student, answers in STUDENTS.items():
        handed_in = root / "submitted" / student / ASSIGNMENT
        handed_in.mkdir(parents=True)
        for name, answer in answers.items():
            (handed_in / f"{name}.ipynb").write_bytes(submitted(blueprint, {"f": answer}))
    return open_course(root)


@pytest.fixture(scope="module")
def graded(course: NbgraderCourse) -> ClassResult:
    return grade_class(course, ASSIGNMENT, Options(workers=1))


@pytest.fixture(scope="module")
def pages(course: NbgraderCourse, graded: ClassResult) -> dict[tuple[str, str], str]:
    written = write_feedback(course, ASSIGNMENT)
    return {(path.parent.parent.name, path.stem): text(path.read_text()) for path in written.pages}


def test_json_has_every_check(graded: ClassResult) -> None:
    (ada,) = [json.loads(json.dumps(graded.students["ada"]))]
    assert ada["score"] == 20.0
    assert {name: check["outcome"] for name, check in ada["checks"].items()} == {
        "p/f-check": "failed",
        "q/f-check": "passed",
        "q-only": "passed",
    }


def test_each_page_speaks_of_its_own_notebook(pages: dict[tuple[str, str], str]) -> None:
    assert "f: got 2, expected 1" in pages["ada", "p"]
    assert "Passed." not in pages["ada", "p"]
    assert "got 2" not in pages["ada", "q"]
    assert pages["ada", "q"].count("Passed.") == 2


def test_stub_in_place_of_a_lost_notebook_is_not_called_the_students(
    pages: dict[tuple[str, str], str],
) -> None:
    for student in ("bob", "eve"):
        assert "Your code" not in pages[student, "p"]
        assert "NotImplementedError" not in pages[student, "p"]
        assert "p: the notebook is not in the submission" in pages[student, "p"]
        assert "Your code: f" in pages[student, "q"]
    assert "Passed." in pages["bob", "q"]


def test_report_tells_which_notebook(course: NbgraderCourse, graded: ClassResult) -> None:
    assert graded.students
    (report,) = class_report(course, [ASSIGNMENT], course.root).assignments
    failed = {one.check: [person.name for person in one.people] for one in report.misconceptions}
    assert failed == {"p/f-check": ["ada"], "q/f-check": ["eve"]}
    assert {time.check for time in report.times} == {"p/f-check", "q/f-check", "q-only"}
