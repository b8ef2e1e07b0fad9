"""A forked process of the warm one: it walls itself in, then does what its worker says.

From the worker come `start` (once), `cell` (run one) and `peer` (the other end of the talk between
examiner and student); back go `ready`, `output` and `done`.
"""

import ast
import json
import os
import select
import signal
import socket
import sys
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path, PurePosixPath
from typing import Any

import msgpack

from autograder.engine import confine
from autograder.engine.channel import Channel, ChannelClosed
from autograder.engine.examiner import Examiner
from autograder.engine.limits import Limits
from autograder.engine.outputs import Output
from autograder.engine.rehearsal import rehearse
from autograder.engine.seeds import Seeds, seed_everything
from autograder.engine.shell import Run, Shell
from autograder.engine.student import Student
from autograder.engine.verdict import verdict


def prepare() -> Shell:
    """Make, before the fork, what every child needs."""
    shell = Shell()
    rehearse(shell)
    seed_everything()
    return shell


def main(connection: Channel, shell: Shell, wall: str) -> None:
    """Serve the worker until it hangs up.

    connection: brings the worker's first order, `start`, and with it the ends of the channel to
                the worker, of the talk between examiner and student, and of the pipe for text
                below Python. Then it is the warm process's alone: what comes on it is true.
    """
    os.setsid()  # out of the group of the warm process and everybody in it
    if wall == "none":
        confine.end_with_parent()
    order, (end, peer, output) = connection.receive_with_fds(3, timeout=60)
    start = msgpack.unpackb(order, strict_map_key=False)
    limits = Limits(**start["limits"])
    channel = Channel(socket.socket(fileno=end))
    if wall == "jail":
        confine.wall_in(limits)
    _own_descriptors({channel.fileno(), peer}, output)
    _settle(start)
    confine.set_limits(limits)
    if wall == "jail":
        confine.drop_privileges()
    shell.redirect()
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the terminal's Ctrl-C is for the grader
    channel.send_data({"event": "ready", "pid": os.getpid()})
    role = _StudentRole if start["role"] == "student" else _ExaminerRole
    with suppress(ChannelClosed):
        role(shell, channel, Channel(socket.socket(fileno=peer)), start).serve()


def _own_descriptors(kept: set[int], output: int) -> None:
    """Text below Python goes to the worker's pipe; every other descriptor is closed."""
    nothing = os.open(os.devnull, os.O_RDONLY)
    os.dup2(nothing, 0)
    os.dup2(output, 1)
    os.dup2(output, 2)
    last = 2
    for fd in sorted(kept):
        os.closerange(last + 1, fd)
        last = fd
    os.closerange(last + 1, 65_536)


def _settle(start: Mapping[str, Any]) -> None:
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


def _show(source: Path, target: Path) -> None:
    """Show a file of the course's where the notebook looks for it; one of the student's gives way."""
    target.parent.mkdir(parents=True, exist_ok=True)
    target.unlink(missing_ok=True)
    target.symlink_to(source)


class _Role:
    """What examiner and student have in common: waiting for the worker, and for each other."""

    def __init__(self, shell: Shell, worker: Channel) -> None:
        self._shell, self._worker = shell, worker

    def serve(self) -> None:
        """Do what the worker says until it hangs up."""
        while True:
            data, descriptors = self._worker.receive_with_fds(1)
            self.obey(msgpack.unpackb(data, strict_map_key=False), descriptors)

    def obey(self, order: dict[str, Any], descriptors: list[int]) -> None:
        raise NotImplementedError

    def pass_on(self, output: Output) -> None:
        try:
            self._worker.send_data({"event": "output", "output": output})
        except (TypeError, ValueError, OverflowError):  # a display of what is no plain data
            text = json.dumps(output, default=str)
            self._worker.send_data({"event": "output", "output": json.loads(text)})

    def done(self, run: Run, **more: Any) -> None:
        trace = run.trace.as_data() if run.trace else None
        answer = {"event": "done", "trace": trace, "seconds": run.seconds, **more}
        self._worker.send_data(answer)


class _StudentRole(_Role):
    def __init__(
        self, shell: Shell, worker: Channel, peer: Channel, start: Mapping[str, Any]
    ) -> None:
        super().__init__(shell, worker)
        self._peer = peer
        self._student = Student(shell.names, peer)

    def serve(self) -> None:
        ends = [self._worker.fileno(), self._peer.fileno()]
        while True:
            ready, _, _ = select.select(ends, [], [])
            if ends[0] in ready:
                data = self._worker.receive()
                self.obey(msgpack.unpackb(data, strict_map_key=False), [])
            elif ends[1] in ready:
                try:
                    self._student.serve_one()
                except ChannelClosed:
                    ends = ends[:1]

    def obey(self, order: dict[str, Any], descriptors: list[int]) -> None:
        run = self._shell.run(order["source"], order["label"], self.pass_on, order["room"])
        if order.get("points") is None:
            self.done(run)
        else:  # cross-check: the check runs here, as in nbgrader
            judged = verdict(run, None, order["points"], order["hidden"])
            self.done(run, outcome=judged.outcome.value, score=judged.score,
                      message=judged.message)  # fmt: skip


class _ExaminerRole(_Role):
    def __init__(
        self, shell: Shell, worker: Channel, peer: Channel, start: Mapping[str, Any]
    ) -> None:
        super().__init__(shell, worker)
        seeds = Seeds()
        seeds.notice()
        self._examiner = Examiner(shell, start["names"], start["classes"], seeds)
        self._examiner.link(peer)
        for statement in ast.parse(start["imports"]).body:  # one that fails spoils no other
            shell.run(ast.unparse(statement), "imports", lambda output: None, 0)

    def obey(self, order: dict[str, Any], descriptors: list[int]) -> None:
        examiner = self._examiner
        if order["do"] == "peer":
            examiner.link(Channel(socket.socket(fileno=descriptors[0])))
            return
        run = examiner.run(
            order["source"], order["label"], self.pass_on, order["room"],
            in_place=order["in_place"], needs=order.get("needs"),
        )  # fmt: skip
        from_student = examiner.trace_of_student(run.error)
        judged = verdict(run, from_student, order["points"], order["hidden"])
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
        )
