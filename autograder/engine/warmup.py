"""Before the warm process forks, it plays a check through, again and again, with an answer of ours.

Python makes code fast that has run a few times, and libraries fill their caches; what is done
before the fork is done for every submission.
"""

import sys
import threading
from collections.abc import Callable
from contextlib import suppress
from typing import Any

from autograder.engine.channel_base import ChannelClosed, Messenger
from autograder.engine.check_message import verdict
from autograder.engine.examiner import Examiner
from autograder.engine.outputs import Output
from autograder.engine.seeds import Seeds
from autograder.engine.shell import Shell
from autograder.engine.student import Student

_TIMES = 12  # Python's own threshold is 8

_ANSWER = """
class Average:
    def __init__(self):
        self.mean = 0.0

    def update(self, value):
        self.mean += value

def identity(value):
    return value

def fails(value):
    raise ValueError(value)

number = 3
"""
_CHECKS = (
    "assert number == 3\nassert identity(number) == 3, f'{number}'",
    "average = Average()\naverage.update(2.0)\nassert average.mean == 2.0",
    "assert identity([1, 2])[1] == 3, 'a message'",
    "fails(number)",
    "identity",
)
_WITH = {
    "numpy": "import numpy as np\na = np.ones((2, 3))\nassert np.allclose(identity(a), a)",
    "torch": "import torch\nt = torch.ones(2, 3)\nassert torch.equal(identity([t, t])[0], t)",
}


def warm_up(shell: Shell, pair: Callable[[], tuple[Messenger, Messenger]]) -> None:
    """Leave nothing behind in `shell`; the random generators are to be seeded after this.

    pair: makes the two ends of a talk
    """
    names_before = dict(shell.names)
    for_student, channel = pair()
    answers: dict[str, Any] = {}
    exec(_ANSWER, answers)
    student = Student(answers, for_student)
    thread = threading.Thread(target=_serve, args=(student,))
    thread.start()
    examiner = Examiner(shell, ("Average", "identity", "fails", "number"), ("Average",), Seeds())
    examiner.link(channel)
    checks = [*_CHECKS, *(check for name, check in _WITH.items() if name in sys.modules)]
    for _ in range(_TIMES):
        shell.run(_ANSWER, "rehearsal", _nowhere, 1000)
        for check in checks:
            run = examiner.run(check, "rehearsal", _nowhere, 1000, in_place=False)
            verdict(run, examiner.trace_of_student(run.error), 1.0, hidden=False)
    channel.close()
    thread.join()
    shell.names.clear()
    shell.names.update(names_before)


def _serve(student: Student) -> None:
    with suppress(ChannelClosed):
        while True:
            student.serve_one()


def _nowhere(output: Output) -> None:
    pass
