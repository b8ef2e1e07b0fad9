"""Grading a class: what is new or changed goes to the workers, what comes back is written down."""

import hashlib
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from autograder.blueprint import Blueprint, read_blueprint
from autograder.engine.engine import Engine
from autograder.engine.limits import Limits
from autograder.errors import UserError
from autograder.grade import course_files, engine_for, limits_for
from autograder.nbgrader_course import NbgraderCourse
from autograder.pool import Job, run
from autograder.slow_imports import hurry
from autograder.submission import Submission, read_submission

ENGINE_VERSION = "1"
"""Raised when the engine may give other marks for the same files: everything is graded anew."""


@dataclass(frozen=True)
class Options:
    """How to grade.

    seconds, memory_mb: of a cell and a submission; None takes the course's and the engine's
    require_sandbox: refuse to grade without the jail
    again:           grade also what has not changed
    """

    workers: int = 2
    seconds: float | None = None
    memory_mb: int | None = None
    cross_check: bool = False
    require_sandbox: bool = False
    again: bool = False

    @property
    def jail(self) -> bool | None:
        """What `Engine.start` is told: to demand the jail, or to take it where there is one."""
        return True if self.require_sandbox else None


@dataclass(frozen=True)
class Event:
    """A step of the work, for whoever shows it."""

    done: int
    total: int
    student: str
    graded: Mapping[str, Any] | None = None
    """The result as plain data, when the student's submission is finished."""
    unchanged: bool = False


@dataclass(frozen=True)
class ClassResult:
    """What came of a class: each student's result as plain data, and the seconds it took.

    late: by student whose submission was late: seconds, and penalty in points or None
    """

    assignment: str
    students: Mapping[str, Mapping[str, Any]]
    jailed: bool
    seconds: float
    notes: tuple[str, ...] = ()
    unchanged: tuple[str, ...] = field(default=())
    late: Mapping[str, Mapping[str, float | None]] = field(default_factory=dict)

    def as_json(self) -> dict[str, Any]:
        """The result as plain data, for `--json`."""
        return {
            "assignment": self.assignment,
            "students": dict(self.students),
            "unchanged": list(self.unchanged),
            "late": dict(self.late),
            "sandbox": self.jailed,
            "notes": list(self.notes),
            "seconds": round(self.seconds, 3),
        }


def grade_class(
    course: NbgraderCourse,
    assignment: str,
    options: Options | None = None,
    progress: Callable[[Event], None] = lambda event: None,
    started: Engine | None = None,
) -> ClassResult:
    """Grade what was submitted for an assignment, new or changed, and write it down.

    started: an engine that runs already, see `head_start`; it is ended here
    raises: UserError if the assignment or the gradebook cannot be used, or the jail is required
            and cannot be had. What was finished before is kept; a second run goes on from there.
    """
    began = time.perf_counter()
    options = options or Options()
    blueprint = read_blueprint(course, assignment)
    everybody = course.students(assignment)
    results: dict[str, Mapping[str, Any]] = {}
    limits = limits_for(blueprint, options.seconds, options.memory_mb)
    if not everybody:
        raise UserError(f"Nobody has submitted {assignment} (looked in {course.submitted}).")
    with _engine(blueprint, limits, options, started) as engine:
        with hurry():  # while the warm process imports the course's libraries
            from autograder.gradebook import GradebookWriter
            from autograder.history import Versions

        with GradebookWriter(course) as writer:
            writer.register(blueprint)
            unchanged: list[str] = []

            def to_do() -> Iterator[Submission]:
                for student in everybody:
                    submission = read_submission(
                        course.submission_folder(student, assignment), student, assignment
                    )
                    key = submission_key(blueprint, submission, options)
                    recorded = writer.recorded(assignment, student, key)
                    if recorded is not None and not options.again:
                        results[student] = recorded
                        unchanged.append(student)
                        progress(Event(len(results), len(everybody), student, recorded, True))
                        continue
                    writer.begin(assignment, student)
                    yield submission

            job = Job(blueprint, engine.address, engine.jail, limits, options.cross_check)
            for submission, result in run(
                job, to_do(), min(options.workers, len(everybody)),
                engine_failure=lambda: engine.failure,
                started=lambda student: progress(Event(len(results), len(everybody), student)),
            ):  # fmt: skip
                key = submission_key(blueprint, submission, options)
                versions = Versions(ENGINE_VERSION, blueprint.key, submission.key)
                writer.write(result, _own_files(blueprint, submission), key, versions)
                results[result.student] = result.as_json()
                progress(
                    Event(len(results), len(everybody), result.student, results[result.student])
                )
            late = writer.settle(assignment)
        jailed = engine.jail
    return ClassResult(
        assignment, {student: results[student] for student in sorted(results)}, jailed,
        time.perf_counter() - began, blueprint.notes, tuple(unchanged),
        {student: of.as_json() for student, of in late.items() if of.seconds > 0},
    )  # fmt: skip


def _engine(
    blueprint: Blueprint, limits: Limits, options: Options, started: Engine | None
) -> Engine:
    """The engine that runs already, if it fits the assignment; otherwise a new one."""
    if started is not None and course_files(blueprint) is None and not started.failure:
        started.limits = limits
        return started
    if started is not None:
        started.close()
    return engine_for(blueprint, limits, jail=options.jail)


def _own_files(blueprint: Blueprint, submission: Submission) -> Submission:
    """Without copies of the course's data: they are not what the answers were given."""
    course = set(blueprint.data_files)
    files = {name: data for name, data in submission.files.items() if name not in course}
    return replace(submission, files=files)


def submission_key(blueprint: Blueprint, submission: Submission, options: Options) -> str:
    """What a result follows from: files, assignment, engine and options; equal means no news."""
    parts = (submission.key, blueprint.key, ENGINE_VERSION, str(options.cross_check))
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()
