"""The audit: what survives, what is killed and by what, and what cannot be audited."""

import json
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import nbgrader
import pytest
from compact_course import ASSIGNMENT, write_course
from throwaway_course import environment

from autograder.assignment.blueprint import read_blueprint
from autograder.assignment.errors import UserError
from autograder.assignment.nbgrader_course import NbgraderCourse, open_course
from autograder.assignment.outcome import Outcome
from autograder.engine.engine import Engine
from autograder.gate import audit as audits
from autograder.gate.audit import Options, audit
from autograder.gate.exercises import Exercise, exercises_of
from autograder.gate.figures import Audit, Audited, Fate, percent
from autograder.gate.trial import Court, Unhurried
from autograder.grading.grade import engine_for

CELLS = (
    ("free", "import math"),
    ("setup", "DATA = [3, 1]\nITEMS = []"),
    ("setup2", "ITEMS.append(4)"),
    ("less", "def less(a, b):\n    return a < b"),
    ("less_check 2", "assert less(1, 2) is True"),
    ("less_other", "assert less(2, 1) is False\nless(0, 5)"),
    ("power", "def power(n):\n    k = 1\n    while k < n:\n        k *= 2\n    return k"),
    ("power_check", "assert [power(n) for n in (1, 2, 4, 9)] == [1, 2, 4, 16]"),
    ("area", "radius = 3\naround = 2 * math.pi * radius"),
    ("area_check", "assert abs(around - 18.85) < 1e-2"),
    ("last", "def last(items):\n    return items[-1]"),
    ("last_check", "assert last(ITEMS) == 4\nassert last([1, 5, 2]) == 2"),
    ("own", "def own(a):\n    return a + 1"),
    (
        "own_check",
        "import types\nassert isinstance(own, types.FunctionType)\nassert own(1) == 2\nassert own(5) == 6",
    ),
    ("wrong", "def wrong(a):\n    return a"),
    ("wrong_check", "assert wrong(1) == 2, 'one and one are two'"),
    ("magic", "%matplotlib inline\nmagic = 1"),
    ("magic_check", "assert magic == 1"),
    ("alone", "alone = 1"),
)
"""A check's name has an underscore here: compact_course takes a dash for one."""


def course_of(root: Path) -> NbgraderCourse:
    """The cells above, the checks among them made checks whose names tell nothing."""
    cells = [
        (f"c-{re.sub('[^a-z]', '', name)}{name[name.index(' ') :] if ' ' in name else ''}", source)
        if "_" in name
        else (name, source)
        for name, source in CELLS
    ]
    return open_course(write_course(root, cells))


@pytest.fixture(scope="module")
def course(tmp_path_factory: pytest.TempPathFactory) -> NbgraderCourse:
    return course_of(tmp_path_factory.mktemp("course"))


@pytest.fixture(scope="module")
def found(course: NbgraderCourse) -> Audit:
    return audit(course, ASSIGNMENT, Options(workers=2))


def of(found: Audit, answer: str) -> Audited:
    return next(one for one in found.exercises if one.answer == answer)


def survivors(found: Audit, answer: str) -> list[str]:
    return [one.mutant.edit for one in of(found, answer).survivors]


def test_share_is_rounded_down() -> None:
    assert (percent(999, 1000), percent(2999, 3000), percent(3, 3)) == (99.9, 99.9, 100.0)
    assert percent(0, 0) is None


def test_exercises_are_found_by_what_their_checks_read(course: NbgraderCourse) -> None:
    looked = list(exercises_of(course, read_blueprint(course, ASSIGNMENT)))
    checks = {one.answer: one.checks for one in looked if isinstance(one, Exercise)}
    assert checks == {
        "less": ("c-lesscheck", "c-lessother"),
        "power": ("c-powercheck",),
        "area": ("c-areacheck",),
        "last": ("c-lastcheck",),
        "own": ("c-owncheck",),
        "wrong": ("c-wrongcheck",),
    }
    assert [one for one in looked if not isinstance(one, Exercise)] == [
        ("p", "magic", "the answer is not plain Python"),
        ("p", "alone", "no check reads what the answer defines"),
    ]


@pytest.mark.slow
def test_what_earns_every_point_survives(found: Audit) -> None:
    """Neither check of `less` compares equal numbers, nor two that are both above 1."""
    assert survivors(found, "less") == ["+ a = 1", "- return a < b\n+ return a <= b"]
    less = of(found, "less")
    assert (less.mutants, less.killed, less.percent) == (5, 3, 60.0)
    first = {one.mutant.edit: one.check for one in less.verdicts}
    assert first["- return a < b\n+ return a >= b"] == "c-lesscheck"
    assert first["+ b = 1"] == "c-lesscheck"
    assert first["+ less returns None"] == "c-lesscheck"
    assert first["+ less returns what it returned the first time"] == "c-lessother"
    assert less.count(*Fate, universal=True) == 8
    assert (less.cell, less.file.name) == (3, "p.ipynb")


@pytest.mark.slow
def test_what_does_not_end_is_killed_by_the_time_limit(found: Audit) -> None:
    power = of(found, "power")
    slow = [one.mutant.edit for one in power.verdicts if one.fate is Fate.TIME_LIMIT]
    assert "- k *= 2\n+ k *= 1" in slow
    assert "- k *= 2\n+ k = 2" in slow
    assert "- k *= 2\n+ k *= 3" not in slow
    assert survivors(found, "power") == []
    assert len(slow) == power.count(Fate.TIME_LIMIT) < power.killed == power.mutants


@pytest.mark.slow
def test_plain_statements_are_audited(found: Audit) -> None:
    area = of(found, "area")
    assert area.percent == 100.0
    assert area.count(*Fate, universal=True) == 0
    assert area.killed > 8


@pytest.mark.slow
def test_notebook_that_cannot_be_split_runs_whole(found: Audit) -> None:
    """`ITEMS.append(4)` binds nothing, so no name leads to it."""
    last = of(found, "last")
    assert (last.refused, last.percent) == ("", 100.0)
    assert last.killed == last.mutants > 2


@pytest.mark.slow
def test_check_that_needs_the_answer_s_process_runs_there(found: Audit) -> None:
    assert of(found, "own").refused == ""
    assert survivors(found, "own") == []
    assert of(found, "own").killed > 2


@pytest.mark.slow
@pytest.mark.slow
def test_nbgraders_own_example_course_is_audited(tmp_path: Path) -> None:
    """As it lies in nbgrader's wheel, with its second assignment, whose checks it makes itself."""
    guide = Path(nbgrader.__file__).parent / "docs" / "source" / "user_guide"
    shutil.copytree(guide / "source", tmp_path / "source")
    shutil.copy(guide / "autotests.yml", tmp_path)
    course = open_course(tmp_path)
    for name, answers in (
        ("ps1", {"squares", "sum_of_squares"}),
        ("ps1_autotest", {"squares", "sum_of_squares", "cell-d3df8cd59fd0eb74"}),
    ):
        found = audit(course, name, Options(workers=2))
        assert {one.answer for one in found.exercises} == answers
        for one in found.exercises:
            assert not one.refused
            assert one.killed == one.mutants > 1
            assert not survivors(found, one.answer)


def test_what_cannot_be_audited_is_told(found: Audit) -> None:
    wrong = of(found, "wrong")
    assert wrong.refused.startswith("its own solution does not pass (c-wrongcheck: ")
    assert "one and one are two" in wrong.refused
    assert (wrong.verdicts, wrong.percent) == ((), None)
    assert found.notes == (
        "magic: the answer is not plain Python",
        "alone: no check reads what the answer defines",
    )
    assert not found.sound


@pytest.fixture(scope="module")
def engine(course: NbgraderCourse) -> Iterator[Engine]:
    with engine_for(read_blueprint(course, ASSIGNMENT), jail=False) as engine:
        engine.ready()
        yield engine


def court_of(course: NbgraderCourse, answer: str, seconds: float = 30.0) -> Court:
    looked = exercises_of(course, read_blueprint(course, ASSIGNMENT))
    exercise = next(one for one in looked if isinstance(one, Exercise) and one.answer == answer)
    return Court(exercise, Unhurried(cell_seconds=seconds))


@pytest.mark.slow
def test_one_answer_does_not_spoil_the_next(course: NbgraderCourse, engine: Engine) -> None:
    """The first makes every later comparison false; the third defines nothing at all."""
    spoils = (
        "import builtins\n"
        "def less(a, b):\n"
        "    builtins.len = None\n"
        "    return b < a"
    )  # fmt: skip
    right = "def less(a, b):\n    assert len([a]) == 1\n    return b > a"
    court = court_of(course, "less")
    kept = "def less(a, b):\n    assert len([b]) == 1\n    return a < b"
    court = replace(court, exercise=replace(court.exercise, source=kept))
    sources = [right, spoils, right, "less_than = 3", right]
    trials = court.try_all(engine, sources)
    assert [one.earns_all for one in trials] == [True, False, True, False, True]
    assert trials[3].by == "c-lesscheck"


def test_answers_run_alone_where_one_could_leave_something_to_the_next(
    tmp_path: Path,
) -> None:
    """The reference clears the list first, so it passes after any other; a mutant does not."""
    answer = "def total(values):\n    LOG.clear()\n    LOG.extend(values)\n    return sum(LOG)"
    check = "assert total([1, 2]) == 3"
    course = open_course(
        write_course(tmp_path, [("setup", "LOG = []"), ("total", answer), ("total-check", check)])
    )
    with engine_for(read_blueprint(course, ASSIGNMENT), jail=False) as engine:
        without = answer.replace("    LOG.clear()\n", "")
        wrong = answer.replace("sum(LOG)", "sum(LOG) + 1")
        trials = court_of(course, "total").try_all(engine, [wrong, without, wrong])
    assert [one.earns_all for one in trials] == [False, True, False]


@pytest.mark.parametrize(
    ("setup", "answer", "shares"),
    [
        ("LOG = []", "def total(a):\n    LOG.append(a)\n    return a", True),
        (
            "LOG = []\ndef note(a):\n    LOG.append(a)",
            "def total(a):\n    note(a)\n    return a",
            True,
        ),
        ("COUNT = 0", "def total(a):\n    global COUNT\n    COUNT += 1\n    return a", True),
        ("LOG = []", "def total(a):\n    return a", False),
        ("LIMIT = (3, -1)", "def total(a):\n    return a if LIMIT else 0", False),
        ("def note(a):\n    return a", "def total(a):\n    return note(a)", False),
    ],
)
def test_state_that_answers_share_is_told(
    tmp_path: Path, setup: str, answer: str, shares: bool
) -> None:
    cells = [("setup", setup), ("total", answer), ("total-check", "assert total(1) == 1")]
    course = open_course(write_course(tmp_path, cells))
    assert court_of(course, "total").exercise.shares_state is shares


@pytest.mark.slow
def test_answers_beside_one_that_is_stopped_get_their_own(
    course: NbgraderCourse, engine: Engine
) -> None:
    forever = "def less(a, b):\n    while True:\n        pass"
    ends = "import os\ndef less(a, b):\n    os._exit(3)"
    right = "def less(a, b):\n    return b > a"
    wrong = "def less(a, b):\n    return a > b"
    court = court_of(course, "less", seconds=1.0)
    trials = court.try_all(engine, [wrong, forever, right, ends, wrong])
    assert [one.outcome for one in trials] == [
        Outcome.FAILED, Outcome.TIMEOUT, Outcome.PASSED, Outcome.DIED, Outcome.FAILED,
    ]  # fmt: skip


@pytest.mark.slow
def test_what_takes_long_is_sampled_by_the_seed(
    course: NbgraderCourse, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(audits, "_SLOW", 0.0)
    known = court_of(course, "less").exercise
    monkeypatch.setattr(audits, "exercises_of", lambda *_: iter([known]))

    def tried(sample: int | None, seed: int) -> list[str]:
        result = audit(course, ASSIGNMENT, Options(1, sample, seed))
        (one,) = result.exercises
        assert (one.sampled, one.known) == (sample is not None, 5)
        assert one.count(*Fate, universal=True) == (8 if sample is None else 6)
        return [each.mutant.edit for each in one.verdicts if each.mutant.kind != "universal"]

    two = tried(2, 1)
    assert len(two) == 2
    assert two == tried(2, 1)
    every = tried(None, 1)
    assert len(every) == 5
    assert set(two) < set(every)
    assert any(tried(2, seed) != two for seed in (2, 3, 4))


SMALL = (
    ("less", "def less(a, b):\n    return a < b"),
    ("less-check", "assert less(1, 2) is True\nassert less(4, 3) is False"),
)
EQUIVALENT = """\
[[equivalent]]
answer = "less"
edit = '''
- return a < b
+ return a <= b'''
reason = "equal numbers are not asked for"
"""


def command(root: Path, *words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "autograder", "audit", "--course", str(root), *words],
        cwd=root,
        env={**environment(root / "home"), "COLUMNS": "120"},
        capture_output=True,
        text=True,
    )


@pytest.mark.slow
def test_command_shows_the_survivor_until_it_is_declared(tmp_path: Path) -> None:
    write_course(tmp_path, SMALL)
    done = command(tmp_path, "--json", "a.json")
    assert done.returncode == 1, done.stderr
    (row,) = re.findall(r"^less .*$", done.stdout, re.MULTILINE)
    assert row.split() == ["less", "5", "4", "0", "1", "0", "80%"]
    assert (
        "survived p.ipynb, cell [1] (less), line 3: comparison\n"
        "    - return a < b\n"
        "    + return a <= b\n"
    ) in done.stdout
    (said,) = json.loads((tmp_path / "a.json").read_text())["assignments"]
    (one,) = said["exercises"]
    assert (one["killed"], one["survived"], one["percent"]) == (4, 1, 80.0)
    assert one["killed_by"] == {"less-check": 12}

    stale = '[[equivalent]]\nanswer = "less"\nedit = "- gone"\nreason = "so"\n'
    killed = EQUIVALENT.replace("+ return a <= b", "+ return a >= b")
    stray = stale.replace("[[equivalent]]", '[[equivalent]]\nassignment = "ps9"')
    (tmp_path / "all.toml").write_text(EQUIVALENT + stale + killed + stray)
    done = command(tmp_path, "ps1", "--equivalent", "all.toml")
    assert done.returncode == 0, done.stdout
    (row,) = re.findall(r"^less .*$", done.stdout, re.MULTILINE)
    assert row.split() == ["less", "5", "4", "1", "0", "0", "100%"]
    assert "survived p.ipynb" not in done.stdout
    assert "note less: `- gone` is declared equivalent, and fits no mutant any more" in done.stdout
    assert (
        "note less: `- gone` is declared equivalent in ps9, which is no assignment" in done.stdout
    )
    assert "not equivalent less: `- return a < b + return a >= b` is declared" in done.stdout


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--sample", "0"], "--sample '0' is neither a number from 1 nor `all`."),
        (["--sample", "some"], "--sample 'some' is neither a number from 1 nor `all`."),
        (["ps2"], "unknown assignment 'ps2'"),
        (["--equivalent", "none.toml"], "cannot read none.toml (No such file or directory)."),
    ],
)
def test_wrong_use_is_one_sentence(tmp_path: Path, words: list[str], said: str) -> None:
    write_course(tmp_path, SMALL)
    done = command(tmp_path, *words)
    assert (done.returncode, done.stdout) == (2, "")
    assert said in done.stderr


def test_other_languages_and_courses_without_a_source_are_told(tmp_path: Path) -> None:
    write_course(tmp_path / "julia", SMALL)
    path = tmp_path / "julia" / "source" / "ps1" / "p.ipynb"
    path.write_text(path.read_text().replace('"python"', '"julia"').replace("python3", "julia"))
    found = audit(open_course(tmp_path / "julia"), "ps1")
    (note,) = found.notes
    assert "only notebooks in Python can be graded" in note
    assert (found.exercises, found.sound) == ((), False)

    write_course(tmp_path / "released", SMALL)
    (tmp_path / "released" / "source").rename(tmp_path / "released" / "release")
    found = audit(open_course(tmp_path / "released"), "ps1")
    assert found.notes == ("ps1: there is no source, so there are no reference answers to change",)
    assert not found.sound


@pytest.mark.parametrize(
    ("cell", "sound"), [(("magic", "%time x = 1"), False), (("alone", "alone = 1"), True)]
)
def test_answer_that_cannot_be_audited_is_not_sound(
    tmp_path: Path, cell: tuple[str, str], sound: bool
) -> None:
    course = open_course(
        write_course(tmp_path, [cell, (f"{cell[0]}-check", "assert True")][: 1 + (not sound)])
    )
    assert audit(course, "ps1").sound is sound


def test_bad_file_of_equivalents_is_refused_before_anything_runs(tmp_path: Path) -> None:
    course = open_course(write_course(tmp_path, SMALL))
    (tmp_path / "bad.toml").write_text("[[equivalent]]\n")
    with pytest.raises(UserError, match="entry 1 needs a text 'answer'"):
        audit(course, "ps1", Options(equivalent=tmp_path / "bad.toml"))


def test_help_names_the_size_of_the_sample() -> None:
    from autograder.cli.audit import _SAMPLE

    assert _SAMPLE == audits.SAMPLE
