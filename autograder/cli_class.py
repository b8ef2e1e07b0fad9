"""The commands for a class: taking in, grading, looking at it, giving marks back."""

import os
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer

from autograder.command import (
    ClassroomOption,
    CourseOption,
    IdColumnOption,
    Json,
    RosterOption,
    app,
    err,
    out,
    plain,
    writable,
    write_json,
    write_text,
)
from autograder.course import find_course
from autograder.errors import UserError

PANEL = "For a class"


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
    from autograder.nbgrader_course import open_course
    from autograder.show_collected import show_collected

    if layout is not None and layout not in LAYOUTS:
        raise UserError(f"--from {layout}: is none of {', '.join(LAYOUTS)}.")
    if source is not None and not source.exists():
        raise UserError(f"{source}: there is no such file or folder.")
    people = read_roster(roster, id_column) if roster else None
    root = course_dir.resolve() if course_dir else find_course().root
    result = take_in(
        open_course(root, classroom.resolve() if classroom else None), assignment, source,
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

    root = course_dir.resolve() if course_dir else find_course().root
    engine = None
    if scheduler is None:
        engine = head_start(root, assignments or (), jail=True if require_sandbox else None)
    with hurry():
        from autograder.grading import Options, grade_class
        from autograder.nbgrader_course import open_course
        from autograder.shards import Shard
        from autograder.show_grading import disputed, grading_progress, show_class

        course = open_course(root, classroom.resolve() if classroom else None)
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
    from autograder.nbgrader_course import open_course
    from autograder.shard_merge import merge_shards
    from autograder.shards import shard_folder
    from autograder.show_grading import disputed, grading_progress, show_class

    root = course_dir.resolve() if course_dir else find_course().root
    course = open_course(root, classroom.resolve() if classroom else None)
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
    from autograder.nbgrader_course import open_course
    from autograder.show_history import show_history, write_history

    root = course_dir.resolve() if course_dir else find_course().root
    course = open_course(root, classroom.resolve() if classroom else None)
    entries = list(read_history(course.db_url, assignment, student))
    if entries:
        show_history(entries, out)
    else:
        of = " ".join(filter(None, (assignment, student))) or "this class"
        out.print(f"There is no history of {plain(of)}.")
    if csv_file is not None:
        write_history(entries, csv_file)
    write_json(json_file, {"history": [entry.as_json() for entry in entries]})


@app.command(epilog="Example: autograder feedback 02_cnn ada", rich_help_panel=PANEL)
def feedback(
    names: Annotated[
        list[str] | None,
        typer.Argument(metavar="[ASSIGNMENT|STUDENT]…", help="Default: all that is graded."),
    ] = None,
    course_dir: CourseOption = None,
    classroom: ClassroomOption = None,
    output: Annotated[
        Path | None,
        typer.Option(metavar="DIR", help="Default: where `nbgrader release_feedback` looks."),
    ] = None,
    chapters: Annotated[
        str | None,
        typer.Option(
            metavar="URL",
            help="Folder of the assignments, for links; default: the student's own copy.",
        ),
    ] = None,
) -> None:
    """Write a page for each student: marks, what went wrong, the code, comments, hints."""
    from dataclasses import replace

    from autograder.feedback import chosen, write_feedback
    from autograder.nbgrader_course import open_course
    from autograder.show_progress import counting

    root = course_dir.resolve() if course_dir else find_course().root
    course = open_course(root, classroom.resolve() if classroom else None)
    if output is not None:
        course = replace(course, feedback=output.resolve())
    selected = list(chosen(course, names or ()))
    if not selected:
        raise UserError(f"Nobody has submitted anything (looked in {course.submitted}).")
    lacking = False
    for assignment, students in selected:
        with counting(assignment, err) as progress:
            written = write_feedback(
                course, assignment, students, chapters=chapters, progress=progress
            )
        out.print(
            f"{assignment}: {len(written.pages)} pages in {plain(str(course.feedback))}",
            soft_wrap=True,
        )
        for student in written.without:
            err.print(f"[yellow]not graded, so no page[/]: {plain(student)}", soft_wrap=True)
        lacking = lacking or bool(written.without)
    raise typer.Exit(1 if lacking else 0)


@app.command(epilog="Example: autograder report 02_cnn --output report.html", rich_help_panel=PANEL)
def report(
    assignments: Annotated[
        list[str] | None, typer.Argument(metavar="[ASSIGNMENT]…", help="Default: all graded.")
    ] = None,
    course_dir: CourseOption = None,
    classroom: ClassroomOption = None,
    output: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE.html", help="Default: report.html in the class.", callback=writable
        ),
    ] = None,
) -> None:
    """Write a page on the class: marks, difficulty, misconceptions, time, who waits, who is late."""
    from autograder.nbgrader_course import open_course
    from autograder.report import write_report

    root = course_dir.resolve() if course_dir else find_course().root
    course = open_course(root, classroom.resolve() if classroom else None)
    path = write_report(course, assignments or (), output or course.class_directory / "report.html")
    out.print(
        f"Wrote {plain(str(path))}. It names students and hidden checks: it is for the teachers.",
        soft_wrap=True,
    )


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
    from autograder.nbgrader_course import open_course

    if to not in [target.value for target in Target]:
        raise UserError(f"--to {to}: is none of {', '.join(target.value for target in Target)}.")
    if output and roster and output.resolve() == roster.resolve():
        raise UserError(f"{output}: is the roster; write to another file.")
    people = read_roster(roster, id_column) if roster else None
    root = course_dir.resolve() if course_dir else find_course().root
    course = open_course(root, classroom.resolve() if classroom else None)
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


@app.command(
    epilog="Example: autograder similar 02_cnn --output similar.html", rich_help_panel=PANEL
)
def similar(
    assignment: Annotated[str, typer.Argument(metavar="ASSIGNMENT")],
    course_dir: CourseOption = None,
    classroom: ClassroomOption = None,
    output: Annotated[
        Path | None,
        typer.Option(
            "--output",
            metavar="FILE.html",
            help="Write a page with the answers side by side.",
            callback=writable,
        ),
    ] = None,
    least: Annotated[
        float,
        typer.Option(
            "--least",
            metavar="SHARE",
            help="Part of the smaller answer that both must have.",
            min=0,
            max=1,
        ),
    ] = 0.6,
    json_file: Json = None,
) -> None:
    """Find answers that are alike beyond what the course gave: places to look, no verdicts."""
    from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

    from autograder.blueprint import read_blueprint
    from autograder.nbgrader_course import open_course
    from autograder.show_similar import show_similar
    from autograder.similar_class import similar_class
    from autograder.similar_page import similar_page

    root = course_dir.resolve() if course_dir else find_course().root
    course = open_course(root, classroom.resolve() if classroom else None)
    blueprint = read_blueprint(course, assignment)
    columns = (TextColumn("{task.description}"), BarColumn(), TimeElapsedColumn())
    with Progress(*columns, console=err, transient=True, disable=not err.is_terminal) as bar:
        task = bar.add_task("reading", total=None)
        report = similar_class(
            course, blueprint, least=least,
            progress=lambda what, done, total: bar.update(
                task, completed=done, total=total, description=plain(what)
            ),
        )  # fmt: skip
    show_similar(report, out)
    if output:
        write_text(output, similar_page(report, least))
        out.print(f"The answers side by side: {plain(str(output))}", soft_wrap=True)
    write_json(json_file, report.as_json())


@app.command(epilog="Example: autograder gradescope-zip 02_cnn", rich_help_panel=PANEL)
def gradescope_zip(
    assignment: Annotated[str, typer.Argument(metavar="ASSIGNMENT")],
    course_dir: CourseOption = None,
    output: Annotated[
        Path | None,
        typer.Option(
            "--output", metavar="FILE.zip", help="Default: ASSIGNMENT.zip.", callback=writable
        ),
    ] = None,
) -> None:
    """Build the zip file that Gradescope takes as the autograder of a programming assignment."""
    from autograder.blueprint import read_blueprint
    from autograder.gradescope import write_zip
    from autograder.nbgrader_course import open_course

    course = open_course(course_dir.resolve() if course_dir else find_course().root)
    blueprint = read_blueprint(course, assignment)
    path = output or writable(Path(f"{assignment}.zip"))
    assert path is not None
    names = write_zip(blueprint, path)
    for note in blueprint.notes:
        err.print(f"[yellow]note[/] {plain(note)}", soft_wrap=True)
    out.print(
        f"Wrote {plain(str(path))} ({len(names)} files). It holds the hidden checks: "
        "upload it to Gradescope and give it to nobody.",
        soft_wrap=True,
    )
