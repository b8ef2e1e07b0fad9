"""Entering an assignment into the gradebook, as nbgrader's GenerateAssignment and SaveCells do.

They refuse to add or remove cells once submissions are graded. Here the gradebook is brought along,
in the caller's transaction:

- a cell that was only renamed keeps its row, and so everybody's scores and comments;
- a new one gets a row, and in each submission a grade that waits until it is graded again;
- one that is gone goes with its grades; what a person gave there is written into the history first;
- where points were lowered, a person's score above them stays, and waits.

So with notebooks. That everybody is graded again follows from the assignment's key.
"""

import json
from collections import Counter, defaultdict
from collections.abc import Hashable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

from nbgrader import api
from nbgrader.utils import compute_checksum, is_grade, is_locked, is_solution, is_task
from sqlalchemy import delete, insert, or_, select, update
from sqlalchemy.orm import Session

from autograder.assignment.blueprint import Blueprint, NotebookBlueprint
from autograder.assignment.notes import named
from autograder.assignment.plurals import counted
from autograder.gradebook import history
from autograder.gradebook.history import Entry, Happened
from autograder.gradebook.late_plugin import points_of
from autograder.gradebook.rows import SubmissionRows

_KINDS = {
    "GradeCell": api.GradeCell,
    "SolutionCell": api.SolutionCell,
    "TaskCell": api.TaskCell,
    "SourceCell": api.SourceCell,
}
_MARKED = ("GradeCell", "TaskCell")
"""The kinds of cells that have a grade in each submission."""
_SUBMISSION = api.SubmittedAssignment.__table__
_SUBMITTED = api.SubmittedNotebook.__table__
_GRADE = api.Grade.__table__
_COMMENT = api.Comment.__table__

Cells = Mapping[tuple[str, str], Any]
"""By kind and grade_id: nbgrader's rows, or the values that they are to have."""


@dataclass(frozen=True)
class Registered:
    """What became of submissions that the gradebook held already.

    notes:   what changed for them, one sentence each
    entries: for the history, in the same transaction
    """

    notes: tuple[str, ...] = ()
    entries: tuple[Entry, ...] = ()


def register(session: Session, blueprint: Blueprint, course_id: str) -> Registered:
    """Enter notebooks, cells and points into the session; the caller commits."""
    assignment = session.query(api.Assignment).filter_by(name=blueprint.assignment).one_or_none()
    if assignment is None:
        assignment = api.Assignment(blueprint.assignment, course_id=course_id)
        session.add(assignment)
        session.flush()
    return _Registering(session, assignment, blueprint).registered()


class _Registering:
    """One assignment on its way into the gradebook."""

    def __init__(self, session: Session, assignment: Any, blueprint: Blueprint) -> None:
        self._session, self._assignment, self._blueprint = session, assignment, blueprint
        query = select(_SUBMISSION.c.id, _SUBMISSION.c.student_id)
        query = query.where(_SUBMISSION.c.assignment_id == assignment.id)
        rows = session.execute(query.order_by(_SUBMISSION.c.student_id))
        self._students = {row.id: row.student_id for row in rows}
        """By submission."""
        self._renamed: dict[str, str] = {}
        """What was "NOTEBOOK/GRADE_ID" before, and what it is now."""
        self._removed: defaultdict[str, dict[str, dict[str, Any]]] = defaultdict(dict)
        """By student and "NOTEBOOK/GRADE_ID": what a person gave in cells that are gone."""
        self._above: set[str] = set()
        """Who has more points of a person's somewhere than there are now."""
        self._notes: list[str] = []

    def registered(self) -> Registered:
        """Do it all; see `register`."""
        wanted = {notebook.name: _wanted(notebook) for notebook in self._blueprint.notebooks}
        held = {notebook.name: notebook for notebook in self._assignment.notebooks}
        cells = {name: _held(notebook) for name, notebook in held.items()}
        before: dict[str, Entry] = {}
        if self._students and _concerns_grades(cells, wanted):
            before = {student: self._state(student) for student in self._students.values()}
        texts = [
            {name: frozenset(_contents(of).items()) for name, of in side.items()}
            for side in (cells, wanted)
        ]
        for old, new in _renamed(*texts).items():
            held[new], cells[new] = held.pop(old), cells.pop(old)
            held[new].name = new
            self._renamed |= {f"{old}/{cell}": f"{new}/{cell}" for _, cell in cells[new]}
            self._note(f"{old} is called {new} now; scores and comments in it were kept")
        for name in [name for name in held if name not in wanted]:
            self._remove(name, list(cells[name].values()))
            self._remove_notebook(held[name])
            self._note(f"{name} was removed with its scores")
        for notebook in self._blueprint.notebooks:
            row = held.get(notebook.name)
            if row is None:
                row = api.Notebook(name=notebook.name, assignment_id=self._assignment.id)
                self._session.add(row)
                self._note(f"{notebook.name} was added")
            row.kernelspec = json.dumps(notebook.notebook.metadata.get("kernelspec", {}))
            self._session.flush()
            self._enter(row, cells.get(notebook.name, {}), wanted[notebook.name])
        if self._removed:
            self._note(
                "what a person gave in what was removed is in the history: "
                f"{named(sorted(self._removed))}"
            )
        return Registered(tuple(self._notes), tuple(self._entries(before)))

    def _enter(self, notebook: Any, held: Cells, wanted: Cells) -> None:
        """Enter the cells of a notebook as SaveCells does."""
        before, now = _contents(held), _contents(wanted)
        taken = [{name: None for _, name in side} for side in (held, wanted)]  # also by other cells
        names = _renamed({**taken[0], **before}, {**taken[1], **now})
        for old, new in names.items():
            for cell in [cell for (_, name), cell in held.items() if name == old]:
                cell.name = new
            self._renamed[f"{notebook.name}/{old}"] = f"{notebook.name}/{new}"
            self._note(f"{old} is called {new} now; scores and comments there were kept")
        held = {(kind, names.get(name, name)): cell for (kind, name), cell in held.items()}
        gone = {place: cell for place, cell in held.items() if place not in wanted}
        new_ones = [place for place in wanted if place not in held]
        self._remove(notebook.name, list(gone.values()))
        for name in before:
            if name not in now and name not in names:
                self._note(f"{name} was removed with its scores")
        for name in now:
            if held and name not in before and name not in names.values():
                self._note(f"{name} was added")
        for (kind, name), values in wanted.items():
            cell = held.get((kind, name))
            if cell is None:
                cell = _KINDS[kind](name=name, notebook_id=notebook.id)
                self._session.add(cell)
            elif kind in _MARKED and values["max_score"] < cell.max_score:
                self._lower(cell, values["max_score"])
            for attribute, value in values.items():
                setattr(cell, attribute, value)
        self._session.flush()
        self._let_wait(notebook, {name for kind, name in new_ones if kind in _MARKED})

    def _let_wait(self, notebook: Any, names: set[str]) -> None:
        """Give each submission grades in new cells: waiting, for nothing was graded there yet."""
        if not (self._students and names):
            return
        do = self._session.execute
        query = select(_SUBMITTED.c.assignment_id, _SUBMITTED.c.id)
        query = query.where(_SUBMITTED.c.notebook_id == notebook.id)
        has = {row.assignment_id for row in do(query)}
        if missing := [submission for submission in self._students if submission not in has]:
            mine = {"notebook_id": notebook.id, "flagged": False}
            do(insert(_SUBMITTED), [{**mine, "assignment_id": each} for each in missing])
        cells = self._session.scalars(
            select(api.BaseCell.id).where(
                api.BaseCell.notebook_id == notebook.id,
                api.BaseCell.name.in_(names),
                api.BaseCell.type.in_(_MARKED),
            )
        ).all()
        graded = {
            (row.notebook_id, row.cell_id)
            for row in do(
                select(_GRADE.c.notebook_id, _GRADE.c.cell_id).where(_GRADE.c.cell_id.in_(cells))
            )
        }
        waiting = [
            {"notebook_id": row.id, "cell_id": cell, "needs_manual_grade": True}
            for row in do(query).all()
            for cell in cells
            if (row.id, cell) not in graded
        ]
        if waiting:
            do(insert(_GRADE), waiting)

    def _remove(self, notebook: str, cells: list[Any]) -> None:
        """Delete cells with their grades and comments; keep what a person gave."""
        bases = {cell.id: cell for cell in cells if isinstance(cell, api.BaseCell)}
        if self._students and bases:
            self._keep(notebook, bases)
            for table in (_GRADE, _COMMENT):
                self._session.execute(delete(table).where(table.c.cell_id.in_(list(bases))))
        for cell in cells:
            self._session.delete(cell)
        self._session.flush()

    def _keep(self, notebook: str, cells: Mapping[str, Any]) -> None:
        """Note what a person gave in these cells."""

        def kept(row: Any) -> dict[str, Any]:
            place = f"{notebook}/{cells[row.cell_id].name}"
            of_student = self._removed[self._students[row.submission]]
            return of_student.setdefault(place, {"score": 0.0, "max_score": 0.0, "comment": ""})

        given = or_(_GRADE.c.manual_score.is_not(None), _GRADE.c.extra_credit.is_not(None))
        for row in self._of_students(_GRADE, list(cells), given):
            score = points_of(row.manual_score, row.auto_score, row.extra_credit)
            kept(row).update(score=score, max_score=cells[row.cell_id].max_score)
        for row in self._of_students(_COMMENT, list(cells), _COMMENT.c.manual_comment.is_not(None)):
            kept(row)["comment"] = row.manual_comment

    def _of_students(self, table: Any, cells: Iterable[str], given: Any) -> Iterator[Any]:
        """Rows of grades or comments in these cells, each with its submission."""
        # What a person enters meanwhile waits: see the module `gradebook.database`.
        query = select(table, _SUBMITTED.c.assignment_id.label("submission"))
        query = query.join(_SUBMITTED, _SUBMITTED.c.id == table.c.notebook_id)
        query = query.where(table.c.cell_id.in_(list(cells)), given)
        yield from self._session.execute(query.with_for_update(of=table)).all()

    def _remove_notebook(self, notebook: Any) -> None:
        of_it = _SUBMITTED.c.notebook_id == notebook.id
        self._session.execute(delete(_SUBMITTED).where(of_it))
        self._session.delete(notebook)
        self._session.flush()

    def _lower(self, cell: Any, points: float) -> None:
        """A person's score above the new maximum waits; `SubmissionRows.enter` says why."""
        above = _GRADE.c.manual_score > points
        rows = list(self._of_students(_GRADE, [cell.id], above))
        if not rows:
            return
        of_cell = _GRADE.c.cell_id == cell.id
        self._session.execute(update(_GRADE).where(of_cell & above).values(needs_manual_grade=True))
        students = sorted(self._students[row.submission] for row in rows)
        self._above |= set(students)
        self._note(
            f"{cell.name} is worth {counted(points, 'point')} now, fewer than a person gave; these "
            f"scores wait for you: {named(students)}"
        )

    def _note(self, sentence: str) -> None:
        if self._students:
            self._notes.append(sentence)

    def _state(self, student: str) -> Entry:
        """Which answers the student's points are for, and which are settled, so far."""
        connection, assignment = self._session.connection(), self._blueprint.assignment
        before = history.last(connection, assignment, student)
        settled = SubmissionRows(connection, assignment, student).settled(before)
        answers = before.answers if before else {}
        return Entry(Happened.CHANGED, assignment, student, answers=answers, settled=settled)

    def _entries(self, before: Mapping[str, Entry]) -> Iterator[Entry]:
        """For whom something has another name, is gone, or waits."""
        for student, entry in before.items():
            if self._renamed or student in self._removed or student in self._above:
                yield replace(
                    entry,
                    checks=self._removed.get(student, {}),
                    answers=self._now(entry.answers),
                    settled=self._now(entry.settled),
                )

    def _now(self, by_place: Mapping[str, str]) -> dict[str, str]:
        return {self._renamed.get(place, place): by_place[place] for place in sorted(by_place)}


def _wanted(notebook: NotebookBlueprint) -> Cells:
    """What is to be entered of a notebook."""
    wanted: dict[tuple[str, str], dict[str, Any]] = {}
    for cell in notebook.notebook.cells:
        if not (is_grade(cell) or is_solution(cell) or is_locked(cell) or is_task(cell)):
            continue
        mark = cell.metadata["nbgrader"]
        name = mark["grade_id"]
        points = {"max_score": float(mark.get("points") or 0), "cell_type": cell.cell_type}
        if is_grade(cell):
            wanted["GradeCell", name] = points
        if is_solution(cell):
            wanted["SolutionCell", name] = {}
        if is_task(cell):
            wanted["TaskCell", name] = points
        wanted["SourceCell", name] = {
            "cell_type": cell.cell_type,
            "locked": is_locked(cell),
            "source": cell.source,
            "checksum": compute_checksum(cell),
        }
    return wanted


def _held(notebook: Any) -> Cells:
    """What the gradebook has of a notebook."""
    held: dict[tuple[str, str], Any] = {
        (cell.type, cell.name): cell for cell in notebook._base_cells
    }
    return held | {("SourceCell", cell.name): cell for cell in notebook.source_cells}


def _concerns_grades(held: Mapping[str, Cells], wanted: Mapping[str, Cells]) -> bool:
    """Whether cells came or went, or points were lowered."""
    return {name: set(cells) for name, cells in held.items()} != {
        name: set(cells) for name, cells in wanted.items()
    } or any(
        kind in _MARKED and values["max_score"] < held[notebook][kind, name].max_score
        for notebook, cells in wanted.items()
        for (kind, name), values in cells.items()
    )


def _contents(cells: Cells) -> dict[str, Hashable]:
    """Of each cell with points or an answer, by grade_id: its kinds, its type and its text."""
    kinds: defaultdict[str, set[str]] = defaultdict(set)
    texts: dict[str, tuple[str, str]] = {}
    for (kind, name), cell in cells.items():
        if kind == "SourceCell":
            is_row = isinstance(cell, api.SourceCell)
            texts[name] = (
                (cell.cell_type, cell.source) if is_row else (cell["cell_type"], cell["source"])
            )
        else:
            kinds[name].add(kind)
    return {name: (frozenset(those), texts.get(name)) for name, those in kinds.items()}


def _renamed(old: Mapping[str, Hashable], new: Mapping[str, Hashable]) -> dict[str, str]:
    """Names that went, each with the one that came instead: the only two of their content."""
    gone = {name: content for name, content in old.items() if name not in new}
    came = {name: content for name, content in new.items() if name not in old}
    of_content = {content: name for name, content in came.items()}
    before, after = Counter(gone.values()), Counter(came.values())
    return {
        name: of_content[content]
        for name, content in gone.items()
        if content is not None and before[content] == 1 == after[content]
    }
