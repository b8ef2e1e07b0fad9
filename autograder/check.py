"""A student's own check: run the answers in a fresh kernel and say what each check says."""

import asyncio
import math
import re
import sys
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from enum import Enum
from pathlib import Path
from typing import Any

from jupyter_client.manager import AsyncKernelManager
from nbclient import NotebookClient
from nbclient.exceptions import CellTimeoutError, DeadKernelError

from autograder.assignment import (
    Assignment,
    Cell,
    Kind,
    grade_id_of,
    kind_of,
    marks_of,
    read_assignment,
    read_notebook,
)
from autograder.course import Course
from autograder.errors import UserError
from autograder.identify import chapter_of
from autograder.merge import merge

_PATIENCE = 5
"""Seconds from an interrupt, or from the end of a cell, until all of its output must be here."""
_SKIPPED = (Kind.TEXT, Kind.WRITTEN, Kind.EXPLORE)


class Outcome(Enum):
    """What became of one check."""

    PASSED = "passed"
    PARTIAL = "partial"
    FAILED = "failed"
    UNANSWERED = "unanswered"
    ERROR = "error"
    TIMEOUT = "timeout"
    DIED = "died"
    HIDDEN = "hidden"


@dataclass(frozen=True)
class Verdict:
    """One check: its outcome, the points it brought of those it has, and its message."""

    grade_id: str
    outcome: Outcome
    score: float
    points: float
    message: str
    seconds: float


@dataclass(frozen=True)
class CheckReport:
    """A notebook's verdicts by grade_id, in order; notes say what was repaired."""

    assignment: Assignment
    verdicts: Mapping[str, Verdict]
    notes: tuple[str, ...]

    @property
    def visible(self) -> tuple[Verdict, ...]:
        return tuple(v for v in self.verdicts.values() if v.outcome is not Outcome.HIDDEN)

    @property
    def score(self) -> float:
        return sum(verdict.score for verdict in self.visible)

    @property
    def points(self) -> float:
        return sum(verdict.points for verdict in self.visible)

    @property
    def all_passed(self) -> bool:
        return all(verdict.outcome is Outcome.PASSED for verdict in self.visible)

    def as_json(self) -> dict[str, Any]:
        """The report as plain data, for `--json`."""
        return {
            "assignment": self.assignment.name,
            "score": self.score,
            "max_score": self.points,
            "checks": {
                verdict.grade_id: {
                    "outcome": verdict.outcome.value,
                    "score": verdict.score,
                    "max_score": verdict.points,
                    "message": verdict.message,
                    "seconds": round(verdict.seconds, 3),
                }
                for verdict in self.verdicts.values()
            },
            "notes": list(self.notes),
        }


def check_notebook(
    path: Path,
    course: Course,
    *,
    timeout: int = 120,
    progress: Callable[[int, int, str], None] = lambda done, total, what: None,
) -> CheckReport:
    """Run the checks of the chapter that the notebook `path` belongs to.

    The checks are the release's, whatever stands in the student's file; the file is only read.
    timeout:  seconds that one cell may take
    progress: called with (cells done, cells in all, what runs next)
    raises:   UserError if the file is missing, no notebook, or of another course
    """
    chapter = chapter_of(path, course)
    released_path = next((course.release / chapter).glob("*.ipynb"))
    assignment = read_assignment(released_path)
    merged = merge(read_notebook(released_path), read_notebook(path))
    runnable = [cell for cell in merged.notebook.cells if _runs(cell)]
    for cell in runnable:
        cell.outputs = []
    runner = _Runner(merged.notebook, folder=path.resolve().parent, timeout=timeout)
    verdicts = {
        cell.grade_id: Verdict(cell.grade_id, Outcome.HIDDEN, 0.0, cell.points, "", 0.0)
        for cell in assignment.checks
    }
    broken: dict[str, str] = {}
    with runner:
        for number, cell in enumerate(runnable):
            grade_id = grade_id_of(cell)
            progress(number, len(runnable), grade_id or "your own cell")
            verdict = runner.run(cell)
            if kind_of(cell) is Kind.ANSWER and verdict.outcome is Outcome.ERROR:
                broken[grade_id] = f"{grade_id}: your answer does not run: {verdict.message}"
            if kind_of(cell) is Kind.CHECK:
                answer = grade_id.split("-")[0]
                if answer in broken and verdict.outcome is not Outcome.PASSED:
                    verdict = replace(verdict, message=broken[answer])
                verdicts[grade_id] = verdict
    progress(len(runnable), len(runnable), "")
    return CheckReport(assignment, verdicts, merged.notes)


def _runs(cell: Any) -> bool:
    kind = kind_of(cell)
    hidden = kind is Kind.CHECK and Cell(0, kind, cell.source).hidden
    return kind not in _SKIPPED and not hidden and cell.cell_type == "code"


class _Runner:
    """One kernel. After it died, whatever is left is reported as such, not run."""

    def __init__(self, notebook: Any, folder: Path, timeout: int) -> None:
        if sys.platform == "win32":  # zmq needs the older event loop there
            asyncio.set_event_loop_policy(asyncio.WindowsSelectorEventLoopPolicy())
        self._timeout = timeout
        self._dead = ""
        self._notebook = notebook
        self._client = NotebookClient(
            notebook,
            timeout=timeout,
            interrupt_on_timeout=True,
            error_on_timeout={"ename": "CellTimeoutError", "evalue": "", "traceback": []},
            iopub_timeout=_PATIENCE,
            raise_on_iopub_timeout=True,  # it goes on in spite of the interrupt
            allow_errors=True,
            record_timing=False,
            shutdown_kernel="immediate",
            km=AsyncKernelManager(kernel_name="python3", transport_encryption="auto"),
            extra_arguments=["--HistoryManager.enabled=False"],
            resources={"metadata": {"path": str(folder)}},
        )

    def __enter__(self) -> "_Runner":
        self._context = self._client.setup_kernel(cleanup_kc=True)  # end it, though we made it
        try:
            self._context.__enter__()
        except Exception as error:
            raise UserError(
                f"The Python kernel does not start ({error}); `autograder doctor` says why."
            ) from error
        return self

    def __exit__(self, *details: object) -> None:
        self._context.__exit__(*details)

    def run(self, cell: Any) -> Verdict:
        """Run one cell of the notebook and say what came of it."""
        began = time.monotonic()
        outcome, score, message = Outcome.DIED, 0.0, self._dead
        if not self._dead:
            try:
                self._client.execute_cell(cell, self._notebook.cells.index(cell))
                outcome, score, message = _result(cell, self._timeout)
            except CellTimeoutError:
                outcome, message = Outcome.TIMEOUT, _too_long(self._timeout)
                self._dead = f"an earlier cell ran for {self._timeout} s and could not be stopped"
            except DeadKernelError:
                message = "this cell ended Python (out of memory?)"
                self._dead = "an earlier cell ended Python (out of memory?)"
        return Verdict(
            grade_id_of(cell), outcome, score, _points(cell), message, time.monotonic() - began
        )


def _points(cell: Any) -> float:
    return float(marks_of(cell).get("points") or 0) if kind_of(cell) is Kind.CHECK else 0.0


def _result(cell: Any, timeout: int) -> tuple[Outcome, float, str]:
    """Outcome, score and message of a cell that ran."""
    errors = [output for output in cell.outputs if output.output_type == "error"]
    if errors:
        outcome, message = _failure(errors[0], timeout)
        return outcome, 0.0, message
    points = _points(cell)
    results = [o for o in cell.outputs if o.output_type == "execute_result"]
    if not points or not results:
        return Outcome.PASSED, points, ""
    value = str(results[0].data.get("text/plain", ""))
    try:
        score = float(value)
    except ValueError:
        score = math.nan
    if not 0 <= score <= points:  # nbgrader takes some of these for full marks
        problem = f"this check ended with {value[:60]}, which is no score from 0 to {points:g}"
        return Outcome.ERROR, 0.0, f"{problem}: tell your instructor"
    if score == points:
        return Outcome.PASSED, score, ""
    outcome = Outcome.PARTIAL if score else Outcome.FAILED
    return outcome, score, f"{score:g} of {points:g} points"


def _too_long(timeout: int) -> str:
    return f"stopped after {timeout} s: is there a loop without an end?"


def _failure(error: Any, timeout: int) -> tuple[Outcome, str]:
    name, text = error.ename, " ".join(error.evalue.split())
    if name == "AssertionError":
        return Outcome.FAILED, text or "failed without a message"
    if name == "NotImplementedError":
        return Outcome.UNANSWERED, f"not answered yet: {text}" if text else "not answered yet"
    if name in ("CellTimeoutError", "KeyboardInterrupt"):
        return Outcome.TIMEOUT, _too_long(timeout)
    if name in ("SyntaxError", "IndentationError", "TabError"):
        text = re.sub(r"\([^()]*\.py, (line \d+)\)", r"(\1)", text)
        return Outcome.ERROR, f"{name}: {text}"
    place = _last_line_of_answer(error.traceback)
    return Outcome.ERROR, f"{name}: {text}{place}"


def _last_line_of_answer(traceback: list[str]) -> str:
    """Where an exception came from: the last `File …, in f` or `Cell In[n], line k` of it."""
    plain = re.sub(r"\x1b\[[0-9;]*m", "", "\n".join(traceback))
    arrows = re.findall(r"^-+> *(\d+) (.*)$", plain, re.MULTILINE)
    inside = re.findall(r"in (\w+)\(", plain)
    if not arrows:
        return ""
    where = f" in {inside[-1]}" if inside else ""
    return f" (line {arrows[-1][0]}{where}: `{arrows[-1][1].strip()}`)"
