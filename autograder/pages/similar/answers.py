"""A class's answers to an assignment, read for `similar`: what students wrote, what they were given."""

from collections.abc import Callable, Iterable
from typing import Any

from autograder.assignment.blueprint import Blueprint
from autograder.assignment.merge import merge
from autograder.assignment.nbgrader_course import NbgraderCourse
from autograder.assignment.notebook import Kind, grade_id_of, kind_of, read_notebook
from autograder.assignment.submission import read_submission
from autograder.pages.similar.similar import LEAST_SHARE, Similarity, compare, stretches

Progress = Callable[[int, int, str], None]


def similar_class(
    course: NbgraderCourse,
    blueprint: Blueprint,
    *,
    least: float = LEAST_SHARE,
    progress: Progress = lambda done, total, what: None,
) -> Similarity:
    """Compare what a class submitted for an assignment, exercise by exercise.

    Only code is compared, answer by answer as grading sees them; nothing of it is run.
    least:    share of the smaller answer that a pair must have in common
    progress: called with (how much is done, how much there is, what is being done)
    """
    students = course.students(blueprint.assignment)
    answers = _read_answers(course, blueprint, students, progress)
    code, notes = _given(course, blueprint)
    given = {name: stretches(texts) for name, texts in code.items()}
    exercises = []
    for number, ((notebook, name), texts) in enumerate(answers.items()):
        progress(number, len(answers), name)
        exercises.append(compare(notebook, name, texts, given[notebook], least=least))
    progress(len(answers), len(answers), "done")
    return Similarity(blueprint.assignment, len(students), tuple(exercises), notes)


def _read_answers(
    course: NbgraderCourse, blueprint: Blueprint, students: Iterable[str], progress: Progress
) -> dict[tuple[str, str], dict[str, str]]:
    """Texts by (notebook, answer) and student; an answer that is not there is left out."""
    everybody = list(students)
    found: dict[tuple[str, str], dict[str, str]] = {
        (notebook.name, grade_id_of(cell)): {}
        for notebook in blueprint.notebooks
        for cell in notebook.notebook.cells
        if _is_code_answer(cell)
    }
    for number, student in enumerate(everybody):
        progress(number, len(everybody), "reading")
        folder = course.submission_folder(student, blueprint.assignment)
        submission = read_submission(folder, student, blueprint.assignment)
        for notebook in blueprint.notebooks:
            merged = merge(notebook, submission.files.get(f"{notebook.name}.ipynb"))
            for cell in merged.notebook.cells:
                name = grade_id_of(cell)
                if _is_code_answer(cell) and name not in merged.missing:
                    found[notebook.name, name][student] = cell.source
    return found


def _is_code_answer(cell: Any) -> bool:
    return cell.cell_type == "code" and kind_of(cell) in (Kind.ANSWER, Kind.WRITTEN)


def _given(
    course: NbgraderCourse, blueprint: Blueprint
) -> tuple[dict[str, list[str]], tuple[str, ...]]:
    """All code that the course gave, by notebook: stubs, checks, given cells and the reference."""
    given = {notebook.name: _code(notebook.notebook) for notebook in blueprint.notebooks}
    notes = []
    for notebook in blueprint.notebooks:
        path = course.source_folder(blueprint.assignment) / f"{notebook.name}.ipynb"
        if path.is_file():
            given[notebook.name] += _code(read_notebook(path))
        else:
            notes.append(
                f"{notebook.name}: there is no source, so the reference is not known; "
                "answers that follow it may be shown"
            )
    return given, tuple(notes)


def _code(notebook: Any) -> list[str]:
    return [cell.source for cell in notebook.cells if cell.cell_type == "code"]
