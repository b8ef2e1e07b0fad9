"""Other doors: each chapter says what it needs where the course is not installed, and is right."""

from pathlib import Path

import pytest
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook

from autograder.assignment.course import find_course
from autograder.assignment.errors import UserError
from autograder.assignment.notebook import kind_of, read_notebook
from autograder.authoring.install_notes import (
    code_of,
    install_line,
    read_pins,
    text_above_code,
    with_note,
)

COURSE = find_course(Path(__file__).parent)
PINS = read_pins(COURSE.root / "requirements.lock")
DOCS = COURSE.root / "docs"
CHAPTERS = [pytest.param(path, id=path.parent.name) for path in COURSE.release.glob("*/*.ipynb")]


@pytest.mark.parametrize("path", CHAPTERS)
def test_chapter_names_exactly_what_it_imports_above_its_first_code_cell(path: Path) -> None:
    notebook = read_notebook(path)
    cell = text_above_code(notebook)
    assert kind_of(cell).value == "text"
    line = install_line(code_of(notebook), PINS)
    assert cell.source == with_note(cell.source, line), (
        "run python -m autograder.authoring.install_notes"
    )
    assert sum("%pip" in cell.source for cell in notebook.cells) == 1


@pytest.mark.parametrize("path", CHAPTERS)
def test_chapter_needs_no_file_beside_it(path: Path) -> None:
    assert [each for each in path.parent.iterdir() if each != path] == []


def test_line_has_the_packages_names_and_what_they_need_only_when_used() -> None:
    pins = {"pillow": "1", "gymnasium": "2", "pygame": "3", "scikit-learn": "4", "torch": "5"}
    sources = [
        "import os\nimport gymnasium as gym",
        "from PIL import Image\nfrom sklearn import svm",
    ]
    assert install_line(sources, pins) == (
        "%pip install -q gymnasium==2 pillow==1 pygame==3 scikit-learn==4"
    )


def test_import_that_the_notebook_does_without_needs_no_version() -> None:
    pins = {"torch": "5"}
    quiet = "import contextlib\nwith contextlib.suppress(ImportError):\n    import numpy.linalg"
    tried = "try:\n    import numpy\nexcept ImportError:\n    numpy = None\nimport torch"
    other = "with open('a'):\n    import numpy"
    assert install_line([quiet, tried], pins) == "%pip install -q torch==5"
    for needed in (other, "import numpy", "try:\n    import numpy\nexcept ValueError:\n    pass"):
        with pytest.raises(UserError, match="numpy: is imported, but"):
            install_line([quiet, needed], pins)


def test_import_without_a_pin_is_refused_by_its_name() -> None:
    with pytest.raises(UserError, match="numpy: is imported, but"):
        install_line(["import numpy"], {"torch": "5"})


def test_older_note_is_replaced_and_the_text_stays() -> None:
    once = with_note("## Setup\n\nThe letters.", "%pip install -q old==1")
    twice = with_note(once, "%pip install -q new==2")
    assert twice == with_note("## Setup\n\nThe letters.", "%pip install -q new==2")
    assert twice.startswith("## Setup\n\nThe letters.\n\n<details>")
    assert "old" not in twice


def test_note_needs_a_text_above_the_first_code_cell() -> None:
    text, code = new_markdown_cell("# T"), new_code_cell("1")
    assert text_above_code(new_notebook(cells=[text, code])) is text
    for cells in ([code, text], [text], []):
        with pytest.raises(UserError, match="no text above"):
            text_above_code(new_notebook(cells=cells))


def test_pins_without_the_lock_are_refused(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="cannot be read"):
        read_pins(tmp_path / "requirements.lock")


def test_every_picture_is_small_and_is_one() -> None:
    from PIL import Image

    pictures = sorted(DOCS.glob("*.png"))
    assert pictures
    for path in pictures:
        assert path.stat().st_size <= 150_000, path.name
        with Image.open(path) as picture:
            assert picture.width >= 800, path.name
