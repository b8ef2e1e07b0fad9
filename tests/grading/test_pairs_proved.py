"""Eighty pairs as one course: proved, every right answer earns its points and no wrong one does."""

from functools import partial

import pytest
from compact_course import blueprint_of, graded, write_course
from pairs import PAIRS, WRONG

from autograder.assignment.nbgrader_course import open_course
from autograder.assignment.outcome import CheckResult, Outcome, Way
from autograder.grading.grade import engine_for, grade
from autograder.grading.proof import Proof, prove, reference_of

pytestmark = [pytest.mark.slow, pytest.mark.sandbox]
FIND_THEMSELVES = ("in_history", "cell_source_via_In")
"""They look for a text in `In`, which holds the check itself: no answer can fail them in a kernel."""

Graded = dict[str, CheckResult]


@pytest.fixture(scope="module")
def outcomes(tmp_path_factory: pytest.TempPathFactory) -> tuple[Proof, Graded, Graded]:
    """The proof, and what right and wrong answers earn by it."""
    assert PAIRS.keys() == WRONG.keys()
    cells = [
        cell
        for name, (answer, check) in PAIRS.items()
        for cell in ((name, answer), (f"{name}-check", check))
    ]
    root = write_course(tmp_path_factory.mktemp("pairs"), cells)
    blueprint = blueprint_of(root)
    with engine_for(blueprint) as engine:
        reference = reference_of(open_course(root), blueprint)
        proof = prove(blueprint, reference, partial(grade, engine=engine))
        applied = proof.applied(blueprint)
        right, wrong = (
            {check.grade_id.removesuffix("-check"): check for check in result.checks}
            for result in (
                graded(applied, engine, {name: answer for name, (answer, _) in PAIRS.items()}),
                graded(applied, engine, WRONG),
            )
        )
    return proof, right, wrong


def test_no_check_is_broken_and_few_need_the_answers_process(
    outcomes: tuple[Proof, Graded, Graded],
) -> None:
    ways = {check.grade_id: check.way for check in outcomes[0].checks}
    assert Way.BROKEN not in ways.values(), outcomes[0].of(Way.BROKEN)
    assert len(outcomes[0].of(Way.OWN_PROCESS)) <= 10, outcomes[0].of(Way.OWN_PROCESS)


@pytest.mark.parametrize("name", PAIRS)
def test_right_answer_earns_its_point_and_wrong_one_none(
    outcomes: tuple[Proof, Graded, Graded], name: str
) -> None:
    _, right, wrong = outcomes
    assert (right[name].score, right[name].outcome) == (1, Outcome.PASSED), right[name].message
    if name not in FIND_THEMSELVES:
        assert wrong[name].score == 0
        assert wrong[name].outcome is not Outcome.DISPUTED, wrong[name].message
