"""`nbgrader release_feedback` where some submitted through the exchange and others did not."""

import getpass
import logging
import secrets
import shutil
from collections.abc import Callable
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from foreign_file import close_to_us, run
from nbgrader.auth import Authenticator
from nbgrader.coursedir import CourseDirectory
from nbgrader.exchange import ExchangeError, ExchangeFactory
from nbgrader.exchange.abc import ExchangeReleaseFeedback as ABCReleaseFeedback
from nbgrader.utils import notebook_hash
from rich.console import Console
from throwaway_course import answer, environment, make_course
from traitlets.config import Config

from autograder.assignment.course import CLASSROOM_VARIABLE, Course
from autograder.assignment.nbgrader_course import open_course
from autograder.authoring.release import load_config
from autograder.cli.show_feedback import show_who_cannot_fetch
from autograder.intake.exchange import publish, submit
from autograder.plugin.nbgrader import use_feedback
from autograder.plugin.release_feedback import ReleaseFeedback

ME = getpass.getuser()
DAMAGES: dict[str, Callable[[Path], object]] = {
    "empty": lambda path: path.write_bytes(b""),
    "no text": lambda path: path.write_bytes(b"\xff\xfe\x00"),
    "cut": lambda path: path.write_text(secrets.token_hex(64)[:50]),
    "a student's own": lambda path: path.write_text("let me in"),
    "a folder": Path.mkdir,
    "a link to nothing": lambda path: path.symlink_to("gone"),
}


class Class:
    """A course with an exchange, and the feedback pages of a class in it."""

    def __init__(self, course: Course) -> None:
        self.course, self.feedback = course, course.classroom / "feedback"
        publish(course)

    def page(self, student: str, secret: str | None = None) -> Path:
        """Lay a student's page where `autograder feedback` does; return its folder."""
        folder = self.feedback / student / "01_sums"
        folder.mkdir(parents=True)
        (folder / "sums.html").write_text(f"page of {student}")
        if secret is not None:
            (folder / "submission_secret.txt").write_text(secret)
        (self.course.classroom / "submitted" / student / "01_sums").mkdir(parents=True)
        return folder

    def release(self, without: str = "", **settings: str) -> str:
        """Release the pages of 01_sums, as the command and the button do; return what is logged.

        without: whom nbgrader's error has to name at the end; by default there must be none
        """
        said, log = StringIO(), logging.Logger("released")
        log.addHandler(logging.StreamHandler(said))
        action = self._action("ReleaseFeedback", log, **settings)
        if not without:
            action.start()
            return said.getvalue()
        with pytest.raises(ExchangeError, match=rf"was not released: {without}\.$"):
            action.start()
        return said.getvalue()

    def fetched(self, folder: Path) -> list[str]:
        """The pages that the student who runs this gets."""
        action = self._action("FetchFeedback", logging.Logger("fetched"))
        action.assignment_dir = str(folder)
        action.start()
        return [path.read_text() for path in sorted(folder.rglob("*.html"))]

    def _action(self, name: str, log: logging.Logger, **settings: str) -> Any:
        config = load_config(self.course)
        factory = ExchangeFactory(config=config, log=log)
        return getattr(factory, name)(
            coursedir=CourseDirectory(config=config, assignment_id="01_sums", **settings),
            authenticator=Authenticator(config=config),
            log=log,
        )

    @property
    def released(self) -> dict[str, str]:
        """What lies in the exchange."""
        place = self.course.classroom / "exchange" / "deep-learning" / "feedback"
        return {path.name: path.read_text() for path in place.iterdir()}


@pytest.fixture(scope="module")
def course(tmp_path_factory: pytest.TempPathFactory) -> Course:
    return make_course(tmp_path_factory.mktemp("feedback") / "course")


@pytest.fixture
def room(course: Course, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Class:
    monkeypatch.setenv(CLASSROOM_VARIABLE, str(tmp_path / "a class (x)"))
    return Class(course)


def address(secret: str) -> str:
    return f"{notebook_hash(secret=secret, notebook_id='sums')}.html"


def test_who_submitted_through_the_exchange_fetches_the_page(room: Class, tmp_path: Path) -> None:
    """Those before and after have work from an LMS, or by hand."""
    mine = tmp_path / "mine" / "01_sums" / "sums.ipynb"
    mine.parent.mkdir(parents=True)
    shutil.copy(room.course.release / "01_sums" / "sums.ipynb", mine)
    answer(mine, "return a + b")
    room.page("0 first by hand")
    room.page(ME, (submit(mine, room.course).place / "submission_secret.txt").read_text())
    other = secrets.token_hex(64)
    room.page("~ last but one")
    room.page("~~", f"{other}\n")  # an editor's newline
    said = room.release()
    assert room.fetched(tmp_path / "fetched") == [f"page of {ME}"]
    assert room.released[address(other)] == "page of ~~"
    assert len(room.released) == 2
    assert said.splitlines() == [
        "01_sums: feedback released to 2 students.",
        "01_sums: 2 students did not submit through the exchange, so nbgrader cannot hand out the "
        "pages: 0 first by hand, ~ last but one. Upload these from "
        f"{room.feedback / 'STUDENT' / '01_sums'}.",
    ]


@pytest.mark.parametrize("damage", list(DAMAGES))
def test_damaged_secret_is_named_and_stops_nobody(room: Class, damage: str) -> None:
    place = room.page("bob") / "submission_secret.txt"
    DAMAGES[damage](place)
    secret = secrets.token_hex(64)
    room.page("cyd", secret)
    said = room.release(without="bob")
    assert room.released == {address(secret): "page of cyd"}
    assert said.splitlines() == [
        f"bob: {place}: is damaged, so the page beside it cannot be fetched; upload the page, or put "
        "the secret that came with the submission there.",
        "01_sums: feedback released to 1 student.",
    ]


def test_page_that_cannot_be_read_stops_nobody(room: Class) -> None:
    folder = room.page("bob", secrets.token_hex(64))
    (folder / "sums.html").unlink()
    (folder / "sums.html").symlink_to("gone")
    secret = secrets.token_hex(64)
    room.page("cyd", secret)
    said = room.release(without="bob")
    assert room.released == {address(secret): "page of cyd"}
    assert said.startswith("bob: cannot be released (")


def test_several_whose_pages_are_not_released_are_named_together(room: Class) -> None:
    for name in ("ada", "bob"):
        room.page(name, "damaged")
    room.page("cyd", secrets.token_hex(64))
    room.release(without="ada, bob")
    room.release(student_id="cyd")  # whom it does not concern, gets the page
    assert len(room.released) == 1


def test_class_without_an_exchange_is_told_where_the_pages_lie(room: Class) -> None:
    room.page("ada")
    said = room.release()
    assert room.released == {}
    assert "released to 0 students" in said
    assert "1 student did not submit through the exchange" in said


def test_one_student_is_released_alone_and_excluded_ones_are_not(room: Class) -> None:
    ada, bob, cyd = (secrets.token_hex(64) for _ in range(3))
    for name, secret in (("ada", ada), ("bob", bob), ("cyd", cyd)):
        room.page(name, secret)
    room.release(student_id="bob")
    assert room.released == {address(bob): "page of bob"}
    room.release(student_id_exclude="cyd")
    assert set(room.released) == {address(ada), address(bob)}


def test_second_release_replaces_the_page(room: Class) -> None:
    secret = secrets.token_hex(64)
    folder = room.page("ada", secret)
    room.release()
    (folder / "sums.html").write_text("regraded")
    room.release()
    assert room.released == {address(secret): "regraded"}


def test_feedback_says_whose_pages_have_to_be_uploaded(room: Class) -> None:
    room.page("ada", secrets.token_hex(64))
    folders = [room.page("b[o]b"), room.page("cyd")]
    pages = [room.feedback / name / "01_sums" / "sums.html" for name in ("ada", "b[o]b", "cyd")]
    course = open_course(room.course.root, room.course.classroom)
    told = StringIO()
    show_who_cannot_fetch(course, "01_sums", pages, Console(file=told, width=300))
    assert told.getvalue() == (
        "    2 students did not submit through nbgrader's exchange, so `nbgrader release_feedback` "
        "cannot hand out these pages; upload them: b[o]b, cyd\n"
    )
    for folder in folders:
        (folder / "submission_secret.txt").write_text(secrets.token_hex(64))
    told = StringIO()
    show_who_cannot_fetch(course, "01_sums", pages, Console(file=told))
    assert told.getvalue() == ""


def test_exchange_of_another_kind_is_kept() -> None:
    class Theirs(ABCReleaseFeedback):  # type: ignore[misc]
        pass

    theirs, plain = Config(), Config()
    theirs.ExchangeFactory.release_feedback = Theirs
    use_feedback(theirs)
    use_feedback(plain)
    assert ExchangeFactory(config=theirs).release_feedback is Theirs
    assert ExchangeFactory(config=plain).release_feedback is ReleaseFeedback


@pytest.mark.slow
def test_the_command_gives_each_what_it_can_and_exits_1(room: Class, tmp_path: Path) -> None:
    """As another account runs it, with one secret that it may not read."""
    room.page("ada")
    close_to_us(room.page("bob", secrets.token_hex(64)) / "submission_secret.txt")
    secret = secrets.token_hex(64)
    room.page("cyd", secret)
    env = environment(tmp_path / "home") | {CLASSROOM_VARIABLE: str(room.course.classroom)}
    done = run(room.course.root, env, "nbgrader", "release_feedback", "01_sums")
    assert done.returncode == 1, done.stdout
    assert room.released == {address(secret): "page of cyd"}
    assert "Traceback" not in done.stdout
    assert "1 student did not submit through the exchange" in done.stdout
    assert "submission_secret.txt: is damaged" in done.stdout
    shutil.rmtree(room.feedback / "bob")
    done = run(room.course.root, env, "nbgrader", "release_feedback", "01_sums")
    assert done.returncode == 0, done.stdout
