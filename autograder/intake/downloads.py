"""What learning management systems let teachers download: whose files are whose, and how known.

Canvas, "Download Submissions" (lib/content_zipper.rb): `NAME[_LATE]_USERID_FILEID_original.ext`;
the name in lower case, Canvas's `-1` before the extension of a file that was uploaded again. Where
groups submit, NAME is the group's, USERID that of one member, who stands for all
(`representatives` in app/models/abstract_assignment.rb).
Moodle, "Download all submissions": `Full Name_1234567_assignsubmission_file_/original.ext`, or
without folders `Full Name_1234567_assignsubmission_file_original.ext`. Where groups submit, older
versions write `Group-Full Name_1234567_…` for each member (download_submissions in
mod/assign/locallib.php), newer ones `Group_456_…` once, with the group's number, or
`Default group_…` without one (get_student_prefix in mod/assign/classes/downloader.php). A group's
number may be a student's, too, so names decide, by a roster: see `_moodle_people`.
Gradescope, "Download Submissions": `assignment_X_export/submission_Y/…` and a
`submission_metadata.yml` with submitters and times, of the active submissions alone.
A plain folder: `STUDENT/…`, or as nbgrader's own `STUDENT/ASSIGNMENT/…`.
"""

import re
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Any

from autograder.assignment.errors import UserError
from autograder.assignment.notes import few, shown
from autograder.assignment.submission import (
    MAX_FILES,
    MAX_TOTAL,
    is_notebook_name,
    submission_files,
)
from autograder.intake.packed import Packed, Unreadable, note
from autograder.intake.roster import Person, Roster, letters, nfc

LAYOUTS = ("canvas", "moodle", "gradescope", "folder")

_CANVAS = re.compile(
    r"(?:(?P<late>LATE)_)?(?P<id>\d+|anon_[0-9A-Za-z]+)_(?P<file>\d+)_(?P<original>.+)", re.DOTALL
)
"""What follows the student's name."""
_CANVAS_TEXT = re.compile(r"(?:\w+_)?(?:\d+|anon_[0-9A-Za-z]+)_(?:text|link)\.html")
_MOODLE = re.compile(
    r"(?P<name>.*?)(?:_(?P<id>\d+))?_assignsubmission_(?P<kind>file|onlinetext)"
    r"(?:_(?P<original>.*))?",
    re.DOTALL,
)
_METADATA = "submission_metadata.yml"
_MAX_METADATA = 200 * 2**20


@dataclass(frozen=True)
class Delivery:
    """What one student handed in, by one download.

    key:     what the system calls the student: a number, a SID, an e-mail address, a folder's name
    name:    as the download writes it, if it does
    members: path in the submission, and path in the download
    origin:  what tells one hand-in from another with the same bytes; empty if nothing does
    order:   a number that grows with each hand-in of the system, if there is one
    time:    when it was handed in, as the system says, in UTC
    late:    the system's word on it
    held:    why a person has to decide before it can count
    active:  whether the system itself takes it, of all that the student handed in
    """

    key: str
    name: str
    members: tuple[tuple[str, str], ...]
    origin: str = ""
    order: int | None = None
    time: datetime | None = None
    late: bool | None = None
    held: str = ""
    notes: tuple[str, ...] = field(default=())
    active: bool = False


@dataclass(frozen=True)
class Download:
    """What a download holds: its layout, the students' deliveries, and what is nobody's."""

    layout: str
    deliveries: tuple[Delivery, ...]
    notes: tuple[str, ...] = ()


def read_download(
    packed: Packed,
    layout: str | None = None,
    names: Mapping[str, str] | None = None,
    *,
    roster: Roster | None = None,
    assignment: str = "",
) -> Download:
    """Tell whose files are whose; nothing is read but Gradescope's list.

    layout:     one of LAYOUTS; None recognizes it
    names:      students' names by what the system calls them: they tell where a name ends that
                looks like a number, and whether it is the student's at all; the roster's, if None
    roster:     tells who is in a group
    assignment: its name, to know nbgrader's own folders by
    raises:     UserError if the layout cannot be recognized, or is not what it should be
    """
    layout, root, files = _placed(packed.names, layout, assignment)
    notes = [note(name, problem) for name, problem in packed.notes.items()]
    if names is None:
        names = {key: one.name for key, one in roster.by_key().items()} if roster else {}
    if layout == "gradescope":
        deliveries = _gradescope(packed, root, files, notes)
    elif layout == "canvas":
        deliveries = _canvas(root, files, names, roster, notes)
    elif layout == "moodle":
        deliveries = _moodle(root, files, roster, notes)
    else:
        deliveries = _folders(root, files, assignment, notes)
    deliveries = [_own(one) for one in _with_skipped(deliveries, packed.skipped, notes)]
    return Download(layout, tuple(sorted(deliveries, key=lambda one: one.key)), few(notes))


def _own(delivery: Delivery) -> Delivery:
    """A delivery without what is no submission's, its paths and the student in Unicode's NFC."""
    members = _distinct([(nfc(path), member) for path, member in delivery.members])
    kept, skipped = submission_files(path for path, _ in members)
    wanted = set(kept)
    return replace(
        delivery,
        key=nfc(delivery.key),
        name=nfc(delivery.name),
        members=tuple(one for one in members if one[0] in wanted),
        notes=(*delivery.notes, *(note(path, why) for path, why in skipped.items())),
    )


def _with_skipped(
    deliveries: list[Delivery], skipped: Mapping[str, str], notes: list[str]
) -> list[Delivery]:
    """Say of folders that were not looked into whose they are, once each."""
    roots = [_roots(one) for one in deliveries]
    said: dict[int, list[str]] = defaultdict(list)
    for folder, why in skipped.items():
        places = [
            (place, root)
            for place, found in enumerate(roots)
            for root in found
            if folder.startswith(root)
        ]
        for place, root in places:  # several: a group's
            said[place].append(note(folder.removeprefix(root), why))
        if not places:
            notes.append(note(folder, why))
    return [
        replace(one, notes=(*one.notes, *few(said[place]))) for place, one in enumerate(deliveries)
    ]


def _roots(delivery: Delivery) -> set[str]:
    """Where in the download a delivery's files begin, with the slash behind it."""
    found = {
        member.removesuffix(path) for path, member in delivery.members if member.endswith(path)
    }
    return {root for root in found if root.endswith("/")}


def read_files(packed: Packed, delivery: Delivery) -> tuple[dict[str, bytes], tuple[str, ...]]:
    """A delivery's files by their path in the submission, and notes on what was left out."""
    files: dict[str, bytes] = {}
    notes = list(delivery.notes)
    left = MAX_TOTAL
    # Notebooks first: whatever else fills the limits, the work is there.
    for path, member in sorted(delivery.members, key=lambda one: not is_notebook_name(one[0])):
        if len(files) >= MAX_FILES:
            notes.append(f"there are more than {MAX_FILES} files; the others are left out")
            break
        try:
            data = packed.read(member)
        except Unreadable as error:
            notes.append(note(path, str(error)))
            continue
        if len(data) > left:
            notes.append(
                note(path, f"all files together exceed {MAX_TOTAL // 2**20} MB; it is left out")
            )
            continue
        left -= len(data)
        files[path] = data
    return files, few(notes)


def _placed(
    names: tuple[str, ...], wanted: str | None, assignment: str
) -> tuple[str, str, tuple[str, ...]]:
    """The layout, the folders that hold everything, and the files below them."""
    levels = [("", names)]
    while len(tops := {name.partition("/")[0] for name in levels[-1][1]}) == 1:
        root, files = levels[-1]
        if not all("/" in name for name in files):
            break
        (top,) = tops
        levels.append((f"{root}{top}/", tuple(name.removeprefix(f"{top}/") for name in files)))
    for root, files in levels:
        layout = _recognized(files)
        if layout and wanted in (None, layout):
            return layout, root, files
    if wanted in (None, "folder"):
        for root, files in levels:
            if any(_is_nbgraders(name, assignment) for name in files):
                return "folder", root, files
        for root, files in levels:
            several = len({name.partition("/")[0] for name in files if "/" in name}) > 1
            # A folder that holds everything is a wrapper, unless files lie right in it.
            if several or any(name.count("/") == 1 for name in files):
                return "folder", root, files
    what = f"it is not {wanted}'s" if wanted else "it is neither Canvas's, Moodle's, Gradescope's"
    raise UserError(
        f"The download cannot be read: {what}, nor a folder of students' folders; say with "
        "--from what it is."
    )


def _is_nbgraders(name: str, assignment: str) -> bool:
    """Whether it is a notebook as nbgrader places it: STUDENT/ASSIGNMENT/NAME.ipynb."""
    parts = name.split("/")
    return (
        bool(assignment)
        and len(parts) == 3
        and nfc(parts[1]) == nfc(assignment)
        and is_notebook_name(parts[2])
    )


def _recognized(files: tuple[str, ...]) -> str | None:
    if _METADATA in files:
        return "gradescope"
    if any(_MOODLE.fullmatch(name.partition("/")[0]) for name in files):
        return "moodle"
    if any("/" not in name and _canvas_readings(name) for name in files):
        return "canvas"
    return None


def _canvas(
    root: str,
    files: tuple[str, ...],
    names: Mapping[str, str],
    roster: Roster | None,
    notes: list[str],
) -> list[Delivery]:
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
            members=_distinct([(match["original"], root + file) for match, _, file in parts]),
            origin=f"files {','.join(map(str, numbers))}",
            order=numbers[-1],
            late=any(match["late"] for match, _, _ in parts),
            held=held,
        )
        known = names.get(key)
        if held or known is None or _is_called(called[0], known):
            deliveries.append(delivery)
            continue
        members = roster.members(called[0]) if roster else ()
        if any(key in member.keys for member in members):
            deliveries += _of_group(delivery, members)
        else:
            deliveries.append(replace(delivery, held=_not_called(key, called[0], known, "Canvas")))
    return deliveries


def _is_called(name: str, known: str) -> bool:
    """Whether a download's name is the roster's, in whatever order and without its signs."""
    words = [letters(word) for word in known.split()]
    turned = ("".join(words[at:] + words[:at]) for at in range(len(words) or 1))
    return letters(name) in (*turned, letters(known))


def _not_called(key: str, name: str, known: str, system: str) -> str:
    table = {
        "Canvas": "the list of its group set (People, the group set, Download)",
        "Moodle": "the grading worksheet of this assignment, which has the groups,",
    }[system]
    return (
        f"the work for {key} comes under the name {shown(name)}, on the roster it is {known}; "
        f"if {shown(name)} is a group, give {table} by --roster"
    )


def _of_group(delivery: Delivery, members: tuple[Person, ...]) -> list[Delivery]:
    """A group's work is everybody's."""
    said = f"handed in by the group {shown(delivery.name)}"
    return [
        replace(delivery, key=member.keys[0], notes=(*delivery.notes, said)) for member in members
    ]


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
        if known is not None and _is_called(name, known):
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


def _moodle(
    root: str, files: tuple[str, ...], roster: Roster | None, notes: list[str]
) -> list[Delivery]:
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
        delivery = Delivery(key or name, name, _distinct(parts))
        deliveries += _moodle_people(delivery, key, roster, len(called[key]))
    return deliveries


def _moodle_people(
    delivery: Delivery, key: str, roster: Roster | None, names: int
) -> list[Delivery]:
    """Whose a folder is: the student's of its number if the name fits, or a group's by its name.

    Where marking is blind, neither the roster nor the download has names, and the number decides.
    names: how many there are for this number in the download
    """
    person = roster.by_key().get(key) if roster else None
    known = person.name if person and person.name != person.student else ""
    # Older versions put the group before the member's name.
    of_member = "-" in delivery.name and letters(delivery.name).endswith(letters(known))
    if known and (_is_called(delivery.name, known) or of_member):
        return [delivery]
    if roster and (members := roster.members(delivery.name)):
        return _of_group(delivery, members)
    if known:
        return [replace(delivery, held=_not_called(key, delivery.name, known, "Moodle"))]
    if not key:
        held = f"{shown(delivery.name)} has no student's number, and is no group of a roster"
        return [replace(delivery, held=held)]
    if names > 1:
        return [replace(delivery, held=f"files for {key} come under {names} names")]
    return [delivery]


def _folders(
    root: str, files: tuple[str, ...], assignment: str, notes: list[str]
) -> list[Delivery]:
    found: dict[str, list[tuple[str, str]]] = defaultdict(list)
    for file in files:
        student, _, below = file.partition("/")
        if below:
            found[nfc(student)].append((below, root + file))
        else:
            notes.append(note(file, "lies in no student's folder; it is left out"))
    if any(_is_nbgraders(file, assignment) for file in files):
        return _nbgraders(found, assignment, notes)
    return [Delivery(key, key, tuple(members)) for key, members in found.items()]


def _nbgraders(
    found: Mapping[str, list[tuple[str, str]]], assignment: str, notes: list[str]
) -> list[Delivery]:
    """Of nbgrader's STUDENT/ASSIGNMENT/… what is the assignment's."""
    deliveries = []
    others: set[str] = set()
    for student, members in found.items():
        own = []
        for below, member in members:
            folder, _, path = below.partition("/")
            if path and nfc(folder) == nfc(assignment):
                own.append((path, member))
            elif path:
                others.add(nfc(folder))
            else:
                notes.append(note(f"{student}/{below}", "is of no assignment; it is left out"))
        if own:
            deliveries.append(Delivery(student, student, tuple(own)))
    notes += [note(folder, "is another assignment's; it is left out") for folder in sorted(others)]
    return deliveries


def _gradescope(
    packed: Packed, root: str, files: tuple[str, ...], notes: list[str]
) -> list[Delivery]:
    listed = _metadata(packed, root)
    found: dict[str, list[tuple[str, str]]] = defaultdict(list)
    for file in files:
        folder, _, below = file.partition("/")
        if below and folder in listed:
            found[folder].append((below, root + file))
        elif file != _METADATA:
            notes.append(note(file, f"is not in {_METADATA}; it is left out"))
    deliveries = []
    for folder, entry in listed.items():
        entry = entry if isinstance(entry, dict) else {}
        time = _utc(entry.get(":created_at"))
        submitters = entry.get(":submitters")
        people = [one for one in submitters or [] if isinstance(one, dict)]
        if not people or time is None:
            notes.append(note(folder, f"{_METADATA} says no submitter or no time; it is left out"))
            continue
        origin = f"{folder} {time.isoformat()}"
        base = Delivery("", "", tuple(found[folder]), origin, time=time, active=True)
        for person in people:  # a group's work is everybody's
            sid, email, name = (
                str(person.get(field) or "").strip() for field in (":sid", ":email", ":name")
            )
            if sid or email:
                deliveries.append(replace(base, key=sid or email, name=name or email))
            else:
                notes.append(note(folder, f"{name or 'a submitter'} has no SID and no email"))
    return deliveries


def _metadata(packed: Packed, root: str) -> Mapping[str, Any]:
    import yaml

    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    try:
        listed = yaml.load(packed.read(root + _METADATA, _MAX_METADATA), Loader=loader)
    except (KeyError, Unreadable, yaml.YAMLError, ValueError, RecursionError) as error:
        what = " ".join(str(error).split())[:150]
        raise UserError(f"{_METADATA}: cannot be read ({what}).") from error
    if not isinstance(listed, dict):
        raise UserError(f"{_METADATA}: is no list of submissions.")
    return {str(folder): entry for folder, entry in listed.items()}


def _utc(time: Any) -> datetime | None:
    """A time of Gradescope's as YAML reads it; without a zone it is UTC."""
    if isinstance(time, str):
        try:
            time = datetime.fromisoformat(time.strip())
        except ValueError:
            return None
    if not isinstance(time, datetime):
        return None
    return time.replace(tzinfo=UTC) if time.tzinfo is None else time.astimezone(UTC)


def _distinct(members: list[tuple[str, str]]) -> tuple[tuple[str, str], ...]:
    """Two files that were uploaded under one name both stay: the second is given a number."""
    seen: set[str] = set()
    result = []
    for path, member in sorted(members):
        stem, dot, suffix = path.rpartition(".")
        unique, count = path, 1
        while unique in seen:
            count += 1
            unique = f"{stem} ({count}){dot}{suffix}" if dot else f"{path} ({count})"
        seen.add(unique)
        result.append((unique, member))
    return tuple(result)
