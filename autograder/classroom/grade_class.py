"""Grading a class: what is new or changed goes to the workers, what comes back is written down."""

import hashlib
import time
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager, nullcontext
from dataclasses import dataclass, field, replace
from functools import partial
from typing import TYPE_CHECKING, Any, Protocol

from autograder.assignment.blueprint import Blueprint, read_blueprint, written_points
from autograder.assignment.did_you_mean import unknown
from autograder.assignment.errors import UserError
from autograder.assignment.nbgrader_course import NbgraderCourse
from autograder.assignment.notes import course_faults
from autograder.assignment.outcome import Outcome, Recorded, Result, Versions
from autograder.assignment.slow_imports import no_garbage_collection
from autograder.assignment.submission import Submission, read_submission
from autograder.classroom.shards import Shard, ShardWriter
from autograder.classroom.warm_engine import WarmEngine
from autograder.engine.engine import Engine, EngineFailure
from autograder.engine.limits import Limits, limits_for
from autograder.grading.grade import ENGINE_VERSION, grade
from autograder.grading.pool import UNGRADED, ungraded
from autograder.grading.proof import Proof, proved, reference_of
from autograder.grading.workers import LocalWorkers, Workers, nothing_graded
from autograder.intake.collect import place
from autograder.records.books import read_books
from autograder.records.roll import read_people

if TYPE_CHECKING:
    from autograder.gradebook.penalties import Late


@dataclass(frozen=True)
class Options:
    """How to grade.

    seconds, memory_mb: of a cell and a submission; None takes the course's and the engine's
    require_sandbox: refuse to grade without the jail
    again:           grade also what has not changed
    scheduler:       address of a Dask scheduler, whose workers grade instead of `workers` here
    shard:           grade these students only, and write files for `autograder merge`
    students:        grade these only; everybody if there are none
    strict:          leave to a person each check that can only run beside the answer
    anyway:          grade also where the course's own solution does not pass
    """

    workers: int = 2
    seconds: float | None = None
    memory_mb: int | None = None
    cross_check: bool = False
    require_sandbox: bool = False
    again: bool = False
    scheduler: str | None = None
    shard: Shard | None = None
    students: frozenset[str] = frozenset()
    strict: bool = False
    anyway: bool = False

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

    unjailed: students whose code ran outside the jail, now or when the result was made
    late:     by student whose submission was late: seconds, and penalty in points or None
    written:  points of written answers and tasks, which no check gives
    """

    assignment: str
    students: Mapping[str, Mapping[str, Any]]
    unjailed: tuple[str, ...]
    seconds: float
    notes: tuple[str, ...] = ()
    unchanged: tuple[str, ...] = field(default=())
    late: Mapping[str, Mapping[str, float | None]] = field(default_factory=dict)
    written: float = 0.0

    @property
    def jailed(self) -> bool:
        """Whether all code of students ran in the jail."""
        return not self.unjailed

    @property
    def course_faults(self) -> tuple[str, ...]:
        """One sentence for each cell of the course's own that fails, whoever is graded."""
        return course_faults(
            note for graded in self.students.values() for note in graded.get("notes") or ()
        )

    def as_json(self) -> dict[str, Any]:
        """The result as plain data, for `--json`."""
        return {
            "assignment": self.assignment,
            "students": dict(self.students),
            "unchanged": list(self.unchanged),
            "late": dict(self.late),
            "written": self.written,
            "sandbox": self.jailed,
            "outside_sandbox": list(self.unjailed),
            "notes": [*self.notes, *self.course_faults],
            "seconds": round(self.seconds, 3),
        }


def grade_class(
    course: NbgraderCourse,
    assignment: str,
    options: Options | None = None,
    progress: Callable[[Event], None] = lambda event: None,
    warm: WarmEngine | None = None,
) -> ClassResult:
    """Grade what was submitted for an assignment, new or changed, and write it down.

    warm: keeps its process for the next assignment; by default it is ended here
    raises: UserError if the assignment or the gradebook cannot be used, or the jail is required
            and cannot be had. What was finished before is kept; a second run goes on from there.
    """
    began = time.perf_counter()
    options = options or Options()
    blueprint = read_blueprint(course, assignment)
    waiting: Mapping[str, str] = {}
    taken_back: frozenset[str] = frozenset()
    if options.shard is None:
        waiting = place(course, assignment)  # what counts by the extensions and times of now
        taken_back = read_books(course, assignment).taken_back
    everybody = course.students(assignment)
    stamps: dict[str, str | None] = {}
    results: dict[str, Mapping[str, Any]] = {}
    if not everybody:
        raise UserError(f"nobody has submitted {assignment} (looked in {course.submitted}).")
    if options.students:
        to_grade(course, (assignment,), options.students)
        everybody = tuple(student for student in everybody if student in options.students)
    if options.shard is not None:
        everybody = tuple(filter(options.shard.holds, everybody))
        if not everybody:
            return ClassResult(assignment, {}, (), 0.0)
    limits = limits_for(blueprint.timeout, options.seconds, options.memory_mb)
    workers = min(options.workers, len(everybody))
    with ExitStack() as stack:
        crew, proof, blueprint = stack.enter_context(
            _crew(
                blueprint, reference_of(course, blueprint), limits,
                replace(options, workers=workers), warm,
                lambda who: progress(Event(0, len(everybody), who)),
            )
        )  # fmt: skip
        proof.require(anyway=options.anyway)
        ledger = stack.enter_context(_ledger(course, assignment, options))
        registered = ledger.register(blueprint)
        for student in taken_back:
            ledger.begin(assignment, student)
        unchanged: list[str] = []
        unjailed: set[str] = set()

        def to_do() -> Iterator[Submission]:
            ready = False
            for student in everybody:
                submission = read_submission(
                    course.submission_folder(student, assignment), student, assignment
                )
                stamps[student] = submission.timestamp
                key = submission_key(blueprint, submission, options.cross_check)
                recorded = ledger.recorded(assignment, student, key, jailed=crew.jail)
                again = options.again or _may_end_otherwise(recorded, options)
                if recorded is not None and not again:
                    results[student] = recorded.result
                    unchanged.append(student)
                    if not recorded.jailed:
                        unjailed.add(student)
                    progress(Event(len(results), len(everybody), student, recorded.result, True))
                    continue
                if not ready:  # an earlier result counts until there can be another
                    crew.ready()
                    ready = True
                ledger.begin(assignment, student)
                yield submission

        for submission, result in crew.run(
            to_do(), lambda student: progress(Event(len(results), len(everybody), student))
        ):
            key = submission_key(blueprint, submission, options.cross_check)
            versions = versions_of(blueprint, submission)
            files = own_files(blueprint, submission)
            try:
                ledger.write(result, files, key, versions, jailed=crew.jail)
            except (TypeError, ValueError, LookupError, AttributeError, RecursionError) as error:
                # something in it that nobody foresaw: it stops nobody else
                why = f"the result cannot be recorded: {type(error).__name__}: {error}"
                result = ungraded(blueprint, submission, why)
                ledger.write(result, replace(files, files={}), key, versions, jailed=crew.jail)
            results[result.student] = result.as_json()
            if not crew.jail:
                unjailed.add(result.student)
            progress(Event(len(results), len(everybody), result.student, results[result.student]))
        settled = ledger.settle(assignment, stamps)
        late = {student: one for student, one in settled.items() if student in results}
        notes = (*blueprint.notes, *registered, *proof.notes, *crew.notes)
        notes += tuple(f"{student}: {why}" for student, why in sorted(waiting.items()))
    return ClassResult(
        assignment, {student: results[student] for student in sorted(results)},
        tuple(sorted(unjailed)), time.perf_counter() - began, notes, tuple(unchanged), late_ones(late),
        written_points(blueprint),
    )  # fmt: skip


def prove_assignment(
    course: NbgraderCourse,
    assignment: str,
    options: Options | None = None,
    progress: Callable[[str], None] = lambda who: None,
    warm: WarmEngine | None = None,
) -> Proof:
    """Find out how each check of an assignment can be graded, by the course's own solution.

    options: of them count seconds, memory_mb, require_sandbox, scheduler, and again: prove also
             what was proved before
    raises: UserError as `grade_class` does
    """
    options = options or Options()
    blueprint = read_blueprint(course, assignment)
    limits = limits_for(blueprint.timeout, options.seconds, options.memory_mb)
    reference = reference_of(course, blueprint)
    with _crew(blueprint, reference, limits, options, warm, progress) as (_, proof, _):
        return proof


def to_grade(
    course: NbgraderCourse, assignments: Sequence[str], students: Collection[str] = ()
) -> tuple[str, ...]:
    """The assignments that have submissions of these students, or of anybody if there are none.

    assignments: to choose from; all of the course if there are none
    raises: UserError if nobody has submitted anything, or one of the students has not
    """
    submitted = {
        name: frozenset(course.students(name)) for name in assignments or course.assignments()
    }
    everybody = frozenset().union(*submitted.values())
    for student in students:
        if student not in everybody:
            raise unknown("student", student, everybody, course.submitted)
    if students:
        return tuple(name for name, those in submitted.items() if those & frozenset(students))
    chosen = tuple(assignments) or tuple(name for name, those in submitted.items() if those)
    if not chosen:
        raise UserError(f"nobody has submitted anything (looked in {course.submitted}).")
    return chosen


class Ledger(Protocol):
    """Where results are written down: the gradebook, or a shard's files."""

    def register(self, blueprint: Blueprint) -> Sequence[str]:
        """Take note of the assignment; return what that changed, one sentence each."""

    def recorded(
        self, assignment: str, student: str, key: str, *, jailed: bool = False
    ) -> Recorded | None:
        """The result that was written with this key; None if none was.

        jailed: None also if it was graded without the jail
        """

    def begin(self, assignment: str, student: str) -> None:
        """Let an earlier result not count any more."""

    def write(
        self, result: Result, submission: Submission, key: str, versions: Versions,
        *, jailed: bool = True,
    ) -> None:  # fmt: skip
        """Write a result down, all of it or nothing."""

    def settle(self, assignment: str, stamps: Mapping[str, str | None]) -> Mapping[str, "Late"]:
        """Enter times and late penalties, when everybody is graded; by student who is late.

        stamps: by student, the text of timestamp.txt
        """


@contextmanager
def _crew(
    blueprint: Blueprint,
    reference: Submission | None,
    limits: Limits,
    options: Options,
    warm: WarmEngine | None,
    progress: Callable[[str], None],
) -> Iterator[tuple[Workers, Proof, Blueprint]]:
    """Who grades, what the course's own solution has proved, and the assignment, graded so."""
    if options.scheduler is None:
        with nullcontext(warm) if warm else WarmEngine() as keeper:
            engine = keeper.of(blueprint, limits, jail=options.jail)
            proof = proved(
                blueprint, reference, partial(_alone, engine),
                limits=limits, jail=engine.jail, again=options.again, progress=progress,
            )  # fmt: skip
            applied = proof.applied(blueprint, strict=options.strict)
            local = LocalWorkers(applied, engine, limits, options.workers, options.cross_check)
            yield local, proof, applied
        return
    from autograder.grading.cluster import connected

    connect = partial(connected, options.scheduler, require_sandbox=options.require_sandbox)

    def alone(blueprint: Blueprint, submission: Submission) -> Result:
        with connect(blueprint, limits) as crew:
            result = next(iter(crew.run([submission], lambda student: None)))[1]
        for note in result.notes:
            if note.startswith(UNGRADED):  # the workers' fault, which proves nothing
                raise UserError(
                    f"{blueprint.assignment}: {submission.student} {note}.", exit_code=1
                )
        return result

    proof = proved(
        blueprint, reference, alone,
        limits=limits, jail=options.require_sandbox, again=options.again, progress=progress,
    )  # fmt: skip
    applied = proof.applied(blueprint, strict=options.strict)
    with connect(applied, limits, cross_check=options.cross_check) as crew:
        yield crew, proof, applied


def _alone(engine: Engine, blueprint: Blueprint, submission: Submission) -> Result:
    """Grade one submission here. raises: UserError"""
    try:
        return grade(blueprint, submission, engine)
    except EngineFailure as failure:
        raise nothing_graded(engine, failure) from failure


@contextmanager
def _ledger(course: NbgraderCourse, assignment: str, options: Options) -> Iterator[Ledger]:
    if options.shard is not None:
        yield ShardWriter(course, assignment)
        return
    with no_garbage_collection():  # while the warm process imports the course's libraries
        from autograder.gradebook.writer import GradebookWriter

    with GradebookWriter(course, read_people(course).now) as writer:
        yield writer


def own_files(blueprint: Blueprint, submission: Submission) -> Submission:
    """Without copies of the course's data: they are not what the answers were given."""
    course = set(blueprint.data_files)
    files = {name: data for name, data in submission.files.items() if name not in course}
    return replace(submission, files=files)


def versions_of(blueprint: Blueprint, submission: Submission) -> Versions:
    """What a result follows from, for the history."""
    return Versions(ENGINE_VERSION, blueprint.key, submission.work_key)


def late_ones(late: Mapping[str, "Late"]) -> dict[str, dict[str, float | None]]:
    """Seconds and penalty of those who are late, as plain data."""
    return {student: of.as_json() for student, of in late.items() if of.seconds > 0}


def _may_end_otherwise(recorded: Recorded | None, options: Options) -> bool:
    """Whether a limit stopped a result, and a limit is asked for now."""
    if recorded is None or (options.seconds is None and options.memory_mb is None):
        return False
    stopped = {Outcome.TIMEOUT.value, Outcome.MEMORY.value}
    return any(check["outcome"] in stopped for check in recorded.result["checks"].values())


def submission_key(blueprint: Blueprint, submission: Submission, cross_check: bool) -> str:
    """What a result follows from: files, assignment, engine and options; equal means no news.

    How each check is graded comes last, behind a dash, where that is proved.
    """
    parts = (submission.work_key, blueprint.key, ENGINE_VERSION, str(cross_check))
    key = hashlib.sha256("\n".join(parts).encode()).hexdigest()
    ways = [
        (notebook.name, sorted((name, way.value) for name, way in notebook.ways.items()))
        for notebook in blueprint.notebooks
        if notebook.ways
    ]
    return f"{key}-{hashlib.sha256(repr(ways).encode()).hexdigest()[:16]}" if ways else key
