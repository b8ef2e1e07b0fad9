"""Where an object of the student's own class decides, result and proof say so."""

from functools import partial
from pathlib import Path

import pytest
from compact_course import blueprint_of, graded, write_course

from autograder.assignment.blueprint import Blueprint
from autograder.assignment.nbgrader_course import open_course
from autograder.assignment.outcome import Way
from autograder.engine.engine import Engine
from autograder.grading.grade import engine_for, grade
from autograder.grading.proof import Proof, prove, reference_of

VECTOR = """\
class Vector:
    truth, contains = [1], 3

    def __init__(self, *values):
        self.values = list(values)

    def __add__(self, other):
        return Vector(*map(sum, zip(self.values, other.values)))

    def __eq__(self, other):
        return self.values == other.values

    def __lt__(self, other):
        return self.values < other.values

    def __contains__(self, value):
        return value in self.values

    def __bool__(self):
        return any(self.values)

    def __len__(self):
        return len(self.values)

    def equals(self, other):
        return self.values == other.values"""
YES = "\n".join(
    f"    def {name}(self, *others):\n        return True"
    for name in ("__eq__", "__lt__", "__contains__", "__bool__", "equals")
)
FORGED = (
    f"class Vector:\n    def __init__(self, *values):\n        self.values = []\n{YES}\n"
    "Vector.__name__ = 'function'  # of which every object is true"
)
CHECKS = {
    "equal": "assert Vector(1, 2) == Vector(1, 2)",
    "unequal": "assert not (Vector(1, 2) != Vector(1, 2))",
    "order": "assert Vector(1) < Vector(2)",
    "holds": "assert 2 in Vector(1, 2)",
    "true": "assert Vector(1)",
    "listed": "assert Vector(1) in [Vector(1)]",
    "equals": "assert Vector(1).equals(Vector(1))",
    "defined": "assert Vector, 'it is not there'\nassert Vector(1).values == [1]",
    "values": "assert (Vector(1) + Vector(2)).values == [3], 'not 3'",
    "named": "d = Vector(1)\nassert d.truth == [1] and d.contains == 3, 'not so'",
    "length": "assert len(Vector(1, 2)) == 2, 'not two'",
    "same": "v = Vector(1)\nassert v == v and v.values == [1]",
    "kind": "assert isinstance(Vector(1), Vector) and Vector(1).values == [1]",
}
TRUSTING = {
    "equal": ("`==` of Vector",),
    "unequal": ("`==` of Vector",),
    "order": ("`<` of Vector",),
    "holds": ("`in` of Vector",),
    "true": ("truth of Vector",),
    "listed": ("`==` of Vector",),
    "equals": ("`equals` of Vector",),
}


@pytest.fixture(scope="module")
def course(tmp_path_factory: pytest.TempPathFactory) -> Path:
    cells = (("vector", VECTOR), *((f"vector-{name}-check", text) for name, text in CHECKS.items()))
    return write_course(tmp_path_factory.mktemp("course"), cells)


@pytest.fixture(scope="module")
def proof(course: Path) -> Proof:
    blueprint = blueprint_of(course)
    with engine_for(blueprint) as engine:
        reference = reference_of(open_course(course), blueprint)
        return prove(blueprint, reference, partial(grade, engine=engine))


def words(
    blueprint: Blueprint, engine: Engine, answer: str
) -> dict[str, tuple[float, tuple[str, ...]]]:
    found = graded(blueprint, engine, {"vector": answer}).checks
    return {check.grade_id.split("-")[1]: (check.score, check.students_word) for check in found}


def test_the_result_says_what_the_students_class_decided(course: Path) -> None:
    blueprint = blueprint_of(course)
    with engine_for(blueprint) as engine:
        right, forged = (words(blueprint, engine, text) for text in (VECTOR, FORGED))
    assert right == {name: (1, TRUSTING.get(name, ())) for name in CHECKS}
    renamed = {name: (said.replace("Vector", "function"),) for name, (said,) in TRUSTING.items()}
    assert {name: said for name, (_, said) in forged.items() if said} == renamed
    assert {name for name, (score, _) in forged.items() if score} == TRUSTING.keys()


def test_the_proof_names_such_checks_and_grade_says_so(proof: Proof) -> None:
    found = {check.grade_id.split("-")[1]: check.students_word for check in proof.on_their_word}
    assert found == TRUSTING
    (note,) = [note for note in proof.notes if "student's" in note]
    assert note.startswith("7 checks where a class of the student's decides: vector-equal-check")
    assert Proof.from_json(proof.as_json()) == proof


def test_beside_the_answer_nobody_counts_words(tmp_path: Path) -> None:
    """There every line is within the answer's reach: the way says it."""
    check = "open('made.txt').read()\nassert Vector(1) == Vector(1)"
    made = "open('made.txt', 'w').close()"
    course = write_course(tmp_path, (("vector", f"{made}\n{VECTOR}"), ("vector-check", check)))
    blueprint = blueprint_of(course)
    with engine_for(blueprint) as engine:
        reference = reference_of(open_course(course), blueprint)
        (one,) = prove(blueprint, reference, partial(grade, engine=engine)).checks
    assert (one.way, one.students_word) == (Way.OWN_PROCESS, ())
