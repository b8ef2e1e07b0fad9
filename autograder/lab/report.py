"""A check's report as the panel in JupyterLab shows it: plain data, texts as they are."""

from typing import Any

from autograder.assignment.notebook import aspect_of
from autograder.assignment.outcome import CheckResult
from autograder.grading.check import CheckReport
from autograder.grading.check_sections import Section, sections


def as_panel(report: CheckReport) -> dict[str, Any]:
    """Return the report for the panel.

    returns: chapter, title, score, points, notes, and exercises; of each its title, answer
             (grade_id), score, points, complete, checks, hidden and written points
    """
    return {
        "chapter": report.assignment.name,
        "title": report.assignment.title,
        "score": report.score,
        "points": report.points,
        "notes": list(report.notes),
        "exercises": [_exercise(section) for section in sections(report)],
    }


def _exercise(section: Section) -> dict[str, Any]:
    return {
        "title": section.title.replace("`", ""),  # Markdown's marks of code
        "answer": section.answer,
        "score": section.score,
        "points": section.points,
        "complete": section.complete,
        "checks": [_check(check) for check in section.visible],
        "hidden": sum(check.points for check in section.hidden),
        "written": section.written,
    }


def _check(check: CheckResult) -> dict[str, Any]:
    return {
        "grade_id": check.grade_id,
        "aspect": aspect_of(check.grade_id),
        "outcome": check.outcome.value,
        "score": check.score,
        "points": check.points,
        "message": check.message,
    }
