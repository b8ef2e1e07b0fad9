"""People of a class, as collecting, marks and export see them; nothing that was kept is changed."""

import json
import shutil
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import small_class
from killed import killed_before
from nbgrader.api import Gradebook
from small_class import (
    ASSIGNMENT,
    METADATA,
    MOODLE_WORKSHEET,
    answer_in,
    make_course,
    make_gradebook,
    make_zip,
    notebook,
    unpack,
)

from autograder.assignment.errors import UserError
from autograder.assignment.nbgrader_course import NbgraderCourse
from autograder.export.lms import Target
from autograder.export.marks import Exported, Options, export
from autograder.intake.collect import Collected, collect, place, place_what_is_left
from autograder.intake.groups import Groups, read_groups
from autograder.intake.roster import read_roster
from autograder.intake.students import changing_ids
from autograder.records import roll
from autograder.records.books import read_books
from autograder.records.class_history import class_history
from autograder.records.class_list import read_class_list
from autograder.records.class_marks import ClassMark, ClassMarks, read_marks
from autograder.records.people import People, Told
from autograder.records.roll import class_ids, read_people

DUE = datetime(2026, 11, 1, 12, 0, tzinfo=UTC)
HOUR = timedelta(hours=1)
HEAD = f"Student,ID,SIS User ID,SIS Login ID,Section,{ASSIGNMENT} (7)\n"
ADA, BOB = '"Lovelace, Ada",101,S1,ada,A,\n', '"Babbage, Bob",102,S2,bob,A,\n'
NEW = '"Doe, Cyd",103,S3,,A,\n'
FILES = {
    "lovelaceada_101_1_cnn.ipynb": notebook("a"),
    "babbagebob_102_2_cnn.ipynb": notebook("b"),
    "doecyd_103_3_cnn.ipynb": notebook("c"),
}


@pytest.fixture(scope="module")
def empty(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("gradebook") / "gradebook.db"
    return make_gradebook(path, DUE.replace(tzinfo=None))


@pytest.fixture
def course(empty: Path, tmp_path: Path) -> NbgraderCourse:
    course = make_course(tmp_path / "course")
    shutil.copy(empty, course.root / "gradebook.db")
    return course


def give(course: NbgraderCourse, student: str, auto: float, manual: float | None = 0.0) -> None:
    with Gradebook(course.db_url, "small") as gradebook:
        small_class.give(gradebook, student, auto, manual)


def roster(course: NbgraderCourse, *rows: str) -> Path:
    path = course.root / "roster.csv"
    path.write_text(HEAD + "".join(rows), encoding="utf-8")
    return path


def take(
    course: NbgraderCourse,
    files: Mapping[str, bytes],
    rows: tuple[str, ...] = (),
    at: datetime = DUE - HOUR,
    **more: Any,
) -> Collected:
    people = read_roster(roster(course, *rows)) if rows else None
    path = make_zip(course.root / "a.zip", files)
    return collect(course, ASSIGNMENT, path, roster=people, clock=lambda: at, **more)


def one(course: NbgraderCourse, student: str, answer: str, at: datetime) -> Collected:
    """Collect a plain folder in which a student has this answer."""
    folder = course.root / "download"
    shutil.rmtree(folder, ignore_errors=True)
    unpack(folder, {f"{student}/cnn.ipynb": notebook(answer)})
    return collect(course, ASSIGNMENT, folder, clock=lambda: at)


def exported(course: NbgraderCourse, *rows: str, zero: bool = True) -> Exported:
    seated = read_roster(roster(course, *rows)).seat(read_people(course), class_ids(course))
    marks = read_marks(course, (ASSIGNMENT,))
    return export(marks, Target.CANVAS, seated, Options(missing_as_zero=zero))


def column(result: Exported) -> list[str]:
    return [line.split(",")[-1] for line in result.text.splitlines()[1:]]


def marks(course: NbgraderCourse) -> dict[str, ClassMark]:
    return {mark.student: mark for mark in whole(course).marks}


def whole(course: NbgraderCourse) -> ClassMarks:
    (found,) = read_marks(course, (ASSIGNMENT,))
    return found


def submitted(course: NbgraderCourse, student: str) -> str:
    return answer_in(course.submission_folder(student, ASSIGNMENT) / "cnn.ipynb")


def received(course: NbgraderCourse) -> dict[str, bytes]:
    root = course.root / "received" / ASSIGNMENT
    return {
        path.relative_to(root).as_posix(): path.read_bytes()
        for path in root.rglob("*")
        if path.is_file() and path.name != "journal.jsonl"
    }


def test_new_row_without_a_login_renames_nobody(course: NbgraderCourse) -> None:
    take(course, dict(list(FILES.items())[:2]), (ADA, BOB))
    assert course.students(ASSIGNMENT) == ("ada", "bob")
    later = take(course, FILES, (ADA, BOB, NEW), DUE + HOUR)
    assert [(line.student, line.status) for line in later.lines] == [
        ("ada", "same"), ("bob", "same"), ("103", "left out"),
    ]  # fmt: skip
    assert "Doe, Cyd has no SIS Login ID" in later.lines[-1].notes[0]
    assert not later.complete
    assert (course.students(ASSIGNMENT), later.ids) == (("ada", "bob"), "SIS Login ID")
    give(course, "ada", 5)
    give(course, "bob", 6)
    result = exported(course, ADA, BOB, NEW)
    assert column(result) == ["5", "6", ""]  # no zero for whom nobody knows
    assert any("Doe, Cyd has no SIS Login ID" in why for why in result.waiting)
    assert result.missing == ()
    take(course, FILES, (ADA, BOB, NEW.replace(",,A", ",cyd,A")), DUE + 2 * HOUR)
    assert course.students(ASSIGNMENT) == ("ada", "bob", "cyd")


@pytest.mark.parametrize("other", [BOB.replace("bob", ""), BOB.replace("bob", "robert")])
def test_collect_and_export_agree_when_a_login_changes(course: NbgraderCourse, other: str) -> None:
    take(course, FILES, (ADA, BOB, NEW.replace(",,A", ",cyd,A")))
    take(course, FILES, (ADA, other), DUE + HOUR)
    assert course.students(ASSIGNMENT) == ("ada", "bob", "cyd")
    give(course, "ada", 5)
    give(course, "bob", 6)
    assert column(exported(course, ADA, other)) == ["5", "6"]


def test_ids_of_a_class_of_before_stay(course: NbgraderCourse) -> None:
    """Nothing but the folders tells who was collected by an earlier version."""
    take(course, dict(list(FILES.items())[:2]), (ADA, BOB))
    (course.root / "received" / "students.jsonl").unlink()
    take(course, FILES, (ADA, BOB, NEW), DUE + HOUR)
    assert course.students(ASSIGNMENT) == ("ada", "bob")


def test_rename_and_taken_back(course: NbgraderCourse) -> None:
    one(course, "ada", "first", DUE - 3 * HOUR)
    one(course, "bob", "his", DUE - 3 * HOUR)
    before = received(course)
    said = roll.say_renamed(course, "ada", "alove", DUE)
    place(course, ASSIGNMENT)
    assert course.students(ASSIGNMENT) == ("alove", "bob")
    assert submitted(course, "alove") == "first"
    assert received(course) == before
    # The old account and the new one are hers.
    assert [line.status for line in one(course, "ada", "first", DUE - 2 * HOUR).lines] == ["same"]
    one(course, "ada", "second", DUE - 2 * HOUR)
    assert submitted(course, "alove") == "second"
    one(course, "alove", "third", DUE - HOUR)
    assert submitted(course, "alove") == "third"
    standing = read_books(course, ASSIGNMENT).standings["alove"]
    assert [one.number for one in standing.attempts] == [1, 2, 3]
    assert set(read_books(course, ASSIGNMENT).standings) == {"alove", "bob"}
    assert marks(course).keys() == {"alove", "bob"}
    roll.take_back(course, said.number, DUE)
    place(course, ASSIGNMENT)
    assert (submitted(course, "ada"), submitted(course, "alove")) == ("second", "third")


def test_rename_that_is_taken_back_at_once_leaves_all_as_before(course: NbgraderCourse) -> None:
    one(course, "ada", "first", DUE - 3 * HOUR)
    before = received(course)
    said = roll.say_renamed(course, "ada", "alove", DUE)
    place(course, ASSIGNMENT)
    roll.take_back(course, said.number, DUE)
    place(course, ASSIGNMENT)
    assert course.students(ASSIGNMENT) == ("ada",)
    assert submitted(course, "ada") == "first"
    assert received(course) == before
    assert not read_people(course).joined


def test_who_is_who_is_placed_by_whoever_shows_the_class_after_a_kill(
    course: NbgraderCourse,
) -> None:
    """Renamed, joined and taken back, killed before each rename and each sync."""
    one(course, "ada", "first", DUE - 3 * HOUR)
    one(course, "alove", "other", DUE - 2 * HOUR)
    start = course.root.parent / "start"
    shutil.copytree(course.root, start)

    def say() -> None:
        for work in (
            lambda: roll.say_joined(course, "ada", "alove", DUE),
            lambda: roll.take_back(course, 1, DUE),
            lambda: roll.say_renamed(course, "ada", "al", DUE),
            lambda: roll.take_back(course, 3, DUE),
        ):
            with changing_ids(course):
                work()

    seen = set()
    for killed_at in range(1000):
        shutil.rmtree(course.root)
        shutil.copytree(start, course.root)
        ended = killed_before(killed_at, say)
        place_what_is_left(course)
        books = read_books(course, ASSIGNMENT)
        there = {student: submitted(course, student) for student in course.students(ASSIGNMENT)}
        assert (
            there
            == {
                ("ada", "alove"): {"ada": "first", "alove": "other"},
                ("alove",): {"alove": "other"},
                ("al", "alove"): {"al": "first", "alove": "other"},
            }[tuple(sorted(books.standings))]
        )
        seen.add(books.people.facts[-1].told if books.people.facts else 0)
        place_what_is_left(course)  # there is nothing left
        if ended:
            break
    assert killed_at > 30
    assert seen == {0, Told.JOINED, Told.RENAMED, Told.UNDONE}


def test_attempts_of_both_ids_are_one_persons(course: NbgraderCourse) -> None:
    one(course, "ada", "first", DUE - 3 * HOUR)
    one(course, "101", "second", DUE - 2 * HOUR)
    one(course, "ada", "late", DUE - HOUR)
    roll.say_joined(course, "101", "ada", DUE)
    place(course, ASSIGNMENT)
    assert course.students(ASSIGNMENT) == ("ada",)
    standing = read_books(course, ASSIGNMENT).standings["ada"]
    assert [one.receipt.kept_as for one in standing.attempts] == [
        ("ada", 1), ("101", 1), ("ada", 2),
    ]  # fmt: skip
    assert submitted(course, "ada") == "late"
    assert class_history(course, None, "101")[-1].words.startswith("is the same person as ada")


def test_word_on_an_attempt_of_the_other_id(course: NbgraderCourse) -> None:
    from autograder.intake.words import choose

    one(course, "ada", "first", DUE - 3 * HOUR)
    one(course, "101", "second", DUE - 2 * HOUR)
    roll.say_joined(course, "101", "ada", DUE)
    place(course, ASSIGNMENT)
    assert submitted(course, "ada") == "second"
    choose(course, ASSIGNMENT, "ada", 1, clock=lambda: DUE)
    assert submitted(course, "ada") == "first"
    choose(course, ASSIGNMENT, "101", 2, clock=lambda: DUE + HOUR)
    assert submitted(course, "ada") == "second"
    lines = (course.root / "received" / ASSIGNMENT / "journal.jsonl").read_text().splitlines()
    words = [json.loads(line) for line in lines]
    assert [(w["student"], w["attempt"]) for w in words if w["said"] == "counts"] == [
        ("ada", 1), ("101", 1),
    ]  # fmt: skip


def test_extension_of_the_old_id_counts(course: NbgraderCourse) -> None:
    (course.root / "class.toml").write_text(
        f'[due]\n"{ASSIGNMENT}" = 2026-11-01T12:00:00\n'
        f'[extensions."{ASSIGNMENT}"]\nada = 2\nbob = 1\n'
    )
    one(course, "ada", "first", DUE + HOUR)
    roll.say_renamed(course, "ada", "alove", DUE)
    due = read_books(course, ASSIGNMENT).deadlines
    assert due.of("alove") == DUE + timedelta(days=2)
    assert due.strangers == ("bob",)


def test_work_that_was_only_placed_by_hand_is_kept_when_renamed(course: NbgraderCourse) -> None:
    unpack(course.submission_folder("ada", ASSIGNMENT), {"cnn.ipynb": notebook("by hand")})
    roll.say_renamed(course, "ada", "alove", DUE)
    place(course, ASSIGNMENT)
    assert course.students(ASSIGNMENT) == ("alove",)
    assert submitted(course, "alove") == "by hand"


def test_points_that_a_person_gave_stay_and_are_named(course: NbgraderCourse) -> None:
    one(course, "ada", "first", DUE - HOUR)
    give(course, "ada", 5, 2)
    roll.say_renamed(course, "ada", "alove", DUE)
    place(course, ASSIGNMENT)
    assert not marks(course)["alove"].graded
    give(course, "alove", 5, None)
    held = marks(course)["alove"]
    assert "points that a person gave under ada" in held.held
    assert "cnn/words" in held.held
    assert not held.final
    give(course, "alove", 5, 1)
    assert marks(course)["alove"].held == ""
    assert whole(course).students == ("alove",)
    with Gradebook(course.db_url, "small") as gradebook:
        assert gradebook.find_submission(ASSIGNMENT, "ada").score == 7


def test_who_has_left_is_left_out_and_named_until_it_is_taken_back(course: NbgraderCourse) -> None:
    take(course, dict(list(FILES.items())[:1]), (ADA, BOB))
    give(course, "ada", 5, None)
    with Gradebook(course.db_url, "small") as gradebook:
        gradebook.update_or_create_student("bob")
    before = exported(course, ADA, BOB)
    assert column(before) == ["", "0"]
    lines = [roll.say_withdrawn(course, one, DUE).number for one in ("ada", "bob")]
    after = exported(course, ADA, BOB)
    assert column(after) == ["", ""]
    assert after.waiting == ()
    assert whole(course).marks == ()
    assert whole(course).students == ()
    assert [note for note in after.notes if "has left the class" in note] == [
        f"{ASSIGNMENT}: {one} has left the class, so is left out" for one in ("ada", "bob")
    ]
    for line in lines:
        roll.take_back(course, line, DUE)
    assert exported(course, ADA, BOB) == before


def test_names_come_into_the_gradebook_and_a_persons_own_stay(course: NbgraderCourse) -> None:
    with Gradebook(course.db_url, "small") as gradebook:
        gradebook.update_or_create_student("ada", first_name="Augusta")
        gradebook.update_or_create_student("bob")
    take(course, FILES, (ADA, BOB))
    with Gradebook(course.db_url, "small") as gradebook:
        ada, bob = gradebook.find_student("ada"), gradebook.find_student("bob")
        assert (ada.first_name, ada.last_name) == ("Augusta", "Lovelace")
        assert (bob.first_name, bob.last_name, bob.email) == ("Bob", "Babbage", None)
        assert {student.id for student in gradebook.students} == {"ada", "bob"}
    give(course, "ada", 5)
    assert marks(course)["ada"].last_name == "Lovelace"


def test_moodle_gives_addresses_and_whole_names(course: NbgraderCourse) -> None:
    path = course.root / "w.csv"
    path.write_text(MOODLE_WORKSHEET, encoding="utf-8")
    give(course, "bela@x.org", 5)
    files = {"Béla_7 Özdemir_102_assignsubmission_file_/cnn.ipynb": notebook("b")}
    collect(
        course, ASSIGNMENT, make_zip(course.root / "a.zip", files), roster=read_roster(path),
        clock=lambda: DUE,
    )  # fmt: skip
    bela = marks(course)["bela@x.org"]
    assert (bela.first_name, bela.last_name, bela.email) == ("", "Béla_7 Özdemir", "bela@x.org")


def test_list_of_a_group_set_is_seated_like_the_gradebook(course: NbgraderCourse) -> None:
    take(course, FILES, (ADA, BOB))
    path = course.root / "groups.csv"
    path.write_text(
        "name,canvas_user_id,user_id,login_id,sections,group_name\n"
        "Ada Lovelace,101,S1,,A,Engines\n"  # the login is missing: the number tells who it is
        "Bob Babbage,102,S2,robert,A,Engines\nCyd Doe,103,S3,,A,\n",
        encoding="utf-8",
    )
    files = {"engines_102_9_cnn.ipynb": notebook("both"), "doecyd_103_3_cnn.ipynb": notebook("c")}
    collected = collect(
        course, ASSIGNMENT, make_zip(course.root / "a.zip", files), roster=read_roster(path),
        clock=lambda: DUE,
    )  # fmt: skip
    lines = {line.student: line for line in collected.lines}
    assert [lines[who].status for who in ("ada", "bob", "103")] == ["new", "new", "left out"]
    assert "handed in by the group engines" in lines["ada"].notes
    assert lines["103"].notes == (
        "Cyd Doe has no SIS Login ID, which the class's ids are of, and no other name that the "
        "class knows; fill it in in the roster",
    )
    # The list has no first names; the gradebook's export had.
    assert roll.names_of(read_people(course), frozenset({"ada"}))["ada"][:2] == ("Ada", "Lovelace")


def test_own_name_of_moodles_column_is_the_column(course: NbgraderCourse) -> None:
    path = course.root / "w.csv"
    path.write_text(
        "ID,Vollständiger Name,E-Mail-Adresse,Status,Bewertung,Bestwertung\n"
        "Teilnehmer/in101,Ada Lovelace,ada@x.org,abgegeben,,10\n"
        "Teilnehmer/in102,Bob Babbage,bob@x.org,abgegeben,,10\n",
        encoding="utf-8",
    )
    both = [read_roster(path, name) for name in ("E-Mail-Adresse", "Email address")]
    assert [(one.wanted, one.rows) for one in both] == [("Email address", both[0].rows)] * 2
    assert both[0].rows[0].names == {"Email address": "ada@x.org", "Identifier": "101"}
    assert both[0].rows[0].email == "ada@x.org"
    assert read_roster(path, "ID").seat(People(), ()).by_student == {"101": 0, "102": 1}


def groups(course: NbgraderCourse, text: str) -> Groups:
    path = course.root / "groups.csv"
    path.write_text(text, encoding="utf-8")
    return read_groups(path)


def test_upload_of_one_is_an_attempt_of_the_whole_group(course: NbgraderCourse) -> None:
    table = groups(course, "group,student\n1,ada\n1,bob\n2,cyd\n")
    folder = unpack(course.root / "d", {"ada/cnn.ipynb": notebook("ours"), "cyd/cnn.ipynb": b"{}"})
    for status in ("new", "same"):
        result = collect(course, ASSIGNMENT, folder, groups=table, clock=lambda: DUE)
        lines = sorted((line.student, line.status) for line in result.lines)
        assert lines == [("ada", status), ("bob", status), ("cyd", status)]
    assert (submitted(course, "ada"), submitted(course, "bob")) == ("ours", "ours")
    origins = {
        who: read_books(course, ASSIGNMENT).standings[who].attempts[0].receipt.origin
        for who in ("ada", "bob")
    }
    assert origins == {"ada": "", "bob": "upload of ada"}


def test_own_upload_counts_where_nothing_tells_which_is_newer(course: NbgraderCourse) -> None:
    table = groups(course, "group,student\n1,ada\n1,bob\n")
    files = {"ada/cnn.ipynb": notebook("hers"), "bob/cnn.ipynb": notebook("his")}
    collect(course, ASSIGNMENT, unpack(course.root / "d", files), groups=table, clock=lambda: DUE)
    assert (submitted(course, "ada"), submitted(course, "bob")) == ("hers", "his")
    assert len(read_books(course, ASSIGNMENT).standings["ada"].attempts) == 2


def test_group_by_the_names_of_a_roster(course: NbgraderCourse) -> None:
    table = groups(course, "group,student\n1,101\n1,S2\n1,nobody\n")
    result = take(course, dict(list(FILES.items())[:1]), (ADA, BOB), groups=table)
    assert course.students(ASSIGNMENT) == ("ada", "bob")
    assert [line.student for line in result.lines if line.status == "left out"] == ["nobody"]


def test_group_that_the_download_has_itself_is_taken_once(course: NbgraderCourse) -> None:
    table = groups(course, "group,student\n1,0102\n1,xiaoming@x.org\n")
    files = {
        "e/submission_metadata.yml": METADATA.encode(),
        "e/submission_11/cnn.ipynb": notebook("a"),
        "e/submission_12/cnn.ipynb": notebook("b"),
    }
    result = take(course, files, groups=table)
    assert sorted(line.student for line in result.lines) == ["0101", "0102", "xiaoming@x.org"]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("group,student\n1,ada\n2,ada\n", "ada is in two groups"),
        ("team,who\n1,ada\n", "columns group and student"),
        ("", "columns group and student"),
        ("group,student\n1,../x\n", "cannot be the name"),
    ],
)
def test_table_of_groups_that_cannot_be_used_is_said(
    course: NbgraderCourse, text: str, said: str
) -> None:
    with pytest.raises(UserError, match=said):
        groups(course, text)


def test_what_cannot_be_said_is_refused(course: NbgraderCourse) -> None:
    for student in ("ada", "bob", "cyd"):
        one(course, student, "x", DUE)
    for say, said in (
        (lambda: roll.say_joined(course, "adda", "bob", DUE), "unknown student 'adda'"),
        (lambda: roll.say_renamed(course, "ada", "Bob", DUE), "--join ada bob"),
        (lambda: roll.say_renamed(course, "ada", "a/b", DUE), "cannot be the name"),
        (lambda: roll.say_withdrawn(course, "nobody", DUE), "unknown student 'nobody'"),
        (lambda: roll.take_back(course, 1, DUE), "nobody's word"),
    ):
        with pytest.raises(UserError, match=said):
            say()  # type: ignore[no-untyped-call]
    roll.say_renamed(course, "ada", "alove", DUE)
    roll.say_joined(course, "ada", "bob", DUE)
    with pytest.raises(UserError, match="one person already"):
        roll.say_joined(course, "alove", "bob", DUE)
    with pytest.raises(UserError, match="line 2 rests on line 1"):
        roll.take_back(course, 1, DUE)
    roll.take_back(course, 2, DUE)
    roll.take_back(course, 1, DUE)
    with pytest.raises(UserError, match="nobody's word"):
        roll.take_back(course, 1, DUE)


def test_line_that_is_cut_goes_and_a_damaged_one_is_named(course: NbgraderCourse) -> None:
    take(course, FILES, (ADA, BOB))
    path = course.root / "received" / "students.jsonl"
    whole_lines = path.read_bytes()
    take(course, FILES, (ADA, BOB))
    assert path.read_bytes() == whole_lines  # nothing new was seen
    path.write_bytes(whole_lines + b'{"at": "2026-')
    roll.say_withdrawn(course, "bob", DUE)
    assert [json.loads(line)["said"] for line in path.read_text().splitlines()] == [
        "seen", "seen", "withdrawn",
    ]  # fmt: skip
    path.write_bytes(b'{"said": "joined"}\n' + path.read_bytes())
    assert "line 1 is damaged" in take(course, FILES, (ADA, BOB)).notes[0]
    assert set(read_people(course).withdrawn) == {"bob"}


def test_list_of_the_class(course: NbgraderCourse) -> None:
    take(course, dict(list(FILES.items())[:1]), (ADA, BOB))
    roll.say_renamed(course, "ada", "alove", DUE)
    found = read_class_list(course).members
    assert list(found) == ["alove", "bob"]
    alove = found["alove"]
    assert (alove.ids, alove.handed_in) == (("alove", "ada"), (ASSIGNMENT,))
    assert (alove.names.first_name, alove.names.last_name) == ("Ada", "Lovelace")
    assert alove.seen == {
        "canvas SIS Login ID": "ada",
        "canvas SIS User ID": "S1",
        "canvas ID": "101",
    }
    assert found["bob"].handed_in == ()
