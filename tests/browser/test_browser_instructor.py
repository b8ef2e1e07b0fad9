"""The instructor's loop in a real browser: Formgrader on our engine, with the network off."""

import re
from collections.abc import Iterator

import pytest
from instructors_class import ASSIGNMENT, ATTACK, WRITER, InstructorsLab, instructors_lab
from nbgrader.api import Gradebook
from playwright.sync_api import Locator, Page, Route, expect

from autograder.gradebook.history import read_history

pytestmark = [pytest.mark.browser, pytest.mark.slow]

PATIENCE = 120_000
"""Milliseconds: a busy machine is no failure."""
LEARNED = r"That $\frac{1}{2}$ is half. " + ATTACK
COMMENT = r"Well said: $\frac{2}{4}$ too."

expect.set_options(timeout=PATIENCE)


@pytest.fixture(scope="module")
def lab(tmp_path_factory: pytest.TempPathFactory) -> Iterator[InstructorsLab]:
    with instructors_lab(tmp_path_factory.mktemp("instructor")) as running:
        running.hand_in(half="return a / 2", written=LEARNED)
        yield running


@pytest.fixture
def formgrader(page: Page, lab: InstructorsLab) -> Iterator[Page]:
    """A page with the network off; in the end, nothing was asked of it and no error was said."""
    complaints: list[str] = []

    def nobody(route: Route) -> None:
        complaints.append(f"asked for {route.request.url}")
        route.abort()

    outside = re.compile(rf"^(?!{re.escape(lab.url)})(?:http|ws)")
    page.route(outside, nobody)
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.on("console", lambda said: complaints.append(said.text) if said.type == "error" else None)
    page.set_default_timeout(PATIENCE)
    page.goto(lab.entrance)
    yield page
    assert complaints == []


def row_of(page: Page, student: str) -> Locator:
    return page.locator("tr").filter(has=page.locator(f'td.student-id:text-is("{student}")'))


def press(page: Page, student: str, button: str) -> None:
    """Press a button of a student's row; read what it says, and close that."""
    row_of(page, student).locator(f"td.{button} a").click()
    dialog = page.locator(".modal-dialog")
    expect(dialog.locator(".modal-title")).to_have_text("Success")
    dialog.get_by_role("button", name="OK").click()
    expect(dialog).to_have_count(0)


def open_submissions(page: Page, lab: InstructorsLab) -> None:
    page.goto(f"{lab.url}formgrader/manage_submissions/{ASSIGNMENT}")


def open_for_grading(page: Page, lab: InstructorsLab) -> None:
    """The form of the only graded submission, ready to be filled in."""
    page.goto(f"{lab.url}formgrader/gradebook/{ASSIGNMENT}/sums")
    page.locator("td.name a.name-hidden").click()
    page.wait_for_function("window.formgrader?.grades?.loaded && formgrader.comments?.loaded")


def expect_state(page: Page, status: str, score: str) -> None:
    row = row_of(page, WRITER)
    expect(row.locator("td.status")).to_have_text(status)
    expect(row.locator("td.score")).to_have_text(score)


def reflection(lab: InstructorsLab) -> tuple[float | None, bool]:
    """What a person gave, and whether it waits for one."""
    with Gradebook(f"sqlite:///{lab.course.classroom / 'gradebook.db'}") as gradebook:
        grade = gradebook.find_grade("reflection", "sums", ASSIGNMENT, WRITER)
        return grade.manual_score, grade.needs_manual_grade


def test_from_the_submission_to_the_feedback_and_again(
    formgrader: Page, lab: InstructorsLab
) -> None:
    page = formgrader
    page.goto(f"{lab.url}formgrader/manage_assignments")
    page.locator("tr").filter(has_text=ASSIGNMENT).locator("td.num-submissions a").click()

    # A class in which nothing was graded yet: the engine behind the button.
    press(page, WRITER, "autograde")
    expect_state(page, "needs manual grading", "7 / 9")
    entries = list(read_history(f"sqlite:///{lab.course.classroom / 'gradebook.db'}"))
    assert [(entry.student, entry.score, len(entry.checks)) for entry in entries] == [
        (WRITER, 7.0, 4)
    ]

    # A person reads the written answer: its formula can be seen, its script does nothing.
    open_for_grading(page, lab)
    answered = page.locator(".nbgrader_cell").filter(has=page.locator("#reflection"))
    expect(answered.locator("math mfrac")).to_be_visible()
    assert page.evaluate("window.attacked") is None
    with page.expect_response(lambda reply: reply.request.method == "PUT" and reply.ok):
        answered.locator("#reflection").fill("1.5")
        answered.locator("#reflection").blur()
    with page.expect_response(lambda reply: reply.request.method == "PUT" and reply.ok):
        answered.locator("textarea.comment").fill(COMMENT)
        answered.locator("textarea.comment").blur()
    page.locator("li.next a").click()
    expect(page.locator("td.written-score")).to_have_text("1.5 / 2")  # it was the last: the list
    assert reflection(lab) == (1.5, False)
    with Gradebook(f"sqlite:///{lab.course.classroom / 'gradebook.db'}") as gradebook:
        comment = gradebook.find_comment("reflection", "sums", ASSIGNMENT, WRITER)
        assert comment.manual_comment == COMMENT

    # Feedback, by the buttons, as far as the student's folder.
    open_submissions(page, lab)
    expect_state(page, "graded", "8.5 / 9")
    press(page, WRITER, "generate-feedback")
    press(page, WRITER, "release-feedback")
    lab.run_as_student("nbgrader", "fetch_feedback", ASSIGNMENT)
    (fetched,) = lab.student.glob(f"{ASSIGNMENT}/feedback/*/sums.html")
    feedback = fetched.read_text()
    assert "8.5 of 9 points" in feedback
    assert "Well said: <math" in feedback

    # Another code answer leaves the person's points alone; another written answer makes them wait.
    lab.hand_in(half="return a // 2", written=LEARNED)
    page.reload()
    press(page, WRITER, "autograde")
    expect_state(page, "graded", "6.5 / 9")
    assert reflection(lab) == (1.5, False)
    lab.hand_in(half="return a / 2", written="Nothing.")
    page.reload()
    press(page, WRITER, "autograde")
    expect_state(page, "needs manual grading", "8.5 / 9")
    assert reflection(lab) == (1.5, True)


def test_formulas_and_pictures_are_shown_as_in_the_notebook(
    formgrader: Page, lab: InstructorsLab
) -> None:
    page = formgrader
    lab.run("autograder", "grade", ASSIGNMENT)
    page.goto(f"{lab.url}formgrader/gradebook/{ASSIGNMENT}/sums")
    page.locator("td.name a.name-hidden").first.click()
    expect(page.locator("math munderover")).to_be_visible()
    assert "$" not in page.locator("main").inner_text()
    picture = page.locator(".output_png img")
    expect(picture).to_have_css("border-top-width", "0px")
    assert picture.evaluate("image => image.naturalWidth") == 120
    page.wait_for_function("window.formgrader?.loaded")  # and with it the keyboard
    page.keyboard.press("Control+Shift+F")
    expect(page.locator("#statusmessage")).to_have_text("Submission flagged")


def test_feedback_asks_nobody_for_anything(formgrader: Page, lab: InstructorsLab) -> None:
    lab.run("autograder", "grade", ASSIGNMENT)
    lab.run("nbgrader", "generate_feedback", ASSIGNMENT, "--force")
    pages = sorted(lab.course.classroom.glob(f"feedback/*/{ASSIGNMENT}/sums.html"))
    assert len(pages) == 3
    for path in pages:
        formgrader.goto(path.as_uri())
        expect(formgrader.locator("h1")).to_be_visible()
        expect(formgrader.locator("script")).to_have_count(0)
    formgrader.goto((lab.course.classroom / f"feedback/{WRITER}/{ASSIGNMENT}/sums.html").as_uri())
    formula = formgrader.locator("math mfrac").first  # in the answer, or in the comment on it
    expect(formula).to_be_visible()


def test_formgrader_opens_in_jupyterlab_and_nothing_pops_up(
    formgrader: Page, lab: InstructorsLab
) -> None:
    page = formgrader
    page.goto(f"{lab.url}lab")
    page.locator('.lm-MenuBar-itemLabel:text-is("Nbgrader")').click()
    page.locator('.lm-Menu-itemLabel:text-is("Formgrader")').click()
    panel = page.frame_locator('iframe[src*="formgrader"]')
    expect(panel.locator("td.name a").filter(has_text=ASSIGNMENT)).to_be_visible()
    expect(page.locator(".jp-Dialog, .Toastify__toast")).to_have_count(0)


@pytest.mark.parametrize(
    "address",
    ["gradebook", f"gradebook/{ASSIGNMENT}", "manage_students", f"manage_students/{WRITER}"],
)
def test_every_list_does_without_the_network(
    formgrader: Page, lab: InstructorsLab, address: str
) -> None:
    formgrader.goto(f"{lab.url}formgrader/{address}")
    expect(formgrader.locator("#main-table td a").first).to_be_visible()
