"""The cells of one merged notebook, run one after the other: what each check gives."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from typing import Any

from nbformat import NotebookNode

from autograder.assignment.blueprint import NotebookBlueprint
from autograder.assignment.merge import Merged
from autograder.assignment.notebook import Kind, grade_id_of, is_hidden_source, kind_of, marks_of
from autograder.assignment.notes import printable
from autograder.assignment.outcome import CheckResult
from autograder.engine.session import CheckRun, Session
from autograder.grading.blame import Blame
from autograder.grading.check_cache import CheckCache
from autograder.grading.outputs import cell_outputs, check_outputs

IN_PLACE_TAG = "in-place"
"""A check with this tag wants to see its arguments changed by the answer."""
_RUNS = (Kind.SETUP, Kind.ANSWER, Kind.CHECK, Kind.EXTRA, Kind.WRITTEN)

Progress = Callable[[int, int, str], None]
"""Called with a cell's number, how many there are, and its name."""


class NotebookRun:
    """One session's way through a merged notebook.

    blame: what went wrong so far, and whose fault it was
    until: names of cells below the last of which nothing is wanted; None if everything is
    """

    def __init__(
        self,
        blueprint: NotebookBlueprint,
        merged: Merged,
        session: Session,
        with_hidden: bool,
        progress: Progress,
        until: frozenset[str] | None,
    ) -> None:
        self._merged, self._session, self._progress = merged, session, progress
        self.blame = Blame(blueprint, merged.missing)
        cells = blueprint.notebook.cells
        texts = blueprint.released or [cell.source for cell in cells]
        self._visible = {grade_id_of(cell): text for cell, text in zip(cells, texts, strict=True)}
        self._cells = [
            (index, cell)
            for index, cell in enumerate(merged.notebook.cells)
            if blueprint.runs(cell)
            and kind_of(cell) in _RUNS
            and (with_hidden or not (kind_of(cell) is Kind.CHECK and is_hidden_source(cell.source)))
        ]
        if until is not None:
            numbers = [n for n, (_, cell) in enumerate(self._cells) if grade_id_of(cell) in until]
            self._cells = self._cells[: max(numbers, default=-1) + 1]

    def checks(
        self, remembered: CheckCache, files: Mapping[str, bytes], unheard: frozenset[str]
    ) -> dict[str, CheckResult]:
        """Run everything but what is remembered; the outputs stay in the merged notebook's cells.

        unheard: checks whose verdict counts beside the answer alone
        """
        results = {}
        known = remembered.plan([cell for _, cell in self._cells], files)
        for number, index, cell, label in self._one_by_one():
            kind, name = kind_of(cell), grade_id_of(cell)
            if number in known:
                results[name] = known[number]
            elif kind is Kind.CHECK:
                hidden = is_hidden_source(cell.source)
                in_place = IN_PLACE_TAG in (cell.metadata.get("tags") or [])
                released = self._visible.get(name, "")
                if name in unheard and not self._trusted_below(number, unheard):
                    self._session.leave_out(cell.source, released)
                    continue
                run = self._session.check(
                    cell.source, label, points_of(cell), hidden=hidden, in_place=in_place,
                    released=released,
                )  # fmt: skip
                if name in unheard:
                    continue
                results[name] = self._result(cell, run)
                cell.outputs = check_outputs(run, results[name], hidden=hidden)
                remembered.keep(number, results[name])
            elif kind is Kind.SETUP:
                theirs, ours = self._session.setup(cell.source, label)
                cell.outputs = cell_outputs(theirs)
                if not ours.from_student:
                    self.blame.setup(cell, name, ours)
            else:
                answer = self._session.answer(cell.source, label)
                cell.outputs = cell_outputs(answer)
                if kind is Kind.EXTRA and index not in self._merged.own and self._pristine(files):
                    self.blame.setup(cell, name or str(index + 1), answer)
                else:
                    self.blame.answer(cell, answer)
            cell.execution_count = number + 1
        return results

    def checks_beside(self, files: Mapping[str, bytes]) -> dict[str, CheckResult]:
        """Run everything in the student's own process, as nbgrader does."""
        results = {}
        for number, index, cell, label in self._one_by_one():
            kind, name = kind_of(cell), grade_id_of(cell)
            if kind is Kind.CHECK:
                hidden = is_hidden_source(cell.source)
                run = self._session.check_inside(cell.source, label, points_of(cell), hidden=hidden)
                run = replace(run, from_student=run.trace is not None and run.trace.own)
                results[name] = self._result(cell, run)
                cell.outputs = check_outputs(run, results[name], hidden=hidden)
            else:
                answer = self._session.answer(cell.source, label)
                cell.outputs = cell_outputs(answer)
                own = kind is Kind.EXTRA and index in self._merged.own
                if kind in (Kind.SETUP, Kind.EXTRA) and not own and self._pristine(files):
                    self.blame.setup(cell, name or str(index + 1), answer)
                else:
                    self.blame.answer(cell, answer)
            cell.execution_count = number + 1
        return results

    def _one_by_one(self) -> Iterator[tuple[int, int, NotebookNode, str]]:
        """Each cell with its number in this run, its place in the notebook and what it is called."""
        for number, (index, cell) in enumerate(self._cells):
            label = grade_id_of(cell) or f"cell {index + 1}"
            self._progress(number, len(self._cells), label)
            yield number, index, cell, label
        self._progress(len(self._cells), len(self._cells), "")

    def _trusted_below(self, number: int, unheard: frozenset[str]) -> bool:
        """Whether a setup cell or a check that counts follows: it may need what this one does."""
        return any(
            kind_of(cell) is Kind.SETUP
            or (kind_of(cell) is Kind.CHECK and grade_id_of(cell) not in unheard)
            for _, cell in self._cells[number + 1 :]
        )

    def _pristine(self, files: Mapping[str, bytes]) -> bool:
        """Whether what runs in the student's process, too, is the course's alone so far."""
        return self.blame.pristine and not any(name.endswith(".py") for name in files)

    def _result(self, cell: Any, run: CheckRun) -> CheckResult:
        outcome, message = self.blame.check(cell, run)
        return CheckResult(
            grade_id_of(cell), outcome, run.score, points_of(cell), printable(message), run.seconds,
            students_word=tuple(sorted(run.students_word)),
        )  # fmt: skip


def points_of(cell: Any) -> float:
    """The points of a cell that has any."""
    return float(marks_of(cell).get("points") or 0)
