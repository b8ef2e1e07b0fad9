"""The report on a class: its figures are right, and it is quick for many students."""

import html.parser
import itertools
import json
import shutil
import statistics
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from feedback_course import ASSIGNMENT, LATE, STUDENTS, make_class
from hypothesis import given
from hypothesis import strategies as st
from nbgrader.api import Gradebook
from playwright.sync_api import Browser
from typer.testing import CliRunner

from autograder.assignment.errors import UserError
from autograder.assignment.nbgrader_course import NbgraderCourse, open_course
from autograder.cli.app import app
from autograder.pages.feedback.write import write_feedback
from autograder.pages.report.build import class_report
from autograder.pages.report.difficulty import Column, exercise_figures
from autograder.pages.report.figure import bins, histogram
from autograder.pages.report.page import report_page
from autograder.pages.report.values import (
    NAMED,
    AssignmentReport,
    ClassReport,
    Misconception,
    Person,
    Waiting,
)
from autograder.pages.report.words import misconception
from autograder.pages.report.write import write_report


@pytest.fixture(scope="module")
def course(tmp_path_factory: pytest.TempPathFactory) -> NbgraderCourse:
    return make_class(tmp_path_factory.mktemp("class"))


@pytest.fixture(scope="module")
def report(course: NbgraderCourse) -> AssignmentReport:
    (found,) = class_report(course, (), course.class_directory).assignments
    return found


def words(page: str) -> str:
    class Reader(html.parser.HTMLParser):
        found = ""

        def handle_data(self, data: str) -> None:
            self.found += f" {data}"

    reader = Reader()
    reader.feed(page.split("</style>", 1)[-1])
    return " ".join(reader.found.split())


# ---- figures ----


def test_share_and_discrimination_are_those_of_the_decided() -> None:
    hard = Column("hard", 4, (4, 2, 0, 0, None))
    easy = Column("easy", 2, (2, 2, 1, 2, 2))
    written = Column("written", 1, (None,) * 5)
    first, second, third = exercise_figures([hard, easy, written])
    assert (first.students, first.share, first.full, first.nothing) == (4, 6 / 16, 1, 2)
    expected = statistics.correlation([4, 2, 0, 0], [2, 2, 1, 2])
    assert first.discrimination == pytest.approx(expected)
    assert second.discrimination == pytest.approx(
        statistics.correlation([2, 2, 1, 2, 2], [4, 2, 0, 0, 0])
    )
    assert (third.students, third.share, third.discrimination) == (0, None, None)


@pytest.mark.parametrize("scores", [(), (1.0,), (1.0, 0.0), (1.0, 1.0, 1.0)])
def test_discrimination_has_no_meaning_for_few_or_equal_scores(scores: tuple[float, ...]) -> None:
    columns = [Column("a", 1, scores), Column("b", 1, scores[::-1])]
    assert [figures.discrimination for figures in exercise_figures(columns)] == [None, None]


@given(st.lists(st.floats(0, 60)), st.sampled_from([0.0, 1.0, 3.0, 11.0, 49.0]))
def test_each_score_is_in_one_bin(scores: list[float], most: float) -> None:
    found = bins(scores, most)
    assert sum(one.count for one in found) == len(scores)
    assert len(found) <= 10
    assert found[0].low == 0
    assert found[-1].high >= max([most, *scores])
    assert all(a.high == b.low for a, b in itertools.pairwise(found))
    assert "nan" not in histogram(found, "a")


@pytest.mark.parametrize(
    ("message", "name"),
    [
        (
            "conv2d: output is 6×4, expected 4×6 — height and width are swapped",
            "height and width are swapped",
        ),
        ("conv2d: output is 6×4, expected 4×6", "conv2d: output is …, expected …"),
        ("conv2d: off by up to 0.063 from torch", "conv2d: off by up to … from torch"),
        ("conv2d: off by up to 1e-05 from torch", "conv2d: off by up to … from torch"),
        ("f: got [1.5, -2, [3]], expected 12", "f: got …, expected …"),
        ("f: weights sum to 1, expected 10,000", "f: weights sum to …, expected …"),
        ("f: 'ab': got \"x\"", "f: …: got …"),
        ("ValueError: no 3 (line 7 in f: `g(3)`)", "ValueError: no …"),
        ("ValueError: no 3 (line 9 in h: `k(3)`)", "ValueError: no …"),
        ("", ""),
    ],
)
def test_a_misconception_is_its_words_without_what_varies(message: str, name: str) -> None:
    assert misconception(message) == name


def test_long_message_is_cut() -> None:
    assert len(misconception("word " * 500)) < 250


# ---- a class ----


def test_marks_of_the_class_are_those_of_its_gradebook(report: AssignmentReport) -> None:
    assert report.name == ASSIGNMENT
    assert len(report.scores) == len(STUDENTS)
    assert report.scores[0] == 0
    assert report.scores[-1] == 9
    assert report.max_score == 11
    assert report.ungraded == ()
    titles = [exercise.title for exercise in report.exercises]
    assert titles == ["Exercise 1 · Shouting $\\frac{1}{2}$", "Exercise 2 · Counting", "Reflection"]
    shouting = report.exercises[0]
    assert (shouting.full, shouting.points) == (4, 7)  # ada, hal, ivy, ned


def test_misconceptions_are_counted_with_their_students(report: AssignmentReport) -> None:
    found = {(one.check, one.words): one for one in report.misconceptions}
    small = found["shout-values", "the letters stay small"]
    assert [person.name for person in small.people] == ["bea", "dot", "gus", "jon", "kim"]
    assert small.count == 5
    assert "expected 'AB' — the letters stay small" in small.example
    assert not small.hidden
    assert all(one.hidden == (one.check == "shout-secret") for one in report.misconceptions)
    counts = [one.count for one in report.misconceptions]
    assert counts == sorted(counts, reverse=True)
    assert not any("not answered" in one.words for one in report.misconceptions)


def test_who_waits_and_who_is_late_are_named(report: AssignmentReport) -> None:
    (waiting,) = report.waiting
    assert (waiting.cell, waiting.reason) == ("reflection", "")
    assert [person.name for person in waiting.people] == ["ada", "bea", "kim"]
    assert report.not_final == 3
    (late,) = report.late
    assert late.person.name == LATE
    assert late.days == pytest.approx(47 / 24)
    assert late.penalty == pytest.approx(0.4)


def test_times_are_those_of_the_checks(report: AssignmentReport) -> None:
    assert [one.check for one in report.times] == [
        "shout-values", "shout-secret", "shout-parts", "count-letters",
    ]  # fmt: skip
    assert all(0 <= one.median <= one.most for one in report.times)


def test_names_lead_to_the_feedback_or_else_to_the_graded_notebook(
    course: NbgraderCourse, tmp_path: Path
) -> None:
    with_pages = replace(course, feedback=tmp_path / "feedback")
    write_feedback(with_pages, ASSIGNMENT, ["ada"])
    (report,) = class_report(with_pages, (), tmp_path).assignments
    links = {person.name: person.link for person in report.waiting[0].people}
    assert links["ada"] == f"feedback/ada/{ASSIGNMENT}/words.html"
    assert (tmp_path / links["bea"]).resolve().name == "words.ipynb"


def test_command_writes_the_page(course: NbgraderCourse, tmp_path: Path) -> None:
    path = tmp_path / "r.html"
    options = ["--course", str(course.root), "--output", str(path)]
    done = CliRunner().invoke(app, ["report", ASSIGNMENT, *options])
    assert done.exit_code == 0, done.output
    shown = words(path.read_text())
    assert f"{ASSIGNMENT} {len(STUDENTS)} 0 " in shown
    assert "5 shout-values the letters stay small" in shown
    assert "a written answer" in shown
    with pytest.raises(UserError, match="unknown assignment '03_none'"):
        write_report(course, ["03_none"], path)
    with pytest.raises(UserError, match="cannot be written"):
        write_report(course, [], tmp_path)


@pytest.fixture
def with_others(course: NbgraderCourse, tmp_path: Path) -> NbgraderCourse:
    """The course with its class, and 02_later beside it, which ada has handed in and is graded."""
    shutil.copytree(course.root, tmp_path / "course")
    opened = open_course(tmp_path / "course", tmp_path / "course" / "classroom")
    for parent in (opened.source, opened.release):
        shutil.copytree(parent / ASSIGNMENT, parent / "02_later")
    with Gradebook(opened.db_url) as gradebook:
        gradebook.update_or_create_assignment("02_later")
        submission = gradebook.update_or_create_submission("02_later", "ada")
        submission.timestamp = datetime(2030, 1, 1)
        gradebook.db.commit()
    return opened


def leave(course: NbgraderCourse) -> None:
    for parent in (course.source, course.release):
        shutil.rmtree(parent / "02_later")


def damage(course: NbgraderCourse) -> None:
    (course.source / "02_later" / "words.ipynb").write_text("{")


@pytest.mark.parametrize(
    ("change", "why", "code"),
    [(leave, "it is graded, but no longer in", 0), (damage, "words.ipynb", 1)],
)
def test_assignment_that_cannot_be_read_is_named_and_the_rest_is_reported(
    with_others: NbgraderCourse, change: Callable[[NbgraderCourse], None], why: str, code: int
) -> None:
    folder = with_others.class_directory
    options = ["report", "--course", str(with_others.root), "--json", str(folder / "r.json")]
    assert CliRunner().invoke(app, options).exit_code == 0
    names = [
        one["assignment"] for one in json.loads((folder / "r.json").read_text())["assignments"]
    ]
    assert names == [ASSIGNMENT, "02_later"]
    change(with_others)
    done = CliRunner().invoke(app, options)
    assert done.exit_code == code, done.output
    page = words((folder / "report.html").read_text())
    for told in (done.output, page):
        assert "02_later is left out: " in told
        assert why in told
    names = [
        one["assignment"] for one in json.loads((folder / "r.json").read_text())["assignments"]
    ]
    assert names == [ASSIGNMENT]
    with pytest.raises(UserError, match="02_later"):
        write_report(with_others, ["02_later"], folder / "report.html")


def test_report_on_nothing_that_can_be_read_says_why(with_others: NbgraderCourse) -> None:
    leave(with_others)
    for parent in (with_others.source, with_others.release):
        shutil.rmtree(parent / ASSIGNMENT)
    with pytest.raises(UserError) as refused:
        class_report(with_others, (), with_others.class_directory)
    assert f"{ASSIGNMENT} is left out: " in str(refused.value)
    assert "02_later is left out: " in str(refused.value)


def test_page_escapes_what_students_wrote_and_says_how_many_more() -> None:
    evil = "<script>alert(1)</script>\u202e"
    people = tuple(Person(evil, "a%20b.html") for _ in range(NAMED))
    report = AssignmentReport(
        evil, 10, (1.0, 2.0), (), (Misconception(evil, True, evil, evil, 500, people),), (),
        (Waiting(evil, "n", 300, evil, people),), 300, (), tuple(str(n) for n in range(NAMED + 5)),
        (), (),
    )  # fmt: skip
    page = report_page(ClassReport((report,)))
    assert "<script" not in page
    assert "\u202e" not in page
    assert "and 400 more" in words(page)
    assert "and 200 more" in words(page)
    assert "and 5 more" in words(page)


def test_class_that_is_not_graded_yet_has_a_page() -> None:
    empty = AssignmentReport("01", 10, (), (), (), (), (), 0, (), ("ada",), (), ())
    assert "Handed in and not graded ada" in words(report_page(ClassReport((empty,))))


@pytest.mark.browser
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_report_is_accessible_and_fits_a_phone(
    course: NbgraderCourse, tmp_path: Path, browser: Browser, scheme: Any
) -> None:
    path = write_report(course, (), tmp_path / "report.html")
    context = browser.new_context(color_scheme=scheme, viewport={"width": 390, "height": 800})
    page = context.new_page()
    complaints: list[str] = []
    page.on("console", lambda message: complaints.append(message.text))
    page.goto(path.as_uri())
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    picture = page.get_by_role("img", name="How many students have how many points")
    assert picture.is_visible()
    for summary in page.locator("summary").all():
        summary.click()
    found = Axe().run(page).response["violations"]
    assert [one["id"] for one in found if one["impact"] in ("serious", "critical")] == []
    assert complaints == []
    context.close()
