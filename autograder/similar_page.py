"""The page of answers that are alike: one file, no script, no network, everything escaped."""

import base64
import hashlib
from importlib.resources import files

from autograder.similar import LEAST_SHARE, LEAST_TOKENS, Similarity, joined

MAX_PAIRS = 200
"""Pairs on a page; the rest is in the JSON."""


def similar_page(report: Similarity, least: float = LEAST_SHARE) -> str:
    """Return the page as HTML.

    least: the share that was asked for
    """
    from jinja2 import Environment, StrictUndefined
    from markupsafe import Markup

    templates = files("autograder") / "templates"
    style = (templates / "similar.css").read_text(encoding="utf-8")
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    pairs = [(exercise, pair) for exercise in report.exercises for pair in exercise.pairs]
    strongest = sorted(pairs, key=lambda found: -found[1].tokens * found[1].share)[:MAX_PAIRS]
    kept = {id(pair) for _, pair in strongest}
    environment = Environment(
        autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )
    environment.filters |= {"shown": visible, "percent": _percent, "joined": joined}
    page = environment.from_string((templates / "similar.html").read_text(encoding="utf-8"))
    return page.render(
        report=report,
        least=least,
        least_tokens=LEAST_TOKENS,
        style=Markup(style),
        style_hash=f"sha256-{digest}",
        shown_pairs=[found for found in pairs if id(found[1]) in kept],
        left_out=len(pairs) - len(strongest),
    )


def visible(text: str) -> str:
    """Text in which nothing can hide: control and direction marks are written out."""
    return "".join(c if c.isprintable() or c in "\n\t" else _written(c) for c in text)


def _written(letter: str) -> str:
    return letter.encode("unicode_escape").decode()


def _percent(share: float | None) -> str:
    return "–" if share is None else f"{share:.0%}"
