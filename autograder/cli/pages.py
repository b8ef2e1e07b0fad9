"""The commands that write pages about a class, and the one that has it graded elsewhere."""

from pathlib import Path
from typing import Annotated

import typer

from autograder.assignment.errors import UserError
from autograder.assignment.plurals import counted
from autograder.cli import completion
from autograder.cli.command import (
    PANEL,
    AssignmentArgument,
    ClassroomOption,
    CourseOption,
    Json,
    app,
    assignments_argument,
    err,
    opened,
    opened_to_show,
    out,
    plain,
    writable,
    write_assignments,
    write_text,
)
from autograder.cli.command_help import command


@command(app, "feedback 02_cnn ada", PANEL)
def feedback(
    names: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="NAME",
            help="Names of assignments and ids of students (default: all that is graded).",
            autocompletion=completion.assignments_and_students,
        ),
    ] = None,
    course_dir: CourseOption = None,
    classroom: ClassroomOption = None,
    output: Annotated[
        Path | None,
        typer.Option(
            metavar="DIR",
            help="Folder of the pages (default: feedback/ in the class, where "
            "`nbgrader release_feedback` looks).",
        ),
    ] = None,
    chapters: Annotated[
        str | None,
        typer.Option(
            metavar="URL",
            help="Address of the folder of all assignments, for links "
            "(default: the student's own copy).",
        ),
    ] = None,
    json_file: Json = None,
) -> None:
    """Write a page for each student: score, what went wrong, the code, comments, hints."""
    from dataclasses import replace

    from autograder.cli.show_feedback import show_who_cannot_fetch
    from autograder.cli.show_progress import counting
    from autograder.pages.feedback.write import chosen, write_feedback

    course = opened_to_show(course_dir, classroom)
    if output is not None:
        course = replace(course, feedback=output.resolve())
    selected = list(chosen(course, names or ()))
    if not selected:
        raise UserError(f"nobody has submitted anything (looked in {course.submitted}).")
    found = []
    for assignment, students in selected:
        with counting(assignment, err) as progress:
            written = write_feedback(
                course, assignment, students, chapters=chapters, progress=progress
            )
        out.print(
            f"{assignment}: {counted(len(written.pages), 'page')} in {plain(str(course.feedback))}",
            soft_wrap=True,
        )
        if output is None:
            show_who_cannot_fetch(course, assignment, written.pages, out)
        for student in written.without:
            err.print(f"[yellow]not graded, so no page[/]: {plain(student)}", soft_wrap=True)
        found.append((assignment, written))
    write_assignments(json_file, [{"assignment": name, **one.as_json()} for name, one in found])
    raise typer.Exit(1 if any(one.without for _, one in found) else 0)


@command(app, "report 02_cnn --output report.html", PANEL)
def report(
    assignments: Annotated[list[str] | None, assignments_argument("all that are graded")] = None,
    course_dir: CourseOption = None,
    classroom: ClassroomOption = None,
    output: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE.html",
            help="File of the report (default: report.html in the class directory).",
            callback=writable,
        ),
    ] = None,
    json_file: Json = None,
) -> None:
    """Write a page about the class: scores, hard exercises, misconceptions, times, who is late."""
    from autograder.pages.report.write import read_report, write_page

    course = opened_to_show(course_dir, classroom)
    path = output or course.class_directory / "report.html"
    found = read_report(course, assignments or (), path)
    write_page(found, path)
    out.print(
        f"Wrote {plain(str(path))}. It names students and hidden checks: it is for the teachers.",
        soft_wrap=True,
    )
    for sentence in found.left_out.values():
        err.print(f"[yellow]note[/] {plain(sentence)}", soft_wrap=True)
    write_assignments(json_file, [one.as_json() for one in found.assignments])
    damaged = found.left_out.keys() & set(course.assignments())
    raise typer.Exit(1 if damaged else 0)


@command(app, "similar 02_cnn --output similar.html", PANEL)
def similar(
    assignment: AssignmentArgument,
    course_dir: CourseOption = None,
    classroom: ClassroomOption = None,
    output: Annotated[
        Path | None,
        typer.Option(
            "--output",
            metavar="FILE.html",
            help="File for a page with the answers side by side (default: none).",
            callback=writable,
        ),
    ] = None,
    least: Annotated[
        float,
        typer.Option(
            "--least",
            metavar="FRACTION",
            help="Fraction of the smaller answer that both must share (default: 0.6).",
            min=0,
            max=1,
            show_default=False,
        ),
    ] = 0.6,
    json_file: Json = None,
) -> None:
    """Find answers that are more similar than the course explains: places to look, no verdicts."""
    from autograder.assignment.blueprint import read_blueprint
    from autograder.cli.show_progress import telling
    from autograder.cli.show_similar import show_similar
    from autograder.pages.similar.answers import similar_class
    from autograder.pages.similar.page import similar_page

    course = opened_to_show(course_dir, classroom)
    blueprint = read_blueprint(course, assignment)
    with telling("reading", err) as progress:
        report = similar_class(course, blueprint, least=least, progress=progress)
    show_similar(report, out)
    if output:
        write_text(output, similar_page(report, least))
        out.print(f"The answers side by side: {plain(str(output))}", soft_wrap=True)
    write_assignments(json_file, [report.as_json()])


@command(app, "gradescope-zip 02_cnn", PANEL)
def gradescope_zip(
    assignment: AssignmentArgument,
    course_dir: CourseOption = None,
    output: Annotated[
        Path | None,
        typer.Option(
            "--output",
            metavar="FILE.zip",
            help="File to write (default: ASSIGNMENT.zip).",
            callback=writable,
        ),
    ] = None,
) -> None:
    """Build the zip file that Gradescope takes as the autograder of a programming assignment."""
    from autograder.assignment.blueprint import read_blueprint
    from autograder.export.gradescope import write_zip

    course = opened(course_dir)
    blueprint = read_blueprint(course, assignment)
    path = output or writable(Path(f"{assignment}.zip"))
    assert path is not None
    names = write_zip(blueprint, path)
    for note in blueprint.notes:
        err.print(f"[yellow]note[/] {plain(note)}", soft_wrap=True)
    out.print(
        f"Wrote {plain(str(path))} ({counted(len(names), 'file')}). It holds the hidden checks: "
        "upload it to Gradescope and give it to nobody.",
        soft_wrap=True,
    )
