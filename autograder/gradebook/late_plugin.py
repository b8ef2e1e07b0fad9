"""Late penalties: a ready policy for nbgrader's own plugin point, and who asks the plugin.

nbgrader takes a penalty off each notebook; the score of the assignment is what remains.
"""

import math
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from nbgrader.plugins import LateSubmissionPlugin
from nbgrader.preprocessors import AssignLatePenalties
from traitlets import Enum, Float

from autograder.assignment.errors import UserError
from autograder.assignment.late_policy import Policy


class LatePolicy(LateSubmissionPlugin):  # type: ignore[misc]  # nbgrader is not typed
    """Grace, then a share for each day begun, up to a cap, then nothing (see `class_file`).

    In nbgrader_config.py, where there is no class.toml:
    `c.AssignLatePenalties.plugin_class = "autograder.gradebook.late_plugin.LatePolicy"`, `c.LatePolicy.cap = 0.5`.
    """

    grace_minutes = Float(0.0, help="Minutes after the due date that cost nothing.").tag(
        config=True
    )
    share_per_day = Float(0.0, help="Share taken off for each day begun.").tag(config=True)
    of = Enum(("score", "max"), "score", help="Of what the shares are.").tag(config=True)
    cap = Float(1.0, help="Share that is taken off at most.").tag(config=True)
    nothing_after_days = Float(
        None, allow_none=True, help="Days after which there are no points; None for never."
    ).tag(config=True)

    max_score: float | None = None
    """The notebook's points, from those who know them; nbgrader's own step is asked otherwise."""

    def late_submission_penalty(
        self, student_id: str, score: float, total_seconds_late: float
    ) -> float | None:
        """Points to take off a notebook, see `Policy.penalty`."""
        policy = Policy(
            self.grace_minutes, self.share_per_day, self.of, self.cap, self.nothing_after_days
        )
        max_score = self.max_score
        if max_score is None:
            step: Any = self.parent
            notebook = step.gradebook.find_notebook(step.notebook_id, step.assignment_id)
            max_score = float(notebook.max_score)
        return policy.penalty(score, max_score, total_seconds_late)


@dataclass(frozen=True)
class _Scored:
    """What nbgrader's AssignLatePenalties wants to know of a notebook."""

    score: float


class LatePenalties:
    """What the course's own late-submission plugin takes off, kept within [0, score]."""

    def __init__(self, config: Any, log: Any) -> None:
        self._step = AssignLatePenalties(config=config, log=log)
        self._step.init_plugin()

    def penalty(self, student: str, score: float, max_score: float, seconds: float) -> float | None:
        """Points off one notebook; None if it was in time or the plugin takes nothing.

        raises: UserError if the plugin fails
        """
        if not self._step.enabled or seconds <= 0:
            return None
        plugin = self._step.plugin_inst
        if isinstance(plugin, LatePolicy):
            plugin.max_score = max_score
        try:
            penalty = plugin.late_submission_penalty(student, score, seconds)
            if penalty is None:
                return None
            return float(self._step._check_late_penalty(_Scored(score), penalty))
        except Exception as error:
            raise UserError(
                f"{type(plugin).__name__}: the late submission plugin failed for {student} "
                f"({type(error).__name__}: {error}); nothing of this submission was entered.",
                exit_code=1,
            ) from error


def seconds_late(
    timestamp: datetime | None, due: datetime | None, extension: timedelta | None
) -> float:
    """Seconds after the due date and its extension; 0 if in time, or if there is no time."""
    if due is None or timestamp is None:
        return 0.0
    return max(0.0, (timestamp - due - (extension or timedelta())).total_seconds())


def points_of(manual: float | None, automatic: float | None, extra: float | None) -> float:
    """The score of a graded cell by nbgrader's rule: a person's word counts, and extra credit."""
    given = automatic if manual is None else manual
    return 0.0 if given is None else given + (extra or 0.0)


def total_penalty(penalties: Iterable[float | None]) -> float | None:
    """Points off all notebooks; None if there is a penalty on none."""
    given = [penalty for penalty in penalties if penalty is not None]
    return math.fsum(given) if given else None
