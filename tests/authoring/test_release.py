"""The release: `course/` made from `solutions/`, and what lies in `course/` is never lost."""

import itertools
import json
import shutil
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import nbformat
import pytest
from throwaway_course import make_full_course

from autograder.assignment.course import Course
from autograder.assignment.errors import UserError
from autograder.assignment.notebook import Kind, read_assignment
from autograder.authoring.contract import violations
from autograder.authoring.manifest import MANIFEST, Changes, as_released, carry_out, plan
from autograder.authoring.release import compare, release

SUMS, SQUARES, DATA = "01_sums/sums.ipynb", "02_squares/squares.ipynb", "01_sums/data/numbers.csv"


@pytest.fixture
def course(tmp_path: Path) -> Course:
    """A course that was released once."""
    course = make_full_course(tmp_path / "a course")
    release(course)
    return course


def files(folder: Path) -> dict[str, bytes]:
    """Name and bytes of everything, the folders too."""
    return {
        path.relative_to(folder).as_posix(): path.read_bytes() if path.is_file() else b"a folder"
        for path in folder.rglob("*")
    }


def edit(path: Path, old: str, new: str) -> None:
    """Change a notebook's source by way of nbformat."""
    notebook = nbformat.read(path, as_version=4)
    assert any(old in cell.source for cell in notebook.cells)
    for cell in notebook.cells:
        cell.source = cell.source.replace(old, new)
    nbformat.write(notebook, path)


def refused(course: Course, *chapters: str) -> str:
    """The sentence; and nothing was changed."""
    before = files(course.root)
    with pytest.raises(UserError) as caught:
        release(course, chapters)
    assert files(course.root) == before
    assert caught.value.exit_code == 1
    assert "\n" not in str(caught.value)
    return str(caught.value)


def test_first_release_writes_everything(tmp_path: Path) -> None:
    course = make_full_course(tmp_path)
    said: list[str] = []
    changes = release(course, progress=said.append)
    assert changes.written == (DATA, SUMS, SQUARES, "README.md")
    assert changes.removed == changes.unchanged == changes.kept == ()
    assert said == ["01_sums", "02_squares"]
    expected = {*changes.written, MANIFEST, "01_sums", "01_sums/data", "02_squares"}
    assert set(files(course.release)) == expected


def test_second_release_changes_nothing(course: Course) -> None:
    before = files(course.root)
    changes = release(course)
    assert changes.stale == ()
    assert changes.unchanged == (DATA, SUMS, SQUARES, "README.md")
    assert files(course.root) == before


def test_release_into_an_empty_folder_gives_the_same_bytes(course: Course) -> None:
    before = files(course.release)
    shutil.rmtree(course.release)
    release(course)
    assert files(course.release) == before


def test_releasing_one_chapter_at_a_time_gives_the_same_bytes(course: Course) -> None:
    before = files(course.release)
    shutil.rmtree(course.release)
    for chapter in reversed(course.chapters):
        release(course, [chapter])
    assert files(course.release) == before


def test_the_working_directory_and_the_gradebook_are_left_alone(
    course: Course, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    release(course)
    assert Path.cwd() == tmp_path
    assert not list(course.root.rglob("*.db"))


def test_compare_finds_a_changed_source_and_changes_nothing(course: Course) -> None:
    edit(course.solutions / SUMS, "2 + 3 should be 5", "two and three are five")
    before = files(course.root)
    assert compare(course).stale == (SUMS,)
    assert compare(course).unchanged == (DATA, SQUARES, "README.md")
    assert compare(course, ["02_squares"]).stale == ()
    assert files(course.root) == before
    assert release(course).written == (SUMS,)
    assert compare(course).stale == ()


def test_a_change_inside_a_solution_alone_makes_nothing_stale(course: Course) -> None:
    edit(course.solutions / SUMS, "the_reference_total", "renamed")
    edit(course.solutions / SUMS, "the_secret_check", "renamed")
    assert compare(course).stale == ()


@pytest.mark.parametrize("name", [SUMS, DATA, "README.md"])
def test_compare_finds_a_changed_release(course: Course, name: str) -> None:
    (course.release / name).write_text("edited")
    assert compare(course).stale == (name,)
    (course.release / name).unlink()
    assert compare(course).stale == (name,)


@pytest.mark.parametrize("name", [SUMS, DATA, "README.md"])
def test_edited_file_is_refused_and_nothing_changes(course: Course, name: str) -> None:
    edit(course.solutions / SQUARES, "square: ", "the square: ")
    (course.release / name).write_text("a student's work")
    assert f"course/{name} was edited" in refused(course)


def test_edited_file_of_another_chapter_is_not_in_the_way(course: Course) -> None:
    (course.release / SUMS).write_text("a student's work")
    edit(course.solutions / SQUARES, "square: ", "the square: ")
    assert release(course, ["02_squares"]).written == (SQUARES,)
    assert (course.release / SUMS).read_text() == "a student's work"


def test_force_keeps_each_edit_beside_and_replaces_it(course: Course) -> None:
    released = (course.release / SUMS).read_bytes()
    for number in (1, 2):
        (course.release / SUMS).write_text(f"edit {number}")
        changes = release(course, force=True)
        assert changes.written == (SUMS,)
        assert changes.kept == (f"{SUMS}.kept-{number}",)
        assert (course.release / SUMS).read_bytes() == released
    for number in (1, 2):
        assert (course.release / f"{SUMS}.kept-{number}").read_text() == f"edit {number}"
    assert release(course).stale == ()


def test_force_without_edits_keeps_nothing(course: Course) -> None:
    edit(course.solutions / SUMS, "2 + 3 should be 5", "two and three are five")
    assert release(course, force=True).kept == ()


def test_files_of_somebody_else_stay(course: Course) -> None:
    theirs = ["notes.txt", "01_sums/my.ipynb", "01_sums/data/more.csv", "03_mine/mine.ipynb"]
    for name in theirs:
        (course.release / name).parent.mkdir(exist_ok=True)
        (course.release / name).write_text("theirs")
    edit(course.solutions / SUMS, "2 + 3 should be 5", "two and three are five")
    shutil.rmtree(course.solutions / "02_squares")
    changes = release(course, force=True)
    assert set(changes.removed) == {SQUARES}
    assert {(course.release / name).read_text() for name in theirs} == {"theirs"}


def test_file_of_somebody_else_in_the_way_is_refused(course: Course) -> None:
    (course.solutions / "01_sums" / "notes.txt").write_text("ours")
    (course.release / "01_sums" / "notes.txt").write_text("theirs")
    assert "course/01_sums/notes.txt is in the way" in refused(course)
    assert release(course, force=True).kept == ("01_sums/notes.txt.kept-1",)
    assert (course.release / "01_sums" / "notes.txt").read_text() == "ours"
    assert (course.release / "01_sums" / "notes.txt.kept-1").read_text() == "theirs"


def test_folder_of_somebody_else_in_the_way_is_refused_then_kept(course: Course) -> None:
    (course.solutions / "01_sums" / "notes").write_text("ours")
    (course.release / "01_sums" / "notes").mkdir()
    (course.release / "01_sums" / "notes" / "a.txt").write_text("theirs")
    assert "course/01_sums/notes is in the way" in refused(course)
    assert release(course, force=True).kept == ("01_sums/notes.kept-1",)
    assert (course.release / "01_sums" / "notes").read_text() == "ours"
    assert (course.release / "01_sums" / "notes.kept-1" / "a.txt").read_text() == "theirs"


def test_file_in_the_place_of_a_folder_is_refused_then_kept(course: Course) -> None:
    shutil.rmtree(course.release / "01_sums" / "data")
    (course.release / "01_sums" / "data").write_text("theirs")
    assert "course/01_sums/data is in the way" in refused(course)
    assert release(course, force=True).kept == ("01_sums/data.kept-1",)
    assert (course.release / DATA).is_file()
    assert (course.release / "01_sums" / "data.kept-1").read_text() == "theirs"


def test_released_file_may_become_a_folder(course: Course) -> None:
    (course.solutions / "01_sums" / "notes").write_text("ours")
    release(course)
    (course.solutions / "01_sums" / "notes").unlink()
    (course.solutions / "01_sums" / "notes").mkdir()
    (course.solutions / "01_sums" / "notes" / "a.txt").write_text("ours")
    changes = release(course)
    assert (changes.written, changes.removed) == (("01_sums/notes/a.txt",), ("01_sums/notes",))
    assert (course.release / "01_sums" / "notes" / "a.txt").read_text() == "ours"


def test_link_in_the_way_is_refused_and_what_lies_behind_it_stays(
    course: Course, tmp_path: Path
) -> None:
    (tmp_path / "mine.ipynb").write_text("theirs")
    (course.release / SUMS).unlink()
    (course.release / SUMS).symlink_to(tmp_path / "mine.ipynb")
    assert f"course/{SUMS} was edited" in refused(course)
    release(course, force=True)
    assert (tmp_path / "mine.ipynb").read_text() == "theirs"


def test_removed_chapter_is_removed_where_its_files_are_as_released(course: Course) -> None:
    shutil.rmtree(course.solutions / "01_sums")
    assert compare(course).removed == (DATA, SUMS)
    changes = release(course)
    assert changes.removed == (DATA, SUMS)
    assert changes.written == ("README.md",)
    assert set(files(course.release)) == {MANIFEST, "README.md", "02_squares", SQUARES}


def test_edited_file_of_a_removed_chapter_is_refused_then_kept(course: Course) -> None:
    (course.release / SUMS).write_text("a student's work")
    shutil.rmtree(course.solutions / "01_sums")
    assert f"course/{SUMS} was edited" in refused(course)
    assert release(course, force=True).kept == (f"{SUMS}.kept-1",)
    assert (course.release / f"{SUMS}.kept-1").read_text() == "a student's work"
    assert course.released_chapters == ("02_squares",)


def test_removed_supplementary_file_is_removed_and_its_empty_folder_too(course: Course) -> None:
    shutil.rmtree(course.solutions / "01_sums" / "data")
    assert release(course).removed == (DATA,)
    assert not (course.release / "01_sums" / "data").exists()


def test_manifest_forgets_what_is_gone(course: Course) -> None:
    """A removed chapter leaves no trace, whoever deleted its files."""
    shutil.rmtree(course.solutions / "01_sums")
    shutil.rmtree(course.release / "01_sums")
    release(course)
    once = files(course.release)
    shutil.rmtree(course.release)
    release(course)
    assert files(course.release) == once


def lose(manifest: Path) -> None:
    manifest.unlink()


DAMAGE: list[Callable[[Path], object]] = [
    lose,
    lambda manifest: manifest.write_text(""),
    lambda manifest: manifest.write_text("[]"),
    lambda manifest: manifest.write_text('{"files": []}'),
    lambda manifest: manifest.write_text(manifest.read_text()[:60]),
    lambda manifest: manifest.write_bytes(b"\xff\xfe\x00"),
    lambda manifest: manifest.write_text("[" * 100_000),
]


@pytest.mark.parametrize(
    "damage", DAMAGE, ids=["lost", "empty", "list", "no_files", "cut", "binary", "deep"]
)
def test_without_the_manifest_nothing_is_lost(
    course: Course, damage: Callable[[Path], object]
) -> None:
    whole = (course.release / MANIFEST).read_bytes()
    (course.release / "02_squares" / "mine.ipynb").write_text("theirs")
    damage(course.release / MANIFEST)
    (course.release / SUMS).write_text("a student's work")
    shutil.rmtree(course.solutions / "02_squares")
    assert f"course/{SUMS}" in refused(course)
    assert f"{SUMS}.kept-1" in release(course, force=True).kept
    assert (course.release / f"{SUMS}.kept-1").read_text() == "a student's work"
    assert (course.release / SQUARES).is_file()
    assert (course.release / "02_squares" / "mine.ipynb").read_text() == "theirs"
    assert (course.release / MANIFEST).read_bytes() != whole


class Killed(BaseException):
    """The process ends here: nothing after it is run."""


def killed_at(number: int, monkeypatch: pytest.MonkeyPatch, work: Callable[[], object]) -> bool:
    """Do the work, killed before its so many-th change of a file; whether it came so far."""
    done = 0

    def counted(change: Callable[..., Any]) -> Callable[..., Any]:
        def instead(*arguments: Any, **named: Any) -> Any:
            nonlocal done
            done += 1
            if done == number:
                raise Killed
            return change(*arguments, **named)

        return instead

    with monkeypatch.context() as patched:
        for name in ("write_bytes", "replace", "rename", "unlink", "rmdir"):
            patched.setattr(Path, name, counted(getattr(Path, name)))
        try:
            work()
        except Killed:
            return True
    return False


A = {SUMS: b"sums", DATA: b"1", SQUARES: b"squares", "README.md": b"a", "GLOSSARY.md": b"words"}
B = {SUMS: b"sums, better", "01_sums/more.csv": b"2", SQUARES: b"squares", "README.md": b"b"}
C = {SUMS: b"sums, best", DATA: b"3", SQUARES: b"squares too", "README.md": b"c"}


def carried_out(course: Course, made: dict[str, bytes], *, force: bool = False) -> Changes:
    chapters = course.chapters
    return carry_out(course, plan(course, chapters, made), made, force)


@pytest.mark.parametrize("first", [{}, A], ids=["first release", "next release"])
def test_release_that_was_killed_is_nobodys_edit(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, first: dict[str, bytes]
) -> None:
    """Killed before each of its steps, then solutions/ are edited: the next release goes through."""
    for number in itertools.count(1):
        course = make_full_course(tmp_path / str(number))
        if first:
            carried_out(course, first)
        if not killed_at(number, monkeypatch, partial(carried_out, course, B)):
            break
        changes = plan(course, course.chapters, C)
        assert set(changes.stale) == {
            name for name in {*first, *B, *C} if files(course.release).get(name) != C.get(name)
        }
        carried_out(course, C)
        assert {n: d for n, d in files(course.release).items() if d != b"a folder"} == {
            **C, MANIFEST: (course.release / MANIFEST).read_bytes()
        }  # fmt: skip
        assert json.loads((course.release / MANIFEST).read_text()).keys() == {"files"}
        assert plan(course, course.chapters, C).stale == ()
    assert number > 8


def test_release_that_is_killed_twice_is_nobodys_edit(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each time at another step, and with other solutions."""
    for first, second in itertools.product(range(1, 14, 3), range(1, 14, 4)):
        course = make_full_course(tmp_path / f"{first} {second}")
        carried_out(course, A)
        killed_at(first, monkeypatch, partial(carried_out, course, B))
        killed_at(second, monkeypatch, partial(carried_out, course, C))
        carried_out(course, A)
        assert plan(course, course.chapters, A).stale == ()
        assert DATA in files(course.release)


def test_edit_of_what_a_killed_release_left_is_kept(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """At each step of a release, somebody edits a file after it: that is said, and not lost."""
    for number in itertools.count(1):
        course = make_full_course(tmp_path / str(number))
        carried_out(course, A)
        if not killed_at(number, monkeypatch, partial(carried_out, course, B)):
            break
        (course.release / SUMS).write_text("work of a day")
        with pytest.raises(UserError, match=f"course/{SUMS} was edited since the last release;"):
            carried_out(course, C)
        kept = carried_out(course, C, force=True).kept
        assert [(course.release / name).read_text() for name in kept] == ["work of a day"]
        assert (course.release / SUMS).read_bytes() == C[SUMS]


def test_killed_release_of_one_chapter_is_remembered_by_that_of_another(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    course = make_full_course(tmp_path)
    carried_out(course, A)
    new = {SUMS: b"new", "README.md": b"new"}
    planned = plan(course, ("01_sums",), new)
    assert killed_at(8, monkeypatch, lambda: carry_out(course, planned, new, force=False))
    assert (course.release / SUMS).read_bytes() == b"new"
    other = {SQUARES: b"newer", "README.md": b"newer"}
    carry_out(course, plan(course, ("02_squares",), other), other, force=False)
    assert as_released(course, SUMS)
    carried_out(course, C)
    assert (course.release / SUMS).read_bytes() == C[SUMS]


def test_manifest_is_made_anew_where_the_files_are_as_released(course: Course) -> None:
    whole = (course.release / MANIFEST).read_bytes()
    (course.release / MANIFEST).unlink()
    assert release(course).stale == ()
    assert (course.release / MANIFEST).read_bytes() == whole


def test_chapter_that_breaks_the_contract_is_refused_with_the_sentence(course: Course) -> None:
    edit(course.solutions / SUMS, "LIMIT = 100", "LIMIT = = 100")
    sentence = refused(course)
    assert str(course.solutions / SUMS) in sentence
    assert violations(course.solutions / SUMS)[0] in sentence
    assert release(course, ["02_squares"]).stale == ()


def test_chapter_that_nbgrader_refuses_is_refused_with_its_reason(course: Course) -> None:
    path = course.solutions / SUMS
    path.write_text(path.read_text().replace('"language": "python"', '"language": "R"'))
    sentence = refused(course)
    assert "solutions/01_sums: nbgrader refuses it" in sentence
    assert "language 'R'" in sentence.split("refuses it")[1]


def test_chapter_that_is_no_notebook_is_refused(course: Course) -> None:
    (course.solutions / SUMS).write_text("{")
    before = files(course.release)
    with pytest.raises(UserError, match=r"sums\.ipynb: is not a Jupyter notebook"):
        release(course)
    assert files(course.release) == before


def test_no_solution_no_hidden_check_and_no_output_is_released(course: Course) -> None:
    everything = b"\n".join(files(course.release).values())
    source = b"\n".join(files(course.solutions).values())
    secret = [b"the_reference_total", b"return a / 2", b"a**2", b"That sums are everywhere"]
    secret += [b"the_secret_check", b"BEGIN", b"HIDDEN TESTS", b'"printed in solutions\\n"']
    assert [text for text in secret if text not in source] == []
    assert [text for text in secret if text in everything] == []
    for name in (SUMS, SQUARES):
        for cell in nbformat.read(course.release / name, as_version=4).cells:
            assert not cell.get("outputs")
            assert cell.get("execution_count") is None


def test_hidden_check_keeps_its_place_and_says_what_it_is(course: Course) -> None:
    (hidden,) = (c for c in read_assignment(course.release / SUMS).checks if c.hidden)
    assert (hidden.grade_id, hidden.points) == ("add-secret", 1)
    assert hidden.source.strip() == "# hidden check: negative numbers"


def test_stubs_name_their_exercise(course: Course) -> None:
    answers = {a.grade_id: a.source for a in read_assignment(course.release / SUMS).answers}
    assert answers == {
        "add": 'def add(a, b):\n    """Add two numbers."""\n'
        '    raise NotImplementedError("exercise add")',
        "half": 'def half(a):\n    """Halve a number."""\n'
        '    raise NotImplementedError("exercise half")',
    }


def test_checks_setup_and_texts_are_released_word_for_word(course: Course) -> None:
    ours = read_assignment(course.solutions / SUMS).cells
    theirs = read_assignment(course.release / SUMS).cells
    assert len(ours) == len(theirs)
    for mine, released in zip(ours, theirs, strict=True):
        assert (mine.kind, mine.grade_id, mine.points) == (
            released.kind,
            released.grade_id,
            released.points,
        )
        if mine.kind not in (Kind.ANSWER, Kind.WRITTEN) and not mine.hidden:
            assert mine.source == released.source


def test_supplementary_files_are_copied_byte_for_byte(course: Course) -> None:
    data = bytes(range(256))
    (course.solutions / "01_sums" / "data" / "image.bin").write_bytes(data)
    (course.solutions / "01_sums" / ".ipynb_checkpoints").mkdir()
    (course.solutions / "01_sums" / ".ipynb_checkpoints" / "sums.ipynb").write_text("old")
    assert release(course).written == ("01_sums/data/image.bin",)
    assert (course.release / "01_sums" / "data" / "image.bin").read_bytes() == data


@pytest.mark.parametrize("name", ["03_cubes", "sums", "", ".", "01_sums/sums.ipynb"])
def test_unknown_chapter_is_an_error_that_names_those_that_are(course: Course, name: str) -> None:
    for act in (release, compare):
        with pytest.raises(UserError, match=r"unknown assignment .*01_sums, 02_squares") as caught:
            act(course, [name])
        assert caught.value.exit_code == 2


def test_chapter_may_be_named_by_its_folder(course: Course) -> None:
    assert compare(course, ["solutions/01_sums/"]).unchanged == (DATA, SUMS, "README.md")


def test_landing_page_lists_chapters_subjects_minutes_and_points(course: Course) -> None:
    lines = (course.release / "README.md").read_text().splitlines()
    assert f"| [Chapter 1 · Sums]({SUMS}) | Adding; Halving | 25 | 9 |" in lines
    assert f"| [Chapter 2 · Squares]({SQUARES}) | Squaring | 7 | 3 |" in lines
    assert release(course, ["02_squares"]).stale == ()


@pytest.mark.parametrize("text", ["{", "[]", "\0", '{"cells": [{}]}'])
def test_damaged_chapter_does_not_hinder_another(course: Course, text: str) -> None:
    """Nor is the landing page changed: the damaged one is there as it was released."""
    edit(course.solutions / SQUARES, "square: ", "the square: ")
    (course.solutions / SUMS).write_text(text)
    assert release(course, ["02_squares"]).written == (SQUARES,)


def test_landing_page_links_only_to_chapters_that_are_there(tmp_path: Path) -> None:
    course = make_full_course(tmp_path)
    release(course, ["02_squares"])
    assert "01_sums" not in (course.release / "README.md").read_text()
    release(course, ["01_sums"])
    page = (course.release / "README.md").read_text()
    assert page.index(SUMS) < page.index(SQUARES)


def test_landing_page_is_about_what_was_released(course: Course) -> None:
    """Not about a source that was edited since."""
    edit(course.solutions / SUMS, "# Chapter 1 · Sums", "# Chapter 1 · Adding up")
    assert release(course, ["02_squares"]).stale == ()
    assert release(course).written == (SUMS, "README.md")


@pytest.mark.parametrize("name", [".ipynb_checkpoints/old.ipynb", "03_cubes/.~cubes.ipynb"])
def test_hidden_folder_or_notebook_is_no_chapter(course: Course, name: str) -> None:
    (course.solutions / name).parent.mkdir()
    (course.solutions / name).write_text("{")
    assert course.chapters == ("01_sums", "02_squares")
    assert release(course).stale == ()


@pytest.mark.parametrize("name", ["notes.txt~", ".notes.txt.swp", "#notes.txt#", ".DS_Store"])
def test_what_an_editor_leaves_behind_is_not_released(course: Course, name: str) -> None:
    (course.solutions / "01_sums" / "data" / name).write_text("1,2\n")
    assert release(course).stale == ()


def test_linked_file_is_released_as_a_file(course: Course, tmp_path: Path) -> None:
    (tmp_path / "more.csv").write_text("5,6\n")
    (course.solutions / "01_sums" / "data" / "more.csv").symlink_to(tmp_path / "more.csv")
    assert release(course).written == ("01_sums/data/more.csv",)
    made = course.release / "01_sums" / "data" / "more.csv"
    assert made.read_text() == "5,6\n"
    assert not made.is_symlink()


def test_course_that_cannot_be_written_is_an_error_of_one_sentence(course: Course) -> None:
    shutil.rmtree(course.release)
    course.release.write_text("a file")
    said = refused(course)
    assert said.startswith(f"cannot write {course.release}")
    assert said.endswith("make course/ writable and release again.")


def test_read_only_course_is_an_error_of_one_sentence(
    course: Course, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Permissions do not stop root, so that the system's answer is given in its place."""

    def denied(path: Path, data: bytes) -> int:
        raise PermissionError(13, "Permission denied", str(path))

    edit(course.solutions / SQUARES, "square: ", "the square: ")
    with monkeypatch.context() as patched:
        patched.setattr(Path, "write_bytes", denied)
        said = refused(course)
    assert f"cannot write {course.release / MANIFEST} " in said
    assert "(Permission denied); make course/ writable" in said
