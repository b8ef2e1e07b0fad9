"""The gradebook on a real PostgreSQL: the same rows as on SQLite, and the same care."""

import subprocess
import sys
import threading
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime
from itertools import count
from pathlib import Path
from typing import Any

import pytest
from nbgrader import api
from nbgrader.api import Gradebook
from postgresql_server import server
from sqlalchemy import create_engine, inspect, select, text
from sqlalchemy.engine import make_url
from test_changed_assignment import changed, everything
from test_gradebook import (
    ALL_RIGHT,
    ASSIGNMENT,
    MIXED,
    autograded,
    graded,
    grades,
    handed_in,
    set_grade,
)
from throwaway_course import environment

from autograder.assignment.blueprint import Blueprint
from autograder.assignment.course import Course
from autograder.assignment.errors import UserError
from autograder.assignment.nbgrader_course import NbgraderCourse, open_course
from autograder.assignment.notebook import read_assignment
from autograder.classroom.folders import Classroom
from autograder.export.lms import Target
from autograder.export.marks import Options, export
from autograder.gradebook import database
from autograder.gradebook.database import connect, create_database, gradebook_url, newest_version
from autograder.gradebook.deadlines import read_deadlines
from autograder.gradebook.history import Happened, read_history
from autograder.gradebook.history_table import HISTORY
from autograder.gradebook.writer import GradebookWriter
from autograder.intake.collect import collect
from autograder.records.class_marks import read_marks

LATE = """
[due]
"01_sums" = 2030-01-01T09:00:00
[extensions."01_sums"]
cy = 0.25
[late]
share_per_day = 0.1
"""


@pytest.fixture(scope="module")
def address() -> Iterator[str]:
    with server() as address:
        yield address


numbers = count(1)


@pytest.fixture
def db_url(address: str) -> str:
    """An empty database on the server."""
    name = f"class{next(numbers)}"
    engine = create_engine(address, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.execute(text(f"CREATE DATABASE {name}"))
    engine.dispose()
    return make_url(address).set(database=name).render_as_string()


@pytest.fixture
def course(root: Path, tmp_path: Path, db_url: str) -> NbgraderCourse:
    return opened(root, tmp_path / "class", f'gradebook = "{db_url}"\n{LATE}')


def opened(root: Path, room: Path, text: str) -> NbgraderCourse:
    room.mkdir()
    (room / "class.toml").write_text(text)
    return open_course(root, room)


def rows(db_url: str) -> dict[str, Counter[str]]:
    """All tables, ids replaced by what they stand for; of the history all but the time."""
    engine = connect(gradebook_url(db_url))
    with engine.connect() as connection:
        found = {
            table.name: [row._asdict() for row in connection.execute(select(table))]
            for table in (*api.Base.metadata.sorted_tables, HISTORY)
        }
        version = connection.execute(text("SELECT version_num FROM alembic_version")).all()
    engine.dispose()
    names: dict[str, str] = {}
    for table, named in found.items():
        for row in named:
            if "name" in row:
                names[row["id"]] = f"{table} {row['name']} {row.get('type', '')}"
    for row in found["submitted_assignment"]:
        names[row["id"]] = f"{row['student_id']} {names[row['assignment_id']]}"
    for row in found["submitted_notebook"]:
        names[row["id"]] = f"{names[row['assignment_id']]} {names[row['notebook_id']]}"
    for row in (*found["grade"], *found["comment"]):
        names[row["id"]] = f"{names[row['notebook_id']]} {names[row['cell_id']]}"
    for row in found[HISTORY.name]:
        del row["at"]
    return {"alembic_version": Counter(map(str, version))} | {
        table: Counter(
            str({column: names.get(value, value) for column, value in row.items()})
            for row in found[table]
        )
        for table in found
    }


def grade_a_class(course: NbgraderCourse, blueprint: Blueprint) -> None:
    """All that the writer does: marks, disputes, comments, a person, a regrade, late work."""
    with GradebookWriter(course) as writer:
        writer.register(blueprint)
        for student, scores, disputed in (
            ("ada", ALL_RIGHT, ""),
            ("bob", MIXED, "add-small"),
            ("cy", {**MIXED, "half-odd": 2 / 3}, ""),
        ):
            result = graded(blueprint, student, scores, disputed=disputed)
            writer.write(result, handed_in(student), "one")
    for student in ("ada", "bob"):
        set_grade(course, "reflection", student, manual_score=1.5, needs_manual_grade=False)
    with GradebookWriter(course) as writer:
        writer.register(blueprint)
        writer.begin(ASSIGNMENT, "ada")
        writer.write(graded(blueprint, answers={"reflection": "Other."}), handed_in(), "two")
        writer.begin(ASSIGNMENT, "cy")
        writer.settle(ASSIGNMENT)


def test_class_has_the_same_rows_on_both(
    root: Path, course: NbgraderCourse, blueprint: Blueprint, tmp_path: Path
) -> None:
    beside = opened(root, tmp_path / "sqlite", LATE)
    for each in (course, beside):
        grade_a_class(each, blueprint)
    found, expected = rows(course.db_url), rows(beside.db_url)
    assert found == expected
    assert {table for table, of in found.items() if not of} == {"task_cells"}
    # 4 graded, 2 begun again, 1 new penalty, 2 marks by hand, 1 due date
    assert found[HISTORY.name].total() == 10
    assert not list((tmp_path / "class").glob("*.db"))
    with Gradebook(course.db_url) as here, Gradebook(beside.db_url) as there:
        assert sorted(  # by Formgrader's own queries
            (s["student"], s["score"], s["max_score"], s["needs_manual_grade"])
            for s in here.submission_dicts(ASSIGNMENT)
        ) == sorted(
            (s["student"], s["score"], s["max_score"], s["needs_manual_grade"])
            for s in there.submission_dicts(ASSIGNMENT)
        )
    options = Options(with_waiting=True, missing_as_zero=True)
    for target in Target:  # the files that go out are the same, too
        here, there = (
            export(read_marks(each, (ASSIGNMENT,)), target, options=options)
            for each in (course, beside)
        )
        assert here == there
        assert "ada" in here.text


def test_class_whose_assignment_changed_has_the_same_rows_on_both(
    root: Path, course: NbgraderCourse, blueprint: Blueprint, tmp_path: Path
) -> None:
    beside = opened(root, tmp_path / "sqlite", LATE)
    new = changed(blueprint, everything)
    notes = []
    for each in (course, beside):
        grade_a_class(each, blueprint)
        set_grade(each, "add-partial", manual_score=1.0, needs_manual_grade=False)
        with GradebookWriter(each) as writer:
            notes.append(writer.register(new))
            assert writer.register(new) == ()
    assert notes[0] == notes[1]
    assert "what a person gave in what was removed is in the history: ada" in notes[0]
    assert rows(course.db_url) == rows(beside.db_url)
    with GradebookWriter(course) as writer:
        writer.register(replace(blueprint, notebooks=()))
    assert rows(course.db_url)["grade"] == Counter()


def test_marks_of_a_class_are_read_from_the_same_gradebook(
    root: Path, course: NbgraderCourse, writer: GradebookWriter, blueprint: Blueprint
) -> None:
    writer.write(graded(blueprint, scores=MIXED), handed_in(), "key")
    room = Classroom(Course(root), course.class_directory)
    assignment = read_assignment(root / "solutions" / ASSIGNMENT / "sums.ipynb")
    scores = room.scores(assignment, "ada")
    assert scores == MIXED


@pytest.mark.parametrize("text", ["", LATE])
def test_work_is_collected_before_the_first_grading_makes_the_tables(
    root: Path, tmp_path: Path, db_url: str, text: str
) -> None:
    course = opened(root, tmp_path / "class", f'gradebook = "{db_url}"\n{text}')
    assert (read_deadlines(course, ASSIGNMENT).due is not None) == bool(text)
    (tmp_path / "download" / "ada").mkdir(parents=True)
    (tmp_path / "download" / "ada" / "sums.ipynb").write_text('{"cells": []}')
    found = collect(course, ASSIGNMENT, tmp_path / "download")
    assert [line.status for line in found.lines] == ["new"]


def test_what_a_person_gave_is_noted_when_the_class_is_settled(
    course: NbgraderCourse, blueprint: Blueprint
) -> None:
    with GradebookWriter(course) as writer:
        writer.register(blueprint)
        writer.write(graded(blueprint, "ada"), handed_in("ada"), "key")
        for points in (1.0, 2.0):
            set_grade(course, "reflection", "ada", manual_score=points)
            writer.settle(ASSIGNMENT, {})
    given = [e.checks for e in read_history(course.db_url) if e.event is Happened.BY_HAND]
    assert given == [
        {"sums/reflection": {"points": [None, 1.0]}},
        {"sums/reflection": {"points": [1.0, 2.0]}},
    ]


def test_done_or_not_done_is_told_as_on_sqlite(
    writer: GradebookWriter, course: NbgraderCourse, blueprint: Blueprint
) -> None:
    writer.write(graded(blueprint, scores=MIXED), handed_in(), "one")
    assert writer.graded_key(ASSIGNMENT, "ada") == "one"
    set_grade(course, "add-small", auto_score=2.0)
    assert writer.graded_key(ASSIGNMENT, "ada") is None
    writer.begin(ASSIGNMENT, "ada")
    assert set(grades(course).values()) == {(None, None, True)}
    assert not autograded(course).exists()


def test_text_that_no_database_can_hold_does_not_stop_the_writer(
    writer: GradebookWriter, course: NbgraderCourse, blueprint: Blueprint
) -> None:
    result = graded(blueprint, scores={**ALL_RIGHT, "half-odd": 0.0}, disputed="half-odd")
    (notebook,) = result.notebooks
    checks = tuple(replace(check, message="\0 and \udc80") for check in notebook.checks)
    result = replace(result, notebooks=(replace(notebook, checks=checks),))
    writer.write(result, handed_in(), "key")
    with Gradebook(course.db_url) as gradebook:
        comment = gradebook.find_comment("half", "sums", ASSIGNMENT, "ada")
        assert comment.auto_comment == "half-odd: \ufffd and ?"


def test_gradebook_held_longer_than_our_patience_is_one_sentence(
    course: NbgraderCourse, blueprint: Blueprint, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(database, "BUSY_SECONDS", 0.1)
    with GradebookWriter(course) as writer:
        writer.register(blueprint)
        writer.write(graded(blueprint, scores=MIXED), handed_in(), "old")
        before = rows(course.db_url)
        other = create_engine(course.db_url)
        with other.connect() as connection:
            connection.execute(text("LOCK TABLE grade IN ACCESS EXCLUSIVE MODE"))
            for blocked in (
                lambda: writer.begin(ASSIGNMENT, "ada"),
                lambda: writer.write(graded(blueprint), handed_in(), "new"),
                lambda: writer.graded_key(ASSIGNMENT, "ada"),
            ):
                with pytest.raises(UserError, match=r"lock timeout.*run the same command again"):
                    blocked()
        other.dispose()
        assert rows(course.db_url) == before
        assert writer.graded_key(ASSIGNMENT, "ada") == "old"
        writer.write(graded(blueprint), handed_in(), "new")
        assert writer.graded_key(ASSIGNMENT, "ada") == "new"


def test_what_a_person_enters_meanwhile_is_neither_lost_nor_overlooked(
    writer: GradebookWriter, course: NbgraderCourse, blueprint: Blueprint
) -> None:
    """Formgrader saves a score while the same submission is written: the writer waits for it."""
    writer.write(graded(blueprint, answers={"reflection": "Old."}), handed_in(), "old")
    formgrader = create_engine(course.db_url)
    with formgrader.connect() as connection:
        connection.execute(
            text(
                "UPDATE grade SET manual_score = 2, needs_manual_grade = false "
                "WHERE auto_score IS NULL"
            )
        )
        thread = threading.Thread(target=writer.write, args=(graded(blueprint), handed_in(), "new"))
        thread.start()
        watch = create_engine(course.db_url, isolation_level="AUTOCOMMIT")
        waiting = text("SELECT count(*) FROM pg_locks WHERE NOT granted")
        with watch.connect() as watcher:
            while thread.is_alive() and not watcher.execute(waiting).scalar():
                pass
        watch.dispose()
        assert thread.is_alive()
        connection.commit()
        thread.join()
    formgrader.dispose()
    assert grades(course)["reflection"] == (None, 2.0, True)


def test_two_writers_that_begin_together_make_one_gradebook(db_url: str) -> None:
    url = gradebook_url(db_url)
    failed: list[BaseException] = []

    def make() -> None:
        try:
            create_database(url, "together")
        except BaseException as error:
            failed.append(error)

    threads = [threading.Thread(target=make) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failed == []
    with Gradebook(db_url, "together") as gradebook:
        assert [course.id for course in gradebook.db.query(api.Course)] == ["together"]
        version = gradebook.db.execute(text("SELECT version_num FROM alembic_version")).scalar()
    assert version == newest_version()


def test_connection_that_the_server_ended_is_made_again(
    writer: GradebookWriter, course: NbgraderCourse, blueprint: Blueprint
) -> None:
    writer.write(graded(blueprint, scores=MIXED), handed_in(), "old")
    engine = create_engine(course.db_url, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        end = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
        mine = "datname = current_database() AND pid <> pg_backend_pid()"
        assert connection.execute(text(f"{end} WHERE {mine}")).all()
    engine.dispose()
    writer.write(graded(blueprint), handed_in(), "new")
    assert writer.graded_key(ASSIGNMENT, "ada") == "new"


def test_gradebook_of_another_version_is_refused_and_not_changed(
    course: NbgraderCourse, writer: GradebookWriter
) -> None:
    engine = create_engine(course.db_url)
    with engine.begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '167914646830'"))
        connection.execute(text("DROP TABLE course CASCADE"))
    with pytest.raises(UserError, match="older nbgrader; nothing was changed") as refused:
        create_database(gradebook_url(course.db_url), "deep-learning")
    assert "nbgrader db upgrade --db 'postgresql://teacher@/" in str(refused.value)
    assert not inspect(engine).has_table("course")
    engine.dispose()


def test_history_is_read_from_postgresql(
    writer: GradebookWriter, course: NbgraderCourse, blueprint: Blueprint
) -> None:
    writer.write(graded(blueprint, scores=MIXED), handed_in(), "old")
    (entry,) = read_history(course.db_url, ASSIGNMENT, "ada")
    assert (entry.event, entry.score, entry.penalty) == (Happened.GRADED, 4.0, 0.4)
    assert abs(datetime.utcnow() - entry.at).total_seconds() < 3600


def test_server_that_is_away_is_one_sentence_without_the_password(
    root: Path, tmp_path: Path
) -> None:
    address = f"postgresql://teacher:secret@/class?host={tmp_path}"
    course = opened(root, tmp_path / "class", f'gradebook = "{address}"\n')
    for use in (
        lambda: GradebookWriter(course).__enter__(),
        lambda: list(read_history(course.db_url)),
    ):
        with pytest.raises(UserError) as refused:
            use()
        assert str(refused.value).startswith("postgresql://teacher:***@/class: ")
        assert "secret" not in str(refused.value)


@pytest.mark.slow
def test_nbgrader_upgrades_around_the_history(
    root: Path, course: NbgraderCourse, blueprint: Blueprint, tmp_path: Path
) -> None:
    with GradebookWriter(course) as writer:
        writer.register(blueprint)
        writer.write(graded(blueprint), handed_in(), "key")
    before = rows(course.db_url)
    url = make_url(course.db_url)  # nbgrader cannot upgrade by an address with a % in it
    plain = url.set(query={}).render_as_string()
    done = subprocess.run(
        [sys.executable, "-m", "nbgrader", "db", "upgrade", "--db", plain],
        cwd=root,
        env={**environment(tmp_path / "home"), "PGHOST": str(url.query["host"])},
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr
    assert rows(course.db_url) == before


def test_address_that_is_none_and_driver_that_is_missing_are_one_sentence(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    with pytest.raises(UserError, match="no address of a database"):
        gradebook_url("gradebook.db")
    monkeypatch.setitem(sys.modules, "psycopg", None)
    with pytest.raises(UserError, match=r"pip install 'psycopg\[binary\]"):
        connect(gradebook_url("postgresql://teacher@/class"))
    unknown: Any = gradebook_url("nosuchdb://teacher@/class")
    with pytest.raises(UserError, match="the driver of this database is not installed"):
        connect(unknown)
