"""Pictures of the report, as SVG that takes its colors from the page's style."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

from markupsafe import Markup

_WIDTH, _HEIGHT = 420, 190
_LEFT, _RIGHT, _TOP, _BOTTOM = 34, 8, 18, 40


@dataclass(frozen=True)
class Bin:
    """Students whose score is in [low, high); the last bin has its upper end too."""

    low: float
    high: float
    count: int


def bins(scores: Sequence[float], max_score: float) -> tuple[Bin, ...]:
    """Sort scores into at most ten bins from 0 to the maximum, of whole points where they fit."""
    top = max([max_score, *scores, 1.0])  # extra credit may go above
    width = max(1, math.ceil(top / 10)) if top > 5 else top / 5
    number = math.ceil(round(top / width, 9))
    counts = [0] * number
    for score in scores:
        counts[min(number - 1, int(max(0.0, score) / width))] += 1
    return tuple(Bin(n * width, min(top, (n + 1) * width), count) for n, count in enumerate(counts))


def histogram(found: Sequence[Bin], name: str) -> Markup:
    """Draw the bins. The numbers are in its description, for those who do not see it.

    name: unique on the page, a word
    """
    most = max((one.count for one in found), default=0) or 1
    wide, high = _WIDTH - _LEFT - _RIGHT, _HEIGHT - _TOP - _BOTTOM
    step = wide / len(found)
    base = _TOP + high
    parts = []
    for number, one in enumerate(found):
        x, tall = _LEFT + number * step, high * one.count / most
        parts.append(
            f'<rect class="bar" x="{x + 1:.1f}" y="{base - tall:.1f}" width="{step - 2:.1f}" '
            f'height="{tall:.1f}"/>'
        )
        if one.count:
            parts.append(_text(x + step / 2, base - tall - 4, str(one.count)))
        parts.append(_text(x, base + 14, f"{one.low:g}"))
    parts.append(_text(_LEFT + wide, base + 14, f"{found[-1].high:g}"))
    parts.append(_text(_LEFT + wide / 2, _HEIGHT - 6, "points"))
    middle = _TOP + high / 2
    parts.append(
        f'<text x="12" y="{middle:g}" transform="rotate(-90 12 {middle:g})" '
        'text-anchor="middle">students</text>'
    )
    said = "; ".join(f"{b.low:g} to {b.high:g} points: {b.count}" for b in found if b.count)
    return Markup(
        f'<svg class="histogram" viewBox="0 0 {_WIDTH} {_HEIGHT}" role="img" '
        f'aria-labelledby="{name}-title {name}-said"><title id="{name}-title">How many students '
        f'have how many points</title><desc id="{name}-said">{said or "nobody"}</desc>'
        f'<line class="axis" x1="{_LEFT}" x2="{_LEFT + wide}" y1="{base}" y2="{base}"/>'
        f"{''.join(parts)}</svg>"
    )


def bar(share: float) -> Markup:
    """A bar beside a number that says the same."""
    wide = 60 * min(1.0, max(0.0, share))
    return Markup(
        '<svg class="share" viewBox="0 0 60 10" width="60" height="10" aria-hidden="true">'
        '<rect class="whole" width="60" height="10"/>'
        f'<rect class="bar" width="{wide:.1f}" height="10"/></svg>'
    )


def _text(x: float, y: float, text: str) -> str:
    return f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="middle">{text}</text>'
