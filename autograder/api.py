"""The public functions: open a course, read an assignment and a submission, grade it.

What they return are the package's own values; the functions take care of paths, names and the
engine, so that a script needs nothing else.
"""

import os
from dataclasses import replace
from functools import partial
from pathlib import Path

from autograder.assignment.blueprint import Blueprint as Assignment
from autograder.assignment.blueprint import read_blueprint
from autograder.assignment.errors import UserError
from autograder.assignment.nbgrader_course import NbgraderCourse as Course
from autograder.assignment.nbgrader_course import open_course as open_nbgrader_course
from autograder.assignment.notebook import grade_id_of
from autograder.assignment.outcome import CheckResult, NotebookResult, Outcome, Result, Way
from autograder.assignment.submission import MAX_FILE, Submission
from autograder.assignment.submission import read_submission as read_folder
from autograder.engine.engine import Engine, EngineFailure
from autograder.engine.limits import Limits
from autograder.grading.grade import engine_for as start_engine
from autograder.grading.grade import grade as grade_submission
from autograder.grading.proof import proved, reference_of
from autograder.intake.asked import Asked
from autograder.intake.naming import name_notebooks

__all__ = [
    "Assignment",
    "CheckResult",
    "Course",
    "Engine",
    "Limits",
    "NotebookResult",
    "Outcome",
    "Result",
    "Submission",
    "UserError",
    "Way",
    "engine_for",
    "grade",
    "open_course",
    "prove",
    "read_assignment",
    "read_submission",
]

AnyPath = str | os.PathLike[str]


def open_course(path: AnyPath, classroom: AnyPath | None = None) -> Course:
    """Open a course: this one, or any nbgrader course, with its own configuration or none.

    path:      the course's folder; `~` is your home directory
    classroom: class directory with submitted/ and gradebook.db; by default what the course's
               configuration says
    returns:   where the course keeps its things; `course.assignments()` are its assignments'
               names, `course.students(name)` those who have submitted one
    raises:    UserError if the folder is not a course, or its configuration or class.toml cannot
               be read

    The configuration is a Python file and is run, with the course's folder as the working
    directory: do not call this beside threads that depend on the working directory.
    """
    return open_nbgrader_course(_path(path), None if classroom is None else _path(classroom))


def read_assignment(course: Course, name: str) -> Assignment:
    """Read an assignment: its notebooks, checks (hidden ones included), points and data files.

    returns: a value that does not change when the files do
    raises:  UserError if the course has no such assignment, or nbgrader refuses one of its
             notebooks
    """
    return read_blueprint(course, name)


def read_submission(assignment: Assignment, path: AnyPath, student: str = "") -> Submission:
    """Read what a student handed in. Nothing of it is run.

    path:    a folder, of which all regular files up to 50 MB each and 200 MB together are read;
             or one notebook file, read alone. A notebook under another name is recognized by its
             name, its graded cells, or because it is the only one; `notes` say so
    student: the student's id, repeated in the result
    returns: a value; of a folder without a notebook, grading says that everything is missing
    raises:  UserError if there is nothing at `path`, or one file cannot be told to be one of the
             assignment's notebooks
    """
    place = _path(path)
    alone = not place.is_dir()
    if alone:
        found = Submission(student, assignment.assignment, {place.name: _read(place)})
    else:
        found = read_folder(place, student, assignment.assignment)
    expected = {
        f"{notebook.name}.ipynb": frozenset(filter(None, map(grade_id_of, notebook.notebook.cells)))
        for notebook in assignment.notebooks
    }
    named = name_notebooks(found.files, Asked(expected))
    if named.waits and alone:
        raise UserError(
            f"{place}: {named.waits}; {assignment.assignment} has {', '.join(expected)}."
        )
    notes = (*found.notes, *named.notes, *filter(None, (named.waits,)))
    return replace(found, files=named.files, notes=notes)


def engine_for(
    assignment: Assignment, limits: Limits | None = None, *, sandbox: bool | None = None
) -> Engine:
    """Start an engine to grade several submissions of an assignment; a context manager ends it.

    It imports the assignment's libraries once, which takes seconds; each submission then takes
    a fraction of one.
    limits:  by default the course's own seconds per cell, and the engine's for everything else
    sandbox: True demands bubblewrap, False goes without it, None takes it if it works here
    raises:  UserError if the sandbox is demanded and cannot be had, or on Windows
    """
    return start_engine(assignment, limits, jail=sandbox)


def prove(
    course: Course, assignment: Assignment, engine: Engine | None = None, *, anyway: bool = False
) -> Assignment:
    """Let the course's own solution say how each check can be graded, as `autograder grade` does.

    What was found is kept by its content, so asking again costs nothing.
    engine:  of `engine_for`; without one, one is started for this alone
    anyway:  True does not refuse an assignment whose solution does not pass its own checks
    returns: the assignment, to be graded so; each result's check tells its `way`
    raises:  UserError if the solution does not pass, or the engine cannot run
    """
    if engine is None:
        with engine_for(assignment) as own:
            return prove(course, assignment, own, anyway=anyway)
    proof = proved(
        assignment, reference_of(course, assignment), partial(grade, engine=engine),
        limits=engine.limits, jail=engine.jail,
    )  # fmt: skip
    proof.require(anyway=anyway)
    return proof.applied(assignment)


def grade(
    assignment: Assignment,
    submission: Submission,
    engine: Engine | None = None,
    *,
    limits: Limits | None = None,
    cross_check: bool = False,
    sandbox: bool | None = None,
) -> Result:
    """Grade a submission. No gradebook is read or written, and nothing of the class is changed.

    The same bytes give the same scores, in whichever process and order.
    assignment:  of `prove`, for the scores that `autograder grade` gives; of `read_assignment`
                 alone, the text of its checks decides how they are run
    engine:      of `engine_for`; without one, one is started for this submission alone, with
                 `limits` and `sandbox` as there
    cross_check: also run the checks as nbgrader does; where the two disagree, the check is
                 `Outcome.DISPUTED` and earns nothing until a person decides
    returns:     scores in points; written answers are not in it, an instructor reads them
    raises:      UserError if the submission is of another assignment, or the engine cannot run
    """
    if submission.assignment != assignment.assignment:
        raise UserError(
            f"this is a submission of {submission.assignment}, not of {assignment.assignment}."
        )
    if engine is not None and (limits is not None or sandbox is not None):
        raise UserError("limits and sandbox belong to the engine; give them to engine_for().")
    if engine is None:
        with engine_for(assignment, limits, sandbox=sandbox) as own:
            return grade(assignment, submission, own, cross_check=cross_check)
    try:
        return grade_submission(assignment, submission, engine, cross_check=cross_check)
    except EngineFailure as failure:
        reason = engine.failure or failure
        raise UserError(f"the submission cannot be graded ({reason}).", exit_code=1) from failure


def _path(path: AnyPath) -> Path:
    return Path(path).expanduser()


def _read(path: Path) -> bytes:
    """The bytes of one file. raises: UserError"""
    if not path.is_file():
        raise UserError(f"{path}: there is no such file or folder.")
    try:
        if path.stat().st_size > MAX_FILE:
            raise UserError(f"{path} is larger than {MAX_FILE // 2**20} MB.")
        return path.read_bytes()
    except OSError as error:
        raise UserError(f"cannot read {path} ({error.strerror}).") from error
