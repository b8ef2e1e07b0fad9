"""`autograder merge`: what the shards of a class wrote, entered into the gradebook."""

import json
import time
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from autograder.assignment.blueprint import Blueprint, read_blueprint, written_points
from autograder.assignment.errors import UserError
from autograder.assignment.nbgrader_course import NbgraderCourse
from autograder.assignment.notes import few, named, shown
from autograder.assignment.outcome import Recorded
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
    versions_in,
)
from autograder.grading.versions import absent, differences, versions
from autograder.intake.collect import place
from autograder.records.roll import read_people

if TYPE_CHECKING:
    from autograder.gradebook.writer import GradebookWriter


def merge_shards(
    course: NbgraderCourse,
    assignment: str,
    require_sandbox: bool = False,
    progress: Callable[[Event], None] = lambda event: None,
) -> tuple[ClassResult, tuple[str, ...]]:
    """Enter the results of an assignment's shards; a second time there is nothing to do.

    A result is entered if it follows from the submission, the assignment and the engine of now, was
    graded with the versions that this machine has, and is newer than what the gradebook holds. (Of
    a library that this machine lacks, the version of most shards counts.) Files are only read; what does not fit is named and left alone.
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
    shards = _Shards(course, blueprint, everybody, require_sandbox=require_sandbox)
    results: dict[str, Mapping[str, Any]] = {}
    unchanged: list[str] = []
    unjailed: list[str] = []
    lacking: dict[str, list[str]] = {}
    with GradebookWriter(course, read_people(course).now) as writer:
        notes = [*blueprint.notes, *writer.register(blueprint)]
        for student in everybody:
            submission = read_submission(
                course.submission_folder(student, assignment), student, assignment
            )
            stamps[student] = submission.timestamp
            found, why = shards.of(submission)
            recorded = _recorded(writer, blueprint, submission, jailed=require_sandbox)
            news = found is not None and (recorded is None or _goes_before(found, recorded))
            if found is not None and news:
                writer.begin(assignment, student)
                writer.write(
                    found.result, own_files(blueprint, submission), found.key,
                    versions_of(blueprint, submission),
                    jailed=found.jailed, graded_at=found.graded_at,
                )  # fmt: skip
                result = json.loads(json.dumps(found.result.as_json()))
                recorded = Recorded(result, found.jailed, found.graded_at)
            if recorded is None:
                lacking.setdefault(why, []).append(student)
                continue
            results[student] = recorded.result
            unjailed += [] if recorded.jailed else [student]
            unchanged += [] if news else [student]
            progress(Event(len(results), len(everybody), student, recorded.result, not news))
        late = writer.settle(assignment, stamps)
    notes.extend(_of_nobody(course, assignment, everybody))
    merged = ClassResult(
        assignment, results, tuple(unjailed), time.perf_counter() - began, tuple(notes),
        tuple(unchanged), late_ones(late), written_points(blueprint),
    )  # fmt: skip
    return merged, tuple(f"{why}: {named(students)}" for why, students in lacking.items())


def _goes_before(shard: ShardResult, recorded: Recorded) -> bool:
    """Whether a shard's result is entered over what the gradebook holds of the same submission.

    The newer one counts; but what was graded in the jail gives way to nothing that was not. One
    that says the same is no news.
    """
    said, known = _outcomes(shard.result.as_json()), _outcomes(recorded.result)
    if said == known and shard.jailed == recorded.jailed:
        return False
    return shard.graded_at > recorded.graded_at and (shard.jailed or not recorded.jailed)


def _outcomes(result: Mapping[str, Any]) -> dict[str, tuple[Any, ...]]:
    """What became of each check, whatever time it took."""
    return {
        name: (check["outcome"], check["score"], check["max_score"], check["message"])
        for name, check in result["checks"].items()
    }


class _Shards:
    """The results of an assignment's shards, and what they have to fit to be entered."""

    def __init__(
        self,
        course: NbgraderCourse,
        blueprint: Blueprint,
        everybody: Sequence[str],
        *,
        require_sandbox: bool,
    ) -> None:
        self._course, self._blueprint = course, blueprint
        self._require_sandbox = require_sandbox
        self._expected = dict(versions(blueprint.modules))
        self._expected |= self._of_most(everybody)

    def of(self, submission: Submission) -> tuple[ShardResult | None, str]:
        """The result of a submission, or None and why it cannot be entered."""
        path = shard_file(self._course, self._blueprint.assignment, submission.student)
        try:
            found = read_shard(path, self._blueprint)
        except DamagedShardError as error:
            return None, f"{path.name} {error}"
        if found is None:
            return None, "no result yet"
        if found.key.partition("-")[0] not in _keys(self._blueprint, submission):
            return None, "stale, of another submission, assignment or engine"
        if differs := differences(self._expected, found.versions):
            return None, f"graded with other versions ({differs})"
        if self._require_sandbox and not found.jailed:
            return None, "graded without the jail, and it is required"
        if why := misfit(found.result, self._blueprint):
            return None, f"{path.name} {why}"
        return found, ""

    def _of_most(self, students: Sequence[str]) -> dict[str, str]:
        """Of what this machine lacks: the version with which most of the shards were graded."""
        found: dict[str, Counter[str]] = {name: Counter() for name in absent(self._expected)}
        for student in students if found else ():
            path = shard_file(self._course, self._blueprint.assignment, student)
            for name, version in versions_in(path).items():
                if name in found:
                    found[name][version] += 1
        return {
            name: max(often, key=lambda version: (often[version], version))
            for name, often in found.items()
            if often
        }


def _keys(blueprint: Blueprint, submission: Submission) -> tuple[str, ...]:
    """The keys of what may have been graded, however its checks were."""
    return tuple(submission_key(blueprint, submission, cross) for cross in (False, True))


def _recorded(
    writer: "GradebookWriter", blueprint: Blueprint, submission: Submission, *, jailed: bool
) -> Recorded | None:
    """What the gradebook holds of this very submission. jailed: only if graded in the jail"""
    for key in _keys(blueprint, submission):
        found = writer.recorded(blueprint.assignment, submission.student, key, jailed=jailed)
        if found is not None:
            return found
    return None


def _of_nobody(course: NbgraderCourse, assignment: str, everybody: tuple[str, ...]) -> list[str]:
    expected = {shard_file(course, assignment, student) for student in everybody}
    found: set[Path] = set(shard_folder(course, assignment).glob("[!.]*"))
    return [
        f"{shown(name)} is nobody's who has submitted {assignment}; it was left alone"
        for name in few([path.name for path in sorted(found - expected)])
    ]
