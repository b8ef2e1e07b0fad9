"""The columns of Moodle's grading worksheet in any language, by what they hold and their order.

Moodle writes (mod/assign/gradingtable.php): Identifier, Full name, what identifies people besides,
Status, Group, Grade, Maximum Grade, marking workflow, Grade can be changed, Last modified
(submission), Last modified (grade), Feedback comments; several of them only where the assignment
has them.
"""

import re
from collections.abc import Sequence

NUMBERED = re.compile(r"(?P<word>[^\d]*[^\W\d_][^\d]*)(?P<number>\d+)")
"""Moodle's "Participant 123" in any language; German has no space in it."""


def columns_by_kind(header: Sequence[str], rows: Sequence[Sequence[str]]) -> dict[str, int]:
    """Moodle's columns by what they hold and their order, whatever they are called.

    Empty if it is not told for sure that it is a worksheet: it begins with "Word 123", all
    different, and has a column of grades and behind it one of the same positive maximum.
    """
    columns = [[row[place].strip() for row in rows] for place in range(len(header))]
    if not columns or not columns[0]:
        return {}
    numbered = [NUMBERED.fullmatch(text) for text in columns[0]]
    words = {match["word"] for match in numbered if match}
    if not all(numbered) or len(words) != 1 or len(set(columns[0])) < len(columns[0]):
        return {}
    found = {"Identifier": 0}
    tops = (
        place
        for place in range(2, len(columns))
        if len(set(columns[place])) == 1
        and (number(columns[place][0]) or 0) > 0
        and all(not text or number(text) is not None for text in columns[place - 1])
    )
    top = next(tops, None)
    if top is None:
        return {}
    found |= {"Grade": top - 1, "Maximum Grade": top}
    addresses = [
        place
        for place in range(1, top - 1)
        if all("@" in text for text in columns[place]) or "mail" in header[place].casefold()
    ]
    if addresses:
        mail = addresses[0]
        found["Email address"] = mail
        if mail > 1:  # where marking is blind, there are neither names nor addresses
            found["Full name"] = 1
    dates = [place for place in range(top + 1, len(columns)) if _is_dates(columns[place])]
    flags = [
        place
        for place in range(top + 1, dates[0] if dates else len(columns))
        if all(columns[place]) and len(set(columns[place])) <= 2
    ]
    if flags:  # the last before the times; those before it are of a marking workflow
        found["Grade can be changed"] = flags[-1]
    if len(dates) >= 2 and dates[1] + 1 < len(columns):
        found["Feedback comments"] = dates[1] + 1
    return found


def _is_dates(texts: list[str]) -> bool:
    """Times in any language, "-" where there is none."""
    return all(text == "-" or re.search(r"\d.*\d", text) for text in texts)


def number(text: str) -> float | None:
    """A number as LMSs write it, with a decimal point or comma; None if it is none."""
    try:
        return float(text.replace(",", "."))
    except ValueError:
        return None
