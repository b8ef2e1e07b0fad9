"""What the author's panel in JupyterLab shows of a chapter: plain data, each finding with its cell.

Nothing is judged here: the findings are those of `autograder prove`, from the functions that it
calls.
"""

from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import Any

from autograder.assignment.course import Course
from autograder.assignment.errors import UserError
from autograder.assignment.nbgrader_course import open_course
from autograder.assignment.notebook import (
    Assignment,
    Kind,
    assignment_from,
    grade_id_of,
    read_notebook,
)
from autograder.assignment.outcome import Way
from autograder.assignment.plurals import counted
from autograder.authoring import scaffold
from autograder.authoring.findings import Finding, place
from autograder.classroom.passage import pass_gate
from autograder.gate.gate import contract_findings, open_to_dos, source_findings
from autograder.grading.proof import CheckProof, Proof
from autograder.lab.orders import Tell


def contract(course: Course, path: Path) -> dict[str, Any]:
    """What the contract finds in a saved notebook; nothing is run.

    returns: chapter; findings and to_dos, each with `where`, `says`, the `cell`'s id and `index`,
             or the `file` below the course; exercises, each with its `answer` and `title`
    """
    chapter = path.parent.name
    sheet = _Sheet(course, path)
    return {
        "chapter": chapter,
        "findings": sheet.shown(contract_findings(course, chapter)),
        "to_dos": [*sheet.to_dos()],
        "exercises": [*sheet.exercises()],
    }


def release(course: Course, path: Path) -> dict[str, Any]:
    """What else is found without running anything: leaks, the glossary, the note of imports."""
    chapter = path.parent.name
    found = tuple(source_findings(course, chapter))
    return {"chapter": chapter, "findings": _Sheet(course, path).shown(found)}


def proof(course: Course, path: Path, tell: Tell) -> dict[str, Any]:
    """Let the chapter pass the gate.

    returns: chapter; open (whether nothing stands against a release); findings; remarks on checks
             that are as they may be; known answers that count, and how many of them ran
    raises: UserError as `prove_assignment` does
    """
    chapter = path.parent.name
    passage = pass_gate(
        open_course(course.root),
        chapter,
        proving=lambda who: tell(0, 0, f"grading {who}"),
        judging=lambda done, total, what: tell(done, total, f"known answer {what}"),
    )
    sheet = _Sheet(course, path)
    found, remarks = sheet.of_proof(passage.proof) if passage.proof else ([], [])
    examined = passage.examined
    return {
        "chapter": chapter,
        "open": passage.open,
        "findings": sheet.shown([*found, *(examined.findings if examined else ())]),
        "remarks": sheet.shown(remarks),
        "known": examined.known if examined else 0,
        "judged": examined.judged if examined else 0,
    }


def new_exercise(course: Course, path: Path, wanted: dict[str, Any]) -> dict[str, Any]:
    """Put an exercise into the notebook and write its known answers.

    wanted:  arguments of `scaffold.new_exercise`
    returns: files that were written, notes on the rest, and where the exercise begins
    raises: UserError with the command's own sentence
    """
    made = scaffold.new_exercise(course, path.parent.name, **wanted)
    sheet = _Sheet(course, path)
    begin = next(
        one.cells[0].index
        for one in sheet.assignment.exercises
        if any(cell.grade_id == wanted["answer"] for cell in one.cells)
    )
    return {
        "written": [file.relative_to(course.root).as_posix() for file in made.written],
        "notes": list(made.notes),
        **sheet.cell(begin),
    }


class _Sheet:
    """A notebook as it is saved now, for the ids of its cells; empty if it cannot be read."""

    def __init__(self, course: Course, path: Path) -> None:
        self.course, self.path = course, path
        self.cells: list[Any] = []
        self.assignment = Assignment(path.parent.name, path.stem, "", "", 0, (), ())
        with suppress(UserError):  # the contract says it
            self.notebook = read_notebook(path)
            self.cells = self.notebook.cells
            self.assignment = assignment_from(self.notebook, path.parent.name, path.stem)

    def shown(self, findings: Iterable[Finding]) -> list[dict[str, Any]]:
        """In the order of the notebook; what is about no cell comes first."""
        ordered = sorted(findings, key=lambda one: -1 if one.index is None else one.index)
        return [self._shown(one) for one in ordered]

    def _shown(self, finding: Finding, file: Path | None = None) -> dict[str, Any]:
        index = finding.index
        where = finding.place
        if index is not None and index >= len(self.cells):  # edited since
            index = None
        if not where and index is not None:
            where = place(self.notebook, index)
        elsewhere = file.relative_to(self.course.root).as_posix() if file else ""
        return {"where": where, "says": finding.says, "file": elsewhere, **self.cell(index)}

    def cell(self, index: int | None) -> dict[str, Any]:
        """Where JupyterLab finds it: by id, or in files without ids by its index."""
        name = "" if index is None else self.cells[index].get("id", "")
        return {"cell": name, "index": index}

    def to_dos(self) -> Iterator[dict[str, Any]]:
        with suppress(UserError):  # a file that cannot be read
            for file, one in open_to_dos(self.course, self.path.parent.name):
                yield self._shown(one, None if file == self.path else file)

    def exercises(self) -> Iterator[dict[str, str]]:
        """Exercises that another can be put beside, with a name by which they are told."""
        for exercise in self.assignment.exercises:
            names = [c.grade_id for c in exercise.cells if c.kind in (Kind.ANSWER, Kind.WRITTEN)]
            if names:
                yield {"answer": names[0], "title": exercise.title.replace("`", "")}

    def of_proof(self, proof: Proof) -> tuple[list[Finding], list[Finding]]:
        """What stands against a release, and what is as it may be."""
        found = [Finding("", fault.rstrip(".")) for fault in proof.faults]
        remarks = []
        for check in proof.checks:
            where = self._check(check)
            against, beside = _said(check)
            found += [replace(where, says=said) for said in against]
            remarks += [replace(where, says=said) for said in beside]
        return found, remarks

    def _check(self, check: CheckProof) -> Finding:
        """The place of a check, by JupyterLab's number if it is still there."""
        for index, node in enumerate(self.cells):
            if grade_id_of(node) == check.grade_id:
                return Finding(place(self.notebook, index), "", index)
        return Finding(check.grade_id, "")


def _said(check: CheckProof) -> tuple[list[str], list[str]]:
    """What a check's proof says against a release, and what is as it may be."""
    against: list[str] = []
    beside: list[str] = []
    if check.reason or check.way is Way.BROKEN:
        said = f"{check.way.value}, {check.reason}"
        (against if check.way is Way.BROKEN else beside).append(said)
    if check.for_nothing:
        against.append(f"the stub earns {counted(check.for_nothing, 'point')}")
    if check.students_word:
        beside.append(f"student's word, {', '.join(check.students_word)}")
    if check.short:
        beside.append(f"the solution earns {counted(check.short, 'point')} less than there are")
    return against, beside
