"""Feedback pages: they say what went wrong, and nothing of hidden checks, classmates, or machines."""

import base64
import hashlib
import html.parser
import itertools
import re
import shutil
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from feedback_course import (
    ASSIGNMENT,
    CLASSMATE,
    HIDDEN_INPUT,
    HIDDEN_NOTE,
    LATE,
    NOTEBOOK,
    STUDENTS,
    TELLING,
    make_class,
    picture,
)
from light_course import source_notebook
from nbgrader.api import Gradebook
from nbgrader.coursedir import CourseDirectory
from nbgrader.exchange.default import ExchangeReleaseFeedback
from playwright.sync_api import Browser
from typer.testing import CliRunner

from autograder.assignment.blueprint import NotebookBlueprint
from autograder.assignment.course_text import hints_in, inline, mathml
from autograder.assignment.errors import UserError
from autograder.assignment.nbgrader_course import NbgraderCourse
from autograder.assignment.notebook import Cell, Kind
from autograder.assignment.outcome import Outcome
from autograder.assignment.sections import Section, sections_of
from autograder.cli.app import app
from autograder.gradebook.autograded_folder import RECORD
from autograder.pages.feedback.build import Common, Graded, feedback
from autograder.pages.feedback.discretion import WITHHELD, Discretion
from autograder.pages.feedback.outputs import shown_outputs
from autograder.pages.feedback.words import LATER, hidden_sentence, sentence
from autograder.pages.feedback.write import chosen, write_feedback
from autograder.records.class_grades import Grade, StudentGrades
from autograder.records.class_marks import ClassMark

HOSTILE = ("dot", "eli", "fay", "gus", "hal", "ivy", "jon", "kim")


@pytest.fixture(scope="module")
def course(tmp_path_factory: pytest.TempPathFactory) -> NbgraderCourse:
    """The class, graded; a person has read bea's reflection."""
    course = make_class(tmp_path_factory.mktemp("class"))
    with Gradebook(course.db_url) as gradebook:
        notebook = gradebook.find_submission_notebook(NOTEBOOK, ASSIGNMENT, "bea")
        grade = next(one for one in notebook.grades if one.name == "reflection")
        grade.manual_score, grade.needs_manual_grade = 1.5, False
        comment = next(one for one in notebook.comments if one.name == "reflection")
        comment.manual_comment = "Too short.\n*Why* words, $\\frac{1}{2}$? <script>x()</script>"
        gradebook.db.commit()
    return course


@pytest.fixture(scope="module")
def pages(course: NbgraderCourse) -> dict[str, str]:
    written = write_feedback(course, ASSIGNMENT)
    assert written.without == ()
    return {path.parent.parent.name: path.read_text() for path in written.pages}


class Reader(html.parser.HTMLParser):
    """A page's elements, headings, texts, and what it would load or run."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.attributes: list[tuple[str, str, str]] = []
        self.words: list[str] = []
        self._skip = False
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.attributes += [(tag, name, value or "") for name, value in attrs]
        self._skip = tag == "style"

    def handle_endtag(self, tag: str) -> None:
        self.words.append(" " if tag in ("td", "th") else "")

    def handle_data(self, data: str) -> None:
        if not self._skip:
            self.words.append(data)

    @property
    def text(self) -> str:
        return " ".join("".join(self.words).split())

    def of(self, name: str) -> list[str]:
        return [value for _, attribute, value in self.attributes if attribute == name]


def text(page: str) -> str:
    return Reader(page).text


def section(page: str, title: str) -> str:
    """The text of one exercise."""
    _, *parts = page.split('<section class="exercise" ')
    return text("<section " + next(part for part in parts if f">{title}" in part))


# ---- nothing leaves that must not ----


@pytest.mark.parametrize("recorded", [True, False], ids=["by us", "by nbgrader"])
def test_no_page_tells_of_hidden_checks_solutions_or_classmates(
    course: NbgraderCourse, tmp_path: Path, recorded: bool
) -> None:
    autograded = tmp_path / "autograded"
    shutil.copytree(course.autograded, autograded)
    if not recorded:
        for record in autograded.glob(f"*/*/{RECORD}"):
            record.unlink()
    copy = replace(course, autograded=autograded, feedback=tmp_path / "feedback")
    written = write_feedback(copy, ASSIGNMENT)
    assert len(written.pages) == len(STUDENTS)
    for path in written.pages:
        page, name = path.read_text(), path.parent.parent.name
        found = {word for word in TELLING if word.lower() in page.lower()}
        assert found == ({CLASSMATE} if name == "ada" else set()), name
        others = set(STUDENTS) - {name}
        assert not [one for one in others if re.search(rf"\b{one}\b", text(page))], name


def test_the_search_would_find_something(course: NbgraderCourse) -> None:
    """What must not be told is in the graded notebooks that the pages are made of."""
    for name in HOSTILE:
        folder = course.autograded_folder(name, ASSIGNMENT)
        found = "".join(path.read_text() for path in folder.iterdir() if path.is_file()).lower()
        assert HIDDEN_INPUT in found, name
        assert HIDDEN_NOTE in found, name


def test_hidden_check_is_told_by_name_points_and_a_sentence(pages: dict[str, str]) -> None:
    told = {
        name: section(page, "Exercise 1 · Shouting")
        for name, page in pages.items()
        if name != "mia"
    }
    assert "✓ 2 of 2 · secret (hidden check): Passed." in told["ada"]
    assert (
        "✗ 0 of 2 · secret (hidden check) Not passed: the answer is wrong in at least"
        in told["bea"]
    )
    assert "raised ValueError at `raise ValueError(f'I got {text}')`." in told["eli"]
    assert "raised an error at `raise type(text, (Exception,), {})()`." in told["fay"]
    assert "secret (hidden check) Not answered yet" in told["cas"]


def test_what_a_hidden_check_brought_is_left_out_where_it_comes_out_later(
    pages: dict[str, str],
) -> None:
    assert WITHHELD in section(pages["hal"], "Exercise 2 · Counting")
    assert WITHHELD in section(pages["ivy"], "Exercise 2 · Counting")
    assert not [name for name in ("ada", "bea", "dot", "leo") if WITHHELD in pages[name]]


def test_what_is_drawn_after_a_hidden_check_is_left_out(
    course: NbgraderCourse, pages: dict[str, str]
) -> None:
    graded = course.autograded_folder("ned", ASSIGNMENT) / f"{NOTEBOOK}.ipynb"
    assert "image/png" in graded.read_text()
    assert "img" not in Reader(pages["ned"]).tags
    assert LATER in section(pages["ned"], "Exercise 2 · Counting")


def test_what_an_answer_draws_while_a_check_calls_it_is_on_no_page(pages: dict[str, str]) -> None:
    reader = Reader(pages["jon"])
    assert reader.of("src") == [
        f"data:image/png;base64,{picture()}",
        f"data:image/jpeg;base64,{picture('JPEG')}",
    ]
    assert "8 by 6 pixels" in reader.of("alt")[0]
    assert "a fake" in reader.text
    assert "<i>plain</i>" in reader.text


def test_pages_run_and_load_nothing(pages: dict[str, str]) -> None:
    for name, page in pages.items():
        reader = Reader(page)
        bad = {"script", "iframe", "object", "embed", "svg", "form", "link", "base", "video"}
        assert not bad & set(reader.tags), name
        assert not [a for _, a, _ in reader.attributes if a.startswith("on") or a == "style"]
        assert all(value.startswith("data:image/") for value in reader.of("src"))
        assert all(re.match(r"#part-\d+$|\.\./\.\./words\.ipynb#", v) for v in reader.of("href"))
        style = page.split("<style>")[1].split("</style>")[0]
        digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
        (policy,) = (value for value in reader.of("content") if "default-src" in value)
        assert policy.startswith(f"default-src 'none'; style-src 'sha256-{digest}'; img-src data:;")
        assert "\u202e" not in page


def test_paths_of_this_machine_are_not_shown(pages: dict[str, str], course: NbgraderCourse) -> None:
    shown = text(pages["kim"])
    assert "…/numpy/__init__.py" in shown
    assert "numpy/__init__.py red Hint" in shown  # the color is gone
    for page in pages.values():
        for place in (sys.prefix, str(course.root), str(Path.home())):
            assert place not in page


@pytest.mark.parametrize("outcome", [o for o in Outcome if o is not Outcome.HIDDEN])
def test_sentence_of_a_hidden_check_never_has_the_message_in_it(outcome: Outcome) -> None:
    errors = [{"ename": "secret", "evalue": "secret", "traceback": ["secret", "at\n  secret()"]}]
    told = hidden_sentence(outcome, errors, ["def f():\n    return 1"])
    assert told.endswith((".", ":"))
    assert "secret" not in told


def test_texts_of_hidden_checks_are_withheld_unless_the_student_wrote_them() -> None:
    hidden = (
        "### BEGIN HIDDEN TESTS\nassert f('some hidden words') == 31415926\n### END HIDDEN TESTS"
    )
    notebook = NotebookBlueprint("n", _notebook(hidden, "assert f('words in the open') == 2"))
    discretion = Discretion(notebook.notebook, ["assert f('words in the open') == 2"])
    for told in ("got some hidden words", "31415926", "assert f('some hidden words') == 31415926"):
        assert discretion.shown(told) == WITHHELD
        assert discretion.shown(told, [f"x = {told!r}"]) == told
    assert discretion.shown("words in the open") == "words in the open"


def _notebook(*sources: str) -> Any:
    notebook = source_notebook()
    notebook.cells = notebook.cells[: len(sources)]
    for cell, source in zip(notebook.cells, sources, strict=True):
        cell.source = source
    return notebook


def test_visible_check_speaks_for_itself() -> None:
    assert sentence(Outcome.FAILED, "add: 2 + 3 gave 6") == "add: 2 + 3 gave 6"
    assert sentence(Outcome.FAILED, "") == "Not passed."
    assert sentence(Outcome.FAILED, "0 of 2 points") == "Not passed."
    assert sentence(Outcome.PARTIAL, "1.5 of 2 points") == "Some of its cases are not right."
    assert sentence(Outcome.DISPUTED, "isolated …").startswith("Your instructor will review")


def test_pictures_that_are_none_and_too_many_are_left_out() -> None:
    good = {"output_type": "display_data", "data": {"image/png": picture()}}
    bad: list[Any] = [
        {"output_type": "display_data", "data": {"image/png": picture("JPEG")}},
        {"output_type": "display_data", "data": {"image/png": "no base64!"}},
        {"output_type": "display_data", "data": {"image/png": 7, "image/svg+xml": "<svg/>"}},
        {"output_type": "display_data", "data": {"text/html": "<b>x</b>"}},
        {"output_type": "display_data", "data": "x"},
        {"output_type": "update"},
        {},
    ]
    discretion = Discretion(_notebook("x"), [])
    assert list(shown_outputs(bad, discretion, ())) == []
    shown = list(shown_outputs([good] * 30, discretion, ()))
    assert len(shown) == 10
    header = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR" + (60_000).to_bytes(4, "big") * 2 + b"\x08\x02\0\0\0"
    huge = {"output_type": "display_data", "data": {"image/png": base64.b64encode(header).decode()}}
    assert list(shown_outputs([huge], discretion, ())) == []


# ---- what is said ----


def test_marks_stand_at_the_top_and_add_up(pages: dict[str, str]) -> None:
    shown = text(pages["ada"])
    assert (
        "9 of 11 points Not final yet: your instructor still has to decide about 2 of the points"
        in shown
    )
    assert "Exercise 2 · Counting 2 / 2 all points" in shown
    assert "Reflection 0 / 2 not graded yet Sum 9 / 11 not final" in shown
    late = text(pages[LATE])
    assert "Handed in late −0.7 3.5 before that Sum 2.8 / 11" in late
    assert "Not final" not in late


def test_words_come_before_the_code_and_the_misconception_stands_out(pages: dict[str, str]) -> None:
    page = pages["bea"]
    told = section(page, "Exercise 1 · Shouting")
    first = "✗ 0 of 3 · values shout: 'ab': got 'ab', expected 'AB' — the letters stay small"
    assert told.index(first) < told.index("def shout(text):") < told.index("Hint 1: letters")
    assert "<strong>the letters stay small</strong>" in page
    assert "Back to this section of the chapter" in told
    assert "Hint" not in section(pages["ada"], "Exercise 1 · Shouting")


def test_persons_words_and_points_are_there(pages: dict[str, str]) -> None:
    told = section(pages["bea"], "Reflection")
    assert (
        "◐ 1.5 of 2 · written answer Graded by your instructor. Comment Too short. Why words,"
        in told
    )
    assert "<em>Why</em> words, <math" in pages["bea"]
    assert "Nothing." in told
    assert "Left as it was: no answer." in section(pages["cas"], "Reflection")


def test_answer_that_does_not_run_and_lost_file_are_told(pages: dict[str, str]) -> None:
    assert "your answer does not run: SyntaxError" in section(pages["leo"], "Exercise 1 · Shouting")
    assert "About your file" in text(pages["mia"])
    assert "the notebook cannot be read" in text(pages["mia"])
    assert "Your code" not in pages["mia"]
    assert "There was no answer to run" in text(pages["mia"])  # says the hidden check


def test_headings_are_in_order_and_ids_are_unique(pages: dict[str, str]) -> None:
    for page in pages.values():
        reader = Reader(page)
        levels = [int(tag[1]) for tag in reader.tags if re.fullmatch(r"h[1-6]", tag)]
        assert levels[0] == 1
        assert all(b - a <= 1 for a, b in itertools.pairwise(levels))
        ids = reader.of("id")
        assert len(ids) == len(set(ids))


def test_formulas_are_mathml_and_what_is_none_is_shown_as_written() -> None:
    (hint,) = hints_in(
        "<details><summary>Hint</summary>\n\n$x_i < \\tfrac12$, `$y$`, [a](javascript:x), "
        "<script>z</script>, ![p](http://a.b/c.png)\n</details><details><summary>Answer</summary>"
        "no</details>"
    )
    assert "<mfrac><mn>1</mn><mn>2</mn></mfrac>" in hint.body
    assert "<code>$y$</code>" in hint.body
    assert "&lt;script&gt;" in hint.body
    assert "<img" not in hint.body
    assert 'href="javascript' not in hint.body
    assert "<math" in inline("A $\\frac{1}{2}$ title")
    assert inline("costs 5$ or 6$") == "costs 5$ or 6$"
    assert "<script" not in mathml(r"\text{<script>alert(1)</script>}")
    for formula in (r"\unknowncommand{x}", r"\frac{"):
        assert "<math" not in mathml(formula)
        assert "<script" not in mathml(formula)


def test_notebook_without_exercises_has_a_part_for_each_answer() -> None:
    notebook = source_notebook()
    sections = sections_of(NotebookBlueprint("light", notebook), "light")
    graded = [c.metadata.nbgrader for c in notebook.cells if "nbgrader" in c.metadata]
    assert [s.title for s in sections] == [m.grade_id for m in graded if m.solution]
    found = [cell.grade_id for s in sections for cell in s.cells]
    assert found == [m.grade_id for m in graded if m.grade or m.solution]


MARK = ClassMark("ada", "", "", "", "a", None, 0.0, 0, 0, 0, 0, 0, 1, 0, True)


def test_text_below_a_task_is_its_answer_and_other_text_is_none() -> None:
    def cell(kind: str, source: str, **marks: Any) -> dict[str, Any]:
        return {
            "cell_type": kind, "source": [source], "outputs": [],
            "metadata": {"nbgrader": marks} if marks else {},
        }  # fmt: skip

    cells = [
        cell("markdown", "hello"),
        cell("code", "helper = 1"),
        cell("markdown", "Draw it.", grade_id="drawing", task=True),
        cell("markdown", "Here it is."),
        cell("markdown", "Why?", grade_id="why", solution=True, grade=True),
        cell("markdown", "bye"),
    ]
    members = tuple(Cell(n, Kind.WRITTEN, "", name) for n, name in enumerate(("drawing", "why")))
    grades = {f"n/{one.grade_id}": Grade(0, 1, waiting=True) for one in members}
    graded = Graded("a", "n", "ada", cells, {}, (), StudentGrades(grades), MARK)
    sections = [Section(one.grade_id, "", (one,), ()) for one in members]
    found = feedback(graded, Common("t", sections, (), Discretion(_notebook("x"), []), ""))
    pieces = [[piece.source for piece in part.pieces] for part in found.parts]
    assert pieces == [["helper = 1", "Here it is."], ["Why?"]]
    assert [part.waiting for part in found.parts] == [True, True]


@pytest.mark.parametrize(
    ("source", "kind", "title"),
    [
        ("a stub\n", "code", "As released: f"),
        ("an answer", "code", "Your code: f"),
        ("a stub", "markdown", "As released"),
        ("an answer", "markdown", "Your answer"),
    ],
)
def test_what_nobody_touched_is_not_called_the_students(source: str, kind: str, title: str) -> None:
    """As where a written answer, or a cell of its own, is not in the submission."""
    marks = {"nbgrader": {"grade_id": "f", "solution": True}}
    node = {"cell_type": kind, "source": source, "outputs": [], "metadata": marks}
    is_code = kind == "code"
    cell = Cell(0, Kind.ANSWER if is_code else Kind.WRITTEN, "", "f")
    graded = Graded("a", "n", "ada", [node], {}, (), StudentGrades({"n/f": Grade(0, 1)}), MARK)
    common = Common(
        "t", [Section("f", "", (cell,), ())], {"a stub"}, Discretion(_notebook("x"), []), ""
    )
    (part,) = feedback(graded, common).parts
    assert [piece.title for piece in part.pieces] == [title]


# ---- the files and the command ----


def test_nbgrader_releases_the_pages(
    course: NbgraderCourse, pages: dict[str, str], tmp_path: Path
) -> None:
    config = course.config.copy()
    config.Exchange.root = str(tmp_path)
    config.CourseDirectory.assignment_id = ASSIGNMENT
    config.CourseDirectory.course_id = "words"
    ExchangeReleaseFeedback(coursedir=CourseDirectory(config=config), config=config).start()
    released = list((tmp_path / "words" / "feedback").glob("*.html"))
    assert sorted(path.read_text() for path in released) == sorted(pages.values())


def test_command_takes_assignments_and_students_in_any_order(
    course: NbgraderCourse, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(course.root)

    def run(*arguments: str) -> tuple[int, list[str]]:
        done = CliRunner().invoke(
            app, ["feedback", *arguments, "--course", str(course.root), "--output", str(tmp_path)]
        )
        written = sorted(path.relative_to(tmp_path).as_posix() for path in tmp_path.rglob("*.html"))
        return done.exit_code, written

    assert run("bea", ASSIGNMENT, "--chapters", "https://x.org/course") == (
        0, [f"bea/{ASSIGNMENT}/{NOTEBOOK}.html"],
    )  # fmt: skip
    assert (
        f'"https://x.org/course/{ASSIGNMENT}/{NOTEBOOK}.ipynb#'
        in next(tmp_path.rglob("*.html")).read_text()
    )
    assert (tmp_path / "bea" / ASSIGNMENT / "submission_secret.txt").read_text() == "secret of bea"
    assert len(run()[1]) == len(STUDENTS)
    with pytest.raises(UserError, match="unknown assignment or student 'nobody'"):
        list(chosen(course, ["nobody"]))


def test_who_is_not_graded_is_named_and_gets_no_page(
    course: NbgraderCourse, tmp_path: Path
) -> None:
    autograded = tmp_path / "autograded"
    shutil.copytree(course.autograded, autograded)
    shutil.rmtree(autograded / "ada")
    copy = replace(course, autograded=autograded, feedback=tmp_path / "feedback")
    assert write_feedback(copy, ASSIGNMENT, ["ada", "bea"]).without == ("ada",)
    with pytest.raises(UserError, match="nothing is graded"):
        write_feedback(copy, ASSIGNMENT, ["ada"])
    (tmp_path / "file").write_text("")
    with pytest.raises(UserError, match="cannot be written"):
        write_feedback(replace(copy, feedback=tmp_path / "file"), ASSIGNMENT)


# ---- in the browser ----


@pytest.mark.browser
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_page_is_accessible_fits_a_phone_and_keeps_its_own_policy(
    course: NbgraderCourse, pages: dict[str, str], browser: Browser, scheme: Any
) -> None:
    context = browser.new_context(color_scheme=scheme, viewport={"width": 390, "height": 800})
    page = context.new_page()
    complaints: list[str] = []
    page.on("console", lambda message: complaints.append(message.text))
    page.on("pageerror", lambda error: complaints.append(str(error)))
    for name in ("bea", "jon", "kim"):
        path = course.feedback_folder(name, ASSIGNMENT) / f"{NOTEBOOK}.html"
        page.goto(path.as_uri())
        assert page.evaluate("document.documentElement.scrollWidth") <= 390
        assert page.locator("h1").evaluate("e => getComputedStyle(e).fontSize") == "25.6px"
        assert page.evaluate("[...document.images].every(i => i.naturalWidth === 8)")
        page.locator("summary").first.click()
        assert page.locator("math").first.is_visible()
        assert _serious(page) == []
    assert complaints == []
    context.close()


def _serious(page: Any) -> list[str]:
    found = Axe().run(page).response["violations"]
    return [
        f"{one['id']}: {[node['target'] for node in one['nodes']]}"
        for one in found
        if one["impact"] in ("serious", "critical")
    ]
