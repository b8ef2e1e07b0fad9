"""The command `autograder`: reads the arguments, calls one function, prints what it returns."""

import json
import sys
from pathlib import Path
from typing import Annotated, Any, NoReturn

import typer
from rich.console import Console

from autograder.course import Course, find_course
from autograder.errors import UserError

app = typer.Typer(
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    rich_markup_mode="rich",
    help="Release, check and grade the notebooks of a course.",
)
out = Console(highlight=False)
err = Console(stderr=True, highlight=False)

Json = Annotated[
    Path | None, typer.Option("--json", metavar="FILE", help="Write the result to FILE.")
]
ClassroomOption = Annotated[
    Path | None, typer.Option("--classroom", metavar="DIR", help="The class directory.")
]


@app.callback()
def _options(
    debug: Annotated[bool, typer.Option("--debug", help="Show the traceback of an error.")] = False,
) -> None:
    _State.debug = debug


class _State:
    debug = False


@app.command(epilog="Example: autograder doctor")
def doctor(json_file: Json = None) -> None:
    """Say what works on this machine, what is missing, and the line that mends it."""
    from rich.table import Table

    from autograder.doctor import Health, examine

    findings = examine(find_course())
    table = Table(box=None, show_header=False, padding=(0, 2, 0, 0))
    signs = {Health.GOOD: "[green]✓[/]", Health.OPTIONAL: "[yellow]–[/]", Health.BAD: "[red]✗[/]"}
    for finding in findings:
        remedy = f"\n[bold]{_plain(finding.remedy)}[/]" if finding.remedy else ""
        table.add_row(signs[finding.health], finding.subject, _plain(finding.detail) + remedy)
    out.print(table)
    _write_json(json_file, [
        {"subject": f.subject, "health": f.health.value, "detail": f.detail, "remedy": f.remedy}
        for f in findings
    ])  # fmt: skip
    raise typer.Exit(1 if any(f.health is Health.BAD for f in findings) else 0)


@app.command(epilog="Example: autograder release 02_cnn")
def release(
    chapters: Annotated[list[str] | None, typer.Argument(metavar="[CHAPTER]…")] = None,
    check: Annotated[bool, typer.Option("--check", help="Compare only; exit 1 if stale.")] = False,
    force: Annotated[
        bool, typer.Option("--force", help="Replace edited files too; a copy of each is kept.")
    ] = False,
    json_file: Json = None,
) -> None:
    """Make course/ from solutions/: what a student gets, without solutions and hidden checks."""
    from autograder import release as releases

    course = find_course()
    if check:
        changes = releases.compare(course, chapters or ())
        for name in changes.stale:
            out.print(f"stale: course/{_plain(name)}")
        if changes.stale:
            out.print("Run `autograder release` to make course/ anew.")
        else:
            out.print(f"course/ is up to date ({len(changes.unchanged)} files).")
    else:
        changes = releases.release(
            course, chapters or (), force=force, progress=lambda c: err.print(f"releasing {c} …")
        )
        for verb, names in (("wrote", changes.written), ("removed", changes.removed)):
            for name in names:
                out.print(f"{verb} course/{_plain(name)}")
        for name in changes.kept:
            out.print(f"kept the edited file as {_plain(name)}")
        if not changes.stale:
            out.print("course/ was up to date.")
    _write_json(json_file, {"stale" if check else "changed": list(changes.stale)})
    raise typer.Exit(1 if check and changes.stale else 0)


@app.command(epilog="Example: autograder check my-course/02_cnn/cnn.ipynb")
def check(
    notebook: Annotated[Path, typer.Argument(help="Your notebook; it is only read.")],
    timeout: Annotated[int, typer.Option(help="Seconds that one cell may take.", min=1)] = 120,
    json_file: Json = None,
) -> None:
    """Run the checks of your notebook and say, exercise by exercise, what is right and what not."""
    from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

    from autograder.check import check_notebook

    course = find_course()
    columns = (TextColumn("{task.description}"), BarColumn(), TimeElapsedColumn())
    with Progress(*columns, console=err, transient=True) as bar:
        task = bar.add_task("starting Python", total=None)
        report = check_notebook(
            notebook, course, timeout=timeout,
            progress=lambda done, total, what: bar.update(
                task, completed=done, total=total, description=what
            ),
        )  # fmt: skip
    _print_report(report)
    _write_json(json_file, _report_as_json(report))
    raise typer.Exit(0 if report.all_passed else 1)


def _print_report(report: Any) -> None:
    from autograder.assignment import Kind
    from autograder.check import Outcome

    for exercise in report.assignment.exercises:
        verdicts = [report.verdicts[c.grade_id] for c in exercise.cells if c.kind is Kind.CHECK]
        visible = [v for v in verdicts if v.outcome is not Outcome.HIDDEN]
        score, points = sum(v.score for v in visible), sum(v.points for v in visible)
        sign = "[green]✓[/]" if visible and score == points else "[red]✗[/]" if visible else "–"
        marks = f"{score:g}/{points:g}" if visible else ""
        out.print(f"{sign} [bold]{_plain(exercise.title)}[/]  {marks}")
        for verdict in visible:
            if verdict.outcome is not Outcome.PASSED:
                name = verdict.grade_id.split("-", 1)[-1].replace("_", " ")
                out.print(f"    {_plain(verdict.message)}  [dim]({name})[/]", soft_wrap=True)
        for verdict in verdicts:
            if verdict.outcome is Outcome.HIDDEN:
                out.print(f"    [dim]{verdict.points:g} more by a hidden check, when graded[/]")
        if any(cell.kind is Kind.WRITTEN for cell in exercise.cells):
            written = sum(c.points for c in exercise.cells if c.kind is Kind.WRITTEN)
            out.print(f"    [dim]{written:g} points, read by a person[/]")
    for note in report.notes:
        out.print(f"[yellow]note[/] {_plain(note)}", soft_wrap=True)
    out.print(
        f"[bold]{report.score:g} of {report.points:g} points[/] in the checks that you can see"
    )


def _report_as_json(report: Any) -> dict[str, Any]:
    return {
        "assignment": report.assignment.name,
        "score": report.score,
        "max_score": report.points,
        "checks": {
            verdict.grade_id: {
                "outcome": verdict.outcome.value,
                "score": verdict.score,
                "max_score": verdict.points,
                "message": verdict.message,
                "seconds": round(verdict.seconds, 3),
            }
            for verdict in report.verdicts.values()
        },
        "notes": list(report.notes),
    }


@app.command(epilog="Example: autograder submit my-course/02_cnn/cnn.ipynb")
def submit(
    notebook: Annotated[Path, typer.Argument(help="Your notebook, saved.")],
    json_file: Json = None,
) -> None:
    """Hand a notebook in through the exchange, and say what file, of what time, was sent."""
    from autograder.exchange import submit as hand_in

    receipt = hand_in(notebook, find_course())
    out.print(
        f"Submitted {_plain(str(receipt.file))} to {receipt.assignment} at {receipt.submitted}.\n"
        f"The file was last saved {receipt.modified:%Y-%m-%d %H:%M:%S}; "
        f"sha256 {receipt.sha256[:12]}.\n"
        "Save the notebook and submit again as often as you like; the last one counts.",
        soft_wrap=True,
    )
    _write_json(json_file, {
        "assignment": receipt.assignment, "file": str(receipt.file),
        "modified": receipt.modified.isoformat(), "submitted": str(receipt.submitted),
        "sha256": receipt.sha256,
    })  # fmt: skip


@app.command(epilog="Example: autograder lab --port 8890")
def lab(
    directory: Annotated[
        Path | None, typer.Argument(help="Your working copy; default my-course/ in the course.")
    ] = None,
    instructor: Annotated[
        bool, typer.Option("--instructor", help="Open solutions/ and Formgrader instead.")
    ] = False,
    port: Annotated[
        int | None, typer.Option(help="Port of the server; default: a free one.")
    ] = None,
    browser: Annotated[bool, typer.Option(help="Open a browser window.")] = True,
) -> None:
    """Open JupyterLab on your working copy, filled from course/ and kept up to date."""
    from autograder.lab import launch
    from autograder.working_copy import fill

    course = find_course()
    copy = directory or course.root / "my-course"
    if not instructor:
        update = fill(course.release, copy)
        for verb, names in (("new", update.added), ("updated", update.updated)):
            for name in names:
                out.print(f"{verb}: {_plain(name)}", soft_wrap=True)
        for name in update.kept:
            out.print(
                f"left alone, because you worked on it: {_plain(name)} (there is a new release; "
                "rename yours and run this again to get it)",
                soft_wrap=True,
            )
    raise typer.Exit(launch(course, copy, instructor=instructor, port=port, browser=browser))


@app.command(epilog="Example: autograder demo 02_cnn")
def demo(
    chapters: Annotated[list[str] | None, typer.Argument(metavar="[CHAPTER]…")] = None,
    classroom: ClassroomOption = None,
) -> None:
    """Build an example class, grade it, write its feedback, and show the marks."""
    from autograder.classroom import Classroom
    from autograder.demo import build
    from autograder.release import release as make_release
    from autograder.release import select_chapters

    course = find_course()
    selected = select_chapters(course, chapters or ())
    room = Classroom(course, (classroom or course.root / "demo").resolve())
    out.print("[bold]1[/] Release: course/ from solutions/")
    make_release(course, selected)
    out.print("[bold]2[/] An example class")
    students = build(course, room, selected)
    for student in students:
        out.print(f"    {student.name:8} {student.story}")
    out.print("[bold]3[/] Grading with nbgrader, one student at a time")
    results = {chapter: _grade_with_progress(room, chapter) for chapter in selected}
    out.print("[bold]4[/] Marks")
    for chapter in selected:
        _print_marks(course, room, chapter, results[chapter])
    feedback = sorted(room.feedback.glob("*/*/*.html"))
    out.print("[bold]5[/] To look at")
    out.print(f"    {room.feedback}  ({len(feedback)} pages; the first: {feedback[0] if feedback else '-'})",
              soft_wrap=True)  # fmt: skip
    out.print(f"    {room.database}  (nbgrader's gradebook)", soft_wrap=True)
    out.print(f"    {room.logs}  (what nbgrader said)", soft_wrap=True)
    out.print(f"    AUTOGRADER_CLASSROOM={room.root} autograder lab --instructor  (Formgrader)",
              soft_wrap=True)  # fmt: skip


def _grade_with_progress(room: Any, chapter: str) -> dict[str, Any]:
    from rich.progress import (
        BarColumn,
        MofNCompleteColumn,
        Progress,
        TextColumn,
        TimeElapsedColumn,
        TimeRemainingColumn,
    )  # fmt: skip

    from autograder.stock import autograde

    columns = (
        TextColumn("    {task.description:24}"), BarColumn(), MofNCompleteColumn(),
        TimeElapsedColumn(), TextColumn("about"), TimeRemainingColumn(), TextColumn("left"),
    )  # fmt: skip
    results = {}
    everybody = room.students(chapter)
    with Progress(*columns, console=out, speed_estimate_period=3600) as bar:
        task = bar.add_task(chapter, total=len(everybody))
        for number, student in enumerate(everybody, start=1):
            bar.update(task, description=f"{chapter} {student}")
            if not out.is_terminal:
                out.print(f"    {chapter} {student} ({number} of {len(everybody)})")
            (results[student],) = autograde(room, chapter, [student])
            bar.advance(task)
        bar.update(task, description=f"{chapter} graded")
    return results


def _print_marks(course: Course, room: Any, chapter: str, results: dict[str, Any]) -> None:
    from rich.table import Table

    from autograder.assignment import read_assignment

    path = next((course.release / chapter).glob("*.ipynb"))
    assignment = read_assignment(path)
    table = Table(title=f"{assignment.title}: points by exercise", title_justify="left")
    table.add_column("student\n", no_wrap=True)
    for exercise in assignment.exercises:
        label = exercise.label.removeprefix("Exercise ").replace("Reflection", "R")
        table.add_column(f"{label}\n/{exercise.points:g}", justify="right")
    table.add_column(f"sum\n/{assignment.points:g}", justify="right")
    waiting = False
    failures = []
    for student, graded in results.items():
        marks = room.marks(assignment, student) if graded.ok else None
        if marks is None:
            table.add_row(student, *["–"] * (len(assignment.exercises) + 1))
            failures.append(f"{student} could not be graded: {graded.reason}")
            continue
        cells = [f"{mark.score:g}" + ("*" if mark.waiting else "") for mark in marks.values()]
        waiting = waiting or any(mark.waiting for mark in marks.values())
        table.add_row(student, *cells, f"{sum(mark.score for mark in marks.values()):g}")
    out.print(table)
    if waiting:
        out.print("    * waits for a person: the written answer (R, the reflection)")
    for failure in failures:
        out.print(f"    {_plain(failure)}", soft_wrap=True)


def _plain(text: str) -> str:
    """Text for Rich to print as it is, brackets and all."""
    from rich.markup import escape

    return escape(text)


def _write_json(path: Path | None, data: Any) -> None:
    if path is None:
        return
    try:
        path.write_text(json.dumps(data, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    except OSError as error:
        raise UserError(f"{path}: cannot be written ({error.strerror}).") from error


def main() -> NoReturn:
    """Run the command; every error a user can meet is one sentence on stderr."""
    try:
        app()
    except UserError as error:
        if _State.debug:
            raise
        err.print(_plain(f"autograder: {error}"), soft_wrap=True)
        sys.exit(error.exit_code)
    except KeyboardInterrupt:
        err.print("autograder: stopped.")
        sys.exit(130)
    sys.exit(0)
