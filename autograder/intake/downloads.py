"""What learning management systems let teachers download: whose files are whose, and how known.

Canvas: see `canvas_files`. Moodle: see `moodle_files`.
Gradescope, "Download Submissions": `assignment_X_export/submission_Y/…` and a
`submission_metadata.yml` with submitters and times, of the active submissions alone.
A plain folder: `STUDENT/…`, or as nbgrader's own `STUDENT/ASSIGNMENT/…`.
"""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from autograder.assignment.errors import UserError
from autograder.assignment.notes import few
from autograder.assignment.submission import (
    MAX_FILES,
    MAX_TOTAL,
    is_notebook_name,
    submission_files,
)
from autograder.intake.canvas_files import canvas_deliveries, is_canvas_file
from autograder.intake.deliveries import Delivery, Download, distinct
from autograder.intake.moodle_files import is_moodle_file, moodle_deliveries
from autograder.intake.packed import Packed, Unreadable, note
from autograder.intake.roster import Roster
from autograder.records.people import nfc

LAYOUTS = ("canvas", "moodle", "gradescope", "folder")

_METADATA = "submission_metadata.yml"
_MAX_METADATA = 200 * 2**20


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
        names = {key: one.called for key, one in roster.by_key().items()} if roster else {}
    if layout == "gradescope":
        deliveries = _gradescope(packed, root, files, notes)
    elif layout == "canvas":
        deliveries = canvas_deliveries(root, files, names, roster, notes)
    elif layout == "moodle":
        deliveries = moodle_deliveries(root, files, roster, notes)
    else:
        deliveries = _folders(root, files, assignment, notes)
    deliveries = [_own(one) for one in _with_skipped(deliveries, packed.skipped, notes)]
    return Download(layout, tuple(sorted(deliveries, key=lambda one: one.key)), few(notes))


def _own(delivery: Delivery) -> Delivery:
    """A delivery without what is no submission's, its paths and the student in Unicode's NFC."""
    members = distinct([(nfc(path), member) for path, member in delivery.members])
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
    if any(map(is_moodle_file, files)):
        return "moodle"
    if any(map(is_canvas_file, files)):
        return "canvas"
    return None


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
