"""Shards and `autograder merge`: the same marks as by one run, nothing twice, nothing unsaid."""

import json
import shutil
import signal
import subprocess
import sys
from collections import Counter
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from bench_grading import environment
from light_course import ASSIGNMENT, gradebook_rows, make_course
from nbformat import NotebookNode
from test_kills import differing, state
from typer.testing import CliRunner

from autograder.assignment.blueprint import Blueprint, read_blueprint
from autograder.assignment.errors import UserError
from autograder.assignment.nbgrader_course import open_course
from autograder.assignment.outcome import CheckResult, NotebookResult, Outcome, Result, Versions
from autograder.assignment.submission import Submission
from autograder.classroom import grade_class as grading
from autograder.classroom import merge_shards as merge_module
from autograder.classroom.grade_class import ClassResult, Options, grade_class
from autograder.classroom.merge_shards import merge_shards
from autograder.classroom.shards import (
    DamagedShardError,
    Shard,
    ShardResult,
    ShardWriter,
    encoded,
    misfit,
    read_shard,
    shard_file,
    shard_folder,
)
from autograder.cli.app import app
from autograder.gradebook.autograded_folder import RECORD

pytestmark = pytest.mark.slow

STUDENTS = 12
PARTS = 3


def grade(course: Path, index: int, **options: bool) -> ClassResult:
    shard = Shard(index, PARTS)
    return grade_class(open_course(course), ASSIGNMENT, Options(shard=shard, **options))


def merge(course: Path, **options: bool) -> tuple[ClassResult, tuple[str, ...]]:
    return merge_shards(open_course(course), ASSIGNMENT, **options)


def marks_of(course: Path) -> dict[str, object]:
    """What `state` says, the shards' own files apart."""
    return {name: held for name, held in state(course).items() if not name.startswith("shards/")}


def file_of(course: Path, student: str) -> Path:
    return shard_file(open_course(course), ASSIGNMENT, student)


@pytest.fixture(scope="module")
def fresh(tmp_path_factory: pytest.TempPathFactory) -> Path:
    course = tmp_path_factory.mktemp("class") / "fresh"
    make_course(course, STUDENTS, seed=5)
    return course


@pytest.fixture(scope="module")
def expected(fresh: Path) -> dict[str, object]:
    """What one run without shards makes of it."""
    course = Path(shutil.copytree(fresh, fresh.parent / "whole"))
    grade_class(open_course(course), ASSIGNMENT, Options(workers=2))
    return state(course)


@pytest.fixture(scope="module")
def sharded(fresh: Path) -> Path:
    """The class in three parts, graded but not merged."""
    course = Path(shutil.copytree(fresh, fresh.parent / "sharded"))
    for index in range(1, PARTS + 1):
        grade(course, index)
    return course


def with_header(course: Path, student: str, **values: object) -> None:
    """Change the first line of a shard's file."""
    path = file_of(course, student)
    header, body = path.read_bytes().split(b"\n", 1)
    path.write_bytes(json.dumps({**json.loads(header), **values}).encode() + b"\n" + body)


def header_of(course: Path, student: str) -> dict[str, Any]:
    header, _ = file_of(course, student).read_bytes().split(b"\n", 1)
    return dict(json.loads(header))


@pytest.fixture
def course(sharded: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(sharded, tmp_path / "course"))


def test_three_parts_merged_are_one_class_and_twice_is_once(
    course: Path, expected: dict[str, object]
) -> None:
    assert gradebook_rows(course / "gradebook.db") == []
    entered, lacking = merge(course)
    assert lacking == ()
    assert entered.unchanged == ()
    assert len(entered.students) == STUDENTS
    assert differing(marks_of(course), expected) == []
    rows = (course / "gradebook.db").read_bytes()

    again, lacking = merge(course)
    assert lacking == ()
    assert len(again.unchanged) == STUDENTS
    assert again.students == entered.students
    assert (course / "gradebook.db").read_bytes() == rows
    assert differing(marks_of(course), expected) == []


def test_part_that_was_killed_is_run_again_and_goes_on(
    fresh: Path, tmp_path: Path, expected: dict[str, object]
) -> None:
    course = Path(shutil.copytree(fresh, tmp_path / "course"))
    words = ["grade", "--course", str(course), "--workers", "1", "--shard", "1/1"]
    process = subprocess.Popen(
        [sys.executable, "-m", "autograder", *words],
        env=environment(COLUMNS="200"), stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE, text=True,
    )  # fmt: skip
    assert process.stderr
    for line in process.stderr:
        if line.startswith("student"):  # the first result was written
            process.send_signal(signal.SIGKILL)
            break
    assert process.wait() == -signal.SIGKILL
    process.stderr.close()
    done = len(list(shard_folder(open_course(course), ASSIGNMENT).glob("[!.]*.json")))
    assert 1 <= done < STUDENTS
    left = file_of(course, "student0000").with_name(f".{file_of(course, 'student0000').stem}-half")
    file_of(course, "student0000").unlink(missing_ok=True)
    left.write_text("half a res")

    result = grade_class(open_course(course), ASSIGNMENT, Options(shard=Shard(1, 1)))

    assert len(result.unchanged) >= done - 1
    assert not left.exists()
    assert merge(course)[1] == ()
    assert differing(marks_of(course), expected) == []


def test_grading_a_part_needs_no_gradebook(fresh: Path, tmp_path: Path) -> None:
    course = Path(shutil.copytree(fresh, tmp_path / "course"))
    (course / "gradebook.db").unlink()
    before = {path for path in course.rglob("*") if "shards" not in path.parts}
    result = grade(course, 2)
    assert 0 < len(result.students) < STUDENTS
    assert {path for path in course.rglob("*") if "shards" not in path.parts} == before


def test_missing_stale_and_damaged_results_are_named_and_left_alone(course: Path) -> None:
    names = sorted(path.name for path in (course / "submitted").iterdir())
    file_of(course, names[0]).unlink()
    (course / "submitted" / names[1] / ASSIGNMENT / "more.txt").write_text("handed in again")
    whole = file_of(course, names[2]).read_bytes()
    damaged = {
        names[2]: whole[:-100],
        names[3]: file_of(course, names[3]).read_bytes().replace(b'"score": ', b'"score": 1', 1),
        names[4]: whole,
        names[5]: b"\x00" * 100,
        names[6]: b"",
        names[7]: b'{"format": 1}\n{}\n',
    }
    for student, data in damaged.items():
        file_of(course, student).write_bytes(data)
    stranger = shard_folder(open_course(course), ASSIGNMENT) / "stranger.json"
    stranger.write_text("{}")
    before = {path: path.read_bytes() for path in stranger.parent.iterdir()}

    result, lacking = merge(course)

    told = "\n".join(lacking)
    assert f"no result yet: {names[0]}" in told
    assert f"stale, of another submission, assignment or engine: {names[1]}" in told
    assert f"{file_of(course, names[2]).name} is damaged or not complete: {names[2]}" in told
    assert f"is the result of {names[2]} in {ASSIGNMENT}: {names[4]}" in told
    assert f"has format 1, not 2: {names[7]}" in told
    for student in damaged:
        assert f"{file_of(course, student).name} " in told
    assert any("stranger.json is nobody's" in note for note in result.notes)
    assert sorted(result.students) == names[8:]
    assert {row.student for row in gradebook_rows(course / "gradebook.db")} == set(names[8:])
    assert {path: path.read_bytes() for path in stranger.parent.iterdir()} == before

    for index in range(1, PARTS + 1):
        grade(course, index)
    result, lacking = merge(course)
    assert lacking == ()
    assert sorted(result.unchanged) == names[8:]


def test_result_of_another_engine_is_stale(course: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(grading, "ENGINE_VERSION", "another")
    result, lacking = merge(course)
    assert result.students == {}
    (told,) = lacking
    assert told.startswith("stale, of another submission, assignment or engine: student0000, ")
    assert told.endswith("and 2 more")


def test_result_without_the_jail_is_told_and_left_out_where_it_is_required(course: Path) -> None:
    with_header(course, "student0001", jailed=False)

    result, lacking = merge(course, require_sandbox=True)
    assert "student0001" not in result.students
    assert "graded without the jail, and it is required: " in "\n".join(lacking)

    result, lacking = merge(course)
    assert "student0001" in result.students
    assert result.unjailed == ("student0001",)
    assert result.as_json()["sandbox"] is False
    assert result.as_json()["outside_sandbox"] == ["student0001"]
    result, lacking = merge(course, require_sandbox=True)  # it is in the gradebook, and unsafe
    assert "student0001" not in result.students
    assert len(lacking) == 1


# --- which of two results counts


def score_of(course: Path, student: str) -> float:
    rows = gradebook_rows(course / "gradebook.db")
    return sum(row.auto or 0.0 for row in rows if row.student == student)


def shorn(course: Path, student: str, **header: object) -> None:
    """A shard's result as a slow machine gives it: no points."""
    found = read_shard(file_of(course, student), read_blueprint(open_course(course), ASSIGNMENT))
    assert found
    (notebook,) = found.result.notebooks
    checks = tuple(replace(check, outcome=Outcome.TIMEOUT, score=0.0) for check in notebook.checks)
    result = replace(found.result, notebooks=(replace(notebook, checks=checks),))
    file_of(course, student).write_bytes(encoded(replace(found, result=result)))
    with_header(course, student, **header)


def test_a_second_merge_never_goes_back(course: Path) -> None:
    """A slow machine's timeouts, graded again here: the shard lies there still."""
    student = "student0000"
    full = score_of_shard(course, student)
    assert full > 0
    shorn(course, student)
    merge(course)
    assert score_of(course, student) == 0
    grade_class(open_course(course), ASSIGNMENT, Options(again=True, students=frozenset({student})))
    assert score_of(course, student) == full
    for _ in range(2):
        merged, lacking = merge(course)
        assert lacking == ()
        assert student in merged.unchanged
        assert merged.students[student]["score"] == score_of(course, student) == full


def score_of_shard(course: Path, student: str) -> float:
    found = read_shard(file_of(course, student), read_blueprint(open_course(course), ASSIGNMENT))
    assert found
    return found.result.score


@pytest.mark.parametrize(
    ("seconds", "enters"), [(10.0, True), (0.0, False), (-10.0, False), (None, False)]
)
def test_the_newer_result_counts_and_one_without_a_time_is_the_older(
    course: Path, seconds: float | None, enters: bool
) -> None:
    student = "student0000"
    merge(course)
    full = score_of(course, student)
    at = float(header_of(course, student)["graded_at"])
    shorn(course, student, graded_at=0.0 if seconds is None else at + seconds)
    merged, _ = merge(course)
    assert score_of(course, student) == (0.0 if enters else full)
    assert (student in merged.unchanged) is not enters


def test_a_record_without_a_time_is_the_older(course: Path) -> None:
    """As earlier versions wrote it."""
    student = "student0000"
    merge(course)
    path = open_course(course).autograded_folder(student, ASSIGNMENT) / RECORD
    record = json.loads(path.read_text())
    del record["graded_at"]
    path.chmod(0o644)
    path.write_text(json.dumps(record))
    shorn(course, student)
    merge(course)
    assert score_of(course, student) == 0


@pytest.mark.parametrize("jailed", [True, False])
def test_what_ran_in_the_jail_gives_way_to_nothing_that_did_not(course: Path, jailed: bool) -> None:
    student = "student0000"
    merge(course)
    full = score_of(course, student)
    at = float(header_of(course, student)["graded_at"])
    shorn(course, student, graded_at=at + 10, jailed=jailed)
    merged, _ = merge(course)
    assert score_of(course, student) == (0.0 if jailed else full)
    assert merged.unjailed == ()


# --- versions


def test_results_of_other_versions_are_left_out_and_named(course: Path) -> None:
    here = header_of(course, "student0000")["versions"]
    assert here["torch"] != "none"
    for student, other in {
        "student0001": {"numpy": "0.0.1"},
        "student0002": {"numpy": "0.0.1"},
        "student0003": {"autograder": "engine 1, text 00000000"},
        "student0004": {"torch": "none"},
    }.items():
        with_header(course, student, versions={**here, **other})
    merged, lacking = merge(course)
    assert set(lacking) == {
        f"graded with other versions (numpy 0.0.1 instead of {here['numpy']}): "
        "student0001, student0002",
        "graded with other versions (autograder engine 1, text 00000000 instead of "
        f"{here['autograder']}): student0003",
        f"graded with other versions (torch none instead of {here['torch']}): student0004",
    }
    assert len(merged.students) == STUDENTS - 4
    done = CliRunner().invoke(app, ["merge", "--course", str(course)])
    assert done.exit_code == 1
    assert "light: graded with other versions (numpy 0.0.1 instead of " in done.output


def test_a_part_that_other_versions_graded_is_graded_again(course: Path) -> None:
    with_header(course, "student0001", versions={})
    results = [grade(course, index) for index in range(1, PARTS + 1)]
    news = {student for result in results for student in result.students}
    assert news - {s for result in results for s in result.unchanged} == {"student0001"}
    assert merge(course)[1] == ()


@pytest.mark.parametrize("odd", [1, STUDENTS - 1])
def test_machine_that_lacks_a_library_takes_the_version_of_most(
    course: Path, monkeypatch: pytest.MonkeyPatch, odd: int
) -> None:
    names = sorted(path.name for path in (course / "submitted").iterdir())
    here = header_of(course, names[0])["versions"]
    for student in names[:odd]:
        with_header(course, student, versions={**here, "torch": "1.0"})
    monkeypatch.setattr(merge_module, "versions", lambda _: {**here, "torch": "none"})
    merged, lacking = merge(course)
    most = names[odd:] if odd == 1 else names[:odd]
    assert sorted(merged.students) == most
    (told,) = lacking
    assert told.startswith("graded with other versions (torch ")


def test_two_runs_of_one_part_do_not_stop_each_other(course: Path) -> None:
    """One begins with a student while the other has its file half written."""
    writer = ShardWriter(open_course(course), ASSIGNMENT)
    blueprint = read_blueprint(open_course(course), ASSIGNMENT)
    writer.register(blueprint)
    found = read_shard(file_of(course, "student0000"), blueprint)
    assert found
    put, removed = writer._put, []

    def cleaned_up(path: Path, data: bytes) -> None:
        if len(removed) < 3:
            removed.append(path)
            raise FileNotFoundError(2, "No such file or directory", str(path))
        put(path, data)

    writer._put = cleaned_up  # type: ignore[method-assign]
    submission = Submission("student0000", ASSIGNMENT, {})
    writer.write(found.result, submission, found.key, Versions())
    again = read_shard(file_of(course, "student0000"), blueprint)
    assert again
    assert (again.key, again.result, again.versions) == (found.key, found.result, found.versions)
    assert again.graded_at > found.graded_at


def test_what_was_graded_here_needs_no_result_of_a_shard(course: Path) -> None:
    grade_class(open_course(course), ASSIGNMENT, Options())
    file_of(course, "student0002").unlink()
    result, lacking = merge(course)
    assert lacking == ()
    assert "student0002" in result.unchanged


def test_command_merges_and_exits_1_while_something_is_missing(course: Path) -> None:
    file_of(course, "student0002").unlink()
    words = ["merge", ASSIGNMENT, "--course", str(course), "--json", str(course / "merged.json")]
    done = CliRunner().invoke(app, words)
    assert done.exit_code == 1
    assert "light: 11 entered" in done.output
    assert "light: no result yet: student0002" in done.output
    (merged,) = json.loads((course / "merged.json").read_text())["assignments"]
    assert merged["missing"]
    for index in range(1, PARTS + 1):
        grade(course, index)
    done = CliRunner().invoke(app, ["merge", "--course", str(course)])
    assert done.exit_code == 0
    assert "light: 1 entered, 11 unchanged" in done.output


def test_merge_without_shards_is_refused(fresh: Path) -> None:
    with pytest.raises(UserError, match="no results of shards"):
        merge(fresh)


@pytest.mark.parametrize("text", ["", "0/3", "4/3", "1", "a/b", "1/0", "-1/3", "1/3/3", "/10"])
def test_part_that_is_none_is_refused(text: str) -> None:
    with pytest.raises(UserError, match="write I/N"):
        Shard.parse(text)


def test_every_student_is_in_one_part_and_parts_are_alike() -> None:
    parts = [Shard.parse(f"{index}/7") for index in range(1, 8)]
    sizes: Counter[int] = Counter()
    for number in range(700):
        (one,) = [part for part in parts if part.holds(f"student{number}")]
        sizes[one.index] += 1
    assert min(sizes.values()) > 70
    # The same on every machine and for ever: sha256 of "ada" begins with fdee430d40bd57de….
    assert Shard(0xFDEE430D40BD57DEEAC186CD9790033D % 7 + 1, 7).holds("ada")


def odd_result() -> Result:
    notebook = NotebookNode(
        nbformat=4, nbformat_minor=5, metadata={},
        cells=[NotebookNode(cell_type="code", source="'\udc80 → \x00'", metadata={}, outputs=[])],
    )  # fmt: skip
    checks = (CheckResult("a", Outcome.PARTIAL, 0.1 + 0.2, 1.0, "half: \ud83d", 1e-9),)
    return Result(
        ASSIGNMENT, "ada ü/\udcff", (NotebookResult("n", checks, notebook, ("note",)),), ("n\n",)
    )


def test_file_brings_back_what_was_written(fresh: Path, tmp_path: Path) -> None:
    shard = ShardResult("key", True, odd_result(), 1893492000.25, {"numpy": "2.4.0"})
    blueprint = Blueprint(ASSIGNMENT, (), None, (), "")
    data = encoded(shard)
    path = tmp_path / file_of(fresh, shard.result.student).name
    path.write_bytes(data)
    assert read_shard(path, blueprint) == shard
    for cut in range(0, len(data) - 1, 7):
        path.write_bytes(data[:cut])
        with pytest.raises(DamagedShardError):
            read_shard(path, blueprint)


def test_points_that_the_assignment_does_not_give_do_not_fit(sharded: Path) -> None:
    blueprint = read_blueprint(open_course(sharded), ASSIGNMENT)
    found = read_shard(file_of(sharded, "student0000"), blueprint)
    assert found
    assert misfit(found.result, blueprint) == ""
    (notebook,) = found.result.notebooks
    for change in ({"score": 99.0}, {"score": float("nan")}, {"grade_id": "x"}, {"points": 9.0}):
        check = CheckResult(**{**vars(notebook.checks[0]), **change})  # type: ignore[arg-type]
        forged = NotebookResult(notebook.name, (check,), notebook.notebook)
        assert misfit(Result(ASSIGNMENT, "student0000", (forged,)), blueprint)
