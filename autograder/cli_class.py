"""The commands for a class: taking in, grading, its history, giving marks back."""

import os
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer

from autograder.command import (
    PANEL,
    ClassroomOption,
    CourseOption,
    IdColumnOption,
    Json,
    RosterOption,
    app,
    course_root,
    err,
    opened,
    out,
    plain,
    writable,
    write_json,
    write_text,
)
from autograder.errors import UserError


@app.command(
    epilog="Example: autograder collect 02_cnn submissions.zip --roster gradebook.csv",
    rich_help_panel=PANEL,
)
def collect(
    assignment: Annotated[str, typer.Argument(metavar="ASSIGNMENT")],
    source: Annotated[
        Path | None,
        typer.Argument(
            metavar="SOURCE",
            help="Download of an LMS, zip or folder. Default: the exchange's inbound.",
        ),
    ] = None,
    layout: Annotated[
        str | None,
        typer.Option("--from", metavar="canvas|moodle|gradescope|folder", help="What SOURCE is."),
    ] = None,
    roster: RosterOption = None,
    id_column: IdColumnOption = None,
    downloaded: Annotated[
        datetime | None,
        typer.Option(
            formats=["%Y-%m-%dT%H:%M", "%Y-%m-%dT%H:%M:%S"],
            help="When SOURCE was downloaded, in your time zone, where it says no times itself.",
        ),
    ] = None,
    classroom: ClassroomOption = None,
    course_dir: CourseOption = None,
    json_file: Json = None,
) -> None:
    """Take submissions in: every attempt is kept, the one that counts goes to submitted/."""
    from autograder.collect import collect as take_in
    from autograder.downloads import LAYOUTS
    from autograder.lms import read_roster
    from autograder.show_collected import show_collected

    if layout is not None and layout not in LAYOUTS:
        raise UserError(f"--from {layout}: is none of {', '.join(LAYOUTS)}.")
    if source is not None and not source.exists():
        raise UserError(f"{source}: there is no such file or folder.")
    people = read_roster(roster, id_column) if roster else None
    result = take_in(
        opened(course_dir, classroom), assignment, source,
        layout=layout, roster=people, downloaded=downloaded and downloaded.astimezone(UTC),
    )  # fmt: skip
    show_collected(result, out)
    write_json(json_file, result.as_json())
    raise typer.Exit(0 if result.complete else 1)


@app.command(epilog="Example: autograder grade 02_cnn --workers 4", rich_help_panel=PANEL)
def grade(
    assignments: Annotated[
        list[str] | None, typer.Argument(metavar="ASSIGNMENT", help="Default: all submitted.")
    ] = None,
    course_dir: CourseOption = None,
    classroom: ClassroomOption = None,
    workers: Annotated[int, typer.Option(help="Submissions at a time.", min=1)] = os.cpu_count()
    or 1,
    timeout: Annotated[
        float | None, typer.Option(metavar="S", help="Seconds that one cell may take.", min=0.1)
    ] = None,
    memory: Annotated[
        int | None, typer.Option(metavar="MB", help="Memory that one submission may take.", min=64)
    ] = None,
    cross_check: Annotated[
        bool,
        typer.Option("--cross-check", help="Run the checks as nbgrader does too, and compare."),
    ] = False,
    require_sandbox: Annotated[
        bool, typer.Option("--require-sandbox", help="Refuse to grade without the jail.")
    ] = False,
    again: Annotated[
        bool, typer.Option("--again", help="Grade also what has not changed.")
    ] = False,
    scheduler: Annotated[
        str | None,
        typer.Option(metavar="ADDRESS", help="Grade on the workers of this Dask scheduler."),
    ] = None,
    shard: Annotated[
        str | None,
        typer.Option(metavar="I/N", help="Grade one of N parts, without the gradebook."),
    ] = None,
    json_file: Json = None,
) -> None:
    """Grade what was submitted, new or changed, of this or any nbgrader course.

    On many machines: with --scheduler tcp://HOST:8786, or, where they share only a folder, each
    with its own --shard and then once [bold]autograder merge[/]. In a SLURM array of 1-10:
    --shard $SLURM_ARRAY_TASK_ID/10; in an indexed Kubernetes job of 10:
    --shard $((JOB_COMPLETION_INDEX + 1))/10. A part that was stopped is run again.
    """
    from autograder.head_start import head_start
    from autograder.slow_imports import hurry

    engine = None
    if scheduler is None:
        engine = head_start(
            course_root(course_dir), assignments or (), jail=True if require_sandbox else None
        )
    with hurry():
        from autograder.grading import Options, grade_class
        from autograder.shards import Shard
        from autograder.show_grading import disputed, grading_progress, show_class

        course = opened(course_dir, classroom)
    selected = assignments or [name for name in course.assignments() if course.students(name)]
    if not selected:
        raise UserError(f"Nobody has submitted anything (looked in {course.submitted}).")
    part = None if shard is None else Shard.parse(shard)
    options = Options(
        workers, timeout, memory, cross_check, require_sandbox, again, scheduler, part
    )
    results = []
    for assignment in selected:
        try:
            with grading_progress(assignment, err) as progress:
                result = grade_class(course, assignment, options, progress, engine)
                engine = None
        except KeyboardInterrupt:
            raise UserError(
                "stopped; what was graded is kept, and the same command goes on from there.",
                exit_code=130,
            ) from None
        show_class(result, out)
        results.append(result)
    if not all(result.jailed for result in results):
        from autograder.engine.sandbox import missing

        why = "no worker of the scheduler has bubblewrap" if scheduler else missing()
        err.print(f"[yellow]not in a jail[/]: {plain(why)}", soft_wrap=True)
    data = [result.as_json() for result in results]
    write_json(json_file, data[0] if len(data) == 1 else {"assignments": data})
    raise typer.Exit(1 if any(disputed(result) for result in results) else 0)


@app.command(epilog="Example: autograder merge 02_cnn", rich_help_panel=PANEL)
def merge(
    assignments: Annotated[
        list[str] | None, typer.Argument(metavar="ASSIGNMENT", help="Default: all with shards.")
    ] = None,
    course_dir: CourseOption = None,
    classroom: ClassroomOption = None,
    require_sandbox: Annotated[
        bool, typer.Option("--require-sandbox", help="Leave out what was graded without the jail.")
    ] = False,
    json_file: Json = None,
) -> None:
    """Enter what `autograder grade --shard` wrote into the gradebook; exit 1 if some is missing."""
    from autograder.shard_merge import merge_shards
    from autograder.shards import shard_folder
    from autograder.show_grading import disputed, grading_progress, show_class

    course = opened(course_dir, classroom)
    selected = assignments or [n for n in course.assignments() if shard_folder(course, n).is_dir()]
    if not selected:
        raise UserError(f"There are no results of shards (looked in {course.submitted.parent}).")
    results, lacking = [], False
    for assignment in selected:
        with grading_progress(assignment, err) as progress:
            result, missing = merge_shards(course, assignment, require_sandbox, progress)
        show_class(result, out, "entered")
        for sentence in missing:
            err.print(f"[yellow]{assignment}[/]: {plain(sentence)}", soft_wrap=True)
        results.append({**result.as_json(), "missing": list(missing)})
        lacking = lacking or bool(missing) or bool(disputed(result))
    write_json(json_file, results[0] if len(results) == 1 else {"assignments": results})
    raise typer.Exit(1 if lacking else 0)


@app.command(epilog="Example: autograder history 02_cnn ada --csv ada.csv", rich_help_panel=PANEL)
def history(
    assignment: Annotated[str | None, typer.Argument(metavar="ASSIGNMENT")] = None,
    student: Annotated[str | None, typer.Argument(metavar="STUDENT")] = None,
    course_dir: CourseOption = None,
    classroom: ClassroomOption = None,
    csv_file: Annotated[
        Path | None,
        typer.Option("--csv", metavar="FILE", help="A row for each check.", callback=writable),
    ] = None,
    json_file: Json = None,
) -> None:
    """Say when each submission was graded, by whom, and what came of it; the newest last."""
    from autograder.history import read_history
    from autograder.show_history import show_history, write_history

    course = opened(course_dir, classroom)
    entries = list(read_history(course.db_url, assignment, student))
    if entries:
        show_history(entries, out)
    else:
        of = " ".join(filter(None, (assignment, student))) or "this class"
        out.print(f"There is no history of {plain(of)}.")
    if csv_file is not None:
        write_history(entries, csv_file)
    write_json(json_file, {"history": [entry.as_json() for entry in entries]})


@app.command(
    epilog="Example: autograder export 02_cnn --to canvas --roster gradebook.csv",
    rich_help_panel=PANEL,
)
def export(
    to: Annotated[
        str, typer.Option("--to", metavar="csv|canvas|moodle|gradescope", help="Whose file.")
    ],
    assignments: Annotated[
        list[str] | None, typer.Argument(metavar="ASSIGNMENT", help="Default: all.")
    ] = None,
    roster: RosterOption = None,
    id_column: IdColumnOption = None,
    column: Annotated[
        str | None, typer.Option(metavar="NAME", help="Canvas's name of the assignment.")
    ] = None,
    output: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="Default: printed.", callback=writable),
    ] = None,
    with_waiting: Annotated[
        bool, typer.Option("--with-waiting", help="Write also what waits for a person.")
    ] = False,
    missing_as_zero: Annotated[
        bool, typer.Option("--missing-as-zero", help="Write 0 where nothing was handed in.")
    ] = False,
    classroom: ClassroomOption = None,
    course_dir: CourseOption = None,
) -> None:
    """Write the gradebook's marks as CSV, or into the file that an LMS takes in."""
    from autograder.class_marks import read_marks
    from autograder.export import Options, Target
    from autograder.export import export as write_marks
    from autograder.lms import read_roster

    if to not in [target.value for target in Target]:
        raise UserError(f"--to {to}: is none of {', '.join(target.value for target in Target)}.")
    if output and roster and output.resolve() == roster.resolve():
        raise UserError(f"{output}: is the roster; write to another file.")
    people = read_roster(roster, id_column) if roster else None
    course = opened(course_dir, classroom)
    exported = write_marks(
        read_marks(course, tuple(assignments or ())), Target(to), people,
        Options(with_waiting, missing_as_zero, column),
    )  # fmt: skip
    if output:
        write_text(output, exported.text)
    else:
        sys.stdout.buffer.write(exported.text.encode())
        sys.stdout.flush()
    for what, names in (
        ("left empty", exported.waiting),
        ("not on the roster, so in no file", exported.missing),
        ("note", exported.notes),
    ):
        for name in names:
            err.print(f"[yellow]{what}[/]: {plain(name)}", soft_wrap=True)
    raise typer.Exit(0 if exported.complete else 1)
