"""Whose fault it is that a check did not pass: the course's, the check's or the answer's, in words.

An answer is blamed for what it did itself. A cell of the course's own that fails in the examiner,
where no line of a student's runs, fails for everybody: its dependents say so, and so does a note.
"""

import ast
import functools
import re
from collections.abc import Iterable
from typing import Any

from autograder.assignment.blueprint import NotebookBlueprint
from autograder.assignment.cell_names import parsed
from autograder.assignment.notebook import grade_id_of, is_hidden_source, marks_of
from autograder.assignment.notes import course_fault
from autograder.assignment.outcome import Outcome
from autograder.assignment.python_text import NOT_PYTHON, unparsed
from autograder.engine.session import CellRun, CheckRun
from autograder.engine.tracebacks import Trace, inside
from autograder.grading.course_names import read_and_bound

_PLACE = re.compile(r"line \d+(?P<inside> in [^`]*)?: `(?P<code>.*)`", re.DOTALL)
_FIRST_STEP = re.compile(r"\s*[^\n]*, line (\d+)")
_NOT_DEFINED = re.compile(r"name '(\w+)' is not defined")
_NO_MODULE = re.compile(r"No module named '(\w+)")


class Blame:
    """What is known of one notebook's cells so far, and what its checks say therefore.

    missing: grade_ids of the answers that are not in the submission
    """

    def __init__(self, blueprint: NotebookBlueprint, missing: Iterable[str]) -> None:
        self._blueprint, self._missing = blueprint, frozenset(missing)
        self._students = blueprint.student_names | read_and_bound(blueprint.answer_imports)[1]
        self._broken: dict[str, tuple[Outcome, str]] = {}
        """Names whose answer did not run to its end, and what its checks say therefore."""
        self._lost: dict[str, str] = {}
        """Names that a cell of the course's own would have bound, and the sentence about it."""
        self._lost_at_large = ""
        """The sentence about one of which it is not known what it would have bound."""
        self._cut: dict[str, str] = {}
        """Names that a check binds which did not come to its end, and that check."""
        self.pristine = True
        """Whether no code of the student's has run yet."""
        self.notes: list[str] = []

    def setup(self, cell: Any, name: str, run: CellRun) -> None:
        """A cell of the course's own has run where no code of a student's had run before."""
        read, bound = read_and_bound(cell.source)
        if run.trace is None:
            for name in bound if self._lost and not run.trouble else ():
                self._lost.pop(name, None)
            return
        if not self.pristine and (read - bound) & self._students:  # it may be the answers' doing
            return
        sentence = self._course_fault(name, run.trace)
        gone = _rest(cell.source, _first_line(run.trace))
        for lost in read_and_bound(gone)[1] if gone is not None else ():
            self._lost.setdefault(lost, sentence)
        if gone is None or _binds_at_large(gone):
            self._lost_at_large = self._lost_at_large or sentence

    def answer(self, cell: Any, run: CellRun) -> None:
        """An answer or a cell of the student's own has run."""
        self.pristine = False
        name = grade_id_of(cell)
        declared = self._blueprint.declares.get(name, frozenset())
        if not (run.trouble or run.trace):
            for one in declared:
                self._broken.pop(one, None)
            return
        outcome, why = Outcome.ERROR, run.message
        if run.trace:
            why = _in_words(run.trace)
        message = f"{name}: your answer does not run: {why}"
        if run.trace and self._is_stub(run.trace):
            outcome, message = Outcome.UNANSWERED, _unanswered(run.trace)
        elif course := self._for_want_of(run.trace):
            message = course
        for one in declared:
            self._broken[one] = outcome, message

    def check(self, cell: Any, run: CheckRun) -> tuple[Outcome, str]:
        """The outcome of a check that has run, and its message."""
        read, bound = read_and_bound(cell.source)
        if run.outcome in (Outcome.PASSED, Outcome.PARTIAL, Outcome.DISPUTED):
            for one in bound & self._cut.keys():
                del self._cut[one]
            return run.outcome, run.message
        said = self._failed(cell, run, read, bound)
        for one in bound - self._students:
            self._cut[one] = grade_id_of(cell)
        return said

    def _failed(
        self, cell: Any, run: CheckRun, read: frozenset[str], bound: frozenset[str]
    ) -> tuple[Outcome, str]:
        if course := self._for_want_of(run.trace, read - bound - self._students):
            return Outcome.ERROR, course
        broken = sorted((run.not_found | read) & set(self._broken))
        if broken:
            return self._broken[broken[0]]
        if run.trace and self._is_stub(run.trace) and run.from_student:
            return Outcome.UNANSWERED, _unanswered(run.trace)
        lost = [
            answer
            for answer in sorted(self._missing)
            if self._blueprint.declares.get(answer, frozenset()) & read
        ]
        if lost and run.outcome is Outcome.ERROR:
            return Outcome.MISSING, f"the cell of {lost[0]} is not in the notebook"
        missing = _missing_name(run.trace)
        if missing in self._cut and not run.from_student:
            what = "what it defines" if is_hidden_source(cell.source) else f"`{missing}`"
            return run.outcome, f"{self._cut[missing]} did not run to its end, so {what} is missing"
        if run.trace and not run.from_student and self._fails_alone(cell, run.trace):
            return run.outcome, self._course_fault(grade_id_of(cell), run.trace, cell.source)
        return run.outcome, run.message

    def _course_fault(self, name: str, trace: Trace, source: str = "") -> str:
        why = trace.kind if is_hidden_source(source) else _in_words(trace, place=False)
        sentence = course_fault(name, why)
        if sentence not in self.notes:
            self.notes.append(sentence)
        return sentence

    def _is_stub(self, trace: Trace) -> bool:
        """Whether it is what the stub of an answer raises, as the release has it."""
        if trace.kind != "NotImplementedError" or not trace.own:
            return False
        place = _PLACE.fullmatch(trace.place)
        if place is None:
            return False
        code = place["code"]
        raised = place["inside"] or "", _normal(code)
        return any(
            raised in _raises(cell.source) or (not _normal(code) and code in cell.source)
            for cell in self._blueprint.notebook.cells
            if cell.cell_type == "code" and marks_of(cell).get("solution")
        )

    def _for_want_of(self, trace: Trace | None, read: Iterable[str] = ()) -> str:
        """What is said of a cell that fails because one of the course's own failed before.

        read: names that it reads, where that is known, and that are the course's to bind
        """
        for name in sorted(self._lost.keys() & set(read)):
            return self._lost[name]
        missing = _missing_name(trace)
        if missing in self._lost:
            return self._lost[missing]
        at_large = missing and missing not in self._students
        return self._lost_at_large if at_large else ""

    def _fails_alone(self, check: Any, trace: Trace) -> bool:
        """Whether a check fails whatever the answers are.

        It asks for a name or a module that nothing else in the notebook so much as mentions, or it
        is no Python.
        """
        if trace.kind in ("SyntaxError", "IndentationError", "TabError"):
            return parsed(check.source) is None
        module = _NO_MODULE.match(trace.text) if trace.kind == "ModuleNotFoundError" else None
        wanted = module[1] if module else _missing_name(trace)
        if not wanted or wanted in self._students:
            return False
        word = re.compile(rf"\b{re.escape(wanted)}\b")
        others = (
            cell.source
            for cell in self._blueprint.notebook.cells
            if grade_id_of(cell) != grade_id_of(check)
        )
        return not any(map(word.search, others))


def _unanswered(trace: Trace) -> str:
    return f"not answered yet: {' '.join(trace.text.split())}".rstrip(": ")


def _in_words(trace: Trace, *, place: bool = True) -> str:
    words = " ".join(trace.text.split())
    said = f"{trace.kind}: {words}" if words else trace.kind
    return f"{said} ({trace.place})" if place and trace.place else said


def _missing_name(trace: Trace | None) -> str:
    found = trace and trace.kind == "NameError" and _NOT_DEFINED.match(trace.text)
    return found[1] if found else ""


def _first_line(trace: Trace) -> int:
    """Number of the line at which a cell ended; 0 if none of it ran."""
    steps = [step for line in trace.lines if (step := _FIRST_STEP.match(line))]
    return int(steps[0][1]) if steps else 0


def _rest(source: str, line: int) -> str | None:
    """What of a cell did not come to its end: the statements from that line on, as Python."""
    tree = parsed(source)
    if tree is None:
        return None
    left = [node for node in tree.body if (node.end_lineno or 0) >= line]
    return unparsed(ast.Module(left, []))


def _binds_at_large(plain: str) -> bool:
    """Whether it binds names that its text does not tell: `from x import *`, `%pylab`, `%run`."""
    return any(
        (isinstance(node, ast.ImportFrom) and node.names[0].name == "*")
        or (isinstance(node, ast.Name) and node.id == "get_ipython")
        for node in ast.walk(ast.parse(plain))
    )


@functools.lru_cache(maxsize=1000)
def _raises(stub: str) -> frozenset[tuple[str, str]]:
    """What an answer raises as it is released: in which function or class, and the statement."""
    found = []

    def look(node: ast.AST, function: str) -> None:
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            function = node.name
        if isinstance(node, ast.Raise):
            found.append((inside(function), unparsed(node)))
        for below in ast.iter_child_nodes(node):
            look(below, function)

    look(parsed(stub) or ast.Module([], []), "<module>")
    return frozenset(found)


def _normal(code: str) -> str:
    """A statement whatever its quotes and blanks; empty if it goes on in the next line."""
    try:
        return unparsed(ast.parse(code))
    except NOT_PYTHON:
        return ""
