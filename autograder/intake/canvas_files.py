"""Canvas's "Download Submissions" (lib/content_zipper.rb): `NAME[_LATE]_USERID_FILEID_original.ext`.

The name is in lower case, and Canvas's own `-1` before the end of a file that was uploaded again.
Where groups submit, NAME is the group's, USERID that of one member, who stands for all
(`representatives` of an assignment).
"""

import re
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import replace

from autograder.assignment.notes import shown
from autograder.intake.deliveries import Delivery, distinct, is_called, not_called, of_group
from autograder.intake.packed import note
from autograder.intake.roster import Roster

_CANVAS = re.compile(
    r"(?:(?P<late>LATE)_)?(?P<id>\d+|anon_[0-9A-Za-z]+)_(?P<file>\d+)_(?P<original>.+)", re.DOTALL
)
"""What follows the student's name."""
_CANVAS_TEXT = re.compile(r"(?:\w+_)?(?:\d+|anon_[0-9A-Za-z]+)_(?:text|link)\.html")


def is_canvas_file(name: str) -> bool:
    """Whether a file's name is as Canvas gives it."""
    return "/" not in name and bool(_canvas_readings(name))


def canvas_deliveries(
    root: str,
    files: tuple[str, ...],
    names: Mapping[str, str],
    roster: Roster | None,
    notes: list[str],
) -> list[Delivery]:
    """What each student, or each member of a group, handed in.

    root:   what the files' paths begin with in the download
    names:  students' names by Canvas's numbers; a file under another name is a group's, or waits
    roster: tells who is in a group
    notes:  is added to, on files that are nobody's
    """
    found: dict[str, list[tuple[re.Match[str], str, str]]] = defaultdict(list)
    doubts: dict[str, str] = {}
    for file in files:
        if _CANVAS_TEXT.fullmatch(file):
            notes.append(note(file, "is a text or link, no file; it is left out"))
            continue
        match, name, doubt = _canvas_match(file, names)
        if match is None or "/" in file:
            notes.append(note(file, "has no name as Canvas gives it; it is left out"))
            continue
        found[match["id"]].append((match, name, file))
        if doubt:
            doubts[match["id"]] = doubt
    deliveries = []
    for key, parts in found.items():
        called = sorted({name for _, name, _ in parts})
        held = doubts.get(key, "")
        if len(called) > 1:
            # A student may choose a name that ends like another's number.
            held = (
                f"files for {key} come under {len(called)} names ({', '.join(called)}); "
                "give the gradebook's export by --roster"
            )
        numbers = sorted(int(match["file"]) for match, _, _ in parts)
        delivery = Delivery(
            key=key,
            name=called[0],
            members=distinct([(match["original"], root + file) for match, _, file in parts]),
            origin=f"files {','.join(map(str, numbers))}",
            order=numbers[-1],
            late=any(match["late"] for match, _, _ in parts),
            held=held,
        )
        known = names.get(key)
        if held or known is None or is_called(called[0], known):
            deliveries.append(delivery)
            continue
        members = roster.members(called[0]) if roster else ()
        if any(key in member.keys for member in members):
            deliveries += of_group(delivery, members)
        else:
            deliveries.append(replace(delivery, held=not_called(key, called[0], known, "Canvas")))
    return deliveries


def _canvas_readings(file: str) -> list["re.Match[str]"]:
    """All the ways to read a file's name: the student's name may hold numbers, so may the file's."""
    starts = [0, *(match.end() for match in re.finditer("_", file))]
    found = (_CANVAS.fullmatch(file, start) for start in starts)
    return [match for match in found if match]


def _canvas_match(file: str, names: Mapping[str, str]) -> tuple["re.Match[str] | None", str, str]:
    """Read a file's name; where it can be read in several ways, a roster's name decides.

    returns: what was read, the student's name, and why that is in doubt
    """
    readings = _canvas_readings(file)
    for reading in readings:
        name = _canvas_name(file, reading)
        known = names.get(reading["id"])
        if known is not None and is_called(name, known):
            return reading, name, ""
    if not readings:
        return None, "", ""
    name = _canvas_name(file, readings[0])
    doubt = ""
    if len({reading["id"] for reading in readings} & names.keys()) > 1:
        doubt = f"{shown(file)} may be of several students, and fits the name of none"
    return readings[0], name, doubt


def _canvas_name(file: str, match: "re.Match[str]") -> str:
    return file[: match.start()].removesuffix("_")
