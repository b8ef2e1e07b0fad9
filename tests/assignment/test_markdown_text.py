"""What of a text cell is fenced code, and where it states its minutes and points."""

import pytest

from autograder.assignment.markdown_text import MINUTES, POINTS, statement, unfenced


@pytest.mark.parametrize(
    ("text", "left"),
    [
        ("## A\n\n```python\n# b\n```\n# c", "## A # c"),
        ("~~~\n```\n# b\n~~~\n# c", "# c"),
        ("````\n```\n# b\n```\n# d\n````\n# c", "# c"),
        ("```\n# b", ""),
        ("   ```\n# b\n   ```", ""),
        ("    ```\n# b", "``` # b"),
        ("```a``` is inline\n# b", "```a``` is inline # b"),
        ("```\n# a\n```python\n# b\n```\n# c", "# c"),
    ],
)
def test_fenced_code_is_blanked_and_places_stay(text: str, left: str) -> None:
    told = unfenced(text)
    assert " ".join(told.split()) == left
    assert [len(line) for line in told.split("\n")] == [len(line) for line in text.split("\n")]


@pytest.mark.parametrize(
    ("text", "minutes", "points"),
    [
        ("## Exercise 1 · Rest 5 minutes, 4 points\n\n*10 minutes · 3 points*", "10", "3"),
        ("# Add 2 points\n\nAdd 2 points.\n\n**25 minutes of it · 9 points**", "25", "9"),
        ("*1 minute · 1 point*", "1", "1"),
        ("Takes 5 minutes.\n\nIt is worth 2.5 points.", "5", "2.5"),
        ("```\n5 minutes · 3 points\n```\n*10 minutes · 4 points*", "10", "4"),
        ("# 90 minutes of 3 points", "", ""),
    ],
)
def test_minutes_and_points_are_those_that_are_stated(text: str, minutes: str, points: str) -> None:
    for pattern, said in ((MINUTES, minutes), (POINTS, points)):
        found = pattern.search(statement(text))
        assert (found["number"] if found else "") == said
        assert not found or text[found.start() : found.end()] == found[0]
