"""The commands that fill the gradebook: collect, grade, merge."""

import os
from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer

from autograder.assignment.errors import UserError
from autograder.cli import completion
from autograder.cli.command import (
    PANEL,
    AssignmentArgument,
    ClassroomOption,
    CourseOption,
    IdColumnOption,
    Json,
    RosterOption,
    TimeoutOption,
    app,
    assignments_argument,
    course_root,
    err,
    opened,
    out,
    plain,
    selected,
    write_assignments,
)
from autograder.cli.command_help import command

_LAYOUTS = ("canvas", "moodle", "gradescope", "folder")


@command(app, "collect 02_cnn submissions.zip --roster gradebook.csv", PANEL)
def collect(
    assignment: AssignmentArgument,
    source: Annotated[
        Path | None,
        typer.Argument(
            metavar="SOURCE",
            help="An LMS's download, a zip file or a folder (default: the exchange's inbound).",
        ),
    ] = None,
    layout: Annotated[
        str | None,
        typer.Option(
            "--from",
            metavar="SYSTEM",
            help=f"System that SOURCE comes from: {', '.join(_LAYOUTS)} (default: recognized).",
            autocompletion=completion.choices(_LAYOUTS),
        ),
    ] = None,
    roster: RosterOption = None,
    id_column: IdColumnOption = None,
    groups: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE",
            help="CSV file of the groups, columns group and student: what one member uploads is an "
            "attempt of each (default: no groups).",
            exists=True,
        ),
    ] = None,
    downloaded: Annotated[
        datetime | None,
        typer.Option(
            metavar="TIME",
            formats=["%Y-%m-%dT%H:%M", "%Y-%m-%dT%H:%M:%S"],
            help="Time of the download, as 2026-11-02T23:59 in the class's time zone, if SOURCE has no "
            "timestamps (default: now).",
        ),
    ] = None,
    classroom: ClassroomOption = None,
    course_dir: CourseOption = None,
    json_file: Json = None,
) -> None:
    """Collect submissions: every attempt is kept, and the one that counts goes to submitted/."""
    from autograder.assignment.class_file import read_class_file
    from autograder.assignment.did_you_mean import unknown
    from autograder.cli.show_collected import show_collected
    from autograder.intake.collect import collect as take_in
    from autograder.intake.downloads import LAYOUTS
    from autograder.intake.groups import read_groups
    from autograder.intake.roster import read_roster

    if layout is not None and layout not in LAYOUTS:
        raise unknown("system for --from", layout, LAYOUTS)
    if source is not None and not source.exists():
        raise UserError(f"{source}: there is no such file or folder.")
    people = read_roster(roster, id_column) if roster else None
    course = opened(course_dir, classroom)
    result = take_in(
        course, assignment, source,
        layout=layout, roster=people, groups=read_groups(groups) if groups else None,
        downloaded=downloaded and read_class_file(course.class_directory).in_utc(downloaded),
    )  # fmt: skip
    show_collected(result, out)
    write_assignments(json_file, [result.as_json()])
    raise typer.Exit(0 if result.complete else 1)


@command(app, "grade 02_cnn --workers 4", PANEL)
def grade(
    assignments: Annotated[list[str] | None, assignments_argument("all with submissions")] = None,
    student: Annotated[
        list[str] | None,
        typer.Option(
            "--student",
            metavar="NAME",
            help="Id of the only student to grade; may be repeated (default: everybody).",
            autocompletion=completion.students,
        ),
    ] = None,
    course_dir: CourseOption = None,
    classroom: ClassroomOption = None,
    workers: Annotated[
        int,
        typer.Option(
            metavar="N",
            help="Number of submissions graded at a time (default: number of cores).",
            min=1,
            show_default=False,
        ),
    ] = os.cpu_count() or 1,
    timeout: TimeoutOption = None,
    memory: Annotated[
        int | None,
        typer.Option(
            metavar="MB", help="Memory limit per submission, in MB (default: 4096).", min=64
        ),
    ] = None,
    cross_check: Annotated[
        bool,
        typer.Option(
            "--cross-check", help="Also run the checks as nbgrader does; dispute those that differ."
        ),
    ] = False,
    require_sandbox: Annotated[
        bool,
        typer.Option(
            "--require-sandbox/--no-sandbox",
            help="Whether to refuse to grade where there is no sandbox (default: refuse).",
            show_default=False,
        ),
    ] = True,
    again: Annotated[
        bool, typer.Option("--again", "--force", help="Also regrade unchanged submissions.")
    ] = False,
    strict: Annotated[
        bool,
        typer.Option(
            "--strict", help="Leave to a person each check that can only run beside the answer."
        ),
    ] = False,
    anyway: Annotated[
        bool,
        typer.Option(
            "--anyway", help="Also grade where the course's own solution does not pass its checks."
        ),
    ] = False,
    scheduler: Annotated[
        str | None,
        typer.Option(
            metavar="ADDRESS", help="Dask scheduler whose workers grade (default: this machine)."
        ),
    ] = None,
    shard: Annotated[
        str | None,
        typer.Option(
            metavar="I/N", help="Part of the class to grade, without the gradebook: part I of N."
        ),
    ] = None,
    json_file: Json = None,
) -> None:
    """Grade new and changed submissions of this or any nbgrader course.

    On many machines: with `--scheduler tcp://HOST:8786` or, if they share only a folder, each with
    its own `--shard` and then once `autograder merge`. In a SLURM array of 1-10:
    `--shard $SLURM_ARRAY_TASK_ID/10`; in an indexed Kubernetes job of 10:
    `--shard $((JOB_COMPLETION_INDEX + 1))/10`. Run a part that was stopped again.
    """
    from autograder.assignment.slow_imports import no_garbage_collection
    from autograder.cli.prestart import prestart

    engine = None
    if scheduler is None:
        engine = prestart(
            course_root(course_dir), assignments or (), jail=True if require_sandbox else None
        )
    with no_garbage_collection():
        from autograder.classroom.grade_class import Options, grade_class, to_grade
        from autograder.classroom.shards import Shard
        from autograder.classroom.warm_engine import WarmEngine
        from autograder.cli.show_grading import at_fault, grading_progress, show_class
        from autograder.engine.sandbox import Missing, missing

        course = opened(course_dir, classroom)
    chosen = to_grade(course, selected(course, assignments), student or ())
    part = None if shard is None else Shard.parse(shard)
    options = Options(
        workers, timeout, memory, cross_check, require_sandbox, again, scheduler, part,
        frozenset(student or ()), strict, anyway,
    )  # fmt: skip
    results = []
    with WarmEngine(engine) as warm:
        for assignment in chosen:
            try:
                with grading_progress(assignment, err) as progress:
                    result = grade_class(course, assignment, options, progress, warm)
            except Missing as error:
                trusting = "If you trust every submission, grade with --no-sandbox."
                raise Missing(error.why, trusting) from None
            except KeyboardInterrupt:
                raise UserError(
                    "stopped; what was graded is kept, and the same command continues from there.",
                    exit_code=130,
                ) from None
            show_class(result, out)
            results.append(result)
    from autograder.records.roll import enter_names

    if why := enter_names(course):
        err.print(f"[yellow]note[/]: {plain(why)}", soft_wrap=True)
    if not all(result.jailed for result in results):
        why = "no worker of the scheduler has bubblewrap" if scheduler else missing()
        why = why or "they were graded so before"
        err.print(f"[yellow]not in a sandbox[/]: {plain(why)}", soft_wrap=True)
    write_assignments(json_file, [result.as_json() for result in results])
    raise typer.Exit(1 if any(at_fault(result) for result in results) else 0)


@command(app, "prove 02_cnn", PANEL)
def prove(
    assignments: Annotated[list[str] | None, assignments_argument("all of the course")] = None,
    course_dir: CourseOption = None,
    again: Annotated[
        bool, typer.Option("--again", "--force", help="Also prove what has not changed.")
    ] = False,
    thorough: Annotated[
        bool,
        typer.Option(
            "--thorough",
            help="Judge all known answers, each both ways; without it fewer of those that train.",
        ),
    ] = False,
    timeout: TimeoutOption = None,
    json_file: Json = None,
) -> None:
    """Show how each check can be graded, by the course's own solution and stub.

    `grade` does the same before it grades anybody, and keeps what came of it until the source, its
    data, the engine or a package changes. Of a course whose source is solutions/, it also examines
    what `release` demands: the contract, what would be released, and the known answers. The exit
    code is 1 if a check is broken or gives the stub points, or if anything is to be mended.
    """
    from autograder.classroom.grade_class import Options
    from autograder.classroom.warm_engine import WarmEngine
    from autograder.cli.gate import pass_gate

    course = opened(course_dir, None)
    options = Options(seconds=timeout, again=again)
    found = {}
    with WarmEngine() as warm:
        for assignment in selected(course, assignments) or course.assignments():
            found[assignment] = pass_gate(
                course, assignment, options, warm, out, err, thorough=thorough
            )
    write_assignments(json_file, [passage.as_json(name) for name, passage in found.items()])
    raise typer.Exit(0 if all(passage.open for passage in found.values()) else 1)


@command(app, "merge 02_cnn", PANEL)
def merge(
    assignments: Annotated[list[str] | None, assignments_argument("all with shards")] = None,
    course_dir: CourseOption = None,
    classroom: ClassroomOption = None,
    require_sandbox: Annotated[
        bool,
        typer.Option("--require-sandbox", help="Leave out what was graded without the sandbox."),
    ] = False,
    json_file: Json = None,
) -> None:
    """Enter the results of `autograder grade --shard` into the gradebook."""
    from autograder.classroom.merge_shards import merge_shards
    from autograder.classroom.shards import shard_folder
    from autograder.cli.show_grading import at_fault, grading_progress, show_class

    course = opened(course_dir, classroom)
    chosen = selected(course, assignments) or tuple(
        name for name in course.assignments() if shard_folder(course, name).is_dir()
    )
    if not chosen:
        raise UserError(f"there are no results of shards (looked in {course.submitted.parent}).")
    results, lacking = [], False
    for assignment in chosen:
        with grading_progress(assignment, err) as progress:
            result, missing = merge_shards(course, assignment, require_sandbox, progress)
        show_class(result, out, "entered")
        for sentence in missing:
            err.print(f"[yellow]{assignment}[/]: {plain(sentence)}", soft_wrap=True)
        results.append({**result.as_json(), "missing": list(missing)})
        lacking = lacking or bool(missing) or at_fault(result)
    write_assignments(json_file, results)
    raise typer.Exit(1 if lacking else 0)
