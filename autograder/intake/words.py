"""What a person says of attempts: when they came, which counts. Kept first, then heeded."""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta

from autograder.assignment.class_file import ClassFile, read_class_file
from autograder.assignment.did_you_mean import unknown
from autograder.assignment.errors import UserError
from autograder.assignment.nbgrader_course import NbgraderCourse
from autograder.intake.attempts import Collecting
from autograder.intake.collect import recollecting
from autograder.records.journal import Said
from autograder.records.receipts import Received, now, received_folder
from autograder.records.roll import read_people
from autograder.records.standing import Standing


def say_times(
    course: NbgraderCourse,
    assignment: str,
    times: Mapping[str, str | None],
    attempt: int | None = None,
    clock: Callable[[], datetime] = now,
) -> dict[str, str]:
    """Say when work came.

    times:   by student, as 2026-11-01T12:00 in the class's time zone or with an offset; None if it
             is not known after all
    attempt: its number; by default the one that counts
    returns: whom a person has to look at, and why
    raises:  UserError if a student or an attempt is unknown, or a time is none; nothing is said then
    """
    said = read_class_file(course.class_directory)
    read = {who: None if text is None else _time(who, text, said) for who, text in times.items()}
    with recollecting(course, assignment, clock) as work:
        numbers = {}
        for who in read:
            standing = _standing(course, work, assignment, who)
            if attempt is None and standing.counts is None:
                raise UserError(f"{who}: no attempt counts; name one with --attempt.")
            number = attempt or (standing.counts.number if standing.counts else 0)
            numbers[who] = _known(standing, number)
        for who, time in read.items():
            work.placing.say(Said.TIME, work.people.now(who), numbers[who], clock(), time=time)
        return work.place(read)


def choose(
    course: NbgraderCourse,
    assignment: str,
    student: str,
    attempt: int | None,
    clock: Callable[[], datetime] = now,
) -> dict[str, str]:
    """Say which attempt counts; None lets the rules choose again. See `say_times`."""
    with recollecting(course, assignment, clock) as work:
        standing = _standing(course, work, assignment, student)
        number = None if attempt is None else _known(standing, attempt)
        work.placing.say(Said.COUNTS, standing.student, number, clock())
        return work.place([student])


def leave_out_of(
    course: NbgraderCourse,
    assignment: str,
    which: Mapping[str, Sequence[int]] | datetime,
    clock: Callable[[], datetime] = now,
) -> dict[str, str]:
    """Say that attempts are not to count: by student and number, or all of one run of collecting.

    See `say_times`.
    """
    with recollecting(course, assignment, clock) as work:
        if isinstance(which, datetime):
            which = _of_run(course, assignment, which)
        for student, numbers in which.items():
            standing = _standing(course, work, assignment, student)
            for number in numbers:
                number = _known(standing, number)
                work.placing.say(Said.LEFT_OUT, standing.student, number, clock())
        return work.place(which)


def take_back(
    course: NbgraderCourse,
    assignment: str,
    line: int,
    clock: Callable[[], datetime] = now,
) -> dict[str, str]:
    """Take back a line of the journal, by its number. See `say_times`."""
    with recollecting(course, assignment, clock) as work:
        facts = Received(received_folder(course), assignment).journal().facts()
        found = next((fact for fact in facts if fact.number == line), None)
        if found is None or found.said in (Said.PLACED, Said.UNDONE, Said.WAITS):
            raise UserError(
                f"{assignment}: line {line} of the journal is nobody's word, or was taken back; "
                f"`autograder attempts {assignment}` shows the lines."
            )
        work.placing.say(Said.UNDONE, found.student, None, clock(), line=line)
        return work.place([found.student])


def _of_run(course: NbgraderCourse, assignment: str, run: datetime) -> Mapping[str, list[int]]:
    received = Received(received_folder(course), assignment, read_people(course))
    found: dict[str, list[int]] = {}
    for student in received.students():
        for receipt in received.attempts(student):
            began = receipt.run or receipt.collected
            if run <= began < run + timedelta(seconds=1):
                found.setdefault(student, []).append(receipt.number)
    if not found:
        raise UserError(
            f"{assignment}: nothing was collected by a run of {run:%Y-%m-%dT%H:%M:%S} UTC; "
            f"`autograder attempts {assignment}` shows the runs."
        )
    return found


def _standing(course: NbgraderCourse, work: Collecting, assignment: str, student: str) -> Standing:
    received = Received(received_folder(course), assignment, work.people)
    student = work.people.now(student)
    known = {*received.students(), *map(work.people.now, course.students(assignment))}
    if student not in known:
        raise unknown("student", student, known, course.submitted)
    work.place([student])  # what lies in submitted/ came before this word
    return work.placing.standing(student)


def _known(standing: Standing, number: int) -> int:
    if number not in {one.number for one in standing.attempts}:
        there = ", ".join(str(one.number) for one in standing.attempts)
        raise UserError(f"{standing.student}: there is no attempt {number} (there is {there}).")
    return number


def _time(student: str, text: str, said: ClassFile) -> datetime:
    try:
        time = datetime.fromisoformat(text)
    except ValueError:
        raise UserError(f"{student}: {text!a} is no time; write it as 2026-11-01T12:00.") from None
    if not 1900 < time.year < 9000:
        raise UserError(f"{student}: {text} is in the year {time.year}.")
    return said.in_utc(time)
