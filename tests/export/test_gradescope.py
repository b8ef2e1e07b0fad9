"""Gradescope: results in its format, and the zip file, unpacked and run as Gradescope runs it."""

import json
import os
import shutil
import subprocess
import sys
import tempfile
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import jsonschema
import nbformat
import pytest
from throwaway_course import environment, make_full_course

from autograder.assignment.blueprint import Blueprint, read_blueprint
from autograder.assignment.course import Course
from autograder.assignment.nbgrader_course import open_course
from autograder.assignment.outcome import CheckResult, NotebookResult, Outcome, Result
from autograder.authoring.release import release
from autograder.export.gradescope import (
    as_json,
    failed,
    from_json,
    requirements,
    results,
    write_zip,
)

VISIBILITY = {"enum": ["hidden", "after_due_date", "after_published", "visible"]}
FORMAT = {"enum": ["text", "html", "simple_format", "md", "ansi"]}
SCHEMA = {
    "type": "object",
    "additionalProperties": False,
    "anyOf": [
        {"required": ["score"]},
        {
            "required": ["tests"],
            "properties": {"tests": {"minItems": 1, "items": {"required": ["score"]}}},
        },
    ],
    "properties": {
        "score": {"type": "number"},
        "execution_time": {"type": "number"},
        "output": {"type": "string"},
        "output_format": FORMAT,
        "visibility": VISIBILITY,
        "stdout_visibility": VISIBILITY,
        "extra_data": {"type": "object"},
        "tests": {
            "type": "array",
            "items": {
                "type": "object",
                "additionalProperties": False,
                "properties": {
                    "score": {"type": "number"},
                    "max_score": {"type": "number"},
                    "status": {"enum": ["passed", "failed"]},
                    "name": {"type": "string"},
                    "name_format": FORMAT,
                    "number": {"type": "string"},
                    "output": {"type": "string"},
                    "output_format": FORMAT,
                    "tags": {"type": "array", "items": {"type": "string"}},
                    "visibility": VISIBILITY,
                    "extra_data": {"type": "object"},
                },
            },
        },
    },
}
"""https://gradescope-autograders.readthedocs.io/en/latest/specs/"""

SECRET = "the_secret_check"
RIGHT = {"add": "def add(a, b):\n    return a + b", "half": "def half(a):\n    return a / 2"}


@pytest.fixture(scope="module")
def course(tmp_path_factory: pytest.TempPathFactory) -> Course:
    made = make_full_course(tmp_path_factory.mktemp("gradescope") / "course")
    release(made)
    return made


@pytest.fixture(scope="module")
def blueprint(course: Course) -> Blueprint:
    return read_blueprint(open_course(course.root), "01_sums")


def result(blueprint: Blueprint, *checks: CheckResult, **more: Any) -> Result:
    (notebook,) = blueprint.notebooks
    graded = NotebookResult("sums", checks, notebook.notebook, ("add: was moved",))
    return Result("01_sums", "ada", (graded,), **more)


def test_result_is_in_gradescopes_format(blueprint: Blueprint) -> None:
    said = results(
        result(
            blueprint,
            CheckResult("add-small", Outcome.PASSED, 2, 2),
            CheckResult("add-partial", Outcome.PARTIAL, 1, 2, "1 of 2 \ud800"),
            CheckResult("add-secret", Outcome.FAILED, 0, 1, f"add: {SECRET}, expected 3"),
            CheckResult("half-odd", Outcome.DISPUTED, 0, 2, "two ways"),
            seconds=1.23456,
        ),
        blueprint,
    )
    jsonschema.validate(said, SCHEMA)
    json.dumps(said).encode()
    tests = {test["number"]: test for test in said["tests"]}
    assert list(tests) == ["1.1", "1.2", "1.3", "2.1"]
    assert tests["1.1"]["name"] == "Exercise 1 · Adding: small"
    assert [test["status"] for test in tests.values()] == ["passed", "failed", "failed", "failed"]
    assert [test["score"] for test in tests.values()] == [2, 1, 0, 0]
    assert [test["max_score"] for test in tests.values()] == [2, 2, 1, 2]
    assert tests["1.2"]["output"].startswith("1 of 2")
    assert tests["1.3"]["output"] == "A hidden check: its text is not shown."
    assert "your instructor has to decide" in tests["2.1"]["output"].lower()
    assert SECRET not in json.dumps(said)
    assert "add: was moved" in said["output"]
    assert "2 more points are given by your instructor" in said["output"]
    assert said["execution_time"] == 1.235
    assert said["stdout_visibility"] == "hidden"


def test_failure_and_a_result_without_checks_are_in_the_format_too(blueprint: Blueprint) -> None:
    jsonschema.validate(failed("no \ud800 reason"), SCHEMA)
    jsonschema.validate(results(result(blueprint), blueprint), SCHEMA)


def test_schema_can_fail() -> None:
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate({"tests": []}, SCHEMA)


def test_assignment_survives_the_way_through_json(blueprint: Blueprint) -> None:
    text = json.dumps(as_json(blueprint))
    assert blueprint.files is not None
    again = from_json(json.loads(text), blueprint.files)
    assert again == blueprint
    assert again.notebooks[0].notebook.cells[3].metadata.nbgrader.grade_id == "add"


def test_zip_holds_what_grading_needs_and_no_solution(blueprint: Blueprint, tmp_path: Path) -> None:
    write_zip(blueprint, tmp_path / "a.zip")
    write_zip(blueprint, tmp_path / "b.zip")
    assert (tmp_path / "a.zip").read_bytes() == (tmp_path / "b.zip").read_bytes()
    with zipfile.ZipFile(tmp_path / "a.zip") as archive:
        modes = {entry.filename: entry.external_attr >> 16 & 0o777 for entry in archive.infolist()}
        every = b"\n".join(
            archive.read(name) for name in modes if not name.startswith("autograder/")
        )
    assert modes["setup.sh"] == modes["run_autograder"] == 0o755
    assert modes["assignment.json"] == 0o600
    assert "data/data/numbers.csv" in modes
    assert "python{}.{}\n".format(*sys.version_info).encode() in every
    assert "autograder/engine/warm.py" in modes
    assert not [name for name in modes if "tests" in name or name.endswith(".pyc")]
    assert SECRET.encode() in every
    assert b"the_reference_total" not in every


def test_requirements_are_the_engines_and_the_assignments(blueprint: Blueprint) -> None:
    names = {line.split("==")[0] for line in requirements(blueprint)}
    assert {"ipython", "msgpack", "nbformat", "numpy"} <= names
    assert "torch" not in names


def test_scripts_are_valid_bash(blueprint: Blueprint, tmp_path: Path) -> None:
    write_zip(blueprint, tmp_path / "a.zip")
    for name in ("setup.sh", "run_autograder"):
        with zipfile.ZipFile(tmp_path / "a.zip") as archive:
            subprocess.run(["bash", "-n"], input=archive.read(name), check=True)


def nobody_may_run_this_python() -> bool:
    """Whether another user than root reaches the interpreter, as in Gradescope's container."""
    try:
        done = subprocess.run([sys.executable, "-c", "import numpy"], user=65534, cwd="/")
    except OSError:
        return False
    return done.returncode == 0


@pytest.fixture(scope="module")
def container(blueprint: Blueprint) -> Iterator[Path]:
    """The folder /autograder of a container, the zip file unpacked in it."""
    with tempfile.TemporaryDirectory() as folder:
        base = Path(folder)
        base.chmod(0o755)  # its users are root and nobody
        write_zip(blueprint, base / "a.zip")
        with zipfile.ZipFile(base / "a.zip") as archive:
            for entry in archive.infolist():
                Path(archive.extract(entry, base / "source")).chmod(entry.external_attr >> 16)
        yield base


@pytest.fixture
def submit(container: Path, tmp_path: Path) -> Any:
    """Hand in files and run the autograder; returns results.json, checked against the schema."""
    shutil.rmtree(container / "submission", ignore_errors=True)
    (container / "submission").mkdir()

    def run(files: dict[str, bytes], **settings: str) -> Any:
        for name, content in files.items():
            (container / "submission" / name).write_bytes(content)
        env = {
            **environment(tmp_path / "home"),
            "AUTOGRADER_BASE": str(container), "AUTOGRADER_PYTHON": sys.executable,
            **({} if os.geteuid() or nobody_may_run_this_python() else {"AUTOGRADER_USER": ""}),
            **settings,
        }  # fmt: skip
        script = container / "source" / "run_autograder"
        done = subprocess.run([script], cwd=container, env=env, capture_output=True, text=True)
        assert done.returncode == 0, done.stderr
        said = json.loads((container / "results" / "results.json").read_text())
        jsonschema.validate(said, SCHEMA)
        assert SECRET not in json.dumps(said)
        (container / "stdout").write_text(done.stdout)
        return said

    return run


def notebook(course: Course, answers: dict[str, str]) -> bytes:
    released = nbformat.read(course.release / "01_sums" / "sums.ipynb", as_version=4)
    for cell in released.cells:
        name = cell.metadata.get("nbgrader", {}).get("grade_id")
        cell.source = answers.get(name, cell.source)
    return nbformat.writes(released).encode()


def scores(said: Any) -> list[float]:
    return [test["score"] for test in said["tests"]]


def test_right_answers_earn_everything_under_any_file_name(course: Course, submit: Any) -> None:
    said = submit({"sums (1).ipynb": notebook(course, RIGHT)})
    assert scores(said) == [2, 2, 1, 2]
    assert "sums (1).ipynb is taken as sums.ipynb" in said["output"]


def test_wrong_answer_hears_why_and_nothing_of_the_hidden_check(
    course: Course, submit: Any
) -> None:
    wrong = "def add(a, b):\n    return abs(a) + abs(b) + 1"
    said = submit({"sums.ipynb": notebook(course, {**RIGHT, "add": wrong})})
    assert scores(said) == [0, 0, 0, 2]
    assert said["tests"][0]["output"].startswith("add: 2 + 3 should be 5, got 6")
    assert said["tests"][2]["output"] == "A hidden check: its text is not shown."


def test_without_bubblewrap_it_grades_all_the_same(
    course: Course, submit: Any, container: Path, tmp_path: Path
) -> None:
    """As in Gradescope's containers."""
    (tmp_path / "bin").mkdir()
    for program in ("bash", "mkdir", "rm", "chmod"):
        (tmp_path / "bin" / program).symlink_to(shutil.which(program) or "")
    said = submit({"sums.ipynb": notebook(course, RIGHT)}, PATH=str(tmp_path / "bin"))
    assert scores(said) == [2, 2, 1, 2]
    assert (container / "stdout").read_text().startswith("not in a jail: ")


@pytest.mark.parametrize(
    ("files", "reason"),
    [({}, "not in the submission"), ({"sums.ipynb": b"\xff{"}, "cannot be read")],
    ids=["missing", "broken"],
)
def test_what_cannot_be_graded_gets_nothing_and_its_reason(
    submit: Any, files: dict[str, bytes], reason: str
) -> None:
    said = submit(files)
    assert scores(said) == [0, 0, 0, 0]
    assert reason in said["output"]
    assert reason in said["tests"][0]["output"]


def test_too_long_in_all_is_said(course: Course, submit: Any) -> None:
    endless = {**RIGHT, "add": "while True: pass"}
    said = submit({"sums.ipynb": notebook(course, endless)}, AUTOGRADER_SECONDS="1")
    assert said["score"] == 0
    assert "more than 1 seconds" in said["output"]


def test_broken_autograder_leaves_a_result(course: Course, submit: Any) -> None:
    said = submit({"sums.ipynb": notebook(course, RIGHT)}, AUTOGRADER_PYTHON="/gone/python")
    assert said["score"] == 0
    assert "instructor" in said["output"]


def test_command_writes_the_zip(course: Course, tmp_path: Path) -> None:
    def run(*arguments: str) -> "subprocess.CompletedProcess[str]":
        return subprocess.run(
            [sys.executable, "-m", "autograder", "gradescope-zip", *arguments],
            cwd=course.root, env=environment(tmp_path / "home"), capture_output=True, text=True,
        )  # fmt: skip

    done = run("02_squares", "--output", str(tmp_path / "squares.zip"))
    assert done.returncode == 0, done.stderr
    assert "give it to nobody" in done.stdout
    assert zipfile.is_zipfile(tmp_path / "squares.zip")
    refused = run("03_gone")
    assert (refused.returncode, "unknown assignment" in refused.stderr) == (2, True)
