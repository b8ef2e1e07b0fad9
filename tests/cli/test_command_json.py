"""`--json`: one shape for all commands, and as the reference says; names that do not exist."""

import json
import re
import subprocess
import sys
from collections.abc import Iterator
from typing import Any

import nbformat
import pytest
from throwaway_course import environment, make_full_course

from autograder.assignment.course import Course
from autograder.assignment.did_you_mean import nearest, unknown
from autograder.authoring.release import release
from autograder.cli.json_shapes import SHAPES, Shape

Done = subprocess.CompletedProcess[str]
TYPES: dict[str, tuple[type, ...]] = {
    "string": (str,),
    "number": (int, float),
    "integer": (int,),
    "boolean": (bool,),
    "null": (type(None),),
}


@pytest.fixture(scope="module")
def course(tmp_path_factory: pytest.TempPathFactory) -> Course:
    """A released course; ada and bob have submitted 01_sums, ada alone 02_squares."""
    course = make_full_course(tmp_path_factory.mktemp("course"))
    release(course)
    for student, chapter, notebook in (
        ("ada", "01_sums", "sums"),
        ("bob", "01_sums", "sums"),
        ("ada", "02_squares", "squares"),
    ):
        folder = course.classroom / "submitted" / student / chapter
        folder.mkdir(parents=True)
        solved = course.solutions / chapter / f"{notebook}.ipynb"
        found = nbformat.read(solved, as_version=4)
        for cell in found.cells:
            if student == "bob" and cell.metadata.get("nbgrader", {}).get("grade_id") == "half":
                cell.source = "def half(a):\n    return a // 2"
        nbformat.write(found, folder / f"{notebook}.ipynb")
        (folder / "timestamp.txt").write_text("2030-01-02 00:00:00 UTC")
    (course.classroom / "class.toml").write_text(
        '[due]\n"01_sums" = 2030-01-01T00:00:00\n[late]\nshare_per_day = 0.1\n'
    )
    (course.root / "roster.csv").write_text(
        "Student,ID,SIS Login ID\nZoe,1,zoe\nAda,2,ada\nNew,3,\n"
    )
    mine = course.root / "my-course" / "01_sums" / "sums.ipynb"
    mine.parent.mkdir(parents=True)
    mine.write_bytes((course.release / "01_sums" / "sums.ipynb").read_bytes())
    downloaded = course.root / "downloaded" / "eve"
    downloaded.mkdir(parents=True)
    (downloaded / "sums.ipynb").write_bytes(mine.read_bytes())
    return course


def run(course: Course, *words: str) -> Done:
    return subprocess.run(
        [sys.executable, "-m", "autograder", *words],
        cwd=course.root,
        env={**environment(course.root / "home"), "COLUMNS": "120", "TF_CPP_MIN_LOG_LEVEL": "3"},
        capture_output=True,
        text=True,
    )


@pytest.fixture(scope="module")
def written(course: Course) -> dict[str, list[Any]]:
    """What each command writes, for one and for several assignments, by command."""
    found: dict[str, list[Any]] = {}
    for line, code in (
        ("check my-course/01_sums/sums.ipynb", 1),
        ("prove 01_sums", 0),
        ("prove", 0),
        ("audit 01_sums", 1),
        ("grade 01_sums --shard 1/1", 0),
        ("merge 01_sums", 0),
        ("grade 02_squares --workers 1", 0),
        ("grade --workers 1", 0),
        ("history 01_sums", 0),
        ("history", 0),
        ("feedback 01_sums", 0),
        ("feedback", 0),
        ("report 01_sums", 0),
        ("report", 0),
        ("export 01_sums --to csv --output marks.csv", 1),
        ("export --to csv --output marks.csv", 1),
        ("similar 01_sums", 0),
        ("students --roster roster.csv", 1),
        ("students --withdraw zoe", 0),
        ("collect 01_sums downloaded --from folder", 0),
        ("late 01_sums", 0),
        ("late 01_sums eve --came 2029-12-31T12:00", 0),
        ("attempts 01_sums --take 1 eve", 0),
        ("release --check", 0),
        ("release 02_squares", 0),
        ("submit my-course/01_sums/sums.ipynb", 0),
        ("doctor", None),
    ):
        path = course.root / "a.json"
        path.unlink(missing_ok=True)
        done = run(course, *line.split(), "--json", "a.json")
        assert code is None or done.returncode == code, (line, done.stdout, done.stderr)
        found.setdefault(line.split()[0], []).append(json.loads(path.read_text(encoding="utf-8")))
    return found


def leaves(
    value: Any, path: tuple[str | int, ...] = ()
) -> Iterator[tuple[tuple[str | int, ...], Any]]:
    """Everything in a file that holds nothing more."""
    items: Any = ()
    if isinstance(value, dict):
        items = value.items()
    elif isinstance(value, list):
        items = enumerate(value)
    else:
        yield path, value
    for key, below in items:
        yield from leaves(below, (*path, key))


def tokens(shape: Shape) -> list[str]:
    return re.findall(r"\w+|\[\]|\{\}", shape.path)


def fits(place: tuple[str | int, ...], shape: Shape) -> bool:
    expected = tokens(shape)
    return len(place) == len(expected) and all(
        isinstance(one, int) if token == "[]" else token in ("{}", one)
        for one, token in zip(place, expected, strict=True)
    )


@pytest.mark.parametrize("command", SHAPES)
def test_everything_written_is_documented(command: str, written: dict[str, list[Any]]) -> None:
    for data in written[command]:
        for place, value in leaves(data):
            shapes = [shape for shape in SHAPES[command] if fits(place, shape)]
            assert shapes, f"{command}: {place} is not in json_shapes"
            allowed = [one for word in shapes[0].type.split(" or ") for one in TYPES[word]]
            assert type(value) in allowed, (place, value)


@pytest.mark.parametrize("command", SHAPES)
def test_everything_documented_is_written(command: str, written: dict[str, list[Any]]) -> None:
    """The key is there wherever what holds it is there."""
    for shape in SHAPES[command]:
        holders = written[command]
        for token in tokens(shape):
            if token == "[]":
                assert all(isinstance(one, list) for one in holders), shape
                holders = [below for one in holders for below in one]
            elif token == "{}":
                assert all(isinstance(one, dict) for one in holders), shape
                holders = [below for one in holders for below in one.values()]
            else:
                assert all(token in one for one in holders), shape
                holders = [one[token] for one in holders]


def test_one_and_several_assignments_have_the_same_shape(written: dict[str, list[Any]]) -> None:
    for command in ("grade", "history", "feedback", "report", "export"):
        one, *_, several = written[command]
        assert isinstance(one["assignments"], list)
        assert (len(one["assignments"]), len(several["assignments"])) == (1, 2), command
        assert set(one) == set(several)
    assert all(
        "assignments" in one for name in written if name != "doctor" for one in written[name]
    )


def test_what_is_written_is_what_happened(written: dict[str, list[Any]]) -> None:
    (merged,) = written["merge"][0]["assignments"]
    assert merged["students"]["ada"]["score"] > merged["students"]["bob"]["score"]
    assert set(merged["late"]) == {"ada", "bob"}
    (exported,) = written["export"][0]["assignments"]
    assert exported["students"]["ada"]["late_seconds"] == 86_400
    assert exported["students"]["ada"]["score"] < exported["students"]["ada"]["automatic"]
    assert written["export"][0]["left_empty"]
    (told,) = written["report"][0]["assignments"]
    assert [one["check"] for one in told["misconceptions"]] == ["half-odd"]
    (collected,) = written["collect"][0]["assignments"]
    assert [(one["student"], one["status"]) for one in collected["attempts"]] == [("eve", "new")]


@pytest.mark.parametrize(
    "line",
    [
        "grade 01_sumz",
        "grade 02_squares 01_sumz",
        "grade 01_sumz --shard 1/2",
        "prove 01_sumz",
        "audit 01_sumz",
        "merge 01_sumz",
        "collect 01_sumz",
        "collect 01_sumz downloaded",
        "history 01_sumz",
        "history 01_sumz ada",
        "feedback 01_sumz",
        "report 01_sumz",
        "export 01_sumz --to csv",
        "similar 01_sumz",
        "gradescope-zip 01_sumz",
        "release 01_sumz",
        "release --check 01_sumz",
        "demo 01_sumz",
        "grade 01_sumz --classroom none",
        "history 01_sumz --classroom none",
        "report 01_sumz --classroom none",
        "export 01_sumz --to csv --classroom none",
        "feedback 01_sumz --classroom none",
        "merge 01_sumz --classroom none",
    ],
)
@pytest.mark.usefixtures("written")
def test_unknown_assignment_is_answered_by_the_nearest(course: Course, line: str) -> None:
    done = run(course, *line.split())
    assert (done.returncode, done.stdout) == (2, "")
    (said,) = done.stderr.splitlines()
    assert said.startswith("autograder: unknown assignment")
    assert "'01_sumz' (did you mean '01_sums'?); choose from " in said
    assert said.endswith(".")


@pytest.mark.parametrize(
    "line", ["grade --student adda", "grade 01_sums --student adda", "history 01_sums adda"]
)
@pytest.mark.usefixtures("written")
def test_unknown_student_is_answered_by_the_nearest(course: Course, line: str) -> None:
    done = run(course, *line.split())
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.startswith(
        "autograder: unknown student 'adda' (did you mean 'ada'?); choose"
    )


@pytest.mark.usefixtures("written")
def test_grade_only_some_students_again(course: Course) -> None:
    """--force means --again; without an assignment, those that the student has submitted."""
    for words, graded, unchanged in (
        (["01_sums", "--student", "bob", "--force"], [["bob"]], [[]]),
        (["01_sums", "--student", "bob", "--student", "ada"], [["ada", "bob"]], [["ada", "bob"]]),
        (["--student", "bob", "--again"], [["bob"]], [[]]),
        (["--student", "ada"], [["ada"], ["ada"]], [["ada"], ["ada"]]),
    ):
        done = run(course, "grade", *words, "--workers", "1", "--json", "a.json")
        assert done.returncode == 0, done.stderr
        found = json.loads((course.root / "a.json").read_text())["assignments"]
        assert [list(one["students"]) for one in found] == graded
        assert [sorted(one["unchanged"]) for one in found] == unchanged
        assert all(set(one["late"]) <= set(one["students"]) for one in found)


@pytest.mark.usefixtures("written")
def test_other_unknown_words_are_answered_by_the_nearest(course: Course) -> None:
    for line, said in (
        ("export --to canvass", "unknown system for --to 'canvass' (did you mean 'canvas'?)"),
        ("collect 01_sums downloaded --from modle", "'modle' (did you mean 'moodle'?)"),
        ("feedback adda", "unknown assignment or student 'adda' (did you mean 'ada'?)"),
    ):
        done = run(course, *line.split())
        assert (done.returncode, done.stdout) == (2, "")
        assert said in done.stderr
        assert "Traceback" not in done.stderr


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("cnn", ("02_cnn",)),
        ("2_cnn", ("02_cnn",)),
        ("02_CNN", ("02_cnn",)),
        ("02_rnn", ("02_cnn", "04_rnn")),
        ("zebra", ()),
        ("", ()),
    ],
)
def test_nearest(name: str, expected: tuple[str, ...]) -> None:
    known = ("01_foundations", "02_cnn", "04_rnn")
    assert set(nearest(name, known)) == set(expected)


def test_of_many_names_only_some_are_listed() -> None:
    names = [f"s{number:03}" for number in range(100)]
    said = str(unknown("student", "zebra", names, "submitted"))
    assert said.count(",") < 20
    assert said.endswith("and 88 more in submitted.")
    assert str(unknown("student", "x", [])) == "unknown student 'x'; there are none."
