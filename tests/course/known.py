"""This course's chapters, for tests of their checks."""

import functools

from autograder.assignment.blueprint import Blueprint, read_blueprint
from autograder.assignment.course import find_course
from autograder.assignment.nbgrader_course import open_course
from autograder.assignment.notebook import Assignment, read_assignment
from autograder.authoring.misconceptions import KnownAnswer
from autograder.gate import judge

COURSE = find_course()


@functools.cache
def source(chapter: str) -> Assignment:
    """A chapter with its reference answers."""
    return read_assignment(next((COURSE.solutions / chapter).glob("*.ipynb")))


@functools.cache
def blueprint(chapter: str) -> Blueprint:
    return read_blueprint(open_course(COURSE.root), chapter)


def trains(chapter: str, known: KnownAnswer) -> bool:
    """Whether a check of this answer trains a model."""
    return judge.trains(source(chapter), known)
