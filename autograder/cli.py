"""The command `autograder`: reads the arguments, calls one function, prints what it returns."""

import json
import os
import sys
from pathlib import Path
from typing import Annotated, Any, NoReturn

import typer
from rich.console import Console

from autograder.course import find_course
from autograder.errors import UserError

app = typer.Typer(
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    rich_markup_mode="rich",
    help="Release, check and grade the notebooks of a course.",
)
out = Console(highlight=False, emoji=False)
err = Console(stderr=True, highlight=False, emoji=False)


def _writable(path: Path | None) -> Path | None:
    """Refuse a file that cannot be written before the work begins, not after it."""
    if path is not None:
        reason = ""
        if path.is_dir():
            reason = "it is a folder"
        elif not path.parent.is_dir():
            reason = "its folder does not exist"
        elif not os.access(path if path.exists() else path.parent, os.W_OK):
            reason = "you may not write there"
        if reason:
            raise UserError(f"{path}: cannot be written ({reason}).")
    return path


Json = Annotated[
    Path | None,
    typer.Option("--json", metavar="FILE", help="Write the result to FILE.", callback=_writable),
]
ClassroomOption = Annotated[
    Path | None, typer.Option("--classroom", metavar="DIR", help="The class directory.")
]


@app.callback()
def _options(
    debug: Annotated[bool, typer.Option("--debug", help="Show the traceback of an error.")] = False,
) -> None:
    _State.debug = debug
    if debug:
        os.environ["AUTOGRADER_DEBUG"] = "1"  # the warm process lets its errors be seen


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
    from autograder.show import show_report

    course = find_course()
    columns = (TextColumn("{task.description}"), BarColumn(), TimeElapsedColumn())
    with Progress(*columns, console=err, transient=True, disable=not err.is_terminal) as bar:
        task = bar.add_task("starting Python", total=None)
        report = check_notebook(
            notebook, course, timeout=timeout,
            progress=lambda done, total, what: bar.update(
                task, completed=done, total=total, description=what
            ),
        )  # fmt: skip
    show_report(report, out)
    _write_json(json_file, report.as_json())
    raise typer.Exit(0 if report.all_passed else 1)


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


@app.command(epilog="Example: autograder grade 02_cnn --workers 4")
def grade(
    assignments: Annotated[
        list[str] | None, typer.Argument(metavar="[ASSIGNMENT]…", help="Default: all submitted.")
    ] = None,
    course_dir: Annotated[
        Path | None, typer.Option("--course", metavar="DIR", help="Any nbgrader course.")
    ] = None,
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
    json_file: Json = None,
) -> None:
    """Grade what was submitted, new or changed, of this or any nbgrader course."""
    from autograder.head_start import head_start
    from autograder.slow_imports import hurry

    root = course_dir.resolve() if course_dir else find_course().root
    engine = head_start(root, assignments or (), jail=True if require_sandbox else None)
    with hurry():
        from autograder.grading import Options, grade_class
        from autograder.nbgrader_course import open_course
        from autograder.show_grading import disputed, grading_progress, show_class

        course = open_course(root, classroom.resolve() if classroom else None)
    selected = assignments or [name for name in course.assignments() if course.students(name)]
    if not selected:
        raise UserError(f"Nobody has submitted anything (looked in {course.submitted}).")
    options = Options(workers, timeout, memory, cross_check, require_sandbox, again)
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

        err.print(f"[yellow]not in a jail[/]: {_plain(missing())}", soft_wrap=True)
    data = [result.as_json() for result in results]
    _write_json(json_file, data[0] if len(data) == 1 else {"assignments": data})
    raise typer.Exit(1 if any(disputed(result) for result in results) else 0)


@app.command(epilog="Example: autograder history 02_cnn ada --csv ada.csv")
def history(
    assignment: Annotated[str | None, typer.Argument(metavar="[ASSIGNMENT]")] = None,
    student: Annotated[str | None, typer.Argument(metavar="[STUDENT]")] = None,
    course_dir: Annotated[
        Path | None, typer.Option("--course", metavar="DIR", help="Any nbgrader course.")
    ] = None,
    classroom: ClassroomOption = None,
    csv_file: Annotated[
        Path | None,
        typer.Option("--csv", metavar="FILE", help="A row for each check.", callback=_writable),
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
        out.print(f"There is no history of {_plain(of)}.")
    if csv_file is not None:
        write_history(entries, csv_file)
    _write_json(json_file, {"history": [entry.as_json() for entry in entries]})


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
    from autograder.assignment import read_assignment
    from autograder.classroom import Classroom
    from autograder.demo import build
    from autograder.feedback import write_feedback
    from autograder.grading import grade_class
    from autograder.nbgrader_course import open_course
    from autograder.release import release as make_release
    from autograder.release import select_chapters
    from autograder.show_grading import grading_progress
    from autograder.show_marks import show_marks, show_places

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
    out.print("[bold]4[/] Marks")
    for chapter in selected:
        assignment = read_assignment(next((course.release / chapter).glob("*.ipynb")))
        show_marks(room, assignment, results[chapter], out)
    out.print("[bold]5[/] Feedback")
    pages = [page for chapter in selected for page in write_feedback(room, chapter)]
    out.print("[bold]6[/] To look at")
    show_places(room, pages, out)


def _plain(text: str) -> str:
    """Text for Rich to print as it is, brackets and all."""
    from rich.markup import escape

    return escape(text)


def _write_json(path: Path | None, data: Any) -> None:
    if path is None:
        return
    try:
        text = json.dumps(data, indent=1, ensure_ascii=False) + "\n"
        path.write_bytes(text.encode("utf-8", "backslashreplace"))
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
    except SystemExit as end:
        if end.code == 130:  # typer's for Ctrl-C
            err.print("autograder: stopped.")
        raise
    except Exception as error:
        if _State.debug:
            raise
        what = f"{type(error).__name__}: {' '.join(str(error).split())}"
        err.print(
            _plain(f"autograder: {what} (unexpected; `autograder --debug …` shows where)"),
            soft_wrap=True,
        )
        sys.exit(1)
    sys.exit(0)
