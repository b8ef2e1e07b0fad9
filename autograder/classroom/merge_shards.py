"""`autograder merge`: what the shards of a class wrote, entered into the gradebook."""

import json
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from autograder.assignment.blueprint import Blueprint, read_blueprint, written_points
from autograder.assignment.errors import UserError
from autograder.assignment.nbgrader_course import NbgraderCourse
from autograder.assignment.notes import few, named, shown
from autograder.assignment.submission import Submission, read_submission
from autograder.classroom.grade_class import (
    ClassResult,
    Event,
    late_ones,
    own_files,
    submission_key,
    versions_of,
)
from autograder.classroom.shards import (
    DamagedShardError,
    ShardResult,
    misfit,
    read_shard,
    shard_file,
    shard_folder,
)
from autograder.intake.collect import place


def merge_shards(
    course: NbgraderCourse,
    assignment: str,
    require_sandbox: bool = False,
    progress: Callable[[Event], None] = lambda event: None,
) -> tuple[ClassResult, tuple[str, ...]]:
    """Enter the results of an assignment's shards; a second time there is nothing to do.

    A result is entered if it follows from the submission, the assignment and the engine of now.
    Files are only read; what does not fit is named and left alone.
    returns: the class, and one sentence for each group of students that still has no result
    raises:  UserError if the assignment or the gradebook cannot be used, or no shard was graded
    """
    from autograder.gradebook.writer import GradebookWriter

    began = time.perf_counter()
    blueprint = read_blueprint(course, assignment)
    if not shard_folder(course, assignment).is_dir():
        raise UserError(
            f"{assignment}: there are no results of shards in {shard_folder(course, assignment)}; "
            f"run `autograder grade {assignment} --shard I/N` first."
        )
    place(course, assignment)
    everybody = course.students(assignment)
    stamps: dict[str, str | None] = {}
    results: dict[str, Mapping[str, Any]] = {}
    unchanged: list[str] = []
    unjailed: list[str] = []
    lacking: dict[str, list[str]] = {}
    with GradebookWriter(course) as writer:
        writer.register(blueprint)
        for student in everybody:
            submission = read_submission(
                course.submission_folder(student, assignment), student, assignment
            )
            stamps[student] = submission.timestamp
            found, why = _usable(course, blueprint, submission, require_sandbox)
            if found is None:
                recorded = _graded_elsewhere(writer, blueprint, submission, jailed=True)
                if recorded is None and not require_sandbox:
                    recorded = _graded_elsewhere(writer, blueprint, submission, jailed=False)
                    unjailed += [student] if recorded is not None else []
                if recorded is None:
                    lacking.setdefault(why, []).append(student)
                    continue
                graded, news = recorded, False
            else:
                graded = json.loads(json.dumps(found.result.as_json()))
                known = writer.recorded(assignment, student, found.key, jailed=True)
                if not found.jailed and known is not None:  # it was graded more safely
                    graded = known
                elif not found.jailed:
                    known = writer.recorded(assignment, student, found.key)
                    unjailed.append(student)
                news = known != graded
                if news:
                    writer.begin(assignment, student)
                    writer.write(
                        found.result, own_files(blueprint, submission), found.key,
                        versions_of(blueprint, submission), jailed=found.jailed,
                    )  # fmt: skip
            results[student] = graded
            if not news:
                unchanged.append(student)
            progress(Event(len(results), len(everybody), student, graded, not news))
        late = writer.settle(assignment, stamps)
    notes = list(blueprint.notes)
    if unjailed:
        notes.append(f"graded without the jail: {named(unjailed)}")
    notes.extend(_of_nobody(course, assignment, everybody))
    merged = ClassResult(
        assignment, results, not unjailed, time.perf_counter() - began, tuple(notes),
        tuple(unchanged), late_ones(late), written_points(blueprint),
    )  # fmt: skip
    return merged, tuple(f"{why}: {named(students)}" for why, students in lacking.items())


def _usable(
    course: NbgraderCourse, blueprint: Blueprint, submission: Submission, require_sandbox: bool
) -> tuple[ShardResult | None, str]:
    """The shard's result of a submission, or None and why it cannot be entered."""
    path = shard_file(course, blueprint.assignment, submission.student)
    try:
        found = read_shard(path, blueprint)
    except DamagedShardError as error:
        return None, f"{path.name} {error}"
    if found is None:
        return None, "no result yet"
    if found.key.partition("-")[0] not in _keys(blueprint, submission):
        return None, "stale, of another submission, assignment or engine"
    if require_sandbox and not found.jailed:
        return None, "graded without the jail, and it is required"
    if why := misfit(found.result, blueprint):
        return None, f"{path.name} {why}"
    return found, ""


def _keys(blueprint: Blueprint, submission: Submission) -> tuple[str, ...]:
    """The keys of what may have been graded, however its checks were."""
    return tuple(submission_key(blueprint, submission, cross) for cross in (False, True))


def _graded_elsewhere(
    writer: Any, blueprint: Blueprint, submission: Submission, *, jailed: bool
) -> Mapping[str, Any] | None:
    """What the gradebook holds of this very submission. jailed: only if graded in the jail"""
    for key in _keys(blueprint, submission):
        recorded = writer.recorded(blueprint.assignment, submission.student, key, jailed=jailed)
        if recorded is not None:
            return dict(recorded)
    return None


def _of_nobody(course: NbgraderCourse, assignment: str, everybody: tuple[str, ...]) -> list[str]:
    expected = {shard_file(course, assignment, student) for student in everybody}
    found: set[Path] = set(shard_folder(course, assignment).glob("[!.]*"))
    return [
        f"{shown(name)} is nobody's who has submitted {assignment}; it was left alone"
        for name in few([path.name for path in sorted(found - expected)])
    ]
