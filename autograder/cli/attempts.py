"""The commands by which a person says what no download says: late, attempts."""

import csv
import io
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any

import typer

from autograder.assignment.errors import UserError
from autograder.cli.command import (
    PANEL,
    AssignmentArgument,
    ClassroomOption,
    CourseOption,
    Json,
    StudentArgument,
    UndoOption,
    app,
    opened_to_show,
    out,
    to_look_at,
    write_assignments,
)
from autograder.cli.command_help import command

_UNKNOWN = "unknown"


@command(app, "late 02_cnn ada --came 2026-11-01T12:00", PANEL)
def late(
    assignment: AssignmentArgument,
    student: StudentArgument = None,
    came: Annotated[
        str | None,
        typer.Option(
            metavar="TIME",
            help="When the student's work came, as 2026-11-01T12:00 in the class's time zone, or "
            f"{_UNKNOWN} (default: what is known is shown).",
        ),
    ] = None,
    times: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE",
            help="CSV file of such times, with the columns student and time (default: none).",
            exists=True,
        ),
    ] = None,
    attempt: Annotated[
        int | None,
        typer.Option(
            metavar="N", help="Number of the attempt (default: the one that counts).", min=1
        ),
    ] = None,
    classroom: ClassroomOption = None,
    course_dir: CourseOption = None,
    json_file: Json = None,
) -> None:
    """Show when work came and what that rests on, or say when it came."""
    from autograder.cli.show_attempts import show_late
    from autograder.intake.words import say_times
    from autograder.records.books import read_books

    course = opened_to_show(course_dir, classroom)
    if (came is not None or attempt is not None) and (student is None or came is None):
        raise UserError("--came and --attempt are about one student: name the student, and a time.")
    said: dict[str, str] = {}
    if times is not None:
        said = _read_times(times)
    if student is not None and came is not None:
        said[student] = came
    waiting = {}
    if said:
        told = {who: None if text == _UNKNOWN else text for who, text in said.items()}
        waiting = say_times(course, assignment, told, attempt)
    books = read_books(course, assignment)
    student = student and books.people.now(student)
    chosen = {
        who: standing
        for who, standing in books.standings.items()
        if who == student or student is None
    }
    if student is not None and not chosen:
        from autograder.assignment.did_you_mean import unknown

        raise unknown("student", student, books.standings, course.submitted)
    show_late(assignment, chosen, out)
    to_look_at(waiting)
    students = {
        who: standing.counts and standing.counts.as_json() for who, standing in chosen.items()
    }
    write_assignments(json_file, [{"assignment": assignment, "students": students}])


@command(app, "attempts 02_cnn ada --take 2", PANEL)
def attempts(
    assignment: AssignmentArgument,
    student: StudentArgument = None,
    take: Annotated[
        int | None,
        typer.Option(
            metavar="N",
            help="Number of the attempt that is to count (default: none is chosen).",
            min=1,
        ),
    ] = None,
    by_rule: Annotated[
        bool, typer.Option("--by-rule", help="Let the rules choose again: the last on time counts.")
    ] = False,
    leave_out: Annotated[
        int | None,
        typer.Option(
            metavar="N", help="Number of an attempt that is not to count (default: none).", min=1
        ),
    ] = None,
    leave_out_run: Annotated[
        datetime | None,
        typer.Option(
            metavar="TIME",
            formats=["%Y-%m-%dT%H:%M:%S"],
            help="Leave out all that one run of collect brought, a wrong download: the time of "
            "that run, in UTC, as this command shows it (default: none).",
        ),
    ] = None,
    undo: UndoOption = None,
    classroom: ClassroomOption = None,
    course_dir: CourseOption = None,
    json_file: Json = None,
) -> None:
    """Show every attempt and what was said of it; choose one, leave one out, take a word back."""
    from autograder.assignment.did_you_mean import unknown
    from autograder.cli.show_attempts import show_attempts
    from autograder.intake.words import choose, leave_out_of, take_back
    from autograder.records.books import read_books, said_of
    from autograder.records.class_history import in_words

    course = opened_to_show(course_dir, classroom)
    if student is None and (take or by_rule or leave_out):
        raise UserError(
            "--take, --by-rule and --leave-out are about one student: name the student."
        )
    if take and by_rule:
        raise UserError("--take and --by-rule contradict each other: give one of them.")
    waiting: dict[str, str] = {}
    if student is not None and (take or by_rule):
        waiting |= choose(course, assignment, student, take)
    if student is not None and leave_out:
        waiting |= leave_out_of(course, assignment, {student: [leave_out]})
    if leave_out_run is not None:
        waiting |= leave_out_of(course, assignment, leave_out_run.replace(tzinfo=UTC))
    if undo is not None:
        waiting |= take_back(course, assignment, undo)
    books = read_books(course, assignment)
    student = student and books.people.now(student)
    if student is not None and student not in books.standings:
        raise unknown("student", student, books.standings, course.submitted)
    facts = said_of(course, assignment, books)
    chosen = {
        who: standing
        for who, standing in books.standings.items()
        if who == student or student is None
    }
    show_attempts(chosen, facts, out)
    to_look_at({**books.damaged, **waiting})
    students: dict[str, Any] = {
        who: {
            "attempts": [one.as_json() for one in standing.attempts],
            "counts": standing.counts.number if standing.counts else None,
            "waits": standing.waits,
            "said": [
                {
                    "number": fact.number,
                    "at": fact.at.isoformat(),
                    "who": fact.who,
                    "attempt": fact.attempt,
                    "words": in_words(fact),
                }
                for fact in facts
                if fact.student == who and in_words(fact)
            ],
        }
        for who, standing in chosen.items()
    }
    write_assignments(json_file, [{"assignment": assignment, "students": students}])


def _read_times(path: Path) -> dict[str, str]:
    try:
        rows = list(csv.DictReader(io.StringIO(path.read_text(encoding="utf-8-sig"))))
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise UserError(f"{path}: cannot be read ({error}).") from error
    if not rows or not {"student", "time"} <= rows[0].keys():
        raise UserError(f"{path}: has to have the columns student and time, and a row for each.")
    return {str(row["student"]).strip(): str(row["time"]).strip() for row in rows}
