"""Marks out: each system's own file, read again by another reader, has each student's own mark."""

import csv
import io
import json
import shutil
import subprocess
import sys
import unicodedata
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Literal

import pytest
import small_class
from nbgrader.api import Gradebook
from small_class import (
    ASSIGNMENT,
    CANVAS_GRADEBOOK,
    GRADESCOPE_ROSTER,
    METADATA,
    MOODLE_WORKSHEET,
    make_course,
    make_gradebook,
    make_zip,
    notebook,
    unpack,
)
from throwaway_course import environment

from autograder.assignment.errors import UserError
from autograder.assignment.nbgrader_course import NbgraderCourse, open_course
from autograder.export.lms import Target
from autograder.export.marks import Exported, Options, export
from autograder.intake.collect import collect
from autograder.intake.roster import read_roster
from autograder.intake.students import read_roster_into
from autograder.records import roll
from autograder.records.class_marks import read_marks
from autograder.records.roll import class_ids, read_people

DUE = datetime(2026, 11, 1, 12, 0)
MARKS = {"ada": 7.5, "bela": 2.0, "xiaoming": 0.0, "eve": 6.0}


give = partial(small_class.give, came=DUE)


@pytest.fixture(scope="module")
def empty(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_gradebook(tmp_path_factory.mktemp("gradebook") / "gradebook.db", DUE)


@pytest.fixture
def course(empty: Path, tmp_path: Path) -> NbgraderCourse:
    course = make_course(tmp_path / "course")
    shutil.copy(empty, course.root / "gradebook.db")
    return course


def open_gradebook(course: NbgraderCourse) -> Gradebook:
    return Gradebook(course.db_url, "small")


@pytest.fixture
def graded(course: NbgraderCourse) -> NbgraderCourse:
    with open_gradebook(course) as gradebook:
        for student, score in MARKS.items():
            give(gradebook, student, score)
    return course


def written(
    course: NbgraderCourse,
    target: Target,
    roster: str | bytes | None = None,
    options: Options | None = None,
    id_column: str | None = None,
) -> tuple[list[dict[str, str]], Exported]:
    """What is written, read again by the csv module."""
    seated = None
    if roster is not None:
        path = course.root / "roster.csv"
        path.write_bytes(roster if isinstance(roster, bytes) else roster.encode())
        seated = read_roster(path, id_column).seat(read_people(course), class_ids(course))
    exported = export(read_marks(course, (ASSIGNMENT,)), target, seated, options)
    rows = list(csv.DictReader(io.StringIO(exported.text.removeprefix("\ufeff"), newline="")))
    return rows, exported


CANVAS = CANVAS_GRADEBOOK.format(name=ASSIGNMENT, number=7)
COLUMN = f"{ASSIGNMENT} (7)"


def test_csv_adds_up_and_is_in_order(course: NbgraderCourse) -> None:
    with open_gradebook(course) as gradebook:
        gradebook.update_or_create_student("zoe", first_name="=cmd()", last_name="Ünal")
        give(gradebook, "zoe", 6.25, 1.5)
        give(gradebook, "-ann", 3)
        submission = gradebook.find_submission(ASSIGNMENT, "zoe")
        submission.notebooks[0].late_submission_penalty = 4.0  # by a rule that was another then
        submission.notebooks[0].grades[0].extra_credit = 0.5
        submission.timestamp = DUE + timedelta(minutes=90)
        gradebook.db.commit()
        expected = submission.score - 2.0
        gradebook.update_or_create_student("bob")
        gradebook.update_or_create_submission(ASSIGNMENT, "bob").extension = timedelta(days=1)
        gradebook.db.commit()
    course.config.AssignLatePenalties.plugin_class = "autograder.gradebook.late_plugin.LatePolicy"
    course.config.LatePolicy.share_per_day, course.config.LatePolicy.of = 0.2, "max"
    rows, exported = written(course, Target.CSV)
    assert [row["student"] for row in rows] == ["'-ann", "zoe"]
    zoe = rows[1]
    assert zoe == {
        "student": "zoe", "first_name": "'=cmd()", "last_name": "Ünal", "email": "",
        "assignment": ASSIGNMENT, "timestamp": "2026-11-01T13:30:00+00:00",
        "late_seconds": "5400", "automatic": "6.25", "manual": "1.5", "extra_credit": "0.5",
        "late_penalty": "2", "score": "6.25", "max_score": "10", "waiting": "0",
    }  # fmt: skip
    assert float(zoe["score"]) == expected
    assert exported.complete
    with_zero, _ = written(course, Target.CSV, options=Options(missing_as_zero=True))
    assert [(row["student"], row["score"]) for row in with_zero][1] == ("bob", "0")


def test_canvas_fills_its_own_file(graded: NbgraderCourse) -> None:
    rows, exported = written(graded, Target.CANVAS, CANVAS)
    assert {row["SIS Login ID"]: row[COLUMN] for row in rows} == {
        "": "10.0", "ada": "7.5", "bela": "2", "xiaoming": "0", "eve": "6", "teststudent": "",
    }  # fmt: skip
    assert exported.complete
    before = list(csv.reader(io.StringIO(CANVAS)))
    after = list(csv.reader(io.StringIO(exported.text)))
    assert after[0] == before[0]
    for old, new in zip(before, after, strict=True):
        assert new[1:5] + new[6:] == old[1:5] + old[6:]
    assert [row["Student"] for row in rows][-2] == "'=1+1, Eve"


def test_mark_of_another_column_and_other_points_are_said(graded: NbgraderCourse) -> None:
    other = CANVAS_GRADEBOOK.format(name="Convolutions", number=7).replace("10.0", "100")
    with pytest.raises(UserError, match=r"it has Convolutions \(7\).*--column"):
        written(graded, Target.CANVAS, other)
    rows, exported = written(graded, Target.CANVAS, other, Options(column="convolutions"))
    assert rows[1]["Convolutions (7)"] == "7.5"
    assert "Canvas has 100 points possible, the gradebook 10" in exported.notes[0]
    assert exported.differs == exported.notes
    assert not exported.complete


def test_byte_order_mark_delimiter_and_line_ends_stay(graded: NbgraderCourse) -> None:
    text = CANVAS.replace('"Lovelace, Ada"', "Ada").replace("\n", "\r\n")
    _, exported = written(graded, Target.CANVAS, text.encode("utf-8-sig"))
    assert exported.text.startswith("\ufeffStudent,ID,")
    assert exported.text.count("\r\n") == exported.text.count("\n") == 7
    semicolons = "Student;ID;SIS Login ID;02_cnn (7)\nAda;101;ada;\n"
    _, exported = written(graded, Target.CANVAS, semicolons)
    assert exported.text.splitlines()[1] == "Ada;101;ada;7.5"


def test_moodle_fills_grade_and_comment(graded: NbgraderCourse) -> None:
    with open_gradebook(graded) as gradebook:
        for student in MARKS:
            gradebook.remove_student(student)
        for student, score in MARKS.items():
            give(gradebook, f"{student}@x.org", score)
        give(gradebook, "ada@x.org", 8, 2.0)
    worksheet = MOODLE_WORKSHEET.replace("10.00", "9.00")
    rows, exported = written(graded, Target.MOODLE, worksheet)
    assert [row["Grade"] for row in rows] == ["10", "2", "4.00", "6"]
    assert [row["Feedback comments"] for row in rows] == [
        "10 of 10 points (checks 8, by hand 2)", "well done", "", "6 of 10 points (checks 6)",
    ]  # fmt: skip
    assert list(rows[0]) == next(csv.reader([MOODLE_WORKSHEET.split('\n"Part')[0]]))
    assert [row["Identifier"] for row in rows] == [f"Participant {n}" for n in range(101, 105)]
    assert [note.partition(":")[0] for note in exported.differs] == [
        "Ada Lovelace", "王小明", ASSIGNMENT,
    ]  # fmt: skip
    assert "Moodle's maximum grade is 9, the gradebook's 10" in exported.differs[-1]
    assert not exported.complete


@pytest.mark.parametrize(
    ("cell", "value", "complete"), [("EX", "EX", False), ("ex", "ex", False), ("N/A", "N/A", False),
                                    ("3", "7.5", True), ("7,5", "7.5", True)]
)  # fmt: skip
def test_who_is_excused_in_canvas_stays_so(
    graded: NbgraderCourse, cell: str, value: str, complete: bool
) -> None:
    roster = CANVAS.replace("ada,Group A,,0", f'ada,Group A,"{cell}",0')
    rows, exported = written(graded, Target.CANVAS, roster)
    assert [row[COLUMN] for row in rows] == ["10.0", value, "2", "0", "6", ""]
    assert exported.complete == complete
    assert [note.partition(":")[0] for note in exported.differs] == ["Lovelace, Ada"][complete:]
    assert exported.notes == exported.differs
    if not complete:
        assert "7.5 is not written" in exported.notes[0]


def test_zero_for_who_is_missing_excuses_nobody_less(graded: NbgraderCourse) -> None:
    more = CANVAS + '"New, Nora",106,S6,nora,Group A,EX,0\n"Old, Otto",107,S7,otto,Group A,,0\n'
    rows, exported = written(graded, Target.CANVAS, more, Options(missing_as_zero=True))
    assert [row[COLUMN] for row in rows][-2:] == ["EX", "0"]
    assert exported.notes == ("New, Nora: is excused in Canvas; EX is kept",)
    assert exported.complete
    rows, exported = written(graded, Target.CANVAS, more)
    assert (rows[-2][COLUMN], exported.notes) == ("EX", ())


def test_column_that_canvas_computes_is_refused(graded: NbgraderCourse) -> None:
    with pytest.raises(UserError, match="Canvas computes this column"):
        written(graded, Target.CANVAS, CANVAS, Options(column="Final Score"))


def test_canvas_export_with_two_columns_of_names(graded: NbgraderCourse) -> None:
    roster = (
        "LastName,FirstName,ID,SIS Login ID,Section,02_cnn (7)\n"
        "    Points Possible,,,,,10.0\n,,,,,Manual Posting\n"
        'Lovelace,=Ada,101,ada,A,\n"Student",Test,105,t,,\n'
    )
    rows, exported = written(graded, Target.CANVAS, roster)
    assert [row[COLUMN] for row in rows] == ["10.0", "Manual Posting", "7.5", ""]
    assert rows[2]["FirstName"] == "'=Ada"
    assert len(exported.missing) == 3


@pytest.mark.parametrize(
    ("line", "mark"), [("sep=;", ";"), ("sep=,\r", ","), ('"sep=\t"', "\t"), ("SEP=|", "|")]
)
def test_line_that_tells_a_spreadsheet_what_separates_is_followed_and_left_out(
    graded: NbgraderCourse, line: str, mark: str
) -> None:
    table = "Student;ID;SIS Login ID;02_cnn (7)\nAda, of A:b;101;ada;\n".replace(";", "\0")
    cells = table.replace("Ada, of A", '"Ada, of A"').replace('"Ada, of A":b', '"Ada, of A:b"')
    roster = f"{line}\n" + cells.replace("\0", mark)
    _, exported = written(graded, Target.CANVAS, roster)
    header, ada = csv.reader(io.StringIO(exported.text), delimiter=mark)
    assert header == ["Student", "ID", "SIS Login ID", "02_cnn (7)"]
    assert ada == ["Ada, of A:b", "101", "ada", "7.5"]


@pytest.mark.parametrize("form", ["NFC", "NFD"])
@pytest.mark.parametrize("student", ["ömer", "Ömer", "한글", "é+1@x.org"])
def test_name_is_the_same_in_both_ways_to_write_it(
    graded: NbgraderCourse, student: str, form: Literal["NFC", "NFD"]
) -> None:
    other: Literal["NFC", "NFD"] = "NFD" if form == "NFC" else "NFC"
    with open_gradebook(graded) as gradebook:
        for known in MARKS:
            gradebook.remove_student(known)
        give(gradebook, unicodedata.normalize(form, student), 4)
    more = f"Ö,106,S6,{unicodedata.normalize(other, student)},Group A,,0\n"
    rows, exported = written(graded, Target.CANVAS, CANVAS + more)
    assert (rows[-1][COLUMN], exported.complete) == ("4", True)


GERMAN = """\
ID,"Vollständiger Name","E-Mail-Adresse",Status,{group}Bewertung,Bestwertung,\
"Bewertung kann geändert werden","Zuletzt geändert (Abgabe)","Zuletzt geändert (Bewertung)",\
"Feedback als Kommentar"
Teilnehmer/in101,"Ada Lovelace",ada@x.org,"Zur Bewertung abgegeben",{a}"","10,00",Ja,"Sonntag, 1. \
November 2026, 10:00",-,
Teilnehmer/in102,"Béla Özdemir",bela@x.org,"Zur Bewertung abgegeben",{b}"4,00","10,00",Nein,-,-,
Teilnehmer/in103,"=1 Eve",eve@x.org,"Keine Abgabe",{b}"1,00","10,00",Ja,-,-,"gut gemacht"
"""
FRENCH = """\
Identifiant,Nom complet,Département,Adresse de courriel,Statut,Note,Note maximale,\
Statut du processus,La note peut être modifiée,Dernière modification (travail remis),\
Dernière modification (note),Feedback par commentaires
Participant 101,Ada Lovelace,Physique,ada@x.org,Remis,,"10,00",Non noté,Oui,-,-,
Participant 102,Béla Özdemir,Physique,bela@x.org,Remis,"4,00","10,00",Noté,Non,-,-,
Participant 103,=1 Eve,Physique,eve@x.org,Rien,"1,00","10,00",Non noté,Oui,-,-,bien
"""


@pytest.mark.parametrize(
    "worksheet",
    [GERMAN.format(group="", a="", b=""), GERMAN.format(group="Gruppe,", a="A,", b="B,"), FRENCH],
    ids=["German", "German with groups", "French"],
)
def test_moodle_in_another_language_is_told_by_what_its_columns_hold(
    graded: NbgraderCourse, worksheet: str
) -> None:
    with open_gradebook(graded) as gradebook:
        for student in MARKS:
            gradebook.remove_student(student)
        for student, score in {"ada": 7.5, "bela": 2, "eve": 0.5}.items():
            give(gradebook, f"{student}@x.org", score)
    _, exported = written(graded, Target.MOODLE, worksheet)
    header, *rows = csv.reader(io.StringIO(exported.text))
    before = list(csv.reader(io.StringIO(worksheet)))
    assert header == before[0]
    grade = before[0].index("Bewertung" if "Bewertung" in before[0] else "Note")
    assert [row[grade] for row in rows] == ["7.5", "4,00", "0.5"]
    assert [row[-1] for row in rows][1:] == before[2][-1:] + before[3][-1:]
    assert rows[0][-1] == "7.5 of 10 points (checks 7.5)"
    assert [row[1] for row in rows] == ["Ada Lovelace", "Béla Özdemir", "'=1 Eve"]
    (differs,) = exported.differs
    assert differs.startswith("Béla Özdemir: Moodle lets nobody change this grade; 4,00 is kept")
    assert [row[grade + 1] for row in rows] == ["10,00"] * 3


def test_word_of_an_unknown_language_is_said(graded: NbgraderCourse) -> None:
    worksheet = GERMAN.format(group="", a="", b="").replace("Nein", "Ayi").replace("Ja,", "Ewe,")
    _, exported = written(graded, Target.MOODLE, worksheet)
    # Only of rows that are to be filled: none of these has a mark.
    assert not any("in the column" in note for note in exported.notes)
    with open_gradebook(graded) as gradebook:
        give(gradebook, "bela@x.org", 2)
    _, exported = written(graded, Target.MOODLE, worksheet)
    (said,) = [note for note in exported.notes if "in the column" in note]
    assert said.startswith("'Ayi' in the column Bewertung kann geändert werden: it is not known")


@pytest.mark.parametrize(
    "table",
    [
        "Nr,Name,Note\n1,Ada,3\n",  # no word before the number
        "ID,Name,Punkte,Bestwertung\nT1,Ada,,10\nT1,Bob,,10\n",  # twice the same
        "ID,Name,Skala\nTeilnehmer/in1,Ada,gut\n",  # a scale: no maximum
        "ID,Name,Text,Bestwertung\nT1,Ada,gut,10\nT2,Bob,,10\n",  # what precedes is no grade
    ],
)
def test_table_that_is_not_surely_moodles_is_refused(graded: NbgraderCourse, table: str) -> None:
    with pytest.raises(UserError, match=r"is no roster.*with Moodle in English"):
        written(graded, Target.MOODLE, table)


@pytest.mark.parametrize(
    ("students", "expected", "held"),
    [
        # 1002 left the class; it is Bob's number in Canvas.
        (["1001", "1002"], {"1001": "1"}, ["Bob has the ID 1002"]),
        (["S9", "ada"], {"ada": "2"}, ["Ann has the SIS User ID S9"]),
        # Numbers of other columns only, of as many students each, or of one student.
        (["2002", "1003"], {}, ["Ann has the ID 1003", "Bob has the SIS User ID 2002"]),
        (["2002"], {}, ["Bob has the SIS User ID 2002"]),
        # More ids of the class are of one column than of any other.
        (["1003", "1004", "2002"], {"1001": "1", "ada": "2"}, ["Bob has the SIS User ID 2002"]),
    ],
)
def test_mark_goes_to_nobody_elses_row(
    course: NbgraderCourse, students: list[str], expected: dict[str, str], held: list[str]
) -> None:
    roster = (
        "Student,ID,SIS User ID,SIS Login ID,Section,02_cnn (7)\n"
        "Ann,1003,S9,1001,A,\nBob,1002,2002,bob,A,\nAda,1004,S8,ada,A,\n"
    )
    with open_gradebook(course) as gradebook:
        for score, student in enumerate(students, start=1):
            give(gradebook, student, score)
    rows, exported = written(course, Target.CANVAS, roster)
    assert {row["SIS Login ID"]: row[COLUMN] for row in rows if row[COLUMN]} == expected
    lost = [line.partition(":")[0] for line in exported.missing]
    assert len(lost) == len(students) - len(expected)
    assert not exported.complete or not lost
    assert [line.partition(",")[0] for line in exported.waiting] == held
    if lost == ["1002"]:
        with_ids, _ = written(course, Target.CANVAS, roster, id_column="ID")
        assert {row["ID"]: row[COLUMN] for row in with_ids if row[COLUMN]} == {"1002": "2"}


def test_mark_under_another_name_of_a_student_who_is_known_is_named(
    course: NbgraderCourse,
) -> None:
    head = "Student,ID,SIS User ID,SIS Login ID,Section,02_cnn (7)\n"
    path = course.root / "before.csv"
    path.write_text(head + "Ann,1003,S9,ann,A,\nBob,1002,2002,bob,A,\n")
    read_roster_into(course, read_roster(path), datetime(2026, 11, 1, tzinfo=UTC))
    with open_gradebook(course) as gradebook:
        for score, student in enumerate(("1002", "ann", "s9", "cyd"), start=1):
            give(gradebook, student, score)
    rows, exported = written(course, Target.CANVAS, path.read_text())
    assert {row["SIS Login ID"]: row[COLUMN] for row in rows if row[COLUMN]} == {"ann": "2"}
    assert [line.partition(":")[0] for line in exported.missing] == ["1002", "cyd", "s9"]
    said = [note.partition(":")[2] for note in exported.notes if "--join" in note]
    assert said == [
        " is no row's id on the roster, but the ID of Bob, who is bob; if both are one person: "
        "autograder students --join 1002 bob",
        " is no row's id on the roster, but the SIS User ID of Ann, who is ann; if both are one "
        "person: autograder students --join s9 ann",
    ]


@pytest.mark.parametrize("first", ["=", "+", "-", "@"])
def test_id_that_a_spreadsheet_would_run_is_named(graded: NbgraderCourse, first: str) -> None:
    student = f"{first}1+1"
    with open_gradebook(graded) as gradebook:
        give(gradebook, student, 4)
    rows, exported = written(graded, Target.CSV)
    assert [row["student"] for row in rows if row["score"] == "4"] == [f"'{student}"]
    assert exported.notes == (
        f"{student}: written with an apostrophe before it, as a spreadsheet would run it",
    )
    more = CANVAS + f"Eve,109,S9,{student},Group A,,0\n"
    rows, exported = written(graded, Target.CANVAS, more)
    assert (rows[-1]["SIS Login ID"], rows[-1][COLUMN]) == (student, "4")
    assert exported.notes == (
        f"{student}: a spreadsheet would run this; import the file without opening it in one",
    )
    assert exported.complete


@pytest.mark.parametrize(
    ("top", "said"), [("100.00", "100"), ("10.00", ""), ("10", ""), ("5", "5")]
)
def test_other_maximum_in_moodle_is_said_once(graded: NbgraderCourse, top: str, said: str) -> None:
    with open_gradebook(graded) as gradebook:
        for student in MARKS:
            gradebook.remove_student(student)
        give(gradebook, "ada@x.org", 4)
    rows, exported = written(graded, Target.MOODLE, MOODLE_WORKSHEET.replace("10.00", top))
    assert (rows[0]["Grade"], rows[0]["Maximum Grade"]) == ("4", top)
    assert len(exported.differs) == bool(said)
    assert exported.complete == (not said)
    assert not said or f"Moodle's maximum grade is {said}," in exported.differs[0]


def test_moodle_scale_takes_no_points(graded: NbgraderCourse) -> None:
    worksheet = MOODLE_WORKSHEET.replace("Maximum Grade", "Scale").replace("10.00", "bad, good")
    _, exported = written(graded, Target.MOODLE, worksheet.replace("bad, good", '"bad, good"'))
    assert any("by a scale" in line for line in exported.differs)
    assert not exported.complete


def test_list_of_a_group_set_is_no_file_for_marks(graded: NbgraderCourse) -> None:
    groups = "name,canvas_user_id,user_id,login_id,sections,group_name\nAda,1,S1,ada,A,Engines\n"
    with pytest.raises(UserError, match="group set, which has no scores"):
        written(graded, Target.CANVAS, groups)


def test_gradescope_file(graded: NbgraderCourse) -> None:
    roster = GRADESCOPE_ROSTER.replace("0101", "ada")
    rows, exported = written(graded, Target.GRADESCOPE, roster)
    assert (rows[0]["SID"], rows[0]["Total Score"], rows[0]["Max Points"]) == ("ada", "7.5", "10")
    assert (rows[0]["Status"], rows[1]["Status"], rows[1]["Total Score"]) == (
        "Graded",
        "Missing",
        "",
    )
    assert rows[0]["Lateness (H:M:S)"] == "00:00:00"
    assert len(exported.missing) == 3


def test_gradescope_status_is_each_ones_own(graded: NbgraderCourse) -> None:
    """Graded, waiting, missing; of who has left and of a row that is held nothing is said."""
    roster = GRADESCOPE_ROSTER.replace("0101", "ada").replace("0102", "bela")
    roster = roster.replace("0103", "xiaoming").replace("0104", "eve")
    roster += "Zoe,Late,zoe,zoe@x.org,Student\nNo,Id,,,Student\n,,,no@x.org,Student\n"
    with open_gradebook(graded) as gradebook:
        give(gradebook, "bela", 2, None)
    roll.say_withdrawn(graded, "eve", datetime.now(UTC))
    rows, exported = written(graded, Target.GRADESCOPE, roster)
    seen = {row["SID"] or row["Email"]: (row["Status"], row["Total Score"]) for row in rows}
    assert seen == {
        "ada": ("Graded", "7.5"),
        "bela": ("Ungraded", ""),
        "xiaoming": ("Graded", "0"),
        "eve": ("", ""),
        "zoe": ("Missing", ""),
        "": ("", ""),  # a row without an id is nobody's
        "no@x.org": ("", ""),
    }
    assert any("no@x.org has no SID" in why for why in exported.waiting)
    rows, _ = written(graded, Target.GRADESCOPE, roster, Options(missing_as_zero=True))
    assert [row["Total Score"] for row in rows[3:]] == ["", "0", "", ""]


@pytest.mark.parametrize("target", [Target.CANVAS, Target.MOODLE, Target.GRADESCOPE])
def test_without_a_roster_a_new_file_is_made(graded: NbgraderCourse, target: Target) -> None:
    with open_gradebook(graded) as gradebook:
        give(gradebook, "12345", 1)
        give(gradebook, "bob@x.org", 2)
    rows, exported = written(graded, target)
    key = {Target.CANVAS: "ID", Target.MOODLE: "Identifier", Target.GRADESCOPE: "SID"}[target]
    mark = {Target.CANVAS: ASSIGNMENT, Target.MOODLE: "Grade", Target.GRADESCOPE: "Total Score"}
    marks = {row[key].removeprefix("Participant "): row[mark[target]] for row in rows}
    assert marks["12345"] == "1"
    assert sorted(row[mark[target]] for row in rows if "bob@x.org" in row.values()) == ["2"]
    told = [note for note in exported.notes if "--roster" in note]
    assert len(told) == (target is not Target.GRADESCOPE)  # which knows people by their address
    assert exported.complete


def test_what_waits_for_a_person_is_left_empty_and_named(graded: NbgraderCourse) -> None:
    with open_gradebook(graded) as gradebook:
        give(gradebook, "ada", 5, None)
    unpack(graded.submission_folder("bela", ASSIGNMENT), {"cnn.ipynb": b""})
    with open_gradebook(graded) as gradebook:
        for grade in gradebook.find_submission(ASSIGNMENT, "bela").notebooks[0].grades:
            grade.auto_score = grade.manual_score = None
        gradebook.db.commit()
    rows, exported = written(graded, Target.CANVAS, CANVAS)
    assert [row[COLUMN] for row in rows] == ["10.0", "", "", "0", "6", ""]
    assert exported.waiting == (
        f"ada: {ASSIGNMENT}: 1 cell to be graded by hand",
        f"bela: {ASSIGNMENT}: not graded yet",
    )
    assert not exported.complete
    rows, exported = written(graded, Target.CANVAS, CANVAS, Options(with_waiting=True))
    assert [row[COLUMN] for row in rows][1:3] == ["5", ""]
    assert exported.waiting == (f"bela: {ASSIGNMENT}: not graded yet",)
    assert not exported.complete


def test_handed_in_and_never_graded_is_named_and_no_zero(graded: NbgraderCourse) -> None:
    with open_gradebook(graded) as gradebook:
        gradebook.remove_student("ada")
    unpack(graded.submission_folder("ada", ASSIGNMENT), {"cnn.ipynb": b""})
    rows, exported = written(graded, Target.CANVAS, CANVAS, Options(missing_as_zero=True))
    assert [row[COLUMN] for row in rows] == ["10.0", "", "2", "0", "6", ""]
    assert exported.waiting == (f"ada: {ASSIGNMENT}: not graded yet",)


def test_no_submission_stays_empty_unless_zero_is_asked_for(graded: NbgraderCourse) -> None:
    more = CANVAS + '"New, Nora",106,S6,nora,Group A,,0\n'
    rows, _ = written(graded, Target.CANVAS, more)
    assert rows[-1][COLUMN] == ""
    rows, _ = written(graded, Target.CANVAS, more, Options(missing_as_zero=True))
    assert rows[-1][COLUMN] == "0"
    assert rows[-2][COLUMN] == ""  # Canvas's Test Student


def test_student_whom_the_roster_lacks_is_named(graded: NbgraderCourse) -> None:
    with open_gradebook(graded) as gradebook:
        give(gradebook, "ghost", 3)
        gradebook.update_or_create_student("idle")
    _, exported = written(graded, Target.CANVAS, CANVAS)
    assert exported.missing == (f"ghost: {ASSIGNMENT}: 3",)
    assert any(note.startswith("idle: ") for note in exported.notes)
    assert not exported.complete


def test_two_ids_of_one_row_are_held_and_everybody_else_gets_a_mark(
    graded: NbgraderCourse,
) -> None:
    with open_gradebook(graded) as gradebook:
        give(gradebook, "S1", 3)
    rows, exported = written(graded, Target.CANVAS, CANVAS, Options(missing_as_zero=True))
    assert [row[COLUMN] for row in rows] == ["10.0", "", "2", "0", "6", ""]
    assert any("students --join S1 ada" in why for why in exported.waiting)
    assert exported.missing == (f"S1: {ASSIGNMENT}: 3", f"ada: {ASSIGNMENT}: 7.5")


def test_mark_of_who_has_left_goes_to_nobody_of_that_number(graded: NbgraderCourse) -> None:
    """A login that is no longer on the roster, and the number of one who has no mark."""
    with open_gradebook(graded) as gradebook:
        give(gradebook, "105", 10)
    more = CANVAS + '"New, Nora",105,S6,nora,Group A,,0\n'
    more = more.replace('"Student, Test",105,', '"Student, Test",99,')
    rows, exported = written(graded, Target.CANVAS, more, Options(missing_as_zero=True))
    assert rows[-1][COLUMN] == ""
    assert exported.missing == (f"105: {ASSIGNMENT}: 10",)
    assert any("--withdraw 105" in why for why in exported.waiting)


@pytest.mark.parametrize(
    ("roster", "said"),
    [
        ("Name,Mail\na,b\n", "is no roster"),
        ("", "is empty"),
        (b"Student,ID\n\xff,1\n", "is not UTF-8"),
        ("Student,ID,SIS Login ID\nA,1,x\nB,1,y\n", "1 stands for both A and B"),
        ("Student,ID,SIS Login ID\n", "no student"),
    ],
)
def test_roster_that_cannot_be_used_is_said(
    graded: NbgraderCourse, roster: str | bytes, said: str
) -> None:
    with pytest.raises(UserError, match=said):
        written(graded, Target.CANVAS, roster)


def test_wrong_system_and_too_many_assignments_are_said(graded: NbgraderCourse) -> None:
    with pytest.raises(UserError, match="The roster is Moodle's"):
        written(graded, Target.CANVAS, MOODLE_WORKSHEET)
    with pytest.raises(UserError, match="takes one assignment"):
        export(read_marks(graded, ()) * 2, Target.MOODLE)
    with pytest.raises(UserError, match="unknown assignment '09_none'"):
        read_marks(graded, ("09_none",))


def test_reading_changes_nothing_and_makes_no_gradebook(graded: NbgraderCourse) -> None:
    before = (graded.root / "gradebook.db").read_bytes()
    read_marks(graded, ())
    assert (graded.root / "gradebook.db").read_bytes() == before
    (graded.root / "gradebook.db").unlink()
    with pytest.raises(UserError, match="there is no gradebook"):
        read_marks(graded, ())
    assert not (graded.root / "gradebook.db").exists()


DOWNLOADS: Mapping[Target, tuple[str, dict[str, bytes]]] = {
    Target.CANVAS: (
        CANVAS,
        {
            "lovelaceada_101_1_cnn.ipynb": notebook("a"),
            "özdemirbé_la7_LATE_102_2_cnn-1.ipynb": notebook("b"),
            "王小明_103_3_作业.ipynb": notebook("c"),
        },
    ),
    Target.MOODLE: (
        MOODLE_WORKSHEET.replace("4.00,10.00,No", ",10.00,Yes"),
        {
            "Ada Lovelace_101_assignsubmission_file_/cnn.ipynb": notebook("a"),
            "Béla_7 Özdemir_102_assignsubmission_file_cnn.ipynb": notebook("b"),
            "王小明_103_assignsubmission_file_/作业.ipynb": notebook("c"),
        },
    ),
    Target.GRADESCOPE: (
        GRADESCOPE_ROSTER,
        {
            "assignment_5_export/submission_metadata.yml": METADATA.encode(),
            "assignment_5_export/submission_11/cnn.ipynb": notebook("a"),
            "assignment_5_export/submission_12/cnn.ipynb": notebook("b"),
        },
    ),
}


@pytest.mark.parametrize("target", DOWNLOADS, ids=lambda target: target.value)
def test_from_the_lms_and_back_each_gets_its_own_mark(
    course: NbgraderCourse, target: Target
) -> None:
    roster, files = DOWNLOADS[target]
    path = course.root / "roster.csv"
    path.write_text(roster, encoding="utf-8")
    download = make_zip(course.root / "a.zip", files)
    collected = collect(
        course, ASSIGNMENT, download, roster=read_roster(path),
        clock=lambda: datetime(2026, 11, 3, tzinfo=UTC),
    )  # fmt: skip
    assert collected.complete
    students = course.students(ASSIGNMENT)
    assert len(students) == 3
    given = {}
    with open_gradebook(course) as gradebook:
        for points, student in enumerate(students, start=3):
            give(gradebook, student, points)
            given[student] = str(points)
    rows, exported = written(course, target, roster)
    ids = {Target.CANVAS: "SIS Login ID", Target.MOODLE: "Email address", Target.GRADESCOPE: "SID"}
    grade = {Target.CANVAS: COLUMN, Target.MOODLE: "Grade", Target.GRADESCOPE: "Total Score"}
    found = {row[ids[target]]: row[grade[target]] for row in rows if row[grade[target]]}
    found.pop("", None)  # points possible
    expected = {**given, "eve": "3"} if target is Target.CANVAS else given
    assert {name: found[name] for name in given} == given
    assert set(found) == set(expected)
    assert exported.complete


def test_commands_collect_and_export(course: NbgraderCourse, tmp_path: Path) -> None:
    def run(*arguments: str) -> "subprocess.CompletedProcess[str]":
        return subprocess.run(
            [sys.executable, "-m", "autograder", *arguments],
            env={**environment(tmp_path / "home"), "COLUMNS": "120"},
            cwd=tmp_path, capture_output=True, text=True,
        )  # fmt: skip

    (tmp_path / "roster.csv").write_text(CANVAS, encoding="utf-8")
    make_zip(
        tmp_path / "a.zip", {"lovelaceada_101_1_[x].ipynb": notebook("a"), "x_9_2_y.ipynb": b""}
    )
    room = ["--course", str(course.root), "--roster", "roster.csv"]
    done = run("collect", ASSIGNMENT, "a.zip", *room, "--json", "a.json")
    assert (done.returncode, done.stderr) == (1, "")
    assert "[x].ipynb is taken as cnn.ipynb" in done.stdout
    assert (
        f"{ASSIGNMENT}: 1 new, 0 same, 1 left out; 0 late (canvas, ids by SIS Login ID)"
        in done.stdout
    )
    (data,) = json.loads((tmp_path / "a.json").read_text())["assignments"]
    assert [(one["student"], one["status"]) for one in data["attempts"]] == [
        ("ada", "new"), ("9", "left out"),
    ]  # fmt: skip
    with open_gradebook(open_course(course.root)) as gradebook:
        give(gradebook, "ada", 5)
        give(gradebook, "eve", 5, None)
    done = run("export", ASSIGNMENT, "--to", "canvas", *room, "--output", "out.csv")
    assert done.returncode == 1
    assert done.stdout == ""
    assert "left empty: eve: " in done.stderr
    rows = list(csv.reader((tmp_path / "out.csv").open(encoding="utf-8", newline="")))
    assert [row[5] for row in rows[2:]] == ["5", "", "", "", ""]
    done = run("export", "--to", "canvas", *room, "--output", "roster.csv")
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr == "autograder: roster.csv: is the roster; write to another file.\n"
    assert (tmp_path / "roster.csv").read_text(encoding="utf-8") == CANVAS
