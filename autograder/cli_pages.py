"""The commands for looking at a class, and for having it graded elsewhere."""

from pathlib import Path
from typing import Annotated

import typer

from autograder.command import (
    PANEL,
    ClassroomOption,
    CourseOption,
    Json,
    app,
    err,
    opened,
    out,
    plain,
    writable,
    write_json,
    write_text,
)
from autograder.errors import UserError


@app.command(epilog="Example: autograder feedback 02_cnn ada", rich_help_panel=PANEL)
def feedback(
    names: Annotated[
        list[str] | None,
        typer.Argument(metavar="ASSIGNMENT|STUDENT", help="Default: all that is graded."),
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
    from autograder.show_progress import counting

    course = opened(course_dir, classroom)
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
        list[str] | None, typer.Argument(metavar="ASSIGNMENT", help="Default: all graded.")
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
    from autograder.report import write_report

    course = opened(course_dir, classroom)
    path = write_report(course, assignments or (), output or course.class_directory / "report.html")
    out.print(
        f"Wrote {plain(str(path))}. It names students and hidden checks: it is for the teachers.",
        soft_wrap=True,
    )


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
    from autograder.blueprint import read_blueprint
    from autograder.show_progress import telling
    from autograder.show_similar import show_similar
    from autograder.similar_class import similar_class
    from autograder.similar_page import similar_page

    course = opened(course_dir, classroom)
    blueprint = read_blueprint(course, assignment)
    with telling("reading", err) as progress:
        report = similar_class(course, blueprint, least=least, progress=progress)
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

    course = opened(course_dir)
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
