"""The command `autograder`: reads the arguments, calls one function, prints what it returns.

Here is what students and authors need; what a class needs is in `cli.grading` and `cli.pages`.
"""

import contextlib
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

import typer

from autograder.assignment.course import Course, find_course
from autograder.assignment.errors import UserError
from autograder.assignment.plurals import counted
from autograder.cli import attempts as attempts  # each brings its commands
from autograder.cli import audit as audit
from autograder.cli import grading as grading
from autograder.cli import marks as marks
from autograder.cli import new as new
from autograder.cli import pages as pages
from autograder.cli import students as students
from autograder.cli.command import (
    ClassroomOption,
    Json,
    NotebookArgument,
    app,
    assignments_argument,
    err,
    main,
    out,
    plain,
    write_assignments,
    write_json,
)
from autograder.cli.command_help import command
from autograder.engine.limits import CHECK_SECONDS

__all__ = ["app", "main"]

ChaptersArgument = Annotated[list[str] | None, assignments_argument("all in solutions/")]


@command(app, "doctor")
def doctor(json_file: Json = None) -> None:
    """Check this machine and print a fix for anything missing."""
    from autograder.cli.show_doctor import looking, show_finding

    course: Course | None = None
    with contextlib.suppress(UserError):  # beside another course: what grading needs is looked at
        course = find_course()
    findings = []
    with looking(out) as now_at:
        from autograder.cli.doctor import Health, examine

        for finding in examine(course, now_at):
            show_finding(finding, out)
            findings.append(finding)
    write_json(json_file, {"findings": [finding.as_json() for finding in findings]})
    raise typer.Exit(1 if any(f.health is Health.BAD for f in findings) else 0)


@command(app, "release 02_cnn")
def release(
    chapters: ChaptersArgument = None,
    check: Annotated[
        bool, typer.Option("--check", help="Compare only; exit with code 1 if course/ is stale.")
    ] = False,
    force: Annotated[
        bool, typer.Option("--force", help="Replace edited files, too; a copy of each is kept.")
    ] = False,
    json_file: Json = None,
) -> None:
    """Build course/ from solutions/: what students get, without solutions and hidden checks.

    A chapter that changed is proved first, as by `autograder prove`; nothing is written if one does
    not pass.
    """
    from autograder.authoring import release as releases

    course = find_course()
    selected = releases.select_chapters(course, chapters or ())
    if check:
        changes = releases.compare(course, chapters or ())
        for name in changes.stale:
            out.print(f"stale: course/{plain(name)}")
        if changes.stale:
            out.print("Run `autograder release` to rebuild course/.")
        else:
            out.print(f"course/ is up to date ({counted(len(changes.unchanged), 'file')}).")
    else:
        _pass_the_gate(course, selected)
        changes = releases.release(
            course, chapters or (), force=force, progress=lambda c: err.print(f"releasing {c} …")
        )
        for verb, names in (("wrote", changes.written), ("removed", changes.removed)):
            for name in names:
                out.print(f"{verb} course/{plain(name)}")
        for name in changes.kept:
            out.print(f"kept the edited file as {plain(name)}")
        if not changes.stale:
            out.print("course/ was up to date.")
    write_assignments(
        json_file,
        [{"assignment": name, **changes.within(f"{name}/").as_json()} for name in selected],
        beside=changes.without(*(f"{name}/" for name in selected)).as_json(),
    )
    raise typer.Exit(1 if check and changes.stale else 0)


def _pass_the_gate(course: Course, chapters: Sequence[str]) -> None:
    """Prove the chapters that changed. raises: UserError naming those that do not pass"""
    from autograder.assignment.nbgrader_course import open_course
    from autograder.classroom.grade_class import Options
    from autograder.classroom.warm_engine import WarmEngine
    from autograder.cli.gate import pass_gate
    from autograder.gate.proved import unproved

    opened = open_course(course.root)
    with WarmEngine() as warm:
        shut = [
            chapter
            for chapter in unproved(course, chapters)
            if not pass_gate(opened, chapter, Options(), warm, err, err).open
        ]
    if shut:
        raise UserError(f"Nothing was released: {', '.join(shut)} did not pass.", exit_code=1)


@command(app, "book --output public")
def book(
    output: Annotated[
        Path | None, typer.Option(metavar="DIR", help="Folder of the book (default: book/).")
    ] = None,
) -> None:
    """Write course/ as web pages with search that need neither a server nor a network."""
    from autograder.authoring.book import write_book

    course = find_course()
    written = write_book(course, output or course.root / "book")
    for warning in written.warnings:
        err.print(plain(warning), soft_wrap=True)
    out.print(
        f"Wrote {counted(len(written.pages), 'page')}; open {plain(str(written.front))}",
        soft_wrap=True,
    )
    raise typer.Exit(1 if written.warnings else 0)


@command(app, "check my-course/02_cnn/cnn.ipynb")
def check(
    notebook: NotebookArgument,
    timeout: Annotated[
        int,
        typer.Option(
            metavar="SECONDS",
            help=f"Time limit per cell, in seconds (default: {CHECK_SECONDS}).",
            min=1,
            show_default=False,
        ),
    ] = CHECK_SECONDS,
    json_file: Json = None,
) -> None:
    """Run the checks of your notebook and show, exercise by exercise, what is right and what is not."""
    from autograder.cli.show_check import show_report
    from autograder.cli.show_progress import telling
    from autograder.grading.check import check_notebook

    course = find_course()
    with telling("starting Python", err) as progress:
        report = check_notebook(notebook, course, timeout=timeout, progress=progress)
    show_report(report, out)
    write_assignments(json_file, [report.as_json()])
    raise typer.Exit(0 if report.all_passed else 1)


@command(app, "submit my-course/02_cnn/cnn.ipynb")
def submit(notebook: NotebookArgument, json_file: Json = None) -> None:
    """Submit a notebook through the exchange, and show which file, saved when, was sent."""
    from autograder.intake.exchange import submit as hand_in

    receipt = hand_in(notebook, find_course())
    out.print(
        f"Submitted {plain(str(receipt.file))} to {receipt.assignment} at {receipt.submitted}.\n"
        f"The file was last saved {receipt.modified:%Y-%m-%d %H:%M:%S}; "
        f"sha256 {receipt.sha256[:12]}.\n"
        + "".join(f"With it: {plain(name)}.\n" for name in receipt.beside)
        + "".join(f"{plain(note)}.\n" for note in receipt.notes)
        + "Save the notebook and submit again as often as you like; the last one counts.",
        soft_wrap=True,
    )
    write_assignments(json_file, [receipt.as_json()])


@command(app, "lab --port 8890")
def lab(
    directory: Annotated[
        Path | None,
        typer.Argument(
            metavar="DIR", help="Your working copy (default: my-course/ in the course's folder)."
        ),
    ] = None,
    instructor: Annotated[
        bool, typer.Option("--instructor", help="Open solutions/ and Formgrader instead.")
    ] = False,
    port: Annotated[
        int | None,
        typer.Option(metavar="PORT", help="Port of the server (default: any free one)."),
    ] = None,
    browser: Annotated[
        bool,
        typer.Option(
            help="Open a browser window, or do not (default: --browser).", show_default=False
        ),
    ] = True,
    hub: Annotated[
        bool,
        typer.Option(
            "--hub", help="Run as a JupyterHub user's server, with the copy in the home directory."
        ),
    ] = False,
) -> None:
    """Open JupyterLab on your working copy, filled from course/ and kept up to date."""
    from autograder.lab.launch import launch
    from autograder.lab.working_copy import fill

    course = find_course()
    copy = directory or (Path.home() if hub else course.root) / "my-course"
    if not instructor:
        update = fill(course.release, copy)
        for verb, names in (("new", update.added), ("updated", update.updated)):
            for name in names:
                out.print(f"{verb}: {plain(name)}", soft_wrap=True)
        for name in update.kept:
            out.print(
                f"left alone, because you worked on it: {plain(name)} (there is a new release; "
                "rename yours and run this again to get it)",
                soft_wrap=True,
            )
    raise typer.Exit(launch(course, copy, instructor, port, browser, hub))


@command(app, "demo 02_cnn")
def demo(chapters: ChaptersArgument = None, classroom: ClassroomOption = None) -> None:
    """Build an example class, grade it, write feedback and a report, and show the scores."""
    from autograder.assignment.nbgrader_course import open_course
    from autograder.assignment.notebook import read_assignment
    from autograder.authoring.release import release as make_release
    from autograder.authoring.release import select_chapters
    from autograder.classroom.folders import Classroom
    from autograder.classroom.grade_class import grade_class
    from autograder.cli.demo import build
    from autograder.cli.show_grading import grading_progress
    from autograder.cli.show_marks import show_marks, show_places
    from autograder.pages.feedback.write import write_feedback
    from autograder.pages.report.write import write_report

    course = find_course()
    selected = select_chapters(course, chapters or ())
    room = Classroom(course, (classroom or course.root / "demo").resolve())
    out.print("[bold]1[/] Release: course/ from solutions/")
    make_release(course, selected)
    out.print("[bold]2[/] An example class")
    students = build(course, room, selected)
    for student in students:
        out.print(f"    {student.name:8} {student.story}")
    out.print("[bold]3[/] Grading")
    opened = open_course(course.root, room.root)
    results = {}
    for chapter in selected:
        with grading_progress(chapter, out) as progress:
            results[chapter] = grade_class(opened, chapter, progress=progress)
    out.print("[bold]4[/] Scores")
    for chapter in selected:
        assignment = read_assignment(next((course.release / chapter).glob("*.ipynb")))
        show_marks(room, assignment, results[chapter], out)
    out.print("[bold]5[/] Feedback and report")
    pages = [page for chapter in selected for page in write_feedback(opened, chapter).pages]
    report = write_report(opened, selected, room.root / "report.html")
    out.print("[bold]6[/] To look at")
    show_places(room, pages, report, out)
