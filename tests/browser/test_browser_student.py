"""A student in JupyterLab, in a real browser: check, read, mend, check again, hand in."""

import re
from collections.abc import Iterator

import nbformat
import pytest
from axe_playwright_python.sync_playwright import Axe
from lab_page import MINUTES, LabPage
from playwright.sync_api import Page, Route, expect
from test_lab import Lab, running

pytestmark = pytest.mark.browser
SUMS, SQUARES = "01_sums/sums.ipynb", "02_squares/squares.ipynb"


@pytest.fixture(scope="module")
def lab(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lab]:
    with running(tmp_path_factory.mktemp("browser"), instructor=False) as lab:
        yield lab


class Desktop(LabPage):
    """JupyterLab's page as a student uses it."""

    def __init__(self, page: Page, lab: Lab) -> None:
        super().__init__(page, lab, "autograder-check-panel")
        self.lab = lab
        self.status = self.panel.locator(".ac-status")

    def open(self, notebook: str, workspace: str) -> None:
        self.go_to(notebook, workspace)
        expect(self.notebook.locator(".autograder-check-button")).to_be_visible(timeout=MINUTES)
        self.shows(0)

    def check(self) -> None:
        self.notebook.locator(".autograder-check-button").click()

    def menu(self, menu: str, entry: str) -> None:
        self.page.locator(f'.lm-MenuBar-itemLabel:text-is("{menu}")').click()
        self.page.locator(f'.lm-Menu-itemLabel:text-is("{entry}")').click()

    def violations(self) -> list[str]:
        """What axe finds in the panel that keeps people from using it."""
        found = Axe().run(self.page, context="#autograder-check-panel").response["violations"]
        return [f"{one['id']}: {one['nodes'][0]['html']}" for one in found]

    def says(self, words: str | re.Pattern[str]) -> None:
        expect(self.panel).to_contain_text(words, timeout=MINUTES)


@pytest.fixture
def desktop(page: Page, lab: Lab) -> Iterator[Desktop]:
    desktop = Desktop(page, lab)
    yield desktop
    assert desktop.complaints == []
    assert page.locator(".jp-Dialog").count() == 0


def test_wrong_answer_is_explained_mended_and_handed_in(desktop: Desktop) -> None:
    desktop.open(SUMS, "mend")
    desktop.write(3, "def add(a, b):\n    return '<b>' + 1")
    desktop.check()
    desktop.says("0 of 2 points")
    desktop.says('TypeError: can only concatenate str (not "int") to str')
    desktop.says("'<b>' + 1")  # shown as it is
    expect(desktop.panel.locator("b")).to_have_count(0)
    expect(desktop.panel.get_by_role("img", name="not right yet")).to_be_visible()
    assert desktop.violations() == []

    desktop.write(3, "def add(a, b):\n    return a + b")
    desktop.panel.get_by_role("button", name="Check", exact=True).click()
    desktop.says("2 of 2 points")
    expect(desktop.panel.locator(".ac-message")).to_have_count(0)
    expect(desktop.panel.get_by_role("img", name="right", exact=True)).to_be_visible()
    desktop.says("All chapters: 2 of 4")
    saved = nbformat.read(desktop.lab.copy / SUMS, as_version=4)
    assert saved.cells[3].source == "def add(a, b):\n    return a + b"
    assert desktop.violations() == []

    desktop.panel.get_by_role("button", name="Submit").click()
    desktop.says(f"Submitted {SUMS} to 01_sums at")
    (sent,) = desktop.lab.course.classroom.glob("exchange/*/inbound/*/sums.ipynb")
    assert sent.read_bytes() == (desktop.lab.copy / SUMS).read_bytes()


def test_endless_answer_freezes_nothing_and_is_canceled(desktop: Desktop) -> None:
    desktop.open(SQUARES, "endless")
    desktop.write(3, "def square(a):\n    while True:\n        pass")
    desktop.check()
    desktop.says("square-works (3 of 3)")
    desktop.check()
    desktop.says("Something is running already")

    desktop.write(5, "print(6 * 7)")
    desktop.cell(5).locator(".cm-content").press("Control+Enter")
    expect(desktop.cell(5).locator(".jp-OutputArea-output")).to_contain_text("42", timeout=MINUTES)
    desktop.cell(5).locator(".cm-content").press("Control+s")
    expect(desktop.page.locator(".lm-TabBar-tab.jp-mod-dirty")).to_have_count(0, timeout=MINUTES)

    desktop.page.reload()  # the check goes on, and is shown again
    desktop.says("square-works (3 of 3)")
    desktop.panel.get_by_role("button", name="Cancel").click()
    desktop.says("The check was canceled.")
    expect(desktop.panel.locator("progress")).to_be_hidden()


def test_notebook_that_cannot_be_saved_is_not_checked(page: Page, lab: Lab) -> None:
    desktop = Desktop(page, lab)
    desktop.open(SQUARES, "unsaved")
    asked: list[str] = []
    page.on("request", lambda request: asked.append(f"{request.method} {request.url}"))
    page.route("**/api/contents/**", refuse_to_save)
    desktop.write(3, "def square(a):\n    return a * a")
    desktop.check()
    desktop.says("The notebook could not be saved, so it was not checked.")
    expect(page.locator(".jp-Dialog").first).to_contain_text("disk full", timeout=MINUTES)
    page.locator(".jp-Dialog button").first.click()
    assert not [ask for ask in asked if ask.startswith("POST") and "/autograder/" in ask]
    page.unroute("**/api/contents/**")
    desktop.panel.get_by_role("button", name="Check", exact=True).click()
    desktop.says("2 of 2 points")


def refuse_to_save(route: Route) -> None:
    if route.request.method == "PUT":
        route.fulfill(status=500, json={"message": "disk full"})
    else:
        route.continue_()


def test_other_notebooks_are_told_so_and_chapters_are_a_click_away(desktop: Desktop) -> None:
    own = nbformat.read(desktop.lab.copy / SQUARES, as_version=4)
    own.cells = [nbformat.v4.new_code_cell("1 + 1", id="own")]
    nbformat.write(own, desktop.lab.copy / "own.ipynb")
    desktop.open("own.ipynb", "own")
    desktop.menu("Run", "Check This Notebook")
    desktop.says("own.ipynb: is not a notebook of this course")
    expect(desktop.panel.locator(".ac-exercise")).to_have_count(0)
    desktop.says("All chapters: ")
    desktop.panel.locator(".ac-chapters").evaluate("details => { details.open = true; }")
    desktop.panel.get_by_role("button", name="square", exact=True).click()
    expect(desktop.cell(2)).to_contain_text("Exercise 1 · square", timeout=MINUTES)


def test_student_meets_one_check_and_no_instructors_panels(desktop: Desktop) -> None:
    desktop.open(SUMS, "panels")
    expect(desktop.notebook.locator(".jp-Toolbar").get_by_text("Validate")).to_have_count(0)
    desktop.page.locator('.lm-MenuBar-itemLabel:text-is("Nbgrader")').click()
    entries = desktop.page.locator(".lm-Menu-itemLabel")
    expect(entries.filter(has_text="Assignment List")).to_be_visible()
    for panel in ("Formgrader", "Create Assignment", "Course List"):
        expect(entries.filter(has_text=panel)).to_have_count(0)
    entries.filter(has_text="Assignment List").click()
    chapters = desktop.page.locator("#fetched_assignments_list")
    chapters.locator("a.assignment-notebooks-link").first.click()
    expect(chapters.get_by_text("sums", exact=True)).to_be_visible(timeout=MINUTES)
    expect(chapters.get_by_text("Validate").first).to_be_hidden()
    expect(chapters.get_by_role("button", name="Submit").first).to_be_visible()


@pytest.mark.parametrize("delay", [0, 50, 2000])
def test_check_pressed_again_and_again_always_comes_to_its_end(
    page: Page, lab: Lab, delay: int
) -> None:
    """Whatever comes late: while the chapters are still asked for, the next check is over."""
    page.add_init_script(
        "const plain = window.fetch; window.fetch = async (...a) => { const url = a[0].url ?? a[0];"
        f"if (/autograder.(chapters|check)/.test(url)) await new Promise(r => setTimeout(r, {delay}));"
        "return plain(...a); };"
    )
    desktop = Desktop(page, lab)
    desktop.open(SUMS, f"again{delay}")
    for answer, points in (("a + b", 2), ("a - b", 0), ("b + a", 2), ("a * b", 0)):
        desktop.write(3, f"def add(a, b):\n    return {answer}")
        desktop.check()
        expect(desktop.panel.locator(".ac-sum")).to_contain_text(f"{points} of 2", timeout=MINUTES)
        expect(desktop.status).to_contain_text("checked at", timeout=MINUTES)
    assert desktop.complaints == []
