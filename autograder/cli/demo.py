"""An example class, made out of the reference answers and the known wrong and right ones."""

import copy
import shutil
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import nbformat

from autograder.assignment.course import Course
from autograder.assignment.errors import UserError
from autograder.assignment.notebook import Assignment, Kind, kind_of, read_assignment, read_notebook
from autograder.authoring.misconceptions import Expected, known_answers, reference_answer
from autograder.classroom.folders import Classroom

MARKER = ".example-class"
BROKEN = "ivan"


@dataclass(frozen=True)
class Student:
    """A student of the example class, and what the submission is made of."""

    name: str
    story: str
    answers: Mapping[str, str]


def example_class(course: Course, assignment: Assignment) -> tuple[Student, ...]:
    """Ten students for a chapter; the same ones every time.

    assignment: the chapter's source, with the reference answers
    """
    reference = {cell.grade_id: reference_answer(cell.source) for cell in assignment.answers}
    known = known_answers(course, assignment)
    names = list(reference)
    half = names[: (len(names) + 1) // 2]

    def chosen(expected: Expected, turn: int, only: Iterable[str] = tuple(names)) -> dict[str, str]:
        """For each exercise that has one, its known answer number `turn`, counted round."""
        found = {}
        for name in only:
            fitting = [k for k in known if k.answer == name and k.expected is expected]
            if fitting:
                found[name] = fitting[turn % len(fitting)].source
        return found

    return (
        Student("ada", "the reference answers", reference),
        Student("blaise", "another right way, everywhere", reference | chosen(Expected.RIGHT, 0)),
        Student("carl", "a third right way, everywhere", reference | chosen(Expected.RIGHT, 1)),
        Student("dorothy", "one misconception", reference | chosen(Expected.WRONG, 0, names[:1])),
        Student(
            "emmy", "misconceptions in the first half", reference | chosen(Expected.WRONG, 1, half)
        ),
        Student("felix", "a misconception in every exercise", chosen(Expected.WRONG, 2)),
        Student("grace", "the first half, then nothing", {name: reference[name] for name in half}),
        Student("henri", "answers that do nothing", chosen(Expected.VACUOUS, 0)),
        Student(BROKEN, "a file that broke off in the upload", reference),
        Student("julia", "the untouched release", {}),
    )


def build(course: Course, classroom: Classroom, chapters: Iterable[str]) -> tuple[Student, ...]:
    """Make the class directory anew, with everybody's submissions of the chapters.

    raises: UserError if the directory exists and is not an example class.
    """
    if classroom.root.exists() and not (classroom.root / MARKER).is_file():
        raise UserError(f"{classroom.root} is not an example class; choose another --classroom.")
    shutil.rmtree(classroom.root, ignore_errors=True)
    classroom.root.mkdir(parents=True)
    (classroom.root / MARKER).write_text("`autograder demo` makes this folder anew.\n")
    students: tuple[Student, ...] = ()
    for chapter in chapters:
        source = next((course.solutions / chapter).glob("*.ipynb"))
        students = example_class(course, read_assignment(source))
        released = read_notebook(course.release / chapter / source.name)
        for student in students:
            folder = classroom.submitted / student.name / chapter
            shutil.copytree(course.release / chapter, folder)
            _write_submission(folder / source.name, released, student)
        classroom.register(chapter)
    return students


def _write_submission(path: Path, released: Any, student: Student) -> None:
    notebook = copy.deepcopy(released)
    for cell in notebook.cells:
        name = cell.metadata.get("nbgrader", {}).get("grade_id")
        if kind_of(cell) is Kind.ANSWER and name in student.answers:
            cell.source = student.answers[name]
        if kind_of(cell) is Kind.WRITTEN and student.answers:
            cell.source = f"{student.name}: {student.story}."
    text = nbformat.writes(notebook)
    path.write_text(text[: len(text) // 2] if student.name == BROKEN else text, encoding="utf-8")
