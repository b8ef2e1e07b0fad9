"""The gate as `prove` and `release` show it: the proof of each chapter, then what is to be mended."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from rich.console import Console
from rich.markup import escape

from autograder.assignment.course import Course
from autograder.assignment.plurals import counted
from autograder.cli.show_progress import telling
from autograder.cli.show_proof import proving, show_proof

if TYPE_CHECKING:
    from autograder.assignment.nbgrader_course import NbgraderCourse
    from autograder.classroom.grade_class import Options
    from autograder.classroom.warm_engine import WarmEngine
    from autograder.gate.gate import Examined
    from autograder.grading.proof import Proof


@dataclass(frozen=True)
class Passage:
    """What the gate found of one assignment. examined: None for a course without `solutions/`"""

    proof: "Proof | None"
    examined: "Examined | None"

    @property
    def open(self) -> bool:
        """Whether nothing stands against a release."""
        sound = self.proof is None or self.proof.sound
        return sound and not (self.examined and self.examined.findings)

    def as_json(self, assignment: str) -> dict[str, Any]:
        """As plain data, for `--json`."""
        proof = self.proof.as_json() if self.proof else {"assignment": assignment}
        return {**proof, **(self.examined.as_json() if self.examined else {})}


def layout(course: "NbgraderCourse") -> Course | None:
    """The course as an author's, if its source is a `solutions/` that `release` knows."""
    found = Course(course.root)
    return found if course.source.resolve() == found.solutions.resolve() else None


def pass_gate(
    course: "NbgraderCourse",
    assignment: str,
    options: "Options",
    warm: "WarmEngine",
    out: Console,
    err: Console,
    *,
    thorough: bool = False,
) -> Passage:
    """Prove one assignment and, of a course in our layout, examine all else; show both.

    A notebook that cannot be released is not run.
    raises: UserError as `prove_assignment` does
    """
    from autograder.assignment.blueprint import read_blueprint
    from autograder.classroom.grade_class import prove_assignment
    from autograder.gate.gate import Examined, examine, source_findings
    from autograder.gate.proved import note_proved

    authors = layout(course)
    if authors is not None and (broken := tuple(source_findings(authors, assignment))):
        found = Examined(assignment, broken)
        out.print(f"[bold]{escape(assignment)}[/]: not run", soft_wrap=True)
        _show_findings(found, out)
        return Passage(None, found)
    with proving(assignment, err) as progress:
        proof = prove_assignment(course, assignment, options, progress, warm)
    show_proof(proof, out)
    if authors is None:
        return Passage(proof, None)
    with telling(f"{assignment}: known answers", err) as tell:
        found = examine(
            authors, assignment, lambda: read_blueprint(course, assignment),
            thorough=thorough, again=options.again, progress=tell,
        )  # fmt: skip
    _show_findings(found, out)
    passage = Passage(proof, found)
    if passage.open:
        note_proved(authors, assignment)
    return passage


def _show_findings(found: "Examined", out: Console) -> None:
    if found.known:
        kept = found.known - found.judged
        told = f", of which {kept} had not changed" if kept else ""
        out.print(f"  {counted(found.known, 'known answer')} judged{told}", soft_wrap=True)
    for finding in found.findings:
        out.print(f"  [red]to mend[/] {escape(finding)}", soft_wrap=True)
    for to_do in found.to_dos:
        out.print(f"  [yellow]to do[/] {escape(to_do)}", soft_wrap=True)
