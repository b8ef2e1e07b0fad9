"""A student's folder read, whatever was handed in: files, limits, links, times."""

import os
import socket
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from autograder.assignment import submission
from autograder.assignment.errors import UserError
from autograder.assignment.submission import Submission, read_submission, submission_files


def read(folder: Path) -> Submission:
    return read_submission(folder, "ada", "ps1")


def test_regular_files_are_read_with_their_paths(tmp_path: Path) -> None:
    (tmp_path / "data" / "deep").mkdir(parents=True)
    (tmp_path / "nb.ipynb").write_bytes(b"{}")
    (tmp_path / "data" / "deep" / "x.csv").write_bytes(b"1,2\n")
    found = read(tmp_path)
    assert dict(found.files) == {"nb.ipynb": b"{}", "data/deep/x.csv": b"1,2\n"}
    assert (found.student, found.assignment, found.notes) == ("ada", "ps1", ())


def test_checkpoints_and_feedback_are_skipped(tmp_path: Path) -> None:
    for name in (".ipynb_checkpoints", "feedback", "data/.ipynb_checkpoints", "data/feedback"):
        (tmp_path / name).mkdir(parents=True)
        (tmp_path / name / "x.txt").write_text("x")
    (tmp_path / "feedback_2").mkdir()
    found = read(tmp_path)
    assert list(found.files) == ["data/feedback/x.txt"]
    assert found.notes == ()
    assert found.skipped == ("feedback_2: holds feedback; it is left out",)


def test_symbolic_links_are_never_followed(tmp_path: Path) -> None:
    outside = tmp_path / "outside"
    outside.mkdir()
    (outside / "secret.txt").write_text("secret")
    folder = tmp_path / "ada"
    folder.mkdir()
    (folder / "file").symlink_to(outside / "secret.txt")
    (folder / "folder").symlink_to(outside)
    (folder / "broken").symlink_to("nowhere")
    (folder / "loop").symlink_to(folder)
    found = read(folder)
    assert dict(found.files) == {}
    assert found.notes == tuple(
        f"{name}: is a symbolic link; it is left out"
        for name in ("broken", "file", "folder", "loop")
    )
    link = tmp_path / "link"
    link.symlink_to(outside)
    assert (dict(read(link).files), read(link).notes) == (
        {},
        ("the submission's folder is a symbolic link",),
    )


def test_pipes_and_sockets_are_left_out_without_waiting(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.ipynb")
    with socket.socket(socket.AF_UNIX) as listening:
        here = os.open(tmp_path, os.O_RDONLY)  # a socket's path must be short
        try:
            listening.bind(f"/proc/self/fd/{here}/socket")
        finally:
            os.close(here)
        found = read(tmp_path)
    assert dict(found.files) == {}
    assert found.notes == (
        "pipe.ipynb: is not a regular file; it is left out",
        "socket: is not a regular file; it is left out",
    )


@contextmanager
def not_as_root() -> Iterator[None]:
    """Root may read everything: be nobody for a while."""
    before = os.geteuid()
    os.seteuid(before or 65534)
    try:
        yield
    finally:
        os.seteuid(before)


def test_unreadable_files_and_folders_are_noted() -> None:
    with tempfile.TemporaryDirectory() as name:  # which others may enter, unlike pytest's own
        root = Path(name)
        root.chmod(0o755)
        (root / "folder").mkdir(mode=0)
        (root / "file").touch(mode=0)
        with not_as_root():
            found = read(root)
        (root / "folder").chmod(0o700)
    assert found.notes == (
        "file: cannot be read: permission denied; it is left out",
        "folder: cannot be read: permission denied",
    )


def test_too_large_files_are_left_out_and_the_others_kept(tmp_path: Path) -> None:
    with (tmp_path / "a.bin").open("wb") as file:
        file.truncate(submission.MAX_FILE + 1)
    with (tmp_path / "b.bin").open("wb") as file:
        file.truncate(2**40)
    (tmp_path / "c.ipynb").write_bytes(b"{}")
    found = read(tmp_path)
    assert dict(found.files) == {"c.ipynb": b"{}"}
    assert found.notes == (
        "a.bin: is larger than 50 MB; it is left out",
        "b.bin: is larger than 50 MB; it is left out",
    )


def test_all_files_together_are_limited(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(submission, "MAX_TOTAL", 5 * 2**20)
    for name in ("a.bin", "b.bin", "z.ipynb"):
        (tmp_path / name).write_bytes(bytes(2 * 2**20))
    (tmp_path / "small").write_bytes(b"fits")
    found = read(tmp_path)
    assert sorted(found.files) == ["a.bin", "small", "z.ipynb"]
    assert found.notes == ("b.bin: all files together exceed 5 MB; it is left out",)


def test_of_too_many_files_the_notebook_is_kept(tmp_path: Path) -> None:
    (tmp_path / "data").mkdir()
    for number in range(submission.MAX_FILES):
        (tmp_path / "data" / f"{number:05}").touch()
    (tmp_path / "nb.ipynb").write_bytes(b"{}")
    found = read(tmp_path)
    assert found.files["nb.ipynb"] == b"{}"
    assert len(found.files) == submission.MAX_FILES
    (note,) = found.notes
    assert note == "data/01999: there are more than 2000 files; it is left out"


def test_timestamp_is_beyond_the_number_of_files(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What is put into submitted/ is as much as a submission may have, and the time."""
    monkeypatch.setattr(submission, "MAX_FILES", 3)
    for name in ("nb.ipynb", "a.csv", "z.csv"):
        (tmp_path / name).write_bytes(b"{}")
    (tmp_path / "timestamp.txt").write_text("2026-11-01 10:00:00 UTC")
    found = read(tmp_path)
    assert (len(found.files), found.notes) == (4, ())


@pytest.mark.parametrize(
    ("skipped", "what"),
    [
        (("venv/lib/x.py", "venv/bin/python"), "venv: holds installed packages"),
        (("work/.git/HEAD", "work/.git/objects/ab"), "work/.git: holds the history"),
        (("node_modules/a/b.js",), "node_modules: holds installed packages"),
        (("__pycache__/mine.pyc",), "__pycache__: holds a cache"),
        (("tools/pyvenv.cfg", "tools/bin/x"), "tools: holds installed packages"),
        (("feedback/2026/cnn.html",), ""),
        (("data/.ipynb_checkpoints/x.ipynb", "data/.DS_Store"), ""),
    ],
)
def test_what_programs_put_there_is_no_submission(
    tmp_path: Path, skipped: tuple[str, ...], what: str
) -> None:
    """Told by paths alone, and the same from a folder: what is kept is what is read back."""
    own = ("cnn.ipynb", "data/feedback/x.csv", "environment/mine.py", "venv.txt")
    for name in (*own, *skipped):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_bytes(b"{}")
    found = read(tmp_path)
    kept, folders = submission_files((*own, *skipped))
    assert sorted(found.files) == sorted(kept) == sorted(own)
    assert len(found.skipped) == len(folders) == bool(what)
    assert what in "".join(found.skipped)


def test_environment_made_where_the_work_is_takes_nothing_away(tmp_path: Path) -> None:
    names = ["work/cnn.ipynb", "work/pyvenv.cfg", "work/lib/site-packages/a.py", "work/mine.py"]
    for name in names:
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_bytes(b"{}")
    own = {"work/cnn.ipynb", "work/mine.py", "work/pyvenv.cfg"}
    assert set(read(tmp_path).files) == set(submission_files(names)[0]) == own


def test_many_notes_are_cut(tmp_path: Path) -> None:
    for number in range(300):
        (tmp_path / f"{number}").symlink_to("nowhere")
    notes = read(tmp_path).notes
    assert len(notes) == 101
    assert notes[-1] == "and 200 more notes like these"


def test_folders_in_folders_have_an_end(tmp_path: Path) -> None:
    (tmp_path / "/".join("d" * 40)).mkdir(parents=True)
    (tmp_path / "nb.ipynb").write_bytes(b"{}")
    found = read(tmp_path)
    assert list(found.files) == ["nb.ipynb"]
    (note,) = found.notes
    assert note.endswith("lies too deep in folders; it is left out")


def test_names_that_are_not_text_are_left_out_and_odd_ones_are_shown_in_one_line(
    tmp_path: Path,
) -> None:
    Path(os.fsdecode(os.fsencode(tmp_path) + b"/\xff.txt")).touch()
    (tmp_path / "two\nlines").symlink_to("nowhere")
    found = read(tmp_path)
    assert dict(found.files) == {}
    assert found.notes == (
        "two�lines: is a symbolic link; it is left out",
        "�.txt: its name is not valid text; it is left out",
    )


class _Growing:
    """A file that has more bytes than its status said."""

    def __init__(self, folder: Path) -> None:
        self.path = folder / "log.txt"
        self.path.write_bytes(b"x" * 100)

    def status(self, file: int) -> os.stat_result:
        found = os.stat(self.path)
        self.path.write_bytes(b"x" * 200)
        return found


def test_file_that_grows_is_cut_at_the_limit(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The growth is made to fall between the two system calls, by way of the first."""
    growing = _Growing(tmp_path)
    monkeypatch.setattr(submission, "MAX_FILE", 150)
    monkeypatch.setattr(submission.os, "fstat", growing.status)
    found = read(tmp_path)
    assert found.files["log.txt"] == b"x" * 150
    assert found.notes == ("log.txt: grew while it was read; it is cut",)


@pytest.mark.parametrize("put", ["link", "pipe", "folder"])
def test_file_that_is_replaced_between_two_looks_is_not_read(tmp_path: Path, put: str) -> None:
    (tmp_path / "secret").write_text("secret")
    folder = tmp_path / "ada"
    folder.mkdir()
    (folder / "nb.ipynb").write_text("{}")
    opened = os.open(folder, os.O_RDONLY)
    try:
        with os.scandir(opened) as listing:
            entry = next(listing)
            entry.stat(follow_symlinks=False)  # the last look before the file is opened
            (folder / "nb.ipynb").unlink()
            if put == "link":
                (folder / "nb.ipynb").symlink_to(tmp_path / "secret")
            elif put == "pipe":
                os.mkfifo(folder / "nb.ipynb")
            else:
                (folder / "nb.ipynb").mkdir()
            data, problem = submission._read_file(opened, entry, "nb.ipynb", 0, 1000)
    finally:
        os.close(opened)
    assert data is None
    assert problem.endswith("it is left out")


@pytest.mark.parametrize(
    "text",
    [
        "2015-02-02 15:58:23.948203 America/Los_Angeles",
        "2015-02-02 15:58:23 UTC",
        "2015-02-02 15:58:23.948203 +0100\n",
        "2015-02-02T15:58Z",
    ],
)
def test_valid_time_is_taken(tmp_path: Path, text: str) -> None:
    (tmp_path / "timestamp.txt").write_text(text)
    found = read(tmp_path)
    assert found.timestamp == text.strip()
    assert found.files["timestamp.txt"] == text.encode()
    assert found.notes == ()


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"yesterday",
        b"2015-02-02 15:58:23 /etc/localtime",
        b"2015-02-02 15:58:23 ../../localtime",
        b"2015-13-45 99:99:99",
        b"<script>",
        b"\xff\xfe",
        b"2015-02-02 15:58:23 UTC" * 10_000,
    ],
)
def test_what_is_no_time_is_not_taken(tmp_path: Path, data: bytes) -> None:
    (tmp_path / "timestamp.txt").write_bytes(data)
    found = read(tmp_path)
    assert found.timestamp is None
    assert dict(found.files) == {}
    assert found.notes == ("timestamp.txt: is not a time; it is left out",)


def test_missing_folder_is_said(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="no such submission"):
        read(tmp_path / "nobody")


def test_key_tells_submissions_apart() -> None:
    keys = {
        Submission(*what).key
        for what in (
            ("ada", "ps1", {"a": b"bc"}),
            ("ada", "ps1", {"ab": b"c"}),
            ("ada", "ps1", {"a": b"b", "c": b""}),
            ("ada", "ps1", {"a": b"bd"}),
            ("adaps", "1", {"a": b"bc"}),
            ("bob", "ps1", {"a": b"bc"}),
        )
    }
    assert len(keys) == 6
    first = Submission("ada", "ps1", {"a": b"1", "b": b"2"})
    assert first.key == Submission("ada", "ps1", {"b": b"2", "a": b"1"}, ("note",)).key
