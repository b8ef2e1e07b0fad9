"""An author in the instructor's JupyterLab, in a real browser: findings, a proof, a new exercise."""

import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import nbformat
import pytest
from axe_playwright_python.sync_playwright import Axe
from instructors_class import InstructorsLab, authors_lab
from lab_page import LabPage
from playwright.sync_api import Locator, Page, Response, expect

from autograder.assignment.course import Course

pytestmark = [pytest.mark.browser, pytest.mark.slow]
SUMS, SQUARES = "solutions/01_sums/sums.ipynb", "solutions/02_squares/squares.ipynb"
PATIENCE = 120_000
"""Milliseconds: a busy machine is no failure."""
CLEAR = "The contract holds, and a release would give nothing away."

expect.set_options(timeout=PATIENCE)


@pytest.fixture(scope="module")
def lab(tmp_path_factory: pytest.TempPathFactory) -> Iterator[InstructorsLab]:
    with authors_lab(tmp_path_factory.mktemp("author")) as running:
        yield running


@pytest.fixture
def course(lab: InstructorsLab, tmp_path: Path) -> Iterator[Course]:
    """The course as it was made; what a test does to it is undone."""
    saved = {
        path: path.read_bytes()
        for folder in ("solutions", "tests")
        for path in (lab.course.root / folder).rglob("*")
        if path.is_file()
    }
    yield lab.course
    for folder in ("solutions", "tests"):
        for path in (lab.course.root / folder).rglob("*"):
            if path.is_file() and path not in saved:
                path.unlink()
    for path, data in saved.items():
        path.write_bytes(data)


class Desk(LabPage):
    """JupyterLab's page as an author uses it."""

    def __init__(self, page: Page, lab: InstructorsLab) -> None:
        super().__init__(page, lab, "autograder-author-panel")
        self.lab = lab
        self.saved = self.panel.locator("section").filter(has_text="As it is saved")
        self.to_mend = self.saved.get_by_role("list", name="To mend")

    def open(self, path: str, workspace: str) -> None:
        self.go_to(path, workspace)
        expect(self.panel).to_be_visible()

    def save(self) -> None:
        self.page.keyboard.press("Control+s")
        expect(self.page.locator(".lm-TabBar-tab.jp-mod-dirty")).to_have_count(0)

    def button(self, name: str) -> Locator:
        return self.panel.get_by_role("button", name=name, exact=True)

    def active(self) -> int:
        """Number of the active cell, from 0."""
        cells = self.notebook.locator(".jp-Notebook .jp-Cell")
        marked = cells.evaluate_all(
            "all => all.map(one => one.classList.contains('jp-mod-active'))"
        )
        assert marked.count(True) == 1
        return int(marked.index(True))

    def violations(self) -> list[str]:
        """What axe finds in the panel that keeps people from using it."""
        found = Axe().run(self.page, context="#autograder-author-panel").response["violations"]
        return [f"{one['id']}: {one['nodes'][0]['html']}" for one in found]


@pytest.fixture
def desk(page: Page, lab: InstructorsLab, course: Course) -> Iterator[Desk]:
    desk = Desk(page, lab)
    yield desk
    assert desk.complaints == []
    assert page.locator(".jp-Dialog").count() == 0


def edit(course: Course, path: str, change: Callable[[Any], None]) -> None:
    notebook = nbformat.read(course.root / path, as_version=4)
    change(notebook)
    nbformat.write(notebook, course.root / path)


def keeps(tab: str) -> Callable[[Response], bool]:
    """Whether an answer is to a workspace that was saved with this tab."""
    return lambda answer: (
        answer.request.method == "PUT"
        and "/api/workspaces/" in answer.url
        and tab in (answer.request.post_data or "")
    )


def number_of(course: Course, path: str, grade_id: str) -> int:
    cells = nbformat.read(course.root / path, as_version=4).cells
    names = [cell.metadata.get("nbgrader", {}).get("grade_id") for cell in cells]
    return names.index(grade_id)


def test_finding_leads_to_its_cell_and_is_mended(desk: Desk, course: Course) -> None:
    check = number_of(course, SUMS, "half-odd")

    def break_it(notebook: Any) -> None:
        notebook.cells[check].source = "assert half(3) == 1.5, f'half: <b>{half(3)}</b>'\nassert x"
        notebook.cells[check].metadata.nbgrader.locked = False
        notebook.cells[check].metadata["jupyter"] = {"source_hidden": True}

    edit(course, SUMS, break_it)
    desk.open(SUMS, "mend")
    expect(desk.to_mend.get_by_role("listitem")).to_have_text(
        [
            re.compile(r"cell \[8\] \(half-odd\)is a check that is not locked"),
            re.compile(r"cell \[8\] \(half-odd\)reads x, which no exercise declares"),
        ]
    )
    assert desk.violations() == []
    desk.to_mend.get_by_role("button", name="cell [8] (half-odd)").first.click()
    expect(desk.cell(check)).to_have_class(re.compile("jp-mod-active"))
    expect(desk.cell(check)).to_be_in_viewport()
    assert desk.active() == check
    expect(desk.cell(check).locator(".cm-content")).to_be_visible()  # unfolded, to be read

    desk.write(check, "assert half(3) == 1.5, f'half: {half(3)}'")
    desk.save()
    expect(desk.to_mend.get_by_role("listitem")).to_have_text(
        [re.compile(r"cell \[8\] \(half-odd\)is a check that is not locked")]
    )
    desk.cell(0).click()
    desk.page.keyboard.press("a")  # a cell above, not saved: numbers differ, the cell is the same
    desk.to_mend.get_by_role("button").click()
    expect(desk.cell(check + 1)).to_have_class(re.compile("jp-mod-active"))
    desk.page.keyboard.press("z")  # undone
    desk.save()
    mended = nbformat.read(course.root / SUMS, as_version=4)
    assert len(mended.cells) == len(desk.notebook.locator(".jp-Notebook .jp-Cell").all())
    assert mended.cells[check].metadata.jupyter.source_hidden  # but not in the file
    mended.cells[check].metadata.nbgrader.locked = True
    nbformat.write(mended, course.root / SUMS)
    desk.open(SUMS, "mended")
    expect(desk.saved).to_contain_text(CLEAR)
    expect(desk.to_mend).to_have_count(0)
    assert desk.violations() == []


def test_what_a_release_would_give_away_is_found(desk: Desk, course: Course) -> None:
    def leak(notebook: Any) -> None:
        notebook.cells[1].source += "\n\nWrite `the_reference_total = a + b`"
        notebook.cells[1].source += " and `return the_reference_total`."

    edit(course, SQUARES, leak)  # a line of another chapter
    desk.open(SQUARES, "leak")
    expect(desk.saved).to_contain_text("The contract holds; 1 to mend.")
    expect(desk.to_mend).to_contain_text("the solution of add (01_sums), which students would get")
    desk.cell(3).click()
    desk.to_mend.get_by_role("button").click()
    expect(desk.cell(1)).to_have_class(re.compile("jp-mod-active"))


def test_new_exercise_is_put_into_the_file_and_shown(desk: Desk, course: Course) -> None:
    known = course.root / "tests/misconceptions/01_sums/Third.py"
    desk.open(SUMS, "new")
    expect(desk.saved).to_contain_text(CLEAR)
    desk.cell(0).dblclick()
    desk.write(0, "# Chapter 1 · Sums\n\n*25 minutes · 9 points*")
    desk.button("New exercise…").click()
    form = desk.panel.get_by_role("form", name="New exercise")
    form.get_by_label("Name of what students write").fill("half")
    form.get_by_label("It is").select_option("a class")
    form.get_by_label("Minutes").fill("15")
    form.get_by_label("Title").fill("Thirds of <b>all</b>")
    form.get_by_label("Place").select_option("before Exercise 2 · Halving")
    assert desk.violations() == []
    form.get_by_role("button", name="Add").click()
    expect(form.get_by_role("alert")).to_have_text(
        "Save the notebook first: the exercise is put into the saved file."
    )
    desk.cell(0).click()
    desk.save()
    form.get_by_role("button", name="Add").click()
    expect(form.get_by_role("alert")).to_contain_text("'half' exists already, in cell [7] (half)")
    assert not known.exists()

    assert [words for words in desk.complaints if "400" not in words] == []
    desk.complaints.clear()  # the browser tells of the refusal, too

    form.get_by_label("Name of what students write").fill("Third")
    form.get_by_role("button", name="Add").click()
    expect(desk.panel).to_contain_text("Exercise 2 is now exercise 3.")
    expect(form).to_be_hidden()
    assert known.is_file()
    saved = nbformat.read(course.root / SUMS, as_version=4)
    place = next(n for n, cell in enumerate(saved.cells) if "Thirds of" in cell.source)
    expect(desk.cell(place)).to_have_class(re.compile("jp-mod-active"))
    expect(desk.cell(place)).to_contain_text("Exercise 2 · Thirds of")
    assert "15 minutes" in saved.cells[place].source
    assert saved.cells[0].source == "# Chapter 1 · Sums\n\n*40 minutes · 12 points*"
    expect(desk.page.locator(".lm-TabBar-tab.jp-mod-dirty")).to_have_count(0)

    to_dos = desk.saved.locator("details")
    to_dos.locator("summary").click()
    to_dos.get_by_role("button", name=re.compile(r"Third\.py, line ")).first.click()
    expect(desk.page.locator(".jp-FileEditor")).to_contain_text("# %% wrong")
    expect(desk.saved).to_be_visible()  # it is still about the notebook
    assert desk.violations() == []


def test_proof_of_a_chapter_ends_with_nothing_to_mend(desk: Desk, course: Course) -> None:
    desk.open(SQUARES, "prove")
    desk.button("Prove").click()
    expect(desk.panel.get_by_role("progressbar")).to_be_visible()
    desk.button("Prove").click()
    expect(desk.panel).to_contain_text("A proof is running already; wait for it, or cancel it.")
    expect(desk.panel).to_contain_text("nothing to mend. 6 known answers, of which 6 ran now.")
    expect(desk.panel.get_by_role("progressbar")).to_be_hidden()
    assert "02_squares" in (course.solutions / ".proved.json").read_text()
    assert desk.violations() == []

    known = course.root / "tests/misconceptions/02_squares/square.py"
    known.write_text(known.read_text().replace("return abs(a) ** 2", "return abs(a) ** 3"))
    desk.button("Prove").click()
    expect(desk.panel.get_by_role("progressbar")).to_be_visible()
    desk.button("Cancel proof").click()
    expect(desk.panel).to_contain_text("The proof was canceled.")
    expect(desk.panel.get_by_role("progressbar")).to_be_hidden()
    desk.button("Prove").click()
    expect(desk.panel).to_contain_text("1 to mend.")
    finding = desk.panel.get_by_role("list", name="To mend after the proof").get_by_role("listitem")
    expect(finding).to_contain_text("square, known answer of_the_absolute_value")
    finding.get_by_role("button").click()
    expect(desk.cell(2)).to_have_class(re.compile("jp-mod-active"))


def test_panel_says_what_it_is_for_and_follows(desk: Desk, course: Course) -> None:
    words = desk.panel.get_by_text("This panel is for the chapters")
    desk.open("solutions", "follow")
    expect(words).to_be_visible()
    expect(desk.panel.get_by_role("button")).to_have_count(0)
    assert desk.violations() == []
    own = nbformat.v4.new_notebook(cells=[nbformat.v4.new_markdown_cell("Mine.")])
    own.metadata = nbformat.read(course.root / SUMS, as_version=4).metadata
    nbformat.write(own, course.root / "tests" / "own.ipynb")
    # JupyterLab saves the open tabs a while after they changed; only then does the next page know them.
    with desk.page.expect_response(keeps("notebook:tests/own.ipynb"), timeout=PATIENCE):
        desk.open("tests/own.ipynb", "own")
    expect(desk.cell(0)).to_be_visible()
    expect(desk.notebook.locator(".autograder-author-button")).to_have_count(0)
    expect(words).to_be_visible()
    desk.page.goto(f"{desk.lab.url}lab/workspaces/own/tree/{SQUARES}")
    expect(desk.saved).to_contain_text(CLEAR)
    expect(words).to_be_hidden()
    desk.page.get_by_role("tab", name="own.ipynb").click()
    expect(words).to_be_visible()
    expect(desk.saved).to_be_hidden()


def test_nbgraders_panels_are_still_there(desk: Desk) -> None:
    desk.open(SQUARES, "nbgrader")
    expect(desk.saved).to_contain_text(CLEAR)
    desk.page.get_by_role("tab", name="Create Assignment").click()
    expect(desk.page.locator(".nbgrader-CreateAssignmentWidget")).to_contain_text("Total points")
    expect(desk.notebook.get_by_role("button", name="Validate")).to_be_visible()
