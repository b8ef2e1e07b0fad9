"""A mark follows the facts of now: what leaves is never what was right some time ago."""

import shutil
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import played_class
import pytest
from nbgrader.api import Gradebook
from small_class import ASSIGNMENT, make_zip, notebook, unpack
from sqlalchemy import event
from sqlalchemy.orm import Session

from autograder.assignment.blueprint import Blueprint
from autograder.assignment.nbgrader_course import NbgraderCourse, open_course
from autograder.assignment.outcome import CheckResult, NotebookResult, Outcome, Result
from autograder.assignment.submission import Submission
from autograder.classroom.grade_class import grade_class
from autograder.export.lms import Target
from autograder.export.marks import Exported, Options, export
from autograder.gradebook import by_hand
from autograder.gradebook.by_hand import watch
from autograder.intake.collect import collect
from autograder.intake.words import choose, leave_out_of, say_times, take_back
from autograder.pages.feedback.write import FeedbackPages
from autograder.records import roll
from autograder.records.class_history import class_history
from autograder.records.class_marks import ClassMark, read_marks

DUE = datetime(2026, 11, 1, 12, 0, tzinfo=UTC)
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
CONFIG = """
from pathlib import Path
from autograder.assignment.class_file import use_class_file
c = get_config()
c.CourseDirectory.course_id = "small"
use_class_file(c, Path({root!r}))
"""
LATE = "[late]\nshare_per_day = 0.5\nnothing_after_days = 7\n"
DUE_SAID = f"[due]\n'{ASSIGNMENT}' = 2026-11-01T12:00:00\n"


def source(points: int = 10) -> bytes:
    """An answer, its check, and a written answer of 10 points."""
    from nbformat import writes
    from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook

    def marks(name: str, **more: Any) -> dict[str, Any]:
        usual = {"solution": False, "grade": False, "locked": False, "task": False}
        return {"nbgrader": {"grade_id": name, "schema_version": 3, **usual, **more}}

    cells = [
        new_code_cell("score = 0", id="a", metadata=marks("conv2d", solution=True)),
        new_code_cell(
            "assert score", id="b", metadata=marks("check", grade=True, locked=True, points=points)
        ),
        new_markdown_cell(
            "words", id="c", metadata=marks("essay", grade=True, solution=True, points=10)
        ),
    ]
    return writes(new_notebook(cells=cells)).encode()


def answer(score: float) -> bytes:
    return notebook(f"score = {score}")


def read_score(blueprint: Blueprint, submission: Submission) -> Result:
    """The check gives what the answer says."""
    (of_it,) = blueprint.notebooks
    text = submission.files["cnn.ipynb"].decode()
    score = float(text.split("score = ")[1].split('"')[0].split("\\")[0])
    checks = (CheckResult("check", Outcome.PARTIAL, score, 10.0),)
    graded = NotebookResult("cnn", checks, of_it.notebook)
    return Result(ASSIGNMENT, submission.student, (graded,))


class Klass:
    """A class in which a check gives what the answer says."""

    def __init__(self, root: Path) -> None:
        (root / "source" / ASSIGNMENT).mkdir(parents=True)
        (root / "source" / ASSIGNMENT / "cnn.ipynb").write_bytes(source())
        (root / "nbgrader_config.py").write_text(CONFIG.format(root=str(root)))
        self.root = root

    @property
    def course(self) -> NbgraderCourse:
        return open_course(self.root)

    def says(self, text: str) -> None:
        (self.root / "class.toml").write_text(text)

    def hands_in(self, score: float, came: datetime, student: str = "ada") -> None:
        """By Gradescope, which says when."""
        said = f"submission_1:\n  :submitters:\n  - :sid: {student}\n  :created_at: {came.isoformat()}\n"
        files = {
            "e/submission_metadata.yml": said.encode(),
            "e/submission_1/cnn.ipynb": answer(score),
        }
        path = make_zip(self.root / "download.zip", files)
        collect(self.course, ASSIGNMENT, path, clock=lambda: DUE + 30 * DAY)

    def grades(self) -> None:
        """By `grade_class`, without an engine."""
        with played_class.grading(lambda: DUE + 30 * DAY, read_score):
            grade_class(self.course, ASSIGNMENT)

    def gives(self, points: float | None, student: str = "ada") -> None:
        """A person, for the essay, in the gradebook."""
        with Gradebook(self.course.db_url) as gradebook:
            grade = gradebook.find_grade("essay", "cnn", ASSIGNMENT, student)
            grade.manual_score, grade.needs_manual_grade = points, points is None
            gradebook.db.commit()

    def mark(self, student: str = "ada") -> ClassMark:
        (of_it,) = read_marks(self.course, (ASSIGNMENT,))
        return next(mark for mark in of_it.marks if mark.student == student)

    def exported(self, **options: Any) -> Exported:
        return export(
            read_marks(self.course, (ASSIGNMENT,)), Target.CSV, options=Options(**options)
        )


@pytest.fixture(autouse=True)
def unwatched() -> Iterator[None]:
    """As in a process that has not read a course's configuration, before and after."""

    def remove() -> None:
        if event.contains(Session, "before_flush", by_hand._before_flush):
            event.remove(Session, "before_flush", by_hand._before_flush)

    remove()
    yield
    remove()


@pytest.fixture
def klass(tmp_path: Path) -> Klass:
    return Klass(tmp_path / "course")


def test_penalty_follows_points_that_a_person_gives_after_grading(klass: Klass) -> None:
    klass.says(DUE_SAID + LATE)
    klass.hands_in(10, DUE + HOUR)
    klass.hands_in(10, DUE + 8 * DAY, "bob")
    klass.grades()
    klass.gives(10)
    klass.gives(10, "bob")
    assert (klass.mark().late_penalty, klass.mark().score) == (10, 10)
    assert (klass.mark("bob").late_penalty, klass.mark("bob").score) == (20, 0)
    assert klass.exported().complete


def test_extension_after_grading_counts_at_once(klass: Klass) -> None:
    klass.says(DUE_SAID + LATE)
    klass.hands_in(10, DUE + HOUR)
    klass.grades()
    klass.gives(10)
    klass.says(DUE_SAID + f"[extensions.'{ASSIGNMENT}']\nada = 1\n" + LATE)
    assert (klass.mark().late, klass.mark().late_penalty, klass.mark().score) == (0, 0, 20)


@pytest.mark.parametrize("renamed", ["before grading", "after grading"])
@pytest.mark.parametrize(
    ("days", "penalty"),
    [("ada = 1", None), ("ada = 1\nalove = 0.01", None), ("ada = 0.01\nalove = 1", None),
     ("ada = 0.01", 5), ("bob = 1", 5)],
)  # fmt: skip
def test_extension_of_an_old_id_is_formgraders_too(
    klass: Klass, renamed: str, days: str, penalty: float | None
) -> None:
    """The gradebook's penalty, late days and our marks say the same; and taken back, as before."""
    klass.says(DUE_SAID + f"[extensions.'{ASSIGNMENT}']\n{days}\n" + LATE)
    klass.hands_in(10, DUE + HOUR)
    if renamed == "after grading":
        klass.grades()
    word = roll.say_renamed(klass.course, "ada", "alove", DUE)
    for _ in range(2):
        klass.grades()
        assert klass.mark("alove").late_penalty == (penalty or 0)
        with Gradebook(klass.course.db_url) as gradebook:
            submission = gradebook.find_submission(ASSIGNMENT, "alove")
            assert submission.notebooks[0].late_submission_penalty == penalty
            assert bool(submission.total_seconds_late) == bool(penalty)
    roll.take_back(klass.course, word.number, DUE)
    klass.grades()
    with Gradebook(klass.course.db_url) as gradebook:
        held = gradebook.find_submission(ASSIGNMENT, "ada").notebooks[0].late_submission_penalty
    assert klass.mark().late_penalty == (held or 0) == (0 if "ada = 1" in days else 5)


def test_extension_that_nbgrader_gave_an_old_id_is_the_students(klass: Klass) -> None:
    """Where the due date is the gradebook's own, and class.toml has none."""
    klass.says(LATE)
    klass.hands_in(10, DUE + HOUR)
    klass.grades()
    with Gradebook(klass.course.db_url) as gradebook:
        gradebook.find_assignment(ASSIGNMENT).duedate = DUE.replace(tzinfo=None)
        gradebook.find_submission(ASSIGNMENT, "ada").extension = DAY
        gradebook.db.commit()
    klass.grades()
    assert klass.mark().late_penalty == 0
    roll.say_renamed(klass.course, "ada", "alove", DUE)
    klass.grades()
    assert klass.mark("alove").late_penalty == 0
    with Gradebook(klass.course.db_url) as gradebook:
        found = gradebook.find_submission(ASSIGNMENT, "alove").notebooks[0]
        assert found.late_submission_penalty is None


@pytest.mark.parametrize("said", ["", LATE, DUE_SAID])
def test_rule_that_is_taken_out_stops_counting(klass: Klass, said: str) -> None:
    klass.says(DUE_SAID + f"[extensions.'{ASSIGNMENT}']\nbob = 2\n" + LATE)
    klass.hands_in(10, DUE + HOUR)
    klass.grades()
    assert klass.mark().late_penalty == 5
    klass.says(said)
    assert klass.mark().late_penalty == 0
    klass.grades()
    assert klass.mark().late_penalty == 0
    with Gradebook(klass.course.db_url) as gradebook:
        submission = gradebook.find_submission(ASSIGNMENT, "ada")
        assert submission.notebooks[0].late_submission_penalty is None
        assert (submission.assignment.duedate is None) == (said != DUE_SAID)


def test_due_date_of_the_gradebooks_own_stays(klass: Klass) -> None:
    klass.says(DUE_SAID + LATE)
    klass.hands_in(10, DUE + HOUR)
    klass.grades()
    with Gradebook(klass.course.db_url) as gradebook:
        gradebook.find_assignment(ASSIGNMENT).duedate = (DUE - DAY).replace(tzinfo=None)
        gradebook.db.commit()
    klass.says(LATE)
    assert klass.mark().late == (DAY + HOUR).total_seconds()
    klass.grades()
    assert klass.mark().late == (DAY + HOUR).total_seconds()


def test_newer_attempt_that_is_not_graded_does_not_leave_as_the_old_mark(klass: Klass) -> None:
    klass.says(DUE_SAID)
    klass.hands_in(10, DUE - 2 * HOUR)
    klass.grades()
    klass.gives(0)
    assert klass.exported().complete
    klass.hands_in(0, DUE - HOUR)
    for options in ({}, {"with_waiting": True}, {"missing_as_zero": True}):
        exported = klass.exported(**options)
        assert not exported.complete
        assert "attempt 2 counts and another was graded" in exported.waiting[0]
        assert "autograder grade" in exported.waiting[0]
        assert ",10,0,0,0,," in exported.text  # no score
    page = FeedbackPages(klass.course, ASSIGNMENT).page("ada", "cnn")
    assert page is not None
    assert "This page is about earlier work" in page
    klass.grades()
    klass.gives(0)
    assert (klass.mark().score, klass.exported().complete) == (0, True)


def by_extension(klass: Klass) -> None:
    klass.says(DUE_SAID + f"[extensions.'{ASSIGNMENT}']\nada = 3\n")


def by_choice(klass: Klass) -> None:
    choose(klass.course, ASSIGNMENT, "ada", 2)


def by_leaving_out(klass: Klass) -> None:
    leave_out_of(klass.course, ASSIGNMENT, {"ada": [1]})


def by_time(klass: Klass) -> None:
    say_times(klass.course, ASSIGNMENT, {"ada": "2026-11-01T11:00"}, 2)


@pytest.mark.parametrize("change", [by_extension, by_choice, by_leaving_out, by_time])
def test_what_changes_which_attempt_counts_changes_what_is_graded(
    klass: Klass, change: Callable[[Klass], None]
) -> None:
    klass.says(DUE_SAID)
    klass.hands_in(2, DUE - HOUR)
    klass.hands_in(9, DUE + DAY)
    klass.grades()
    assert klass.mark().automatic == 2
    change(klass)
    assert "attempt 2 counts" in klass.mark().outdated
    klass.grades()
    assert (klass.mark().automatic, klass.mark().outdated) == (9, "")


def test_word_that_is_taken_back_is_as_never_said(klass: Klass) -> None:
    klass.says(DUE_SAID)
    klass.hands_in(2, DUE - HOUR)
    klass.hands_in(9, DUE + DAY)
    klass.grades()
    by_choice(klass)
    klass.grades()
    assert klass.mark().automatic == 9
    journal = klass.root / "received" / ASSIGNMENT / "journal.jsonl"
    line = next(
        n for n, text in enumerate(journal.read_text().splitlines(), 1) if '"counts"' in text
    )
    take_back(klass.course, ASSIGNMENT, line)
    klass.grades()
    assert klass.mark().automatic == 2


def test_who_has_nothing_left_has_handed_in_nothing(klass: Klass) -> None:
    klass.hands_in(2, DUE)
    klass.hands_in(3, DUE, "bob")
    klass.grades()
    klass.gives(0)
    klass.gives(0, "bob")
    leave_out_of(klass.course, ASSIGNMENT, {"ada": [1]})
    assert not klass.course.submission_folder("ada", ASSIGNMENT).exists()
    exported = klass.exported(missing_as_zero=True)
    assert exported.complete
    assert [line.split(",")[11] for line in exported.text.splitlines()] == ["score", "0", "3"]


def test_file_that_changed_since_is_named(klass: Klass) -> None:
    klass.hands_in(2, DUE)
    klass.grades()
    klass.gives(0)
    path = klass.course.submission_folder("ada", ASSIGNMENT) / "cnn.ipynb"
    path.write_bytes(answer(7))
    assert "has changed since it was graded" in klass.exported().waiting[0]
    klass.grades()
    assert (klass.mark().automatic, klass.mark().outdated) == (7, "")


def test_assignment_that_changed_since_is_named(klass: Klass) -> None:
    klass.hands_in(2, DUE)
    klass.grades()
    klass.gives(0)
    path = klass.root / "source" / ASSIGNMENT / "cnn.ipynb"
    path.write_bytes(source(points=12))
    assert "the assignment has changed since it was graded" in klass.exported().waiting[0]
    klass.grades()
    assert klass.exported().complete


def test_mended_time_needs_no_new_grading(klass: Klass) -> None:
    klass.says(DUE_SAID + LATE)
    klass.hands_in(10, DUE + HOUR)
    klass.grades()
    klass.gives(0)
    assert klass.mark().score == 5
    say_times(klass.course, ASSIGNMENT, {"ada": "2026-11-01T11:59"})
    assert (klass.mark().score, klass.mark().outdated, klass.exported().complete) == (10, "", True)
    say_times(klass.course, ASSIGNMENT, {"ada": None})
    assert (klass.mark().score, klass.mark().late) == (10, None)
    assert any("not known whether the work of ada" in note for note in klass.exported().notes)


def test_missing_as_zero_is_not_for_work_that_waits(klass: Klass) -> None:
    klass.hands_in(2, DUE, "bob")
    two = {"ada/x.ipynb": answer(1), "ada/y.ipynb": answer(2)}
    collect(klass.course, ASSIGNMENT, unpack(klass.root / "two", two))
    klass.grades()
    klass.gives(0, "bob")
    exported = klass.exported(missing_as_zero=True)
    assert "2 notebooks may be cnn.ipynb" in exported.waiting[0]
    assert not exported.complete
    assert [line.split(",")[0] for line in exported.text.splitlines()] == ["student", "ada", "bob"]
    assert ",0,0,0,0,," in exported.text.splitlines()[1]


def test_days_late_follow_the_clock_over_a_change_of_time(klass: Klass) -> None:
    """Clocks go back in the night to 1 November: that day has 25 hours."""
    klass.says(
        f"timezone = 'America/New_York'\n[due]\n'{ASSIGNMENT}' = 2026-10-31T20:00:00\n"
        f"[extensions.'{ASSIGNMENT}']\nbob = 1\n[late]\nshare_per_day = 0.1\n"
    )
    due = datetime(2026, 11, 1, 0, 0, tzinfo=UTC)
    klass.hands_in(10, due + 24.5 * HOUR)  # 19:30 on the next day
    klass.hands_in(10, due + 24.5 * HOUR, "bob")
    klass.hands_in(10, due + 25.5 * HOUR, "cyd")  # 20:30
    klass.grades()
    assert [klass.mark(who).late_penalty for who in ("ada", "bob", "cyd")] == [1, 0, 2]
    assert klass.mark("bob").late == 0


def test_extension_of_a_stranger_is_named(klass: Klass) -> None:
    klass.says(DUE_SAID + f"[extensions.'{ASSIGNMENT}']\nAda = 1\n")
    klass.hands_in(10, DUE + HOUR)
    klass.grades()
    assert any("extension for Ada, who is not in the class" in n for n in klass.exported().notes)


def test_what_a_person_gave_is_in_the_history_from_what_to_what(klass: Klass) -> None:
    klass.hands_in(10, DUE)
    klass.grades()
    klass.gives(4)
    klass.gives(6.5)
    klass.grades()
    told = [(e.who, e.about) for e in class_history(klass.course) if e.event.value == "by hand"]
    assert told == [("unknown", "cnn/essay: points none → 6.5")]
    klass.gives(None)
    told = [e.about for e in class_history(klass.course) if e.event.value == "by hand"]
    assert told[1:] == ["cnn/essay: points 6.5 → none"]


def test_process_with_the_courses_configuration_says_who_gave_it(
    klass: Klass, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LOGNAME", "grace")
    klass.hands_in(10, DUE)
    klass.grades()
    watch()
    klass.gives(4)
    klass.gives(6.5)
    with Gradebook(klass.course.db_url) as gradebook:
        comment = gradebook.find_comment("essay", "cnn", ASSIGNMENT, "ada")
        comment.manual_comment = "well said"
        gradebook.db.commit()
    klass.grades()
    told = [(e.who, e.about) for e in class_history(klass.course) if e.event.value == "by hand"]
    assert told == [
        ("grace", "cnn/essay: points none → 4"),
        ("grace", "cnn/essay: points 4 → 6.5"),
        ("grace", "cnn/essay: comment none → well said"),
    ]


def test_what_was_said_of_attempts_is_in_the_history(
    klass: Klass, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LOGNAME", "grace")
    klass.says(DUE_SAID)
    klass.hands_in(2, DUE - HOUR)
    klass.hands_in(9, DUE + DAY)
    klass.grades()
    by_choice(klass)
    by_time(klass)
    told = [(e.who, e.about) for e in class_history(klass.course) if e.event.value == "said"]
    assert told == [
        ("grace", "attempt 2 is to count"),
        ("grace", "attempt 2 came at 2026-11-01T11:00:00+00:00"),
    ]


def test_class_that_was_never_collected_has_its_times_from_its_files(klass: Klass) -> None:
    klass.says(DUE_SAID + LATE)
    folder = klass.course.submission_folder("ada", ASSIGNMENT)
    unpack(folder, {"cnn.ipynb": answer(10), "timestamp.txt": b"2026-11-01 13:00:00 UTC"})
    unpack(klass.course.submission_folder("bob", ASSIGNMENT), {"cnn.ipynb": answer(10)})
    klass.grades()
    assert [klass.mark(who).late for who in ("ada", "bob")] == [3600, None]
    assert [klass.mark(who).late_penalty for who in ("ada", "bob")] == [5, 0]
    (folder / "timestamp.txt").write_text("2026-11-01 11:00:00 UTC")
    assert (klass.mark().late, klass.mark().late_penalty, klass.mark().outdated) == (0, 0, "")
    shutil.rmtree(klass.root / "received", ignore_errors=True)
