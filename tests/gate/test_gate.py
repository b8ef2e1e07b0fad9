"""The gate: what it lets through, what it keeps and says, and what it does not run again."""

import json
from collections.abc import Callable
from pathlib import Path

import nbformat
import pytest
from throwaway_course import make_full_course

from autograder.assignment.blueprint import Blueprint, read_blueprint
from autograder.assignment.course import Course
from autograder.assignment.nbgrader_course import open_course
from autograder.gate.gate import Examined, examine
from autograder.gate.proved import FILE, note_proved, unproved

pytestmark = pytest.mark.slow
CHAPTER = "01_sums"


@pytest.fixture
def course(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Course:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    return make_full_course(tmp_path / "course")


def examined(course: Course, chapter: str = CHAPTER, **ways: bool) -> Examined:
    def blueprint() -> Blueprint:
        return read_blueprint(open_course(course.root), chapter)

    return examine(course, chapter, blueprint, **ways)


def known(course: Course, answer: str = "add") -> Path:
    return course.root / "tests" / "misconceptions" / CHAPTER / f"{answer}.py"


def edit(path: Path, old: str, new: str) -> None:
    text = path.read_text(encoding="utf-8")
    assert text.count(old) == 1
    path.write_text(text.replace(old, new), encoding="utf-8")


def edit_cell(course: Course, grade_id: str, change: Callable[[str], str]) -> None:
    path = course.solutions / CHAPTER / "sums.ipynb"
    notebook = nbformat.read(path, as_version=4)
    (cell,) = [
        c for c in notebook.cells if c.metadata.get("nbgrader", {}).get("grade_id") == grade_id
    ]
    cell.source = change(cell.source)
    nbformat.write(notebook, path)


def test_what_did_not_change_is_not_judged_again(course: Course) -> None:
    found = examined(course)
    assert (found.findings, found.to_dos, found.judged, found.known) == ((), (), 12, 12)
    assert (examined(course).judged, examined(course).known) == (0, 12)
    assert examined(course, again=True).judged == 12
    edit(known(course), "return sum((a, b))", "return sum([a, b])")
    assert examined(course).judged == 1
    edit_cell(course, "half-odd", lambda text: text + "  # 1.5")  # of one exercise of two
    assert examined(course).judged == 6
    edit_cell(course, "setup", lambda text: text.replace("100", "101"))
    assert (
        examined(course).judged == 5
    )  # all of add but the one of the check that reads nothing of it


def test_one_broken_known_answer_spoils_that_answer_alone(course: Course) -> None:
    edit(known(course), "# says: got -1", "# says: got -2")
    edit(known(course), "return b + a", "return b - a")
    edit(known(course), "def add(a, b):\n    return 0", "def add(a, b):\n    return a + b")
    found = examined(course).findings
    assert [one.index for one in found] == [3, 3, 3]  # the cell of the answer
    wrong, right, vacuous = map(str, found)
    assert wrong.startswith(
        "add, known answer subtracts: add-small does not say “got -2”, it says:"
    )
    assert right.startswith("add, known answer swapped: right, and add-small says: add: 2 + 3")
    assert vacuous == (
        "add, known answer zero: vacuous, and add-small, add-partial, add-secret gives it points"
    )
    edit(known(course), "# says: got -2", "# says: got -1")
    assert len(examined(course).findings) == 2


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        (
            "# -     the_reference_total = a + b\n# +     the_reference_total = a - b",
            "def add(a, b):\n    return c",
            "add-small does not judge it, it ends in error: NameError",
        ),
        (
            "# +     the_reference_total = min(a + b, 100)",
            "# +     the_reference_total = a + b",
            "wrong, and add-partial gives it points",
        ),
        ("# %% right swapped", "#%% right swapped", "`#%% right swapped` does not begin with"),
        ("# check: add-secret", "# check: add-secre", "names add-secre, which is no check"),
        ("# %% wrong saturates", "# %% wrong subtracts", "2 known answers are called subtracts"),
    ],
)
def test_known_answer_that_proves_nothing_is_told(
    course: Course, old: str, new: str, says: str
) -> None:
    edit(known(course), old, new)
    assert says in " ".join(map(str, examined(course).findings))


@pytest.mark.parametrize(
    ("body", "ends"),
    [
        ("def half():\n    pass", "error: TypeError: half() takes 0 positional arguments"),
        ("def half(a):\n    return undefined_name", "error: NameError"),
        ("def half(a):\n    raise NotImplementedError", "error: NotImplementedError"),
    ],
)
def test_vacuous_answer_that_does_not_run_proves_nothing(
    course: Course, body: str, ends: str
) -> None:
    edit(known(course, "half"), "def half(a):\n    pass", body)
    (finding,) = examined(course).findings
    assert f"vacuous, but no check judges it: half-odd ends in {ends}" in str(finding)


def test_exception_that_is_meant_is_declared(course: Course) -> None:
    lines = "# -     the_reference_total = a + b\n# +     the_reference_total = a - b"
    edit(known(course), lines, "def add(a, b):\n    return c")
    edit(known(course), "# says: got -1", "# says: not defined\n# raises: NameError")
    assert examined(course).findings == ()
    edit(known(course), "# raises: NameError", "# raises: TypeError")
    (finding,) = examined(course).findings
    assert "does not raise TypeError in add-small; it says: NameError" in str(finding)


def test_what_cannot_be_released_is_not_run(course: Course) -> None:
    def never() -> Blueprint:
        raise AssertionError

    edit_cell(course, "add", lambda text: text.replace("### BEGIN SOLUTION", ""))
    found = examine(course, CHAPTER, never)
    assert found.findings
    assert found.known == 0


def test_chapter_is_proved_until_its_source_or_its_known_answers_change(course: Course) -> None:
    both = (CHAPTER, "02_squares")
    assert unproved(course, both) == both
    for chapter in both:
        note_proved(course, chapter)
    assert unproved(course, both) == ()
    edit_cell(course, "half-odd", lambda text: text + "  # 1.5")
    assert unproved(course, both) == (CHAPTER,)
    note_proved(course, CHAPTER)
    edit(known(course), "return sum((a, b))", "return sum([a, b])")
    assert unproved(course, both) == (CHAPTER,)
    note_proved(course, CHAPTER)
    path = course.solutions / CHAPTER / "sums.ipynb"
    notebook = nbformat.read(path, as_version=4)
    notebook.cells[-4].outputs = []
    notebook.cells[-4].execution_count = 77
    nbformat.write(notebook, path)
    assert unproved(course, both) == ()
    (course.solutions / FILE).write_text("[]")
    assert unproved(course, both) == both


WRITTEN: dict[str, tuple[str, str]] = {
    "glossary": ("solutions/glossary.csv", f"english,chinese,chapter,meaning\nsum,和,{CHAPTER},a + b\n"),
    "lock": ("requirements.lock", "numpy==2.0.0\n"),
    "settings": ("nbgrader_config.py", "c = get_config()\n"),
    "data": (f"solutions/{CHAPTER}/data/more.csv", "1,2\n"),
    "known": (f"tests/misconceptions/{CHAPTER}/half.py", ""),
    "checkpoint": (f"solutions/{CHAPTER}/.ipynb_checkpoints/sums-checkpoint.ipynb", ""),
    "backup": (f"solutions/{CHAPTER}/notes.txt.swp", "1"),
    "hidden_folder": (f"solutions/{CHAPTER}/.git/config", "1"),
    "other_chapters_terms": (
        "solutions/glossary.csv", "english,chinese,chapter,meaning\nsquare,方,02_squares,a * a\n",
    ),
}  # fmt: skip


@pytest.mark.parametrize(("name", "decides"), [
    ("glossary", True), ("lock", True), ("settings", True), ("data", True), ("known", True),
    ("checkpoint", False), ("backup", False), ("hidden_folder", False),
])  # fmt: skip
def test_chapter_is_unproved_once_what_its_proof_follows_from_changes(
    course: Course, name: str, decides: bool
) -> None:
    if name == "glossary":
        write(course, "other_chapters_terms")
    note_proved(course, CHAPTER)
    write(course, name)
    assert unproved(course, [CHAPTER]) == ((CHAPTER,) if decides else ())


def write(course: Course, name: str) -> None:
    path, text = WRITTEN[name]
    (course.root / path).parent.mkdir(parents=True, exist_ok=True)
    (course.root / path).write_text(text, encoding="utf-8")


def test_other_chapters_terms_and_another_engine(
    course: Course, monkeypatch: pytest.MonkeyPatch
) -> None:
    write(course, "glossary")
    note_proved(course, CHAPTER)
    path = course.solutions / "glossary.csv"
    path.write_text(path.read_text() + "square,方,02_squares,a * a\n")
    assert unproved(course, [CHAPTER]) == ()
    monkeypatch.setattr("autograder.gate.proved.ENGINE_VERSION", "another")
    assert unproved(course, [CHAPTER]) == (CHAPTER,)


@pytest.mark.parametrize("name", [f"{CHAPTER}/sums.ipynb", "glossary.csv"])
def test_damaged_file_is_unproved_and_no_error(course: Course, name: str) -> None:
    note_proved(course, CHAPTER)
    (course.solutions / name).write_text("{", encoding="utf-8")
    assert unproved(course, [CHAPTER]) == (CHAPTER,)


def test_record_is_plain_json_in_order(course: Course) -> None:
    for chapter in ("02_squares", CHAPTER):
        note_proved(course, chapter)
    assert list(json.loads((course.solutions / FILE).read_text())) == [CHAPTER, "02_squares"]
