"""A regrade: of what changed and nothing else, and what becomes of a person's marks in it."""

import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import nbformat
import pytest
from compact_course import blueprint_of, submitted, write_course
from nbgrader.api import Gradebook
from test_gradebook import (
    ALL_RIGHT,
    ANSWERS,
    ASSIGNMENT,
    MIXED,
    comments,
    graded,
    grades,
    handed_in,
    set_grade,
)

from autograder.assignment.blueprint import Blueprint, read_blueprint
from autograder.assignment.course import Course
from autograder.assignment.nbgrader_course import NbgraderCourse, open_course
from autograder.assignment.submission import Submission
from autograder.authoring.release import release
from autograder.classroom import grade_class as grading
from autograder.classroom.grade_class import Options, grade_class, submission_key
from autograder.classroom.shards import Shard
from autograder.gradebook.marks import answers
from autograder.gradebook.writer import GradebookWriter

OTHER = "02_squares"


# --- what is graded again


def change(path: Path, old: str, new: str) -> None:
    text = path.read_text(encoding="utf-8")
    assert text.count(old) == 1, f"{old} stands {text.count(old)} times"
    path.write_text(text.replace(old, new), encoding="utf-8")


@pytest.fixture
def own_root(root: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(root, tmp_path / "course"))


CHANGES: dict[str, tuple[str, str, bool]] = {
    "check": ("assert add(2, 3) == 5", "assert add(3, 2) == 5", True),
    "hidden check": ("assert add(-1, -2) == -3", "assert add(-2, -1) == -3", True),
    "points": ('"points": 1', '"points": 3', True),
    "setup": ("LIMIT = 100", "LIMIT = 101", True),
    "stub": ('\\"\\"\\"Halve a number.\\"\\"\\"', '\\"\\"\\"Half of it.\\"\\"\\"', True),
    "written question": ("What did you learn?", "What have you learned?", True),
    "typo in a text": ("Sums are everywhere.\\n", "Sums are all around.\\n", False),
    "points in a title": ("10 minutes · 2 points", "11 minutes · 2 points", False),
}


@pytest.mark.parametrize("what", CHANGES)
def test_changed_assignment_concerns_its_own_submissions_if_it_decides_marks(
    own_root: Path, what: str
) -> None:
    submission = Submission("ada", ASSIGNMENT, {"sums.ipynb": b"{}"})

    def keys() -> list[str]:
        course = open_course(own_root)
        read = (read_blueprint(course, name) for name in (ASSIGNMENT, OTHER))
        return [submission_key(each, submission, False) for each in read]

    old, new, decides = CHANGES[what]
    before = keys()
    change(own_root / "solutions" / ASSIGNMENT / "sums.ipynb", old, new)
    after = keys()
    assert [a != b for a, b in zip(after, before, strict=True)] == [decides, False]


def test_changed_data_file_concerns_its_assignment(own_root: Path) -> None:
    before = read_blueprint(open_course(own_root), ASSIGNMENT).key
    (own_root / "solutions" / ASSIGNMENT / "data" / "numbers.csv").write_text("5,6\n")
    assert read_blueprint(open_course(own_root), ASSIGNMENT).key != before


def test_cross_check_concerns_everybody(blueprint: Blueprint) -> None:
    submission = handed_in()
    key = submission_key(blueprint, submission, cross_check=False)
    assert submission_key(blueprint, submission, cross_check=True) != key


def hand_in(room: Path, student: str, assignment: str, source: Path, **texts: str) -> None:
    notebook = nbformat.read(source, as_version=4)
    for cell in notebook.cells:
        name = cell.metadata.get("nbgrader", {}).get("grade_id")
        cell.source = texts.get(name, cell.source)
    folder = room / "submitted" / student / assignment
    folder.mkdir(parents=True, exist_ok=True)
    nbformat.write(notebook, folder / source.name)


@pytest.mark.slow
def test_exactly_what_changed_is_graded(
    own_root: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The command's own way, two students in two assignments; a person's marks stay."""
    room = tmp_path / "class"
    sums = own_root / "solutions" / ASSIGNMENT / "sums.ipynb"
    squares = own_root / "solutions" / OTHER / "squares.ipynb"
    for student in ("ada", "bob"):
        hand_in(room, student, ASSIGNMENT, sums, reflection="Much.")
        hand_in(room, student, OTHER, squares)
    graded_now: list[tuple[str, str]] = []

    def grade_all() -> set[tuple[str, str]]:
        graded_now.clear()
        for assignment in (ASSIGNMENT, OTHER):
            course = open_course(own_root, room)
            result = grade_class(course, assignment, Options(workers=1))
            graded_now.extend(
                (assignment, student)
                for student in result.students
                if student not in result.unchanged
            )
        return set(graded_now)

    everything = {(a, s) for a in (ASSIGNMENT, OTHER) for s in ("ada", "bob")}
    assert grade_all() == everything
    course = open_course(own_root, room)
    for student in ("ada", "bob"):
        set_grade(course, "reflection", student, manual_score=2.0, needs_manual_grade=False)
    assert grade_all() == set()

    change(sums, "assert add(2, 3) == 5", "assert add(2, 3) == 6 - 1")
    assert grade_all() == {(ASSIGNMENT, "ada"), (ASSIGNMENT, "bob")}
    assert grades(course, "ada")["add-small"] == (2.0, None, False)
    assert grades(course, "ada")["reflection"] == (None, 2.0, False)

    hand_in(room, "bob", ASSIGNMENT, sums, reflection="More.")
    assert grade_all() == {(ASSIGNMENT, "bob")}
    assert grades(course, "bob")["reflection"] == (None, 2.0, True)
    assert grades(course, "ada")["reflection"] == (None, 2.0, False)

    monkeypatch.setattr(grading, "ENGINE_VERSION", "another")
    assert grade_all() == everything
    assert grades(course, "bob")["reflection"] == (None, 2.0, True)  # nobody has looked yet


def edit(path: Path, change: Callable[[list[Any]], None]) -> None:
    notebook = nbformat.read(path, as_version=4)
    change(notebook.cells)
    nbformat.write(notebook, path)


@pytest.mark.slow
def test_a_graded_class_takes_an_assignment_with_other_cells(
    own_root: Path, tmp_path: Path
) -> None:
    """Renamed, removed, added, worth less: as the instructor saves it, by the command's own way."""
    release(Course(own_root))
    room, source = tmp_path / "class", own_root / "solutions" / ASSIGNMENT / "sums.ipynb"
    for student in ("ada", "bob"):
        handed = {"add": ANSWERS["add"], "half": ANSWERS["half"], "reflection": "Much."}
        hand_in(
            room, student, ASSIGNMENT, own_root / "course" / ASSIGNMENT / "sums.ipynb", **handed
        )
    course = open_course(own_root, room)
    first = grade_class(course, ASSIGNMENT, Options(workers=1))
    assert first.notes == ()
    assert [one["score"] for one in first.students.values()] == [7.0, 7.0]
    for name, given in {"half-odd": 1.5, "reflection": 2.0, "add-partial": 1.0}.items():
        set_grade(course, name, "ada", manual_score=given, needs_manual_grade=False)

    def mend(cells: list[Any]) -> None:
        by_name = {c.metadata.get("nbgrader", {}).get("grade_id"): c for c in cells}
        by_name["half-odd"].metadata.nbgrader["grade_id"] = "half-uneven"
        by_name["reflection"].metadata.nbgrader["points"] = 1
        cells.remove(by_name["add-partial"])
        added = nbformat.from_dict({**by_name["half-odd"], "id": "added"})
        added.source = "assert half(4) == 2"
        added.metadata.nbgrader["grade_id"] = "half-even"
        cells.insert(cells.index(by_name["half-odd"]) + 1, added)

    edit(source, mend)
    again = grade_class(course, ASSIGNMENT, Options(workers=1))
    assert again.unchanged == ()
    assert sorted(again.notes) == [
        "add-partial was removed with its scores",
        "half-even was added",
        "half-odd is called half-uneven now; scores and comments there were kept",
        "reflection is worth 1 point now, fewer than a person gave; these scores wait for you: ada",
        "what a person gave in what was removed is in the history: ada",
    ]
    for student in ("ada", "bob"):
        assert again.students[student]["score"] == 7.0
        assert again.students[student]["notes"] == [
            "half-even: is not in the submission; the release's cell is used"
        ]
    found = grades(course, "ada")
    assert found["half-uneven"] == (2.0, 1.5, False)
    assert found["half-even"] == (2.0, None, False)
    assert found["reflection"] == (None, 2.0, True)
    assert "add-partial" not in found
    third = grade_class(course, ASSIGNMENT, Options(workers=1))
    assert (third.unchanged, third.notes) == (("ada", "bob"), ())


@pytest.mark.slow
@pytest.mark.parametrize("shard", [None, Shard(1, 1)], ids=["class", "shard"])
def test_what_timed_out_is_tried_again_with_another_limit(
    tmp_path: Path, shard: Shard | None
) -> None:
    cells = (("f", "def f():\n    return 1"), ("f-check 10", "assert f() == 1"))
    course = write_course(tmp_path, cells)
    for student, waits in {"ada": 0, "bob": 5}.items():
        folder = course / "submitted" / student / "ps1"
        folder.mkdir(parents=True)
        answer = f"import time\n\n\ndef f():\n    time.sleep({waits})\n    return 1"
        (folder / "p.ipynb").write_bytes(submitted(blueprint_of(course), {"f": answer}))

    def run(**options: Any) -> tuple[list[float], tuple[str, ...]]:
        opened = open_course(course)
        result = grade_class(opened, "ps1", Options(workers=1, shard=shard, **options))
        scores = [graded["score"] for _, graded in sorted(result.students.items())]
        return scores, result.unchanged

    assert run(seconds=1.5) == ([10.0, 0.0], ())
    assert run() == ([10.0, 0.0], ("ada", "bob"))  # nobody asked for it
    assert run(seconds=60) == ([10.0, 10.0], ("ada",))
    assert run(seconds=60) == ([10.0, 10.0], ("ada", "bob"))


# --- what becomes of a person's marks


class Class:
    """One student's work, graded again and again."""

    def __init__(
        self, writer: GradebookWriter, course: NbgraderCourse, blueprint: Blueprint
    ) -> None:
        self.writer, self.course, self.blueprint = writer, course, blueprint

    def grade(self, begin: bool = True, **texts: str) -> None:
        if begin:
            self.writer.begin(ASSIGNMENT, "ada")
        result = graded(self.blueprint, scores=MIXED, answers={**ANSWERS, **texts})
        self.writer.write(result, handed_in(), "key")

    def mark(self, name: str, **values: Any) -> None:
        """As Formgrader does when a person enters something."""
        set_grade(self.course, name, **{"manual_score": 1.5, "needs_manual_grade": False, **values})

    def waits(self, name: str) -> bool:
        return bool(grades(self.course)[name][2])

    def why(self, name: str) -> str:
        """What the autograder says beside an answer."""
        with Gradebook(self.course.db_url) as gradebook:
            comment = gradebook.find_comment(name, "sums", ASSIGNMENT, "ada")
            return comment.auto_comment or ""


@pytest.fixture
def work(writer: GradebookWriter, course: NbgraderCourse, blueprint: Blueprint) -> Class:
    return Class(writer, course, blueprint)


@pytest.mark.parametrize("begin", [True, False], ids=["begun", "written over"])
def test_marked_answer_waits_again_when_it_changed_and_says_why(work: Class, begin: bool) -> None:
    work.grade()
    work.mark("reflection")
    work.grade(begin)
    assert not work.waits("reflection")
    assert work.why("reflection") == ""
    work.grade(begin, reflection="Something else.")
    assert work.waits("reflection")
    assert work.why("reflection") == ("reflection: the answer changed after a person marked it")
    assert grades(work.course)["reflection"][1] == 1.5


def test_flag_stays_until_a_person_looks_or_the_marked_answer_comes_back(work: Class) -> None:
    work.grade()
    work.mark("reflection")
    for text in ("Two.", "Two.", "Three."):
        work.grade(reflection=text)
        assert work.waits("reflection")
    work.grade()
    assert not work.waits("reflection")
    work.grade(reflection="Four.")
    assert work.waits("reflection")
    work.mark("reflection", manual_score=2.0)
    work.grade(reflection="Four.")
    assert not work.waits("reflection")
    assert work.why("reflection") == ""


def test_check_that_a_person_marked_belongs_to_the_answers_above_it(work: Class) -> None:
    work.grade()
    work.mark("half-odd")
    work.mark("add-small")
    work.grade(add="def add(a, b):\n    return b + a")
    assert work.waits("add-small")
    assert not work.waits("half-odd")
    assert "add-small: the answer changed" in work.why("add")
    work.grade(half="def half(a):\n    return 0.5 * a")
    assert work.waits("half-odd")
    assert not work.waits("add-small")  # the answer that was marked is back


def test_answer_that_was_never_seen_is_not_taken_for_the_marked_one(
    work: Class, writer: GradebookWriter
) -> None:
    """Marked while its regrade was under way, or before there was a history."""
    work.grade()
    writer.begin(ASSIGNMENT, "ada")
    work.mark("reflection")
    work.grade(begin=False)
    assert work.waits("reflection")
    assert work.why("reflection") == (
        "reflection: a person marked it, and it is not known whether for this answer"
    )


@pytest.mark.parametrize("given", ["extra credit", "comment"])
def test_extra_credit_and_comments_are_marks_too(work: Class, given: str) -> None:
    work.grade()
    assert not work.waits("half-odd")
    if given == "comment":
        with Gradebook(work.course.db_url) as gradebook:
            comment = gradebook.find_comment("half", "sums", ASSIGNMENT, "ada")
            comment.manual_comment = "Neat."
            gradebook.db.commit()
    else:
        work.mark("half-odd", manual_score=None, extra_credit=0.5)
    work.grade()
    assert not work.waits("half-odd")
    work.grade(half="def half(a):\n    return 0.5 * a")
    assert work.waits("half-odd")
    assert grades(work.course)["half-odd"][:2] == (2.0, None)
    if given == "comment":
        assert comments(work.course)["half"] == "Neat."


def test_decided_dispute_is_not_raised_again_for_the_same_answer(
    writer: GradebookWriter, course: NbgraderCourse, blueprint: Blueprint
) -> None:
    scores = {**ALL_RIGHT, "half-odd": 0.0}
    disputed = graded(blueprint, scores=scores, disputed="half-odd")
    writer.write(disputed, handed_in(), "one")
    assert grades(course)["half-odd"] == (0.0, None, True)
    set_grade(course, "half-odd", manual_score=2.0, needs_manual_grade=False)
    writer.begin(ASSIGNMENT, "ada")
    writer.write(disputed, handed_in(), "two")
    assert grades(course)["half-odd"] == (0.0, 2.0, False)


def test_lost_notebook_is_not_the_marked_answer(work: Class, blueprint: Blueprint) -> None:
    work.grade()
    work.mark("reflection")
    work.writer.begin(ASSIGNMENT, "ada")
    work.writer.write(replace(graded(blueprint), notebooks=()), handed_in(), "key")
    assert work.waits("reflection")


def cell(kind: str, source: str, **marks: Any) -> Any:
    make = nbformat.v4.new_code_cell if kind == "code" else nbformat.v4.new_markdown_cell
    made = make(source)
    if marks:
        made.metadata["nbgrader"] = {"schema_version": 3, "points": 1, **marks}
    return made


def test_points_belong_to_what_stands_above_as_far_as_other_checks() -> None:
    notebook = [
        cell("code", "import x", grade_id="setup", locked=True),
        cell("code", "a = 1", grade_id="a", solution=True),
        cell("code", "helper = 1"),
        cell("code", "assert a", grade_id="a-1", grade=True, locked=True),
        cell("code", "assert a > 0", grade_id="a-2", grade=True, locked=True),
        cell("code", "b = 1", grade_id="b", solution=True),
        cell("code", "assert b", grade_id="b-1", grade=True, locked=True),
        cell("markdown", "Draw.", grade_id="draw", task=True),
        cell("markdown", "my picture"),
        cell("markdown", "mine", grade_id="essay", grade=True, solution=True),
        cell("markdown", "a text of the course"),
    ]
    before = answers(notebook)
    assert before.keys() == {"a-1", "a-2", "b-1", "draw", "essay"}
    concerned = {
        0: set(), 1: {"a-1", "a-2"}, 2: {"a-1", "a-2"}, 3: set(), 5: {"b-1"}, 8: {"draw"},
        9: {"essay"}, 10: set(),
    }  # fmt: skip
    for place, expected in concerned.items():
        other = nbformat.from_dict([{**each} for each in notebook])
        other[place].source += " "
        after = answers(other)
        assert {name for name in before if after[name] != before[name]} == expected, place
