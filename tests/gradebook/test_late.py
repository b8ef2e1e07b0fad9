"""Due dates, extensions and late penalties from class.toml: to the second, and in one place."""

import json
import subprocess
import sys
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from nbgrader.api import Gradebook
from nbgrader.preprocessors import AssignLatePenalties
from test_gradebook import ASSIGNMENT, MIXED, graded, handed_in, set_grade
from throwaway_course import environment

from autograder.assignment.blueprint import Blueprint
from autograder.assignment.class_file import ClassFile, read_class_file
from autograder.assignment.course import CLASSROOM_VARIABLE, Course
from autograder.assignment.errors import UserError
from autograder.assignment.late_policy import Policy
from autograder.assignment.nbgrader_course import NbgraderCourse, open_course
from autograder.authoring.release import load_config, quiet_logger
from autograder.gradebook.history import Happened, read_history
from autograder.gradebook.writer import GradebookWriter

MINUTE, HOUR, DAY = 60, 3600, 86_400
USUAL = Policy(grace_minutes=15, share_per_day=0.1, cap=0.5, nothing_after_days=7)
DUE = '[due]\n"01_sums" = 2030-01-01T09:00:00\n'
POLICY = "[late]\nshare_per_day = 0.1\ngrace_minutes = 15\nnothing_after_days = 7\n"


@pytest.mark.parametrize(
    ("seconds", "penalty"),
    [
        (0, None),
        (1, None),
        (15 * MINUTE, None),
        (15 * MINUTE + 1, 1.0),
        (DAY, 1.0),
        (DAY + 1, 2.0),
        (2 * DAY, 2.0),
        (5 * DAY + 1, 5.0),
        (7 * DAY, 5.0),
        (7 * DAY + 1, 10.0),
    ],
)
def test_penalty_changes_at_the_second(seconds: float, penalty: float | None) -> None:
    assert USUAL.penalty(10.0, 20.0, seconds) == penalty


def test_share_of_the_points_that_could_be_had_is_never_more_than_the_score() -> None:
    of_max = Policy(share_per_day=0.1, of="max")
    assert of_max.penalty(10.0, 20.0, HOUR) == 2.0
    assert of_max.penalty(1.5, 20.0, HOUR) == 1.5


@pytest.mark.parametrize("policy", [USUAL, Policy(share_per_day=1.0, of="max")])
def test_score_of_zero_loses_nothing(policy: Policy) -> None:
    for seconds in (HOUR, 3 * DAY, 30 * DAY):
        assert policy.penalty(0.0, 20.0, seconds) == 0.0


def test_penalty_is_cut_to_hundredths_in_the_students_favor() -> None:
    thirds = Policy(share_per_day=0.1)
    assert thirds.penalty(10 / 3, 10.0, HOUR) == 0.33
    assert thirds.penalty(9.99, 10.0, HOUR) == 0.99
    assert thirds.penalty(2.9, 10.0, HOUR) == 0.29  # 2.9 * 0.1 is 0.29000000000000004
    assert thirds.penalty(7.0, 10.0, 2 * DAY + 1) == 2.1  # 7 * 3 * 0.1 is 2.1000000000000005
    last = Policy(nothing_after_days=1)
    assert last.penalty(10 / 3, 10.0, DAY + 1) == 10 / 3  # nothing remains, not a thousandth


@given(
    st.floats(0, 1e3), st.floats(0, 1e7), st.floats(0, 1), st.floats(0, 1),
    st.sampled_from(["score", "max"]), st.floats(0, 20),
)  # fmt: skip
def test_penalty_lies_within_the_score_and_grows_with_time(
    score: float, seconds: float, share: float, cap: float, of: str, last: float
) -> None:
    policy = Policy(0, share, of, cap, last)
    now, later = (policy.penalty(score, 1e3, at) or 0.0 for at in (seconds, seconds + DAY))
    assert 0 <= now <= later <= score


# --- class.toml


def read(folder: Path, text: str) -> ClassFile:
    (folder / "class.toml").write_text(text, encoding="utf-8")
    return read_class_file(folder)


def test_times_are_local_ones_unless_they_say_otherwise(tmp_path: Path) -> None:
    zone = 'timezone = "Europe/Berlin"\n[due]\n'
    found = read(tmp_path, zone + "a = 2026-07-01T12:00:00\nb = 2026-07-01T12:00:00-05:00\n")
    assert found.of("a").due == datetime(2026, 7, 1, 10)
    assert found.of("b").due == datetime(2026, 7, 1, 17)
    assert found.of("c").due is None
    assert read(tmp_path, "[due]\na = 2026-07-01 12:00:00\n").of("a").due == datetime(
        2026, 7, 1, 12
    )


def test_due_date_keeps_the_clock_on_the_wall_where_clocks_are_changed(tmp_path: Path) -> None:
    """In Berlin on 29 March and 25 October 2026, at night."""
    zone = 'timezone = "Europe/Berlin"\n[due]\n'

    def due(at: str) -> Any:
        return read(tmp_path, f"{zone}a = {at}\n").of("a").due

    assert due("2026-03-28T23:59:00") == datetime(2026, 3, 28, 22, 59)
    assert due("2026-03-29T23:59:00") == datetime(2026, 3, 29, 21, 59)  # 23 hours later
    assert due("2026-10-24T23:59:00") == datetime(2026, 10, 24, 21, 59)
    assert due("2026-10-25T23:59:00") == datetime(2026, 10, 25, 22, 59)  # 25 hours later
    assert due("2026-10-25T02:30:00") == datetime(2026, 10, 25, 1, 30)  # the second of two
    with pytest.raises(UserError, match="clocks in Europe/Berlin leave out"):
        due("2026-03-29T02:30:00")


def test_extension_is_a_new_due_date_or_days(tmp_path: Path) -> None:
    text = (
        'timezone = "Europe/Berlin"\n[due]\n"02 cnn" = 2026-03-28T23:59:00\n'
        '[extensions."02 cnn"]\nada = 2026-03-29T23:59:00\nbob = 2\n"cy d" = 0.5\n'
    )
    assert read(tmp_path, text).of("02 cnn").extensions == {
        "ada": timedelta(hours=23),  # the night on which an hour is left out
        "bob": timedelta(hours=47),
        "cy d": timedelta(hours=11),
    }


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("[late\n", "is not valid TOML"),
        ("\udcff", "is not valid TOML"),
        ("[lates]\n", "lates is not known; there is gradebook, timezone, due"),
        ("late = 3\n", "[late] has to be a table"),
        ("[late]\nshare = 0.1\n", "[late] share is not known; there is grace_minutes"),
        ("[late]\nshare_per_day = 10\n", "[late] share_per_day has to lie between 0 and 1"),
        ("[late]\ncap = -0.1\n", "[late] cap has to lie between 0 and 1, not be -0.1"),
        ("[late]\ncap = nan\n", "[late] cap has to lie between 0 and 1"),
        ("[late]\ncap = true\n", "[late] cap has to be a number"),
        ('[late]\ngrace_minutes = "15"\n', "[late] grace_minutes has to be a number, not '15'"),
        ('[late]\nof = "total"\n', '[late] of has to be "score" or "max", not \'total\''),
        ('timezone = "Berlin"\n', "timezone has to be a name"),
        ("timezone = 1\n", "timezone has to be a name"),
        ("gradebook = 1\n", "gradebook has to be an address"),
        ("[due]\na = 2026-11-02\n", "[due] a has to be a date with the time of day"),
        ('[due]\na = "2026-11-02"\n', "[due] a has to be a date, as 2026-11-02T23:59:00"),
        ("[due]\na = 0001-01-01T00:00:00\n", "[due] a is in the year 1"),
        ("[extensions.a]\nada = 1\n", "[extensions] a has no due date in [due]"),
        ("[due]\na = 2026-11-02T10:00:00\n[extensions.a]\nada = 0\n", "ada has to be a number"),
        (
            "[due]\na = 2026-11-02T10:00:00\n[extensions.a]\nada = 2026-11-02T10:00:00\n",
            '[extensions."a"] ada is not later than the due date',
        ),
    ],
)
def test_wrong_file_is_one_sentence(tmp_path: Path, text: str, complaint: str) -> None:
    (tmp_path / "class.toml").write_bytes(text.encode("utf-8", "surrogateescape"))
    with pytest.raises(UserError) as refused:
        read_class_file(tmp_path)
    assert str(refused.value).startswith(f"{tmp_path / 'class.toml'}: ")
    assert complaint in str(refused.value)
    assert "\n" not in str(refused.value)


# --- in the gradebook


@pytest.fixture
def room(tmp_path: Path) -> Path:
    (tmp_path / "class").mkdir()
    return tmp_path / "class"


def opened(root: Path, room: Path, text: str) -> NbgraderCourse:
    (room / "class.toml").write_text(text)
    return open_course(root, room)


def penalties(course: NbgraderCourse) -> dict[str, float | None]:
    with Gradebook(course.db_url) as gradebook:
        found = gradebook.assignment_submissions(ASSIGNMENT)
        return {s.student.id: s.notebooks[0].late_submission_penalty for s in found}


def write(writer: GradebookWriter, blueprint: Blueprint, **late: int) -> None:
    """Grade students who handed in so many seconds after the due date."""
    writer.register(blueprint)
    for student, seconds in late.items():
        at = datetime(2030, 1, 1, 9) + timedelta(seconds=seconds)
        submission = handed_in(student, timestamp=f"{at} UTC")
        writer.write(graded(blueprint, student), submission, "key")


def test_penalties_are_entered_by_the_class_file(
    root: Path, room: Path, blueprint: Blueprint
) -> None:
    course = opened(root, room, DUE + '[extensions."01_sums"]\nada = 1\n' + POLICY)
    with GradebookWriter(course) as writer:
        write(writer, blueprint, ada=DAY + 900, bob=901, cy=900, dan=-1, eve=8 * DAY)
        late = writer.settle(ASSIGNMENT)
    assert penalties(course) == {"ada": None, "bob": 0.7, "cy": None, "dan": None, "eve": 7.0}
    assert {student: of.penalty for student, of in late.items()} == {
        "ada": None, "bob": 0.7, "cy": None, "eve": 7.0
    }  # fmt: skip
    assert not any(of.changed for of in late.values())
    with Gradebook(course.db_url) as gradebook:
        assert gradebook.find_submission(ASSIGNMENT, "ada").total_seconds_late == 900
        assert gradebook.find_submission(ASSIGNMENT, "bob").score == 7.0  # the penalty is apart


def test_without_the_file_everything_is_as_before(
    root: Path, room: Path, blueprint: Blueprint
) -> None:
    course = open_course(root, room)
    with GradebookWriter(course) as writer:
        writer.register(blueprint)
        with Gradebook(course.db_url) as gradebook:  # by Formgrader, say
            gradebook.update_or_create_assignment(ASSIGNMENT, duedate="2030-01-01 09:00:00 UTC")
        write(writer, blueprint, bob=8 * DAY)
        late = writer.settle(ASSIGNMENT)
    assert penalties(course) == {"bob": None}
    assert (late["bob"].seconds, late["bob"].penalty) == (8 * DAY, None)


@pytest.mark.parametrize(
    ("text", "after"),
    [
        (DUE + POLICY.replace("0.1", "0.2"), {"ada": 1.4, "bob": 2.8}),
        (DUE.replace("09:00:00", "10:00:00") + POLICY, {"ada": None, "bob": 0.7}),
        (DUE + '[extensions."01_sums"]\nbob = 1\n' + POLICY, {"ada": 0.7, "bob": 0.7}),
        (DUE, {"ada": None, "bob": None}),
    ],
    ids=["policy", "due date", "extension", "no policy"],
)
def test_changed_file_changes_penalties_and_grades_nobody(
    root: Path, room: Path, blueprint: Blueprint, text: str, after: dict[str, float | None]
) -> None:
    course = opened(root, room, DUE + POLICY)
    with GradebookWriter(course) as writer:
        write(writer, blueprint, ada=HOUR, bob=DAY + HOUR)
    assert penalties(course) == {"ada": 0.7, "bob": 1.4}
    told = len(list(read_history(course.db_url)))
    course = opened(root, room, text)
    with GradebookWriter(course) as writer:
        writer.register(blueprint)
        late = writer.settle(ASSIGNMENT)
        assert {writer.graded_key(ASSIGNMENT, student) for student in after} == {"key"}
        again = writer.settle(ASSIGNMENT)
    assert penalties(course) == after
    changed = {s: of.penalty for s, of in late.items() if of.changed}
    news = list(read_history(course.db_url))[told:]
    penalized = [entry for entry in news if entry.event is Happened.PENALTY]
    assert {entry.student: entry.penalty for entry in penalized} == changed != {}
    assert {entry.event for entry in news} <= {Happened.PENALTY, Happened.DEADLINES}
    assert not any(of.changed for of in again.values())


def test_points_of_a_person_count_for_the_penalty(
    root: Path, room: Path, blueprint: Blueprint
) -> None:
    course = opened(root, room, DUE + POLICY)
    with GradebookWriter(course) as writer:
        write(writer, blueprint, bob=HOUR)
        set_grade(course, "reflection", "bob", manual_score=2.0, needs_manual_grade=False)
        set_grade(course, "add-small", "bob", extra_credit=1.0)
        writer.settle(ASSIGNMENT)
    assert penalties(course) == {"bob": 1.0}


@pytest.mark.parametrize("of", ["score", "max"])
def test_stock_nbgrader_takes_off_the_same(
    root: Path, room: Path, blueprint: Blueprint, of: str
) -> None:
    course = opened(root, room, f'{DUE}{POLICY}of = "{of}"\n')
    with GradebookWriter(course) as writer:
        writer.register(blueprint)
        submission = handed_in("bob", timestamp="2030-01-02 09:00:01 UTC")
        writer.write(graded(blueprint, "bob", MIXED), submission, "key")
    ours = penalties(course)
    with Gradebook(course.db_url) as gradebook:
        notebook = gradebook.find_submission_notebook("sums", ASSIGNMENT, "bob")
        notebook.late_submission_penalty = None
        gradebook.db.commit()
    about = {"student": "bob", "assignment": ASSIGNMENT, "notebook": "sums"}
    resources = {"nbgrader": {**about, "db_url": course.db_url}}
    step = AssignLatePenalties(config=course.config, log=quiet_logger())
    step.preprocess(graded(blueprint).notebooks[0].notebook, resources)
    assert penalties(course) == ours == {"bob": 0.8 if of == "score" else 1.8}


def test_nbgraders_own_configuration_follows_the_file(
    root: Path, room: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(CLASSROOM_VARIABLE, str(room))
    plain = load_config(Course(root))
    assert "plugin_class" not in plain.AssignLatePenalties
    assert plain.CourseDirectory.db_url == f"sqlite:///{room / 'gradebook.db'}"
    (room / "class.toml").write_text(f'gradebook = "postgresql:///dl"\n{DUE}{POLICY}cap = 0.5\n')
    config = load_config(Course(root))
    assert config.CourseDirectory.db_url == "postgresql:///dl"
    step = AssignLatePenalties(config=config, log=quiet_logger())
    step.init_plugin()
    step.plugin_inst.max_score = 20.0
    assert step.plugin_inst.late_submission_penalty("ada", 10.0, 6 * DAY) == 5.0


def test_due_date_of_no_assignment_is_refused(root: Path, room: Path) -> None:
    course = opened(root, room, DUE.replace("01_sums", "01_summs"))
    with pytest.raises(UserError, match="01_summs is no assignment of this course"):
        GradebookWriter(course)
    assert not Path(course.db_url.removeprefix("sqlite:///")).exists()


def test_wrong_file_stops_the_commands_before_they_begin(root: Path, room: Path) -> None:
    with pytest.raises(UserError, match="share is not known"):
        opened(root, room, "[late]\nshare = 1\n")


@pytest.mark.slow
def test_grade_says_who_was_late_and_grades_nobody_twice_for_a_new_policy(
    root: Path, room: Path, tmp_path: Path
) -> None:
    folder = room / "submitted" / "ada" / "02_squares"
    folder.mkdir(parents=True)
    (folder / "squares.ipynb").write_bytes(
        (root / "solutions" / "02_squares" / "squares.ipynb").read_bytes()
    )
    (folder / "timestamp.txt").write_text("2030-01-01 10:00:00 UTC")
    text = DUE.replace("01_sums", "02_squares") + POLICY
    (room / "class.toml").write_text(text)

    def grade() -> dict[str, Any]:
        words = ["grade", "02_squares", "--classroom", str(room), "--workers", "1"]
        done = subprocess.run(
            [sys.executable, "-m", "autograder", *words, "--json", str(tmp_path / "a.json")],
            cwd=root,
            env={**environment(tmp_path / "home"), "COLUMNS": "140"},
            capture_output=True,
            text=True,
        )
        assert done.returncode == 0, done.stderr
        assert "1 late, 1 with a penalty" in done.stdout
        found: list[dict[str, Any]] = json.loads((tmp_path / "a.json").read_text())["assignments"]
        return found[0]

    first = grade()
    assert first["late"] == {"ada": {"seconds": 3600.0, "penalty": 0.3}}
    assert first["unchanged"] == []
    (room / "class.toml").write_text(text.replace("0.1", "0.25"))
    second = grade()
    assert second["late"] == {"ada": {"seconds": 3600.0, "penalty": 0.75}}
    assert second["unchanged"] == ["ada"]
    assert second["students"] == first["students"]
