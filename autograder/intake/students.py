"""A roster that is given to the class without work: its rows are noted, names entered."""

from datetime import datetime

from autograder.assignment.errors import UserError
from autograder.assignment.nbgrader_course import NbgraderCourse
from autograder.intake.roster import Roster
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
