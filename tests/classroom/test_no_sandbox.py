"""Where the sandbox cannot be had nobody is graded, unless `--no-sandbox` trusts everybody."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from compact_course import ASSIGNMENT, NOTEBOOK, blueprint_of, submitted, write_course

from autograder.assignment.errors import UserError
from autograder.assignment.nbgrader_course import open_course
from autograder.classroom.grade_class import Options, grade_class, prove_assignment
from autograder.classroom.merge_shards import merge_shards
from autograder.classroom.shards import Shard
from autograder.engine import sandbox
from autograder.gradebook.autograded_folder import RECORD

pytestmark = pytest.mark.slow
CELLS = (("f", "def f():\n    return 1"), ("f-check", "assert f() == 1"))
WHY = "bubblewrap, the jail for students' code, does not work here (no namespaces for you)"
SENTENCE = f"{WHY}. Without it a submission can do whatever you can: see `autograder doctor`."


@pytest.fixture
def course(tmp_path: Path) -> Path:
    root = write_course(tmp_path / "course", CELLS)
    folder = root / "submitted" / "ada" / ASSIGNMENT
    folder.mkdir(parents=True)
    (folder / f"{NOTEBOOK}.ipynb").write_bytes(submitted(blueprint_of(root), {"f": CELLS[0][1]}))
    return root


def grade(course: Path, *words: str) -> subprocess.CompletedProcess[str]:
    """Grade where bubblewrap is and does not work."""
    programs = course.parent / "bin"
    programs.mkdir(exist_ok=True)
    (programs / "bwrap").write_text("#!/bin/sh\necho 'no namespaces for you' >&2\nexit 1\n")
    (programs / "bwrap").chmod(0o755)
    return subprocess.run(
        [sys.executable, "-m", "autograder", "grade", "--course", str(course), *words],
        env={**os.environ, "PATH": f"{programs}{os.pathsep}{os.environ['PATH']}"},
        capture_output=True,
        text=True,
    )


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="bubblewrap is Linux's")
@pytest.mark.parametrize("words", [(), ("--require-sandbox", "--shard", "1/1")])
def test_grade_refuses_in_one_sentence_and_records_nothing(
    course: Path, words: tuple[str, ...]
) -> None:
    done = grade(course, *words)
    assert done.returncode == 1
    assert done.stderr.splitlines()[-1] == (
        f"autograder: {SENTENCE} If you trust every submission, grade with --no-sandbox."
    )
    assert not (course / "autograded").exists()


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="bubblewrap is Linux's")
def test_no_sandbox_grades_and_says_so(course: Path) -> None:
    done = grade(course, "--no-sandbox", "--json", str(course / "marks.json"))
    assert done.returncode == 0, done.stdout + done.stderr
    assert f"not in a sandbox: {WHY}" in done.stderr
    (graded,) = json.loads((course / "marks.json").read_text())["assignments"]
    assert graded["sandbox"] is False
    assert graded["outside_sandbox"] == ["ada"]
    assert "outside the sandbox: ada" in done.stdout
    assert graded["students"]["ada"]["score"] == 1


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="bubblewrap is Linux's")
def test_what_was_graded_without_is_graded_again_where_there_is_one(course: Path) -> None:
    assert grade(course, "--no-sandbox").returncode == 0
    assert "1 unchanged" in grade(course, "--no-sandbox").stdout
    opened = open_course(course)
    for unchanged in ((), ("ada",)):
        result = grade_class(opened, ASSIGNMENT, Options(require_sandbox=True))
        assert (result.jailed, result.unchanged) == (True, unchanged)
    done = grade(course, "--no-sandbox", "--json", str(course / "marks.json"))
    assert "1 unchanged" in done.stdout  # it was graded more safely
    assert "outside the sandbox" not in done.stdout
    (graded,) = json.loads((course / "marks.json").read_text())["assignments"]
    assert (graded["sandbox"], graded["outside_sandbox"]) == (True, [])


@pytest.mark.sandbox
@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="bubblewrap is Linux's")
@pytest.mark.parametrize("said", [False, None, "yes"])
def test_a_record_that_does_not_say_that_it_ran_in_the_sandbox_is_graded_again(
    course: Path, said: object
) -> None:
    opened = open_course(course)
    grade_class(opened, ASSIGNMENT, Options(require_sandbox=True))
    path = opened.autograded_folder("ada", ASSIGNMENT) / RECORD
    record = json.loads(path.read_text())
    assert record.pop("jailed") is True
    path.chmod(0o644)
    path.write_text(json.dumps(record if said is None else {**record, "jailed": said}))
    result = grade_class(opened, ASSIGNMENT, Options(require_sandbox=True))
    assert (result.jailed, result.unchanged) == (True, ())


@pytest.mark.sandbox
@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="bubblewrap is Linux's")
def test_shards_and_merge_know_what_was_graded_without(
    course: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    opened, shard = open_course(course), Shard.parse("1/1")
    monkeypatch.setattr(sandbox, "missing", lambda: WHY)
    assert not grade_class(opened, ASSIGNMENT, Options()).jailed
    assert not grade_class(opened, ASSIGNMENT, Options(shard=shard)).jailed
    merged, lacking = merge_shards(opened, ASSIGNMENT, require_sandbox=True)
    assert (list(merged.students), len(lacking)) == ([], 1)
    merged, _ = merge_shards(opened, ASSIGNMENT)
    assert (list(merged.students), merged.jailed) == (["ada"], False)
    monkeypatch.undo()
    graded = grade_class(opened, ASSIGNMENT, Options(require_sandbox=True))
    assert (graded.jailed, graded.unchanged) == (True, ())
    graded = grade_class(opened, ASSIGNMENT, Options(require_sandbox=True, shard=shard))
    assert (graded.jailed, graded.unchanged) == (True, ())
    merged, _ = merge_shards(opened, ASSIGNMENT, require_sandbox=True)
    assert (list(merged.students), merged.jailed) == (["ada"], True)


def test_what_is_missing_may_be_installed_meanwhile(monkeypatch: pytest.MonkeyPatch) -> None:
    found = iter(["bubblewrap is not here", ""])
    monkeypatch.setattr(sandbox, "_missing", lambda: next(found))
    monkeypatch.setattr(sandbox, "_found", False)
    assert [sandbox.missing() for _ in range(3)] == ["bubblewrap is not here", "", ""]


def test_the_course_itself_is_proved_without(course: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sandbox, "missing", lambda: WHY)
    opened = open_course(course)
    with pytest.raises(UserError) as refused:
        grade_class(opened, ASSIGNMENT, Options(require_sandbox=True))
    assert str(refused.value) == SENTENCE
    assert [check.grade_id for check in prove_assignment(opened, ASSIGNMENT).checks] == ["f-check"]
