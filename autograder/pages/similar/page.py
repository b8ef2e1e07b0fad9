"""The page of answers that are alike."""

from autograder.pages.page import render
from autograder.pages.similar.similar import (
    LEAST_SHARE,
    LEAST_TOKENS,
    LONG_TOKENS,
    NAMED,
    Similarity,
    joined,
)

MAX_PAIRS = 200
"""Pairs on a page; the rest is in the JSON."""


def similar_page(report: Similarity, least: float = LEAST_SHARE) -> str:
    """Return the page as HTML.

    least: the share that was asked for
    """
    pairs = [(exercise, pair) for exercise in report.exercises for pair in exercise.pairs]
    strongest = sorted(pairs, key=lambda found: -found[1].tokens * found[1].share)[:MAX_PAIRS]
    kept = {id(pair) for _, pair in strongest}
    return render(
        "similar",
        report=report,
        least=least,
        least_tokens=LEAST_TOKENS,
        long_tokens=LONG_TOKENS,
        named=NAMED,
        joined=joined,
        shown_pairs=[found for found in pairs if id(found[1]) in kept],
        left_out=len(pairs) - len(strongest),
    )
