"""The marks of a class, from the points in nbgrader's gradebook and the facts of now. Only read.

The points are the gradebook's. When work came, whether it is late, what that costs, and whether
the points are still those of the work that counts, is worked out each time.
"""

import math
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from nbgrader import api
from sqlalchemy import Connection, Integer, and_, case, cast, func, select

from autograder.assignment.blueprint import read_blueprint
from autograder.assignment.did_you_mean import known_assignments, unknown
from autograder.assignment.errors import UserError
from autograder.assignment.nbgrader_course import NbgraderCourse
from autograder.assignment.outcome import Versions
from autograder.assignment.submission import Submission, read_submission
from autograder.authoring.release import quiet_logger
from autograder.gradebook import history
from autograder.gradebook.by_hand import given
from autograder.gradebook.database import gradebook_exists, reading
from autograder.gradebook.late_plugin import LatePenalties, seconds_late
from autograder.gradebook.penalties import work_out_penalties
from autograder.gradebook.rows import utc_time
from autograder.records.books import Books, read_books
from autograder.records.people import People


@dataclass(frozen=True)
class ClassMark:
    """One student's mark in one assignment; all numbers are points, as nbgrader counts them.

    automatic: of the checks, where no person overruled them
    manual:    given by a person, in place of automatic points or beside them
    score:     automatic + manual + extra_credit - late_penalty, never below 0
    timestamp: when the work came, None if that is not known
    late:      seconds after the due date and extension; None if it is not known whether it is
               late, or how much
    penalties: points off because it was late, by notebook
    waiting:   cells that a person still has to look at
    graded:    False if it was handed in and not graded yet, or is being graded anew
    outdated:  why these points are not those of the work that counts; "" if they are
    held:      why a person has to look at what was handed in; "" if nobody has to
    """

    student: str
    first_name: str
    last_name: str
    email: str
    assignment: str
    timestamp: datetime | None
    late: float | None
    automatic: float
    manual: float
    extra_credit: float
    late_penalty: float
    score: float
    max_score: float
    waiting: int
    graded: bool
    penalties: Mapping[str, float] = field(default_factory=dict)
    outdated: str = ""
    held: str = ""

    @property
    def final(self) -> bool:
        """Whether nobody has to look at it any more, and it is of the work that counts."""
        return self.graded and not self.waiting and not self.outdated and not self.held

    def as_json(self) -> dict[str, Any]:
        """The mark as plain data, for `--json`."""
        return {
            "score": self.score if self.graded else None,
            "max_score": self.max_score,
            "automatic": self.automatic,
            "manual": self.manual,
            "extra_credit": self.extra_credit,
            "late_penalty": self.late_penalty,
            "late_seconds": self.late,
            "timestamp": self.timestamp and self.timestamp.isoformat(),
            "waiting": self.waiting,
            "outdated": self.outdated,
            "held": self.held,
        }


@dataclass(frozen=True)
class ClassMarks:
    """The marks of one assignment: of all who handed it in, sorted, and its maximum.

    students: everybody whom the gradebook knows, also without a submission; not who has left
    notes:    what else a person has to know
    """

    assignment: str
    max_score: float
    marks: tuple[ClassMark, ...]
    students: tuple[str, ...]
    notes: tuple[str, ...] = ()

    def as_json(self) -> dict[str, Any]:
        """The marks as plain data, for `--json`."""
        return {
            "assignment": self.assignment,
            "max_score": self.max_score,
            "students": {mark.student: mark.as_json() for mark in self.marks},
        }


def read_marks(course: NbgraderCourse, assignments: tuple[str, ...]) -> tuple[ClassMarks, ...]:
    """Read the marks of some assignments, or of all that the gradebook has, sorted by name.

    raises: UserError if there is no gradebook, it cannot be read, or has no such assignment
    """
    if not gradebook_exists(course.db_url):
        known_assignments(assignments, course.assignments(), course.root)
    with reading(course.db_url) as connection:
        table = api.Assignment.__table__
        known = {
            str(name): str(key)
            for key, name in connection.execute(select(table.c.id, table.c.name))
        }
        for name in assignments:
            if name not in known:
                if name in course.assignments():
                    raise UserError(
                        f"{name} is not in the gradebook; run `autograder grade {name}` first."
                    )
                raise unknown("assignment", name, {*known, *course.assignments()}, course.root)
        return tuple(
            _marks_of(connection, course, name, known[name])
            for name in assignments or sorted(known)
        )


def _marks_of(
    connection: Connection, course: NbgraderCourse, name: str, assignment: str
) -> ClassMarks:
    notebook, cell = api.Notebook.__table__, api.BaseCell.__table__
    grade, task = api.GradeCell.__table__, api.TaskCell.__table__
    top = connection.execute(
        select(func.sum(func.coalesce(grade.c.max_score, task.c.max_score, 0.0)))
        .select_from(cell)
        .join(notebook, notebook.c.id == cell.c.notebook_id)
        .outerjoin(grade, grade.c.id == cell.c.id)
        .outerjoin(task, task.c.id == cell.c.id)
        .where(notebook.c.assignment_id == assignment)
    ).scalar()
    max_score = float(top or 0)
    student = api.Student.__table__
    people = {
        str(row.id): row
        for row in connection.execute(
            select(student.c.id, student.c.first_name, student.c.last_name, student.c.email)
        )
    }
    books = read_books(course, name)
    who = books.people
    submissions = {
        student: read_submission(course.submission_folder(student, name), student, name)
        for student in course.students(name)
        if student not in who.joined
    }
    found = {row.student_id: row for row in connection.execute(_sums(assignment))}
    stamped = {student: _utc(utc_time(one.timestamp)) for student, one in submissions.items()}
    times = {  # also where somebody took the files away: the facts are there
        student: books.time(student, stamped.get(student))
        for student in submissions.keys() | books.standings.keys()
    }
    penalties = _penalties(connection, course, name, books, times)
    outdated = _Outdated(course, name, history.graded_from(connection, name), books)
    everybody = submissions.keys() | found.keys() | books.standings.keys() | books.damaged.keys()
    given_before = _given_before(connection, name, who)
    marks = []
    for one in sorted(everybody - who.joined - who.withdrawn.keys()):
        row = found.get(one)
        graded = row is not None and bool(row.scored)
        handed_in = one in submissions or one in books.standings or one in books.damaged
        # nbgrader makes rows also for who got an extension and handed in nothing.
        if not handed_in and not (row.scored or row.timestamp):  # type: ignore[union-attr]
            continue
        if one in books.standings and books.standings[one].nothing:
            continue
        time = times.get(one, _utc(row.timestamp) if row is not None else None)
        marks.append(
            _mark(
                people.get(one), one, name, row, penalties.get(one, {}), max_score,
                time, _late(books, one, time),
                outdated.why(submissions.get(one), one) if graded else "",
                _held(books, one) or given_before.get(one, ""),
            )
        )  # fmt: skip
    strangers = [
        f"{name}: class.toml has an extension for {one}, who is not in the class"
        for one in books.deadlines.strangers
    ]
    left = [f"{name}: {one} has left the class, so is left out" for one in sorted(who.withdrawn)]
    students = {who.now(one) for one in people} - who.withdrawn.keys()
    notes = (*books.notes, *outdated.notes, *strangers, *left)
    return ClassMarks(name, max_score, tuple(marks), tuple(sorted(students)), notes)


def _given_before(connection: Connection, assignment: str, who: People) -> dict[str, str]:
    """By student, which points a person gave under another id of the student's and not under this.

    They stay where they were given. The work is graded anew under the id of now, and whoever reads
    it may give other points.
    """
    if not who.joined:
        return {}
    held = given(connection, assignment)
    found: dict[str, str] = {}
    for old in sorted(who.joined & held.keys()):
        now = held.get(who.now(old), {})
        lacking = [
            place
            for place, points in held[old].items()
            for what in ("points", "extra credit")
            if what in points and what not in now.get(place, {})
        ]
        if lacking:
            found[who.now(old)] = (
                f"points that a person gave under {old} are to be given anew: "
                f"{', '.join(sorted(set(lacking)))}; `autograder history {assignment} {old}` has them"
            )
    return found


def _late(books: Books, student: str, time: datetime | None) -> float | None:
    """Seconds late; None if that is not known."""
    standing, due = books.standings.get(student), books.deadlines.of(student)
    if standing is not None:
        # Nothing is late where nothing counts, nor without a due date but by the source's word.
        counts = standing.counts
        return counts.late if counts is not None and counts.when else 0.0
    return seconds_late(time, due) if time is not None or due is None else None


def _held(books: Books, student: str) -> str:
    """Why a person has to look at what the student handed in."""
    standing = books.standings.get(student)
    return books.damaged.get(student, "") or (standing.waits if standing is not None else "")


class _Outdated:
    """Tells whether points are those of the work and the assignment of now."""

    def __init__(
        self,
        course: NbgraderCourse,
        assignment: str,
        graded: Mapping[str, Versions],
        books: Books,
    ) -> None:
        self._graded, self._books = graded, books
        self._again = f"run `autograder grade {assignment}`"
        self._key = None
        self.notes: tuple[str, ...] = ()
        """What cannot be told."""
        if assignment in course.assignments():
            try:
                self._key = read_blueprint(course, assignment).key
            except UserError as error:
                self.notes = (f"{error} Whether its scores are of what it asks now is not known.",)

    def why(self, submission: Submission | None, student: str) -> str:
        """Why the points are not those of what counts now; "" if they are, or it is not known."""
        versions = self._graded.get(student)
        if versions is None or not versions.submission:
            return ""  # graded by nbgrader's own autograde, which keeps no record
        standing = self._books.standings.get(student)
        if standing is not None and standing.counts is None:
            return "no attempt counts, and one was graded that counted then"
        if standing is not None and standing.counts is not None:
            number, keys = standing.counts.number, standing.counts.keys
            if versions.submission not in keys:
                return f"attempt {number} counts and another was graded; {self._again}"
        if submission is not None and submission.work_key != versions.submission:
            return f"what was handed in has changed since it was graded; {self._again}"
        if self._key is not None and versions.assignment != self._key:
            return f"the assignment has changed since it was graded; {self._again}"
        return ""


def _penalties(
    connection: Connection,
    course: NbgraderCourse,
    assignment: str,
    books: Books,
    times: Mapping[str, datetime | None],
) -> Mapping[str, Mapping[str, float]]:
    """Points off by student and notebook."""

    def when(student: str, held: datetime | None) -> datetime | None:
        return _bare(times.get(student, _utc(held)))

    found: defaultdict[str, dict[str, float]] = defaultdict(dict)
    late = LatePenalties(course.config, quiet_logger())
    for one in work_out_penalties(
        connection, assignment, late, when, lambda student: _bare(books.deadlines.of(student))
    ):
        if one.penalty is not None:
            found[one.student][one.notebook] = one.penalty
    return found


def _utc(time: datetime | None) -> datetime | None:
    """A time of nbgrader's, which has no zone."""
    return time and time.replace(tzinfo=UTC)


def _bare(time: datetime | None) -> datetime | None:
    """A time as nbgrader keeps it: in UTC, without a zone."""
    return time and time.astimezone(UTC).replace(tzinfo=None)


def _sums(assignment: str) -> Any:
    """Points and counts of each student's submission of an assignment."""
    submission = api.SubmittedAssignment.__table__
    submitted, grade = api.SubmittedNotebook.__table__, api.Grade.__table__
    by_hand = grade.c.manual_score.is_not(None)
    scored = by_hand | grade.c.auto_score.is_not(None)

    def total(value: Any, where: Any) -> Any:
        return func.coalesce(func.sum(case((where, value), else_=0.0)), 0.0)

    return (
        select(
            submission.c.student_id,
            submission.c.timestamp,
            total(grade.c.auto_score, and_(~by_hand, scored)).label("automatic"),
            total(grade.c.manual_score, by_hand).label("manual"),
            total(func.coalesce(grade.c.extra_credit, 0.0), scored).label("extra"),
            func.coalesce(func.sum(cast(scored, Integer)), 0).label("scored"),
            func.coalesce(func.sum(cast(grade.c.needs_manual_grade, Integer)), 0).label("waiting"),
        )
        .select_from(submission)
        .outerjoin(submitted, submitted.c.assignment_id == submission.c.id)
        .outerjoin(grade, grade.c.notebook_id == submitted.c.id)
        .where(submission.c.assignment_id == assignment)
        .group_by(submission.c.id, submission.c.student_id, submission.c.timestamp)
    )


def _mark(
    person: Any,
    student: str,
    assignment: str,
    row: Any,
    penalties: Mapping[str, float],
    max_score: float,
    time: datetime | None,
    late: float | None,
    outdated: str,
    held: str,
) -> ClassMark:
    automatic, manual, extra = (
        (float(row.automatic), float(row.manual), float(row.extra)) if row else (0.0, 0.0, 0.0)
    )
    taken = math.fsum(penalties.values())
    return ClassMark(
        student=student,
        first_name=(person and person.first_name) or "",
        last_name=(person and person.last_name) or "",
        email=(person and person.email) or "",
        assignment=assignment,
        timestamp=time,
        late=late,
        automatic=automatic,
        manual=manual,
        extra_credit=extra,
        late_penalty=taken,
        score=max(0.0, automatic + manual + extra - taken),
        max_score=max_score,
        waiting=int(row.waiting) if row is not None else 0,
        graded=row is not None and bool(row.scored),
        penalties=penalties,
        outdated=outdated,
        held=held,
    )
