"""What Formgrader and feedback make of a student's text: clean, and with formulas as MathML."""

from pathlib import Path

import nbformat
import pytest
from jinja2 import Environment
from nbconvert.filters.markdown_mistune import MarkdownWithMath
from throwaway_course import REPOSITORY

from autograder.assignment.mathml import mathml
from autograder.pages.safe_html import _Renderer, clean_html, markdown_to_html, prose


def shown(source: str) -> str:
    environment = Environment()
    environment.filters["markdown"] = markdown_to_html
    return environment.from_string("{{ source | markdown }}").render(source=source)


@pytest.mark.parametrize(
    "attack",
    [
        "<script>alert(1)</script>",
        "<SCRIPT src='//evil.example/x.js'></SCRIPT>",
        "<img src=x onerror=alert(1)>",
        "<svg onload=alert(1)><script>alert(1)</script></svg>",
        "<a href='javascript:alert(1)'>here</a>",
        "[here](javascript:alert(1))",
        "<a href='data:text/html,<script>alert(1)</script>'>here</a>",
        "<iframe src='data:text/html,<script>alert(1)</script>'></iframe>",
        "<math><mtext><script>alert(1)</script></mtext></math>",
        "<noscript><p title='</noscript><img src=x onerror=alert(1)>'>",
        "<form action='/formgrader/api/grade/1'><input class='score' id='reflection'></form>",
        "<style>* { display: none }</style><p style='position: fixed'>over everything</p>",
        "<base href='//evil.example/'><link rel=stylesheet href='//evil.example/x.css'>",
        "![picture](http://evil.example/seen.png) <img src='//evil.example/seen.png'>",
        "![picture](/formgrader/api/assignments) ![other](../../../secret.png)",
        r"$\href{javascript:alert(1)}{x}$ $\style{position:fixed}{x}$",
        r"$\text{<script>alert(1)</script>}$ $</math><script>alert(1)</script>$",
        '![$" onerror="alert(1)$](x.png) <img src=x title="$\\text{" onerror="alert(1)}$">',
        "<p class='score tabbable' id='reflection' name='submission_id'>mine</p>",
    ],
)
def test_attack_does_nothing(attack: str) -> None:
    from bs4 import BeautifulSoup

    for page in (shown(attack), clean_html(attack), prose(attack)):
        for element in BeautifulSoup(page, "html.parser").find_all(True):
            names = set(element.attrs)
            assert element.name not in {
                "script",
                "style",
                "iframe",
                "form",
                "input",
                "base",
                "link",
            }
            assert element.name not in {"svg", "noscript"}
            assert not names & {"id", "name", "style", "action"}
            assert not [name for name in names if name.startswith("on")]
            assert "score" not in element.get("class", [])
            for address in (str(element.get("href", "")), str(element.get("src", ""))):
                assert "evil" not in address
                assert not address.startswith(("javascript", "data:text", "/", ".."))


def test_text_of_the_course_is_left_as_it_is() -> None:
    page = shown(
        "## Title with $x$\n\n<details><summary>Hint</summary>\n\nA *hint*.\n\n</details>\n\n"
        "| a | b |\n| --- | --- |\n| 1 | 2 |\n\n```python\ndef f(): pass\n```\n\n"
        "[site](https://example.org) ![plot of $y$](data:image/png;base64,iVBORw0KGgo=)\n"
    )
    for piece in (
        "<h2>Title with <math",
        "<summary>Hint</summary>",
        "<em>hint</em>",
        "<th>a</th>",
        '<span class="k">def</span>',
        'href="https://example.org"',
        'src="data:image/png;base64,iVBORw0KGgo="',
        'alt="plot of $y$"',
    ):
        assert piece in page, page


def test_missing_attachment_does_not_take_the_page_away() -> None:
    assert "my &amp; plot" in shown("![my & plot](attachment:lost.png)")


def test_headings_of_a_students_text_stay_below_those_of_the_page() -> None:
    assert prose("# Mine\n\n###### Small") == "<h4>Mine</h4>\n<h6>Small</h6>\n"
    assert prose("<h1>Mine</h1>").strip() == "<h4>Mine</h4>"


def test_picture_in_a_students_text_is_shown() -> None:
    pictures = {"plot.png": {"image/png": "iVBORw0KGgo="}}
    assert 'src="data:image/png;base64,iVBORw0KGgo="' in prose("![](attachment:plot.png)", pictures)
    assert prose("![my plot](plot.png)<img src=x>") == "<p>my plot</p>\n"


def test_text_that_breaks_the_library_is_shown_as_it_is(monkeypatch: pytest.MonkeyPatch) -> None:
    def break_down(*_: object) -> str:
        raise RecursionError

    monkeypatch.setattr(MarkdownWithMath, "render", break_down)
    assert prose("<b> \u202e") == "<pre>&lt;b&gt; \\u202e</pre>"


def test_table_of_pandas_keeps_its_shape_and_loses_its_style() -> None:
    table = "<style scoped>.x {}</style><table class='dataframe'><thead><th>a</th></thead></table>"
    assert clean_html(table) == "<table><thead><tr><th>a</th></tr></thead></table>"


@pytest.mark.parametrize(
    ("latex", "seen"),
    [
        (r"\arg\min_x f", "<mo>arg</mo>"),
        (r"\bigl\lVert x \bigr\rVert", ">‖</mo>"),
        (r"a \le b", "≤"),
        (r"\frac{1}{", "<code>"),
    ],
)
def test_formula(latex: str, seen: str) -> None:
    formula = mathml(latex)
    assert seen in formula


def test_display_formula_stands_alone() -> None:
    assert 'display="block"' in shown("$$\na = b\n$$")
    assert 'display="inline"' in shown("here $a$ stands")


@pytest.mark.parametrize("path", sorted((REPOSITORY / "solutions").glob("*/*.ipynb")), ids=str)
def test_every_formula_of_the_course_can_be_read(path: Path) -> None:
    """None is shown as code, and no command is left over in it."""
    for cell in nbformat.read(path, as_version=4).cells:
        if cell.cell_type == "markdown":
            renderer = _Renderer()
            MarkdownWithMath(renderer=renderer).render(cell.source)
            for latex, display in renderer._formulas:
                formula = mathml(latex, display=display)
                assert formula.startswith("<math"), latex
                assert "\\" not in formula, latex
