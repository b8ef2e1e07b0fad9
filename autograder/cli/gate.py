"""The gate as `prove` and `release` show it: the proof of each chapter, then what is to be mended."""

from typing import TYPE_CHECKING

from rich.console import Console
from rich.markup import escape

from autograder.assignment.plurals import counted
from autograder.cli.show_progress import telling
from autograder.cli.show_proof import proving, show_proof

if TYPE_CHECKING:
    from autograder.assignment.nbgrader_course import NbgraderCourse
    from autograder.classroom.grade_class import Options
    from autograder.classroom.passage import Passage
    from autograder.classroom.warm_engine import WarmEngine
    from autograder.gate.gate import Examined


def pass_gate(
    course: "NbgraderCourse",
    assignment: str,
    options: "Options",
    warm: "WarmEngine",
    out: Console,
    err: Console,
    *,
    thorough: bool = False,
) -> "Passage":
    """Prove one assignment and, of a course in our layout, examine all else; show both.

    A notebook that cannot be released is not run.
    raises: UserError as `prove_assignment` does
    """
    from autograder.classroom.grade_class import prove_assignment
    from autograder.classroom.passage import Gate

    gate = Gate(course, assignment)
    if refused := gate.refused():
        out.print(f"[bold]{escape(assignment)}[/]: not run", soft_wrap=True)
        _show_findings(refused.examined, out)
        return refused
    with proving(assignment, err) as progress:
        proof = prove_assignment(course, assignment, options, progress, warm)
    show_proof(proof, out)
    with telling(f"{assignment}: known answers", err) as tell:
        passage = gate.after(proof, options, thorough=thorough, progress=tell)
    _show_findings(passage.examined, out)
    return passage


def _show_findings(found: "Examined | None", out: Console) -> None:
    """found: None of a course in another layout, of which the gate knows no more"""
    if found is None:
        return
    if found.known:
        kept = found.known - found.judged
        told = f", of which {kept} had not changed" if kept else ""
        out.print(f"  {counted(found.known, 'known answer')} judged{told}", soft_wrap=True)
    for finding in found.findings:
        out.print(f"  [red]to mend[/] {escape(str(finding))}", soft_wrap=True)
    for to_do in found.to_dos:
        out.print(f"  [yellow]to do[/] {escape(str(to_do))}", soft_wrap=True)
