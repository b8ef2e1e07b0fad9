"""The course's own solution and stub say how each check can be graded."""

import json
from collections.abc import Mapping
from dataclasses import replace
from functools import partial
from pathlib import Path

import pytest
from compact_course import ASSIGNMENT, blueprint_of, submitted, write_course
from nbgrader.utils import determine_grade, is_grade

from autograder.assignment.blueprint import Blueprint
from autograder.assignment.errors import UserError
from autograder.assignment.nbgrader_course import open_course
from autograder.assignment.outcome import CheckResult, Outcome, Result, Way
from autograder.assignment.submission import Submission
from autograder.engine.session import CellRun, Session
from autograder.grading.grade import engine_for, grade
from autograder.grading.proof import UNSOLVED, CheckProof, Proof, prove, proved, reference_of

CELLS = (
    ("setup", "import math"),
    ("plain", "def plain(x):\n    return 2 * x"),
    ("plain-check 2", "assert plain(2) == 4"),
    ("fresh", "def fresh(x):\n    return list(x)"),
    ("fresh-check", "x = [1]\ny = fresh(x)\nassert y == x and y is not x, 'make a new list'"),
    ("made", "with open('made.txt', 'w') as f:\n    f.write('hello')"),
    ("made-check 3", "assert open('made.txt').read() == 'hello'"),
    ("lost", "def lost():\n    return 1"),
    ("lost-check", "assert lost() == 2, 'one is not two'"),
    ("part", "def part():\n    return 1"),
    ("part-check 2", "1.5 if part() == 1 else 0"),
    ("free", "def free():\n    return 1"),
    ("free-check", "assert True"),
)


def proof_of(root: Path) -> tuple[Blueprint, Proof]:
    blueprint = blueprint_of(root)
    with engine_for(blueprint) as engine:
        return blueprint, prove(
            blueprint, reference_of(open_course(root), blueprint), partial(grade, engine=engine)
        )


def results(
    blueprint: Blueprint, answers: Mapping[str, str], **options: bool
) -> dict[str, CheckResult]:
    submission = Submission("ada", ASSIGNMENT, {"p.ipynb": submitted(blueprint, answers)})
    with engine_for(blueprint) as engine:
        return {c.grade_id: c for c in grade(blueprint, submission, engine, **options).checks}


@pytest.fixture(scope="module")
def proven(tmp_path_factory: pytest.TempPathFactory) -> tuple[Blueprint, Proof]:
    return proof_of(write_course(tmp_path_factory.mktemp("course"), CELLS))


def test_each_check_has_its_way_and_a_reason(proven: tuple[Blueprint, Proof]) -> None:
    checks = {check.grade_id: check for check in proven[1].checks}
    assert {name: check.way for name, check in checks.items()} == {
        "plain-check": Way.BOTH,
        "fresh-check": Way.BOTH,
        "made-check": Way.OWN_PROCESS,
        "lost-check": Way.BROKEN,
        "part-check": Way.BOTH,
        "free-check": Way.BOTH,
    }
    assert checks["plain-check"].reason == ""
    assert "`is`" in checks["fresh-check"].reason
    assert "made.txt" in checks["made-check"].reason
    assert "one is not two" in checks["lost-check"].reason
    assert {name: check.short for name, check in checks.items() if check.short} == {
        "part-check": 0.5
    }
    assert {name: check.for_nothing for name, check in checks.items() if check.for_nothing} == {
        "free-check": 1
    }


def test_a_wrong_answer_that_only_stock_sees_earns_nothing(
    proven: tuple[Blueprint, Proof],
) -> None:
    applied = proven[1].applied(proven[0])
    same = results(applied, {"fresh": "def fresh(x):\n    return x"})["fresh-check"]
    assert (same.score, same.outcome, same.way) == (0, Outcome.FAILED, Way.BOTH)
    assert "make a new list" in same.message


def test_the_outputs_of_a_notebook_say_its_scores(proven: tuple[Blueprint, Proof]) -> None:
    """They are those of the run whose verdict counts, and nbgrader reads the scores from them."""
    blueprint = proven[1].applied(proven[0])
    answers = {name: source for name, source in CELLS if not name.split()[0].endswith("-check")}
    for fresh in (CELLS[3][1], "def fresh(x):\n    return x", "def fresh(x):\n    return tuple(x)"):
        files = {"p.ipynb": submitted(blueprint, {**answers, "fresh": fresh})}
        with engine_for(blueprint) as engine:
            result = grade(blueprint, Submission("ada", ASSIGNMENT, files), engine)
        read = {
            cell.metadata.nbgrader.grade_id: determine_grade(cell)[0]
            for cell in result.notebooks[0].notebook.cells
            if is_grade(cell)
        }
        assert read == {check.grade_id: check.score for check in result.checks}


def test_a_black_box_that_fails_only_beside_its_solution_is_isolated(tmp_path: Path) -> None:
    cells = (
        *CELLS[3:5],
        ("area", "import math\nmath.pi = 3.0\ndef area(r):\n    return 3.1416 * r * r"),
        ("area-check 2", "import math\nassert abs(area(1) - math.pi) < 1e-3, 'not pi'"),
    )
    blueprint, proof = proof_of(write_course(tmp_path, cells))
    area = {check.grade_id: check for check in proof.checks}["area-check"]
    assert area.way is Way.ISOLATED
    assert "beside the answer, the reference solution earns 0: not pi" in area.reason
    right = results(proof.applied(blueprint), {"fresh": cells[0][1], "area": cells[2][1]})
    assert {name: check.score for name, check in right.items()} == {
        "fresh-check": 1, "area-check": 2,
    }  # fmt: skip


def test_cells_below_the_last_check_run_once_in_a_proof_and_once_for_a_student(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What they show is kept, and a fault of theirs is the course's; it needs no second run."""
    blueprint = blueprint_of(
        write_course(
            tmp_path,
            (
                ("f", "def f(x):\n    return [x]"),
                ("free", "'above'"),
                ("f-check", "import copy\nassert f(1) == [1] and copy.copy(f(2)) == [2]"),
                ("free", "'below'"),
                ("setup", "1 / 0"),
            ),
        )
    )
    ran: list[str] = []
    answer = Session.answer

    def noted(self: Session, source: str, label: str) -> CellRun:
        ran.append(source)
        return answer(self, source, label)

    monkeypatch.setattr(Session, "answer", noted)
    reference = reference_of(open_course(tmp_path), blueprint)
    assert reference is not None
    with engine_for(blueprint) as engine:
        proof = prove(blueprint, reference, lambda one, submission: grade(one, submission, engine))
        assert ran.count("'above'") >= 2
        assert ran.count("'below'") == 1
        assert ["ZeroDivisionError" in fault for fault in proof.faults] == [True]
        ran.clear()
        both = replace(proof, checks=tuple(replace(c, way=Way.BOTH) for c in proof.checks))
        result = grade(both.applied(blueprint), reference, engine)
    assert result.score == 1
    assert (ran.count("'above'"), ran.count("'below'")) == (2, 1)
    (output,) = result.notebooks[0].notebook.cells[-2].outputs
    assert output.data["text/plain"] == "'below'"
    assert any("ZeroDivisionError" in note for note in result.notebooks[0].notes)


def test_own_process_earns_points_unless_strict(proven: tuple[Blueprint, Proof]) -> None:
    answers = {"made": CELLS[5][1]}
    made = results(proven[1].applied(proven[0]), answers)["made-check"]
    assert (made.score, made.way) == (3, Way.OWN_PROCESS)
    wrong = {"made": "with open('made.txt', 'w') as f:\n    f.write('bye')"}
    assert results(proven[1].applied(proven[0]), wrong)["made-check"].score == 0
    strict = results(proven[1].applied(proven[0], strict=True), answers)["made-check"]
    assert (strict.score, strict.outcome) == (0, Outcome.DISPUTED)
    assert "it gives 3 points" in strict.message


def test_what_a_check_binds_is_there_for_the_next_whatever_its_way(tmp_path: Path) -> None:
    cells = (
        ("made", "with open('m.txt', 'w') as f:\n    f.write('hello')"),
        ("made-check", "want = {2: 4}\nassert open('m.txt').read() == 'hello'"),
        ("plain", "def plain(x):\n    return 2 * x"),
        ("plain-check", "assert all(plain(k) == v for k, v in want.items())"),
    )
    blueprint, proof = proof_of(write_course(tmp_path, cells))
    assert {check.grade_id: check.way for check in proof.checks} == {
        "made-check": Way.OWN_PROCESS, "plain-check": Way.BOTH,
    }  # fmt: skip
    for strict, expected in ((False, [1, 1]), (True, [0, 1])):
        right = results(
            proof.applied(blueprint, strict=strict), {"made": cells[0][1], "plain": cells[2][1]}
        )
        assert [check.score for check in right.values()] == expected


EFFECTS = {
    "changes": ("seen = []", "seen.append(1)", "assert two() == 2 and len(seen) == 1"),
    "seeds": (
        "import random",
        "random.seed(3)",
        "x = random.random()\nrandom.seed(3)\nassert two() == 2 and random.random() == x",
    ),
    "star": ("import math", "from math import *", "assert two() == sqrt(4)"),
    "by name": ("import math", "want = 2", "assert two() == globals()['want']"),
    "a black box": (
        "near = []",
        "near.append(1e-3)",
        "import math\nassert two() == 2 and abs(math.pi - 3.14159) < near[0]",
    ),
}


@pytest.mark.parametrize("name", EFFECTS)
def test_what_a_check_does_besides_is_done_for_the_next_whatever_its_way(
    name: str, tmp_path: Path
) -> None:
    setup, effect, check = EFFECTS[name]
    two = "def two():\n    return 2"
    if name == "a black box":
        two = f"import math\nmath.pi = 3.0\n{two}"
    cells = (
        ("setup", setup),
        ("made", "with open('m.txt', 'w') as f:\n    f.write('hello')"),
        ("made-check", f"{effect}\nassert open('m.txt').read() == 'hello'"),
        ("two", two),
        ("two-check", check),
    )
    blueprint, proof = proof_of(write_course(tmp_path, cells))
    ways = {check.grade_id: check.way for check in proof.checks}
    assert ways["made-check"] is Way.OWN_PROCESS
    assert ways["two-check"] in (Way.BOTH, Way.ISOLATED)
    right = results(proof.applied(blueprint), {"made": cells[1][1], "two": two})
    assert [check.score for check in right.values()] == [1, 1]


def test_a_cell_that_parses_and_does_not_compile_is_told(tmp_path: Path) -> None:
    late = "x = 1\ndef late():\n    print(x)\n    global x"
    cells = (("extra", late), *CELLS[1:3])
    root = write_course(tmp_path, cells)
    path = root / "source" / ASSIGNMENT / "p.ipynb"
    notebook = json.loads(path.read_text())
    del notebook["cells"][0]["metadata"]["nbgrader"]
    notebook["cells"][0]["source"] = late
    path.write_text(json.dumps(notebook))
    blueprint, proof = proof_of(root)
    assert any("SyntaxError" in fault for fault in proof.faults)
    assert results(proof.applied(blueprint), {"plain": CELLS[1][1]})["plain-check"].score == 2


def test_a_solution_that_only_stock_refuses_is_broken(tmp_path: Path) -> None:
    cells = (
        ("fresh", "def fresh(x):\n    return x"),
        ("fresh-check", "x = [1]\ny = fresh(x)\nassert y == x and y is not x, 'a new list'"),
    )
    _, proof = proof_of(write_course(tmp_path, cells))
    assert proof.checks[0].way is Way.BROKEN
    assert "a new list" in proof.checks[0].reason


def test_a_check_that_is_skipped_has_no_proof(tmp_path: Path) -> None:
    root = write_course(tmp_path, CELLS[:5])
    path = root / "source" / ASSIGNMENT / "p.ipynb"
    notebook = json.loads(path.read_text())
    notebook["cells"][2]["metadata"]["tags"] = ["skip-execution"]
    path.write_text(json.dumps(notebook))
    _, proof = proof_of(root)
    assert [check.grade_id for check in proof.checks] == ["fresh-check"]


def test_strict_asks_nobody_about_what_earns_nothing(proven: tuple[Blueprint, Proof]) -> None:
    stub = results(proven[1].applied(proven[0], strict=True), {})["made-check"]
    assert (stub.score, stub.outcome is Outcome.DISPUTED) == (0, False)


def test_no_answer_gives_itself_more_than_its_check(proven: tuple[Blueprint, Proof]) -> None:
    """In its own process it can say anything; what it says has to be a score."""
    for said in ("1e6", "float('nan')", "-5.0"):
        forged = (
            "import autograder.engine.roles as r\nfrom autograder.engine.check_message import Verdict\n"
            "from autograder.assignment.outcome import Outcome\n"
            f"r.verdict = lambda *a: Verdict(Outcome.PASSED, {said}, '')"
        )
        check = results(proven[1].applied(proven[0]), {"made": forged})["made-check"]
        assert (check.score, check.outcome) == (0, Outcome.ERROR)


def test_a_broken_check_blames_no_student(proven: tuple[Blueprint, Proof]) -> None:
    applied = proven[1].applied(proven[0])
    lost = results(applied, {"lost": "def lost():\n    return 1"})["lost-check"]
    assert lost.outcome is Outcome.DISPUTED
    assert "the course's own solution does not pass it either" in lost.message
    assert results(applied, {"lost": "def lost():\n    return 2"})["lost-check"].score == 1


def test_a_broken_course_is_refused_in_a_sentence(proven: tuple[Blueprint, Proof]) -> None:
    with pytest.raises(UserError, match=r"1 \(lost-check\) of 6 checks: .*one is not two") as error:
        proven[1].require()
    assert error.value.exit_code == 1
    proven[1].require(anyway=True)


def test_a_setup_cell_that_fails_is_named(tmp_path: Path) -> None:
    cells = (("setup", "import nowhere_to_be_found as nowhere"), *CELLS[1:3])
    cells = (*cells[:-1], ("plain-check", "assert plain(2) == nowhere.four"))
    _, proof = proof_of(write_course(tmp_path, cells))
    assert proof.of(Way.BROKEN)
    with pytest.raises(UserError, match=r"own cell setup fails here.*nowhere_to_be_found"):
        proof.require()


def test_a_source_without_solutions_proves_nothing_and_stops_nobody(tmp_path: Path) -> None:
    root = write_course(tmp_path, CELLS[:5])
    source = root / "source" / ASSIGNMENT / "p.ipynb"
    notebook = json.loads(source.read_text())
    for cell in notebook["cells"]:
        if cell["metadata"]["nbgrader"]["solution"]:
            cell["source"] = "# YOUR CODE HERE\nraise NotImplementedError()"
    source.write_text(json.dumps(notebook))
    _, proof = proof_of(root)
    assert {check.way for check in proof.checks} == {Way.BOTH}
    assert {check.reason for check in proof.checks if check.grade_id != "plain-check"} == {UNSOLVED}
    assert not next(check for check in proof.checks if check.grade_id == "plain-check").reason
    proof.require()


def test_a_release_alone_is_judged_by_the_text_of_its_checks(tmp_path: Path) -> None:
    blueprint = blueprint_of(write_course(tmp_path, CELLS[:5]))
    with engine_for(blueprint) as engine:
        proof = prove(blueprint, None, partial(grade, engine=engine))
    assert [check.way for check in proof.checks] == [Way.BOTH, Way.BOTH]
    assert not proof.solved


def test_a_proof_is_kept_until_something_changes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    root = write_course(tmp_path / "course", CELLS[:3])
    graded: list[str] = []

    def proof(**options: bool) -> Proof:
        blueprint = blueprint_of(root)
        reference = reference_of(open_course(root), blueprint)
        with engine_for(blueprint) as engine:

            def count(blueprint: Blueprint, submission: Submission) -> Result:
                graded.append(submission.student)
                return grade(blueprint, submission, engine)

            return proved(
                blueprint, reference, count, limits=engine.limits, jail=engine.jail, **options
            )

    first = proof()
    assert graded == ["the reference solution", "the stub"]
    assert proof() == first
    assert len(graded) == 2
    proof(again=True)
    assert len(graded) == 4
    write_course(root, (*CELLS[:1], ("plain", "def plain(x):\n    return x + x"), CELLS[2]))
    proof()
    assert len(graded) == 6, "another solution is another proof"


def test_a_proof_survives_being_written_down() -> None:
    check = CheckProof("p", "x-check", 2.0, Way.OWN_PROCESS, "reads a file", 1.0)
    proof = Proof("ps1", (check,), False, ("a cell fails",), 1.5)
    assert Proof.from_json(json.loads(json.dumps(proof.as_json()))) == proof
