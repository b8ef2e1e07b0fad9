"""What a submission may use, and where that is decided: see `limits_for`."""

from dataclasses import dataclass, replace

MEGABYTE = 1 << 20
CHECK_SECONDS = 120
"""For a cell, where students check their own work; in grading the course decides: `limits_for`."""
_NO_LIMIT = 3600
"""Seconds for a cell, where a course sets no limit."""


@dataclass(frozen=True)
class Limits:
    """Limits of one submission, enforced while it runs.

    cell_seconds: seconds that one cell may take; where others have the processor (see
                  `processor_time`), up to ten times that
    memory_mb:    resident memory of all its processes, in MB, what it began with apart
    processes:    processes at a time
    file_mb:      all files that it writes, in MB
    output_bytes: output of one cell that is kept
    """

    cell_seconds: float = CHECK_SECONDS
    memory_mb: int = 4096
    processes: int = 64
    file_mb: int = 256
    output_bytes: int = 2_000_000

    @property
    def sent_bytes(self) -> int:
        """Most bytes of one message, and most characters of all that one cell shows."""
        return 4 * self.output_bytes + 1_000_000

    @property
    def submission_seconds(self) -> float:
        """Seconds for all cells of a notebook, restarts included; on a busy machine up to 3
        times, and the cell that runs then may end."""
        return 10 * self.cell_seconds


def limits_for(
    course_seconds: float, seconds: float | None = None, memory_mb: int | None = None
) -> Limits:
    """The limits of a class's submissions.

    course_seconds: for one cell, what the course's configuration says: `c.Execute.timeout` in
                    nbgrader_config.py; 0 if it sets no limit
    seconds:        what takes its place, `--timeout`; None if nothing does
    memory_mb:      None takes the engine's own
    """
    limits = Limits(cell_seconds=seconds or course_seconds or _NO_LIMIT)
    return replace(limits, memory_mb=memory_mb) if memory_mb else limits
