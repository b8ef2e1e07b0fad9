"""Which file is which notebook: by its exercises before its name, and never by a guess."""

import json
import unicodedata
from collections.abc import Mapping
from pathlib import Path

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook
from small_class import make_zip

from autograder.assignment import submission
from autograder.intake.asked import Asked
from autograder.intake.naming import Named, name_notebooks

IDS = {"a": frozenset({"a1", "a2"}), "b": frozenset({"b1", "b2"})}
STUB = "raise NotImplementedError()"


def made(*answers: tuple[str, str], own: str = "") -> bytes:
    """A notebook with answers by grade_id, a locked check, and a cell of the student's own."""
    marks = {"solution": True, "grade": False, "locked": False, "schema_version": 3}
    cells = [
        new_code_cell(text, id=f"c{at}", metadata={"nbgrader": {**marks, "grade_id": grade_id}})
        for at, (grade_id, text) in enumerate(answers)
    ]
    check = {"solution": False, "grade": True, "locked": True, "points": 1, "grade_id": "check"}
    cells.append(new_code_cell("assert 1", id="check", metadata={"nbgrader": check}))
    if own:
        cells.append(new_markdown_cell(own, id="own"))
    return nbformat.writes(new_notebook(cells=cells)).encode()


def of(chapter: str, first: str = STUB, second: str = STUB, own: str = "") -> bytes:
    return made((f"{chapter}1", first), (f"{chapter}2", second), own=own)


UNTOUCHED = of("a")
ALONE = Asked({"a.ipynb": IDS["a"]}, {"02_b": IDS["b"]}, {"a.ipynb": UNTOUCHED})
BOTH = Asked(
    {"a.ipynb": IDS["a"], "b.ipynb": IDS["b"]},
    {"03_c": frozenset({"c1", "c2"})},
    {"a.ipynb": UNTOUCHED, "b.ipynb": of("b")},
)


def taken(named: Named, files: Mapping[str, bytes]) -> dict[str, str]:
    """Which file became which of the assignment's notebooks."""
    return {
        wanted: name
        for wanted in ("a.ipynb", "b.ipynb")
        for name, data in files.items()
        if named.files.get(wanted) == data
    }


@pytest.mark.parametrize("name", ["a.ipynb", "b.ipynb", "x.ipynb", "a (1).ipynb"])
def test_other_chapters_notebook_waits_whatever_it_is_called(name: str) -> None:
    named = name_notebooks({name: of("b", "x = 1")}, ALONE)
    assert named.waits == f"{name} seems to be of 02_b: it has none of the exercises of a.ipynb"
    unknown = name_notebooks({name: of("b", "x = 1")}, Asked({"a.ipynb": IDS["a"]}))
    assert unknown.waits.startswith(f"{name} seems to be another assignment's")


def test_other_chapter_that_shares_a_name_of_a_cell_is_still_the_other() -> None:
    shared = made(("a1", "x"), ("b1", "x"), ("b2", "x"))
    named = name_notebooks({"a.ipynb": shared}, ALONE)
    assert named.waits == (
        "a.ipynb seems to be of 02_b: it has more of its exercises than of a.ipynb"
    )
    # A resit has all the exercises of the first time: it is what is asked for.
    again = name_notebooks(
        {"x.ipynb": of("a", "x")}, Asked({"a.ipynb": IDS["a"]}, {"ps0": IDS["a"]})
    )
    assert not again.waits


def test_other_chapters_notebook_beside_the_right_one_does_not_matter() -> None:
    files = {"b.ipynb": of("b", "x"), "homework.ipynb": of("a", "x")}
    named = name_notebooks(files, ALONE)
    assert (taken(named, files)["a.ipynb"], named.waits) == ("homework.ipynb", "")


@pytest.mark.parametrize(
    ("files", "expected"),
    [
        ({"a.ipynb": UNTOUCHED, "a (1).ipynb": of("a", "x = 1")}, "a (1).ipynb"),
        ({"a.ipynb": of("a", "x = 1"), "a (1).ipynb": UNTOUCHED}, "a.ipynb"),
        ({"a.ipynb": UNTOUCHED, "a-Copy1.ipynb": of("a", own="my proof")}, "a-Copy1.ipynb"),
        ({"a.ipynb": UNTOUCHED, "a (1).ipynb": UNTOUCHED}, "a.ipynb"),
        # A copy from before: all that is in it is in the other.
        ({"a.ipynb": of("a", "x = 1", "y = 2"), "a-1.ipynb": of("a", "x = 1")}, "a.ipynb"),
        ({"a.ipynb": of("a", "x = 1"), "draft.ipynb": of("a", "x = 1", "y = 2")}, "draft.ipynb"),
        # What is no longer a notebook is nobody's answer.
        ({"a.ipynb": b"", "a (1).ipynb": of("a", "x = 1")}, "a (1).ipynb"),
    ],
)  # fmt: skip
def test_of_two_copies_the_one_with_all_the_work_counts(
    files: Mapping[str, bytes], expected: str
) -> None:
    named = name_notebooks(files, ALONE)
    assert named.waits == ""
    assert named.files["a.ipynb"] == files[expected]
    assert any(expected in line or "nothing is written" in line for line in named.notes)
    assert name_notebooks(named.files, ALONE).files["a.ipynb"] == files[expected]


@pytest.mark.parametrize(
    "files",
    [
        {"a.ipynb": of("a", "x = 1"), "a (1).ipynb": of("a", "x = 2")},
        {"x.ipynb": of("a", "x = 1"), "y.ipynb": of("a", STUB, "y = 2")},
        {"a.ipynb": of("a", "x = 1", own="one"), "a-1.ipynb": of("a", "x = 1", own="two")},
        {"a.ipynb": of("a", "x"), "b.ipynb": of("a", "y"), "c.ipynb": UNTOUCHED},
    ],
)
def test_of_two_copies_with_work_none_counts(files: Mapping[str, bytes]) -> None:
    named = name_notebooks(files, ALONE)
    first, second, *_ = files
    assert named.waits == f"2 notebooks may be a.ipynb ({first}, {second})"
    assert named.files == files


@pytest.mark.parametrize(
    "name", ["a.ipynb.txt", "a.IPYNB", "A.ipynb.json", "a.json", "a", "work/x.txt", "a.ipynb(1)"]
)
def test_notebook_is_known_whatever_ends_its_name(name: str) -> None:
    files = {name: of("a", "x = 1"), "data.json": b'{"cells": 3, "nbformat": 4}', "a.txt": b"{}"}
    named = name_notebooks(files, ALONE)
    assert (named.waits, named.files["a.ipynb"]) == ("", files[name])
    assert named.notes == (f"{name} is taken as a.ipynb (the only notebook)",)
    assert set(named.files) == {"a.ipynb", "data.json", "a.txt"}


def test_what_is_no_notebook_is_named() -> None:
    named = name_notebooks({"essay.pdf": b"%PDF", "a.py": b"x = 1"}, ALONE)
    assert named.waits == "there is no notebook among the files (a.py, essay.pdf)"
    assert name_notebooks({}, ALONE).waits == "there is no notebook among the files"
    for text in (b"{", b"[]", b'{"cells": {}}', b'{"cells": [1], "nbformat": 4}', b"\xff"):
        waits = name_notebooks({"x.json": text}, ALONE).waits
        assert waits == "there is no notebook among the files (x.json)"


def test_zip_in_a_zip_and_several_are_unpacked(tmp_path: Path) -> None:
    inner = make_zip(tmp_path / "i.zip", {"w/a.ipynb": of("a", "x"), "w/d.csv": b"1"}).read_bytes()
    outer = make_zip(tmp_path / "o.zip", {"deep/inner.ZIP": inner}).read_bytes()
    named = name_notebooks({"all.zip": outer}, ALONE)
    assert (named.waits, set(named.files)) == ("", {"a.ipynb", "w/d.csv"})
    two = {
        "one.zip": inner,
        "two.zip": make_zip(tmp_path / "t.zip", {"w/d.csv": b"2"}).read_bytes(),
    }
    named = name_notebooks(two, ALONE)
    assert (named.files["one/w/d.csv"], named.files["two/w/d.csv"]) == (b"1", b"2")
    assert named.waits == ""
    same = name_notebooks({"one.zip": inner, "two.zip": inner}, ALONE)
    assert same.waits == ""  # twice the same work is no question
    broken = name_notebooks({"a.zip": b"PK\3\4"}, ALONE)
    assert broken.waits == "there is no notebook among the files (a.zip)"


def test_notebook_of_a_large_zip_is_taken_before_its_other_files(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(submission, "MAX_FILES", 20)
    own = {f"data/{n}.csv": b"1" for n in range(50)}
    packages = {f"venv/lib/site-packages/{n}.py": b"" for n in range(3000)}
    files = {**packages, **own, "z.ipynb": of("a", "x")}
    named = name_notebooks({"all.zip": make_zip(tmp_path / "a.zip", files).read_bytes()}, ALONE)
    assert named.waits == ""
    assert named.files["a.ipynb"] == files["z.ipynb"]
    assert len(named.files) == 20
    assert [note for note in named.notes if note.startswith("venv")] == [
        "venv: holds installed packages; it is left out"
    ]
    assert any("more than 20 files" in note for note in named.notes)


@pytest.mark.parametrize(
    ("files", "expected"),
    [
        ({"a.ipynb": of("b", "x"), "b.ipynb": of("a", "y")}, {"a.ipynb": "b.ipynb",
                                                            "b.ipynb": "a.ipynb"}),
        ({"a-1.ipynb": of("a", "x"), "b.ipynb": of("b")}, {"a.ipynb": "a-1.ipynb",
                                                           "b.ipynb": "b.ipynb"}),
        ({"x.ipynb": of("b", "x")}, {"b.ipynb": "x.ipynb"}),
        ({"x.ipynb": of("a", "x"), "b.ipynb": b""}, {"a.ipynb": "x.ipynb", "b.ipynb": "b.ipynb"}),
    ],
    ids=["swapped", "renamed", "one is missing", "damaged"],
)  # fmt: skip
def test_several_notebooks_are_told_by_their_exercises(
    files: Mapping[str, bytes], expected: Mapping[str, str]
) -> None:
    named = name_notebooks(files, BOTH)
    assert named.waits == ""
    assert taken(named, files) == expected


def test_several_with_the_same_exercises_are_told_by_their_names() -> None:
    """nbgrader allows a grade_id in two notebooks of an assignment."""
    same = Asked({"a.ipynb": IDS["a"], "b.ipynb": IDS["a"]})
    files = {"a (1).ipynb": of("a", "x"), "b.ipynb": of("a", "y")}
    assert taken(name_notebooks(files, same), files) == {
        "a.ipynb": "a (1).ipynb", "b.ipynb": "b.ipynb",
    }  # fmt: skip
    files = {"a.ipynb": of("a", "x")}
    assert set(name_notebooks(files, same).files) == {"a.ipynb"}


def test_another_chapter_in_the_place_of_one_of_several_waits() -> None:
    files = {"a.ipynb": of("a", "x"), "b.ipynb": of("c", "y")}
    assert name_notebooks(files, BOTH).waits.startswith("b.ipynb seems to be of 03_c")


@pytest.mark.parametrize("name", ["übung.ipynb", "한글.ipynb", "é (1).ipynb"])
def test_name_is_the_same_in_both_ways_to_write_it(name: str) -> None:
    wanted = unicodedata.normalize("NFC", name).replace(" (1)", "")
    damaged = {unicodedata.normalize("NFD", name): b"{", "x.ipynb": b"{"}
    named = name_notebooks(damaged, Asked({wanted: IDS["a"]}))
    assert (named.waits, named.files[wanted]) == ("", b"{")


def test_what_is_taken_is_what_is_read_back(tmp_path: Path) -> None:
    files = {
        "a.ipynb": of("a", "x"), "feedback/a.html": b"1", "feedback_data/x.csv": b"2",
        ".ipynb_checkpoints/a.ipynb": of("a", "old"), "venv/bin/x": b"3", "data/x.csv": b"4",
        "timestamp.txt": b"2020-01-01", ".DS_Store": b"5",
    }  # fmt: skip
    named = name_notebooks(files, ALONE)
    for name, data in named.files.items():
        (tmp_path / "s" / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / "s" / name).write_bytes(data)
    back = submission.read_submission(tmp_path / "s", "ada", "01_a")
    assert dict(back.files) == dict(named.files)
    assert set(named.files) == {"a.ipynb", "data/x.csv"}
    assert json.loads(named.files["a.ipynb"])["cells"][0]["source"] == ["x"]
