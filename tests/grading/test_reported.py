"""Courses after reports of bugs: right answers keep their points, wrong ones get none."""

from collections.abc import Iterable
from functools import partial
from pathlib import Path

import pytest
from compact_course import blueprint_of, graded, write_course
from reported import CAUGHT, PARTIAL, POINTS, RIGHT

from autograder.assignment.nbgrader_course import open_course
from autograder.assignment.outcome import CheckResult, Outcome, Way
from autograder.grading.grade import engine_for, grade
from autograder.grading.proof import Proof, prove, reference_of

pytestmark = [pytest.mark.slow, pytest.mark.sandbox]
SETUP = ("setup", "import math")

Graded = dict[str, CheckResult]


def outcomes(root: Path, answers: Iterable[dict[str, str]]) -> tuple[Proof, list[Graded]]:
    """The proof, and what each student's answers earn by it."""
    blueprint = blueprint_of(root)
    with engine_for(blueprint) as engine:
        reference = reference_of(open_course(root), blueprint)
        proof = prove(blueprint, reference, partial(grade, engine=engine))
        results = [graded(proof.applied(blueprint), engine, one) for one in answers]
    return proof, [
        {check.grade_id.removesuffix("-check"): check for check in result.checks}
        for result in results
    ]


def test_right_answers_that_once_lost_points_earn_them(tmp_path: Path) -> None:
    cells = [
        cell
        for name, (answer, check) in RIGHT.items()
        for cell in ((name, answer), (f"{name}-check {POINTS.get(name, 1)}", check))
    ]
    root = write_course(tmp_path, (SETUP, *cells))
    proof, (right,) = outcomes(root, [{name: answer for name, (answer, _) in RIGHT.items()}])
    assert not proof.of(Way.BROKEN)
    assert {check.grade_id: check.short for check in proof.checks if check.short} == {
        f"{name}-check": 0.5 for name in PARTIAL
    }
    assert right.keys() == RIGHT.keys()
    lost = {
        name: check.message
        for name, check in right.items()
        if check.score != (1.5 if name in PARTIAL else POINTS.get(name, 1))
    }
    assert lost == {}


def test_wrong_answers_that_once_passed_isolated_earn_nothing(tmp_path: Path) -> None:
    cells = [
        cell
        for name, (answer, check, _) in CAUGHT.items()
        for cell in ((name, answer), (f"{name}-check", check))
    ]
    root = write_course(tmp_path, (SETUP, *cells), {"data.txt": "hi\n"})
    proof, (right, wrong) = outcomes(
        root,
        [
            {name: answer for name, (answer, _, _) in CAUGHT.items()},
            {name: answer for name, (_, _, answer) in CAUGHT.items()},
        ],
    )
    assert not proof.of(Way.BROKEN)
    assert {name for name, check in right.items() if check.score != 1} == set()
    assert {name for name, check in wrong.items() if check.score} == set()
    assert not any(check.outcome is Outcome.DISPUTED for check in wrong.values())
