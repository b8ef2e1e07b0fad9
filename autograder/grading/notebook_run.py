"""The cells of one merged notebook, run one after the other: what each check gives."""

import copy
import itertools
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from functools import partial
from typing import Any

from nbformat import NotebookNode

from autograder.assignment.blueprint import NotebookBlueprint
from autograder.assignment.merge import Merged
from autograder.assignment.notebook import Kind, grade_id_of, is_hidden_source, kind_of, marks_of
from autograder.assignment.notes import printable
from autograder.assignment.outcome import CheckResult, Outcome
from autograder.engine.session import CheckRun, Session
from autograder.grading.blame import Blame
from autograder.grading.outputs import cell_outputs, check_outputs

IN_PLACE_TAG = "in-place"
"""A check with this tag wants to see its arguments changed by the answer."""
_RUNS = (Kind.SETUP, Kind.ANSWER, Kind.CHECK, Kind.EXTRA, Kind.WRITTEN)

Progress = Callable[[int, int, str], None]
"""Called with a cell's number, how many there are, and its name."""


class NotebookRun:
    """One session's way through a merged notebook.

    files:   the student's files beside the notebook
    unheard: checks whose verdict counts beside the answer alone
    until:   names of cells below the last of which nothing is wanted; None if everything is
    blame:   what went wrong so far, and whose fault it was
    seconds: that each cell took, as far as they have run
    """

    def __init__(
        self,
        blueprint: NotebookBlueprint,
        merged: Merged,
        files: Mapping[str, bytes],
        session: Session,
        with_hidden: bool = True,
        progress: Progress = lambda done, total, what: None,
        until: frozenset[str] | None = None,
        unheard: frozenset[str] = frozenset(),
    ) -> None:
        self.session = session
        self._blueprint, self._merged, self._files = blueprint, merged, files
        self._with_hidden, self._until, self._unheard = with_hidden, until, unheard
        self._progress = progress
        self.blame = Blame(blueprint, merged.missing)
        cells = blueprint.notebook.cells
        texts = blueprint.released or [cell.source for cell in cells]
        self._visible = {grade_id_of(cell): text for cell, text in zip(cells, texts, strict=True)}
        self._cells = self._wanted(merged)
        self._results: dict[str, CheckResult] = {}
        self.seconds: list[float] = []

    def _wanted(self, merged: Merged) -> list[tuple[int, NotebookNode]]:
        """The cells to run, with their places in the notebook."""
        cells = [
            (index, cell)
            for index, cell in enumerate(merged.notebook.cells)
            if self._blueprint.runs(cell)
            and kind_of(cell) in _RUNS
            and (
                self._with_hidden
                or not (kind_of(cell) is Kind.CHECK and is_hidden_source(cell.source))
            )
        ]
        if self._until is not None:
            last = [n for n, (_, cell) in enumerate(cells) if grade_id_of(cell) in self._until]
            cells = cells[: max(last, default=-1) + 1]
        return cells

    @property
    def cells(self) -> Sequence[NotebookNode]:
        """The cells to run, in order."""
        return [cell for _, cell in self._cells]

    def outcome(self, cell: NotebookNode) -> Outcome | None:
        """What came of a check that has run; None of any other cell."""
        if kind_of(cell) is not Kind.CHECK or grade_id_of(cell) not in self._results:
            return None
        return self._results[grade_id_of(cell)].outcome

    def again(self, session: Session) -> "NotebookRun":
        """Begin another run of the same cells."""
        merged = copy.deepcopy(self._merged)
        return NotebookRun(
            self._blueprint, merged, self._files, session, self._with_hidden,
            until=self._until, unheard=self._unheard,
        )  # fmt: skip

    def go_on(self, merged: Merged, files: Mapping[str, bytes], progress: Progress) -> bool:
        """Go on with an edited notebook if all that has run is the same; whether it is."""
        cells = self._wanted(merged)
        done = len(self.seconds)
        same = files == self._files and merged.missing == self._merged.missing
        if not same or self._all_of(cells, merged)[:done] != self._all_of()[:done]:
            return False
        for (_, new), (_, old) in zip(cells[:done], self._cells, strict=False):
            new.outputs, new.execution_count = old.outputs, old.execution_count
        self._merged, self._cells, self._progress = merged, cells, progress
        return True

    def first_difference(self, other: "NotebookRun") -> int | None:
        """Number of the first cell that is not as in another run; None if all are."""
        pairs = itertools.zip_longest(self._all_of(), other._all_of())
        return next((n for n, (one, another) in enumerate(pairs) if one != another), None)

    def _all_of(
        self, cells: Sequence[tuple[int, NotebookNode]] | None = None, merged: Merged | None = None
    ) -> list[Any]:
        """All that running a cell may depend on, for each of them."""
        own = (merged or self._merged).own
        return [
            (kind_of(cell), _label(index, cell), cell.source, cell.metadata, index in own)
            for index, cell in (self._cells if cells is None else cells)
        ]

    def checks(
        self, until: int | None = None, stop: Callable[[], bool] = lambda: False
    ) -> dict[str, CheckResult]:
        """Run the cells that have not run yet; the outputs stay in the merged notebook's cells.

        until: number of a cell to wait at
        stop:  asked between two cells whether to wait there
        """
        for number, index, cell, label in self._one_by_one(until, stop):
            kind, name = kind_of(cell), grade_id_of(cell)
            if kind is Kind.CHECK:
                hidden = is_hidden_source(cell.source)
                in_place = IN_PLACE_TAG in (cell.metadata.get("tags") or [])
                released = self._visible.get(name, "")
                if name in self._unheard and not self._trusted_below(number):
                    self.session.leave_out(cell.source, released)
                    continue
                run = self.session.check(
                    cell.source, label, points_of(cell), hidden=hidden, in_place=in_place,
                    released=released,
                )  # fmt: skip
                if name in self._unheard:
                    continue
                self._results[name] = self._result(cell, run)
                cell.outputs = check_outputs(run, self._results[name], hidden=hidden)
            elif kind is Kind.SETUP:
                theirs, ours = self.session.setup(cell.source, label)
                cell.outputs = cell_outputs(theirs)
                if not ours.from_student:
                    self.blame.setup(cell, name, ours)
            else:
                answer = self.session.answer(cell.source, label)
                cell.outputs = cell_outputs(answer)
                if kind is Kind.EXTRA and index not in self._merged.own and self._pristine():
                    self.blame.setup(cell, name or str(index + 1), answer)
                else:
                    self.blame.answer(cell, answer)
            cell.execution_count = number + 1
        return self._results

    def checks_beside(self) -> dict[str, CheckResult]:
        """Run everything in the student's own process, as nbgrader does."""
        for number, index, cell, label in self._one_by_one():
            kind, name = kind_of(cell), grade_id_of(cell)
            if kind is Kind.CHECK:
                hidden = is_hidden_source(cell.source)
                run = self.session.check_inside(cell.source, label, points_of(cell), hidden=hidden)
                run = replace(run, from_student=run.trace is not None and run.trace.own)
                self._results[name] = self._result(cell, run)
                cell.outputs = check_outputs(run, self._results[name], hidden=hidden)
            else:
                answer = self.session.answer(cell.source, label)
                cell.outputs = cell_outputs(answer)
                own = kind is Kind.EXTRA and index in self._merged.own
                if kind in (Kind.SETUP, Kind.EXTRA) and not own and self._pristine():
                    self.blame.setup(cell, name or str(index + 1), answer)
                else:
                    self.blame.answer(cell, answer)
            cell.execution_count = number + 1
        return self._results

    def _one_by_one(
        self, until: int | None = None, stop: Callable[[], bool] = lambda: False
    ) -> Iterator[tuple[int, int, NotebookNode, str]]:
        """Each cell that has not run, with its number in this run, its place and its name."""
        for number in range(len(self.seconds), len(self._cells) if until is None else until):
            if stop():
                return
            index, cell = self._cells[number]
            label = _label(index, cell)
            self.session.alive = partial(self._progress, number, len(self._cells), label)
            self.session.alive()
            began = time.monotonic()
            yield number, index, cell, label
            self.seconds.append(time.monotonic() - began)
        if until is None:
            self._progress(len(self._cells), len(self._cells), "")

    def _trusted_below(self, number: int) -> bool:
        """Whether a setup cell or a check that counts follows: it may need what this one does."""
        return any(
            kind_of(cell) is Kind.SETUP
            or (kind_of(cell) is Kind.CHECK and grade_id_of(cell) not in self._unheard)
            for _, cell in self._cells[number + 1 :]
        )

    def _pristine(self) -> bool:
        """Whether what runs in the student's process, too, is the course's alone so far."""
        return self.blame.pristine and not any(name.endswith(".py") for name in self._files)

    def _result(self, cell: Any, run: CheckRun) -> CheckResult:
        outcome, message = self.blame.check(cell, run)
        return CheckResult(
            grade_id_of(cell), outcome, run.score, points_of(cell), printable(message), run.seconds,
            students_word=tuple(sorted(run.students_word)),
        )  # fmt: skip


def _label(index: int, cell: Any) -> str:
    """What a cell is called where it is run."""
    return grade_id_of(cell) or f"cell {index + 1}"


def points_of(cell: Any) -> float:
    """The points of a cell that has any."""
    return float(marks_of(cell).get("points") or 0)
