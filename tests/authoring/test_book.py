"""The book: nothing secret in it, nothing of it on the network, and it can be read by anyone."""

import importlib.util
import re
import shutil
from collections.abc import Iterator
from html import unescape
from html.parser import HTMLParser
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

import pytest
from axe_playwright_python.sync_playwright import Axe
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output
from playwright.sync_api import Browser, Page, expect
from test_real_course import released_text, secret_lines
from throwaway_course import make_full_course

from autograder.assignment.course import Course, find_course
from autograder.assignment.errors import UserError
from autograder.assignment.notebook import read_assignment, read_notebook
from autograder.authoring.book import Book, write_book
from autograder.authoring.book_pages import chapter_page, front_page
from autograder.authoring.release import release

COURSE = find_course(Path(__file__).parent)
LOADING = {"script": "src", "link": "href", "img": "src", "iframe": "src", "source": "src"}
"""Attributes by which a page makes the browser fetch something."""
pytestmark = pytest.mark.filterwarnings("ignore:.*Check CHANGES for Sphinx API modifications")
PATIENCE = 60_000
"""Milliseconds to wait for a condition on a busy machine."""


class Tags(HTMLParser):
    """What a page loads, where it links to, its ids and its images' texts."""

    def __init__(self, path: Path) -> None:
        super().__init__()
        self.loads: list[str] = []
        self.links: list[str] = []
        self.ids: set[str] = set()
        self.alts: list[str] = []
        self.feed(path.read_text(encoding="utf-8"))

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        values = dict(attrs)
        if LOADING.get(tag) in values:
            self.loads.append(values[LOADING[tag]] or "")
        if tag == "a" and values.get("href"):
            self.links.append(values["href"] or "")
        if tag == "img":
            self.alts.append(values.get("alt") or "")
        self.ids.add(values.get("id") or "")


@pytest.fixture(scope="module")
def book(tmp_path_factory: pytest.TempPathFactory) -> Book:
    """The book of this very course: all chapters take a few seconds."""
    return write_book(COURSE, tmp_path_factory.mktemp("book") / "book")


@pytest.fixture(scope="module")
def chapters(book: Book) -> dict[str, Path]:
    """The chapters' pages, by their folders."""
    pages = {page.parent.name: page for page in book.pages if page.parent != book.front.parent}
    assert tuple(pages) == COURSE.released_chapters
    return pages


def words(page: Path) -> str:
    """The page's HTML with its tags and the whitespace taken out, as they come between letters."""
    text = re.sub(r"<[^>]*>", "", page.read_text(encoding="utf-8"))
    return re.sub(r"\s", "", unescape(text))


def test_sphinx_has_nothing_to_complain_of(book: Book) -> None:
    assert book.warnings == ()


def test_nothing_of_a_solution_or_a_hidden_check_is_in_it(
    book: Book, chapters: dict[str, Path]
) -> None:
    everything = "".join(words(page) for page in book.pages)
    released = re.sub(r"\s", "", released_text())  # of which another test keeps secrets out
    index = (book.front.parent / "searchindex.js").read_text(encoding="utf-8")
    for chapter in chapters:
        (notebook,) = (COURSE.solutions / chapter).glob("*.ipynb")
        secret = {re.sub(r"\s", "", line) for line in secret_lines(notebook)}
        assert len(secret) > 20
        secret = {line for line in secret if line not in released}
        assert [line for line in secret if line in everything or line in index] == []
    assert not list(book.front.parent.rglob("*.ipynb"))


def test_no_page_loads_anything_from_elsewhere(book: Book) -> None:
    for path in book.pages:
        for address in Tags(path).loads:
            split = urlsplit(address)
            assert not split.scheme or split.scheme == "data", f"{path.name} loads {address}"
            assert not split.netloc, f"{path.name} loads {address}"
            if split.path and not split.scheme:
                assert (path.parent / unquote(split.path)).is_file(), f"{path.name}: {address}"
    for style in book.front.parent.rglob("*.css"):
        text = style.read_text(encoding="utf-8")
        assert not re.search(r"(url\(|@import)\s*[\"']?(\w+:)?//", text), style.name


def test_every_link_within_the_book_leads_somewhere(book: Book) -> None:
    ids = {path.resolve(): Tags(path).ids for path in book.pages}
    for path in book.pages:
        for link in Tags(path).links:
            split = urlsplit(link)
            if split.scheme:
                continue
            target = (path.parent / unquote(split.path)).resolve() if split.path else path.resolve()
            assert target in ids, f"{path.name}: {link}"
            assert not split.fragment or unquote(split.fragment) in ids[target], link


def test_front_page_leads_to_every_chapter_and_the_glossary(
    book: Book, chapters: dict[str, Path]
) -> None:
    links = Tags(book.front).links
    for chapter, page in chapters.items():
        assert f"{chapter}/{page.name}" in links
    assert "GLOSSARY.html" in links
    assert "卷积" in words(book.front.parent / "GLOSSARY.html")


def test_every_stub_and_check_is_shown_and_every_visible_check_is_folded(
    chapters: dict[str, Path],
) -> None:
    for chapter, page in chapters.items():
        assignment = read_assignment(next((COURSE.release / chapter).glob("*.ipynb")))
        text = words(page)
        for answer in assignment.answers:
            assert f'NotImplementedError("exercise{answer.grade_id}")' in text
        for check in assignment.checks:
            if check.hidden:
                assert re.sub(r"\s", "", check.source) in text
            else:
                assert f"Check:{check.grade_id}({check.points:g}point" in text
        folded = page.read_text(encoding="utf-8").count(
            '<details class="admonition hide above-input"'
        )
        assert folded == sum(not check.hidden for check in assignment.checks)


def test_every_stored_picture_is_shown_and_told_in_words(chapters: dict[str, Path]) -> None:
    for chapter, page in chapters.items():
        (notebook,) = (COURSE.solutions / chapter).glob("*.ipynb")
        stored = [
            output
            for cell in read_notebook(notebook).cells
            for output in cell.get("outputs", [])
            if "image/png" in output.get("data", {})
        ]
        alts = Tags(page).alts
        assert len(alts) == len(stored)
        assert all(len(alt) > 40 for alt in alts)


def explore(source: str, *outputs: Any) -> Any:
    return new_code_cell(
        source, id="e", metadata={"tags": ["explore"]}, outputs=list(outputs), execution_count=7
    )


PICTURE = new_output(
    "display_data", {"image/png": "iVBORw0KGgo=", "text/html": "<script>1</script>"}
)


def test_output_is_taken_from_explore_cells_with_the_same_text_alone() -> None:
    said = new_output("stream", name="stdout", text="said\n")
    warned = new_output("stream", name="stderr", text="warned\n")
    below = new_markdown_cell("*Picture: a cat,\nasleep.*\n\n## Next", id="t")
    source = new_notebook(cells=[explore("plot()", PICTURE, said, warned), below])
    released = new_notebook(cells=[explore("plot()"), below])
    cell = chapter_page(released, source).cells[0]
    assert [output.output_type for output in cell.outputs] == ["display_data", "stream"]
    assert dict(cell.outputs[0].data) == {"image/png": "iVBORw0KGgo="}
    assert cell.metadata.mystnb.image.alt == "a cat, asleep."
    assert released.cells[0].outputs == []

    answer = new_code_cell("def f(): ...", id="e", outputs=[said])
    for other in (explore("plot(the_solution)", PICTURE), answer):
        for given in (released, new_notebook(cells=[answer])):
            page = chapter_page(given, new_notebook(cells=[other, below]))
            assert page.cells[0].outputs == []


def test_front_page_is_the_landing_page_with_a_table_of_contents() -> None:
    page = front_page("# Course\n\nHello.\n\n<!-- Generated by us. -->\n", ["01_a/a", "02_b/b"])
    assert page.startswith("# Course\n\nHello.\n")
    assert "Generated" not in page
    assert page.endswith("\n01_a/a\n02_b/b\n```\n")


@pytest.fixture
def small(tmp_path: Path) -> Course:
    course = make_full_course(tmp_path / "a course")
    release(course)
    return course


def test_older_book_is_replaced_and_any_other_folder_is_refused(
    small: Course, tmp_path: Path
) -> None:
    output = tmp_path / "new" / "book"
    assert write_book(small, output).warnings == ()
    glossary = small.release / "GLOSSARY.md"
    glossary.write_text("# Glossary\n")
    assert write_book(small, output).front.is_file()
    assert (output / "GLOSSARY.html").is_file()
    glossary.unlink()
    write_book(small, output)
    assert not (output / "GLOSSARY.html").exists()

    for name in ("CNAME", "notes.md", ".git/config", "01_sums/mine.txt", "index.html"):
        kept = output / name
        kept.parent.mkdir(exist_ok=True)
        before = kept.read_bytes() if kept.exists() else None
        kept.write_text("mine")
        with pytest.raises(UserError, match=f"holds what is not of the book .*{name}"):
            write_book(small, output)
        assert kept.read_text() == "mine"
        kept.unlink() if before is None else kept.write_bytes(before)
    (output / "link").symlink_to(tmp_path)
    with pytest.raises(UserError, match="link"):
        write_book(small, output)

    mine = tmp_path / "mine"
    mine.mkdir()
    (mine / "thesis.txt").write_text("years of work")
    for taken in (mine, mine / "thesis.txt"):
        with pytest.raises(UserError, match=r"holds what is not of the book \(thesis\.txt\)"):
            write_book(small, taken)
    assert (mine / "thesis.txt").read_text() == "years of work"


def test_course_without_a_source_has_a_book_and_without_a_release_none(
    small: Course, tmp_path: Path
) -> None:
    shutil.rmtree(small.solutions)
    book = write_book(small, tmp_path / "book")
    assert (book.front.parent / "01_sums" / "sums.html").is_file()
    # What the cell says is there, what it printed is not.
    assert words(book.front.parent / "01_sums" / "sums.html").count("printedinsolutions") == 1
    shutil.rmtree(small.release)
    with pytest.raises(UserError, match="holds no release"):
        write_book(small, tmp_path / "book")
    assert book.front.is_file()


def test_without_its_packages_the_book_says_what_to_install(
    small: Course, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None)
    with pytest.raises(UserError, match=r"pip install -e '\.\[book\]'"):
        write_book(small, tmp_path / "book")


def test_place_that_cannot_be_written_is_refused(small: Course, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("a file, no folder")
    with pytest.raises(UserError, match="cannot be written"):
        write_book(small, tmp_path / "file" / "book")


@pytest.fixture(params=["light", "dark", "phone"])
def reader(request: pytest.FixtureRequest, browser: Browser) -> Iterator[Page]:
    """A page in one of three looks; what it asks of the network, or complains of, is a failure."""
    look: str = request.param
    context = browser.new_context(
        viewport={"width": 390 if look == "phone" else 1280, "height": 800},
        color_scheme="dark" if look == "dark" else "light",
    )
    page = context.new_page()
    page.set_default_timeout(PATIENCE)
    faults: list[str] = []
    page.on("pageerror", lambda error: faults.append(str(error)))
    page.on(
        "request",
        lambda sent: None if sent.url.startswith(("file:", "data:")) else faults.append(sent.url),
    )
    yield page
    context.close()
    assert faults == []


STILL = "*, ::before, ::after { transition: none !important; animation: none !important; }"
TWO_FRAMES = "() => new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done)))"


def serious(page: Page) -> list[str]:
    """What axe finds, once no color is on its way to another."""
    page.add_style_tag(content=STILL)
    page.evaluate(TWO_FRAMES)
    options = {"resultTypes": ["violations"], "preload": False}
    found = Axe().run(page, options=options).response["violations"]
    return [
        f"{f['id']}: {f['nodes'][0]['html']}"
        for f in found
        if f["impact"] in ("serious", "critical")
    ]


@pytest.mark.browser
@pytest.mark.parametrize("where", ["front", "07_rl", "GLOSSARY"])
def test_pages_fit_and_everyone_can_read_them(
    where: str, reader: Page, book: Book, chapters: dict[str, Path]
) -> None:
    path = {"front": book.front, **chapters}.get(where, book.front.parent / f"{where}.html")
    reader.goto(path.as_uri())
    formulas = reader.locator("span.math, div.math").count()
    expect(reader.locator("mjx-container")).to_have_count(formulas, timeout=PATIENCE)
    assert (formulas > 20) == (where == "07_rl")
    assert reader.locator("mjx-merror").count() == 0
    width = reader.viewport_size["width"] if reader.viewport_size else 0
    assert reader.evaluate("document.documentElement.scrollWidth") <= width
    reader.evaluate("document.querySelectorAll('details').forEach(each => each.open = true)")
    assert serious(reader) == []


@pytest.mark.browser
def test_search_finds_the_chapter_without_a_server(page: Page, book: Book) -> None:
    page.set_default_timeout(PATIENCE)
    page.goto(f"{(book.front.parent / 'search.html').as_uri()}?q=skip-gram")
    results = page.locator("#search-results li a")
    expect(results.filter(has_text="Words as vectors").first).to_be_visible(timeout=PATIENCE)
    assert serious(page) == []
    results.filter(has_text="Words as vectors").first.click()
    expect(page.locator("h1").last).to_contain_text("Words as vectors", timeout=PATIENCE)
