"""The history of a class: what is kept, in which order, and what `autograder history` shows."""

import csv
import io
import json
import shutil
import sqlite3
import subprocess
import sys
from contextlib import closing
from datetime import datetime
from pathlib import Path
from typing import Any

import nbgrader
import pytest
from nbgrader.api import Gradebook
from sqlalchemy import create_engine
from test_gradebook import ASSIGNMENT, MIXED, database, graded, handed_in, set_grade
from throwaway_course import environment

from autograder import __version__
from autograder.assignment.blueprint import Blueprint
from autograder.assignment.errors import UserError
from autograder.assignment.nbgrader_course import NbgraderCourse
from autograder.assignment.outcome import Versions
from autograder.gradebook import history
from autograder.gradebook.database import connect, gradebook_url
from autograder.gradebook.history import Entry, Happened, read_history
from autograder.gradebook.history_table import create_history
from autograder.gradebook.writer import GradebookWriter


def events(course: NbgraderCourse, **only: str) -> list[Entry]:
    """What happened to submissions; what a person gave is tested with the marks."""
    found = read_history(course.db_url, **only)
    return [entry for entry in found if entry.event is not Happened.BY_HAND]


def test_each_grading_is_kept_with_who_when_and_from_what(
    writer: GradebookWriter,
    course: NbgraderCourse,
    blueprint: Blueprint,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("LOGNAME", "prof")
    versions = Versions("7", blueprint.key, "a" * 64)
    before = datetime.utcnow()
    writer.write(graded(blueprint, scores=MIXED), handed_in(), "key", versions)
    (entry,) = events(course)
    assert (entry.event, entry.assignment, entry.student) == (Happened.GRADED, ASSIGNMENT, "ada")
    assert (entry.who, entry.package_version, entry.versions) == ("prof", __version__, versions)
    assert before <= entry.at <= datetime.utcnow()
    assert (entry.score, entry.max_score, entry.penalty) == (4.0, 7.0, None)
    assert entry.checks["sums/add-partial"] == {
        "outcome": "partial", "score": 1.0, "max_score": 2.0, "seconds": 0.0
    }  # fmt: skip
    assert entry.checks.keys() == {f"sums/{name}" for name in MIXED}
    assert entry.answers.keys() == {*entry.checks, "sums/reflection"}


def test_a_regrade_adds_to_the_history_and_changes_nothing_in_it(
    writer: GradebookWriter, course: NbgraderCourse, blueprint: Blueprint
) -> None:
    writer.begin(ASSIGNMENT, "ada")  # there is nothing yet to invalidate
    writer.write(graded(blueprint, scores=MIXED), handed_in(), "one")
    first = events(course)
    writer.begin(ASSIGNMENT, "ada")
    writer.begin(ASSIGNMENT, "ada")  # begun again, as after a kill
    writer.write(graded(blueprint), handed_in(), "two")
    writer.write(graded(blueprint, "bob"), handed_in("bob"), "one")
    found = events(course)
    assert found[:1] == first
    assert [(entry.student, entry.event.value, entry.score) for entry in found] == [
        ("ada", "graded", 4.0),
        ("ada", "invalidated", None),
        ("ada", "graded", 7.0),
        ("bob", "graded", 7.0),
    ]
    assert [entry.student for entry in events(course, student="bob")] == ["bob"]
    assert events(course, assignment="other") == []


def test_what_was_not_committed_is_not_told(
    writer: GradebookWriter,
    course: NbgraderCourse,
    blueprint: Blueprint,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    writer.write(graded(blueprint, scores=MIXED), handed_in(), "old")
    told = events(course)

    def no_room(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(writer._folders, "put_record", no_room)  # after the rows, before the commit
    with pytest.raises(Exception, match="No space left"):
        writer.write(graded(blueprint), handed_in(), "new")
    assert events(course) == told
    assert writer.graded_key(ASSIGNMENT, "ada") == "old"


class Earlier(datetime):
    """A clock that was put back by years."""

    @classmethod
    def now(cls, tz: Any = None) -> "Earlier":
        return cls(2001, 2, 3, tzinfo=tz)


def test_a_clock_that_goes_backwards_does_not_change_the_order(
    writer: GradebookWriter,
    course: NbgraderCourse,
    blueprint: Blueprint,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    writer.write(graded(blueprint, scores=MIXED), handed_in(), "one")
    set_grade(course, "reflection", manual_score=2.0, needs_manual_grade=False)
    monkeypatch.setattr(history, "datetime", Earlier)
    writer.begin(ASSIGNMENT, "ada")
    writer.write(graded(blueprint), handed_in(), "two")
    found = events(course)
    assert [entry.event.value for entry in found] == ["graded", "invalidated", "graded"]
    assert found[0].at.year > 2001 == found[1].at.year == found[2].at.year
    with Gradebook(course.db_url) as gradebook:  # the newest entry is the last, not the latest
        grade = gradebook.find_grade("reflection", "sums", ASSIGNMENT, "ada")
        assert grade.needs_manual_grade is False


def test_nobody_of_that_number_has_a_name(monkeypatch: pytest.MonkeyPatch) -> None:
    def nobody() -> str:
        raise KeyError("getpwuid(): uid not found: 4711")

    monkeypatch.setattr("getpass.getuser", nobody)
    assert history.login_name() == "unknown"


def test_thirty_thousand_entries_are_found_by_an_index(course: NbgraderCourse) -> None:
    with GradebookWriter(course):
        pass
    query = (
        "EXPLAIN QUERY PLAN SELECT * FROM autograder_history WHERE assignment = 'a' AND "
        "student = 's' AND event != 'penalty' ORDER BY sequence DESC LIMIT 1"
    )
    engine = create_engine(course.db_url)
    with engine.connect() as connection:
        plan = " ".join(str(row) for row in connection.exec_driver_sql(query))
    engine.dispose()
    assert "USING INDEX autograder_history_of (assignment=? AND student=?)" in plan
    assert "SCAN" not in plan
    assert "TEMP B-TREE" not in plan


def test_gradebook_without_the_table_has_no_history_and_gets_the_table(
    course: NbgraderCourse, blueprint: Blueprint
) -> None:
    database(course).parent.mkdir()
    Gradebook(course.db_url, "deep-learning").close()
    assert events(course) == []
    with GradebookWriter(course) as writer:
        writer.register(blueprint)
        writer.write(graded(blueprint), handed_in(), "key")
    assert len(events(course)) == 1


OLD_GRADEBOOK = Path(nbgrader.__file__).parent / "tests" / "apps" / "files" / "gradebook.db"
"""An empty gradebook of an early nbgrader, which tests its own upgrade with it."""


def test_older_gradebook_is_refused_with_the_line_that_upgrades_it(
    course: NbgraderCourse, blueprint: Blueprint
) -> None:
    database(course).parent.mkdir()
    shutil.copy(OLD_GRADEBOOK, database(course))
    before = database(course).read_bytes()
    with pytest.raises(UserError) as refused, GradebookWriter(course):
        pass
    assert f"`nbgrader db upgrade --db '{course.db_url}'`" in str(refused.value)
    assert database(course).read_bytes() == before
    assert events(course) == []


def test_newer_gradebook_is_refused(course: NbgraderCourse) -> None:
    with GradebookWriter(course):
        pass
    with closing(sqlite3.connect(database(course))) as connection, connection:
        connection.execute("UPDATE alembic_version SET version_num = '0123456789ab'")
    before = database(course).read_bytes()
    with pytest.raises(UserError, match="a newer nbgrader"), GradebookWriter(course):
        pass
    assert database(course).read_bytes() == before


@pytest.mark.slow
def test_nbgrader_upgrades_around_the_history(
    root: Path, course: NbgraderCourse, tmp_path: Path
) -> None:
    database(course).parent.mkdir()
    shutil.copy(OLD_GRADEBOOK, database(course))
    entry = Entry(Happened.GRADED, "ps1", "foo", score=1.0)
    engine = connect(gradebook_url(course.db_url))
    with engine.begin() as connection:
        create_history(connection)
        history.add(connection, entry)
    engine.dispose()
    told = events(course)
    done = subprocess.run(
        [sys.executable, "-m", "nbgrader", "db", "upgrade", "--db", course.db_url],
        cwd=root,
        env=environment(tmp_path / "home"),
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr
    assert events(course) == told != []
    with GradebookWriter(course):  # the same command goes on
        assert events(course) == told


def autograder(root: Path, home: Path, *words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "autograder", *words],
        cwd=root,
        env={**environment(home), "COLUMNS": "140", "LOGNAME": "prof"},
        capture_output=True,
        text=True,
    )


@pytest.mark.slow
def test_command_lists_the_newest_last_and_exports_everything(
    root: Path, course: NbgraderCourse, blueprint: Blueprint, tmp_path: Path
) -> None:
    with GradebookWriter(course) as writer:
        writer.register(blueprint)
        writer.write(graded(blueprint, scores=MIXED), handed_in(), "one")
        writer.begin(ASSIGNMENT, "ada")
        writer.write(graded(blueprint), handed_in(), "two")
        writer.write(graded(blueprint, "=cmd()"), handed_in("=cmd()"), "one")
    words = ["history", "--classroom", str(tmp_path / "class")]
    to_json, to_csv = tmp_path / "a.json", tmp_path / "a.csv"
    exports = ["--json", str(to_json), "--csv", str(to_csv)]
    done = autograder(root, tmp_path / "home", *words, *exports)
    assert (done.returncode, done.stderr) == (0, "")
    rows = [line for line in done.stdout.splitlines() if ASSIGNMENT in line]
    assert ["ada" in row for row in rows] == [True, True, True, False]
    assert ["4 of 7" in row for row in rows] == [True, False, False, False]
    assert "invalidated" in rows[1]
    (told,) = json.loads(to_json.read_text())["assignments"]
    assert told["assignment"] == ASSIGNMENT
    entries = told["entries"]
    assert [entry["score"] for entry in entries] == [4.0, None, 7.0, 7.0]
    assert entries == [entry.as_json() for entry in events(course)]
    checks = list(csv.DictReader(io.StringIO(to_csv.read_text())))
    assert len(checks) == 4 * 3 + 1  # each check of each grading, and the invalidation
    assert {row["check"] for row in checks} == {"", *(f"sums/{name}" for name in MIXED)}
    assert {row["student"] for row in checks} == {"ada", "'=cmd()"}  # no formula in a spreadsheet
    one = autograder(root, tmp_path / "home", *words, ASSIGNMENT, "=cmd()")
    assert sum(ASSIGNMENT in line for line in one.stdout.splitlines()) == 1
    none = autograder(root, tmp_path / "home", *words, "02_squares")
    assert (none.returncode, none.stdout) == (0, "There is no history of 02_squares.\n")


@pytest.mark.slow
def test_command_does_not_make_a_gradebook(root: Path, tmp_path: Path) -> None:
    words = ["history", "--classroom", str(tmp_path / "none")]
    done = autograder(root, tmp_path / "home", *words)
    assert done.returncode == 2
    assert done.stderr.endswith("there is no gradebook yet; `autograder grade` makes it.\n")
    assert not (tmp_path / "none").exists()
