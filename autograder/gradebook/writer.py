"""The one writer of marks: nbgrader's gradebook and `autograded/STUDENT/ASSIGNMENT/`.

What it writes is what `nbgrader autograde` writes (converters/autograde.py,
preprocessors/saveautogrades.py and latesubmissions.py of nbgrader 0.9.6), so that Formgrader,
`nbgrader generate_feedback` and `nbgrader export` take it for their own.

Why a kill at any moment, and the same command again, end in the same state. The writer keeps
one invariant: *a folder `autograded/STUDENT/ASSIGNMENT` with a record in it means that the
gradebook holds what the record says.* `write` goes in this order:

1. the new folder is made and synced in `autograded/.grading/`, which nbgrader's globs pass over;
2. the gradebook is locked and the rows are changed, not committed;
3. the old folder, if any, is moved to `.grading/`;
4. the rows are committed;
5. the new folder is moved to its place; the old one is deleted.

Killed before 3, nothing has happened. Killed between 3 and 5, there is no folder, so
`graded_key` says None and the submission is graded again, whichever rows were committed: all of
them are overwritten, none is added to. Killed after 5, it is done. `begin` does 2 to 4 with rows
that hold no automatic score. Both add to the history (`autograder.gradebook.history`) in the transaction of
2 to 4: each grading and each invalidation that was committed is in it, and no other. What a kill leaves in `.grading/` is deleted at the next start, and
SQLite rolls its own half transactions back. A power cut may undo a move but not a commit, and
other programs write to the gradebook too, so `graded_key` also compares the rows with the record.
"""

import contextlib
import errno
import os
import shutil
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from nbgrader import api
from nbgrader.coursedir import CourseDirectory
from sqlalchemy import Connection
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from autograder.assignment.blueprint import Blueprint
from autograder.assignment.class_file import ClassDeadlines, read_class_file
from autograder.assignment.class_lock import only_one
from autograder.assignment.errors import UserError
from autograder.assignment.nbgrader_course import NbgraderCourse
from autograder.assignment.outcome import Recorded, Result, Versions
from autograder.assignment.submission import Submission
from autograder.authoring.release import quiet_logger
from autograder.gradebook import history
from autograder.gradebook.autograded_folder import (
    AutogradedFolders,
    is_folder_name,
    read_record,
    sync,
)
from autograder.gradebook.by_hand import take_note
from autograder.gradebook.database import (
    WRITES,
    connect,
    create_database,
    gradebook_url,
    patient,
    shown_url,
)
from autograder.gradebook.deadlines import of_now
from autograder.gradebook.history import Entry, Happened
from autograder.gradebook.late_plugin import LatePenalties
from autograder.gradebook.penalties import (
    Late,
    enter_deadlines,
    enter_penalties,
    enter_times,
)
from autograder.gradebook.register import register
from autograder.gradebook.rows import SubmissionRows, utc_time

STAGING = ".grading"


class GradebookWriter:
    """Context manager: the only writer to a class while it is open.

    raises: UserError if the gradebook or `autograded/` cannot be written, is locked for longer
            than 30 seconds, is of another nbgrader's making, or if another writer is at work;
            or if class.toml is wrong.
    """

    def __init__(self, course: NbgraderCourse, now: Callable[[str], str] = str) -> None:
        """now: what the student of an id is called now; an extension of any id is the student's"""
        self._course, self._now = course, now
        self._url = patient(gradebook_url(course.db_url))
        self._class = read_class_file(course.class_directory)
        if unknown := sorted(self._class.deadlines.keys() - set(course.assignments())):
            raise UserError(
                f"{self._class.path}: [due] {unknown[0]} is no assignment of this course (there is "
                f"{', '.join(course.assignments()) or 'none'})."
            )
        self._staging = course.autograded / STAGING
        log = quiet_logger()
        directories = CourseDirectory(config=course.config, log=log)
        self._course_id = str(directories.course_id)
        self._folders = AutogradedFolders(course.config, directories)
        self._late = LatePenalties(course.config, log)

    def __enter__(self) -> "GradebookWriter":
        with self._complaints(), contextlib.ExitStack() as stack:
            self._staging.mkdir(parents=True, exist_ok=True)
            stack.enter_context(only_one(self._staging))
            self._sweep()
            create_database(self._url, self._course_id)
            self._engine = connect(self._url)
            self._close = stack.pop_all()
        return self

    def __exit__(self, *_exception: object) -> None:
        with self._close:
            self._engine.dispose()  # of the database; it lets go of PostgreSQL's connection
            with contextlib.suppress(OSError):
                self._sweep()

    def register(self, blueprint: Blueprint) -> tuple[str, ...]:
        """Enter the assignment, its notebooks, cells and points, as GenerateAssignment does.

        returns: what changed for submissions that were graded before (see `register`)
        """
        with self._complaints(), self._transaction() as connection:
            session = Session(connection, autoflush=False)
            registered = register(session, blueprint, self._course_id)
            session.flush()
            history.add(connection, *registered.entries)
            enter_deadlines(connection, blueprint.assignment, self._deadlines(blueprint.assignment))
        return registered.notes

    def graded_key(self, assignment: str, student: str) -> str | None:
        """The key that `write` was given, if gradebook and folder agree that it is done."""
        record = self._agreed_record(assignment, student)
        return None if record is None else str(record["key"])

    def recorded(
        self, assignment: str, student: str, key: str, *, jailed: bool = False
    ) -> Recorded | None:
        """The result that `write` was given with this key.

        None if it was given another key, if gradebook and folder do not agree that it is done, or
        if time ran out in it on a busy machine and it was not tried once more.
        key:    without its last part, which tells how the checks were graded, it stands for all
        jailed: only if it was graded in the jail
        """
        record = self._agreed_record(assignment, student)
        if record is None or not (record["key"] == key or record["key"].startswith(f"{key}-")):
            return None
        safely = record.get("jailed") is True
        if record.get("busy") or (jailed and not safely):
            return None
        return Recorded(record["result"], safely, float(record.get("graded_at") or 0.0))

    def begin(self, assignment: str, student: str) -> None:
        """Invalidate: from now on the old automatic score does not count.

        Call it before changed work is graded. Points that a person gave stay, flagged until
        `write` has seen whether the answer is the same; without its folder Formgrader shows the
        submission as not autograded.
        """
        with self._complaints():
            with self._transaction() as connection:
                rows = SubmissionRows(connection, assignment, student)
                before = history.last(connection, assignment, student)
                settled = rows.settled(before)
                # Begun twice, because of a kill, it is invalidated once.
                known = before is not None and before.event is Happened.INVALIDATED
                if rows.invalidate() and not known:
                    entry = Entry(Happened.INVALIDATED, assignment, student, settled=settled)
                    history.add(connection, entry)
                self._set_aside(self._folder(assignment, student))
            self._sweep()

    def write(
        self,
        result: Result,
        submission: Submission,
        key: str,
        versions: Versions = history.UNKNOWN,
        *,
        jailed: bool = True,
        graded_at: float | None = None,
    ) -> None:
        """Enter the result of one submission; see the module for the order of things.

        The folder holds the submission's files, except notebooks that the assignment does not
        know and files that nbgrader ignores, and the graded notebooks.
        key:       what `recorded` will be asked for
        versions:  what the result follows from, for the history
        jailed:    whether the student's code ran in the jail
        graded_at: when, in seconds since 1970; by default now
        """
        folder = self._folder(result.assignment, result.student)
        with self._complaints():
            staged = Path(tempfile.mkdtemp(dir=self._staging))
            self._folders.put(staged, result, submission)
            folder.parent.mkdir(parents=True, exist_ok=True)
            if not os.access(folder.parent, os.W_OK | os.X_OK):
                raise PermissionError(errno.EACCES, "Permission denied", str(folder.parent))
            with self._transaction() as connection:
                rows = self._enter(connection, result, submission, versions)
                record = {
                    "key": key,
                    "jailed": jailed,
                    "graded_at": time.time() if graded_at is None else graded_at,
                    "busy": result.busy,
                    "notebooks": [notebook.name for notebook in result.notebooks],
                    "gradebook": rows.held(),
                    "result": result.as_json(),
                }
                self._folders.put_record(staged, record)
                self._folders.finish(staged)
                self._set_aside(folder)
            os.rename(staged, folder)
            sync(folder.parent)
            self._sweep()

    def enter(self, result: Result, submission: Submission, versions: Versions) -> None:
        """Enter the result of one submission where nbgrader itself writes the folder."""
        with self._complaints(), self._transaction() as connection:
            self._enter(connection, result, submission, versions)

    def _enter(
        self, connection: Connection, result: Result, submission: Submission, versions: Versions
    ) -> SubmissionRows:
        rows = SubmissionRows(connection, result.assignment, result.student)
        settled = rows.settled(history.last(connection, result.assignment, result.student))
        deadlines = self._deadlines(result.assignment)
        entered = rows.enter(result, submission.timestamp, deadlines, self._late, settled)
        entry = Entry(
            Happened.GRADED,
            result.assignment,
            result.student,
            versions,
            score=result.score,
            max_score=result.points,
            penalty=entered.penalty,
            checks=_checks(result),
            answers=entered.answers,
            settled=settled,
        )
        history.add(connection, entry)
        return rows

    def settle(
        self, assignment: str, stamps: Mapping[str, str | None] | None = None
    ) -> dict[str, Late]:
        """Enter times and late penalties anew, and take note of what a person gave since.

        For times, due dates, extensions, policies and points that changed; no submission is
        graded for it. Call it when the class is graded.
        stamps:  by student, the text of timestamp.txt, None where it is not known when work came;
                 the times of others stay
        returns: by student who is late, or was before
        """
        with self._complaints(), self._transaction() as connection:
            times = {student: utc_time(stamp) for student, stamp in (stamps or {}).items()}
            enter_times(connection, assignment, times)
            take_note(connection, assignment)
            found = enter_penalties(connection, assignment, self._late, self._now)
            history.add(
                connection,
                *(
                    Entry(
                        Happened.PENALTY, assignment, student,
                        score=late.score, max_score=late.max_score, penalty=late.penalty,
                    )
                    for student, late in found.items()
                    if late.changed
                ),
            )  # fmt: skip
        return found

    def _deadlines(self, assignment: str) -> ClassDeadlines:
        """What class.toml gives; of several extensions of one student the longest counts."""
        said = self._class.of(assignment)
        # What stands in the gradebook under an id of before stays there.
        return replace(said, extensions={**said.extensions, **of_now(said.extensions, self._now)})

    def _agreed_record(self, assignment: str, student: str) -> dict[str, Any] | None:
        folder = self._folder(assignment, student)
        record = read_record(folder)
        if record is None:
            return None
        with self._complaints(), self._engine.connect() as connection:
            held = SubmissionRows(connection, assignment, student).held()
        # What was recorded besides (penalties, by earlier versions) does not matter.
        agreed = (
            held is not None
            and held == {name: record["gradebook"].get(name) for name in held}
            and all((folder / f"{notebook}.ipynb").is_file() for notebook in record["notebooks"])
        )
        return record if agreed else None

    def _folder(self, assignment: str, student: str) -> Path:
        for name in (assignment, student):
            if not is_folder_name(name):
                raise UserError(f"{name!r}: is no name for a student's folder; rename it.")
        return self._course.autograded_folder(student, assignment)

    def _set_aside(self, folder: Path) -> None:
        if os.path.lexists(folder):
            os.rename(folder, Path(tempfile.mkdtemp(dir=self._staging)) / "old")

    def _sweep(self) -> None:
        for path in self._staging.iterdir():
            if path.name != "lock":
                shutil.rmtree(path)

    @contextlib.contextmanager
    def _transaction(self) -> Iterator[Connection]:
        engine = self._engine.execution_options(**{WRITES: True})
        with engine.begin() as connection:
            yield connection

    @contextlib.contextmanager
    def _complaints(self) -> Iterator[None]:
        """Turn what the database and the file system complain of into one sentence."""
        try:
            yield
        except (DBAPIError, api.InvalidEntry) as error:
            reason = " ".join(str(getattr(error, "orig", error)).split())
            raise UserError(
                f"{shown_url(self._url)}: the gradebook cannot be used ({reason}); close other "
                "programs that use it, see that there is room, and run the same command again.",
                exit_code=1,
            ) from error
        except OSError as error:
            raise UserError(
                f"{error.filename or self._staging.parent}: cannot be written ({error.strerror}); "
                "fix this and run the same command again: what was graded is kept.",
                exit_code=1,
            ) from error


def _checks(result: Result) -> dict[str, dict[str, Any]]:
    """What the history keeps of each check: no message, which may be long and quotes students."""
    return {
        f"{notebook.name}/{check.grade_id}": {
            "outcome": check.outcome.value,
            "score": check.score,
            "max_score": check.points,
            "seconds": round(check.seconds, 3),
        }
        for notebook in result.notebooks
        for check in notebook.checks
    }
