"""How hard an exercise was, and how well it tells strong students from weak ones."""

import statistics
from collections.abc import Sequence
from dataclasses import dataclass

from autograder.pages.report.values import ExerciseFigures


@dataclass(frozen=True)
class Column:
    """One exercise: each student's points, in the same order in all; None while it waits."""

    title: str
    points: float
    scores: tuple[float | None, ...]


def exercise_figures(columns: Sequence[Column]) -> tuple[ExerciseFigures, ...]:
    """Work out the figures of each exercise, from those whose points in it are decided."""
    totals = [
        sum(score or 0.0 for score in row) for row in zip(*(c.scores for c in columns), strict=True)
    ]
    return tuple(_figures(column, totals) for column in columns)


def _figures(column: Column, totals: Sequence[float]) -> ExerciseFigures:
    pairs = [
        (score, total - score)  # without itself, or it would go along with itself
        for score, total in zip(column.scores, totals, strict=True)
        if score is not None
    ]
    scores = [score for score, _ in pairs]
    return ExerciseFigures(
        column.title,
        column.points,
        len(scores),
        statistics.fmean(scores) / column.points if scores else None,
        _correlation(pairs),
        sum(score >= column.points for score in scores),
        sum(score <= 0 for score in scores),
    )


def _correlation(pairs: Sequence[tuple[float, float]]) -> float | None:
    """Pearson's; None with fewer than three pairs, or where one side does not vary."""
    try:
        return statistics.correlation(*zip(*pairs, strict=True)) if len(pairs) > 2 else None
    except statistics.StatisticsError:
        return None
