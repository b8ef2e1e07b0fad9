"""The working copy: a new release arrives, a student's work stays."""

import contextlib
import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import nbformat
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from nbformat.v4 import new_code_cell, new_notebook

from autograder.assignment.errors import UserError
from autograder.lab import working_copy
from autograder.lab.working_copy import MANIFEST, Update, fill

NAME = "01_sums/sums.ipynb"


def notebook(*sources: str) -> Any:
    cells = [new_code_cell(source, id=f"c{index}") for index, source in enumerate(sources)]
    return new_notebook(cells=cells)


def write(path: Path, *sources: str) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    nbformat.write(notebook(*sources), path)
    return path


def sources(path: Path) -> list[str]:
    return [cell.source for cell in nbformat.read(path, as_version=4).cells]


def change(path: Path, edit: Callable[[Any], object]) -> None:
    found = json.loads(path.read_text())
    edit(found)
    path.write_text(json.dumps(found))


def edit_source(found: Any) -> None:
    found["cells"][0]["source"] = "the student's"


def make_raw(found: Any) -> None:
    found["cells"][0] = {"cell_type": "raw", "id": "c0", "metadata": {}, "source": "first"}


def store_output(found: Any) -> None:
    output = {"output_type": "stream", "name": "stdout", "text": "a long training"}
    found["cells"][0]["outputs"].append(output)


def add_cell(found: Any) -> None:
    found["cells"].append(new_code_cell("an idea", id="new"))


def open_in_lab(found: Any) -> None:
    found["metadata"]["language_info"] = {"name": "python", "version": "3.11"}
    found["cells"][0]["execution_count"] = 7
    found["cells"][0]["metadata"]["trusted"] = True


def say(source: str) -> Callable[[Any], object]:
    return lambda found: found["cells"][0].update(source=source)


@pytest.fixture
def release(tmp_path: Path) -> Path:
    write(tmp_path / "course" / NAME, "first")
    (tmp_path / "course" / "01_sums" / "data.csv").write_text("1,2\n")
    (tmp_path / "course" / "README.md").write_text("# Read me\n")
    return tmp_path / "course"


@pytest.fixture
def copy(release: Path, tmp_path: Path) -> Path:
    fill(release, tmp_path / "my-course")
    return tmp_path / "my-course"


def test_first_use_copies_everything(release: Path, tmp_path: Path) -> None:
    copy = tmp_path / "deep" / "my-course"
    assert fill(release, copy) == Update(added=("01_sums/data.csv", NAME, "README.md"))
    assert (copy / NAME).read_bytes() == (release / NAME).read_bytes()
    assert fill(release, copy) == Update()


def test_new_release_updates_an_untouched_notebook(release: Path, copy: Path) -> None:
    write(release / NAME, "second")
    assert fill(release, copy) == Update(updated=(NAME,))
    assert sources(copy / NAME) == ["second"]
    assert fill(release, copy) == Update()


def test_only_opening_a_notebook_does_not_touch_it(release: Path, copy: Path) -> None:
    change(copy / NAME, open_in_lab)
    assert fill(release, copy) == Update()
    write(release / NAME, "second")
    assert fill(release, copy) == Update(updated=(NAME,))


def test_release_that_changes_only_metadata_arrives(release: Path, copy: Path) -> None:
    change(release / NAME, lambda found: found["cells"][0]["metadata"].update(tags=["explore"]))
    assert fill(release, copy) == Update(updated=(NAME,))
    assert (copy / NAME).read_bytes() == (release / NAME).read_bytes()


@pytest.mark.parametrize("work", [edit_source, make_raw, store_output, add_cell])
def test_work_is_kept_and_named(release: Path, copy: Path, work: Callable[[Any], object]) -> None:
    change(copy / NAME, work)
    before = (copy / NAME).read_bytes()
    assert fill(release, copy) == Update(), "nothing is new, so there is nothing to report"
    write(release / NAME, "second")
    assert fill(release, copy) == Update(kept=(NAME,))
    assert (copy / NAME).read_bytes() == before


def test_work_that_equals_the_new_release_is_up_to_date(release: Path, copy: Path) -> None:
    change(copy / NAME, say("second"))
    write(release / NAME, "second")
    assert fill(release, copy) == Update()
    write(release / NAME, "third")
    assert fill(release, copy) == Update(updated=(NAME,))


def test_work_that_was_taken_back_is_updated_again(release: Path, copy: Path) -> None:
    change(copy / NAME, edit_source)
    write(release / NAME, "second")
    assert fill(release, copy).kept == (NAME,)
    change(copy / NAME, say("first"))
    assert fill(release, copy) == Update(updated=(NAME,))


def test_deleted_notebook_comes_back(release: Path, copy: Path) -> None:
    (copy / NAME).unlink()
    assert fill(release, copy) == Update(added=(NAME,))


def test_files_of_the_student_and_of_older_releases_stay(release: Path, copy: Path) -> None:
    (copy / "notes.txt").write_text("mine")
    (release / "01_sums" / "data.csv").unlink()
    assert fill(release, copy) == Update()
    assert (copy / "notes.txt").read_text() == "mine"
    assert (copy / "01_sums" / "data.csv").exists()


@pytest.mark.parametrize(
    "damage",
    [b"", b"{", b"[]", b"null", b'{"files": 3}', b'{"files": {"01_sums/sums.ipynb": 1}}', b"\xff"],
)
def test_damaged_manifest_loses_nothing(release: Path, copy: Path, damage: bytes) -> None:
    (copy / MANIFEST).write_bytes(damage)
    change(copy / NAME, edit_source)
    write(release / NAME, "second")
    (release / "README.md").write_text("# New\n")
    assert fill(release, copy) == Update(kept=(NAME, "README.md"))
    assert sources(copy / NAME) == ["the student's"]


def test_deleted_manifest_is_made_again(release: Path, copy: Path) -> None:
    (copy / MANIFEST).unlink()
    assert fill(release, copy) == Update()
    write(release / NAME, "second")
    assert fill(release, copy) == Update(updated=(NAME,))


@pytest.mark.parametrize("content", [b"", b"not json", b'{"cells": 3}', b'{"cells": [3]}'])
def test_broken_notebook_of_the_student_is_kept(release: Path, copy: Path, content: bytes) -> None:
    (copy / NAME).write_bytes(content)
    write(release / NAME, "second")
    assert fill(release, copy) == Update(kept=(NAME,))
    assert (copy / NAME).read_bytes() == content


def test_links_in_the_copy_are_not_followed(release: Path, copy: Path, tmp_path: Path) -> None:
    outside = tmp_path / "outside"
    outside.mkdir()
    (outside / "mine.txt").write_text("mine")
    for path in (copy / "01_sums").iterdir():
        path.unlink()
    (copy / "01_sums").rmdir()
    (copy / "01_sums").symlink_to(outside)
    (copy / "README.md").unlink()
    (copy / "README.md").symlink_to(outside / "mine.txt")
    write(release / NAME, "second")
    (release / "README.md").write_text("# New\n")
    assert fill(release, copy) == Update(kept=("01_sums/data.csv", NAME, "README.md"))
    assert [path.name for path in outside.iterdir()] == ["mine.txt"]
    assert (outside / "mine.txt").read_text() == "mine"


def test_links_out_of_the_release_and_hidden_files_are_not_copied(
    release: Path, tmp_path: Path
) -> None:
    (tmp_path / "secret").write_text("secret")
    (release / "link").symlink_to(tmp_path / "secret")
    (release / ".ipynb_checkpoints").mkdir()
    (release / ".ipynb_checkpoints" / "sums.ipynb").write_text("old")
    (release / "01_sums" / "sums.ipynb.kept-1").write_text("an instructor's edit")
    fill(release, tmp_path / "other")
    copied = {path.name for path in (tmp_path / "other").rglob("*") if path.is_file()}
    assert copied == {MANIFEST, "README.md", "data.csv", "sums.ipynb"}


def test_folder_in_the_place_of_a_file_is_kept(release: Path, copy: Path) -> None:
    (copy / "README.md").unlink()
    (copy / "README.md").mkdir()
    (copy / NAME).unlink()
    (copy / "01_sums" / "data.csv").unlink()
    (copy / "01_sums").rmdir()
    (copy / "01_sums").write_text("a file")
    assert fill(release, copy) == Update(kept=("01_sums/data.csv", NAME, "README.md"))


def test_read_only_release_gives_a_writable_copy(release: Path, tmp_path: Path) -> None:
    (release / NAME).chmod(0o444)
    fill(release, tmp_path / "other")
    assert (tmp_path / "other" / NAME).stat().st_mode & 0o600 == 0o600


def test_no_temporary_file_stays(release: Path, copy: Path) -> None:
    write(release / NAME, "second")
    fill(release, copy)
    assert not [path for path in copy.rglob("*") if path.suffix == ".new"]


def test_missing_release_is_said(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="holds no release"):
        fill(tmp_path / "nothing", tmp_path / "copy")


def test_copy_that_is_a_file_is_said(release: Path, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("mine")
    with pytest.raises(UserError, match="cannot be written"):
        fill(release, tmp_path / "file")
    assert (tmp_path / "file").read_text() == "mine"


@pytest.mark.parametrize("place", [".", "01_sums", ".."])
def test_copy_inside_the_release_is_refused(release: Path, place: str) -> None:
    before = sorted(release.rglob("*"))
    with pytest.raises(UserError, match="lie in each other"):
        fill(release, Path(os.path.normpath(release / place)))
    assert sorted(release.rglob("*")) == before


STEPS = st.lists(
    st.tuples(
        st.sampled_from(["release", "work", "open", "delete", "lose the manifest", "fill"]),
        st.sampled_from(["a", "b"]),
        st.integers(0, 3),
    ),
    max_size=12,
)


@settings(max_examples=60)
@given(steps=STEPS)
def test_work_survives_any_history(
    steps: list[tuple[str, str, int]], tmp_path_factory: pytest.TempPathFactory
) -> None:
    """Whatever comes, in whichever order: work stays, and what nobody touched is the newest."""
    root = tmp_path_factory.mktemp("history")
    release, copy = root / "course", root / "copy"
    work: dict[str, list[str]] = {}
    for name in "ab":
        write(release / name / "x.ipynb", "released 0")
    fill(release, copy)
    for step, name, number in [*steps, ("fill", "a", 0)]:
        mine = copy / name / "x.ipynb"
        if step == "release":
            write(release / name / "x.ipynb", f"released {number}")
        elif step == "work" and mine.exists():
            write(mine, f"work {number}")
            work[name] = sources(mine)
        elif step == "open" and mine.exists():
            change(mine, open_in_lab)
        elif step == "delete":
            mine.unlink(missing_ok=True)
            work.pop(name, None)
        elif step == "lose the manifest":
            (copy / MANIFEST).unlink(missing_ok=True)
        elif step == "fill":
            update = fill(release, copy)
            for each in "ab":
                here = sources(copy / each / "x.ipynb")
                if each in work:
                    assert here == work[each]
                elif f"{each}/x.ipynb" not in update.kept:
                    assert here == sources(release / each / "x.ipynb")


@pytest.mark.parametrize("writes", range(6))
def test_interrupted_update_is_finished_at_the_next_start(
    release: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, writes: int
) -> None:
    """Stopped before each of its writes, at first and at a second release: nothing stays behind."""
    copy, write_file = tmp_path / "copy", working_copy._write
    (release / "01_sums" / "data.txt").write_text("1")

    def interrupted() -> None:
        left = iter(range(writes))

        def write_some(*arguments: Any) -> None:
            if next(left, None) is None:
                raise KeyboardInterrupt
            write_file(*arguments)

        monkeypatch.setattr(working_copy, "_write", write_some)
        with contextlib.suppress(KeyboardInterrupt):
            fill(release, copy)
        monkeypatch.setattr(working_copy, "_write", write_file)

    interrupted()
    write(release / NAME, "first", "a second release")
    (release / "01_sums" / "data.txt").write_text("2")
    interrupted()
    write(release / NAME, "first", "a third release")
    assert fill(release, copy).kept == ()
    assert sources(copy / NAME) == ["first", "a third release"]
    assert (copy / "01_sums" / "data.txt").read_text() == "2"
    assert fill(release, copy) == Update()


def test_tags_that_the_student_set_survive_a_new_release(release: Path, copy: Path) -> None:
    def tag(found: Any) -> None:
        found["cells"][0]["metadata"]["tags"] = ["look again"]

    change(copy / NAME, tag)
    write(release / NAME, "first", "new text")
    assert fill(release, copy).updated == (NAME,)
    found = nbformat.read(copy / NAME, as_version=4)
    assert sources(copy / NAME) == ["first", "new text"]
    assert found.cells[0].metadata.tags == ["look again"]
    assert fill(release, copy) == Update()
