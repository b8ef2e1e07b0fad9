"""Late penalties: a ready policy for nbgrader's own plugin point, and who asks the plugin.

nbgrader takes a penalty off each notebook; the score of the assignment is what remains.
"""

import math
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from nbgrader.plugins import LateSubmissionPlugin
from nbgrader.preprocessors import AssignLatePenalties
from traitlets import Enum, Float, Unicode

from autograder.assignment.errors import UserError
from autograder.assignment.late_policy import Policy, by_the_clock


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

    timezone = Unicode("UTC", help="Time zone by whose clocks days are counted.").tag(config=True)

    max_score: float | None = None
    """The notebook's points, from those who know them; nbgrader's own step is asked otherwise."""
    seconds: float | None = None
    """Seconds late by the clocks of the time zone, likewise."""

    def late_submission_penalty(
        self, student_id: str, score: float, total_seconds_late: float
    ) -> float | None:
        """Points to take off a notebook, see `Policy.penalty`."""
        policy = Policy(
            self.grace_minutes, self.share_per_day, self.of, self.cap, self.nothing_after_days
        )
        max_score = self.max_score
        seconds = total_seconds_late if self.seconds is None else self.seconds
        if max_score is None:
            step: Any = self.parent
            notebook = step.gradebook.find_notebook(step.notebook_id, step.assignment_id)
            max_score = float(notebook.max_score)
            handed_in = step.gradebook.find_submission(step.assignment_id, student_id)
            due = handed_in.duedate  # extension included
            seconds = self.by_the_clock(handed_in.timestamp, due)
        return policy.penalty(score, max_score, seconds)

    def by_the_clock(self, time: datetime | None, due: datetime | None) -> float:
        """Seconds late by the clocks of the time zone."""
        if time is None or due is None:
            return 0.0
        return by_the_clock(time, due, ZoneInfo(self.timezone))


@dataclass(frozen=True)
class _Scored:
    """What nbgrader's AssignLatePenalties wants to know of a notebook."""

    score: float


class LatePenalties:
    """What the course's own late-submission plugin takes off, kept within [0, score]."""

    def __init__(self, config: Any, log: Any) -> None:
        self._step = AssignLatePenalties(config=config, log=log)
        self._step.init_plugin()

    def penalty(
        self,
        student: str,
        score: float,
        max_score: float,
        time: datetime | None,
        due: datetime | None,
    ) -> float | None:
        """Points off one notebook; None if it was in time or the plugin takes nothing.

        time:   when it was handed in, in UTC; work whose time is not known loses nothing
        due:    extension included, in UTC; None if there is no due date
        raises: UserError if the plugin fails
        """
        seconds = seconds_late(time, due)
        if not self._step.enabled or seconds <= 0:
            return None
        plugin = self._step.plugin_inst
        if isinstance(plugin, LatePolicy):
            plugin.max_score, plugin.seconds = max_score, plugin.by_the_clock(time, due)
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


def seconds_late(time: datetime | None, due: datetime | None) -> float:
    """Seconds after the due date, extension included; 0 if in time, or if there is no time."""
    return 0.0 if due is None or time is None else max(0.0, (time - due).total_seconds())


def points_of(manual: float | None, automatic: float | None, extra: float | None) -> float:
    """The score of a graded cell by nbgrader's rule: a person's word counts, and extra credit."""
    given = automatic if manual is None else manual
    return 0.0 if given is None else given + (extra or 0.0)


def total_penalty(penalties: Iterable[float | None]) -> float | None:
    """Points off all notebooks; None if there is a penalty on none."""
    given = [penalty for penalty in penalties if penalty is not None]
    return math.fsum(given) if given else None
