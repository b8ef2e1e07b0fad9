"""Shards: a part of a class graded without the gradebook, each result a file of its own.

For machines that share a folder and nothing else, as in a SLURM array or an indexed Kubernetes
job: each runs `autograder grade ASSIGNMENT --shard I/N` with its own I, and `autograder merge`
then enters all results by the one writer. Who may write into the folder decides marks, as who may
write the gradebook does.

A result is `shards/ASSIGNMENT/HASH.json` beside `submitted/`, HASH being that of the student. Its
first line is a header (`format, assignment, student, key, jailed, graded_at, versions, sha256`), its
second the result; `sha256` is that of the second line. It appears whole or not at all, so a shard
that was killed is just run again. Nothing in it is ever executed.
"""

import hashlib
import json
import math
import os
import re
import tempfile
import time
from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import nbformat

from autograder.assignment.blueprint import Blueprint
from autograder.assignment.errors import UserError
from autograder.assignment.nbgrader_course import NbgraderCourse
from autograder.assignment.outcome import (
    CheckResult,
    NotebookResult,
    Outcome,
    Recorded,
    Result,
    Versions,
    Way,
)
from autograder.assignment.plurals import counted
from autograder.assignment.submission import Submission
from autograder.grading.versions import differences, versions

FORMAT = 2
_TRIES = 5
_MAX_HEADER = 100_000
_PARTS = re.compile(r"(\d{1,6})/(\d{1,6})")


@dataclass(frozen=True)
class Shard:
    """Part `index` of `count`, counted from 1. Every student is in exactly one of them."""

    index: int
    count: int

    @classmethod
    def parse(cls, text: str) -> "Shard":
        """Read "I/N". raises: UserError"""
        match = _PARTS.fullmatch(text)
        index, count = map(int, match.groups()) if match else (0, 0)
        if not 1 <= index <= count:
            raise UserError(f"--shard {text}: write I/N with I from 1 to N, as in --shard 2/10.")
        return cls(index, count)

    def holds(self, student: str) -> bool:
        """Whether it is this part that grades the student, on whichever machine."""
        return int(_hash(student), 16) % self.count == self.index - 1


@dataclass(frozen=True)
class ShardResult:
    """A result that a shard wrote.

    key:       see `grading.submission_key`
    jailed:    whether the student's code ran in the jail
    graded_at: when, in seconds since 1970, by that machine's clock
    versions:  of what decides marks, on that machine; see `grading.versions`
    """

    key: str
    jailed: bool
    result: Result
    graded_at: float
    versions: Mapping[str, str]


class DamagedShardError(Exception):
    """A shard's file is not what a shard writes; its text says why."""


def shard_folder(course: NbgraderCourse, assignment: str) -> Path:
    """Where the results of an assignment's shards lie."""
    return course.submitted.parent / "shards" / assignment


def shard_file(course: NbgraderCourse, assignment: str, student: str) -> Path:
    """Where the result of one student lies; no name of a student makes an odd path of it."""
    return shard_folder(course, assignment) / f"{_hash(student)}.json"


class ShardWriter:
    """Writes results as files; takes the gradebook's place (see `grading.Ledger`).

    raises: UserError if the folder cannot be written
    """

    def __init__(self, course: NbgraderCourse, assignment: str) -> None:
        self._course = course
        self._folder = shard_folder(course, assignment)
        self._blueprint: Blueprint | None = None
        self._versions: Mapping[str, str] = {}

    def register(self, blueprint: Blueprint) -> tuple[str, ...]:
        """Take note of the assignment, and see that its folder can be written."""
        self._blueprint = blueprint
        self._versions = versions(blueprint.modules)
        try:
            self._folder.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise _unwritable(self._folder, error) from error
        return ()

    def recorded(
        self, assignment: str, student: str, key: str, *, jailed: bool = False
    ) -> Recorded | None:
        """See `grade_class.Ledger.recorded`: the result if it is there, whole, and of here."""
        assert self._blueprint is not None
        with suppress(DamagedShardError):
            found = read_shard(shard_file(self._course, assignment, student), self._blueprint)
            if (
                found is not None
                and found.key == key
                and (found.jailed or not jailed)
                and not differences(self._versions, found.versions)
            ):
                return Recorded(found.result.as_json(), found.jailed, found.graded_at)
        return None

    def begin(self, assignment: str, student: str) -> None:
        """Delete an earlier result, and what a kill left half written of one."""
        path = shard_file(self._course, assignment, student)
        try:
            for left in (path, *self._folder.glob(f".{path.stem}-*")):
                left.unlink(missing_ok=True)
        except OSError as error:
            raise _unwritable(path, error) from error

    def write(
        self, result: Result, submission: Submission, key: str, versions: Versions,
        *, jailed: bool = True,
    ) -> None:  # fmt: skip
        """Write a result; the file is there whole, or it is not there."""
        path = shard_file(self._course, result.assignment, result.student)
        data = encoded(ShardResult(key, jailed, result, time.time(), self._versions))
        for attempt in range(1, _TRIES + 1):
            try:
                self._put(path, data)
                return
            except FileNotFoundError as error:  # the same part ran twice, and the other cleaned up
                if attempt == _TRIES:
                    raise _unwritable(path, error) from error
            except OSError as error:
                raise _unwritable(path, error) from error

    def _put(self, path: Path, data: bytes) -> None:
        handle, name = tempfile.mkstemp(prefix=f".{path.stem}-", dir=self._folder)
        with open(handle, "wb") as stream:
            stream.write(data)
            stream.flush()
            os.fsync(stream.fileno())
        os.chmod(name, 0o644)  # mkstemp makes it the owner's alone
        os.replace(name, path)

    def settle(self, assignment: str, stamps: Mapping[str, str | None]) -> Mapping[str, Any]:
        """Nobody is late here: penalties are the gradebook's, see `merge`."""
        return {}


def encoded(shard: ShardResult) -> bytes:
    """A shard's file. ASCII: what a student wrote may hold half surrogate pairs."""
    result = shard.result
    body = json.dumps(
        {
            "notes": list(result.notes),
            "seconds": result.seconds,
            "notebooks": [
                {
                    "name": notebook.name,
                    "notes": list(notebook.notes),
                    "checks": [
                        {**asdict(check), "outcome": check.outcome.value, "way": check.way.value}
                        for check in notebook.checks
                    ],
                    "notebook": notebook.notebook,
                }
                for notebook in result.notebooks
            ],
        }
    ).encode()
    header = {
        "format": FORMAT,
        "assignment": result.assignment,
        "student": result.student,
        "key": shard.key,
        "jailed": shard.jailed,
        "graded_at": shard.graded_at,
        "versions": dict(shard.versions),
        "sha256": hashlib.sha256(body).hexdigest(),
    }
    return json.dumps(header).encode() + b"\n" + body + b"\n"


def read_shard(path: Path, blueprint: Blueprint) -> ShardResult | None:
    """Read a shard's file; None if there is none.

    raises: DamagedShardError if it is damaged, or another student's or assignment's. Whether it
            is of the present submission and checks, its key and `misfit` say
    """
    try:
        data = path.read_bytes()
    except FileNotFoundError:
        return None
    except OSError as error:
        raise DamagedShardError(f"cannot be read ({error.strerror})") from error
    first, _, body = data.partition(b"\n")
    body = body.removesuffix(b"\n")
    try:
        header = json.loads(first)
        if header["format"] != FORMAT:
            raise DamagedShardError(f"has format {header['format']}, not {FORMAT}")
        if header["sha256"] != hashlib.sha256(body).hexdigest():
            raise DamagedShardError("is damaged or not complete")
        assignment, student = str(header["assignment"]), str(header["student"])
        if assignment != blueprint.assignment or path.stem != _hash(student):
            raise DamagedShardError(f"is the result of {student} in {assignment}")
        result = _result(assignment, student, json.loads(body))
        graded_at = float(header["graded_at"])
        own = {str(name): str(version) for name, version in header["versions"].items()}
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise DamagedShardError("is damaged or not complete") from error
    return ShardResult(str(header["key"]), header["jailed"] is True, result, graded_at, own)


def versions_in(path: Path) -> Mapping[str, str]:
    """The versions in a shard's header; nothing if there is none that can be read."""
    try:
        with path.open("rb") as stream:
            found = json.loads(stream.readline(_MAX_HEADER))["versions"]
        return {str(name): str(version) for name, version in found.items()}
    except (OSError, ValueError, KeyError, TypeError, AttributeError, RecursionError):
        return {}


def misfit(result: Result, blueprint: Blueprint) -> str:
    """Why a result cannot be one of this assignment; empty if it can."""
    expected = {
        (notebook.name, cell.grade_id): cell.points
        for notebook in blueprint.notebooks
        for cell in notebook.graded
    }
    if [n.name for n in result.notebooks] != [n.name for n in blueprint.notebooks]:
        return "holds other notebooks than the assignment"
    for notebook in result.notebooks:
        for check in notebook.checks:
            points = expected.get((notebook.name, check.grade_id))
            fits = check.points == points and 0 <= check.score <= check.points
            if not (fits and math.isfinite(check.score)):
                return (
                    f"has {check.score:g} of {counted(check.points, 'point')} for {check.grade_id}"
                )
    return ""


def _result(assignment: str, student: str, body: Any) -> Result:
    return Result(
        assignment, student,
        tuple(
            NotebookResult(
                str(notebook["name"]),
                tuple(_check(**check) for check in notebook["checks"]),
                _notebook(notebook["notebook"]),
                _texts(notebook["notes"]),
            )
            for notebook in body["notebooks"]
        ),
        _texts(body["notes"]), float(body["seconds"]),
    )  # fmt: skip


def _notebook(data: Any) -> Any:
    """An nbformat node; raises TypeError or AttributeError where marks could not be read of it."""
    notebook = nbformat.from_dict(data)
    for cell in notebook.cells:
        if not (isinstance(cell.source, str) and isinstance(cell.metadata, dict)):
            raise TypeError(cell.cell_type)
    return notebook


def _check(
    grade_id: str,
    outcome: str,
    score: float,
    points: float,
    message: str,
    seconds: float,
    way: str,
    students_word: Iterable[Any] = (),
) -> CheckResult:
    return CheckResult(
        str(grade_id), Outcome(outcome), float(score), float(points), str(message),
        float(seconds), Way(way), _texts(students_word),
    )  # fmt: skip


def _texts(notes: Iterable[Any]) -> tuple[str, ...]:
    return tuple(str(note) for note in notes)


def _hash(student: str) -> str:
    """Equal on every machine and in every process, unlike Python's own."""
    return hashlib.sha256(student.encode("utf-8", "surrogateescape")).hexdigest()[:32]


def _unwritable(path: Path, error: OSError) -> UserError:
    return UserError(
        f"{path}: cannot be written ({error.strerror}); fix this and run the same command again: "
        "what was graded is kept.",
        exit_code=1,
    )
