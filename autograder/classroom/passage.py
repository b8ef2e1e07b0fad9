"""The gate from one end to the other: what stands against a release, and the note that nothing does."""

from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, replace
from typing import Any

from autograder.assignment.blueprint import read_blueprint
from autograder.assignment.course import Course
from autograder.assignment.errors import UserError
from autograder.assignment.nbgrader_course import NbgraderCourse
from autograder.authoring.findings import Finding
from autograder.classroom.grade_class import Options, prove_assignment
from autograder.classroom.warm_engine import WarmEngine
from autograder.gate.gate import Examined, Progress, examine, source_findings
from autograder.gate.proved import digest, note_proved
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


class Gate:
    """The gate that one assignment has to pass: `refused`, then a proof, then `after` that.

    What is edited meanwhile was not proved, so the chapter as it is now is what counts.
    """

    def __init__(self, course: NbgraderCourse, assignment: str) -> None:
        self._course, self._assignment = course, assignment
        self._authors = layout(course)
        self._before = self._digest()

    def refused(self) -> Passage | None:
        """What is found without running anything, if that is enough to refuse the assignment."""
        if self._authors is None:
            return None
        broken = tuple(source_findings(self._authors, self._assignment))
        return Passage(None, Examined(self._assignment, broken)) if broken else None

    def after(
        self,
        proof: Proof,
        options: Options,
        *,
        thorough: bool = False,
        progress: Progress = lambda done, total, what: None,
    ) -> Passage:
        """Examine all else, and note that the assignment passed, if it did.

        raises: UserError as `examine` does
        """
        if self._authors is None:
            return Passage(proof, None)
        found = examine(
            self._authors, self._assignment,
            lambda: read_blueprint(self._course, self._assignment),
            thorough=thorough, again=options.again, progress=progress,
        )  # fmt: skip
        passage = Passage(proof, found)
        if not passage.open:
            return passage
        if self._digest() != self._before:
            edited = Finding("", "the chapter was edited while it was proved; prove it again")
            return replace(passage, examined=replace(found, findings=(edited,)))
        note_proved(self._authors, self._assignment)
        return passage

    def _digest(self) -> str:
        with suppress(UserError):  # damaged: it is refused
            return digest(self._authors, self._assignment) if self._authors else ""
        return ""


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
    gate = Gate(course, assignment)
    if refused := gate.refused():
        return refused
    options = Options()
    with WarmEngine() as warm:
        proof = prove_assignment(course, assignment, options, proving, warm)
    return gate.after(proof, options, progress=judging)
