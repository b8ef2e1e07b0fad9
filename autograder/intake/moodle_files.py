"""Moodle's "Download all submissions": `Full Name_1234567_assignsubmission_file_/original.ext`.

Without folders it is `Full Name_1234567_assignsubmission_file_original.ext`. Where groups submit,
older versions write `Group-Full Name_1234567_…` for each member (download_submissions in
mod/assign/locallib.php), newer ones `Group_456_…` once, with the group's number, or
`Default group_…` without one (get_student_prefix in mod/assign/classes/downloader.php). A group's
number may be a student's, too, so names decide, by a roster.
"""

import re
from collections import defaultdict
from dataclasses import replace

from autograder.assignment.notes import shown
from autograder.intake.deliveries import Delivery, distinct, is_called, not_called, of_group
from autograder.intake.packed import note
from autograder.intake.roster import Roster, letters
from autograder.records.people import nfc

_MOODLE = re.compile(
    r"(?P<name>.*?)(?:_(?P<id>\d+))?_assignsubmission_(?P<kind>file|onlinetext)"
    r"(?:_(?P<original>.*))?",
    re.DOTALL,
)


def is_moodle_file(name: str) -> bool:
    """Whether a path begins as Moodle's do."""
    return bool(_MOODLE.fullmatch(name.partition("/")[0]))


def moodle_deliveries(
    root: str, files: tuple[str, ...], roster: Roster | None, notes: list[str]
) -> list[Delivery]:
    """What each student, or each member of a group, handed in.

    root:   what the files' paths begin with in the download
    roster: has the students' names and who is in a group
    notes:  is added to, on files that are nobody's
    """
    found: dict[tuple[str, str], list[tuple[str, str]]] = defaultdict(list)
    for file in files:
        top, _, below = file.partition("/")
        match = _MOODLE.fullmatch(top)
        if match is None:
            notes.append(note(file, "has no name as Moodle gives it; it is left out"))
        elif match["kind"] == "onlinetext":
            notes.append(note(file, "is a text written online, no file; it is left out"))
        else:
            original = "/".join(filter(None, (match["original"], below)))
            found[match["id"] or "", nfc(match["name"])].append((original or top, root + file))
    called: dict[str, set[str]] = defaultdict(set)
    for key, name in found:
        called[key].add(name)
    deliveries = []
    for (key, name), parts in found.items():
        delivery = Delivery(key or name, name, distinct(parts))
        deliveries += _moodle_people(delivery, key, roster, len(called[key]))
    return deliveries


def _moodle_people(
    delivery: Delivery, key: str, roster: Roster | None, names: int
) -> list[Delivery]:
    """Whose a folder is: the student's of its number if the name fits, or a group's by its name.

    Where marking is blind, neither the roster nor the download has names, and the number decides.
    names: how many there are for this number in the download
    """
    row = roster.by_key().get(key) if roster else None
    known = row.name if row else ""
    # Older versions put the group before the member's name.
    of_member = "-" in delivery.name and letters(delivery.name).endswith(letters(known))
    if known and (is_called(delivery.name, known) or of_member):
        return [delivery]
    if roster and (members := roster.members(delivery.name)):
        return of_group(delivery, members)
    if known:
        return [replace(delivery, held=not_called(key, delivery.name, known, "Moodle"))]
    if not key:
        held = f"{shown(delivery.name)} has no student's number, and is no group of a roster"
        return [replace(delivery, held=held)]
    if names > 1:
        return [replace(delivery, held=f"files for {key} come under {names} names")]
    return [delivery]
