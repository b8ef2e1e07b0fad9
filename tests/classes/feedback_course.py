"""A small class for feedback and report: honest students, and some who try to carry things out."""

import base64
import io
import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import nbformat
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook
from PIL import Image
from throwaway_course import REPOSITORY, write

from autograder.assignment.course import Course
from autograder.assignment.nbgrader_course import NbgraderCourse, open_course
from autograder.authoring.release import release
from autograder.classroom.grade_class import Options, grade_class

ASSIGNMENT, NOTEBOOK = "01_words", "words"
HIDDEN_INPUT = "the-hidden-input-7f3a"
HIDDEN_WANT = "the-hidden-result-91bc"
HIDDEN_NOTE = "a remark that only the hidden check holds"
CLASSMATE = "what-only-ada-wrote-55d0"
SOLUTION = "the_reference_way"
TELLING = (HIDDEN_INPUT, HIDDEN_WANT, HIDDEN_NOTE, SOLUTION, "_hidden_answer", CLASSMATE)
"""What stands in one place only; the last of it in ada's own page too."""

_TEXT = r"""## Exercise 1 · Shouting $\frac{1}{2}$

*10 minutes · 7 points*

<details><summary>Hint 1: <b>letters</b></summary>

Use `upper`; $\sum_i x_i < \tfrac12$ and $$\text{<script>alert(1)</script>}$$

| a | b |
| --- | --- |
| 1 | 2 |
</details>
<details><summary>Solution</summary>

not to be shown
</details>"""
_CELLS: tuple[tuple[str, dict[str, Any] | None], ...] = (
    ("# Chapter 1 · Words\n\nWords.\n\n*30 minutes · 11 points*", None),
    ("import sys", {"grade_id": "setup", "locked": True}),
    (_TEXT, None),
    (
        'def shout(text):\n    """Upper case."""\n    ### BEGIN SOLUTION\n'
        f"    {SOLUTION} = text.upper()\n    return {SOLUTION}\n    ### END SOLUTION",
        {"grade_id": "shout", "solution": True},
    ),
    (
        'for _text, _want in {"ab": "AB", "x1": "X1"}.items():\n    _got = shout(_text)\n'
        '    assert _got == _want, f"shout: {_text!r}: got {_got!r}, expected {_want!r} '
        '— the letters stay small"',
        {"grade_id": "shout-values", "points": 3},
    ),
    (
        "# hidden check: another word\n### BEGIN HIDDEN TESTS\n"
        f"_hidden_answer = {HIDDEN_WANT.upper()!r}  # {HIDDEN_NOTE}\n"
        f"_got = shout({HIDDEN_INPUT!r})\n"
        f'assert _got == {HIDDEN_INPUT.upper()!r}, f"shout: got {{_got}}, not {HIDDEN_WANT}"\n'
        "### END HIDDEN TESTS",
        {"grade_id": "shout-secret", "points": 2},
    ),
    ('sum(shout(_t) == _t.upper() for _t in ("q", "r"))', {"grade_id": "shout-parts", "points": 2}),
    ("## Exercise 2 · Counting\n\n*10 minutes · 2 points*", None),
    (
        'def count(text):\n    """Count letters."""\n    ### BEGIN SOLUTION\n'
        "    return len(text)\n    ### END SOLUTION",
        {"grade_id": "count", "solution": True},
    ),
    (
        'assert count("abc") == 3, f"count: got {count(\'abc\')}, expected 3"',
        {"grade_id": "count-letters", "points": 2},
    ),
    ("## Reflection\n\n*10 minutes · 2 points*", None),
    ("What did you learn?", {"grade_id": "reflection", "solution": True, "points": 2}),
)
LATE = "bea"
RIGHT = {
    "shout": "def shout(text):\n    return text.upper()",
    "count": "def count(text):\n    return len(text)",
}
_KEEP = "kept = []\n\n\ndef shout(text):\n    kept.append(text)\n    return text.upper()"


def picture(kind: str = "PNG") -> str:
    """A small picture in base64."""
    data = io.BytesIO()
    Image.new("RGB", (8, 6), "teal").save(data, kind)
    return base64.b64encode(data.getvalue()).decode()


_SHOW = (
    "from IPython.display import display\n\n\ndef draw(**data):\n"
    "    display({k.replace('_', '/', 1): v for k, v in data.items()}, raw=True)\n"
)
STUDENTS: Mapping[str, Mapping[str, str]] = {
    "ada": {**RIGHT, "reflection": f"Words matter. {CLASSMATE}", "own": f"note = '{CLASSMATE}'"},
    "bea": {**RIGHT, "shout": "def shout(text):\n    return text", "reflection": "Nothing."},
    "cas": {},
    "dot": {**RIGHT, "shout": "def shout(text):\n    print(text)\n    return text.title()"},
    "eli": {**RIGHT, "shout": "def shout(text):\n    raise ValueError(f'I got {text}')"},
    "fay": {
        **RIGHT,
        "shout": "def shout(text):\n    if len(text) > 5:\n        raise type(text, (Exception,), {})()"
        "\n    return text.upper()",
    },
    "gus": {**RIGHT, "shout": "def shout(text):\n    return {text: text}"},
    # What the hidden check brought is kept, and comes out where it may: printed, returned, raised.
    "hal": {"shout": _KEEP, "count": "print(kept)\n\n\ndef count(text):\n    return kept"},
    "ivy": {
        "shout": _KEEP,
        "count": "def count(text):\n    raise RuntimeError(f'{kept[-3:]} {kept}')",
    },
    # Drawn later, where no text can be found in it.
    "ned": {
        "shout": _KEEP,
        "count": "import base64\nfrom IPython.display import display\nfrom PIL import Image\n\n"
        "def count(text):\n    return len(text)\n\n\n"
        "line = kept[-3].encode()\nImage.frombytes('L', (len(line), 1), line)",
    },
    "jon": {
        **RIGHT,
        "shout": "def shout(text):\n    draw(text_plain=text, text_html=text)\n    return text",
        "own": _SHOW + f"draw(image_png='{picture()}')\ndraw(image_jpeg='{picture('JPEG')}')\n"
        f"draw(image_png='{base64.b64encode(b'<svg onload=x>').decode()}', text_plain='a fake')\n"
        "draw(**{'image_svg+xml': '<svg><script>alert(2)</script></svg>'})\n"
        "draw(text_html='<script>alert(3)</script>', text_plain='<i>plain</i>')\n"
        "draw(application_javascript='alert(4)')",
    },
    "kim": {
        **RIGHT,
        "shout": "def shout(text):\n    return '</pre><script>alert(5)</script>' + text  # </code>",
        "reflection": "<img src=x onerror=alert(6)> \u202eend",
        "own": "import sys\nprint(sys.prefix, sys.__file__ if hasattr(sys, '__file__') else '')\n"
        "import numpy\nprint(numpy.__file__)\nprint('\\x1b[31mred\\x1b[0m')",
    },
    "leo": {"shout": "def shout(text:\n    return text", "count": RIGHT["count"]},
    "mia": {"broken": "yes"},
}


def make_course(root: Path) -> NbgraderCourse:
    """Write the course, release it, hand everything in; nothing is graded."""
    root.mkdir(parents=True, exist_ok=True)
    shutil.copy(REPOSITORY / "nbgrader_config.py", root)
    course = Course(root)
    write(course.solutions / ASSIGNMENT / f"{NOTEBOOK}.ipynb", _source())
    release(course)
    released = course.release / ASSIGNMENT / f"{NOTEBOOK}.ipynb"
    for name, answers in STUDENTS.items():
        path = root / "classroom" / "submitted" / name / ASSIGNMENT / released.name
        path.parent.mkdir(parents=True)
        write(path, _filled(nbformat.read(released, as_version=4), answers))
        if "broken" in answers:
            path.write_text(path.read_text()[:200])
        day = 8 if name == LATE else 5
        (path.parent / "timestamp.txt").write_text(f"2030-01-0{day} 09:00:00 UTC\n")
        (path.parent / "submission_secret.txt").write_text(f"secret of {name}")
    (root / "classroom" / "class.toml").write_text(
        f'timezone = "UTC"\n[due]\n"{ASSIGNMENT}" = 2030-01-06T10:00:00\n'
        "[late]\nshare_per_day = 0.1\n"
    )
    return open_course(root, root / "classroom")


def make_class(root: Path) -> NbgraderCourse:
    """The course, its class graded."""
    course = make_course(root)
    grade_class(course, ASSIGNMENT, Options(workers=2, seconds=20))
    return course


def _source() -> Any:
    cells = []
    for number, (source, marks) in enumerate(_CELLS):
        is_text = marks is None or marks["grade_id"] == "reflection"
        cell = (new_markdown_cell if is_text else new_code_cell)(source, id=f"cell-{number}")
        if not is_text:
            cell.execution_count = sum(c.cell_type == "code" for c in cells) + 1
        if marks:
            plain = {"grade": "points" in marks, "locked": "solution" not in marks, "task": False}
            marks = {**plain, "solution": False, "schema_version": 3, **marks}
            cell.metadata["nbgrader"] = marks
        cells.append(cell)
    kernel = {"display_name": "Python 3", "language": "python", "name": "python3"}
    return new_notebook(cells=cells, metadata={"kernelspec": kernel})


def _filled(notebook: Any, answers: Mapping[str, str]) -> Any:
    for cell in notebook.cells:
        cell.source = answers.get(cell.metadata.get("nbgrader", {}).get("grade_id"), cell.source)
    if "own" in answers:
        notebook.cells.insert(3, new_code_cell(answers["own"], id="own"))
    return notebook
