"""How late days are counted, and what they cost; `class.toml` has the numbers (see `class_keys`)."""

from dataclasses import dataclass
from datetime import UTC, datetime, tzinfo
from decimal import ROUND_CEILING, ROUND_DOWN, Decimal

_DAY = 86_400


@dataclass(frozen=True)
class Policy:
    """What a late submission loses; see `class_keys` for the fields.

    cap and share_per_day lie in [0, 1]; without nothing_after_days there is no last day.
    """

    grace_minutes: float = 0.0
    share_per_day: float = 0.0
    of: str = "score"
    cap: float = 1.0
    nothing_after_days: float | None = None

    def penalty(self, score: float, max_score: float, seconds: float) -> float | None:
        """Points to take off a notebook; None if nothing has to be said.

        Cut to hundredths of a point, in the student's favor; never more than the score, and the
        score itself after the last day.
        seconds: since the due date, extension included, see `by_the_clock`
        """
        if seconds <= 0 or seconds <= self.grace_minutes * 60:
            return None
        if self.nothing_after_days is not None and seconds > self.nothing_after_days * _DAY:
            return max(score, 0.0)
        days = (Decimal(str(seconds)) / _DAY).to_integral_value(ROUND_CEILING)  # begun
        share = min(days * Decimal(str(self.share_per_day)), Decimal(str(self.cap)))
        base = Decimal(str(score if self.of == "score" else max_score))
        off = float((share * base).quantize(Decimal("0.01"), ROUND_DOWN))
        return max(0.0, min(off, score))


def by_the_clock(time: datetime, due: datetime, zone: tzinfo) -> float:
    """Seconds from `due` to `time` as clocks of a time zone show them, 0 if it is not later.

    A day on which clocks are changed has 24 hours by them: whoever hands in at the same time of
    day is as late as on any other day. Both times are in UTC.
    """
    seconds = (time - due).total_seconds()
    if seconds <= 0:
        return 0.0
    shown, of_due = (
        at.replace(tzinfo=UTC).astimezone(zone).replace(tzinfo=None) for at in (time, due)
    )
    between = (shown - of_due).total_seconds()
    return between if between > 0 else seconds  # within the hour that comes twice
