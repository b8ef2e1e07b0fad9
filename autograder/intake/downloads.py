"""What learning management systems let teachers download: whose files are whose, and how known.

Canvas, "Download Submissions" (content_zipper.rb): `NAME[_LATE]_USERID_FILEID_original.ext`; the
name in lower case, Canvas's `-1` before the extension of a file that was uploaded again.
Moodle, "Download all submissions": `Full Name_1234567_assignsubmission_file_/original.ext`, or
without folders `Full Name_1234567_assignsubmission_file_original.ext`.
Gradescope, "Download Submissions": `assignment_X_export/submission_Y/…` and a
`submission_metadata.yml` with submitters and times.
A plain folder: `STUDENT/…`.
"""

import re
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Any

from autograder.assignment.errors import UserError
from autograder.assignment.notes import few, shown
from autograder.assignment.submission import MAX_FILES, MAX_TOTAL
from autograder.intake.packed import Packed, Unreadable, note

LAYOUTS = ("canvas", "moodle", "gradescope", "folder")

_CANVAS = re.compile(
    r"(?:(?P<late>LATE)_)?(?P<id>\d+|anon_[0-9A-Za-z]+)_(?P<file>\d+)_(?P<original>.+)", re.DOTALL
)
"""What follows the student's name."""
_CANVAS_TEXT = re.compile(r"(?:\w+_)?(?:\d+|anon_[0-9A-Za-z]+)_(?:text|link)\.html")
_MOODLE = re.compile(
    r"(?P<name>.*?)_(?P<id>\d+)_assignsubmission_(?P<kind>file|onlinetext)(?:_(?P<original>.*))?",
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


@dataclass(frozen=True)
class Download:
    """What a download holds: its layout, the students' deliveries, and what is nobody's."""

    layout: str
    deliveries: tuple[Delivery, ...]
    notes: tuple[str, ...] = ()


def read_download(
    packed: Packed, layout: str | None = None, names: Mapping[str, str] | None = None
) -> Download:
    """Tell whose files are whose; nothing is read but Gradescope's list.

    layout: one of LAYOUTS; None recognizes it
    names:  students' names by what the system calls them, from a roster: they tell where a name
            ends that looks like a number
    raises: UserError if the layout cannot be recognized, or is not what it should be
    """
    layout, root, files = _placed(packed.names, layout)
    if layout == "gradescope":
        return _gradescope(packed, root, files)
    notes = [note(name, problem) for name, problem in packed.notes.items()]
    if layout == "canvas":
        deliveries = _canvas(root, files, names or {}, notes)
    elif layout == "moodle":
        deliveries = _moodle(root, files, notes)
    else:
        deliveries = _folders(root, files, notes)
    return Download(layout, tuple(sorted(deliveries, key=lambda one: one.key)), few(notes))


def read_files(packed: Packed, delivery: Delivery) -> tuple[dict[str, bytes], tuple[str, ...]]:
    """A delivery's files by their path in the submission, and notes on what was left out."""
    files: dict[str, bytes] = {}
    notes = list(delivery.notes)
    left = MAX_TOTAL
    # Notebooks first: whatever else fills the limits, the work is there.
    for path, member in sorted(delivery.members, key=lambda one: not one[0].endswith(".ipynb")):
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


def _placed(names: tuple[str, ...], wanted: str | None) -> tuple[str, str, tuple[str, ...]]:
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
            several = len({name.partition("/")[0] for name in files if "/" in name}) > 1
            # A folder that holds everything is a wrapper, unless files lie right in it.
            if several or any(name.count("/") == 1 for name in files):
                return "folder", root, files
    what = f"it is not {wanted}'s" if wanted else "it is neither Canvas's, Moodle's, Gradescope's"
    raise UserError(
        f"The download cannot be read: {what}, nor a folder of students' folders; say with "
        "--from what it is."
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
    root: str, files: tuple[str, ...], names: Mapping[str, str], notes: list[str]
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
        deliveries.append(
            Delivery(
                key=key,
                name=called[0],
                members=_distinct([(match["original"], root + file) for match, _, file in parts]),
                origin=f"files {','.join(map(str, numbers))}",
                order=numbers[-1],
                late=any(match["late"] for match, _, _ in parts),
                held=held,
            )
        )
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
        if known is not None and name == re.sub(r"\W", "", known).lower():
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


def _moodle(root: str, files: tuple[str, ...], notes: list[str]) -> list[Delivery]:
    found: dict[str, list[tuple[str, str, str]]] = defaultdict(list)
    for file in files:
        top, _, below = file.partition("/")
        match = _MOODLE.fullmatch(top)
        if match is None:
            notes.append(note(file, "has no name as Moodle gives it; it is left out"))
        elif match["kind"] == "onlinetext":
            notes.append(note(file, "is a text written online, no file; it is left out"))
        else:
            original = "/".join(filter(None, (match["original"], below)))
            found[match["id"]].append((match["name"], original or top, root + file))
    deliveries = []
    for key, parts in found.items():
        called = sorted({name for name, _, _ in parts})
        held = f"files for {key} come under {len(called)} names" if len(called) > 1 else ""
        members = _distinct([(original, file) for _, original, file in parts])
        deliveries.append(Delivery(key, called[0], members, held=held))
    return deliveries


def _folders(root: str, files: tuple[str, ...], notes: list[str]) -> list[Delivery]:
    found: dict[str, list[tuple[str, str]]] = defaultdict(list)
    for file in files:
        student, _, below = file.partition("/")
        if below:
            found[student].append((below, root + file))
        else:
            notes.append(note(file, "lies in no student's folder; it is left out"))
    return [Delivery(key, key, tuple(members)) for key, members in found.items()]


def _gradescope(packed: Packed, root: str, files: tuple[str, ...]) -> Download:
    listed = _metadata(packed, root)
    found: dict[str, list[tuple[str, str]]] = defaultdict(list)
    notes = [note(name, problem) for name, problem in packed.notes.items()]
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
        base = Delivery("", "", tuple(found[folder]), f"{folder} {time.isoformat()}", time=time)
        for person in people:  # a group's work is everybody's
            sid, email, name = (
                str(person.get(field) or "").strip() for field in (":sid", ":email", ":name")
            )
            if sid or email:
                deliveries.append(replace(base, key=sid or email, name=name or email))
            else:
                notes.append(note(folder, f"{name or 'a submitter'} has no SID and no email"))
    return Download("gradescope", tuple(sorted(deliveries, key=lambda d: d.key)), few(notes))


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
