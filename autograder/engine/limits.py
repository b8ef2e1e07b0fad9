"""What a submission may use."""

from dataclasses import dataclass

MEGABYTE = 1 << 20
CHECK_SECONDS = 120
"""For a cell, where students check their own work. Grading takes the course's own limit, see
`autograder.grading.grade.limits_for`."""


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
        """Seconds for all cells of a notebook, restarts included; on a busy machine up to 3 times."""
        return 10 * self.cell_seconds
