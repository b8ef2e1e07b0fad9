"""The command that tests the checks: audit."""

import os
from pathlib import Path
from typing import Annotated

import typer

from autograder.assignment.errors import UserError
from autograder.cli.command import (
    PANEL,
    CourseOption,
    Json,
    app,
    assignments_argument,
    err,
    opened,
    out,
    selected,
    write_assignments,
)
from autograder.cli.command_help import command

_SAMPLE = 8
"""`gate.audit.SAMPLE`, which is not imported to show a help."""


@command(app, "audit 02_cnn", PANEL)
def audit(
    assignments: Annotated[list[str] | None, assignments_argument("all of the course")] = None,
    course_dir: CourseOption = None,
    sample: Annotated[
        str | None,
        typer.Option(
            metavar="N",
            help="Number of mutants per answer whose checks train or are slow, or `all` "
            f"(default: {_SAMPLE}).",
        ),
    ] = None,
    seed: Annotated[
        int,
        typer.Option(metavar="N", help="Seed of the sample (default: 0).", show_default=False),
    ] = 0,
    workers: Annotated[
        int,
        typer.Option(
            metavar="N",
            help="Number of mutants tried at a time (default: number of cores).",
            min=1,
            show_default=False,
        ),
    ] = os.cpu_count() or 1,
    equivalent: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE",
            help="Mutants declared equivalent (default: tests/misconceptions/ASSIGNMENT/"
            "equivalent.toml).",
        ),
    ] = None,
    json_file: Json = None,
) -> None:
    """Show which small mistakes, put into the solutions, still earn every point: a test of the checks.

    Each changed solution, a mutant, runs against the checks of its exercise, without the sandbox;
    so do answers that are wrong for any exercise, such as None, zeros or NaN. The exit code is 1 if
    one survives that is not declared equivalent, if a solution fails its own checks, or if an answer
    cannot be audited.
    """
    from autograder.cli.show_audit import auditing, show_audit, show_total
    from autograder.gate.audit import Options
    from autograder.gate.audit import audit as try_mutants

    options = Options(workers, _number(sample), seed, equivalent)
    course = opened(course_dir, None)
    audits = []
    for assignment in selected(course, assignments) or course.assignments():
        try:
            with auditing(assignment, err) as progress:
                audits.append(try_mutants(course, assignment, options, progress))
        except KeyboardInterrupt:
            raise UserError("stopped; nothing is kept of what was tried.", exit_code=130) from None
        show_audit(audits[-1], out)
    show_total(audits, out)
    write_assignments(json_file, [one.as_json() for one in audits])
    raise typer.Exit(0 if all(one.sound for one in audits) else 1)


def _number(sample: str | None) -> int | None:
    """How many mutants a sample has; None for all. raises: UserError"""
    if sample is None:
        return _SAMPLE
    if sample == "all":
        return None
    if not sample.isdecimal() or int(sample) < 1:
        raise UserError(f"--sample '{sample}' is neither a number from 1 nor `all`.")
    return int(sample)
