"""Any nbgrader course read: its directories, and what its assignments say."""

import copy
import json
import os
import pickle
import shutil
from pathlib import Path
from typing import Any

import nbformat
import nbgrader
import pytest
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output
from throwaway_course import make_full_course

from autograder.assignment.blueprint import Blueprint, NotebookBlueprint, max_points, read_blueprint
from autograder.assignment.course import CLASSROOM_VARIABLE
from autograder.assignment.errors import UserError
from autograder.assignment.nbgrader_course import NbgraderCourse, open_course
from autograder.assignment.notebook import Kind, grade_id_of

NBGRADER = Path(nbgrader.__file__).parent
EXAMPLE = NBGRADER / "docs" / "source" / "user_guide"
FILES = NBGRADER / "tests" / "apps" / "files"
PREPROCESSOR_FILES = NBGRADER / "tests" / "preprocessors" / "files"


def course_of(root: Path, source: Path | Any, config: str = "", name: str = "nb") -> NbgraderCourse:
    """A course with one assignment, ps, made of one notebook."""
    folder = root / "source" / "ps"
    folder.mkdir(parents=True, exist_ok=True)
    if isinstance(source, Path):
        shutil.copy(source, folder / f"{name}.ipynb")
    else:
        nbformat.write(source, folder / f"{name}.ipynb")
    if config:
        (root / "nbgrader_config.py").write_text(f"c = get_config()\n{config}\n")
    return open_course(root)


def notebook_of(root: Path, source: Path | Any, config: str = "") -> NotebookBlueprint:
    (notebook,) = read_blueprint(course_of(root, source, config), "ps").notebooks
    return notebook


def cell(source: str, grade_id: str = "", text: bool = False, **marks: Any) -> Any:
    made = (new_markdown_cell if text else new_code_cell)(source)
    if grade_id:
        plain = {"grade": False, "locked": False, "solution": False, "task": False}
        made.metadata["nbgrader"] = {
            **plain, "grade_id": grade_id, "schema_version": 3, **marks
        }  # fmt: skip
    return made


def notebook(*cells: Any, **kernel: str) -> Any:
    spec = {"display_name": "Python 3", "language": "python", "name": "python3", **kernel}
    return new_notebook(cells=list(cells), metadata={"kernelspec": spec})


def answer(solution: str, grade_id: str = "answer", head: str = "") -> Any:
    return cell(f"{head}### BEGIN SOLUTION\n{solution}\n### END SOLUTION", grade_id, solution=True)


def sources(blueprint: NotebookBlueprint) -> list[str]:
    return [cell.source for cell in blueprint.notebook.cells]


def files_below(root: Path) -> dict[str, tuple[int, bytes]]:
    return {
        str(path.relative_to(root)): (path.stat().st_mtime_ns, path.read_bytes())
        for path in root.rglob("*")
        if path.is_file()
    }


# ------------------------------------------------------------------------------ courses


def test_course_without_configuration_has_nbgraders_own_directories() -> None:
    course = open_course(EXAMPLE)
    assert course.source == EXAMPLE / "source"
    assert course.submission_folder("ada", "ps1") == EXAMPLE / "submitted" / "ada" / "ps1"
    assert course.assignments() == ("ps1", "ps1_autotest")
    assert course.students("ps1") == ("bitdiddle", "hacker")
    assert course.students("ps2") == ()
    assert course.db_url == f"sqlite:///{EXAMPLE / 'gradebook.db'}"
    assert (course.skip_tag, course.timeout) == ("skip-execution", 30)


def test_configured_directories_structure_and_settings_are_honored(tmp_path: Path) -> None:
    (tmp_path / "nbgrader_config.py").write_text(
        "c = get_config()\n"
        "c.CourseDirectory.source_directory = 'masters/{}'.format('all')\n"
        "c.CourseDirectory.submitted_directory = 'inbox'\n"
        "c.CourseDirectory.directory_structure = '{nbgrader_step}/{assignment_id}/{student_id}'\n"
        "c.CourseDirectory.db_url = 'sqlite:///marks.db'\n"
        "c.CourseDirectory.student_id_exclude = 'eve,mallory'\n"
        "c.ExecutePreprocessor.timeout = 7\n"
        "c.Execute.skip_cells_with_tag = 'slow'\n"
    )
    made = tmp_path / "masters" / "all" / "ps"
    made.mkdir(parents=True)
    nbformat.write(notebook(cell("1")), made / "nb.ipynb")
    for student in ("ada", "eve", ".hidden"):
        (tmp_path / "inbox" / "ps" / student).mkdir(parents=True)
    (tmp_path / "inbox" / "ps" / "a file").touch()
    course = open_course(tmp_path)
    assert course.assignments() == ("ps",)
    assert course.students("ps") == ("ada",)
    assert course.source_folder("ps") == made
    assert course.submission_folder("ada", "ps") == tmp_path / "inbox" / "ps" / "ada"
    assert course.autograded_folder("ada", "ps") == tmp_path / "autograded" / "ps" / "ada"
    assert course.db_url == f"sqlite:///{tmp_path / 'marks.db'}"
    assert (course.skip_tag, course.timeout) == ("slow", 7)


def test_json_configuration_is_read(tmp_path: Path) -> None:
    (tmp_path / "masters").mkdir()
    settings = {"CourseDirectory": {"source_directory": "masters"}, "Execute": {"timeout": None}}
    (tmp_path / "nbgrader_config.json").write_text(json.dumps(settings))
    course = open_course(tmp_path)
    assert course.source == tmp_path / "masters"
    assert course.timeout == 0


def test_class_directory_of_its_own_is_where_a_class_lies(tmp_path: Path) -> None:
    course = open_course(EXAMPLE, classroom=tmp_path / "autumn")
    assert course.release == EXAMPLE / "release"
    assert course.submission_folder("ada", "ps1") == tmp_path / "autumn" / "submitted/ada/ps1"
    assert course.feedback == tmp_path / "autumn" / "feedback"
    assert course.db_url == f"sqlite:///{tmp_path / 'autumn' / 'gradebook.db'}"
    assert course.config.CourseDirectory.db_url == course.db_url


@pytest.mark.parametrize("place", ["default", "variable", "argument"])
def test_our_own_course_keeps_a_class_where_it_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, place: str
) -> None:
    root = make_full_course(tmp_path / "course").root
    monkeypatch.delenv(CLASSROOM_VARIABLE, raising=False)
    expected = {"default": root / "classroom", "variable": root / "terms" / "autumn"}
    if place == "variable":
        monkeypatch.setenv(CLASSROOM_VARIABLE, "terms/autumn")
    given = tmp_path / "elsewhere" if place == "argument" else None
    classroom = given or expected[place]
    course = open_course(root, given)
    assert course.submitted == classroom / "submitted"
    assert course.db_url == f"sqlite:///{classroom / 'gradebook.db'}"
    assert course.source == root / "solutions"
    assert (course.skip_tag, course.timeout) == ("explore", 180)
    if place != "argument":
        assert course.config.Exchange.root == str(classroom / "exchange")
    assert not classroom.exists()


def test_to_look_at_a_course_writes_nothing_and_leaves_the_process_as_it_was(
    tmp_path: Path,
) -> None:
    root = make_full_course(tmp_path / "course").root
    (root / "settings.py").write_text("LIMIT = 5\n")
    config = root / "nbgrader_config.py"
    config.write_text(
        config.read_text()
        + "\nimport os, sys\nos.environ['LEAKED'] = '1'\nsys.path.insert(0, str(ROOT))\n"
        "from settings import LIMIT\nc.Execute.timeout = LIMIT\nos.chdir('/')\nsys.path.pop(0)\n"
    )
    before = files_below(root), dict(os.environ), Path.cwd()
    course = open_course(root)
    blueprint = read_blueprint(course, "01_sums")
    assert course.timeout == blueprint.timeout == 5
    assert (files_below(root), dict(os.environ), Path.cwd()) == before
    assert not (root / "classroom").exists()
    assert not (root / "gradebook.db").exists()


@pytest.mark.parametrize(
    ("config", "word"),
    [
        ("", "no nbgrader course"),
        ("raise ValueError('not this way')", "not this way"),
        ("raise SystemExit(3)", "SystemExit"),
        ("c.CourseDirectory.source_directory = 5", "not valid"),
        ("c.CourseDirectory.directory_structure = '{student_id}/{nbgrader_step}'", "come first"),
    ],
)
def test_what_is_no_course_is_said_in_one_sentence(tmp_path: Path, config: str, word: str) -> None:
    (tmp_path / "nbgrader_config.py").write_text(f"c = get_config()\n{config}\n")
    with pytest.raises(UserError, match=word) as caught:
        open_course(tmp_path)
    assert "\n" not in str(caught.value)


def test_missing_folder_is_said(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="no such folder"):
        open_course(tmp_path / "nowhere")


# ------------------------------------------------------------------------------ blueprints


def ours(tmp_path: Path, assignment: str = "01_sums") -> Blueprint:
    return read_blueprint(open_course(make_full_course(tmp_path / "course").root), assignment)


def test_solutions_are_out_and_hidden_tests_are_in(tmp_path: Path) -> None:
    (sums,) = ours(tmp_path).notebooks
    text = "\n".join(sources(sums))
    assert "the_reference_total" not in text
    assert 'raise NotImplementedError("exercise add")' in text
    assert "### BEGIN HIDDEN TESTS\nassert add(-1, -2) == -3" in text
    assert "the_secret_check" not in "\n".join(sums.released)
    assert all(cell.get("outputs", []) == [] for cell in sums.notebook.cells)


def test_graded_cells_have_their_points_in_order(tmp_path: Path) -> None:
    blueprint = ours(tmp_path)
    (sums,) = blueprint.notebooks
    assert [(cell.grade_id, cell.kind, cell.points) for cell in sums.graded] == [
        ("add-small", Kind.CHECK, 2.0),
        ("add-partial", Kind.CHECK, 2.0),
        ("add-secret", Kind.CHECK, 1.0),
        ("half-odd", Kind.CHECK, 2.0),
        ("reflection", Kind.WRITTEN, 2.0),
    ]
    for graded in sums.graded:
        assert grade_id_of(sums.notebook.cells[graded.index]) == graded.grade_id
    assert max_points(blueprint) == 9.0
    assert sums.skip_tag == blueprint.skip_tag == "explore"


def test_data_files_are_those_that_students_get(tmp_path: Path) -> None:
    root = make_full_course(tmp_path / "course").root
    given = read_blueprint(open_course(root), "01_sums")
    assert (given.files, given.data_files) == (root / "solutions/01_sums", ("data/numbers.csv",))
    (root / "course" / "01_sums").mkdir(parents=True)
    (root / "course" / "01_sums" / "released.csv").write_text("1\n")
    (root / "course" / "01_sums" / "sums.ipynb").write_text("{}")
    released = read_blueprint(open_course(root), "01_sums")
    assert (released.files, released.data_files) == (root / "course/01_sums", ("released.csv",))
    assert read_blueprint(open_course(root), "02_squares").files is None


def test_key_changes_with_what_decides_marks_and_with_nothing_else(tmp_path: Path) -> None:
    root = make_full_course(tmp_path / "course").root
    path = root / "solutions" / "01_sums" / "sums.ipynb"

    def key() -> str:
        return read_blueprint(open_course(root), "01_sums").key

    def edited(find: str, put: str) -> str:
        before = path.read_text()
        assert find in before
        path.write_text(before.replace(find, put))
        found = key()
        path.write_text(before)
        return found

    first = key()
    assert key() == first
    assert edited("printed in solutions\\n", "printed later\\n") == first
    changes = [
        edited('"points": 1', '"points": 3'),
        edited("the_secret_check", "the_other_check"),
        edited("LIMIT = 100", "LIMIT = 101"),
    ]
    (root / "solutions" / "01_sums" / "data" / "numbers.csv").write_text("5\n")
    assert len({first, key(), *changes}) == 5


def test_blueprint_travels_to_workers(tmp_path: Path) -> None:
    blueprint = ours(tmp_path)
    assert pickle.loads(pickle.dumps(blueprint)) == blueprint


def test_names_are_those_that_answers_and_unlocked_cells_bind(tmp_path: Path) -> None:
    source = notebook(
        cell("import json\nLOCKED = 1", "setup", locked=True),
        answer(
            "import numpy as np\nclass Net:\n    inside = 1\ndef f(x):\n    global g\n    g = x\n"
            "a, *b = 1, 2\nfor i in range(3): pass\nwith open('x') as h: pass\n"
            "[w := n for n in 'x']\nc: int = 3\ntry:\n    class Other: pass\nexcept E as e: pass"
        ),
        cell("def stub_only():\n    ### BEGIN SOLUTION\n    pass\n    ### END SOLUTION",
             "manual", grade=True, solution=True, points=1),
        cell("%matplotlib inline\nfiles = !ls\nrate = 0.1\nfrom math import pi"),
        cell("%%time\nslow = 1"),
        cell("%%bash\nshell=1"),
        cell("this is no Python ="),
        cell("assert f(1)", "check", grade=True, locked=True, points=1),
    )  # fmt: skip
    source.cells.append(new_code_cell("pictured = 1", metadata={"tags": ["skip-execution"]}))
    found = notebook_of(tmp_path, source)
    assert found.student_names == {
        "Net", "f", "g", "a", "b", "i", "h", "w", "c", "e", "Other", "stub_only", "files", "rate",
        "slow",
    }  # fmt: skip
    assert found.student_classes == {"Net", "Other"}
    assert found.answer_imports == "import numpy as np\nfrom math import pi"


def test_names_of_the_stub_count_too(tmp_path: Path) -> None:
    source = notebook(answer("result = 1", head="given = 0\n"))
    found = notebook_of(tmp_path, source)
    assert found.student_names == {"given", "result"}
    assert found.declares == {"answer": {"given"}}
    other = notebook_of(tmp_path / "other", notebook(answer("result = 1")))
    assert other.declares == {"answer": {"result"}}


def test_modules_are_the_installed_ones_that_any_cell_imports(tmp_path: Path) -> None:
    source = notebook(
        cell("import os.path, json\nimport not_installed_here.part\nfrom . import sibling"),
        answer("def f():\n    from sklearn.datasets import load_digits\n    import torch"),
        cell("### BEGIN HIDDEN TESTS\nimport torch.nn.functional as F\n### END HIDDEN TESTS",
             "check", grade=True, locked=True, points=1),
        cell("%matplotlib inline\nfrom torch import nn"),
    )  # fmt: skip
    found = read_blueprint(course_of(tmp_path, source), "ps")
    assert found.modules == ("matplotlib", "numpy", "sklearn", "torch")
    assert found.submodules == ("matplotlib.pyplot", "sklearn.datasets", "torch.nn.functional")


def test_configured_steps_stubs_and_header_are_honored(tmp_path: Path) -> None:
    (tmp_path / "source").mkdir()
    header = new_notebook(cells=[new_markdown_cell("# Your name")])
    nbformat.write(header, tmp_path / "source" / "header.ipynb")
    config = (
        "from nbgrader.preprocessors import *\n"
        "c.IncludeHeaderFooter.header = 'source/header.ipynb'\n"
        "c.ClearSolutions.code_stub = {'python': 'pass  # here'}\n"
        "c.ClearHiddenTests.begin_test_delimeter = 'VERSTECKT'\n"
        "c.ClearHiddenTests.end_test_delimeter = 'SICHTBAR'\n"
        "c.GenerateAssignment.preprocessors = ['nbgrader.preprocessors.IncludeHeaderFooter',\n"
        "    ClearSolutions, ClearOutput, SaveCells, ClearHiddenTests, CheckCellMetadata]\n"
    )
    check = cell("1\n# VERSTECKT\n2\n# SICHTBAR", "check", grade=True, locked=True, points=1)
    found = notebook_of(tmp_path, notebook(answer("x = 1"), check), config)
    assert sources(found) == ["# Your name", "pass  # here", check.source]
    assert found.released == ("# Your name", "pass  # here", "1")


def test_autotests_are_made_by_nbgrader() -> None:
    blueprint = read_blueprint(open_course(EXAMPLE), "ps1_autotest")
    text = "\n".join(source for notebook in blueprint.notebooks for source in sources(notebook))
    assert "AUTOTEST" not in text
    assert "assert" in text


def test_task_is_for_a_person_to_mark(tmp_path: Path) -> None:
    found = notebook_of(tmp_path, PREPROCESSOR_FILES / "test_taskcell.ipynb")
    kinds = {graded.grade_id: (graded.kind, graded.points) for graded in found.graded}
    assert kinds["task1"] == (Kind.WRITTEN, 2.0)
    assert kinds["correct_squares"] == (Kind.CHECK, 1.0)
    assert kinds["sum_of_squares_application"] == (Kind.WRITTEN, 2.0)
    assert "pyramidal_number" in found.student_names


@pytest.mark.parametrize("version", ["v0", "v1", "v2"])
def test_old_metadata_is_brought_up_to_date(tmp_path: Path, version: str) -> None:
    old = notebook_of(tmp_path / "old", FILES / f"test-{version}.ipynb")
    new = notebook_of(tmp_path / "new", FILES / "test.ipynb")
    assert old.graded == new.graded
    assert old.student_names == new.student_names == {"squares", "sum_of_squares",
                                                      "pyramidal_number"}  # fmt: skip
    nbformat.validate(old.notebook)


@pytest.mark.parametrize(
    "path",
    [
        FILES / "test-v0-invalid.ipynb",
        FILES / "too-new.ipynb",
        PREPROCESSOR_FILES / "duplicate-grade-ids.ipynb",
        PREPROCESSOR_FILES / "blank-grade-id.ipynb",
        PREPROCESSOR_FILES / "blank-points.ipynb",
        PREPROCESSOR_FILES / "bad-markdown-cell-1.ipynb",
        FILES / "data.txt",
    ],
    ids=lambda path: path.stem,
)
@pytest.mark.parametrize("step", ["source", "release"])
def test_notebook_that_nbgrader_refuses_is_refused(tmp_path: Path, path: Path, step: str) -> None:
    course = course_of(tmp_path, path)
    if step == "release":
        (tmp_path / "source").rename(tmp_path / "release")
    with pytest.raises(UserError) as caught:
        read_blueprint(course, "ps")
    assert "\n" not in str(caught.value)
    assert "nb.ipynb" in str(caught.value)


def test_release_alone_will_do_and_says_what_is_unknown(tmp_path: Path) -> None:
    made = notebook(
        cell("def f():\n    raise NotImplementedError()", "f", solution=True),
        cell("assert f()", "check", grade=True, locked=True, points=1),
    )
    made.cells[0].outputs = [new_output("stream", text="left over")]
    course = course_of(tmp_path, made)
    (tmp_path / "source").rename(tmp_path / "release")
    blueprint = read_blueprint(course, "ps")
    (found,) = blueprint.notebooks
    assert blueprint.notes == ("ps: there is no source, so hidden tests are not known",)
    assert sources(found) == [cell.source for cell in made.cells]
    assert found.notebook.cells[0].outputs == []
    assert found.student_names == {"f"}


def test_with_a_source_nothing_is_unknown(tmp_path: Path) -> None:
    assert ours(tmp_path).notes == ()


@pytest.mark.parametrize(
    "spec",
    [
        {"display_name": "R", "language": "R", "name": "ir"},
        {"display_name": "Julia 1.9", "language": "", "name": "julia-1.9"},
    ],
)
def test_kernel_that_is_not_pythons_is_named(tmp_path: Path, spec: dict[str, str]) -> None:
    with pytest.raises(UserError, match=f"its kernel is {spec['display_name']}"):
        notebook_of(tmp_path, notebook(cell("1"), **spec))


def test_kernel_of_a_conda_environment_is_python(tmp_path: Path) -> None:
    found = notebook_of(tmp_path, notebook(cell("x = 1"), name="conda-env-deep-py"))
    assert found.student_names == {"x"}


def test_missing_assignment_is_named_with_what_there_is() -> None:
    with pytest.raises(UserError, match=r"unknown assignment .ps9.*ps1, ps1_autotest"):
        read_blueprint(open_course(EXAMPLE), "ps9")


def test_cell_ids_are_the_same_each_time(tmp_path: Path) -> None:
    first = notebook_of(tmp_path, FILES / "test.ipynb").notebook
    second = notebook_of(tmp_path, FILES / "test.ipynb").notebook
    assert first == second
    assert len({cell.id for cell in first.cells}) == len(first.cells)


def test_reading_changes_no_settings_of_the_course(tmp_path: Path) -> None:
    course = course_of(tmp_path, notebook(cell("1")), "c.ClearSolutions.text_stub = 'here'")
    before = copy.deepcopy(course.config)
    read_blueprint(course, "ps")
    assert course.config == before
