"""The example class: made out of known answers, graded by the engine, the same every time."""

import shutil
from collections.abc import Iterable
from pathlib import Path

import nbformat
import pytest
from throwaway_course import make_full_course
from typer.testing import CliRunner

from autograder.assignment.course import CLASSROOM_VARIABLE, Course
from autograder.assignment.errors import UserError
from autograder.assignment.nbgrader_course import open_course
from autograder.assignment.notebook import Assignment, read_assignment
from autograder.authoring.misconceptions import Expected, known_answers
from autograder.authoring.release import release
from autograder.classroom.folders import Classroom, Mark
from autograder.classroom.grade_class import ClassResult, grade_class
from autograder.cli.app import app
from autograder.cli.demo import BROKEN, build, example_class
from autograder.pages.feedback.write import write_feedback

NAMES = ("ada", "blaise", "carl", "dorothy", "emmy", "felix", "grace", "henri", BROKEN, "julia")
Marks = dict[str, dict[str, Mark] | None]


@pytest.fixture
def course(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Course:
    monkeypatch.delenv(CLASSROOM_VARIABLE, raising=False)
    course = make_full_course(tmp_path / "a course")
    release(course)
    return course


def source(course: Course, chapter: str = "01_sums") -> Assignment:
    return read_assignment(next((course.solutions / chapter).glob("*.ipynb")))


def marks(room: Classroom, assignment: Assignment, students: Iterable[str]) -> Marks:
    return {student: room.marks(assignment, student) for student in students}


def test_class_has_ten_students_and_is_the_same_every_time(course: Course) -> None:
    students = example_class(course, source(course))
    assert tuple(student.name for student in students) == NAMES
    assert len({student.story for student in students}) == len(NAMES)
    assert example_class(course, source(course)) == students


def test_students_answer_as_their_stories_say(course: Course) -> None:
    assignment = source(course)
    known = known_answers(course, assignment)
    answers = {s.name: s.answers for s in example_class(course, assignment)}

    def kind(name: str, answer: str) -> Expected | None:
        found = [k.expected for k in known if k.source == answers[name].get(answer)]
        return found[0] if found else None

    reference = answers["ada"]
    assert set(reference) == {"add", "half"}
    assert "SOLUTION" not in "".join(reference.values())
    assert {kind(name, a) for name in ("blaise", "carl") for a in reference} == {Expected.RIGHT}
    assert answers["blaise"]["add"] != answers["carl"]["add"]
    assert kind("dorothy", "add") is Expected.WRONG
    assert answers["dorothy"]["half"] == reference["half"]
    assert {kind("felix", a) for a in reference} == {Expected.WRONG}
    assert dict(answers["grace"]) == {"add": reference["add"]}
    assert {kind("henri", a) for a in reference} == {Expected.VACUOUS}
    assert dict(answers["julia"]) == {}


def test_submissions_are_the_release_with_the_answers_in_it(course: Course) -> None:
    room = Classroom(course, course.root / "demo")
    students = build(course, room, ["01_sums"])
    assert room.students("01_sums") == tuple(sorted(NAMES))
    released = nbformat.read(course.release / "01_sums" / "sums.ipynb", as_version=4)
    for student in students:
        folder = room.submitted / student.name / "01_sums"
        assert (folder / "data" / "numbers.csv").is_file()
        if student.name == BROKEN:
            continue
        submitted = nbformat.read(folder / "sums.ipynb", as_version=4)
        assert [c.metadata for c in submitted.cells] == [c.metadata for c in released.cells]
        changed = {
            mine.metadata.nbgrader.grade_id
            for mine, theirs in zip(submitted.cells, released.cells, strict=True)
            if mine.source != theirs.source
        }
        written = {"reflection"} if student.answers else set()
        assert changed == set(student.answers) | written


def graded(course: Course, room: Classroom) -> ClassResult:
    return grade_class(open_course(course.root, room.root), "01_sums")


@pytest.mark.slow
def test_class_is_graded_and_each_gets_what_the_story_deserves(course: Course) -> None:
    room = Classroom(course, course.root / "demo")
    build(course, room, ["01_sums"])
    result = graded(course, room)
    assert tuple(result.students) == tuple(sorted(NAMES))
    (note,) = result.students[BROKEN]["notes"]
    assert note.startswith("the notebook cannot be read")

    found = marks(room, source(course), NAMES)
    scores = {
        name: mark and [exercise.score for exercise in mark.values()]
        for name, mark in found.items()
    }
    assert scores == {
        "ada": [5, 2, 0],
        "blaise": [5, 2, 0],
        "carl": [5, 2, 0],
        "dorothy": [0, 2, 0],  # subtracts
        "emmy": [4, 2, 0],  # right for positive numbers: only the hidden check is lost
        "felix": [4, 0, 0],  # saturates: half of the partial credit; whole numbers
        "grace": [5, 0, 0],
        "henri": [0, 0, 0],
        BROKEN: [0, 0, 0],
        "julia": [0, 0, 0],
    }
    waiting = {name for name, mark in found.items() if mark and mark["Reflection"].waiting}
    assert waiting == set(NAMES) - {BROKEN, "julia"}
    pages = write_feedback(open_course(course.root, room.root), "01_sums").pages
    assert {path.parent.parent.name for path in pages} == set(NAMES)
    for page in pages:
        assert "the_secret_check" not in page.read_text()
    assert not (course.root / "classroom" / "submitted").exists()


@pytest.mark.slow
def test_made_again_the_marks_are_the_same_and_unchanged_work_is_not_graded_again(
    course: Course,
) -> None:
    room = Classroom(course, course.root / "demo")
    results = []
    for _ in range(2):
        build(course, room, ["01_sums"])
        assert room.marks(source(course), "felix") is None
        assert graded(course, room).unchanged == ()
        results.append(marks(room, source(course), NAMES))
    assert results[0] == results[1]
    assert graded(course, room).unchanged == tuple(sorted(NAMES))
    notebook = room.submitted / "felix" / "01_sums" / "sums.ipynb"
    notebook.write_bytes((room.submitted / "ada" / "01_sums" / "sums.ipynb").read_bytes())
    assert graded(course, room).unchanged == tuple(sorted(set(NAMES) - {"felix"}))
    after = marks(room, source(course), NAMES)
    assert after["felix"] == after["ada"] == results[0]["ada"]


@pytest.mark.parametrize("content", [None, "empty", "work"])
def test_folder_that_is_no_example_class_is_refused(course: Course, content: str | None) -> None:
    place = course.root / "mine"
    if content is None:
        place.write_text("a file")
    else:
        place.mkdir()
    if content == "work":
        (place / "gradebook.db").write_text("marks")
    with pytest.raises(UserError, match="is not an example class"):
        build(course, Classroom(course, place), ["01_sums"])
    if content is None:
        assert place.read_text() == "a file"
    else:
        found = [(path.name, path.read_text()) for path in place.iterdir()]
        assert found == ([("gradebook.db", "marks")] if content == "work" else [])


def test_example_class_is_made_anew(course: Course) -> None:
    room = Classroom(course, course.root / "demo")
    build(course, room, ["02_squares"])
    (room.root / "left over").write_text("from last time")
    build(course, room, ["01_sums"])
    assert not (room.root / "left over").exists()
    assert room.students("02_squares") == ()
    assert room.students("01_sums") == tuple(sorted(NAMES))


def test_chapter_without_known_answers_has_a_class_too(course: Course) -> None:
    shutil.rmtree(course.root / "tests" / "misconceptions" / "02_squares")
    students = {s.name: s.answers for s in example_class(course, source(course, "02_squares"))}
    assert set(students["blaise"]) == {"square"}
    assert students["felix"] == students["julia"] == {}


def test_known_answer_that_is_not_in_the_format_is_named(course: Course) -> None:
    path = course.root / "tests" / "misconceptions" / "01_sums" / "add.py"
    path.write_text("# %% wrong nameless\ndef add(a, b):\n    pass\n")
    with pytest.raises(UserError, match=r"add\.py: nameless: a wrong answer names one check"):
        known_answers(course, source(course))


@pytest.mark.slow
def test_demo_ends_with_the_report_and_one_students_feedback(
    course: Course, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(course.root)
    done = CliRunner().invoke(app, ["demo", "01_sums", "--classroom", str(course.root / "demo")])
    assert done.exit_code == 0, done.output
    for name in ("report.html", "feedback/emmy/01_sums/sums.html"):
        path = course.root / "demo" / name
        assert str(path) in done.output
        assert path.is_file()
