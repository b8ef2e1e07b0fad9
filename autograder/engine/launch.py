"""What a session needs of an engine: the two ends of a talk, and a process for each of them.

Two engines offer it: `forks`, whose processes are forked from a warm one, and `portable`, whose
processes are started ahead, on systems where nobody can fork.
"""

from collections.abc import Mapping
from typing import Any, Protocol, Self, TypeVar

from autograder.engine.limits import Limits

End = TypeVar("End")
"""One end of the talk between examiner and student; the process that it is given to owns it."""
Given = TypeVar("Given", contravariant=True)
"""The same, where it is only taken."""


TOO_MUCH = "it sent more output than it may"
"""What an end because of `output` may say."""


class Ended(Exception):
    """The process ended, or was ended; `why` is one of timeout, memory, processes, output, end,
    and fault, where the engine and not the process is to blame."""

    def __init__(self, why: str, detail: str = "") -> None:
        super().__init__(detail or why)
        self.why, self.detail = why, detail


class OtherEnded(Exception):
    """The process at the other end of the talk was ended."""

    def __init__(self, ended: Ended) -> None:
        super().__init__(str(ended))
        self.ended = ended


class TimeIsOver(Exception):
    """The cell's deadline has passed; nothing has been ended yet."""


class Child(Protocol[Given]):
    """A student's or examiner's process as its worker sees it."""

    outputs: list[Any]
    """What the cell has shown since the last order."""
    starved: float
    """Seconds of the last order in which others had the processor, where the system tells."""
    computed: float
    """Seconds of processor that it used, where the system tells."""
    away: float
    """Seconds of it in which this process, or the whole machine, was stopped."""

    def ready(self) -> None:
        """Wait until it takes orders. raises: Ended"""

    def meet(self, end: Given) -> None:
        """Let an examiner talk to another student's process from now on. raises: Ended"""

    def order(self, message: Mapping[str, Any]) -> None:
        """Send an order. raises: Ended"""

    def follow(self, deadline: float, other: Self | None = None) -> dict[str, Any]:
        """Wait for `done` and return it; the outputs before it are in `outputs`.

        deadline: time in which others have the processor does not count, within reason, where the
                  system tells
        other:    the process that this one talks to; it is watched and drained as well
        raises: Ended of this process, OtherEnded if the other one is to blame, TimeIsOver
        """

    def text(self) -> str:
        """What was written below Python since the last order."""

    def how_it_ended(self) -> Ended:
        """Say how it ended, and end it if it has only hung up."""

    def timed_out(self) -> Ended:
        """End it because its time is over."""

    def close(self) -> None:
        """End it, and everything that it started, and forget it."""


class Launcher(Protocol[End]):
    """Starts the processes of one session."""

    @property
    def jail(self) -> bool:
        """Whether a process is process 1 of a namespace, so that no signal of its own kills it."""

    def talk(self) -> tuple[End, End]:
        """Make a talk: the examiner's end, and the student's."""

    def process(self, role: str, limits: Limits, end: End, start: Mapping[str, Any]) -> Child[End]:
        """Start a process; the examiner's after the student's. raises: Ended

        role:  "student" or "examiner"
        start: the rest of its first order, without the folder that it works in
        """

    def close(self) -> None:
        """Remove what the session's processes left."""


class Source(Protocol):
    """An engine's processes, for one session after the other."""

    @property
    def failure(self) -> str:
        """Why there are no processes any more; empty while there are."""

    def ready(self) -> str:
        """Wait until the libraries are imported; return why they cannot be, or nothing."""

    def launcher(self) -> Launcher[Any]:
        """For one more session."""

    def close(self) -> None:
        """End every process."""
