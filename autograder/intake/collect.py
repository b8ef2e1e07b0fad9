"""Taking submissions in: every attempt is kept, the one that counts is put into `submitted/`."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from datetime import datetime
from pathlib import Path

from autograder.assignment.class_lock import BusyError
from autograder.assignment.did_you_mean import unknown
from autograder.assignment.errors import UserError
from autograder.assignment.nbgrader_course import NbgraderCourse
from autograder.gradebook.autograded_folder import is_folder_name
from autograder.gradebook.deadlines import read_deadlines
from autograder.intake.asked import read_asked
from autograder.intake.attempts import Collected, Collecting, Incoming, Line
from autograder.intake.deliveries import Delivery
from autograder.intake.downloads import read_download, read_files
from autograder.intake.groups import Groups, mark_of
from autograder.intake.inbound import read_inbound
from autograder.intake.packed import open_packed
from autograder.intake.roster import Roster, Seated
from autograder.intake.unplaced import note_placed, unplaced
from autograder.records.people import People
from autograder.records.receipts import now, received_folder
from autograder.records.roll import Roll, class_ids, enter_names, read_people, take_down


def collect(
    course: NbgraderCourse,
    assignment: str,
    source: Path | None = None,
    *,
    layout: str | None = None,
    roster: Roster | None = None,
    groups: Groups | None = None,
    downloaded: datetime | None = None,
    clock: Callable[[], datetime] = now,
) -> Collected:
    """Take submissions in.

    source:     a download, zip or folder; None is the exchange's inbound
    layout:     what the download is (`downloads.LAYOUTS`); None recognizes it
    roster:     tells whose each delivery is; what its rows say of the students is kept
    groups:     whose work counts for whom besides
    downloaded: when the download was made: what is in it was there then
    clock:      tells the time, in UTC
    raises:     UserError if the assignment, the source or the class cannot be used. What was kept
                before stays; the same command goes on from there.
    """
    if not is_folder_name(assignment):
        raise unknown("assignment", assignment, course.assignments(), course.root)
    asked = read_asked(course, assignment)
    deadlines = read_deadlines(course, assignment)
    roll = Roll(course)
    people = People(roll.facts())
    work = Collecting(course, assignment, asked, deadlines, clock, people)
    groups = groups or Groups()
    try:
        with work.begun():
            if source is None:
                handed_in = (
                    Incoming(
                        entry.delivery.key, "exchange", entry.delivery,
                        lambda one=entry: (one.files, one.notes),  # type: ignore[misc]
                    )
                    for entry in read_inbound(course, assignment, deadlines.students)
                )  # fmt: skip
                shared = groups.shared(handed_in, people)
                return work.run(shared, (), roll.notes, "exchange", "")
            seated = None
            if roster is not None:
                seated = roster.seat(people, class_ids(course))
                take_down(course, seated.rows, seated.seating.column, clock())
            with open_packed(source) as packed:
                download = read_download(packed, layout, roster=roster, assignment=assignment)
                incoming, left = _with_ids(download.deliveries, seated)
                when = downloaded and min(downloaded, clock())
                made = (
                    Incoming(
                        student, download.layout, delivery,
                        lambda one=delivery: read_files(packed, one),  # type: ignore[misc]
                        when,
                    )
                    for student, delivery in incoming
                )  # fmt: skip
                ids = seated.seating.column if seated else ""
                notes = (*download.notes, *roll.notes, *filter(None, (enter_names(course),)))
                groups, unknown_ones = groups.by_roster(seated)
                there = {mark_of(people.now(one), delivery) for one, delivery in incoming}
                return work.run(
                    groups.shared(made, people, there), (*left, *unknown_ones), notes,
                    download.layout, ids,
                )  # fmt: skip
    except OSError as error:
        raise _unwritten(course, error) from error


def place(
    course: NbgraderCourse, assignment: str, clock: Callable[[], datetime] = now
) -> Mapping[str, str]:
    """Put into `submitted/` what counts by the facts of now, of all whose work was collected.

    An extension, a due date or a time that somebody gave since then may have changed it.
    returns: whom a person has to look at, and why
    raises:  UserError if the class cannot be used
    """
    joined = read_people(course).joined
    if not (received_folder(course) / assignment).is_dir() and not (
        joined & set(course.students(assignment))
    ):
        with suppress(OSError):  # then it is tried again, for nothing
            note_placed(course, assignment)
        return {}
    try:
        with recollecting(course, assignment, clock) as work:
            return work.place()
    except BusyError:  # whoever collects places as well
        return {}


def place_what_is_left(course: NbgraderCourse, clock: Callable[[], datetime] = now) -> None:
    """Place what a command that was killed has not; whoever shows a class does it first.

    Where that cannot be done, it waits for whoever may: a mark of other work than what counts
    leaves nowhere.
    """
    for assignment in unplaced(course):
        with suppress(UserError):
            place(course, assignment, clock)


@contextmanager
def recollecting(
    course: NbgraderCourse, assignment: str, clock: Callable[[], datetime] = now
) -> Iterator[Collecting]:
    """A run in which nothing comes in: what was collected is looked at, and placed anew.

    raises: UserError if the assignment or the class cannot be used
    """
    if not is_folder_name(assignment):
        raise unknown("assignment", assignment, course.assignments(), course.root)
    deadlines = read_deadlines(course, assignment)
    asked, people = read_asked(course, assignment), read_people(course)
    work = Collecting(course, assignment, asked, deadlines, clock, people)
    try:
        with work.begun():
            yield work
    except OSError as error:
        raise _unwritten(course, error) from error


def _unwritten(course: NbgraderCourse, error: OSError) -> UserError:
    return UserError(
        f"{error.filename or course.submitted}: cannot be written ({error.strerror}); fix this "
        "and run the same command again: what was kept stays.",
        exit_code=1,
    )


def _with_ids(
    deliveries: tuple[Delivery, ...], seated: Seated | None
) -> tuple[list[tuple[str, Delivery]], tuple[Line, ...]]:
    """The id of whose each delivery is, and lines for those who have none."""
    found, left = [], []
    rows = seated.roster.by_key() if seated else {}
    for delivery in deliveries:
        student = delivery.key
        if seated:
            why = f"{delivery.name or delivery.key} is not on the roster"
            row = rows.get(delivery.key)
            if row is not None:
                why = seated.seating.held.get(row.place, "")
            if row is None or why:
                left.append(Line(delivery.key, "left out", notes=(why,)))
                continue
            student = seated.seating.ids[row.place]
        if not is_folder_name(student):
            why = f"{student!a} cannot be the name of a student's folder"
            left.append(Line(student, "left out", notes=(why,)))
            continue
        found.append((student, delivery))
    return found, tuple(left)
