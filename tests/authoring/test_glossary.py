"""The glossary: one table in, one page of the release out, each term in its chapter's text."""

import re
from pathlib import Path

import pytest
from throwaway_course import make_full_course

from autograder.assignment.course import Course, find_course
from autograder.assignment.errors import UserError
from autograder.assignment.notebook import Kind, read_assignment
from autograder.authoring.glossary import SOURCE, Term, glossary_page, read_glossary
from autograder.authoring.release import GLOSSARY_PAGE, LANDING_PAGE, compare, release

COURSE = find_course(Path(__file__).parent)
HEAD = "english,chinese,chapter,meaning\n"
ROWS = 'sum,和,01_sums,"What adding gives, and no more."\nHalf,一半,01_sums,One of two | equal parts.\n'


@pytest.fixture
def course(tmp_path: Path) -> Course:
    course = make_full_course(tmp_path / "a course")
    (course.solutions / SOURCE).write_text(HEAD + ROWS, encoding="utf-8")
    return course


def test_release_makes_the_page_and_the_landing_page_links_to_it(course: Course) -> None:
    assert GLOSSARY_PAGE in release(course).written
    page = (course.release / GLOSSARY_PAGE).read_text(encoding="utf-8")
    rows = [line for line in page.splitlines() if line.startswith("| **")]
    assert [row.split(" | ")[1] for row in rows] == ["一半", "和"]  # by the English term
    assert "equal parts" in rows[0]
    assert "two \\| equal" in rows[0]
    assert "(01_sums/sums.ipynb)" in rows[0]
    assert "What adding gives, and no more." in rows[1]
    assert f"({GLOSSARY_PAGE})" in (course.release / LANDING_PAGE).read_text(encoding="utf-8")


def test_course_without_the_table_has_no_page_and_no_link(course: Course) -> None:
    release(course)
    (course.solutions / SOURCE).unlink()
    assert GLOSSARY_PAGE in compare(course).removed
    release(course)
    assert not (course.release / GLOSSARY_PAGE).exists()
    assert GLOSSARY_PAGE not in (course.release / LANDING_PAGE).read_text(encoding="utf-8")


def test_line_break_in_an_entry_does_not_break_the_page(course: Course) -> None:
    row = '"sum\r\n up",和,01_sums,"What adding\n\ngives."\n'
    (course.solutions / SOURCE).write_text(HEAD + row, encoding="utf-8")
    release(course)
    page = (course.release / GLOSSARY_PAGE).read_text(encoding="utf-8")
    assert "| **sum up** | 和 | What adding gives. | [1](01_sums/sums.ipynb) |\n" in page


def test_terms_of_a_chapter_that_is_not_released_are_left_out(course: Course) -> None:
    row = "square,平方,02_squares,A number times itself.\n"
    (course.solutions / SOURCE).write_text(HEAD + ROWS + row, encoding="utf-8")
    release(course, ["01_sums"])
    assert "square" not in (course.release / GLOSSARY_PAGE).read_text(encoding="utf-8")
    release(course, ["02_squares"])
    assert "**square**" in (course.release / GLOSSARY_PAGE).read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("table", "told"),
    [
        ("", "its first line must be"),
        ("term,meaning\n", "its first line must be"),
        (HEAD + "sum,和,01_sums\n", "row 2 needs 4 entries"),
        (HEAD + "sum,和,01_sums, \n", "none of them empty"),
        (HEAD + "sum,和,01_sums,a\nSum,和,01_sums,b\n", "row 3 has “Sum” once more"),
        (HEAD + "sum,和,09_none,a\n", "“sum” names 09_none, which is no chapter"),
        (HEAD + 'sum,和,01_sums,"a', "cannot be read"),
        (b"\xff\xfe", "cannot be read"),
    ],
)
def test_damaged_table_is_refused_in_one_sentence(
    course: Course, table: str | bytes, told: str
) -> None:
    path = course.solutions / SOURCE
    path.write_bytes(table if isinstance(table, bytes) else table.encode())
    with pytest.raises(UserError, match=re.escape(told)) as caught:
        release(course)
    assert str(caught.value).endswith(".")
    assert not (course.release / LANDING_PAGE).exists()


def test_page_is_in_alphabetical_order_whatever_the_table_s() -> None:
    assignment = read_assignment(next(COURSE.solutions.glob("01_*/*.ipynb")))
    terms = [Term(word, "词", assignment.name, "a word") for word in ("zebra", "Ant", "bee")]
    page = glossary_page(terms, [assignment])
    assert page.index("**Ant**") < page.index("**bee**") < page.index("**zebra**")


@pytest.mark.parametrize("chapter", COURSE.chapters)
def test_each_chapter_has_terms_and_its_text_uses_them(chapter: str) -> None:
    terms = [t for t in read_glossary(COURSE.solutions / SOURCE) if t.chapter == chapter]
    assert len(terms) >= 5
    (path,) = (COURSE.solutions / chapter).glob("*.ipynb")
    cells = read_assignment(path).cells
    text = "\n".join(cell.source for cell in cells if cell.kind is Kind.TEXT)
    absent = [
        term.english
        for term in terms
        if not re.search(rf"\b{re.escape(term.english)}", text, re.IGNORECASE)
    ]
    assert absent == []
