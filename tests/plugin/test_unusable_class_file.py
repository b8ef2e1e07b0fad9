"""A `class.toml` that cannot be used stops teachers, in one sentence, and no student."""

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from foreign_file import close_to_us, run
from nbgrader.api import Gradebook
from sqlalchemy import create_engine
from throwaway_course import answer, environment, make_course
from tornado.web import HTTPError

from autograder.assignment.class_file import read_class_file
from autograder.assignment.course import CLASSROOM_VARIABLE, Course
from autograder.assignment.errors import UserError
from autograder.assignment.nbgrader_course import open_course
from autograder.authoring.release import generate, load_config
from autograder.cli.app import app
from autograder.gradebook.database import reading
from autograder.grading.check import Checks
from autograder.intake.exchange import is_open, publish, submit

GOOD = 'gradebook = "postgresql://teacher@db.example.org/dl"\n'


def _linked(path: Path) -> None:
    path.symlink_to(path.with_name("the-file-of-last-year.toml"))


UNUSABLE: dict[str, tuple[Callable[[Path], object], str]] = {
    "a folder": (Path.mkdir, "cannot be read (Is a directory)"),
    "a link to nothing": (_linked, "is a link to a file that is not there"),
    "no TOML": (lambda path: path.write_text(f"{GOOD}[late\n"), "is not valid TOML"),
    "no end of nesting": (lambda path: path.write_text("a = " + "[" * 5000), "is not valid TOML"),
    "no text": (lambda path: path.write_bytes(b"\xff\xfe"), "is not valid TOML"),
    "unknown key": (lambda path: path.write_text(f"{GOOD}[late]\nshare = 1\n"), "share is not kno"),
    "time zone": (
        lambda path: path.write_text(f'timezone = "Europe/Berlim"\n{GOOD}'),
        "timezone has to be a name as \"Europe/Berlin\", not 'Europe/Berlim'",
    ),
}


@pytest.fixture(scope="module")
def course(tmp_path_factory: pytest.TempPathFactory) -> Course:
    return make_course(tmp_path_factory.mktemp("class file") / "course")


@pytest.fixture(params=list(UNUSABLE))
def wrong(
    request: pytest.FixtureRequest, course: Course, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> tuple[Course, str]:
    """The course with a class that has such a file, and a part of the sentence about it."""
    monkeypatch.setenv(CLASSROOM_VARIABLE, str(tmp_path / "a class, 50%"))
    course.classroom.mkdir()
    make, sentence = UNUSABLE[request.param]
    make(course.classroom / "class.toml")
    return course, sentence


def mine(course: Course, folder: Path) -> Path:
    """A student's solved notebook."""
    path = folder / "my-course" / "01_sums" / "sums.ipynb"
    path.parent.mkdir(parents=True)
    shutil.copy(course.release / "01_sums" / "sums.ipynb", path)
    answer(path, "return a + b")
    return path


def test_students_submit_and_their_lab_opens(
    wrong: tuple[Course, str], tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    course, _ = wrong
    assert publish(course) == ("01_sums", "02_squares")
    assert is_open(course)
    assert (submit(mine(course, tmp_path), course).place / "sums.ipynb").is_file()
    assert Checks(course)._blueprint("01_sums").assignment == "01_sums"
    assert capfd.readouterr() == ("", "")


def test_authors_release(wrong: tuple[Course, str]) -> None:
    course, _ = wrong
    made = generate(course, ["01_sums"])["01_sums/sums.ipynb"]
    assert made == (course.release / "01_sums" / "sums.ipynb").read_bytes()


def test_teachers_are_told_why_and_no_gradebook_is_opened(wrong: tuple[Course, str]) -> None:
    course, sentence = wrong
    with pytest.raises(UserError) as caught:
        open_course(course.root)
    said = str(caught.value)
    assert said.startswith(f"{course.classroom / 'class.toml'}: ")
    assert sentence in said
    assert "\n" not in said
    address = load_config(course).CourseDirectory.db_url
    ways: tuple[Callable[[str], object], ...] = (
        create_engine, Gradebook, lambda url: reading(url).__enter__(),
    )  # fmt: skip
    for opening in ways:
        with pytest.raises(UserError) as refused:
            opening(address)
        assert str(refused.value) == said
    assert not list(course.classroom.glob("*.db"))


def test_whoever_runs_the_command_tells_the_one_sentence(wrong: tuple[Course, str]) -> None:
    """Python itself at the end of a program, tornado in a server."""
    course, _ = wrong
    with pytest.raises(UserError) as caught:
        create_engine(load_config(course).CourseDirectory.db_url)
    error = caught.value
    assert isinstance(error, SystemExit)
    assert isinstance(error, HTTPError)
    assert error.code == str(error)
    assert error.log_message is not None
    assert error.log_message % error.args == str(error)
    assert error.status_code == 503


@pytest.mark.parametrize("wrong", ["no TOML"], indirect=True)
@pytest.mark.parametrize(
    "command",
    [
        "collect 01_sums",
        "grade 01_sums",
        "feedback",
        "report",
        "export --to csv",
        "history 01_sums",
        "similar 01_sums",
        "merge 01_sums",
    ],
)
def test_each_of_the_teachers_commands_refuses(
    wrong: tuple[Course, str], command: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    course, sentence = wrong
    monkeypatch.chdir(course.root)
    with pytest.raises(UserError, match=sentence):
        app(command.split(), standalone_mode=False)
    assert [path.name for path in course.classroom.iterdir()] == ["class.toml"]


def test_mended_file_is_followed(wrong: tuple[Course, str]) -> None:
    course, _ = wrong
    before = load_config(course).CourseDirectory.db_url
    path = course.classroom / "class.toml"
    path.rmdir() if path.is_dir() else path.unlink()
    path.write_text(GOOD)
    assert open_course(course.root).db_url == "postgresql://teacher@db.example.org/dl"
    assert load_config(course).CourseDirectory.db_url == "postgresql://teacher@db.example.org/dl"
    with pytest.raises(UserError, match="can be used again; restart JupyterLab"):
        create_engine(before)


def test_a_class_without_the_file_has_its_default_gradebook(course: Course) -> None:
    assert load_config(course).CourseDirectory.db_url.endswith("classroom/gradebook.db")
    assert read_class_file(course.classroom).gradebook == ""


@pytest.mark.slow
def test_file_of_another_account(tmp_path: Path) -> None:
    """Each command as it is run, by an account that may not read the teacher's file."""
    course = make_course(tmp_path / "course")
    (course.classroom / "class.toml").write_text(GOOD)
    close_to_us(course.classroom / "class.toml")
    notebook = str(mine(course, tmp_path))
    home = environment(tmp_path / "home")
    (course.classroom / "exchange" / "deep-learning" / "feedback").mkdir(parents=True)
    for command in (
        ("autograder", "submit", notebook),
        ("autograder", "check", notebook),
        ("nbgrader", "list"),
        ("nbgrader", "fetch_assignment", "02_squares"),
        ("nbgrader", "submit", "02_squares"),
        ("nbgrader", "validate", notebook),
        ("nbgrader", "fetch_feedback", "02_squares"),
    ):
        done = run(course.root, home, *command)
        assert done.returncode == 0, (command, done.stdout)
        assert "class.toml" not in done.stdout
    for step in ("submitted", "autograded"):
        folder = course.classroom / step / "ada" / "01_sums"
        folder.mkdir(parents=True)
        shutil.copy(notebook, folder)
    sentence = f"{course.classroom / 'class.toml'}: cannot be read (Permission denied)."
    for refused in (
        ("autograder", "grade", "01_sums"),
        ("nbgrader", "autograde", "01_sums"),
        ("nbgrader", "generate_feedback", "01_sums"),
        ("nbgrader", "export"),
        ("nbgrader", "db", "student", "list"),
    ):
        done = run(course.root, home, *refused)
        assert done.returncode != 0, (refused, done.stdout)
        assert sentence in " ".join(done.stdout.split()), (refused, done.stdout)
        assert "Traceback" not in done.stdout, (refused, done.stdout)
    assert run(course.root, home, "nbgrader", "db", "upgrade").returncode != 0
    assert not list(course.classroom.glob("*.db"))


@pytest.mark.slow
def test_class_of_another_account(tmp_path: Path) -> None:
    """Its whole folder is closed: who cannot hand in is told so, and checks all the same."""
    course = make_course(tmp_path / "course")
    publish(course)
    notebook, home = str(mine(course, tmp_path)), environment(tmp_path / "home")
    close_to_us(course.classroom)
    done = run(course.root, home, "autograder", "check", notebook)
    assert done.returncode == 0, done.stdout
    done = run(course.root, home, "autograder", "submit", notebook)
    assert done.returncode == 1, done.stdout
    assert " ".join(done.stdout.split()) == (
        f"autograder: {course.classroom / 'exchange'}: the exchange cannot be used (Permission "
        "denied); ask your instructor, nothing of your work was changed."
    )
    (tmp_path / "told.py").write_text(
        "from pathlib import Path\n"
        "from autograder.assignment.course import Course\n"
        "from autograder.cli.doctor import _exchange\n"
        "from autograder.intake.exchange import is_open\n"
        f"course = Course(Path({str(course.root)!r}))\n"
        "print(is_open(course), _exchange(course).detail)\n"
    )
    told = run(tmp_path, home, "told").stdout
    assert told == f"False {course.classroom} is not writable\n"
