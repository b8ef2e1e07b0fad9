"""Proof before grading: the course's own solution and stub say how each check can be graded.

The solution is graded apart from the answer and beside it, check by check; then the stub, as the
class will be. What came of it is kept by its content, so a course is proved once, and again when
its source, its data, the engine, Python or the packages have changed.
"""

import contextlib
import hashlib
import json
import os
import sys
import time
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

import nbformat
import platformdirs

from autograder.assignment.blueprint import Blueprint
from autograder.assignment.errors import UserError
from autograder.assignment.merge import merge
from autograder.assignment.nbgrader_course import NbgraderCourse, notebooks_in
from autograder.assignment.notebook import Kind, grade_id_of, kind_of, marks_of
from autograder.assignment.notes import course_faults
from autograder.assignment.outcome import CheckResult, Outcome, Result, Way
from autograder.assignment.plurals import counted
from autograder.assignment.submission import Submission
from autograder.assignment.whole_file import write_whole
from autograder.engine.limits import Limits
from autograder.grading.black_box import whys_not_black_box
from autograder.grading.course_names import read_and_bound
from autograder.grading.versions import own_text

Run = Callable[[Blueprint, Submission], Result]
"""Grades a submission, each check in the way that the blueprint says: `grade`, with an engine."""

SOLUTION, STUB = "the reference solution", "the stub"
UNSOLVED = "the source has no solution for it, so nothing is proved"
_FORMAT = "5"
_KEPT = 300
"""Proofs that are kept; the oldest go."""


@dataclass(frozen=True)
class CheckProof:
    """How one check can be graded.

    reason:      why so, in words; empty where nothing speaks against isolated: its text is a
                 black box, and the solution passes if there is one
    short:       points that the solution itself does not earn, where it earns some
    for_nothing: points that the stub earns
    students_word: what in it objects of the solution's own classes decide (see `CheckResult`)
    """

    notebook: str
    grade_id: str
    points: float
    way: Way
    reason: str = ""
    short: float = 0.0
    for_nothing: float = 0.0
    students_word: tuple[str, ...] = ()


@dataclass(frozen=True)
class Proof:
    """How the checks of an assignment can be graded.

    solved: whether the course has a reference solution; without one, a check's text decides
    faults: cells of the course's own that fail, one sentence each
    certain: whether another run would say the same: nothing was stopped, nothing is broken
    """

    assignment: str
    checks: tuple[CheckProof, ...]
    solved: bool = True
    faults: tuple[str, ...] = ()
    certain: bool = True
    seconds: float = 0.0

    def of(self, way: Way) -> tuple[CheckProof, ...]:
        """The checks of one way."""
        return tuple(check for check in self.checks if check.way is way)

    @property
    def for_nothing(self) -> tuple[CheckProof, ...]:
        """The checks that give the stub points."""
        return tuple(check for check in self.checks if check.for_nothing > 0)

    @property
    def on_their_word(self) -> tuple[CheckProof, ...]:
        """The checks in which an object of the student's own decides."""
        return tuple(check for check in self.checks if check.students_word)

    @property
    def sound(self) -> bool:
        """Whether the solution passes every check, and the stub none."""
        return not (self.of(Way.BROKEN) or self.for_nothing or self.faults)

    def applied(self, blueprint: Blueprint, *, strict: bool = False) -> Blueprint:
        """The assignment, each check with its way.

        strict: leave to a person what can only run beside the answer
        """
        ways: dict[str, dict[str, Way]] = {}
        for check in self.checks:
            way = Way.PERSON if strict and check.way is Way.OWN_PROCESS else check.way
            ways.setdefault(check.notebook, {})[check.grade_id] = way
        notebooks = tuple(
            replace(notebook, ways=ways.get(notebook.name, {})) for notebook in blueprint.notebooks
        )
        return replace(blueprint, notebooks=notebooks)

    @property
    def notes(self) -> tuple[str, ...]:
        """What a teacher has to know of it, one sentence each."""
        found = []
        if own := self.of(Way.OWN_PROCESS):
            found.append(
                f"{counted(len(own), 'check')} can only run beside the answer, as safe as in "
                f"nbgrader and no safer: {_names(own)} (`autograder prove` says why)"
            )
        if part := tuple(check for check in self.checks if check.short):
            points = sum(check.short for check in part)
            found.append(
                f"{SOLUTION} itself earns {counted(points, 'point')} less than there are: "
                f"{_names(part)}"
            )
        if theirs := self.on_their_word:
            found.append(
                f"{counted(len(theirs), 'check')} where a class of the student's decides: "
                f"{_names(theirs)} (`autograder prove` says by what)"
            )
        if free := self.for_nothing:
            points = sum(check.for_nothing for check in free)
            found.append(
                f"the stub earns {counted(points, 'point')} as it is released: {_names(free)}"
            )
        return tuple(found)

    def require(self, *, anyway: bool = False) -> None:
        """Refuse an assignment whose own solution does not pass. raises: UserError"""
        broken = self.of(Way.BROKEN)
        if not broken or anyway:
            return
        why = self.faults[0] if self.faults else f"{broken[0].grade_id}: {broken[0].reason}"
        raise UserError(
            f"{self.assignment}: nothing was graded, because its own solution does not pass "
            f"{_few(broken)} of {counted(len(self.checks), 'check')}: {why.rstrip('.')}. "
            "`autograder prove` shows each; --anyway grades all the same.",
            exit_code=1,
        )

    def as_json(self) -> dict[str, Any]:
        """The proof as plain data, for `--json` and for what is kept."""
        checks = [
            {**asdict(check), "way": check.way.value, "students_word": list(check.students_word)}
            for check in self.checks
        ]
        return {**asdict(self), "checks": checks, "faults": list(self.faults)}

    @classmethod
    def from_json(cls, said: Mapping[str, Any]) -> "Proof":
        """Read `as_json`. raises: KeyError, TypeError, ValueError"""
        checks = tuple(
            CheckProof(
                **{**one, "way": Way(one["way"]), "students_word": tuple(one["students_word"])}
            )
            for one in said["checks"]
        )
        return cls(**{**said, "checks": checks, "faults": tuple(said["faults"])})


def reference_of(course: NbgraderCourse, blueprint: Blueprint) -> Submission | None:
    """The course's own solution, as if it were handed in; None if the course has no source."""
    paths = notebooks_in(course.source_folder(blueprint.assignment))
    files = {path.name: path.read_bytes() for path in paths}
    return Submission(SOLUTION, blueprint.assignment, files) if files else None


def prove(
    blueprint: Blueprint,
    reference: Submission | None,
    run: Run,
    progress: Callable[[str], None] = lambda who: None,
) -> Proof:
    """Find out how each check can be graded.

    reference: the solution (see `reference_of`); without one, the text of each check decides
    progress:  called with whose turn it is
    """
    began = time.perf_counter()
    texts = {notebook.name: whys_not_black_box(notebook) for notebook in blueprint.notebooks}
    if not any(texts.values()):
        return Proof(blueprint.assignment, (), reference is not None)
    apart: dict[tuple[str, str], CheckResult] = {}
    beside: dict[tuple[str, str], CheckResult] = {}
    unsolved: frozenset[tuple[str, str]] = frozenset()
    faults: tuple[str, ...] = ()
    if reference is not None:
        progress(SOLUTION)
        graded = run(_all(blueprint, Way.ISOLATED), reference)  # to its end: all of its cells
        apart = _by_name(graded)
        faults = _faults(graded)
        unsolved = frozenset(_unsolved(blueprint, reference))
        doubtful = {
            notebook
            for (notebook, name), check in apart.items()
            if texts[notebook].get(name) or not _full(check)
        }
        if doubtful:
            progress(SOLUTION)
            graded = run(_marks_only(_all(blueprint, Way.OWN_PROCESS, doubtful)), reference)
            beside = _by_name(graded)
            faults = tuple(dict.fromkeys((*faults, *_faults(graded))))
    checks = tuple(
        _check(notebook.name, cell.grade_id, cell.points, texts[notebook.name][cell.grade_id],
               apart.get((notebook.name, cell.grade_id)),
               beside.get((notebook.name, cell.grade_id)),
               faults, unsolved)
        for notebook in blueprint.notebooks
        for cell in notebook.graded
        if cell.grade_id in texts[notebook.name]
        and (reference is None or (notebook.name, cell.grade_id) in apart)
    )  # fmt: skip
    twice = {check.notebook for check in checks if check.way is not Way.ISOLATED}
    checks = tuple(
        replace(check, way=Way.BOTH)
        if check.way is Way.ISOLATED and check.notebook in twice and not check.reason
        else check
        for check in checks
    )  # it costs nothing: the notebook runs beside the answers for its other checks
    proof = Proof(blueprint.assignment, checks, reference is not None, faults)
    progress(STUB)
    stub = _by_name(run(_marks_only(proof.applied(blueprint)), _stub(blueprint)))
    checks = tuple(
        replace(check, students_word=found.students_word)
        if check.way in (Way.ISOLATED, Way.BOTH)
        and (found := apart.get((check.notebook, check.grade_id)))
        else check
        for check in checks
    )
    checks = tuple(
        replace(check, for_nothing=found.score)
        if (found := stub.get((check.notebook, check.grade_id)))
        else check
        for check in checks
    )
    certain = not proof.of(Way.BROKEN) and all(
        not check.outcome.stopped for found in (apart, beside, stub) for check in found.values()
    )
    seconds = round(time.perf_counter() - began, 3)
    return replace(proof, checks=checks, certain=certain, seconds=seconds)


def proved(
    blueprint: Blueprint,
    reference: Submission | None,
    run: Run,
    *,
    limits: Limits,
    jail: bool,
    again: bool = False,
    progress: Callable[[str], None] = lambda who: None,
) -> Proof:
    """`prove`, or what it found before from the same bytes on the same packages."""
    path = cache_folder() / f"{_key(blueprint, reference, limits, jail)}.json"
    if not again:
        with contextlib.suppress(OSError, ValueError, KeyError, TypeError):
            return Proof.from_json(json.loads(path.read_text(encoding="utf-8")))
    proof = prove(blueprint, reference, run, progress)
    if not proof.certain:
        return proof
    with contextlib.suppress(OSError, UserError):
        _keep(path, json.dumps(proof.as_json(), indent=1))
    return proof


def _check(
    notebook: str,
    grade_id: str,
    points: float,
    text: str,
    apart: CheckResult | None,
    beside: CheckResult | None,
    faults: tuple[str, ...],
    unsolved: frozenset[tuple[str, str]],
) -> CheckProof:
    def is_so(way: Way, reason: str = "", earned: float = points) -> CheckProof:
        return CheckProof(notebook, grade_id, points, way, reason, max(0.0, points - earned))

    if apart is None:
        return is_so(Way.BOTH if text else Way.ISOLATED, text)
    if beside is None or (_earns(apart) and _earns(beside) and apart.score == beside.score):
        return is_so(Way.BOTH if text else Way.ISOLATED, text, apart.score)
    if _earns(apart) and not text and (apart.score > beside.score or not _earns(beside)):
        why = f"beside the answer, {SOLUTION} earns {beside.score:g}: {beside.said}"
        return is_so(Way.ISOLATED, why, apart.score)
    if _earns(apart) and _earns(beside) and apart.score > beside.score:
        return is_so(Way.BOTH, text, beside.score)
    if _earns(beside):
        why = f"isolated from the answer, {SOLUTION} earns {apart.score:g}: {apart.said}"
        return is_so(Way.OWN_PROCESS, why, beside.score)
    if (notebook, grade_id) in unsolved and beside.said not in faults:
        return is_so(Way.BOTH, UNSOLVED) if text else is_so(Way.ISOLATED)
    if _earns(apart):
        return is_so(Way.BROKEN, f"{text}, and beside the answer it fails: {beside.said}")
    return is_so(Way.BROKEN, beside.said)


def _full(check: CheckResult) -> bool:
    return check.outcome is Outcome.PASSED and check.score >= check.points


def _earns(check: CheckResult) -> bool:
    """Whether it runs to its end with points, or without any where it has none."""
    return check.outcome in (Outcome.PASSED, Outcome.PARTIAL) and (
        check.score > 0 or check.points == 0
    )


def _all(blueprint: Blueprint, way: Way, notebooks: Collection[str] | None = None) -> Blueprint:
    """The assignment with every check graded one way; of some of its notebooks, if any are named."""
    chosen = tuple(
        replace(notebook, ways=dict.fromkeys((cell.grade_id for cell in notebook.graded), way))
        for notebook in blueprint.notebooks
        if notebooks is None or notebook.name in notebooks
    )
    return replace(blueprint, notebooks=chosen)


def _marks_only(blueprint: Blueprint) -> Blueprint:
    notebooks = tuple(replace(notebook, marks_only=True) for notebook in blueprint.notebooks)
    return replace(blueprint, notebooks=notebooks)


def _by_name(result: Result) -> dict[tuple[str, str], CheckResult]:
    return {
        (notebook.name, check.grade_id): check
        for notebook in result.notebooks
        for check in notebook.checks
    }


def _faults(result: Result) -> tuple[str, ...]:
    return course_faults(note for notebook in result.notebooks for note in notebook.notes)


def _stub(blueprint: Blueprint) -> Submission:
    """The assignment as it is released, as if it were handed in."""
    files = {
        f"{notebook.name}.ipynb": nbformat.writes(notebook.notebook).encode()
        for notebook in blueprint.notebooks
    }
    return Submission(STUB, blueprint.assignment, files)


def _unsolved(blueprint: Blueprint, reference: Submission) -> Iterator[tuple[str, str]]:
    """Checks of answers for which the source has the stub alone: (notebook, grade_id)."""
    for notebook in blueprint.notebooks:
        solved = merge(notebook, reference.files.get(f"{notebook.name}.ipynb")).notebook
        stubs = {grade_id_of(cell): cell.source for cell in notebook.notebook.cells}
        open_names: set[str] = set()
        solved_names: set[str] = set()
        any_open = False
        for cell in solved.cells:
            name = grade_id_of(cell)
            if cell.cell_type != "code":
                continue
            if marks_of(cell).get("solution"):
                declared = read_and_bound(cell.source)[1] | notebook.declares.get(name, frozenset())
                if cell.source == stubs.get(name):
                    any_open = True
                    open_names |= declared
                else:
                    solved_names |= declared
            elif kind_of(cell) is Kind.CHECK:
                read, bound = read_and_bound(cell.source)
                if read & (open_names - solved_names) or (any_open and not read & solved_names):
                    yield notebook.name, name
                    open_names |= bound
                else:
                    solved_names |= bound


def _names(checks: tuple[CheckProof, ...]) -> str:
    names = [check.grade_id for check in checks]
    more = f" and {len(names) - 5} more" if len(names) > 5 else ""
    return ", ".join(names[:5]) + more


def _few(checks: tuple[CheckProof, ...]) -> str:
    return f"{len(checks)} ({_names(checks)})"


def _key(blueprint: Blueprint, reference: Submission | None, limits: Limits, jail: bool) -> str:
    said = (
        _FORMAT, own_text(), blueprint.key, reference.key if reference else "",
        limits.cell_seconds, limits.memory_mb, jail, sys.version, packages(),
    )  # fmt: skip
    return hashlib.sha256(repr(said).encode()).hexdigest()


def packages() -> tuple[str, ...]:
    """Names and versions of what is installed, as their folders are called."""
    found: set[str] = set()
    for folder in dict.fromkeys(sys.path):
        with contextlib.suppress(OSError), os.scandir(folder) as entries:
            found.update(e.name for e in entries if e.name.endswith((".dist-info", ".egg-info")))
    return tuple(sorted(found))


def cache_folder() -> Path:
    """Where proofs are kept."""
    return platformdirs.user_cache_path("autograder", appauthor=False) / "proofs"


def _keep(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    write_whole(path, text.encode())
    proofs = sorted(path.parent.glob("*.json"), key=lambda one: one.stat().st_mtime)
    for old in proofs[:-_KEPT]:
        old.unlink(missing_ok=True)
