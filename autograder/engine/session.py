"""One notebook on its way through the engine: a student's process, an examiner, and restarts.

A process that hangs, eats up its memory or dies costs the cell that it ran, no more: it is started
again with what ran before, so that later exercises are marked.
"""

import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from typing import Any

from autograder.assignment.outcome import Outcome
from autograder.engine.check_message import NO_TIME_LEFT, no_score, stopped
from autograder.engine.exception_data import trace_from
from autograder.engine.launch import Child, Ended, Launcher, OtherEnded, TimeIsOver
from autograder.engine.limits import Limits
from autograder.engine.names import needed_names
from autograder.engine.outputs import Output
from autograder.engine.processor_time import stalled
from autograder.engine.shared import Lending, Shared
from autograder.engine.sight import sight
from autograder.engine.tracebacks import Trace

_MOST_STARVED = 2
"""Times the limit of a notebook that is given back to it, where others had the processors."""
_AWAY = 1.0
"""Seconds between two cells in which whoever grades was stopped: there is nothing to do then."""
_BUSY = 0.1
"""Part of a cell's time: who waited longer for what others had, has not had the time it needs."""
_GRACE = 2.0
"""Seconds that the examiner has to finish when the student's process is gone."""
_QUICK = 1.0
"""Checks that took less are run again for a new examiner: later ones may need what they define."""


class EngineFailure(Exception):
    """The engine itself failed, not the submission: the caller tries again."""


class ExaminerEnded(EngineFailure):
    """What the examiner ran ended its process, and nobody else did."""


class CourseFailure(EngineFailure):
    """A cell of the course's own ends Python before any answer ran: nobody can be graded."""


@dataclass(frozen=True)
class Setting:
    """What both processes of a notebook begin with.

    names, classes, imports: what the answers bind (see `blueprint.NotebookBlueprint`)
    files:  the student's files beside the notebook
    course: the folder with the course's data, as the processes see it, or empty
    shown:  names of the files in it
    keeps:  whether values that cells end with are kept, as `_` and in `Out`
    """

    names: frozenset[str]
    classes: frozenset[str]
    imports: str
    files: Mapping[str, bytes]
    course: str
    shown: tuple[str, ...]
    keeps: bool = False


@dataclass(frozen=True)
class CellRun:
    """What came of a cell. `trouble` is how its process ended, empty if it did not."""

    outputs: tuple[Output, ...] = ()
    trace: Trace | None = None
    trouble: str = ""
    message: str = ""
    seconds: float = 0.0


@dataclass(frozen=True)
class CheckRun(CellRun):
    """What came of a check."""

    outcome: Outcome = Outcome.ERROR
    score: float = 0.0
    changed_arguments: bool = False
    from_student: bool = False
    """Whether the trace is of an exception that came out of the answer."""
    not_found: frozenset[str] = field(default=frozenset())
    students_word: frozenset[str] = field(default=frozenset())
    """See `CheckResult`."""


class Session:
    """Runs the cells of one notebook in order."""

    def __init__(self, launcher: Launcher[Any], limits: Limits, setting: Setting) -> None:
        self._launcher, self._limits, self._setting = launcher, limits, setting
        self._until = time.monotonic() + limits.submission_seconds
        self._latest = self._until + _MOST_STARVED * limits.submission_seconds
        self._counted_until = time.monotonic()
        self._started = False
        self.alive: Callable[[], None] = lambda: None
        """Called before each cell that runs once more because its process ended."""
        self.busy = False
        """Whether time ran out on a cell that waited for what others had, and computed less than
        it may: another time it may end."""
        self._began, self._waited = time.monotonic(), 0.0
        self._whole_cell = True
        """Whether the last cell had all the time that a cell may take."""
        self._ran: list[dict[str, Any]] = []
        """What a new student's process has to run first, as orders."""
        self._lending = Lending()
        self._history: list[str] = []
        self._examined: list[tuple[str, str, bool]] = []
        """What a new examiner has to run first: (source, label, whether it has hidden tests)."""
        self._answers_began = False
        self._student: Child[Any] | None = None
        self._examiner: Child[Any] | None = None

    def __enter__(self) -> "Session":
        return self

    def __exit__(self, *details: object) -> None:
        self.end()

    def end(self) -> None:
        """End the session: its processes, all that they started, and the files they left."""
        self.close()
        self._launcher.close()

    def close(self) -> None:
        """End both processes and all that they started; the next cell starts them again."""
        for process in (self._student, self._examiner):
            if process is not None:
                process.close()
        self._student = self._examiner = None

    def setup(self, source: str, label: str) -> tuple[CellRun, CheckRun]:
        """Run an instructor's cell in both processes: the student's, and the examiner.

        raises: CourseFailure if it ends Python where no answer can be the cause
        """
        theirs = self._run_kept(source, label)
        try:
            ours = self._examine(source, label, 0.0, hidden=False, in_place=True)
        except ExaminerEnded as failure:
            if self._answers_began:
                raise
            raise CourseFailure(
                f"The course's own cell {label} ends Python ({failure}); run the notebook to see why"
            ) from failure
        if not ours.trouble:
            self._examined.append((source, label, False))
        return theirs, ours

    def answer(self, source: str, label: str) -> CellRun:
        """Run an answer or a student's own cell in the student's process."""
        self._answers_began = True
        return self._run_kept(source, label)

    def _run_kept(self, source: str, label: str) -> CellRun:
        """Run a cell in the student's process, and again in each that takes its place."""
        self._lend(self._lending.before_cell(source))
        self._history.append(source)
        order = {"source": source, "label": label, "number": len(self._history)}
        run = self._run_in_student(order)
        if not run.trouble:
            self._ran.append(order)
        return run

    def _lend(self, statements: list[Shared]) -> None:
        """Bind in the student's process what visible checks bind, and it lacks."""
        for each in statements:
            order = {"source": each.text, "label": "check", "lacks": sorted(each.binds)}
            if not self._run_in_student(order).trouble:
                self._ran.append(order)

    def check(
        self,
        source: str,
        label: str,
        points: float,
        *,
        hidden: bool,
        in_place: bool,
        released: str = "",
    ) -> CheckRun:
        """Run a check in the examiner.

        in_place: whether the check wants to see its arguments changed by the answer
        released: its text as students have it, if they have it

        Otherwise it runs on its own values; if it passes and the answer changed an argument, it
        runs once more and sees the changes: it has to pass both ways. So neither a changed input
        goes unnoticed, nor does changing it make a wrong answer right.
        """
        self.leave_out(source, released)
        first = self._examine(source, label, points, hidden=hidden, in_place=in_place)
        if in_place or not first.changed_arguments or first.trouble:
            run = first
        else:
            second = self._examine(source, label, points, hidden=hidden, in_place=True)
            run = _worse(first, second)
        if not run.trouble and run.seconds < _QUICK:
            self._examined.append((source, label, hidden))
        return run

    def leave_out(self, source: str, released: str = "") -> None:
        """Do not run a check; answers below may need what it binds, and read its text."""
        self._lend(self._lending.before_check(released, source))
        self._history.append(source)

    def check_inside(self, source: str, label: str, points: float, *, hidden: bool) -> CheckRun:
        """Run a check in the student's own process, as nbgrader does; for the cross-check."""
        self._history.append(source)
        order: dict[str, Any] = {
            "source": source, "label": label, "points": points, "hidden": hidden,
            "number": len(self._history),
        }  # fmt: skip
        if sight(source).history:
            order["history"] = self._history
        run = self._run_in_student(order)
        if isinstance(run, CheckRun):
            if 0 <= run.score <= points:
                return run
            message = no_score(f"{run.score:g}", points)
            return replace(run, outcome=Outcome.ERROR, score=0.0, message=message)
        return CheckRun(outcome=_OUTCOMES[run.trouble], message=run.message, trouble=run.trouble)

    def _run_in_student(self, order: Mapping[str, Any]) -> CellRun:
        with self._counted():
            return self._ran_in_student(order)

    def _ran_in_student(self, order: Mapping[str, Any]) -> CellRun:
        if self._no_time_left():
            return CellRun(trouble="timeout", message=NO_TIME_LEFT)
        self._ensure()
        process = self._student
        assert process is not None
        try:
            process.order({"do": "cell", "room": self._limits.output_bytes, **order})
            done = self._follow(process)
        except TimeIsOver:
            return self._student_ended(process.timed_out(), process)
        except Ended as ended:
            return self._student_ended(ended, process)
        return _run(done, _outputs(process))

    def _student_ended(self, ended: Ended, process: Child[Any]) -> CellRun:
        outputs = _outputs(process)
        if self._is_fault(ended):
            self.close()
            raise EngineFailure(_fault(ended))
        process.close()
        self._student = None
        return CellRun(outputs=outputs, trouble=ended.why, message=self._in_words(ended))

    def _examine(
        self, source: str, label: str, points: float, *, hidden: bool, in_place: bool
    ) -> CheckRun:
        with self._counted():
            return self._examined_now(source, label, points, hidden=hidden, in_place=in_place)

    def _examined_now(
        self, source: str, label: str, points: float, *, hidden: bool, in_place: bool
    ) -> CheckRun:
        if self._no_time_left():
            return CheckRun(trouble="timeout", message=NO_TIME_LEFT, outcome=Outcome.TIMEOUT)
        self._ensure()
        examiner, student = self._examiner, self._student
        assert examiner is not None
        assert student is not None
        ended: Ended | None = None
        # A cell of one line may be an automagic: the examiner's IPython knows.
        needs = needed_names(source) if "\n" in source.strip() else None
        began = time.monotonic()
        done: dict[str, Any] = {}
        try:
            examiner.order({
                "do": "cell", "source": source, "label": label, "points": points,
                "hidden": hidden, "in_place": in_place, "room": self._limits.output_bytes,
                "needs": needs and [sorted(names) for names in needs], **self._seen_by(source),
            })  # fmt: skip
            done = self._follow(examiner, student)
        except TimeIsOver:
            ended = student.timed_out()
        except OtherEnded as other:
            ended = other.ended
        except Ended as own:
            return self._examiner_ended(own)
        if ended is not None:  # it meets the closed talk and comes to its end
            try:
                examiner.follow(time.monotonic() + _GRACE)
            except (TimeIsOver, Ended):
                examiner.close()
                self._examiner = None
        elif done["lost"]:
            ended = Ended("end", done["gone"]) if done["gone"] else student.how_it_ended()
        if ended is None:
            return _checked(done, _outputs(examiner))
        if self._is_fault(ended):
            self.close()
            raise EngineFailure(_fault(ended))
        run = CheckRun(
            outputs=_outputs(examiner), trouble=ended.why, message=self._in_words(ended),
            seconds=time.monotonic() - began, outcome=_OUTCOMES[ended.why],
        )  # fmt: skip
        student.close()
        self._student = None
        return run

    def _follow(self, process: Child[Any], other: Child[Any] | None = None) -> dict[str, Any]:
        """See `Child.follow`; what others took of the time is given back, within reason."""
        began, before = time.monotonic(), stalled()
        try:
            return process.follow(self._deadline(), other)
        except TimeIsOver:
            waited = max(process.starved, stalled() - before)
            computed_less = process.computed < self._limits.cell_seconds
            self.busy |= computed_less and waited > _BUSY * (time.monotonic() - began)
            raise
        finally:
            self._waited += max(process.starved, stalled() - before)
            self._put_off(process.away)
            self._until = min(self._until + process.starved, self._latest)

    @contextmanager
    def _counted(self) -> Iterator[None]:
        """One cell, with all that it makes necessary; what passed since the last is nobody's."""
        between = time.monotonic() - self._counted_until
        if between > _AWAY:
            self._put_off(between)
        try:
            yield
        finally:
            self._counted_until = time.monotonic()

    def _put_off(self, seconds: float) -> None:
        """Whoever grades was stopped so long: no cell has had that time."""
        self._until += seconds
        self._latest += seconds

    def _seen_by(self, source: str) -> dict[str, Any]:
        """What a trusted cell looks at besides names, and the cells above it if it does."""
        seen = sight(source).as_data()
        if not seen:
            return {}
        return {"sight": seen, "history": self._history if seen["history"] else None}

    def _examiner_ended(self, ended: Ended) -> CheckRun:
        """The check itself used too much, by what the answer returned or on its own."""
        self.close()
        if ended.why in ("end", "fault"):
            own = ended.why == "end" and ended.detail != "by SIGKILL"
            raise (ExaminerEnded if own else EngineFailure)(
                f"the examiner's process ended {ended.detail}"
            )
        message = f"the check was stopped: {ended}"
        return CheckRun(trouble=ended.why, message=message, outcome=_OUTCOMES[ended.why])

    def _is_fault(self, ended: Ended) -> bool:
        """Whether the end of a student's process is not the submission's doing.

        In the jail it is process 1 of its namespace: no signal of its own can kill it.
        """
        return ended.why == "fault" or (self._launcher.jail and ended.detail == "by SIGKILL")

    def _ensure(self) -> None:
        """Start what is not running, and bring it to where it was."""
        if self._student is not None and self._examiner is not None:
            return
        began = time.monotonic()
        try:
            self._start_missing()
        except (Ended, OtherEnded, TimeIsOver) as ended:
            self.close()
            raise EngineFailure(str(ended) or "what ran before takes too long now") from ended
        if not self._started:  # a later start is the submission's doing
            self._put_off(time.monotonic() - began)
        self._started = True

    def _start_missing(self) -> None:
        new_examiner = self._examiner is None
        self._connect()
        while not self._ran_again():
            self._connect()
        for source, label, hidden in self._examined if new_examiner else ():
            assert self._examiner is not None
            self._examiner.order({
                "do": "cell", "source": source, "label": label, "points": 0.0,
                "hidden": hidden, "in_place": True, "room": 0, **self._seen_by(source),
            })  # fmt: skip
            deadline = time.monotonic() + self._limits.cell_seconds
            self._examiner.follow(deadline, self._student)

    def _connect(self) -> None:
        """Start a student's process, and an examiner if there is none, and let them talk."""
        if self._student is not None:  # the talk has two ends: both are new
            self._student.close()
        mine, theirs = self._launcher.talk()
        self._student = self._process("student", theirs)
        if self._examiner is None:
            self._examiner = self._process("examiner", mine)
            self._student.ready()
            self._examiner.ready()
        else:
            self._examiner.meet(mine)
            self._student.ready()

    def _ran_again(self) -> bool:
        """Run what ran before; if something does not run this time, forget it and say so."""
        assert self._student is not None
        for order in self._ran:
            self.alive()
            try:
                self._student.order({"do": "cell", "room": 0, **order})
                self._follow(self._student)
            except (TimeIsOver, Ended):
                self._ran.remove(order)
                return False
        return True

    def _process(self, role: str, end: Any) -> Child[Any]:
        setting = self._setting
        start: dict[str, Any] = {
            "names": sorted(setting.names), "classes": sorted(setting.classes),
            "imports": setting.imports, "course": setting.course,
            "shown": list(setting.shown),
            "files": dict(setting.files) if role == "student" else {},
        }  # fmt: skip
        if role == "student":
            start |= {"names": [], "classes": [], "imports": ""}
            start |= {"keeps": setting.keeps}
        return self._launcher.process(role, self._limits, end, start)

    def _no_time_left(self) -> bool:
        if self._left() > 0:
            return False
        self.busy |= self._waited > _BUSY * (time.monotonic() - self._began)
        return True

    def _left(self) -> float:
        return self._until - time.monotonic()

    def _deadline(self) -> float:
        seconds = self._limits.cell_seconds
        self._whole_cell = self._left() >= seconds
        return min(time.monotonic() + seconds, self._until)

    def _in_words(self, ended: Ended) -> str:
        return stopped(ended, self._limits.cell_seconds if self._whole_cell else None)


_OUTCOMES = {
    "timeout": Outcome.TIMEOUT, "memory": Outcome.MEMORY, "processes": Outcome.DIED,
    "output": Outcome.DIED, "end": Outcome.DIED,
}  # fmt: skip


def _fault(ended: Ended) -> str:
    """A student's process that ended by no doing of the submission's, in words."""
    return f"a process was ended {ended.detail}" if ended.why == "end" else ended.detail


def _worse(first: CheckRun, second: CheckRun) -> CheckRun:
    """A check that was run twice: what it says when it has to pass both ways."""
    word = first.students_word | second.students_word
    first, second = replace(first, students_word=word), replace(second, students_word=word)
    passed = first.outcome is Outcome.PASSED
    if passed and second.outcome is Outcome.PASSED:
        return first
    if passed or second.score <= first.score:
        return second  # in the words that a student's own kernel gives
    message = (
        "passes only if the answer may change the arguments that it was given; "
        f"otherwise: {first.message}"
    )
    return replace(first, outcome=Outcome.DISPUTED, score=0.0, message=message)


def _outputs(process: Child[Any]) -> tuple[Output, ...]:
    """What the cell has shown, and behind it what was written below Python."""
    found = [output for output in process.outputs if isinstance(output, dict)]
    text = process.text()
    if text:
        found.append({"output_type": "stream", "name": "stdout", "text": text})
    return tuple(found)


def _run(done: Mapping[str, Any], outputs: tuple[Output, ...]) -> CellRun:
    """What a student's process says of a cell: shown to people, never counted."""
    said = done.get("trace")
    trace = trace_from(said) if isinstance(said, dict) else None
    seconds = done.get("seconds")
    seconds = float(seconds) if isinstance(seconds, int | float) else 0.0
    if "outcome" in done:
        try:
            outcome = Outcome(done["outcome"])
        except ValueError:
            outcome = Outcome.ERROR
        score = done.get("score")
        score = float(score) if isinstance(score, int | float) else 0.0
        return CheckRun(outputs, trace, "", str(done.get("message", "")), seconds, outcome, score)
    return CellRun(outputs, trace, "", "", seconds)


def _checked(done: Mapping[str, Any], outputs: tuple[Output, ...]) -> CheckRun:
    return CheckRun(
        outputs=outputs,
        trace=trace_from(trace) if (trace := done["student"] or done["trace"]) else None,
        from_student=bool(done["student"]),
        message=done["message"],
        seconds=done["seconds"],
        outcome=Outcome(done["outcome"]),
        score=done["score"],
        changed_arguments=done["changed_arguments"],
        not_found=frozenset(done["not_found"]),
        students_word=frozenset(done["students_word"]),
    )
