"""The gate from one end to the other: what stands against a release, and the note that nothing does."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from autograder.assignment.blueprint import read_blueprint
from autograder.assignment.course import Course
from autograder.assignment.nbgrader_course import NbgraderCourse
from autograder.classroom.grade_class import Options, prove_assignment
from autograder.classroom.warm_engine import WarmEngine
from autograder.gate.gate import Examined, Progress, examine, source_findings
from autograder.gate.proved import note_proved
from autograder.grading.proof import Proof


@dataclass(frozen=True)
class Passage:
    """What the gate found of one assignment.

    proof:    None if its source cannot be released: then it was not run
    examined: None for a course without `solutions/`
    """

    proof: Proof | None
    examined: Examined | None

    @property
    def open(self) -> bool:
        """Whether nothing stands against a release."""
        sound = self.proof is None or self.proof.sound
        return sound and not (self.examined and self.examined.findings)

    def as_json(self, assignment: str) -> dict[str, Any]:
        """As plain data, for `--json`."""
        proof = self.proof.as_json() if self.proof else {"assignment": assignment}
        return {**proof, **(self.examined.as_json() if self.examined else {})}


def layout(course: NbgraderCourse) -> Course | None:
    """The course as an author's, if its source is a `solutions/` that `release` knows."""
    found = Course(course.root)
    return found if course.source.resolve() == found.solutions.resolve() else None


def refused_unrun(course: NbgraderCourse, assignment: str) -> Passage | None:
    """What is found without running anything, if that is enough to refuse the assignment."""
    authors = layout(course)
    broken = tuple(source_findings(authors, assignment)) if authors is not None else ()
    return Passage(None, Examined(assignment, broken)) if broken else None


def after_proof(
    course: NbgraderCourse,
    proof: Proof,
    options: Options,
    *,
    thorough: bool = False,
    progress: Progress = lambda done, total, what: None,
) -> Passage:
    """Examine all else of a proved assignment; note that it passed, if it did.

    raises: UserError as `examine` does
    """
    authors, assignment = layout(course), proof.assignment
    if authors is None:
        return Passage(proof, None)
    found = examine(
        authors, assignment, lambda: read_blueprint(course, assignment),
        thorough=thorough, again=options.again, progress=progress,
    )  # fmt: skip
    passage = Passage(proof, found)
    if passage.open:
        note_proved(authors, assignment)
    return passage


def pass_gate(
    course: NbgraderCourse,
    assignment: str,
    *,
    proving: Callable[[str], None] = lambda who: None,
    judging: Progress = lambda done, total, what: None,
) -> Passage:
    """All of it, as `autograder prove` does. raises: UserError as `prove_assignment` does

    proving: called with whose turn it is
    judging: called for each known answer
    """
    if refused := refused_unrun(course, assignment):
        return refused
    options = Options()
    with WarmEngine() as warm:
        proof = prove_assignment(course, assignment, options, proving, warm)
    return after_proof(course, proof, options, progress=judging)
