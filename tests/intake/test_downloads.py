"""Downloads of Canvas, Moodle and Gradescope: whose file is whose, and what is never taken."""

import io
import stat
import unicodedata
import zipfile
from datetime import UTC, datetime
from pathlib import Path
from typing import Literal

import pytest
from small_class import CANVAS_GRADEBOOK, METADATA, MOODLE_WORKSHEET, make_zip, unpack

from autograder.assignment.errors import UserError
from autograder.intake import downloads, packed
from autograder.intake.deliveries import Download
from autograder.intake.downloads import read_download, read_files
from autograder.intake.packed import PackedZip, Unreadable, open_packed
from autograder.intake.roster import read_roster


def read(path: Path, layout: str | None = None, **names: str) -> Download:
    with open_packed(path) as opened:
        return read_download(opened, layout, {key[1:]: name for key, name in names.items()})


def whose(download: Download) -> dict[str, list[str]]:
    return {one.key: [path for path, _ in one.members] for one in download.deliveries}


@pytest.mark.parametrize("make", [make_zip, unpack], ids=["zip", "folder"])
def test_canvas_files_are_told_apart(tmp_path: Path, make: object) -> None:
    files = {
        "lovelaceada_101_9001_cnn.ipynb": b"1",
        "lovelaceada_101_9002_my data.csv": b"2",
        "özdemirbé_la7_LATE_102_9003_cnn-1.ipynb": b"3",
        "王小明_103_9004_02_作业.ipynb": b"4",
        "doejoe_104_text.html": b"5",
        "doejoe_LATE_104_link.html": b"5",
        "LATE_anon_a1B2c_9005_cnn.ipynb": b"6",
        "notes.txt": b"7",
    }
    found = read(make(tmp_path / "download", files))  # type: ignore[operator]
    assert found.layout == "canvas"
    assert whose(found) == {
        "101": ["cnn.ipynb", "my data.csv"],
        "102": ["cnn-1.ipynb"],
        "103": ["02_作业.ipynb"],
        "anon_a1B2c": ["cnn.ipynb"],
    }
    by_key = {one.key: one for one in found.deliveries}
    assert {key for key, one in by_key.items() if one.late} == {"102", "anon_a1B2c"}
    assert (by_key["101"].name, by_key["101"].order) == ("lovelaceada", 9002)
    assert by_key["102"].name == "özdemirbé_la7"
    assert len(found.notes) == 3


def test_canvas_name_that_ends_in_anothers_number_gets_nothing_of_his(tmp_path: Path) -> None:
    """eve calls herself "x_101"."""
    files = {"lovelaceada_101_9001_cnn.ipynb": b"1", "x_101_104_9002_cnn.ipynb": b"2"}
    path = make_zip(tmp_path / "a.zip", files)
    (one,) = read(path).deliveries
    assert (one.key, bool(one.held)) == ("101", True)
    known = read(path, _101="Lovelace, Ada", _104="X_101")
    assert whose(known) == {"101": ["cnn.ipynb"], "104": ["cnn.ipynb"]}
    assert not any(one.held for one in known.deliveries)
    (alone,) = read(
        make_zip(tmp_path / "b.zip", {"x_101_104_9002_cnn.ipynb": b"2"}),
        _101="Lovelace, Ada", _104="Eve",
    ).deliveries  # fmt: skip
    assert alone.held


def test_canvas_two_files_of_one_name_both_stay(tmp_path: Path) -> None:
    files = {"a_1_5_cnn.ipynb": b"1", "a_1_6_cnn.ipynb": b"2"}
    with open_packed(make_zip(tmp_path / "a.zip", files)) as opened:
        (one,) = read_download(opened).deliveries
        assert read_files(opened, one)[0] == {"cnn.ipynb": b"1", "cnn (2).ipynb": b"2"}


@pytest.mark.parametrize("wrapper", ["", "Course-02_cnn-77/"], ids=["bare", "in a folder"])
def test_moodle_files_are_told_apart(tmp_path: Path, wrapper: str) -> None:
    files = {
        "Ada Lovelace_101_assignsubmission_file_/cnn.ipynb": b"1",
        "Ada Lovelace_101_assignsubmission_file_/data/a_b.csv": b"2",
        "Béla_7 Özdemir_102_assignsubmission_file_my_cnn_3.ipynb": b"3",
        "王小明_103_assignsubmission_file_/作业.ipynb": b"4",
        "Eve_104_assignsubmission_onlinetext_/onlinetext.html": b"5",
    }
    path = make_zip(tmp_path / "a.zip", {wrapper + name: data for name, data in files.items()})
    found = read(path)
    assert found.layout == "moodle"
    assert whose(found) == {
        "101": ["cnn.ipynb", "data/a_b.csv"],
        "102": ["my_cnn_3.ipynb"],
        "103": ["作业.ipynb"],
    }
    assert [one.name for one in found.deliveries] == ["Ada Lovelace", "Béla_7 Özdemir", "王小明"]
    assert len(found.notes) == 1


def test_gradescope_tells_times_and_groups(tmp_path: Path) -> None:
    root = "assignment_5_export/"
    files = {
        f"{root}submission_metadata.yml": METADATA.encode(),
        f"{root}submission_11/cnn.ipynb": b"1",
        f"{root}submission_11/submission_metadata.yml": b"submission_11: {}",
        f"{root}submission_12/work/cnn.ipynb": b"2",
        f"{root}submission_13/cnn.ipynb": b"3",
    }
    found = read(make_zip(tmp_path / "a.zip", files))
    assert found.layout == "gradescope"
    assert whose(found) == {
        "0101": ["cnn.ipynb", "submission_metadata.yml"],
        "0102": ["work/cnn.ipynb"],
        "xiaoming@x.org": ["work/cnn.ipynb"],
    }
    assert [one.time for one in found.deliveries][:2] == [
        datetime(2026, 11, 1, 10, 0, 0, 123456, UTC),
        datetime(2026, 11, 1, 11, 30, tzinfo=UTC),
    ]
    (note,) = found.notes
    assert note.startswith("submission_13/cnn.ipynb")


@pytest.mark.parametrize("text", ["", "[1", "a: !!python/object/apply:os.getcwd []", "7"])
def test_gradescope_list_that_cannot_be_read_is_said(tmp_path: Path, text: str) -> None:
    path = make_zip(tmp_path / "a.zip", {"submission_metadata.yml": text.encode()})
    with pytest.raises(UserError, match=r"submission_metadata\.yml"):
        read(path)


def test_plain_folder(tmp_path: Path) -> None:
    files = {"all/ada/cnn.ipynb": b"1", "all/bob/x/cnn.ipynb": b"2"}
    found = read(unpack(tmp_path / "a", files))
    assert (found.layout, whose(found)) == (
        "folder",
        {"ada": ["cnn.ipynb"], "bob": ["x/cnn.ipynb"]},
    )
    only = read(unpack(tmp_path / "b", {"ada/cnn.ipynb": b"1"}))
    assert whose(only) == {"ada": ["cnn.ipynb"]}


def test_what_is_no_download_is_said(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="--from"):
        read(make_zip(tmp_path / "a.zip", {"cnn.ipynb": b"1"}))
    with pytest.raises(UserError, match="it is not moodle's"):
        read(make_zip(tmp_path / "b.zip", {"a_1_2_cnn.ipynb": b"1"}), "moodle")
    (tmp_path / "c.zip").write_bytes(b"no zip")
    with pytest.raises(UserError, match="is no zip file"):
        read(tmp_path / "c.zip")


@pytest.mark.parametrize(
    "name",
    ["../a_1_2_x.ipynb", "/a_1_2_x.ipynb", "x/../../a_1_2_x.ipynb", "a_1_2_x\\..\\y", "C:/x"],
)
def test_names_that_lead_out_are_left_out(tmp_path: Path, name: str) -> None:
    path = make_zip(tmp_path / "a.zip", {"b_2_3_cnn.ipynb": b"1", name: b"2"})
    found = read(path, "canvas")
    assert whose(found) == {"2": ["cnn.ipynb"]}
    assert len(found.notes) == 1


def test_links_and_encrypted_files_are_left_out(tmp_path: Path) -> None:
    path = tmp_path / "a.zip"
    with zipfile.ZipFile(path, "w") as packed_zip:
        link = zipfile.ZipInfo("a_1_2_cnn.ipynb")
        link.external_attr = (stat.S_IFLNK | 0o777) << 16
        packed_zip.writestr(link, "/etc/passwd")
        packed_zip.writestr("b_2_3_cnn.ipynb", b"1")
    found = read(path)
    assert whose(found) == {"2": ["cnn.ipynb"]}
    assert "symbolic link" in found.notes[0]
    folder = unpack(tmp_path / "folder", {"b_2_3_cnn.ipynb": b"1"})
    (folder / "a_1_2_cnn.ipynb").symlink_to("/etc/passwd")
    (folder / "d").symlink_to("/etc")
    found = read(folder)
    assert whose(found) == {"2": ["cnn.ipynb"]}
    assert len(found.notes) == 2


def test_bomb_is_left_out_also_when_it_lies_about_its_size(tmp_path: Path) -> None:
    path = make_zip(tmp_path / "a.zip", {"a_1_2_cnn.ipynb": b"\0" * 3_000_000})
    with open_packed(path) as opened, pytest.raises(Unreadable, match="is larger than 1 MB"):
        opened.read("a_1_2_cnn.ipynb", 2**20)
    data = bytearray(path.read_bytes())
    for at in (data.index(b"PK\x03\x04") + 22, data.index(b"PK\x01\x02") + 24):
        data[at : at + 4] = (100).to_bytes(4, "little")
    lying = PackedZip(io.BytesIO(bytes(data)))
    with pytest.raises(Unreadable, match="is damaged"):
        lying.read("a_1_2_cnn.ipynb", 2**20)


def test_limits_of_one_student_leave_the_notebook(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(downloads, "MAX_FILES", 50)
    monkeypatch.setattr(downloads, "MAX_TOTAL", 400)
    files = {f"a_1_{n}_{n:04}.txt": b"x" * 10 for n in range(10_000)}
    with open_packed(make_zip(tmp_path / "a.zip", {**files, "a_1_99999_z.ipynb": b"1"})) as opened:
        (one,) = read_download(opened).deliveries
        taken, notes = read_files(opened, one)
    assert "z.ipynb" in taken
    assert sum(map(len, taken.values())) <= 400
    assert any("exceed" in note for note in notes)
    monkeypatch.setattr(packed, "MAX_ENTRIES", 5)
    with pytest.raises(UserError, match="more than 5 files"):
        read(unpack(tmp_path / "many", {f"a_1_{n}_x": b"" for n in range(6)}))


def test_names_without_the_utf8_mark_are_read_as_utf8(tmp_path: Path) -> None:
    path = make_zip(tmp_path / "a.zip", {"王小明_103_9004_作业.ipynb": b"4"})
    data = bytearray(path.read_bytes())
    for at in (data.index(b"PK\x03\x04") + 6, data.index(b"PK\x01\x02") + 8):
        flags = int.from_bytes(data[at : at + 2], "little") & ~0x800
        data[at : at + 2] = flags.to_bytes(2, "little")
    path.write_bytes(bytes(data))
    assert whose(read(path)) == {"103": ["作业.ipynb"]}


def by_roster(tmp_path: Path, files: dict[str, bytes], roster: str) -> Download:
    (tmp_path / "roster.csv").write_text(roster, encoding="utf-8")
    with open_packed(make_zip(tmp_path / "a.zip", files)) as opened:
        return read_download(opened, roster=read_roster(tmp_path / "roster.csv"))


def held(download: Download) -> set[str]:
    return {one.key for one in download.deliveries if one.held}


GROUPS = """\
Identifier,"Full name","Email address",Status,Group,Grade,"Maximum Grade",\
"Grade can be changed","Last modified (submission)","Last modified (grade)"
"Participant 101","Ada Lovelace",ada@x.org,Submitted,Team_A 1,,10.00,Yes,-,-
"Participant 102","Béla Özdemir",bela@x.org,Submitted,Team_A 1,,10.00,Yes,-,-
"Participant 103","Eve Solo",eve@x.org,Submitted,Team B,,10.00,Yes,-,-
"Participant 104","Zoe Alone",zoe@x.org,Submitted,Default group,,10.00,Yes,-,-
"""
GERMAN_GROUPS = """\
ID,"Vollständiger Name","E-Mail-Adresse",Status,Gruppe,Bewertung,Bestwertung,\
"Bewertung kann geändert werden","Zuletzt geändert (Abgabe)","Zuletzt geändert (Bewertung)"
Teilnehmer/in101,"Ada Lovelace",ada@x.org,Abgegeben,Team_A 1,,"10,00",Ja,-,-
Teilnehmer/in102,"Béla Özdemir",bela@x.org,Abgegeben,Team_A 1,,"10,00",Ja,-,-
Teilnehmer/in103,"Eve Solo",eve@x.org,Abgegeben,Team B,,"10,00",Ja,-,-
Teilnehmer/in104,"Zoe Alone",zoe@x.org,Abgegeben,Default group,,"10,00",Ja,-,-
"""


@pytest.mark.parametrize("roster", [GROUPS, GERMAN_GROUPS], ids=["English", "German"])
def test_moodle_groups_work_is_everybodys(tmp_path: Path, roster: str) -> None:
    """A group has its number, which may be a student's, or none."""
    files = {
        "Team A 1_103_assignsubmission_file_/cnn.ipynb": b"1",
        "Team B_9_assignsubmission_file_cnn.ipynb": b"2",
        "Default group_assignsubmission_file_/cnn.ipynb": b"3",
        "Team C_102_assignsubmission_file_/cnn.ipynb": b"4",
        "Team D_77_assignsubmission_file_/cnn.ipynb": b"5",
    }
    found = by_roster(tmp_path, files, roster)
    members = {
        (one.key, member) for one in found.deliveries if not one.held for _, member in one.members
    }
    first, second, third, _, fifth = files
    assert members == {
        ("101", first), ("102", first), ("103", second), ("104", third), ("77", fifth),
    }  # fmt: skip
    (doubt,) = [one for one in found.deliveries if one.held]
    assert doubt.key == "102"  # Béla's number, but the name of a group that nobody is in
    assert "comes under the name Team C, on the roster it is Béla Özdemir" in doubt.held
    assert any("group Team A 1" in note for one in found.deliveries for note in one.notes)


def test_moodle_older_group_download_has_a_folder_for_each_member(tmp_path: Path) -> None:
    files = {
        "Team A 1-Ada Lovelace_101_assignsubmission_file_/cnn.ipynb": b"1",
        "Team A 1-Béla Özdemir_102_assignsubmission_file_/cnn.ipynb": b"1",
        "Solo Eve_103_assignsubmission_file_/cnn.ipynb": b"3",  # the last name first
        "Team B-Ada_104_assignsubmission_file_/cnn.ipynb": b"4",
    }
    found = by_roster(tmp_path, files, GROUPS)
    assert {one.key: one.name for one in found.deliveries if not one.held} == {
        "101": "Team A 1-Ada Lovelace", "102": "Team A 1-Béla Özdemir", "103": "Solo Eve",
    }  # fmt: skip
    assert held(found) == {"104"}


def test_moodle_blind_marking_has_no_names_to_compare(tmp_path: Path) -> None:
    roster = "Identifier,Status,Grade,Maximum Grade\nParticipant 101,Submitted,,10\n"
    files = {"Participant_101_assignsubmission_file_/cnn.ipynb": b"1"}
    found = by_roster(tmp_path, files, roster)
    assert (whose(found), held(found)) == ({"101": ["cnn.ipynb"]}, set())


def test_moodle_group_without_a_number_is_no_student(tmp_path: Path) -> None:
    files = {
        "Default group_assignsubmission_file_/cnn.ipynb": b"1",
        "Ada Lovelace_101_assignsubmission_file_/cnn.ipynb": b"2",
    }
    assert held(read(make_zip(tmp_path / "b.zip", files))) == {"Default group"}
    assert held(by_roster(tmp_path, files, MOODLE_WORKSHEET)) == {"Default group"}


def test_moodle_worksheet_without_groups_holds_what_may_be_one(tmp_path: Path) -> None:
    files = {
        "Ada Lovelace_101_assignsubmission_file_/cnn.ipynb": b"1",
        "Team A_102_assignsubmission_file_/cnn.ipynb": b"2",
    }
    found = by_roster(tmp_path, files, MOODLE_WORKSHEET)
    assert (set(whose(found)), held(found)) == ({"101", "102"}, {"102"})
    (said,) = [one.held for one in found.deliveries if one.held]
    assert "which has the groups" in said


GROUP_SET = """\
name,canvas_user_id,user_id,login_id,sections,group_name,canvas_group_id,group_id
"Lovelace, Ada",101,S1,ada,A,Team_A 1,7,
Béla Özdemir,102,S2,bela,A,Team_A 1,7,
"Solo, Eve",103,S3,eve,A,Team B,8,
"Alone, Zoe",104,S4,zoe,A,,,
"""


def test_canvas_groups_work_is_everybodys(tmp_path: Path) -> None:
    files = {
        "teama1_LATE_102_9001_cnn.ipynb": b"1",
        "teama1_LATE_102_9002_data.csv": b"2",
        "teamb_104_9003_cnn.ipynb": b"3",  # zoe is in no group
        "alonezoe_104_9004_cnn.ipynb": b"4",
    }
    found = by_roster(tmp_path, files, GROUP_SET)
    by_key = {one.key: one for one in found.deliveries}
    assert {key for key, one in by_key.items() if not one.held} == {"101", "102"}
    assert by_key["101"].members == by_key["102"].members
    assert by_key["101"].late
    assert by_key["104"].held
    del files["teamb_104_9003_cnn.ipynb"]
    found = by_roster(tmp_path, {**files, "teamc_103_9005_cnn.ipynb": b"5"}, GROUP_SET)
    assert held(found) == {"103"}


def test_canvas_work_under_another_name_waits_for_the_groups(tmp_path: Path) -> None:
    roster = CANVAS_GRADEBOOK.format(name="02_cnn", number=7)
    files = {
        "lovelaceada_101_9001_cnn.ipynb": b"1",
        "theengines_102_9002_cnn.ipynb": b"2",
        "小明王_103_9003_cnn.ipynb": b"3",  # the same name, in the other order
        "x_999_9004_cnn.ipynb": b"4",
    }
    found = by_roster(tmp_path, files, roster)
    assert held(found) == {"102"}
    (said,) = [one.held for one in found.deliveries if one.held]
    assert "under the name theengines, on the roster it is Özdemir, Bé_la 7" in said
    assert "group set" in said


@pytest.mark.parametrize("form", ["NFC", "NFD"])
def test_names_of_files_are_the_same_in_both_ways_to_write_them(
    tmp_path: Path, form: Literal["NFC", "NFD"]
) -> None:
    def written(text: str) -> str:
        return unicodedata.normalize(form, text)

    files = {written("özdemirbé_la7_102_9003_übung.ipynb"): b"1"}
    found = by_roster(tmp_path, files, CANVAS_GRADEBOOK.format(name="x", number=7))
    assert (whose(found), held(found)) == ({"102": ["übung.ipynb"]}, set())
    files = {written("Béla_7 Özdemir_102_assignsubmission_file_/übung.ipynb"): b"1"}
    found = by_roster(tmp_path, files, MOODLE_WORKSHEET)
    assert (whose(found), held(found)) == ({"102": ["übung.ipynb"]}, set())
    found = read(make_zip(tmp_path / "b.zip", {written("é/a.ipynb"): b"1", "b/a.ipynb": b"2"}))
    assert whose(found) == {"b": ["a.ipynb"], "é": ["a.ipynb"]}


@pytest.mark.parametrize("wrapper", ["", "submitted/", "all/submitted/"])
def test_nbgraders_own_folders_are_told_by_the_assignment(tmp_path: Path, wrapper: str) -> None:
    files = {
        "ada/02_cnn/cnn.ipynb": b"1",
        "ada/02_cnn/data/x.csv": b"2",
        "ada/01_math/math.ipynb": b"3",
        "bob/02_cnn/cnn.ipynb": b"4",
        "cyd/01_math/math.ipynb": b"5",
        "bob/note.txt": b"6",
    }

    def found(wanted: tuple[str, ...]) -> Download:
        some = {wrapper + name: files[name] for name in wanted}
        with open_packed(make_zip(tmp_path / "a.zip", some)) as opened:
            return read_download(opened, assignment="02_cnn")

    all_of_them = found(tuple(files))
    assert whose(all_of_them) == {"ada": ["cnn.ipynb", "data/x.csv"], "bob": ["cnn.ipynb"]}
    assert all_of_them.notes == (
        "bob/note.txt: is of no assignment; it is left out",
        "01_math: is another assignment's; it is left out",
    )
    assert whose(found(("ada/02_cnn/cnn.ipynb",))) == {"ada": ["cnn.ipynb"]}


def test_folder_of_an_assignment_around_the_students_is_no_student(tmp_path: Path) -> None:
    files = {"02_cnn/ada/cnn.ipynb": b"1", "02_cnn/bob/cnn.ipynb": b"2"}
    for some in (files, {"02_cnn/ada/cnn.ipynb": b"1"}, {f"x/{k}": v for k, v in files.items()}):
        with open_packed(make_zip(tmp_path / "a.zip", some)) as opened:
            found = read_download(opened, assignment="02_cnn")
        assert set(whose(found)) == {"ada", "bob"} if len(some) > 1 else {"ada"}


@pytest.mark.parametrize("make", [make_zip, unpack], ids=["zip", "folder"])
@pytest.mark.parametrize("wrapper", ["", "feedback_hw2/", "venvs/"])
def test_what_programs_put_there_is_said_once_to_whom_it_belongs(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, make: object, wrapper: str
) -> None:
    """It counts for no limit either: a class may hand in its packages."""
    monkeypatch.setattr(packed, "MAX_ENTRIES", 10)
    files = {f"{wrapper}ada/{name}": b"" for name in ("cnn.ipynb", "x/a.csv")}
    files |= {f"{wrapper}ada/x/venv/lib/{n}.py": b"" for n in range(300)}
    files |= {f"{wrapper}bob/cnn.ipynb": b"", f"{wrapper}bob/.git/HEAD": b""}
    files |= {f"{wrapper}bob/feedback/x.html": b"", f"{wrapper}bob/y/feedback/x.csv": b""}
    found = read(make(tmp_path / "download", files))  # type: ignore[operator]
    assert whose(found) == {
        "ada": ["cnn.ipynb", "x/a.csv"],
        "bob": ["cnn.ipynb", "y/feedback/x.csv"],
    }
    assert [one.notes for one in found.deliveries] == [
        ("x/venv: holds installed packages; it is left out",),
        (".git: holds the history of a repository; it is left out",),
    ]
    assert found.notes == ()
