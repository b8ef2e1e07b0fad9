"""What is said of people: a roster without work is noted, names entered; what counts follows."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime

from autograder.assignment.errors import UserError
from autograder.assignment.nbgrader_course import NbgraderCourse
from autograder.intake.collect import place
from autograder.intake.roster import Roster
from autograder.intake.unplaced import note_unplaced
from autograder.records.receipts import received_folder
from autograder.records.roll import class_ids, enter_names, read_people, take_down


def read_roster_into(course: NbgraderCourse, roster: Roster, now: datetime) -> tuple[str, ...]:
    """Note the rows of a roster, and enter the names of those whom the gradebook knows.

    returns: why rows are nobody's, and whether names could not be entered
    raises:  UserError if the class cannot be read or written
    """
    seated = roster.seat(read_people(course), class_ids(course))
    try:
        take_down(course, seated.rows, seated.seating.column, now)
    except OSError as error:
        raise UserError(
            f"{received_folder(course)}: cannot be written ({error.strerror})."
        ) from error
    return (*seated.seating.held.values(), *filter(None, (enter_names(course),)))


@contextmanager
def changing_ids(course: NbgraderCourse) -> Iterator[dict[str, str]]:
    """Say meanwhile who is who; then what counts is placed by it, in every assignment.

    yields: gets whom a person has to look at, "STUDENT: ASSIGNMENT", and why
    raises: UserError if the class cannot be read or written
    """
    waiting: dict[str, str] = {}
    assignments = course.assignments()
    try:
        note_unplaced(course, assignments)
    except OSError as error:
        raise UserError(
            f"{received_folder(course)}: cannot be written ({error.strerror})."
        ) from error
    yield waiting
    for assignment in assignments:
        for student, why in place(course, assignment).items():
            waiting[f"{student}: {assignment}"] = why
