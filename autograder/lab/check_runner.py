"""JupyterLab's checks: the runner of `lab.runner`, whose helper keeps the last chapter's imports warm."""

import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from autograder.engine.limits import CHECK_SECONDS
from autograder.lab.runner import Runner, Words

_START_SECONDS = 180.0
"""Silence that is no fault, beside the time of a cell: a slow disk, a busy machine."""
_WORDS = Words(noun="check", verb="check", done="checked", plural="checks")


class CheckRunner(Runner):
    """Takes one check after the other; a report is that of `lab.report.as_panel`.

    notebooks: folder that paths are relative to
    seconds:   that one cell may take
    silence:   seconds without a word from the helper until it is taken for dead
    finished:  called with the path and each report
    """

    def __init__(
        self,
        course: Path,
        notebooks: Path,
        *,
        seconds: float = CHECK_SECONDS,
        silence: float | None = None,
        finished: Callable[[str, dict[str, Any]], None] = lambda path, report: None,
    ) -> None:
        command = (
            *(sys.executable, "-P", "-m", "autograder.lab.helper"),
            *(str(course), str(seconds)),
        )
        silence = seconds + _START_SECONDS if silence is None else silence
        super().__init__(command, notebooks, _WORDS, silence=silence, finished=finished)
