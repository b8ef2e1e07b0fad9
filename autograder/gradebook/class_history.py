"""The history of a class, or of an assignment or a student of it: names are looked up first."""

from autograder.assignment.did_you_mean import known_assignments, unknown
from autograder.assignment.nbgrader_course import NbgraderCourse
from autograder.gradebook.database import gradebook_exists
from autograder.gradebook.history import Entry, read_history


def class_history(
    course: NbgraderCourse, assignment: str | None = None, student: str | None = None
) -> list[Entry]:
    """The events in the gradebook, oldest first; none if nothing has happened yet.

    An assignment or a student that has left the course since still has a history.
    raises: UserError if the assignment or student is unknown, or there is no gradebook to read
    """
    if assignment is not None and not gradebook_exists(course.db_url):
        known_assignments((assignment,), course.assignments(), course.root)
    entries = list(read_history(course.db_url, assignment, student))
    if entries or (assignment is None and student is None):
        return entries
    everything = list(read_history(course.db_url))
    assignments = {*course.assignments(), *(entry.assignment for entry in everything)}
    if assignment is not None and assignment not in assignments:
        raise unknown("assignment", assignment, assignments, course.root)
    students = {entry.student for entry in everything}
    for name in assignments:
        students.update(course.students(name))
    if student is not None and student not in students:
        raise unknown("student", student, students, course.submitted)
    return []
