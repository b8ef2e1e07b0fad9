"""What a process does once it stands: a student's runs answers, an examiner's runs checks.

From the worker come `start` (once), `cell` (run one) and `peer` (a new other end of the talk between
examiner and student); back go `ready`, `output` and `done`.
"""

import ast
import os
import shutil
import sys
from collections.abc import Callable, Collection, Iterable, Mapping
from contextlib import suppress
from pathlib import Path, PurePosixPath
from typing import Any, Protocol

from autograder.assignment.python_text import NOT_PYTHON
from autograder.engine.channel_base import ChannelClosed, Messenger
from autograder.engine.check_message import verdict
from autograder.engine.examiner import Examiner
from autograder.engine.functions import look_into
from autograder.engine.magics import needed_through_ipython
from autograder.engine.names import bound_names
from autograder.engine.outputs import Output
from autograder.engine.remote import source_of
from autograder.engine.seeds import Seeds, seed_everything
from autograder.engine.shell import Run, Shell
from autograder.engine.student import Student
from autograder.engine.warmup import warm_up
from autograder.engine.wire import WireError

_KEPT = frozenset({"autograder", "IPython", "traitlets", "msgpack", "numpy", "psutil", "__main__"})
"""Modules that the engine works with."""

Order = dict[str, Any]


class Ends(Protocol):
    """The process's two connections."""

    @property
    def worker(self) -> Messenger:
        """To the worker."""

    @property
    def peer(self) -> Messenger:
        """To the other one of examiner and student."""

    def order(self) -> Order:
        """Wait for an order."""

    def order_or_peer(self) -> tuple[Order, Messenger | None]:
        """Wait for an order, and take the new end of the talk if it brings one."""

    def peer_asks(self) -> bool:
        """Wait until the worker or the peer has sent something; whether it was the peer alone."""

    def forget_peer(self) -> None:
        """Wait for the worker alone from now on."""


def prepare(pair: Callable[[], tuple[Messenger, Messenger]]) -> Shell:
    """Make what every process needs before it knows its role. pair: makes the ends of a talk"""
    shell = Shell()
    warm_up(shell, pair)
    seed_everything()
    return shell


def play(shell: Shell, ends: Ends, start: Mapping[str, Any]) -> None:
    """Do what the worker says until it hangs up."""
    role = _StudentRole if start["role"] == "student" else _ExaminerRole
    with suppress(ChannelClosed):
        role(shell, ends, start).serve()


def settle(start: Mapping[str, Any]) -> None:
    """Go to a folder of its own that holds the student's files, and the course's data."""
    work = Path(start["work"])
    work.mkdir(parents=True, exist_ok=True)
    home = work.parent / "home"
    home.mkdir(exist_ok=True)
    os.environ["HOME"] = str(home)
    os.environ["IPYTHONDIR"] = str(home / ".ipython")
    os.environ["TMPDIR"] = str(work.parent)
    os.chdir(work)
    sys.path.insert(0, "")  # as in a notebook: modules that lie beside it
    for name, content in start["files"].items():
        path = work / PurePosixPath(name)
        with suppress(OSError):
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content)
    for name in start["shown"]:
        with suppress(OSError):
            _show(Path(start["course"], name), work / PurePosixPath(name))
    _prefer_beside((*start["files"], *start["shown"]))


def _prefer_beside(names: Iterable[str]) -> None:
    """Let a module beside the notebook come before an installed one that was imported ahead.

    What the engine or Python itself is made of stays as it is.
    """
    for name in names:
        path = PurePosixPath(name)
        is_module = len(path.parts) == 1 and path.suffix == ".py"
        is_package = len(path.parts) == 2 and path.name == "__init__.py"
        module = path.stem if is_module else path.parts[0] if is_package else ""
        if module in sys.modules and module not in _KEPT | sys.stdlib_module_names:
            for known in [n for n in sys.modules if n.partition(".")[0] == module]:
                del sys.modules[known]


def _show(source: Path, target: Path) -> None:
    """Show a file of the course's where the notebook looks for it; one of the student's gives way."""
    target.parent.mkdir(parents=True, exist_ok=True)
    target.unlink(missing_ok=True)
    try:
        target.symlink_to(source)
    except (OSError, NotImplementedError):  # Windows allows it to few
        shutil.copyfile(source, target)


class _Role:
    """What examiner and student have in common: waiting for the worker, and for each other."""

    def __init__(self, shell: Shell, ends: Ends) -> None:
        self._shell, self._ends, self._worker = shell, ends, ends.worker

    def pass_on(self, output: Output) -> None:
        """Send what a cell has shown; what cannot be sent ends no cell."""
        try:
            self._worker.send_data({"event": "output", "output": output})
        except WireError:
            text = "[left out: it cannot be shown here]"
            told = {"output_type": "stream", "name": "stderr", "text": text}
            self._worker.send_data({"event": "output", "output": told})

    def done(self, run: Run, **more: Any) -> None:
        trace = run.trace.as_data() if run.trace else None
        answer = {"event": "done", "trace": trace, "seconds": run.seconds, **more}
        self._worker.send_data(answer)


class _StudentRole(_Role):
    def __init__(self, shell: Shell, ends: Ends, start: Mapping[str, Any]) -> None:
        super().__init__(shell, ends)
        if start.get("keeps"):
            shell.keep_values()
        self._student = Student(shell.names, ends.peer)

    def serve(self) -> None:
        while True:
            if self._ends.peer_asks():
                try:
                    self._student.serve_one()
                except ChannelClosed:
                    self._ends.forget_peer()
            else:
                self._obey(self._ends.order())

    def _obey(self, order: Order) -> None:
        lacks = order.get("lacks")
        if lacks and all(name in self._shell.names for name in lacks):
            self.done(Run(None, None, None, False, 0.0))  # the student has these names already
            return
        room = 0 if lacks else order["room"]
        self._shell.count(order.get("number", 0))
        if "history" in order:
            self._shell.names["In"] = ["", *order["history"]]
        run = self._shell.run(order["source"], order["label"], self.pass_on, room)
        if order.get("points") is None:
            self.done(run)
        else:  # cross-check: the check runs here, as in nbgrader
            judged = verdict(run, None, order["points"], order["hidden"], order["source"])
            self.done(run, outcome=judged.outcome.value, score=judged.score,
                      message=judged.message)  # fmt: skip


class _ExaminerRole(_Role):
    def __init__(self, shell: Shell, ends: Ends, start: Mapping[str, Any]) -> None:
        super().__init__(shell, ends)
        seeds = Seeds()
        seeds.notice()
        self._examiner = Examiner(shell, start["names"], start["classes"], seeds)
        self._examiner.link(ends.peer)
        look_into(source_of)
        self._examiner.surroundings.notice()
        for statement in ast.parse(start["imports"]).body:  # one that fails spoils no other
            shell.run(ast.unparse(statement), "imports", lambda output: None, 0)

    def serve(self) -> None:
        while True:
            order, peer = self._ends.order_or_peer()
            if peer is not None:
                self._examiner.link(peer)
            else:
                self._obey(order)

    def _obey(self, order: Order) -> None:
        examiner = self._examiner
        run = examiner.run(
            order["source"], order["label"], self.pass_on, order["room"],
            in_place=order["in_place"], needs=self._needs(order),
            sight=order.get("sight"), history=order.get("history"),
            secret=order["hidden"],
        )  # fmt: skip
        from_student = examiner.trace_of_student(run.error)
        judged = verdict(run, from_student, order["points"], order["hidden"], order["source"])
        self.done(
            run,
            outcome="died" if examiner.lost else judged.outcome.value,
            score=0.0 if examiner.lost else judged.score,
            message=judged.message,
            student=from_student.as_data() if from_student else None,
            lost=examiner.lost,
            gone=examiner.gone,
            changed_arguments=examiner.changed_arguments,
            not_found=sorted(examiner.not_found),
            students_word=sorted(examiner.students_word),
        )

    def _needs(
        self, order: Order
    ) -> tuple[Collection[str], Collection[str], Collection[str]] | None:
        """The names that a cell needs and binds, as far as they can be told (see `Examiner.run`)."""
        known, source = order.get("needs"), order["source"]
        if known and "get_ipython" not in source:
            return known  # type: ignore[no-any-return]
        try:
            plain = self._shell.plain(source)
            return *needed_through_ipython(plain, self._shell.plain), bound_names(plain)
        except NOT_PYTHON:  # running it will say so
            return None
